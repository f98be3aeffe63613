"""Times at the ends of the years that can be told: what lies beyond them is told as their end, and breaks no answer."""

import json
from pathlib import Path

from tests.asking import ask, ingest

DATASET = {"namespace": "n", "name": "d"}
CATALOG = """\
version: 1
as_of: 2026-03-25T00:00:00Z
jobs: [{match: {name: nightly}, max_duration: 999999d}]
datasets: [{match: {namespace: n, name: d}, observed_by: [west]}]
sources: [{id: west, collector: access, timezone: America/Los_Angeles, max_silence: 1h}]
"""


def touches(folder: Path, name: str, *lines: dict[str, object]) -> list[tuple[str, str]]:
    (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "catalog.yml").write_text(CATALOG)
    ingest(folder / "store", [folder])
    answer = ask(folder / "store", "who-touched", ["--dataset", "n/d"])
    return [(touch["start"], touch["end"]) for touch in answer["touches"]]


def test_a_run_without_its_start_may_have_begun_before_all_years(tmp_path: Path) -> None:
    def told(run: str, time: str) -> dict[str, object]:
        return {"eventType": "COMPLETE", "eventTime": time, "run": {"runId": run}, "inputs": [DATASET],
                "job": {"namespace": "jobs", "name": "nightly"}}  # fmt: skip

    found = touches(tmp_path, "ol.ndjson", told("r1", "2026-03-24T11:00:00Z"), told("r2", "0001-01-01T00:00:00Z"))
    assert sorted(found, key=lambda touch: touch[1], reverse=True) == [
        ("0001-01-01T00:00:00.000000Z", "2026-03-24T11:00:00.000000Z"),
        ("0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000000Z"),
    ]


def test_a_reading_whose_time_zone_puts_it_after_all_years_is_their_end(tmp_path: Path) -> None:
    read = {"principal": "svc", "operation": "read", "outcome": "success", "dataset": DATASET}
    found = touches(tmp_path, "access.ndjson", {"time": "9999-12-31T23:59:59", **read})
    assert found == [("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z")]


def test_the_first_and_the_last_bucket_end_with_the_years(tmp_path: Path) -> None:
    read: dict[str, object] = {"principal": "svc", "operation": "read", "outcome": "success", "dataset": DATASET}
    ends = ("0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z")
    touches(tmp_path, "access.ndjson", *({"time": time, **read} for time in ends))
    buckets = ask(tmp_path / "store", "activity", [])["buckets"]
    assert (buckets[0]["start"], buckets[-1]["end"]) == ends


def silences(folder: Path, *times: str, **window: str) -> list[list[str]]:
    """When the source was silent that tells of a read at each of the times."""
    read: dict[str, object] = {"principal": "svc", "operation": "read", "outcome": "success", "dataset": DATASET}
    touches(folder, "access.ndjson", *({"time": time, **read} for time in times))
    words = [word for side, time in window.items() for word in (f"--{side.strip('_')}", time)]
    (row,) = ask(folder / "store", "who-touched", ["--dataset", "n/d", *words])["coverage"]
    return list(row.get("silent", ()))


def test_a_silence_around_1970_is_seen(tmp_path: Path) -> None:
    times = ("1969-12-31T23:20:00.000000Z", "1970-01-01T00:30:00.000000Z")
    assert silences(tmp_path, *times, from_=times[0], to=times[1]) == [list(times)]


def test_a_silence_that_ended_before_1970_begins_before_it_ends(tmp_path: Path) -> None:
    time = "1960-01-01T00:00:00.000000Z"
    assert silences(tmp_path, time, to=time) == [["0001-01-01T00:00:00.000000Z", time]]
