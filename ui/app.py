"""The script that is served: navigation, style, and one page at a time."""

import logging
import sys
from pathlib import Path

import streamlit as st

if (root := str(Path(__file__).parent.parent)) not in sys.path:  # run as a script, its folder is on the path instead
    sys.path.insert(0, root)

from lineage.errors import LineageError
from ui import drawing, link, session
from ui.screens import cases, entrance, explore, investigate, person, sources

LOG = logging.getLogger("lineage.ui")
COUNTED = ("investigate", "sources")  # pages without ids of data subjects
LOGO = Path(__file__).parent / "logo.svg"


def main() -> None:
    st.set_page_config(page_title="annotation-lineage", page_icon="🔎", layout="wide", menu_items={})
    link.resend()
    drawing.style()
    st.logo(str(LOGO), size="medium")
    role = session.role()
    if not role:
        entrance.show()
        return
    pages = {
        "investigate": st.Page(investigate.page, title="Investigate", url_path="investigate", default=True),
        "explore": st.Page(explore.page, title="Explore", url_path="explore"),
        "data-subject": st.Page(person.page, title="Data subject", url_path="data-subject"),
        "sources": st.Page(sources.page, title="Sources", url_path="sources"),
        "cases": st.Page(cases.page, title="Cases", url_path="cases"),
    }
    st.session_state["pages"] = pages
    shown = [page for name, page in pages.items() if role != "viewer" or name in COUNTED]
    page = st.navigation(shown, position="top")
    try:
        page.run()
    except LineageError as error:
        drawing.problem(error)
    except Exception:
        LOG.exception("a page failed")
        drawing.problem(
            LineageError(
                "This page failed, and nothing was changed.", "The log of the server says why; please report it."
            )
        )
    entrance.leaving()


main()
