"""What an answer says of what was watched, on the least worlds that show it; at_most is a bound only then."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from lineage.questions.wording import ALL_TIME, WIDE, coverage_lines
from lineage.status import look, status_text
from lineage.store import open_store
from tests.asking import ask, ingest, store_of
from tests.oracle.model import (
    DAY,
    Access,
    Dataset,
    DatasetEvent,
    Entry,
    Environment,
    Job,
    Name,
    Port,
    Principal,
    RunEvent,
    Snapshot,
    Source,
    Vendor,
    World,
    instant,
    text_of,
)
from tests.oracle.render import write_world

Asks = Callable[..., tuple[bool, dict[str, str]]]

NOON = instant("2026-03-24T12:00:00Z")
HOUR = DAY // 24
PEOPLE: Name = ("postgres://people-db:5432", "people.public.contractors")
RUN = "00000000-0000-4000-8000-000000000001"
AFFECTED, CLEAN = (("pkg:pypi/litellm@1.82.7",), ("pkg:pypi/litellm@1.82.6",))


def access(number: int, at: int) -> Access:
    return Access(f"a{number}", at, at, "svc", "read", "success", PEOPLE)


WORLD = World(
    vendors=(Vendor("northgate"),),
    principals=(Principal("svc", "northgate", rotated_at=(NOON + 6 * HOUR,)),),
    jobs=(Job("airflow", "etl", principal="svc", environment="workers"),),
    environments=(Environment("workers"),),
    datasets=(Dataset(*PEOPLE, ("id",), indexed=True, fields=(("iban", ("BankAccount",)),), observed_by=("own",)),),
    sources=(Source("own", "access", HOUR),),
    entries=(Entry(PEOPLE, "1", "C-1", NOON - DAY),),
    accesses=tuple(access(number, NOON + HOUR // 2 * number) for number in range(7)),
    run_events=(
        RunEvent(NOON, "START", RUN, ("airflow", "etl")),
        RunEvent(NOON + HOUR, "COMPLETE", RUN, ("airflow", "etl")),
    ),
    snapshots=tuple(Snapshot("workers", NOON + HOUR * number, CLEAN) for number in range(3)),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Asks:
    """Asks a world about a time in hours after noon, an open side being None: bounded, and the states."""
    stores: dict[World, Path] = {}

    def answer(world: World, start: float | None, end: float | None, *seeds: str) -> tuple[bool, dict[str, str]]:
        if world not in stores:
            stores[world] = store_of(world, tmp_path_factory.mktemp("world"))
        sides = (("--from", start), ("--to", end))
        window = [word for name, at in sides if at is not None for word in (name, text_of(NOON + int(at * HOUR)))]
        found = ask(stores[world], "blast-radius", [*seeds, *window])
        states = {
            row["dataset"]["name"] if "dataset" in row else row["environment"]: row["state"]
            for row in found["coverage"]
        }
        return found["summary"]["data_subjects"]["bounded"], states

    return answer


VENDOR = ("--vendor", "northgate")
PACKAGE = ("--package", "pkg:pypi/litellm@1.82.7", "--without-rule", "credential")


def test_what_its_source_saw_throughout_is_bounded(told: Asks) -> None:
    assert told(WORLD, 0, 3, *VENDOR) == (True, {PEOPLE[1]: "observed"})


@pytest.mark.parametrize(("start", "end"), [(None, 3), (0, None), (None, None), (0, 5), (-5, 3)])
def test_before_and_after_all_that_a_source_said_it_was_silent(
    told: Asks, start: float | None, end: float | None
) -> None:
    """Else who lost the last file of a log would lose the gap before it, and be surer than with it."""
    assert told(WORLD, start, end, *VENDOR) == (False, {PEOPLE[1]: "silent"})


def test_a_source_that_the_catalog_only_names_was_never_heard_of(told: Asks) -> None:
    """Where it is mistyped, or its entry is not written yet, nobody knows what it would have said."""
    for lost, states in (("own", "observed"), ("lost", "silent")):
        datasets = tuple(replace(one, observed_by=(*one.observed_by, lost)) for one in WORLD.datasets)
        found = told(replace(WORLD, datasets=datasets), 0, 3, *VENDOR)
        assert found == (states == "observed", {PEOPLE[1]: states})


def test_a_dataset_event_is_something_that_a_source_said(told: Asks) -> None:
    changes = tuple(DatasetEvent(NOON + HOUR * number, Port(PEOPLE, "ALTER")) for number in range(4))
    world = replace(WORLD, dataset_events=changes, sources=(Source("own", "openlineage", HOUR),))
    assert told(world, 0, 3, *VENDOR) == (True, {PEOPLE[1]: "observed"})
    assert told(replace(world, dataset_events=()), 0, 3, *VENDOR) == (False, {PEOPLE[1]: "silent"})


@pytest.mark.parametrize("indexed", [True, False])
def test_what_was_read_and_no_entry_told_of_has_no_bound(told: Asks, indexed: bool) -> None:
    """Entries that are declared complete and were never taken in, or wait for a time zone, are nobody's bound."""
    world = replace(WORLD, entries=(), datasets=(replace(WORLD.datasets[0], indexed=indexed),))
    assert told(world, 0, 3, *VENDOR) == (False, {PEOPLE[1]: "no-entries"})


def test_a_stolen_credential_may_be_used_unseen_after_the_window(told: Asks) -> None:
    """The source says nothing from three hours after noon on; the credential is rotated three hours later."""
    job = ("--job", "airflow/etl")
    assert told(WORLD, 0, 3, *job) == (False, {PEOPLE[1]: "silent"})
    assert told(WORLD, 0, 3, *job, "--without-rule", "credential") == (True, {PEOPLE[1]: "observed"})
    soon = replace(WORLD, principals=(Principal("svc", "northgate", rotated_at=(NOON + 2 * HOUR,)),))
    assert told(soon, 0, 3, *job) == (True, {PEOPLE[1]: "observed"})


def test_what_a_compromised_run_read_before_the_window_was_unseen_too(told: Asks) -> None:
    """The run began two hours before the source was heard of: what it read then would count, and nobody told of it."""
    run = ("airflow", "etl")
    early = replace(
        WORLD, run_events=(RunEvent(NOON - 2 * HOUR, "START", RUN, run), RunEvent(NOON + HOUR, "COMPLETE", RUN, run))
    )
    for seed in (("--job", "airflow/etl"), ("--run", RUN), VENDOR):
        asked = (*seed, "--without-rule", "credential")
        assert told(WORLD, 0.5, 3, *asked) == (True, {PEOPLE[1]: "observed"})
        assert told(early, 0.5, 3, *asked) == (False, {PEOPLE[1]: "silent"})
        assert told(early, 1.5, 3, *asked) == (True, {PEOPLE[1]: "observed"})  # it was over by then


def test_between_two_clean_snapshots_a_version_may_have_come_and_gone(told: Asks) -> None:
    for start, end in ((0, 1), (0.5, 0.5), (0, 0.5), (1.5, 1.75)):
        assert told(WORLD, start, end, *PACKAGE) == (False, {PEOPLE[1]: "observed", "workers": "no-snapshots"})
    assert told(WORLD, 1, 1, *PACKAGE) == (True, {PEOPLE[1]: "observed", "workers": "observed"})
    seen = replace(WORLD, snapshots=(*WORLD.snapshots[::2], Snapshot("workers", NOON + HOUR, AFFECTED)))
    assert told(seen, 0, 2, *PACKAGE) == (True, {PEOPLE[1]: "observed", "workers": "observed"})


def test_a_package_that_no_snapshot_holds_is_a_caveat(tmp_path: Path) -> None:
    """Whose name or version is misspelled finds nothing, and has to know why."""
    store = store_of(WORLD, tmp_path)
    advisory = {"id": "X-1", "affected": [{"package": {"ecosystem": "npm", "name": "litellm"}, "versions": ["1"]}]}
    (tmp_path / "x.json").write_text(json.dumps(advisory))
    kinds = ("unknown-package", "other-versions")
    versions = "nearest: pkg:pypi/litellm@1.82.6"
    for told, kind, hint in (
        (("--package", "pkg:pypi/LiteLLM@1.82.6"), None, ""),
        (("--package", "pkg:pypi/litellm@1.28.7"), "other-versions", f"pkg:pypi/litellm@1.28.7 ({versions})"),
        (("--package", "pkg:pypi/litelm@1.0"), "unknown-package", "pkg:pypi/litelm@1.0 (nearest: pkg:pypi/litellm)"),
        (("--package", "pkg:pypi/lite_llm"), "unknown-package", "pkg:pypi/lite_llm (nearest: pkg:pypi/litellm)"),
        (("--advisory", str(tmp_path / "x.json")), "unknown-package", "X-1 (nearest: pkg:pypi/litellm)"),
    ):
        caveats = {row["kind"]: row for row in ask(store, "blast-radius", told)["caveats"]}
        found = [(caveats[one]["kind"], caveats[one]["count"]) for one in kinds if one in caveats]
        assert found == ([] if kind is None else [(kind, 1)]), told
        assert kind is None or hint in caveats[kind]["hint"]


def test_what_is_no_package_url_in_a_snapshot_is_a_caveat(tmp_path: Path) -> None:
    """It is of no package: what was asked about may be hidden in it."""
    bom = {
        "bomFormat": "CycloneDX",
        "metadata": {"timestamp": "2026-03-24T12:00:00Z", "component": {"name": "workers"}},
        "components": [{"type": "library", "name": "litellm", "purl": "pypi/litellm@1.82.7"}],
    }
    (tmp_path / "workers.cdx.json").write_text(json.dumps(bom))
    ingest(tmp_path / "store", [tmp_path])
    said = ask(tmp_path / "store", "blast-radius", ["--package", "pkg:pypi/litellm@1.82.7"])["caveats"]
    (caveat,) = (one for one in said if one["kind"] == "unreadable-purl")
    assert (caveat["count"], "pypi/litellm@1.82.7" in caveat["hint"]) == (1, True)


def test_no_environment_is_leaned_on_where_packages_do_not_count(told: Asks) -> None:
    seeds = (*VENDOR, *PACKAGE, "--without-rule", "package")
    assert told(WORLD, 0, 1, *seeds) == (True, {PEOPLE[1]: "observed"})


def test_the_status_says_what_each_source_covers(tmp_path: Path) -> None:
    with open_store(str(store_of(WORLD, tmp_path)), read_only=True) as opened:
        found = look(opened)
    (source,) = found["sources"]
    assert (source["observes"], source["datasets"]) == ([*WORLD.sources[0].observes], ["/".join(PEOPLE)])
    assert "covers 1 dataset (read, list, create, update, delete)" in status_text(found)


def test_a_silence_without_an_end_is_worded_so() -> None:
    gaps = [["1970-01-01T00:00:00.000000Z", "2026-03-24T12:00:00.000000Z"]]
    row = {"dataset": {"namespace": PEOPLE[0], "name": PEOPLE[1]}, "state": "silent", "silent": gaps}
    assert coverage_lines([row])[0].endswith("(until 2026-03-24 12:00:00 UTC)")


def test_what_was_not_watched_for_the_same_reason_shares_a_line() -> None:
    def row(name: str, state: str, *silent: tuple[str, str]) -> dict[str, object]:
        return {"dataset": {"namespace": "n", "name": name}, "state": state, "silent": list(silent)}

    always, ever = ALL_TIME
    noon = "2026-03-24T12:00:00.000000Z"
    rows = [row(f"d{number}", "silent", (always, noon), (noon, ever)) for number in range(6)]
    rows += [
        row("seen", "observed"),
        row("e", "silent", (always, ever)),
        row("f", "no-entries"),
        row("g", "no-entries"),
    ]
    rows += [{"environment": name, "state": "no-snapshots"} for name in ("dags", "jobs")]
    rows += [{"environment": "one", "state": "silent", "silent": [(always, ever)]}]
    said = "silent for longer than it may be"
    assert coverage_lines(rows) == [
        f"  d0, d1, d2, d3 and 2 more: {said} (until 2026-03-24 12:00:00 UTC; from 2026-03-24 12:00:00 UTC on)",
        f"  e: {said} (all the time)",
        "  f, g: nobody told which records it holds",
        "  environments dags, jobs: its packages were not looked into at every moment of the window",
        f"  environment one: {said} (all the time)",
    ]


def test_what_was_not_watched_fits_a_terminal() -> None:
    name = "people.public.a_table_with_a_long_name"
    rows = [
        {"dataset": {"namespace": "n", "name": f"{name}_{number}"}, "state": "no-entries"} for number in range(4)
    ]  # fmt: skip
    lines = coverage_lines(rows)
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDE
    assert all(line.startswith("      ") for line in lines[1:])
    assert " ".join(" ".join(lines).split()).endswith(f"{name}_3: nobody told which records it holds")
    rows = [{"dataset": {"namespace": "n", "name": "x" * 300 + "\ny"}, "state": "no-entries"}]
    assert "x" * 300 + "\\ny:" in "\n".join(coverage_lines(rows))  # as everywhere, and not broken


@pytest.mark.parametrize(
    ("statement", "rows", "indexed", "mismatch"),
    [
        ("SELECT * FROM public.contractors WHERE level = 1", 2, True, False),
        ("SELECT * FROM public.contractors WHERE level = 1", 1, True, True),
        ("SELECT * FROM public.contractors WHERE level = 1", 3, True, False),
        ("SELECT * FROM public.contractors WHERE level = 1", 4, True, True),
        ("SELECT * FROM public.contractors WHERE level = 9", 1, True, False),
        ("SELECT * FROM public.contractors WHERE level = 9", 2, True, True),
        ("SELECT * FROM public.contractors WHERE level = 2", 2, True, False),
        ("SELECT count(*) FROM public.contractors WHERE level = 1", 1, True, False),
        ("SELECT * FROM public.contractors WHERE level = 1", 1, False, True),
        ("SELECT * FROM public.contractors WHERE level = 1", 3, False, False),
        ("SELECT * FROM public.contractors", 3, False, True),
        ("SELECT * FROM public.contractors", 4, True, False),
        ("SELECT * FROM public.contractors", 5, True, False),
        ("SELECT * FROM public.contractors", 6, True, True),
        ("SELECT * FROM public.contractors", 6, False, False),
    ],
)
def test_a_row_count_that_no_entries_explain_is_a_caveat(
    tmp_path: Path, statement: str, rows: int, indexed: bool, mismatch: bool
) -> None:
    """Two records are of level 1, one of level 2, and one may be of any; another may be there or gone, one was there
    twice, and one comes later. What is not indexed may hold more."""
    level = {"1": 1.0, "2": 1.0, "3": 2.0}
    entries = [
        Entry(PEOPLE, key, f"C-{key}", NOON - DAY, None, (("level", level[key]),) if key in level else ())
        for key in ("1", "2", "3")
    ]
    entries.append(Entry(PEOPLE, "4", "C-4", NOON - DAY, None, (("level", 2.0),)))
    entries.append(Entry(PEOPLE, "4", "C-4", NOON - DAY, None, (("level", 3.0),)))
    entries.append(Entry(PEOPLE, "4", "C-4", NOON - 2 * DAY, NOON - HOUR, (("level", 4.0),)))
    entries += [Entry(PEOPLE, "5", "C-5", NOON - DAY, NOON + at, (("level", 5.0),)) for at in (0, HOUR)]
    entries.append(Entry(PEOPLE, "6", "C-6", NOON + 1, None, (("level", 5.0),)))
    world = replace(WORLD, datasets=(Dataset(*PEOPLE, ("id",), indexed=indexed),), accesses=(), entries=tuple(entries))
    write_world(world, tmp_path / "input", Random(1))
    told = {"time": text_of(NOON), "principal": "svc", "operation": "read", "outcome": "success", "row_count": rows}
    told |= {"dataset": {"namespace": PEOPLE[0], "name": PEOPLE[1]}, "statement": statement, "dialect": "postgres"}
    (tmp_path / "input" / "access-rows.ndjson").write_text(json.dumps(told) + "\n")
    ingest(tmp_path / "store", [tmp_path / "input"])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    assert ("row-count-mismatch" in {one["kind"] for one in said["caveats"]}) == mismatch


@pytest.mark.parametrize(("indexed", "told", "unknown"), [(False, ("1",), 2), (True, ("1",), 0), (False, (), 0)])
def test_keys_that_no_entry_tells_of_are_a_caveat(
    tmp_path: Path, indexed: bool, told: tuple[str, ...], unknown: int
) -> None:
    """Whose they are nobody can say, where there are some entries that need not be all."""
    entries = tuple(Entry(PEOPLE, key, f"C-{key}", NOON - DAY) for key in told)
    accesses = tuple(
        Access(f"{who}-{number}", NOON + number, NOON + number, who, "read", "success", PEOPLE, keys=keys)
        for who, named in (("svc", (("1", "8"), ("8", "9"))), ("another", (("7",),)))
        for number, keys in enumerate(named)
    )
    world = replace(WORLD, datasets=(Dataset(*PEOPLE, ("id",), indexed=indexed),), accesses=accesses, entries=entries)
    write_world(world, tmp_path / "input", Random(1))
    ingest(tmp_path / "store", [tmp_path / "input"])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    assert sum(one["count"] for one in said["caveats"] if one["kind"] == "key-without-entry") == unknown
