"""How long a source may be silent, and which of several tells of reads (semantics.md, section 6, coverage)."""

from pathlib import Path

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import Access, Dataset, Entry, Name, Port, RunEvent, Source, World, instant, text_of

NOON = instant("2026-03-24T12:00:00Z")
HOUR = 3600 * 1_000_000
STORE = "postgres://people-db:5432"
RUN, JOB = "00000000-0000-4000-8000-000000000001", ("airflow", "etl")


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


IBAN = (("iban", ("BankAccount",)),)
# Both sources are heard of at noon and an hour later; one of them does not tell of reads.
WORLD = World(
    datasets=(
        Dataset(*named("told"), observed_by=("own", "runs")),
        Dataset(*named("unread"), observed_by=("runs",)),
        Dataset(*named("untouched"), fields=IBAN, observed_by=("own",)),
        Dataset(*named("without"), observed_by=("own",)),
    ),
    sources=(Source("own", "access", HOUR), Source("runs", "openlineage", HOUR, observes=("create",))),
    accesses=tuple(
        Access(f"{name}-{hour}", NOON + hour * HOUR, NOON + hour * HOUR, "svc", "read", "success", named(name))
        for name in ("told", "unread", "without")
        for hour in (0, 1)
    ),
    run_events=(
        RunEvent(NOON, "START", RUN, JOB, (), (Port(named("other")),)),
        RunEvent(NOON + HOUR, "COMPLETE", RUN, JOB),
    ),
    entries=tuple(Entry(named(name), "k", "C", NOON - HOUR) for name in ("told", "unread")),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(WORLD, tmp_path_factory.mktemp("silence"))


def states(store: Path, start: int, end: int) -> dict[str, str]:
    window = ["--from", text_of(NOON + start), "--to", text_of(NOON + end)]
    said = ask(store, "blast-radius", ["--principal", "svc", *window])["coverage"]
    return {one["dataset"]["name"].rpartition(".")[2]: one["state"] for one in said}


def test_who_was_heard_of_often_enough_was_watching(store: Path) -> None:
    """One source that tells of reads is enough; only of what was touched need entries tell."""
    assert states(store, -HOUR, 2 * HOUR) == {
        "told": "observed",
        "unread": "not-observable",
        "untouched": "observed",
        "without": "no-entries",
    }


@pytest.mark.parametrize(("start", "end"), [(-HOUR - 1, HOUR), (0, 2 * HOUR + 1)])
def test_a_microsecond_more_is_a_silence(store: Path, start: int, end: int) -> None:
    assert set(states(store, start, end).values()) == {"silent"}
