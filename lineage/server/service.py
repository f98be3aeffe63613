"""The service: owns the store, drains the journal into it, and gives out snapshots to whoever asks.

One thread writes to the store. Whoever asks gets a cursor of its own on a snapshot whose touches are those of its
facts; before that, what was acknowledged so far is drained, within the asker's patience. Where the store takes longer
to be brought up to date, the answer is that of the last settled snapshot, and says how far behind it is.
"""

import logging
import tempfile
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from lineage.answers import Answer
from lineage.asked import Asker, ask
from lineage.errors import LineageError
from lineage.ingest import Taken, Told
from lineage.questions.interface import Question, Values
from lineage.server.draining import drain
from lineage.server.journal import Journal, Record, Segment
from lineage.server.refusals import Busy
from lineage.server.standing import Standing, open_snapshot
from lineage.store import Stopped, Store, inbox_path, is_settled, open_store, trouble
from lineage.touches import settle

PAUSE = 2.0  # seconds between two drains while nobody waits, and at least twice what the last one took
SETTLE_AT_LEAST = 30.0  # seconds: under steady load touches are brought up to date this often
RETRY = 5.0  # seconds before a segment that failed is tried again
PATIENCE = 30.0  # seconds that an asker waits for what was acknowledged before
GRACE = 2.0  # seconds more for what is nearly up to date, before an older snapshot answers
OUTCOMES = 10_000  # of the last uploads, what became of them is remembered
LOG = logging.getLogger("lineage.server")


@dataclass
class View:
    """A settled snapshot to ask, one question after the other, from one thread at a time.

    ``behind``: how many acknowledged records it does not hold yet. ``store.stop`` stops it from another thread.
    """

    store: Store
    behind: int
    opened: ExitStack

    def close(self) -> None:
        self.opened.close()

    def __enter__(self) -> "View":
        return self

    def __exit__(self, *problem: Any) -> bool | None:
        return self.opened.__exit__(*problem)


class Service:
    """Made once for a process. ``backlog``: bytes that may wait in the journal before clients are told to wait.

    ``signing_in``: its pages have a login. It is said once: a file of secrets that is being edited opens nothing.
    """

    def __init__(self, store_path: str, *, backlog: int = 1 << 30, signing_in: bool = False) -> None:
        self.path = store_path
        self.signing_in = signing_in
        self.backlog = backlog
        self.started = time.time()
        self.counts: Counter[str] = Counter()  # see lineage.server.counting
        self.requests: Counter[tuple[str, int]] = Counter()  # by route and status
        self._root = open_store(store_path, writes=[tempfile.gettempdir()])  # where answers are made
        self.journal = Journal(inbox_path(store_path))
        self._writer = self._root.cursor()
        self._standing = Standing(self._root)
        self._changed = threading.Condition()
        self._hurry = 0  # how many wait for a drain
        self._wanted: list[int] = []  # up to which record each that waits for a snapshot wants it
        self._settled = 0  # records that are in the store with their touches
        self._drained = 0
        self._outcomes: OrderedDict[int, list[Taken] | LineageError] = OrderedDict()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="lineage-drain", daemon=True)
        self._last_settled = 0.0

    def start(self) -> "Service":
        """Begin; what a former process left is drained in the thread, while clients are served."""
        global _current
        if is_settled(self._root):
            self._standing.renew(self._settled)
        self._thread.start()
        _current = self
        return self

    def close(self) -> None:
        """Drain what was acknowledged, then let go of the store."""
        global _current
        if _current is self:
            _current = None
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()
        self._standing.close()
        self._writer.close()
        self._root.close()

    # Taking in

    def refuse_when_full(self, more: int = 0) -> None:
        """Raises Busy when so much waits that the store must catch up first."""
        if self.journal.waiting + more > self.backlog:
            self.counts["refused_full"] += 1
            self.nudge()
            raise Busy("The store is behind what was sent.", "Send it again in a few seconds.")

    def write(self, records: list[Record]) -> int:
        """Durable when it returns; see ``Journal.write``."""
        try:
            return self.journal.write(records)
        except OSError as error:
            raise no_room(error) from None

    def put(self, name: str, told: Told, pieces: Iterable[bytes]) -> int:
        """Keep an upload durably; returns the number to ask ``outcome`` with."""
        self.refuse_when_full()
        try:
            number = self.journal.put(name, told, pieces)
        except OSError as error:
            raise no_room(error) from None
        self.counts["uploads_received"] += 1
        return number

    def outcome(self, number: int, patience: float) -> list[Taken] | None:
        """What became of an upload; None while it waits. Raises LineageError where ingest refused it."""
        until = time.monotonic() + patience
        with self._hurried(), self._changed:
            while number not in self._outcomes and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            found = self._outcomes.get(number)
        if isinstance(found, LineageError):
            raise found
        return found

    def knows(self, number: int) -> bool:
        """Whether an upload is in the journal, or what became of it is remembered."""
        return number in self._outcomes or self.journal.holds(number)

    def nudge(self) -> None:
        """Drain soon."""
        with self._changed:
            self._changed.notify_all()

    # Asking

    def view(self, patience: float = PATIENCE) -> View:
        """A settled snapshot that holds everything acknowledged so far, or says how far behind it is; to be closed.

        Raises Busy when no settled one is to be had within twice the patience.
        """
        wanted = self.journal.acknowledged
        began = time.monotonic()
        with self._hurried():
            return self._snapshot(wanted, began + patience, began + 2 * patience + GRACE + 1)

    def ask(self, view: View, question: Question, values: Values, asker: Asker) -> Answer:
        """The answer, recorded; where the snapshot is behind, a caveat says so, and so does a refusal: what is named
        may be in what is not stored yet."""
        try:
            answer = ask(view.store, question, values, asker)
        except LineageError as error:
            if not view.behind or isinstance(error, Stopped):
                raise
            more = f"{view.behind} acknowledged records are not stored yet, and may tell of it: ask again."
            hint = f"{error.hint} {more}".strip()
            raise LineageError(error.sentence, hint, given=error.given, near=error.near) from None
        self.counts["asked"] += 1
        return behindhand(answer, view.behind)

    @property
    def alive(self) -> bool:
        """Whether what is acknowledged still gets into the store."""
        return self._thread.is_alive()

    @property
    def behind(self) -> int:
        """Acknowledged records that answers do not know yet."""
        return self.journal.acknowledged - self._settled

    def _snapshot(self, wanted: int, until: float, end: float) -> View:
        with self._changed:
            self._wanted.append(wanted)
            try:
                while True:
                    now = time.monotonic()
                    if self._settled >= wanted or now >= until:
                        found = open_snapshot(self._root, self._settled)
                        if found is None and now >= until + GRACE:
                            found = self._standing.take()
                        if found is not None:
                            return View(found.store, max(0, wanted - found.settled), found.opened)
                    if now >= end:
                        raise Busy("The store is being brought up to date.", "Ask again in a few seconds.")
                    self._changed.wait(min(1.0, max(0.01, (until if now < until else end) - now)))
            finally:
                self._wanted.remove(wanted)
                self._changed.notify_all()

    @contextmanager
    def _hurried(self) -> Iterator[None]:
        with self._changed:
            self._hurry += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._hurry -= 1

    # The one thread that writes

    def _run(self) -> None:
        failing = 0.0 if self._cycle() else time.monotonic() + RETRY
        took = 0.0
        while True:
            with self._changed:
                due = time.monotonic() + max(PAUSE, 2 * took)
                while not self._in_haste() and time.monotonic() < due:
                    self._changed.wait(due - time.monotonic())
                last = self._stopping
            began = time.monotonic()
            if began >= failing or last:
                failing = 0.0 if self._cycle() else time.monotonic() + RETRY
                took = time.monotonic() - began
            elif self._hurry:
                time.sleep(0.2)  # do not spin on what cannot be stored now
            self._let_in()
            if last:
                return

    def _in_haste(self) -> bool:
        waited_for = self._hurry and self.behind
        return bool(self._stopping or waited_for or self.journal.waiting > self.backlog // 2)

    def _cycle(self) -> bool:
        """Drain what is in the journal; whether all of it went well."""
        segments = self.journal.seal()
        stored = [self._drain(segment) for segment in segments]  # each of them, whatever became of the others
        good = all(stored)
        if good:
            self._drained = max((segment.last for segment in segments), default=self._drained)
        try:
            with self._changed:
                due = self.journal.waiting == 0 or bool(self._wanted) or self._stopping
            if due or time.monotonic() - self._last_settled > SETTLE_AT_LEAST:
                settle(self._writer)
                self._last_settled = time.monotonic()
                with self._changed:
                    self._settled = self._drained
                    self._standing.renew(self._settled)
                    self._changed.notify_all()
        except Exception as error:  # the disk, the engine: the facts are stored, and the one thread must go on
            _log("The touches cannot be brought up to date", error)
            good = False
        return good

    def _drain(self, segment: Segment) -> bool:
        outcome: list[Taken] | LineageError
        try:
            outcome = drain(self._writer, segment)
        except LineageError as error:
            LOG.warning("%s is set aside: %s", segment.path.name, error)
            self.counts["set_aside"] += 1
            outcome = error
        except Exception as error:  # the disk, the engine: nothing is lost, the segment stays
            _log(f"{segment.path.name} cannot be stored now", error)
            self.counts["drain_failures"] += 1
            return False
        else:
            for taken in outcome:
                self.counts["events_stored"] += taken.tally.stored
                self.counts["events_known"] += taken.tally.known
                self.counts["lines_rejected"] += taken.tally.rejected
        with self._changed:
            self._outcomes[segment.number] = outcome
            while len(self._outcomes) > OUTCOMES:
                self._outcomes.popitem(last=False)
            self._changed.notify_all()
        try:
            self.journal.set_aside(segment) if isinstance(outcome, LineageError) else self.journal.done(segment)
        except OSError as error:  # it stays, and is known when it comes again
            _log(f"{segment.path.name} cannot be put away now", error)
            return False
        return True

    def _let_in(self) -> None:
        """Before the next drain makes the store unsettled again, whoever waits takes a snapshot."""
        until = time.monotonic() + 1
        with self._changed:
            while any(wanted <= self._settled for wanted in self._wanted) and (left := until - time.monotonic()) > 0:
                self._changed.notify_all()
                self._changed.wait(min(left, 0.05))


_current: Service | None = None


def current() -> Service:
    """The service of this process; the pages of the UI reach it so. Raises LineageError where none was started."""
    if _current is None:
        raise LineageError("No server runs in this process.", "Start it with `lineage serve`.")
    return _current


def behindhand(answer: Answer, behind: int) -> Answer:
    """The answer with a caveat where acknowledged events are not in it yet."""
    if not behind:
        return answer
    caveat: dict[str, Any] = {
        "kind": "not-yet-stored",
        "count": behind,
        "hint": "events that the server acknowledged and has not stored yet; ask again for an answer with them",
    }
    return replace(answer, sections={**answer.sections, "caveats": [*answer.sections["caveats"], caveat]})


def _log(what: str, error: Exception) -> None:
    """Something failed and is tried again: in a line where it is the disk's fault, else with how it came to that."""
    mendable = trouble(error)
    LOG.error("%s, and is tried again: %s", what, mendable or "", exc_info=error if mendable is None else None)


def no_room(error: OSError) -> Busy:
    LOG.error("The journal cannot be written: %s", error)
    return Busy(f"The event cannot be kept: {error.strerror}.", "Send it again later; the server's disk needs a look.")
