"""The sample story: what was truly read is known to the story alone; the logs have to tell it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest

ROOT = Path(__file__).parents[1]
TRUTH: dict[str, Any] = json.loads((ROOT / "tests" / "sample_truth.json").read_text())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("story") / "store.duckdb"
    taken = ingest(path, [ROOT / "sample_data"])
    assert sum(one.tally.rejected for one in taken) == 0
    return path


@cache
def asked(store: Path, key: str = "") -> dict[str, Any]:
    question, *arguments = TRUTH[key]["ask"] if key else TRUTH["ask"]
    return ask(store, question, [str(ROOT / word) if word.startswith("sample_data/") else word for word in arguments])


def grades(store: Path, section: str = "data_subjects") -> dict[str, str]:
    return {item["id"]: item["grade"] for item in asked(store)[section]}


@pytest.mark.parametrize("sentinel", TRUTH["sentinels"], ids=lambda item: f"{item['data_subject']} {item['trap']}")
def test_sentinel_has_its_grade(store: Path, sentinel: dict[str, Any]) -> None:
    assert grades(store).get(sentinel["data_subject"]) == sentinel["grade"], sentinel["why"]


def test_confirmed_were_truly_read_and_nobody_who_was_is_missing(store: Path) -> None:
    found, read = grades(store), set(TRUTH["truly_read"])
    assert {subject for subject, grade in found.items() if grade == "confirmed"} <= read
    assert read <= set(found)


def test_every_data_subject_has_its_grade(store: Path) -> None:
    assert grades(store) == TRUTH["data_subjects"]


@pytest.mark.parametrize("case", sorted(TRUTH["cases"]))
def test_case_grades_at_least_its_people(store: Path, case: str) -> None:
    order, told = ("possible", "probable", "confirmed"), TRUTH["cases"][case]
    found = grades(store)
    for subject in told["data_subjects"]:
        assert order.index(found[subject]) >= order.index(told["grade"]), subject


def test_altered(store: Path) -> None:
    assert grades(store, "altered") == TRUTH["altered"]


def test_denied_attempts_are_shown_and_expose_nobody(store: Path) -> None:
    attempts = [item for item in asked(store)["attempts"] if item["outcome"] == "denied"]
    assert len(attempts) == TRUTH["denied"]["attempts"]
    for subject in TRUTH["denied"]["data_subjects"]:
        assert grades(store).get(subject) == TRUTH["data_subjects"].get(subject)


def test_summary_counts_the_lists(store: Path) -> None:
    for section, key in (("data_subjects", "data_subjects"), ("altered", "altered")):
        summary, found = asked(store)["summary"][key], list(grades(store, section).values())
        for grade in ("confirmed", "probable", "possible"):
            assert summary[grade] == found.count(grade)
        assert summary["at_least"] == found.count("confirmed")
        assert summary["at_most"] == len(found)


def test_categories(store: Path) -> None:
    found = {item["id"]: sorted(item["categories"]) for item in asked(store)["data_subjects"]}
    assert {subject: found[subject] for subject in TRUTH["categories"]} == TRUTH["categories"]


def test_compromised_runs(store: Path) -> None:
    found = {item["run_id"]: item["compromised"] for item in asked(store)["runs"] if item["compromised"]}
    assert found == TRUTH["compromised_runs"]


def test_contaminated_datasets(store: Path) -> None:
    def keyed(items: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
        return {(item["namespace"], item["name"]): item["contaminated"] for item in items if item["contaminated"]}

    assert keyed(asked(store)["datasets"]) == keyed(TRUTH["contaminated_datasets"])


def test_without_the_vendor_more_people_are_found(store: Path) -> None:
    found = {item["id"]: item["grade"] for item in asked(store, "anywhere")["data_subjects"]}
    assert set(grades(store)) <= set(found)
    told = TRUTH["anywhere"]["data_subjects"]
    assert {subject: found.get(subject) for subject in told} == told
