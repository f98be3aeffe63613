"""Whether the path of a person in a blast radius is a true chain, and its evidence names what tells each of its steps.

Read from semantics.md, sections 3 to 6, alone: a path goes from a seed over an exposure and back over writes to a read
of the dataset that holds the record. What happened is the oracle's; which events tell it is read from their lines.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from tests.oracle.exposures import exposures
from tests.oracle.grades import Exposure
from tests.oracle.model import FOREVER, Name, instant
from tests.oracle.questions import BlastRadius
from tests.oracle.seeds import Spans, by_code, find, holds_affected, meets, presence, runs_as, shared, stolen
from tests.oracle.semantics import Oracle
from tests.oracle.touches import Read, Write

Event = dict[str, Any]  # one line of the input, as JSON or as a row of CSV
SEEDS = ("vendors", "principals", "jobs", "runs", "datasets", "exposed", "packages", "advisories")
OF_RULE = {
    "the vendor asked about": ("vendors",),
    "the principal asked about": ("principals",),
    "the job asked about": ("jobs",),
    "the run asked about": ("runs",),
    "the dataset was open to outsiders": ("exposed",),
    "an affected package": ("packages", "advisories"),
}
OF_CODE = ("packages", "advisories", "jobs", "runs")
CREDENTIAL = "a credential that a compromised run knew"
TIME = r"the beginning|now|\S+Z"
READ = re.compile(rf"read (.+?) (?:at ({TIME})|from ({TIME}) to ({TIME}))")
HOP = re.compile(
    rf"(.+) was written by (?:run (\S+)(?: of .+)?|a statement or rename), which had read (.+) from ({TIME})"
)


@dataclass(frozen=True)
class Hop:
    """One step back: a write, and what its unit had read."""

    write: Write
    read: Read
    departure: int


def at(text: str) -> int:
    return {"the beginning": -FOREVER, "now": FOREVER}.get(text) or instant(text)


class Chains:
    """Judges the paths of the answers to one question about one world."""

    def __init__(self, oracle: Oracle, question: BlastRadius) -> None:
        self.oracle = oracle
        self.touches = oracle.touches
        self.question = question

    @cached_property
    def exposed(self) -> list[Exposure]:
        return exposures(self.touches, find(self.touches, self.question))

    def fault(self, person: dict[str, Any], events: list[Event]) -> str | None:
        """What is wrong with the path of a row of `data_subjects`; `events` are those that its evidence names."""
        rule, *steps = person["path"]
        leaker = steps[0].split()[1] if CREDENTIAL in steps else None
        del steps[: 2 if leaker else 0]
        if len(set(steps)) < len(steps):
            return "it turns in a circle"
        run = steps.pop(0) if steps[0].startswith("run ") else None
        principal = steps.pop(0).removeprefix("access by ") if steps[0].startswith("access by ") else None
        read, *hops, record = steps
        begun = [
            one for one in self.exposed
            if self.is_begun(one, run, principal, read)
            and (self.is_stolen(one, rule, leaker) if leaker else self.is_compromised(one, rule))
        ]  # fmt: skip
        if not begun:
            return "no such exposure"
        ways = [(one, way) for one in begun for way in self.ways(one.touch, one.end, hops)]
        if not ways:
            return "no such way back"
        ended = [(one, way) for one, way in ways if self.holds(one, way, record, person)]
        if not ended:
            return "the record was not in what was read at its end"
        lacking = []
        for one, way in ended:
            told, lacks = set[int](), []
            for step, tells in self.tellers(one, way, rule, leaker, record):
                tellers = [number for number, event in enumerate(events) if tells(event)]
                told |= set(tellers)
                lacks += [step] if not tellers else []
            idle = [event for number, event in enumerate(events) if number not in told]
            if not lacks and not idle:
                return None
            lacking.append(f"nothing tells {lacks}, and of no use is {idle}")
        return lacking[0]

    def is_begun(self, one: Exposure, run: str | None, principal: str | None, step: str) -> bool:
        read, told = one.touch, READ.fullmatch(step)
        assert told is not None
        assert isinstance(read, Read)
        start, end = (at(told[2]), None) if told[2] else (at(told[3]), at(told[4]))
        inside = (read.access.run or None) if read.access else read.run
        access = read.access and self.touches.principal(read.access.principal)
        return (
            (read.dataset[1], one.start, access) == (told[1], start, principal)
            and (one.end == end if end is not None else one.end < start + 1_000_000)
            and (run.split()[1] if run else None) == (None if one.by == "dataset" else inside)
        )

    def is_compromised(self, one: Exposure, rule: str) -> bool:
        """Whether the rule that the path begins with holds of this read, without the help of any other."""
        kept = next(names for said, names in OF_RULE.items() if rule.startswith(said))
        others: dict[str, Any] = {name: () for name in SEEDS if name not in kept}
        alone = replace(self.question, **others)
        seeds = find(self.touches, replace(alone, without=(*alone.without, "credential")))
        read, by_run = one.touch, Spans()
        if one.by == "dataset":
            return bool(seeds.exposed)
        if read.run in self.touches.runs:
            by_run = seeds.runs.get(read.run or "", Spans())
            spans = [span for span in by_run.possible if shared(self.touches.runs[read.run].interval, span)]
            if any(read.start <= end for _, end in spans):
                return True
        if not read.access:
            return False
        spans = seeds.principals.get(self.touches.principal(read.access.principal), Spans()).possible
        return any(shared(read.interval, span) for span in spans)

    def is_stolen(self, one: Exposure, rule: str, leaker: str) -> bool:
        """Whether a run that the rule compromised knew the credential of this read by then, and no rotation lay
        between."""
        run, access, off = self.touches.runs.get(leaker), one.touch.access, set(self.question.without)
        kept = next(names for said, names in OF_RULE.items() if rule.startswith(said))
        others: dict[str, Any] = {name: () for name in SEEDS if name not in kept}
        seeds = find(self.touches, replace(self.question, **others)).runs.get(leaker, Spans())
        if run is None or access is None or "credential" in off or not meets(seeds.possible, [run.interval]):
            return False
        principal = self.touches.principal(access.principal)
        others = {name: () for name in SEEDS if name not in OF_CODE}
        code = find(self.touches, replace(self.question, **others)).runs[leaker]
        _, secrets = by_code(self.touches, self.question, {"package"} - off)
        moments = meets(code.possible, [run.interval])
        return principal in {runs_as(self.touches, run), *secrets.get(leaker, ())} and bool(
            shared(one.touch.interval, stolen(self.touches, principal, moments))
        )

    def ways(self, read: Read | Write, end: int, hops: list[str], seen: tuple[Any, ...] = ()) -> Iterator[list[Hop]]:
        """All that the hops may mean, from the exposure on."""
        if not hops:
            yield []
            return
        told = HOP.fullmatch(hops[0])
        assert told is not None
        assert isinstance(read, Read)
        if self.touches.indexed(read.dataset) or read in seen:
            return
        for write in self.oracle.flow.writers(read):
            runs = write.run if write.run in self.touches.runs else write.inside
            if write.dataset[1] != told[1] or write.run is None or write.start > end or (told[2] or None) != runs:
                continue
            left = min(write.end, end)
            for source in self.oracle.flow.reads_of(write.run):
                if (source.dataset[1], source.start) != (told[3], at(told[4])) or source.start > left:
                    continue
                if self.oracle.flow.inside(source, write):
                    hop = Hop(write, source, min(source.end, left))
                    for way in self.ways(source, hop.departure, hops[1:], (*seen, read)):
                        yield [hop, *way]

    def holds(self, one: Exposure, way: list[Hop], step: str, person: dict[str, Any]) -> bool:
        for entry in self.oracle.graded.entries:
            said = f"record {entry.key} of {entry.dataset[1]} belongs to {person['id']}"
            if said != step or entry.subject != person["id"]:
                continue
            if way and person["grade"] == "possible":
                last = way[-1]
                if entry.dataset == last.read.dataset and entry.meets(last.read.start, last.departure):
                    return True
            if not way and self.oracle.graded.own(one).get(entry.record) == person["grade"]:
                return True
        return False

    def tellers(
        self, one: Exposure, way: list[Hop], rule: str, leaker: str | None, record: str
    ) -> Iterator[tuple[str, Any]]:
        """The steps that events tell, each with what says of an event whether it tells the step."""
        if rule.startswith("an affected package in "):
            environment = rule.removeprefix("an affected package in ")
            taken = [snap for snap in self.touches.world.snapshots if snap.environment == environment]
            spans = presence([(s.taken_at, holds_affected(self.touches, self.question, s)) for s in taken]).possible
            run = self.touches.runs[leaker or one.touch.run or ""].interval
            near = [s for s in spans if (m := shared(s, self.question.window)) and shared(m, run)]
            when = {
                s.taken_at for s in taken
                if holds_affected(self.touches, self.question, s) and any(a <= s.taken_at <= b for a, b in near)
            }  # fmt: skip
            yield rule, lambda event: event.get("bomFormat") and instant(event["metadata"]["timestamp"]) in when
        if leaker:
            yield "the run that knew it", lambda event: event.get("run", {}).get("runId") == leaker
        if one.by != "dataset":
            yield "the exposure", lambda event: self.tells_read(event, one.touch)
        if one.touch.access and one.touch.run in self.touches.runs:
            yield "the run", lambda event: event.get("run", {}).get("runId") == one.touch.run
        for hop in way:
            yield f"the write {hop.write}", lambda event, hop=hop: self.tells_write(event, hop.write)
            yield f"the read {hop.read}", lambda event, hop=hop: self.tells_read(event, hop.read)
        yield record, lambda event: "valid_from" in event and self.tells_record(event, record)

    def tells_read(self, event: Event, read: Read | Write) -> bool:
        if read.access:
            return event.get("id") == read.access.id
        if read.run in self.touches.runs:
            return self.names(event, read.run, self.read_by(event), read.dataset)
        return self.tells_rename(event, read.run)

    def tells_write(self, event: Event, write: Write) -> bool:
        if write.access:
            return event.get("id") == write.access.id
        if write.run in self.touches.runs:
            return self.names(event, write.run, map(name_of, event.get("outputs", ())), write.dataset)
        return self.tells_rename(event, write.run)

    def names(self, event: Event, run: str | None, named: Iterable[Name], dataset: Name) -> bool:
        if event.get("run", {}).get("runId") != run:
            return False
        return dataset in {self.touches.canonical(base) for name in named for base, _ in self.touches.bases(name)}

    def read_by(self, event: Event) -> Iterator[Name]:
        yield from map(name_of, event.get("inputs", ()))
        for port in event.get("outputs", ()):
            yield from map(name_of, port.get("facets", {}).get("lineage", {}).get("inputs", ()))

    def tells_rename(self, event: Event, unit: str | None) -> bool:
        ports = [event["dataset"]] if "dataset" in event and "eventTime" in event else event.get("outputs", ())
        return any(
            port.get("facets", {}).get("lifecycleStateChange", {}).get("lifecycleStateChange") == "RENAME"
            for port in ports
        )

    def tells_record(self, event: Event, step: str) -> bool:
        dataset = self.touches.canonical((event["dataset_namespace"], event["dataset_name"]))
        return step == f"record {event['key']} of {dataset[1]} belongs to {event['data_subject']}"


def name_of(port: dict[str, Any]) -> Name:
    return (port["namespace"], port["name"])
