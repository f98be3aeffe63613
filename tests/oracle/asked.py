"""Makes up questions to ask of a world; every id in them is one that the world knows."""

from collections.abc import Iterable
from random import Random
from typing import Any, TypeVar

from tests.oracle.grid import TICK, maybe, tick
from tests.oracle.model import Name, World
from tests.oracle.questions import BlastRadius, Question, WhoTouched
from tests.oracle.touches import Touches

VERSIONS = (("@1.82.7", "@1.82.8"), ("@>=1.82.7,<=1.82.8",), ("@1.82.8",))
T = TypeVar("T")

RULES = ("vendor", "principal", "job", "run", "dataset", "exposed-dataset", "package", "credential")


def some(random: Random, known: Iterable[T], most: int = 2) -> tuple[T, ...]:
    """A few of those that are known."""
    choice = sorted(set(known), key=repr)
    return tuple(random.sample(choice, random.randint(1, min(most, len(choice))))) if choice else ()


def window(random: Random) -> tuple[int | None, int | None]:
    one, other = sorted((tick(random), tick(random)))
    shift = random.choice((0, 0, 0, 1, -1, TICK // 2))
    start = one if maybe(random, 0.7) else None
    return start, other + max(shift, 0) if maybe(random, 0.7) else None


def named_datasets(world: World) -> set[Name]:
    """The tables that facts name, and the views that the catalog does."""
    views = {(one.namespace, one.name) for one in world.datasets if one.view_of}
    return {port.dataset for port in Touches(world).ports} | views


def packages(random: Random, world: World) -> tuple[str, ...]:
    """Bad versions of the package that a snapshot of the world shows in some version."""
    purls = {purl for one in world.snapshots for purl in one.purls if "/litellm" in purl}
    versions = random.choice(VERSIONS)
    return tuple(purl.partition("@")[0] + version for purl in sorted(purls)[:1] for version in versions)


def blast_radius(random: Random, world: World) -> BlastRadius:
    """A question with seeds of one kind or two."""
    seeds = {
        "vendors": some(random, (one.id for one in world.vendors)),
        "principals": some(random, (one.id for one in world.principals)),
        "jobs": some(random, (event.job for event in world.run_events)),
        "runs": some(random, (event.run for event in world.run_events)),
        "datasets": some(random, named_datasets(world)),
        "exposed": some(random, named_datasets(world)),
        "packages": packages(random, world),
        "advisories": some(random, (one.id for one in world.advisories)),
    }
    chosen = random.sample(sorted(name for name in seeds if seeds[name]), random.randint(1, 2))
    start, end = window(random)
    within = some(random, (one.id for one in world.vendors), 1) if maybe(random, 0.2) else ()
    without = (random.choice(RULES),) if maybe(random, 0.2) else ()
    given: dict[str, Any] = {name: seeds[name] for name in chosen}
    return BlastRadius(**given, within=within, without=without, start=start, end=end)


def who_touched(random: Random, world: World) -> WhoTouched:
    start, end = window(random) if maybe(random, 0.3) else (None, None)
    entry = random.choice(world.entries)
    kind = random.choice(("subject", "subject", "record", "dataset"))
    if kind == "subject" and entry.subject:
        return WhoTouched(subject=entry.subject, start=start, end=end)
    if kind == "record":
        return WhoTouched(record=(entry.dataset, entry.key), start=start, end=end)
    return WhoTouched(dataset=entry.dataset, start=start, end=end)


def questions(random: Random, world: World, number: int = 6) -> list[Question]:
    """A list of questions of all kinds."""
    return [who_touched(random, world) if maybe(random, 0.3) else blast_radius(random, world) for _ in range(number)]
