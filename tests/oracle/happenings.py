"""What may really have happened in a world whose logs are complete and accurate: a schedule of instants.

Everything that the logs leave open is chosen at random: when inside its interval a read or a write took
place, whether an uncertain one did, how long a record was there, what its unknown attributes were.
"""

from dataclasses import dataclass
from random import Random

from tests.oracle.grades import Graded, Held
from tests.oracle.grid import NOON, TICK, TICKS, maybe
from tests.oracle.model import FOREVER, Interval, Value
from tests.oracle.touches import Read, Run, Touches, Write

DAWN, DUSK = NOON - 6 * TICK, NOON + (TICKS + 4) * TICK
"""No read or write is put before or after these."""

VALUES: dict[str, tuple[Value, ...]] = {
    "country": ("KE", "DE", "PH", None),
    "level": (1.0, 2.0, 3.0, None),
    "nickname": ("KE", "x", None),
    "ref": ("ds0-0", "ds1-1", "ds2-2", None),
}


@dataclass(frozen=True)
class Action:
    """One read or write at one instant; `order` decides among those of one instant.

    `clears`: the write first emptied the dataset.
    """

    at: int
    order: float
    touch: Read | Write
    clears: bool = False


@dataclass(frozen=True)
class Row:
    """What a record entry really was, over [start, end)."""

    entry: Held
    end: int
    attributes: tuple[tuple[str, Value], ...]


def pick(random: Random, interval: Interval) -> int:
    """An instant of an interval, its ends more often than others."""
    start, end = interval
    low, high = max(start, min(DAWN, end)), min(end, max(DUSK, start))
    steps = (high - low) * 2 // TICK
    inside = low + TICK // 2 * random.randint(0, steps)
    return random.choice((low, high, inside, inside, min(low + 1, high), max(high - 1, low)))


def lasted(random: Random, run: Run, touches: Touches) -> Interval:
    """When a run really ran: as logged, but for a lost START and for clocks that ran apart."""
    if run.placed:
        return run.interval
    events = touches.events(run.id)
    accesses = [one for one in touches.world.accesses if one.run == run.id]
    first = min((one.start for one in accesses), default=FOREVER)
    last = max((one.end for one in accesses), default=-FOREVER)
    if any(event.kind == "START" for event in events):
        one, other = pick(random, run.interval), pick(random, run.interval)
        return (min(one, other, first), max(one, other, last))
    return (min(pick(random, run.interval), first, *(event.time for event in events)), run.end)


def schedule(random: Random, touches: Touches, spans: dict[str, Interval]) -> list[Action]:
    """All reads and writes that took place, in their order."""
    found: list[Action] = []
    read_last: dict[str, tuple[int, float]] = {}
    for read in touches.reads:
        if not (read.certain or maybe(random, 0.6)):
            continue
        within = spans.get(read.run or "", read.interval) if not read.access else read.interval
        first = Action(pick(random, within), random.random(), read)
        found.append(first)
        if not read.access or read.run != read.access.run:
            last = read_last.get(read.run or "", (first.at, first.order))
            read_last[read.run or ""] = max(last, (first.at, first.order))
        if read.start < read.end and maybe(random, 0.3):
            found.append(Action(pick(random, within), random.random(), read))
    for write in touches.writes:
        if not (write.certain or maybe(random, 0.6)):
            continue
        start, end = spans.get(write.run or "", write.interval) if not write.access else write.interval
        clears = write.kind == "overwrite" or (write.kind == "unknown" and maybe(random, 0.5))
        told = None if write.access and write.run == write.access.run else write.run
        since, after = read_last.get(told or "", (start, 0.0))
        at = pick(random, (max(start, since), end))
        order = random.uniform(after if at == since else 0.0, 1.0)
        found.append(Action(at, order, write, clears))
        if start < end and maybe(random, 0.3):
            found.append(Action(pick(random, (at, end)), random.uniform(order, 1.0), write))
    return sorted(found, key=lambda action: (action.at, action.order))


def rows(random: Random, graded: Graded) -> list[Row]:
    """What the record entries really were."""
    found = []
    for entry in graded.entries:
        held = dict(entry.attributes)
        for name, values in VALUES.items():
            if name not in held:
                held[name] = random.choice(values)
        end = random.choice((entry.sure, entry.last))
        found.append(Row(entry, end, tuple(held.items())))
    return found


def present(random: Random, taken: list[tuple[int, bool]]) -> list[Interval]:
    """When an environment really held a package, given what its snapshots saw, in order of time."""
    found: list[Interval] = []
    since: int | None = None
    before = -FOREVER
    for at, held in taken:
        if held and since is None:
            since = pick(random, (before, at)) if maybe(random, 0.8) else max(before, DAWN)
        if not held and since is not None:
            found.append((since, pick(random, (before, at))))
            since = None
        before = at
    if since is not None:
        found.append((since, random.choice((before, pick(random, (before, FOREVER)), FOREVER))))
    return found
