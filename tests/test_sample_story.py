"""The sample story: the script that made it knows what truly happened, and the answer agrees."""

import json
from pathlib import Path
from typing import Any

import pytest

from docs.picture import choose, draw
from lineage.answers import Answer
from lineage.demo import following
from lineage.questions.blast_text import blast_text
from tests.asking import ask, ingest

ROOT = Path(__file__).parent.parent
TRUTH = json.loads((ROOT / "tests" / "sample_truth.json").read_text())


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    store = tmp_path_factory.mktemp("story") / "store.duckdb"
    ingest(store, [ROOT / "sample_data"])
    question, *arguments = TRUTH["ask"]
    return ask(store, question, [str(ROOT / word) if word.startswith("sample_data/") else word for word in arguments])


def test_every_grade_is_as_the_story_has_it(answer: dict[str, Any]) -> None:
    assert {person["id"]: person["grade"] for person in answer["data_subjects"]} == TRUTH["data_subjects"]
    assert {person["id"]: person["grade"] for person in answer["altered"]} == TRUTH["altered"]


def test_truth_lies_between_confirmed_and_at_most(answer: dict[str, Any]) -> None:
    grades = {person["id"]: person["grade"] for person in answer["data_subjects"]}
    truth = set(TRUTH["truly_read"])
    assert {person for person, grade in grades.items() if grade == "confirmed"} <= truth <= set(grades)


def test_every_person_has_a_path_and_evidence(answer: dict[str, Any]) -> None:
    assert answer["data_subjects"]
    for person in answer["data_subjects"]:
        assert len(person["path"]) >= 3, person
        assert person["path"][-1].endswith(f"belongs to {person['id']}")
        assert person["evidence"], person


def test_what_failed_is_an_attempt_and_nothing_more(answer: dict[str, Any]) -> None:
    assert {attempt["outcome"] for attempt in answer["attempts"]} == {"denied"}
    assert len(answer["attempts"]) == 3


def test_the_picture_of_the_readme_is_of_this_answer(answer: dict[str, Any]) -> None:
    sections = {name: part for name, part in answer.items() if name not in ("question", "parameters", "checkpoint")}
    text = blast_text(Answer(answer["question"], answer["parameters"], answer["checkpoint"], sections))
    drawn = draw(choose(f"{text}\n\n{following('demo.duckdb')}"))
    assert (ROOT / "docs" / "demo.svg").read_text() == drawn, "lineage demo | python -m docs.picture > docs/demo.svg"
