"""Views as URLs: the question, its parameters and the selection are query parameters, so every view can be shared."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from lineage.questions.interface import Question, Values
from ui import session

FIRST = "investigate"
PAGES = (FIRST, "explore", "data-subject", "sources", "cases")
_BETWEEN = "\u001f"  # the words of one value, in one query parameter


def one(name: str, default: str = "") -> str:
    return str(st.query_params.get(name, default))


def number(name: str) -> int | None:
    """A whole number; None where the URL has none, or something else."""
    told = one(name)
    return int(told) if re.fullmatch("[0-9]{1,9}", told) else None


def many(name: str) -> list[str]:
    return list(st.query_params.get_all(name))


def keep(**values: str | Sequence[str] | None) -> None:
    """Set query parameters; None or nothing removes one."""
    for name, value in values.items():
        key = name.replace("_", "-")
        if value:
            st.query_params[key] = value if isinstance(value, str) else list(value)
        elif key in st.query_params:
            del st.query_params[key]
    _remember()


def read_values(question: Question) -> dict[str, list[Any]]:
    """A question's values as the URL gives them."""
    values: dict[str, list[Any]] = {}
    for parameter in question.parameters:
        found: list[Any] = many(parameter.name)
        if len(parameter.parts) > 1:
            found = [tuple(text.split(_BETWEEN)) for text in found]
            found = [words for words in found if len(words) == len(parameter.parts)]
        if found:
            values[parameter.name] = list(dict.fromkeys(found)) if parameter.repeated else found[:1]
    return values


def as_parameters(question: str, values: Values, **more: str) -> dict[str, str | list[str]]:
    """Query parameters of a view of a question."""
    told: dict[str, str | list[str]] = {"question": question}
    for name, found in values.items():
        if found:
            told[name] = [_BETWEEN.join(item) if isinstance(item, tuple) else str(item) for item in found]
    return told | more


def show(question: str, values: Values, **more: str) -> None:
    """Make this page's URL that of a question, and nothing else."""
    st.query_params.from_dict(as_parameters(question, values, **more))


def turn() -> int:
    """What the keys of fields end with that the URL fills in: fields of another turn are filled in from it anew."""
    return int(st.session_state.get("turn", 0))


def anew() -> None:
    """Have the fields filled in from the URL again, which says something else than they do."""
    st.session_state["turn"] = turn() + 1


def follow() -> None:
    """At the begin of a run: where the browser went back or forward, the URL holds, and not what the fields held."""
    before = st.session_state.get("url")
    _remember()
    if before is not None and before != st.session_state["url"]:
        anew()


def _remember() -> None:
    st.session_state["url"] = {name: many(name) for name in st.query_params}


def rerun() -> None:
    """Run the page again. What a run tells the browser just before it ends is lost, so the URL is told again."""
    st.session_state["tell-url"] = True
    st.rerun()


def resend() -> None:
    if st.session_state.pop("tell-url", False):
        st.query_params.from_dict({name: st.query_params.get_all(name) for name in list(st.query_params)})


def instead(given: str, name: str) -> str:
    """The address of this view with ``name`` where it has ``given``, alone or after its kind; '' where it has not."""

    def mended(text: str) -> str:
        if text == given:
            return name
        if text.endswith(f":{given}"):
            return text.removesuffix(given) + name
        return name + text.removeprefix(given) if text.startswith(f"{given}{_BETWEEN}") else text

    now = {key: many(key) for key in st.query_params}
    told = {key: [mended(text) for text in found] for key, found in now.items()}
    return f"?{urlencode(told, doseq=True, quote_via=quote)}" if told != now else ""


def path(page: str) -> str:
    """Where a page lies below the address of all."""
    return "" if page == FIRST else page


def window() -> dict[str, list[str]]:
    """The window that the URL gives, as a question takes it; a side that is open is left out."""
    return {name: [one(name)] for name in ("from", "to") if one(name)}


def to(page: str, parameters: Mapping[str, Any] | None = None) -> str:
    """The address of a page, relative to any other page of ours."""
    query = urlencode(parameters or {}, doseq=True, quote_via=quote)
    return f"./{path(page)}" + (f"?{query}" if query else "")


def to_thing(kind: str, ident: str) -> str:
    """Where a thing is looked at: a person has a page of its own, all else is explored; '' for who may do neither."""
    if session.role() == "viewer":
        return ""
    if kind == "data-subject":
        return to("data-subject", {"data-subject": ident})
    return to("explore", {"thing": f"{kind}:{ident}"})
