"""Typed values out of a YAML tree whose nodes know their lines: small readers, put together like a schema.

A reader takes a node and gives a value, or raises LineageError naming the line. Scalars are taken as
written: what YAML would turn into a number, a boolean or a date is no text until it is quoted.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from zoneinfo import available_timezones

import yaml

from lineage.errors import LineageError
from lineage.names import nearest, parse_instant

T = TypeVar("T")
Node = yaml.nodes.Node
Reader = Callable[[Node], T]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
DEEPEST = 100  # levels: a catalog needs six, and the parser goes as deep as the machine's stack
REPEATED = 4 << 20  # characters that aliases may stand for in all: some bytes of them can stand for any number
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)


def compose(text: str) -> Node:
    """The tree of the only document in the text."""
    try:
        _refuse_excess(text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LineageError(
            f"Line {line} of the catalog is not valid YAML: {error.problem}.", "Check indentation and quotes."
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + 1
        raise LineageError(
            f"Line {line} of the catalog is not valid YAML: {error.reason}.", "Save it as UTF-8 text."
        ) from None
    if root is None:
        raise LineageError("The catalog is empty.", "Begin with version: 1 and as_of.")
    return root


def _refuse_excess(text: str) -> None:
    """Refuse what is too deep, or too much once its aliases are written out."""
    within: list[tuple[str | None, int]] = []  # what is open: its anchor, and `told` before it
    sizes: dict[str | None, int] = {}  # of what has an anchor
    told = repeated = 0  # characters, with what aliases stand for; those alone
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.CollectionStartEvent):
            within.append((event.anchor, told))
            if len(within) > DEEPEST:
                raise LineageError(f"Line {line} of the catalog is nested too deeply.", "Check brackets and dashes.")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = within.pop()
            if anchor:
                sizes[anchor] = told - before
        elif isinstance(event, yaml.ScalarEvent):
            told += len(event.value) + 1
            if event.anchor:
                sizes[event.anchor] = len(event.value) + 1
        elif isinstance(event, yaml.AliasEvent):
            told += sizes.get(event.anchor, 0)
            repeated += sizes.get(event.anchor, 0)
            if repeated > REPEATED:
                hint = "Name many things at once, by a pattern."
                raise LineageError(f"Line {line} of the catalog: its aliases stand for too much.", hint)


def line_of(node: Node) -> int:
    """The line, from 1, on which the node begins."""
    return int(node.start_mark.line) + 1


def fault(node: Node, sentence: str, hint: str) -> LineageError:
    return LineageError(f"Line {line_of(node)} of the catalog: {sentence}", hint)


def text(node: Node) -> str:
    """Text that is not empty."""
    if _is_scalar(node, "str") and node.value.strip():
        return str(node.value)
    if isinstance(node, yaml.ScalarNode) and node.value.strip() and node.tag != _TAG + "null":
        raise fault(node, f"{node.value} is read as no text.", f'Quote it: "{node.value}".')
    raise fault(node, "a text is due here.", "Give one, or leave the key out.")


def one_of(*allowed: str) -> Reader[str]:
    """One of the words."""

    def read(node: Node) -> str:
        value = text(node)
        if value not in allowed:
            raise fault(node, f"{value!r} is not known here.", f"Choose one of {', '.join(allowed)}.")
        return value

    return read


def flag(node: Node) -> bool:
    """true or false."""
    if _is_scalar(node, "bool"):
        return str(node.value).lower() in ("true", "yes", "on")
    raise fault(node, "true or false is due here.", "Write it without quotes.")


def instant(node: Node) -> int:
    """A time with an offset (µs)."""
    if not (_is_scalar(node, "timestamp") or _is_scalar(node, "str")):
        raise fault(node, "a time is due here.", "Write it as 2026-03-24T10:39:00Z.")
    try:
        return parse_instant(node.value)
    except LineageError as error:
        raise fault(node, error.sentence[:1].lower() + error.sentence[1:], error.hint) from None


def duration(node: Node) -> int:
    """A length of time such as 24h, 90m or 1d12h (µs), more than nothing."""
    written = node.value if isinstance(node, yaml.ScalarNode) else ""
    match = _DURATION.fullmatch(written)
    seconds = 0
    if match:
        seconds = sum(int(n) * each for n, each in zip(match.groups(), _SECONDS.values(), strict=True) if n)
    if not seconds:
        raise fault(node, "a length of time is due here.", "Write it as 24h, 90m or 1d12h.")
    return seconds * 1_000_000


def zone(node: Node) -> str:
    """The name of a time zone."""
    name = text(node)
    if name not in available_timezones() or name == "localtime":  # which is another on each machine
        raise fault(node, f"{name!r} is no time zone.", "Write a name such as UTC or Europe/Berlin.")
    return name


def number_one(node: Node) -> int:
    """The number 1, the only version of catalogs that there is."""
    if not (_is_scalar(node, "int") and node.value == "1"):
        raise fault(node, "this version of catalogs is not known.", "Write version: 1.")
    return 1


def list_of(item: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of what ``item`` reads; nothing at all is an empty list."""

    def read(node: Node) -> tuple[T, ...]:
        if _is_scalar(node, "null"):
            return ()
        if not isinstance(node, yaml.SequenceNode):
            raise fault(node, "a list is due here.", "Write [a, b], or one item per line after a dash.")
        return tuple(item(child) for child in node.value)

    return read


def pairs(node: Node) -> tuple[tuple[Node, str, Node], ...]:
    """(key's node, key, value's node) of a mapping, in order; a key that stands twice is refused."""
    if not isinstance(node, yaml.MappingNode):
        raise fault(node, "keys with values are due here.", "Write {key: value}, or one key: value per line.")
    found: dict[str, tuple[Node, str, Node]] = {}
    for name, value in node.value:
        key = text(name)
        if key in found:
            raise fault(name, f"the key {key!r} stands twice.", f"It is on line {line_of(found[key][0])} already.")
        found[key] = (name, key, value)
    return tuple(found.values())


def keyed(
    what: str, required: Mapping[str, Reader[Any]], optional: Mapping[str, Reader[Any]]
) -> Reader[dict[str, Any]]:
    """A mapping with known keys, as {key: value}; optional keys that are absent or null are left out."""
    known = {**required, **optional}

    def read(node: Node) -> dict[str, Any]:
        found = {}
        for name, key, value in pairs(node):
            if key not in known:
                like = nearest(key, known)
                hint = f"Did you mean {like[0]}?" if like else f"The keys are {', '.join(known)}."
                raise fault(name, f"{key!r} is no key of {what}.", hint)
            if key in required or not _is_scalar(value, "null"):
                found[key] = known[key](value)
        for key in required:
            if key not in found:
                raise fault(node, f"{what} needs the key {key!r}.", f"Add {key}.")
        return found

    return read


def _is_scalar(node: Node, tag: str) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _TAG + tag
