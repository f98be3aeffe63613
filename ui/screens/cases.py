"""Cases: what was saved, with its note and the numbers as they were, and the way back to the view."""

from html import escape
from typing import Any

import streamlit as st

from lineage.errors import LineageError
from lineage.names import format_instant, parse_instant
from lineage.questions.wording import clock, second
from ui import cases, drawing, link, session


def page() -> None:
    saved = cases.read(session.store_path())
    drawing.head("Cases", "Saved results")
    if not saved:
        drawing.empty("No case yet", "“Save to case” on any answer keeps its link, its numbers and a note here.")
        return
    names = sorted({result.case for result in saved})
    chosen = link.one("case")
    picked = st.pills(
        "Case", names, default=chosen if chosen in names else None, format_func=drawing.plain, key="case-of"
    )
    link.keep(case=picked)
    for result in saved:
        if not picked or result.case == picked:
            _one(result)


def _one(result: cases.Saved) -> None:
    with st.container(border=True, key=f"saved-{result.id}"):
        left, right = st.columns([6, 1], vertical_alignment="center")
        with left:
            now = session.now().digest
            same = result.checkpoint["digest"] == now
            when = second(result.saved_at)
            events = drawing.number(result.checkpoint["events"])
            drawing.html(
                f'<div class="over">{escape(result.case)} · saved {when}{escape(_window(result.view))}</div>'
                f"<h2>{drawing.link(result.title, address(result.view))}</h2>"
                + (f"<p>{escape(result.note)}</p>" if result.note else "")
                + f'<p class="small quiet">{_numbers(result.summary)} At {events} events'
                + (", as the store is now." if same else "; the store has changed since: opening it asks again.")
                + "</p>"
            )
        with right, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Remove", key=f"remove-{result.id}", help="Takes it out of the list; the file keeps the line"):
                cases.remove(session.store_path(), result.id)
                link.rerun()


def address(view: dict[str, Any]) -> str:
    told = dict(view)
    page = told.pop("page", link.FIRST)
    return link.to(page if page in link.PAGES else link.FIRST, told)


def _window(view: dict[str, Any]) -> str:
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


def _numbers(summary: dict[str, Any]) -> str:
    people = summary.get("data_subjects")
    if isinstance(people, dict):
        bound = "a bound" if people.get("bounded") else "not a bound"
        low, high = drawing.number(people["at_least"]), drawing.number(people["at_most"])
        return f"At least {low}, at most {high} people ({bound})."
    vendors = summary.get("vendors")
    if isinstance(vendors, dict):
        touches = sum(sum(counts.values()) for counts in vendors.values())
        named = sum(bool(vendor) for vendor in vendors)  # the others have none in the catalog
        return f"Touches: {drawing.number(touches)}. Vendors: {drawing.number(named)}."
    return ""
