"""Floors: what bare SQL over bare integer tables takes for the same answer, and nothing else.

The blast radius floor knows three things that the product must find out: integer keys, the barrier of each read,
and which rows a question needs (every table is sorted for its one use). It gives the same reach: contaminated runs
and datasets forward, the reads whose content may be inside what was exposed backward, and the people counted.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.history import FOREVER

# Sorted for each use; the same rows twice where two orders are needed.
_TABLES = """
CREATE TABLE read_by_dataset AS SELECT dataset, run, start_at, end_at, barrier FROM truth.read
ORDER BY dataset, barrier;
CREATE TABLE read_by_run AS SELECT dataset, run, start_at, end_at, barrier FROM truth.read ORDER BY run;
CREATE TABLE write_by_run AS SELECT dataset, run, start_at, end_at FROM truth.write ORDER BY run;
CREATE TABLE write_by_dataset AS SELECT dataset, run, start_at, end_at FROM truth.write ORDER BY dataset, end_at;
CREATE TABLE wall AS SELECT * FROM truth.wall ORDER BY dataset, end_at;
CREATE TABLE entry AS SELECT dataset, key, subject, valid_from, valid_to FROM truth.entry ORDER BY dataset, key;
CREATE TABLE no_inflow AS SELECT dataset FROM truth.dataset WHERE class = 'people';
CREATE TABLE run_by_vendor AS
SELECT j.domain AS vendor, r.run, r.start_at, r.end_at FROM truth.run r JOIN truth.job j USING (job) WHERE j.by_vendor
ORDER BY j.domain, r.start_at;
CREATE TABLE run_by_job AS SELECT job, run, start_at, end_at FROM truth.run ORDER BY job, start_at;
CREATE TABLE access AS
SELECT p.vendor, a.happened, a.i, a.dataset, a.operation IN ('read', 'export') AS reads, a.keys, a.key, a.many
FROM truth.access a JOIN truth.principal p USING (principal)
WHERE a.outcome NOT IN ('denied', 'error') AND a.operation <> 'list' AND p.vendor IS NOT NULL
ORDER BY p.vendor, a.happened;
"""
SEEDS = """
CREATE OR REPLACE TEMP TABLE seed_run AS
SELECT run, start_at, end_at FROM run_by_$kind WHERE $kind = $number AND start_at <= $to AND end_at >= $from;
CREATE OR REPLACE TEMP TABLE seed_access AS
SELECT * FROM access WHERE '$kind' = 'vendor' AND vendor = $number AND happened <= $to AND happened >= $from - 999;
CREATE OR REPLACE TEMP TABLE wave AS
SELECT w.dataset, w.run AS owner, w.end_at, greatest(w.start_at, $from) AS arrival
FROM seed_run JOIN write_by_run w USING (run)
UNION ALL SELECT dataset, -1 - i, happened + 999, greatest(happened, $from) FROM seed_access WHERE NOT reads;
CREATE OR REPLACE TEMP TABLE tainted (run INTEGER, arrival BIGINT);
CREATE OR REPLACE TEMP TABLE tainted_dataset AS SELECT DISTINCT dataset FROM wave;
"""
# Only the earliest arrival among the writes that a barrier lets through matters: a stair, and an as-of look-up.
_STAIR = """
CREATE OR REPLACE TEMP TABLE stair AS
SELECT dataset, end_at, min(arrival) OVER earlier AS arrival, arg_min(owner, arrival) OVER earlier AS owner
FROM (
    SELECT dataset, end_at, min(arrival) AS arrival, arg_min(owner, arrival) AS owner FROM wave GROUP BY dataset, end_at
) WINDOW earlier AS (PARTITION BY dataset ORDER BY end_at DESC ROWS UNBOUNDED PRECEDING);
CREATE OR REPLACE TEMP TABLE best AS
SELECT r.run, r.dataset, r.start_at, r.end_at, r.barrier, s.arrival, s.owner
FROM (SELECT * FROM read_by_dataset WHERE dataset IN (SELECT dataset FROM stair)) r
ASOF JOIN stair s ON r.dataset = s.dataset AND r.barrier <= s.end_at WHERE r.end_at >= s.arrival;
"""
# A run's own writes never contaminate it. Where its own is the best, the others are looked through one by one: only
# for runs that are compromised by themselves, since no other's own write comes before what it had read.
_HITS = """
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT h.run, min(h.arrival) AS arrival FROM (
    SELECT run, greatest(start_at, arrival) AS arrival FROM best WHERE owner <> run
    UNION ALL
    SELECT b.run, greatest(b.start_at, w.arrival)
    FROM (SELECT * FROM best WHERE owner = run AND run IN (SELECT run FROM seed_run)) b
    JOIN wave w ON w.dataset = b.dataset AND w.end_at >= b.barrier AND w.arrival <= b.end_at AND w.owner <> b.run
) h LEFT JOIN tainted t USING (run)
GROUP BY h.run HAVING min(h.arrival) < coalesce(min(t.arrival), 9223372036854775807)
"""
_SPREAD = """
DELETE FROM tainted WHERE run IN (SELECT run FROM fresh);
INSERT INTO tainted FROM fresh;
CREATE OR REPLACE TEMP TABLE wave AS
SELECT w.dataset, w.run AS owner, w.end_at, greatest(w.start_at, f.arrival) AS arrival
FROM fresh f JOIN write_by_run w USING (run);
INSERT INTO tainted_dataset SELECT DISTINCT dataset FROM wave ANTI JOIN tainted_dataset USING (dataset);
"""
# What was read while compromised: `key` -1 is the whole dataset.
_EXPOSED = f"""
CREATE OR REPLACE TEMP TABLE held AS
SELECT r.dataset, r.start_at, least(r.end_at, $to) AS end_at, r.barrier, -1 AS key
FROM seed_run s JOIN read_by_run r USING (run) WHERE r.start_at <= $to
UNION ALL
SELECT a.dataset, greatest(a.happened, $from), least(a.happened + 999, $to), coalesce(w.barrier, -{FOREVER}), a.key
FROM (
    SELECT dataset, happened, unnest(
        CASE keys WHEN 0 THEN [-1] ELSE list_transform(range(keys), lambda n: (key + n * 7) % many) END) AS key
    FROM seed_access WHERE reads
) a ASOF LEFT JOIN wall w ON w.dataset = a.dataset AND w.end_at < a.happened;
CREATE OR REPLACE TEMP TABLE back_wave AS
SELECT dataset, barrier, end_at AS departure FROM held WHERE dataset NOT IN (SELECT dataset FROM no_inflow);
CREATE OR REPLACE TEMP TABLE departed (run INTEGER, departure BIGINT);
"""
# All reads and writes of a run share its interval, so one departure a run is enough.
_BACK = """
CREATE OR REPLACE TEMP TABLE back_stair AS
SELECT dataset, barrier,
       max(departure) OVER (PARTITION BY dataset ORDER BY barrier ROWS UNBOUNDED PRECEDING) AS departure
FROM (SELECT dataset, barrier, max(departure) AS departure FROM back_wave GROUP BY dataset, barrier);
CREATE OR REPLACE TEMP TABLE back_fresh AS
SELECT h.run, max(h.departure) AS departure FROM (
    SELECT w.run, least(w.end_at, s.departure) AS departure
    FROM (SELECT * FROM write_by_dataset WHERE dataset IN (SELECT dataset FROM back_stair)) w
    ASOF JOIN back_stair s ON w.dataset = s.dataset AND w.end_at >= s.barrier WHERE w.start_at <= s.departure
) h LEFT JOIN departed d USING (run)
GROUP BY h.run HAVING max(h.departure) > coalesce(max(d.departure), -1);
"""
_BACK_SPREAD = """
DELETE FROM departed WHERE run IN (SELECT run FROM back_fresh);
INSERT INTO departed FROM back_fresh;
CREATE OR REPLACE TEMP TABLE back_wave AS
SELECT r.dataset, r.barrier, least(r.end_at, f.departure) AS departure FROM back_fresh f JOIN read_by_run r USING (run)
WHERE r.dataset NOT IN (SELECT dataset FROM no_inflow);
"""
TOUCHED = """
WITH whole AS (
    SELECT dataset, start_at, end_at FROM held WHERE key = -1
    UNION ALL SELECT r.dataset, r.start_at, least(r.end_at, d.departure) FROM departed d JOIN read_by_run r USING (run)
), ladder AS (
    SELECT dataset, end_at, min(start_at) OVER (PARTITION BY dataset ORDER BY end_at DESC ROWS UNBOUNDED PRECEDING)
               AS start_at
    FROM (SELECT dataset, end_at, min(start_at) AS start_at FROM whole GROUP BY dataset, end_at)
)
SELECT e.subject, e.dataset, e.key FROM (SELECT * FROM entry WHERE dataset IN (SELECT dataset FROM ladder)) e
ASOF JOIN ladder l ON l.dataset = e.dataset AND l.end_at >= e.valid_from WHERE l.start_at < e.valid_to
UNION ALL
SELECT e.subject, e.dataset, e.key FROM held h JOIN entry e USING (dataset, key)
WHERE e.valid_from <= h.end_at AND h.start_at < e.valid_to
"""


@dataclass(frozen=True)
class Seed:
    """All runs of a job, or of a vendor's jobs with its principals' accesses, over a window in µs."""

    kind: str  # vendor | job
    number: int
    start: int
    end: int


@dataclass(frozen=True)
class Reach:
    """The answer's size, and the times of its three parts in seconds."""

    compromised: int
    runs: int
    datasets: int
    people: int
    forward: float
    backward: float
    count: float

    @property
    def seconds(self) -> float:
        return self.forward + self.backward + self.count


# The same tables as they came, in the order of time: what a plain full scan works on.
_PLAIN = """
CREATE OR REPLACE TEMP VIEW read_by_dataset AS FROM truth.read;
CREATE OR REPLACE TEMP VIEW read_by_run AS FROM truth.read;
CREATE OR REPLACE TEMP VIEW write_by_run AS FROM truth.write;
CREATE OR REPLACE TEMP VIEW write_by_dataset AS FROM truth.write;
CREATE OR REPLACE TEMP VIEW wall AS FROM truth.wall;
CREATE OR REPLACE TEMP VIEW entry AS FROM truth.entry;
CREATE OR REPLACE TEMP VIEW no_inflow AS SELECT dataset FROM truth.dataset WHERE class = 'people';
CREATE OR REPLACE TEMP VIEW run_by_vendor AS
SELECT j.domain AS vendor, r.* FROM truth.run r JOIN truth.job j USING (job) WHERE j.by_vendor;
CREATE OR REPLACE TEMP VIEW run_by_job AS FROM truth.run;
CREATE OR REPLACE TEMP VIEW access AS
SELECT p.vendor, a.* EXCLUDE (principal, operation, outcome), a.operation IN ('read', 'export') AS reads
FROM truth.access a JOIN truth.principal p USING (principal)
WHERE a.outcome NOT IN ('denied', 'error') AND a.operation <> 'list';
"""


def make_plain(truth: Path) -> duckdb.DuckDBPyConnection:
    """A floor without sorted tables, for comparison."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{truth}' AS truth (READ_ONLY)")
    connection.execute(_PLAIN)
    return connection


def make_floor(truth: Path, path: Path) -> duckdb.DuckDBPyConnection:
    """Sorted tables in a file, made when they are missing."""
    connection = duckdb.connect(str(path))
    connection.execute(f"ATTACH '{truth}' AS truth (READ_ONLY)")
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'run_by_job'").fetchall():
        connection.execute(_TABLES)
        connection.execute("CHECKPOINT")
    return connection


def reach(floor: duckdb.DuckDBPyConnection, seed: Seed) -> Reach:
    """The blast radius of a seed. Leaves seed_run, tainted, tainted_dataset, held and departed behind."""
    began = time.perf_counter()
    script(floor, SEEDS, seed)
    while _one(floor, "SELECT count(*) FROM wave"):
        floor.execute(_STAIR)
        floor.execute(_HITS)
        floor.execute(_SPREAD)
    spread = time.perf_counter()
    script(floor, _EXPOSED, seed)
    while _one(floor, "SELECT count(*) FROM back_wave"):
        floor.execute(_BACK)
        floor.execute(_BACK_SPREAD)
    back = time.perf_counter()
    people = _one(floor, f"SELECT count(DISTINCT subject) FROM ({TOUCHED})")
    counted = time.perf_counter()
    return Reach(
        _one(floor, "SELECT count(*) FROM seed_run"),
        _one(floor, "SELECT count(*) FROM tainted"),
        _one(floor, "SELECT count(*) FROM tainted_dataset"),
        people, spread - began, back - spread, counted - back,
    )  # fmt: skip


def script(connection: duckdb.DuckDBPyConnection, text: str, seed: Seed) -> None:
    """Several statements at once take no parameters; these are numbers of our own."""
    for name, value in (("$number", seed.number), ("$from", seed.start), ("$to", seed.end)):
        text = text.replace(name, f"{value}::BIGINT")
    connection.execute(text.replace("$kind", seed.kind))


def _one(connection: duckdb.DuckDBPyConnection, text: str) -> int:
    found = connection.execute(text).fetchone()
    assert found is not None
    return int(found[0])
