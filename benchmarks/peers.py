"""The blast radius of the medium seed, against what others take for its reach alone: graph libraries and PostgreSQL.

The graph libraries get a *time-expanded* graph, built beforehand, on which plain reachability gives the same answer;
what it took to expand and build is told beside, and not counted. Its nodes are (run, moment from which the run may
hold the content) and, for each dataset and barrier of some read, moments at which content may arrive there, each
leading to the next. PostgreSQL gets the recursive query of lineage catalogues, with time in it, over indexed tables.
What a run wrote never counts for itself, which the graphs do not know, so compromised runs are left out of what is
compared.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import duckdb
import networkx as nx

from benchmarks import floors, reach
from benchmarks.child import LISTS, Child, TooMuch
from benchmarks.floors import Seed
from benchmarks.table import Line, Need, unanswered
from benchmarks.world import World, doing

NETWORKX, POSTGRES = 10, 5  # times as fast as theirs
LARGEST = 2_000_000  # edges; beyond it the graphs do not fit
PATIENCE = 600  # seconds that PostgreSQL may take

# What is compromised writes first: runs, and accesses under negative numbers (`owner`).
_SEED_WRITES = """
CREATE OR REPLACE TEMP TABLE seed_write AS SELECT dataset, owner AS run, end_at, arrival FROM wave;
CREATE OR REPLACE TEMP TABLE wrote AS
SELECT dataset, run, end_at FROM write_by_run UNION ALL SELECT dataset, run, end_at FROM seed_write WHERE run < 0;
"""
# Moments from which a run may hold content: its start, the window's start, or while it goes on the moment of a write
# that it may see; an access holds it when it happens. Repeated until nothing is new.
_STATES = """
CREATE OR REPLACE TEMP TABLE state AS
SELECT run, start_at AS moment FROM truth.run
UNION SELECT run, $from FROM truth.run WHERE start_at < $from AND end_at >= $from
UNION SELECT run, arrival FROM seed_write WHERE run < 0;
CREATE OR REPLACE TEMP TABLE late AS FROM state;
"""
_LATER = """
CREATE OR REPLACE TEMP TABLE late AS
SELECT DISTINCT r.run, l.moment
FROM late l JOIN wrote w USING (run)
JOIN read_by_dataset r ON r.dataset = w.dataset AND r.start_at < l.moment AND r.end_at >= l.moment
    AND r.barrier <= w.end_at AND r.run <> w.run
ANTI JOIN state s ON s.run = r.run AND s.moment = l.moment;
INSERT INTO state FROM late;
"""
_GRAPH = """
CREATE OR REPLACE TEMP TABLE epoch AS
SELECT dataset, barrier, max(end_at) AS last_end FROM read_by_dataset GROUP BY dataset, barrier;
CREATE OR REPLACE TEMP TABLE told AS
SELECT s.run, s.moment, e.dataset, e.barrier
FROM state s JOIN wrote w USING (run)
JOIN epoch e ON e.dataset = w.dataset AND e.barrier <= w.end_at AND e.last_end >= s.moment;
CREATE OR REPLACE TEMP TABLE node AS
SELECT row_number() OVER () - 1 AS node, * FROM (
    SELECT 'run' AS kind, run, NULL::INTEGER AS dataset, NULL::BIGINT AS barrier, moment FROM state
    UNION ALL
    SELECT DISTINCT 'dataset', NULL, dataset, barrier, moment FROM told
    UNION ALL SELECT 'seed', NULL, NULL, NULL, NULL
);
CREATE OR REPLACE TEMP TABLE arrival AS SELECT node, dataset, barrier, moment FROM node WHERE kind = 'dataset';
CREATE OR REPLACE TEMP TABLE holder AS SELECT node, run, moment FROM node WHERE kind = 'run';
CREATE OR REPLACE TEMP TABLE edge AS
SELECT h.node AS source, a.node AS target FROM told t JOIN holder h USING (run, moment)
JOIN arrival a ON a.dataset = t.dataset AND a.barrier = t.barrier AND a.moment = t.moment
UNION ALL
SELECT node, next FROM (
    SELECT node, lead(node) OVER (PARTITION BY dataset, barrier ORDER BY moment) AS next FROM arrival
) WHERE next IS NOT NULL
UNION ALL
SELECT a.node, h.node FROM read_by_dataset r
ASOF JOIN arrival a ON a.dataset = r.dataset AND a.barrier = r.barrier AND a.moment <= r.start_at
JOIN holder h ON h.run = r.run AND h.moment = r.start_at
UNION ALL
SELECT a.node, h.node FROM read_by_dataset r
JOIN arrival a ON a.dataset = r.dataset AND a.barrier = r.barrier AND a.moment > r.start_at AND a.moment <= r.end_at
JOIN holder h ON h.run = r.run AND h.moment = a.moment;
INSERT INTO edge
SELECT (SELECT node FROM node WHERE kind = 'seed'), a.node
FROM (SELECT DISTINCT run, arrival FROM seed_write) s JOIN told t ON t.run = s.run AND t.moment = s.arrival
JOIN arrival a ON a.dataset = t.dataset AND a.barrier = t.barrier AND a.moment = t.moment;
"""
_RECURSIVE = """
WITH RECURSIVE seen(run, arrival) AS (
    SELECT r.run, greatest(r.start_at, s.arrival)
    FROM seed s
    JOIN read r ON r.dataset = s.dataset AND r.barrier <= s.end_at AND r.end_at >= s.arrival AND r.run <> s.run
    UNION
    SELECT r.run, greatest(r.start_at, s.arrival)
    FROM seen s JOIN write w ON w.run = s.run
    JOIN read r ON r.dataset = w.dataset AND r.barrier <= w.end_at AND r.end_at >= s.arrival AND r.run <> w.run
)
SELECT DISTINCT run FROM seen
"""
_POSTGRES = """
CREATE TABLE read (dataset integer, run integer, start_at bigint, end_at bigint, barrier bigint);
CREATE TABLE write (dataset integer, run integer, start_at bigint, end_at bigint);
CREATE TABLE seed (dataset integer, run integer, end_at bigint, arrival bigint);
"""
_INDEXES = """
CREATE INDEX ON read (dataset, barrier);
CREATE INDEX ON read (dataset, end_at);
CREATE INDEX ON write (run);
ANALYZE;
"""
Runs = set[int]
Peer = Callable[[], Runs]  # asks once


def measure(world: World) -> list[Line]:
    seed = reach.choose(world)["medium"]
    floor, work = world.floor(), "blast radius, medium, against peers"
    bare = floors.reach(floor, seed)
    right = {run for (run,) in floor.execute("SELECT run FROM tainted ANTI JOIN seed_run USING (run)").fetchall()}
    asked: dict[str, Any] = {
        "store": str(world.store()), "question": "blast-radius", "values": reach.values(seed), "lists": LISTS,
    }  # fmt: skip
    expected = reach.expected(floor)
    floors.script(floor, floors.SEEDS + _SEED_WRITES, seed)
    with TemporaryDirectory(dir=world.folder) as folder, Child(world.patience) as product:
        peers, sizes = _graphs(floor, seed) if world.size.edges <= LARGEST else ({}, "no graph of this size")
        with _postgres(floor, Path(folder)) as ask_postgres:
            peers["PostgreSQL"] = ask_postgres
            for name, peer in peers.items():
                if peer() != right:
                    raise AssertionError(f"{work}: {name} does not find what the floor does.")
            try:
                reach.check(work, product("ask", **asked, check=True)["digests"], expected)
                times: dict[str, list[float]] = {name: [] for name in ("ours", "floor", *peers)}
                for _ in range(world.rounds):
                    times["ours"].append(product("ask", **asked)["seconds"])
                    times["floor"].append(floors.reach(floor, seed).seconds)
                    for name, peer in peers.items():
                        began = perf_counter()
                        peer()
                        times[name].append(perf_counter() - began)
            except TooMuch as why:
                return [Line(work, None, None, (unanswered(why),), note=str(why))]
    took = {name: median(each) for name, each in times.items()}
    ours, least = took.pop("ours"), took.pop("floor")
    needs = [
        Need(took[name] / ours, limit, f"x {name}", at_least=True)
        for name, limit in (("networkx", NETWORKX), ("PostgreSQL", POSTGRES)) if name in took
    ]  # fmt: skip
    note = f"{bare.compromised} runs compromised, {len(right)} contaminated; {sizes}"
    return [Line(work, ours, least, tuple(needs), peers=took, note=note)]


def _graphs(floor: duckdb.DuckDBPyConnection, seed: Seed) -> tuple[dict[str, Peer], str]:
    """networkx and, where it is installed, rustworkx, on the expanded graph."""
    began = perf_counter()
    with doing("expanding the graph in time"):
        floors.script(floor, _STATES, seed)
        while floor.execute("SELECT count(*) FROM late").fetchall() != [(0,)]:
            floor.execute(_LATER)
        floors.script(floor, _GRAPH, seed)
        source = floor.execute("SELECT node FROM node WHERE kind = 'seed'").fetchall()[0][0]
        runs = [
            run for (run,) in floor.execute("SELECT nullif(greatest(run, -1), -1) FROM node ORDER BY node").fetchall()
        ]
        edges = [(a, b) for a, b in floor.execute("SELECT source, target FROM edge").fetchall()]
        own = {run for (run,) in floor.execute("SELECT run FROM seed_run").fetchall()}
        graph: Any = nx.DiGraph(edges)
        graph.add_node(source)
    made = perf_counter() - began
    peers: dict[str, Peer] = {"networkx": lambda: _runs_of(nx.descendants(graph, source), runs, own)}
    try:
        import rustworkx
    except ImportError:
        pass
    else:
        compiled = rustworkx.PyDiGraph()
        compiled.add_nodes_from(range(len(runs)))
        compiled.add_edges_from_no_data(edges)
        peers["rustworkx"] = lambda: _runs_of(rustworkx.descendants(compiled, source), runs, own)
    return peers, f"expanded graph of {len(runs):,} nodes and {len(edges):,} edges, made in {made:.1f} s"


def _runs_of(nodes: set[int], runs: list[int | None], own: Runs) -> Runs:
    return {run for node in nodes if (run := runs[node]) is not None and run >= 0} - own


@contextmanager
def _postgres(floor: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Peer]:
    """A server of its own with the bare tables in it; gives the function that asks the recursive query."""
    from tests.real.postgres import running

    own = {run for (run,) in floor.execute("SELECT run FROM seed_run").fetchall()}
    tables = {
        "read": "SELECT dataset, run, start_at, end_at, barrier FROM read_by_dataset",
        "write": "SELECT dataset, run, start_at, end_at FROM write_by_run",
        "seed": "SELECT dataset, run, end_at, arrival FROM seed_write",
    }
    with running() as postgres:
        for setting, value in {"pgaudit.log": "none", "work_mem": "256MB", "jit": "off"}.items():
            postgres.set(setting, value)
        with doing("filling PostgreSQL"), postgres.connect() as session:
            session.execute(_POSTGRES)
            for table, rows in tables.items():
                path = folder / f"{table}.csv"
                floor.execute(f"COPY ({rows}) TO '{path}' (FORMAT CSV, HEADER false)")
                text = path.read_bytes()
                with session.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as into:
                    into.write(text)
            session.execute(_INDEXES)
        with postgres.connect() as session:
            session.execute(f"SET statement_timeout = '{PATIENCE}s'")
            yield lambda: {run for (run,) in session.execute(_RECURSIVE).fetchall()} - own
