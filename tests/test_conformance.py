"""Small worlds with their expected answers, in whatever order and however often their files come."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest

FOLDER = Path(__file__).parent / "conformance"
WORLDS = sorted(path.parent.name for path in FOLDER.glob("*/expected.json"))
NAMESPACE = "postgres://people-db:5432"
READS = {"read", "export"}


def expected(world: str) -> list[dict[str, Any]]:
    questions: list[dict[str, Any]] = json.loads((FOLDER / world / "expected.json").read_text())
    assert questions
    return questions


def read_blast_radius(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as the worlds tell it: by names alone."""
    datasets, runs = answer["datasets"], answer["runs"]
    named = [item["dataset"] for item in answer["records"]] + datasets
    assert {item["namespace"] for item in named} <= {NAMESPACE}
    records: dict[str, set[str]] = {}
    for item in answer["records"]:
        records.setdefault(f"{item['dataset']['name']}|{item['key']}", set()).add(item["grade"])
    return {
        "data_subjects": {item["id"]: item["grade"] for item in answer["data_subjects"]},
        "altered": {item["id"]: item["grade"] for item in answer["altered"]},
        "records": {record: strongest(grades) for record, grades in records.items()},
        "exposed": {item["name"]: item["exposed"] for item in datasets if item["exposed"]},
        "contaminated_datasets": {item["name"]: item["contaminated"] for item in datasets if item["contaminated"]},
        "compromised_runs": {item["run_id"]: item["compromised"] for item in runs if item["compromised"]},
        "contaminated_runs": {item["run_id"]: item["contaminated"] for item in runs if item["contaminated"]},
    }


def strongest(grades: set[str]) -> str:
    """A record of several data subjects stands once for each of them."""
    return next(grade for grade in ("confirmed", "probable", "possible") if grade in grades)


def read_touches(answer: dict[str, Any]) -> list[dict[str, Any]]:
    touches = []
    for touch in answer["touches"]:
        if touch["operation"] not in READS:
            continue
        assert touch["dataset"]["namespace"] == NAMESPACE
        read = {"kind": touch["kind"], "dataset": touch["dataset"]["name"], "grade": touch["grade"]}
        if touch["kind"] == "run":
            read["run_id"] = touch["run_id"]
        else:
            read |= {"principal": touch["principal"], "start": touch["start"]}
        touches.append(read)
    return touches


def counted(touches: list[dict[str, Any]]) -> Counter[str]:
    return Counter(json.dumps(touch, sort_keys=True) for touch in touches)


@pytest.mark.parametrize("world", WORLDS)
def test_world_is_answered_as_expected(world: str, tmp_path: Path) -> None:
    store = tmp_path / "store.duckdb"
    ingest(store, [FOLDER / world / "input"])
    for asked in expected(world):
        answer = ask(store, asked["question"], asked["arguments"])
        told = {key: value for key, value in asked.items() if key not in ("question", "arguments")}
        where = f"{asked['question']} {asked['arguments']}"
        if asked["question"] == "who-touched":
            assert counted(read_touches(answer)) == counted(told["touches"]), where
        else:
            assert read_blast_radius(answer) == told, where


@pytest.mark.parametrize("world", WORLDS[::5])
def test_order_and_repetition_of_the_files_change_no_byte(world: str, tmp_path: Path) -> None:
    files = sorted(path for path in (FOLDER / world / "input").rglob("*") if path.is_file())
    whole, piecemeal = tmp_path / "whole.duckdb", tmp_path / "piecemeal.duckdb"
    ingest(whole, [FOLDER / world / "input"])
    for file in [*reversed(files), *files]:
        ingest(piecemeal, [file])
    # The source's `files` glob is told below what was given, so the folder is given once more: it tells only names.
    ingest(piecemeal, [FOLDER / world / "input"])
    for asked in expected(world):
        answers = [json.dumps(ask(store, asked["question"], asked["arguments"])) for store in (whole, piecemeal)]
        assert answers[0] == answers[1], asked["arguments"]
