"""Readings of semantics.md where the page leaves one open, each on the least world that shows it.

The product and the oracle say the same of each; the oracle alone would agree with whatever it is told.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, store_of
from tests.oracle.model import (
    DAY,
    Access,
    ColumnEdge,
    Dataset,
    Entry,
    Environment,
    Job,
    Name,
    Port,
    Principal,
    RunEvent,
    Snapshot,
    Vendor,
    World,
    instant,
)
from tests.oracle.questions import parsed
from tests.oracle.reduced import reduced, settled
from tests.oracle.semantics import Oracle

NOON = instant("2026-03-24T12:00:00Z")
HOUR = DAY // 24
STORE = "postgres://people-db:5432"


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


def run(number: int, job: str, read: str, written: Port | None = None, *, ends: bool = True) -> tuple[RunEvent, ...]:
    """A run from noon to one, or without an end."""
    ports = {"inputs": (Port(named(read)),), "outputs": (written,) if written else ()}
    told = RunEvent(NOON, "START", run_id(number), ("airflow", job), **ports)  # type: ignore[arg-type]
    return (told, RunEvent(NOON + HOUR, "COMPLETE", told.run, told.job)) if ends else (told,)


def run_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


FULL_NAME = (("full_name", ("Name",)), ("iban", ("BankAccount",)))
FROM_VIEW = Port(named("copy"), columns=(ColumnEdge("full_name", named("view"), "anything"),))
OF_VIEW_STATED = Port(named("stated"), sources=(named("view"),))
WORLD = World(
    vendors=(Vendor("northgate"), Vendor("brightdesk")),
    principals=(
        Principal("svc_moves", "northgate", NOON - DAY, NOON + 500_000),
        Principal("svc_moves", "brightdesk", NOON + 500_000, NOON + DAY),
        Principal("svc_astray"),
    ),
    jobs=(Job("airflow", "*"),),
    datasets=(
        *(Dataset(*named(name), ("record_id",), fields=FULL_NAME) for name in ("base", "copy", "stated", "told")),
        Dataset(*named("view"), view_of=("people.public.base",)),
        Dataset(*named("deeper"), view_of=("people.public.view",)),
    ),
    run_events=(
        *run(1, "open", "base", ends=False),
        *run(2, "viewing", "deeper"),
        *run(3, "copying", "view", FROM_VIEW),
        *run(4, "stating", "base", OF_VIEW_STATED),
        *run(5, "late", "copy"),
        *run(6, "later", "stated"),
        *run(7, "astray", "told"),
    ),
    accesses=(
        Access("across", NOON, NOON + 999_999, "svc_moves", "read", "success", named("base")),
        Access("before", NOON - HOUR, NOON - HOUR, "svc_astray", "update", "success", named("told"), run=run_id(7)),
        Access(
            "number", NOON, NOON, "svc_astray", "read", "success", named("told"),
            statement="SELECT record_id, full_name, iban FROM public.told WHERE level = 3",
        ),
    ),
    entries=(
        Entry(named("base"), "b-1", "C-BASE", NOON - DAY),
        Entry(named("told"), "t-1", "C-TOLD", NOON - DAY, NOON + DAY, (("record_id", "t-1"), ("level", 3.0))),
        Entry(named("told"), "t-1", "C-TOLD", NOON - DAY, NOON + DAY, (("record_id", "t-1"), ("level", 3))),
        Entry(named("told"), "t-1", "C-TOLD", NOON - DAY, NOON + 2 * DAY, (("record_id", "t-1"),)),
        Entry(named("told"), "t-2", "", NOON - DAY, None, (("record_id", "t-2"), ("level", 4.0))),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(WORLD, tmp_path_factory.mktemp("readings"))


def both(store: Path, question: str, *arguments: str, world: World = WORLD) -> dict[str, Any]:
    """What the product says, after the oracle was seen to say the same."""
    said = reduced(ask(store, question, arguments))
    expected = settled(Oracle(world).ask(parsed(question, arguments)), said)
    assert {part: said[part] for part in expected} == expected
    return expected


def test_what_an_open_run_read_is_possible_and_never_without_a_state(store: Path) -> None:
    assert both(store, "blast-radius", "--job", "airflow/open")["exposed"] == {"people.public.base": "possible"}


def test_a_view_holds_nothing_and_its_bases_however_deep_are_what_was_read(store: Path) -> None:
    said = both(store, "blast-radius", "--job", "airflow/viewing")
    assert said["exposed"] == {"people.public.base": "certain"}
    assert said["data_subjects"] == {"C-BASE": "probable"}


def test_from_a_view_all_categories_of_its_bases_pass(store: Path) -> None:
    said = both(store, "blast-radius", "--job", "airflow/late")
    assert said["categories"] == {"C-BASE": ["BankAccount", "Name"]}


def test_a_stated_edge_from_a_view_is_one_from_its_bases(store: Path) -> None:
    assert both(store, "blast-radius", "--job", "airflow/later")["data_subjects"] == {"C-BASE": "possible"}


def test_runs_side_by_side_are_touches_of_their_own(store: Path) -> None:
    touches = both(store, "who-touched", "--data-subject", "C-BASE")["touches"]
    assert {run_id(number) for number in range(1, 7)} == {one["run_id"] for one in touches if one["kind"] == "run"}


def test_an_access_counts_for_the_run_that_it_names_even_outside_its_time(store: Path) -> None:
    said = both(store, "blast-radius", "--run", run_id(7), "--from", "2026-03-24T10:00:00Z")
    assert said["altered"] == {"C-TOLD": "probable"}
    assert said["contaminated_datasets"] == {"people.public.told": "certain"}


def test_an_access_across_two_memberships_lies_inside_both_together(store: Path) -> None:
    said = both(store, "blast-radius", "--vendor", "northgate", "--vendor", "brightdesk")
    assert said["data_subjects"] == {"C-BASE": "probable"}
    alone = both(store, "blast-radius", "--vendor", "northgate")
    assert alone["data_subjects"] == {"C-BASE": "possible"}


def test_an_access_of_a_run_lies_inside_two_memberships_of_which_the_run_met_one(tmp_path: Path) -> None:
    """They touch, and what named the run came after it had ended."""
    world = World(
        vendors=(Vendor("northgate"), Vendor("tagworks", "northgate"), Vendor("brightdesk", "northgate")),
        principals=(
            Principal("svc", "tagworks", None, NOON + 2 * HOUR),
            Principal("svc", "brightdesk", NOON + 2 * HOUR),
        ),
        jobs=(Job("airflow", "*", principal="svc"),),
        datasets=tuple(Dataset(*named(name)) for name in ("base", "other")),
        run_events=run(1, "any", "base"),
        accesses=(
            Access("late", NOON + 2 * HOUR, NOON + 2 * HOUR, "ours", "read", "success", named("other"), run=run_id(1)),
        ),
        entries=(Entry(named("other"), "x-1", "C-OTHER", NOON - DAY),),
    )
    store = store_of(world, tmp_path)
    for seed in (("--vendor", "northgate"), ("--run", run_id(1), "--within-vendor", "northgate")):
        said = both(store, "blast-radius", *seed, world=world)
        assert said["data_subjects"] == {"C-OTHER": "probable"}
    assert not both(store, "blast-radius", "--vendor", "tagworks", world=world)["data_subjects"]


def test_a_number_told_in_two_ways_or_left_out_once_is_held(store: Path) -> None:
    said = both(store, "blast-radius", "--principal", "svc_astray")
    assert said["records"] == {"people.public.told|t-1": "confirmed"}


def test_a_seed_that_names_a_view_means_its_bases(store: Path) -> None:
    assert both(store, "blast-radius", "--exposed-dataset", f"{STORE}/people.public.deeper")["exposed"] == {
        "people.public.base": "possible"
    }


STRANGE = World(
    jobs=(Job("airflow", "unstarted", environment="workers"), Job("airflow", "*")),
    environments=(Environment("workers"),),
    snapshots=(Snapshot("workers", NOON, ("pkg:pypi/litellm@1.82.7",)),),
    datasets=tuple(
        Dataset(*named(name), ("record_id",), fields=FULL_NAME) for name in ("base", "copy", "old", "moved", "other")
    ),
    run_events=(
        *run(1, "copying", "base", Port(named("copy"))),
        *run(2, "moving", "other", Port(named("moved"), "RENAME", named("old"))),
        *run(3, "reading", "moved"),
        RunEvent(NOON, "COMPLETE", run_id(4), ("airflow", "unstarted")),
    ),
    accesses=(
        Access("none", NOON + 2 * HOUR, NOON + 2 * HOUR, "stranger", "read", "success", named("copy"), fields=()),
        Access("inside", NOON, NOON, "stranger", "read", "success", named("other"), run=run_id(4)),
        Access("loud", NOON, NOON, "loud", "read", "success", named("other"), fields=("Full_Name",)),
    ),
    entries=(
        Entry(named("base"), "b-1", "C-BASE", NOON - DAY),
        Entry(named("old"), "o-1", "C-OLD", NOON - DAY),
        Entry(named("other"), "x-1", "C-OTHER", NOON - DAY),
    ),
)


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(STRANGE, tmp_path_factory.mktemp("strange"))


def test_who_read_no_field_saw_no_category_of_what_flowed_there(strange: Path) -> None:
    touches = both(strange, "who-touched", "--data-subject", "C-BASE", world=STRANGE)["touches"]
    assert {(one["kind"], tuple(one["categories"])) for one in touches} == {
        ("run", ("BankAccount", "Name")),
        ("access", ()),
    }


def test_a_field_has_its_categories_in_whatever_case_a_log_writes_it(strange: Path) -> None:
    said = both(strange, "blast-radius", "--principal", "loud", world=STRANGE)
    assert said["categories"] == {"C-OTHER": ["Name"]}


def test_content_comes_into_a_field_in_whatever_case_lineage_writes_it(tmp_path: Path) -> None:
    columns = (ColumnEdge("FULL_NAME", named("base"), "Full_Name"), ColumnEdge("iban", named("base"), "IBAN", True))
    world = World(
        datasets=tuple(Dataset(*named(name), fields=FULL_NAME) for name in ("base", "copy")),
        run_events=run(1, "copying", "base", Port(named("copy"), columns=columns)),
        accesses=(
            Access("loud", NOON + HOUR, NOON + HOUR, "loud", "read", "success", named("copy"), fields=("FULL_NAME",)),
        ),
        entries=(Entry(named("base"), "b-1", "C-BASE", NOON - DAY),),
    )
    store = store_of(world, tmp_path)
    said = both(store, "blast-radius", "--principal", "loud", world=world)
    assert said["categories"] == {"C-BASE": ["Name"]}
    touches = both(store, "who-touched", "--data-subject", "C-BASE", world=world)["touches"]
    assert [one["categories"] for one in touches if one["kind"] == "access"] == [["Name"]]


def test_what_lineage_says_of_an_output_holds_under_the_name_that_it_says_it_of(tmp_path: Path) -> None:
    """What a run writes under another name of the dataset has no edges stated."""
    mirror = Port(("s3://mirror", "copy"), symlinks=(named("copy"),))
    masked = (ColumnEdge("full_name", named("base"), "full_name", True),)
    begun, ended = run(1, "copying", "base")
    read = Access("read", NOON + 2 * HOUR, NOON + 2 * HOUR, "svc", "read", "success", named("copy"))
    for number, told in enumerate((Port(named("copy"), sources=()), Port(named("copy"), columns=masked))):
        world = World(
            datasets=tuple(Dataset(*named(name), fields=FULL_NAME) for name in ("base", "copy")),
            run_events=(begun, replace(ended, outputs=(told, mirror))),
            accesses=(read,),
            entries=(Entry(named("base"), "b-1", "C-BASE", NOON - DAY),),
        )
        store = store_of(world, tmp_path / str(number))
        said = both(store, "blast-radius", "--principal", "svc", world=world)
        assert said["categories"] == {"C-BASE": ["BankAccount", "Name"]}
        touches = both(store, "who-touched", "--data-subject", "C-BASE", world=world)["touches"]
        assert [one["categories"] for one in touches] == [["BankAccount", "Name"]] * 2


def test_a_rename_that_a_run_tells_of_carries_the_content_over(strange: Path) -> None:
    said = both(strange, "blast-radius", "--job", "airflow/reading", world=STRANGE)
    assert said["data_subjects"] == {"C-OLD": "possible", "C-OTHER": "possible"}
    moving = both(strange, "blast-radius", "--job", "airflow/moving", world=STRANGE)
    assert moving["data_subjects"] == {"C-OTHER": "probable"}


def test_an_access_of_a_run_is_known_by_its_own_time_whenever_the_run_began(strange: Path) -> None:
    """More snapshots would tell more of it; the lost START would not."""
    said = both(strange, "blast-radius", "--package", "pkg:pypi/litellm@1.82.7", world=STRANGE)
    assert said["because"] == {"C-OTHER": "uncertain-presence"}


ROTATED = World(
    jobs=(Job("airflow", "*", principal="svc"),),
    principals=(Principal("svc", rotated_at=(NOON + 2 * HOUR,)),),
    datasets=tuple(Dataset(*named(name), ("record_id",), fields=FULL_NAME) for name in ("base", "early", "between")),
    run_events=(
        *run(1, "nightly", "base"),
        RunEvent(NOON + 4 * HOUR, "START", run_id(2), ("airflow", "nightly")),
        RunEvent(NOON + 5 * HOUR, "COMPLETE", run_id(2), ("airflow", "nightly")),
    ),
    accesses=(
        Access("early", NOON + 2 * HOUR, NOON + 2 * HOUR, "svc", "read", "success", named("early")),
        Access("between", NOON + 3 * HOUR, NOON + 3 * HOUR, "svc", "read", "success", named("between")),
        Access("late", NOON + 6 * HOUR, NOON + 6 * HOUR, "svc", "update", "success", named("between")),
    ),
)


def test_what_one_run_stole_is_worth_nothing_after_the_rotation_until_another_steals_again(tmp_path: Path) -> None:
    store = store_of(ROTATED, tmp_path)
    said = both(store, "blast-radius", "--job", "airflow/nightly", world=ROTATED)
    assert said["exposed"] == {"people.public.base": "certain", "people.public.early": "possible"}
    assert said["contaminated_datasets"] == {"people.public.between": "possible"}


BETWEEN_WRITES = World(
    jobs=(Job("airflow", "*"),),
    datasets=tuple(Dataset(*named(name), ("record_id",), fields=FULL_NAME) for name in ("base", "copy", "twice")),
    run_events=(
        *run(1, "tainting", "twice", Port(named("base"))),
        RunEvent(NOON + 2 * HOUR, "START", run_id(2), ("airflow", "around"), outputs=(Port(named("base")),)),
        RunEvent(NOON + 4 * HOUR, "COMPLETE", run_id(2), ("airflow", "around")),
        RunEvent(
            NOON + 2 * HOUR, "START", run_id(3), ("airflow", "again"), inputs=(Port(named("other")),),
            outputs=(Port(named("other"), symlinks=(named("another"),)), Port(named("another")), Port(named("twice"))),
        ),
        RunEvent(NOON + 4 * HOUR, "COMPLETE", run_id(3), ("airflow", "again")),
        *run(4, "spoiling", "copy", Port(named("other"))),
    ),
    accesses=(
        Access(
            "inside", NOON + 3 * HOUR, NOON + 3 * HOUR, "svc", "create", "success", named("copy"), run=run_id(2),
            statement="INSERT INTO public.copy (record_id) SELECT record_id FROM public.base",
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def between(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(BETWEEN_WRITES, tmp_path_factory.mktemp("between"))


def test_what_a_run_writes_stands_in_the_way_of_a_statement_inside_it(between: Path) -> None:
    said = both(between, "blast-radius", "--run", run_id(1), world=BETWEEN_WRITES)
    assert said["contaminated_datasets"] == {"people.public.base": "certain", "people.public.copy": "possible"}


def test_a_run_that_writes_what_it_reads_under_two_names_is_in_its_own_way_under_neither(between: Path) -> None:
    said = both(between, "blast-radius", "--run", run_id(4), world=BETWEEN_WRITES)
    assert said["contaminated_runs"][run_id(3)] == "certain"
    assert said["contaminated_datasets"]["people.public.twice"] == "certain"


def test_an_alias_stands_for_its_principal_in_the_catalog_too(tmp_path: Path) -> None:
    world = World(
        vendors=(Vendor("northgate"),),
        principals=(Principal("svc", "northgate", aliases=("arn:svc",)), Principal("spare", aliases=("arn:spare",))),
        jobs=(Job("airflow", "*", principal="arn:svc", environment="workers"),),
        environments=(Environment("workers", ("arn:spare",)),),
        snapshots=(Snapshot("workers", NOON, ("pkg:pypi/litellm@1.82.7",)),),
        datasets=(Dataset(*named("base"), ("record_id",)), Dataset(*named("other"), ("record_id",))),
        run_events=run(1, "any", "base"),
        accesses=(Access("1", NOON + DAY, NOON + DAY, "spare", "read", "success", named("other")),),
    )
    store = store_of(world, tmp_path)
    for seed in (("--vendor", "northgate"), ("--principal", "svc")):
        assert both(store, "blast-radius", *seed, world=world)["exposed"] == {"people.public.base": "certain"}
    said = both(store, "blast-radius", "--package", "pkg:pypi/litellm@1.82.7", world=world)
    assert said["exposed"] == {"people.public.base": "possible", "people.public.other": "possible"}


def test_a_run_that_others_name_is_of_the_job_that_any_of_them_tells(tmp_path: Path) -> None:
    """It may have told nothing itself."""
    above = run_id(9)
    world = World(
        datasets=tuple(Dataset(*named(name), ("record_id",)) for name in ("base", "other")),
        run_events=tuple(
            replace(told, parent=(above, ("airflow", job)))
            for number, job, read in ((1, "nightly", "base"), (2, "astray", "other"))
            for told in run(number, f"step{number}", read)
        ),
    )
    store = store_of(world, tmp_path)
    said = both(store, "blast-radius", "--job", "airflow/nightly", world=world)
    assert said["exposed"] == {"people.public.base": "certain", "people.public.other": "certain"}


def test_what_two_snapshots_hold_is_there_between_them_whatever_a_third_leaves_open(tmp_path: Path) -> None:
    """By two that differ at one instant, or by a version that has no order: one more seed never lowers a grade."""
    world = World(
        jobs=(Job("airflow", "*", environment="workers"),),
        datasets=(Dataset(*named("base"), ("record_id",)),),
        snapshots=(
            *(Snapshot("workers", NOON + at * HOUR, ("pkg:pypi/litellm@1.82.7",)) for at in (-1, 2, 3)),
            Snapshot("workers", NOON + 3 * HOUR),
            Snapshot("workers", NOON + 4 * HOUR, ("pkg:pypi/odd@of-a-kind",)),
        ),
        run_events=run(1, "any", "base"),
    )
    store = store_of(world, tmp_path)
    seed = ("--package", "pkg:pypi/litellm@1.82.7")
    said = both(store, "blast-radius", *seed, world=world)
    assert said["exposed"] == {"people.public.base": "certain"}
    more = reduced(ask(store, "blast-radius", [*seed, "--package", "pkg:pypi/odd@>=1"]))
    assert more["exposed"] == {"people.public.base": "certain"}


def test_jobs_without_an_environment_are_told_of_also_where_no_snapshot_holds_the_package(strange: Path) -> None:
    for package in ("pkg:pypi/litellm@1.82.7", "pkg:pypi/litellm@1.82.8"):
        caveats = ask(strange, "blast-radius", ["--package", package])["caveats"]
        assert "job-without-environment" in {one["kind"] for one in caveats}


def test_an_environment_that_holds_the_package_and_that_no_job_runs_in_is_named(tmp_path: Path) -> None:
    """A scanner calls an image by its registry, the catalog by what runs in it: nobody was found, without a word."""
    world = World(
        jobs=(Job("airflow", "*", environment="workers"),),
        datasets=(Dataset(*named("base"), ("record_id",)),),
        snapshots=(
            Snapshot("registry.example/airflow", NOON, ("pkg:pypi/litellm@1.82.7",)),
            Snapshot("registry.example/web", NOON, ("pkg:pypi/flask@3.0.0",)),
            Snapshot("workers", NOON, ("pkg:pypi/litellm@1.82.6",)),
        ),
        run_events=run(1, "any", "base"),
    )
    said = ask(store_of(world, tmp_path), "blast-radius", ["--package", "pkg:pypi/litellm@1.82.7"])
    told = {one["kind"]: (one["count"], one["hint"]) for one in said["caveats"]}
    count, hint = told["environment-without-job"]
    assert (count, hint.rpartition(": ")[2]) == (1, "registry.example/airflow.")
    cleared = ask(tmp_path / "store", "blast-radius", ["--package", "pkg:pypi/litellm@1.82.6"])
    assert "environment-without-job" not in {one["kind"] for one in cleared["caveats"]}
