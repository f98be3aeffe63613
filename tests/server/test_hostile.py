"""What a slow, greedy or broken client can do to the others: nothing. And a store that is behind says so with 503."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from lineage.answers import Answer
from lineage.asked import Asker, asked, find_question
from lineage.errors import LineageError
from lineage.ingest import Taken, Told
from lineage.questions.interface import Values
from lineage.server import bodies, listening, service
from lineage.server.app import _guarded
from lineage.server.asking import read_values
from lineage.server.draining import drain
from lineage.server.endpoints import Endpoint
from lineage.server.journal import Journal, Record, Segment
from lineage.server.refusals import Busy, Refusal
from lineage.server.service import Service
from lineage.status import look, text
from lineage.store import Stopped, Store, inbox_path
from lineage.touches import settle
from tests.server.running import Serving, run_event, serving

Made = TypeVar("Made")
EVENT = json.dumps(run_event(1))
ACCESS = '{"time": "2026-03-24T10:00:00Z", "principal": "a", "operation": "read", "dataset": {"name": "d"}}'


def looped(work: Coroutine[Any, Any, Made]) -> Made:
    """What comes of it in a loop of its own: the browser of other tests keeps one running in their thread."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()


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


def test_a_hint_spells_a_parameter_as_the_program_does(quiet: Service) -> None:
    with quiet.view() as view, pytest.raises(Refusal) as refused:
        read_values(find_question("who-touched"), {"record": "x"}, view.store, Path())
    assert refused.value.hint == "A record, as NAMESPACE/NAME and KEY."


def test_what_fails_inside_is_a_sentence_and_a_hint(quiet: Service) -> None:
    def failing(error: Exception) -> Response:
        async def fail(request: Request) -> Response:
            raise error

        endpoint = Endpoint("GET", "/fails", "Fails", None, fail, {})
        return looped(_guarded(quiet, endpoint)(Request({"type": "http", "method": "GET"})))  # type: ignore[arg-type]

    for error, status in ((ValueError("deep"), 500), (OSError(28, "No space left on device"), 503)):
        reply = failing(error)
        assert reply.status_code == status
        assert set(json.loads(bytes(reply.body))) == {"error", "hint"}
        assert b"deep" not in bytes(reply.body)


def test_who_is_waited_for_when_the_server_stops_is_told_so(quiet: Service) -> None:
    async def wait(request: Request) -> Response:
        await asyncio.sleep(60)
        raise AssertionError("It was to be stopped.")

    async def stopped() -> Response:
        endpoint = Endpoint("GET", "/waits", "Waits", None, wait, {})
        task = asyncio.ensure_future(_guarded(quiet, endpoint)(Request({"type": "http", "method": "GET"})))
        await asyncio.sleep(0.01)
        task.cancel()
        return await task

    reply = looped(stopped())
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")


def test_what_a_former_process_left_keeps_no_client_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "s.duckdb")
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with closing(Service(path).start()) as first:
        keep(first, 1)
    Journal(inbox_path(path)).write([Record(Told("openlineage"), json.dumps(run_event(8)).encode())])
    go_on = threading.Event()

    def slowly(store: Store, segment: Segment) -> list[Taken]:
        go_on.wait(60)
        return drain(store, segment)

    monkeypatch.setattr(service, "drain", slowly)
    with closing(Service(path).start()) as second:
        keep(second, 15)
        with second.view(patience=0.1) as view:
            assert view.behind == 2
            assert len(second.ask(view, question, values, who).document()["runs"]) == 1
        go_on.set()
        with second.view() as view:
            assert view.behind == 0
            assert len(second.ask(view, question, values, who).document()["runs"]) == 3


def test_memory_that_bodies_take_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MEMORY_LIMIT", 100)
    with bodies.Held() as first, bodies.Held() as second:
        first.take(60)
        with pytest.raises(Busy):
            second.take(60)
        second.take(40)
    with bodies.Held() as third:
        third.take(100)


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service in this process."""
    running = Service(str(tmp_path / "s.duckdb")).start()
    yield running
    running.close()


def keep(running: Service, *numbers: int) -> None:
    running.write([Record(Told("openlineage"), json.dumps(run_event(number)).encode()) for number in numbers])


def test_an_answer_that_is_behind_says_so(quiet: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(quiet, 1)
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with quiet.view() as view:
        assert view.behind == 0
        before = quiet.ask(view, question, values, who).document()
    assert "not-yet-stored" not in {caveat["kind"] for caveat in before["caveats"]}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(service, "drain", fail)
        keep(quiet, 8)
        with quiet.view(patience=1) as view:
            after = quiet.ask(view, question, values, who).document()
            with pytest.raises(
                LineageError, match=r"No fact and no catalog knows .* 1 acknowledged records are not stored"
            ) as refused:
                quiet.ask(view, question, {"job": ["load/job-8"]}, who)
            assert "load/job-1" in refused.value.near
    caveat = next(caveat for caveat in after["caveats"] if caveat["kind"] == "not-yet-stored")
    assert caveat["count"] == 1
    assert after["checkpoint"] == before["checkpoint"]
    monkeypatch.setattr(service, "RETRY", 0.0)
    with quiet.view(patience=30) as view:  # the disk has room again
        assert view.behind == 0
        assert len(quiet.ask(view, question, values, who).document()["runs"]) == 2
    assert [line["who"] for line in asked(quiet.path)] == ["ana"] * 4


def test_while_the_store_is_brought_up_to_date_the_last_settled_answers(
    quiet: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(quiet, 1)
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with quiet.view() as view:
        before = quiet.ask(view, question, values, who).document()
    go_on = threading.Event()

    def slowly(store: Store) -> None:
        go_on.wait(60)
        settle(store)

    monkeypatch.setattr(service, "settle", slowly)
    keep(quiet, 8, 15)
    for _ in range(2):  # one after the other, and several at once
        with quiet.view(patience=1) as one, quiet.view(patience=0.1) as other:
            assert (one.behind, other.behind) == (2, 2)
            for view in (one, other):
                found = quiet.ask(view, question, values, who).document()
                assert found["checkpoint"] == before["checkpoint"]
                assert found["caveats"][-1]["kind"] == "not-yet-stored"
    with quiet.view(patience=0.1) as stopped:
        stopped.store.stop()
        with pytest.raises(Stopped):
            quiet.ask(stopped, question, values, who)
    go_on.set()
    with quiet.view() as view:
        assert view.behind == 0
        assert len(quiet.ask(view, question, values, who).document()["runs"]) == 3


def test_a_snapshot_stays_as_it_was_while_others_write(quiet: Service) -> None:
    keep(quiet, 1)
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with quiet.view() as old:
        first = quiet.ask(old, question, values, who).document()
        keep(quiet, 8, 15)
        with quiet.view() as new:
            assert len(quiet.ask(new, question, values, who).document()["runs"]) == 3
        assert quiet.ask(old, question, values, who).document() == first


def test_a_question_can_be_stopped_and_is_recorded(quiet: Service) -> None:
    def ponder(store: Store, values: Values) -> Answer:
        store.run("SELECT count(*) FROM range(100000000000)")
        raise AssertionError("It was to be stopped.")

    view = quiet.view()
    timer = threading.Timer(0.5, view.store.stop)
    timer.start()
    with pytest.raises(Stopped), view:
        quiet.ask(view, replace(find_question("blast-radius"), ask=ponder), {"job": ["j"]}, Asker("ana", "ui"))
    timer.join()
    assert [line["refused"] for line in asked(quiet.path)] == ["It was stopped: InterruptException."]
    with quiet.view() as view:
        assert view.store.one("SELECT 1") == (1,)


def test_a_question_that_cannot_be_recorded_is_not_answered(quiet: Service) -> None:
    Path(f"{quiet.path}.asked.ndjson").mkdir()
    with quiet.view() as view, pytest.raises(LineageError, match="cannot be recorded"):
        quiet.ask(view, find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui"))


def test_a_second_catalog_is_refused_and_set_aside(quiet: Service) -> None:
    catalog = "version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors:\n  - {id: a, name: %s}\n"
    first = quiet.put("catalog.yml", Told(), [(catalog % "A").encode()])
    second = quiet.put("other.yml", Told(), [(catalog % "B").encode()])
    assert quiet.outcome(first, 30) is not None
    with pytest.raises(LineageError, match="Another catalog"):
        quiet.outcome(second, 30)
    with quiet.view() as view:
        assert view.behind == 0
        status = look(view.store)
    [kept] = Path(f"{quiet.path}.inbox").iterdir()
    assert (kept.suffix, status["set_aside"]) == (".refused", [str(kept)])
    assert str(kept) in text(status)
