"""Each page as a script: what it shows, when it is empty, and when something is wrong."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import ROOT
from ui import cases

APP = str(ROOT / "ui" / "app.py")


def run(path: str = "", **parameters: str | list[str]) -> AppTest:
    """A page of the app, run once with the given query parameters."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name.replace("_", "-")] = value
    if path:
        app._page_url_path = path  # type: ignore[attr-defined]
    return app.run()


def text(app: AppTest) -> str:
    return "\n".join(str(element.proto) for element in app.main)  # type: ignore[attr-defined]
