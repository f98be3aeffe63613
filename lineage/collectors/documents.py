"""Where the JSON objects of a stream begin and end, found by brackets and quotes alone.

Nothing is parsed: an object's bytes go on as they were told, whatever its numbers and keys look like,
and one that is not valid JSON spoils only itself.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_PIECE = 1 << 20  # bytes that are read at a time, at least
_SEPARATORS = b" \t\r\n,\xef\xbb\xbf"  # what may stand between objects; a byte order mark too

# Up to and with the next bracket outside strings. A string that meets a line break ends there, broken.
_BRACKET = re.compile(rb'(?:[^{}\[\]"]++|"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+(?:"|(?P<broken>\\?+(?=\n))))*+[{}\[\]]')
_BROKEN = "A string is broken by a line end."


class Document(NamedTuple):
    """The ``number``-th object (from 1); with a ``fault``, what stands there instead of one."""

    number: int
    text: bytes
    fault: str | None = None


def documents(stream: BinaryIO, limit: int) -> Iterator[Document]:
    """The objects of a stream: in arrays, or one after the other.

    No more than about ``limit`` bytes are looked through for the end of an object. One that does not
    end is a fault, and reading goes on at the next line that begins with ``{``, if one is in sight.
    """
    buffer, at = b"", 0  # `at`: up to here the buffer was looked through
    start: int | None = None  # where the object begins that `at` is in
    depth, levels = 0, [0]  # open brackets; the depths at which objects are looked for, innermost last
    number, broken, ended = 1, False, False

    while True:
        match = _BRACKET.match(buffer, at)
        if match is None:
            kept = at if start is None else start
            if not ended and len(buffer) - kept <= limit:
                piece = stream.read(max(_PIECE, len(buffer) - kept))
                ended = not piece
                buffer, at, start = buffer[kept:] + piece, at - kept, None if start is None else 0
                continue
            resume = -1 if start is None else buffer.find(b"\n{", start)
            if start is not None:
                open_end = "The object is not closed." if ended else f"The object has over {limit} bytes."
                reason = _BROKEN if broken else open_end
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
        broken = broken or match["broken"] is not None
        if start is None and depth == levels[-1] and (rest := told[:-1].strip(_SEPARATORS)):
            yield Document(number, rest, "This is not a JSON object.")
            number += 1
        if told.endswith((b"{", b"[")):
            if start is None and depth == levels[-1]:
                if told.endswith(b"["):
                    levels.append(depth + 1)
                else:
                    start, broken = at - 1, False
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
