"""Data subject: who touched this person's records, when, through what, graded; ready for an access request."""

import streamlit as st

from lineage.errors import LineageError
from lineage.questions.wording import clock, second
from ui import drawing, forms, link
from ui.asking import ask
from ui.holding import Held
from ui.screens import entrance
from ui.views import finding, touches
from ui.views.actions import show as actions


def page() -> None:
    asked = link.one("data-subject")
    if not asked:
        drawing.head("Data subject", "Who touched one person's data?")
        if entrance.nothing_yet():
            return
    window = link.window()
    with st.container(horizontal=True):
        with st.container(width=420):
            finding.find(
                "Data subject", ("data-subject",),
                lambda _, ident: st.query_params.from_dict({"data-subject": ident, **window}),
                key=f"person-{asked}", placeholder="The id of a person, or a part of it", now=asked,
            )  # fmt: skip
        forms.window()
    if not asked:
        drawing.empty(
            "Whose records?",
            "Type a part of the id that records know the person by. The answer says who touched those records, when, "
            "through what, and how surely; it can be printed, or downloaded as CSV.",
        )
        return
    title = f"Who touched the data of {asked}"
    try:
        held = ask("who-touched", {"data-subject": [asked], **window}, says=f"Looking for touches of {asked}")
    except LineageError:
        drawing.head("Data subject", title)
        raise
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        drawing.head(
            f"Data subject · answered {drawing.answered(held.answer.checkpoint)}",
            title,
            _chips(held),
        )
    with right:
        actions(held, title, page="data-subject")
    touches.show(held)


def _chips(held: Held) -> list[tuple[str, str]]:
    summary = held.summary
    told = [(name, clock(held.answer.parameters[name])) for name in ("from", "to") if name in held.answer.parameters]
    told += [(grade, drawing.number(count)) for grade, count in touches.graded(held).items()]
    if summary["first"]:
        told += [("first touch", second(summary["first"])), ("last touch", second(summary["last"]))]
    return told
