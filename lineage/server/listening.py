"""Listening: one uvicorn worker, with limits on what a slow or hostile client can hold."""

import asyncio
import contextlib
import resource
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from lineage.errors import LineageError

REQUEST_WITHIN = 15.0  # seconds from the first byte (or the connection) to the end of a request's head
KEEP_ALIVE = 30  # seconds that a connection may be idle between requests
CONNECTIONS = 1000  # open at once; beyond it 503
HEAD_LIMIT = 32 << 10  # bytes of a request's head


class Patient(H11Protocol):
    """HTTP/1.1 whose patience ends: a connection without a whole request's head is closed after a while."""

    _waiting: asyncio.TimerHandle | None = None

    # As uvicorn's own protocols narrow it.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False
        self._waiting = self.loop.call_later(REQUEST_WITHIN, self._close)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is not self:  # it became a websocket
            self._done()
        elif not self._at_work():  # between requests, or inside a head
            if self._waiting is None and self.timeout_keep_alive_task is None:
                self._waiting = self.loop.call_later(REQUEST_WITHIN, self._close)
        else:
            self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()
        super().connection_lost(exc)

    def _at_work(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _done(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _close(self) -> None:
        self._waiting = None
        if not self._at_work() and not self.transport.is_closing():
            self.transport.close()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises LineageError where it cannot be had."""
    host = host.strip("[]")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with contextlib.ExitStack() as undo:
            listening = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(1024)
            undo.pop_all()
    except OverflowError:
        raise LineageError(f"{port} is no port.", "Choose a --port between 0 and 65535.") from None
    except (OSError, UnicodeError) as error:  # the latter where a name is too long to be one
        why = getattr(error, "strerror", error)
        raise LineageError(f"Cannot listen on {host}:{port}: {why}.", "Choose another --host or --port.") from None
    return listening


def listen(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; what was acknowledged is in the store when it returns."""
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    options: dict[str, Any] = {
        "http": Patient,
        "ws": "websockets-sansio",
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": KEEP_ALIVE,
        "timeout_graceful_shutdown": 10,
        "limit_concurrency": CONNECTIONS,
        "h11_max_incomplete_event_size": HEAD_LIMIT,
    }
    server = uvicorn.Server(uvicorn.Config(app, lifespan="on", **options))
    server.run(sockets=[listening])
