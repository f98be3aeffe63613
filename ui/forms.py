"""A form for any question, made from its declaration: a new question appears without work here."""

import hashlib
from typing import Any

import streamlit as st

from lineage.questions.interface import Parameter, Question, Values
from ui import drawing, link
from ui.suggesting import offer

INSTANT = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$"
_OFF = "without-"  # a parameter that leaves out is shown as what stays
COLUMNS = 4
PARTS = {  # of a form that asks for much: what begins at which parameter
    ("blast-radius", "vendor"): ("What was compromised", "one thing or several: they count together"),
    ("blast-radius", "from"): ("When, and where", "times with Z or an offset; a side that is left empty has no limit"),
}
WRITTEN = "YYYY-MM-DDThh:mm:ssZ"  # where a side is open: an example would look like a window that is set


def ask_form(question: Question, values: Values) -> dict[str, list[Any]] | None:
    """Draw the form filled in with ``values``; returns the new values once it is sent."""
    mark = hashlib.sha256(repr(sorted((k, tuple(v)) for k, v in values.items())).encode()).hexdigest()[:8]
    found: dict[str, list[Any]] = {}
    with st.form(f"ask-{question.name}-{mark}", border=True):
        wide = [parameter for parameter in question.parameters if parameter.kind == "rule"]
        rest = [parameter for parameter in question.parameters if parameter.kind != "rule"]
        for row in _rows(rest):
            if (says := PARTS.get((question.name, row[0].name))) is not None:
                drawing.html(f'<h2 class="part">{says[0]} <span class="quiet small">{says[1]}</span></h2>')
            left = COLUMNS - sum(len(parameter.parts) for parameter in row)
            places = st.columns([len(parameter.parts) for parameter in row] + [1] * left)
            for place, parameter in zip(places, row, strict=False):
                with place:
                    found[parameter.name] = _field(question, parameter, list(values.get(parameter.name, ())), mark)
        for parameter in wide:
            found[parameter.name] = _rules(question, parameter, list(values.get(parameter.name, ())), mark)
        sent = st.form_submit_button("Ask", type="primary", width=120)
    return {name: told for name, told in found.items() if told} if sent else None


def _rows(parameters: list[Parameter]) -> list[list[Parameter]]:
    """What stands beside each other: COLUMNS words at most, and the begin of a window never without its end."""
    rows: list[list[Parameter]] = [[]]
    for parameter in parameters:
        needs = 2 if parameter.name == "from" else len(parameter.parts)
        if sum(len(other.parts) for other in rows[-1]) + needs > COLUMNS:
            rows.append([])
        rows[-1].append(parameter)
    return rows


def title_of(parameter: Parameter) -> str:
    return parameter.name.replace("-", " ").capitalize()


def _field(question: Question, parameter: Parameter, now: list[Any], mark: str) -> list[Any]:
    key = f"{question.name}-{parameter.name}-{mark}"
    title, told = title_of(parameter), parameter.help[:1].upper() + parameter.help[1:]
    if len(parameter.parts) > 1:
        words = now[0] if now else ("",) * len(parameter.parts)
        typed = []
        for number, place in enumerate(st.columns(len(words))):
            with place:
                label = f"{title}: {parameter.parts[number].lower()}"
                typed.append(st.text_input(label, words[number], key=f"{key}-{number}", help=told))
        return [tuple(typed)] if all(typed) else []
    if parameter.kind == "instant":
        text = st.text_input(
            title, now[0] if now else "", key=key, help=told, placeholder=WRITTEN,
            validate=(INSTANT, "Write it as 2026-03-24T10:39:00Z."),
        )  # fmt: skip
        return [text] if text else []
    if parameter.kind in ("text", "number"):
        text = st.text_input(title, now[0] if now else "", key=key, help=told)
        return [text] if text else []
    offered = offer(parameter.kind)
    options = [*offered.options, *(value for value in now if value not in offered.options)]
    if parameter.repeated:
        return list(
            st.multiselect(
                title, options, now, offered.reads, key=key, help=told, accept_new_options=offered.typed,
                placeholder="Choose" if offered.options else "Type an id",
            )
        )  # fmt: skip
    chosen = st.selectbox(
        title, options, options.index(now[0]) if now else None, offered.reads, key=key, help=told,
        accept_new_options=offered.typed, placeholder="Choose" if offered.options else "Type an id",
    )  # fmt: skip
    return [chosen] if chosen else []


def window() -> None:
    """The window of a page as two fields; one that is typed goes into the URL, and the page is run again."""
    told = {
        name: st.text_input(
            name.capitalize(), link.one(name), placeholder=WRITTEN, width=200,
            validate=(INSTANT, "Write it as 2026-03-24T10:39:00Z."),
        )
        for name in ("from", "to")
    }  # fmt: skip
    if any(text != link.one(name) for name, text in told.items()):
        link.keep(**{name: text or None for name, text in told.items()})
        link.rerun()  # what is shown was asked before


def _rules(question: Question, parameter: Parameter, now: list[Any], mark: str) -> list[Any]:
    options = offer(parameter.kind).options
    if not parameter.name.startswith(_OFF):
        return list(st.multiselect(title_of(parameter), options, now, key=f"{question.name}-{parameter.name}-{mark}"))
    on = st.pills(
        "Rules that are on",
        options,
        selection_mode="multi",
        default=[option for option in options if option not in now],
        key=f"{question.name}-{parameter.name}-{mark}",
        help="A rule that is off finds nobody: the numbers can only fall.",
    )
    return [option for option in options if option not in (on or [])]
