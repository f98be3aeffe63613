"""Chains longer than anybody draws, which no answer stops short of, and how their steps are told."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.questions.steps import Step, read_step
from tests.asking import ask, ingest, running_ahead
from tests.by_hand import ENTRY_COLUMNS, STORE

LENGTH = 60
READ = {
    "id": "1",
    "time": "2026-03-29T06:00:00.000000Z",
    "principal": "svc",
    "operation": "read",
    "outcome": "success",
    "dataset": {"namespace": STORE, "name": f"step-{LENGTH}"},
}


def run(number: int) -> list[dict[str, Any]]:
    """A run of the hour of its number, which hands on what the one before wrote."""
    told = {
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012d}"},
        "job": {"namespace": "airflow", "name": f"job-{number}"},
        "inputs": [{"namespace": STORE, "name": f"step-{number}"}],
        "outputs": [{"namespace": STORE, "name": f"step-{number + 1}"}],
    }
    day, hour = divmod(number, 24)
    return [
        {**told, "eventType": kind, "eventTime": f"2026-03-{24 + day}T{hour:02d}:{minute}:00Z"}
        for kind, minute in (("START", "00"), ("COMPLETE", "10"))
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    events = [event for number in range(LENGTH) for event in run(number)]
    (folder / "openlineage.ndjson").write_text("\n".join(map(json.dumps, events)))
    (folder / "access.ndjson").write_text(json.dumps(READ) + "\n")
    (folder / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},step-0,k,C-1,2026-03-01T00:00:00Z,\n")
    ingest(folder / "store", sorted(folder.iterdir()))
    return folder / "store"


@pytest.mark.parametrize("chain", ["shortest", "earliest"])
def test_a_connection_is_found_however_long(store: Path, chain: str) -> None:
    said = ask(store, "connection", ["--start", "data-subject:C-1", "--goal", "principal:svc"])
    assert said["summary"][chain] == len(said[chain]) == 1 + 2 * LENGTH + 1
    assert said[chain][-1]["reached"]["id"] == "svc"


def test_a_path_says_where_it_leaves_steps_out(store: Path) -> None:
    (person,) = ask(store, "blast-radius", ["--principal", "svc"])["data_subjects"]
    assert (person["id"], person["grade"]) == ("C-1", "possible")
    _seed, _access, read, between, *hops, _record = person["path"]
    assert read.startswith(f"read step-{LENGTH} ")
    assert between == "more such steps lie between"
    assert "which had read step-49 " in hops[0]
    assert "which had read step-0 " in hops[-1]
    assert len(hops) == 50


@pytest.mark.parametrize(
    ("asked", "listed", "count"),
    [
        ("blast-radius --principal svc", "data_subjects", 1),
        (f"blast-radius --run {run(0)[0]['run']['runId']}", "runs", LENGTH),
        ("who-touched --data-subject C-1", "touches", LENGTH + 1),
    ],
)
def test_a_walk_finds_the_same_whenever_it_runs_ahead(store: Path, asked: str, listed: str, count: int) -> None:
    question, *arguments = asked.split()
    answers = []
    for rounds in (1, 8, 2 * LENGTH):  # so many are never walked
        with running_ahead(rounds):
            answers.append(json.dumps(ask(store, question, arguments)))
    assert answers == answers[:1] * 3
    assert len(json.loads(answers[0])[listed]) == count


def test_a_path_goes_through_a_run_that_only_accesses_name(tmp_path: Path) -> None:
    """No job of it is known, and none is told."""
    accesses = [
        {**READ, "id": str(place), "principal": who, "operation": what, "dataset": {"namespace": STORE, "name": name},
         "time": f"2026-03-29T06:0{place}:00.000000Z", "run_id": run_id}
        for place, (who, what, name, run_id) in enumerate([
            ("etl", "read", "people", "r-1"), ("etl", "create", "copies", "r-1"), ("svc", "read", "copies", None)
        ])
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(access) + "\n" for access in accesses))
    (tmp_path / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},people,k,C-1,2026-03-01T00:00:00Z,\n")
    ingest(tmp_path / "store", [tmp_path / "access.ndjson", tmp_path / "records.csv"])
    (person,) = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])["data_subjects"]
    at = "2026-03-29T06:0{}:00.000000Z".format
    assert person["path"] == [
        "the principal asked about",
        "access by svc",
        f"read copies at {at(2)}",
        f"copies was written by run r-1, which had read people from {at(0)}",
        "record k of people belongs to C-1",
    ]
    assert read_step(person["path"][3]) == Step("written", "people", "r-1")


def test_a_path_does_not_turn_in_circles(tmp_path: Path) -> None:
    """A run that reads what it writes, exposed beside an access that tells its fields: who was reached by either is
    shown by one of them from end to end."""
    loop = [{**event, "outputs": [{"namespace": STORE, "name": "step-1"}]} for event in run(1)]
    (tmp_path / "openlineage.ndjson").write_text("\n".join(map(json.dumps, [*run(0), *loop])))
    told = {
        **READ,
        "time": "2026-03-24T01:00:00.000000Z",
        "dataset": {"namespace": STORE, "name": "step-1"},
        "fields": [],
    }
    (tmp_path / "access.ndjson").write_text(json.dumps(told) + "\n")
    (tmp_path / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},step-0,k,C-1,2026-03-01T00:00:00Z,\n")
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nprincipals: [{id: svc}]\n"
        "jobs: [{match: {namespace: airflow, name: job-1}, principal: svc}]\n"
    )
    ingest(tmp_path / "store", sorted(tmp_path.iterdir()))
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    (person,) = said["data_subjects"]
    assert len(person["path"]) == len(set(person["path"]))
    assert person["path"][-2].startswith("step-1 was written by run 00000000-0000-4000-8000-000000000000 of")
