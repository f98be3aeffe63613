"""The graph component: a canvas on which each node is drawn where Python put it; what is selected comes back.

A graph library spends seconds on the styles of 2,000 nodes that are laid out already; drawing them takes none of it.
"""

import hashlib
import json
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from lineage.exports.picture import Picture

ASSETS = Path(__file__).parent / "assets"
HEIGHT = 720  # px


@cache
def _text(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _component() -> Any:
    return st.components.v2.component(
        "lineage_graph",
        html=_text("graph.html"),
        css=_text("graph.css"),
        js=_text("graph.js"),
        isolate_styles=False,  # one style sheet with the page, and nothing between a pointer and the canvas
    )


def draw(
    picture: Picture, *, title: str, key: str, on_select: Callable[[str], None], on_toggle: Callable[[str], None],
    selected: str = "", opened: Collection[str] = (), height: int = HEIGHT,
) -> None:  # fmt: skip
    """Draw a picture. ``on_select`` is told the node that was chosen or '', ``on_toggle`` the group to open or close.

    ``*`` as the group means all of them, the empty text none.
    """
    told = {"nodes": picture.nodes, "edges": picture.edges, "left_out": picture.left_out}
    signature = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    data = {
        **told,
        "title": title,
        "selected": selected,
        "signature": signature,
        "groups": sum(bool(node.get("group")) for node in picture.nodes),
        "opened": len(opened),
        "height": height - 2,
    }

    def chose() -> None:
        on_select(st.session_state[key].get("selected") or "")

    def toggled() -> None:
        on_toggle(st.session_state[key].get("toggle") or "")

    _component()(key=key, data=data, height=height, on_selected_change=chose, on_toggle_change=toggled)
