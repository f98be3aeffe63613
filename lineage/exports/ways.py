"""The paths of a blast radius as ways that many share, and which of what they pass is drawn as one.

Many thousands of people share some thousand ways. A step is told by number, so that a way is a tuple of numbers; when
it happened is left out, since the picture does not tell two reads of one dataset apart.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lineage.questions.steps import Step, home_of, read_step

ALONE = 30  # principals, jobs or datasets that stand at one place, shown one by one; of more a group
RANK = {"": 0, "possible": 1, "probable": 2, "confirmed": 3}


@dataclass
class Told:
    """What is said of many rows at once: how many people, the strongest grade, the earliest time."""

    count: int = 0
    grade: str = ""
    first: str | None = None

    def add(self, count: int, grade: str, first: str | None) -> None:
        self.count += count
        if RANK[grade] > RANK[self.grade]:
            self.grade = grade
        if first and (self.first is None or first < self.first):
            self.first = first

    def row(self) -> dict[str, Any]:
        return {"count": self.count, "grade": self.grade, "first": self.first}


Way = tuple[int, ...]
End = tuple[str, str, Way]  # grade, the dataset of the record, the way to it


@dataclass
class Ways:
    """``steps`` by number; ``told`` and ``rows`` of the people by end."""

    steps: list[Step] = field(default_factory=list)
    told: dict[End, Told] = field(default_factory=dict)
    rows: dict[End, list[dict[str, Any]]] = field(default_factory=dict)


def read_ways(rows: Iterable[dict[str, Any]]) -> Ways:
    """The ways of rows with ``grade``, ``first``, ``count`` (else 1), and ``path``, or ``way`` and ``home`` for it."""
    made, numbers, texts = Ways(), dict[Step, int](), dict[str, int]()
    for row in rows:
        if "way" in row:
            spelled, home = row["way"], row["home"]
        else:
            *spelled, last = row["path"]
            home = home_of(last)
        way = []
        for text in spelled:
            number = texts.get(text)
            if number is None:
                step = read_step(text)
                number = texts[text] = numbers.setdefault(step, len(numbers))
                if number == len(made.steps):
                    made.steps.append(step)
            way.append(number)
        end = (row["grade"], home, tuple(way))
        if (told := made.told.get(end)) is None:
            told = made.told[end] = Told()
            made.rows[end] = []
        told.add(row.get("count", 1), row["grade"], row["first"])
        made.rows[end].append(row)
    return made


def in_groups(ways: Ways) -> dict[tuple[str, str], str]:
    """The groups of what is too many to be shown one by one: by (kind, name) of principals, jobs and datasets.

    Datasets and jobs stand in the column of the least number of writes between them and who was compromised.
    """
    places: dict[tuple[str, str], str] = {}
    for kind, name, depth in sorted(set(_placed(ways)), key=lambda found: found[2]):
        places.setdefault((kind, name), f"{kind}s:{depth if kind != 'principal' else ''}")
    many = Counter(places.values())
    return {thing: group for thing, group in places.items() if many[group] > ALONE}


def _placed(ways: Ways) -> Iterator[tuple[str, str, int]]:
    """Kind, name, and how many writes lie between it and who was compromised; once for each number and depth."""
    seen: set[tuple[int, int]] = set()
    for way in {way for _, _, way in ways.told}:
        depth = 0
        for number in way:
            step = ways.steps[number]
            depth += step.kind == "written"
            if (number, depth) in seen:
                continue
            seen.add((number, depth))
            if step.kind == "principal":
                yield "principal", step.name, 0
            if step.kind in ("read", "written"):
                yield "dataset", step.name, depth
            if step.kind in ("run", "written") and step.job is not None:
                yield "job", step.job, depth


def strengthen(told: dict[str, Any], row: dict[str, Any]) -> None:
    """What several tell of one node or edge: the surest grade, the first time."""
    grade = row.get("grade")
    if grade and RANK[grade] > RANK.get(told.get("grade", ""), 0):
        told["grade"] = grade
    first = row.get("first")
    if first and first < told.get("first", "~"):
        told["first"] = first
