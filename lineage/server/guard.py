"""Who may: one check in front of every route, the UI's own included.

Without keys and without a login the server listens on loopback only, and whoever is there may do everything; a
page of another site that the user's browser shows may not (Host and Origin are looked at).
"""

import ipaddress
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lineage.errors import LineageError
from lineage.server.keys import SCOPES, KeyRing
from lineage.server.refusals import Refusal, refuse

OURS = ("/api/", "/metrics", "/openapi.json", "/healthz")
OPEN = ("/healthz",)  # says that the server lives, and nothing else
# Of Streamlit: what the login of a page does not guard by itself, and what a browser needs to show that login.
PRIVATE = ("/media/", "/app/", "/_stcore/")
FACE = ("/_stcore/stream", "/_stcore/health", "/_stcore/host-config", "/_stcore/bidi-components/")
COUNTS = "/_stcore/metrics"
UPLOADS = "/_stcore/upload_file"
CALLER = "lineage.caller"
# What a proxy says of whom it brings.
BROUGHT = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
# A browser asks no other machine for anything, whatever a name holds, and shows a page in no other site's frame.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
TOLD = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address names who was asked about
}
_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-f:.]+\](:\d+)?", re.ASCII | re.IGNORECASE)
LOG = logging.getLogger("lineage.server")


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request: a key's name, or ``loopback``."""

    name: str
    scopes: frozenset[str]
    source: str | None = None

    def require(self, scope: str) -> None:
        if scope and scope not in self.scopes and "admin" not in self.scopes:
            raise Refusal(403, f"The key {self.name} may not do this.", f"It takes a key with the scope {scope}.")


LOOPBACK = Caller("loopback", frozenset(SCOPES))


@lru_cache(256)
def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware. ``role_in`` says of a request's headers which role the pages' login gives; None: no login."""

    def __init__(
        self, app: ASGIApp, *, keys: KeyRing, loopback: bool, role_in: Callable[[Headers], str | None] | None = None
    ) -> None:
        self.app, self.keys, self.loopback, self.role_in = app, keys, loopback, role_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if scope["type"] == "http":
            send = _told(send, Headers(scope=scope).get("host", ""))
        try:
            scope[CALLER] = self._admit(scope["path"], Headers(scope=scope))
        except LineageError as error:
            refusal = error if isinstance(error, Refusal) else _unreadable(error)
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": refusal.sentence[:100]})
            else:
                await refuse(refusal)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _admit(self, path: str, headers: Headers) -> Caller | None:
        """Raises Refusal. The scope that a route wants is looked at by the route."""
        if "content-length" in headers and "transfer-encoding" in headers:
            raise Refusal(
                400, "The request tells its length in two ways.", "Send it again, with one of them.", close=True
            )
        unlocked = self._nothing_set_up() or (self.role_in is None and not path.startswith(OURS))
        if self.loopback and unlocked:  # a proxy before what is locked may call it by another name
            _same_site(headers)
        if path in OPEN:
            return None
        if path.startswith(OURS):
            return LOOPBACK if self._nothing_set_up() else self._by_key(headers)
        if path.startswith(PRIVATE) and not path.startswith(FACE) and not self._nothing_set_up():
            if self.role_in is not None and _may_see(path, self.role_in(headers)):
                return None
            if self.role_in is not None or path.startswith(COUNTS):
                caller = self._by_key(headers)
                caller.require("read")
                return caller
        return None

    def _nothing_set_up(self) -> bool:
        return self.loopback and self.role_in is None and not len(self.keys)

    def _by_key(self, headers: Headers) -> Caller:
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refusal(
                401, "This takes a key.", "Send it as Authorization: Bearer KEY; `lineage keys make` makes one."
            )
        key = self.keys.find(token.strip())
        if key is None:
            raise Refusal(
                401, "The key is not known, or was revoked.", "Ask for another; `lineage keys make` makes one."
            )
        return Caller(key.name, frozenset(key.scopes), key.source)


def _told(send: Send, host: str) -> Send:
    """Sends each response with what browsers are to keep to. Not to all of them does 'self' mean websockets too, so the
    server's name is said."""
    sockets = f"; connect-src 'self' ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", POLICY + sockets)
            for name, value in TOLD.items():
                headers.setdefault(name, value)
        await send(message)

    return send_told


def _unreadable(error: LineageError) -> Refusal:
    """Of keys that cannot be read nobody is told more: who asks may be anybody."""
    LOG.error("%s", error)
    return Refusal(503, "Who may cannot be looked up now.", "Whoever runs this server finds the reason in its log.")


def _may_see(path: str, role: str | None) -> bool:
    """A viewer sees counts, and what a page offers for download names people; who takes files in is an admin.

    What ends a path says nothing: Streamlit looks a download up by what stands before its last dot.
    """
    return role == "admin" or (role == "investigator" and not path.startswith(UPLOADS))


def _same_site(headers: Headers) -> None:
    if any(name in headers for name in BROUGHT):
        raise Refusal(
            403, "Whoever comes through a proxy is not on this machine.",
            "Make a key for the API, or set up a login for the pages; or ask the server itself.",
        )  # fmt: skip
    host = headers.get("host", "")
    if not is_loopback(host.rsplit(":", 1)[0] if not host.endswith("]") else host):
        raise Refusal(403, f"This server is not {host or 'unnamed'}.", "Ask it as localhost or 127.0.0.1.")
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        raise Refusal(403, "A page of another site may not use this server.", "Open the server's own address.")
