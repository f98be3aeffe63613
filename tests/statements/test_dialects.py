"""How other databases than PostgreSQL write statements: which rows each reads or changes, and what it writes."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import Entry, Table, connect, taken_apart, verdicts

CON = connect()
T = Table([Entry("1", {"id": 1, "country": "KE"}), Entry("2", {"id": 2, "country": "PH"})])
U = Table([Entry("7", {"id": 7, "tid": 1, "kind": "a"}), Entry("8", {"id": 8, "tid": 3, "kind": "b"})])

# (dialect, statement) -> what it does with each table, and the verdicts of its rows ('?': none is asked for)
SAID = {
    # A semi-join keeps the rows of the left that have a partner, whatever LEFT says.
    ("spark", "SELECT t.id FROM t LEFT SEMI JOIN u ON t.id = u.tid"): "t read TF, u read TF",
    ("databricks", "SELECT t.id FROM t LEFT SEMI JOIN u USING (id)"): "t read FF, u read FF",
    ("databricks", "SELECT * FROM t@v3 WHERE id = 1"): "t read UU",
    # MySQL changes those tables of a join that SET or DELETE names; SQL Server names what FROM tells of.
    ("mysql", "UPDATE t JOIN u ON t.id = u.tid SET u.kind = 'q'"): "t read TF, u update TF",
    ("mysql", "UPDATE t, u SET t.country = 'x', u.kind = 'q' WHERE t.id = u.tid"): "t update TF, u update TF",
    ("mysql", "UPDATE t JOIN u ON t.id = u.tid SET kind = 'q'"): "t read update UU, u read update UU",
    ("mysql", "DELETE t, u FROM t JOIN u ON t.id = u.tid"): "t delete TF, u delete TF",
    ("mysql", "DELETE a, b FROM t AS a JOIN u AS b ON a.id = b.tid"): "t delete TF, u delete TF",
    ("mysql", "DELETE FROM a, b USING t AS a JOIN u AS b ON a.id = b.tid"): "t delete TF, u delete TF",
    ("mysql", "DELETE FROM u USING t JOIN u ON t.id = u.tid"): "t read TF, u delete TF",
    # A table of the same name in another schema is another.
    ("postgres", "UPDATE u SET a = s.u.a FROM s.u WHERE s.u.id = public.u.id"): "u read update UU, s.u read update UU",
    ("tsql", "UPDATE t SET id = 9 FROM d.t JOIN u ON t.id = u.tid"): "t read update UU, d.t read update UU, u read UU",
    ("postgres", "DELETE FROM a.u USING b.u WHERE a.u.id = b.u.id"): "a.u delete UU, b.u read UU",
    ("tsql", "UPDATE s.t SET country = 'q' FROM s.t JOIN u ON t.id = u.tid"): "s.t update TF, u read TF",
    # What is no table of its own is not changed.
    ("mysql", "UPDATE t JOIN (SELECT tid FROM u) z ON z.tid = t.id SET country = 'q'"): "t update TF, u read TF",
    ("oracle", "DELETE FROM (SELECT * FROM t WHERE id = 1)"): "T read delete ?",
    ("oracle", "UPDATE t SET country = 'x' WHERE id = 1 RETURNING country INTO v"): "T read update ?",
    ("tsql", "UPDATE a SET country = 'q' FROM t AS a JOIN u ON a.id = u.tid"): "t update TF, u read TF",
    ("tsql", "DELETE a FROM t AS a JOIN u ON a.id = u.tid"): "t delete TF, u read TF",
    ("tsql", "WITH c AS (SELECT * FROM t WHERE id = 1) DELETE FROM c"): "t read delete UU",
    ("tsql", "DELETE TOP (1) FROM t"): "t delete UU",
    ("tsql", "UPDATE t SET country = 'x' OUTPUT deleted.id INTO old WHERE id = 1"): "t read update TF, old create ?",
    ("tsql", "UPDATE t SET id = 2 OUTPUT deleted.id INTO old (id) WHERE id = 1"): "t read update TF, old create ?",
    ("bigquery", "DELETE t WHERE id = 1"): "t delete TF",
    ("bigquery", "DELETE d.t WHERE id IN (SELECT tid FROM u)"): "d.t delete TF, u read TT",
    ("tsql", "SELECT * FROM t WITH (READPAST) WHERE id = 1"): "t read UF",
    ("tsql", "SELECT * FROM t WITH (NOLOCK) WHERE id = 1"): "t read TF",
    ("clickhouse", "SELECT * FROM t ANY JOIN u ON t.id = u.tid"): "t read UF, u read UF",
    ("clickhouse", "ALTER TABLE t DELETE WHERE id = 1"): "t delete TF",
    ("tsql", "MERGE INTO t USING u ON t.id = u.tid WHEN MATCHED THEN DELETE;"): "u read UU, t delete UU",
    ("databricks", "MERGE INTO t USING u ON t.id = u.tid WHEN MATCHED THEN UPDATE *"): "u read UU, t update UU",
    ("hive", "ALTER TABLE t DROP PARTITION (ds = 'x')"): "t delete UU",
    ("snowflake", "COPY INTO 's3://theirs/x' FROM t"): "T read ?",
    # What fills up a row without a partner is NULL, but in ClickHouse 0 and empty texts.
    ("mysql", "SELECT t.id FROM t LEFT JOIN u ON t.id = u.tid WHERE u.kind = ''"): "t read FF, u read FF",
    ("clickhouse", "SELECT t.id FROM t LEFT JOIN u ON t.id = u.tid WHERE u.kind = ''"): "t read UU, u read FF",
    ("clickhouse", "SELECT t.id FROM t LEFT JOIN u ON t.id = u.tid WHERE u.kind <> 'a'"): "t read UU, u read FF",
    ("clickhouse", "SELECT t.id FROM t LEFT JOIN u ON t.id = u.tid WHERE t.id = 1"): "t read TF, u read TF",
    # MySQL asks HAVING of single rows, where nothing is grouped; what is, was read.
    ("mysql", "SELECT * FROM t HAVING country = 'KE'"): "t read UU",
    ("mysql", "SELECT country FROM t GROUP BY country HAVING country = 'KE'"): "t read TT",
    ("mysql", "SELECT max(id) AS m FROM t HAVING m > 1"): "t read TT",
    ("mysql", "SELECT * FROM t HAVING id = (SELECT max(tid) FROM u)"): "t read UU, u read UU",
    ("mysql", "SELECT *, sum(id) OVER () AS s FROM t HAVING country = 'KE'"): "t read UU",
    ("mysql", "SELECT (SELECT max(tid) FROM u) AS m FROM t HAVING m > 1"): "t read UU, u read UU",
    # A setting limits what comes after it, as LIMIT would.
    ("tsql", "SELECT * FROM u; SET ROWCOUNT 1; SELECT * FROM t WHERE id = 1"): "t read UF, u read TT",
    ("tsql", "SET ROWCOUNT 1; DELETE FROM t"): "t delete UU",
    ("tsql", "SET NOCOUNT ON; SELECT * FROM t"): "t read TT",
    ("mysql", "SET SESSION sql_select_limit = 1; SELECT * FROM t"): "t read UU",
    ("mysql", "SET @@session.sql_select_limit = 1; SELECT * FROM t"): "t read UU",
    ("mysql", "SET PERSIST `sql_select_limit` = 1; SELECT * FROM t"): "t read UU",
    ("mysql", "SET @x = 1, sql_select_limit = 1; SELECT * FROM t"): "t read UU",
    ("tsql", "BEGIN SET ROWCOUNT 1; DELETE FROM t; END"): "t delete UU",
    ("clickhouse", "SET limit = 1; SELECT * FROM t"): "t read UU",
    ("clickhouse", "SET max_result_rows = 1, result_overflow_mode = 'break'; SELECT * FROM t"): "t read UU",
    # No name with a hyphen: 1 is a value, and not the number of another.
    ("bigquery", "SELECT * FROM u WHERE id IS DISTINCT FROM id-1 AND tid < 9 AND 0 < 2"): "u read TT",
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql"), SAID)
def test_what_is_read_and_written(dialect: str, sql: str) -> None:
    found = verdicts(CON, sql, {"t": T, "u": U}, dialect=dialect)
    told = {}
    for use in understand(taken_apart(CON, sql, dialect)[0], dialect).tables:
        words = ("read" if use.reads else "", use.write or "", found[use.parts[-1]] or "?")
        told[".".join(use.parts)] = " ".join(filter(None, words))
    assert told == {one.split(" ", 1)[0]: one.split(" ", 1)[1] for one in SAID[dialect, sql].split(", ")}


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("snowflake", "SELECT * FROM IDENTIFIER('t')"),
        ("snowflake", "SELECT * FROM TABLE($name)"),
        ("bigquery", "SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP INTERVAL), (0 HOUR)"),
        ("bigquery", "SELECT * FROM `p.d.people_*` WHERE _TABLE_SUFFIX = '2026'"),
    ],
)
def test_a_statement_that_does_not_say_which_tables_it_reads_is_not_understood(dialect: str, sql: str) -> None:
    assert not understand(taken_apart(CON, sql, dialect)[0], dialect).parsed


@pytest.mark.parametrize(
    "sql", ["UPDATE t SET country = 'x' OUTPUT deleted.email WHERE id = 1", "UPDATE t SET id = 1 OUTPUT inserted.*"]
)
def test_the_row_as_it_was_or_became_is_read_whole(sql: str) -> None:
    [use] = understand(taken_apart(CON, sql, "tsql")[0], "tsql").tables
    assert (use.reads, use.fields) == (True, None)


@pytest.mark.parametrize(
    ("dialect", "sql", "fields"),
    [
        ("bigquery", "SELECT address.city FROM p", {"address"}),
        ("clickhouse", "SELECT name.1 FROM p", {"name"}),
        ("duckdb", "SELECT p.address.city FROM p", {"address"}),
        ("bigquery", "SELECT address.* FROM p", None),
        # What stands before it in FROM, a function or LATERAL reads.
        ("postgres", "SELECT x FROM p, unnest(p.tags) x", {"tags"}),
        ("postgres", "SELECT a FROM p JOIN LATERAL (SELECT p.email AS a) x ON true", {"email"}),
        ("mysql", "SELECT j.a FROM p, JSON_TABLE(p.data, '$' COLUMNS (a INT PATH '$.a')) j", {"data"}),
        ("bigquery", "SELECT e FROM p CROSS JOIN UNNEST(p.emails) e", {"emails"}),
        ("trino", "SELECT e FROM p CROSS JOIN UNNEST(p.emails) AS t (e)", {"emails"}),
        ("snowflake", "SELECT f.value FROM p, LATERAL FLATTEN(input => p.data) f", {"DATA"}),
        ("tsql", "SELECT x.v FROM p CROSS APPLY (VALUES (p.email), (p.phone)) x (v)", {"email", "phone"}),
        ("duckdb", "SELECT a FROM p, (SELECT p.email AS a) x", {"email"}),
        # All of a row in one value.
        ("spark", "SELECT to_json(struct(*)) FROM p", None),
        ("snowflake", "SELECT OBJECT_CONSTRUCT(*) FROM p WHERE id = 1", None),
        ("oracle", "SELECT JSON_OBJECT(*) FROM p", None),
        ("postgres", "SELECT count(*) FROM p WHERE id = 1", {"id"}),
    ],
)
def test_the_field_of_a_part_of_a_value_is_read(dialect: str, sql: str, fields: set[str] | None) -> None:
    [use] = understand(taken_apart(CON, sql, dialect)[0], dialect).tables
    assert (use.fields is None) if fields is None else fields <= set(use.fields or ())


def test_no_field_that_is_not_looked_at_is_read_by_a_count() -> None:
    [use] = understand("SELECT count(*) FROM p WHERE id = 0", "postgres").tables
    assert use.fields == ("id",)


@pytest.mark.parametrize(
    ("dialect", "rest"),
    [("spark", "MATCHED THEN UPDATE SET *"), ("spark", "NOT MATCHED THEN INSERT *"),
     ("bigquery", "NOT MATCHED THEN INSERT ROW")],
)  # fmt: skip
def test_a_merge_of_whole_rows_reads_all_their_fields(dialect: str, rest: str) -> None:
    used = understand(f"MERGE INTO t USING u ON t.id = u.tid WHEN {rest}", dialect).tables
    assert [one.fields for one in used if one.parts == ("u",)] == [None]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT * INTO #p FROM q", {"#p", "q"}),
        ("INSERT #p (a) SELECT a FROM q", {"#p", "q"}),
        ("SELECT * FROM ##p", {"##p"}),
        ("INSERT INTO @p SELECT a FROM q", {"@p", "q"}),
        ("SELECT * FROM @p", set()),
        ("DROP TABLE #p", {"#p"}),
    ],
)
def test_what_is_no_lasting_table_has_no_name_of_one(sql: str, named: set[str]) -> None:
    """In SQL Server the name alone tells, in whichever statement it stands."""
    assert {use.parts[-1] for use in understand(sql, "tsql").tables} == named


def test_nothing_is_surely_copied_where_a_table_may_be_there_already() -> None:
    assert verdicts(CON, "CREATE TABLE IF NOT EXISTS x SHALLOW CLONE t", {"t": T}, dialect="databricks")["t"] == "UU"


HELD: list[dict[str, str | int | None]] = [
    {"country": "KE", "level": None}, {"country": "DE", "level": 1}, {"country": None}, {"country": ""}, {},
]  # fmt: skip
MISSING = Table([Entry(str(number), told) for number, told in enumerate(HELD)])


@pytest.mark.parametrize(
    ("dialect", "test", "said"),
    [
        # NULL in IN is passed over in ClickHouse, or a value; in DuckDB in a list, which to the parser is the same.
        ("postgres", "country NOT IN ('DE', NULL)", "FFFFU"),
        ("clickhouse", "country NOT IN ('DE', NULL)", "UFUUU"),
        ("clickhouse", "country IN ('DE', NULL)", "UTUUU"),
        ("clickhouse", "country IN ('DE')", "FTFFU"),
        ("clickhouse", "country NOT IN ('DE')", "TFUTU"),
        ("duckdb", "country NOT IN ['DE', NULL]", "UFUUU"),
        ("duckdb", "country IN ['DE', NULL]", "FTFFU"),
        ("duckdb", "country NOT IN ('DE')", "TFFTU"),
        ("postgres", "CASE country WHEN NULL THEN 1 ELSE 0 END = 1", "FFFFU"),
        ("clickhouse", "CASE country WHEN NULL THEN 1 ELSE 0 END = 1", "UUUUU"),
        # They and others compare a row as one value, in which NULL is as any other.
        ("mysql", "(country, level) <> ('KE', 1)", "FTUTU"),
        ("duckdb", "(country, level) <> ('KE', 1)", "UTUTU"),
        ("spark", "(country, level) NOT IN (('KE', 1))", "UTUTU"),
        ("duckdb", "(country, level) = ('DE', 1)", "FTFFU"),
        # An empty text is NULL in Oracle, and NULL was an empty text in Druid.
        ("postgres", "country <> ''", "TTFFU"),
        ("oracle", "country <> ''", "UUUUU"),
        ("oracle", "country NOT IN ('DE', '')", "UFFUU"),
        ("oracle", "country IS NULL", "FFTUU"),
        ("oracle", "country <> 'DE'", "TFFUU"),
        ("druid", "country <> 'DE'", "TFUUU"),
    ],
)
def test_what_null_and_an_empty_text_are(dialect: str, test: str, said: str) -> None:
    tables = dict.fromkeys(("t", "T"), MISSING)
    found = verdicts(CON, f"SELECT * FROM t WHERE {test}", tables, dialect=dialect)
    assert list(found.values()) == [said]


AMOUNTS = Table(
    [
        Entry("1", {"x": 1.5, "name": "a" * 31}),
        Entry("2", {"x": 2, "name": "a" * 30}),
        Entry("3", {"x": 20_000_000_000, "name": "a" * 257}),
        Entry("4", {"x": 0.1234567895, "name": "ä" * 16}),
    ]
)


@pytest.mark.parametrize(
    ("dialect", "test", "said"),
    [
        ("postgres", "CAST(x AS DECIMAL) = 2", "FTFF"),
        # 1.5 becomes 2, and what has more than ten digits NULL.
        ("mysql", "CAST(x AS DECIMAL) = 2", "UTUU"),
        ("databricks", "CAST(x AS DECIMAL) > 2", "UFUU"),
        # BigQuery keeps nine digits of a fraction.
        ("bigquery", "CAST(x AS NUMERIC) > 1", "TTTU"),
        ("postgres", f"CAST(name AS VARCHAR) = '{'a' * 30}'", "FTFF"),
        ("tsql", f"CAST(name AS VARCHAR) = '{'a' * 30}'", "UTUU"),
        ("redshift", f"CAST(name AS VARCHAR) = '{'a' * 30}'", "FTUF"),
    ],
)
def test_what_a_cast_leaves(dialect: str, test: str, said: str) -> None:
    assert verdicts(CON, f"SELECT * FROM t WHERE {test}", {"t": AMOUNTS}, dialect=dialect)["t"] == said


FLAGS = Table([Entry(str(number), {"f": flag}) for number, flag in enumerate((True, False, None, "t"))])


@pytest.mark.parametrize(
    ("dialect", "test", "said"),
    [
        ("postgres", "f = 'true'", "TFFU"),
        # Where TRUE is 1, a text that is no number is 0, or no number's equal.
        ("mysql", "f = 'true'", "UUFU"),
        ("sqlite", "f <> 'true'", "UUFU"),
        ("mysql", "f = true", "TFFU"),
        ("mysql", "NOT f", "FTFU"),
        ("postgres", "f", "TFFT"),
        ("mysql", "f", "TFFU"),
        ("mysql", "f IS TRUE", "TFFU"),
        ("mysql", "(f = true) = true", "TFFU"),
    ],
)
def test_what_a_boolean_is(dialect: str, test: str, said: str) -> None:
    assert verdicts(CON, f"SELECT * FROM t WHERE {test}", {"t": FLAGS}, dialect=dialect)["t"] == said


NAMES = Table([Entry(str(n), {"name": name}) for n, name in enumerate(("Strauß", "Søren", "Łukasz", "ΝΙΚΟΣ", "Æsa"))])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("STRAUSS", "UFFFF"),
        ("soren ", "FUFFF"),
        ("lukasz", "FFUFF"),
        ("Νίκος", "FFFUF"),
        ("aesa", "FFFFU"),
        ("Anna", "FFFFF"),
    ],
)
def test_letters_that_a_collation_may_take_for_others(name: str, said: str) -> None:
    assert verdicts(CON, f"SELECT * FROM t WHERE name = '{name}'", {"t": NAMES}, dialect="mysql")["t"] == said


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("", "SELECT * FROM t WHERE country = E'KE'"),
        ("PostgreSQL", "SELECT * FROM t WHERE country = E'KE'"),
        ("MariaDB", 'SELECT * FROM `t` WHERE country = "KE"'),
        ("sqlserver", "SELECT * FROM [t] WHERE country = 'KE'"),
        ("mssql", "SELECT * FROM [t] WHERE country = 'KE'"),
        ("sqlite3", "SELECT * FROM `t` WHERE id = 1"),
        ("SparkSQL", 'SELECT * FROM `t` WHERE country = "KE"'),
    ],
)
def test_a_dialect_may_have_the_name_that_its_producer_has_for_it(dialect: str, sql: str) -> None:
    assert verdicts(CON, sql, {"t": T}, dialect=dialect)["t"] in ("TF", "UF")
