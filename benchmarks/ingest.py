"""Ingest against read_json: how fast lines become facts that questions can be asked of."""

from pathlib import Path
from statistics import median
from time import perf_counter

import duckdb

from benchmarks.child import Child
from benchmarks.table import Line, Need
from benchmarks.world import World

ACCESS_SHAPE = (
    "{id: 'VARCHAR', time: 'VARCHAR', principal: 'VARCHAR', operation: 'VARCHAR', outcome: 'VARCHAR',"
    " dataset: 'STRUCT(namespace VARCHAR, name VARCHAR)', keys: 'VARCHAR[]'}"
)
ACCESS = f"""
CREATE OR REPLACE TABLE bare AS
SELECT id, time::TIMESTAMPTZ AS time, principal, operation, outcome, dataset.namespace AS namespace,
       dataset.name AS name, keys
FROM read_json('$files', format = 'newline_delimited', columns = {ACCESS_SHAPE})
"""
_DATASETS = (
    "STRUCT(namespace VARCHAR, name VARCHAR, facets STRUCT(lifecycleStateChange STRUCT(lifecycleStateChange VARCHAR),"
    " columnLineage JSON))[]"
)
OPENLINEAGE_SHAPE = (
    "{eventType: 'VARCHAR', eventTime: 'VARCHAR', run: 'STRUCT(runId VARCHAR)',"
    f" job: 'STRUCT(namespace VARCHAR, name VARCHAR)', inputs: '{_DATASETS}', outputs: '{_DATASETS}'}}"
)
OPENLINEAGE = f"""
CREATE OR REPLACE TABLE bare AS
SELECT eventType, eventTime::TIMESTAMPTZ AS time, run.runId AS run, job.namespace AS namespace, job.name AS job,
       inputs, outputs
FROM read_json('$files', format = 'newline_delimited', columns = {OPENLINEAGE_SHAPE})
"""
MEMORY, DISK = 2_048, 72  # MB; bytes an access event


def measure(world: World) -> list[Line]:
    return [*_fresh(world, "access", ACCESS, 0.3), *_fresh(world, "openlineage", OPENLINEAGE, 0.4)]


def _fresh(world: World, name: str, text: str, least: float) -> list[Line]:
    """Into a store that holds the catalog; then, for accesses, the same lines again in other files."""
    folder, catalog = world.files(name), str(world.files("base") / "catalog.yml")
    ours, bares, repeats, memory, held = [], [], [], [], []
    profile: list[tuple[float, int, str]] = []
    for number in range(world.rounds):
        path = world.folder / "fresh.duckdb"
        drop(path)
        with Child(3_600) as product:
            product("ingest", store=str(path), paths=[catalog])
            found = product(
                "ingest", store=str(path), paths=[str(folder)], profile=world.profile and number == world.rounds - 1
            )
            profile = found.get("profile", [])
            ours.append(found["seconds"])
            memory.append(found["memory"])
        held.append(sum(file.stat().st_size for file in _beside(path)))
        rows, took = bare(world, text, folder)
        bares.append(took)
        if (found["stored"], found["rejected"]) != (rows, 0):
            raise AssertionError(f"Ingest of {name}: the floor has {rows} rows, the product says {found}")
        if name == "access":
            repeats.append(_again(world, path, "access-again", rows))
            if number == 0:
                _again(world, path, "access-parquet", rows)
        drop(path)
    took, floor, top = median(ours), median(bares), max(memory)
    rate = f"{rows:,} events, {rows / took:,.0f} a second, floor {rows / floor:,.0f}"
    lines = [Line(
        f"ingest, {name}", took, floor, (Need(floor / took, least, "x", at_least=True), Need(top, MEMORY, "MB")),
        memory=top, note=rate, profile=profile,
    )]  # fmt: skip
    if repeats:
        bytes_each = max(held) / rows
        lines.append(Line(
            "store on disk, an access event", None, None, (Need(bytes_each, DISK, "B"),), note="everything included",
        ))  # fmt: skip
        lines.append(Line(
            f"ingest, {name}, all known", median(repeats), took,
            (Need(took / median(repeats), 0.8, "x", at_least=True),), note="against the first time",
        ))  # fmt: skip
    return lines


def _again(world: World, path: Path, name: str, rows: int) -> float:
    """Seconds for what the store knows already, in other files, in another order, or as Parquet."""
    with Child(3_600) as product:
        found = product("ingest", store=str(path), paths=[str(world.files(name))])
    if (found["stored"], found["known"]) != (0, rows):
        raise AssertionError(f"Ingest of {name}: {rows} should be known, the product says {found}")
    return float(found["seconds"])


def bare(world: World, text: str, folder: Path, names: str = "*.ndjson") -> tuple[int, float]:
    """Rows and seconds of a floor: the files below a folder into one table of a new database, on disk."""
    path = world.folder / "bare.duckdb"
    drop(path)
    with duckdb.connect(str(path)) as connection:
        began = perf_counter()
        connection.execute(text.replace("$files", f"{folder}/{names}"))
        connection.execute("CHECKPOINT")
        took = perf_counter() - began
        found = connection.execute("SELECT count(*) FROM bare").fetchone()
    drop(path)
    assert found is not None
    return found[0], took


def drop(path: Path) -> None:
    """A store and what lies beside it."""
    for name in _beside(path):
        name.unlink()


def _beside(path: Path) -> list[Path]:
    return [one for one in path.parent.glob(path.name + "*") if one.is_file()]
