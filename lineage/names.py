"""Instants and names as the user writes them.

An instant is an integer: microseconds since 1970-01-01 UTC, within the years 1 to 9999. An open end is
``BEFORE_ALL`` or ``AFTER_ALL``, which lie outside those years and inside a signed 64-bit integer.
"""

import difflib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from lineage.errors import LineageError

BEFORE_ALL = -(2**62)
AFTER_ALL = 2**62

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000  # µs
FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
LAST = (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC) - _EPOCH) // _MICROSECOND

# RFC 3339, section 5.6, with the space that its note allows in place of T.
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))?", re.ASCII
)

# A UUID whose first characters tell the time.
_TIMED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[67][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_COMPARED = 300  # characters of a name that is compared with others
BRIEF = 8  # characters of an id that has no room


def parse_instant(text: str) -> int:
    """Microseconds of an RFC 3339 time with an offset; digits beyond the microsecond are cut off, and a leap second is
    the one that follows it.

    Raises LineageError for anything else: no offset, no such day, outside the years 1 to 9999.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise _no_time(text)
    *parts, fraction, utc, sign, hours, minutes = match.groups()
    if not utc and not sign:
        raise LineageError(
            f"The time {text!r} has no offset.",
            f"Add Z for UTC or an offset such as +01:00: {text.strip()}Z.",
        )
    if sign and (int(hours) > 23 or int(minutes) > 59):
        raise _no_time(text)
    try:
        year, month, day, hour, minute, second = map(int, parts)
        leaps = second == 60
        local = datetime(year, month, day, hour, minute, second - leaps, tzinfo=UTC)
    except ValueError:
        raise _no_time(text) from None
    ahead = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    instant = (local - _EPOCH) // _MICROSECOND + leaps * 1_000_000
    instant -= (ahead // _MICROSECOND) * (-1 if sign == "-" else 1)
    if leaps and instant % _DAY:  # only the last second of a day in UTC is ever followed by one
        raise _no_time(text)
    instant += int((fraction or "")[:6].ljust(6, "0"))
    if not FIRST <= instant <= LAST:
        raise _no_time(text)
    return instant


def format_instant(instant: int) -> str:
    """``YYYY-MM-DDTHH:MM:SS.ffffffZ``, always with six digits, so that text sorts as time does.

    Raises LineageError for what is outside the years 1 to 9999, open ends included.
    """
    if not FIRST <= instant <= LAST:
        raise LineageError(
            f"The instant {instant} lies outside the years 1 to 9999.", "Look at the times of the source."
        )
    return (_NAIVE_EPOCH + timedelta(microseconds=instant)).isoformat(timespec="microseconds") + "Z"


def format_bound(instant: int) -> str | None:
    """``format_instant`` of an end of an interval; None where it is open."""
    return None if instant in (BEFORE_ALL, AFTER_ALL) else format_instant(instant)


def is_text(told: str) -> bool:
    """Whether the text can be written as UTF-8: bytes of a command line, or JSON's escapes, may be none."""
    try:
        told.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(told: str) -> str:
    """The text as part of one line: what would end the line, or order a terminal about, is escaped."""
    if told.isprintable():
        return told
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in told)


def brief(run: str) -> str:
    """What tells a run where its id has no room: how it begins, or how it ends where all of one minute begin alike."""
    return f"…{run[-BRIEF:]}" if _TIMED.fullmatch(run) else run[:BRIEF]


def nearest(text: str, known: Iterable[str], *, alike: float = 0.6) -> tuple[str, ...]:
    """Up to three of the known names that look most like ``text``, best first; () where none is as much ``alike``
    (0 to 1). Of long ones their beginnings are compared: it takes as long as both are, multiplied."""
    names = {name[:_COMPARED].casefold(): name for name in sorted(known, reverse=True)}
    like = difflib.get_close_matches(text[:_COMPARED].casefold(), sorted(names), cutoff=alike)
    return tuple(names[name] for name in like)


def _no_time(text: str) -> LineageError:
    return LineageError(f"{text!r} is no time.", "Write it as RFC 3339 with an offset, such as 2026-03-24T10:39:00Z.")
