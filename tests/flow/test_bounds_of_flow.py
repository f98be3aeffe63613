"""Section 3 of semantics.md where a write, what replaces it and a read meet by a microsecond, or miss each other by it.

In each dataset somebody writes, somebody else writes too, and somebody reads, at any three times of a few microseconds.
What is expected is what the page says of such a pair.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import (
    FOREVER,
    Access,
    ColumnEdge,
    Dataset,
    Entry,
    Interval,
    Job,
    Name,
    Port,
    RunEvent,
    World,
    instant,
    text_of,
)

NOON = instant("2026-03-24T12:00:00Z")
STORE = "postgres://people-db:5432"
TIMES = [(a, b) for a in range(3) for b in range(a, 3)]
# What the other write does: it replaces all and is done, may have done so, nobody knows, or it only adds to it. And
# beside it the reader replaces all, or the first write was under another name of the dataset.
OTHERS = ("overwrite", "failed", "unknown", "append", "own append", "own overwrite", "alias overwrite")


@dataclass(frozen=True)
class Case:
    """A write over ``write``, a write of another over ``other``, and a read over ``read``."""

    kind: str
    write: Interval
    other: Interval
    read: Interval

    @property
    def may(self) -> bool:
        hides = self.kind in ("overwrite", "own overwrite")
        return self.write[0] <= self.read[1] and not (
            hides and self.write[1] < self.other[0] and self.other[1] < self.read[0]
        )

    @property
    def must(self) -> bool:
        harmless = (
            self.kind in ("append", "own append") or self.other[1] < self.write[0] or self.other[0] > self.read[1]
        )
        return self.write[1] < self.read[0] and harmless and not self.kind.startswith("alias")

    def shows(self, record: Interval, window: Interval) -> bool:
        """Whether a record of what the writer read may be inside what is read in the window (departure)."""
        left = min(self.read[1], window[1])
        if max(self.read[0], window[0]) > left or not self.may or self.write[0] > left:
            return False
        gone = min(self.write[1], left)
        return record[0] <= gone and record[1] > self.write[0]


CASES = [Case(*case) for case in product(OTHERS, TIMES, TIMES, TIMES)]
ALWAYS = (-FOREVER, FOREVER)
WINDOWS = [(1, 1), (-FOREVER, 0), (1, FOREVER), (2, 2)]
RECORDS = [(-9, FOREVER), (-9, 1), (1, FOREVER), (2, FOREVER), (1, 2)]


JOBS = ("writing", "other", "reading")
DATASETS = (
    *(Dataset(STORE, f"people.public.{place}*", write_mode="append") for place in ("middle", "end")),
    Dataset(STORE, "people.public.*", ("id",)),
)


def named(place: str, number: int) -> Name:
    """What lies between is of a dataset whose writes nobody knows the kind of, where the case is about that."""
    unsure = place == "middle" and CASES[number].kind == "unknown"
    return (STORE, f"people.public.{'unsure' if unsure else place}{number}")


def run_id(job: str, number: int) -> str:
    return f"{JOBS.index(job):08d}-0000-4000-8000-{number:012d}"


def run(job: str, number: int, at: Interval, *outputs: Port, reads: str = "", end: str = "COMPLETE") -> list[RunEvent]:
    told = partial(
        RunEvent,
        run=run_id(job, number),
        job=("airflow", job),
        inputs=(Port(named(reads, number)),) if reads else (),
        outputs=outputs,
    )
    return [told(NOON + at[0], "START"), told(NOON + at[1], end)]


def written(number: int) -> Port:
    """What its writer says of it makes no difference: from where its columns are, or that it is of what was read."""
    home, middle = named("home", number), named("middle", number)
    if CASES[number].kind.startswith("alias"):
        return Port(("a://mirror", f"middle{number}"), symlinks=(middle,))
    said: list[Port] = [
        Port(middle),
        Port(middle, columns=(ColumnEdge("id", home, "id"),)),
        Port(middle, sources=(home,)),
    ]
    return said[number % 7 % 3]


def events(number: int, case: Case) -> list[RunEvent]:
    replaced = Port(named("middle", number), "OVERWRITE")
    other = replaced if case.kind.endswith(("overwrite", "failed")) else Port(named("middle", number))
    outputs = (Port(named("end", number)), *([replaced] if case.kind.startswith("own") else ()))
    return [
        *run("writing", number, case.write, written(number), reads="home"),
        *run("other", number, case.other, other, end="FAIL" if case.kind == "failed" else "COMPLETE"),
        *run("reading", number, case.read, *outputs, reads="middle"),
    ]


def entries(number: int) -> list[Entry]:
    return [
        Entry(named("home", number), f"{nth}", f"C-{nth}", NOON + begin, None if end == FOREVER else NOON + end)
        for nth, (begin, end) in enumerate(RECORDS)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = World(
        jobs=(Job("airflow", "*"),),
        datasets=DATASETS,
        run_events=tuple(event for number, case in enumerate(CASES) for event in events(number, case)),
        accesses=tuple(
            Access(f"{number}", NOON + case.read[0], NOON + case.read[1], "peeking", "read", "success",
                   named("middle", number))
            for number, case in enumerate(CASES)
        ),
        entries=tuple(entry for number in range(len(CASES)) for entry in entries(number)),
    )  # fmt: skip
    return store_of(world, tmp_path_factory.mktemp("flow"))


def test_what_a_read_may_or_must_have_seen_contaminates_it(store: Path) -> None:
    said = ask(store, "blast-radius", ["--job", "airflow/writing"])
    states = {one["run_id"]: one["contaminated"] for one in said["runs"]}
    states |= {one["name"]: one["contaminated"] for one in said["datasets"]}
    for number, case in enumerate(CASES):
        expected = "certain" if case.must else "possible" if case.may else None
        assert states.get(run_id("reading", number)) == expected, case
        assert states.get(named("end", number)[1]) == expected, case


def asked(window: Interval) -> list[str]:
    """The words that ask for it; an open side is left out."""
    sides = zip(("--from", "--to"), window, strict=True)
    return [word for name, at in sides if abs(at) != FOREVER for word in (name, text_of(NOON + at))]


@pytest.mark.parametrize("window", [ALWAYS, *WINDOWS])
def test_whose_records_may_have_been_inside_what_was_read(store: Path, window: Interval) -> None:
    said = ask(store, "blast-radius", ["--principal", "peeking", *asked(window)])
    found = {(one["dataset"]["name"], one["key"]): one["grade"] for one in said["records"]}
    expected = {
        (named("home", number)[1], f"{nth}"): "possible"
        for number, case in enumerate(CASES)
        for nth, record in enumerate(RECORDS)
        if case.shows(record, window)
    }
    assert found == expected


@pytest.mark.parametrize(
    ("nth", "window"),
    [*((nth, ALWAYS) for nth in range(len(RECORDS))), *((nth, one) for nth in (0, 2) for one in WINDOWS)],
)
def test_who_may_have_read_a_record_that_came_by_flow(store: Path, nth: int, window: Interval) -> None:
    said = ask(store, "who-touched", ["--data-subject", f"C-{nth}", *asked(window)])
    found = [
        (one["dataset"]["name"], one["kind"], one["grade"])
        for one in said["touches"]
        if ".home" not in one["dataset"]["name"]
    ]
    expected = [
        (named("middle", number)[1], kind, "possible")
        for number, case in enumerate(CASES)
        for kind in ("access", "run")
        if case.shows(RECORDS[nth], window)
    ]
    assert sorted(found) == sorted(expected)
