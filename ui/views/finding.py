"""Find a thing as its name is typed: a few are offered of however many there are, and each is a click."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from ui import asking, drawing, link, suggesting

OFFERED = 12


@asking.part
def find(
    label: str, kinds: Sequence[str], chosen: Callable[[str, str], None], *, key: str, placeholder: str, now: str = "",
) -> None:  # fmt: skip
    """``chosen`` is told the kind and the id of what was clicked, and the page is run again. Typing runs only this."""
    text = st.text_input(label, now, key=key, type="search", live="300ms", placeholder=placeholder, width=420).strip()
    if not text or text == now:
        return
    held = suggesting.search(text, kinds, OFFERED)
    found, many = held.rows("things"), held.summary["found"]
    if not found:
        drawing.html(f'<p class="small quiet">Nothing is known whose name holds “{escape(text)}”.</p>')
        return
    with st.container(horizontal=True, gap="small", key=f"{key}-found"):
        for thing in found:
            name = thing["label"] if len(kinds) == 1 else f"{thing['kind'].replace('-', ' ')} {thing['label']}"
            detail = drawing.plain(thing["detail"]) or None
            if st.button(drawing.plain(name), key=f"{key}-{thing['kind']}-{thing['id']}", help=detail):
                chosen(thing["kind"], thing["id"])
                link.rerun()
    if many > len(found):
        drawing.html(f'<p class="small quiet">{drawing.number(many - len(found))} more: type more of the name.</p>')
