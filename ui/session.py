"""The one seam between the pages and the store.

Today: the store named by LINEAGE_STORE, opened once for a process; read-only unless LINEAGE_STORE_WRITABLE is set.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from lineage.errors import LineageError
from lineage.ingest import Taken, ingest
from lineage.store import Checkpoint, Store, checkpoint, is_settled, open_store
from lineage.touches import settle

NO_STORE = "lineage.duckdb"


def store_path() -> str:
    return os.environ.get("LINEAGE_STORE", NO_STORE)


def may_write() -> bool:
    return bool(os.environ.get("LINEAGE_STORE_WRITABLE"))


@st.cache_resource(show_spinner=False)
def _opened(path: str, writable: bool) -> Store:
    store = open_store(path, read_only=not writable)
    if not is_settled(store):
        if not writable:
            store.close()
            raise LineageError(
                f"The store {path} was left in the middle of an ingest.", "Run `lineage status` once: it brings it up."
            )
        settle(store)
    return store


def cursor() -> Store:
    """A cursor of one's own: temporary tables are its own, and it must be closed. Raises LineageError."""
    root = _opened(store_path(), may_write())
    return Store(root.path, root.connection.cursor(), root.read_only)


def now() -> Checkpoint:
    with cursor() as store:
        return checkpoint(store)


def take(files: Sequence[tuple[str, BinaryIO]], tick: Callable[[int, str], None]) -> list[Taken]:
    """Take uploaded files in, as `lineage ingest` would. Raises LineageError where this process may not write."""
    if not may_write():
        raise LineageError("This process may only read the store.", "Start it with `lineage serve`, or use the CLI.")
    with tempfile.TemporaryDirectory() as folder, cursor() as store:
        paths = []
        for name, file in files:
            path = Path(folder) / Path(name).name
            with path.open("wb") as kept:
                while block := file.read(1 << 20):
                    kept.write(block)
            paths.append(str(path))
        return list(ingest(store, paths, tick=tick))
