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
"""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

ROLES = ("viewer", "investigator", "admin")  # each may what those before it may


def is_configured() -> bool:
    """Whether the pages have a login."""
    from streamlit.auth_util import get_secrets_auth_section

    return bool(get_secrets_auth_section())


def role_of(user: Mapping[str, Any]) -> str | None:
    """The highest role that a user's claims give; None for nobody, and for who has none."""
    if not user.get("is_logged_in"):
        return None
    from streamlit.runtime.secrets import secrets_singleton

    told = secrets_singleton.get("lineage", {}) if secrets_singleton.load_if_toml_exists() else {}
    values = user.get(told.get("role_claim", "role"))
    listed = values if isinstance(values, list) else [values]
    claimed = {value for value in listed if isinstance(value, str)}
    named = told.get("roles", {})
    for role in reversed(ROLES):
        if claimed & set(named.get(role, (role,) if not named else ())):
            return role
    return None


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
