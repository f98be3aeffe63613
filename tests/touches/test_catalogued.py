"""What the catalog and the entries say of names, keys and times, each on the least world that shows it."""

from pathlib import Path

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import (
    Access,
    Dataset,
    Entry,
    Environment,
    Job,
    Name,
    Principal,
    RunEvent,
    Snapshot,
    World,
    instant,
)

NOON = instant("2026-03-24T12:00:00Z")
HOUR = 3600 * 1_000_000
STORE = "postgres://people-db:5432"
RUN, JOB = "00000000-0000-4000-8000-000000000001", ("airflow", "etl")


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


def read(who: str, dataset: str, statement: str | None = None, at: int = 0) -> Access:
    return Access(who, NOON + at, NOON + at, who, "read", "success", named(dataset), statement=statement)


def people(store: Path, who: str) -> dict[str, str]:
    return {one["id"]: one["grade"] for one in ask(store, "blast-radius", ["--principal", who])["data_subjects"]}


def test_of_several_entries_the_first_that_matches_holds(tmp_path: Path) -> None:
    def told(name: str, category: str) -> Dataset:
        return Dataset(STORE, name, fields=(("iban", (category,)),))

    world = World(
        datasets=(told("people.public.*", "Name"), told("people.*.t", "BankAccount"), told("*", "Address")),
        accesses=(read("svc", "t"),),
        entries=(Entry(named("t"), "k", "C", NOON - HOUR),),
    )
    (said,) = ask(store_of(world, tmp_path), "blast-radius", ["--principal", "svc"])["data_subjects"]
    assert said["categories"] == ["Name"]


def test_an_alias_stands_for_its_principal_among_the_secrets_of_an_environment(tmp_path: Path) -> None:
    world = World(
        principals=(Principal("backup", aliases=("role/backup",)),),
        jobs=(Job(*JOB, environment="workers"),),
        environments=(Environment("workers", ("role/backup",)),),
        run_events=(RunEvent(NOON, "START", RUN, JOB), RunEvent(NOON + HOUR, "COMPLETE", RUN, JOB)),
        snapshots=(Snapshot("workers", NOON, ("pkg:pypi/litellm@1.82.8",)),),
        accesses=(read("backup", "t", at=2 * HOUR),),
        entries=(Entry(named("t"), "k", "C", NOON - HOUR),),
    )
    said = ask(store_of(world, tmp_path), "blast-radius", ["--package", "pkg:pypi/litellm@1.82.8"])
    assert [(one["id"], one["because"]) for one in said["data_subjects"]] == [("C", "credential")]


@pytest.mark.parametrize(
    ("key", "grades"),
    [
        (("id",), {"C-k": "confirmed"}),
        (("id", "day"), {"C-k": "probable", "C-l": "probable"}),
    ],
)
def test_a_key_of_several_fields_is_the_value_of_none(
    tmp_path: Path, key: tuple[str, ...], grades: dict[str, str]
) -> None:
    world = World(
        datasets=(Dataset(*named("t"), key),),
        accesses=(read("svc", "t", "SELECT * FROM public.t WHERE id = 'k'"),),
        entries=tuple(Entry(named("t"), key, f"C-{key}", NOON - HOUR) for key in ("k", "l")),
    )
    assert people(store_of(world, tmp_path), "svc") == grades


@pytest.mark.parametrize(
    ("ends", "last"),
    [((2,), {"C": "confirmed"}), ((1, 2), {"C": "probable"})],
)
def test_a_join_is_asked_of_the_entries_that_are_there_at_its_very_time(
    tmp_path: Path, ends: tuple[int, ...], last: dict[str, str]
) -> None:
    """The row that it needs comes at noon, and goes two microseconds later, or one, as somebody else tells."""
    statement = "SELECT t.id FROM public.t JOIN public.other o ON o.id = t.id"
    held = (("id", "k"),)
    world = World(
        datasets=tuple(Dataset(*named(name), ("id",), indexed=True) for name in ("t", "other")),
        accesses=tuple(read(f"svc{at}", "t", statement, at) for at in range(-1, 3)),
        entries=(
            Entry(named("t"), "k", "C", NOON - HOUR, None, held),
            *(Entry(named("other"), "k", "", NOON, NOON + end, held) for end in ends),
        ),
    )
    store = store_of(world, tmp_path)
    assert [people(store, f"svc{at}") for at in range(-1, 3)] == [{}, {"C": "confirmed"}, last, {}]
