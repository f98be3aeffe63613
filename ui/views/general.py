"""Any answer: its summary, its lists as tables, what could not be seen. A new question is shown by this."""

from html import escape
from typing import Any

import streamlit as st

from lineage.questions.wording import clocks
from ui import drawing, link
from ui.holding import Held
from ui.views import paging

BESIDE = {"coverage", "caveats"}


def show(held: Held) -> None:
    summary(held)
    lists = [name for name in held.lists() if name not in BESIDE]
    left, right = st.columns([3, 1]) if "coverage" in held.answer.sections else (st.container(), None)
    with left:
        for name in lists:
            table(held, name)
    if right is not None:
        with right:
            unseen(held)


def summary(held: Held) -> None:
    numbers = {name: value for name, value in held.summary.items() if isinstance(value, int | str) and value != ""}
    if numbers:
        drawing.html(
            '<div class="legend">'
            + "".join(f"<span><span class='quiet'>{name.replace('_', ' ')}</span> <b>{_told(value)}</b></span>"
                      for name, value in numbers.items())
            + "</div>"
        )  # fmt: skip
    if cut := held.summary.get("cut"):
        drawing.html(drawing.cut(cut))


def _told(value: int | str) -> str:
    if isinstance(value, int):
        return drawing.number(value)
    return clocks(escape(value))


def unseen(held: Held) -> None:
    drawing.html(
        drawing.card(
            "What could not be seen", drawing.unseen(held.rows("coverage"), held.rows("caveats"), link.to_thing)
        )
    )


def table(held: Held, name: str) -> None:
    rows = held.rows(name)
    drawing.html(f"<h2>{name.replace('_', ' ').capitalize()} ({drawing.number(len(rows))})</h2>")
    if not rows:
        drawing.empty("Nothing", "The answer has none of these.")
        return
    shown = paging.page_of(rows, name, finds=f"Find in {name.replace('_', ' ')}", reads=lambda row: str(flat(row)))
    st.dataframe([flat(row) for row in shown], hide_index=True)


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """One cell a value: namespace and name as one, what is inside an object under its own name, a list as text, an
    instant as people read it; nothing where there is none."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and {"namespace", "name"} <= set(value):
            told[name] = f"{value['namespace']}/{value['name']}"
        elif isinstance(value, dict) and {"kind", "id"} <= set(value):
            told[name] = f"{value['kind']}:{value['id']}"
        elif isinstance(value, dict):
            told |= {f"{name} {inner}": clocks(str(item)) for inner, item in value.items()}
        elif isinstance(value, list):
            told[name] = ", ".join(_item(item) for item in value)
        elif isinstance(value, str):
            told[name] = clocks(value)
        else:
            told[name] = "" if value is None else value
    return told


def _item(value: Any) -> str:
    """What is one of a list in a cell: of an object, what is in it."""
    return " ".join(str(item) for item in value.values()) if isinstance(value, dict) else str(value)
