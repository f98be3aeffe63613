"""Rows that pgaudit has of what inherits from a table that a text names: what they tell, and when they say nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest
from tests.collectors.pgaudit_records import row
from tests.logs import CATALOG, altered, graded, log, read, stored
from tests.touches.test_parts import DEFAULT, KEPT, MADE


def child(rows: list[dict[str, Any]], name: str, text: str) -> dict[str, Any]:
    """The row that the last but one of a log's calls has of a table that inherits from the one it names."""
    call = rows[-2]["message"].split(",")[1]
    told = row(f"{call},1,MISC,???,TABLE,public.{name},{text},<none>", user="reader")
    return told | {"timestamp": rows[-2]["timestamp"], "line_num": 99}


def test_a_part_without_a_row_where_others_have_theirs_was_not_read(tmp_path: Path) -> None:
    """What the partitions' bounds rule out has none."""
    catalog = CATALOG.replace("name: people.public.people", 'name: "people.public.*"')
    rows = log(MADE, DEFAULT, read("SELECT * FROM people", "public.people"), read("SELECT 1"))
    records = KEPT + KEPT.splitlines()[1].replace("public.ke,7,C-7", "public.q,8,C-8") + "\n"
    both = graded(stored(tmp_path / "without", rows, records, catalog), "reader")
    assert both == {"C-7": "possible", "C-8": "possible"}
    told = [*rows, child(rows, "ke", "SELECT * FROM people")]
    assert set(graded(stored(tmp_path / "with", told, records, catalog), "reader")) == {"C-7"}


IO = {"namespace": "postgres://db", "name": "people.public.ke"}
CHANGE = {
    "eventTime": "2026-03-24T10:00:00Z",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/",
}
RUN = CHANGE | {"eventType": "COMPLETE", "run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}}


@pytest.mark.parametrize(
    ("known", "event", "listed"),
    [
        ((), None, False),
        ((altered("public.old", "ALTER TABLE ke RENAME TO old"),), None, True),
        ((), RUN | {"outputs": [IO]}, True),
        ((), CHANGE | {"dataset": IO | {"facets": {"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}}}, True),
        ((), RUN | {"job": {"namespace": "n", "name": "j", "facets": {"lineage": {"entries": [
            {**IO, "name": "x", "inputs": [IO]}]}}}}, True),
    ],
    ids=["nothing", "another name", "an output", "a change", "a source"],
)  # fmt: skip
def test_a_row_of_what_inherits_counts_where_more_is_known_of_it(
    tmp_path: Path, known: tuple[Any, ...], event: dict[str, Any] | None, listed: bool
) -> None:
    rows = log(*known, read("SELECT * FROM people", "public.people"), read("SELECT 1"))
    store = stored(tmp_path, [*rows, child(rows, "ke", "SELECT * FROM people")])
    if event:
        (tmp_path / "event.json").write_text(json.dumps(event) + "\n")
        ingest(store, [tmp_path / "event.json"])
    datasets = {one["name"] for one in ask(store, "blast-radius", ["--principal", "reader"])["datasets"]}
    assert ("people.public.ke" in datasets) == listed
