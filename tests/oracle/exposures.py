"""What seeds make of the touches: exposures, alterations and compromised writes (section 5)."""

from collections.abc import Iterator

from tests.oracle.grades import Exposure
from tests.oracle.model import Interval
from tests.oracle.seeds import Seeds, Spans, shared
from tests.oracle.touches import Read, Touches, Write


def by_principal(touches: Touches, seeds: Seeds, touch: Read | Write) -> Iterator[tuple[Interval, bool]]:
    """What an access event shares with the time when its principal was compromised; whether certainly."""
    if touch.access:
        spans = seeds.principals.get(touches.principal(touch.access.principal), Spans())
        for span in spans.possible:
            if met := shared(touch.interval, span):
                yield met, touch.certain and spans.holds(touch.interval)


def by_run(touches: Touches, seeds: Seeds, touch: Read | Write) -> Iterator[tuple[Interval, bool]]:
    """The times that compromised the run of a touch; whether all of the touch certainly lies inside.

    An access that names a run counts as that run's even where the two were not at one time.
    """
    run = touches.runs.get(touch.run or "")
    if run:
        spans = seeds.runs.get(run.id, Spans())
        for span in spans.possible:
            if shared(run.interval, span):
                yield span, touch.certain and spans.holds(touch.interval)


def exposures(touches: Touches, seeds: Seeds) -> list[Exposure]:
    """For a run, what it read before it was compromised counts too: it may still be in its memory."""
    found = []
    for read in touches.reads:
        for met, certain in by_principal(touches, seeds, read):
            found.append(Exposure(read, *met, certain))
        for (_, end), certain in by_run(touches, seeds, read):
            if read.start <= end:
                found.append(Exposure(read, read.start, min(read.end, end), certain, "run"))
    for dataset, window in seeds.exposed:
        for base, blurred in touches.bases(dataset):
            read = Read(touches.canonical(base), base, dataset, *window, False, None, None, blurred)
            found.append(Exposure(read, *window, False, "dataset"))
    return found


def alterations(touches: Touches, seeds: Seeds) -> list[Exposure]:
    found = []
    for write in touches.writes:
        if write.access:
            for met, certain in by_principal(touches, seeds, write):
                found.append(Exposure(write, *met, certain))
            for span, certain in by_run(touches, seeds, write):
                if both := shared(write.interval, span):
                    found.append(Exposure(write, *both, certain))
    return found


def tainted(touches: Touches, seeds: Seeds) -> list[tuple[Write, int, bool]]:
    """The compromised writes, each with its arrival; a run stays one that was compromised until it ends."""
    found = list(seeds.writes)
    for write in touches.writes:
        for (start, _), certain in by_principal(touches, seeds, write):
            found.append((write, start, certain))
        for (start, _), certain in by_run(touches, seeds, write):
            if start <= write.end:
                found.append((write, max(write.start, start), certain))
    return found
