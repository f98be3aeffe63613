"""Every conformance world answers exactly, however its files came in."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lineage.store import connection, open_store
from lineage.store.planning import LARGE
from tests.asking import ask_opened, ingest, ingest_one_by_one, running_ahead

PLANS = "SELECT current_setting('disabled_optimizers') = ''"
WORLDS = sorted((Path(__file__).parent / "conformance").glob("world-*"))


def reading(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as the worlds' expected answers are written."""
    if answer["question"] == "who-touched":
        return {"touches": Counter(_touch(touch) for touch in answer["touches"] if touch["operation"] not in WRITES)}
    return {
        "data_subjects": {row["id"]: row["grade"] for row in answer["data_subjects"]},
        "records": {f"{row['dataset']['name']}|{row['key']}": row["grade"] for row in answer["records"]},
        "altered": {row["id"]: row["grade"] for row in answer["altered"]},
        "exposed": {row["name"]: row["exposed"] for row in answer["datasets"] if row["exposed"]},
        "contaminated_datasets": {
            row["name"]: row["contaminated"] for row in answer["datasets"] if row["contaminated"]
        },
        "compromised_runs": {row["run_id"]: row["compromised"] for row in answer["runs"] if row["compromised"]},
        "contaminated_runs": {row["run_id"]: row["contaminated"] for row in answer["runs"] if row["contaminated"]},
    }


WRITES = ("create", "update", "delete")


def _touch(touch: dict[str, Any]) -> tuple[str, ...]:
    dataset = touch["dataset"]["name"] if isinstance(touch["dataset"], dict) else touch["dataset"]
    if touch["kind"] == "run":
        return ("run", touch["run_id"], dataset, touch["grade"])
    return ("access", touch["principal"], touch["start"], dataset, touch["grade"])


def expected(question: dict[str, Any]) -> dict[str, Any]:
    if "touches" in question:
        return {"touches": Counter(_touch(touch) for touch in question["touches"])}
    return {key: value for key, value in question.items() if key not in ("question", "arguments")}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_world_answers_exactly_however_its_files_came_in(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also law 1: the files one by one in another order, and all of them again, change no byte. The second time
    everything is planned as for a large store, and walks run ahead at once."""
    whole, parts = tmp_path / "whole.duckdb", tmp_path / "parts.duckdb"
    ingest(whole, [world / "input"])
    files = sorted(path for path in (world / "input").rglob("*") if path.is_file())
    random = Random(world.name)
    random.shuffle(files)
    monkeypatch.setattr(connection, "choose_plan", lambda *_: LARGE)
    ingest_one_by_one(parts, files, rests=random.sample(range(len(files)), 2))
    ingest(parts, [world / "input"])
    other = open_store(str(parts), read_only=True)
    monkeypatch.undo()
    with open_store(str(whole), read_only=True) as one, other:
        assert [store.one(PLANS) for store in (one, other)] == [(False,), (True,)]
        for question in json.loads((world / "expected.json").read_text()):
            told = (question["question"], question["arguments"])
            answer = ask_opened(one, *told)
            assert reading(answer) == expected(question), question["arguments"]
            with running_ahead(rounds=1):
                assert json.dumps(ask_opened(other, *told)) == json.dumps(answer), question["arguments"]
