"""How fast the receiver is, in one run: ``python -m tests.server.benchmark [EVENTS]`` (20,000 without it).

Single events over 64 connections against the same Starlette with an empty handler; batches of 1,000 events against
file ingest of the same events.
"""

import asyncio
import json
import multiprocessing
import socket
import sys
import tempfile
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lineage.server.listening import bind, listen
from tests.server.running import Serving, lines, program, run_event, serving

CONNECTIONS = 64
BATCH = 1000
ROUNDS = 3


async def empty(request: Request) -> Response:
    return Response(b'{"status": "success"}\n', media_type="application/json")


def serve_nothing(listening: socket.socket) -> None:
    listen(Starlette(routes=[Route("/api/v1/lineage", empty, methods=["POST"])]), listening)


async def client(port: int, bodies: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in bodies:
        head = f"POST /api/v1/lineage HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        await reader.readexactly(int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
    writer.close()


async def send(port: int, bodies: list[bytes]) -> float:
    """Events a second."""
    began = time.perf_counter()
    await asyncio.gather(*(client(port, bodies[number::CONNECTIONS]) for number in range(CONNECTIONS)))
    return len(bodies) / (time.perf_counter() - began)


def send_batches(server: Serving, events: list[bytes]) -> tuple[float, float]:
    """Events a second until they were acknowledged, and until answers know them."""
    bodies = [b"[" + b",".join(events[at : at + BATCH]) + b"]" for at in range(0, len(events), BATCH)]
    began = time.perf_counter()
    for body in bodies:
        assert server.request("POST", "/api/v1/lineage/batch", body).status == 200
    acknowledged = time.perf_counter() - began
    assert server.request("GET", "/api/v1/status").status == 200
    return len(events) / acknowledged, len(events) / (time.perf_counter() - began)


def main(count: int) -> None:
    listening = bind("127.0.0.1", 0)
    process = multiprocessing.get_context("fork").Process(target=serve_nothing, args=(listening,))
    process.start()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with serving(place / "single.duckdb") as server:
            for number in range(ROUNDS):
                bodies = [json.dumps(run_event(number * count + one)).encode() for one in range(count)]
                bare = asyncio.run(send(listening.getsockname()[1], bodies))
                ours = asyncio.run(send(server.port, bodies))
                print(f"single events: {ours:,.0f} a second, empty handler {bare:,.0f}: {ours / bare:.2f} of it")
        process.terminate()
        events = [json.dumps(run_event(one)).encode() for one in range(count)]
        with serving(place / "batch.duckdb") as server:
            acknowledged, known = send_batches(server, events)
        (place / "events.ndjson").write_bytes(lines([run_event(one) for one in range(count)]))
        began = time.perf_counter()
        program("ingest", place / "events.ndjson", "--store", place / "file.duckdb", "--quiet")
        of_file = count / (time.perf_counter() - began)
        print(
            f"batches: {acknowledged:,.0f} events a second acknowledged, {known:,.0f} until known;"
            f" file ingest {of_file:,.0f}: {acknowledged / of_file:.2f} and {known / of_file:.2f} of it"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
