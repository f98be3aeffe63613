"""Cases: what was saved, with its note and the numbers as they were, and the way back to the view."""

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

import streamlit as st

from lineage.questions.wording import second
from ui import cases, drawing, link, session
from ui.views import case


def page() -> None:
    saved = cases.read(session.store_path())
    drawing.head("Cases", "Saved results")
    _removed()
    if not saved:
        drawing.empty("No case yet", "“Save to case” on any answer keeps its link, its numbers and a note here.")
        return
    names = sorted({result.case for result in saved})
    chosen = link.one("case")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        picked = st.pills(
            "Case",
            names,
            default=chosen if chosen in names else None,
            format_func=drawing.plain,
            key=f"case-of-{link.turn()}",
        )
        link.keep(case=picked)
        shown = [result for result in saved if not picked or result.case == picked]
        _hand_over(picked or "", shown)
    for result in shown:
        _one(result)


def _hand_over(picked: str, shown: Sequence[cases.Saved]) -> None:
    """One page with all that is shown, to print or to send."""
    url = urlsplit(st.context.url or "")
    title = f"Case {picked}" if picked else "Saved results"
    name = re.sub(r"[^\w.-]+", "-", picked).strip("-.") or "cases"
    st.download_button(
        "Report to print", icon=":material/download:", file_name=f"{name}.html", mime="text/html", on_click="ignore",
        help="One page with every result shown here: its note, its numbers as they were, and where it is looked at",
        data=lambda: case.printed(title, shown, f"{url.scheme}://{url.netloc}"),
    )  # fmt: skip


def _one(result: cases.Saved) -> None:
    with st.container(border=True, key=f"saved-{result.id}"):
        left, right = st.columns([6, 1], vertical_alignment="center")
        with left:
            now = session.now().digest
            same = result.checkpoint["digest"] == now
            when = second(result.saved_at)
            events = drawing.number(result.checkpoint["events"])
            drawing.html(
                f'<div class="over">{escape(result.case)} · saved {when}{escape(case.window(result.view))}</div>'
                f"<h2>{drawing.link(result.title, case.address(result.view))}</h2>"
                + case.note(result)
                + f'<p class="small quiet">{case.numbers(result.summary)} At {events} events'
                + (", as the store is now." if same else "; the store has changed since: opening it asks again.")
                + "</p>"
            )
        with right, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Remove", key=f"remove-{result.id}", help="Takes it out of the list; it can be put back"):
                cases.remove(session.store_path(), result.id)
                st.session_state["removed"] = result
                link.rerun()


def _removed() -> None:
    """What was removed last, and the way back."""
    gone = st.session_state.get("removed")
    if gone is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="removed"):
        drawing.html(f"Removed from {escape(gone.case)}: <b>{escape(gone.title)}</b>")
        if st.button("Put it back"):
            cases.put_back(session.store_path(), gone)
            del st.session_state["removed"]
            link.rerun()
