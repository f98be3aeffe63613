"""Who touched: every read (and alteration) that a person, a record or a dataset may have been in."""

from typing import Any

from lineage.answers import Answer, selected
from lineage.errors import LineageError
from lineage.flow.grades import GRADES, grade_exposures
from lineage.flow.onward import walk_onward
from lineage.flow.seeds import Seeds
from lineage.names import AFTER_ALL, BEFORE_ALL, format_bound
from lineage.questions.asking import said_window, window
from lineage.questions.caveats import caveats
from lineage.questions.coverage import coverage
from lineage.questions.identities import find_data_subject, find_dataset, find_records
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.paths import RUN_EVENTS, seen
from lineage.questions.spelling import digest_text, grade_text
from lineage.questions.who_text import who_text
from lineage.store import Selection, Store, checkpoint

ASKED = """
CREATE OR REPLACE TEMP TABLE chosen_record AS
SELECT * FROM record WHERE subject_id = $subject_id OR dataset_id = $dataset_id
    OR entry_id IN (SELECT unnest($entries::BIGINT[]))
"""
# Every read of the home datasets, taken as an exposure over its own interval, cut to the window: a run's inputs,
# the accesses that may have read any record, and those that name one of the keys. Of a dataset without entries all.
EXPOSED = """
CREATE OR REPLACE TEMP TABLE exposure AS
WITH home AS (SELECT dataset_id FROM chosen_record UNION SELECT $dataset_id::BIGINT WHERE $dataset_id IS NOT NULL),
used AS (
    FROM use_of_dataset WHERE dataset_id IN (SELECT dataset_id FROM home)
        AND (scope <> 'keys' OR NOT EXISTS (SELECT 1 FROM chosen_record))
    UNION ALL
    SELECT DISTINCT * EXCLUDE (key_no) FROM key_use WHERE key_no IN (SELECT key_no FROM chosen_record)
), told AS (
    SELECT r.read_id AS exposure_id, r.use_id, r.act_id, r.event_id, r.source_no, r.principal_id, r.operation,
           NULL AS written, r.run_id, r.dataset_id, r.start_at, r.end_at, r.certain, 'unknown' AS scope, r.fields
    FROM read r
    WHERE r.use_id IS NULL AND r.run_id IS NOT NULL AND r.dataset_id IN (SELECT dataset_id FROM home)
    UNION ALL
    SELECT -u.use_id, u.use_id, u.act_id, coalesce(u.event_id, u.use_id), u.source_no, u.principal_id, u.operation,
           u.written, u.run_id, u.dataset_id, u.start_at, u.start_at + u.lasted,
           u.outcome = 'success' AND u.operation <> 'unknown', u.scope, u.fields
    FROM used u WHERE u.is_read
)
SELECT * EXCLUDE (start_at, end_at, certain), start_at AS from_at, end_at AS to_at,
       greatest(start_at, $start::BIGINT) AS start_at, least(end_at, $end::BIGINT) AS end_at,
       certain AND start_at >= $start::BIGINT AND end_at <= $end::BIGINT AS certain, '' AS doubt
FROM told WHERE start_at <= $end::BIGINT AND end_at >= $start::BIGINT
"""
WRITTEN = """
CREATE OR REPLACE TEMP TABLE exposure AS
SELECT w.write_id AS exposure_id, w.use_id, w.act_id, w.event_id, w.source_no, w.principal_id,
       w.operation, w.written, w.run_id, w.dataset_id, w.start_at AS from_at, w.end_at AS to_at,
       greatest(w.start_at, $start::BIGINT) AS start_at, least(w.end_at, $end::BIGINT) AS end_at,
       w.certain AND w.start_at >= $start::BIGINT AND w.end_at <= $end::BIGINT AS certain,
       '' AS doubt, w.scope, w.fields
FROM write w
WHERE w.use_id IS NOT NULL AND w.dataset_id IN (SELECT dataset_id FROM chosen_record)
  AND w.start_at <= $end::BIGINT AND w.end_at >= $start::BIGINT
  AND (w.unit IS NULL OR w.unit > 0 OR w.run_id IS NULL)
"""
# Flow can only ever be possible; a dataset without any entry is asked about as a whole.
KEEP = """
CREATE OR REPLACE TEMP TABLE asked_touch AS
SELECT e.exposure_id, 'read' AS way, g.grade, e.use_id, e.act_id, e.event_id, e.source_no, e.principal_id, e.operation,
       e.written, e.run_id, e.dataset_id, e.from_at AS start_at, e.to_at AS end_at
FROM (SELECT exposure_id, max(grade) AS grade FROM graded GROUP BY exposure_id) g JOIN exposure e USING (exposure_id)
UNION ALL
SELECT coalesce(-r.use_id, r.read_id), 'read', 1, r.use_id, r.act_id, r.event_id, r.source_no, r.principal_id,
       r.operation, NULL, r.run_id, r.dataset_id, r.start_at, r.end_at
FROM onward o JOIN read r USING (read_id)
WHERE o.category = '' AND r.main AND (r.use_id IS NOT NULL OR r.run_id IS NOT NULL)
  AND o.arrival <= least(r.end_at, $end::BIGINT) AND r.start_at <= $end::BIGINT AND r.end_at >= $start::BIGINT
UNION ALL
SELECT -u.use_id, 'read', 1, u.use_id, u.act_id, coalesce(u.event_id, u.use_id), u.source_no, u.principal_id,
       u.operation, u.written, u.run_id, u.dataset_id, u.start_at, u.start_at + u.lasted
FROM onward_use u
WHERE u.category = '' AND u.arrival <= $end::BIGINT AND u.start_at <= $end::BIGINT
  AND u.start_at + u.lasted >= $start::BIGINT
UNION ALL
SELECT exposure_id, 'read', CASE WHEN certain THEN 2 ELSE 1 END, use_id, act_id, event_id, source_no, principal_id,
       operation, written, run_id, dataset_id, from_at, to_at
FROM exposure WHERE NOT EXISTS (SELECT 1 FROM chosen_record) AND scope <> 'none';
CREATE OR REPLACE TEMP TABLE asked_category AS
SELECT g.exposure_id, 'read' AS way, c.category FROM graded g JOIN shown_category c USING (shown_id)
UNION
SELECT exposure_id, 'read', c.category
FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
JOIN shown_category c USING (shown_id) WHERE NOT EXISTS (SELECT 1 FROM chosen_record)
UNION
SELECT coalesce(-r.use_id, r.read_id), 'read', o.category FROM onward o JOIN read r USING (read_id)
WHERE o.category <> '' AND (o.field = '*' OR r.fields IS NULL OR list_contains(r.fields, o.field))
  AND o.arrival <= least(r.end_at, $end::BIGINT)
UNION
SELECT -u.use_id, 'read', u.category FROM onward_use u
WHERE u.category <> '' AND (u.field = '*' OR u.fields IS NULL OR list_contains(u.fields, u.field))
  AND u.arrival <= $end::BIGINT;
"""
KEEP_WRITES = """
INSERT INTO asked_touch
SELECT e.exposure_id, 'write', g.grade, e.use_id, e.act_id, e.event_id, e.source_no, e.principal_id, e.operation,
       e.written, e.run_id, e.dataset_id, e.from_at, e.to_at
FROM (SELECT exposure_id, max(grade) AS grade FROM graded GROUP BY exposure_id) g JOIN exposure e USING (exposure_id)
"""
# A run's input is the run's touch; an access is its principal's, told once however many lines told it.
TOUCHES = """
CREATE OR REPLACE TEMP TABLE answer_touch AS
WITH named AS (
    SELECT t.*, CASE WHEN t.use_id IS NULL THEN 'run' ELSE 'access' END AS kind,
           CASE WHEN t.use_id IS NOT NULL THEN
               coalesce(t.source_no || ' ' || a.occurrence, '#' || coalesce(t.act_id, -t.use_id)) END AS act,
           CASE WHEN t.operation = 'unknown' THEN 'unknown' WHEN t.way = 'write' THEN coalesce(t.written, t.operation)
                WHEN t.operation = 'export' THEN 'export' ELSE 'read' END AS shown_operation
    FROM asked_touch t LEFT JOIN told_act a ON a.act_id = t.act_id
)
SELECT row_number() OVER () AS touch_id, kind, shown_operation AS operation,
       CASE WHEN kind = 'run' THEN run_id END AS run_id, run_id AS in_run, principal_id AS actor, dataset_id, act,
       min(start_at) AS start_at, max(end_at) AS end_at, max(grade) AS grade,
       list(DISTINCT exposure_id) FILTER (way = 'read') AS read_ids,
       list(DISTINCT exposure_id) FILTER (way = 'write') AS write_ids,
       list(DISTINCT event_id) FILTER (event_id IS NOT NULL) AS event_ids
FROM named GROUP BY kind, shown_operation, named.run_id, principal_id, dataset_id, act
"""
RUN_TOUCHES = f"""
CREATE OR REPLACE TEMP TABLE run_touch AS
{RUN_EVENTS.format(asked="SELECT DISTINCT run_id, dataset_id FROM answer_touch WHERE kind = 'run'")}
"""
LISTED = f"""
CREATE OR REPLACE TEMP TABLE listed_touch AS
SELECT t.touch_id, t.kind, t.operation, n.id AS run, j.namespace AS job_namespace, j.name AS job_name,
       p.id AS principal, coalesce(j.vendor, m.vendor) AS vendor, d.namespace, d.name, t.start_at, t.end_at, t.grade,
       coalesce(c.categories, []) AS categories,
       CASE WHEN t.kind = 'run' THEN CASE WHEN r.digest IS NULL THEN [] ELSE [r.digest] END
            ELSE coalesce(e.digests, []) END AS evidence, t.run_id, t.dataset_id, in_run.id AS in_run, t.actor
FROM answer_touch t JOIN dataset d USING (dataset_id)
LEFT JOIN (
    SELECT w.touch_id, list(DISTINCT c.category ORDER BY c.category) AS categories
    FROM (
        SELECT touch_id, 'read' AS way, unnest(read_ids) AS exposure_id FROM answer_touch
        UNION ALL SELECT touch_id, 'write', unnest(write_ids) FROM answer_touch
    ) w JOIN asked_category c USING (way, exposure_id) GROUP BY w.touch_id
) c USING (touch_id)
LEFT JOIN (
    SELECT w.touch_id, list_sort(list(DISTINCT {digest_text("e.digest")})) AS digests
    FROM (SELECT touch_id, unnest(event_ids) AS event_id FROM answer_touch) w JOIN event e USING (event_id)
    GROUP BY w.touch_id
) e USING (touch_id)
LEFT JOIN run_touch r ON t.kind = 'run' AND r.run_id = t.run_id AND r.dataset_id = t.dataset_id
LEFT JOIN run_name n ON n.run_id = t.run_id
LEFT JOIN run_name in_run ON in_run.run_id = t.in_run
LEFT JOIN (
    SELECT r.run_id, j.* FROM run_job r JOIN job j USING (job_id)
    QUALIFY row_number() OVER (PARTITION BY r.run_id ORDER BY j.vendor NULLS LAST, j.job_id) = 1
) j ON j.run_id = t.run_id
LEFT JOIN principal p ON p.principal_id = coalesce(t.actor, j.principal_id)
LEFT JOIN (
    SELECT t.touch_id, min(m.vendor) AS vendor
    FROM answer_touch t LEFT JOIN run_job r ON r.run_id = t.run_id LEFT JOIN job j USING (job_id)
    JOIN membership m ON m.principal_id = coalesce(t.actor, j.principal_id)
        AND m.start_at <= t.end_at AND m.end_at >= t.start_at
    GROUP BY t.touch_id
) m USING (touch_id)
"""
ORDERED = f"""
SELECT kind, coalesce(run, in_run) AS run_id, job_namespace, job_name, principal, vendor,
       namespace AS dataset_namespace, name AS dataset_name, start_at AS "start", end_at AS "end", operation,
       {grade_text("grade")} AS grade, categories, evidence
FROM listed_touch
ORDER BY start_at, end_at, kind, coalesce(listed_touch.run_id, 0), in_run, actor, dataset_id, operation, evidence
"""
# Of a run the event that stands for it, of an access all that told it.
EVENTS = """
SELECT event_id FROM run_touch UNION ALL SELECT unnest(event_ids) FROM answer_touch WHERE kind = 'access'
"""
BY_VENDOR = """
SELECT coalesce(vendor, ''), count(*) FILTER (grade = 3), count(*) FILTER (grade = 2), count(*) FILTER (grade = 1)
FROM listed_touch GROUP BY 1 ORDER BY 1
"""
BETWEEN = f"""
SELECT min(start_at) FILTER (start_at > {BEFORE_ALL}), max(end_at) FILTER (end_at < {AFTER_ALL}) FROM listed_touch
"""
TOUCHED = """
CREATE OR REPLACE TEMP TABLE answer_exposure AS
SELECT DISTINCT dataset_id FROM asked_touch WHERE way = 'read';
CREATE OR REPLACE TEMP TABLE inside (read_id BIGINT);
"""


def ask(store: Store, values: Values) -> Answer:
    start, end = window(values)
    told: dict[str, Any] = {}
    asked: dict[str, Any] = {"subject_id": None, "dataset_id": None, "entries": [], "start": start, "end": end}
    kinds = [kind for kind in ("data-subject", "record", "dataset") if values.get(kind)]
    if len(kinds) != 1:
        raise LineageError(
            "Who touched what?", "Give one of --data-subject ID, --record NAMESPACE/NAME KEY, --dataset NAMESPACE/NAME."
        )
    if kinds == ["data-subject"]:
        told["data-subject"] = values["data-subject"][0]
        asked["subject_id"] = find_data_subject(store, values["data-subject"][0])
    elif kinds == ["record"]:
        dataset, key = values["record"][0]
        told["record"] = [dataset, key]
        asked["entries"] = find_records(store, dataset, key)[1]
    else:
        told["dataset"] = values["dataset"][0]
        asked["dataset_id"] = find_dataset(store, values["dataset"][0])
    _find(store, asked)
    seeds = Seeds(start=start, end=end)
    now = checkpoint(store)
    return Answer(
        "who-touched",
        told | said_window(start, end),
        {"events": now.events, "digest": now.digest},
        {
            "summary": _summary(store),
            "touches": selected(lambda: Selection(store, ORDERED, ("start", "end")), _touch),
            "coverage": coverage(store, seeds, by_package=False),
            "caveats": caveats(store, None, []),
        },
        seen(store, lambda: EVENTS),
    )


def _find(store: Store, asked: dict[str, Any]) -> None:
    store.run(ASKED, **asked)
    store.run("CREATE OR REPLACE TEMP VIEW asked_record AS SELECT * FROM chosen_record")
    store.run(EXPOSED, **asked)
    grade_exposures(store)
    walk_onward(store)
    for statement in KEEP.strip().removesuffix(";").split(";\n"):
        store.run(statement, **asked)
    store.run(WRITTEN, **asked)
    grade_exposures(store)
    store.run(KEEP_WRITES)
    store.run(
        "INSERT INTO asked_category SELECT DISTINCT g.exposure_id, 'write', c.category"
        " FROM graded g JOIN shown_category c USING (shown_id)"
    )
    store.script((TOUCHES, RUN_TOUCHES, LISTED))
    store.connection.execute(TOUCHED)


def _touch(
    kind: str, run: str | None, job_namespace: str | None, job_name: str | None, principal: str | None,
    vendor: str | None, namespace: str, name: str, start: str | None, end: str | None, operation: str, grade: str,
    categories: list[str], evidence: list[str],
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {"kind": kind}
    if kind == "run":
        row["run_id"] = run
        row["job"] = None if job_name is None else {"namespace": job_namespace, "name": job_name}
    elif run is not None:
        row["run_id"] = run
    return row | {
        "principal": principal,
        "vendor": vendor,
        "dataset": {"namespace": namespace, "name": name},
        "start": start,
        "end": end,
        "operation": operation,
        "grade": grade,
        "categories": categories,
        "evidence": evidence,
    }


def _summary(store: Store) -> dict[str, Any]:
    """How many touches of each grade by each vendor ('' for our own), and the time between the first and the last."""
    first, last = store.one(BETWEEN)
    return {
        "vendors": {
            vendor: dict(zip(GRADES.values(), counts, strict=True)) for vendor, *counts in store.rows(BY_VENDOR)
        },
        "first": None if first is None else format_bound(first),
        "last": None if last is None else format_bound(last),
    }


QUESTION = Question(
    name="who-touched",
    title="Who touched a person's data, a record or a dataset, when, through what, and how surely",
    parameters=(
        Parameter("data-subject", "data-subject", "a person, by opaque id"),
        Parameter("record", "record", "a record, as NAMESPACE/NAME and KEY", parts=("NAMESPACE/NAME", "KEY")),
        Parameter("dataset", "dataset", "a dataset, as NAMESPACE/NAME"),
        Parameter("from", "instant", "only what happened from then on (RFC 3339)"),
        Parameter("to", "instant", "only what happened until then (RFC 3339)"),
    ),
    ask=ask,
    text=who_text,
    example="lineage ask who-touched --data-subject C-0217",
)
