"""Which write a read may or must have seen, and where that leads (semantics.md, section 3)."""

from dataclasses import dataclass

from tests.oracle.model import Name
from tests.oracle.touches import Read, Touches, Write


class Flow:
    """The pairs of one world's writes and reads, and the walks over them."""

    def __init__(self, touches: Touches) -> None:
        self.touches = touches
        self.by_read = {read: self.writers(read) for read in touches.reads}
        pairs = ((write, read) for read, writes in self.by_read.items() for write in writes)
        self.certainly = {pair for pair in pairs if self.must(*pair)}

    def writers(self, read: Read) -> list[Write]:
        """The writes whose content a read may have seen."""
        return [write for write in self.touches.writes if self.may(write, read)]

    def may(self, write: Write, read: Read) -> bool:
        if write.dataset != read.dataset or write.start > read.end:
            return False
        return not any(
            other.kind == "overwrite" and other.certain and other.named == write.named == read.named
            and other != write and (read.run is None or other.owner != read.owner)
            and write.end < other.start and other.end < read.start
            for other in self.touches.writes
        )  # fmt: skip

    def must(self, write: Write, read: Read) -> bool:
        if not (write.certain and read.certain and write.end < read.start and write.named == read.named):
            return False
        return not any(
            other.dataset == write.dataset and other.kind != "append" and other != write
            and other.end >= write.start and other.start <= read.end
            and not (read.access is None and read.run is not None and other.run == read.run)
            for other in self.touches.writes
        )  # fmt: skip

    def reads_of(self, run: str) -> list[Read]:
        return [read for read in self.touches.reads if read.run == run]

    def writes_of(self, run: str) -> list[Write]:
        return [write for write in self.touches.writes if write.run == run]

    def inside(self, read: Read, write: Write) -> bool:
        """Whether a run carries what it read to what it wrote."""
        if read.access or write.access:
            return True
        sources = self.touches.sources(write)
        return sources is None or read.dataset in sources


@dataclass(frozen=True)
class Taint:
    """Where what compromised writes carried may have come to, and where it certainly did."""

    runs: frozenset[str]
    datasets: frozenset[Name]
    certain_runs: frozenset[str]
    certain_datasets: frozenset[Name]


def spread(flow: Flow, seeds: list[tuple[Write, int, bool]]) -> Taint:
    """Forward from compromised writes (write, arrival, certain), to the earliest arrivals."""
    arrival: dict[Write, int] = {}
    for write, at, _ in seeds:
        arrival[write] = min(at, arrival.get(write, at))
    reached: dict[Read, int] = {}
    changed = True
    while changed:
        changed = False
        for read, writes in flow.by_read.items():
            for write in writes:
                own = write.run is not None and write.owner == read.owner
                if read.inside:  # a statement is a run of its own too, which its run's writes may contaminate
                    own = write.run == read.run
                if own or write not in arrival or arrival[write] > read.end:
                    continue
                at = max(read.start, arrival[write])
                if at < reached.get(read, at + 1):
                    reached[read], changed = at, True
        for read, came in list(reached.items()):
            for write in flow.writes_of(read.run) if read.run else ():
                at = max(write.start, came)
                if flow.inside(read, write) and came <= write.end and at < arrival.get(write, at + 1):
                    arrival[write], changed = at, True
    sure = surely(flow, {write for write, _, certain in seeds if certain})
    read_surely = {read for write, read in flow.certainly if write in sure and write.owner != read.owner}
    return Taint(
        frozenset(read.run for read in reached if read.run),
        frozenset(write.dataset for write in arrival),
        frozenset(read.run for read in read_surely if read.run),
        frozenset(write.dataset for write in sure),
    )


def surely(flow: Flow, seeds: set[Write]) -> set[Write]:
    """The writes that certainly carry what certain seed writes carried."""
    sure = set(seeds)
    while True:
        more = set(sure)
        for write, read in flow.certainly:
            if write not in sure or read.run is None or write.owner == read.owner:
                continue
            for later in flow.writes_of(read.run):
                in_order = read.access is later.access or read.end < later.start
                if later.certain and in_order and flow.inside(read, later):
                    more.add(later)
        if more == sure:
            return sure
        sure = more


def departures(flow: Flow, read: Read, end: int) -> dict[Read, int]:
    """Backward from an exposure of `read` up to `end`: the reads whose content it may hold, with the latest
    departure of each."""
    latest: dict[Read, int] = {}
    todo = [(read, end)]
    while todo:
        current, departure = todo.pop()
        if flow.touches.indexed(current.dataset):
            continue
        for write in flow.by_read[current] if current in flow.by_read else flow.writers(current):
            if write.start > departure or write.run is None:
                continue
            left = min(write.end, departure)
            for source in flow.reads_of(write.run):
                if source.start <= left and flow.inside(source, write):
                    at = min(source.end, left)
                    if at > latest.get(source, at - 1):
                        latest[source] = at
                        todo.append((source, at))
    return latest


ALL = "*"
"""Every field of a dataset."""


def carried(flow: Flow, read: Read, end: int, fields: frozenset[str]) -> dict[tuple[Read, str], int]:
    """Like `departures`, field by field: the fields whose content came unmasked into `fields` of the read."""
    latest: dict[tuple[Read, str], int] = {}
    todo = [(read, field, end) for field in fields]
    while todo:
        current, field, departure = todo.pop()
        if flow.touches.indexed(current.dataset):
            continue
        for write in flow.by_read[current] if current in flow.by_read else flow.writers(current):
            if write.start > departure or write.run is None:
                continue
            left = min(write.end, departure)
            for source in flow.reads_of(write.run):
                if source.start > left or not flow.inside(source, write):
                    continue
                at = min(source.end, left)
                for came in from_fields(flow, source, write, field):
                    if at > latest.get((source, came), at - 1):
                        latest[source, came] = at
                        todo.append((source, came, at))
    return latest


def from_fields(flow: Flow, source: Read, write: Write, field: str) -> set[str]:
    """The fields of a source that a run carried unmasked into a field of what it wrote."""
    columns = flow.touches.columns(write)
    if columns is None:
        return {ALL}
    found = set()
    for edge in columns:
        if not edge.masked and (field == ALL or edge.output in (None, field)):
            for base, blurred in flow.touches.bases(edge.dataset):
                if flow.touches.canonical(base) == source.dataset:
                    found.add(ALL if blurred else edge.field)
    return found
