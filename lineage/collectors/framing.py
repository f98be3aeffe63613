"""Framers: what turns an input's bytes into one-line texts with positions, batch by batch.

Each framer has the shape that ``Collector.frame`` wants; options are bound with ``functools.partial``. None checks that
a text is valid JSON (the store does, line by line), and none holds much more than one batch or one text of
``TEXT_LIMIT`` bytes. A byte order mark and CRLF line ends are taken away.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from json.encoder import encode_basestring
from typing import BinaryIO, Protocol

from lineage.collectors.documents import documents
from lineage.collectors.interface import Block, Head, Rejected

READ_BYTES = 8 << 20  # at a time
# Less than TEXT_LIMIT, so that only the first line of a block can be too long; and no more than what an allocator keeps
# when it is freed, since fresh memory costs several times what a copy does.
BLOCK_BYTES = 16 << 20
BLOCK_LINES = 100_000
TEXT_LIMIT = 64 << 20  # bytes; a longer line or object is rejected
KEPT_TEXT = 64 << 10  # bytes that are kept of a rejected piece
CSV_FIELD_LIMIT = 16 << 20  # characters
_BOM = b"\xef\xbb\xbf"
_TOO_LONG = f"The text is longer than {TEXT_LIMIT >> 20} MiB."


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


def json_lines(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    """One text per line, whatever its format; the position is the line's number.

    Only a batch with invalid UTF-8 or NUL bytes is looked at line by line: NUL bytes around a line (the
    hole that a truncated log leaves) are taken away, a line with either inside it is rejected.
    """
    position = 1
    for piece in _pieces(stream):
        if len(piece) > TEXT_LIMIT and b"\n" not in piece:
            yield Rejected(position, _TOO_LONG, piece[:KEPT_TEXT])
            position += 1
            continue
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").removesuffix(b"\r")
        for part, breaks in _parts(piece):
            yield from _checked(position, part, breaks + 1)
            position += breaks + 1


def json_documents(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    """One text per JSON object, however it is laid out; the position is the object's number.

    Takes an array of objects, one object over many lines, and objects one after the other. What is malformed is
    rejected at its position and costs no other object: see ``documents``.
    """

    def texts() -> Iterator[tuple[int, str] | Rejected]:
        for number, text, fault in documents(stream, TEXT_LIMIT):
            if reason := fault or (_TOO_LONG if len(text) > TEXT_LIMIT else _fault(text)):
                yield Rejected(number, reason, text[:KEPT_TEXT])
            else:
                # No string holds a line break, so each is white space, and so is what follows it.
                yield number, re.sub(rb"[\r\n][ \t\r\n]*", b"", text).decode()

    return blocks(texts())


def json_any(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    """``json_lines`` where the input has one object per line, else ``json_documents``."""
    return (json_lines if is_json_lines(head) else json_documents)(stream, head)


def csv_records(
    stream: BinaryIO, head: Head, *, columns: tuple[str, ...] | None = None, least: int | None = None
) -> Iterator[Block | Rejected]:
    """One text per CSV record, a JSON object {column: text}; the position is the record's number.

    The names are those of the header, which has no number (a wrong header is rejected at position 0,
    and nothing is read; one that comes again, as where files were joined, is rejected); or they are ``columns``
    where the format has no header, and then a record may leave out columns at the end, down to ``least`` of them.
    A record with another number of values, with wrong quotes or with invalid UTF-8 is rejected; after wrong quotes
    the next line begins a new record.
    """
    return blocks(_csv_texts(stream, columns, least))


def is_json_lines(head: Head) -> bool:
    """Whether one of the first three lines is a whole object.

    A first line that goes on beyond the head counts as whole: objects laid out over lines have short ones.
    """
    start = head.start.removeprefix(_BOM).lstrip()
    lines = start.split(b"\n", 3)[:3]
    if start.startswith(b"[") or (len(lines) == 1 and not start.startswith(b"{")):
        return False
    if len(lines) == 1 and not head.whole:
        return True
    rests = [_after_object(line) for line in lines]
    return rests[0] == "" if rests[0] is not None else "" in rests


def blocks(texts: Iterable[tuple[int, str] | Rejected]) -> Iterator[Block | Rejected]:
    """Batches of (position, one-line text), positions ascending; a gap between them becomes blank lines.

    What is rejected goes on at once, before the batch that is being filled.
    """
    batch: list[str] = []
    first = size = 0
    for item in texts:
        if isinstance(item, Rejected):
            yield item
            continue
        position, text = item
        if batch and (position - first >= BLOCK_LINES or size + len(text) >= BLOCK_BYTES):
            yield Block(first, "\n".join(batch).encode(), len(batch))
            batch, size = [], 0
        if not batch:
            first = position
        batch.extend([""] * (position - first - len(batch)))
        batch.append(text)
        size += len(text) + 1
    if batch:
        yield Block(first, "\n".join(batch).encode(), len(batch))


def _csv_texts(
    stream: BinaryIO, columns: tuple[str, ...] | None, least: int | None
) -> Iterator[tuple[int, str] | Rejected]:
    pieces = (piece.decode("utf-8", "surrogateescape") for piece in _pieces(stream))
    told = (line for piece in pieces for line in piece.split("\n"))
    taken: list[str] = []  # the lines of the record that is being read
    again: list[str] = []  # lines to be read once more, the next one last
    at = 0  # the number of the line that was read last
    wrong, why = 0, csv.Error()  # whatever value goes on in a line up to that one is wrong, too: for the same reason

    def lines() -> Iterator[str]:
        nonlocal at
        while (line := again.pop() if again else next(told, None)) is not None:
            if taken and at < wrong:
                again.append(line)
                raise why
            at += 1
            taken.append(line)
            yield line + "\n"

    csv.field_size_limit(CSV_FIELD_LIMIT)
    names = columns
    position = 0 if names is None else 1
    records = csv.reader(lines(), strict=True)
    while True:
        taken.clear()
        values: list[str] = []
        try:
            values = next(records, values)
            fault = _record_fault(values, names, least, taken)
        except csv.Error as error:
            fault = f"This is not valid CSV: {error}."
            if at > wrong and "limit" not in str(error):  # which a value that begins later may keep to
                wrong, why = at, error
            again.extend(reversed(taken[1:]))
            at -= len(taken[1:])
            del taken[1:]
            records = csv.reader(lines(), strict=True)
        if not taken:
            return
        if fault:
            raw = "\n".join(taken).encode("utf-8", "surrogateescape")
            yield Rejected(position, fault, raw[:KEPT_TEXT])
            if names is None:
                return
        elif not values:
            continue  # a blank line
        elif names is None:
            names = tuple(values)
        else:
            pairs = zip(map(encode_basestring, names), map(encode_basestring, values), strict=False)
            yield position, "{" + ",".join(map(":".join, pairs)) + "}"
        position += 1


def _record_fault(values: list[str], names: tuple[str, ...] | None, least: int | None, taken: list[str]) -> str | None:
    """What is wrong with a record (no values: a blank line), or with the header where there are no names."""
    if names is None and len(set(values)) < len(values):
        return "The header names a column twice."  # it may be a row of people: a reason holds no text of a line
    first, *rest = values or [""]
    if names and least is None and first.removeprefix("\ufeff") == names[0] and rest == [*names[1:]]:
        return "The header comes again: it is no record."
    if names and values and not (len(names) if least is None else least) <= len(values) <= len(names):
        return f"The record has {len(values)} values for {len(names)} columns."
    for line in taken:
        if len(line) > TEXT_LIMIT:
            return _TOO_LONG
        if ("\0" in line or not line.isascii()) and (fault := _fault(line.encode("utf-8", "surrogateescape"))):
            return fault
    return None


def lines(stream: Readable) -> Iterator[bytes]:
    """Each line, without its newline; one over ``TEXT_LIMIT`` is cut behind it."""
    for piece in _pieces(stream):
        yield from piece.split(b"\n")


def _pieces(stream: Readable) -> Iterator[bytes]:
    """Whole lines, without the last newline. A line over ``TEXT_LIMIT`` comes alone, and is cut."""
    held = bytearray()
    first = True
    dropping = False  # the rest of a line that is too long
    for piece in iter(partial(stream.read, READ_BYTES), b""):
        if first:
            piece = piece.removeprefix(_BOM)
            first = False
        if dropping:
            end = piece.find(b"\n")
            if end < 0:
                continue
            yield bytes(held)
            held.clear()
            dropping = False
            piece = piece[end + 1 :]
        held += piece
        if len(held) < BLOCK_BYTES:
            continue
        # Only the first line can be long: no later one has been read for more than one round.
        end = held.find(b"\n")
        if end > TEXT_LIMIT:
            yield bytes(held[:end])
            del held[: end + 1]
            end = held.find(b"\n")
        if end >= 0:
            cut = held.rfind(b"\n")
            with memoryview(held) as whole:
                block = bytes(whole[:cut])
            del held[: cut + 1]
            yield block
        elif len(held) > TEXT_LIMIT:
            dropping = True
            del held[TEXT_LIMIT + 1 :]
    if held:
        yield bytes(held).removesuffix(b"\n")


def _parts(piece: bytes) -> Iterator[tuple[bytes, int]]:
    """The piece cut at newlines, so that no part has more than ``BLOCK_LINES`` lines; and the newlines in each."""
    breaks = piece.count(b"\n")
    if breaks < BLOCK_LINES:
        yield piece, breaks
        return
    half = len(piece) // 2
    cut = piece.rfind(b"\n", 0, half)
    if cut < 0:
        cut = piece.find(b"\n", half)
    yield from _parts(piece[:cut])
    yield from _parts(piece[cut + 1 :])


def _checked(first: int, part: bytes, count: int) -> Iterator[Block | Rejected]:
    if not _fault(part):
        yield Block(first, part, count)
        return
    lines = part.split(b"\n")
    for number, line in enumerate(lines):
        lines[number] = line.strip(b"\0")
        if reason := _fault(lines[number]):
            yield Rejected(first + number, reason, line[:KEPT_TEXT])
            lines[number] = b""
    yield Block(first, b"\n".join(lines), count)


def _fault(text: bytes) -> str | None:
    if b"\0" in text:
        return "The text holds a NUL byte."
    try:
        text.isascii() or text.decode()
    except UnicodeDecodeError as error:
        return f"The text is not valid UTF-8 at byte {error.start + 1}."
    return None


def _after_object(line: bytes) -> str | None:
    """What follows the object that the line begins with; None where it begins with no whole object."""
    try:
        text = line.decode()
        end = json.JSONDecoder().raw_decode(text)[1] if text.startswith("{") else None
    except (ValueError, RecursionError):
        return None
    return None if end is None else text[end:].strip()
