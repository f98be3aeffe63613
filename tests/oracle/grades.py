"""Exposures, alterations and what they are worth for each record entry (semantics.md, section 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tests.oracle.flow import ALL, Flow, carried, departures
from tests.oracle.model import FOREVER, Entry, Name, Value
from tests.oracle.predicate import Row
from tests.oracle.replaying import Content, Contents, replay
from tests.oracle.touches import Read, Touches, Write, stated

ORDER = ("possible", "probable", "confirmed")

Record = tuple[Name, str, str]
"""(dataset, key, data subject)."""


def stronger(one: str, other: str | None) -> str:
    return one if other is None else max(one, other, key=ORDER.index)


@dataclass(frozen=True)
class Held:
    """One record entry, however often it was told: there possibly until `last`, certainly until `sure`."""

    dataset: Name
    key: str
    subject: str
    start: int
    sure: int
    last: int
    attributes: tuple[tuple[str, Value], ...]

    @property
    def record(self) -> Record:
        return (self.dataset, self.key, self.subject)

    def meets(self, start: int, end: int) -> bool:
        return self.start <= end and start < self.last

    def covers(self, start: int, end: int) -> bool:
        return self.start <= start and end < self.sure


@dataclass(frozen=True)
class Exposure:
    """A read (or, for an alteration, a write) while it was compromised, over what the two share."""

    touch: Read | Write
    start: int
    end: int
    certain: bool
    by: str = "principal"
    """What of it was compromised: the principal, the run, or, to outsiders, the dataset."""


def told_once(entries: Iterable[Entry], touches: Touches) -> list[Held]:
    """Each entry with the attributes on which those of its tellings that hold them agree."""
    groups: dict[tuple[Record, int], list[Entry]] = {}
    for entry in entries:
        record = (touches.canonical(entry.dataset), entry.key, entry.subject)
        groups.setdefault((record, entry.valid_from), []).append(entry)
    found = []
    for (record, start), told in groups.items():
        ends = [FOREVER if one.valid_to is None else one.valid_to for one in told]
        values: dict[str, set[Value]] = {}
        for name, value in (held for one in told for held in one.attributes):
            values.setdefault(name, set()).add(value)
        agreed = tuple((name, value) for name, (value, *more) in sorted(values.items()) if not more)
        found.append(Held(*record, start, min(ends), max(ends), agreed))
    return found


class Graded:
    """The grading of one world."""

    def __init__(self, touches: Touches, flow: Flow) -> None:
        self.touches = touches
        self.flow = flow

    @cached_property
    def entries(self) -> list[Held]:
        return told_once(self.touches.world.entries, self.touches)

    def row(self, entry: Held, attributes: Iterable[tuple[str, Value]]) -> Row:
        """The columns of an entry: its attributes, and its key where that is one column."""
        told = self.touches.entry(entry.dataset)
        key = {told.key[0]: entry.key} if told and len(told.key) == 1 else {}
        return key | dict(attributes)

    def content(self, name: Name, start: int, end: int) -> Content:
        """What a table may have held over an interval. A table without entries may have held anything."""
        dataset = self.touches.canonical(name)
        entries = [one for one in self.entries if one.dataset == dataset]
        rows = [(self.row(one, one.attributes), one.covers(start, end)) for one in entries if one.meets(start, end)]
        return Content(tuple(rows), bool(entries) and self.touches.indexed(dataset))

    def scope(
        self, touch: Read | Write, entry: Held, row: Row | None = None, held: Contents | None = None
    ) -> bool | None:
        """True: its key is named or the statement replays TRUE; False: excluded; None: not known.

        `row` is what the entry really was and `held` what the tables of a statement really held, where that is known.
        """
        access = touch.access
        if access is None or touch.blurred:
            return None
        if access.keys is not None:
            return entry.key in access.keys if touch.named == access.dataset else None
        if access.statement is None:
            return None
        names = frozenset((touch.named[1], entry.dataset[1]))

        def told(table: str) -> Content:
            return self.content(stated(access, table), access.start, access.end)

        own = self.row(entry, entry.attributes) if row is None else row
        return replay(access.statement, names, own, held or told)

    def own(self, exposure: Exposure) -> dict[Record, str]:
        """The grades of the dataset's own records."""
        touch = exposure.touch
        found: dict[Record, str] = {}
        for entry in self.entries:
            if entry.dataset != touch.dataset or not entry.meets(exposure.start, exposure.end):
                continue
            scope = self.scope(touch, entry)
            if scope is False:
                continue
            grade = "possible"
            if exposure.certain and entry.covers(exposure.start, exposure.end):
                grade = "confirmed" if scope else "probable"
            found[entry.record] = stronger(grade, found.get(entry.record))
        return found

    def graded(self, exposure: Exposure) -> dict[Record, str]:
        """The grades of all records that an exposure may have shown, its own and those that came by flow."""
        found = self.own(exposure)
        assert isinstance(exposure.touch, Read)
        for source, departure in departures(self.flow, exposure.touch, exposure.end).items():
            for entry in self.entries:
                if entry.dataset == source.dataset and entry.meets(source.start, departure):
                    found[entry.record] = stronger("possible", found.get(entry.record))
        return found

    def categories(self, exposure: Exposure) -> dict[tuple[Record, str], str]:
        """The grade of each (record, data category) that an exposure may have shown, or an alteration changed."""
        read = exposure.touch
        told = self.touches.fields(read) if isinstance(read, Read) else self.touches.changed(read)
        fields = frozenset((ALL,)) if told is None else told
        found: dict[tuple[Record, str], str] = {}
        for record, grade in self.own(exposure).items():
            for category in self.of_fields(record[0], fields):
                found[record, category] = stronger(grade, found.get((record, category)))
        if not isinstance(read, Read):
            return found
        for (source, field), departure in carried(self.flow, read, exposure.end, fields).items():
            for entry in self.entries:
                if entry.dataset == source.dataset and entry.meets(source.start, departure):
                    for category in self.of_fields(entry.dataset, frozenset((field,))):
                        known = found.get((entry.record, category))
                        found[entry.record, category] = stronger("possible", known)
        return found

    def of_fields(self, dataset: Name, fields: frozenset[str]) -> set[str]:
        entry = self.touches.entry(dataset)
        told = entry.fields if entry else ()
        asked = {field.lower() for field in fields}
        return {category for name, terms in told for category in terms if asked & {ALL, name.lower()}}
