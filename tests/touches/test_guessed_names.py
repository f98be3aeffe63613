"""Names without a schema that no row places: which tables they may mean, each on files written by hand."""

import json
from pathlib import Path

from tests.asking import ask, ingest
from tests.by_hand import ENTRY_COLUMNS, STORE

CATALOG = f"""
version: 1
as_of: 2026-03-25T00:00:00Z
sources: [{{{{id: log, collector: {{collector}}, namespace: "{STORE}"}}}}]
"""


def test_a_bare_name_that_is_known_in_another_schema_may_mean_that_table(tmp_path: Path) -> None:
    """Possibly, since it is a guess; and so may be the table that is known in the place that the name has."""
    audit = "AUDIT: SESSION,{number},1,READ,SELECT,,,{text},<none>"
    texts = ("COPY staff TO STDOUT", "SELECT * FROM staff WHERE record_id = 's-9'", "SELECT * FROM base")
    rows = [
        {"timestamp": "2026-03-24 12:00:00.000 UTC", "user": f"user_{number}", "dbname": "people", "pid": 7,
         "session_id": "1.1", "line_num": number, "error_severity": "LOG",
         "message": audit.format(number=number, text=text)}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    (tmp_path / "audit.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "catalog.yml").write_text(CATALOG.format(collector="pgaudit"))
    (tmp_path / "records.csv").write_text(
        ENTRY_COLUMNS
        + "".join(
            f"{STORE},{dataset},s-1,{person},2026-01-01T00:00:00Z,\n"
            for dataset, person in (
                ("people.hr.staff", "C-HR"), ("other.hr.staff", "C-OTHER"), ("people.public.base", "C-BASE"),
                ("people.hr.base", "C-HIDDEN"),
            )
        )
    )  # fmt: skip
    ingest(tmp_path / "store", [tmp_path])
    said = [ask(tmp_path / "store", "blast-radius", ["--principal", f"user_{number}"]) for number in range(3)]
    assert [{one["id"]: one["grade"] for one in each["data_subjects"]} for each in said] == [
        {"C-HR": "possible"}, {"C-HR": "possible"}, {"C-BASE": "possible", "C-HIDDEN": "possible"}
    ]  # fmt: skip
    assert said[0]["summary"]["data_subjects"]["possible_because"] == {"unknown-schema": 1}
    touches = ask(tmp_path / "store", "who-touched", ["--data-subject", "C-HR"])["touches"]
    assert [(one["principal"], one["grade"]) for one in touches] == [("user_0", "possible"), ("user_1", "possible")]


def test_a_bare_name_may_mean_a_temporary_table_where_somebody_makes_one_of_that_name(tmp_path: Path) -> None:
    """No row says whether it was that, or the table that is known."""
    texts = ("CREATE TEMP TABLE base AS SELECT * FROM kept", "SELECT * FROM base", "SELECT * FROM kept")
    rows = [
        {"timestamp": f"2026-03-24 12:00:0{number}.000 UTC", "user": f"user_{number}", "dbname": "people", "pid": 7,
         "session_id": "1.1", "line_num": number, "error_severity": "LOG",
         "message": f"AUDIT: SESSION,{number},1,READ,SELECT,,,{text},<none>"}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    (tmp_path / "audit.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "catalog.yml").write_text(CATALOG.format(collector="pgaudit"))
    entries = "".join(
        f"{STORE},people.public.{table},1,C-{table.upper()},2026-01-01T00:00:00Z,\n" for table in ("base", "kept")
    )
    (tmp_path / "records.csv").write_text(ENTRY_COLUMNS + entries)
    ingest(tmp_path / "store", [tmp_path])
    said = [ask(tmp_path / "store", "blast-radius", ["--principal", f"user_{number}"]) for number in (1, 2)]
    assert [{one["id"]: one["grade"] for one in each["data_subjects"]} for each in said] == [
        {"C-BASE": "possible", "C-KEPT": "possible"}, {"C-KEPT": "confirmed"}
    ]  # fmt: skip


def test_a_bare_name_means_no_other_table_than_the_temporary_one_that_a_row_tells(tmp_path: Path) -> None:
    told = (
        ("3", "WRITE,INSERT,TABLE,public.base", "INSERT INTO batch SELECT * FROM base"),
        ("3", "WRITE,INSERT,TABLE,pg_temp_3.batch", "INSERT INTO batch SELECT * FROM base"),
        ("4", "READ,SELECT,TABLE,public.other", "SELECT * FROM other JOIN batch USING (id)"),
        ("4", "READ,SELECT,TABLE,pg_temp_4.batch", "SELECT * FROM other JOIN batch USING (id)"),
    )
    rows = [
        {"timestamp": "2026-03-24 12:00:00.000 UTC", "user": f"user_{session}", "dbname": "people", "pid": 7,
         "session_id": session, "line_num": number, "error_severity": "LOG",
         "message": f"AUDIT: SESSION,1,1,{row},{text},<none>"}
        for number, (session, row, text) in enumerate(told)
    ]  # fmt: skip
    (tmp_path / "audit.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "catalog.yml").write_text(CATALOG.format(collector="pgaudit"))
    (tmp_path / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},people.hr.batch,b-1,C-HR,2026-01-01T00:00:00Z,\n")
    ingest(tmp_path / "store", [tmp_path])
    for session, others in (("3", {"people.public.base"}), ("4", {"people.public.other"})):
        said = ask(tmp_path / "store", "blast-radius", ["--principal", f"user_{session}"])
        assert said["data_subjects"] == said["altered"] == []
        assert {one["name"] for one in said["datasets"]} == others | {
            "people.public.batch", f"people.pg_temp_{session}.batch"
        }  # fmt: skip


def test_a_statement_without_a_dataset_may_mean_whatever_ends_in_the_names_that_it_has(tmp_path: Path) -> None:
    events = [
        {"time": "2026-03-24T12:00:00Z", "principal": name, "operation": "read", "outcome": "success",
         "statement": f"SELECT * FROM {name}"}
        for name in ("base", "public.base", "hr.base", "people.public.base")
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (tmp_path / "catalog.yml").write_text(CATALOG.format(collector="access"))
    (tmp_path / "records.csv").write_text(
        f"{ENTRY_COLUMNS}{STORE},people.public.base,b-1,C-BASE,2026-01-01T00:00:00Z,\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    touches = ask(tmp_path / "store", "who-touched", ["--data-subject", "C-BASE"])["touches"]
    assert {one["principal"]: one["grade"] for one in touches} == {
        "base": "possible", "public.base": "possible", "people.public.base": "confirmed"
    }  # fmt: skip
