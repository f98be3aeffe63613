"""Runs that tell their SQL, and whom an access touches that reads `people.public.shown` after them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.asking import ask, ingest

STORE = "postgres://people-db:5432"
RECORDS = """dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to
postgres://people-db:5432,people.public.base,b-1,C-EARLY,2026-03-24T01:00:00Z,
postgres://people-db:5432,people.public.base,b-2,C-LATE,2026-03-24T05:00:00Z,
postgres://people-db:5432,people.public.other,o-1,C-OTHER,2026-03-24T01:00:00Z,
"""
READ = {
    "id": "1",
    "time": "2026-03-24T06:00:00.000000Z",
    "principal": "svc",
    "operation": "read",
    "outcome": "success",
    "dataset": {"namespace": STORE, "name": "people.public.shown"},
    "statement": "SELECT * FROM public.shown WHERE level = 1",
    "dialect": "postgres",
}


def run(number: int, hour: int, inputs: list[str], output: str, query: str | None = None) -> list[dict[str, Any]]:
    """A run of that hour, told at its start and at its end."""

    def named(names: list[str]) -> list[dict[str, str]]:
        return [{"namespace": STORE, "name": f"people.public.{name}"} for name in names]

    told = {
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012d}"},
        "job": {"namespace": "airflow", "name": "making", "facets": {"sql": {"query": query}} if query else {}},
        "inputs": named(inputs),
        "outputs": named([output]),
    }
    return [
        {**told, "eventType": "START", "eventTime": f"2026-03-24T{hour:02d}:00:00Z"},
        {**told, "eventType": "COMPLETE", "eventTime": f"2026-03-24T{hour:02d}:10:00Z"},
    ]


def read_by_svc(
    folder: Path,
    events: list[dict[str, Any]],
    records: str = RECORDS,
    others: Sequence[dict[str, Any]] = (),
    asked: dict[str, Any] | None = None,
) -> dict[str, str]:
    """The people and grades of what svc read (``asked`` otherwise), after runs and the accesses of others."""
    (folder / "input").mkdir()
    (folder / "input" / "openlineage.ndjson").write_text("\n".join(map(json.dumps, events)))
    accesses = [*(one | {"principal": "other"} for one in others), READ | (asked or {})]
    (folder / "input" / "access.ndjson").write_text("".join(json.dumps(one) + "\n" for one in accesses))
    (folder / "input" / "records.csv").write_text(records)
    ingest(folder / "store", [folder / "input"])
    said = ask(folder / "store", "blast-radius", ["--principal", "svc"])
    return {row["id"]: row["grade"] for row in said["data_subjects"]}
