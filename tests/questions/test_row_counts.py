"""A logged row count that the records contradict, where they come and go by a microsecond (semantics.md, section 5)."""

import json
from itertools import product
from pathlib import Path
from random import Random

import pytest

from tests.asking import ask, ingest
from tests.oracle.model import FOREVER, Dataset, Entry, Interval, Name, World, instant, text_of
from tests.oracle.render import write_world

NOON = instant("2026-03-24T12:00:00Z")
PEOPLE: Name = ("postgres://people-db:5432", "people.public.contractors")
TIMES = [(a, b) for a in range(4) for b in range(a, 4)]
# When the record of a key was there; one of them was changed meanwhile, and one came back.
RECORDS = {
    "gone": [(-9, 2)],
    "come": [(1, FOREVER)],
    "changed": [(-9, 3), (3, FOREVER)],
    "back": [(-9, 1), (2, FOREVER)],
}


def counts(read: Interval, *, whole: bool) -> tuple[int, int]:
    """How many keys were there throughout a read, and for a part of it. ``whole``: a key that changed was there all the
    time; else each of its entries is asked by itself."""
    start, end = read
    joined = RECORDS | {"changed": [(-9, FOREVER)]} if whole else RECORDS
    least = sum(any(begin <= start and end < last for begin, last in told) for told in joined.values())
    most = sum(any(begin <= end and start < last for begin, last in told) for told in joined.values())
    return least, most


@pytest.mark.parametrize(("indexed", "whole"), list(product((True, False), repeat=2)))
def test_how_many_row_counts_no_entries_explain(tmp_path: Path, *, indexed: bool, whole: bool) -> None:
    """Only of a dataset whose entries are all told can there be too many rows."""
    world = World(
        datasets=(Dataset(*PEOPLE, ("id",), indexed=indexed),),
        entries=tuple(
            Entry(PEOPLE, key, f"C-{key}", NOON + begin, None if end == FOREVER else NOON + end, (("level", 1),))
            for key, told in RECORDS.items()
            for begin, end in told
        ),
    )
    write_world(world, tmp_path / "input", Random(1))
    asked = list(product(TIMES, range(6)))
    statement = "SELECT * FROM public.contractors" + ("" if whole else " WHERE level = 1")
    (tmp_path / "input" / "access.ndjson").write_text(
        "".join(
            json.dumps({
                "id": f"{number}", "time": text_of(NOON + start), "end_time": text_of(NOON + end), "principal": "svc",
                "operation": "read", "outcome": "success", "row_count": rows, "statement": statement,
                "dialect": "postgres", "dataset": {"namespace": PEOPLE[0], "name": PEOPLE[1]},
            }) + "\n"
            for number, ((start, end), rows) in enumerate(asked)
        )
    )  # fmt: skip
    ingest(tmp_path / "store", [tmp_path / "input"])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    expected = 0
    for read, rows in asked:
        least, most = counts(read, whole=whole)
        expected += rows < least or (indexed and rows > most)
    assert {one["kind"]: one["count"] for one in said["caveats"]}["row-count-mismatch"] == expected
