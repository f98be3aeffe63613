"""Where the JSON objects of a stream begin and end, found by brackets and quotes alone.

Nothing is parsed: an object's bytes go on as they were told, whatever its numbers and keys look like,
and one that is not valid JSON spoils only itself.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_PIECE = 1 << 20  # bytes that are read at a time, at least
_SEPARATORS = b" \t\r\n,\xef\xbb\xbf"  # what may stand between objects; a byte order mark too

# Up to and with the next bracket outside strings. A string that meets a line break ends there, broken.
_BRACKET = re.compile(rb'(?:[^{}\[\]"]++|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+(?:"|(?P<broken>\\?+(?=\n))))*+[{}\[\]]')
_BROKEN = "A string is broken by a line end."
_DEEPEST = 1 << 20  # open brackets: of an object that has more no end is looked for
_TOO_DEEP = f"The object has over {_DEEPEST:,} brackets that are open at once."


class Document(NamedTuple):
    """The ``number``-th object (from 1); with a ``fault``, what stands there instead of one."""

    number: int
    text: bytes
    fault: str | None = None


class _Unclosed:
    """Where the brackets are that are open at ``seen``, up to which the innermost object was looked through. An object
    that begins at one of them is not looked through again: it has no end before ``seen``. (No string goes on in a new
    line, so brackets pair in the same way wherever one begins.) Places are counted from the stream's beginning."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.seen = 0
        self._broken = -1  # before this bracket a string is broken, the last one so far

    def depth(self, start: int) -> int:
        """How many are open at ``seen`` from this one on; 0 where it is closed before, or was not seen."""
        if start >= self.seen:
            self.places, self.seen, self._broken = [start], start + 1, -1
            return 0
        first = bisect_left(self.places, start)
        found = len(self.places) - first if self.places[first : first + 1] == [start] else 0
        if first > _DEEPEST:
            del self.places[:first]
        return found

    def see(self, place: int, opens: bool, broken: bool) -> None:
        """Take note of a bracket of the object that is being looked through."""
        if place < self.seen:
            return
        if opens:
            self.places.append(place)
        else:
            self.places.pop()
        self.seen = place + 1
        if broken:
            self._broken = place

    def is_broken(self, start: int) -> bool:
        """Whether a string is broken behind this place."""
        return self._broken > start


def documents(stream: BinaryIO, limit: int) -> Iterator[Document]:
    """The objects of a stream: in arrays, or one after the other.

    No more than about ``limit`` bytes are looked through for the end of an object. One that does not
    end is a fault, and reading goes on at the next line that begins with ``{``, if one is in sight.
    """
    buffer, at, before = b"", 0, 0  # `at`: up to here the buffer was looked through; `before` it came so many bytes
    unclosed: _Unclosed | None = None  # from the first object on that has no end
    start: int | None = None  # where the object begins that `at` is in
    depth, levels = 0, [0]  # open brackets; the depths at which objects are looked for, innermost last
    number, broken, ended = 1, False, False

    while True:
        match = _BRACKET.match(buffer, at)
        too_deep = start is not None and depth - levels[-1] > _DEEPEST
        if match is None or too_deep:
            kept = at if start is None else start
            if not too_deep and not ended and len(buffer) - kept <= limit:
                piece = stream.read(max(_PIECE, len(buffer) - kept))
                ended = not piece
                buffer, at, start = buffer[kept:] + piece, at - kept, None if start is None else 0
                before += kept
                continue
            resume = -1 if start is None else buffer.find(b"\n{", start)
            if start is not None:
                unclosed = unclosed or _Unclosed()
                open_end = "The object is not closed." if ended else f"The object has over {limit} bytes."
                reason = _TOO_DEEP if too_deep else _BROKEN if broken else open_end
                yield Document(number, buffer[start : None if resume < 0 else resume], reason)
            elif rest := buffer[at:].strip(_SEPARATORS):
                yield Document(number, rest, "This is not a JSON object.")
            elif depth:
                yield Document(number, b"", "The input ends before its array is closed.")
            if resume < 0:
                return
            at, start, depth, number = resume, None, levels[-1], number + 1
            continue

        told, at = match[0], match.end()
        opens, breaks = told.endswith((b"{", b"[")), match["broken"] is not None
        broken = broken or breaks
        if start is not None and unclosed:
            unclosed.see(before + at - 1, opens, breaks)
        if start is None and depth == levels[-1] and (rest := told[:-1].strip(_SEPARATORS)):
            yield Document(number, rest, "This is not a JSON object.")
            number += 1
        if opens:
            if start is None and depth == levels[-1]:
                if told.endswith(b"["):
                    levels.append(depth + 1)
                else:
                    start, broken = at - 1, False
                    if unclosed and (known := unclosed.depth(before + start)):
                        broken = unclosed.is_broken(before + start)
                        at, depth = unclosed.seen - before, depth + known
                        continue
            depth += 1
        elif depth == 0:
            yield Document(number, told[-1:], "A bracket is closed that was never opened.")
            number += 1
        else:
            depth -= 1
            if start is not None and depth == levels[-1]:
                yield Document(number, buffer[start:at], _BROKEN if broken else None)
                number, start = number + 1, None
            elif depth < levels[-1]:
                levels.pop()
