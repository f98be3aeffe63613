"""The product as tests use it: in this process, through the same rooms as the program."""

import os
import subprocess
import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lineage.flow import ahead
from lineage.ingest import Taken, Told, find_inputs
from lineage.ingest import ingest as _ingest
from lineage.ingest.taking import Taker
from lineage.questions import find_question
from lineage.questions.interface import Question
from lineage.store import Store, checkpoint, open_store
from lineage.touches import settle
from tests.oracle.model import World
from tests.oracle.render import write_world


def ingest(store: str | Path, paths: Sequence[str | Path], told: Told | None = None) -> list[Taken]:
    """Take inputs into a store, made where it is missing."""
    with open_store(str(store)) as opened:
        return list(_ingest(opened, [str(path) for path in paths], told))


def ingest_one_by_one(store: str | Path, paths: Sequence[str | Path], rests: Container[int]) -> list[Taken]:
    """Take inputs into a new store, each for itself; settled after the last, and after those whose numbers are in
    ``rests``. (To settle derives all anew, so in between it is most of what an ingest of a small input costs.)"""
    with open_store(str(store)) as opened:
        taker = Taker(opened, Told())
        taken: list[Taken] = []
        for number, path in enumerate(paths):
            taken += taker.take(find_inputs([str(path)]))
            if number in rests:
                settle(opened)
        settle(opened)
    return taken


def run(*words: str, given: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The program as its users start it; ``environment`` adds to this one's."""
    return subprocess.run(
        [sys.executable, "-m", "lineage", *words],
        input=given, capture_output=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def store_of(world: World, folder: Path, seed: int = 1) -> Path:
    """A new store in the folder that holds a made-up world, whose files the seed shuffles."""
    write_world(world, folder / "input", Random(seed))
    ingest(folder / "store", [folder / "input"])
    return folder / "store"


def mark(store: str | Path) -> tuple[int, str]:
    """How many events a store knows, and the digest of their set."""
    with open_store(str(store), read_only=True) as opened:
        found = checkpoint(opened)
    return found.events, found.digest


def ask(store: str | Path, question: str, arguments: Sequence[str]) -> dict[str, Any]:
    """An answer as the JSON of the contract, from arguments as on the command line."""
    with open_store(str(store), read_only=True) as opened:
        return ask_opened(opened, question, arguments)


def ask_opened(store: Store, question: str, arguments: Sequence[str]) -> dict[str, Any]:
    """The same of a store that is asked several questions in turn."""
    asked = find_question(question)
    return asked.ask(store, values_of(asked, arguments)).document()


@contextmanager
def running_ahead(rounds: int) -> Iterator[None]:
    """What is asked inside walks so many rounds before it runs ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "ROUNDS", rounds)
        yield


def values_of(asked: Question, arguments: Sequence[str]) -> dict[str, list[Any]]:
    """A question's values from arguments as on the command line."""
    parts = {parameter.name: len(parameter.parts) for parameter in asked.parameters}
    values: dict[str, list[Any]] = {name: [] for name in parts}
    words = list(arguments)
    while words:
        name = words.pop(0).removeprefix("--")
        taken = [words.pop(0) for _ in range(parts[name])]
        values[name].append(taken[0] if len(taken) == 1 else tuple(taken))
    return values


TOLD_ACTS = """
SELECT e.input_id, e.position, e.digest, p.id AS principal, a.operation, a.outcome, n.name AS dataset,
       t.shape AS statement, a.literals, a.bound, a.row_count, a.occurrence
FROM told_act a JOIN event e USING (event_id) LEFT JOIN principal p USING (principal_id)
LEFT JOIN dataset_name n ON n.told_id = a.told_id LEFT JOIN template t USING (template_id)
"""


def told_acts(store: str | Path) -> list[dict[str, Any]]:
    """What accesses came to, in the order of their input and their line, then of their outcome."""
    with open_store(str(store), read_only=True) as opened:
        found = opened.run(TOLD_ACTS)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return sorted(rows, key=lambda row: (row["input_id"], row["position"], row["outcome"]))
