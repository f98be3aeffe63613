"""Opening a store to read: settled first where an ingest or a server was stopped before it came to that."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lineage.cli.progress import Progress
from lineage.cli.streams import say

if TYPE_CHECKING:
    from lineage.store import Store


def open_settled(path: str, writes: Sequence[str] = (), *, quiet: bool = False) -> "Store":
    """A store to read from, whose touches are those of its facts, and that holds what a server had acknowledged; its
    lists can be written to the folders ``writes``. What it says of its progress it does not say where ``quiet``."""
    from lineage.store import inbox_path, is_settled, open_store

    inbox = inbox_path(path)
    if inbox.is_dir() and any(inbox.iterdir()) and Path(path).exists():
        _take_leftovers(path)
    store = open_store(path, read_only=True, writes=writes)
    if is_settled(store):
        return store
    store.close()
    from lineage.touches import settle

    progress = Progress(quiet)
    with open_store(path) as writable, progress.cleared():
        settle(writable, progress.tick)
    return open_store(path, read_only=True, writes=writes)


def _take_leftovers(path: str) -> None:
    """What a server that was killed had acknowledged belongs into every answer. While one runs, opening says so."""
    from lineage.errors import LineageError
    from lineage.names import shown
    from lineage.server.draining import drain_leftovers, has_leftovers
    from lineage.store import inbox_path, open_store

    if has_leftovers(path):
        with open_store(path) as writable:
            found = list(drain_leftovers(writable))
        refused = [one for one in found if isinstance(one, LineageError)]
        for error in refused:
            say(f"set aside in {inbox_path(path)}: {shown(str(error))}")
        stored = len(found) - len(refused)
        say(f"stored what a server had left in {inbox_path(path)}: {stored} inputs")
