"""Column lineage of a run, and which categories of a record it carries on."""

import json
from pathlib import Path
from typing import Any

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
    take_in(tmp_path, events, READ)
    [person] = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])["data_subjects"]
    assert (person["id"], sorted(person["categories"])) == ("C-EARLY", carried)


BASE, OTHER = "people.public.base", "people.public.other"


@pytest.mark.parametrize(
    ("sql", "told", "read", "carried"),
    [
        # What a star and a whole row bring along is in no field that is told.
        ("CREATE TABLE shown AS SELECT b.*, o.label FROM base b JOIN other o USING (id)", {"label": (OTHER, "label")},
         "*", {"BankAccount", "Name"}),
        ("CREATE TABLE shown AS SELECT to_jsonb(b) AS all_of_it FROM base b", {"all_of_it": (BASE, "b")},
         "*", {"BankAccount", "Name"}),
        # Which of the tables holds a field is not looked up: the first is told.
        ("CREATE TABLE shown AS SELECT name, label FROM other JOIN base USING (id)",
         {"name": (OTHER, "name"), "label": (OTHER, "label")}, "*", {"Name"}),
        # What INSERT puts into which field is told neither.
        ("INSERT INTO shown (who) SELECT name FROM base", {"name": (BASE, "name")}, "who", {"Name"}),
        ("INSERT INTO shown (who) SELECT name FROM base ON CONFLICT (who) DO UPDATE SET who = excluded.who",
         {"name": (BASE, "name")}, "who", {"Name"}),
        ("DELETE FROM shown WHERE id = 1; INSERT INTO shown (who) SELECT name FROM base",
         {"name": (BASE, "name")}, "who", {"Name"}),
        ("CREATE TABLE shown AS SELECT name::text FROM base", {"_0": (BASE, "name")}, "name", {"Name"}),
        # Where all that is read is named, no more is carried.
        ("CREATE TABLE shown AS SELECT b.name AS who, o.label FROM base b JOIN other o ON o.iban = b.id",
         {"who": (BASE, "name"), "label": (OTHER, "label")}, "*", {"Name"}),
        ("CREATE TABLE shown AS SELECT name AS who, iban AS account FROM base",
         {"who": (BASE, "name"), "account": (BASE, "iban")}, "who", {"Name"}),
    ],
)  # fmt: skip
def test_what_sql_tells_goes_beyond_the_fields_that_are_told(
    tmp_path: Path, sql: str, told: dict[str, tuple[str, str]], read: str, carried: set[str]
) -> None:
    """So Airflow and dbt tell it: their parser of SQL looks up no table."""
    events = run(1, 3, ["base", "other"], "shown", sql)
    for event in events:
        event["outputs"][0]["facets"] = {
            "columnLineage": {
                "fields": {
                    field: {"inputFields": [{"namespace": STORE, "name": name, "field": source}]}
                    for field, (name, source) in told.items()
                }
            }
        }
    take_in(tmp_path, events, READ | {"statement": f"SELECT {read} FROM public.shown"})
    [person] = [
        one
        for one in ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])["data_subjects"]
        if one["id"] == "C-EARLY"
    ]
    assert set(person["categories"]) == carried


@pytest.mark.parametrize(("fields", "carried"), [(["anything"], ["BankAccount"]), ([], [])])
def test_a_field_that_is_said_to_come_from_may_be_in_any_field(
    tmp_path: Path, fields: list[str], carried: list[str]
) -> None:
    """The `lineage` facet may name the field of a source, and none of the output."""
    events = run(1, 3, ["base"], "shown")
    stated = {"namespace": STORE, "name": "people.public.base", "type": "DATASET", "field": "iban"}
    for event in events:
        event["outputs"][0]["facets"] = {"lineage": {"inputs": [stated]}}
    take_in(tmp_path, events, {**READ, "fields": fields})
    [person] = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])["data_subjects"]
    assert (person["id"], person["categories"]) == ("C-EARLY", carried)


def take_in(folder: Path, events: list[Any], read: dict[str, Any]) -> None:
    (folder / "input").mkdir()
    (folder / "input" / "catalog.yml").write_text(CATALOG)
    (folder / "input" / "openlineage.ndjson").write_text("\n".join(map(json.dumps, events)))
    (folder / "input" / "access.ndjson").write_text(json.dumps(read) + "\n")
    (folder / "input" / "records.csv").write_text(RECORDS)
    ingest(folder / "store", [folder / "input"])
