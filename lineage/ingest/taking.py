"""Taking an input in: found by content, staged batch by batch, kept whole or not at all."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from lineage.collectors import COLLECTORS
from lineage.collectors.interface import Block, Collector, Rejected
from lineage.errors import LineageError
from lineage.ingest.opening import Given, digest_and_size, open_plain, read_head
from lineage.statements import READER
from lineage.store import (
    Input,
    LoadFailed,
    Merger,
    Piece,
    Refused,
    Store,
    Tally,
    find_bad,
    find_input,
    input_of,
    keep_inputs,
    keep_names,
    keep_rejects,
    make_staging,
    next_inputs,
    place,
    quarantine,
    stage,
)

SECOND_CATALOG = """
SELECT s.id FROM staged_document s
JOIN (SELECT kind, id, body FROM document UNION ALL SELECT kind, id, body FROM staged_document) d
    ON d.kind = s.kind AND d.id = s.id AND d.body <> s.body
WHERE s.kind = 'catalog'
"""
TOGETHER, INPUTS_TOGETHER = 4_000_000, 1000  # bytes and inputs of one batch, where they are small


@dataclass(frozen=True)
class Told:
    """What the user says beside the content."""

    collector: str | None = None
    source: str | None = None
    environment: str | None = None
    taken_at: str | None = None

    def options(self) -> str:
        """What of it makes other facts of the same content, as JSON."""
        told = {"environment": self.environment, "taken_at": self.taken_at}
        return json.dumps({key: value for key, value in told.items() if value is not None}, sort_keys=True)


@dataclass(frozen=True)
class Taken:
    """What became of one input. ``collector`` is None where none claims it; ``before``: its content was known."""

    name: str
    collector: str | None
    tally: Tally
    before: bool = False
    named: bool = False


def choose(given: Given, told: Told) -> Collector | None:
    """The collector for an input: the one told, else the first that claims its content."""
    if told.collector is not None:
        named = [collector for collector in COLLECTORS if collector.name == told.collector]
        if not named:
            known = ", ".join(collector.name for collector in COLLECTORS)
            raise LineageError(f"There is no collector {told.collector}.", f"Choose one of {known}.")
        return named[0]
    head = read_head(given.name, given.file)
    return next((collector for collector in COLLECTORS if collector.claims(head)), None)


@dataclass(frozen=True)
class Chosen:
    """A new input, and who reads it. ``digest`` is the SHA-256 of its bytes, ``size`` counts them."""

    given: Given
    collector: Collector
    digest: str
    size: int


class Taker:
    """Takes inputs into one store. ``tick`` is called with (lines so far, input) as work goes on; with ``keep``
    false nothing is kept: a rehearsal."""

    def __init__(self, store: Store, told: Told, tick: Callable[[int, str], None], keep: bool = True) -> None:
        self.store, self.told, self.tick, self.keep = store, told, tick, keep
        make_staging(store)
        store.run("INSERT INTO given VALUES ($environment, $taken_at)", **vars(told))
        self.merger = Merger(store, READER)

    def take(self, inputs: Iterable[Given]) -> Iterator[Taken]:
        """Take inputs in, in their order; small ones of one format together, since a batch costs more than they do."""
        waiting: list[Chosen] = []
        try:
            for given in inputs:
                collector = choose(given, self.told)
                if collector is None:
                    yield from self._take_waiting(waiting)
                    yield Taken(given.name, None, Tally(), named=given.named)
                    continue
                one = Chosen(given, collector, *digest_and_size(given.file))
                if waiting and not _fits(one, waiting):
                    yield from self._take_waiting(waiting)
                known = find_input(self.store, one.digest, self.told.options())
                if known is None:
                    waiting.append(one)
                else:
                    yield from self._take_waiting(waiting)
                    yield self._again(known, given)
        except LineageError:
            yield from self._take_waiting(waiting)
            raise
        yield from self._take_waiting(waiting)

    def _take_waiting(self, waiting: list[Chosen]) -> Iterator[Taken]:
        """All at once or, where one of them cannot be stored, one by one, so that the others can."""
        inputs = tuple(waiting)
        waiting.clear()
        if len(inputs) > 1:
            taken: list[Taken] = []
            with suppress(LoadFailed, LineageError):
                taken = self._take(inputs, {})
            if taken:
                yield from taken
                return
        for one in inputs:
            try:
                yield from self._take([one], {})
            except LoadFailed:
                bad: dict[int, str] = {}
                for piece in self._pieces(one):
                    if isinstance(piece, Block):
                        bad |= find_bad(self.store, one.collector.load, [(piece.first, piece.text)])
                yield from self._take([one], bad)

    def _again(self, input_id: int, given: Given) -> Taken:
        lines, rejected, passed, collector = self.store.one(
            "SELECT lines, rejected, passed, collector FROM input WHERE input_id = $input_id", input_id=input_id
        )
        if self.keep:
            with self.store.transaction():
                if keep_names(self.store, [(input_id, given.name, given.path, self.told.source)]):
                    unsettle(self.store)
        tally = Tally(lines=lines, known=lines - rejected - passed, rejected=rejected, passed=passed)
        return Taken(given.name, collector, tally, before=True, named=given.named)

    def _take(self, inputs: Sequence[Chosen], bad: dict[int, str]) -> list[Taken]:
        store, tallies = self.store, [Tally() for _ in inputs]
        refused: list[Refused] = []
        try:
            with store.transaction():
                first = next_inputs(store, len(inputs))
                for batch in self._batches(inputs, tallies, refused):
                    counted, more = stage(store, inputs[0].collector.load, batch, bad)
                    refused += more
                    for number, count in counted.items():
                        tallies[number].lines += count.lines
                        tallies[number].known += count.told
                        tallies[number].passed += count.passed
                    _refuse_second_catalog(store)
                    self.merger.merge(first, tallies)
                    self.tick(sum(tally.lines for tally in tallies), inputs[-1].given.name)
                for one in refused:
                    tallies[input_of(one.place)].lines += 1
                    tallies[input_of(one.place)].rejected += 1
                for tally in tallies:
                    tally.known -= tally.stored
                keys = [hashlib.sha256(line.text).hexdigest()[:32] for line in refused]
                keep_rejects(store, first, [(key, r.place, r.reason) for key, r in zip(keys, refused, strict=True)])
                now = time.time_ns() // 1000
                told = [
                    Input(first + number, one.digest, one.size, one.collector.name, self.told.options(), now,
                          **asdict(tally))
                    for number, (one, tally) in enumerate(zip(inputs, tallies, strict=True))
                ]  # fmt: skip
                keep_inputs(store, told)
                keep_names(store, [
                    (first + number, one.given.name, one.given.path, self.told.source)
                    for number, one in enumerate(inputs)
                ])  # fmt: skip
                unsettle(store)
                if not self.keep:
                    raise _Rehearsed
                # Before the commit: an acknowledged reject is never lost, one told twice is known by its digest.
                quarantine(store.path, zip(keys, (line.text for line in refused), strict=True))
        except _Rehearsed:
            pass
        return [
            Taken(one.given.name, one.collector.name, tally, named=one.given.named)
            for one, tally in zip(inputs, tallies, strict=True)
        ]

    def _batches(
        self, inputs: Sequence[Chosen], tallies: Sequence[Tally], refused: list[Refused]
    ) -> Iterator[list[Piece]]:
        """The lines of the inputs, some at a time; what no collector need see goes to ``refused`` at once."""
        batch: list[Piece] = []
        size = 0
        for number, one in enumerate(inputs):
            for piece in self._pieces(one):
                if isinstance(piece, Rejected):
                    refused.append(Refused(place(number, piece.position), piece.reason, piece.text))
                    continue
                batch.append((place(number, piece.first), piece.text))
                size += len(piece.text)
                if size > TOGETHER:
                    yield batch
                    batch, size = [], 0
        if batch:
            yield batch

    def _pieces(self, chosen: Chosen) -> Iterator[Block | Rejected]:
        given = chosen.given
        head, position = read_head(given.name, given.file), 0
        stream, torn = open_plain(given.file)
        with stream:
            for piece in chosen.collector.frame(stream, head):
                position = piece.position if isinstance(piece, Rejected) else piece.first + piece.text.count("\n")
                yield piece
            if why := torn():
                yield Rejected(position + 1, f"The compressed data is torn here ({why}).", b"")


def _fits(one: Chosen, waiting: Sequence[Chosen]) -> bool:
    """Whether an input can be taken in together with those that wait: same format, other content, few bytes."""
    return (
        one.collector is waiting[0].collector
        and len(waiting) < INPUTS_TOGETHER
        and one.size + sum(other.size for other in waiting) <= TOGETHER
        and one.digest not in {other.digest for other in waiting}
    )


class _Rehearsed(Exception):
    """Leaves a rehearsal's transaction without keeping it."""


def unsettle(store: Store) -> None:
    """Say that what is derived from the facts is behind them."""
    store.run("DELETE FROM meta WHERE key = 'settled'")


def _refuse_second_catalog(store: Store) -> None:
    clash = store.rows(SECOND_CATALOG)
    if clash:
        raise LineageError(
            f"Another catalog with the same as_of ({clash[0][0]}) is in the store, and its content differs.",
            "Give the newer one a later as_of.",
        )
