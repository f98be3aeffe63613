"""A saved result in words, and a case as one page to hand over."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lineage.errors import LineageError
from lineage.names import format_instant, parse_instant
from lineage.questions.wording import clock, second
from ui import drawing, link
from ui.cases import Saved
from ui.views import report


def printed(title: str, results: Sequence[Saved], origin: str) -> bytes:
    """Each result with its note, its numbers as they were, what they rest on, and where it is looked at (below
    ``origin``): to print, to send or to file."""
    return report.page(
        title,
        f"<p>{drawing.number(len(results))} saved {'result' if len(results) == 1 else 'results, the newest first'}. "
        "The numbers are as they were when it was saved.</p>",
        *(_part(result, origin) for result in results),
    )


def _part(result: Saved, origin: str) -> str:
    where = f"{origin}/{address(result.view).removeprefix('./')}"
    told = numbers(result.summary)
    events, digest = drawing.number(result.checkpoint["events"]), escape(result.checkpoint["digest"])
    return (
        f"<h2>{escape(result.title)}</h2>"
        + note(result)
        + (f"<p><b>{escape(told)}</b></p>" if told else "")
        + f'<p class="small">{escape(result.case)} · saved {second(result.saved_at)}{escape(window(result.view))}</p>'
        f'<p class="digest">Answered from {events} events, {digest}.<br>'
        f'<a href="{escape(where)}">{escape(where)}</a></p>'
    )


def note(result: Saved) -> str:
    """The note of a result, in the lines that it was written in."""
    lines = "<br>".join(escape(line) for line in result.note.splitlines())
    return f"<p>{lines}</p>" if lines else ""


def address(view: Mapping[str, Any]) -> str:
    told = dict(view)
    page = told.pop("page", link.FIRST)
    return link.to(page if page in link.PAGES else link.FIRST, told)


def window(view: Mapping[str, Any]) -> str:
    """The window as it was asked: two results of one title may differ in that alone."""
    sides = {side: view[side] for side in ("from", "to") if view.get(side)}
    told = [f"{side} {_clock(text[0] if isinstance(text, list) else text)}" for side, text in sides.items()]
    return f" · asked {' '.join(told)}" if told else ""


def _clock(text: str) -> str:
    """As other pages tell an instant; what is none stays as it was saved."""
    try:
        return clock(format_instant(parse_instant(text)))
    except LineageError:
        return text


def numbers(summary: Mapping[str, Any]) -> str:
    people = summary.get("data_subjects")
    if isinstance(people, dict):
        bound = "a bound" if people.get("bounded") else "not a bound"
        low, high = drawing.number(people["at_least"]), drawing.number(people["at_most"])
        altered = summary.get("altered", {})
        also = f" Altered: {drawing.span(altered)}." if altered.get("at_most") else ""
        return f"At least {low}, at most {high} people ({bound}).{also}"
    vendors = summary.get("vendors")
    if isinstance(vendors, dict):
        touches = sum(sum(counts.values()) for counts in vendors.values())
        named = sum(bool(vendor) for vendor in vendors)  # the others have none in the catalog
        return f"Touches: {drawing.number(touches)}. Vendors: {drawing.number(named)}."
    return ""
