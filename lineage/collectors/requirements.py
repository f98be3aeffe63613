"""A list of pinned requirements (pip's requirements file format) as a snapshot: what ``pip freeze``, ``pip-compile``,
``uv export`` or ``poetry export`` write. It says neither where nor when it was installed: the user must.

A requirement under an environment marker (PEP 508) may be there or not. So may pip and its like, which the tools leave
out of such lists.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from lineage.collectors.framing import KEPT_TEXT
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.judging import PLACED
from lineage.collectors.snapshots import LEFT_OUT, SNAPSHOT_MACROS, SNAPSHOTS, judged_as_given
from lineage.collectors.sniffing import holds_json, text_of
from lineage.collectors.times import TIME_MACROS

LIMIT = 16 << 20  # bytes
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_CONTINUED = re.compile(r"^(?![ \t]*#)(.*)\\\r?\n", re.MULTILINE)  # a comment ends with its line
_OF_ITS_OWN = re.compile(r"(?<!\s)\s+--[a-z].*$")  # options of one requirement: --hash and the like
_INCLUDES = re.compile(r"(?:-r|--requirement)[\s=]*(\S+)")
# What pip freeze says of a package that is installed from a folder, in the line before.
_EDITABLE = re.compile(r"# Editable [^(]*\((?P<name>[\w.-]+)==(?P<version>[^)\s]+)\)")
_ADDRESS = re.compile(r"-e|--editable|[./]|git\+|hg\+|svn\+|bzr\+|https?:|file:")
_WHEEL = re.compile(r"([^/\\]+\.whl)(?:[?#]|$)")
_EGG = re.compile(r"[#&]egg=(?P<name>[\w.-]+)")


class _Told(NamedTuple):
    """One requirement. ``version`` is None where it is not told, ``name`` where it is an address or a path alone."""

    name: str | None
    version: str | None = None
    marked: bool = False


class _List(NamedTuple):
    told: list[_Told]
    includes: list[str]
    unread: list[str]


def _claims(head: Head) -> bool:
    """Where no line is anything else, and most are pinned: what is to be resolved yet is no snapshot."""
    if holds_json(head):
        return False
    text = text_of(head)
    found = _read(text if head.whole else text.rpartition("\n")[0])
    pinned = sum(1 for one in found.told if one.version)
    return pinned > 0 and 2 * pinned >= len(found.told) and not found.unread


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    """One text: the whole list, without what does not say what is installed."""
    raw = stream.read(LIMIT + 1)
    if len(raw) > LIMIT:
        yield Rejected(1, f"The list is longer than {LIMIT >> 20} MiB.", raw[:KEPT_TEXT])
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Rejected(1, "The list is not valid UTF-8.", raw[:KEPT_TEXT])
        return
    found = _read(text)
    if found.unread:
        yield Rejected(1, "A line is no requirement.", raw[:KEPT_TEXT])  # which may hold a password, and is kept aside
    elif found.includes:
        why = "It includes another list; give what pip freeze says, or a list that is whole."
        yield Rejected(1, why, raw[:KEPT_TEXT])
    else:
        told = sorted({one for one in found.told if one.name}, key=repr)
        unnamed = sum(1 for one in found.told if not one.name)
        listed = {"requirements": [one._asdict() for one in told], "unnamed": unnamed}
        yield Block(1, json.dumps(listed).encode(), 1)


def _read(text: str) -> _List:
    found = _List([], [], [])
    before: re.Match[str] | None = None  # what the line before says of this one
    for line in _CONTINUED.sub(r"\1 ", text.removeprefix("\ufeff")).splitlines():
        said = line.strip() if line.startswith("-") else _OF_ITS_OWN.sub("", _COMMENT.sub("", line).strip())
        if included := _INCLUDES.match(said):
            found.includes.append(included[1])
        elif _ADDRESS.match(said):
            named = match.groupdict() if (match := before or _EGG.search(said)) else {}
            found.told.append(_Told(named.get("name"), named.get("version")))
        elif said and not said.startswith("-"):
            try:
                found.told.append(_of(Requirement(said)))
            except (InvalidRequirement, RecursionError):  # of a marker that is too deep
                found.unread.append(said)
        before = _EDITABLE.match(line)
    return found


def _of(said: Requirement) -> _Told:
    pins = [one.version for one in said.specifier if one.operator in ("==", "===") and not one.version.endswith(".*")]
    version = _version_of_wheel(said.url) if said.url else pins[0] if len(pins) == 1 else None
    return _Told(said.name, version, said.marker is not None)


def _version_of_wheel(url: str) -> str | None:
    """What the file's name says, which pip holds against what is in it; None for what is no wheel."""
    try:
        return str(parse_wheel_filename(unquote(match[1]))[1]) if (match := _WHEEL.search(url)) else None
    except InvalidWheelFilename:
        return None


_JUDGED = judged_as_given("A list of requirements says neither where nor when it was installed")
_COMPONENTS = f"""
INSERT INTO staged_component (position, purl, marked)
WITH told AS (
    SELECT position, pypi_name(item->>'$.name') AS name, item->>'$.version' AS version,
        (item->>'$.marked')::BOOLEAN AS marked
    FROM (SELECT position, unnest(json_extract(text, '$.requirements[*]')) AS item FROM judged WHERE fault IS NULL)
)
SELECT position, 'pkg:pypi/' || name || coalesce('@' || url_encode(version), ''), nullif(bool_and(marked), false)
FROM told GROUP BY ALL
UNION ALL
SELECT position, 'pkg:pypi/' || name, true FROM judged, (SELECT unnest({list(LEFT_OUT)}) AS name)
WHERE fault IS NULL AND (position, name) NOT IN (SELECT (position, name) FROM told)
"""
_NOTES = """
INSERT INTO staged_note (position, kind)
SELECT position, 'component-without-purl' FROM judged WHERE fault IS NULL AND (text->>'$.unnamed')::BIGINT > 0
"""

COLLECTOR = Collector(
    name="requirements",
    title="A list of pinned requirements, as pip freeze, pip-compile or uv export write it",
    claims=_claims,
    frame=_frame,
    load=(*TIME_MACROS, *SNAPSHOT_MACROS, _JUDGED, *PLACED, SNAPSHOTS, _COMPONENTS, _NOTES),
    strays=True,
    example="aiohttp==3.13.3\nlitellm==1.82.7\nuvloop==0.22.1 ; sys_platform != 'win32'",
)
