"""Snapshots of two hosts of one environment, of which one holds an affected version: they take turns all year."""

import json
from pathlib import Path

from lineage.store import open_store
from tests.asking import ask_opened, ingest

HOURS = 48
BAD, GOOD = "pkg:pypi/litellm@1.82.8", "pkg:pypi/litellm@1.82.6"


def snapshot(hour: int, minute: int, purl: str) -> str:
    taken = f"2026-03-{1 + hour // 24:02d}T{hour % 24:02d}:{minute:02d}:00Z"
    about = {"timestamp": taken, "component": {"type": "application", "name": "workers"}}
    part = {"type": "library", "name": "litellm", "purl": purl}
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": about, "components": [part]})


def event(hour: int, kind: str, minute: int) -> dict[str, object]:
    return {
        "eventType": kind,
        "eventTime": f"2026-03-{1 + hour // 24:02d}T{hour % 24:02d}:{minute:02d}:00Z",
        "run": {"runId": f"r-{hour}"},
        "job": {"namespace": "airflow", "name": "hourly"},
        "inputs": [{"namespace": "n", "name": "d"}],
    }


def test_runs_are_compromised_by_the_turns_that_they_meet(tmp_path: Path) -> None:
    for hour in range(HOURS):
        (tmp_path / f"bad-{hour}.cdx.json").write_text(snapshot(hour, 0, BAD))
        (tmp_path / f"good-{hour}.cdx.json").write_text(snapshot(hour, 30, GOOD))
    (tmp_path / "bad-again.cdx.json").write_text(snapshot(5, 10, BAD))
    runs = [event(hour, *told) for hour in range(HOURS) for told in (("START", 5), ("COMPLETE", 8))]
    (tmp_path / "openlineage.ndjson").write_text("".join(json.dumps(one) + "\n" for one in runs))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        "jobs: [{match: {namespace: airflow, name: hourly}, environment: workers}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        window = ("--from", "2026-03-01T02:00:00Z", "--to", "2026-03-02T02:00:00Z")
        said = ask_opened(store, "blast-radius", ["--package", BAD, *window])
        assert {one["run_id"]: one["compromised"] for one in said["runs"]} == {
            f"r-{hour}": "certain" if hour == 5 else "possible" for hour in range(2, 26)
        }
        assert store.one("SELECT count(*) FROM told_run")[0] <= 2 * HOURS + 1
