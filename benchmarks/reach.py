"""Blast radius, warm: the product with the store open, against the bare frontier loop."""

from statistics import median
from typing import Any

import duckdb

from benchmarks import floors
from benchmarks.child import LISTS, Child, TooMuch, digest
from benchmarks.floors import Seed
from benchmarks.history import DAY, YEAR_START
from benchmarks.table import Line, Need, unanswered
from benchmarks.world import World
from lineage.names import format_instant

TIMES, WORST, MEMORY = 3, 2.0, 4_096  # of the floor; seconds; MB
MEDIUM = 0.03  # of all runs
WINDOWS = (DAY, 7 * DAY, 30 * DAY)
MIDDLE = YEAR_START + 300 * DAY


def choose(world: World) -> dict[str, Seed]:
    """Seeds by what they reach: the least, about three in a hundred runs, and the largest vendor for a month."""
    last, tried = world.size.domains - 1, []
    for vendor in sorted({1, 3, last // 4, last // 2, last}):
        for window in WINDOWS:
            seed = Seed("vendor", vendor, MIDDLE, MIDDLE + window)
            found = floors.reach(world.floor(), seed)
            if found.people and found.compromised:
                tried.append((found.runs, seed))
    aim = MEDIUM * world.size.runs
    return {
        "small": min(tried, key=lambda one: one[0])[1],
        "medium": min(tried, key=lambda one: abs(one[0] - aim))[1],
        "huge": Seed("vendor", 0, MIDDLE, MIDDLE + WINDOWS[-1]),
    }


def values(seed: Seed) -> dict[str, list[str]]:
    """The seed as the product's parameters."""
    name = f"vendor-{seed.number:03d}"
    return {"vendor": [name], "from": [format_instant(seed.start)], "to": [format_instant(seed.end)]}


def expected(floor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the floor found last, as the product names it."""
    sets = {
        "runs": "SELECT md5('run ' || run)::UUID::VARCHAR FROM tainted",
        "compromised": "SELECT md5('run ' || run)::UUID::VARCHAR FROM seed_run",
        "datasets": "SELECT format('{}.d{:03d}.t{:06d}', d.class, d.domain, d.dataset) FROM tainted_dataset"
        " JOIN truth.dataset d USING (dataset)",
        "people": f"SELECT DISTINCT format('S-{{:07d}}', subject) FROM ({floors.TOUCHED})",
    }
    return {name: digest([text for (text,) in floor.execute(sql).fetchall()]) for name, sql in sets.items()}


def measure(world: World) -> list[Line]:
    return [_ask(world, name, seed) for name, seed in choose(world).items()]


def _ask(world: World, name: str, seed: Seed) -> Line:
    floor, work = world.floor(), f"blast radius, {name}"
    asked: dict[str, Any] = {
        "store": str(world.store()), "question": "blast-radius", "values": values(seed), "lists": LISTS,
    }  # fmt: skip
    bare = floors.reach(floor, seed)
    said = f"{bare.compromised} runs compromised, {bare.runs} contaminated, {bare.people} people"
    right = expected(floor)
    ours, bares = [], []
    with Child(world.patience) as product:
        try:
            check(work, product("ask", **asked, check=True)["digests"], right)
            for _ in range(world.rounds):
                ours.append(product("ask", **asked))
                bares.append(floors.reach(floor, seed))
            profile = product("ask", **asked, profile=True)["profile"] if world.profile else []
        except TooMuch as why:
            return Line(work, None, bare.seconds, (unanswered(why),), note=f"{said}; {why}")
    took, least = median(o["seconds"] for o in ours), median(b.seconds for b in bares)
    top = max(o["memory"] for o in ours)
    needs = [Need(took / least, TIMES, "x"), Need(top, MEMORY, "MB")]
    if name == "huge":
        needs.append(Need(took, WORST, "s"))
    summary = median(o["asked"] for o in ours)
    return Line(
        work, took, least, tuple(needs), memory=top, profile=profile,
        note=f"{said}; summary alone {1000 * summary:.0f} ms",
    )  # fmt: skip


def check(work: str, found: dict[str, str], right: dict[str, str]) -> None:
    """Raises AssertionError where the product's sets are not those of the floor."""
    wrong = {part: (found[part], told) for part, told in right.items() if found[part] != told}
    if wrong:
        raise AssertionError(f"{work}: the product and the floor differ (number and digest): {wrong}")
