"""PostgreSQL logs with pgaudit: what becomes of a record, whatever form tells it."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.collectors.pgaudit import COLLECTOR
from lineage.collectors.pgaudit_frames import CSVLOG
from tests.collectors.staging import Rows, case, cases, head_of, staged

AT = "2026-03-24 11:02:03.456 UTC"
AT_INSTANT = 1774350123456000
PREFIX = "2026-03-24 11:02:03.456 UTC [4711] etl@people "
SELECT = "SESSION,1,1,READ,SELECT,TABLE,public.t"


def record(message: str | None, **told: Any) -> dict[str, Any]:
    """A record of jsonlog; a key that is told None is absent."""
    given = {
        "timestamp": AT, "user": "etl", "dbname": "people", "pid": 4711, "session_id": "69c26f2b.1267",
        "line_num": 1, "vxid": "3/1", "error_severity": "LOG", "message": message,
    }  # fmt: skip
    return {key: value for key, value in (given | told).items() if value is not None}


def rows_of(*records: dict[str, Any]) -> Rows:
    return staged(COLLECTOR, "\n".join(json.dumps(told) for told in records).encode())


def accesses(*records: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(rows_of(*records).get("access", []), key=lambda row: (row["position"], row["outcome"]))


def access(message: str, **told: Any) -> dict[str, Any]:
    [row] = accesses(record(message, **told))
    return row


def failed(message: str, state: str, statement: str, **told: Any) -> dict[str, Any]:
    told = {"error_severity": "ERROR", "state_code": state, "statement": statement} | told
    return record(message, **told)


def refused(statement: str) -> dict[str, Any]:
    return failed("permission denied for table t", "42501", statement)


def facts(rows: Rows) -> list[str]:
    """The accesses, without what the forms tell otherwise: positions, and how a session and its rows are known."""
    apart = {"session": None, "line": None, "vxid": None}
    return sorted(
        repr(row | {"position": 0, "session_row": row["session_row"] and row["session_row"] | apart})
        for row in rows["access"]
    )


@pytest.mark.parametrize("folder", cases("pgaudit"), ids=lambda folder: folder.name)
def test_cases(folder: Path) -> None:
    now, expected = case(folder, COLLECTOR)
    assert now == expected


def test_three_forms_tell_the_same() -> None:
    [folder] = [folder for folder in cases("pgaudit") if folder.name == "three-forms"]
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
        ("DDL,CREATE TABLE AS,TABLE,public.n,CREATE TABLE n AS SELECT * FROM t", "create", "people.public.n"),
        ("DDL,SELECT INTO,,,SELECT * INTO n FROM t", "create", None),
        (
            "DDL,REFRESH MATERIALIZED VIEW,MATERIALIZED VIEW,public.m,REFRESH MATERIALIZED VIEW m",
            "create",
            "people.public.m",
        ),
        ("DDL,CREATE VIEW,VIEW,public.v,CREATE VIEW v AS SELECT a FROM t", "admin", "people.public.v"),
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
        ("FUNCTION,DO,,,DO $$ BEGIN END $$", "class FUNCTION"),
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
        failed("permission denied to set role", "42501", "SET ROLE admin"),
        failed("password authentication failed", "28P01", "", error_severity="FATAL"),
    )
    assert [row["reason"] for row in rows["passed"]] == ["no access"] * 5
    assert set(rows) == {"passed"}


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


def audit(number: int, statement: str, **told: Any) -> dict[str, Any]:
    return record(f"AUDIT: SESSION,{number},1,READ,SELECT,TABLE,public.t,{statement},<none>", **told)


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


@pytest.mark.parametrize("columns", [23, 24, 26])
def test_csvlog_of_all_versions(columns: int) -> None:
    told = {**record("X"), "message": f'"AUDIT: {SELECT},""SELECT\n1"",<none>"'}
    line = ",".join(str(told.get(name, "")) for name in CSVLOG[:columns]) + "\n"
    assert COLLECTOR.claims(head_of(line.encode()))
    rows = staged(COLLECTOR, (line + "2026-03-24,broken\n" + line).encode())
    assert [row["statement"] for row in rows["access"]] == ["SELECT\n1"] * 2
    assert [row["position"] for row in rows["rejected"]] == [2]


def stderr(*lines: str) -> Rows:
    return staged(COLLECTOR, "\n".join(lines).encode())


def test_stderr_records_take_the_lines_that_go_on() -> None:
    rows = stderr(
        "\tthe end of a record that began in another file",
        f"{PREFIX}LOG:  AUDIT: {SELECT},\"SELECT '",
        "\t\tx",
        "\t'\",<none>",
        "out of some other program",
        f"{PREFIX}ERROR:  permission denied for table t",
        f"{PREFIX}DETAIL:  No.",
        f"{PREFIX}STATEMENT:  SELECT *",
        "\tFROM t",
    )
    assert [row["position"] for row in rows["rejected"]] == [1, 5]
    told = {row["position"]: (row["statement"], row["outcome"]) for row in rows["access"]}
    assert told == {2: ("SELECT '\n\tx\n'", "success"), 6: ("SELECT *\nFROM t", "denied")}


def test_a_statement_of_another_process_is_not_taken() -> None:
    rows = stderr(f"{PREFIX}ERROR:  division by zero", f"{PREFIX.replace('4711', '4712')}STATEMENT:  SELECT 1")
    assert rows["rejected"] == [{"position": 2, "reason": "The line belongs to no record of this log."}]
    assert "access" not in rows


def test_verbose_errors_tell_their_state() -> None:
    rows = stderr(f"{PREFIX}ERROR:  42501: Zugriff verweigert", f"{PREFIX}STATEMENT:  SELECT 1")
    assert [row["outcome"] for row in rows["access"]] == ["denied"]


PREFIXES = [
    ("2026-03-24 11:02:03.456 UTC [4711] etl@people ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711] etl@corp.example@people ", "etl@corp.example", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711] etl@people/psql ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711] etl@people root@postgres ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711-3] etl@people ", "etl", "people"),
    (
        "2026-03-24 11:02:03.456 UTC [4711]: [3-1] user=etl,db=people,app=a,b=c,client=10.0.0.9 ",
        "etl",
        "people",
    ),
    ("2026-03-24 11:02:03.456 UTC [4711]: [3-1] db=people,user=etl ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC:10.0.0.9(5432):etl@people:[4711]:", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC 4711 etl people 10.0.0.9(5432) 00000 psql ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC etl people 4711 ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC etl@people [4711] ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC 69c26f2b.1267 3 etl@people ", "etl", "people"),
    ("2026-03-24 14:02:03.456 +03 [4711] etl@people ", "etl", "people"),
    ("1774350123.456 [4711] etl@people ", "etl", "people"),
]


@pytest.mark.parametrize(("prefix", "user", "database"), PREFIXES)
def test_prefixes(prefix: str, user: str, database: str) -> None:
    line = f"{prefix}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>"
    assert COLLECTOR.claims(head_of(line.encode()))
    [row] = stderr(line)["access"]
    assert row["principal"] == ["", user]
    assert row["dataset"] == ["", f"{database}.public.t"]
    assert row["start_at"] == AT_INSTANT
    assert row["occurrence"].startswith("4711/1.1@2026-03-24")


def test_a_prefix_without_a_user_takes_it_from_the_connection() -> None:
    bare = "2026-03-24 11:02:03.456 UTC [4711] "
    read = f"{bare}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>"
    rows = stderr(
        read,
        f"{bare}LOG:  connection authorized: user=etl database=people application_name=x database=y",
        read,
        f"{bare}LOG:  connection authorized: user=admin database=people",  # raised by a statement
        f"{bare}STATEMENT:  DO $$ BEGIN RAISE LOG 'connection authorized: user=admin …'; END $$",
        read,
        f"{bare}LOG:  disconnection: session time: 0:00:00.002 user=etl database=people host=[local]",
        read,
    )
    assert [(row["position"], row["principal"]) for row in rows["access"]] == [
        (3, ["", "etl"]),
        (6, ["", "etl"]),
    ]
    assert [row["position"] for row in rows["rejected"]] == [1, 8]


@pytest.mark.parametrize("text", [b"\xff", b"\x00"])
def test_bytes_that_are_no_text_cost_their_record_alone(text: bytes) -> None:
    good = f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>".encode()
    rows = staged(COLLECTOR, b"\n".join([good, good.replace(b"SELECT 1", b"SELECT '" + text + b"'"), good]))
    assert [row["position"] for row in rows["access"]] == [1, 3]
    assert [row["position"] for row in rows["rejected"]] == [2]


def test_windows_line_ends_are_no_part_of_a_statement() -> None:
    text = f'{PREFIX}LOG:  AUDIT: {SELECT},"SELECT\n\t1 FROM t",<none>\n'.replace("\n", "\r\n")
    [row] = staged(COLLECTOR, text.encode())["access"]
    assert row["statement"] == "SELECT\n1 FROM t"
