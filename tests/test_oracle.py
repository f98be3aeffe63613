"""The oracle gives exactly what the conformance worlds expect: only then is it a measure for the product."""

import json
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.model import Entry, World
from tests.oracle.questions import parsed
from tests.oracle.reading import read_world
from tests.oracle.render import write_world
from tests.oracle.semantics import Oracle, strongest
from tests.oracle.worlds import worlds

READS = ("read", "export", "unknown")
WORLDS = sorted((Path(__file__).parent / "conformance").glob("world-*"))


@pytest.mark.parametrize("folder", WORLDS, ids=lambda folder: folder.name)
def test_oracle_gives_the_expected_answers(folder: Path) -> None:
    oracle = Oracle(read_world(folder / "input"))
    for expected in json.loads((folder / "expected.json").read_text()):
        question, arguments = expected.pop("question"), expected.pop("arguments")
        answer = oracle.ask(parsed(question, arguments))
        if "touches" in expected:
            assert len(strongest(expected["touches"])) == len(expected["touches"])
            expected["touches"] = strongest(expected["touches"])
            answer["touches"] = strongest(told(touch) for touch in answer["touches"] if touch["operation"] in READS)
        assert {part: answer[part] for part in expected} == expected, arguments


def told(touch: dict[str, str]) -> dict[str, str]:
    """What the worlds tell of a touch."""
    kept = ("kind", "dataset", "grade", *(("run_id",) if touch["kind"] == "run" else ("principal", "start")))
    return {name: touch[name] for name in kept}


def test_there_are_worlds() -> None:
    assert len(WORLDS) == 14


@given(world=worlds(), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_world_survives_its_files(world: World, seed: int) -> None:
    with TemporaryDirectory() as folder:
        write_world(world, Path(folder), Random(seed))
        read = read_world(Path(folder))
    for part in fields(World):
        told, found = getattr(world, part.name), getattr(read, part.name)
        if part.name == "entries":
            told, found = map(without_order, told), map(without_order, found)
        assert set(found) == set(told), part.name


def without_order(entry: Entry) -> tuple[object, ...]:
    return (replace(entry, attributes=()), frozenset(entry.attributes))
