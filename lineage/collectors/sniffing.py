"""What the beginning of an input shows: its first objects, or its CSV header."""

import csv
import json
import re
from typing import Any

from lineage.collectors.interface import Head

_DECODER = json.JSONDecoder()
_KEY = re.compile(r'[\s,{]*("(?:[^"\\]|\\.)*")\s*:\s*')
_BETWEEN = re.compile(r"[\s,\[\]]*")
_OBJECTS = 20  # of an input: what it holds shows by then


def text_of(head: Head) -> str:
    """The beginning as text, without a byte order mark; what is no UTF-8 is replaced."""
    return head.start.decode("utf-8", "replace").removeprefix("\ufeff")


def holds_json(head: Head) -> bool:
    """Whether the input begins as an object or an array of JSON does."""
    return text_of(head).lstrip().startswith(("{", "["))


def first_objects(head: Head) -> list[dict[str, Any]]:
    """The first JSON objects, one per line, in an array or one after the other; [] for other inputs.

    Of an object that goes on beyond the head, or is broken, those members that are whole; the first that
    is not has the value None. A first line that is no object may be what a cut left of one: then the second counts,
    if it is one and nothing else.
    """
    text, found = text_of(head), list[dict[str, Any]]()
    at = _skip(text, 0)
    if not text.startswith("{", at):
        at = _second_line(text, at)
    while len(found) < _OBJECTS and text.startswith("{", at):
        try:
            value, at = _DECODER.raw_decode(text, at)
            found.append(value)
        except (ValueError, RecursionError):
            found.append(_members(text, at))
            line = text.find("\n{", at)  # the next line that begins with an object
            at = line + 1 if line >= 0 else len(text)
        at = _skip(text, at)
    return found


def csv_header(head: Head) -> frozenset[str]:
    """The names in the first line; the empty set for what holds JSON."""
    if holds_json(head):
        return frozenset()
    line = text_of(head).lstrip().partition("\n")[0]
    try:
        return frozenset(next(csv.reader([line.rstrip("\r")], strict=True), []))
    except csv.Error:
        return frozenset()


def _members(text: str, at: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while match := _KEY.match(text, at):
        key = match[1][1:-1]
        try:
            found[key], at = _DECODER.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            found[key] = None
            break
    return found


def _second_line(text: str, at: int) -> int:
    """Where the line after this one begins, if it is an object by itself; else where it ends."""
    first = text.find("\n", at) + 1 or len(text)
    end = text.find("\n", first)
    line = text[first : end if end >= 0 else len(text)]
    try:
        return first if line.startswith("{") and isinstance(json.loads(line), dict) else first + len(line)
    except (ValueError, RecursionError):
        return first + len(line)


def _skip(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at
