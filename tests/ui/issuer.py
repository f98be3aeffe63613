"""An OIDC issuer on loopback, for tests: whoever comes chooses who to be, and is told apart by signed claims.

It holds clients to the authorization code flow as OpenID Connect Core 1.0 has it: the client's secret, a code that
serves once, PKCE (S256), the nonce, and a hint of its own at the end of a session.
"""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.server.running import free_port

CLIENT, SECRET = "lineage", "a secret between the two"
Claims = Mapping[str, Any]


class Issuer:
    """``people`` are those that one may sign in as, by name, with the claims that the issuer makes of each."""

    def __init__(self, url: str, people: dict[str, Claims]) -> None:
        self.url, self.people = url, people
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.granted: dict[str, dict[str, str]] = {}  # codes that were not used yet
        self.ended: list[str] = []  # whose sessions were ended

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/jwks", self.keys),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/end", self.end),
            ]
        )

    async def discovery(self, request: Request) -> Response:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return JSONResponse(told)

    async def keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """A page to choose from; the choice comes back here and is granted a code."""
        asked = dict(request.query_params)
        person = asked.pop("person", None)
        if person is None:
            links = "".join(
                f'<li><a href="?{escape(urlencode({**asked, "person": name}))}">{escape(name)}</a></li>'
                for name in self.people
            )
            return HTMLResponse(f"<title>Issuer</title><h1>Who are you?</h1><ul>{links}</ul>")
        _hold(asked["client_id"] == CLIENT, asked["response_type"] == "code", "openid" in asked["scope"].split())
        _hold(asked["code_challenge_method"] == "S256")
        code = secrets.token_urlsafe()
        self.granted[code] = {**asked, "person": person}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        granted = self.granted.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        _hold(
            request.headers["authorization"] == f"Basic {basic}",
            form["grant_type"] == "authorization_code",
            form["redirect_uri"] == granted["redirect_uri"],
            base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == granted["code_challenge"],
        )
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": f"id-of-{granted['person']}", "iat": now, "exp": now + 600,
            "nonce": granted["nonce"], **self.people[granted["person"]],
        }  # fmt: skip
        told = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 600, "id_token": told}
        )

    async def end(self, request: Request) -> Response:
        """Ends the session of whom the hint is about."""
        hint = jwt.decode(request.query_params["id_token_hint"], self.key)
        self.ended.append(hint.claims["sub"])
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)


def _hold(*conditions: bool) -> None:
    if not all(conditions):
        raise HTTPException(400)


@contextmanager
def issuing(people: dict[str, Claims]) -> Iterator[Issuer]:
    """An issuer that listens on a port of this machine."""
    port = free_port()
    issuer = Issuer(f"http://127.0.0.1:{port}", people)
    server = uvicorn.Server(uvicorn.Config(issuer.app(), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, name="issuer")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the issuer ended"
            time.sleep(0.01)
        yield issuer
    finally:
        server.should_exit = True
        thread.join()
