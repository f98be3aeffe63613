"""What was refused is an attempt on every dataset that the access or its statement names."""

import json
from pathlib import Path

from tests.asking import ask, ingest
from tests.shown_by_runs import STORE

TRIED: dict[str, object] = {
    "id": "1", "time": "2026-03-24T06:00:00Z", "principal": "thief", "operation": "create", "outcome": "denied",
    "dataset": {"namespace": STORE, "name": "people.public.copy"}, "dialect": "postgres",
    "statement": "INSERT INTO public.copy SELECT * FROM public.payroll",
}  # fmt: skip


def tried(folder: Path, *events: dict[str, object]) -> list[str]:
    folder.mkdir(exist_ok=True)
    (folder / "access.ndjson").write_text("".join(json.dumps(one) + "\n" for one in events))
    ingest(folder / "store", [folder / "access.ndjson"])
    said = ask(folder / "store", "blast-radius", ["--principal", "thief"])
    assert not said["data_subjects"]
    return [one["dataset"]["name"] for one in said["attempts"]]


def test_what_the_statement_was_to_read_is_told_beside_what_it_was_to_fill(tmp_path: Path) -> None:
    assert tried(tmp_path / "one", TRIED) == ["people.public.copy", "people.public.payroll"]


def test_a_dataset_that_is_told_is_not_guessed_at(tmp_path: Path) -> None:
    """The schema of a bare name is that of the dataset; what is called so in another was not tried."""
    bare = TRIED | {"statement": "DELETE FROM copy", "operation": "delete"}
    other = TRIED | {"id": "2", "principal": "clerk", "outcome": "success", "statement": "DELETE FROM hr.copy"}
    other |= {"operation": "delete", "dataset": {"namespace": STORE, "name": "people.hr.copy"}}
    assert tried(tmp_path / "two", bare, other) == ["people.public.copy"]
