"""Answers, held while people look at them: each on a cursor of its own, asked with progress and a way to stop."""

import io
import logging
import tempfile
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import count, islice
from pathlib import Path
from typing import Any, ParamSpec

import streamlit as st

from lineage.answers import Answer, Json, Rows
from lineage.errors import LineageError
from lineage.exports import tables
from lineage.questions import find_question
from lineage.questions.interface import Question, Values
from lineage.server.asking import read_values
from lineage.store import Stopped
from ui import drawing, link, session

LOG = logging.getLogger("lineage.ui")
HELD = 24  # answers, the least recently used go first
IDLE = 900.0  # seconds after which an answer that nobody looks at goes, since it holds its snapshot
LISTED = 20_000  # rows of a list that pass through Python; what is longer is asked with ``over``
_NUMBERS = count()
PATIENCE = 0.4  # seconds before a page says that it is working
Key = tuple[Any, ...]
_Words = ParamSpec("_Words")


class Held:
    """An answer and the cursor that its lists are read from."""

    def __init__(self, reading: session.Reading, question: Question, values: Values, *, recorded: bool) -> None:
        self.reading, self.question, self.values = reading, question, values
        self.used = time.monotonic()
        self.key: Key | None = None  # where the shelf has it
        self.lock = threading.RLock()
        self.seconds = 0.0
        self._lists: dict[str, list[dict[str, Json]]] = {}
        self._made: dict[str, Any] = {}
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="lineage-") as folder:
            plain = {
                key: [list(item) if isinstance(item, tuple) else item for item in found]
                for key, found in values.items()
            }
            told = read_values(question, plain, reading.store, Path(folder))  # no path of the server's is opened
            self.answer: Answer = reading.ask(question, told) if recorded else question.ask(reading.store, told)
        self.seconds = time.perf_counter() - began
        LOG.info("answered %s in %.3f s", question.name, self.seconds)

    @property
    def summary(self) -> dict[str, Any]:
        told: Any = self.answer.sections.get("summary", {})
        return dict(told)

    def rows(self, section: str) -> list[dict[str, Json]]:
        """A list of the answer, at most LISTED rows of it."""
        with self.lock:
            if section not in self._lists:
                found = self.answer.sections.get(section, [])
                self._lists[section] = list(islice(iter(found), LISTED)) if isinstance(found, Rows | list) else []
            return self._lists[section]

    def every(self, section: str) -> Iterator[dict[str, Json]]:
        """All rows of a list, for what holds all of it; nobody else asks this answer meanwhile."""
        with self.lock:
            yield from self.answer.sections[section]

    def over(self, section: str, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """What ``sql`` makes of a list that the engine makes; it is called ``listed`` there, and instants are in µs."""
        found = self.answer.sections[section]
        if not isinstance(found, Rows) or found.table is None:
            raise TypeError(f"the engine makes no table of {section}")
        with self.lock:
            return found.table().over(sql, **parameters)

    def lists(self) -> list[str]:
        return [name for name, section in self.answer.sections.items() if isinstance(section, Rows | list)]

    def made(self, name: str, make: Callable[[], Any]) -> Any:
        """What is made of the answer once, such as its graph."""
        with self.lock:
            if name not in self._made:
                self._made[name] = make()
            return self._made[name]

    def written(self) -> bytes:
        """The whole answer as JSON, every list complete."""
        with self.lock:
            stream = io.StringIO()
            self.answer.write_json(stream)
            return stream.getvalue().encode()

    def tables(self) -> bytes:
        """Every list as CSV, the answer as text and as JSON, and where each event was seen, in a ZIP."""
        stream = io.BytesIO()
        with (
            self.lock,
            tempfile.TemporaryDirectory(prefix="lineage-") as folder,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr("answer.txt", f"{self.question.text(self.answer)}\n")
            for path in tables.EXPORT.write(self.answer, folder):
                archive.write(path, Path(path).name)
        return stream.getvalue()


class Shelf:
    """The answers at hand, by question, values and what the store knew."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.held: OrderedDict[Key, Held] = OrderedDict()

    def get(self, key: Key) -> Held | None:
        with self.lock:
            if key in self.held:
                self.held.move_to_end(key)
                self.held[key].used = time.monotonic()
            return self.held.get(key)

    def put(self, key: Key, held: Held) -> Held:
        """The answer that is at hand from now on: where two asked the same at once, the first, which a page may be
        drawing already."""
        with self.lock:
            kept = self.held.setdefault(key, held)
            kept.key, kept.used = key, time.monotonic()
            self.held.move_to_end(key)
            gone = [] if kept is held else [held]
            late = time.monotonic() - IDLE
            while len(self.held) > HELD or (len(self.held) > 1 and next(iter(self.held.values())).used < late):
                gone.append(self.held.popitem(last=False)[1])
        for old in gone:  # not under the shelf's lock: one of them may be at work for long
            with old.lock:
                old.reading.close()
        return kept


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


def ask(name: str, values: Values, *, says: str = "", recorded: bool = True) -> Held:
    """The answer, from the shelf or asked now. Raises LineageError; a new run of the page stops the asking, and one
    that began with Stop raises Stopped instead of asking again.

    ``says`` is what the page tells while it works; what a page looks up to draw itself is not ``recorded``.
    """
    question = find_question(name)
    told = tuple(sorted((key, tuple(found)) for key, found in values.items() if found))
    key = (session.store_path(), session.moment(), name, told)
    seen: set[Key] = st.session_state.setdefault("asked", set())
    held = _shelf().get(key)
    stopped = recorded and st.session_state.pop("stopped", False)
    if held is None:
        if stopped:
            raise Stopped
        held = _work(question, {key: list(found) for key, found in told}, says, recorded=recorded)
        held = _shelf().put(key, held)
    elif recorded and key not in seen:
        session.record(held.answer, session.who())
    if recorded:
        seen.add(key)
    return held


def at_hand(held: Held) -> Held:
    """An answer that a page shows, for a file that it offers: one that was put away meanwhile is asked again. Raises
    LineageError where more is known by now: the page and its files say one thing."""
    if held.key is None:
        return held
    if (kept := _shelf().get(held.key)) is not None:
        return kept
    again = Held(session.reading(), held.question, held.values, recorded=False)
    if again.reading.store.moment() != held.key[1]:
        again.reading.close()
        raise LineageError("More is known since this page was drawn.", "Load the page again.")
    return _shelf().put(held.key, again)


def part(draw: Callable[_Words, None]) -> Callable[_Words, None]:
    """A part of a page that is run again by itself."""
    return st.fragment(steady(draw))


def steady(draw: Callable[_Words, None]) -> Callable[_Words, None]:
    """What goes wrong is told in its place, and where the answer that is shown was put away since, or who looks at it
    signed in too long ago, the page begins anew: a part is run without what stands before it."""

    @wraps(draw)
    def drawn(*words: _Words.args, **more: _Words.kwargs) -> None:
        with told_in_place():
            if not session.role():
                link.rerun()
            for word in words:
                if isinstance(word, Held) and word.key is not None and _shelf().get(word.key) is not word:
                    link.rerun()
            draw(*words, **more)

    return drawn


@contextmanager
def told_in_place() -> Iterator[None]:
    """What goes wrong in a page or a part of it as a sentence and a hint, where the rest would be."""
    try:
        yield
    except Stopped:
        say_stopped()
    except LineageError as error:
        drawing.problem(error)
    except Exception:
        LOG.exception("a page failed")
        drawing.problem(
            LineageError(
                "This page failed, and nothing was changed.", "The log of the server says why; please report it."
            )
        )


def _work(question: Question, values: Values, says: str, *, recorded: bool) -> Held:
    reading = session.reading(who=session.who())
    done: list[Held | BaseException] = []

    def run() -> None:
        try:
            done.append(Held(reading, question, values, recorded=recorded))
        except BaseException as error:  # handed to the page's own thread
            done.append(error)

    worker = threading.Thread(target=run, name=f"ask-{question.name}", daemon=True)
    worker.start()
    try:
        worker.join(PATIENCE if recorded else None)  # what a page looks up for itself it may do inside a form
        if worker.is_alive():
            for _ in _telling(says or question.title):
                worker.join(0.25)
                if not worker.is_alive():
                    break
    except BaseException:  # the page was left, or Stop was pressed
        while worker.is_alive():  # what is being planned does not hear it
            reading.stop()
            worker.join(0.1)
        reading.close()
        raise
    found = done[0]
    if isinstance(found, BaseException):
        reading.close()
        raise found
    return found


def _telling(says: str) -> Iterator[None]:
    """A line with the seconds so far and a button that stops; each step lets the page be left."""
    place = st.empty()
    began = time.monotonic()
    number = next(_NUMBERS)
    with place.container(key=f"working-{number}", horizontal=True, vertical_alignment="center"):
        line = st.empty()
        st.button("Stop", key=f"stop-{number}", on_click=_stopped)
    try:
        while True:
            line.markdown(f":material/progress_activity: {drawing.plain(says)} … {time.monotonic() - began:.0f} s")
            yield
    finally:
        place.empty()


def _stopped() -> None:
    st.session_state["stopped"] = True


def say_stopped() -> None:
    """In place of an answer that was not waited for."""
    drawing.empty("Stopped", "The question was stopped before it was answered. Nothing was changed.")
    st.button("Ask again", type="primary")
