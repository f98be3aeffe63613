"""Statements that the parser does not know, or of which it knows tables that nobody asked for: none is passed over."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import connect, taken_apart

CON = connect()

# (dialect, text) -> what each table is used for: its operations, its scope, and what the SQL says of it as a whole
SAID = {
    ("bigquery", "EXPORT DATA OPTIONS (uri='gs://b/*', format='CSV') AS SELECT * FROM d.p WHERE c = 1"):
        "d.p read replay",
    ("bigquery", "EXPORT DATA OPTIONS (uri=CONCAT('gs://', 'b')) AS SELECT * FROM p"): "p read all",
    ("risingwave", "CREATE SINK k AS SELECT * FROM p WHERE c = 1 WITH (connector='kafka')"): "p read replay",
    ("clickhouse", "CREATE MATERIALIZED VIEW m TO q AS SELECT * FROM p"):
        "p read all, m create unknown overwrite, q create unknown append",
    ("duckdb", "CREATE MACRO m(a) AS (SELECT max(c) FROM p)"): "",
    ("bigquery", "EXPORT DATA WITH CONNECTION `x.y` OPTIONS(uri='b') AS (SELECT * FROM p)"): "p read all",
    ("snowflake", "COPY INTO @s/x FROM (SELECT * FROM p WHERE c = 1) FILE_FORMAT = (TYPE = CSV)"): "P read replay",
    ("spark", "INSERT OVERWRITE DIRECTORY '/x' USING csv OPTIONS ('a' '1') SELECT * FROM p WHERE c = 1"):
        "p read replay",
    ("hive", "INSERT OVERWRITE LOCAL DIRECTORY '/x' ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' SELECT * FROM p"):
        "p read all",
    ("hive", "FROM p INSERT OVERWRITE TABLE q SELECT * WHERE c = 1 INSERT INTO TABLE r SELECT *"):
        "p read unknown, q create unknown unknown, r create unknown unknown",
    ("snowflake", "INSERT ALL INTO q INTO r SELECT * FROM p"):
        "Q create unknown unknown, R create unknown unknown, P read unknown",
    ("oracle", "INSERT FIRST WHEN x > 1 THEN INTO q ELSE INTO r SELECT x FROM p"):
        "Q create unknown unknown, R create unknown unknown, P read unknown",
    ("mysql", "SELECT c, 'a' INTO OUTFILE '/x' CHARACTER SET utf8 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"
              " LINES TERMINATED BY '|' FROM p WHERE c = 'b'"): "p read replay",
    ("mysql", "SELECT * FROM p WHERE c = 1 INTO DUMPFILE '/x'"): "p read replay",
    ("mysql", "SELECT c INTO @a, @b FROM p"): "p read all",
    ("tsql", "INSERT INTO @t SELECT * FROM p WHERE c = 1"): "@t create unknown append, p read replay",
    ("mysql", "HANDLER p READ k FIRST WHERE c = 1"): "p read unknown",
    ("oracle", "SELECT a, b INTO x, y FROM p"): "P read all",
    ("clickhouse", "SELECT * FROM p INTO OUTFILE '/x' AND STDOUT"): "p read all",
    ("clickhouse", "SELECT * FROM p WHERE c IN d.q"): "p read unknown, d.q read all",
    ("clickhouse", "WITH q AS (SELECT c FROM r) SELECT * FROM p WHERE c IN q"): "r read unknown, p read unknown",
    ("teradata", "LOCKING TABLE p FOR ACCESS SELECT * FROM p"): "p read all",
    ("duckdb", "SUMMARIZE SELECT * FROM p"): "p read unknown",
    ("duckdb", "PIVOT p ON x USING sum(y)"): "p read unknown",
    ("duckdb", "CREATE TABLE q AS SELECT * FROM (SUMMARIZE p)"): "q create unknown unknown, p read unknown",
    ("duckdb", "MERGE INTO q USING p USING (id) WHEN MATCHED THEN UPDATE"): "p read unknown, q update unknown",
    ("databricks", "SELECT * FROM STREAM p WHERE c = 1"): "p read replay",
    ("databricks", "CREATE TABLE q DEEP CLONE p"): "p read all, q create unknown overwrite",
    ("bigquery", "CREATE SNAPSHOT TABLE q CLONE p"): "p read all, q create unknown overwrite",
    ("bigquery", "CREATE OR REPLACE MODEL m OPTIONS (model_type='x') AS SELECT * FROM p"):
        "p read all, m create unknown overwrite",
    ("teradata", "CREATE TABLE q AS p WITH DATA"): "p read all, q create unknown overwrite",
    ("clickhouse", "CREATE TABLE q AS p"): "q create none overwrite",
    ("mysql", "ALTER VIEW v AS SELECT * FROM p"): "p read none, v shows none",
    ("postgres", "CREATE RECURSIVE VIEW v (n) AS SELECT n FROM p"): "p read none, v shows none",
    ("mysql", "CREATE VIEW v AS SELECT * FROM p WITH LOCAL CHECK OPTION"): "p read none, v shows none",
    # What was there under the same key is gone.
    ("mysql", "REPLACE INTO p (id, c) VALUES (1, 2)"): "p create unknown",
    ("mysql", "REPLACE LOW_PRIORITY p SET id = 1"): "p create unknown",
    ("sqlite", "REPLACE INTO p SELECT * FROM q"): "p create unknown, q read all",
    ("clickhouse", "ALTER TABLE p UPDATE c = 1 WHERE id = 2"): "p update replay",
    ("mysql", "ALTER TABLE p TRUNCATE PARTITION x"): "p delete unknown unknown",
    ("mysql", "ALTER TABLE p DROP PARTITION x, y"): "p delete unknown unknown",
    ("hive", "ALTER TABLE p DROP PARTITION (d = 'x')"): "p delete unknown unknown",
    ("oracle", "ALTER TABLE p DROP PARTITION x UPDATE INDEXES"): "P delete unknown unknown",
    ("clickhouse", "ALTER TABLE p REPLACE PARTITION 1 FROM q"):
        "p delete unknown unknown, q read unknown",
    ("clickhouse", "ALTER TABLE p ON CLUSTER x ATTACH PARTITION ALL FROM q"): "p create unknown append, q read unknown",
    # Names in brackets may hold anything.
    ("tsql", "SELECT * FROM [Table 2] WHERE [a 1] = 1"): "table 2 read replay",
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql"), SAID)
def test_what_is_read_and_written(dialect: str, sql: str) -> None:
    found = understand(taken_apart(CON, sql, dialect)[0], dialect)
    assert found.parsed
    told = []
    for one in found.tables:
        words = (".".join(one.parts), "read" if one.reads else "", one.write, "shows" if one.defines_view else "",
                 one.scope, one.sql_write)  # fmt: skip
        told.append(" ".join(filter(None, words)))
    assert ", ".join(told) == SAID[dialect, sql]


@pytest.mark.parametrize(
    ("dialect", "sql", "named"),
    [
        ("tsql", "SELECT * FROM srv.hr.dbo.p JOIN q ON p.c = q.c", "srv.hr.dbo.p q"),
        ("tsql", "INSERT INTO srv.hr.dbo.p SELECT * FROM q", "srv.hr.dbo.p q"),
        ("tsql", "SELECT * FROM OPENQUERY(srv, 'SELECT * FROM p') x JOIN q ON x.c = q.c", "q"),
        ("tsql", "DELETE OPENQUERY(srv, 'SELECT c FROM p')", ""),
        ("bigquery", "SELECT * FROM q JOIN EXTERNAL_QUERY('x', 'SELECT * FROM p') USING (c)", "q"),
        ("postgres", "SELECT q.c, dblink('x', 'DELETE FROM p') FROM q", "q"),
        ("clickhouse", "INSERT INTO FUNCTION remote('h', hr.p) SELECT * FROM q", "q"),
        ("clickhouse", "SELECT dictGet('p', 'c', id) FROM q", "q"),
        ("clickhouse", "CREATE TABLE q ENGINE=Distributed(x, hr, p)", "q"),
        ("trino", "SELECT * FROM TABLE(pg.system.query(query => 'SELECT * FROM p')), q", "q"),
        ("snowflake", "SELECT * FROM TABLE('p') x JOIN q ON x.c = q.c", "Q"),
        ("duckdb", "SELECT * FROM 'p.parquet' x JOIN q USING (c)", "0 q"),
        ("oracle", "SELECT * FROM p@far JOIN q USING (c)", "P@FAR Q"),
        ("oracle", "SELECT DBMS_XMLGEN.GETXML('SELECT * FROM p') FROM q", "Q"),
        ("postgres", "BEGIN; TRUNCATE TABLE p, q RESTART IDENTITY CASCADE", "p q"),
        # A function in FROM may read tables.
        ("postgres", "SELECT * FROM q JOIN hr.people_of(5) x ON x.c = q.c", "q"),
        ("postgres", "SELECT * FROM q, LATERAL people_of(q.c) x", "q"),
        ("tsql", "SELECT * FROM q CROSS APPLY hr.people_of(q.c) x", "q"),
        ("tsql", "SELECT * FROM FREETEXTTABLE(p, c, 'x') f JOIN q ON q.c = f.[key]", "q"),
        ("oracle", "SELECT * FROM q, TABLE(hr.pkg.people_of(5)) x", "Q"),
        ("bigquery", "SELECT * FROM q JOIN d.people_of(5) x USING (c)", "q"),
        ("snowflake", "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) x JOIN q USING (c)", "Q"),
    ],
)
def test_what_is_elsewhere_is_not_passed_over(dialect: str, sql: str, named: str) -> None:
    """The tables that are named are touched, and it is told that there may be more."""
    found = understand(taken_apart(CON, sql, dialect)[0], dialect)
    assert not found.parsed
    assert sorted(".".join(one.parts) for one in found.tables) == sorted(named.split())


@pytest.mark.parametrize(
    ("dialect", "item"),
    [
        ("postgres", "json_each(q.c)"), ("postgres", "pg_catalog.aclexplode(q.c)"), ("postgres", "unnest(q.c)"),
        ("tsql", "STRING_SPLIT(q.c, ',')"), ("snowflake", "TABLE(FLATTEN(q.c))"), ("oracle", "TABLE(q.c)"),
        ("duckdb", "read_csv('x')"), ("spark", "range(5)"),
    ],
)  # fmt: skip
def test_what_makes_rows_of_its_values_is_not_elsewhere(dialect: str, item: str) -> None:
    join = "CROSS APPLY" if dialect == "tsql" else "CROSS JOIN"
    assert understand(taken_apart(CON, f"SELECT * FROM q {join} {item} x", dialect)[0], dialect).parsed


@pytest.mark.parametrize("call", ["DBMS_LOB.SUBSTR(a, 4000, 1)", "dbms_lob.getlength(a)", "DBMS_CRYPTO.HASH(a, 4)"])
def test_what_computes_of_its_values_is_not_elsewhere(call: str) -> None:
    assert understand(taken_apart(CON, f"SELECT {call} FROM q WHERE c = 1", "oracle")[0], "oracle").parsed


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        # It goes on after what touches no row.
        ("tsql", "BEGIN TRAN SELECT * FROM p COMMIT"),
        ("tsql", "BEGIN TRY DELETE FROM p END TRY BEGIN CATCH END CATCH"),
        ("tsql", "USE x SELECT * FROM p"),
        ("tsql", "SET NOCOUNT ON DELETE FROM p"),
        ("tsql", "GRANT SELECT ON p TO x SELECT * FROM p"),
        ("tsql", "DROP INDEX i ON q SELECT * FROM p"),
        ("snowflake", "SHOW TABLES ->> SELECT * FROM p"),
        ("oracle", "BEGIN DELETE FROM p; END;"),
        ("bigquery", "BEGIN SELECT * FROM p; END"),
        ("postgres", "CREATE SCHEMA s CREATE TABLE t AS SELECT * FROM p"),
        ("snowflake", "CREATE DATABASE x CLONE y"),
        ("sqlite", "VACUUM INTO 'x'"),
        # It is not run now.
        ("mysql", "CREATE PROCEDURE x() BEGIN SELECT * FROM p; DELETE FROM q; END"),
        ("tsql", "CREATE PROCEDURE x AS SELECT * FROM p; DELETE FROM q"),
        # Which tables, it does not tell.
        ("duckdb", "EXPORT DATABASE 'x'"),
        ("tsql", "INSERT INTO p EXEC x"),
    ],
)
def test_what_is_not_told_is_not_understood(dialect: str, sql: str) -> None:
    assert not understand(taken_apart(CON, sql, dialect)[0], dialect).parsed


def test_what_is_too_long_to_follow_is_made_all_the_same() -> None:
    """As a table, or as a view; what it refers to is not read."""
    query = " UNION ALL ".join(f"SELECT * FROM t{number}" for number in range(70))
    for how, write in (("TABLE", "create"), ("VIEW", None)):
        tables = understand(taken_apart(CON, f"CREATE {how} m AS {query}")[0], "postgres").tables
        [made] = [one for one in tables if one.parts == ("m",)]
        assert (made.reads, made.write, made.defines_view) == (False, write, how == "VIEW")
        assert len([one for one in tables if one.reads and not one.write]) == 70


def test_a_setting_that_only_looks_like_an_update_touches_nothing() -> None:
    found = understand("SET QUERY_BAND = '0' UPDATE FOR SESSION", "teradata")
    assert found.parsed
    assert not found.tables


def test_what_reads_a_file_that_no_table_names_is_not_understood() -> None:
    assert not understand("SUMMARIZE TABLE '0'", "duckdb").parsed
