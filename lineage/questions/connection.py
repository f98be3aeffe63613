"""Connection: the shortest and the earliest chain of contacts between two things.

The shortest has the fewest steps, whenever they were. In the earliest each step happens at or after the one before,
and it arrives before every other such chain. Data subjects and packages only ever end a chain: that two datasets
know the same person connects nothing.
"""

from itertools import pairwise
from typing import Any

from lineage.answers import Answer, Rows, mark
from lineage.errors import LineageError
from lineage.names import format_bound
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.parameters import said_window, window
from lineage.questions.things import CODE, bounds, code_of, find_thing, name_nodes, prepare
from lineage.questions.wording import clock, page
from lineage.store import Store

_ENDS = ", ".join(str(CODE[kind]) for kind in ("data-subject", "package"))
# What only ends chains is walked to where it was asked about.
_OPEN = f"""({code_of("here")} NOT IN ({_ENDS}) OR here = $origin)
  AND ({code_of("there")} NOT IN ({_ENDS}) OR there = $goal)"""
# Every contact, both ways.
STEPS = f"""
CREATE OR REPLACE TEMP VIEW step AS
SELECT * FROM (
    SELECT source AS here, target AS there, start_at, end_at FROM contact
    UNION ALL SELECT target, source, start_at, end_at FROM contact
)
WHERE start_at <= $end AND end_at >= $start
  AND {_OPEN}
"""
START = """
CREATE OR REPLACE TEMP TABLE reached AS
SELECT $origin::BIGINT AS node, NULL::BIGINT AS via, $start::BIGINT AS since
"""
PAIRS = f"""
CREATE OR REPLACE TEMP TABLE pair AS
WITH once AS MATERIALIZED (
    SELECT DISTINCT source, target FROM contact WHERE start_at <= $end AND end_at >= $start
)
SELECT DISTINCT here, there
FROM (SELECT source AS here, target AS there FROM once UNION ALL SELECT target, source FROM once)
WHERE {_OPEN}
"""
# What arrives by some moment comes by contacts that began by then, and most connections are made early: only where
# there is none are more of the contacts looked at.
BETWEEN_ALL = "SELECT min(start_at), max(start_at) FROM (SELECT start_at FROM act UNION ALL SELECT start_at FROM run)"
EARLY = "CREATE OR REPLACE TEMP TABLE early AS FROM step WHERE start_at <= $until"
PARTS = (256, 32, 4)  # of all time, in turn; then all of it
WIDER = """
CREATE OR REPLACE TEMP TABLE frontier AS
SELECT p.there AS node, min(f.node) AS via, $start::BIGINT AS since
FROM frontier f JOIN pair p ON p.here = f.node
ANTI JOIN reached r ON r.node = p.there GROUP BY p.there
"""
# The earliest moment at which each thing can be arrived at from those that were arrived at earlier than thought.
SOONER = """
CREATE OR REPLACE TEMP TABLE frontier AS
SELECT n.node, n.via, n.since FROM (
    SELECT s.there AS node, min(greatest(s.start_at, f.since)) AS since,
           arg_min(f.node, (greatest(s.start_at, f.since), f.node)) AS via
    FROM frontier f JOIN {contacts} s ON s.here = f.node AND s.end_at >= f.since GROUP BY s.there
) n LEFT JOIN reached r USING (node)
WHERE (r.node IS NULL OR n.since < r.since)
  AND n.since <= coalesce((SELECT since FROM reached WHERE node = $goal), n.since)
"""
REPLACE = (
    "DELETE FROM reached WHERE node IN (SELECT node FROM frontier)",
    "INSERT INTO reached SELECT node, via, since FROM frontier",
)
BETWEEN = """
SELECT source, target, relation, count(*), min(start_at), max(end_at)
FROM contact WHERE ((source = $here AND target = $there) OR (source = $there AND target = $here))
  AND start_at <= $end AND end_at >= $from
GROUP BY ALL ORDER BY 5, 3 LIMIT 1
"""


def ask(store: Store, values: Values) -> Answer:
    start, end = window(values)
    if len(values.get("start", ())) != 1 or len(values.get("goal", ())) != 1:
        raise LineageError("A connection has two ends.", "Give --start KIND:ID and --goal KIND:ID.")
    prepare(store)
    told = {
        "origin": find_thing(store, values["start"][0]),
        "goal": find_thing(store, values["goal"][0]),
        "start": start,
        "end": end,
    }
    # A view takes no parameters: these are numbers of our own.
    text = STEPS
    for name, value in told.items():
        text = text.replace(f"${name}", str(int(value)))
    store.run(text)
    store.run(PAIRS, **told)
    shortest = _shortest(store, told)
    earliest = _earliest(store, told)
    return Answer(
        "connection",
        {"start": values["start"][0], "goal": values["goal"][0], **said_window(start, end)},
        mark(store),
        {
            "summary": {
                "shortest": len(shortest) if shortest else None,
                "earliest": len(earliest) if earliest else None,
                "arrival": earliest[-1]["by"] if earliest else None,
            },
            "shortest": Rows(lambda: iter(shortest)),
            "earliest": Rows(lambda: iter(earliest)),
        },
    )


def _shortest(store: Store, told: dict[str, int]) -> list[dict[str, Any]]:
    store.run(START, **told)
    store.run("CREATE OR REPLACE TEMP TABLE frontier AS FROM reached")
    while store.fill(WIDER, **told):
        store.run("INSERT INTO reached SELECT node, via, since FROM frontier")
        if store.rows("SELECT 1 FROM frontier WHERE node = $goal", **told):
            return _chain(store, told, timed=False)
    return []


def _earliest(store: Store, told: dict[str, int]) -> list[dict[str, Any]]:
    first, last = store.one(BETWEEN_ALL)
    low, high = max(first or told["start"], told["start"]), min(last or told["end"], told["end"])
    for part in PARTS if low < high else ():
        store.run(EARLY, until=low + (high - low) // part)
        if _arrive(store, told, "early"):
            return _chain(store, told, timed=True)
    return _chain(store, told, timed=True) if _arrive(store, told, "step") else []


def _arrive(store: Store, told: dict[str, int], contacts: str) -> bool:
    """Fill `reached` with the earliest arrivals by those contacts; whether the goal is among them."""
    store.run(START, **told)
    store.run("CREATE OR REPLACE TEMP TABLE frontier AS FROM reached")
    while store.fill(SOONER.format(contacts=contacts), **told):
        store.script(REPLACE)
    return bool(store.rows("SELECT 1 FROM reached WHERE node = $goal", **told))


def _chain(store: Store, told: dict[str, int], *, timed: bool) -> list[dict[str, Any]]:
    """The steps from the origin to the goal, each with the first contact that makes it."""
    back = {node: (via, since) for node, via, since in store.rows("SELECT node, via, since FROM reached")}
    nodes = [told["goal"]]
    while nodes[-1] != told["origin"]:
        nodes.append(back[nodes[-1]][0])
    nodes.reverse()
    names = name_nodes(store, nodes)
    steps = []
    for here, there in pairwise(nodes):
        since = back[here][1] if timed else told["start"]
        source, target, relation, times, first, last = store.one(
            BETWEEN, here=here, there=there, end=told["end"], **{"from": since}
        )
        step = {"from": names[source], "to": names[target], "relation": relation, "count": times}
        step |= bounds(first, last) | {"reached": names[there]}
        steps.append(step | ({"by": format_bound(back[there][1])} if timed else {}))
    return steps


def connection_text(answer: Answer) -> str:
    lines = []
    for name, title in (("shortest", "Fewest steps"), ("earliest", "Earliest, each step at or after the one before")):
        steps = list(answer.sections[name])
        lines.append(f"{title}:" if steps else f"{title}: no chain of contacts is known.")
        for number, step in enumerate(steps, 1):
            ends = f"{_named(step['from'])} {step['relation']} {_named(step['to'])}"
            moment = step.get("by") or step["first"]
            often = f", {step['count']} times" if step["count"] > 1 else ""
            lines.append(f"  {number}. {ends} ({clock(moment) if moment else 'always'}{often})")
    return page(lines)


def _named(thing: dict[str, str]) -> str:
    return f"{thing['kind']}:{thing['id']}"


QUESTION = Question(
    name="connection",
    title="How two things are connected: the fewest steps, and the earliest",
    parameters=(
        Parameter("start", "thing", "one end, as KIND:ID"),
        Parameter("goal", "thing", "the other end, as KIND:ID"),
        Parameter("from", "instant", "only contacts that lasted until then or later (RFC 3339)"),
        Parameter("to", "instant", "only contacts that had begun by then (RFC 3339)"),
    ),
    ask=ask,
    text=connection_text,
    example="lineage ask connection --start vendor:tagworks --goal data-subject:C-0217",
)
