"""Plays one of the histories that a world's logs leave open, to see what the answers must allow (law 2)."""

from dataclasses import dataclass, field, replace
from random import Random

from tests.oracle.exposures import by_principal
from tests.oracle.flow import ALL
from tests.oracle.grades import Record
from tests.oracle.grid import FIELDS, maybe
from tests.oracle.happenings import Action, Row, lasted, pick, present, rows, schedule
from tests.oracle.model import FOREVER, Interval, Name
from tests.oracle.questions import BlastRadius
from tests.oracle.replaying import Content
from tests.oracle.seeds import RULES, Seeds, Spans, by_code, by_vendor, cut, find, holds_affected, runs_as, shared
from tests.oracle.semantics import Oracle
from tests.oracle.touches import Read, Write, stated

Item = tuple[Record, str | None, str | None]
"""A record, one of its home fields that came along, and the field that it is in now; None: no content."""


@dataclass(frozen=True)
class Seen:
    """What one read really saw."""

    at: int
    read: Read
    items: frozenset[Item]


@dataclass
class Truth:
    subjects: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    categories: set[tuple[str, str]] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    exposed: set[str] = field(default_factory=set)
    contaminated_datasets: set[str] = field(default_factory=set)
    compromised_runs: set[str] = field(default_factory=set)
    contaminated_runs: set[str] = field(default_factory=set)


class History:
    """One course of events."""

    def __init__(self, oracle: Oracle, random: Random, outsiders: list[Read] | None = None) -> None:
        self.touches, self.flow, self.graded = oracle.touches, oracle.flow, oracle.graded
        self.random = random
        self.spans = {run.id: lasted(random, run, self.touches) for run in self.touches.runs.values()}
        self.rows = rows(random, self.graded)
        self.actions = schedule(random, self.touches, self.spans)
        for read in outsiders or ():
            self.actions += [Action(pick(random, read.interval), random.random(), read) for _ in range(2)]
        self.actions.sort(key=lambda action: (action.at, action.order))
        self.seen: list[Seen] = []
        self.play()

    def play(self) -> None:
        cells: dict[Name, set[Item]] = {}
        memory: dict[str, list[Seen]] = {}
        for action in self.actions:
            touch = action.touch
            if isinstance(touch, Read):
                items = self.shown(action.at, touch) | self.part(cells.get(touch.dataset, set()))
                seen = Seen(action.at, touch, frozenset(items))
                self.seen.append(seen)
                memory.setdefault(touch.run or "", []).append(seen)
                continue
            cell = cells.setdefault(touch.dataset, set())
            if action.clears:
                cell.clear()
            if touch.run and not self.touches.indexed(touch.dataset):
                for seen in memory.get(touch.run, ()):
                    if self.flow.inside(seen.read, touch):
                        cell |= self.part(self.carried(seen, touch))

    def part(self, items: set[Item]) -> set[Item]:
        """All of them, or some."""
        if maybe(self.random, 0.6):
            return set(items)
        return {item for item in sorted(items, key=repr) if maybe(self.random, 0.5)}

    def matched(self, at: int, row: Row, touch: Read | Write) -> bool:
        """Whether an access read or changed this row of its dataset."""

        def held(table: str) -> Content:
            dataset = self.touches.canonical(stated(access, table)) if access else None
            there = (one for one in self.rows if one.entry.dataset == dataset and one.entry.start <= at < one.end)
            return Content(tuple((self.graded.row(one.entry, one.attributes), True) for one in there), closed=True)

        access = touch.access
        found = self.graded.scope(touch, row.entry, self.graded.row(row.entry, row.attributes), held)
        return maybe(self.random, 0.7) if found is None else found

    def there(self, at: int, touch: Read | Write) -> list[Row]:
        """The rows of the dataset that an access or a run read or changed at an instant."""
        held = (row for row in self.rows if row.entry.dataset == touch.dataset)
        return [row for row in held if row.entry.start <= at < row.end and self.matched(at, row, touch)]

    def shown(self, at: int, read: Read) -> set[Item]:
        told = self.touches.fields(read)
        items: set[Item] = set()
        for row in self.there(at, read):
            items.add((row.entry.record, None, None))
            for name, _ in FIELDS:
                if told is None or name in told:
                    items.add((row.entry.record, name, name))
        return items

    def carried(self, seen: Seen, write: Write) -> set[Item]:
        """What a run could put into what it wrote of what it had read."""
        columns = self.touches.columns(write)
        found: set[Item] = set()
        for record, home, current in seen.items:
            found.add((record, None, None))
            if columns is None:
                found.add((record, home, self.random.choice(FIELDS)[0] if current else None))
                continue
            for edge in columns:
                for base, blurred in self.touches.bases(edge.dataset):
                    same = self.touches.canonical(base) == seen.read.dataset
                    if same and not edge.masked and (blurred or edge.field == current) and current:
                        found.add((record, home, edge.output))
        return found

    def categories(self, seen: Seen) -> set[tuple[str, str]]:
        told = self.touches.fields(seen.read)
        return {
            (subject, category)
            for (dataset, _, subject), home, current in seen.items
            if subject and home and current and (told is None or current in told)
            for category in self.graded.of_fields(dataset, frozenset((home,)) - {ALL})
        }


def true_seeds(oracle: Oracle, history: History, question: BlastRadius) -> Seeds:
    """Who really was compromised, and when: intervals that are all `possible`."""
    touches, random = oracle.touches, history.random
    plain = replace(question, packages=(), advisories=(), without=(*question.without, "credential"))
    seeds = find(touches, plain)
    rules = set(RULES) - set(question.without)
    code, _ = by_code(touches, plain, rules)
    secrets: dict[str, set[str]] = {}
    for environment in sorted({one.environment for one in oracle.world.snapshots}):
        if "package" not in rules or not (question.packages or question.advisories):
            break
        taken = sorted(
            (one.taken_at, holds_affected(touches, question, one))
            for one in oracle.world.snapshots
            if one.environment == environment
        )
        for span in present(random, taken):
            for run in touches.runs.values():
                job = touches.job(run.job)
                met = shared(span, question.window)
                if job and job.environment == environment and met:
                    code.run(run.id, met, None)
                    if shared(met, history.spans[run.id]):
                        listed = (one for one in oracle.world.environments if one.id == environment)
                        secrets.setdefault(run.id, set()).update(
                            touches.principal(told) for one in listed for told in one.credentials
                        )
    if question.within:
        code = cut(code, by_vendor(touches, question.within, question.window))
    for run_id, spans in code.runs.items():
        for span in spans.possible:
            seeds.run(run_id, span, None)
    if "credential" in rules:
        misuse(oracle, history, code, secrets, seeds)
    return seeds


def misuse(oracle: Oracle, history: History, code: Seeds, secrets: dict[str, set[str]], seeds: Seeds) -> None:
    """Lets some of the leaked credentials be used, some of the time, until they are rotated."""
    leaks: dict[str, list[Interval]] = {}
    for run in oracle.touches.runs.values():
        own = runs_as(oracle.touches, run)
        for span in code.runs.get(run.id, Spans()).possible:
            if met := shared(span, history.spans[run.id]):
                for principal in ({own} if own else set()) | secrets.get(run.id, set()):
                    leaks.setdefault(principal, []).append(met)
    for principal, moments in sorted(leaks.items()):
        first, last = min(start for start, _ in moments), max(end for _, end in moments)
        rotated = {at for one in oracle.world.principals if one.id == principal for at in one.rotated_at}
        end = min((at for at in rotated if at > last), default=FOREVER)
        if maybe(history.random, 0.8):
            one, other = pick(history.random, (first, end)), pick(history.random, (first, end))
            whole = maybe(history.random, 0.5)
            seeds.principal(principal, (first, end) if whole else (min(one, other), max(one, other)), None)


def truth(oracle: Oracle, question: BlastRadius, random: Random) -> Truth:
    """What really happened, in one history, of what the question asks about."""
    outside = [
        Read(touches_name, base, dataset, *question.window, False, None, None, blurred)
        for dataset in question.exposed
        if "exposed-dataset" not in question.without and not question.within
        for base, blurred in oracle.touches.bases(oracle.touches.canonical(dataset))
        for touches_name in (oracle.touches.canonical(base),)
    ]
    history = History(oracle, random, outside)
    seeds = true_seeds(oracle, history, question)
    found = Truth()
    for seen in history.seen:
        if seen.read in outside or reached(oracle, history, seeds, seen.read, seen.at):
            found.exposed.add(seen.read.dataset[1])
            found.categories |= history.categories(seen)
            for (dataset, key, subject), _, _ in seen.items:
                found.subjects |= {subject} - {""}
                found.records.add(f"{dataset[1]}|{key}")
    for action in history.actions:
        write = action.touch
        if isinstance(write, Write) and write.access and acted(oracle, history, seeds, write, action.at):
            changed = history.there(action.at, write)
            found.altered |= {row.entry.subject for row in changed} - {""}
    for run, span in history.spans.items():
        if any(shared(span, one) for one in seeds.runs.get(run, Spans()).possible):
            found.compromised_runs.add(run)
    contaminate(oracle, history, seeds, question, found)
    return found


def at_instant(touch: Read | Write, at: int) -> Read | Write:
    return replace(touch, start=at, end=at)


def reached(oracle: Oracle, history: History, seeds: Seeds, read: Read, at: int) -> bool:
    """Whether a compromised principal did a read, or a run that then or later was compromised."""
    if any(by_principal(oracle.touches, seeds, at_instant(read, at))):
        return True
    span = history.spans.get(read.run or "")
    spans = seeds.runs.get(read.run or "", Spans()).possible
    return any(span and shared(span, one) and at <= one[1] for one in spans)


def acted(oracle: Oracle, history: History, seeds: Seeds, write: Write, at: int) -> bool:
    """Whether a compromised principal did a write, or a run while it was compromised."""
    if any(by_principal(oracle.touches, seeds, at_instant(write, at))):
        return True
    span = history.spans.get(write.run or "")
    spans = seeds.runs.get(write.run or "", Spans()).possible
    return any(span and shared(span, one) and shared((at, at), one) for one in spans)


def contaminate(oracle: Oracle, history: History, seeds: Seeds, question: BlastRadius, found: Truth) -> None:
    """Follows what compromised writes left through the datasets and runs."""
    cells: dict[Name, set[str]] = {}
    memory: dict[str, list[Read]] = {}
    seeded = {write for write, _, _ in seeds.writes}
    for number, action in enumerate(history.actions):
        touch, at = action.touch, action.at
        cell = cells.setdefault(touch.dataset, set())
        if isinstance(touch, Read):
            if touch.run and cell - {touch.owner or ""}:
                memory.setdefault(touch.run, []).append(touch)
                if touch.run in oracle.touches.runs:
                    found.contaminated_runs.add(touch.run)
            continue
        if action.clears:
            cell.clear()
        span = history.spans.get(touch.run or "")
        own = any(
            span and (met := shared(span, one)) and met[0] <= at
            for one in seeds.runs.get(touch.run or "", Spans()).possible
        )
        by_seed = touch in seeded and shared((at, at), question.window)
        passed = any(oracle.flow.inside(read, touch) for read in memory.get(touch.run or "", ()))
        if own or by_seed or passed or any(by_principal(oracle.touches, seeds, at_instant(touch, at))):
            cell.add(touch.owner or f"write {number}")
            found.contaminated_datasets.add(touch.dataset[1])
