"""Taking inputs in: staged batch by batch, each kept whole or not at all."""

import hashlib
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from lineage.collectors.interface import Block, Rejected
from lineage.errors import LineageError
from lineage.ingest.choosing import TOGETHER, Chosen, Told, groups, why_left
from lineage.ingest.opening import Given, Raw, open_plain, read_head
from lineage.names import format_instant
from lineage.statements import READER
from lineage.store import (
    Batch,
    Input,
    LoadFailed,
    Merger,
    Piece,
    Refused,
    Store,
    Tally,
    digested,
    find_bad,
    find_inputs,
    input_of,
    keep_inputs,
    keep_names,
    keep_rejects,
    knows_size,
    make_staging,
    next_inputs,
    place,
    quarantine,
    stage,
    unsettle,
)
from lineage.touches import Tick, not_told

# Bytes of a batch of a large input, and blocks of at most so many lines; the first is small, so that work begins soon.
# Where lines are long, the engine takes twenty times their size: then a block is enough.
BATCH_BYTES, FIRST_BYTES, BATCH_BLOCKS, LONG = 64 << 20, 12 << 20, 4, 16 << 10
AHEAD = 2  # batches: to append one takes one core, and reading has to go on until it is done
REFUSED_BYTES = 200  # what one refused piece takes beside its text
SECOND_CATALOG = """
SELECT s.id FROM staged_document s
JOIN (SELECT kind, id, body FROM document UNION ALL SELECT kind, id, body FROM staged_document) d
    ON d.kind = s.kind AND d.id = s.id AND d.body <> s.body
WHERE s.kind = 'catalog'
"""


@dataclass(frozen=True)
class Read:
    """What was read of an input: its SHA-256 and its size in bytes, still compressed."""

    digest: str
    size: int


@dataclass(frozen=True)
class Taken:
    """What became of one input. ``collector`` is None where none claims it (``missed``: and the user should know;
    ``torn``: nobody could; ``hint``: what would have it read); ``before``: its content was known."""

    name: str
    collector: str | None
    tally: Tally
    before: bool = False
    missed: bool = False
    torn: bool = False
    hint: str | None = None

    def row(self) -> dict[str, Any]:
        """As the program and the server print it: ``input``, ``collector``, the counts of its lines, ``before``."""
        counts = asdict(self.tally)
        del counts["digest_sum"]
        return {"input": self.name, "collector": self.collector, **counts, "before": self.before}


class Taker:
    """Takes inputs into one store. ``tick`` is told how much of ``whole`` bytes was taken in; with ``keep`` false
    nothing is kept: a rehearsal."""

    def __init__(self, store: Store, told: Told, tick: Tick = not_told, whole: int = 0, *, keep: bool = True) -> None:
        self.store, self.told, self.tick, self.keep = store, told, tick, keep
        self.done, self.whole, self.lines = 0, whole, 0  # bytes and lines of inputs that are done with
        make_staging(store)
        store.run("INSERT INTO given VALUES ($environment, $taken_at)", **vars(told))
        self.merger = Merger(store, READER)

    def take(self, inputs: Iterable[Given]) -> Iterator[Taken]:
        """Take inputs in, in their order; small ones of one format together, since a batch costs more than they do."""
        for group in groups(inputs, self.told):
            for taken in self._take_group(group):
                self.lines += taken.tally.lines
                yield taken
            self.done += sum(_size(one) for one in group)

    def _take_group(self, group: Sequence[Chosen | Given]) -> Iterator[Taken]:
        chosen = [one for one in group if isinstance(one, Chosen)]
        self.store.plan(sum(one.size for one in chosen))
        if len(group) == len(chosen) == 1 and not knows_size(self.store, chosen[0].size):
            yield from self._take_new(chosen)  # new whatever its digest, which is found while it is taken in
            return
        known = self._find(chosen)
        self._name(known, chosen)
        new: dict[str, Chosen] = {}
        for one in chosen:
            if one.digest not in known:
                new.setdefault(one.digest, one)
        taking = self._take_new(list(new.values()))
        first: dict[str, Tally] = {}
        for each in group:
            if isinstance(each, Given):
                torn = each.is_torn()
                missed, hint = torn or each.is_missed(), None if torn else why_left(each)
                yield Taken(each.name, None, Tally(), missed=missed, torn=torn, hint=hint)
            elif new.get(each.digest) is each:
                taken = next(taking)
                first[each.digest] = taken.tally
                yield taken
            elif each.digest in known:
                yield _again(each, known[each.digest])
            elif (there := self._find([each])) or not self.keep:
                self._name(there, [each])
                yield _again(each, first[each.digest])
            else:  # the one with the same content had another when it was read
                yield from self._take_new([each])

    def _find(self, chosen: Sequence[Chosen]) -> dict[str, Input]:
        """Those that are known; all of them are of one collector."""
        if not chosen:
            return {}
        digests = [one.digest for one in chosen]
        return find_inputs(self.store, digests, chosen[0].collector.name, self.told.options())

    def _name(self, known: Mapping[str, Input], chosen: Sequence[Chosen]) -> None:
        """Remember the names under which known contents came."""
        names = [
            (known[one.digest].input_id, one.given.name, one.given.path, self.told.source)
            for one in chosen
            if one.digest in known
        ]
        if names and self.keep:
            with self.store.transaction():
                if keep_names(self.store, names):
                    unsettle(self.store)

    def _take_new(self, inputs: Sequence[Chosen]) -> Iterator[Taken]:
        """All at once or, where one of them cannot be stored, one by one, so that the others can."""
        if len(inputs) > 1:
            taken: list[Taken] = []
            with suppress(LoadFailed, LineageError):  # whichever is at fault raises again when it comes alone
                taken = self._take(inputs, {})
            if taken:
                yield from taken
                return
        for one in inputs:
            try:
                yield from self._take([one], {})
            except LoadFailed:
                bad: dict[int, str] = {}
                for piece in _pieces(one, Raw(one.given.file)):
                    if isinstance(piece, Block):
                        batch = digested(self.store, [(piece.first, piece.text)])
                        bad |= find_bad(self.store, one.collector.load, batch)
                try:
                    yield from self._take([one], bad)
                except LoadFailed as failed:  # no line alone is at fault
                    raise failed.__cause__ or failed from None

    def _take(self, inputs: Sequence[Chosen], bad: dict[int, str]) -> list[Taken]:
        """All of them in one transaction; ``bad`` as ``find_bad`` gives it. Raises LoadFailed on a line that is not in
        it, and LineageError for what may not be stored."""
        store, tallies = self.store, [Tally() for _ in inputs]
        read: list[Read] = []
        try:
            with store.cursor() as beside, store.transaction():
                first = next_inputs(store, len(inputs))
                for batch, size in _ahead(_batches(inputs, beside, read)):
                    counted, refused = stage(store, inputs[0].collector.load, batch, bad)
                    for number, count in counted.items():
                        tallies[number].lines += count.lines
                        tallies[number].known += count.told
                        tallies[number].passed += count.passed
                    _refuse_second_catalog(store)
                    self.merger.merge(first, tallies)
                    self._refuse(first, tallies, refused)
                    lines = self.lines + sum(tally.lines for tally in tallies)
                    self.tick(inputs[-1].given.name, self.done + size, self.whole, lines)
                for tally in tallies:
                    tally.known -= tally.stored
                self._enter(first, inputs, read, tallies)
                if not self.keep:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        return [Taken(one.given.name, one.collector.name, tally) for one, tally in zip(inputs, tallies, strict=True)]

    def _refuse(self, first: int, tallies: Sequence[Tally], refused: Sequence[Refused]) -> None:
        """Count what was refused of a batch and keep it aside, so that no more than that is ever held."""
        for one in refused:
            tallies[input_of(one.place)].lines += 1
            tallies[input_of(one.place)].rejected += 1
        keys = [hashlib.sha256(line.text).hexdigest()[:32] for line in refused]
        keep_rejects(self.store, first, [(key, r.place, r.reason) for key, r in zip(keys, refused, strict=True)])
        if self.keep:
            # Before the commit: an acknowledged reject is never lost, one told twice is known by its digest.
            quarantine(self.store.path, zip(keys, (line.text for line in refused), strict=True))

    def _enter(
        self, first: int, inputs: Sequence[Chosen], read: Sequence[Read], tallies: Sequence[Tally],
    ) -> None:  # fmt: skip
        """Enter inputs into the ledger, numbered from ``first`` on."""
        store, now = self.store, time.time_ns() // 1000
        keep_inputs(store, [
            Input(first + number, content.digest, content.size, one.collector.name, self.told.options(), now,
                  **asdict(tally) | {"digest_sum": str(tally.digest_sum)})
            for number, (one, content, tally) in enumerate(zip(inputs, read, tallies, strict=True))
        ])  # fmt: skip
        keep_names(store, [
            (first + number, one.given.name, one.given.path, self.told.source) for number, one in enumerate(inputs)
        ])  # fmt: skip
        unsettle(store)


def _size(one: Chosen | Given) -> int:
    if isinstance(one, Chosen):
        return one.size
    with suppress(OSError):  # nobody reads it, so it may be gone
        return one.file.stat().st_size
    return 0


def _again(one: Chosen, before: Input | Tally) -> Taken:
    found = before.lines - before.rejected - before.passed
    tally = Tally(lines=before.lines, known=found, rejected=before.rejected, passed=before.passed)
    return Taken(one.given.name, one.collector.name, tally, before=True)


def _batches(inputs: Sequence[Chosen], store: Store, read: list[Read]) -> Iterator[tuple[Batch, int]]:
    """The lines of the inputs, some at a time, and how many bytes were read until then; what was read of each goes to
    ``read``."""
    batch: list[Piece] = []
    refused: list[Refused] = []  # what no collector need see
    size, lines, enough = 0, 0, FIRST_BYTES
    for number, one in enumerate(inputs):
        raw = Raw(one.given.file)
        for piece in _pieces(one, raw):
            size += len(piece.text)
            if isinstance(piece, Rejected):
                refused.append(Refused(place(number, piece.position), piece.reason, piece.text))
                size += REFUSED_BYTES
            else:
                batch.append((place(number, piece.first), piece.text))
                lines += piece.lines
            if size >= enough or (size > TOGETHER and (len(batch) >= BATCH_BLOCKS or size > LONG * lines)):
                yield digested(store, batch, refused), sum(one.size for one in read) + raw.size
                batch, refused, size, lines, enough = [], [], 0, 0, min(2 * enough, BATCH_BYTES)
        read.append(Read(raw.digest(), raw.size))
    if batch or refused:
        yield digested(store, batch, refused), sum(one.size for one in read)


def _ahead(batches: Iterator[tuple[Batch, int]]) -> Iterator[tuple[Batch, int]]:
    """The same, AHEAD of them being read and digested while the engine works on the last."""
    with ThreadPoolExecutor(1) as reader:
        coming = deque(reader.submit(next, batches, None) for _ in range(AHEAD))
        try:
            while (batch := coming.popleft().result()) is not None:
                coming.append(reader.submit(next, batches, None))
                yield batch
        finally:
            reader.shutdown(wait=False, cancel_futures=True)  # what is not begun need not be waited for


def _pieces(chosen: Chosen, raw: Raw) -> Iterator[Block | Rejected]:
    given = chosen.given
    head = read_head(given.name, given.file)
    stream, torn = open_plain(given.file, raw)
    last: Block | Rejected | None = None
    with stream:
        for last in chosen.collector.frame(stream, head):
            yield last
        if why := torn():
            position = last.first + last.lines - 1 if isinstance(last, Block) else last.position if last else 0
            yield Rejected(position + 1, f"The compressed data is torn here ({why}).", b"")
        raw.finish()


class _Rehearsed(Exception):
    """Leaves a rehearsal's transaction without keeping it."""


def _refuse_second_catalog(store: Store) -> None:
    clash = store.rows(SECOND_CATALOG)
    if clash:
        at = format_instant(int(clash[0][0]))
        raise LineageError(
            f"Another catalog with the same as_of ({at}) is in the store, and its content differs.",
            "Give the newer one a later as_of.",
        )
