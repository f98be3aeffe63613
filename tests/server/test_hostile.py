"""What a slow, greedy or broken client can do to the others: nothing. And a store that is behind says so with 503."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from starlette.applications import Starlette

from lineage.server import bodies, listening
from lineage.server.refusals import Busy
from tests.server.running import Serving, looped, run_event, serving

EVENT = json.dumps(run_event(1))
ACCESS = '{"time": "2026-03-24T10:00:00Z", "principal": "a", "operation": "read", "dataset": {"name": "d"}}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("hostile") / "s.duckdb", "--backlog", "0") as running:
        yield running


def test_back_pressure_is_503_and_nothing_else(server: Serving) -> None:
    for path, body in (
        ("/api/v1/lineage", EVENT), ("/api/v1/lineage/batch", f"[{EVENT}]"), ("/api/v1/access", ACCESS),
    ):  # fmt: skip
        reply = server.request("POST", path, body)
        assert reply.status == 503, path
        assert int(reply.headers["Retry-After"]) > 0
        assert set(reply.json) == {"error", "hint"}
    assert 'lineage_requests_total{route="/api/v1/lineage",status="503"} 1' in str(
        server.request("GET", "/metrics").body
    )


def test_who_stalls_holds_nobody_up(server: Serving) -> None:
    """Half requests of every kind are open at once, and others are served as before."""
    halves = (
        b"", b"POST /api/v1/li", b"POST /api/v1/lineage HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
        b"POST /api/v1/files?name=x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
    )  # fmt: skip
    stalled = []
    for half in halves * 50:
        one = socket.create_connection(("127.0.0.1", server.port))
        one.sendall(half)
        stalled.append(one)
    began = time.monotonic()
    for _ in range(10):
        assert server.request("GET", "/healthz").status == 200
    assert time.monotonic() - began < listening.REQUEST_WITHIN  # after which they are closed
    for one in stalled:
        one.close()


def test_uploads_that_stall_leave_room_for_others(server: Serving) -> None:
    def upload() -> str:
        reply = server.request("POST", "/api/v1/files?name=y.ndjson&wait=0", "{}")
        return str(reply.json.get("error", reply.json.get("state")))

    half = b"POST /api/v1/files?name=x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"
    with ExitStack() as stalled:
        for _ in range(bodies.UPLOADS_AT_ONCE):
            stalled.enter_context(socket.create_connection(("127.0.0.1", server.port))).sendall(half)
        until = time.monotonic() + 10
        while (said := upload()) != "Many files are being sent already." and time.monotonic() < until:
            time.sleep(0.1)
        assert said == "Many files are being sent already."
        assert server.request("GET", "/healthz").status == 200
    until = time.monotonic() + 30
    while (said := upload()) != "waiting" and time.monotonic() < until:
        time.sleep(0.1)
    assert said == "waiting"
    assert b"lineage_uploads_received_total 0\n" not in server.request("GET", "/metrics").body


def test_broken_http_is_answered_and_costs_nothing(server: Serving) -> None:
    for told in (
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v1/lineage HTTP/1.1\r\n" + b"x" * 70_000,
    ):
        with closing(socket.create_connection(("127.0.0.1", server.port))) as one:
            one.settimeout(20)
            one.sendall(told)
            with suppress(ConnectionResetError):
                assert one.recv(100)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 403", b"")
    for length in ("99999999999", "33554433"):
        assert server.request("POST", "/api/v1/lineage", None, Content_Length=length).status == 413
    assert server.request("GET", "/healthz").status == 200


def test_a_request_whose_length_is_told_in_two_ways_ends_its_connection(server: Serving) -> None:
    """What a proxy takes for the end of its body would be another request to us."""
    told = b"POST /api/v1/access HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", server.port))) as one:
        one.settimeout(20)
        one.sendall(told + b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = b""
        with suppress(ConnectionResetError):
            while piece := one.recv(10_000):
                said += piece
    assert said.startswith(b"HTTP/1.1 400")
    assert said.count(b"HTTP/1.1") == 1


def test_a_connection_that_sends_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "REQUEST_WITHIN", 0.3)
    monkeypatch.setattr(listening, "KEEP_ALIVE", 1)
    waiting = listening.bind("127.0.0.1", 0)
    server = threading.Thread(target=listening.listen, args=(Starlette(), waiting), daemon=True)
    server.start()
    for told in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET"):
        with closing(socket.create_connection(waiting.getsockname())) as one:
            one.settimeout(20)
            one.sendall(told)
            began = time.monotonic()
            while one.recv(1000):
                pass
            assert time.monotonic() - began < 15


def test_heavy_bodies_wait_for_each_other_and_small_ones_do_not() -> None:
    at_work, most, small, go_on = 0, 0, [], threading.Event()

    def heavy(body: bytes) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        go_on.wait(30)
        at_work -= 1

    async def all_at_once() -> None:
        large = [asyncio.create_task(bodies.made_of(bytes(bodies.LARGE), heavy)) for _ in range(6)]
        while at_work < bodies.LARGE_AT_ONCE:
            await asyncio.sleep(0.01)
        small.append(await bodies.made_of(b"x", lambda body: at_work))
        go_on.set()
        await asyncio.gather(*large)

    looped(all_at_once())
    assert most == bodies.LARGE_AT_ONCE
    assert small == [bodies.LARGE_AT_ONCE]


def test_memory_that_bodies_take_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MEMORY_LIMIT", 100)
    with bodies.Held() as first, bodies.Held() as second:
        first.take(60)
        with pytest.raises(Busy):
            second.take(60)
        second.take(40)
    with bodies.Held() as third:
        third.take(100)
