"""Record entries in Parquet say the same as in CSV."""

from pathlib import Path

import duckdb

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
