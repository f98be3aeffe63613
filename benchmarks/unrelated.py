"""The same touched set in a store that holds ten times as much: unrelated history must cost next to nothing."""

from statistics import median
from typing import Any

from benchmarks import floors, reach, touched
from benchmarks.child import LISTS, Child, TooMuch
from benchmarks.table import Line, Need, unanswered
from benchmarks.world import World, doing

TIMES = 1.5


def measure(world: World) -> list[Line]:
    """A tenth of the world alone, and with nine tenths of other names, people and datasets beside it."""
    core, more = world.part("core", 0.1), world.part("more", 0.9, strange=True)
    path = world.folder / "tenfold.lineage.duckdb"
    if not path.exists():
        names = [str(one.files(name)) for one in (core, more) for name in ("base", "openlineage", "access")]
        with doing("ingesting ten times as much"), Child(36_000) as product:
            product("ingest", store=str(path), paths=names)
    medium = reach.choose(core)["medium"]
    least = touched.choose(core)["touched least"]
    floors.reach(core.floor(), medium)
    right = reach.expected(core.floor())
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        ("blast radius, medium", {"question": "blast-radius", "values": reach.values(medium), "lists": LISTS}, right),
        (
            "who touched one person",
            {"question": "who-touched", "values": touched.values(least), "lists": ["touches"]},
            {"touches": touched.expected(core.floor(), least)},
        ),
    ]
    lines = []
    for name, told, sets in asked:
        work = f"{name}, unrelated history 10 x"
        with Child(world.patience) as alone, Child(world.patience) as beside:
            both: tuple[tuple[Child, str, list[float]], ...] = ((alone, str(core.store()), []), (beside, str(path), []))
            try:
                for product, store, _ in both:
                    reach.check(work, product("ask", store=store, **told, check=True)["digests"], sets)
                for _ in range(world.rounds):
                    for product, store, times in both:
                        times.append(product("ask", store=store, **told)["seconds"])
            except TooMuch as why:
                lines.append(Line(work, None, None, (unanswered(why),), note=str(why)))
                continue
        small, large = (median(times) for _, _, times in both)
        lines.append(Line(work, large, small, (Need(large / small, TIMES, "x"),), note="against the same without it"))
    core.close()
    more.close()
    return lines
