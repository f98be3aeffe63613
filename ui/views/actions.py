"""What can be done with an answer: share its link, save it to a case, download it."""

from urllib.parse import urlencode

import streamlit as st

from lineage.errors import LineageError
from ui import cases, drawing, link, session
from ui.asking import Held, at_hand


def show(held: Held, title: str, *, page: str = "investigate") -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="actions", gap="small"):
        if st.button("Share", icon=":material/link:", help="The address of this view"):
            _share(held, page)
        if session.role() == "viewer":
            return
        if st.button("Save to case", icon=":material/bookmark_add:"):
            _save(held, title, page)
        name = f"{held.question.name}-{held.answer.checkpoint['digest'][7:15]}"
        st.download_button(
            "Tables",
            data=lambda: at_hand(held).tables(),
            file_name=f"{name}.zip",
            mime="application/zip",
            icon=":material/table:",
            help="Every list in full as CSV, and where each event was seen, in a ZIP",
            on_click="ignore",
        )
        st.download_button(
            "Download",
            data=lambda: at_hand(held).written(),
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/download:",
            help="The whole answer as JSON, every list complete",
            on_click="ignore",
        )


def address(held: Held, page: str) -> str:
    """This view's address, with the selection."""
    base = st.context.url or ""
    return f"{base.split('?')[0]}?{urlencode(_parameters(held, page), doseq=True)}"


def _parameters(held: Held, page: str) -> dict[str, str | list[str]]:
    """The query parameters of this view; where the landing page asked by itself, its question is spelled out."""
    now: dict[str, str | list[str]] = {name: link.many(name) for name in st.query_params}
    if page != "investigate":
        return now
    return link.as_parameters(held.question.name, held.values) | now


@st.dialog("Share this view", width="medium")
def _share(held: Held, page: str) -> None:
    st.markdown("Whoever may open this server sees the same question, with the same selection.")
    st.code(address(held, page), language=None, wrap_lines=True)
    drawing.html(
        f'<p class="quiet small">It was answered at {held.answer.checkpoint["digest"]}. '
        "Once more is known, the same address shows the newer answer.</p>"
    )


@st.dialog("Save to a case", width="medium")
def _save(held: Held, title: str, page: str) -> None:
    known = sorted({saved.case for saved in cases.read(session.store_path())})
    case = st.selectbox("Case", known, None, accept_new_options=True, placeholder="Choose one or type a new name")
    note = st.text_area("Note", placeholder="What this shows, what to do next", height=120)
    if st.button("Save", type="primary"):
        view = {"page": page, **_parameters(held, page)}
        try:
            cases.save(session.store_path(), case or "", note, view, title, held.summary, dict(held.answer.checkpoint))
        except LineageError as error:
            drawing.problem(error)
            return
        st.toast(f"Saved to {drawing.plain(str(case))}.")
        link.rerun()
