"""PostgreSQL logs with pgaudit: what becomes of an audit row, whatever form tells it."""

import json
from pathlib import Path

import pytest

from lineage.collectors.pgaudit import COLLECTOR
from tests.collectors.pgaudit_records import AT_INSTANT, SELECT, access, accesses, facts, failed, record, row, rows_of
from tests.collectors.staging import case, cases, head_of


@pytest.mark.parametrize("folder", cases("pgaudit"), ids=lambda folder: folder.name)
def test_cases(folder: Path) -> None:
    now, expected = case(folder, COLLECTOR)
    assert now == expected


@pytest.mark.parametrize("folder", cases("pgaudit"), ids=lambda folder: folder.name)
def test_three_forms_tell_the_same(folder: Path) -> None:
    told = [facts(rows) for rows in case(folder, COLLECTOR)[0].values()]
    assert len(told) == 3
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-24 11:02:03,456 ERROR: no database\n",
        "2026-03-24 11:02:03.456 UTC [4711] something else\n",
        "[2026-03-24 11:02:03] LOG:  AUDIT: SESSION\n",
        "owner bucket [24/Mar/2026:11:02:03 +0000] 10.0.0.9 user 3E57 REST.GET.OBJECT key\n",
        '{"timestamp": "2026-03-24T11:02:03Z", "message": "a", "pid": 1}\n',
        "2026-03-24 11:02:03.456 UTC,a,b,c,d,e,f,g,h,i,j,LOG\n",
        "",
        "\x00\x01",
    ],
)
def test_other_inputs_are_not_claimed(text: str) -> None:
    assert not COLLECTOR.claims(head_of(text.encode()))


@pytest.mark.parametrize(
    ("time", "start", "width", "zoned"),
    [
        ("2026-03-24 11:02:03.456 UTC", AT_INSTANT, 999, True),
        ("2026-03-24 11:02:03.456 GMT", AT_INSTANT, 999, True),
        ("2026-03-24 14:02:03.456 +03", AT_INSTANT, 999, True),
        ("2026-03-24 05:32:03.456 -0530", AT_INSTANT, 999, True),
        ("2026-03-24 11:02:03 UTC", AT_INSTANT - 456_000, 999_999, True),
        ("2026-03-24 12:02:03.456 CET", AT_INSTANT + 3_600_000_000, 999, False),
        ("2026-03-24 11:02:03.456 EAT", AT_INSTANT, 999, False),
        ("2026-03-24 11:02:03.456", AT_INSTANT, 999, False),
    ],
)
def test_times(time: str, start: int, width: int, zoned: bool) -> None:
    row = access(f"AUDIT: {SELECT},SELECT 1 FROM t,<none>", timestamp=time)
    assert (row["start_at"], row["end_at"] - row["start_at"], row["zoned"]) == (start, width, zoned)


@pytest.mark.parametrize(
    ("row", "operation", "dataset"),
    [
        ("READ,SELECT,TABLE,public.t,SELECT * FROM t", "read", "people.public.t"),
        ("READ,SELECT,VIEW,public.v,SELECT * FROM v", "read", "people.public.v"),
        ("READ,SELECT,,,SELECT * FROM t", "read", None),
        (
            'READ,SELECT,TABLE,"public.""A """"b"""" c""","SELECT * FROM ""A ""b"" c"""',
            "read",
            'people.public.A "b" c',
        ),
        ("READ,COPY,,,copy t to stdout", "export", None),
        ("READ,SELECT,TABLE,public.t,/* job */ COPY t TO STDOUT", "export", "people.public.t"),
        ("READ,DECLARE CURSOR,,,DECLARE c CURSOR FOR SELECT * FROM t", "read", None),
        ("READ,SELECT,TABLE,public.t,EXPLAIN ANALYZE SELECT * FROM t", "read", "people.public.t"),
        ("WRITE,INSERT,TABLE,public.t,INSERT INTO t VALUES (1)", "create", "people.public.t"),
        ("WRITE,COPY,,,COPY t FROM STDIN", "create", None),
        ("WRITE,UPDATE,TABLE,public.t,UPDATE t SET a = 1", "update", "people.public.t"),
        ("WRITE,UPDATE,TABLE,public.t,WITH x AS (SELECT 1) UPDATE t SET a = 1", "update", "people.public.t"),
        ("WRITE,UPDATE,TABLE,public.t,SELECT a FROM t FOR UPDATE", "read", "people.public.t"),
        ("WRITE,DELETE,TABLE,public.t,DELETE FROM t", "delete", "people.public.t"),
        ("WRITE,TRUNCATE TABLE,,,TRUNCATE t", "delete", None),
        (
            "WRITE,MERGE,TABLE,public.t,MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE",
            "update",
            "people.public.t",
        ),
        ("MISC,???,,,MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE", "update", None),
        # What inherits from the table that is named, and what is a partition of it.
        ("MISC,???,TABLE,public.child,SELECT * FROM t", "read", "people.public.child"),
        ("MISC,???,TABLE,public.child,WITH x AS (SELECT 1) SELECT * FROM t", "read", "people.public.child"),
        ("MISC,???,TABLE,public.child,INSERT INTO u SELECT * FROM t", "read", "people.public.child"),
        ("MISC,???,TABLE,public.child,COPY (SELECT * FROM t) TO STDOUT", "export", "people.public.child"),
        ("MISC,???,TABLE,public.child,UPDATE t SET a = 1", "update", "people.public.child"),
        ("MISC,???,TABLE,public.child,DELETE FROM t WHERE a = 1", "delete", "people.public.child"),
        ("MISC,???,TABLE,public.child,DELETE FROM t USING u WHERE a = b", "unknown", "people.public.child"),
        ("MISC,???,TABLE,public.child,DELETE FROM t RETURNING a", "unknown", "people.public.child"),
        ("DDL,CREATE TABLE AS,TABLE,public.n,CREATE TABLE n AS SELECT * FROM t", "create", "people.public.n"),
        ("DDL,SELECT INTO,,,SELECT * INTO n FROM t", "create", None),
        (
            "DDL,REFRESH MATERIALIZED VIEW,MATERIALIZED VIEW,public.m,REFRESH MATERIALIZED VIEW m",
            "create",
            "people.public.m",
        ),
        ("DDL,CREATE VIEW,VIEW,public.v,CREATE VIEW v AS SELECT a FROM t", "admin", "people.public.v"),
        ("DDL,ALTER TABLE,TABLE,public.n,ALTER TABLE t RENAME TO n", "admin", "people.public.n"),
        ("DDL,ALTER TABLE,VIEW,s.v,ALTER TABLE v SET SCHEMA s", "admin", "people.s.v"),
        ("DDL,ALTER TABLE,,,ALTER TABLE t RENAME TO n", "admin", None),
        (
            "DDL,ALTER MATERIALIZED VIEW,MATERIALIZED VIEW,s.m,ALTER MATERIALIZED VIEW m SET SCHEMA s",
            "admin",
            "people.s.m",
        ),
        ("DDL,DROP TABLE,TABLE,public.t,DROP TABLE t", "delete", "people.public.t"),
        ("DDL,DROP SCHEMA,TABLE,s.t,DROP SCHEMA s CASCADE", "delete", "people.s.t"),
        ("ROLE,GRANT,TABLE,,GRANT SELECT ON t TO u", "grant", None),
        ("ROLE,REVOKE ROLE,,,REVOKE a FROM b", "grant", None),
    ],
)
def test_operations(row: str, operation: str, dataset: str | None) -> None:
    told = access(f"AUDIT: SESSION,1,1,{row},<none>")
    assert told["operation"] == operation
    assert told["outcome"] == "success"
    assert told["dataset"] == (dataset and ["", dataset])
    assert told["principal"] == ["", "etl"]
    assert told["context"] == ["people", "public"]


SEVERAL = [
    "SELECT * FROM t; DELETE FROM u",
    "EXPLAIN SELECT 1; SELECT * FROM t",
    "SELECT 'a;'; SELECT 2",
    "BEGIN; SELECT 1; SELECT 2; COMMIT",
    "SELECT E'\\'' ; DELETE FROM u -- '",
    "SELECT $a$'$a$; DELETE FROM u -- '",
]


@pytest.mark.parametrize("text", SEVERAL)
def test_of_several_statements_only_what_is_named_is_sure(text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    named, said = accesses(record(f"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,{quoted},<none>,3"))
    assert (named["outcome"], named["dataset"], named["statement"]) == (
        "success",
        ["", "people.public.t"],
        None,
    )
    assert (said["outcome"], said["dataset"], said["statement"]) == ("unknown", None, text)
    assert (named["row_count"], said["row_count"]) == (3, None)
    assert named["occurrence"] == said["occurrence"]
    unnamed = access(f"AUDIT: SESSION,1,1,READ,SELECT,,,{quoted},<none>,3")
    assert (unnamed["outcome"], unnamed["statement"]) == ("unknown", text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1;",
        "SELECT 1; -- all",
        "SELECT ';' || \";\" /* ; */ FROM t",
        "-- it's; one\nSELECT 1",
        "begin;\nSET search_path TO a;\nSELECT 1;\nCOMMIT;",
    ],
)
def test_one_statement_is_sure_whatever_stands_around_it(text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    assert access(f"AUDIT: {SELECT},{quoted},<none>")["outcome"] == "success"


def test_a_row_tells_that_what_it_names_is_a_view_or_inherits() -> None:
    read = rows_of(record("AUDIT: SESSION,1,1,READ,SELECT,VIEW,public.v,SELECT * FROM v,<none>"))
    assert read["note"] == [{"position": 1, "kind": "view"}]
    child = rows_of(record("AUDIT: SESSION,1,1,MISC,???,TABLE,public.child,SELECT * FROM t,<none>"))
    assert child["note"] == [{"position": 1, "kind": "inherited"}]
    assert "note" not in rows_of(record("AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t,SELECT * FROM t,<none>"))


def test_a_view_is_learnt_among_several_statements() -> None:
    text = "CREATE TABLE a (b int); CREATE VIEW v AS SELECT b FROM a"
    row = access(f"AUDIT: SESSION,1,1,DDL,CREATE VIEW,VIEW,public.v,{text},<none>")
    assert (row["outcome"], row["statement"], row["dataset"]) == ("success", text, ["", "people.public.v"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("READ,PREPARE,,,PREPARE q AS SELECT * FROM t", "prepared only"),
        ("WRITE,PREPARE,,,PREPARE q AS DELETE FROM t", "prepared only"),
        ("READ,SELECT,TABLE,public.t,EXPLAIN SELECT * FROM t;", "explained only"),
        ("READ,SELECT,TABLE,pg_catalog.pg_class,SELECT * FROM pg_class", "system catalog"),
        ("MISC,EXECUTE,,,EXECUTE q (1)", "class MISC"),
        ("MISC,???,VIEW,public.v,SELECT * FROM v", "class MISC"),
        ("FUNCTION,EXECUTE,FUNCTION,public.f,SELECT f()", "class FUNCTION"),
        ("DDL,CREATE INDEX,INDEX,public.i,CREATE TABLE t (a int PRIMARY KEY)", "class DDL"),
        ("DDL,DROP TABLE,INDEX,public.i,DROP TABLE t", "class DDL"),
        ("ROLE,CREATE ROLE,,,CREATE ROLE r PASSWORD <REDACTED>", "class ROLE"),
    ],
)
def test_what_is_no_access_is_passed(row: str, reason: str) -> None:
    rows = rows_of(record(f"AUDIT: SESSION,1,1,{row},<none>"))
    assert rows == {"passed": [{"position": 1, "reason": reason}]}


def test_other_lines_are_passed() -> None:
    rows = rows_of(
        record("connection authorized: user=etl database=people"),
        record("statement: SELECT * FROM t", statement="SELECT * FROM t"),
        record("checkpoint starting: time", user=None, dbname=None),
        failed("permission denied to set role", "42501", "SET ROLE admin", vxid="3/0"),
        failed("password authentication failed", "28P01", "", error_severity="FATAL", vxid="3/0"),
    )
    assert [row["reason"] for row in rows["passed"]] == ["no access"] * 5
    assert set(rows) == {"passed"}


@pytest.mark.parametrize("told", ["FUNCTION,DO,,,DO $$ BEGIN END $$", "MISC,CALL,,,CALL p()"])
def test_what_runs_others_is_told_as_a_call(told: str) -> None:
    (found,) = rows_of(row(f"7,1,{told},<none>"))["transaction_turn"]
    assert (found["kind"], found["statement"], found["principal"]) == ("called", 7, ["", "etl"])


def test_how_transactions_turn_out_is_told() -> None:
    told = rows_of(
        row("1,1,MISC,BEGIN,,,BEGIN,<none>"),
        row("2,1,MISC,ROLLBACK,,,ROLLBACK TO a,<none>"),
        row("3,1,MISC,COMMIT,,,COMMIT AND CHAIN,<none>"),
        record("statement: abort"),
        failed("permission denied to set role", "42501", "SET ROLE admin"),
        failed("insert or update on table violates foreign key constraint", "23503", "COMMIT"),
        record("there is no transaction in progress", error_severity="WARNING", state_code="25P01"),
        record("statement: rollback", error_severity="NOTICE"),
        failed("Division durch Null", "22012", "SELECT 1 / 0", error_severity="FEHLER"),
        row("4,1,MISC,ROLLBACK PREPARED,,,ROLLBACK PREPARED 'a',<none>"),
    )
    assert [(one["position"], one["kind"]) for one in told["transaction_turn"]] == [
        (1, "begun"), (2, "undone"), (3, "ended"), (3, "begun"), (4, "ended"), (4, "undone"), (5, "failed"),
        (6, "unended"), (9, "failed"),
    ]  # fmt: skip
    # What a chain begins is the session's next transaction.
    assert [one["vxid"] for one in told["transaction_turn"] if one["position"] == 3] == ["3/1", "3/2"]
    assert [one["reason"] for one in told["passed"]] == ["no access"] * 2 + ["class MISC"]


@pytest.mark.parametrize(
    ("statement", "parameter", "bound"),
    [
        ("SELECT $1", "a", ["a"]),
        ('"SELECT $1, $2"', '"a,b"', ["a", "b"]),
        ('"SELECT $1, $2"', '"""a,b"",""c """"d"""" \n\\"""', ["a,b", 'c "d" \n\\']),
        ("SELECT 1", "<none>", []),
        ("SELECT '$1'", "<none>", []),
        ("SELECT 1", "<not logged>", []),
        ("SELECT $1", "<not logged>", None),
        ("SELECT $1", "<long param suppressed>", None),
        # NULL and the empty text look the same, and so neither may be replayed.
        ("SELECT $1", "", None),
        ('"SELECT $1, $2"', '"a,"', None),
        # Variables of PL/pgSQL come with its statements, which name them otherwise.
        ("SELECT a FROM t WHERE b = wanted", '"3,,"', []),
    ],
)
@pytest.mark.parametrize("count", ["", ",5"])
def test_parameters(statement: str, parameter: str, bound: list[str] | None, count: str) -> None:
    row = access(f"AUDIT: {SELECT},{statement},{parameter}{count}")
    values = None if bound is None else [{"u": text} for text in bound]
    assert (None if row["bound"] is None else [json.loads(value) for value in row["bound"]]) == values
    assert row["row_count"] == (5 if count else None)


@pytest.mark.parametrize(
    ("row", "count"),
    [
        ("READ,SELECT,TABLE,public.t,SELECT * FROM t,<none>,0", 0),
        ("READ,COPY,,,COPY t TO STDOUT,<none>,0", None),
        ("READ,SELECT,TABLE,public.t,COPY t TO STDOUT,<none>,0", None),
        ("READ,SELECT,TABLE,public.t,COPY (SELECT a FROM t) TO STDOUT,<none>,4", 4),
        ("READ,DECLARE CURSOR,,,DECLARE c CURSOR FOR SELECT * FROM t,<none>,0", None),
        ("WRITE,TRUNCATE TABLE,,,TRUNCATE t,<none>,0", None),
        ("DDL,CREATE TABLE AS,TABLE,public.n,CREATE TABLE n AS SELECT * FROM t,<none>,0", None),
    ],
)
def test_a_row_count_is_told_where_it_means_something(row: str, count: int | None) -> None:
    assert access(f"AUDIT: SESSION,1,1,{row}")["row_count"] == count


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("prepare q (numeric(10,2), text) as select 1", "select 1"),
        ('/* a */ PREPARE "q as" AS\nSELECT 1', "SELECT 1"),
        ("<not logged>", None),
        ("<previously logged>", None),
    ],
)
def test_statements(told: str, kept: str | None) -> None:
    quoted = '"' + told.replace('"', '""') + '"'
    row = access(f"AUDIT: {SELECT},{quoted},<none>")
    assert (row["statement"], row["dialect"]) == (kept, kept and "postgres")


def test_tellings_of_one_act_have_one_occurrence() -> None:
    rows = accesses(
        record("AUDIT: OBJECT,7,2,READ,SELECT,TABLE,public.t,SELECT * FROM t,<none>"),
        record("AUDIT: SESSION,7,2,READ,SELECT,TABLE,public.t,SELECT * FROM t,<none>"),
        record("AUDIT: SESSION,8,1,READ,SELECT,,,COPY (SELECT 1) TO STDOUT,<none>"),
        record("AUDIT: SESSION,8,2,READ,COPY,,,COPY (SELECT 1) TO STDOUT,<none>"),
        record("AUDIT: SESSION,9,1,READ,SELECT,,,SELECT * FROM t,<none>"),
        record("AUDIT: SESSION,7,2,READ,SELECT,,,SELECT * FROM t,<none>", pid=4712),
    )
    first, second, third, fourth, fifth, sixth = [row["occurrence"] for row in rows]
    assert first == second
    assert third == fourth
    assert len({first, third, fifth, sixth}) == 4


@pytest.mark.parametrize(
    ("message", "noted"),
    [
        ("statement: SELECT * FROM t", True),
        ("duration: 12.345 ms  statement: DELETE FROM t", True),
        ("execute S_1: SELECT a FROM t WHERE id = $1", True),
        ("duration: 0.1 ms  execute <unnamed>: COPY t TO STDOUT", True),
        ("statement: SET search_path = x", False),
        ("duration: 12.345 ms", False),
        ("duration: 0.1 ms  parse <unnamed>: SELECT a FROM t", False),
    ],
)
def test_statements_that_postgresql_logs_by_itself_are_noted(message: str, noted: bool) -> None:
    """Without pgaudit there is no other word of them, and no answer may pass for complete."""
    rows = rows_of(record(message))
    assert [note["kind"] for note in rows.get("note", [])] == ["logged-statement"] * noted
    assert ("event" in rows) == noted
    assert "stated_access" not in rows
