"""Record entries in Parquet say the same as in CSV."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest
from pyarrow import parquet

from lineage.ingest.opening import open_plain
from tests.asking import ask, ingest

HEADER = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,country,level"
ROWS = (
    "pg,people.public.c,1,C-1,2026-03-01T00:00:00Z,,KE,3",
    "pg,people.public.c,2,C-2,2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,PH,",
)
READ = (
    '{"id": "a", "time": "2026-03-01T12:00:00.000000Z", "principal": "p", "operation": "read", "outcome": "success",'
    ' "dataset": {"namespace": "pg", "name": "people.public.c"},'
    ' "statement": "SELECT * FROM public.c WHERE level = 3", "dialect": "postgres"}'
)


def test_parquet_answers_as_csv(tmp_path: Path) -> None:
    table = tmp_path / "records.csv"
    table.write_text("\n".join((HEADER, *ROWS)) + "\n")
    columnar = tmp_path / "records.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"COPY (SELECT * REPLACE (key::VARCHAR AS key, valid_from::TIMESTAMPTZ AS valid_from,"
            f" valid_to::TIMESTAMPTZ AS valid_to) FROM read_csv('{table}')) TO '{columnar}' (FORMAT parquet)"
        )
    events = tmp_path / "access.ndjson"
    events.write_text(READ + "\n")
    grades = {}
    for form in (table, columnar):
        store = tmp_path / f"{form.suffix[1:]}.duckdb"
        taken = ingest(store, [form, events])
        assert [(item.collector, item.tally.stored) for item in taken] == [("records", 2), ("access", 1)]
        answer = ask(store, "blast-radius", ["--principal", "p"])
        grades[form.suffix] = {person["id"]: person["grade"] for person in answer["data_subjects"]}
    assert grades[".csv"] == {"C-1": "confirmed", "C-2": "probable"}
    assert grades[".parquet"] == grades[".csv"]


def test_a_torn_parquet_file_is_left_alone_and_named(tmp_path: Path) -> None:
    torn = tmp_path / "records.parquet"
    torn.write_bytes(b"PAR1" + b"\0" * 100)
    (taken,) = ingest(tmp_path / "store.duckdb", [torn])
    assert taken.collector is None


MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def written(file: Path, columns: dict[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table(columns), file)
    return file


def rows(file: Path) -> list[dict[str, Any]]:
    stream, _ = open_plain(file)
    with stream:
        return [json.loads(line) for line in stream]


def records(keys: Any, people: Any, *, valid_from: Any = None, **attributes: Any) -> dict[str, Any]:
    told = {"dataset_namespace": ["pg"] * len(keys), "dataset_name": ["people.public.c"] * len(keys), "key": keys}
    since = pyarrow.array([MARCH] * len(keys), pyarrow.timestamp("us", "UTC")) if valid_from is None else valid_from
    return told | {"data_subject": people, "valid_from": since} | attributes


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_an_instant_is_one_in_whatever_unit_it_is_kept(tmp_path: Path, unit: str) -> None:
    """pandas keeps nanoseconds: those were taken for times without an offset, and waited for their time zone."""
    at = pyarrow.array([MARCH], pyarrow.timestamp(unit, "UTC"))
    file = written(tmp_path / "records.parquet", records(["1"], ["C-1"], valid_from=at, seen=at))
    assert rows(file)[0]["valid_from"] == "2026-03-01T00:00:00.000000Z"
    assert rows(file)[0]["seen"] == {"t": "2026-03-01T00:00:00.000000Z"}


def test_no_digit_of_a_large_number_is_lost(tmp_path: Path) -> None:
    level = pyarrow.array([Decimal("100000000000000000000000000.01")], pyarrow.decimal128(38, 2))
    stream, _ = open_plain(written(tmp_path / "records.parquet", records(["1"], ["C-1"], level=level)))
    with stream:
        assert b'"level":100000000000000000000000000.01}' in stream.read()


def test_lists_of_times_and_numbers_that_are_none_cost_no_record(tmp_path: Path) -> None:
    times = pyarrow.array([[MARCH], None], pyarrow.list_(pyarrow.timestamp("us", "UTC")))
    columns = records(["1", "2"], ["C-1", "C-2"], seen=times, level=[float("nan"), 3.0])
    file = written(tmp_path / "records.parquet", columns)
    (taken,) = ingest(tmp_path / "s.duckdb", [file])
    assert (taken.tally.stored, taken.tally.rejected) == (2, 0)


def test_bytes_are_text_where_names_are_due_and_nowhere_else(tmp_path: Path) -> None:
    columns = records(pyarrow.array(["é".encode()], pyarrow.binary()), ["C-1"], raw=[b"\xc3\xa9"])
    (row,) = rows(written(tmp_path / "records.parquet", columns))
    assert row["key"] == "é"
    assert "raw" not in row


@pytest.mark.parametrize("name", ["rec*.parquet", "rec?rds.parquet", "rec[a-z]rds.parquet", "data_subject=C-9/r"])
def test_what_a_file_or_folder_is_called_says_nothing(tmp_path: Path, name: str) -> None:
    written(tmp_path / "records.parquet", records(["1"], ["C-1"]))
    (row,) = rows(written(tmp_path / name, records(["2"], ["C-2"])))
    assert (row["key"], row["data_subject"]) == ("2", "C-2")


def test_access_events_say_the_same_in_parquet(tmp_path: Path) -> None:
    table = tmp_path / "records.csv"
    table.write_text("\n".join((HEADER, *ROWS)) + "\n")
    line = tmp_path / "access.ndjson"
    line.write_text(READ + "\n")
    told = {name: [value] for name, value in json.loads(READ).items()}
    told["time"] = pyarrow.array([datetime(2026, 3, 1, 12, tzinfo=UTC)], pyarrow.timestamp("us", "UTC"))
    columnar = written(tmp_path / "access.parquet", told)
    answers = []
    for number, form in enumerate((line, columnar)):
        ingest(tmp_path / f"{number}.duckdb", [table, form])
        answers.append(ask(tmp_path / f"{number}.duckdb", "blast-radius", ["--principal", "p"])["data_subjects"])
    assert answers[0] == answers[1] != []
