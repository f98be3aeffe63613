"""The login of the pages (`st.login`, OIDC), as the routes see it: which role a signed cookie gives.

Streamlit gates only the script; what a page offers for download lies behind no check. Its cookie is read here as its
own websocket reads it, by helpers that it keeps private: a test holds them.

Set up in Streamlit's secrets: ``[auth]`` as its documentation says, and which values of which claim make a role:

    [lineage]
    role_claim = "groups"
    [lineage.roles]
    viewer = ["auditors"]
    investigator = ["incident-response"]
    admin = ["security-leads"]

Without it the claim is ``role``, and its values are the names of the roles. Who has none of them is let in nowhere.
Claims are as old as the login, and Streamlit's cookie lives for a month: after ``session_hours`` (of ``[lineage]``, 12)
they count no more, and who was signed in signs in again.
"""

import time
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lineage.errors import LineageError

ROLES = ("viewer", "investigator", "admin")  # each may what those before it may
SESSION_HOURS = 12


def is_configured() -> bool:
    """Whether the pages have a login."""
    from streamlit.auth_util import get_secrets_auth_section

    return bool(get_secrets_auth_section())


def check() -> None:
    """Look at what is set up before anybody signs in. Raises LineageError for a login that could not work."""
    from streamlit.auth_util import is_authlib_installed, validate_auth_credentials
    from streamlit.errors import StreamlitAuthError

    if not is_authlib_installed():
        raise LineageError("The login of the pages needs Authlib.", "Install it: pip install 'streamlit[auth]'.")
    try:
        validate_auth_credentials("default")
    except StreamlitAuthError as error:
        raise LineageError(" ".join(str(error).split()), "docs/server.md says what a login takes.") from None
    for role, values in _told().get("roles", {}).items():
        if role not in ROLES:
            hint = f"Choose one of {', '.join(ROLES)}."
            raise LineageError(f"The secrets name a role {role}, and there is none.", hint)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise LineageError(f"The secrets give the role {role} no list of texts.", f'Write {role} = ["…"].')


def is_https() -> bool:
    """Whether browsers reach the pages over TLS, as the redirect URI says."""
    from streamlit.auth_util import get_origin_from_redirect_uri

    return (get_origin_from_redirect_uri() or "").startswith("https:")


class SecureCookies:
    """ASGI middleware: a cookie that is set here is never sent over a connection that others can read.

    Streamlit leaves the attribute out for the sake of pages that are developed without TLS.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secure(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                cookies = headers.getlist("set-cookie")
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", cookie if "; secure" in cookie.lower() else f"{cookie}; Secure")
            await send(message)

        await self.app(scope, receive, send_secure)


def role_of(user: Mapping[str, Any]) -> str | None:
    """The highest role that a user's claims give; None for nobody, for who has none, and where it is too long ago."""
    if not user.get("is_logged_in") or has_expired(user):
        return None
    told = _told()
    values = user.get(told.get("role_claim", "role"))
    listed = values if isinstance(values, list) else [values]
    claimed = {value for value in listed if isinstance(value, str)}
    named = told.get("roles", {})
    for role in reversed(ROLES):
        if claimed & set(named.get(role, (role,) if not named else ())):
            return role
    return None


def has_expired(user: Mapping[str, Any]) -> bool:
    """Whether somebody signed in too long ago for the claims to count; ``iat`` is when they were issued."""
    issued = user.get("iat")
    hours = _told().get("session_hours", SESSION_HOURS)
    return not isinstance(issued, int | float) or time.time() - issued > hours * 3600


def name_of(user: Mapping[str, Any]) -> str:
    """How the record of questions names somebody: by e-mail unless the issuer did not verify it, else by subject."""
    if not user.get("is_logged_in"):
        return ""
    email = user.get("email") if user.get("email_verified") is not False else None
    return str(email or user.get("sub") or "")


def _told() -> Mapping[str, Any]:
    from streamlit.runtime.secrets import secrets_singleton

    return secrets_singleton.get("lineage", {}) if secrets_singleton.load_if_toml_exists() else {}


def role_in(headers: Headers) -> str | None:
    """The role of whoever sent a request with these headers, by the cookie of the login."""
    from streamlit.auth_util import get_origin_from_redirect_uri
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
    from streamlit.web.server.starlette.starlette_websocket import (
        _get_signed_cookie_with_chunks,
        _parse_decoded_user_cookie,
    )

    origin = get_origin_from_redirect_uri()
    signed = _get_signed_cookie_with_chunks(cookie_parser(headers.get("cookie", "")), USER_COOKIE_NAME)
    if signed is None or origin is None:
        return None
    return role_of(_parse_decoded_user_cookie(signed, origin))
