"""What stands in a statement as a value is nowhere in the store, in whatever form its dialect writes it."""

import json
from pathlib import Path

import duckdb
import pytest

from lineage.statements.understanding import understand
from tests.asking import ingest
from tests.statements.replaying import connect, taken_apart

CON = connect()
NAME, NUMBER = "Jane7Roe", "987654321"
# dialect -> literals: a text is Jane7Roe there, a number 987654321.
LITERALS = {
    "oracle": ["q'[Jane7Roe]'", "Q'(it's Jane7Roe)'", "nq'<a' Jane7Roe 'b>'", "NQ'!it's Jane7Roe'x!'",
               "q'a'Jane7Roe'a'", "q'{Jane7Roe'}'", "q'''Jane7Roe''", "u'Jane7Roe'", "987654321d", "987654321.5F",
               "1e987654321"],
    "bigquery": ["r'Jane7Roe'", "b\"Jane7Roe\"", "rb'it\\'s Jane7Roe'", r"r'a\' Jane7Roe \'b'", "'''it's Jane7Roe'''",
                 "r'''a'Jane7Roe'b'''", 'b"""a"Jane7Roe"b"""', "Rb'''Jane7Roe'''", "0x987654321", "[1, 987654321]",
                 "'''Jane7Roe"],
    "snowflake": ["$$it's Jane7Roe$$", "'it\\'s Jane7Roe'", "x'987654321A'", "{'id':987654321}", "987654321e1"],
    "postgres": ["E'it\\'s Jane7Roe'", "U&'Jane7Roe!0041' UESCAPE '!'", "$a$it's $$Jane7Roe$$ $a$", "$_1$Jane7Roe$_1$",
                 "0x987654321", "987_654_321", "1.987_654_321", ".987654321e1", "x[1:987654321]", "'a'\n'Jane7Roe'"],
    "mysql": ["_utf8'Jane7Roe'", "_utf8mb4\"Jane7Roe\"", "x'987654321A'", "0x987654321", "\"it\\\"s Jane7Roe\"",
              "'''Jane7Roe'", "n'Jane7Roe'", "1--987654321", "/*!50001 'Jane7Roe', */ 1"],
    "tsql": ["N'it''s Jane7Roe'", "0x987654321", "$987654321.5", "{ts 'Jane7Roe'}"],
    "clickhouse": ["$a$it's Jane7Roe$a$", "'it\\'s Jane7Roe'", "0x987654321", "987_654_321", "{'k':987654321}",
                   "tuple(987654321).1"],
    "spark": ["r'Jane7Roe'", 'R"Jane7Roe"', "987654321L", "987654321.5BD", "987654321Y",
              "X'987654321A'", "987654321e3"],
    "hive": ["987654321L", '"Jane7Roe"'],
    "trino": ["U&'Jane7Roe'", "X'987654321A'", "DECIMAL '987654321'", "987_654_321"],
    "redshift": ["$a$Jane7Roe$a$", "'it\\'s Jane7Roe'"],
    "duckdb": ["{a:987654321}", "{\"a\":987654321}", "$a$Jane7Roe$a$", "e'Jane7Roe\\n'", "0x987654321"],
    "sqlite": ["x'987654321A'", "0x987654321"],
    "teradata": ["'987654321A'XB", "_latin'Jane7Roe'"],
}  # fmt: skip
COMMENTS = {
    "clickhouse": ["# Jane7Roe\n", "#! Jane7Roe\n"], "dremio": ["// Jane7Roe\n"], "spark": ["/* a /* b */ Jane7Roe */"],
    "oracle": ["/*+ Jane7Roe */"], "bigquery": ["# Jane7Roe\n"], "mysql": ["-- it's Jane7Roe\n", "#Jane7Roe\n"],
    "postgres": ["/* /* */ Jane7Roe */", "{# Jane7Roe #}"],
}  # fmt: skip
# No replay looks at what stands there.
USES = ("SELECT {} FROM p", "SET x = {}", "INSERT INTO p (a, b) VALUES (1, {})", "UPDATE p SET a = {}",
        "GRANT x TO y {}", "USE x; SELECT f({}, 'z') FROM p")  # fmt: skip
SECRETS = {"oracle": ["ALTER USER u IDENTIFIED BY Jane7Roe"], "snowflake": ["CREATE USER u PASSWORD = Jane7Roe"]}


def _statements() -> list[tuple[str, str]]:
    told = [(dialect, use.replace("{}", one)) for dialect, all in LITERALS.items() for one in all for use in USES]
    told += [(dialect, f"SELECT a {one} FROM p {one}") for dialect, all in COMMENTS.items() for one in all]
    told += [(dialect, f"SET x {one}= 1") for dialect, all in COMMENTS.items() for one in all]
    return told + [(dialect, one) for dialect, all in SECRETS.items() for one in all]


def test_no_value_is_in_the_store(tmp_path: Path) -> None:
    told = _statements()
    event = {"time": "2026-03-24T10:00:00Z", "principal": "x", "operation": "read", "outcome": "success"}
    lines = [json.dumps({**event, "dialect": dialect, "statement": sql}) for dialect, sql in told]
    (tmp_path / "access.ndjson").write_text("\n".join(lines))
    [taken] = ingest(tmp_path / "s", [tmp_path / "access.ndjson"])
    assert taken.tally.stored == len(set(lines))
    stored = (tmp_path / "s").read_bytes()
    with duckdb.connect(str(tmp_path / "s"), read_only=True) as con:
        tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        rows = [str(row) for name in tables for row in con.execute(f'FROM "{name}"').fetchall()]
        assert con.execute("SELECT count(*) FROM template WHERE parsed").fetchall()[0][0] > len(told) / 2
    assert [row for row in rows if NAME.lower() in row.lower() or NUMBER[1:] in row] == []
    assert NAME.encode() not in stored
    assert NUMBER.encode() not in stored


@pytest.mark.parametrize(
    ("dialect", "sql", "table"),
    [
        ("mysql", "SELECT * FROM 2020_people WHERE a = 1", ("2020_people",)),
        ("hive", "SELECT * FROM hr.2020_01 WHERE a = 10L", ("hr", "2020_01")),
        ("bigquery", "SELECT * FROM my-project-123.hr.people WHERE a = 1", ("my-project-123", "hr", "people")),
        ("bigquery", "SELECT * FROM my-project-123.`hr`.people", ("my-project-123", "hr", "people")),
        ("bigquery", "SELECT * FROM hr.people-2024-01 WHERE a - 7 = 5", ("hr", "people-2024-01")),
        ("bigquery", "DELETE FROM hr.people-2024 WHERE a = 5", ("hr", "people-2024")),
        ("clickhouse", "SELECT a.1 FROM people WHERE b.2 = 3", ("people",)),
    ],
)
def test_digits_of_a_name_are_no_value(dialect: str, sql: str, table: tuple[str, ...]) -> None:
    assert [use.parts for use in understand(taken_apart(CON, sql, dialect)[0], dialect).tables] == [table]


def test_two_hyphens_are_no_comment_to_mysql_without_a_blank() -> None:
    assert taken_apart(CON, "SELECT * FROM p WHERE a = 5--1 OR b = 2", "mysql")[0].endswith("a = 0- -1 OR b = 2")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("dialect", "again"),
    [
        ("oracle", '"'), ("oracle", "q'["), ("oracle", "nq'a'"), ("postgres", "$a$ $b$"),
        ("postgres", "/*"), ("postgres", "$1,"), ("bigquery", "'''"), ("bigquery", "\\'"), ("bigquery", "a-1"),
        ("bigquery", "FROM a-1,"), ("bigquery", "r'"), ("mysql", "--1"), ("mysql", "/*!"), ("mysql", "BEGIN SHOW "),
        ("mysql", ";SHOW a"), ("spark", "10L"), ("spark", "0x"), ("clickhouse", "$a$'"), ("tsql", "$1"), ("tsql", "[a"),
    ],
)  # fmt: skip
def test_no_text_takes_long(dialect: str, again: str) -> None:
    """One took a minute and more for five times as many characters."""
    sql = (again * 20_000)[:20_000]
    understand(taken_apart(CON, sql, dialect)[0], dialect)
