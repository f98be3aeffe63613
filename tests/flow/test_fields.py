"""Which categories of a person a read showed, by the fields that it names (semantics.md, section 5, categories)."""

from pathlib import Path

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import Access, ColumnEdge, Dataset, Entry, Name, Port, RunEvent, World, instant

NOON = instant("2026-03-24T12:00:00Z")
HOUR = 3600 * 1_000_000
STORE = "postgres://people-db:5432"


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


HOME = named("home")
OUTPUTS = (
    Port(named("copy"), columns=(ColumnEdge("Account", HOME, "iban"),)),
    Port(named("stated"), columns=(ColumnEdge("x", named("far"), "y"),), sources=(named("far"),)),
    Port(named("index"), sources=(HOME,)),
)
# Who read which fields of what, and which categories of the person that showed; None: the person was not in it.
READS: dict[str, tuple[str, tuple[str, ...], list[str] | None]] = {
    "direct": ("home", ("iban",), ["BankAccount"]),
    "loud": ("home", ("FULL_NAME",), ["Name"]),
    "copying": ("copy", ("ACCOUNT",), ["BankAccount"]),
    "elsewhere": ("copy", ("other",), []),
    "counting": ("copy", (), []),
    "stated": ("stated", ("x",), None),
    "indexed": ("index", ("iban",), None),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = World(
        datasets=(
            Dataset(*HOME, fields=(("IBAN", ("BankAccount",)), ("full_name", ("Name",)))),
            Dataset(*named("index"), indexed=True),
        ),
        run_events=tuple(
            RunEvent(
                NOON + hour * HOUR, kind, f"{number:08d}-0000-4000-8000-000000000000", ("airflow", "copying"),
                (Port(HOME), Port(named("far"))), (output,),
            )
            for number, output in enumerate(OUTPUTS)
            for hour, kind in enumerate(("START", "COMPLETE"))
        ),
        accesses=tuple(
            Access(who, NOON + 2 * HOUR, NOON + 2 * HOUR, who, "read", "success", named(dataset), fields=fields)
            for who, (dataset, fields, _) in READS.items()
        ),
        entries=(Entry(HOME, "k", "C", NOON - HOUR),),
    )  # fmt: skip
    return store_of(world, tmp_path_factory.mktemp("fields"))


def test_who_touched_a_person_shows_what_of_it(store: Path) -> None:
    said = ask(store, "who-touched", ["--data-subject", "C"])
    found = {one["principal"]: one["categories"] for one in said["touches"] if one["kind"] == "access"}
    assert found == {who: shown for who, (_, _, shown) in READS.items() if shown is not None}


@pytest.mark.parametrize("who", READS)
def test_what_of_a_person_a_read_showed(store: Path, who: str) -> None:
    said = ask(store, "blast-radius", ["--principal", who])
    shown = READS[who][2]
    assert [one["categories"] for one in said["data_subjects"]] == ([] if shown is None else [shown])
