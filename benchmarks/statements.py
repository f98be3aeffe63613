"""Replay of logged statements: pgaudit lines from 1,000 templates, against reading the file with read_json."""

import importlib.util
import json
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import duckdb

from benchmarks import ingest
from benchmarks.child import Child
from benchmarks.files import LINES
from benchmarks.history import DRAW, YEAR, YEAR_START
from benchmarks.table import Line, Need
from benchmarks.world import World, doing

RATE, MEMORY = 0.3, 2_048  # of the floor's; MB
TEMPLATES, TABLES, COLUMNS = 1_000, 20, 10
NAMESPACE = "postgres://shop-db:5432"
# Five forms of a statement, each with another column c0 to c9, on each of 20 tables. What the tables' record entries
# hold decides the first four; they do not hold c0 to c9, so the fifth is unknown wherever the team fits.
_TEXTS = """
CREATE OR REPLACE TABLE told AS
WITH drawn AS (
    SELECT i, floor($templates * draw('template', i) ** 1.5)::INTEGER AS template,
           floor($users * draw('user', i))::INTEGER AS user_no,
           floor($keys * draw('key', i) ** 2)::INTEGER AS key, floor(5 * draw('value', i))::INTEGER AS value,
           $start + 1000 * floor((i + draw('at', i)) * $year / $statements / 1000)::BIGINT AS happened
    FROM range($statements) t(i)
), parts AS (
    SELECT *, template % $tables AS t, template // $tables % 5 AS form, template // $tables // 5 AS c,
           format('K{:06d}', key) AS k, ['KE', 'PH', 'US', 'BR', 'DE'][value + 1] AS country, 'team-' || value AS team
    FROM drawn
)
SELECT *, CASE form
    WHEN 0 THEN format('SELECT id, c{} FROM public.t{:02d} WHERE id = ', c, t) || chr(36) || '1'
    WHEN 1 THEN format('SELECT c{} FROM public.t{:02d} WHERE id = ''{}''', c, t, k)
    WHEN 2 THEN
        format('SELECT id, c{} FROM public.t{:02d} WHERE country = ''{}'' AND level >= {}', c, t, country, value)
    WHEN 3 THEN format('UPDATE public.t{:02d} SET c{} = {} WHERE id = ''{}''', t, c, value, k)
    ELSE format('SELECT id FROM public.t{:02d} WHERE team = ' || chr(36) || '1 AND c{} > {}', t, c, value) END AS text,
    CASE form WHEN 0 THEN k WHEN 4 THEN team ELSE '<none>' END AS parameter
FROM parts
"""
_LOG = r"""
SELECT '{"timestamp":"' || strftime(make_timestamp(happened), '%Y-%m-%d %H:%M:%S.%g UTC') || '","user":"app_' || user_no
    || '","dbname":"shop","pid":' || (1000 + user_no) || ',"remote_host":"192.0.2.10","session_id":"69b0b080.'
    || printf('%x', 1000 + user_no) || '","line_num":' || i || ',"ps":"' || command
    || '","session_start":"2025-03-31 00:00:00 UTC","vxid":"14/' || i || '","txid":0,"error_severity":"LOG",'
    || '"application_name":"portal","backend_type":"client backend","query_id":0,"message":"AUDIT: SESSION,' || i
    || ',1,' || class || ',' || command || format(',TABLE,public.t{:02d},', t)
    || CASE WHEN contains(text, ',') THEN '\"' || text || '\"' ELSE text END || ',' || parameter || '"}'
FROM (
    SELECT *, CASE form WHEN 3 THEN 'UPDATE' ELSE 'SELECT' END AS command,
           CASE form WHEN 3 THEN 'WRITE' ELSE 'READ' END AS class
    FROM told
) WHERE i % $parts = $part ORDER BY i
"""
_ENTRIES = """
CREATE OR REPLACE TABLE held AS
SELECT t, n AS key, floor($people * draw('person', t * $keys + n))::INTEGER AS person,
       ['KE', 'PH', 'US', 'BR', 'DE'][1 + floor(5 * draw('country', t * $keys + n))::INTEGER] AS country,
       floor(6 * draw('level', t * $keys + n))::INTEGER AS level,
       'team-' || floor(5 * draw('team', t * $keys + n))::INTEGER AS team
FROM range($tables) a(t), range($keys) b(n)
"""
_RECORDS = """
SELECT $namespace AS dataset_namespace, format('shop.public.t{:02d}', t) AS dataset_name, format('K{:06d}', key) AS key,
       format('S-{:07d}', person) AS data_subject, TIMESTAMPTZ '2024-01-01 00:00:00Z' AS valid_from,
       NULL::TIMESTAMPTZ AS valid_to, format('K{:06d}', key) AS id, country, level, team
FROM held
"""
# What a user's reads touched, worked out once more: surely, and at most.
_TRUTH = """
WITH mine AS (SELECT DISTINCT t, form, key, value, country, team FROM told WHERE user_no = $user AND form <> 3)
SELECT count(DISTINCT person) FILTER (sure), count(DISTINCT person) FROM (
    SELECT h.person, true AS sure FROM mine m JOIN held h USING (t, key) WHERE m.form IN (0, 1)
    UNION ALL
    SELECT h.person, true FROM mine m JOIN held h USING (t, country) WHERE m.form = 2 AND h.level >= m.value
    UNION ALL
    SELECT h.person, false FROM mine m JOIN held h USING (t, team) WHERE m.form = 4
)
"""
FLOOR = """
CREATE OR REPLACE TABLE bare AS FROM read_json('$files', format = 'newline_delimited', columns = {
    timestamp: 'VARCHAR', user: 'VARCHAR', dbname: 'VARCHAR', pid: 'BIGINT', session_id: 'VARCHAR', line_num: 'BIGINT',
    vxid: 'VARCHAR', error_severity: 'VARCHAR', state_code: 'VARCHAR', message: 'VARCHAR', statement: 'VARCHAR'
})
"""


def measure(world: World) -> list[Line]:
    folder, truth = _write(world)
    ours, bares, memory = [], [], []
    profile: list[tuple[float, int, str]] = []
    path = world.folder / "statements.lineage.duckdb"
    for number in range(world.rounds):
        ingest.drop(path)
        with Child(36_000) as product:
            product("ingest", store=str(path), paths=[str(folder / "base")])
            found = product(
                "ingest", store=str(path), paths=[str(folder / "log")], profile=world.profile and number == 0
            )
        profile = found.get("profile", profile)
        ours.append(found["seconds"])
        memory.append(found["memory"])
        rows, took = ingest.bare(world, FLOOR, folder / "log", "*.json")
        bares.append(took)
        if (found["stored"], found["rejected"]) != (rows, 0):
            raise AssertionError(f"Statements: the floor has {rows} rows, the product says {found}")
    used = truth.execute("SELECT count(DISTINCT template) FROM told").fetchall()[0][0]
    with duckdb.connect(str(path), read_only=True) as store:
        parsed = store.execute("SELECT count(*) FROM template").fetchall()[0][0]
    if parsed != used:
        raise AssertionError(f"Statements: {used} templates were logged, {parsed} were parsed.")
    _check(world, path, truth)
    took, floor, top = median(ours), median(bares), max(memory)
    needs = (Need(floor / took, RATE, "x", at_least=True), Need(top, MEMORY, "MB"))
    note = f"{rows:,} statements, {parsed} templates, {rows / took:,.0f} a second, floor {rows / floor:,.0f}"
    ingest.drop(path)
    return [Line(
        "replay of logged statements", took, floor, needs, peers=_sqllineage(truth), memory=top, note=note,
        profile=profile,
    )]  # fmt: skip


def _check(world: World, path: Path, truth: duckdb.DuckDBPyConnection) -> None:
    """The people that a user's statements touched, as the product replays them and as bare SQL does."""
    quietest = "SELECT user_no FROM told WHERE form <> 3 GROUP BY 1 ORDER BY count(*), 1 LIMIT 1"
    user = truth.execute(quietest).fetchall()[0][0]
    right = truth.execute(_TRUTH, {"user": user}).fetchall()[0]
    with Child(world.patience) as product:
        found = product(
            "ask", store=str(path), question="blast-radius", values={"principal": [f"app_{user}"]}, lists=[]
        )["summary"]["data_subjects"]
    if (found["at_least"], found["at_most"]) != right:
        raise AssertionError(f"Replay: the product has {found}, bare SQL {right}.")


def _write(world: World) -> tuple[Path, duckdb.DuckDBPyConnection]:
    size, folder = world.size, world.folder / "statements"
    numbers: dict[str, Any] = {
        "templates": TEMPLATES, "tables": TABLES, "users": max(20, size.statements // 20_000), "start": YEAR_START,
        "year": YEAR, "statements": size.statements, "keys": max(20, size.entries // 2_000),
        "people": max(20, size.people // 10), "namespace": f"'{NAMESPACE}'",
    }  # fmt: skip
    truth = duckdb.connect()
    truth.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    truth.execute(DRAW.format(seed=size.seed))
    for text in (_TEXTS, _ENTRIES):
        truth.execute(_filled(text, numbers))
    if not folder.exists():
        with doing(f"writing {size.statements:,} statements"):
            (folder / "base").mkdir(parents=True)
            (folder / "log").mkdir()
            (folder / "base" / "catalog.yml").write_text(_catalog())
            truth.execute(
                f"COPY ({_filled(_RECORDS, numbers)}) TO '{folder}/base/records-shop.parquet' (FORMAT PARQUET)"
            )
            parts = max(1, size.statements // 1_000_000)
            for part in range(parts):
                lines = _filled(_LOG, {"parts": parts, "part": part})
                truth.execute(f"COPY ({lines}) TO '{folder}/log/postgresql-{part:03d}.json' {LINES}")
    return folder, truth


def _filled(text: str, numbers: dict[str, Any]) -> str:
    """Longer names first, so that none is taken for the beginning of another."""
    for name in sorted(numbers, key=len, reverse=True):
        text = text.replace(f"${name}", str(numbers[name]))
    return text


def _catalog() -> str:
    fields: dict[str, list[str]] = {"id": [], "country": [], "level": [], "team": []} | {
        f"c{c}": ["Name"] for c in range(COLUMNS)
    }
    tables = [
        {"match": {"namespace": NAMESPACE, "name": f"shop.public.t{t:02d}"}, "key": ["id"], "write_mode": "append",
         "indexed": True, "fields": fields}
        for t in range(TABLES)
    ]  # fmt: skip
    source = {
        "id": "shop-audit",
        "collector": "pgaudit",
        "namespace": NAMESPACE,
        "files": "postgresql*",
        "timezone": "UTC",
    }
    lines = ["version: 1", "as_of: 2026-04-01T00:00:00Z", "datasets:", *(f"  - {json.dumps(one)}" for one in tables)]
    return "\n".join([*lines, "sources:", f"  - {json.dumps(source)}"]) + "\n"


def _sqllineage(truth: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Seconds that sqllineage, where it is installed, takes to read one text of each of some templates."""
    if importlib.util.find_spec("sqllineage") is None:
        return {}
    # Untyped where it is not installed; where it is, there is nothing to ignore.
    from sqllineage.runner import LineageRunner  # type: ignore[import-not-found,unused-ignore]

    texts = truth.execute("SELECT min(text) FROM told GROUP BY template ORDER BY template LIMIT 20").fetchall()
    began = perf_counter()
    for (text,) in texts:
        assert LineageRunner(text, dialect="postgres").source_tables or "UPDATE" in text
    return {"sqllineage (each template once)": (perf_counter() - began) / len(texts) * TEMPLATES}
