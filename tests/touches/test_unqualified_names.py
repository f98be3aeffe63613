"""Datasets that a run tells as DATABASE.TABLE where others tell the schema, as Spark does of what is its `dbtable`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest

STORE = "postgres://people-db:5432"
RECORDS = f"""dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to
{STORE},people.public.contractors,c-1,C-PUBLIC,2026-03-01T00:00:00Z,
{STORE},people.hr.contractors,c-1,C-HR,2026-03-01T00:00:00Z,
{STORE},other.public.contractors,c-1,C-OTHER,2026-03-01T00:00:00Z,
"""


def run(number: int, job: str, read: str | None, wrote: str | None, store: str = STORE) -> list[dict[str, Any]]:
    def named(name: str | None) -> list[dict[str, str]]:
        return [{"namespace": store, "name": name}] if name else []

    event = {
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012d}"},
        "job": {"namespace": "spark", "name": job},
        "inputs": named(read),
        "outputs": named(wrote),
    }
    return [
        {**event, "eventType": kind, "eventTime": f"2026-03-24T{number:02d}:{minute}:00Z"}
        for kind, minute in (("START", "00"), ("COMPLETE", "10"))
    ]


def asked(folder: Path, events: list[dict[str, Any]], records: str = RECORDS) -> dict[str, Any]:
    (folder / "events.ndjson").write_text("\n".join(map(json.dumps, events)))
    (folder / "records.csv").write_text(records)
    ingest(folder / "store", [folder / "events.ndjson", folder / "records.csv"])
    return ask(folder / "store", "blast-radius", ["--job", "spark/bad"])


def test_what_is_read_without_its_schema_is_possibly_that_of_any(tmp_path: Path) -> None:
    said = asked(tmp_path, run(1, "bad", "people.contractors", None))
    assert {one["id"]: one["grade"] for one in said["data_subjects"]} == {"C-PUBLIC": "possible", "C-HR": "possible"}
    assert said["summary"]["data_subjects"]["possible_because"] == {"unknown-schema": 2}
    touches = ask(tmp_path / "store", "who-touched", ["--data-subject", "C-HR"])["touches"]
    assert [(one["dataset"]["name"], one["grade"], len(one["evidence"])) for one in touches] == [
        ("people.hr.contractors", "possible", 1)
    ]


def test_what_has_records_of_its_own_under_the_short_name_stays_as_sure(tmp_path: Path) -> None:
    records = RECORDS + f"{STORE},people.contractors,c-1,C-SHORT,2026-03-01T00:00:00Z,\n"
    said = asked(tmp_path, run(1, "bad", "people.contractors", None), records)
    grades = {one["id"]: one["grade"] for one in said["data_subjects"]}
    assert grades == {"C-SHORT": "probable", "C-PUBLIC": "possible", "C-HR": "possible"}


@pytest.mark.parametrize(("told", "state"), [("people.sums", "possible"), ("people.public.sums", "certain")])
def test_what_is_written_without_its_schema_is_possibly_read_with_it(tmp_path: Path, told: str, state: str) -> None:
    events = run(1, "bad", None, told) + run(2, "reader", "people.public.sums", "people.public.end")
    said = asked(tmp_path, events)
    assert {one["job"]["name"]: one["contaminated"] for one in said["runs"]}["reader"] == state


def test_what_is_written_with_its_schema_is_possibly_read_without_it(tmp_path: Path) -> None:
    said = asked(tmp_path, run(1, "bad", None, "people.public.sums") + run(2, "reader", "people.sums", None))
    assert {one["job"]["name"]: one["contaminated"] for one in said["runs"]}["reader"] == "possible"


def test_an_overwrite_without_its_schema_stops_nothing_under_the_name_with_it(tmp_path: Path) -> None:
    change = {"lifecycleStateChange": {"lifecycleStateChange": "OVERWRITE"}}
    good = run(2, "good", None, "people.sums")
    for event in good:
        event["outputs"][0]["facets"] = change
    reader = run(3, "reader", "people.public.sums", None)
    said = asked(tmp_path, run(1, "bad", None, "people.public.sums") + good + reader)
    assert {one["job"]["name"]: one["contaminated"] for one in said["runs"]}["reader"] == "possible"


def test_a_system_without_schemas_has_none_to_lack(tmp_path: Path) -> None:
    kafka = "kafka://broker:9092"
    records = RECORDS.replace(STORE, kafka)
    assert asked(tmp_path, run(1, "bad", "people.contractors", None, kafka), records)["data_subjects"] == []


def change(lifecycle: str, name: str, **more: Any) -> dict[str, Any]:
    told = {"lifecycleStateChange": lifecycle, **more}
    return {
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "eventTime": "2026-03-24T01:30:00Z",
        "dataset": {"namespace": STORE, "name": name, "facets": {"lifecycleStateChange": told}},
    }


@pytest.mark.parametrize(("emptied", "state"), [("other.sums", "certain"), ("people.sums", "possible")])
def test_what_is_emptied_without_its_schema_may_have_been_that_of_any(tmp_path: Path, emptied: str, state: str) -> None:
    events = run(1, "bad", None, "people.public.sums") + run(2, "reader", "people.public.sums", None)
    said = asked(tmp_path, [*events, change("TRUNCATE", emptied)])
    assert {one["job"]["name"]: one["contaminated"] for one in said["runs"]}["reader"] == state


def test_what_is_renamed_without_its_schema_takes_along_what_any_held(tmp_path: Path) -> None:
    events = run(1, "bad", None, "people.public.sums") + run(2, "reader", "people.ends", None)
    before = {"previousIdentifier": {"namespace": STORE, "name": "people.sums"}}
    said = asked(tmp_path, [*events, change("RENAME", "people.ends", **before)])
    assert {one["job"]["name"]: one["contaminated"] for one in said["runs"]}["reader"] == "possible"
