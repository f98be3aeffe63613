"""The sample store, the app served as `lineage serve` serves it, and a browser that may reach nothing else."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from lineage.demo import SAMPLE_DATA, tell

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
PATIENCE = 90_000  # ms; a machine may be busy
expect.set_options(timeout=PATIENCE)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
SERVE = """
import sys
from ui.theme import apply
apply()
import uvicorn
from streamlit.starlette import App
uvicorn.run(App(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample story, told once for all tests of this room; nobody writes to it.

    LINEAGE_SAMPLE_STORE may name a store that holds the story already.
    """
    if told := os.environ.get("LINEAGE_SAMPLE_STORE"):
        return Path(told)
    path = tmp_path_factory.mktemp("ui") / "demo.duckdb"
    tell(str(path), SAMPLE_DATA, lambda line: None, lambda lines, name: None, replace=False)
    return path


@pytest.fixture
def store(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample store, as pages in this process find it."""
    monkeypatch.setenv("LINEAGE_STORE", str(sample_store))
    monkeypatch.delenv("LINEAGE_STORE_WRITABLE", raising=False)
    return sample_store


@pytest.fixture(scope="session")
def address(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own on a copy of the sample store that it may write to."""
    copy = tmp_path_factory.mktemp("served") / "demo.duckdb"
    shutil.copy(sample_store, copy)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "LINEAGE_STORE": str(copy), "LINEAGE_STORE_WRITABLE": "1", "PYTHONPATH": str(ROOT)}
    with (copy.parent / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(ROOT / "ui" / "app.py"), str(port)],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the server did not come up")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "The tests need Chromium: bash .ci/system-packages chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield started
        started.close()


class Watched:
    """Pages in contexts of their own; what they ask of any other machine is kept."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []
        self.strays: list[str] = []

    def open(self, path: str, *, theme: str = "light", width: int = 1440, height: int = 1000) -> Page:
        """A page in a session of its own, loaded until its script is done."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", self._note)
        page.goto(self.address + path)
        settled(page)
        return page

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:", self.address.replace("http", "ws"))):
            self.strays.append(request.url)


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    """Opens pages; the test fails when any request left this machine."""
    watched = Watched(browser, address)
    yield watched
    for context in watched.contexts:
        context.close()
    assert watched.strays == []


def settled(page: Page) -> None:
    """Wait until the script of the page is done."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(250)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
