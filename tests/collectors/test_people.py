"""Record entries and data subjects: who is a person, where that person lives, and since when until when."""

from typing import Any

import pytest

from lineage.collectors import data_subjects, records
from tests.collectors.staging import lines, only, staged

ENTRY = {"dataset_namespace": "n", "dataset_name": "d", "key": "1", "valid_from": "2026-01-05T08:00:00Z"}


@pytest.mark.parametrize("subject", ["", None, True, ["C-1"]])
def test_nobody_is_called_by_nothing(subject: Any) -> None:
    found = staged(records.COLLECTOR, lines(ENTRY | {"data_subject": subject}))
    if subject is None:
        assert found["entry"][0]["data_subject"] is None
    else:
        assert found["rejected"][0]["reason"].startswith("data_subject is neither")


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        ("2026-01-05T08:00:00Z", None),
        ("2026-01-05T07:59:59.999999Z", "valid_to is before valid_from."),
        ("2026-01-06T08:00:00", "Only one of valid_from and valid_to has an offset."),
    ],
)
def test_an_entry_may_end_when_it_begins_and_not_before(ended: str, reason: str | None) -> None:
    """One that was there and gone at one instant leaves its trace: it is refused only where it is wrong."""
    found = staged(records.COLLECTOR, lines(ENTRY | {"valid_to": ended}))
    assert [row["reason"] for row in found.get("rejected", [])] == ([reason] if reason else [])
    assert len(found.get("entry", [])) == (reason is None)


@pytest.mark.parametrize(("told", "kept"), [("KE", "KE"), ("", None), (r"\N", None)])
def test_where_a_person_lives_may_be_unknown(told: str, kept: str | None) -> None:
    text = f"data_subject,jurisdiction\nC-1,{told}\n".encode()
    assert only(data_subjects.COLLECTOR, "subject", text)["jurisdiction"] == kept
