"""PostgreSQL logs with pgaudit: what errors tell, what is refused, and what a record tells by itself."""

from typing import Any

import pytest

from tests.collectors.pgaudit_records import SELECT, access, accesses, audit, failed, record, refused, rows_of


@pytest.mark.parametrize(
    ("told", "operation", "outcome"),
    [
        (refused("SELECT * FROM t"), "read", "denied"),
        (refused("-- all\n(TABLE t)"), "read", "denied"),
        (refused("COPY t TO STDOUT"), "export", "denied"),
        (refused('copy "from" (a, b) from stdin'), "create", "denied"),
        (refused("COPY (SELECT a FROM t) TO STDOUT"), "export", "denied"),
        (refused("INSERT INTO t VALUES (1)"), "create", "denied"),
        (refused("UPDATE t SET a = 1"), "update", "denied"),
        (refused("DELETE FROM t"), "delete", "denied"),
        (failed("must be owner of table t", "42501", "DROP TABLE t"), "delete", "denied"),
        (refused("GRANT ALL ON t TO u"), "grant", "denied"),
        (failed("keine Berechtigung", "42501", "SELECT * FROM t", error_severity="FEHLER"), "read", "denied"),
        # The parser names the character where it stopped; a cast of what was read does not.
        (failed("no relation", "42P01", "SELECT 1 FROM t", cursor_position=15), "read", "error"),
        (failed("no relation", "42P01", "SELECT a::regclass FROM t"), "read", "unknown"),
        (failed("transaction is aborted", "25P02", "SELECT * FROM t"), "read", "error"),
        (failed("division by zero", "22012", "SELECT 1 / a FROM t"), "read", "unknown"),
        (failed("canceling statement", "57014", "COPY t TO STDOUT"), "export", "unknown"),
        (failed("connection lost", "08006", "COPY t TO STDOUT", error_severity="FATAL"), "export", "unknown"),
        (failed("division by zero", "22012", "SELECT 1; DELETE FROM t"), "unknown", "unknown"),
        (failed("division by zero", "22012", "WITH x AS (SELECT 1) SELECT * FROM x"), "read", "unknown"),
        (failed("division by zero", "22012", "WITH x AS (DELETE FROM t) SELECT 1"), "unknown", "unknown"),
        (failed("division by zero", "22012", "EXECUTE q (1)"), "unknown", "unknown"),
        (failed("division by zero", "22012", "BEGIN; SELECT 1 / a FROM t"), "unknown", "unknown"),
        (failed("division by zero", "22012", "; SELECT 1 / a FROM t"), "unknown", "unknown"),
        (failed("division by zero", "22012", "CREATE TABLE n AS SELECT * FROM t"), "create", "unknown"),
    ],
)  # fmt: skip
def test_errors(told: dict[str, Any], operation: str, outcome: str) -> None:
    [row] = accesses(told)
    assert (row["operation"], row["outcome"], row["dataset"]) == (operation, outcome, None)
    assert row["statement"] == told["statement"]


def test_a_refusal_inside_a_function_is_one_of_its_statement() -> None:
    context = 'SQL statement "SELECT a FROM t"\nPL/pgSQL function f() line 1 at SQL statement'
    inner, outer = accesses(refused("SELECT f()") | {"context": context})
    assert (inner["statement"], inner["outcome"]) == ("SELECT a FROM t", "denied")
    assert (outer["statement"], outer["outcome"]) == ("SELECT f()", "unknown")


def test_a_record_is_staged_as_if_it_were_alone() -> None:
    text = "SELECT 1 / a FROM t"
    told = [
        audit(1, text),
        failed("division by zero", "22012", text, line_num=2),
        record("AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.u,<previously logged>,<previously logged>", line_num=3),
    ]
    together = [row | {"position": 1} for row in accesses(*told)]
    assert together == [row for one in told for row in accesses(one)]
    begun, ended, again = [row["session_row"] for row in together]
    assert begun["text"] == ended["text"] != again["text"]
    assert [row["kind"] for row in (begun, ended, again)] == ["begun", "failed", "begun"]


def test_of_an_update_without_its_text_it_is_not_known_what_it_was() -> None:
    row = access("AUDIT: SESSION,1,1,WRITE,UPDATE,TABLE,public.t,<not logged>,<not logged>")
    assert (row["operation"], row["outcome"]) == ("unknown", "success")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (record("checkpoint", timestamp=None), "The record has no time that can be read."),
        (record("end", timestamp="2026-02-30 11:02:03 UTC"), "The record has no time that can be read."),
        (record(None), "The record has no message."),
        (record(f"AUDIT: {SELECT}"), "The audit row is cut off or malformed."),
        (record(f'AUDIT: {SELECT},"SELECT 1'), "The audit row is cut off or malformed."),
        (record(f"AUDIT: {SELECT},SELECT 1,<none>", user=None),
         "The audit row is by no user: log_line_prefix may lack %u, or a background process did it."),
        (record(f"AUDIT: {SELECT},SELECT 1,<none>", dbname=None),
         "The audit row names no database: log_line_prefix may lack %d."),
    ],
)  # fmt: skip
def test_rejects(told: dict[str, Any], reason: str) -> None:
    assert rows_of(told) == {"rejected": [{"position": 1, "reason": reason}]}
