"""One page as a script, as the tests of the pages run it."""

from collections.abc import Mapping

from streamlit.testing.v1 import AppTest

from tests.ui.conftest import ROOT

LATE = (
    b'{"id": "late-1", "time": "2026-03-24T11:59:00Z", "principal": "p", "operation": "read", "outcome": "success", '
    b'"dataset": {"namespace": "n", "name": "d"}}\n'
)
SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from lineage.errors import LineageError
from lineage.store import Stopped
from ui import drawing, waiting
from ui.screens import {page}
st.session_state.setdefault("pages", {{}})
try:
    {page}.page()
except Stopped:
    waiting.say_stopped()
except LineageError as error:
    drawing.problem(error)
"""


def run(page: str, /, **parameters: str | list[str]) -> AppTest:
    """One page, run once with the given query parameters."""
    return run_page(page, parameters, changing=False)


def run_with_form(page: str, /, **parameters: str | list[str]) -> AppTest:
    """The same with the form opened in which the question is changed."""
    return run_page(page, parameters, changing=True)


def run_page(page: str, parameters: Mapping[str, str | list[str]], *, changing: bool, stopped: bool = False) -> AppTest:
    app = AppTest.from_string(SCRIPT.format(root=str(ROOT), page=page), default_timeout=120)
    for name, value in parameters.items():
        app.query_params[name.replace("_", "-")] = value
    app.session_state["change"] = changing
    app.session_state["stopped"] = stopped
    app.run()
    assert [str(problem.value) for problem in app.exception] == []
    return app


def shown(app: AppTest) -> str:
    """Everything that the page says as HTML."""
    return "\n".join(element.proto.body for element in app.get("html"))
