"""The sample store, `lineage serve` on a copy of it, and a browser that may reach nothing else."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from lineage.demo import SAMPLE_DATA, tell
from lineage.touches import not_told
from tests.server.running import Serving, serving

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
PATIENCE = 90_000  # ms; a machine may be busy
expect.set_options(timeout=PATIENCE)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample story, told once for all tests of this room; nobody writes to it.

    LINEAGE_SAMPLE_STORE may name a store that holds the story already.
    """
    if told := os.environ.get("LINEAGE_SAMPLE_STORE"):
        return Path(told)
    path = tmp_path_factory.mktemp("ui") / "demo.duckdb"
    tell(str(path), SAMPLE_DATA, lambda line: None, not_told, replace=False)
    return path


@pytest.fixture
def store(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample store, as pages in this process find it."""
    monkeypatch.setenv("LINEAGE_STORE", str(sample_store))
    monkeypatch.delenv("LINEAGE_STORE_WRITABLE", raising=False)
    return sample_store


@pytest.fixture(scope="session")
def address(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`lineage serve` on a copy of the sample store, for all who change nothing that another looks at."""
    with serving_sample(sample_store, tmp_path_factory.mktemp("served")) as server:
        yield server.url


@contextmanager
def serving_sample(sample_store: Path, folder: Path) -> Iterator[Serving]:
    """The one process that owns a copy of the sample store; it says where it is and who may come, and nothing else."""
    shutil.copy(sample_store, folder / "demo.duckdb")
    with serving(folder / "demo.duckdb", pages=True, folder=folder) as server:
        yield server
        assert len(server.stop().splitlines()) == 2, server.log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), "The tests need Chromium: bash .ci/system-packages chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield started
        started.close()


class Watched:
    """Pages in contexts of their own; what they ask of any other machine is kept."""

    def __init__(self, browser: Browser, address: str, *others: str) -> None:
        self.browser, self.address = browser, address
        self.known = tuple(url for one in (address, *others) for url in (one, one.replace("http", "ws", 1)))
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
        context.on("request", lambda request: self._note(request.url))
        page = context.new_page()
        page.on("websocket", lambda socket: self._note(socket.url))
        page.goto(self.address + path)
        settled(page)
        return page

    def _note(self, url: str) -> None:
        if not url.startswith((*self.known, "data:", "blob:")):
            self.strays.append(url)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        assert self.strays == []


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    """Opens pages; the test fails when any request left this machine."""
    watched = Watched(browser, address)
    yield watched
    watched.close()


@pytest.fixture
def watched_alone(browser: Browser, sample_store: Path, tmp_path: Path) -> Iterator[Watched]:
    """The same with a server of its own, for who changes what is in the store."""
    with serving_sample(sample_store, tmp_path) as server:
        watched = Watched(browser, server.url)
        yield watched
        watched.close()


STILL = """() => getComputedStyle(document.documentElement).getPropertyValue("--accent")
    && !document.getAnimations().some(one => one instanceof CSSTransition)"""


def settled(page: Page) -> None:
    """Wait until the script of the page is done, and what it drew has its colours."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(250)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_function(STILL)


def choose_node(page: Page, node: str) -> None:
    """Click a node where the graph drew it."""
    place = page.locator(".lxgraph canvas").first
    place.scroll_into_view_if_needed()
    at = place.evaluate("(canvas, id) => canvas.parentElement.drawing.place(id)", node)
    place.click(position=at)
    settled(page)
