"""How PostgreSQL and its tools write statements: which rows each reads or changes."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import Entry, Table, connect, taken_apart, verdicts

CON = connect()
T = Table([Entry("1", {"id": 1, "country": "KE"}), Entry("2", {"id": 2, "country": "PH"})])

FORMS = {
    # COPY: options, with or without WITH, say nothing of rows.
    "COPY t (id, country) TO STDOUT (FORMAT BINARY)": "TT",
    "COPY BINARY t TO STDOUT": "TT",
    """copy "t" to '/srv/t.csv' (FORMAT csv, DELIMITER ';', HEADER)""": "TT",
    "COPY (SELECT * FROM t WHERE id = 2) TO STDOUT (FORMAT csv, HEADER, DELIMITER ',')": "FT",
    "COPY ((SELECT ')', \")\" FROM t WHERE country = 'KE')) TO STDOUT (FORMAT csv, HEADER)": "TF",
    "COPY (DELETE FROM t WHERE id = 1 RETURNING *) TO STDOUT": "TF",
    "COPY t FROM STDIN (FORMAT csv, NULL 'KE') WHERE id > 5; SELECT * FROM t WHERE country = 'PH'": "UU",
    # Tables that are joined in brackets may have a name together.
    "SELECT j.* FROM (t JOIN (VALUES (2), (3)) v(n) ON t.id = v.n) AS j": "FT",
    "SELECT * FROM (t CROSS JOIN nobody) AS j WHERE country = 'PH' AND j.id = 1": "UU",
    "SELECT * FROM t AS o FOR UPDATE OF o": "TT",
    # What a foreign key asks and does in the other table.
    'SELECT 1 FROM ONLY "t" x WHERE "id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x': "FT",
    'DELETE FROM ONLY "t" WHERE $1 OPERATOR(pg_catalog.=) "id"': "FT",
    "UPDATE t SET country = 'DE' WHERE CURRENT OF c": "UU",
    "INSERT INTO t (id, country) OVERRIDING SYSTEM VALUE VALUES (2, 'PH')": "FT",
    # What DISTINCT ON leaves out is left out of a union too.
    "(SELECT DISTINCT ON (country) * FROM t) UNION ALL SELECT * FROM t WHERE id = 1": "TU",
    # A query of WITH RECURSIVE may name one that comes after it.
    "WITH RECURSIVE a AS (TABLE b), b AS (TABLE t) SELECT * FROM a JOIN t USING (id) WHERE t.id = 2": "UU",
    # A query of WITH may have the name of the table that it reads.
    "WITH t AS (SELECT * FROM t WHERE id = 1) SELECT * FROM t": "TF",
    "WITH t AS (SELECT * FROM t), v(n) AS (VALUES (1)) SELECT * FROM t JOIN v ON v.n = t.id": "UU",
    "SELECT * FROM t WHERE id = (WITH t AS (VALUES (1)) SELECT * FROM t)": "UU",
    "WITH x AS (SELECT id FROM t WHERE id = 1) DELETE FROM t USING x WHERE t.id = x.id": "TF",
    "WITH x AS (SELECT id FROM t WHERE id = 1) UPDATE t SET name = 'q' FROM x WHERE t.id = x.id": "TF",
    "CREATE TABLE IF NOT EXISTS mine AS SELECT * FROM t WHERE id = 1": "UF",
    "CREATE TEMP TABLE mine ON COMMIT DROP AS SELECT * FROM t WHERE id = 1": "TF",
    # What makes rows of a value makes none of an empty one, and then the row that holds it is not in the result.
    "SELECT id, unnest(tags) FROM t": "UU",
    "SELECT id, pg_catalog.jsonb_array_elements(doc) FROM t WHERE id = 1": "UF",
    "SELECT (jsonb_each(doc)).key FROM t WHERE id = 1": "UF",
    "SELECT generate_series(1, n) FROM t WHERE id = 1": "UF",
    "SELECT regexp_matches(name, '^K') FROM t WHERE id = 1": "UF",
    "SELECT id FROM t WHERE id = 1 ORDER BY unnest(tags)": "UF",
    "SELECT id FROM t WHERE id IN (SELECT unnest(tags) FROM t WHERE id = 1)": "UU",
    "SELECT id, ARRAY(SELECT unnest(t.tags)) FROM t WHERE id = 1": "TF",
    # So may any function that PostgreSQL does not bring: an extension's, or somebody's own.
    "SELECT id, skeys(tags) FROM t WHERE id = 1": "UF",
    "SELECT hr.rows_of(name) FROM t WHERE id = 1": "UF",
    "SELECT (st_dump(place)).geom FROM t WHERE id = 1": "UF",
    "SELECT id FROM t WHERE id = 1 ORDER BY rank_of(name)": "UF",
    "SELECT to_char(made, 'YYYY'), quote_ident(name), pg_catalog.rows_of(name), date_part('day', made) FROM t"
    " WHERE id = 1 AND st_x(place) = 1": "UF",
    "SELECT to_char(made, 'YYYY'), pg_catalog.rows_of(name), date_part('day', made) FROM t WHERE id = 1": "TF",
    "SELECT id FROM t WHERE id = 1 AND id = mine(id)": "UF",
    "SELECT id, (SELECT count(*) FROM unnest(t.tags)) FROM t WHERE id = 1": "TF",
}


def test_what_was_prepared_is_told_where_it_was_prepared() -> None:
    assert not understand(taken_apart(CON, "CREATE TABLE mine AS EXECUTE theirs(1)")[0], "").parsed


@pytest.mark.parametrize("sql", FORMS)
def test_forms(sql: str) -> None:
    assert verdicts(CON, sql, {"t": T}, bound=['{"u":"2"}'])["t"] == FORMS[sql]


HELD = Table(
    [
        Entry("1", {"email": "Ann@x.org", "ip": "10.0.0.1/32", "at": "09:00:00", "span": "1 day", "ok": "t", "no": "f",
                    "born": "1990-01-02", "made": "2026-01-05 12:00:00", "doc": '{"k": 1}', "tags": "{a,b}",
                    "ref": "00000000-0000-0000-0000-00000000000a", "sex": "M", "phone": "(555) 123-4567",
                    "host": "10.0.0.5", "day": "1990/01/02", "cur": "US ",
                    "paid": "1.500000000000000000", "tiny": "1e-07", "till": "Infinity", "version": "1.5.0",
                    "sent": "2026-01-05T12:00:00Z", "gone": None, "lost": None})
    ]
)  # fmt: skip
# What types other than text take for equal, and a text column may not: no replay tells which of them a column has.
WRITTEN = {
    "email = 'ANN@x.org'": "U",
    "email IN ('bob@x.org', 'ann@X.org')": "U",
    "email NOT LIKE 'ann%'": "U",
    "email LIKE 'Ann%' AND email <> 'bob@x.org'": "T",
    "ip = '10.0.0.1'": "U",
    "at = '9:00 AM'": "U",
    "at <> '090000'": "U",
    "span = '24:00:00' OR span = '24 hours'": "U",
    "doc = '{\"k\":1}'": "U",
    "tags = '{a, b}'": "U",
    "ref = '0000-0000-0000-0000-0000-0000-0000-000A'": "U",
    "ok = 'true'": "U",
    "ok AND NOT no AND ok = true AND no IS NOT TRUE": "T",
    "no OR ok = false OR ok = 'false'": "F",
    "born = 'Jan 2, 1990'": "U",
    "born <> '19900102'": "U",
    "born = '1990-01-03'": "F",
    "born BETWEEN '1990-01-01' AND DATE '1990-01-02' AND born = DATE '1990-01-02'": "T",
    "born > '1990-01-02'": "F",
    "made >= '2026-01-01' AND made < '2026-02-01 00:00:00'": "T",
    "made >= '2026-01-05'": "U",
    "day = '19900102'": "U",
    "sent = '2026-01-05 12:00:00Z'": "U",
    "sent = TIMESTAMPTZ '2026-01-05 13:00:00+01'": "U",
    "CASE WHEN ok = 'true' THEN 1 ELSE 2 END = 2": "U",
    "nullif(email, 'ANN@x.org') IS NULL": "U",
    "coalesce(untold, 'x') = 'x'": "U",
    "gone IS NOT DISTINCT FROM lost AND cur IS DISTINCT FROM gone": "T",
    "gone IS DISTINCT FROM lost OR cur IS NOT DISTINCT FROM gone": "F",
    # A column of dates is compared with the date alone of a text that tells a time too, whatever the time and its zone.
    "born = '1990-01-02T23:00:00-05:00'": "U",
    "born IN ('1990-01-02T23:00:00-05:00') OR born = ANY('{1990-01-02T23:00:00-05:00}')": "U",
    "born >= '1990-01-02T16:00:00Z'": "U",
    "born < '1990-01-02 23:59:59+00'": "U",
    "born < '1990-01-05T23:59:59Z' AND born > '1989-12-30T01:00:00Z'": "T",
    "born = '1990-01-05T00:00:00Z' OR born >= TIMESTAMPTZ '1990-01-02T16:00:00Z'": "F",
    # What no such type takes for equal differs, though it looks like one's.
    "sex = 'F' OR sex = 'no'": "F",
    "sex <> 'f' AND sex NOT IN ('t', 'true')": "T",
    "ok = 'yes'": "U",
    "ok = '1'": "U",
    "ok::text = 't'": "U",
    "ip = '10.0.0.2' OR host = '10.0.0.2'": "F",
    "host = '10.0.0.5'": "T",
    "host = '10.0.0.5/32'": "U",
    "host::text = '10.0.0.5'": "U",
    "host = '010.0.0.5'": "U",
    # Numbers of more digits than are held exactly here may be written with fewer.
    "paid = '1.5'": "U",
    "paid <> $1": "U",
    "paid IN ('1.5', '7')": "U",
    "tiny = '1e-7' OR tiny = '0.0000001'": "U",
    "till = 'inf'": "U",
    "version = '1.5'": "F",
    # A column of fixed length loses the blanks at its end where it is compared with a text.
    "cur = 'US '::text": "U",
    "cur <> 'US'": "U",
    "cur = 'EUR' OR cur IN ('USD', 'U')": "F",
    "phone = '555-1234' OR phone = '(555) 999-9999'": "F",
}


# The fields that are read or looked at, under the names that a query may give to others.
FIELDS = {
    "SELECT upper(email) AS country FROM t GROUP BY country": ("country", "email"),
    "SELECT email AS country FROM t ORDER BY lower(country)": ("country", "email"),
    "SELECT email AS country FROM t ORDER BY country DESC": ("email",),
    "SELECT t.email FROM t NATURAL JOIN (SELECT 1 AS id) u": None,
}


@pytest.mark.parametrize("sql", FIELDS)
def test_fields(sql: str) -> None:
    [use] = understand(taken_apart(CON, sql)[0], "").tables
    assert use.fields == FIELDS[sql]


@pytest.mark.parametrize("condition", WRITTEN)
def test_values_as_other_types_write_them(condition: str) -> None:
    found = verdicts(CON, f"SELECT * FROM t WHERE {condition}", {"t": HELD}, bound=['{"u":"1.5"}'])
    assert found["t"] == WRITTEN[condition]


def test_functions_in_place_of_tables_end_nothing() -> None:
    """Their list is a table without a name to the parser."""
    found = understand("SELECT * FROM ROWS FROM (generate_series(0, 1), unnest(ARRAY['2'])) AS x", "postgres")
    assert (found.parsed, found.tables) == (True, ())


@pytest.mark.parametrize(
    ("sql", "understood"),
    [
        ("select pg_catalog.version()", True),  # SQLAlchemy, as it connects
        ("SELECT pg_catalog.set_config('search_path', '', false)", True),  # pg_dump
        ("select nextval('people_id_seq')", True),
        ("SELECT nextval('people_id_seq'), documents_of(1)", False),
        ("SELECT documents_of('C-1')", False),
        ("SELECT * FROM hr.documents_of($1)", False),
        ("SELECT version_of(1)", False),
        ("SELECT hr.version()", False),
        ("SELECT hr.json_of('C-1')", False),
        ("SELECT pg_catalog.query_to_xml('SELECT * FROM pay', true, true, '')", False),
        ("SELECT \"pg_catalog\".\"table_to_xml\"('pay', true, true, '')", False),
        ("SELECT * FROM ts_stat('SELECT words FROM letters')", False),
        ("SELECT data FROM pg_logical_slot_get_changes('s', NULL, NULL)", False),
        ("SELECT * FROM pg_catalog.pg_logical_slot_peek_binary_changes('s', NULL, 10)", False),
        ("SELECT pg_read_binary_file('base/5/16384')", False),
        ("SELECT pg_stat_file('base')", True),
        ("SELECT public.dblink_exec('', 'DELETE FROM pay') FROM shifts", False),
    ],
)
def test_what_is_called_may_read_tables_where_it_is_not_the_servers_own(sql: str, understood: bool) -> None:
    assert understand(taken_apart(CON, sql)[0], "").parsed == understood
