"""Taking an input in: found by content, staged batch by batch, kept whole or not at all."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lineage.collectors import COLLECTORS
from lineage.collectors.interface import Block, Collector, Rejected
from lineage.errors import LineageError
from lineage.ingest.opening import Given, digest_and_size, open_plain, read_head
from lineage.statements import READER
from lineage.store import (
    LoadFailed,
    Merger,
    Refused,
    Store,
    Tally,
    find_bad,
    find_input,
    keep_input,
    keep_name,
    keep_rejects,
    make_staging,
    next_input,
    quarantine,
    stage,
)

SECOND_CATALOG = """
SELECT d.id FROM staged_document s JOIN document d ON d.kind = s.kind AND d.id = s.id AND d.body <> s.body
WHERE s.kind = 'catalog'
"""


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


class Taker:
    """Takes inputs into one store. ``tick`` is called with (lines so far, input) as work goes on."""

    def __init__(self, store: Store, told: Told, tick: Callable[[int, str], None]) -> None:
        self.store, self.told, self.tick = store, told, tick
        make_staging(store)
        self.merger = Merger(store, READER)

    def take(self, given: Given, keep: bool = True) -> Taken:
        """Take one input in; with ``keep`` false nothing is kept: a rehearsal."""
        collector = choose(given, self.told)
        if collector is None:
            return Taken(given.name, None, Tally(), named=given.named)
        digest, size = digest_and_size(given.file)
        known = find_input(self.store, digest, self.told.options())
        if known is not None:
            return self._again(known, given, keep)
        try:
            return self._take(given, collector, digest, size, keep, {})
        except LoadFailed:
            bad: dict[int, str] = {}
            for piece in self._pieces(given, collector):
                if isinstance(piece, Block):
                    bad |= find_bad(self.store, collector.load, piece.first, piece.text)
            return self._take(given, collector, digest, size, keep, bad)

    def _again(self, input_id: int, given: Given, keep: bool) -> Taken:
        lines, rejected, passed, collector = self.store.one(
            "SELECT lines, rejected, passed, collector FROM input WHERE input_id = $input_id", input_id=input_id
        )
        if keep:
            with self.store.transaction():
                if keep_name(self.store, input_id, given.name, given.path, self.told.source):
                    unsettle(self.store)
        tally = Tally(lines=lines, known=lines - rejected - passed, rejected=rejected, passed=passed)
        return Taken(given.name, collector, tally, before=True, named=given.named)

    def _take(
        self, given: Given, collector: Collector, digest: str, size: int, keep: bool, bad: dict[int, str]
    ) -> Taken:
        store, tally = self.store, Tally()
        refused: list[Refused] = []
        try:
            with store.transaction():
                input_id = next_input(store)
                for piece in self._pieces(given, collector):
                    if isinstance(piece, Rejected):
                        tally.lines += 1
                        refused.append(Refused(piece.position, piece.reason, piece.text))
                        continue
                    lines, more = stage(store, collector.load, piece.first, piece.text, bad)
                    tally.lines += lines
                    refused += more
                    tally.passed += store.one("SELECT count(*) FROM staged_passed")[0]
                    _refuse_second_catalog(store)
                    self.merger.merge(input_id, tally)
                    self.tick(tally.lines, given.name)
                tally.rejected = len(refused)
                keys = [hashlib.sha256(line.text).hexdigest()[:32] for line in refused]
                keep_rejects(
                    store, input_id, [(key, r.position, r.reason) for key, r in zip(keys, refused, strict=True)]
                )
                now = time.time_ns() // 1000
                keep_input(store, input_id, digest, size, collector.name, self.told.options(), now, tally)
                keep_name(store, input_id, given.name, given.path, self.told.source)
                unsettle(store)
                if not keep:
                    raise _Rehearsed
                # Before the commit: an acknowledged reject is never lost, one told twice is known by its digest.
                quarantine(store.path, zip(keys, (line.text for line in refused), strict=True))
        except _Rehearsed:
            pass
        return Taken(given.name, collector.name, tally, named=given.named)

    def _pieces(self, given: Given, collector: Collector) -> Iterator[Block | Rejected]:
        self.store.run("DELETE FROM given")
        self.store.run(
            "INSERT INTO given VALUES ($name, $environment, $taken_at)",
            name=given.name, environment=self.told.environment, taken_at=self.told.taken_at,
        )  # fmt: skip
        head, position = read_head(given.name, given.file), 0
        stream, torn = open_plain(given.file)
        with stream:
            for piece in collector.frame(stream, head):
                position = piece.position if isinstance(piece, Rejected) else piece.first + piece.text.count("\n")
                yield piece
            if why := torn():
                yield Rejected(position + 1, f"The compressed data is torn here ({why}).", b"")


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
