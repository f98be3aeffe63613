"""Times without an offset in the hour that clocks repeat in autumn: each is either of two instants."""

import json
from pathlib import Path

import pytest

from tests.asking import ask, ingest
from tests.by_hand import ENTRY_COLUMNS, STORE
from tests.oracle.reduced import reduced


def test_a_time_of_the_hour_that_clocks_repeat_is_of_either(tmp_path: Path) -> None:
    dataset = {"namespace": STORE, "name": "people.public.base"}
    access = {"time": "2026-10-25T02:30:00.000000", "principal": "svc", "operation": "read", "outcome": "success"}
    runs = [
        {"eventType": kind, "eventTime": f"2026-10-25T02:{minute}:00", "run": {"runId": "r"}, "inputs": [dataset],
         "job": {"namespace": "airflow", "name": "nightly"}}
        for kind, minute in (("START", 10), ("COMPLETE", 20))
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text(json.dumps(access | {"dataset": dataset}))
    (tmp_path / "openlineage.ndjson").write_text("".join(json.dumps(event) + "\n" for event in runs))
    (tmp_path / "records.csv").write_text(
        f"{ENTRY_COLUMNS}{STORE},people.public.base,b-1,C-BASE,2026-01-01T00:00:00Z,\n"
    )
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nsources:\n"
        + "".join(
            f"  - {{id: {one}, collector: {one}, timezone: Europe/Berlin}}\n" for one in ("access", "openlineage")
        )
    )
    ingest(tmp_path / "store", [tmp_path])
    for seed in (("--principal", "svc"), ("--job", "airflow/nightly")):
        for window, grade in (
            ((), "probable"),
            (("--to", "2026-10-25T01:00:00Z"), "possible"),
            (("--from", "2026-10-25T01:00:00Z"), "possible"),
        ):
            said = ask(tmp_path / "store", "blast-radius", [*seed, *window])["data_subjects"]
            assert [(one["id"], one["grade"]) for one in said] == [("C-BASE", grade)]


@pytest.mark.parametrize(
    ("zone", "told", "between"),
    [
        ("Australia/Lord_Howe", "2026-04-05T01:45:00.000000", "2026-04-04T15:00:00Z"),  # put back by half an hour
        ("Antarctica/Troll", "2026-10-25T02:00:00.000000", "2026-10-25T01:00:00Z"),  # by two
    ],
)
def test_clocks_are_put_back_by_less_and_by_more_than_an_hour(
    zone: str, told: str, between: str, tmp_path: Path
) -> None:
    access = {"principal": "svc", "operation": "read", "dataset": {"namespace": STORE, "name": "people.public.base"}}
    (tmp_path / "access.ndjson").write_text(json.dumps(access | {"time": told, "outcome": "success"}))
    (tmp_path / "records.csv").write_text(
        f"{ENTRY_COLUMNS}{STORE},people.public.base,b-1,C-BASE,2026-01-01T00:00:00Z,\n"
    )
    (tmp_path / "catalog.yml").write_text(
        f"version: 1\nas_of: 2026-03-25T00:00:00Z\nsources: [{{id: access, collector: access, timezone: {zone}}}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    for window, grade in (((), "probable"), (("--to", between), "possible"), (("--from", between), "possible")):
        said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc", *window])["data_subjects"]
        assert [(one["id"], one["grade"]) for one in said] == [("C-BASE", grade)]


def test_a_change_in_the_hour_that_clocks_repeat_may_lie_between_what_either_does(tmp_path: Path) -> None:
    """So what was written before it is not surely what is read after it."""
    dataset = {"namespace": STORE, "name": "people.public.base"}
    runs = [
        {"eventType": kind, "eventTime": f"2026-10-25T00:{minute}:00Z", "run": {"runId": run}, way: [dataset],
         "job": {"namespace": "airflow", "name": run}}
        for run, way, minutes in (("writer", "outputs", (10, 20)), ("reader", "inputs", (50, 55)))
        for kind, minute in zip(("START", "COMPLETE"), minutes, strict=True)
    ]  # fmt: skip
    changed = {
        "eventTime": "2026-10-25T02:30:00",
        "dataset": dataset | {"facets": {"lifecycleStateChange": {"lifecycleStateChange": "TRUNCATE"}}},
    }
    (tmp_path / "openlineage.ndjson").write_text("".join(json.dumps(event) + "\n" for event in (*runs, changed)))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        "sources: [{id: log, collector: openlineage, timezone: Europe/Berlin}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    said = reduced(ask(tmp_path / "store", "blast-radius", ["--run", "writer"]))
    assert said["contaminated_runs"] == {"reader": "possible"}


def test_a_record_that_goes_in_the_hour_that_clocks_repeat_is_possibly_there_between(tmp_path: Path) -> None:
    access = {
        "time": "2026-10-25T01:00:00.000000Z", "principal": "svc", "operation": "read", "outcome": "success",
        "dataset": {"namespace": STORE, "name": "people.public.base"}, "keys": ["b-1", "b-2"],
    }  # fmt: skip
    (tmp_path / "access.ndjson").write_text(json.dumps(access))
    (tmp_path / "records.csv").write_text(
        f"{ENTRY_COLUMNS}{STORE},people.public.base,b-1,C-GOES,2026-01-01T00:00:00,2026-10-25T02:30:00\n"
        f"{STORE},people.public.base,b-2,C-STAYS,2026-01-01T00:00:00,2026-10-25T03:30:00\n"
    )
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        "sources: [{id: people, collector: records, timezone: Europe/Berlin}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])["data_subjects"]
    assert {one["id"]: one["grade"] for one in said} == {"C-GOES": "possible", "C-STAYS": "confirmed"}
