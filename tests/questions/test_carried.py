"""To whatever may be contaminated leads a way that begins with a compromised write."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from lineage.answers import Rows
from lineage.questions import carried, find_question
from lineage.store import Store, open_store
from tests.asking import ingest, values_of
from tests.questions.test_statements_in_runs import COPYING, contaminated
from tests.shown_by_runs import STORE

WORLDS = sorted((Path(__file__).parents[1] / "conformance").glob("world-*"))


@pytest.mark.parametrize("world", WORLDS[::4], ids=lambda world: world.name)
def test_a_way_leads_to_whatever_may_be_contaminated(world: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.duckdb"
    ingest(path, [world / "input"])
    with open_store(str(path), read_only=True) as store:
        for told in json.loads((world / "expected.json").read_text()):
            if told["question"] == "blast-radius":
                check(store, told["arguments"])


def check(store: Store, arguments: Sequence[str]) -> None:
    question = find_question("blast-radius")
    answer = question.ask(store, values_of(question, arguments)).sections
    ran, held = answer["runs"], answer["datasets"]
    assert isinstance(ran, Rows)
    assert ran.table is not None
    over = ran.table().over
    datasets = {f"{row['namespace']}/{row['name']}" for row in held if row["contaminated"]}
    runs = {row["run_id"] for row in ran if row["contaminated"]}
    compromised = {row["run_id"] for row in ran if row["compromised"]}
    for kind, idents in (("dataset", datasets), ("run", runs)):
        for ident in idents:
            way = carried.way(over, kind, ident)
            steps = way.steps
            assert steps, (arguments, ident)
            assert way.whole
            first = steps[0]
            assert "--dataset" in arguments or first.run is None or first.principal or first.run in compromised, first
            assert {step.dataset for step in steps} <= datasets
            assert all(before.since <= after.since for before, after in pairwise(steps))


def test_a_way_leads_through_a_statement_of_the_run_that_wrote(tmp_path: Path) -> None:
    assert contaminated(tmp_path, COPYING)
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        check(store, ["--dataset", f"{STORE}/people.public.staged"])
