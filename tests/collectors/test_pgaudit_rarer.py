"""PostgreSQL logs with pgaudit: rows of rarer commands, and rows that leave out what others tell."""

from typing import Any

import pytest

from lineage.collectors.pgaudit import COLLECTOR
from tests.collectors.pgaudit_records import (
    AT_INSTANT,
    ONCE,
    PREFIX,
    SELECT,
    access,
    accesses,
    failed,
    record,
    refused,
    row,
    rows_of,
)
from tests.collectors.staging import staged


@pytest.mark.parametrize("time", ["2026-03-24 16:32:18.456 +05:30:15", "2026-03-24T11:02:03.456 UTC"])
def test_a_time_may_be_written_otherwise(time: str) -> None:
    told = access(f"AUDIT: {SELECT},SELECT 1 FROM t,<none>", timestamp=time)
    assert (told["start_at"], told["zoned"]) == (AT_INSTANT, True)


@pytest.mark.parametrize(
    ("told", "operation", "dataset"),
    [
        # The command says it where the text is not told, and the text where a release tells another command.
        ("READ,COPY,,,<not logged>,<not logged>", "export", None),
        ("WRITE,MERGE,TABLE,public.t,<not logged>,<not logged>", "update", "t"),
        ("WRITE,DELETE,TABLE,public.t,MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE,<none>", "update", "t"),
        (f"WRITE,UPDATE,TABLE,public.t,{ONCE}", "update", "t"),
        ("WRITE,TRUNCATE,,,TRUNCATE t,<none>", "delete", None),
        ("WRITE,???,TABLE,public.t,SELECT f(),<none>", "unknown", "t"),
        # Long values lie in a table of their own: who reads that reads them, of whichever table it is.
        ("READ,SELECT,TOAST TABLE,pg_toast.pg_toast_16385,SELECT * FROM pg_toast.pg_toast_16385,<none>", "read", ""),
        # A text may do more to what inherits than its first word says.
        ("MISC,???,TABLE,public.c,MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE,<none>", "unknown", "c"),
        ("MISC,???,TABLE,public.c,WITH x AS (SELECT 1) MERGE INTO t USING x ON true,<none>", "unknown", "c"),
        ("MISC,???,TABLE,public.c,UPDATE u SET a = t.b FROM t,<none>", "unknown", "c"),
        ("DDL,DROP SCHEMA,MATERIALIZED VIEW,public.m,DROP SCHEMA public CASCADE,<none>", "delete", "m"),
        ("DDL,DROP TABLE,,,DROP TABLE t,<none>", "delete", None),
        ("DDL,DROP MATERIALIZED VIEW,,,DROP MATERIALIZED VIEW m,<none>", "delete", None),
        ("DDL,CREATE TABLE,TABLE,public.n,CREATE TABLE n () INHERITS (t),<none>", "admin", "n"),
        ("DDL,ALTER SCHEMA,SCHEMA,public,ALTER SCHEMA old RENAME TO public,<none>", "admin", None),
    ],
)
def test_operations(told: str, operation: str, dataset: str | None) -> None:
    found = access(f"AUDIT: SESSION,1,1,{told}")
    assert (found["operation"], found["outcome"]) == (operation, "success")
    name = "pg_toast.pg_toast_16385" if dataset == "" else f"public.{dataset}"
    assert found["dataset"] == (None if dataset is None else ["", f"people.{name}"])


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("READ,SELECT,VIEW,information_schema.tables,SELECT * FROM information_schema.tables", "system catalog"),
        ("DDL,ALTER TABLE,TABLE,public.t,ALTER TABLE t ADD b int", "class DDL"),
        ("DDL,CREATE TYPE,COMPOSITE TYPE,public.c,CREATE TYPE c AS (a int)", "class DDL"),
    ],
)
def test_what_is_no_access_is_passed(told: str, reason: str) -> None:
    assert rows_of(row(f"1,1,{told},<none>")) == {"passed": [{"position": 1, "reason": reason}]}


def test_rows_of_a_table_that_inherits_are_counted_at_the_end_too() -> None:
    kinds = [
        access(f"AUDIT: SESSION,1,1,{told}")["session_row"]["kind"]
        for told in (
            "MISC,???,TABLE,public.child,SELECT * FROM t,<none>,3",
            "READ,SELECT,TABLE,public.t,SELECT * FROM t,<none>,3",
            "READ,SELECT,TABLE,public.t,SELECT * FROM t,<none>",
            "ROLE,GRANT,TABLE,,GRANT SELECT ON t TO u,<none>,3",
        )
    ]
    assert kinds == ["ended", "ended", "begun", "utility"]


def test_who_writes_through_a_view_is_told_to_be_at_a_view() -> None:
    found = rows_of(row("1,1,WRITE,INSERT,VIEW,public.v,INSERT INTO v VALUES (1),<none>"))
    assert found["note"] == [{"position": 1, "kind": "view"}]


@pytest.mark.parametrize(
    ("told", "operation", "outcome"),
    [
        # What a function raises can say anything: its state says what it is.
        (failed("must have a key", "P0001", "SELECT a FROM t"), "read", "unknown"),
        (refused("SELECT f()") | {"internal_query": "SELECT a FROM t"}, "read", "unknown"),
        (failed("division by zero", "22012", "ALTER TABLE t RENAME TO u; SELECT 1 / a FROM u"), "unknown", "unknown"),
    ],
)
def test_errors(told: dict[str, Any], operation: str, outcome: str) -> None:
    [found] = accesses(told)
    assert (found["operation"], found["outcome"]) == (operation, outcome)


def test_values_of_a_statement_that_failed_are_not_known() -> None:
    with_value, without = (
        accesses(failed("division by zero", "22012", text))[0]["bound"]
        for text in ("SELECT 1 / a FROM t WHERE b = $1", "SELECT 1 / a FROM t")
    )
    assert (with_value, without) == (None, [])


def test_a_value_may_end_as_what_the_parser_says_of_its_place() -> None:
    told = "SELECT,TABLE,public.t,SELECT 1 FROM t WHERE a = $1,stopped at character 15"
    [found] = staged(COLLECTOR, f"{PREFIX}LOG:  AUDIT: SESSION,1,1,READ,{told}\n".encode())["stated_access"]
    assert found["bound"] == ['{"u":"stopped at character 15"}']


def test_what_a_statement_raises_is_no_word_of_the_server() -> None:
    said = record("replication connection authorized: user=evil", statement="SELECT f()")
    assert "stated_access" not in rows_of(said)
    quoting = rows_of(record("statement: SELECT 'AUDIT: SESSION,1' FROM t"))
    assert quoting == {"event": [1], "note": [{"position": 1, "kind": "logged-statement"}]}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (failed("a duplicate", "23505", "END"), "unended"),
        (failed("a duplicate", "23505", "INSERT INTO t VALUES (1); COMMIT"), "unended"),
        (failed("a duplicate", "23505", "INSERT INTO t VALUES (1)"), "failed"),
        (record("could not receive data from client", state_code="08006"), "failed"),
        (record("unexpected EOF on client connection with an open transaction"), "failed"),
    ],
)
def test_what_an_error_and_a_lost_client_end(told: dict[str, Any], kind: str) -> None:
    assert [one["kind"] for one in rows_of(told)["transaction_turn"] if one["kind"] != "swept"] == [kind]


@pytest.mark.parametrize(
    ("word", "text", "kinds"),
    [
        ("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ", ["begun", "keeps"]),
        ("BEGIN", "BEGIN ISOLATION LEVEL READ COMMITTED", ["begun"]),
        ("START", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE", ["begun", "keeps"]),
        ("SET", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", ["keeps"]),
        ("SET", "SET TRANSACTION SNAPSHOT '00000003-1'", ["shares"]),
        ("SET", "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ", ["always"]),
        ("SET", "SET default_transaction_isolation TO serializable", ["always"]),
    ],
)
def test_what_a_transaction_sees_is_told(word: str, text: str, kinds: list[str]) -> None:
    audited = rows_of(row(f"1,1,MISC,{word},,,{text},<none>"))["transaction_turn"]
    logged = rows_of(record(f"statement: {text}"))["transaction_turn"]
    assert [sorted(one["kind"] for one in found) for found in (audited, logged)] == [kinds, kinds]
