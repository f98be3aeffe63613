"""What every answer says about itself: what waits for a time zone, what was rejected, and which runs tell less than
their SQL does."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.store import open_store
from tests.asking import ingest

SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
STORE = "postgres://db"
AT = "2026-03-24T10:00:00"


def run(number: int, query: str = "", *, at: str = f"{AT}Z", **told: Any) -> dict[str, Any]:
    facets = {"sql": {"query": query, "dialect": "postgres"}} if query else {}
    return {
        "eventType": "COMPLETE", "eventTime": at, "producer": "https://example.org", "schemaURL": f"{SPEC}RunEvent",
        "run": {"runId": f"r-{number}"}, "job": {"namespace": "n", "name": "j", "facets": facets}, **told,
    }  # fmt: skip


def table(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": STORE, "name": f"people.public.{name}", "facets": facets}


def caveats(folder: Path, *lines: Any, catalog: str = "") -> dict[str, int]:
    """By kind, of lines that are each in a file of its own."""
    (folder / "in").mkdir()
    for number, line in enumerate(lines):
        text = line if isinstance(line, str) else json.dumps(line)
        (folder / "in" / f"access{number}.json").write_text(text + "\n")
    if catalog:
        (folder / "in" / "catalog.yml").write_text(catalog)
    ingest(folder / "store", [folder / "in"])
    with open_store(str(folder / "store"), read_only=True) as store:
        return dict(store.rows("SELECT kind, count FROM caveat"))


WITHOUT = {
    "a run's event": run(1, at=AT),
    "a dataset's change": {
        "eventTime": AT, "producer": "p", "schemaURL": f"{SPEC}DatasetEvent",
        "dataset": table("t", lifecycleStateChange={"lifecycleStateChange": "DROP"}),
    },
    "an access": {"time": AT, "principal": "p", "operation": "read", "outcome": "success",
                  "dataset": {"namespace": STORE, "name": "t"}},
    "a snapshot": {"bomFormat": "CycloneDX", "components": [],
                   "metadata": {"timestamp": AT, "component": {"name": "workers"}}},
    "an entry": {"dataset_namespace": STORE, "dataset_name": "t", "key": "1", "valid_from": AT},
}  # fmt: skip


def test_what_has_no_offset_waits_for_a_time_zone(tmp_path: Path) -> None:
    assert caveats(tmp_path, *WITHOUT.values())["held-aside-line"] == len(WITHOUT)


@pytest.mark.parametrize("kind", WITHOUT)
def test_where_the_catalog_tells_the_zone_nothing_waits(tmp_path: Path, kind: str) -> None:
    sources = ", ".join(
        f'{{id: {one}, collector: {one}, files: "*", timezone: Africa/Nairobi}}'
        for one in ("openlineage", "access", "cyclonedx", "records")
    )
    catalog = f"version: 1\nas_of: 2026-03-25T00:00:00Z\nsources: [{sources}]\n"
    assert caveats(tmp_path, WITHOUT[kind], catalog=catalog)["held-aside-line"] == 0


def test_a_line_that_is_rejected_twice_is_one(tmp_path: Path) -> None:
    wrong = {"time": f"{AT}Z", "principal": "p", "operation": "eat", "outcome": "success", "dataset": {"name": "t"}}
    found = caveats(tmp_path, wrong, [wrong, wrong | {"operation": "drink"}])
    assert found["rejected-line"] == 2


READS = "INSERT INTO t SELECT * FROM base"
NOT_READ = "SELECT FROM WHERE ((("
TOLD_LESS: dict[str, tuple[dict[str, Any], bool]] = {
    "a dataset without a name": (run(1, outputs=[{"namespace": STORE}]), True),
    "outputs that are no list": (run(1, outputs="t"), True),
    "a name that came from nowhere": (
        run(1, outputs=[table("t", lifecycleStateChange={"lifecycleStateChange": "RENAME"})]), True
    ),
    "an extraction that failed": (run(1) | {"run": {"runId": "r", "facets": {"extractionError": {}}}}, True),
    "what a dataset derives from, without a run": (
        {"eventTime": f"{AT}Z", "producer": "p", "schemaURL": f"{SPEC}DatasetEvent",
         "dataset": table("t", lineage={"inputs": [table("base")]})}, True,
    ),
    "SQL that reads, and nothing says where": (run(1, "SELECT * FROM base"), True),
    "SQL that writes, and nothing says where": (run(1, "INSERT INTO t VALUES (1)"), True),
    "SQL that writes for itself alone": (run(1, "CREATE TEMP TABLE t (id int)"), False),
    "SQL beside an output": (run(1, READS, outputs=[table("t")]), False),
    "SQL that is not understood, beside an output": (run(1, NOT_READ, outputs=[table("t")]), True),
    "SQL that is not understood, beside an input": (run(1, NOT_READ, inputs=[table("t")]), False),
    "nothing": (run(1), False),
}  # fmt: skip


@pytest.mark.parametrize("case", TOLD_LESS)
def test_a_run_that_tells_less_than_it_did_is_counted(tmp_path: Path, case: str) -> None:
    told, counted = TOLD_LESS[case]
    assert caveats(tmp_path, told)["incomplete-lineage"] == counted
