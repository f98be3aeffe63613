"""Chance and time, both repeatable: the same text always draws the same number, whatever was drawn before."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

FIRST_DAY = date(2026, 3, 2)
LAST_DAY = date(2026, 3, 30)


def number(what: str, below: int) -> int:
    """An even draw from 0 to ``below`` - 1, fixed by ``what``."""
    return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big") % below


def choice(what: str, options: Sequence[str]) -> str:
    """One of ``options``, fixed by ``what``; repeat an option to weigh it."""
    return options[number(what, len(options))]


def opaque(what: str, digits: int) -> str:
    """Hexadecimal digits that mean nothing to anyone, fixed by ``what``."""
    return hashlib.sha256(f"opaque {what}".encode()).hexdigest()[:digits]


def run_id(what: str) -> str:
    """A UUID for a run, fixed by ``what``."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://halden.example/runs/{what}"))


def at(text: str) -> datetime:
    """``03-24 11:30`` or ``03-24 11:30:04.218`` as an instant of 2026, UTC."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def stamp(instant: datetime) -> str:
    """RFC 3339 with milliseconds, as most systems write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def days() -> Iterator[date]:
    """Every day that the sample data covers."""
    day = FIRST_DAY
    while day <= LAST_DAY:
        yield day
        day += timedelta(days=1)


def on(day: date, clock: str) -> datetime:
    """The instant ``clock`` (hh:mm or hh:mm:ss) of that day."""
    return at(f"{day:%m-%d} {clock}")


def is_weekday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < 5
