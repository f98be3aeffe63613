"""Which tables a statement gives another name, in every dialect that says so."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import connect, taken_apart

CON = connect()

# A text, its dialect, and what it may call how: 'old>new'.
RENAMES = [
    ("ALTER TABLE a RENAME TO b", "postgres", "a>b"),
    ('ALTER TABLE IF EXISTS ONLY "p"."s"."a" RENAME TO "B c" -- so', "postgres", "p.s.a>p.s.B c"),
    ("alter table s.a * rename to b", "postgres", "s.a>s.b"),
    ("ALTER TABLE a SET SCHEMA s", "postgres", "a>s.a"),
    ('ALTER TABLE IF EXISTS s."A" SET SCHEMA "T"', "postgres", "s.A>T.A"),
    ("ALTER VIEW s.a RENAME TO b", "postgres", "s.a>s.b"),
    ("ALTER MATERIALIZED VIEW IF EXISTS a RENAME TO b", "postgres", "a>b"),
    ("ALTER MATERIALIZED VIEW s.a SET SCHEMA t", "postgres", "s.a>t.a"),
    ("ALTER FOREIGN TABLE a RENAME TO b", "postgres", "a>b"),
    ("BEGIN; ALTER TABLE a RENAME TO b; ALTER TABLE c RENAME TO a; COMMIT", "postgres", "a>b c>a"),
    ("CREATE TABLE a AS SELECT * FROM p; ALTER TABLE a RENAME TO b", "postgres", "a>b"),
    ("ALTER TABLE d.a RENAME TO b", "duckdb", "d.a>d.b"),
    ("ALTER TABLE `p.d.a` RENAME TO b", "bigquery", "p.d.a>p.d.b"),
    ("ALTER TABLE a RENAME TO b", "oracle", "A>B"),
    ("RENAME a TO b", "oracle", "A>B"),
    ("ALTER TABLE a RENAME AS b", "mysql", "a>b"),
    ("ALTER TABLE d.a RENAME e.b", "mysql", "d.a>e.b"),
    ("ALTER TABLE a ADD COLUMN x INT, RENAME TO b, ALGORITHM=INPLACE", "mysql", "a>b"),
    ("RENAME TABLE `a b` TO `c, d`, x.e TO y.f", "mysql", "a b>c, d x.e>y.f"),
    ("RENAME TABLE a TO b", "clickhouse", "a>b"),
    ("RENAME TABLE a AS b", "teradata", "a>b"),
    ("ALTER TABLE a RENAME TO d.s.b", "snowflake", "A>D.S.B"),
    ("ALTER TABLE s.a SWAP WITH s.b", "snowflake", "S.A>S.B S.B>S.A"),
    ("ALTER DYNAMIC TABLE a SWAP WITH b", "snowflake", "A>B B>A"),
    ("ALTER TABLE a RENAME TO s.b", "databricks", "a>s.b"),
    ("ALTER SCHEMA hr TRANSFER [dbo].[a b]", "tsql", "dbo.a b>hr.a b"),
    ("alter schema hr transfer OBJECT::dbo.a", "tsql", "dbo.a>hr.a"),
    ("EXCHANGE TABLES a AND d.b ON CLUSTER x", "clickhouse", "a>d.b d.b>a"),
    ("RENAME TABLE a TO b, d.c TO d.e ON CLUSTER x", "clickhouse", "a>b d.c>d.e"),
    ("ALTER TABLE a MOVE PARTITION 1 TO TABLE b", "clickhouse", "a>b"),
    ("ALTER TABLE a EXCHANGE PARTITION x WITH TABLE b WITHOUT VALIDATION", "mysql", "a>b b>a"),
    ("ALTER TABLE d.a EXCHANGE PARTITION (ds = 'x', n = 1) WITH TABLE d.b", "hive", "d.a>d.b d.b>d.a"),
    ("ALTER TABLE a EXCHANGE PARTITION x WITH TABLE b INCLUDING INDEXES", "oracle", "A>B B>A"),
    ("ALTER TABLE a SWITCH PARTITION 1 TO b PARTITION 2", "tsql", "a>b"),
    ("ALTER TABLE a APPEND FROM b FILLTARGET", "redshift", "b>a"),
    ("EXEC sp_rename 'd.a', 'b'", "tsql", "d.a>d.b"),
    # Whatever lies in a schema.
    ('ALTER SCHEMA a RENAME TO "B"', "postgres", "a.*>B.*"),
    ("ALTER SCHEMA IF EXISTS d.a RENAME TO b", "snowflake", "D.A.*>D.B.*"),
    ("ALTER SCHEMA a SWAP WITH b", "snowflake", "A.*>B.* B.*>A.*"),
    ("RENAME DATABASE a TO b", "clickhouse", "a.*>b.*"),
    # There a name without a schema may lie in the session's.
    ("RENAME TABLE d.a TO b", "mysql", "d.a>b d.a>d.b"),
    ("ALTER TABLE s.a RENAME TO b", "snowflake", "S.A>B S.A>S.B"),
    # Something else gets another name.
    ("ALTER TABLE a RENAME COLUMN x TO y", "postgres", ""),
    ("ALTER TABLE a RENAME x TO y", "postgres", ""),
    ("ALTER INDEX a RENAME TO b", "postgres", ""),
    ("ALTER TABLE a ADD COLUMN b INT", "postgres", ""),
]


@pytest.mark.parametrize(("sql", "dialect", "renames"), RENAMES)
def test_renames(sql: str, dialect: str, renames: str) -> None:
    found = understand(taken_apart(CON, sql, dialect)[0], dialect)
    assert found.parsed
    names = {table.no: ".".join(table.parts) for table in found.tables}
    told = {f"{names[old]}>{names[table.no]}" for table in found.tables for old in table.renames}
    assert " ".join(sorted(told)) == renames
    moved = {one for pair in told for one in pair.split(">")}
    assert not [table for table in found.tables if names[table.no] in moved and table.reads]


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("ALTER DATABASE a RENAME TO b", "postgres"),
        ("ALTER SCHEMA hr TRANSFER TYPE::dbo.a", "tsql"),
    ],
)
def test_a_statement_that_moves_tables_that_it_does_not_name_is_not_understood(sql: str, dialect: str) -> None:
    assert not understand(taken_apart(CON, sql, dialect)[0], dialect).parsed


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("ALTER TABLE a RENAME TO m", "unknown"),
        ("INSERT INTO m SELECT * FROM p; ALTER TABLE a RENAME TO m", "unknown"),
        ("DROP TABLE m; ALTER TABLE a RENAME TO m", "overwrite"),
    ],
)
def test_what_the_sql_says_of_a_name_that_is_given_anew(sql: str, said: str) -> None:
    tables = understand(taken_apart(CON, sql)[0], "postgres").tables
    assert {table.parts[-1]: table.sql_write for table in tables}["m"] == said


def test_of_what_is_too_long_to_follow_the_renames_are_told() -> None:
    query = " UNION ALL ".join(f"SELECT * FROM t{number}" for number in range(70))
    tables = understand(taken_apart(CON, f"{query}; ALTER TABLE a RENAME TO b")[0], "postgres").tables
    assert [table.parts for table in tables if not table.reads] == [("a",), ("b",)]
    assert len(tables[-1].renames) == 1
