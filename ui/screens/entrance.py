"""The entrance: signing in where a login is set up, and the way out; and what a store says that knows nothing yet."""

from html import escape

import streamlit as st

from lineage.errors import LineageError
from ui import drawing, link, session


def show() -> None:
    """For whoever has no role here: sign in, or be told that signing in was not enough."""
    if session.has_expired():
        drawing.head("annotation-lineage", "You signed in a while ago. Please sign in again.")
    elif session.who():
        drawing.head("Signed in", f"{session.who()} has no role here")
        drawing.empty("Nothing to see", "Ask whoever runs this server to give you a role.")
        leaving()
        return
    else:
        drawing.head("annotation-lineage", "What was touched, and whose data was it?")
    st.button("Sign in", type="primary", on_click=st.login)


def only_counts() -> None:
    """In place of what names people, for a viewer."""
    raise LineageError("This names people, and you may see counts.", "Ask an investigator.")


def nothing_yet() -> bool:
    """Whether the store knows nothing yet: then this says so, in place of what there is to choose from."""
    if session.now().events:
        return False
    drawing.html(
        '<div class="empty"><b>Nothing was taken in yet</b>There is nothing to ask about. '
        f"{drawing.link('Take files in', link.to('sources'))}, "
        f"or run <code>{escape(session.how_to_ingest())}</code>.</div>"
    )
    return True


def leaving() -> None:
    """Who is signed in, and the way out; nothing where there is no login."""
    if name := session.who():
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="leaving"):
            drawing.html(f'<span class="small quiet">{escape(name)}, {session.role() or "no role"}</span>')
            st.button("Sign out", on_click=st.logout)
