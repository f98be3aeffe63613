"""Activity: how much was read, written, run and refused, over time; the timeline that a window is chosen on."""

from typing import Any

from lineage.answers import Answer, Rows, mark
from lineage.names import AFTER_ALL, BEFORE_ALL, FIRST, LAST, format_instant
from lineage.questions.identities import find_dataset, find_principal, find_vendor
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.parameters import read_number, said_window, window
from lineage.questions.wording import clock, page, table
from lineage.store import Store
from lineage.touches.operations import NEITHER, REFUSED

# Whose what happened is: of the vendors asked about their principals, while they were theirs, and of vendors and
# principals the runs of their jobs.
CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen_vendor AS
WITH RECURSIVE under(id) AS (
    SELECT unnest($vendors::VARCHAR[]) UNION SELECT v.id FROM under u JOIN vendor v ON v.sub_processor_of = u.id
)
SELECT id FROM under
"""
MEMBERS = """
CREATE OR REPLACE TEMP TABLE chosen_member AS
SELECT principal_id, list({'start_at': start_at, 'end_at': end_at}) AS spans
FROM membership WHERE vendor IN (SELECT id FROM chosen_vendor) GROUP BY principal_id
"""
_MEMBER = (
    "coalesce(len(list_filter(spans, lambda span: span.start_at <= {0}.end_at AND span.end_at >= {0}.start_at)), 0) > 0"
)
RUNS = f"""
CREATE OR REPLACE TEMP TABLE chosen_run AS
SELECT DISTINCT n.run_id, j.principal_id,
       j.vendor IN (SELECT id FROM chosen_vendor) OR {_MEMBER.format("n")} AS is_member
FROM run n JOIN run_job USING (run_id) JOIN job j USING (job_id) LEFT JOIN chosen_member m USING (principal_id)
"""
# What began when: accesses by what they did, runs once each. To list, to log in, to grant and to administer is neither
# to read nor to write.
EVENTS = f"""
CREATE OR REPLACE TEMP VIEW moment AS
SELECT a.start_at AS began, CASE WHEN a.outcome IN {REFUSED} THEN 'attempts'
           WHEN a.operation IN ('create', 'update', 'delete') THEN 'writes' ELSE 'reads' END AS what,
       a.principal_id, a.dataset_id, a.act_id, a.run_id, {_MEMBER.format("a")} AS is_member
FROM act a LEFT JOIN chosen_member m USING (principal_id)
WHERE a.outcome IN {REFUSED} OR a.operation NOT IN {NEITHER}
UNION ALL
SELECT r.start_at, 'runs', NULL, NULL, NULL, r.run_id, false FROM run r
"""
FILTER = """
(len($vendors::VARCHAR[]) = 0 OR is_member OR run_id IN (SELECT run_id FROM chosen_run WHERE is_member))
AND (len($principals::BIGINT[]) = 0 OR list_contains($principals::BIGINT[], principal_id) OR run_id IN (
    SELECT run_id FROM chosen_run WHERE list_contains($principals::BIGINT[], principal_id)
))
AND (len($datasets::BIGINT[]) = 0 OR act_id IN (
    SELECT u.act_id FROM use u WHERE list_contains($datasets::BIGINT[], u.dataset_id)
    UNION ALL SELECT t.act_id FROM placed_attempt t WHERE list_contains($datasets::BIGINT[], t.dataset_id)
) OR what = 'attempts' AND list_contains($datasets::BIGINT[], dataset_id) OR act_id IS NULL AND run_id IN (
    SELECT r.run_id FROM read r WHERE list_contains($datasets::BIGINT[], r.dataset_id)
    UNION ALL SELECT w.run_id FROM write w WHERE list_contains($datasets::BIGINT[], w.dataset_id)
))
"""
SPAN = f"SELECT min(began), max(began), count(*) FROM moment WHERE began BETWEEN $start AND $end AND {FILTER}"
COUNTED = f"""
SELECT CASE WHEN began < 0 THEN (began + 1) // $width - 1 ELSE began // $width END AS bucket,
       count(*) FILTER (what = 'reads'), count(*) FILTER (what = 'writes'), count(*) FILTER (what = 'attempts'),
       count(*) FILTER (what = 'runs')
FROM moment WHERE began BETWEEN $start AND $end AND {FILTER} GROUP BY bucket ORDER BY bucket
"""
_SECOND = 1_000_000
WIDTHS = tuple(
    _SECOND * seconds
    for seconds in (
        1, 5, 15, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 28 * 86400, 364 * 86400
    )
)  # fmt: skip
DEFAULT_BUCKETS = 200


def ask(store: Store, values: Values) -> Answer:
    start, end = window(values)
    most = read_number(values, "buckets", DEFAULT_BUCKETS)
    told: dict[str, Any] = {
        "vendors": [find_vendor(store, text) for text in values.get("vendor", ())],
        "principals": [find_principal(store, text) for text in values.get("principal", ())],
        "datasets": [find_dataset(store, text) for text in values.get("dataset", ())],
        "start": start,
        "end": end,
    }
    store.run(CHOSEN, **told)
    store.script((MEMBERS, RUNS, EVENTS))
    first, last, total = store.one(SPAN, **told)
    rows = []
    width = WIDTHS[0]
    if total:
        low = first if start == BEFORE_ALL else start
        high = last if end == AFTER_ALL else end
        width = _width(low, high, most)
        rows = [
            {
                "start": format_instant(max(bucket * width, FIRST)),
                "end": format_instant(min(bucket * width + width - 1, LAST)),
                "reads": reads,
                "writes": writes,
                "attempts": attempts,
                "runs": runs,
            }
            for bucket, reads, writes, attempts, runs in store.rows(COUNTED, width=width, **told)
        ]
    return Answer(
        "activity",
        {name: sorted(values[name]) for name in ("vendor", "principal", "dataset") if values.get(name)}
        | said_window(start, end)
        | {"buckets": most},
        mark(store),
        {
            "summary": {
                "first": format_instant(first) if total else None,
                "last": format_instant(last) if total else None,
                "moments": total,
                "bucket_seconds": width // _SECOND,
            },
            "buckets": Rows(lambda: iter(rows)),
        },
    )


def _width(low: int, high: int, most: int) -> int:
    """The least width by which no more than ``most`` steps meet the span; each begins at a multiple of it."""
    longest = WIDTHS[-1]
    whole = longest * (max(-low, high) // longest + 1)
    steps = (*WIDTHS, *range(2 * longest, whole, longest))
    return next((step for step in steps if high // step - low // step < most), whole)


def activity_text(answer: Answer) -> str:
    rows = list(answer.sections["buckets"])
    if not rows:
        return "Nothing was observed."
    return page(
        table(
            [("from", "reads", "writes", "attempts", "runs")]
            + [
                (clock(row["start"]), *(str(row[name]) for name in ("reads", "writes", "attempts", "runs")))
                for row in rows
            ],
            indent="",
        )
    )


QUESTION = Question(
    name="activity",
    title="How much was read, written, run and refused over time",
    parameters=(
        Parameter("vendor", "vendor", "only this vendor's, with its sub-processors'", repeated=True),
        Parameter("principal", "principal", "only this principal's, by id or alias", repeated=True),
        Parameter("dataset", "dataset", "only of this dataset, as NAMESPACE/NAME", repeated=True),
        Parameter("from", "instant", "only what began from then on (RFC 3339)"),
        Parameter("to", "instant", "only what began until then (RFC 3339)"),
        Parameter("buckets", "number", f"into how many steps of time at most (default {DEFAULT_BUCKETS})"),
    ),
    ask=ask,
    text=activity_text,
    example="lineage ask activity --vendor northgate --from 2026-03-24T00:00:00Z",
)
