"""The table of semantics.md, section 5, where a read and a record meet by a microsecond, or miss each other by one.

Every read of a few microseconds against every record of them, and two reads beside each other, which the product
weighs together.
"""

from collections.abc import Iterable
from itertools import combinations_with_replacement, product
from pathlib import Path

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import FOREVER, Access, Entry, Interval, Name, World, instant, text_of

NOON = instant("2026-03-24T12:00:00Z")
STORE = "postgres://people-db:5432"
GRADES = ("possible", "probable", "confirmed")
Read = tuple[Interval, str]  # and its outcome
READS: list[Read] = [((a, b), told) for a in range(4) for b in range(a, 4) for told in ("success", "unknown")]
RECORDS = [(a, b) for a in range(5) for b in (*range(a + 1, 5), FOREVER)]


def named(number: int) -> Name:
    return (STORE, f"people.public.t{number}")


def access(number: int, principal: str, read: Read, keys: Iterable[str] | None, nth: int = 0) -> Access:
    (start, end), outcome = read
    told = None if keys is None else tuple(keys)
    return Access(
        f"{principal}-{number}-{nth}", NOON + start, NOON + end, principal, "read", outcome, named(number), told
    )


def entry(number: int, record: Interval, subject: str) -> Entry:
    begin, end = record
    return Entry(named(number), f"{begin}-{end}", subject, NOON + begin, None if end == FOREVER else NOON + end)


def graded(read: Read, record: Interval, window: Interval, sure: str) -> str | None:
    """What the table says; ``sure`` where the exposure is certain and the record was certainly there."""
    ((began, ended), outcome), (begin, end) = read, record
    start, last = max(began, window[0]), min(ended, window[1])
    if start > last or not (begin <= last and start < end):
        return None
    certain = outcome == "success" and (start, last) == (began, ended)
    return sure if certain and begin <= start and last < end else "possible"


def best(grades: Iterable[str | None]) -> str | None:
    return max((one for one in grades if one), key=GRADES.index, default=None)


WINDOWS = [(-FOREVER, FOREVER), (1, 2), (2, 2), (-FOREVER, 1), (1, FOREVER)]
ONE_EACH = list(product(READS, RECORDS))


@pytest.fixture(scope="module")
def one_each(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In each dataset one record and a read of two principals, one of which names it."""
    world = World(
        accesses=tuple(
            access(number, who, read, ("k",) if who == "naming" else None)
            for number, (read, _) in enumerate(ONE_EACH)
            for who in ("reading", "naming")
        ),
        entries=tuple(
            Entry(named(number), "k", "C", told.valid_from, told.valid_to)
            for number, (_, record) in enumerate(ONE_EACH)
            for told in [entry(number, record, "C")]
        ),
    )
    return store_of(world, tmp_path_factory.mktemp("one-each"))


def asked(window: Interval) -> list[str]:
    return [
        word
        for name, at in zip(("--from", "--to"), window, strict=True)
        if abs(at) != FOREVER
        for word in (name, text_of(NOON + at))
    ]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("who", "sure"), [("reading", "probable"), ("naming", "confirmed")])
def test_whose_record_a_read_showed(one_each: Path, who: str, sure: str, window: Interval) -> None:
    expected = {
        named(number)[1]: grade
        for number, (read, record) in enumerate(ONE_EACH)
        if (grade := graded(read, record, window, sure))
    }
    said = ask(one_each, "blast-radius", ["--principal", who, *asked(window)])
    assert {one["dataset"]["name"]: one["grade"] for one in said["records"]} == expected


@pytest.mark.parametrize("window", WINDOWS)
def test_who_touched_a_record(one_each: Path, window: Interval) -> None:
    expected = {
        (named(number)[1], who): grade
        for number, (read, record) in enumerate(ONE_EACH)
        for who, sure in (("reading", "probable"), ("naming", "confirmed"))
        if (grade := graded(read, record, window, sure))
    }
    said = ask(one_each, "who-touched", ["--data-subject", "C", *asked(window)])
    assert {(one["dataset"]["name"], one["principal"]): one["grade"] for one in said["touches"]} == expected


def test_of_two_reads_the_stronger_counts_for_each_record(tmp_path: Path) -> None:
    pairs = list(combinations_with_replacement(READS, 2))
    keys = [f"{begin}-{end}" for begin, end in RECORDS]
    world = World(
        accesses=tuple(
            access(number, who, read, keys if who == "naming" else None, nth)
            for number, pair in enumerate(pairs)
            for nth, read in enumerate(pair)
            for who in ("reading", "naming")
        ),
        entries=tuple(entry(number, record, "C") for number in range(len(pairs)) for record in RECORDS),
    )
    store = store_of(world, tmp_path)
    for who, sure in (("reading", "probable"), ("naming", "confirmed")):
        expected = {
            (named(number)[1], f"{record[0]}-{record[1]}"): grade
            for number, pair in enumerate(pairs)
            for record in RECORDS
            if (grade := best(graded(read, record, (-FOREVER, FOREVER), sure) for read in pair))
        }
        said = ask(store, "blast-radius", ["--principal", who])
        assert {(one["dataset"]["name"], one["key"]): one["grade"] for one in said["records"]} == expected
