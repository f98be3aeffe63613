"""Settled snapshots kept open: who asks while the store is being brought up to date is answered from one of them."""

import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace

from lineage.errors import LineageError
from lineage.store import EngineError, Store, is_settled, stoppable

KEPT = 4  # each answers one question at a time


@dataclass(frozen=True)
class Snapshot:
    """``settled``: up to which record of the journal it knows."""

    store: Store
    settled: int
    opened: ExitStack


class Standing:
    """Those of the last time that the store was settled. Its own lock: they are given back from any thread."""

    def __init__(self, root: Store) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._idle: list[Snapshot] = []
        self._settled: int | None = None

    def renew(self, settled: int) -> None:
        """Open them anew; only while nobody writes. Those that are in use go when they are given back."""
        if settled == self._settled:
            return
        fresh = [open_snapshot(self._root, settled) for _ in range(KEPT)]
        with self._lock:
            old, self._idle, self._settled = self._idle, [one for one in fresh if one is not None], settled
        for one in old:
            one.opened.close()

    def take(self) -> Snapshot | None:
        """One to use until it is closed, which gives it back; None where all are in use, or none was ever settled."""
        with self._lock:
            if not self._idle:
                return None
            kept = self._idle.pop()
        held = ExitStack()
        held.callback(self._give_back, kept)
        held.enter_context(stoppable())
        return replace(kept, opened=held)

    def _give_back(self, snapshot: Snapshot) -> None:
        good = _is_good(snapshot.store)
        with self._lock:
            if good and snapshot.settled == self._settled:
                self._idle.append(snapshot)
                return
        snapshot.opened.close()

    def close(self) -> None:
        with self._lock:
            old, self._idle, self._settled = self._idle, [], None
        for one in old:
            one.opened.close()


def open_snapshot(root: Store, settled: int) -> Snapshot | None:
    """A snapshot of this moment, on a cursor of its own; None where what is derived is not up to date now."""
    opened = ExitStack()
    store = opened.enter_context(root.cursor())
    opened.enter_context(store.snapshot())
    if is_settled(store):
        return Snapshot(store, settled, opened)
    opened.close()
    return None


def _is_good(store: Store) -> bool:
    """Not stopped, and no error has ended its transaction."""
    try:
        return is_settled(store)
    except (LineageError, EngineError):
        return False
