"""The people of a blast radius by the way to them: who share grade, path and dataset are one row with a count.

Many thousands of people come by some hundred ways; the graph is built, and things on it are counted, from these.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from lineage.exports.picture import MOST
from lineage.exports.ways import Ways, in_groups, read_ways
from lineage.names import format_bound
from lineage.questions.steps import HOME
from ui.holding import Held

WAYS = f"""
SELECT grade, min(first) AS first, count(*) AS count, min(id) AS id, path[:-2] AS way, {HOME} AS home
FROM listed GROUP BY ALL
"""
# The same with those members told one by one who may be drawn one by one: beyond MOST of a group nobody is.
MEMBERS = f"""
SELECT grade, min(first) AS first, count(*) AS count, min(id) AS id, path[:-2] AS way, home FROM (
    SELECT t.*, o.grade IS NOT NULL AS shown,
           row_number() OVER (PARTITION BY t.grade, coalesce(o.inside, t.home) ORDER BY t.id) AS no
    FROM (SELECT *, {HOME} AS home FROM listed) t
    LEFT JOIN (
        SELECT unnest($grades::VARCHAR[]) AS grade, unnest($homes::VARCHAR[]) AS home,
               unnest($groups::VARCHAR[]) AS inside
    ) o ON o.grade = t.grade AND o.home = t.home
) GROUP BY grade, path[:-2], home, CASE WHEN shown AND no <= {MOST} THEN id END
"""
THROUGH = f"""
SELECT path[:-2] AS way, {HOME} AS home, count(*) AS count, arg_min(evidence, id) AS evidence FROM listed
GROUP BY ALL ORDER BY min(id)
"""
HOMES = """
SELECT DISTINCT dataset_namespace AS namespace, dataset_name AS name FROM listed
WHERE dataset_name IN (SELECT unnest($names::VARCHAR[])) ORDER BY ALL
"""


def ways(held: Held) -> Ways:
    found: Ways = held.made("ways", lambda: read_ways(_sorted(held.over("data_subjects", WAYS))))
    return found


def groups(held: Held) -> dict[tuple[str, str], str]:
    """In which group a principal, a job or a dataset is where it is one of many."""
    found: dict[tuple[str, str], str] = held.made("groups", lambda: in_groups(ways(held)))
    return found


def homes(held: Held, home: str) -> list[str]:
    """The datasets that a group of people is of, which names one or a group of them."""
    if any(home == group for group in groups(held).values()):
        return [name for (kind, name), group in groups(held).items() if kind == "dataset" and group == home]
    return sorted({name for _, name, _ in ways(held).told if home.endswith((f"/{name}", f"dataset:{name}"))})


def members(held: Held, opened: Sequence[str]) -> Ways:
    """The ways, and one by one the people of the groups that are ``opened``."""
    people = [name.split(":", 2) for name in opened if name.startswith("people:")]
    told = [(grade, name, home) for _, grade, home in people for name in homes(held, home)]
    if "*" in opened:
        told = list(_first(held))
    if not told:
        return ways(held)
    found = held.over(
        "data_subjects", MEMBERS, grades=[grade for grade, *_ in told],
        homes=[name for _, name, _ in told], groups=[home for *_, home in told],
    )  # fmt: skip
    return read_ways(_sorted(found))


def _first(held: Held) -> Iterator[tuple[str, str, str]]:
    """Grade and dataset (twice) of the groups that there is room for where all are opened: the first by name."""
    full = {row["name"]: f"{row['namespace']}/{row['name']}" for row in [*called(held), *held.rows("datasets")]}
    many: Counter[tuple[str, str]] = Counter()
    for (grade, name, _), told in ways(held).told.items():
        many[grade, name] += told.count
    room = MOST
    for grade, name in sorted(many, key=lambda end: f"{end[0]}:{full.get(end[1], end[1])}"):
        if room > 0:
            yield grade, name, name
        room -= many[grade, name]


def called(held: Held) -> list[dict[str, Any]]:
    """What the datasets on the ways are called in full, those that the answer's list of datasets leaves out."""
    found: list[dict[str, Any]] = held.made("called", lambda: _called(held, ways(held)))
    return found


def _called(held: Held, found: Ways) -> list[dict[str, Any]]:
    names = {step.name for step in found.steps if step.kind in ("read", "written")} | {
        name for _, name, _ in found.told
    }
    names -= {row["name"] for row in held.rows("datasets")}
    leaned = [row["dataset"] for row in held.rows("coverage") if "dataset" in row and row["dataset"]["name"] in names]
    names -= {row["name"] for row in leaned}
    return leaned + (held.over("records", HOMES, names=sorted(names)) if names else [])


def through(held: Held) -> list[dict[str, Any]]:
    """What paths pass, the digests that they rest on, and how many people have them."""
    found: list[dict[str, Any]] = held.made("through", lambda: held.over("data_subjects", THROUGH))
    return found


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        row["first"] = format_bound(row["first"])
    return sorted(rows, key=lambda row: str(row["id"]))
