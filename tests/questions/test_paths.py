"""The path of a person is a true chain from a seed to the record, and its evidence names what tells each of its steps.

`oracle/chains.py` judges them: as on made-up worlds, so where what tells a step is not what names it.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from lineage.questions import find_question
from lineage.store import Store, open_store
from tests.asking import store_of
from tests.oracle.asked import blast_radius
from tests.oracle.chains import Chains, Event
from tests.oracle.crowds import together
from tests.oracle.laws import SEEDS, crowd, law
from tests.oracle.model import (
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
    Vendor,
    World,
    instant,
)
from tests.oracle.questions import BlastRadius
from tests.oracle.semantics import Oracle

Place = tuple[str, int]  # the name of an input, and the position in it


def told(folder: Path) -> dict[Place, Event]:
    """Every line of the input by where it is."""
    found: dict[Place, Event] = {}
    for path in folder.rglob("*.*"):
        text = path.read_text()
        if path.suffix == ".ndjson":
            lines = [json.loads(line) for line in text.splitlines()]
        else:
            lines = list(csv.DictReader(text.splitlines())) if path.suffix == ".csv" else []
            lines = [json.loads(text)] if path.suffix == ".json" else lines
        found |= {(str(path.relative_to(folder)), number): line for number, line in enumerate(lines, 1)}
    return found


def faults(store: Store, events: dict[Place, Event], oracle: Oracle, question: BlastRadius) -> Iterator[str | None]:
    """What is wrong with the path of each person, or None."""
    values: dict[str, list[str]] = {}
    words = iter(question.arguments())
    for name, value in zip(words, words, strict=True):
        file = Path(store.path).parent / "input" / "advisories" / f"{value}.json"
        values.setdefault(name.removeprefix("--"), []).append(str(file) if file.exists() else value)
    answer = find_question("blast-radius").ask(store, values)
    chains = Chains(oracle, question)
    places = {row["digest"]: (row["input"], row["position"]) for row in answer.evidence}
    for person in answer.sections["data_subjects"]:
        fault = chains.fault(person, [events[places[digest]] for digest in person["evidence"]])
        yield fault and f"{question.arguments()} {person['path']}: {fault}"


@given(seed=SEEDS)
@law(examples=1)
def test_every_path_is_a_true_chain_and_evidence_tells_its_steps(seed: int) -> None:
    worlds, random = crowd(seed, 4), Random(seed)
    with TemporaryDirectory() as folder:
        store = store_of(together(worlds), Path(folder), seed)
        events = told(Path(folder) / "input")
        with open_store(str(store), read_only=True) as opened:
            for world in worlds:
                oracle = Oracle(world)
                for _ in range(3):
                    found = faults(opened, events, oracle, blast_radius(random, world))
                    assert set(found) <= {None}


DAY = "2026-03-24T"
SPACE = "postgres://people-db:5432"


def at(time: str) -> int:
    return instant(f"{DAY}{time}:00Z")


def table(name: str) -> Name:
    return (SPACE, f"people.public.{name}")


def run(name: str, start: str, end: str, reads: str, writes: str, **told_of: Port) -> tuple[RunEvent, ...]:
    """A run whose first event tells what it read, and whose last what it wrote."""
    job, source = ("airflow", name), told_of.get("source", Port(table(reads)))
    return (
        RunEvent(at(start), "START", name, job, (source,), (Port(table(reads)),)),
        RunEvent(at(end), "COMPLETE", name, job, (Port(table(writes)),), (told_of.get("target", Port(table(writes))),)),
    )


def read(name: str, time: str, principal: str, **of: str) -> Access:
    # mypy takes `of` for all members, which have several types; callers give those that are texts.
    return Access(f"a-{name}-{time}", at(time), at(time), principal, "read", "success", table(name), **of)  # type: ignore[arg-type]


BAD, CLEAN = ("pkg:pypi/litellm@1.82.7",), ("pkg:pypi/litellm@1.82.6",)
WORLD = World(
    vendors=(Vendor("northgate"),),
    principals=(Principal("thief"), Principal("dba"), Principal("svc", "northgate")),
    jobs=(Job("airflow", "lib", principal="svc", environment="workers"), Job("airflow", "*", vendor="northgate")),
    environments=(Environment("workers"),),
    datasets=(
        *(Dataset(*table(name), ("id",)) for name in ("base", "seen", "built", "stated", "renamed", "moved", "lib")),
        Dataset(*table("shown"), view_of=("people.public.base",)),
    ),
    run_events=(
        *run("view", "12:00", "12:10", "seen", "built", source=Port(table("shown"))),
        *run("facet", "12:00", "12:10", "seen", "stated", target=Port(table("stated"), sources=(table("base"),))),
        *run("swap", "12:30", "12:40", "built", "seen"),
        *run("rename", "12:50", "12:55", "lib", "moved", target=Port(table("moved"), "RENAME", table("stated"))),
        *run("lib", "14:00", "14:10", "base", "lib"),
        RunEvent(at("15:00"), "START", "late", ("airflow", "late")),
    ),
    dataset_events=(DatasetEvent(at("13:00"), Port(table("renamed"), "RENAME", table("built"))),),
    accesses=(
        *(read(name, "13:30", "thief") for name in ("seen", "stated", "renamed", "moved")),
        read("base", "15:10", "dba", run="late"),
        replace(read("lone", "09:00", "svc"), outcome="unknown"),
    ),
    entries=(Entry(table("base"), "1", "C-1", at("08:00")), Entry(table("lone"), "1", "C-2", at("08:00"))),
    snapshots=tuple(
        Snapshot("workers", at(f"{hour:02}:{minute}"), CLEAN if hour in (10, 13, 15) else BAD)
        for hour in range(8, 16) for minute in (10, 20, 30)
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the world's input and its store."""
    return store_of(WORLD, tmp_path_factory.mktemp("world")).parent


@pytest.mark.parametrize(
    "question",
    [
        *(BlastRadius(exposed=(table(name),)) for name in ("seen", "stated", "renamed", "moved")),
        *(BlastRadius(runs=(name,), without=("credential",)) for name in ("view", "facet", "swap", "late")),
        BlastRadius(packages=("pkg:pypi/litellm@1.82.7",)),
        BlastRadius(principals=("thief",)),
        BlastRadius(vendors=("northgate",), jobs=(("airflow", "lib"),)),
    ],
    ids=lambda question: " ".join(question.arguments()),
)
def test_evidence_names_what_tells_a_step(question: BlastRadius, folder: Path) -> None:
    """A read through a view or of a lineage facet, a rename, a snapshot of the time, the run that an access is of; and
    no credential tells of an access before it leaked."""
    with open_store(str(folder / "store"), read_only=True) as opened:
        assert list(faults(opened, told(folder / "input"), Oracle(WORLD), question)) in ([None], [None, None])


def test_an_event_that_tells_several_steps_is_named_once(tmp_path: Path) -> None:
    """What an act inside a run may have read by key and written to the same table it may have met there again."""
    act = Access("a", at("15:10"), at("15:10"), "dba", "unknown", "success", table("lone"), keys=("1",), run="late")
    kept = Entry(table("lone"), "2", "C-2", at("08:00"))
    store = store_of(replace(WORLD, accesses=(act,), entries=(kept,)), tmp_path)
    with open_store(str(store), read_only=True) as opened:
        answer = find_question("blast-radius").ask(opened, {"run": ["late"]})
        (person,) = answer.sections["data_subjects"]
        assert len(person["path"]) == 6  # what was asked about, the run, the access, its read, one hop, the record
        assert len(set(person["evidence"])) == 3  # of the run, the access, the record
        assert len(person["evidence"]) == 3


def test_the_way_to_a_credential_is_told_from_the_seed_on(tmp_path: Path) -> None:
    """The run that knew it first, why that is compromised, and what tells of both."""
    snapshots = tuple(Snapshot("workers", at(time), BAD) for time in ("11:00", "16:00"))
    uses = (read("lone", "14:30", "svc"),)
    kept = (Entry(table("lone"), "1", "C-1", at("08:00")),)
    store = store_of(replace(WORLD, accesses=uses, entries=kept, snapshots=snapshots), tmp_path)
    with open_store(str(store), read_only=True) as opened:
        for question, begin, tellers in (
            ({"job": ["airflow/lib"]}, "the job asked about", 3),
            ({"package": ["pkg:pypi/litellm@1.82.7"]}, "an affected package in workers", 4),
        ):
            (person,) = find_question("blast-radius").ask(opened, question).sections["data_subjects"]
            told_of = "a credential that a compromised run knew", "access by svc"
            assert person["path"][:4] == [begin, "run lib of airflow/lib", *told_of]
            assert len(person["evidence"]) == tellers
