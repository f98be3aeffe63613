"""PostgreSQL's three log forms, each framed into one JSON object per record with the keys of its jsonlog.

A record of csvlog or stderr is framed with the same keys and the same texts as jsonlog would give it (of
stderr only those that tell an access), so that one ``load`` reads all three. The rules are those of the
PostgreSQL manual, "Error Reporting and Logging".
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import BinaryIO

from lineage.collectors.framing import KEPT_TEXT, TEXT_LIMIT, blocks, csv_records, lines
from lineage.collectors.interface import Block, Head, Rejected

# The columns of csvlog: 23 up to PostgreSQL 12, then also backend_type (13), leader_pid and query_id (14).
CSVLOG = (
    *("timestamp", "user", "dbname", "pid", "remote_host", "session_id", "line_num", "ps", "session_start"),
    *("vxid", "txid", "error_severity", "state_code", "message", "detail", "hint", "internal_query"),
    *("internal_position", "context", "statement", "cursor_position", "func_name", "application_name"),
    *("backend_type", "leader_pid", "query_id"),
)
csvlog = partial(csv_records, columns=CSVLOG, least=23)

# Values of log_line_prefix: what stands in braces may be there or not; after %q, only sessions go on.
# %t stands for %m too. A prefix may not let a client's application name come before the user's.
PREFIXES = (
    "%t [%p{-%l}] %q%u@%d{/%a}{ %r}{ %e}{ %a} ",
    "%t [%p]{:}{ [%l-1]} %q{[}user=%u,db=%d{,app=%a}{,client=%r}{]} ",
    "%t [%p]{:}{ [%l-1]} %qdb=%d,user=%u{,app=%a}{,client=%r} ",
    "%t [%p]{:}{ [%l-1]} %q%u %d{ %r}{ %e}{ %a} ",
    "%t:%r:%u@%d:[%p]:{%l:%e:%s:%v:%x:%c:}{%a:}",
    "%t-%c-{%u@%d-}",
    "%t %u@%d [%p]{ %r}{ %e}{ %a} ",
    "%t %u %d [%p]{ %r}{ %e}{ %a} ",
    "%t %p %q%u@%d{ %r}{ %e}{ %a} ",
    "%t %p %q%u %d{ %r}{ %e}{ %a} ",
    "%t %u %d %p{ %r}{ %e}{ %a} ",
    "%t %c{ %l} %q%u@%d{ %r}{ %e}{ %a} ",
    "%t %c{ %l} %q%u %d{ %r}{ %e}{ %a} ",
    "%n [%p] %q%u@%d{ %r}{ %e}{ %a} ",
)
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:[A-Za-z]+|[+-]\d\d(?::?\d\d)*)"
_ESCAPES = {
    "t": rf"(?P<timestamp>{_TIME})",
    "n": r"(?P<epoch>\d{9,11}\.\d{3})",
    "p": r"(?P<pid>\d+)",
    "c": r"(?P<session_id>[0-9a-f]+\.[0-9a-f]+)",
    "u": r"(?P<user>[^\s,=]{0,255})",  # bounded, or a long line without a space is gone through again and again
    "d": r"(?P<dbname>[^\s,=/]{0,255})",
    "s": _TIME,
    "l": r"\d+",
    "x": r"\d+",
    "v": r"[-\d/]*",
    "e": r"(?=[A-Z]*\d)[0-9A-Z]{5}",
    "r": r"[^\s,]{0,300}?",
    "a": r".{0,255}?",
}
_MESSAGE = r"(?P<error_severity>[^\W\d_]+\d?):  (?P<text>.*)"
_SEVERITIES = frozenset(("LOG", "ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG"))
_FOLLOWERS = {
    "DETAIL": "detail",
    "HINT": "hint",
    "QUERY": "internal_query",
    "CONTEXT": "context",
    "STATEMENT": "statement",
    "LOCATION": "func_name",
    "BACKTRACE": "backtrace",
}
_VERBOSE = re.compile(r"((?=[A-Z]*\d)[0-9A-Z]{5}): ")  # log_error_verbosity = verbose
_CURSOR = re.compile(r" at character (\d+)$")
_AUTHORIZED = re.compile(r"connection authorized: user=(.*?) database=(.*?)(?: (?:application_name=|SSL ).*)?$")
_AUDIT_ROW = re.compile(r"[^{\"]{0,1000}?[A-Z]:  AUDIT: (?:SESSION|OBJECT),\d+,\d+,[A-Z]+,")
_SERVER_LINE = re.compile(rf"[^{{\"]{{0,1000}}?\b(?:{'|'.join(sorted(_SEVERITIES | _FOLLOWERS.keys()))})[1-5]?:  ")
# An audit row before its parameter (pgaudit_audit), and a parameter with what follows it.
_TOLD_ROW = re.compile(
    r"(AUDIT: (?:SESSION|OBJECT),\d+,\d+"
    r'(?:,[^,"]*){3}(?:,(?:(?:"[^"]*")+|[^,"]*)){2}),(?:(?:"[^"]*")+|[^,"]*)(?:,\d+)?'
)
_VALUE = re.compile(r"\$\d")
_NO_RECORD = "The line belongs to no record of this log."
_NOT_WHOLE = "The log ends within the statement of the record."
_UNKNOWN_PREFIX = "The log_line_prefix before this row is not known."
KNOWN_LINES = 20  # of the head, to say whether it is such a log
STARTING_LINES = 100  # before them, of what starts the server


@dataclass
class _Record:
    """A record as it is read: what its prefix said, and its parts (message, DETAIL and so on), each a list of lines.
    ``size``: characters of them all, ends of lines too; of a record that is too long no more is held. ``is_cut``: the
    log ends without the end of its last line, which may be longer than it is here."""

    position: int
    fields: dict[str, str]
    parts: dict[str, list[str]] = field(default_factory=dict)
    last: str = "message"
    size: int = 0
    is_cut: bool = False

    def add(self, part: str, line: str) -> None:
        self.last = part
        self.size += len(line) + 1
        told = self.parts.setdefault(part, [])  # which parts there are is known of any record
        if self.size <= TEXT_LIMIT:
            told.append(line)


@dataclass
class _Heard:
    """A stream, and the last byte that was read of it."""

    stream: BinaryIO
    last: bytes = b""

    def read(self, size: int) -> bytes:
        piece = self.stream.read(size)
        self.last = piece[-1:] or self.last
        return piece


def stderr(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    """One text per record of a stderr log; the position is the number of the record's first line.

    A line that begins with a tab goes on with the line before; DETAIL, STATEMENT and the like belong to
    the record before. Where the prefix names no user, the session's "connection authorized" line does.
    What belongs to no record is rejected. A log that is being written may end within a value: see ``_as_cut``.
    """
    return blocks(_records(stream, head))


def is_stderr(head: Head) -> bool:
    """Whether at least half of the first lines begin a record of PostgreSQL's own; lines before the first record do not
    count (of a container, what initdb says when it starts anew). Where pgaudit has rows behind a prefix that is not
    known, lines behind such a one are records too: nobody else reads them, and they are refused, not passed by."""
    lines = [line for line in _head_lines(head) if not line.startswith("\t")]
    near = lines[: STARTING_LINES + KNOWN_LINES]
    told = [_parse(line, _PATTERNS) for line in near]
    if _are_records(told):
        return True
    unread = [found or _unread(line) for line, found in zip(near, told, strict=True)]
    return any(_AUDIT_ROW.match(line) for line in lines) and _are_records(unread)


def _are_records(told: Sequence[dict[str, str] | None]) -> bool:
    first = next((place for place, found in enumerate(told) if found), len(told))
    near = told[first : first + KNOWN_LINES] if first <= STARTING_LINES else []
    known = [found for found in near if found]
    return bool(known) and 2 * len(known) >= len(near) and any(_is_english(found) for found in known)


def _compiled(prefix: str) -> re.Pattern[str]:
    pattern, optional = "", False
    for token in re.findall(r"%.|.", prefix):
        if token == "%q":
            pattern, optional = pattern + "(?:", True
        elif token in "{}":
            pattern += "(?:" if token == "{" else ")?"
        else:
            pattern += _ESCAPES[token[1]] if token.startswith("%") else re.escape(token)
    return re.compile(pattern + (")?" if optional else "") + _MESSAGE)


_PATTERNS = tuple(_compiled(prefix) for prefix in PREFIXES)


def _parse(line: str, patterns: tuple[re.Pattern[str], ...]) -> dict[str, str] | None:
    for pattern in patterns:
        if found := pattern.match(line):
            told = found.groupdict()
            return {key: told[key] for key in told if key == "text" or told[key] not in (None, "", "[unknown]")}
    return None


def _unread(line: str) -> dict[str, str] | None:
    return {"error_severity": "LOG"} if _SERVER_LINE.match(line) else None


def _is_english(found: dict[str, str]) -> bool:
    return found["error_severity"].rstrip("12345") in _SEVERITIES or found["error_severity"] in _FOLLOWERS


def _by_use(head: Head) -> tuple[re.Pattern[str], ...]:
    """The patterns, those that fit most lines of the head first: a name with a space or an @ in it may make
    a single line fit another one."""
    lines = _head_lines(head)
    fits = Counter({pattern: sum(1 for line in lines if pattern.match(line)) for pattern in _PATTERNS})
    return tuple(pattern for pattern, _ in fits.most_common())


def _head_lines(head: Head) -> list[str]:
    lines = head.start.decode("utf-8", "replace").split("\n")
    whole = lines if head.whole or len(lines) == 1 else lines[:-1]
    return [line for line in whole if line.strip()]


def _returns(head: Head) -> bool:
    """Whether it was written on Windows: records end so, but for what a cut left. (Within one a client's own line ends
    stand, which say nothing.)"""
    lines = head.start.split(b"\n")
    ends = [line.endswith(b"\r") for line, after in pairwise([*lines, b""]) if line and not after.startswith(b"\t")]
    return 2 * sum(ends) >= len(ends) > 0


def _records(stream: BinaryIO, head: Head) -> Iterator[tuple[int, str] | Rejected]:
    patterns = _by_use(head)
    returns = _returns(head)
    sessions: dict[str, tuple[str, str]] = {}
    record: _Record | None = None
    heard = _Heard(stream)
    for position, raw in enumerate(lines(heard), 1):
        line = raw.decode("utf-8", "surrogateescape")
        if returns:
            line = line.removesuffix("\r")
        if record and line.startswith("\t"):
            record.add(record.last, line[1:])
            continue
        found = _parse(line, patterns)
        part = _FOLLOWERS.get(found["error_severity"]) if found else None
        if record and found and part and found.get("pid") == record.fields.get("pid"):
            record.add(part, found["text"])
            continue
        if record:
            yield _told(record, sessions)
        record = None
        if found and not part:
            record = _Record(position, found)
            record.add("message", found.pop("text"))
        elif line.strip():
            yield Rejected(position, _UNKNOWN_PREFIX if _AUDIT_ROW.match(line) else _NO_RECORD, raw[:KEPT_TEXT])
    if record:
        record.is_cut = heard.last != b"\n"
        yield _told(record, sessions)


def _told(record: _Record, sessions: dict[str, tuple[str, str]]) -> tuple[int, str] | Rejected:
    told = {"message": ""} | record.fields | {part: "\n".join(lines) for part, lines in record.parts.items()}
    if state := _VERBOSE.match(told["message"]):
        told |= {"state_code": state[1], "message": told["message"][state.end() :]}
    if not told["message"].startswith("AUDIT: ") and (cursor := _CURSOR.search(told["message"])):
        told |= {"cursor_position": cursor[1], "message": told["message"][: cursor.start()]}
    if epoch := told.pop("epoch", None):
        at = datetime.fromtimestamp(int(epoch[:-4]), UTC)
        told["timestamp"] = f"{at:%Y-%m-%d %H:%M:%S}{epoch[-4:]} UTC"
    if "pid" not in told and "session_id" in told:
        told["pid"] = str(int(told["session_id"].partition(".")[2], 16))
    if record.is_cut:
        told["message"] = _as_cut(told["message"])
    _remember(told, sessions)
    text = json.dumps(told, ensure_ascii=False)
    if record.is_cut and record.last == "statement":  # which may go on: another one failed
        return Rejected(record.position, _NOT_WHOLE, text.encode("utf-8", "surrogateescape")[:KEPT_TEXT])
    if fault := _fault(text, max(record.size, len(text)), any("\0" in value for value in told.values())):
        return Rejected(record.position, fault, text.encode("utf-8", "surrogateescape")[:KEPT_TEXT])
    return record.position, text


def _as_cut(message: str) -> str:
    """An audit row at whose end the log may go on: `17` may become `175`, so no value of it is known."""
    found = _TOLD_ROW.fullmatch(message)
    return f"{found[1]},<not logged>" if found and _VALUE.search(found[1]) else message


def _remember(told: dict[str, str], sessions: dict[str, tuple[str, str]]) -> None:
    """Note whose a session is, and tell it of its records that do not say so themselves."""
    pid = told.get("pid", "")
    if "statement" not in told:  # what a statement raises can say anything
        if authorized := _AUTHORIZED.match(told["message"]):
            sessions[pid] = (authorized[1], authorized[2])
        elif told["message"].startswith(("connection received: ", "disconnection: ")):
            sessions.pop(pid, None)
    if "user" not in told and "dbname" not in told and pid in sessions:
        told["user"], told["dbname"] = sessions[pid]


def _fault(text: str, size: int, holds_nul: bool) -> str | None:
    if size > TEXT_LIMIT:
        return f"The record is longer than {TEXT_LIMIT >> 20} MiB."
    if holds_nul:
        return "The record holds a NUL byte."
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "The record is not valid UTF-8."
    return None
