"""The panel that says why: the grade, the path, and each event with the files that it was seen in."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lineage.errors import LineageError
from lineage.names import format_bound
from lineage.questions.steps import BEGINNING, NOW
from lineage.questions.things import KINDS
from lineage.questions.wording import REASONS, clock, clocks
from ui import drawing, link
from ui.asking import ask

WHY = {  # of reads and of changes
    "confirmed": "The touch is certain, the record was certainly there, and its key is named or a statement picks it.",
    "probable": "The touch is certain and the record was certainly there; which rows it reached is not known.",
    "possible": "The evidence allows it and does not settle it.",
}
SECOND = 1_000_000  # µs
TIMES = {"time", "valid from", "valid to", "taken at"}


def why(row: Mapping[str, Any]) -> str:
    """Why a line has its grade, in a sentence."""
    because = REASONS.get(row.get("because", ""), "")
    return f"{WHY[row['grade']]}{f' Here: {because}.' if because else ''}"


def grade_line(row: Mapping[str, Any]) -> str:
    return f"<p>{drawing.mark(row['grade'])}. <span class='quiet'>{escape(why(row))}</span></p>"


def lasting(start: int | None, end: int | None) -> str:
    """From when to when (µs), in the words of a path: what took less than a second was at its start."""
    low, high = (None if at is None else format_bound(at) for at in (start, end))
    if start is not None and end is not None and low and end < start + SECOND:
        return clock(low)
    return f"{clock(low) if low else BEGINNING} to {clock(high) if high else NOW}"


def path(steps: Sequence[str]) -> str:
    return '<ol class="path">' + "".join(f"<li>{escape(clocks(step))}</li>" for step in steps) + "</ol>"


def events(digests: Sequence[str]) -> str:
    """Each event: what it said, and every file that it was seen in, with the file's digest and the position."""
    if not digests:
        return '<p class="quiet small">No event of its own: the catalog says it.</p>'
    try:
        values = {"digest": sorted(set(digests))}
        found = ask("evidence", values, says="Looking up the events", recorded=False).rows("events")
    except LineageError as error:
        return f'<p class="quiet small">{escape(str(error))}</p>'
    order = {digest: number for number, digest in enumerate(digests)}
    return "".join(_event(event) for event in sorted(found, key=lambda event: order.get(event["digest"], 0)))


def _event(event: Mapping[str, Any]) -> str:
    facts = dict(event["said"])
    digest = f'<span class="mono quiet">{escape(event["digest"])}</span>'
    body = f'<div class="event"><b>{escape(event["kind"])}</b> {digest}<dl>'
    for name, value in facts.items():
        shown = clock(value) if name in TIMES else str(value)
        body += f"<dt>{escape(name)}</dt><dd>{_linked(name, shown)}</dd>"
    for place in event["seen"]:
        body += (
            f"<dt>seen in</dt><dd>{escape(place['input'])}, position {place['position']}<br>"
            f'<span class="mono quiet">{escape(place["input_digest"])}</span></dd>'
        )
    return body + "</dl></div>"


def _linked(name: str, value: str) -> str:
    kind = name.replace(" ", "-")
    return drawing.link(value, link.to_thing(kind, value)) if kind in KINDS else escape(value)
