"""Progress on standard error, for what takes over a second: how far it is, the rate, and the time left."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import ceil
from threading import Event, Thread
from unicodedata import east_asian_width

from lineage.cli.streams import say
from lineage.names import shown

SOON, OFTEN, SELDOM = 1.0, 0.5, 10.0  # seconds: until the first word, and between two: in a terminal, and elsewhere
WIDE = 20  # characters of a bar
COLUMNS = 80  # of a terminal that does not say how many it has


class Progress:
    """One line, written over in a terminal and every ten seconds otherwise; nothing when quiet."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.what, self.shown = "", False
        self.began = self.last = time.monotonic()

    def tick(self, what: str, done: int, whole: int, lines: int = 0) -> None:
        """``done`` of ``whole``, in whatever unit; where the whole is not known only lines and rate are told."""
        now = time.monotonic()
        if not lines and what != self.what:  # other work, of which nothing says how fast it is
            self.began = now
        self.what = what
        if not self._is_due(now):
            return
        took = now - self.began
        parts = [f"{lines:,} lines, {lines / took:,.0f} a second"] if lines else []
        if 0 < done <= whole:
            full = WIDE * done // whole
            parts.insert(0, f"{'█' * full}{'░' * (WIDE - full)} {100 * done // whole} %")
            parts += [f"{_clock(took * (whole - done) / done)} left"] if done < whole else []
        self._show(f"{what}: {', '.join(parts)}" if parts else what)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """For work of which nobody can say how far it is: how long it has taken so far."""
        if self.quiet:
            yield
            return
        over, self.began = Event(), time.monotonic()

        def wait() -> None:
            while not over.wait(OFTEN):
                now = time.monotonic()
                if self._is_due(now):
                    self._show(f"{what} for {_clock(now - self.began)} …")

        waiter = Thread(target=wait, name="lineage-waiting", daemon=True)
        waiter.start()
        try:
            yield
        finally:
            over.set()
            waiter.join()
            self.clear()

    def say(self, text: str) -> None:
        if not self.quiet:
            self.clear()
            say(text)

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """For work that ticks: when it ends, or fails, no line of it is left for what is said next to stand in."""
        try:
            yield
        finally:
            self.clear()

    def clear(self) -> None:
        """Make room for what is printed next."""
        if self.shown and sys.stderr.isatty():
            say("\x1b[K", end="")
        self.shown = False

    def _is_due(self, now: float) -> bool:
        wait = OFTEN if sys.stderr.isatty() else SELDOM
        if self.quiet or now - self.began < SOON or now - self.last < wait:
            return False
        self.last = now
        return True

    def _show(self, text: str) -> None:
        text = shown(text)  # the name of a file may hold anything
        if sys.stderr.isatty():
            say(f"{_cut(text, _columns() - 1)}\x1b[K", end="\r")
            self.shown = True
        else:
            say(text)


def _columns() -> int:
    """Of the terminal that it is shown in: standard output may be a file."""
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns or COLUMNS
    return COLUMNS


def _cut(text: str, columns: int) -> str:
    """As much of the text as a line shows; some characters take two columns."""
    taken = 0
    for at, one in enumerate(text):
        taken += 2 if east_asian_width(one) in "WF" else 1
        if taken > columns:
            return text[:at]
    return text


def _clock(seconds: float) -> str:
    minutes, rest = divmod(ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
