"""The script that is served: navigation, style, and one page at a time."""

import sys
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

if (root := str(Path(__file__).parent.parent)) not in sys.path:  # run as a script, its folder is on the path instead
    sys.path.insert(0, root)

from ui import asking, drawing, link, session
from ui.screens import cases, entrance, explore, investigate, person, sources

PAGES: dict[str, tuple[str, Callable[[], None]]] = {
    "investigate": ("Investigate", investigate.page),
    "explore": ("Explore", explore.page),
    "data-subject": ("Data subject", person.page),
    "sources": ("Sources", sources.page),
    "cases": ("Cases", cases.page),
}
COUNTED = (link.FIRST, "sources")  # pages without ids of data subjects
LOGO = (Path(__file__).parent / "logo.svg").read_text(encoding="utf-8")  # inside the page: a viewer gets no files


def main() -> None:
    st.set_page_config(page_title="annotation-lineage", page_icon="🔎", layout="wide", menu_items={})
    link.resend()
    link.follow()
    drawing.style()
    st.logo(LOGO, size="medium")
    role = session.role()
    if not role:
        entrance.show()
        return
    pages = {name: _page(name, title, show, role) for name, (title, show) in PAGES.items()}
    st.session_state["pages"] = pages
    page = st.navigation(list(pages.values()), position="top")
    with asking.told_in_place():
        page.run()
    entrance.leaving()


def _page(name: str, title: str, show: Callable[[], None], role: str) -> StreamlitPage:
    """A page that names people is not offered to a viewer, and says so to one who was sent its link."""
    if role == "viewer" and name not in COUNTED:
        return st.Page(entrance.only_counts, title=title, url_path=name, visibility="hidden")
    return st.Page(show, title=title, url_path=name, default=name == link.FIRST)


main()
