"""The list of touches: from what was graded to its rows, their JSON and evidence."""

from typing import Any

from lineage.answers import Rows, selected
from lineage.questions.paths import RUN_EVENTS, seen
from lineage.questions.spelling import (
    Given,
    digest_text,
    grade_text,
    json_list,
    json_object,
    json_text,
    json_word,
    json_words,
)
from lineage.store import Selection, Store

# A run's input is the run's touch; an access is its principal's, told once however many lines told it: each line is an
# act of its own, but for those that say that they tell of one occurrence, which alone have several `events`.
TOUCHES = """
CREATE OR REPLACE TEMP TABLE answer_touch AS
WITH asked AS ({asked}),
told AS (
    SELECT t.*, CASE WHEN t.use_id IS NULL THEN 'run' ELSE 'access' END AS kind,
           CASE WHEN t.use_id IS NOT NULL THEN t.source_no || ' ' || a.occurrence END AS occurrence,
           CASE WHEN t.operation = 'unknown' THEN 'unknown' WHEN t.way = 'write' THEN coalesce(t.written, t.operation)
                WHEN t.operation = 'export' THEN 'export' ELSE 'read' END AS shown_operation
    FROM asked t LEFT JOIN (FROM told_act WHERE occurrence IS NOT NULL) a ON a.act_id = t.act_id
), named AS (
    SELECT *, CASE WHEN use_id IS NOT NULL AND occurrence IS NULL THEN coalesce(act_id, -use_id) END AS act,
           grade IS NOT NULL AS counts
    FROM told
)
SELECT row_number() OVER () AS touch_id, kind, shown_operation AS operation,
       CASE WHEN kind = 'run' THEN run_id END AS run_id, run_id AS in_run, principal_id AS actor, dataset_id,
       bool_or(way = 'read') FILTER (counts) AS is_read, min(start_at) FILTER (counts) AS start_at,
       max(end_at) FILTER (counts) AS end_at, max(grade) AS grade, bit_or(bits) AS bits,
       min(event_id) FILTER (counts AND use_id IS NOT NULL) AS event_id,
       list(event_id) FILTER (counts AND occurrence IS NOT NULL) AS events
FROM named GROUP BY kind, shown_operation, named.run_id, principal_id, dataset_id, act, occurrence
HAVING max(grade) IS NOT NULL
"""
_RUNS_READ = "SELECT DISTINCT run_id, dataset_id, 'input' AS direction FROM answer_touch WHERE kind = 'run'"
RUN_TOUCHES = f"""
CREATE OR REPLACE TEMP TABLE run_touch AS
{RUN_EVENTS.format(asked=_RUNS_READ)}
"""
# Few of many, which the engine knows of a table only.
ACCESS_EVENTS = f"""
CREATE OR REPLACE TEMP TABLE access_event AS
SELECT event_id, {digest_text("digest")} AS digest
FROM event SEMI JOIN (
    SELECT event_id FROM answer_touch UNION ALL SELECT unnest(events) FROM answer_touch
) USING (event_id)
"""
# Who is behind a touch: its run's job, its principal or the one that the job runs as, and a vendor. An access is of its
# principal's vendor or, where that is none, of the one whose run it says that it is of.
BEHIND = """
CREATE OR REPLACE TEMP TABLE touch_behind AS
WITH ran AS MATERIALIZED (
    SELECT r.run_id, j.job_id, j.vendor, j.principal_id
    FROM run_job r SEMI JOIN answer_touch a ON a.in_run = r.run_id JOIN job j ON j.job_id = r.job_id
), of_run AS (
    FROM ran QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY vendor NULLS LAST, job_id) = 1
), acting AS (
    SELECT t.touch_id, min(m.vendor) AS vendor
    FROM answer_touch t LEFT JOIN ran r ON t.kind = 'run' AND r.run_id = t.run_id
    JOIN membership m ON m.principal_id = coalesce(t.actor, r.principal_id)
        AND m.start_at <= t.end_at AND m.end_at >= t.start_at
    GROUP BY t.touch_id
), around AS (
    SELECT t.touch_id, min(coalesce(r.vendor, m.vendor)) AS vendor
    FROM answer_touch t JOIN ran r ON r.run_id = t.in_run
    LEFT JOIN membership m ON m.principal_id = r.principal_id AND m.start_at <= t.end_at AND m.end_at >= t.start_at
    WHERE t.kind = 'access' GROUP BY t.touch_id
)
SELECT t.touch_id, o.job_id, coalesce(t.actor, o.principal_id) AS principal_id,
       coalesce(o.vendor, a.vendor, w.vendor) AS vendor
FROM answer_touch t LEFT JOIN of_run o ON t.kind = 'run' AND o.run_id = t.run_id
LEFT JOIN acting a ON a.touch_id = t.touch_id LEFT JOIN around w ON w.touch_id = t.touch_id
"""
LISTED = """
CREATE OR REPLACE TEMP TABLE listed_touch AS
WITH category AS (SELECT list(category ORDER BY category) AS names FROM category_bit),
shown_bits AS (
    SELECT b.bits, list_filter(c.names, lambda name, place: get_bit(b.bits, (place - 1)::INTEGER) = 1) AS categories
    FROM (SELECT DISTINCT bits FROM answer_touch WHERE bits IS NOT NULL) b, category c
),
several AS (
    SELECT touch_id, list(DISTINCT e.digest ORDER BY e.digest) AS digests
    FROM (SELECT touch_id, unnest(events) AS event_id FROM answer_touch) JOIN access_event e USING (event_id)
    GROUP BY touch_id
)
SELECT t.kind, t.operation, n.id AS run_id, j.namespace AS job_namespace, j.name AS job_name,
       p.id AS principal, b.vendor, d.namespace, d.name, t.start_at, t.end_at,
       t.grade, coalesce(c.categories, []) AS categories,
       CASE WHEN s.digests IS NOT NULL THEN s.digests WHEN coalesce(r.digest, e.digest) IS NULL THEN []
            ELSE [coalesce(r.digest, e.digest)] END AS evidence, t.run_id AS run_no, t.dataset_id, t.actor
FROM answer_touch t JOIN touch_behind b USING (touch_id) JOIN dataset d USING (dataset_id)
LEFT JOIN shown_bits c ON c.bits = t.bits
LEFT JOIN run_touch r ON t.kind = 'run' AND r.run_id = t.run_id AND r.dataset_id = t.dataset_id
LEFT JOIN access_event e ON e.event_id = t.event_id
LEFT JOIN several s ON s.touch_id = t.touch_id
LEFT JOIN run_name n ON n.run_id = t.in_run
LEFT JOIN job j ON j.job_id = b.job_id
LEFT JOIN principal p ON p.principal_id = b.principal_id
"""
ORDERED = f"""
SELECT kind, run_id, job_namespace, job_name, principal, vendor,
       namespace AS dataset_namespace, name AS dataset_name, start_at AS "start", end_at AS "end", operation,
       {grade_text("grade")} AS grade, categories, evidence
FROM listed_touch
ORDER BY start_at, end_at, kind, coalesce(run_no, 0), run_id, actor, dataset_id, operation, evidence
"""
# Of a run the event that stands for it, of an access all that told it.
EVENTS = "SELECT event_id FROM run_touch UNION ALL SELECT event_id FROM access_event"
_JOB = json_object(namespace=json_text("job_namespace"), name=json_text("job_name"))
# The same as `_touch`, over the columns of ORDERED.
SPELLED = json_object(
    kind=json_word("kind"),
    run_id=Given("kind = 'run' OR run_id IS NOT NULL", json_text("run_id")),
    job=Given("kind = 'run'", f"CASE WHEN job_name IS NULL THEN 'null' ELSE {_JOB} END"),
    principal=json_text("principal"),
    vendor=json_text("vendor"),
    dataset=json_object(namespace=json_text("dataset_namespace"), name=json_text("dataset_name")),
    start=json_word('"start"'),
    end=json_word('"end"'),
    operation=json_word("operation"),
    grade=json_word("grade"),
    categories=json_list("categories"),
    evidence=json_words("evidence"),
)


def list_touches(store: Store, asked: str, **parameters: object) -> None:
    """Fill `listed_touch`, a row for each touch with all that is told of it; ``asked`` is a SELECT of its parts."""
    store.script((TOUCHES.format(asked=asked), RUN_TOUCHES, ACCESS_EVENTS, BEHIND, LISTED), **parameters)


def touches(store: Store) -> Rows:
    """In the order of time."""
    return selected(lambda: Selection(store, ORDERED, ("start", "end")), _touch, SPELLED)


def evidence(store: Store) -> Rows:
    """Where each event was seen that told of a touch."""
    return seen(store, EVENTS)


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
