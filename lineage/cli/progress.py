"""Progress on standard error, for what takes over a second: lines so far, and the rate."""

import sys
import time

from lineage.cli.streams import say


class Progress:
    """One line, written over in a terminal and every ten seconds otherwise; nothing when quiet."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.began = self.last = time.monotonic()
        self.shown = False

    def tick(self, lines: int, name: str) -> None:
        now = time.monotonic()
        wait = 0.5 if sys.stderr.isatty() else 10.0
        if self.quiet or now - self.began < 1 or now - self.last < wait:
            return
        self.last, self.shown = now, True
        rate = lines / (now - self.began)
        if sys.stderr.isatty():
            say(f"{name}: {lines:,} lines, {rate:,.0f} a second\x1b[K", end="\r")
        else:
            say(f"{name}: {lines:,} lines")

    def say(self, text: str) -> None:
        if not self.quiet:
            say(f"\x1b[K{text}" if self.shown and sys.stderr.isatty() else text)

    def start_over(self) -> None:
        self.began = time.monotonic()
