"""What was observed: the runs, reads and writes that a world's events say (semantics.md, section 2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property

from tests.oracle.model import (
    DAY,
    FOREVER,
    Access,
    ColumnEdge,
    Dataset,
    Interval,
    Job,
    Name,
    Port,
    RunEvent,
    World,
)
from tests.oracle.replaying import understood
from tests.oracle.selects import Statement

ENDS = {"COMPLETE": 1, "FAIL": 0, "ABORT": 0}
"""Terminal kinds; at one instant the lower rank wins."""

REPLACED = ("CREATE", "OVERWRITE", "TRUNCATE", "DROP")
READS = ("read", "export", "unknown")
WRITES = ("create", "update", "delete", "unknown")


@dataclass(frozen=True)
class Run:
    """`placed`: its start is known and its times are in order; `certain`: it moreover ended COMPLETE."""

    id: str
    job: Name
    start: int
    end: int
    certain: bool
    placed: bool
    ancestors: frozenset[tuple[str, Name]]

    @property
    def interval(self) -> Interval:
        return (self.start, self.end)


class Spanning:
    """The interval of a read or a write, and whose it is."""

    start: int
    end: int
    run: str | None
    inside: str | None

    @property
    def interval(self) -> Interval:
        return (self.start, self.end)

    @property
    def owner(self) -> str | None:
        return self.inside or self.run


@dataclass(frozen=True)
class Read(Spanning):
    """`told` is the name that was read, `named` the name of the table that this stands for (not the same for
    a view), `dataset` the one that symlinks join it to; `blurred`: keys, fields and predicates are those of a
    view; `run` is what content goes through, `inside` the run that a statement which is a run of its own was
    told to be part of."""

    dataset: Name
    named: Name
    told: Name
    start: int
    end: int
    certain: bool
    run: str | None
    access: Access | None = None
    blurred: bool = False
    inside: str | None = None


@dataclass(frozen=True)
class Write(Spanning):
    dataset: Name
    named: Name
    start: int
    end: int
    certain: bool
    run: str | None
    kind: str
    access: Access | None = None
    blurred: bool = False
    inside: str | None = None


def in_statement(access: Access) -> Statement | None:
    return understood(access.statement) if access.statement else None


def stated(access: Access, table: str) -> Name:
    """The dataset that a statement calls by a name."""
    return (access.dataset[0], f"people.{table}")


def read_too(access: Access) -> set[Name]:
    """The tables that the statement of an access reads, beside what its operation says of its dataset."""
    told = in_statement(access)
    return {stated(access, table) for table in told.tables_read()} if told else set()


def units(access: Access) -> list[str | None]:
    """What content goes through: the run that is named, and a statement that reads one table and writes another, or the
    same one, by more than RETURNING."""
    named = [access.run] if access.run else []
    told = in_statement(access)
    returned = {access.dataset} if told and told.returns else set()
    carries = access.operation in WRITES[:-1] and read_too(access) - returned
    return [f"statement {access.id}", *named] if carries else [access.run]


def matches(entry: Job | Dataset, name: Name) -> bool:
    return fnmatchcase(name[0], entry.namespace) and fnmatchcase(name[1], entry.name)


class Touches:
    """The derived facts of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.aliases = {alias: one.id for one in world.principals for alias in one.aliases}

    def principal(self, told: str) -> str:
        return self.aliases.get(told, told)

    def job(self, name: Name) -> Job | None:
        found = next((entry for entry in self.world.jobs if matches(entry, name)), None)
        return replace(found, principal=self.principal(found.principal)) if found and found.principal else found

    def entry(self, name: Name) -> Dataset | None:
        return next((entry for entry in self.world.datasets if matches(entry, name)), None)

    @cached_property
    def ports(self) -> list[Port]:
        by_runs = [port for event in self.world.run_events for port in (*event.inputs, *event.outputs)]
        return by_runs + [event.port for event in self.world.dataset_events]

    @cached_property
    def same(self) -> dict[Name, frozenset[Name]]:
        """For each name the names that symlinks join to it, itself included."""
        groups: dict[Name, frozenset[Name]] = {}
        for port in self.ports:
            joined = frozenset((port.dataset, *port.symlinks))
            for name in joined:
                joined |= groups.get(name, frozenset())
            groups.update(dict.fromkeys(joined, joined))
        return groups

    def canonical(self, name: Name) -> Name:
        group = self.same.get(name, frozenset((name,)))
        known = [one for one in group if self.entry(one)]
        return min(known or group)

    def indexed(self, dataset: Name) -> bool:
        entry = self.entry(dataset)
        return entry is not None and entry.indexed

    def bases(self, name: Name) -> list[tuple[Name, bool]]:
        """The tables that hold what is read under a name, and whether that goes through a view."""
        dataset = self.canonical(name)
        entry = self.entry(dataset)
        if entry is None or not entry.view_of:
            return [(name, False)]
        found = {base for told in entry.view_of for base, _ in self.bases((dataset[0], told))}
        return [(base, True) for base in sorted(found)]

    def events(self, run: str) -> list[RunEvent]:
        return [event for event in self.world.run_events if event.run == run]

    @cached_property
    def runs(self) -> dict[str, Run]:
        return {run: self.observed(run) for run in sorted({event.run for event in self.world.run_events})}

    def observed(self, run: str) -> Run:
        events = self.events(run)
        started = [event.time for event in events if event.kind == "START"]
        ended = [(event.time, ENDS[event.kind]) for event in events if event.kind in ENDS]
        job = min(event.job for event in events)
        entry = self.job(job)
        limit = entry.max_duration if entry else DAY
        start = min(started) if started else min(event.time for event in events) - limit
        end, rank = min(ended) if ended else (FOREVER, 0)
        placed = bool(started) and start <= end
        told = (link for event in events for link in (event.parent, event.root) if link)
        return Run(run, job, min(start, end), max(start, end), placed and rank == 1, placed, frozenset(told))

    def outputs(self, run: str) -> dict[Name, list[tuple[Port, RunEvent]]]:
        found: dict[Name, list[tuple[Port, RunEvent]]] = {}
        for event in self.events(run):
            for port in event.outputs:
                found.setdefault(port.dataset, []).append((port, event))
        return found

    def inputs(self, run: str) -> set[Name]:
        """What the events of a run read, and what their `lineage` facets say that they read."""
        told = {port.dataset for event in self.events(run) for port in event.inputs}
        stated = (port.sources or () for event in self.events(run) for port in event.outputs)
        return told.union(*stated)

    def kind(self, run: str, name: Name) -> str:
        told = self.outputs(run)[name]
        tables = {one[1].rsplit(".", 1)[-1] for one in self.same.get(name, {name})}
        statements = [event.sql.split() for event in self.events(run) if event.sql]
        inserts = any(words[:2] == ["INSERT", "INTO"] and words[2].rsplit(".", 1)[-1] in tables for words in statements)
        if any(port.partial for port, _ in told):
            return "unknown"
        if any(port.lifecycle in REPLACED for port, _ in told):
            return "overwrite"
        if inserts:
            return "append"
        entry = self.entry(self.canonical(name))
        return entry.write_mode if entry else "unknown"

    @cached_property
    def reads(self) -> list[Read]:
        found = []
        for run in self.runs.values():
            for name in sorted(self.inputs(run.id)):
                for base, blurred in self.bases(name):
                    names = (self.canonical(base), base, name)
                    found.append(Read(*names, *run.interval, run.certain, run.id, None, blurred))
        for access in self.happened((*READS, *WRITES)):
            certain = access.outcome == "success" and access.operation != "unknown"
            told = {access.dataset} if access.operation in READS else set()
            for name in sorted(told | read_too(access)):
                for base, blurred in self.bases(name):
                    names, span = (self.canonical(base), base, name), (access.start, access.end)
                    for unit in units(access):
                        inside = access.run if unit != access.run else None
                        found.append(Read(*names, *span, certain, unit, access, blurred, inside))
        for moved, port, span in self.renames:
            previous = port.previous or port.dataset
            found.append(Read(self.canonical(previous), previous, previous, *span, False, moved))
        return found

    @cached_property
    def writes(self) -> list[Write]:
        found = []
        for run in self.runs.values():
            for name in sorted(self.outputs(run.id)):
                dataset, kind = self.canonical(name), self.kind(run.id, name)
                found.append(Write(dataset, name, *run.interval, run.certain, run.id, kind))
        for access in self.happened(WRITES):
            certain = access.outcome == "success" and access.operation != "unknown"
            bases = self.bases(access.dataset)
            for base, blurred in bases:
                told, span = (self.canonical(base), base), (access.start, access.end)
                for unit in units(access):
                    inside = access.run if unit != access.run else None
                    sure = certain and len(bases) == 1
                    found.append(Write(*told, *span, sure, unit, "append", access, blurred, inside))
        for event in self.world.dataset_events:
            name, at = event.port.dataset, event.time
            if event.port.lifecycle in ("TRUNCATE", "DROP", "OVERWRITE"):
                found.append(Write(self.canonical(name), name, at, at, False, None, "overwrite"))
        for moved, port, span in self.renames:
            name = port.dataset
            found.append(Write(self.canonical(name), name, *span, False, moved, "unknown"))
        return found

    @property
    def renames(self) -> list[tuple[str, Port, Interval]]:
        """What each is called, what it renames, and when: by a DatasetEvent at its instant, by a run while it ran."""
        found = [
            (f"rename {event!r}", event.port, (event.time, event.time))
            for event in self.world.dataset_events
            if event.port.lifecycle == "RENAME"
        ]
        for run in self.runs.values():
            told = {
                (port.dataset, port.previous): port
                for ports in self.outputs(run.id).values()
                for port, _ in ports
                if port.lifecycle == "RENAME" and port.previous
            }
            found += [(f"rename {run.id} {names}", port, run.interval) for names, port in sorted(told.items())]
        return found

    def happened(self, operations: Iterable[str]) -> list[Access]:
        kept = [one for one in self.world.accesses if one.outcome in ("success", "unknown")]
        return [one for one in kept if one.operation in operations]

    def fields(self, read: Read) -> frozenset[str] | None:
        """The fields that were read; None: all, or it is not known which."""
        access = read.access
        if access is None or read.blurred:
            return None
        if access.fields is not None and read.told == access.dataset:
            return frozenset(field.lower() for field in access.fields)
        told = in_statement(access)
        tables = {one.table for one in told.sources() if stated(access, one.table) == read.told} if told else set()
        found = [told.fields(table) for table in tables] if told else []
        return None if not found or None in found else frozenset(one for some in found for one in some or ())

    def changed(self, write: Write) -> frozenset[str] | None:
        """The fields that an access changed; None: all, or it is not known which."""
        access = write.access
        if access is None or write.blurred:
            return None
        if access.fields is not None:
            return frozenset(field.lower() for field in access.fields)
        told = in_statement(access)
        return told.columns if told else None

    def sources(self, write: Write) -> frozenset[Name] | None:
        """The tables that a `lineage` facet says a run's output came from; None where none says."""
        told = [] if write.access or write.run not in self.runs else self.outputs(write.run)[write.named]
        stated = [port.sources for port, _ in told if port.sources is not None]
        bases = (base for one in stated for name in one for base, _ in self.bases(name))
        return frozenset(map(self.canonical, bases)) if stated else None

    def columns(self, write: Write) -> tuple[ColumnEdge, ...] | None:
        """The column lineage of a run's output; None where there is none."""
        told = [] if write.access or write.run not in self.runs else self.outputs(write.run)[write.named]
        stated = [port.columns for port, _ in told if port.columns is not None]
        return tuple(in_lower_case(edge) for one in stated for edge in one) if stated else None


def in_lower_case(edge: ColumnEdge) -> ColumnEdge:
    """Logs, lineage and catalogs write the names of fields in the case that they like."""
    return replace(edge, output=edge.output and edge.output.lower(), field=edge.field.lower())
