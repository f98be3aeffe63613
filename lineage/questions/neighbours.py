"""Neighbours: what a thing had to do with, how often, and when."""

from typing import Any

from lineage.answers import Answer, Rows, mark
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.parameters import read_number, said_window, window
from lineage.questions.things import KINDS, bounds, code_of, find_thing, name_nodes, node_of, prepare
from lineage.questions.wording import clock, page, table
from lineage.store import Store

# For each thing asked about and each relation the earliest come first; what is cut is counted.
LINKS = f"""
WITH touching AS (
    SELECT c.source AS here, c.source, c.target, c.relation, c.start_at, c.end_at
    FROM contact c WHERE c.source IN (SELECT unnest($nodes::BIGINT[]))
    UNION ALL
    SELECT c.target, c.source, c.target, c.relation, c.start_at, c.end_at
    FROM contact c WHERE c.target IN (SELECT unnest($nodes::BIGINT[]))
), link AS (
    SELECT here, source, target, relation, count(*) AS times, min(start_at) AS first_at, max(end_at) AS last_at
    FROM touching WHERE start_at <= $end::BIGINT AND end_at >= $start::BIGINT GROUP BY ALL
), ranked AS (
    SELECT *, row_number() OVER (
               PARTITION BY here, relation, here = source,
                            {code_of("(CASE WHEN here = source THEN target ELSE source END)")}
               ORDER BY first_at, source, target
           ) AS no
    FROM link
)
SELECT source, target, relation, max(times), min(first_at), max(last_at) FROM ranked WHERE no <= $limit
GROUP BY source, target, relation ORDER BY 5, 1, 2, 3
"""
CUT = f"""
WITH touching AS (
    SELECT c.source AS here, c.relation, true AS forth, c.target AS there, c.start_at, c.end_at
    FROM contact c WHERE c.source IN (SELECT unnest($nodes::BIGINT[]))
    UNION ALL
    SELECT c.target, c.relation, false, c.source, c.start_at, c.end_at
    FROM contact c WHERE c.target IN (SELECT unnest($nodes::BIGINT[]))
)
SELECT here, relation, forth, {code_of("there")}, count(DISTINCT there) - $limit::BIGINT FROM touching
WHERE start_at <= $end::BIGINT AND end_at >= $start::BIGINT
GROUP BY ALL HAVING count(DISTINCT there) > $limit::BIGINT ORDER BY ALL
"""
FIELDS = f"""
SELECT {node_of("f.dataset_id", "dataset")} AS source, {node_of("n.no", "field")} AS target,
       string_agg(DISTINCT f.category, ', ' ORDER BY f.category) AS category
FROM dataset_field f JOIN field_no n USING (dataset_id, field)
WHERE {node_of("f.dataset_id", "dataset")} IN (SELECT unnest($nodes::BIGINT[]))
   OR {node_of("n.no", "field")} IN (SELECT unnest($nodes::BIGINT[]))
GROUP BY ALL ORDER BY ALL
"""
DEFAULT_LIMIT = 40


def ask(store: Store, values: Values) -> Answer:
    start, end = window(values)
    limit = read_number(values, "limit", DEFAULT_LIMIT)
    prepare(store)
    asked = sorted({find_thing(store, text) for text in values.get("thing", ())})
    told = {"nodes": asked, "start": start, "end": end, "limit": limit}
    links = store.rows(LINKS, **told)
    fields = store.rows(FIELDS, **told)
    cut = store.rows(CUT, **told)
    ends = {node for row in [*links, *fields] for node in row[:2]} | set(asked)
    names = name_nodes(store, ends)
    rows: list[dict[str, Any]] = [
        {
            "from": names[source],
            "to": names[target],
            "relation": relation,
            "count": times,
            **bounds(first, last),
        }
        for source, target, relation, times, first, last in links
        if source in names and target in names
    ]
    rows += [
        {"from": names[source], "to": names[target], "relation": f"has field ({category})", "count": 1}
        | {"first": None, "last": None}
        for source, target, category in fields
    ]
    return Answer(
        "neighbours",
        {"thing": sorted(values.get("thing", ())), **said_window(start, end), "limit": limit},
        mark(store),
        {
            "summary": {
                "things": [names[node] for node in asked],
                "cut": [
                    {"thing": names[here], "relation": relation, "kind": KINDS[kind], "more": more}
                    for here, relation, _, kind, more in cut
                ],
            },
            "links": Rows(lambda: iter(rows)),
        },
    )


def neighbours_text(answer: Answer) -> str:
    links = list(answer.sections["links"])
    if not links:
        return "Nothing is known to have had to do with it in that time."
    lines = table(
        [
            ("first", "from", "relation", "to", "times"),
            *(
                (
                    clock(link["first"]) if link["first"] else "",
                    f"{link['from']['kind']}:{link['from']['id']}",
                    link["relation"],
                    f"{link['to']['kind']}:{link['to']['id']}",
                    str(link["count"]),
                )
                for link in links
            ),
        ],
        indent="",
    )
    summary: Any = answer.sections["summary"]
    for cut in summary["cut"]:
        lines.append(
            f"… {cut['thing']['id']} {cut['relation']} {cut['kind']}: {cut['more']} more (--limit N shows more)"
        )
    return page(lines)


QUESTION = Question(
    name="neighbours",
    title="What a thing had to do with, how often, and when",
    parameters=(
        Parameter("thing", "thing", "what to start from, as KIND:ID", repeated=True),
        Parameter("from", "instant", "only contacts that lasted until then or later (RFC 3339)"),
        Parameter("to", "instant", "only contacts that had begun by then (RFC 3339)"),
        Parameter("limit", "number", f"how many at most for each relation (default {DEFAULT_LIMIT})"),
    ),
    ask=ask,
    text=neighbours_text,
    example="lineage ask neighbours --thing principal:svc_northgate_match",
)
