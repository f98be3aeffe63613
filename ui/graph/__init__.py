"""The graph component: cytoscape.js draws each node where Python put it; what is selected comes back.

cytoscape.js (MIT, see assets/cytoscape-LICENSE.txt) and our own script travel with the page: no request leaves it.
"""

import hashlib
import json
from collections.abc import Collection
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
        js=f"{_text('cytoscape.min.js')}\n{_text('graph.js')}",
    )


def draw(
    picture: Picture, *, title: str, selected: str = "", opened: Collection[str] = (), key: str, height: int = HEIGHT
) -> tuple[str | None, str | None]:
    """Draw a picture; returns (the node that was just selected or '', the group to open or close), None for neither.

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
    result = _component()(
        key=key, data=data, height=height, on_selected_change=_nothing, on_toggle_change=_nothing
    )
    return result.selected, result.toggle


def _nothing() -> None:
    """A callback is what makes a value come back."""
