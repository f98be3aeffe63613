"""Column lineage of a run, and which categories of a record it carries on."""

import json
from pathlib import Path

import pytest

from tests.asking import ask, ingest
from tests.shown_by_runs import READ, RECORDS, STORE, run

CATALOG = """
version: 1
as_of: 2026-03-25T00:00:00Z
datasets:
  - match: {namespace: "postgres://people-db:5432", name: people.public.base}
    fields: {name: [Name], iban: [BankAccount]}
"""


@pytest.mark.parametrize(
    ("source", "carried"),
    [("people.public.base", ["Name"]), ("__dbt__cte__base", ["BankAccount", "Name"])],
)
def test_a_field_of_what_was_not_read_may_be_any_field_of_what_was(
    tmp_path: Path, source: str, carried: list[str]
) -> None:
    """dbt names the subquery that an ephemeral model is."""
    fields = {"label": {"inputFields": [{"namespace": STORE, "name": source, "field": "name"}]}}
    events = run(1, 3, ["base"], "shown")
    for event in events:
        event["outputs"][0]["facets"] = {"columnLineage": {"fields": fields}}
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "catalog.yml").write_text(CATALOG)
    (tmp_path / "input" / "openlineage.ndjson").write_text("\n".join(map(json.dumps, events)))
    (tmp_path / "input" / "access.ndjson").write_text(json.dumps(READ) + "\n")
    (tmp_path / "input" / "records.csv").write_text(RECORDS)
    ingest(tmp_path / "store", [tmp_path / "input"])
    [person] = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])["data_subjects"]
    assert (person["id"], sorted(person["categories"])) == ("C-EARLY", carried)
