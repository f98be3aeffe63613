"""PostgreSQL logs with pgaudit: jsonlog, csvlog and stderr, as access events."""

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from lineage.collectors.framing import json_lines
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.pgaudit_audit import AUDIT_ROWS
from lineage.collectors.pgaudit_frames import CSVLOG, KNOWN_LINES, csvlog, is_stderr, stderr
from lineage.collectors.pgaudit_load import LOAD
from lineage.collectors.sniffing import first_objects, text_of

_KEYS = frozenset(("timestamp", "pid", "error_severity", "message"))
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \S+")
_SESSION = re.compile(r"[0-9a-f]+\.[0-9a-f]+")


def _claims(head: Head) -> bool:
    return _is_csvlog(head) or _is_jsonlog(head) or is_stderr(head)


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    if _is_csvlog(head):
        return csvlog(stream, head)
    if _is_jsonlog(head) or (text_of(head).lstrip().startswith("{") and not is_stderr(head)):
        return json_lines(stream, head)
    return stderr(stream, head)


def _is_jsonlog(head: Head) -> bool:
    return any(told.keys() >= _KEYS for told in first_objects(head))


def _is_csvlog(head: Head) -> bool:
    """Whether one of the first lines begins a record with the columns of csvlog, as far as it is in sight: those
    before it may be what a cut left of one."""
    lines = text_of(head).split("\n")
    begun = [first for first, line in enumerate(lines[:KNOWN_LINES]) if _TIMESTAMP.match(line)]
    return any(_begins_csvlog("\n".join(lines[first:])) for first in begun)


def _begins_csvlog(text: str) -> bool:
    try:
        row = next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error:
        return False
    return (
        12 <= len(row) <= len(CSVLOG)
        and _TIMESTAMP.fullmatch(row[0]) is not None
        and row[3].isdecimal()
        and _SESSION.fullmatch(row[5]) is not None
    )


COLLECTOR = Collector(
    name="pgaudit",
    title="PostgreSQL logs with pgaudit (jsonlog, csvlog or stderr)",
    claims=_claims,
    frame=_frame,
    load=(*AUDIT_ROWS, *LOAD),
    example="2026-03-24 11:02:03.456 UTC [4711] svc_northgate@people LOG:  AUDIT: SESSION,1,1,READ,SELECT,"
    "TABLE,public.contractors,SELECT full_name FROM public.contractors WHERE contractor_id = $1,C-0001,1",
)
