"""Whose a touch or an attempt was, where a membership or a window decides by a microsecond (semantics.md, 4 and 5)."""

from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

from tests.asking import ask, store_of
from tests.oracle.model import (
    Access,
    Entry,
    Interval,
    Job,
    Name,
    Port,
    Principal,
    RunEvent,
    Vendor,
    World,
    instant,
    text_of,
)

NOON = instant("2026-03-24T12:00:00Z")
STORE = "postgres://people-db:5432"
TIMES = [(a, b) for a in range(-1, 4) for b in range(a, 4)]
MEMBER = (0, 2)  # when what follows is of the vendor
HOW = ("member", "run", "stranger in a run", "other in a run", "other in a run of theirs")
CASES = list(product(HOW, TIMES))
ALL_DAY = (NOON - 10, NOON + 10)


def named(number: int) -> Name:
    return (STORE, f"people.public.t{number}")


def run_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def vendor(how: str, at: Interval) -> str | None:
    """An access is its principal's, or else of whose run it is; a run is of whom it runs as."""
    if how.startswith("other"):
        return "tagworks"
    return "northgate" if at[0] <= MEMBER[1] and at[1] >= MEMBER[0] else None


def run(number: int, how: str, at: Interval) -> tuple[RunEvent, ...]:
    begin, end = (NOON + at[0], NOON + at[1]) if how == "run" else ALL_DAY
    inputs = (Port(named(number)),) if how == "run" else ()
    job = ("airflow", "theirs" if how.endswith("theirs") else "etl")
    return (
        RunEvent(begin, "START", run_id(number), job, inputs),
        RunEvent(end, "COMPLETE", run_id(number), job),
    )


def access(number: int, how: str, at: Interval) -> Access:
    who = how.partition(" ")[0]
    inside = run_id(number) if "run" in how else None
    return Access(f"{number}", NOON + at[0], NOON + at[1], who, "read", "success", named(number), run=inside)


def world(subject: Callable[[int], str]) -> World:
    told = list(enumerate(CASES))
    return World(
        vendors=(Vendor("northgate"), Vendor("tagworks")),
        principals=(
            Principal("member", "northgate", NOON + MEMBER[0], NOON + MEMBER[1] + 1),
            Principal("other", "tagworks"),
            Principal("stranger"),
        ),
        jobs=(Job("airflow", "etl", principal="member"), Job("airflow", "theirs", vendor="northgate")),
        run_events=tuple(one for number, (how, at) in told if "run" in how for one in run(number, how, at)),
        accesses=tuple(access(number, how, at) for number, (how, at) in told if how != "run"),
        entries=tuple(Entry(named(number), "k", subject(number), NOON - 99) for number in range(len(CASES))),
    )


def test_a_touch_is_of_the_vendor_whose_it_was_then(tmp_path: Path) -> None:
    said = ask(store_of(world(lambda _: "C"), tmp_path), "who-touched", ["--data-subject", "C"])
    found = {one["dataset"]["name"]: one["vendor"] for one in said["touches"]}
    assert found == {named(number)[1]: vendor(*case) for number, case in enumerate(CASES)}


def test_people_are_counted_by_the_vendor_whose_it_was_then(tmp_path: Path) -> None:
    seeds = ["--principal", "member", "--job", "airflow/etl", "--job", "airflow/theirs"]
    said = ask(store_of(world(lambda number: f"C-{number}"), tmp_path), "blast-radius", seeds)
    expected = Counter(vendor(*case) or "" for case in CASES)
    assert {name: one["at_most"] for name, one in said["summary"]["by_vendor"].items()} == expected


def test_an_attempt_counts_where_it_meets_the_window(tmp_path: Path) -> None:
    """By a principal, and inside a run; so do the reads of those whom no catalog knows."""
    window = (1, 2)
    refused = [
        Access(f"{who}-{at}", NOON + at[0], NOON + at[1], who, "read", "denied", named(0), run=inside)
        for who, inside in (("member", None), ("inside", run_id(0)))
        for at in TIMES
    ]
    store = store_of(
        World(
            principals=(Principal("member"), Principal("inside")),
            jobs=(Job("airflow", "etl"),),
            run_events=run(0, "stranger in a run", (0, 0)),
            accesses=(
                *refused,
                Access("read", NOON + 1, NOON + 1, "member", "read", "success", named(1)),
                *(Access(f"{at}", NOON + at[0], NOON + at[1], "nobody", "read", "success", named(1)) for at in TIMES),
            ),
            entries=(Entry(named(1), "k", "C", NOON - 99),),
        ),
        tmp_path,
    )
    asked = ["--from", text_of(NOON + window[0]), "--to", text_of(NOON + window[1])]
    said = ask(store, "blast-radius", ["--principal", "member", "--run", run_id(0), *asked])
    met = [at for at in TIMES if at[0] <= window[1] and at[1] >= window[0]]
    begun = {text_of(NOON + at[0]) for at in met}
    assert {(one["principal"], one["time"]) for one in said["attempts"]} == set(product(("member", "inside"), begun))
    assert {one["kind"]: one["count"] for one in said["caveats"]}["unknown-principal-read"] == len(met)
