"""The graph on a page: what is selected and opened in it is in the URL."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui import drawing, graph, link


def graph_place(
    picture: graph.Ready, title: str, opened: Sequence[str], *, key: str, height: int = graph.HEIGHT,
    selected: str | None = None, of: str = "people",
) -> None:  # fmt: skip
    """Draw it; a selection goes into ``sel``, groups that were opened into ``open``. ``selected``: the node that
    stands for what ``sel`` names, where the picture does not say so itself. ``of``: what the nodes count."""
    now = link.one("sel") if selected is None else selected
    graph.draw(
        picture,
        title=title,
        key=key,
        on_select=lambda node: link.keep(sel=node),
        on_toggle=lambda group: link.keep(open=_toggle(link.many("open"), group)),
        selected=picture.inside.get(now, now),
        opened=opened,
        height=height,
        of=of,
    )


def _toggle(opened: list[str], group: str) -> list[str]:
    if group in ("*", ""):
        return [group] if group else []
    if group in opened:
        return [name for name in opened if name != group]
    return [*opened, group]


def example(what: str, which: str) -> None:
    """Above the evidence of what nobody chose, how another is chosen; a table says of no key what it does."""
    drawing.html(f'<p class="small quiet">For example, {what}. Click {which} for another, or Shift+Space in a row.</p>')


def choose_row(key: str, ids: Sequence[str], name: str = "sel") -> None:
    """Put the row that was clicked in the table ``key`` into the URL."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < len(ids):
        link.keep(**{name: ids[rows[0]]})


def marked(key: str, ids: Sequence[str], chosen: str) -> Any:
    """What the table ``key`` of these rows has selected: what is ``chosen``, here or in the graph. Call it before the
    table is drawn."""
    selection = {"selection": {"rows": [ids.index(chosen)] if chosen in ids else []}}
    if key in st.session_state and list(st.session_state[key]["selection"]["rows"]) != selection["selection"]["rows"]:
        st.session_state[key] = selection  # what it was drawn with counts only at first
    return selection
