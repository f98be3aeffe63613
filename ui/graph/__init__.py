"""The graph component: a canvas on which each node is drawn where Python put it; what is selected comes back.

A graph library spends seconds on the styles of 2,000 nodes that are laid out already; drawing them takes none of it.
What is drawn and what is selected in it are two messages, so that a click sends a few bytes and not the graph again.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from lineage.exports.picture import Picture

ASSETS = Path(__file__).parent / "assets"
HEIGHT = 760  # px
# One script to the browser, in this order: each uses what stands before it.
SCRIPTS = ("shapes.js", "scene.js", "painting.js", "graph.js")
_WORDS = ("kind", "grade", "inside")
_LEFT_OUT = ("column", "id", "first")  # of a node: told in another way, or only needed to lay it out


@dataclass(frozen=True)
class Ready:
    """A picture as it is sent. ``ids`` are its nodes'; ``inside`` says which of them stands for another thing, and
    ``opened`` of which group that was opened a node is."""

    told: dict[str, Any]
    ids: frozenset[str]
    inside: Mapping[str, str]
    opened: Mapping[str, str]


def ready(picture: Picture) -> Ready:
    """What the browser needs of a picture, each thing once: an edge names its ends, words and grade by number."""
    number = {node["id"]: at for at, node in enumerate(picture.nodes)}
    words: dict[str, int] = {}
    nodes = [_node(node, words) for node in picture.nodes]
    edges = [
        [
            number[edge["source"]], number[edge["target"]], edge.get("count", 1),
            words.setdefault(edge["says"], len(words)), words.setdefault(edge.get("grade") or "", len(words)),
        ]
        for edge in picture.edges
    ]  # fmt: skip
    told = {
        "nodes": nodes,
        "edges": edges,
        "words": list(words),
        "left_out": picture.left_out,
        "groups": sum(bool(node.get("group")) for node in picture.nodes),
    }
    told["signature"] = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    opened = {node["id"]: node["inside"] for node in picture.nodes if node.get("inside")}
    return Ready(told, frozenset(number), picture.inside, opened)


def _node(node: Mapping[str, Any], words: dict[str, int]) -> dict[str, Any]:
    """A node without what is empty or said by its id; what many share is a word, told by number."""
    told = {name: value for name, value in node.items() if not _is_empty(value) and name not in _LEFT_OUT}
    told["id"] = node["id"]
    if told.get("thing") == node["id"]:
        told["thing"] = 1
    if node["id"].endswith(f":{node['label']}"):
        del told["label"]
    for name in _WORDS:
        if name in told:
            told[name] = words.setdefault(told[name], len(words))
    if node.get("first"):
        told["first"] = node["first"][:19]
    return told


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == ""  # 0 is a place


@cache
def _text(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _component(name: str, scripts: tuple[str, ...], html: str = "", css: str = "") -> Any:
    return st.components.v2.component(
        f"lineage_{name}",
        html=_text(html) if html else None,
        css=_text(css) if css else None,
        js="\n".join(map(_text, scripts)),
        isolate_styles=False,  # one style sheet with the page, and nothing between a pointer and the canvas
    )


def draw(
    picture: Ready, *, title: str, key: str, on_select: Callable[[str], None], on_toggle: Callable[[str], None],
    selected: str = "", opened: Collection[str] = (), height: int = HEIGHT, of: str = "people",
) -> None:  # fmt: skip
    """Draw a picture. ``on_select`` is told the node that was chosen or '', ``on_toggle`` the group to open or close.

    ``*`` as the group means all of them, the empty text none. ``of`` is what the counts of the nodes count.
    """

    def chose() -> None:
        on_select(st.session_state[key].get("selected") or "")

    def toggled() -> None:
        on_toggle(st.session_state[key].get("toggle") or "")

    _component("graph", SCRIPTS, "graph.html", "graph.css")(
        key=key, data={**picture.told, "title": title, "key": key, "height": height - 2, "of": of}, height=height,
        on_selected_change=chose, on_toggle_change=toggled,
    )  # fmt: skip
    _component("choice", ("choice.js",))(
        key=f"{key}-choice", data={"graph": key, "selected": selected, "opened": len(opened)}, height=1
    )


def follow(on_follow: Callable[[str], None]) -> None:
    """Tell ``on_follow`` the query of a link of the class ``here`` that was clicked, in place of loading the page."""

    def followed() -> None:
        on_follow(st.session_state["follow"].get("query") or "")

    _component("follow", ("follow.js",))(key="follow", on_query_change=followed, height=1)
