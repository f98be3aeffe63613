"""Who touched one person's data: against reading the rows from a table sorted for it.

``derive`` finds those rows in bare SQL by the rules of the product's semantics, for some people only, and keeps them
sorted by person: that reading them is fast is the point of the floor. Over unsorted tables the same SQL is a peer.
Ours is the whole answer as JSON, as ``--format json`` and HTTP give it.
"""

from statistics import median
from time import perf_counter
from typing import Any

import duckdb

from benchmarks.child import Child, TooMuch, digest
from benchmarks.table import Line, Need, unanswered
from benchmarks.world import World
from lineage.names import format_bound

TIMES, WARM, MEMORY = 3, 50, 4_096  # of the floor; ms; MB
OTHERS = 8  # people beside those asked about that the sorted table knows, so that it holds more than is read

# The reads of the datasets that the person's records lay in, then what those runs wrote, and so on: `reached` keeps
# for each run the earliest moment at which the content may have been in it.
_START = """
CREATE OR REPLACE TEMP TABLE mine AS SELECT dataset, key, valid_from, valid_to FROM entry WHERE subject = $person;
CREATE OR REPLACE TEMP TABLE touching AS
SELECT DISTINCT r.run, r.dataset, r.start_at, r.end_at
FROM mine m JOIN read_by_dataset r USING (dataset) WHERE m.valid_from <= r.end_at AND r.start_at < m.valid_to;
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT r.run, min(greatest(r.start_at, m.valid_from)) AS arrival
FROM mine m JOIN read_by_dataset r USING (dataset) WHERE m.valid_from <= r.end_at AND r.start_at < m.valid_to
GROUP BY r.run;
CREATE OR REPLACE TEMP TABLE reached AS FROM fresh;
CREATE OR REPLACE TEMP TABLE carried (dataset INTEGER, end_at BIGINT, arrival BIGINT);
"""
_STEP = """
CREATE OR REPLACE TEMP TABLE wave AS
SELECT w.dataset, w.end_at, min(greatest(w.start_at, f.arrival)) AS arrival
FROM fresh f JOIN write_by_run w USING (run)
WHERE f.arrival <= w.end_at AND w.dataset NOT IN (SELECT dataset FROM no_inflow) GROUP BY w.dataset, w.end_at;
INSERT INTO carried FROM wave;
CREATE OR REPLACE TEMP TABLE stair AS
SELECT dataset, end_at, min(arrival) OVER (PARTITION BY dataset ORDER BY end_at DESC) AS arrival FROM wave;
CREATE OR REPLACE TEMP TABLE seen AS
SELECT r.run, r.dataset, r.start_at, r.end_at, greatest(r.start_at, s.arrival) AS arrival
FROM (SELECT * FROM read_by_dataset WHERE dataset IN (SELECT dataset FROM stair)) r
ASOF JOIN stair s ON r.dataset = s.dataset AND r.barrier <= s.end_at WHERE r.end_at >= s.arrival;
INSERT INTO touching SELECT run, dataset, start_at, end_at FROM seen;
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT s.run, min(s.arrival) AS arrival FROM seen s LEFT JOIN reached k USING (run)
GROUP BY s.run HAVING min(s.arrival) < coalesce(min(k.arrival), 9223372036854775807);
DELETE FROM reached WHERE run IN (SELECT run FROM fresh);
INSERT INTO reached FROM fresh;
"""
# Accesses: of the person's own records, by key or without; and any read of a dataset that the content came to.
_ROWS = """
WITH stair AS (
    SELECT dataset, end_at, min(arrival) OVER (PARTITION BY dataset ORDER BY end_at DESC) AS arrival
    FROM (SELECT dataset, end_at, min(arrival) AS arrival FROM carried GROUP BY dataset, end_at)
), near AS (
    SELECT * FROM access_by_dataset
    WHERE dataset IN (SELECT dataset FROM mine UNION SELECT dataset FROM stair)
), walled AS (
    SELECT n.*, coalesce(w.barrier, -4611686018427387904) AS barrier
    FROM (SELECT * FROM near WHERE operation IN ('read', 'export')) n
    ASOF LEFT JOIN wall w ON w.dataset = n.dataset AND w.end_at < n.happened
)
SELECT DISTINCT 'run' AS kind, run AS actor, dataset, start_at, end_at, 'read' AS operation, 0 AS i FROM touching
UNION ALL
SELECT DISTINCT 'access', principal, dataset, happened, happened + 999, operation, i FROM (
    SELECT n.* FROM near n JOIN mine m USING (dataset)
    WHERE m.valid_from <= n.happened + 999 AND n.happened < m.valid_to
      AND (n.keys = 0 OR list_contains(list_transform(range(n.keys), lambda k: (n.key + k * 7) % n.many), m.key))
    UNION ALL
    SELECT w.* EXCLUDE (barrier) FROM walled w ASOF JOIN stair s ON s.dataset = w.dataset AND w.barrier <= s.end_at
    WHERE w.happened + 999 >= s.arrival
)
"""
_TABLES = """
CREATE TABLE IF NOT EXISTS access_by_dataset AS
SELECT dataset, happened, i, principal, operation, keys, key, many FROM truth.access
WHERE outcome NOT IN ('denied', 'error') AND operation <> 'list' ORDER BY dataset, happened;
"""
_PLAIN = """
CREATE OR REPLACE TEMP VIEW access_by_dataset AS
SELECT dataset, happened, i, principal, operation, keys, key, many FROM truth.access
WHERE outcome NOT IN ('denied', 'error') AND operation <> 'list';
"""
_NAMED = """
SELECT t.kind, CASE t.kind WHEN 'run' THEN md5('run ' || t.actor)::UUID::VARCHAR
                           WHEN 'access' THEN CASE WHEN p.vendor IS NULL THEN format('u_{:05d}', t.actor)
                                                   ELSE format('svc_{:03d}_{:05d}', p.vendor, t.actor) END END,
       format('{}.d{:03d}.t{:06d}', d.class, d.domain, d.dataset), t.start_at, t.operation
FROM touched t JOIN truth.dataset d USING (dataset)
LEFT JOIN truth.principal p ON t.kind = 'access' AND p.principal = t.actor
WHERE t.subject = $person
"""


def derive(floor: duckdb.DuckDBPyConnection, person: int) -> None:
    """Leaves what `_ROWS` selects from."""
    floor.execute(_START.replace("$person", str(person)))
    while floor.execute("SELECT count(*) FROM fresh").fetchall() != [(0,)]:
        floor.execute(_STEP)


# How often the datasets are read that somebody's records lie in.
_BUSY = """
SELECT e.subject FROM entry e JOIN (SELECT dataset, count(*) AS times FROM read_by_dataset GROUP BY dataset) r
USING (dataset) GROUP BY e.subject ORDER BY sum(r.times), e.subject
"""


def choose(world: World) -> dict[str, int]:
    """The person whose records are read least, and the one in the middle. The table `touched` knows them and some
    others."""
    floor = world.floor()
    floor.execute(_TABLES)
    people = [person for (person,) in floor.execute(_BUSY).fetchall()]
    chosen = {"touched least": people[0], "touched as most are": people[len(people) // 2]}
    floor.execute("CREATE OR REPLACE TEMP TABLE found (subject INTEGER, kind VARCHAR, actor INTEGER, dataset INTEGER,"
                  " start_at BIGINT, end_at BIGINT, operation VARCHAR, i BIGINT)")  # fmt: skip
    for person in {*chosen.values(), *people[:: len(people) // OTHERS]}:
        derive(floor, person)
        floor.execute(f"INSERT INTO found SELECT {person}, * FROM ({_ROWS})")
    floor.execute("CREATE OR REPLACE TABLE touched AS FROM found ORDER BY subject, start_at")
    return chosen


def measure(world: World) -> list[Line]:
    return [_ask(world, name, person) for name, person in choose(world).items()]


def values(person: int) -> dict[str, list[str]]:
    return {"data-subject": [f"S-{person:07d}"]}


def expected(floor: duckdb.DuckDBPyConnection, person: int) -> str:
    rows = floor.execute(_NAMED, {"person": person}).fetchall()
    return digest([f"{kind} {who} {name} {format_bound(at)} {how}" for kind, who, name, at, how in rows])


def _ask(world: World, name: str, person: int) -> Line:
    floor, work = world.floor(), f"who touched one person, {name}"
    asked: dict[str, Any] = {
        "store": str(world.store()), "question": "who-touched", "values": values(person),
    }  # fmt: skip
    rows = floor.execute("SELECT count(*) FROM touched WHERE subject = $person", {"person": person}).fetchall()[0][0]
    ours, objects, bares, plains = [], [], [], []
    plain = world.plain()
    plain.execute(_PLAIN)
    with Child(world.patience) as product:
        try:
            found, right = (
                product("ask", **asked, lists=["touches"], check=True)["digests"]["touches"],
                expected(floor, person),
            )
            if found != right:
                raise AssertionError(f"{work}: the product has {found}, the floor {right}")
            for _ in range(world.rounds):
                ours.append(product("ask", **asked, lists=[], json=True))
                objects.append(product("ask", **asked, lists=["touches"], check=True)["seconds"])
                began = perf_counter()
                floor.execute("SELECT * FROM touched WHERE subject = $person", {"person": person}).fetchall()
                bares.append(perf_counter() - began)
                began = perf_counter()
                derive(plain, person)
                plain.execute(_ROWS).fetchall()
                plains.append(perf_counter() - began)
            profile = product("ask", **asked, lists=[], json=True, profile=True)["profile"] if world.profile else []
        except TooMuch as why:
            return Line(work, None, None, (unanswered(why),), note=f"{rows} touches; {why}")
    took, least, top = median(o["seconds"] for o in ours), median(bares), max(o["memory"] for o in ours)
    needs = (Need(took / least, TIMES, "x"), Need(1000 * took, WARM, "ms"), Need(top, MEMORY, "MB"))
    return Line(
        work, took, least, needs, peers={"plain scan": median(plains)}, memory=top, profile=profile,
        note=f"{rows} touches; as Python objects {1000 * median(objects):,.0f} ms",
    )  # fmt: skip
