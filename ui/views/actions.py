"""What can be done with an answer: share its link, save it to a case, export it."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

from lineage.errors import LineageError
from ui import cases, drawing, link, session
from ui.asking import at_hand
from ui.holding import Held
from ui.views import report, report_blast

REPORTS: dict[str, Callable[[str, Held], bytes]] = {
    "blast-radius": report_blast.blast_radius, "who-touched": report.touches
}  # fmt: skip


def show(held: Held, title: str, *, page: str = "investigate") -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="actions", gap="small"):
        if st.button("Share", icon=":material/link:", help="The address of this view"):
            _share(held, page)
        if session.role() == "viewer":
            return
        if st.button("Save to case", icon=":material/bookmark_add:"):
            _save(held, title, page)
        with st.popover("Export", icon=":material/download:", key="export", width="content"):
            for file in _files(held, title):
                st.download_button(
                    file.label, data=file.made, file_name=file.name, mime=file.mime, on_click="ignore", width="stretch"
                )
                drawing.html(f'<p class="quiet small">{file.says}</p>')  # what it is for, without pointing at it


@dataclass(frozen=True)
class File:
    """What is offered for download; it is made when it is asked for."""

    label: str
    says: str
    name: str
    mime: str
    made: Callable[[], bytes]


def _files(held: Held, title: str) -> list[File]:
    name = f"{held.question.name}-{held.answer.checkpoint['digest'][7:15]}"
    found = []
    if make := REPORTS.get(held.question.name):
        says = "One page with the numbers, what limits them and who it is about, to print, to send or to file"
        found.append(File("Report to print", says, f"{name}.html", "text/html", lambda: make(title, at_hand(held))))
    if held.question.name == "who-touched":
        says = "Every touch with its grade and evidence"
        found.append(File("Touches as CSV", says, f"{name}.csv", "text/csv", lambda: report.as_csv(at_hand(held))))
    return [
        *found,
        File(
            "All tables as CSV", "Every list in full, and where each event was seen, in a ZIP",
            f"{name}.zip", "application/zip", lambda: at_hand(held).tables(),
        ),
        File(
            "Whole answer as JSON", "For programs: every list complete",
            f"{name}.json", "application/json", lambda: at_hand(held).written(),
        ),
    ]  # fmt: skip


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
