"""What the SQL of a run says of an output that the event calls otherwise: Spark tells a table as the path of its files,
with the name that the SQL holds as a symlink."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest

PATH = {"namespace": "s3://lake", "name": "warehouse/orders"}
TABLES = {
    "hive": {"namespace": "hive://metastore:9083", "name": "sales.orders", "type": "TABLE"},
    "glue": {"namespace": "arn:aws:glue:eu-west-1:111122223333", "name": "table/sales/orders", "type": "TABLE"},
}
INSERT = "INSERT OVERWRITE TABLE sales.orders PARTITION (day = '1') SELECT id FROM sales.raw"
CREATE = "CREATE TABLE IF NOT EXISTS {} USING parquet AS SELECT id FROM sales.raw"


def run(number: int, job: str, *, reads: bool = False, table: str = "hive", **told: Any) -> list[dict[str, Any]]:
    """A run that reads or writes the table, told at its start and at its end."""
    change, query = told.get("change"), told.get("query")
    facets: dict[str, Any] = {"symlinks": {"identifiers": [TABLES[table]]}}
    if change:
        facets["lifecycleStateChange"] = {"lifecycleStateChange": change}
    event = {
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-4000-8000-{number:012d}"},
        "job": {"namespace": "spark", "name": job, "facets": {"sql": {"query": query}} if query else {}},
        "inputs": [PATH | {"facets": facets}] if reads else [],
        "outputs": [] if reads else [PATH | {"facets": facets}],
    }
    return [
        {**event, "eventType": kind, "eventTime": f"2026-03-24T{number:02d}:{minute}:00Z"}
        for kind, minute in (("START", "00"), ("COMPLETE", "10"))
    ]


def read_state(folder: Path, *between: dict[str, Any]) -> str | None:
    """Whether who reads the table is contaminated by a bad job that wrote to it before others did."""
    (folder / "events.ndjson").write_text("\n".join(map(json.dumps, between)))
    ingest(folder / "store", [folder / "events.ndjson"])
    runs = ask(folder / "store", "blast-radius", ["--job", "spark/bad"])["runs"]
    return next((one["contaminated"] for one in runs if one["job"]["name"] == "reader"), None)


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize(
    ("change", "query"),
    [
        ("OVERWRITE", INSERT),
        ("OVERWRITE", INSERT.replace("TABLE sales", "TABLE spark_catalog.sales")),
        ("CREATE", CREATE.format("sales.orders")),
        ("CREATE", CREATE.format("orders")),
    ],
)
def test_sql_that_replaces_a_part_of_a_table_stops_nothing(tmp_path: Path, table: str, change: str, query: str) -> None:
    good = run(2, "good", change=change, query=query, table=table)
    events = run(1, "bad", table=table) + good + run(3, "reader", reads=True, table=table)
    assert read_state(tmp_path, *events) == "possible"


def test_sql_that_only_inserts_into_a_table_leaves_what_it_held(tmp_path: Path) -> None:
    query = "INSERT INTO orders SELECT id FROM sales.raw"
    events = run(1, "bad", change="OVERWRITE") + run(2, "good", query=query) + run(3, "reader", reads=True)
    assert read_state(tmp_path, *events) == "certain"


def test_sql_that_replaces_what_a_symlink_alone_calls_so_is_no_barrier(tmp_path: Path) -> None:
    query = "INSERT OVERWRITE TABLE sales.orders SELECT id FROM sales.raw"
    events = run(1, "bad") + run(2, "good", query=query) + run(3, "reader", reads=True)
    assert read_state(tmp_path, *events) == "possible"


@pytest.mark.parametrize("query", [None, "INSERT OVERWRITE TABLE sales.other PARTITION (day = '1') SELECT 1"])
def test_what_the_event_says_alone_holds_where_the_sql_names_another_table(tmp_path: Path, query: str | None) -> None:
    events = run(1, "bad") + run(2, "good", change="OVERWRITE", query=query) + run(3, "reader", reads=True)
    assert read_state(tmp_path, *events) is None
