"""An affected version that lists of requirements hold under an environment marker: possibly there, never certainly."""

import json
from pathlib import Path

from lineage.ingest import Told
from lineage.store import open_store
from tests.asking import ask_opened, ingest

PACKAGE = "pkg:pypi/litellm@1.82.7"
RUN = [
    {"eventType": kind, "eventTime": f"2026-03-24T{at}Z", "run": {"runId": "r-1"},
     "job": {"namespace": "airflow", "name": "hourly"}, "inputs": [{"namespace": "n", "name": "d"}]}
    for kind, at in (("START", "11:00:00"), ("COMPLETE", "11:10:00"))
]  # fmt: skip
CATALOG = """\
version: 1
as_of: 2026-03-25T00:00:00Z
jobs: [{match: {namespace: airflow, name: hourly}, environment: workers}]
"""


def compromised(folder: Path, *lists: tuple[str, str]) -> dict[str, str]:
    """Runs by how surely they were compromised, of lists of requirements with the hour at which each was installed."""
    folder.mkdir()
    (folder / "openlineage.ndjson").write_text("".join(json.dumps(one) + "\n" for one in RUN))
    (folder / "catalog.yml").write_text(CATALOG)
    ingest(folder / "store", [folder])
    for number, (hour, text) in enumerate(lists):
        path = folder / f"requirements-{number}.txt"
        path.write_text(text)
        ingest(folder / "store", [path], Told(environment="workers", taken_at=f"2026-03-24T{hour}:00:00Z"))
    with open_store(str(folder / "store"), read_only=True) as store:
        said = ask_opened(store, "blast-radius", ["--package", PACKAGE])
    return {one["run_id"]: one["compromised"] for one in said["runs"]}


def test_between_two_lists_that_both_hold_it(tmp_path: Path) -> None:
    plain, marked = "a==1\nlitellm==1.82.7\n", "a==1\nlitellm==1.82.7 ; python_version >= '3.9'\n"
    for name, lists, found in (
        ("plain", (plain, plain), {"r-1": "certain"}),
        ("one", (plain, marked), {"r-1": "possible"}),
        ("both", (marked, marked), {"r-1": "possible"}),
        ("gone", ("a==1\n", "a==1\n"), {}),
    ):
        told = [("10", lists[0]), ("12", lists[1]), ("14", plain)]
        assert compromised(tmp_path / name, *told) == found, name
