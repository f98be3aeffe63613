"""Opening a store to read: settled first where an ingest was stopped before it came to that."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineage.store import Store


def open_settled(path: str) -> "Store":
    """A store to read from, whose touches are those of its facts."""
    from lineage.store import is_settled, open_store

    store = open_store(path, read_only=True)
    if is_settled(store):
        return store
    store.close()
    from lineage.touches import settle

    with open_store(path) as writable:
        settle(writable)
    return open_store(path, read_only=True)
