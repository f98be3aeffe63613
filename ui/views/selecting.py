"""The graph on a page: what is selected and opened in it is in the URL."""

from collections.abc import Sequence

import streamlit as st

from lineage.exports.picture import Picture
from ui import graph, link


def graph_place(picture: Picture, title: str, opened: Sequence[str], *, key: str, height: int = graph.HEIGHT) -> None:
    """Draw it; a selection goes into ``sel``, groups that were opened into ``open``."""
    selected, toggled = graph.draw(
        picture, title=title, selected=link.one("sel"), opened=opened, key=key, height=height
    )
    last = f"{key}-selected"
    if toggled is not None:
        link.keep(open=_toggle(list(opened), toggled))
        st.rerun(scope="fragment")
    if selected is not None and selected != st.session_state.get(last):
        st.session_state[last] = selected
        link.keep(sel=selected)
        st.rerun(scope="fragment")


def _toggle(opened: list[str], group: str) -> list[str]:
    if group in ("*", ""):
        return [group] if group else []
    if group in opened:
        return [name for name in opened if name != group]
    return [*opened, group]
