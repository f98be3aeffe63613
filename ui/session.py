"""The one seam between the pages and the store, and who looks at them.

Inside `lineage serve` its service gives snapshots and takes uploads, and its login says who may what. Without it (a
script run on its own) the store named by LINEAGE_STORE is opened once for the process, to be read only unless
LINEAGE_STORE_WRITABLE is set. Either way what is asked is recorded.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import streamlit as st

from lineage.answers import Answer
from lineage.asked import Asker, ask, pass_on
from lineage.errors import LineageError
from lineage.ingest import Taken, Tick, Told, ingest
from lineage.questions.interface import Question, Values
from lineage.server import login
from lineage.server.service import Service, current
from lineage.store import Checkpoint, Store, checkpoint, is_settled, open_store
from lineage.touches import settle

NO_STORE = "lineage.duckdb"
GLANCE = 1.0  # seconds that a page waits for what was just sent; a question waits longer
TAKING = 600.0  # seconds that a page waits for an upload to be stored
BLOCK = 1 << 20


@dataclass(frozen=True)
class Reading:
    """A snapshot of one's own, for one thread at a time; temporary tables are its own. It must be closed."""

    store: Store
    close: Callable[[], None]
    ask: Callable[[Question, Values], Answer]
    behind: int = 0  # acknowledged records that it does not hold yet

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Stop what it is working on, from another thread."""
        self.store.stop()


def store_path() -> str:
    service = _service()
    return service.path if service else os.environ.get("LINEAGE_STORE", NO_STORE)


def reading(*, patience: float | None = None, who: str = "") -> Reading:
    """A snapshot to read from. Raises LineageError where there is none to be had."""
    service = _service()
    if service is None:
        root = _opened(store_path(), bool(os.environ.get("LINEAGE_STORE_WRITABLE")))
        store = Store(root.path, root.connection.cursor(), root.read_only)
        return Reading(store, store.close, lambda question, values: ask(store, question, values, _asker(who)))
    view = service.view() if patience is None else service.view(patience)
    return Reading(
        view.store, view.close, lambda question, values: service.ask(view, question, values, _asker(who)), view.behind
    )


def record(answer: Answer, who: str) -> None:
    """An answer at hand is shown to somebody who did not ask for it yet: it is recorded as if it were asked."""
    pass_on(store_path(), answer, _asker(who))


def _asker(who: str) -> Asker:
    return Asker(who or "somebody here", "ui")


def now() -> Checkpoint:
    with reading(patience=GLANCE) as store:
        return checkpoint(store)


def moment() -> tuple[object, ...]:
    """What differs as soon as an answer may."""
    with reading(patience=GLANCE) as store:
        return store.moment()


def who() -> str:
    """Who looks at the page, as the record of questions names them; '' where there is no login."""
    return login.name_of(st.user.to_dict()) if _signing_in() else ""


def role() -> str:
    """viewer (counts alone), investigator or admin; '' for nobody. Without a login whoever is here is admin."""
    return (login.role_of(st.user.to_dict()) or "") if _signing_in() else "admin"


def has_expired() -> bool:
    """Whether who looks at the page signed in too long ago."""
    return _signing_in() and bool(who()) and login.has_expired(st.user.to_dict())


def _signing_in() -> bool:
    service = _service()
    return service.signing_in if service else login.is_configured()


def may_write() -> bool:
    return role() == "admin" and (_service() is not None or bool(os.environ.get("LINEAGE_STORE_WRITABLE")))


def how_to_ingest() -> str:
    """The command that takes files in here: while it serves, the program reaches the store through the server alone."""
    url = urlsplit(st.context.url or "")
    return "lineage ingest PATH" + (f" --server {url.scheme}://{url.netloc}" if _service() and url.netloc else "")


def take(files: Sequence[tuple[str, BinaryIO]], tick: Tick) -> tuple[list[Taken], list[LineageError]]:
    """Take uploaded files in, as `lineage ingest` would: what became of them, and why others were not taken in. Raises
    LineageError where this process may not write."""
    if not may_write():
        raise LineageError("This process may only read the store.", "Start it with `lineage serve`, or use the CLI.")
    service = _service()
    if service is None:
        return _ingest(files, tick), []
    taken: list[Taken] = []
    refused: list[LineageError] = []
    for name, file in files:
        tick(name, 0, 0)
        try:
            outcome = service.outcome(service.put(name, Told(), _blocks(file)), TAKING)
        except LineageError as error:  # the others are as good as without it
            refused.append(LineageError(f"{name}: {error.sentence}", error.hint))
            continue
        if outcome is None:
            waits = f"{name} is kept, and waits to be stored."
            refused.append(LineageError(waits, "Look at this page again in a while."))
        else:
            taken += outcome
    with suppress(LineageError):  # else the next page shows it a little later
        service.view().close()
    return taken, refused


def _ingest(files: Sequence[tuple[str, BinaryIO]], tick: Tick) -> list[Taken]:
    with tempfile.TemporaryDirectory() as folder, reading() as store:
        paths = []
        for name, file in files:
            path = Path(folder) / Path(name).name
            with path.open("wb") as kept:
                kept.writelines(_blocks(file))
            paths.append(str(path))
        return list(ingest(store, paths, tick=tick))


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _service() -> Service | None:
    try:
        return current()
    except LineageError:
        return None


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
