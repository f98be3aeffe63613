"""A server as its users have it: the program, in a process of its own, on a free port of this machine."""

import asyncio
import http.client
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lineage.cli import main

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "tests" / "conformance" / "world-113" / "input"


Made = TypeVar("Made")


@dataclass(frozen=True)
class Reply:
    """``status`` 0: the connection broke."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Serving:
    """A server process for one store, with the pages or without; ``folder`` is where it runs, ``module`` what."""

    def __init__(
        self, store: Path, *options: str, port: int = 0, pages: bool = False, folder: Path | None = None,
        module: str = "lineage",
    ) -> None:  # fmt: skip
        self.store = store
        self.log = store.with_name(f"{store.name}.log")
        words = ["--store", str(store), "--port", str(port), *(() if pages else ("--no-ui",)), *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "serve", *words],
                stderr=log, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        self.port = self._port()
        self.url = f"http://127.0.0.1:{self.port}"

    def _port(self) -> int:
        """As its first line says."""
        for _ in range(1200):
            if found := re.search(r": http://\S+:(\d+).*\n", self.log.read_text()):
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def request(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, told)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def wait(self) -> None:
        """Until it answers: its first line comes before it listens."""
        for _ in range(200):
            try:
                if self.request("GET", "/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("The server does not answer.")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, how: int = signal.SIGINT) -> str:
        """As a user stops it; what it said on standard error."""
        self.process.send_signal(how)
        code = self.process.wait(60)
        said = self.log.read_text()
        assert code == 0, said
        assert "Traceback" not in said, said
        return said


@contextmanager
def serving(
    store: Path, *options: str, port: int = 0, pages: bool = False, folder: Path | None = None,
    module: str = "lineage",
) -> Iterator[Serving]:  # fmt: skip
    server = Serving(store, *options, port=port, pages=pages, folder=folder, module=module)
    try:
        server.wait()
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def program(*words: str | Path, code: int = 0) -> bytes:
    """What the program prints on standard output, run in this process."""
    out, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        status = main([str(word) for word in words])
    assert status == code, errors.getvalue()
    assert "Traceback" not in errors.getvalue()
    out.flush()
    return bytes(out.buffer.getvalue())


def run_event(number: int) -> dict[str, Any]:
    """An OpenLineage event; equal numbers are equal events."""
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-03-24T10:{number // 60 % 60:02}:{number % 60:02}.{number:06}Z",
        "producer": "https://example.org/load",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"run-{number}", "facets": {}},
        "job": {"namespace": "load", "name": f"job-{number % 7}"},
        "inputs": [{"namespace": "pg", "name": f"db.public.t{number % 11}"}],
        "outputs": [{"namespace": "pg", "name": f"db.public.u{number % 5}"}],
    }


def lines(events: Sequence[Any]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def looped(work: Coroutine[Any, Any, Made]) -> Made:
    """What comes of it in a loop of its own: the browser of other tests keeps one running in their thread."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()
