"""The pages' login: Streamlit's own signed cookie, read by its own helpers, gives a role to whoever sends it."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import streamlit.auth_util
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from streamlit.runtime.secrets import Secrets
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from lineage.errors import LineageError
from lineage.server.guard import Guard
from lineage.server.keys import KeyRing, make_key
from lineage.server.login import SecureCookies, check, is_configured, is_https, name_of, role_in, role_of

SECRET = "a secret of at least thirty-two characters"
ORIGIN = "https://lineage.example"
COOKIE = "_streamlit_user"
SECRETS = {
    "auth": {"redirect_uri": f"{ORIGIN}/oauth2callback", "cookie_secret": SECRET, "client_id": "x"},
    "lineage": {
        "role_claim": "groups",
        "roles": {"viewer": ["auditors"], "investigator": ["ir"], "admin": ["leads", "ciso"]},
    },
}


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Streamlit's secrets, as a file would give them."""
    told: dict[str, Any] = json.loads(json.dumps(SECRETS))
    monkeypatch.setattr(Secrets, "load_if_toml_exists", lambda _: bool(told))
    monkeypatch.setattr(Secrets, "get", lambda _, name, default=None: told.get(name, default))
    return told


def test_a_login_that_could_not_work_is_told_at_the_start(
    secrets: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LineageError, match=r"missing the following keys: .*client_secret"):
        check()
    secrets["auth"] |= {"client_secret": "x", "server_metadata_url": "https://id.example/.well-known/x"}
    check()
    secrets["lineage"]["roles"]["investigators"] = ["ir"]
    with pytest.raises(LineageError, match="a role investigators, and there is none"):
        check()
    secrets["lineage"]["roles"] = {"viewer": "auditors"}  # whose letters would be values
    with pytest.raises(LineageError, match="the role viewer no list of texts"):
        check()
    monkeypatch.setattr(streamlit.auth_util, "is_authlib_installed", lambda: False)
    with pytest.raises(LineageError, match=r"pip install 'streamlit\[auth\]'"):
        check()


def test_over_tls_cookies_are_for_tls_alone(secrets: dict[str, Any]) -> None:
    async def page(request: Request) -> Response:
        answer = PlainTextResponse("inside")
        answer.set_cookie("one", "1")
        answer.set_cookie("two", "2", secure=True)
        return answer

    inside = Starlette(routes=[Route("/", page)])
    for app, secure in ((SecureCookies(inside), [True, True]), (inside, [False, True])):
        (start, _) = sent_by(app, "/", {})
        cookies = [value for name, value in start["headers"] if name == b"set-cookie"]
        assert [cookie.lower().count(b"; secure") == 1 for cookie in cookies] == secure
    assert is_https()
    secrets["auth"]["redirect_uri"] = "http://localhost:8710/oauth2callback"
    assert not is_https()


def cookie(secret: str = SECRET, name: str = COOKIE, **claims: Any) -> str:
    now = int(time.time())
    told = {"sub": "ana", "origin": ORIGIN, "is_logged_in": True, "iat": now, "groups": ["ir"], **claims}
    return f"{COOKIE}={create_signed_value(secret, name, json.dumps(told)).decode()}"


def headers(told: str) -> Headers:
    return Headers({"cookie": told})


def test_a_login_is_configured_by_streamlits_secrets(secrets: dict[str, Any]) -> None:
    assert is_configured()
    secrets.clear()
    assert not is_configured()


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"groups": ["ir"]}, "investigator"),
        ({"groups": "auditors"}, "viewer"),
        ({"groups": ["auditors", "ciso", "ir"]}, "admin"),
        ({"groups": ["everybody", 5, None]}, None),
        ({"groups": None}, None),
        ({"groups": {}}, None),
        ({"role": "admin", "groups": []}, None),
        ({"groups": ["admin"]}, None),
        ({"groups": ["ciso"], "is_logged_in": False}, None),
    ],
)
def test_claims_give_the_highest_role(claims: Mapping[str, Any], role: str | None, secrets: dict[str, Any]) -> None:
    assert role_of({"is_logged_in": True, "iat": time.time(), **claims}) == role
    assert role_in(headers(cookie(**{"groups": [], **claims}))) == role


def test_without_a_mapping_the_claim_is_the_role(secrets: dict[str, Any]) -> None:
    del secrets["lineage"]
    signed_in = {"is_logged_in": True, "iat": time.time()}
    assert role_of({**signed_in, "role": "viewer"}) == "viewer"
    assert role_of({**signed_in, "role": "owner"}) is None
    assert role_of(signed_in) is None


def test_claims_grow_old(secrets: dict[str, Any]) -> None:
    hour = 3600
    for hours, role in ((0, "investigator"), (11.9, "investigator"), (12.1, None), (24 * 29, None)):
        assert role_in(headers(cookie(iat=time.time() - hours * hour))) == role, hours
    assert role_in(headers(cookie(iat=None))) is None
    secrets["lineage"]["session_hours"] = 1
    assert role_in(headers(cookie(iat=time.time() - 2 * hour))) is None


def test_who_asked_is_an_address_that_was_verified_or_a_subject() -> None:
    told = {"is_logged_in": True, "sub": "248289761001", "email": "ana@example.org"}
    assert name_of(told) == "ana@example.org"
    assert name_of({**told, "email_verified": True}) == "ana@example.org"
    assert name_of({**told, "email_verified": False}) == "248289761001"
    assert name_of({**told, "email": None}) == "248289761001"
    assert name_of({**told, "is_logged_in": False}) == ""
    assert name_of({}) == ""


def test_a_cookie_that_is_not_ours_gives_nothing(secrets: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    good = cookie()
    assert role_in(headers(good)) == "investigator"
    assert role_in(headers(f"other=1; {good}; more=2")) == "investigator"
    for bad in (
        "", COOKIE, f"{COOKIE}=", good[:-1], good[:-4] + "aaaa", good.replace("=", "=x", 1),
        cookie(secret="another secret"), cookie(name="_streamlit_user_tokens"), cookie(origin="https://evil.example"),
        cookie(origin=None), good.replace(COOKIE, "_streamlit_xsrf"),
    ):  # fmt: skip
        assert role_in(headers(bad)) is None, bad
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 40 * 24 * 3600)
    assert role_in(headers(good)) is None


# Who gets what: a status for nobody, viewer, investigator, admin, and for a key that may read.
ACCESS = {
    "/media/1b70a5.csv": (401, 401, 200, 200, 200),
    "/media/1b70a5.bin": (401, 401, 200, 200, 200),
    "/media/1b70a5.svg": (401, 401, 200, 200, 200),  # what it ends with, Streamlit does not look at
    "/_stcore/upload_file/s/f": (401, 401, 401, 200, 200),
    "/_stcore/metrics": (401, 401, 200, 200, 200),
    "/_stcore/agent/interact": (401, 401, 200, 200, 200),
    "/app/static/1b70a5.csv": (401, 401, 200, 200, 200),
    "/metrics": (401, 401, 401, 401, 200),
    "/api/v1/status": (401, 401, 401, 401, 200),
    "/openapi.json": (401, 401, 401, 401, 200),
    "/": (200, 200, 200, 200, 200),  # the page asks for the login itself
    "/_stcore/stream": (200, 200, 200, 200, 200),
    "/_stcore/host-config": (200, 200, 200, 200, 200),
    "/_stcore/health": (200, 200, 200, 200, 200),
    "/healthz": (200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("loopback", [True, False])
@pytest.mark.parametrize("path", ACCESS)
def test_the_routes_obey_the_login(path: str, loopback: bool, secrets: dict[str, Any], tmp_path: Path) -> None:
    store = str(tmp_path / "s.duckdb")
    bearer = f"Bearer {make_key(store, 'one', ('read',))}"
    guard = Guard(PlainTextResponse("inside"), keys=KeyRing(store), loopback=loopback, role_in=role_in)
    askers = [
        {},
        *({"cookie": cookie(groups=[group])} for group in ("auditors", "ir", "leads")),
        {"authorization": bearer},
    ]
    for asker, status in zip(askers, ACCESS[path], strict=True):
        assert status_of(guard, path, {"host": "proxy.example", **asker}) == status, (path, asker)
    unlocked = Guard(PlainTextResponse("inside"), keys=KeyRing(store), loopback=True)
    for host, status in (("localhost:8710", 200), ("evil.example", 403)):
        assert status_of(unlocked, "/", {"host": host}) == status


def status_of(app: ASGIApp, path: str, told: Mapping[str, str]) -> int:
    return int(sent_by(app, path, told)[0]["status"])


def sent_by(app: ASGIApp, path: str, told: Mapping[str, str]) -> list[Any]:
    """What a GET is answered with, without a server between."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "http_version": "1.1", "server": ("localhost", 80), "client": ("127.0.0.1", 9),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()],
    }  # fmt: skip

    async def answer() -> None:
        await app(scope, receive, send)

    with pytest.raises(StopIteration):  # it never waits; and a browser's loop may run in this thread
        answer().send(None)
    return sent
