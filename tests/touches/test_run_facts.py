"""What the events of runs and datasets come to (semantics.md, section 2), each on the least world that shows it."""

from pathlib import Path

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import Access, Dataset, DatasetEvent, Entry, Name, Port, RunEvent, World, instant

NOON = instant("2026-03-24T12:00:00Z")
HOUR = 3600 * 1_000_000
STORE = "postgres://people-db:5432"
WRITER, BETWEEN, READER = (f"00000000-0000-4000-8000-{number:012d}" for number in range(3))


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


MIDDLE = named("middle")


def run(ident: str, hour: int, reads: str, *told: Port | None, sql: str | None = None) -> tuple[RunEvent, ...]:
    """Half an hour from then on; what its START and its COMPLETE tell of what it wrote."""
    return tuple(
        RunEvent(
            NOON + hour * HOUR + nth * HOUR // 2, kind, ident, ("airflow", ident),
            (Port(named(reads)),), (port,) if port else (), sql=sql,
        )
        for nth, (kind, port) in enumerate(zip(("START", "COMPLETE"), told, strict=True))
    )  # fmt: skip


def world(*events: RunEvent, mode: str = "unknown", datasets: tuple[DatasetEvent, ...] = ()) -> World:
    """Somebody writes what was at home, and later somebody reads it."""
    return World(
        datasets=(Dataset(*MIDDLE, write_mode=mode),),
        run_events=(
            *run(WRITER, 0, "home", Port(MIDDLE), None),
            *events,
            *run(READER, 4, "middle", None, None),
        ),
        dataset_events=datasets,
        accesses=(Access("peeking", NOON + 6 * HOUR, NOON + 6 * HOUR, "peeking", "read", "success", MIDDLE),),
        entries=(Entry(named("home"), "k", "C", NOON - HOUR),),
    )


@pytest.mark.parametrize(
    ("told", "mode", "sql", "replaces"),
    [
        *(((Port(MIDDLE, kind), None), "unknown", None, True) for kind in ("CREATE", "OVERWRITE", "TRUNCATE", "DROP")),
        ((None, Port(MIDDLE, "OVERWRITE")), "unknown", None, True),
        ((Port(MIDDLE, "OVERWRITE"), Port(MIDDLE)), "append", None, True),
        ((Port(MIDDLE, "OVERWRITE", partial=True), Port(MIDDLE, "OVERWRITE")), "unknown", None, False),
        ((Port(MIDDLE, "OVERWRITE"), Port(MIDDLE, partial=True)), "overwrite", None, False),
        ((Port(MIDDLE), None), "overwrite", None, True),
        ((Port(MIDDLE), None), "append", None, False),
        ((Port(MIDDLE), None), "unknown", None, False),
        ((Port(MIDDLE), None), "overwrite", "INSERT INTO people.public.middle SELECT 1", False),
        ((Port(MIDDLE), None), "append", "CREATE TABLE people.public.middle AS SELECT 1", True),
    ],
)
def test_what_a_run_replaces_surely_hides_what_was_there(
    tmp_path: Path, told: tuple[Port | None, Port | None], mode: str, sql: str | None, replaces: bool
) -> None:
    """Replaced in part it is not, whatever else says so; and its own events come before the catalog."""
    store = store_of(world(*run(BETWEEN, 2, "other", *told, sql=sql), mode=mode), tmp_path)
    said = ask(store, "blast-radius", ["--principal", "peeking"])
    assert [one["id"] for one in said["data_subjects"]] == ([] if replaces else ["C"])


@pytest.mark.parametrize(
    ("change", "state"),
    [("TRUNCATE", "possible"), ("DROP", "possible"), ("OVERWRITE", "possible"), ("CREATE", "certain")],
)
def test_what_a_dataset_event_replaces_is_not_sure(tmp_path: Path, change: str, state: str) -> None:
    """It stands in the way of what is certain, and hides nothing."""
    changed = DatasetEvent(NOON + 2 * HOUR, Port(MIDDLE, change))
    store = store_of(world(mode="append", datasets=(changed,)), tmp_path)
    said = ask(store, "blast-radius", ["--run", WRITER])
    assert {one["run_id"]: one["contaminated"] for one in said["runs"]}[READER] == state
    assert [one["id"] for one in ask(store, "blast-radius", ["--principal", "peeking"])["data_subjects"]] == ["C"]


@pytest.mark.parametrize(("kind", "grade"), [("COMPLETE", "probable"), ("FAIL", "possible"), ("ABORT", "possible")])
def test_at_one_instant_what_failed_wins(tmp_path: Path, kind: str, grade: str) -> None:
    ended = RunEvent(NOON + HOUR // 2, kind, WRITER, ("airflow", WRITER))
    said = ask(store_of(world(ended), tmp_path), "blast-radius", ["--run", WRITER])
    assert [(one["id"], one["grade"]) for one in said["data_subjects"]] == [("C", grade)]
