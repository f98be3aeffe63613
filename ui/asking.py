"""Asking: a question is asked once for all who ask it meanwhile; and the parts of pages that show its answer."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from lineage.errors import LineageError
from lineage.questions import find_question
from lineage.questions.interface import Question, Values
from lineage.store import Stopped
from ui import drawing, link, session, waiting
from ui.holding import LOOKED_UP, Held, Key, Shelf

LOG = logging.getLogger("lineage.ui")
_Words = ParamSpec("_Words")


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf:
    return Shelf()


@st.cache_resource(show_spinner=False)
def _lookups() -> Shelf:
    """What pages look up to draw themselves, apart from the answers: these would be put away for it."""
    return Shelf(LOOKED_UP)


def ask(name: str, values: Values, *, says: str = "", recorded: bool = True) -> Held:
    """The answer, from the shelf or asked now. Raises LineageError; a new run of the page stops the asking, and one
    that began with Stop raises Stopped instead of asking again.

    ``says`` is what the page tells while it works; what a page looks up to draw itself is not ``recorded``.
    """
    question = find_question(name)
    told = tuple(sorted((key, tuple(found)) for key, found in values.items() if found))
    key = (session.store_path(), session.moment(), name, told)
    seen: set[Key] = st.session_state.setdefault("asked", set())
    shelf = _shelf() if recorded else _lookups()
    held = shelf.get(key)
    stopped = recorded and st.session_state.pop("stopped", False)
    mine = False
    if held is None:
        if stopped:
            raise Stopped
        held, mine = _work(shelf, key, question, {key: list(found) for key, found in told}, says, recorded=recorded)
    if recorded and key not in seen:
        if not mine:
            session.record(held.answer, session.who())
        seen.add(key)
    return held


def at_hand(held: Held) -> Held:
    """An answer that a page shows, for a file that it offers: one that was put away meanwhile is asked again. Raises
    LineageError where more is known by now: the page and its files say one thing."""
    if held.key is None or held.shelf is None:
        return held
    if (kept := held.shelf.get(held.key)) is not None:
        return kept
    reading = session.reading()
    try:
        again = Held(reading, held.question, held.values, recorded=False)
        if reading.store.moment() != held.key[1]:
            raise LineageError("More is known since this page was drawn.", "Load the page again.")
    except BaseException:
        reading.close()
        raise
    return held.shelf.put(held.key, again)


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
                if isinstance(word, Held) and not word.is_at_hand:
                    link.rerun()
            draw(*words, **more)

    return drawn


@contextmanager
def told_in_place() -> Iterator[None]:
    """What goes wrong in a page or a part of it as a sentence and a hint, where the rest would be; what is looked up
    meanwhile is told over it."""
    try:
        with waiting.told_here():
            yield
    except Stopped:
        waiting.say_stopped()
    except LineageError as error:
        drawing.problem(error)
    except Exception:
        LOG.exception("a page failed")
        drawing.problem(
            LineageError(
                "This page failed, and nothing was changed.", "The log of the server says why; please report it."
            )
        )


def _work(
    shelf: Shelf, key: Key, question: Question, values: Values, says: str, *, recorded: bool
) -> tuple[Held, bool]:
    """The answer, and whether this page is the one that asked: who asks meanwhile waits for the same one."""
    asking = _Asking(shelf, key, question, values, session.who(), recorded=recorded)
    work = shelf.work(key, asking.work)
    mine = work is asking.work
    try:
        held = work.result(says or (question.title if recorded else "Looking it up"), stops=recorded)
    except LineageError:
        if mine or not recorded:
            raise
        return _work(shelf, key, question, values, says, recorded=recorded)  # each is recorded as refused it
    assert isinstance(held, Held)
    return held, mine


class _Asking:
    """One asking of a question, in a thread of its own."""

    def __init__(
        self, shelf: Shelf, key: Key, question: Question, values: Values, who: str, *, recorded: bool
    ) -> None:  # fmt: skip
        self.shelf, self.key, self.question, self.values = shelf, key, question, values
        self.who, self.recorded = who, recorded
        self.work = waiting.Work(self._ask, f"ask-{question.name}", self._stop)
        self._lock = threading.Lock()
        self._reading: session.Reading | None = None  # while it may be stopped
        self._left = False

    def _ask(self) -> Held:
        try:
            reading = self._reading = session.reading(who=self.who)  # it may wait for what was just sent
            try:
                if self._left:
                    raise Stopped
                held = Held(reading, self.question, self.values, recorded=self.recorded)
                if not self.recorded:
                    held.let_go()
                with self._lock:  # from here on it is everybody's, and nobody stops it
                    if self._left:
                        raise Stopped
                    self._reading = None
                return self.shelf.put(self.key, held)
            except BaseException:
                reading.close()
                raise
        finally:
            self.shelf.done(self.key, self.work)

    def _stop(self) -> bool:
        """Whether there is something to be stopped, still."""
        with self._lock:
            self._left = True
            if self._reading is not None:
                self._reading.stop()
            return self._reading is not None
