"""How soon each page can be used, in a real browser.

    python -m tests.ui.benchmark STORE --vendor ID --from T --to T

Each page is opened in a tab of a browser that was here before (Streamlit's own files are at hand): first where its
answers are not at hand (``first``; of it ``answer`` was spent in the questions, as the server says), then again where
they are (``again``, the median of ROUNDS). *Usable* is the last of: the script is done, the last frame is in, what the
page is for is drawn, the main thread has been free and pictures have come (no long task, no two frames of the screen
more than GAP apart). So ``first`` - ``answer`` and ``again`` are both times from "its data is there" until usable, the
loading of the page included. ``clicks`` are what an investigator does next, from the click until usable again.
"""

import argparse
import json
import logging
import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow
from playwright.sync_api import BrowserContext, Page, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.server.running import Serving, serving
from tests.ui.conftest import CHROMIUM, FLAGS

ROUNDS = 3
QUIET = 1500  # ms in which nothing more happens
PATIENCE = 90_000  # ms
GAP = 200  # ms
ANSWERED = re.compile(r"([\d.]+) answered (\S+) in ([\d.]+) s")
WATCH = """
(() => {
  const seen = window.seen = { began: 0, running: 0, missing: 0, frame: 0, long: 0, gap: 0, selectors: [] };
  seen.usable = () => Math.max(seen.began, seen.running, seen.missing, seen.frame, seen.long, seen.gap);
  seen.begin = () => { seen.began = seen.usable(); seen.began = performance.now(); };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...told) {
      super(...told);
      this.addEventListener("message", () => { seen.frame = performance.now(); });
    }
  };
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.long = Math.max(seen.long, task.startTime + task.duration);
  }).observe({ type: "longtask", buffered: true });
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    if (now - last > GAP) seen.gap = now;
    last = now;
    const app = document.querySelector('[data-testid="stApp"]');
    if (!app || app.dataset.testScriptState !== "notRunning") seen.running = now;
    const there = seen.selectors.every((one) => document.querySelector(one));
    if (document.querySelector('[data-testid="stSkeleton"]') || !there) seen.missing = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})();
""".replace("GAP", str(GAP))
Selectors = tuple[str, ...]
GRAPH, TABLE, CHART = ".lxgraph[data-drawn]", '[data-testid="stDataFrame"] canvas', ".when .plot"
Click = Callable[[Page], None]


@dataclass
class Sent:
    """What the server sent to one page."""

    total: int = 0
    largest: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, frame: bytes | str) -> None:
        self.total += len(frame)
        self.largest = max(self.largest, len(frame))
        if isinstance(frame, str):
            return
        told = ForwardMsg.FromString(frame)
        if told.WhichOneof("type") == "delta" and told.delta.WhichOneof("type") == "new_element":
            self._element(told.delta.new_element)

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        told = getattr(element, kind)
        if kind == "arrow_data_frame":
            self.counts["rows"] += (
                pyarrow.ipc.open_stream(told.data.data if hasattr(told.data, "data") else told.data).read_all().num_rows
            )
        elif kind == "arrow_vega_lite_chart":
            self.counts["points"] += sum(_values(json.loads(told.spec)))
        elif kind == "bidi_component":
            self.counts["nodes"] += told.json.count('"kind"')
        elif kind in ("selectbox", "multiselect"):
            self.counts["options"] += len(told.options)


def _values(told: Any) -> Iterator[int]:
    """How many values the parts of a Vega-Lite spec hold."""
    if isinstance(told, dict):
        for name, inner in told.items():
            yield from [len(inner)] if name == "values" and isinstance(inner, list) else _values(inner)
    elif isinstance(told, list):
        for inner in told:
            yield from _values(inner)


@dataclass(frozen=True)
class Opened:
    """``seconds`` until it could be used, ``at`` which moment; of processors, what the page's main thread and the
    server took till then."""

    seconds: float
    at: float
    browser: float
    server: float
    sent: Sent
    page: Page


class Visitor:
    """One browser, that was here before; ``open`` measures."""

    def __init__(self, context: BrowserContext, server: Serving) -> None:
        self.context, self.server = context, server

    def open(self, path: str, selectors: tuple[str, ...]) -> Opened:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.add_init_script(f"{WATCH}; window.seen.selectors = {json.dumps(selectors)};")
        sent = Sent()
        page.on("websocket", lambda socket: socket.on("framereceived", sent.add))
        counted = self.context.new_cdp_session(page)
        counted.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = self._server()
        page.goto(self.server.url + path)
        seconds = usable(page)
        took = {one["name"]: one["value"] for one in counted.send("Performance.getMetrics")["metrics"]}
        at = page.evaluate("performance.timeOrigin") / 1000 + seconds
        return Opened(seconds, at, took["TaskDuration"], self._server() - before, sent, page)

    def _server(self) -> float:
        """Seconds of processors that the server took so far."""
        user, system = Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def answers(self) -> list[tuple[float, float]]:
        """When something was answered so far, and how long that took."""
        return [(float(when), float(took)) for when, _, took in ANSWERED.findall(self.server.log.read_text())]


def usable(page: Page) -> float:
    """Seconds from the start (of the page, or of what was clicked) until it can be used."""
    page.wait_for_function(f"performance.now() - seen.usable() > {QUIET}", polling=100)
    return float(page.evaluate("seen.usable() - seen.began")) / 1000


def clicked(page: Page, click: Click) -> float:
    page.evaluate("seen.began = performance.now()")
    click(page)
    return usable(page)


def choose_row(page: Page) -> None:
    table = page.locator('[data-testid="stDataFrame"]').last
    table.scroll_into_view_if_needed()
    table.click(position={"x": 12, "y": 55})


def choose_node(page: Page) -> None:
    place = page.locator(".lxgraph canvas").first
    place.scroll_into_view_if_needed()
    at = place.evaluate("canvas => canvas.parentElement.drawing.place(canvas.parentElement.drawing.scene.nodes[1].id)")
    place.click(position=at)


def choose_grade(page: Page) -> None:
    page.locator("[class*=st-key-facet-grade] button, [class*=st-key-touch-grade] button").first.click()


def press(name: str) -> Click:
    return lambda page: page.get_by_role("button", name=name).first.click()


def type_in(name: str, text: str) -> Click:
    return lambda page: page.get_by_role("searchbox", name=name).fill(text)


def pages(told: argparse.Namespace, visitor: Visitor) -> list[tuple[str, str, Selectors, dict[str, Click]]]:
    """Each page: what it is, its address, what must be drawn, and what is clicked there."""
    window = {"from": told.since, "to": told.until}
    seeds = {"vendor": [told.vendor], **{name: [value] for name, value in window.items()}}
    answer = visitor.server.request("POST", "/api/v1/ask/blast-radius", json.dumps(seeds)).json
    person = told.data_subject or answer["data_subjects"][0]["id"]
    exposed = next(row for row in answer["datasets"] if row["exposed"])
    dataset = f"{exposed['namespace']}/{exposed['name']}"
    blast = {"question": "blast-radius", "vendor": told.vendor, **window}
    show_all = press("Show the members of every group")
    clicks: dict[str, Click] = {"row": choose_row, "node": choose_node, "facet": choose_grade}

    def to(page: str, **query: str) -> str:
        return f"/{page}?{urlencode(query)}"

    form: Selectors = ('[data-testid="stForm"] button',)
    drawn: Selectors = (GRAPH, TABLE, CHART)
    return [
        ("investigate, nothing asked", to("", question="blast-radius"), form, {}),
        ("blast radius", to("", **blast), drawn, {**clicks, "open all": show_all}),
        ("blast radius, all members", to("", **blast, open="*"), drawn, clicks),
        ("who touched a dataset", to("", question="who-touched", dataset=dataset), drawn, clicks),
        ("data subject, nobody chosen", to("data-subject"), (".lx .empty",), {}),
        ("data subject", to("data-subject", **{"data-subject": person}), drawn, clicks),
        ("explore, the start", to("explore"), (".lx .results",), {"search": type_in("Search", person)}),
        ("explore, a search", to("explore", text=person[:4]), (".lx .results",), {}),
        ("explore, a vendor", to("explore", thing=f"vendor:{told.vendor}"), (GRAPH, TABLE), {"node": choose_node}),
        ("explore, a dataset", to("explore", thing=f"dataset:{dataset}"), (GRAPH, TABLE), {"node": choose_node}),
        ("explore, a connection",
         to("explore", thing=f"vendor:{told.vendor}", goal=f"data-subject:{person}"), (GRAPH, "ol.path"), {}),
        ("sources", to("sources"), (CHART, TABLE), {}),
        ("cases", to("cases"), (".lx",), {}),
    ]  # fmt: skip


def measure(visitor: Visitor, told: argparse.Namespace) -> None:
    heads = "".join(
        f"{head:>8}" for head in ("first", "answer", "after", "again", "browser", "server", "KiB", "largest")
    )
    print(f"{'page':28}{heads}  sent, clicks")
    for name, path, selectors, clicks in pages(told, visitor):
        if told.only and told.only not in name:
            continue
        before = len(visitor.answers())
        first = visitor.open(path, selectors)
        first.page.close()
        answers = visitor.answers()[before:]
        after = first.at - answers[-1][0] if answers else first.seconds
        again: list[Opened] = []
        for number in range(told.rounds):
            opened = visitor.open(path, selectors)
            again.append(opened)
            if number < told.rounds - 1:
                opened.page.close()
        if told.pictures:
            opened.page.screenshot(
                path=Path(told.pictures) / f"{name.replace(', ', '-').replace(' ', '-')}.png", full_page=True
            )
        sent = deepcopy(opened.sent)  # what is clicked sends more
        took = {what: clicked(opened.page, click) for what, click in clicks.items()}
        opened.page.close()

        def median(what: str, again: list[Opened] = again) -> float:
            return float(statistics.median(getattr(one, what) for one in again))

        print(
            f"{name:28}{first.seconds:8.2f}{sum(took for _, took in answers):8.2f}{after:8.2f}"
            f"{median('seconds'):8.2f}{median('browser'):8.2f}{median('server'):8.2f}"
            f"{sent.total / 1024:8.0f}{sent.largest / 1024:8.0f}  "
            + ", ".join(f"{count:,} {what}" for what, count in sent.counts.items())
            + "".join(f"; {what} {seconds:.2f} s" for what, seconds in took.items()),
            flush=True,
        )


def serve(words: list[str]) -> int:
    """`lineage serve`, saying how long the answers of its pages took."""
    from lineage.cli import main

    logging.basicConfig(format="%(created).3f %(message)s")
    logging.getLogger("lineage.ui").setLevel(logging.INFO)
    return main(["serve", *words])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ui.benchmark", description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--vendor", required=True, help="whose blast radius is asked")
    parser.add_argument("--from", required=True, dest="since")
    parser.add_argument("--to", required=True, dest="until")
    parser.add_argument("--data-subject", help="whose touches are looked at (default: the first that was touched)")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="only pages whose name holds this")
    parser.add_argument("--pictures", help="a folder for a picture of each page")
    told = parser.parse_args()
    with serving(told.store, pages=True, module="tests.ui.benchmark") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        visitor = Visitor(context, server)
        began = time.monotonic()
        for _ in range(2):  # what the browser and the server load once
            visitor.open("/cases", (".lx",)).page.close()
        measure(visitor, told)
        print(f"{time.monotonic() - began:.0f} s in all", file=sys.stderr)
        browser.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        sys.exit(serve(sys.argv[2:]))
    main()
