"""A made-up year of a vendor's history: bare integer tables, of any size, the same for the same seed.

Everything is drawn in DuckDB from a hash of (what is drawn, number, seed), so nothing is held in memory and a
table of 100M rows is made as fast as it is written. These tables are the truth that the floors work on;
``files`` writes the same history as what a vendor's systems would log.

Instants are microseconds since 1970 UTC, at whole milliseconds. The shape:

- datasets lie in *domains* of power-law size. A domain's first datasets are *homes*: they have record entries,
  `people` (indexed) and `profile` (not indexed, overwritten now and then); the others are `replaced` by each
  run, `append`, or `other` (nobody knows which).
- a job reads datasets that are earlier in its domain than those it writes, some also one of a larger domain, and
  now and then an output comes before an input. Earlier datasets are read far more often.
- a run may be short, long (days), failed, without START, or still open; many start in bursts.
- most records of a person lie in one domain; people are spread over domains as everything is.
- a vendor for each domain: some jobs there are its own, and so are some principals. Principals' accesses go to
  homes for the most part, by keys or not, and follow a power law too.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

YEAR_START = 1_743_465_600_000_000  # 2025-04-01T00:00:00Z
HOUR = 3600 * 1_000_000
DAY = 24 * HOUR
YEAR = 365 * DAY
FOREVER = 4_611_686_018_427_387_904  # an end that nobody told
HOMES = ("people", "profile")


@dataclass(frozen=True)
class Size:
    """How much of everything. The full size is a year of a large vendor."""

    edges: int  # run inputs and outputs, about
    accesses: int
    statements: int
    people: int
    entries: int
    seed: int = 1

    @property
    def runs(self) -> int:
        return self.edges // 4

    @property
    def jobs(self) -> int:
        return max(60, self.runs // 125)

    @property
    def datasets(self) -> int:
        return max(90, self.runs // 80)

    @property
    def domains(self) -> int:
        return max(4, min(120, self.datasets // 20))

    @property
    def principals(self) -> int:
        return max(30, min(2_000, self.accesses // 2_000))

    def part(self, share: float) -> "Size":
        """The same history, smaller."""
        return Size(
            edges=max(400, int(self.edges * share)),
            accesses=max(1_000, int(self.accesses * share)),
            statements=max(200, int(self.statements * share)),
            people=max(50, int(self.people * share)),
            entries=max(300, int(self.entries * share)),
            seed=self.seed,
        )


FULL = Size(edges=10_000_000, accesses=100_000_000, statements=10_000_000, people=300_000, entries=5_000_000)

DRAW = "CREATE OR REPLACE MACRO draw(stream, i) AS (hash(stream, i, {seed}) >> 11)::DOUBLE / 9007199254740992.0"
DATASETS = """
CREATE OR REPLACE TABLE dataset AS
WITH placed AS (
    SELECT i AS dataset, CASE WHEN i < 6 * {domains} THEN i % {domains}
                              ELSE floor({domains} * draw('domain', i) ** 3) END::INTEGER AS domain
    FROM range({datasets}) t(i)
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY domain ORDER BY dataset) - 1 AS place,
           count(*) OVER (PARTITION BY domain) AS many
    FROM placed
)
SELECT dataset::INTEGER AS dataset, domain, place::INTEGER AS place, many::INTEGER AS many,
       CASE WHEN place = 0 THEN 'people' WHEN place < 0.1 * many THEN
           CASE WHEN draw('home', dataset) < 0.6 THEN 'people' ELSE 'profile' END
       WHEN draw('class', dataset) < 0.45 THEN 'replaced' WHEN draw('class', dataset) < 0.8 THEN 'append'
       ELSE 'other' END AS class
FROM ranked ORDER BY dataset
"""
JOBS = """
CREATE OR REPLACE TABLE job AS
SELECT i::INTEGER AS job, CASE WHEN i < 2 * {domains} THEN i % {domains}
                               ELSE floor({domains} * draw('job domain', i) ** 3) END::INTEGER AS domain,
       draw('job place', i) AS place, draw('job vendor', i) < 0.2 OR i < {domains} AS by_vendor
FROM range({jobs}) t(i) ORDER BY job
"""
JOB_INPUTS = """
CREATE OR REPLACE TABLE job_input AS
SELECT DISTINCT p.job, d.dataset FROM (
    SELECT j.job, j.domain, floor(z.many * j.place * draw('input ' || k, j.job) ** 2) AS place
    FROM job j JOIN domain z USING (domain),
         range(5) t(k)
    WHERE k < 1 + floor(5 * draw('inputs', j.job) ** 1.5)
    UNION ALL
    SELECT j.job, z.domain, floor(z.many * draw('cross place', j.job) ** 2)
    FROM job j JOIN domain z
        ON z.domain = floor(j.domain * draw('cross domain', j.job))
    WHERE draw('cross', j.job) < 0.04
) p JOIN dataset d USING (domain, place)
"""
# What a run replaces never goes back into what the same pipeline reads: a table rewritten from itself would chain
# all its runs, one by one.
JOB_OUTPUTS = """
CREATE OR REPLACE TABLE job_output AS
SELECT DISTINCT p.job, d.dataset FROM (
    SELECT j.job, j.domain, CASE WHEN draw('back', j.job) < 0.03 THEN floor(z.many * draw('output ' || k, j.job))
           ELSE floor(z.many * (j.place + (1 - j.place) * draw('output ' || k, j.job))) END AS place
    FROM job j JOIN domain z USING (domain),
         range(3) t(k)
    WHERE k < 1 + floor(3 * draw('outputs', j.job) ** 3)
) p JOIN dataset d USING (domain, place)
WHERE d.class IN ('append', 'other', 'people') OR d.place > coalesce((
    SELECT max(e.place) FROM job_input i JOIN dataset e USING (dataset)
    WHERE i.job = p.job AND e.domain = p.domain), -1)
"""
# Bursts: a third of all runs starts within minutes of one of some 2,000 moments.
RUNS = f"""
CREATE OR REPLACE TABLE run AS
WITH timed AS (
    SELECT i::INTEGER AS run, floor({{jobs}} * draw('run job', i) ** 1.6)::INTEGER AS job,
           CASE WHEN draw('burst', i) < 0.33
                THEN floor({YEAR} * draw('moment', floor(2000 * draw('which', i))))
                     - 600000000 * ln(1 - draw('late', i))
                ELSE {YEAR} * draw('start', i) END AS start_in,
           draw('state', i) AS s,
           CASE WHEN draw('long', i) < 0.003 THEN {DAY} * (1 + 4 * draw('days', i))
                ELSE 20000000 * exp(3 * draw('length', i)) END AS length
    FROM range({{runs}}) t(i)
), placed AS (
    SELECT run, job, s, {YEAR_START} + 1000 * (start_in // 1000)::BIGINT AS began,
           1000 * (length // 1000)::BIGINT + 1000 AS length
    FROM timed
)
SELECT run, job, began, began + length AS ended,
       CASE WHEN s < 0.001 THEN 'OPEN' WHEN s < 0.04 THEN 'FAIL' WHEN s < 0.05 THEN 'ABORT'
            ELSE 'COMPLETE' END AS state,
       s < 0.995 AS has_start,
       CASE WHEN s < 0.995 THEN began ELSE began + length - {DAY} END AS start_at,
       CASE WHEN s < 0.001 THEN {FOREVER} ELSE began + length END AS end_at,
       s >= 0.05 AND s < 0.995 AS certain
FROM placed ORDER BY began
"""
PRINCIPALS = """
CREATE OR REPLACE TABLE principal AS
SELECT i::INTEGER AS principal, CASE WHEN i < {domains} THEN i WHEN draw('staff', i) < 0.4 THEN
    floor({domains} * draw('vendor', i) ** 3) END::INTEGER AS vendor
FROM range({principals}) t(i) ORDER BY principal
"""
# A domain's homes are its first datasets, so (domain, place) finds one.
DOMAINS = f"""
CREATE OR REPLACE TABLE domain AS
SELECT domain, count(*)::INTEGER AS many, count(*) FILTER (class IN {HOMES})::INTEGER AS homes
FROM dataset GROUP BY domain ORDER BY domain
"""
ENTRIES = f"""
CREATE OR REPLACE TABLE entry AS
WITH told AS (
    SELECT i, subject, floor({{domains}} * CASE WHEN draw('elsewhere', i) < 0.1 THEN draw('entry domain', i)
                                                ELSE draw('home', subject) END ** 3)::INTEGER AS domain,
           {YEAR_START} + 1000 * floor(CASE WHEN draw('old', i) < 0.6 THEN -2 * {YEAR} * draw('from', i)
                                            ELSE {YEAR} * draw('from', i) END / 1000)::BIGINT AS valid_from,
           CASE WHEN draw('ends', i) < 0.25 THEN 1000 * floor(-{YEAR} * ln(1 - draw('lasts', i)) / 1000)::BIGINT + 1000
           END AS lasts
    FROM (SELECT i, floor({{people}} * draw('whose', i))::INTEGER AS subject FROM range({{entries}}) t(i))
), placed AS (
    SELECT t.*, floor(d.homes * draw('entry home', i) ** 2)::INTEGER AS place FROM told t JOIN domain d USING (domain)
)
SELECT d.dataset, (row_number() OVER (PARTITION BY d.dataset ORDER BY i) - 1)::INTEGER AS key, subject, valid_from,
       coalesce(valid_from + lasts, {FOREVER}) AS valid_to
FROM placed JOIN dataset d USING (domain, place) ORDER BY d.dataset, key
"""
# In the order of time. A vendor's principals keep to its domain for the most part. Keys: none, one or three, from
# `key` on by steps of 7.
ACCESSES = f"""
CREATE OR REPLACE TABLE access AS
WITH told AS (
    SELECT i, {YEAR_START} + 1000 * floor((i + draw('at', i)) * {YEAR} / {{accesses}} / 1000)::BIGINT AS happened,
           floor({{principals}} * draw('who', i) ** 2)::INTEGER AS principal,
           floor({{domains}} * draw('access domain', i) ** 3)::INTEGER AS any_domain,
           draw('abroad', i) < 0.05 AS abroad, draw('away', i) < 0.1 AS away, draw('place', i) AS place,
           draw('operation', i) AS o, draw('outcome', i) AS c, draw('keys', i) AS k, draw('key', i) AS key
    FROM range({{accesses}}) t(i)
), placed AS (
    SELECT t.*, d.domain, floor(CASE WHEN away THEN d.many * t.place ELSE d.homes * t.place ** 2 END)::INTEGER AS spot
    FROM told t JOIN principal p USING (principal)
    JOIN domain d ON d.domain = CASE WHEN p.vendor IS NULL OR t.abroad THEN t.any_domain ELSE p.vendor END
), counted AS (
    SELECT d.domain, d.place, d.dataset, n.many FROM dataset d
    LEFT JOIN (SELECT dataset, count(*) AS many FROM entry GROUP BY dataset) n USING (dataset)
)
SELECT i, happened, principal, n.dataset,
       CASE WHEN o < 0.86 THEN 'read' WHEN o < 0.91 THEN 'list' WHEN o < 0.96 THEN 'update' WHEN o < 0.98 THEN 'create'
            WHEN o < 0.99 THEN 'export' ELSE 'delete' END AS operation,
       CASE WHEN c < 0.97 THEN 'success' WHEN c < 0.985 THEN 'denied' WHEN c < 0.995 THEN 'unknown' ELSE 'error' END
           AS outcome,
       CASE WHEN o >= 0.86 AND o < 0.91 OR n.many IS NULL OR k < 0.15 THEN 0 WHEN k < 0.85 THEN 1 ELSE 3 END::TINYINT
           AS keys,
       floor(coalesce(n.many, 1) * key)::INTEGER AS key, coalesce(n.many, 1)::INTEGER AS many
FROM placed t JOIN counted n ON n.domain = t.domain AND n.place = t.spot ORDER BY i
"""
# The reads and writes of runs as bare integers. b(r) of a read: the greatest start of any certain overwrite of
# the dataset that ended before the read started.
EDGES = f"""
CREATE OR REPLACE TABLE write AS
SELECT o.dataset, r.run, r.start_at, r.end_at, r.certain, d.class IN ('replaced', 'profile') AS overwrites
FROM run r JOIN job_output o USING (job) JOIN dataset d USING (dataset);
CREATE OR REPLACE TABLE wall AS
SELECT dataset, end_at, max(start_at) OVER (PARTITION BY dataset ORDER BY end_at) AS barrier
FROM (SELECT dataset, end_at, max(start_at) AS start_at FROM write WHERE overwrites AND certain GROUP BY ALL);
CREATE OR REPLACE TABLE read AS
SELECT t.dataset, t.run, t.start_at, t.end_at, t.certain, coalesce(w.barrier, -{FOREVER}) AS barrier
FROM (SELECT i.dataset, r.run, r.start_at, r.end_at, r.certain FROM run r JOIN job_input i USING (job)) t
ASOF LEFT JOIN wall w ON w.dataset = t.dataset AND w.end_at < t.start_at;
"""
TABLES = (DATASETS, DOMAINS, JOBS, JOB_INPUTS, JOB_OUTPUTS, RUNS, PRINCIPALS, ENTRIES, EDGES, ACCESSES)


def make(path: Path, size: Size) -> None:
    """Draw the history of a size into a DuckDB file of bare tables."""
    numbers = {
        "seed": size.seed,
        "runs": size.runs,
        "jobs": size.jobs,
        "datasets": size.datasets,
        "domains": size.domains,
        "principals": size.principals,
        "accesses": size.accesses,
        "entries": size.entries,
        "people": size.people,
    }
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(DRAW.format(**numbers))
        for table in TABLES:
            connection.execute(table.format(**numbers))
