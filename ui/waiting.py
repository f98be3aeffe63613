"""What may take long: done beside the thread of a page, which tells how long so far and can be left meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui import drawing

PATIENCE = 0.4  # seconds before a page says that it is working
STEP = 0.25  # seconds between two times that it says so
_NUMBERS = count()
_PLACE: ContextVar[DeltaGenerator | None] = ContextVar("place", default=None)
_Made = TypeVar("_Made")


class Work:
    """What a thread of its own makes once for all who wait for it. Whoever leaves it last stops it: ``stop`` does, as
    often as it must, and says whether there was anything to stop."""

    def __init__(self, make: Callable[[], object], name: str, stop: Callable[[], bool] = lambda: False) -> None:
        self._make, self._stop = make, stop
        self._lock = threading.Lock()
        self.waiting = 0
        self._made: object = None
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def join(self) -> bool:
        """Wait for it too; False where everybody had left it, and it is being stopped."""
        with self._lock:
            if self.waiting == 0 and self._thread.ident is not None:
                return False
            self.waiting += 1
            if self._thread.ident is None:
                self._thread.start()
            return True

    def result(self, says: str, *, stops: bool) -> object:
        """What it made, for one who joined; meanwhile the page says ``says``, and whoever leaves it leaves this."""
        try:
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                for _ in telling(says, stops=stops):
                    self._thread.join(STEP)
                    if not self._thread.is_alive():
                        break
        except BaseException:  # the page was left, or Stop was pressed
            self._leave()
            raise
        if self._failed is not None:
            raise self._failed
        return self._made

    def _leave(self) -> None:
        with self._lock:
            self.waiting -= 1
            last = self.waiting == 0
        while last and self._thread.is_alive() and self._stop():  # what is being planned does not hear it
            self._thread.join(0.1)

    def _run(self) -> None:
        try:
            self._made = self._make()
        except BaseException as error:  # handed to who waits
            self._failed = error


def beside(make: Callable[[], _Made], says: str) -> _Made:
    """What ``make`` makes of an answer that is at hand. A page that is left does not wait for it; it is made all the
    same, since others look at that answer. Where no page waits it is made here."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return make()
    work = Work(make, "lineage-page")
    work.join()
    made: _Made = work.result(says, stops=False)  # type: ignore[assignment]  # what its own ``make`` gave
    return made


@contextmanager
def told_here() -> Iterator[None]:
    """What is looked up inside is told at one place, so that nothing that is drawn moves."""
    before = _PLACE.set(st.empty())
    try:
        yield
    finally:
        _PLACE.reset(before)


def telling(says: str, *, stops: bool) -> Iterator[None]:
    """A line with the seconds so far; each step lets the page be left. With a button that ``stops`` it stands where an
    answer will be, else over the page."""
    place = st.empty() if stops else _PLACE.get() or st.empty()
    began = time.monotonic()
    number = next(_NUMBERS)
    name = "working" if stops else "looking"
    with place.container(key=f"{name}-{number}", horizontal=True, vertical_alignment="center"):
        line = st.empty()
        if stops:
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
