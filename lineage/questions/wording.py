"""How answers are worded for people: short lines, counts first, lists cut with a word on how to see the rest."""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lineage.flow.seeds import RULES
from lineage.names import shown

MEANINGS = {
    "confirmed": "read for certain: its key is named, or the statement picks it",
    "probable": "read for certain, but which rows is not known",
    "possible": "anything weaker that the evidence allows",
}
OF_TOUCHES = {grade: means.replace("read", "touched") for grade, means in MEANINGS.items()}  # changes are among them
REASONS = {
    "flow": "came by flow: no log says that it was inside what was read",
    "uncertain-presence": "the package was possibly, not certainly, there at the time",
    "uncertain-record-presence": "the record was there for a part of the time only",
    "unknown-outcome": "the log does not say whether the access succeeded",
    "unknown-operation": "the log does not say what the access did",
    "unknown-schema": "the statement is not understood, or names the table without its schema, and no row tells it"
    " (pgaudit.log_relation); or a rename passed the name on",
    "part-of-table": "a partition, or a table that inherits, was touched: the records are told of what it is a part"
    " of, or of its parts",
    "unfinished-run": "the run failed or never ended",
    "task-query": "a query of a task, or a test, told when all was done: when it ran is not known",
    "run-without-start": "the run's START was never seen",
    "run-out-of-order": "the run ended before it started",
    "credential": "used with a credential that a compromised run knew",
    "partly-outside-window": "the access reached beyond the window",
    "open-dataset": "the dataset was open; who read it nobody logged",
}
HELPS = {  # what evidence would tell more, of the reasons for which there is any
    "flow": "record entries that tell whose records the datasets hold that were read",
    "uncertain-presence": "snapshots of the environment's packages (SBOM, pip inspect) from nearer to the run",
    "unknown-outcome": "a log that tells whether what was tried succeeded",
    "unknown-operation": "a log that tells what was done",
    "unknown-schema": "a log with pgaudit.log_relation, or events, which name the table and its schema",
    "unfinished-run": "the run's last event, where it was lost",
    "run-without-start": "the run's START event; max_duration in the catalog says how early it may have begun",
    "credential": "when the secret was changed: rotated_at in the catalog ends what it could be used for",
    "open-dataset": "a log of who read the dataset",
}
STATES = {
    "silent": "silent for longer than it may be",
    "not-observable": "no source ever logs reads",
    "no-entries": "nobody told which records it holds",
    "no-snapshots": "its packages were not looked into at every moment of the window",
    "no-source": "no source observes it",
}
LACKS = {  # the same, after a count of datasets or environments
    "silent": "whose source was silent",
    "not-observable": "whose reads no source logs",
    "no-entries": "without record entries",
    "no-snapshots": "without package snapshots at every moment",
    "no-source": "without a source",
    "unseen-call": "of which nobody told what was reached",
}

NO_VENDOR = "no vendor of the catalog"
APART = "counted apart: not all of them need be among those above"  # those who were altered
ALWAYS = "at any time"  # where neither side of a window is given
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
MOST_NAMES, MOST_SILENCES = 4, 2  # of one line
WIDE = 132  # characters of a line of prose, before it is folded
# The first and the last instant that a silence is told with, where the window is open on that side.
ALL_TIME = ("1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z")


def spaced(value: int) -> str:
    """A number in groups of three digits, with narrow spaces that no line is broken at: a comma is read in two ways."""
    return f"{value:,}".replace(",", "\u202f")


def span(bounds: Mapping[str, int]) -> str:
    """``at least 3, at most 7``, or the one number where both are the same."""
    low, high = bounds["at_least"], bounds["at_most"]
    return f"{low}" if low == high else f"at least {low}, at most {high}"


def lacking(state: str, count: int) -> str:
    """What keeps a number from being a bound: ``1 environment without package snapshots at every moment``."""
    thing = {"no-snapshots": "environment", "unseen-call": "call"}.get(state, "dataset")
    return f"{thing if count == 1 else f'{thing}s'} {LACKS[state]}"


def page(lines: Iterable[str]) -> str:
    """The lines as one text. Names come from logs: whoever wrote one may have meant it to look like another line."""
    return "\n".join(map(shown, lines))


def table(rows: Sequence[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Columns as wide as their widest cell; numbers end where the others of their column do."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        (indent + "  ".join(_wide(cell, width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def _wide(cell: str, width: int) -> str:
    return cell.rjust(width) if cell.isdigit() else cell.ljust(width)


def span_lines(title: str, found: Mapping[str, Mapping[str, int]], nameless: str = "-") -> list[str]:
    """At least and at most by name, as columns; the most first."""
    rows = sorted(found.items(), key=lambda item: (-item[1]["at_most"], item[0]))
    told = [(f"  {name or nameless}", str(bounds["at_least"]), str(bounds["at_most"])) for name, bounds in rows]
    return table([(f"{title}:", "at least", "at most"), *told], indent="") if told else []


def sure_lines(counts: Mapping[str, int], meanings: Mapping[str, str] = MEANINGS) -> list[str]:
    """How many of each grade, and what the grade means."""
    return ["How surely:", *table([(grade, str(counts[grade]), means) for grade, means in meanings.items()])]


def computed(checkpoint: Mapping[str, Any]) -> str:
    return f"Computed at {checkpoint['events']} events, {checkpoint['digest'][:19]}…"


def folded(line: str) -> list[str]:
    """A line of prose as lines that fit a terminal, what follows indented further; a name without spaces is whole."""
    return textwrap.wrap(
        shown(line), WIDE, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False,
        expand_tabs=False, replace_whitespace=False,
    )  # fmt: skip


def by_time(attempt: Mapping[str, Any]) -> str:
    """What attempts are ordered by where people read them; the answer has them by what they are."""
    return str(attempt["time"])


def cut(items: Iterable[str], most: int, rest: str) -> list[str]:
    """The first ``most`` lines and, where there are more, a line that says how to see them."""
    lines = list(items)
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"  … and {len(lines) - most} more ({rest})"]


def coverage_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each thing that was not watched; those that were not for the same reason and time share one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["state"] == "observed":
            continue
        kind = "" if "dataset" in row else "environment"
        what = row["dataset"]["name"] if "dataset" in row else row["environment"]
        silences = row.get("silent", ())
        silent = "; ".join(silence(low, high) for low, high in silences[:MOST_SILENCES])
        more = f" ({silent}{' …' if len(silences) > MOST_SILENCES else ''})" if silent else ""
        alike.setdefault((kind, f"{STATES[row['state']]}{more}"), []).append(what)
    return [line for (kind, reason), names in alike.items() for line in folded(f"  {_names(kind, names)}: {reason}")]


def _names(kind: str, names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMES
    told = ", ".join(names) if rest <= 1 else f"{', '.join(names[:MOST_NAMES])} and {rest} more"
    return f"{kind}{'s' if len(names) > 1 else ''} {told}" if kind else told


def asked(parameters: Mapping[str, Any]) -> str:
    """What a question was asked with: its values, the rules that were off, and when; one that was refused, as given."""
    low, high = (value if isinstance(value := parameters.get(side), str) else None for side in ("from", "to"))
    parts = []
    for name, value in parameters.items():
        if name == "rules":
            off = [rule for rule in RULES if rule not in value]
            parts += [f"without {', '.join(off)}"] if off else []
        elif isinstance(value, list):
            parts.append(f"{name} {', '.join(' '.join(v) if isinstance(v, list | tuple) else str(v) for v in value)}")
        elif name not in ("from", "to"):
            parts.append(f"{name} {value}")
    if low and high:
        parts.append(f"{clock(low)} to {clock(high)}")
    elif low or high:
        parts.append(f"from {clock(low)} on" if low else f"until {clock(high)}")
    return "; ".join(parts)


def asked_when(parameters: Mapping[str, Any]) -> str:
    """The same of a question that may have a window, and says so where it has none."""
    return asked(parameters) + ("" if {"from", "to"} & parameters.keys() else f"; {ALWAYS}")


def silence(low: str, high: str) -> str:
    first, last = ALL_TIME
    if low == first:
        return "all the time" if high == last else f"until {second(high)}"
    return f"from {second(low)} on" if high == last else between(low, high)


def caveat_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [line for row in rows for line in folded(f"  {row['count']} x {row['kind']}: {row['hint']}")]


def clock(instant: str | None) -> str:
    """An instant of the answer without what is zero in it; the ends of all time are a side that is open."""
    if instant is None or instant in ALL_TIME:
        return "open"
    whole, _, part = instant.removesuffix("Z").replace("T", " ").partition(".")
    return whole + (f".{part}" if (part := part.rstrip("0")) else "") + " UTC"


def clocks(text: str) -> str:
    """A text with each instant in it as people read it."""
    return INSTANT.sub(lambda told: clock(told[0]), text)


def second(instant: str | None) -> str:
    """The same to the second, where a reader wants no more."""
    return re.sub(r"\.\d+", "", clock(instant))


def between(low: str, high: str) -> str:
    """From one instant to another, to the second; what both have is told once."""
    begun, ended = second(low).removesuffix(" UTC"), second(high)
    day = ended.partition(" ")[0]
    return f"{begun} to {ended.removeprefix(f'{day} ') if begun.startswith(day) else ended}"
