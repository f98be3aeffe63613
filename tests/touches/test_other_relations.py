"""Rows of a log that name what their text does not: views of which no more is known, and tables that inherit."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask
from tests.collectors.pgaudit_records import row
from tests.touches.taking import CATALOG, graded, take_in


def test_beside_a_view_of_which_nothing_more_is_told_any_row_may_be_read(tmp_path: Path) -> None:
    """It may show the table that the text names for other rows; one that is known is told by itself."""
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id\n"
    for key in (1, 2):
        told += f"postgres://db,people.public.contractors,{key},C-{key},2020-01-01T00:00:00Z,{key}\n"
    join = "SELECT c.id FROM contractors c JOIN {} v ON v.boss = c.id WHERE c.id = 1"

    def joined(number: int, view: str, user: str) -> list[dict[str, Any]]:
        text = join.format(view)
        kinds = (("TABLE", "contractors"), ("VIEW", view), ("TABLE", "contractors"))
        return [
            row(f"{number},1,READ,SELECT,{kind},public.{name},{text},<none>", user=user, line_num=number * 10 + line)
            for line, (kind, name) in enumerate(kinds)
        ]

    rows = [*joined(1, "old", "unseen"), *joined(2, "known", "seen")]
    rows.append(
        row("3,1,READ,SELECT,TABLE,public.contractors,SELECT id FROM contractors WHERE id = 1,<none>", user="one")
    )
    shown = ', {match: {namespace: "postgres://db", name: people.public.known}, view_of: [people.public.pay]}]'
    take_in(tmp_path, rows, told, CATALOG.replace("]\nsources", f"{shown}\nsources", 1))
    assert graded(tmp_path, "unseen")[0] == {"C-1": "probable", "C-2": "probable"}
    assert set(graded(tmp_path, "seen")[0]) == {"C-1"}
    assert graded(tmp_path, "one")[0] == {"C-1": "confirmed"}


def test_what_inherits_is_read_with_the_table_that_is_named_if_anything_is_known_of_it(tmp_path: Path) -> None:
    """A partition whose records are told of the whole table says nothing more."""
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id\n"
    for table, key in (("contractors", 1), ("contractors", 2), ("former", 3)):
        told += f"postgres://db,people.public.{table},{key},C-{key},2020-01-01T00:00:00Z,{key}\n"
    text = "SELECT * FROM contractors WHERE id = 1"
    kinds = (("READ,SELECT", "contractors"), ("MISC,???", "contractors_low"), ("MISC,???", "former"))
    rows = [
        row(f"1,1,{kind},TABLE,public.{table},{text},<none>", user="reader", line_num=line)
        for line, (kind, table) in enumerate(kinds, 1)
    ]
    take_in(tmp_path, rows, told)
    assert graded(tmp_path, "reader")[0] == {"C-1": "confirmed", "C-3": "probable"}
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "reader"])
    assert {one["name"] for one in said["datasets"]} == {"people.public.contractors", "people.public.former"}


def test_a_change_reaches_whoever_reads_the_partition_by_its_own_name(tmp_path: Path) -> None:
    """Its rows are of nothing that has entries, and a run that reads it is told of it all the same."""
    text = "UPDATE contractors SET rate = 1 WHERE id = 1"
    kinds = (("WRITE,UPDATE", "contractors"), ("MISC,???", "contractors_low"))
    rows = [
        row(f"1,1,{kind},TABLE,public.{table},{text},<none>", user="writer", line_num=line)
        for line, (kind, table) in enumerate(kinds, 1)
    ]
    run: dict[str, Any] = {
        "run": {"runId": "0190a4c2-7e6b-7bbd-9c1e-1234567890ab"},
        "job": {"namespace": "j", "name": "reader"},
    }
    run["inputs"] = [{"namespace": "postgres://db", "name": "people.public.contractors_low"}]
    run |= {"producer": "https://e.org", "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json"}
    states = (("2026-12-25T10:00:00Z", "START"), ("2026-12-25T11:00:00Z", "COMPLETE"))
    told = [run | {"eventTime": time, "eventType": state} for time, state in states]
    (tmp_path / "runs.ndjson").write_text("".join(json.dumps(one) + "\n" for one in told))
    take_in(tmp_path, rows, "dataset_namespace,dataset_name,key,data_subject,valid_from\n")
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "writer"])
    assert [one["run_id"] for one in said["runs"]] == ["0190a4c2-7e6b-7bbd-9c1e-1234567890ab"]


@pytest.mark.parametrize("told_by", ["log", "catalog"])
def test_who_refreshes_a_materialized_view_reads_what_it_is_made_of(tmp_path: Path, told_by: str) -> None:
    """Of which the text says nothing, and without pgaudit.log_relation no row; what came since it was made is in it."""
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to\n"
    told += "postgres://db,people.public.contractors,1,C-1,2026-03-24T11:30:00Z,\n"
    making, anew = "CREATE MATERIALIZED VIEW kept AS SELECT * FROM contractors", "REFRESH MATERIALIZED VIEW"
    rows = [
        row(f"1,2,DDL,CREATE MATERIALIZED VIEW,,,{making},<none>", user="maker",
            timestamp="2026-03-24 11:00:00.000 UTC"),
        row(f"2,1,DDL,{anew},MATERIALIZED VIEW,public.kept,{anew} kept,<none>", user="refresher", line_num=2,
            timestamp="2026-03-24 12:00:00.000 UTC"),
        row("3,1,READ,SELECT,,,SELECT * FROM kept,<none>", user="reader", line_num=3,
            timestamp="2026-03-24 13:00:00.000 UTC"),
    ]  # fmt: skip
    shown = ', {match: {namespace: "postgres://db", name: people.public.kept}, view_of: [people.public.contractors]}]'
    catalog = CATALOG if told_by == "log" else CATALOG.replace("]\nsources", f"{shown}\nsources", 1)
    take_in(tmp_path, rows if told_by == "log" else rows[1:], told, catalog)
    grade = "possible" if told_by == "log" else "probable"
    assert graded(tmp_path, "refresher") == [{"C-1": grade}, {}]
    assert graded(tmp_path, "reader") == [{"C-1": grade}, {}]


def test_tables_of_the_database_itself_are_passed_over(tmp_path: Path) -> None:
    """By a text as by a row: what looks up tables, as every mapper and pg_dump do, reads nobody's data by that."""
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id\n"
    told += "postgres://db,people.public.contractors,1,C-1,2020-01-01T00:00:00Z,1\n"
    looked_up = (
        "SELECT c.relname FROM pg_catalog.pg_class c JOIN information_schema.tables t ON t.table_name = c.relname"
    )
    beside = "SELECT p.* FROM contractors p JOIN pg_catalog.pg_class c ON c.oid = p.id"
    rows = [
        row(f"{number},1,READ,SELECT,,,{text},<none>", user=user, line_num=number)
        for number, (user, text) in enumerate([("mapper", looked_up), ("reader", beside)], 1)
    ]
    take_in(tmp_path, rows, told)
    assert graded(tmp_path, "mapper") == [{}, {}]
    assert graded(tmp_path, "reader") == [{"C-1": "probable"}, {}]
    for user, names in (("mapper", []), ("reader", ["people.public.contractors"])):
        answer = ask(tmp_path / "store", "blast-radius", ["--principal", user])
        assert [one["name"] for one in answer["datasets"]] == names
        assert "unknown-dataset" not in {one["kind"] for one in answer["caveats"]}
