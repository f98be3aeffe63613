"""How answers are worded for people: short lines, counts first, lists cut with a word on how to see the rest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

REASONS = {
    "flow": "came by flow: no log says that it was inside what was read",
    "uncertain-presence": "the package was possibly, not certainly, there at the time",
    "uncertain-record-presence": "the record was there for a part of the time only",
    "unknown-outcome": "the log does not say whether the access succeeded",
    "unknown-operation": "the log does not say what the access did",
    "unknown-schema": "the statement names the table without its schema, and no row does (pgaudit.log_relation)",
    "unfinished-run": "the run failed or never ended",
    "run-without-start": "the run's START was never seen",
    "run-out-of-order": "the run ended before it started",
    "credential": "used with a credential that a compromised run knew",
    "partly-outside-window": "the access reached beyond the window",
    "open-dataset": "the dataset was open; who read it nobody logged",
}
STATES = {
    "silent": "silent for longer than it may be",
    "not-observable": "no source ever logs reads",
    "no-entries": "nobody told which records it holds",
    "no-snapshots": "its packages were not looked into at every moment of the window",
    "no-source": "no source observes it",
}

MOST_NAMES, MOST_SILENCES = 4, 2  # of one line
# The first and the last instant that a silence is told with, where the window is open on that side.
ALL_TIME = ("1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z")


def span(bounds: Mapping[str, int]) -> str:
    """``at least 3, at most 7``, or the one number where both are the same."""
    low, high = bounds["at_least"], bounds["at_most"]
    return f"{low}" if low == high else f"at least {low}, at most {high}"


def table(rows: Sequence[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Columns as wide as their widest cell."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def cut(items: Iterable[str], most: int, rest: str) -> list[str]:
    """The first ``most`` lines and, where there are more, a line that says how to see them."""
    lines = list(items)
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"  … and {len(lines) - most} more ({rest})"]


def coverage_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each thing that was not watched; those that were not for the same reason and time share one."""
    alike: dict[str, list[str]] = {}
    for row in rows:
        if row["state"] == "observed":
            continue
        what = row["dataset"]["name"] if "dataset" in row else f"environment {row['environment']}"
        silences = row.get("silent", ())
        silent = "; ".join(silence(low, high) for low, high in silences[:MOST_SILENCES])
        more = f" ({silent}{' …' if len(silences) > MOST_SILENCES else ''})" if silent else ""
        alike.setdefault(f"{STATES[row['state']]}{more}", []).append(what)
    return [f"  {_names(names)}: {reason}" for reason, names in alike.items()]


def _names(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMES
    return ", ".join(names) if rest <= 1 else f"{', '.join(names[:MOST_NAMES])} and {rest} more"


def silence(low: str, high: str) -> str:
    first, last = ALL_TIME
    if low == first:
        return "all the time" if high == last else f"until {clock(high)}"
    return f"from {clock(low)} on" if high == last else f"{clock(low)} to {clock(high)}"


def caveat_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"  {row['count']} x {row['kind']}: {row['hint']}" for row in rows]


def clock(instant: str | None) -> str:
    """An instant of the answer without what is zero in it; the ends of all time are a side that is open."""
    if instant is None or instant in ALL_TIME:
        return "open"
    return instant.removesuffix(".000000Z").removesuffix("Z").replace("T", " ") + " UTC"
