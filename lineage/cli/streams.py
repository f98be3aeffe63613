"""Standard output and standard error, whatever is at their other ends: what is at work goes on without a reader."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


def ready() -> None:
    """Answers are the same bytes in every locale; where a stream was closed nobody reads it, and no other takes what
    it would have."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a test captures it
        sys.stdout.reconfigure(encoding="utf-8")


def say(text: str, end: str = "\n") -> None:
    """A message on standard error; none that cannot be written ends the work that it tells of."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except OSError:
        write_no_more(sys.stderr)


@contextmanager
def without_reader() -> Iterator[None]:
    """What is printed inside is cut where nobody reads on (`| head`); what comes after it is done all the same."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        write_no_more(sys.stdout)


def write_no_more(stream: TextIO) -> None:
    """What the stream did not take is dropped, or Python tries again at its end, and fails."""
    with suppress(OSError, ValueError):  # a test captures it
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
