"""The application: our routes, and the UI's script beside them where there is one, in one process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from lineage.errors import LineageError
from lineage.server.endpoints import Endpoint, endpoints
from lineage.server.guard import CALLER, OURS, Guard
from lineage.server.keys import KeyRing
from lineage.server.login import SecureCookies
from lineage.server.openapi import document
from lineage.server.refusals import Refusal, answer_json, refuse
from lineage.server.service import Service
from lineage.store import trouble

LOG = logging.getLogger("lineage.server")


def make_app(
    service: Service,
    script: Path | None,
    pages: Mapping[str, str],
    *,
    loopback: bool,
    role_in: Callable[[Headers], str | None] | None,
    secure: bool,
) -> ASGIApp:
    """The whole application; ``script`` is the UI's, served beside our routes, and ``pages`` its HTML by path.

    ``loopback``: it listens there alone. ``role_in``: says of a request's headers which role the pages' login gives.
    ``secure``: browsers reach the pages over TLS alone.
    """
    middleware = [Middleware(Guard, keys=KeyRing(service.path), loopback=loopback, role_in=role_in)]
    if secure:
        middleware.append(Middleware(SecureCookies))
    handlers: dict[Any, Any] = {HTTPException: _http_error}

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # Streamlit has just made them talk
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            yield
        finally:
            service.close()

    if script is None:
        plain = Starlette(routes=routes(service), middleware=middleware, lifespan=lifespan, exception_handlers=handlers)
        plain.router.redirect_slashes = False  # a client that is sent elsewhere turns its POST into a GET
        return plain
    from streamlit.starlette import App

    beside = [*routes(service), *(_page(path, html) for path, html in pages.items())]
    return App(script, routes=beside, middleware=middleware, lifespan=lifespan, exception_handlers=handlers)


def routes(service: Service) -> list[Route]:
    """Every route of ours; what is left under /api is a 404 in JSON."""
    declared = endpoints(service)
    told = document(declared)

    async def openapi(request: Request) -> Response:
        return answer_json(told)

    made = [Route(endpoint.path, _guarded(service, endpoint), methods=[endpoint.method]) for endpoint in declared]
    made.append(Route("/openapi.json", openapi, methods=["GET"]))

    async def nothing(request: Request) -> Response:
        allowed: set[str] = set()
        for route in made:
            if route.matches(request.scope)[0] is Match.PARTIAL:
                allowed |= route.methods or set()
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)

    every = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]
    return [*made, Route("/api/{rest:path}", nothing, methods=every)]


def _page(path: str, html: str) -> Route:
    async def page(request: Request) -> Response:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return Route(path, page, methods=["GET"])


def _guarded(service: Service, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            if endpoint.scope is not None:
                request.scope[CALLER].require(endpoint.scope)
            response = await endpoint.handler(request)
        except Refusal as refusal:
            response = refuse(refusal)
        except LineageError as error:
            response = refuse(Refusal(422, error.sentence, error.hint))
        except ClientDisconnect:
            response = Response(status_code=400)  # nobody reads it
        except asyncio.CancelledError:  # the server is being stopped, and has waited for it
            response = refuse(Refusal(503, "The server is being stopped.", "Send it again when it is back."))
        except Exception as error:
            mendable = trouble(error)
            if mendable is None:
                LOG.exception("%s %s failed", request.method, endpoint.path)
                response = refuse(Refusal(500, "The server failed at this.", "Its log says why; please report it."))
            else:
                LOG.error("%s %s failed: %s", request.method, endpoint.path, mendable.sentence)
                response = refuse(Refusal(503, mendable.sentence, mendable.hint))
        service.requests[endpoint.path, response.status_code] += 1
        return response

    return answer


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if not request.url.path.startswith(OURS):
        return PlainTextResponse(error.detail, error.status_code, error.headers)
    hint = "GET /openapi.json says what there is."
    if error.status_code == 405:
        hint = f"It takes {(error.headers or {}).get('Allow', 'another method')}."
    body = {"error": f"{error.detail.rstrip('.')}: {request.method} {request.url.path[:200]}.", "hint": hint}
    return answer_json(body, error.status_code, error.headers)
