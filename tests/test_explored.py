"""What Explore asks: search, activity, evidence and connection, each on files written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest
from tests.by_hand import ENTRY_COLUMNS, STORE

BASE, NEW, COPY = ({"namespace": STORE, "name": f"people.public.{name}"} for name in ("base", "new", "copy"))
MIRROR = {"namespace": "s3://mirror", "name": "copy"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run told of by two jobs and under another, a rename, and one read of what was renamed."""
    folder = tmp_path_factory.mktemp("explored")
    symlinks = {"symlinks": {"identifiers": [MIRROR]}}
    run: dict[str, Any] = {"runId": "inner", "facets": {"parent": {"run": {"runId": "outer"}}}}
    change = {"lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": BASE}}
    events = [
        {"eventType": "START", "eventTime": "2026-03-24T08:00:00Z", "run": run,
         "job": {"namespace": "airflow", "name": "nightly"}, "inputs": [COPY | {"facets": symlinks}]},
        {"eventType": "COMPLETE", "eventTime": "2026-03-24T08:30:00Z", "run": run,
         "job": {"namespace": "spark", "name": "step"}},
        {"eventTime": "2026-03-24T09:00:00Z", "dataset": NEW | {"facets": change}},
    ]  # fmt: skip
    read = {"time": "2026-03-24T12:00:00Z", "principal": "arn:etl", "operation": "read", "outcome": "success"}
    statement = {"statement": "SELECT * FROM public.base WHERE level = 1", "dialect": "postgres", "row_count": 7}
    reads = [read | {"dataset": NEW}, read | {"dataset": BASE, **statement}]
    (folder / "openlineage.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / "access.ndjson").write_text("".join(json.dumps(one) + "\n" for one in reads))
    (folder / "records.csv").write_text(
        ENTRY_COLUMNS.replace("\n", ",level\n")
        + "".join(
            f"{STORE},people.public.base,b-{key},C-{key},2026-01-01T00:00:00Z,,{level}\n"
            for key, level in ((1, 1), (2, 2), (3, 1))
        )
    )
    (folder / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nprincipals: [{id: etl, aliases: ['arn:etl']}]\n"
    )
    ingest(folder / "store", [folder])
    return folder / "store"


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("inner", "run", ["inner"]),
        ("outer", "run", ["outer"]),
        ("arn:", "principal", ["etl"]),
        ("mirror", "dataset", [f"{STORE}/people.public.copy"]),
    ],
)
def test_a_thing_is_found_once_by_any_of_its_names(text: str, kind: str, found: list[str], store: Path) -> None:
    """A run has several jobs, or is only named as above another; an alias and a symlink are names too."""
    said = ask(store, "search", ["--text", text, "--kind", kind])
    assert [one["id"] for one in said["things"]] == found
    assert said["summary"]["found"] == 1


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_activity_has_no_more_steps_than_asked_for(tmp_path: Path, most: int) -> None:
    """However the first moment lies in its step, and however long ago it was."""
    for number, times in enumerate((("2026-03-24T12:00:59Z", "2026-03-24T12:01:00Z"), ("2001-01-01T00:00:00Z",))):
        (tmp_path / f"access-{number}.ndjson").write_text(
            "".join(
                json.dumps({"time": at, "principal": "p", "operation": "read", "outcome": "success", "dataset": BASE})
                + "\n"
                for at in times
            )
        )
        ingest(tmp_path / "store", [tmp_path])
        steps = ask(tmp_path / "store", "activity", ["--buckets", str(most)])["buckets"]
        assert len(steps) <= most
        assert sum(step["reads"] for step in steps) == 2 + number


def test_evidence_says_what_a_dataset_event_said_and_the_rows_beside_those_counted(store: Path) -> None:
    people = ask(store, "blast-radius", ["--principal", "etl"])["data_subjects"]
    digests = {digest for one in people for digest in one["evidence"]}
    events = ask(store, "evidence", [word for digest in digests for word in ("--digest", digest)])["events"]
    (renamed,) = (one["said"] for one in events if one["kind"] == "dataset event")
    assert renamed == {
        "change": "RENAME", "time": "2026-03-24T09:00:00.000000Z", "dataset": f"{STORE}/people.public.new",
        "called before": f"{STORE}/people.public.base",
    }  # fmt: skip
    (counted,) = (one["said"] for one in events if "row count" in one["said"])
    assert (counted["row count"], counted["rows replayed TRUE"]) == (7, 2)


def test_a_rename_connects_what_has_the_new_name_with_whom_the_old_one_held(tmp_path: Path) -> None:
    change = {"lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": BASE}}
    (tmp_path / "openlineage.ndjson").write_text(
        json.dumps({"eventTime": "2026-03-24T09:00:00Z", "dataset": NEW | {"facets": change}})
    )
    read = {"time": "2026-03-24T12:00:00Z", "principal": "p", "operation": "read", "outcome": "success"}
    (tmp_path / "access.ndjson").write_text(json.dumps(read | {"dataset": NEW}))
    (tmp_path / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},people.public.base,b-1,C-1,2026-01-01T00:00:00Z,\n")
    ingest(tmp_path / "store", [tmp_path])
    said = ask(tmp_path / "store", "connection", ["--start", "data-subject:C-1", "--goal", "principal:p"])
    assert [step["relation"] for step in said["shortest"]] == ["has records of", "passed on to", "read"]
    assert said["summary"]["arrival"] == "2026-03-24T12:00:00.000000Z"
