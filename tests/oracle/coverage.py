"""Whether anybody was watching what an answer leans on (semantics.md, section 6).

A side of the window that is left open reaches beyond all that a source ever said, so the source is silent there;
the uses of a stolen credential are looked for until it was rotated, and who watched is asked until then. So are the
reads of a compromised run, from its begin on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.oracle.flow import Flow, departures
from tests.oracle.grades import Exposure
from tests.oracle.model import FOREVER, Interval, Name, Source, World, instant, text_of
from tests.oracle.questions import BlastRadius
from tests.oracle.seeds import Seeds, by_vendor, holds_affected, meets, merged, presence, processors
from tests.oracle.touches import Read, Touches, in_statement, stated

FIRST, DUSK = instant("0001-01-01T00:00:00Z"), instant("9999-12-31T23:59:59.999999Z")
"""What an answer writes for a side that is open; it begins in 1970 where it ends later."""


@dataclass(frozen=True)
class Told:
    """What the sources of a store said, of all the worlds in it."""

    everything: World

    def times(self, source: Source) -> list[int]:
        if source.collector == "access":
            return sorted({one.start for one in self.everything.accesses})
        runs = {one.time for one in self.everything.run_events}
        return sorted(runs | {one.time for one in self.everything.dataset_events if one.port.lifecycle})

    def silences(self, source: Source, window: Interval) -> list[Interval]:
        """Where a source said nothing for longer than it may; as far as that is inside the window."""
        start, end = window
        times, patience = self.times(source), source.max_silence or 0
        if not times:
            return [window]
        found = [
            (one, other) for one, other in pairwise(times) if other - one > patience and one < end and other > start
        ]
        if source.max_silence is None:
            found = []
        if times[0] - start > patience:
            found.append((start, times[0]))
        if end - times[-1] > patience:
            found.append((times[-1], end))
        return [(max(low, start), min(high, end)) for low, high in found]


def came_from(flow: Flow, exposures: Iterable[Exposure]) -> set[Name]:
    """The datasets that were exposed, and those that content came from."""
    found = set()
    for exposure in exposures:
        assert isinstance(exposure.touch, Read)
        found |= {exposure.touch.dataset}
        found |= {source.dataset for source in departures(flow, exposure.touch, exposure.end)}
    return found


def leaned_on(touches: Touches, touched: set[Name]) -> set[Name]:
    """The datasets that people could be in, and those that were touched; a view holds nothing."""
    world = touches.world
    names = (
        {port.dataset for port in touches.ports}
        | {one.dataset for one in world.accesses}
        | {one.dataset for one in world.entries}
    )
    names |= {link for port in touches.ports for link in port.symlinks}
    names |= {port.previous for port in touches.ports if port.previous}
    names |= {(one.namespace, one.name) for one in world.datasets}
    for access in world.accesses:
        told = in_statement(access)
        names |= {stated(access, one.table) for one in told.sources()} if told else set()
    held = {touches.canonical(one.dataset) for one in world.entries}
    found = set()
    for name in map(touches.canonical, names):
        entry = touches.entry(name)
        private = entry is not None and any(terms for _, terms in entry.fields)
        if (name in touched or name in held or private) and not (entry and entry.view_of):
            found.add(name)
    return found


def of_dataset(touches: Touches, told: Told, name: Name, window: Interval, touched: bool) -> dict[str, Any]:
    entry = touches.entry(name)
    sources = [one for one in touches.world.sources if entry and one.id in entry.observed_by]
    silent = sorted({gap for one in sources for gap in told.silences(one, window)})
    if entry and {one.id for one in sources} < set(entry.observed_by):  # nobody heard of the others
        silent = sorted({*silent, window})
    shown: dict[str, Any] = {"sources": sorted(one.id for one in sources)}
    if not sources:
        return shown | {"state": "no-source"}
    if silent:
        begun = [(0 if high >= 0 else FIRST) if low == -FOREVER else low for low, high in silent]
        gaps = [[text_of(low), text_of(min(high, DUSK))] for low, (_, high) in zip(begun, silent, strict=True)]
        return shown | {"state": "silent", "silent": gaps}
    if not any("read" in one.observes for one in sources):
        return shown | {"state": "not-observable"}
    held = any(touches.canonical(one.dataset) == name for one in touches.world.entries)
    return shown | {"state": "no-entries" if touched and not held else "observed"}


def of_environment(touches: Touches, question: BlastRadius, environment: str) -> dict[str, Any]:
    """An environment was seen at every instant of the window at which a snapshot was taken, or an affected version
    was there, possibly."""
    taken = [
        (one.taken_at, holds_affected(touches, question, one))
        for one in touches.world.snapshots
        if one.environment == environment
    ]
    known = merged([*presence(taken).possible, *((at, at) for at, _ in taken)])
    start, end = question.window
    seen = any(low <= start and end <= high for low, high in known)
    return {"state": "observed" if seen else "no-snapshots"}


def environments(touches: Touches, question: BlastRadius) -> set[str]:
    """Those of the jobs that events or the catalog name, or, within a vendor, of those whose runs it may have had; a
    run that told nothing itself may be named by those below it."""
    events = touches.world.run_events
    if question.within:
        limit = by_vendor(touches, question.within, question.window)
        jobs = {run.job for run in touches.runs.values() if run.id in limit.runs}
        links = {link for one in events for link in (one.parent, one.root) if link and link[0] not in touches.runs}
        for _, name in links:
            job = touches.job(name)
            if job and (job.vendor in processors(touches, question.within) or job.principal in limit.principals):
                jobs.add(name)
    else:
        jobs = {one.job for one in events}
        jobs |= {(one.namespace, one.name) for one in touches.world.jobs if "*" not in one.namespace + one.name}
        jobs |= {link[1] for one in events for link in (one.parent, one.root) if link}
    return {job.environment for one in jobs if (job := touches.job(one)) and job.environment}


def of_datasets(touches: Touches, told: Told, window: Interval, touched: set[Name]) -> dict[str, Any]:
    found = leaned_on(touches, touched)
    return {"/".join(name): of_dataset(touches, told, name, window, name in touched) for name in found}


def begun(touches: Touches, seeds: Seeds) -> list[int]:
    """When each compromised run began: what it read before it was compromised counts."""
    runs = ((touches.runs[one], spans) for one, spans in seeds.runs.items())
    return [run.start for run, spans in runs if meets(spans.possible, [run.interval])]


def coverage(
    touches: Touches, flow: Flow, told: Told, question: BlastRadius, exposures: list[Exposure], seeds: Seeds
) -> dict[str, Any]:
    """What was watched, by dataset or environment, while what is compromised may have been used."""
    window = (min([question.window[0], *begun(touches, seeds)]), max(question.window[1], seeds.last_use))
    rows = of_datasets(touches, told, window, came_from(flow, exposures))
    if "package" not in question.without and (question.packages or question.advisories):
        rows |= {one: of_environment(touches, question, one) for one in environments(touches, question)}
    return rows
