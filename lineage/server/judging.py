"""Can this event be stored? Said at once, so that a client hears of what never can.

The collector decides in the end, and what is refused here is journalled too: it is counted among the rejected
lines, as file ingest counts it, and should the two ever differ nothing is lost. The rules are the collector's, in
Python, since the engine takes a thousand times as long for one event; a test holds the two together.
"""

import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from lineage.collectors.documents import documents
from lineage.collectors.openlineage import NO_DATASET, NO_EVENT, NO_JOB, NO_RUN, NO_TIME, ODD_TIME
from lineage.server.bodies import BODY_LIMIT

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_BREAKS = re.compile(rb"[\r\n]+")
# As the collector reads it: see _EVENT_TIME in lineage.collectors.openlineage and TIME_MACROS beside it.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?:(:\d\d)(\.\d+)?)?(?:[Zz]|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?",
    re.ASCII,
)


class Judged(NamedTuple):
    """One event as one line of text, and why it can never be stored."""

    line: bytes
    fault: str | None


def judge(body: bytes) -> Judged:
    """The body of a request that holds one event."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    line = _BREAKS.sub(b" ", body).strip()
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return Judged(line, f"The body is not valid UTF-8 at byte {error.start + 1}.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Judged(line, f"The body is not JSON: {_why(error)}.")
    if isinstance(value, list):
        return Judged(line, "This is a list, not one event: POST it to /api/v1/lineage/batch.")
    return Judged(line, fault_of(value) or _unreadable(text))


def judge_batch(body: bytes) -> list[Judged] | None:
    """The events of a body that holds a list of them; None where it is no list.

    Their texts are as they were sent, so that their digests are those of the same events in a file.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    if not body.lstrip().startswith(b"["):
        return None
    try:
        return list(_quick(body.decode()))
    except (ValueError, RecursionError):
        return list(_careful(body))


def fault_of(event: Any) -> str | None:
    """Why an event, as parsed JSON, can not be placed; None where it can."""
    if not isinstance(event, dict):
        return NO_EVENT
    run, job, dataset = event.get("run"), event.get("job"), event.get("dataset")
    has_run, has_job, has_dataset = (part is not None for part in (run, job, dataset))
    if has_run:
        kind = "run"
    elif has_dataset and not has_job:
        kind = "dataset"
    elif event.get("eventType") is not None or _text(event.get("schemaURL")).endswith("RunEvent"):
        kind = "run"
    elif has_job:
        kind = "job"
    else:
        return NO_EVENT
    if kind != "job" and (fault := _time_fault(_text(event.get("eventTime")))):
        return fault
    if kind == "run" and not _member(run, "runId"):
        return NO_RUN
    if kind != "dataset" and not _member(job, "name"):
        return NO_JOB
    if kind == "dataset" and not (_member(dataset, "namespace") and _member(dataset, "name")):
        return NO_DATASET
    return None


def _quick(text: str) -> Iterator[Judged]:
    """Raises ValueError where the list is not JSON through and through."""
    at = _skip(text, text.index("[") + 1)
    if text.startswith("]", at):
        at += 1
    else:
        while True:
            value, end = _DECODER.raw_decode(text, at)
            told = text[at:end]
            yield Judged(_BREAKS.sub(b" ", told.encode()), fault_of(value) or _unreadable(told))
            at = _skip(text, end)
            if text.startswith("]", at):
                at += 1
                break
            if not text.startswith(",", at):
                raise ValueError("no comma")
            at = _skip(text, at + 1)
    if _skip(text, at) != len(text):
        raise ValueError("more after the list")


def _careful(body: bytes) -> Iterator[Judged]:
    """Object by object: one that is broken costs no other."""
    for _, text, fault in documents(io.BytesIO(body), BODY_LIMIT):
        judged = judge(text)
        yield Judged(judged.line, fault or judged.fault)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _member(part: Any, name: str) -> str:
    return _text(part.get(name)) if isinstance(part, dict) else ""


def _text(value: Any) -> str:
    """As the collector takes a value where it wants a text: a number is its text, an object or a list too."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _time_fault(told: str) -> str | None:
    if not told:
        return NO_TIME
    match = _TIME.fullmatch(told.split("[", 1)[0].strip(" "))
    if match is not None:
        day, minute, second, fraction, sign, hours, minutes = match.groups()
        clock = f"{minute}{second or ':00'}{fraction or ''}"
        midnight = clock.startswith("24:00:00") and not clock.strip(":.0").removeprefix("24")
        leaps = second == ":60"
        whole = "00:00:00" if midnight else f"{minute}:59" if leaps else clock[:8]
        try:
            moment = datetime.fromisoformat(f"{day}T{whole}")
            ahead = timedelta(days=midnight, seconds=leaps)
            if sign:
                ahead -= timedelta(hours=int(f"{sign}{hours}"), minutes=int(f"{sign}{minutes or 0}"))
            moment += ahead  # raises outside the years 1 to 9999
            if not leaps or ("0002" <= day < "9999" and moment.time() == time.min):
                return None
        except (ValueError, OverflowError):
            pass
    return ODD_TIME


def _unreadable(text: str) -> str | None:
    """What Python reads as JSON and the store does not: half of a surrogate pair in a string."""
    if "\\ud" not in text and "\\uD" not in text:
        return None
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "A text of the event holds half of a surrogate pair."
    return None


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
