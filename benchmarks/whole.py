"""The answer as a whole process (cold), and its full lists written out."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import duckdb

from benchmarks import floors, reach
from benchmarks.child import LISTS, Child, TooMuch
from benchmarks.table import Line, Need, unanswered
from benchmarks.world import World

OVER_WARM, TIMES, MEMORY = 1.5, 3, 4_096  # seconds; of COPY; MB
# How many records the floor's exposures touched: the same rule as for people.
RECORDS = "SELECT count(*) FROM (SELECT DISTINCT dataset, key FROM ({touched}))"


def measure(world: World) -> list[Line]:
    seeds = reach.choose(world)
    return [_cold(world, seeds["medium"])] + [_out(world, name, seeds[name]) for name in ("medium", "huge")]


def _asked(world: World, seed: floors.Seed) -> dict[str, Any]:
    return {"store": str(world.store()), "question": "blast-radius", "values": reach.values(seed)}


def _cold(world: World, seed: floors.Seed) -> Line:
    """`lineage ask` from the start of the process to its end, over the same answer and text in a warm one."""
    asked, colds, warms = _asked(world, seed), [], []
    words = [word for name, told in asked["values"].items() for one in told for word in (f"--{name}", one)]
    with Child(world.patience) as product:
        product("ask", **asked, lists=[], text=True)
        for _ in range(world.rounds):
            began = perf_counter()
            run = subprocess.run(
                [sys.executable, "-m", "lineage", "ask", "blast-radius", *words, "--store", asked["store"], "--quiet"],
                check=True, capture_output=True, text=True, timeout=world.patience,
            )  # fmt: skip
            colds.append(perf_counter() - began)
            warm = product("ask", **asked, lists=[], text=True)
            warms.append(warm["asked"] + warm["told"])
            if run.stdout.strip() != warm["text"].strip():
                raise AssertionError("The cold answer differs from the warm one.")
    cold, warm_one = median(colds), median(warms)
    return Line(
        "blast radius, medium, cold", cold, None, (Need(cold - warm_one, OVER_WARM, "s"),),
        note=f"over warm, which is {1000 * warm_one:.0f} ms",
    )  # fmt: skip


def _out(world: World, name: str, seed: floors.Seed) -> Line:
    """The lists and the evidence as ``--out`` writes them to Parquet, against COPY of the same rows; as JSON and CSV
    beside it."""
    work, asked = f"writing the answer out, {name}", _asked(world, seed)
    floor = world.floor()
    floors.reach(floor, seed)
    records = floor.execute(RECORDS.format(touched=floors.TOUCHED)).fetchall()[0][0]
    ours, bares, tables = [], [], []
    rows = 0
    with TemporaryDirectory(dir=world.folder) as folder, Child(world.patience) as product:
        out, bare = Path(folder) / "out", Path(folder) / "bare"
        bare.mkdir()
        try:
            for _ in range(world.rounds):
                found = product("ask", **asked, lists=[], out=str(out), exports=["parquet"])
                ours.append(found["written"])
                rows, told, took = _copy(out, bare)
                bares.append(took)
                if told != records:
                    raise AssertionError(f"{work}: {told} records were written, the floor has {records}.")
            profile = []
            if world.profile:
                profile = product(
                    "ask", **asked, lists=LISTS, out=str(out), exports=["parquet"], profile=True
                )["profile"]  # fmt: skip
            for _ in range(world.rounds):
                tables.append(product("ask", **asked, lists=[], out=str(out), exports=["tables"])["written"])
            same(out)
        except TooMuch as why:
            return Line(work, None, None, (unanswered(why),), note=str(why))
    took, least = median(ours), median(bares)
    return Line(
        work, took, least, (Need(took / least, TIMES, "x"), Need(found["memory"], MEMORY, "MB")),
        memory=found["memory"], profile=profile,
        note=f"{rows:,} rows, {records:,} of them records; as JSON and CSV {1000 * median(tables):,.0f} ms",
    )  # fmt: skip


def same(out: Path) -> None:
    """Raises AssertionError where a list has other rows as CSV than as Parquet."""
    with duckdb.connect() as connection:
        for path in sorted(out.glob("*.parquet")):
            told = f"'{path.with_suffix('.csv')}', header = true"
            one, other = (
                connection.execute(f"SELECT count(*) FROM {of}").fetchall()
                for of in (f"read_csv({told})", f"read_parquet('{path}')")
            )
            if one != other:
                raise AssertionError(f"{path.stem} has {one} rows as CSV, {other} as Parquet.")


def _copy(out: Path, bare: Path) -> tuple[int, int, float]:
    """Rows of all lists there, distinct records among them, and the seconds that COPY takes for the same rows."""
    seconds, rows, records = 0.0, 0, 0
    with duckdb.connect() as connection:
        for path in sorted(out.glob("*.parquet")):
            connection.execute(f"CREATE OR REPLACE TABLE told AS FROM read_parquet('{path}')")
            began = perf_counter()
            connection.execute(f"COPY told TO '{bare}/{path.stem}.parquet' (FORMAT PARQUET)")
            seconds += perf_counter() - began
            rows += connection.execute("SELECT count(*) FROM told").fetchall()[0][0]
            if path.stem == "records":
                names = [name for name, *_ in connection.execute("DESCRIBE told").fetchall()]
                dataset = [name for name in names if name.startswith("dataset")]
                records = connection.execute(
                    f"SELECT count(*) FROM (SELECT DISTINCT {', '.join([*dataset, 'key'])} FROM told)"
                ).fetchall()[0][0]
    return rows, records, seconds
