"""The program as a client of a server: what it makes of one that breaks off, of odd addresses and keys, of a log that
grows."""

import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lineage.cli import remote
from lineage.cli.remote import Server
from lineage.errors import LineageError
from lineage.store import quarantine
from tests.server.running import program, serving

EVENT = '{"time": "2026-03-24T10:00:00Z", "principal": "a", "operation": "read", "dataset": {"name": "d%d"}}\n'


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """A server that gives every connection these bytes and closes it; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    one, _ = listening.accept()
                except OSError:  # the test is done
                    return
                with one:
                    one.recv(65536)
                    one.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("status", ["200 OK", "422 Unprocessable"])
@pytest.mark.parametrize(
    "rest", [b"Content-Length: 40\r\n\r\nNo data subject", b"Transfer-Encoding: chunked\r\n\r\n10\r\nNo data"]
)
def test_an_answer_that_breaks_off_is_none(rest: bytes, status: str, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(b"HTTP/1.1 %b\r\n%b" % (status.encode(), rest)) as url:
        program("status", "--server", url, code=2)
        program("ask", "search", "--out", "nowhere", "--server", url, code=2)
        with pytest.raises(LineageError, match="not whole"), Server(url, None) as server:
            server.status("text")


def test_a_proxy_may_say_until_when_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    monkeypatch.setattr(remote, "AGAIN", 0.2)
    later = b"HTTP/1.1 503 Busy\r\nRetry-After: Tue, 24 Mar 2026 10:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
    with answering(later) as url:
        program("status", "--server", url, code=2)
    assert set(waited) == {2}


def test_a_server_that_is_full_is_sent_the_first_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "access.ndjson"
    log.write_text(EVENT % 1)
    asked: list[str] = []
    send = Server._try

    def try_(server: Server, method: str, *told: Any) -> http.client.HTTPResponse:
        asked.append(method)
        if len(asked) > 2:
            return send(server, method, *told)
        busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        with answering(busy) as url, Server(url, None) as full:
            return send(full, method, *told)

    monkeypatch.setattr(Server, "_try", try_)
    with serving(tmp_path / "s.duckdb") as server:
        assert b"read 1, stored 1" in program("ingest", log, "--server", server.url)
    assert asked[:3] == ["POST"] * 3


def test_what_a_server_took_long_to_store_is_no_time_that_it_was_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = [tmp_path / f"access-{number}.ndjson" for number in range(2)]
    for number, log in enumerate(logs):
        log.write_text(EVENT % number)
    asked: list[str] = []
    send, row = Server._try, Server._row

    def try_(server: Server, method: str, *told: Any) -> http.client.HTTPResponse:
        asked.append(method)
        if method != "POST" or asked.count("POST") in (1, 4):
            return send(server, method, *told)
        busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        with answering(busy) as url, Server(url, None) as full:
            return send(full, method, *told)

    def slow(server: Server, *told: Any) -> dict[str, Any]:
        time.sleep(1.1)
        return row(server, *told)

    monkeypatch.setattr(remote, "AGAIN", 1)
    monkeypatch.setattr(Server, "_try", try_)
    monkeypatch.setattr(Server, "_row", slow)
    with serving(tmp_path / "s.duckdb") as server:
        assert program("ingest", *logs, "--server", server.url).count(b"stored 1") == 2
    assert asked.count("POST") == 4


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://[::1", "http://x y", f"http://{'a' * 70}", "x:port"])
def test_what_is_no_address_is_a_sentence(url: str) -> None:
    with pytest.raises(LineageError, match="no server's address"):
        Server(url, None)


@pytest.mark.parametrize("key", ["lin_\u043a", "lin_a\r\nX: y"])
def test_what_is_no_key_is_not_sent_and_not_shown(key: str) -> None:
    with pytest.raises(LineageError, match="given as the key is none") as caught:
        Server("http://127.0.0.1:1", key)
    assert key not in str(caught.value)


def test_a_key_out_of_a_file_may_end_its_line(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    key = program("keys", "make", "all", "--scope", "admin", "--store", store).decode()
    with serving(store) as server:
        assert program("status", "--server", server.url, "--key", key.replace("\n", "\r\n"))


def test_a_log_that_grows_while_it_is_sent_is_sent_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = [tmp_path / f"access-{name}.ndjson" for name in ("growing", "other")]
    for number, log in enumerate(logs):
        log.write_text(EVENT % number)
    measure = os.fstat

    def measured(file: int) -> os.stat_result:
        found = measure(file)
        with logs[0].open("a") as growing:
            growing.write(EVENT % 2)
        return found

    monkeypatch.setattr("os.fstat", measured)
    with serving(tmp_path / "s.duckdb") as server:
        told = program("ingest", *logs, "--server", server.url).decode().splitlines()
    assert [line.rpartition("read 1, stored 1")[1] != "" for line in told] == [True, True], told


def test_rejected_lines_are_erased_while_a_server_holds_the_store(tmp_path: Path) -> None:
    """Nobody whose data they hold waits until it is stopped."""
    store = tmp_path / "s.duckdb"
    quarantine(str(store), [("a" * 32, b"a line that nothing reads")])
    with serving(store):
        assert b"a line that nothing reads" in program("quarantine", "--show", "--store", store)
        assert program("quarantine", "--erase", "--store", store) == b"erased 1 texts\n"
        assert program("quarantine", "--show", "--store", store) == b""
