"""Who is compromised, and when (semantics.md, section 4), where a window, a membership or a cut decides by a
microsecond or by one rule of several."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import (
    Access,
    Dataset,
    Entry,
    Job,
    Name,
    Port,
    Principal,
    RunEvent,
    Snapshot,
    Vendor,
    World,
    instant,
    text_of,
)

NOON = instant("2026-03-24T12:00:00Z")
HOUR = 3600 * 1_000_000
STORE = "postgres://people-db:5432"
READER, SWAPPED, HOST, *FAMILY = (f"00000000-0000-4000-8000-{number:012d}" for number in range(8))
PARENT, CHILD, GRANDCHILD, LAST, STRANGER = FAMILY


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


def access(who: str, at: Sequence[int], operation: str, dataset: str) -> Access:
    told = f"{who}-{at[0]}-{dataset}"
    return Access(told, NOON + at[0], NOON + at[-1], who, operation, "success", named(dataset))


def begun(run: str, job: str, parent: tuple[str, Name] | None = None) -> RunEvent:
    return RunEvent(NOON, "START", run, ("airflow", job), parent=parent)


def holding(hour: int, patch: int) -> Snapshot:
    return Snapshot("host", NOON + hour * HOUR, (f"pkg:pypi/litellm@1.82.{patch}",))


WORLD = World(
    vendors=(Vendor("northgate"),),
    principals=(
        Principal("member", "northgate", NOON, NOON + 2),
        Principal("gap", "northgate", NOON, NOON + 2),
        Principal("gap", "northgate", NOON + 3, NOON + 9),
        Principal("no_gap", "northgate", NOON, NOON + 2),
        Principal("no_gap", "northgate", NOON + 2, NOON + 9),
        Principal("svc_host", rotated_at=(NOON + 3 * HOUR, NOON + 9 * HOUR), aliases=("role/host",)),
    ),
    jobs=(Job("airflow", "hosted", principal="role/host", environment="host"), Job("airflow", "*")),
    datasets=(Dataset(STORE, "*", write_mode="append"),),
    run_events=(
        RunEvent(NOON + 4, "START", READER, ("airflow", "reading"), (Port(named("written")),)),
        RunEvent(NOON + 5, "COMPLETE", READER, ("airflow", "reading")),
        RunEvent(NOON + 9, "START", SWAPPED, ("airflow", "swapped"), (Port(named("swapped")),)),
        RunEvent(NOON + 4, "COMPLETE", SWAPPED, ("airflow", "swapped")),
        RunEvent(NOON - HOUR, "START", HOST, ("airflow", "hosted")),
        RunEvent(NOON + 8 * HOUR, "COMPLETE", HOST, ("airflow", "hosted")),
        begun(CHILD, "child", (PARENT, ("airflow", "parent"))),
        begun(GRANDCHILD, "grandchild", (CHILD, ("airflow", "also child"))),
        begun(LAST, "last", (GRANDCHILD, ("airflow", "grandchild"))),
        begun(STRANGER, "stranger"),
    ),
    accesses=(
        access("member", (1,), "create", "written"),
        access("outsider", (1,), "create", "ours"),
        *(access("member", (at,), "read", f"by{at}") for at in (1, 2)),
        *(access(who, (1, 3), "read", who) for who in ("gap", "no_gap")),
        access("svc_host", (8 * HOUR,), "read", "taken"),
    ),
    entries=tuple(
        Entry(named(name), "k", f"C-{name}", NOON - HOUR)
        for name in ("by1", "by2", "gap", "no_gap", "swapped", "taken")
    ),
    # The package was there twice, and surely not between.
    snapshots=(holding(-2, 6), holding(0, 7), holding(1, 6), holding(5, 6), holding(6, 7), holding(7, 6)),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(WORLD, tmp_path_factory.mktemp("seeds"))


def asked(store: Path, *words: str, start: int | None = None, end: int | None = None) -> dict[str, Any]:
    for name, at in (("--from", start), ("--to", end)):
        words += () if at is None else (name, text_of(NOON + at))
    return ask(store, "blast-radius", words)


def people(said: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["grade"] for one in said["data_subjects"]}


def contaminated(said: dict[str, Any]) -> dict[str, str]:
    states = {one["name"]: one["contaminated"] for one in said["datasets"]}
    states |= {one["run_id"]: one["contaminated"] for one in said["runs"]}
    return {name: state for name, state in states.items() if state}


@pytest.mark.parametrize("seed", [("--principal", "member"), ("--dataset", f"{STORE}/people.public.written")])
def test_a_write_at_the_very_window_is_compromised(store: Path, seed: tuple[str, str]) -> None:
    everything = {named("written")[1]: "certain", READER: "certain"}
    assert contaminated(asked(store, *seed, start=1, end=1)) == everything
    assert contaminated(asked(store, *seed, end=0)) == {}


def test_a_vendor_cuts_a_dataset_to_what_its_principals_wrote_while_they_were_its(store: Path) -> None:
    def written(name: str) -> set[str]:
        said = asked(store, "--dataset", f"{STORE}/people.public.{name}", "--within-vendor", "northgate")
        return set(contaminated(said))

    assert written("written") == {named("written")[1], READER}
    assert written("ours") == set()


def test_a_vendor_cuts_a_principal_to_the_time_in_which_it_was_its(store: Path) -> None:
    assert people(asked(store, "--principal", "member")) == {"C-by1": "probable", "C-by2": "probable"}
    cut = asked(store, "--principal", "member", "--within-vendor", "northgate")
    assert people(cut) == {"C-by1": "probable"}


def test_memberships_unite_where_nothing_lies_between(store: Path) -> None:
    """Both were read from the one membership into the next; one of them had a microsecond between."""
    said = people(asked(store, "--vendor", "northgate"))
    assert (said["C-no_gap"], said["C-gap"]) == ("probable", "possible")


def test_a_credential_holds_until_the_rotation_after_the_last_time_at_which_it_was_known(store: Path) -> None:
    """The package came again after the first rotation."""
    assert people(asked(store, "--package", "pkg:pypi/litellm@1.82.7")) == {"C-taken": "possible"}
    assert people(asked(store, "--package", "pkg:pypi/litellm@1.82.7", end=2 * HOUR)) == {}


def test_a_run_that_ended_before_it_began_says_so(store: Path) -> None:
    said = asked(store, "--run", SWAPPED, start=5, end=8)
    (person,) = said["data_subjects"]
    assert (person["id"], person["grade"], person["because"]) == ("C-swapped", "possible", "run-out-of-order")
    assert [one["compromised"] for one in said["runs"]] == ["possible"]


@pytest.mark.parametrize(
    ("job", "runs"),
    [
        ("parent", {CHILD, GRANDCHILD, LAST}),
        ("child", {CHILD, GRANDCHILD, LAST}),
        ("also child", {GRANDCHILD, LAST}),
        ("grandchild", {GRANDCHILD, LAST}),
    ],
)
def test_a_job_takes_the_runs_below_it_along_by_whatever_name(store: Path, job: str, runs: set[str]) -> None:
    said = asked(store, "--job", f"airflow/{job}")
    assert {one["run_id"] for one in said["runs"] if one["compromised"]} == runs
