"""Who and what is compromised, and when (semantics.md, section 4)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.oracle.model import FOREVER, Advisory, Interval, Name, Snapshot
from tests.oracle.questions import BlastRadius
from tests.oracle.touches import Run, Touches, Write

RULES = ("vendor", "principal", "job", "run", "dataset", "exposed-dataset", "package", "credential")


@dataclass
class Spans:
    """When one run or principal is compromised: possibly, and inside that certainly."""

    possible: list[Interval] = field(default_factory=list)
    certain: list[Interval] = field(default_factory=list)

    def add(self, possible: Interval | None, certain: Interval | None) -> None:
        self.possible += [possible] if possible else []
        self.certain += [certain] if certain else []

    def holds(self, interval: Interval) -> bool:
        """Whether an interval lies inside the certain time."""
        return any(start <= interval[0] and interval[1] <= end for start, end in merged(self.certain))


@dataclass
class Seeds:
    runs: dict[str, Spans] = field(default_factory=dict)
    principals: dict[str, Spans] = field(default_factory=dict)
    writes: list[tuple[Write, int, bool]] = field(default_factory=list)
    exposed: list[tuple[Name, Interval]] = field(default_factory=list)
    last_use: int = -FOREVER
    """Until when stolen credentials may have been used."""

    def run(self, run: str, possible: Interval | None, certain: Interval | None) -> None:
        self.runs.setdefault(run, Spans()).add(possible, certain)

    def principal(self, principal: str, possible: Interval | None, certain: Interval | None) -> None:
        self.principals.setdefault(principal, Spans()).add(possible, certain)


def shared(one: Interval, other: Interval) -> Interval | None:
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start <= end else None


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants in as few intervals as can be."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def release(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.sub(r"(\.0+)+$", "", version).split(".")))


def affected(purl: str, seed: str) -> bool:
    """Whether a package URL is one that a seed means: one version, or a range such as name@>=1.2,<=1.3."""
    name, _, version = purl.partition("@")
    wanted, _, versions = seed.partition("@")
    if name != wanted:
        return False
    for bound in versions.split(",") if versions else ():
        sign, limit = re.match(r"(>=|<=|>|<|=|)(.*)", bound).groups()  # type: ignore[union-attr]  # matches any text
        order = (release(version) > release(limit)) - (release(version) < release(limit))
        if not {">=": order >= 0, "<=": order <= 0, ">": order > 0, "<": order < 0}.get(sign, order == 0):
            return False
    return True


def called_affected(purl: str, advisory: Advisory) -> bool:
    """Whether an advisory lists the version or holds it in a range, as the OSV schema evaluates ranges."""
    name, _, version = purl.partition("@")
    return any(
        one.package == name
        and (version in one.versions or any(in_range(release(version), told) for told in one.ranges))
        for one in advisory.affected
    )


def in_range(version: tuple[int, ...], events: Iterable[tuple[str, str]]) -> bool:
    inside = False
    for bound, event in sorted((release(at), event) for event, at in events):
        if event == "introduced" and version >= bound:
            inside = True
        elif (event == "fixed" and version >= bound) or (event == "last_affected" and version > bound):
            inside = False
    return inside


def holds_affected(touches: Touches, question: BlastRadius, snapshot: Snapshot) -> bool:
    """Whether a snapshot holds what the packages and advisories of a question together call affected."""
    advisories = [one for one in touches.world.advisories if one.id in question.advisories]
    return any(
        any(affected(purl, seed) for seed in question.packages) or any(called_affected(purl, one) for one in advisories)
        for purl in snapshot.purls
    )


def presence(snapshots: list[tuple[int, bool]]) -> Spans:
    """When an environment held an affected version, from what its snapshots saw."""
    taken: dict[int, list[bool]] = {}
    for at, found in snapshots:
        taken.setdefault(at, []).append(found)
    times, spans = sorted(taken), Spans()
    for index, at in enumerate(times):
        if any(taken[at]):
            before = [time for time in times[:index] if not all(taken[time])]
            after = [time for time in times[index + 1 :] if not all(taken[time])]
            spans.possible.append((max(before, default=-FOREVER), min(after, default=FOREVER)))
        if index and all(taken[at]) and all(taken[times[index - 1]]):
            spans.certain.append((times[index - 1], at))
    return Spans(merged(spans.possible), merged(spans.certain))


def processors(touches: Touches, vendors: Iterable[str]) -> set[str]:
    """The vendors, and their sub-processors at any depth."""
    found = set(vendors)
    while more := {one.id for one in touches.world.vendors if one.sub_processor_of in found} - found:
        found |= more
    return found


def descendants(touches: Touches, runs: set[str], jobs: set[Name]) -> set[str]:
    """The runs, those of the jobs, and those that name one of them as parent or root, at any depth."""
    found = set(runs)
    while True:
        more = {run.id for run in touches.runs.values() if run.job in jobs}
        for run in touches.runs.values():
            for ancestor, job in run.ancestors:
                if job in jobs:
                    more |= {ancestor, run.id}
                if ancestor in found:
                    more.add(run.id)
        if more <= found:
            return found & set(touches.runs)
        found |= more


def runs_as(touches: Touches, run: Run) -> str | None:
    job = touches.job(run.job)
    return job.principal if job else None


def by_vendor(touches: Touches, vendors: Iterable[str], window: Interval) -> Seeds:
    seeds, members = Seeds(), processors(touches, vendors)
    for principal in touches.world.principals:
        start = -FOREVER if principal.valid_from is None else principal.valid_from
        end = FOREVER if principal.valid_to is None else principal.valid_to - 1
        span = shared((start, end), window)
        if principal.vendor in members and span:
            seeds.principal(principal.id, span, span)
            for run in touches.runs.values():
                if runs_as(touches, run) == principal.id:
                    seeds.run(run.id, span, span)
    for run in touches.runs.values():
        job = touches.job(run.job)
        if job and job.vendor in members:
            seeds.run(run.id, window, window)
    return seeds


def stolen(touches: Touches, principal: str, moments: list[Interval]) -> Interval:
    """When a credential that leaked to one run over `moments` may be used: until the rotation after the last."""
    rotations = {at for one in touches.world.principals if one.id == principal for at in one.rotated_at}
    last = max(one[1] for one in moments)
    return (min(one[0] for one in moments), min((at for at in rotations if at > last), default=FOREVER))


def by_code(touches: Touches, question: BlastRadius, rules: set[str]) -> tuple[Seeds, dict[str, set[str]]]:
    """By the rules job, run and package; and what other principals' secrets each run of these could read."""
    seeds, window = Seeds(), question.window
    chosen = descendants(touches, set(), set(question.jobs) if "job" in rules else set())
    chosen |= descendants(touches, set(question.runs) if "run" in rules else set(), set())
    for one in chosen:
        seeds.run(one, window, window)
    secrets: dict[str, set[str]] = {}
    for run in touches.runs.values() if "package" in rules else ():
        job = touches.job(run.job)
        taken = [one for one in touches.world.snapshots if job and one.environment == job.environment]
        spans = presence([(one.taken_at, holds_affected(touches, question, one)) for one in taken])
        for possible in meets(spans.possible, [window]):
            seeds.run(run.id, possible, None)
            if shared(run.interval, possible):
                listed = (one for one in touches.world.environments if job and one.id == job.environment)
                secrets.setdefault(run.id, set()).update(
                    touches.principal(told) for one in listed for told in one.credentials
                )
        for certain in meets(spans.certain, [window]):
            seeds.run(run.id, None, certain)
    return seeds, secrets


def by_credential(touches: Touches, code: Seeds, secrets: dict[str, set[str]]) -> Seeds:
    """The principals whose credentials compromised runs could read, from then on."""
    seeds = Seeds()
    for run in touches.runs.values():
        own = runs_as(touches, run)
        moments = meets(code.runs.get(run.id, Spans()).possible, [run.interval])
        for principal in ({own} if own else set()) | secrets.get(run.id, set()) if moments else ():
            seeds.principal(principal, stolen(touches, principal, moments), None)
    return seeds


def find(touches: Touches, question: BlastRadius) -> Seeds:
    """All seeds of a question, united."""
    rules, window = set(RULES) - set(question.without), question.window
    seeds = by_vendor(touches, question.vendors if "vendor" in rules else (), window)
    for principal in question.principals if "principal" in rules else ():
        seeds.principal(principal, window, window)
        for run in touches.runs.values():
            if runs_as(touches, run) == principal:
                seeds.run(run.id, window, window)
    code, secrets = by_code(touches, question, rules)
    limit = by_vendor(touches, question.within, window) if question.within else None
    if limit:
        seeds, code = cut(seeds, limit), cut(code, limit)
    seeds = united(seeds, code)
    if "credential" in rules:
        stolen_ones = by_credential(touches, code, secrets)
        seeds = united(seeds, stolen_ones)
        ends = (end for spans in stolen_ones.principals.values() for _, end in spans.possible)
        seeds.last_use = max(ends, default=-FOREVER)
    named = question.datasets if "dataset" in rules else ()
    chosen = {touches.canonical(base) for dataset in named for base, _ in touches.bases(dataset)}
    for write in touches.writes:
        met = shared(write.interval, window)
        if met and write.dataset in chosen and (limit is None or within(touches, limit, write)):
            seeds.writes.append((write, met[0], write.certain and met == write.interval))
    if "exposed-dataset" in rules and limit is None:
        seeds.exposed += [(touches.canonical(dataset), window) for dataset in question.exposed]
    for spans in (*seeds.runs.values(), *seeds.principals.values()):
        spans.possible, spans.certain = merged(spans.possible), merged(spans.certain)
    return seeds


def united(one: Seeds, other: Seeds) -> Seeds:
    both = Seeds()
    for seeds in (one, other):
        for run, spans in seeds.runs.items():
            both.runs.setdefault(run, Spans()).possible.extend(spans.possible)
            both.runs[run].certain.extend(spans.certain)
        for principal, spans in seeds.principals.items():
            both.principals.setdefault(principal, Spans()).possible.extend(spans.possible)
            both.principals[principal].certain.extend(spans.certain)
    return both


def cut(seeds: Seeds, limit: Seeds) -> Seeds:
    """The seeds where the limit holds too."""

    def each(given: dict[str, Spans], allowed: dict[str, Spans]) -> dict[str, Spans]:
        return {
            one: Spans(meets(spans.possible, allowed[one].possible), meets(spans.certain, allowed[one].certain))
            for one, spans in given.items()
            if one in allowed
        }

    return Seeds(each(seeds.runs, limit.runs), each(seeds.principals, limit.principals))


def meets(some: list[Interval], others: list[Interval]) -> list[Interval]:
    return [met for one in some for other in others if (met := shared(one, other))]


def within(touches: Touches, limit: Seeds, write: Write) -> bool:
    """Whether a write is one by the runs and principals of the limit."""
    spans = limit.runs.get(write.run or "", Spans()).possible
    if write.access:
        spans = spans + limit.principals.get(touches.principal(write.access.principal), Spans()).possible
    return any(shared(write.interval, span) for span in spans)
