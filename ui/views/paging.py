"""Long lists, a page at a time: found by a part of a name, leafed through, all of it in the URL."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

from ui import drawing, link

PAGE = 300  # rows of a page: what is beyond is found, leafed to or downloaded
HIGH = 50  # px that the line above the list takes
ROW = 31  # px


def paged(key: str, count: Callable[[str], int], *, finds: str) -> tuple[str, int, int]:
    """The text that is looked for, where the page begins, and how many rows are found in all.

    Nothing is drawn above a list that fits on one page. ``count`` says how many rows hold a text; ``finds`` what the
    text is looked for in.
    """
    text = link.one("find")
    if not text and count("") <= PAGE:
        link.keep(page=None)
        return "", 0, count("")
    left, middle, right = st.columns([5, 4, 3], vertical_alignment="center")
    with left:
        text = st.text_input(
            finds, text, key=f"find-{key}", type="search", live="300ms", placeholder=finds, label_visibility="collapsed"
        ).strip()
    found = count(text)
    last = max(0, (found - 1) // PAGE)
    page = min(last, max(1, link.number("page") or 1) - 1)
    if text != link.one("find"):
        page = 0
    with right, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for name, there, says in (("Back", page - 1, "The page before"), ("Next", page + 1, "The next page")):
            st.button(
                name, key=f"{name}-{key}", help=says, disabled=not 0 <= there <= last,
                on_click=link.keep, kwargs={"page": str(there + 1)},
            )  # fmt: skip
    link.keep(find=text or None, page=str(page + 1) if page else None)
    with middle:
        low, high = min(found, page * PAGE + 1), min(found, (page + 1) * PAGE)
        drawing.html(
            f'<p class="small quiet">{drawing.number(low)} to {drawing.number(high)} of {drawing.number(found)}</p>'
        )
    return text, page * PAGE, found


def page_of(rows: Sequence[Any], key: str, *, finds: str, reads: Callable[[Any], str]) -> Sequence[Any]:
    """The rows of the page of a list that is at hand; ``reads`` says what a text is looked for in."""

    def holding(text: str) -> Sequence[Any]:
        return [row for row in rows if text.casefold() in reads(row).casefold()] if text else rows

    text, start, _ = paged(key, lambda text: len(holding(text)), finds=finds)
    return holding(text)[start : start + PAGE]


def height(rows: Sequence[Any], most: int) -> int | Literal["content"]:
    """How high a table is: as its rows, or ``most`` px; one with more room would show rows that are not there."""
    return most if ROW * (len(rows) + 1) > most else "content"
