"""Who touched: every read (and alteration) that a person, a record or a dataset may have been in."""

from typing import Any

from lineage.answers import Answer, mark
from lineage.errors import LineageError
from lineage.flow.grades import GRADES, grade_exposures
from lineage.flow.onward import walk_onward
from lineage.flow.seeds import Seeds
from lineage.names import AFTER_ALL, BEFORE_ALL, format_bound
from lineage.questions.caveats import caveats
from lineage.questions.coverage import coverage, unseen_by_anybody
from lineage.questions.identities import find_data_subject, find_dataset, find_records
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.parameters import said_window, window
from lineage.questions.touch_list import evidence, list_touches, touches
from lineage.questions.who_text import who_text
from lineage.store import Store

ASKED = """
CREATE OR REPLACE TEMP TABLE chosen_record AS
SELECT * FROM record WHERE {whose}
"""
# What a dataset without entries holds was possibly always there; so was a record that only accesses name.
UNTOLD = f"""
CREATE OR REPLACE TEMP TABLE untold_record AS
SELECT $dataset_id::BIGINT AS dataset_id, {BEFORE_ALL} AS valid_from, {AFTER_ALL} AS possible_to
WHERE $dataset_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM chosen_record)
"""
# Of the accesses by key those that named one of theirs, or the record that no entry tells of.
KEYED = """
CREATE OR REPLACE TEMP TABLE key_touch AS
SELECT * FROM key_use WHERE key_no IN (SELECT key_no FROM chosen_record)
"""
NAMING = """
CREATE OR REPLACE TEMP TABLE key_touch AS
SELECT NULL::BIGINT AS key_no, u.* FROM use_of_dataset u
SEMI JOIN (SELECT event_id FROM access WHERE list_contains(keys, $key)) a ON a.event_id = coalesce(u.event_id, u.use_id)
WHERE u.dataset_id = $dataset_id AND u.scope = 'keys'
"""
NARROWED = """
CREATE OR REPLACE TEMP VIEW asked_record AS FROM chosen_record UNION ALL BY NAME FROM untold_record;
CREATE OR REPLACE TEMP VIEW named_key AS SELECT use_id, key_no FROM key_touch;
"""
WHOSE = {
    "data-subject": "subject_id = $subject_id",
    "record": "entry_id IN (SELECT unnest($entries::BIGINT[]))",
    "dataset": "dataset_id = $dataset_id",
}
# What touched the home datasets, taken as an exposure over its own interval, cut to the window: a run's inputs, the
# accesses that may have read any record, and those that name one of the keys; and what accesses wrote there, likewise.
# Of a dataset without entries all. Reads, accesses and writes are numbered apart. A write shows the fields that it
# changes, not those that its statement looks at.
WRITES = 1 << 41
HOME = "SELECT dataset_id FROM chosen_record UNION SELECT $dataset_id::BIGINT WHERE $dataset_id IS NOT NULL"
EXPOSED = f"""
CREATE OR REPLACE TEMP TABLE exposure AS
WITH home AS ({HOME}),
used AS (
    FROM use_of_dataset WHERE dataset_id IN (SELECT dataset_id FROM home)
        AND (scope <> 'keys' OR $key::VARCHAR IS NULL AND NOT EXISTS (SELECT 1 FROM chosen_record))
    UNION ALL
    SELECT DISTINCT * EXCLUDE (key_no) FROM key_touch
), altered AS (
    SELECT u.use_id,
           CASE WHEN a.dataset_id = u.dataset_id THEN coalesce(a.fields, t.changed) ELSE t.changed END AS fields
    FROM used u JOIN told_act a USING (act_id)
    LEFT JOIN (
        SELECT template_id, no, changed FROM template_table
        QUALIFY count(write) OVER (PARTITION BY template_id, lower(parts[-1])) = 1
    ) t ON t.template_id = a.template_id AND t.no = u.no
    WHERE u.is_write AND a.template_id IS NOT NULL
), told AS (
    SELECT 'read' AS way, r.read_id AS exposure_id, r.use_id, r.act_id, r.event_id, r.source_no, r.principal_id,
           r.operation, NULL AS written, r.run_id, r.dataset_id, r.start_at, r.end_at, r.certain, 'unknown' AS scope,
           r.fields
    FROM read r
    WHERE r.use_id IS NULL AND r.run_id IS NOT NULL AND r.dataset_id IN (SELECT dataset_id FROM home)
    UNION ALL
    SELECT 'read', -u.use_id, u.use_id, u.act_id, coalesce(u.event_id, u.use_id), u.source_no, u.principal_id,
           u.operation, u.written, u.run_id, u.dataset_id, u.start_at, u.start_at + u.lasted,
           u.outcome = 'success' AND u.operation <> 'unknown', u.scope, u.fields
    FROM used u WHERE u.is_read
    UNION ALL
    SELECT 'write', {WRITES} + w.write_id, w.use_id, w.act_id, w.event_id, w.source_no, w.principal_id,
           w.operation, w.written, w.run_id, w.dataset_id, w.start_at, w.end_at, w.certain, w.scope,
           CASE WHEN l.use_id IS NULL THEN w.fields ELSE l.fields END
    FROM write w LEFT JOIN altered l ON l.use_id = w.use_id
    WHERE w.use_id IS NOT NULL AND w.dataset_id IN (SELECT dataset_id FROM home)
      AND (w.unit IS NULL OR w.unit > 0 OR w.run_id IS NULL)
      AND (w.scope <> 'keys' OR w.use_id IN (SELECT use_id FROM key_touch)
           OR $key::VARCHAR IS NULL AND NOT EXISTS (SELECT 1 FROM chosen_record))
)
SELECT * EXCLUDE (start_at, end_at, certain), start_at AS from_at, end_at AS to_at,
       CASE WHEN way = 'read' AND event_id IN (SELECT event_id FROM first_view) THEN start_at
            ELSE greatest(start_at, $start::BIGINT) END AS start_at, least(end_at, $end::BIGINT) AS end_at,
       certain AND start_at >= $start::BIGINT AND end_at <= $end::BIGINT AS certain, '' AS doubt
FROM told WHERE start_at <= $end::BIGINT AND end_at >= $start::BIGINT
"""
# What is asked for: reads, accesses and writes with a grade, and with none for the bits of categories that flow carried
# alone. Flow can only ever be possible; a dataset without any entry is asked about as a whole. That a record which only
# accesses name was there is told by no entry, so it is possible too.
_SHOWN_BITS = (
    "SELECT shown_id, bit_or(bits) AS bits FROM shown_category JOIN category_bit USING (category) GROUP BY shown_id"
)
_EXPOSED = """e.way, {grade} AS grade, {bits} AS bits, e.use_id, e.act_id, e.event_id, e.source_no, e.principal_id,
       e.operation, e.written, e.run_id, e.dataset_id, e.from_at AS start_at, e.to_at AS end_at"""
_CARRIED = """'read', CASE WHEN {came} THEN 1 END,
       CASE WHEN {r}.fields IS NULL OR {o}.field = '*' AND len({r}.fields) > 0
                OR list_contains(list_transform({r}.fields, lambda field: lower(field)), {o}.field) THEN {o}.bits END,
       {r}.use_id, {r}.act_id, coalesce({r}.event_id, {r}.use_id), {r}.source_no, {r}.principal_id, {r}.operation, NULL,
       {r}.run_id, {r}.dataset_id, {r}.start_at, {end}"""
KEEP = f"""
SELECT {_EXPOSED.format(grade="g.grade", bits="g.bits")}
FROM (
    SELECT through, max(grade) AS grade, bit_or(bits) AS bits FROM graded LEFT JOIN ({_SHOWN_BITS}) USING (shown_id)
    GROUP BY through
) g JOIN exposure e ON e.exposure_id = g.through
UNION ALL
SELECT {_CARRIED.format(o="o", r="r", came="o.field = '*' AND r.main", end="r.end_at")}
FROM onward o JOIN read r USING (read_id)
WHERE (r.use_id IS NOT NULL OR r.run_id IS NOT NULL) AND o.arrival <= least(r.end_at, $end::BIGINT)
  AND r.start_at <= $end::BIGINT AND r.end_at >= $start::BIGINT
UNION ALL
SELECT {_CARRIED.format(o="u", r="u", came="u.field = '*'", end="u.start_at + u.lasted")}
FROM onward_use u
WHERE u.arrival <= $end::BIGINT AND u.start_at <= $end::BIGINT AND u.start_at + u.lasted >= $start::BIGINT
UNION ALL
SELECT {_EXPOSED.format(grade="CASE WHEN certain AND $key::VARCHAR IS NULL THEN 2 ELSE 1 END", bits="b.bits")}
FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
LEFT JOIN ({_SHOWN_BITS}) b USING (shown_id)
WHERE NOT EXISTS (SELECT 1 FROM chosen_record) AND e.scope <> 'none'
"""
BY_VENDOR = """
SELECT coalesce(vendor, ''), count(*) FILTER (grade = 3), count(*) FILTER (grade = 2), count(*) FILTER (grade = 1)
FROM listed_touch GROUP BY 1 ORDER BY 1
"""
BETWEEN = f"""
SELECT min(start_at) FILTER (start_at > {BEFORE_ALL}), max(end_at) FILTER (end_at < {AFTER_ALL}) FROM listed_touch
"""
TOUCHED = "SELECT DISTINCT dataset_id FROM answer_touch WHERE is_read"


def ask(store: Store, values: Values) -> Answer:
    start, end = window(values)
    told: dict[str, Any] = {}
    asked: dict[str, Any] = {
        "subject_id": None,
        "dataset_id": None,
        "entries": [],
        "key": None,
        "start": start,
        "end": end,
    }
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
        dataset_id, asked["entries"] = find_records(store, dataset, key)
        if not asked["entries"]:
            asked |= {"dataset_id": dataset_id, "key": key}
    else:
        told["dataset"] = values["dataset"][0]
        asked["dataset_id"] = find_dataset(store, values["dataset"][0])
    _gather(store, WHOSE[kinds[0]], asked)
    seeds = Seeds(start=start, end=end)
    return Answer(
        "who-touched",
        told | said_window(start, end),
        mark(store),
        {
            "summary": _summary(store),
            "touches": touches(store),
            "coverage": coverage(store, seeds, start=start, end=end, by_package=False, touched=TOUCHED),
            "caveats": caveats(store, None, [], by_package=False, unseen=unseen_by_anybody(store, start, end)),
        },
        evidence(store),
    )


def _gather(store: Store, whose: str, asked: dict[str, Any]) -> None:
    """Fill `listed_touch` with what touched the records that ``whose`` is true of, directly and by flow."""
    store.script((ASKED.format(whose=whose), UNTOLD), **asked)
    store.run(KEYED if asked["key"] is None else NAMING, **asked)
    store.run(NARROWED)
    store.run(EXPOSED, **asked)
    grade_exposures(store)
    walk_onward(store)
    list_touches(store, KEEP, **asked)


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
