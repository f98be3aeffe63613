"""Investigate: ask a question, see who was touched, how surely, and what could not be seen."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lineage.demo import ADVISORY, WINDOW
from lineage.errors import LineageError
from lineage.flow.seeds import RULES
from lineage.questions import QUESTIONS, find_question
from lineage.questions.interface import Question, Values
from lineage.questions.wording import ALWAYS, clock
from lineage.store import Stopped
from ui import advisories, asking, drawing, holding, link, session, suggesting, waiting
from ui.forms import ask_form
from ui.screens import entrance
from ui.views import actions, activity, blast, general, touches

VIEWS = {"blast-radius": blast.show, "who-touched": touches.show, "activity": activity.show}
FLAGSHIP = "blast-radius"
WHAT = "What happened?"
SAYS = "Choose what was compromised, and when. The answer says at least and at most how many people that touched."
SEEDS = {  # how a question puts what touched data, where its name alone would not say it
    "job": "job {}", "run": "run {}", "dataset": "what was written to {}", "exposed-dataset": "whoever could read {}"
}  # fmt: skip


def page() -> None:
    asked = link.one("question")
    try:
        question = find_question(asked or FLAGSHIP)
    except LineageError as error:
        drawing.head("Investigate", WHAT)
        drawing.problem(error)
        _form(find_question(FLAGSHIP), {})
        return
    values: Values = link.read_values(question)
    if not asked and not values:
        values = _flagship() or {}
    if session.role() == "viewer" and question.name != FLAGSHIP:
        entrance.only_counts()
    if not any(values.values()) and not link.one("ask"):
        drawing.head("Investigate", WHAT, says=SAYS if question.name == FLAGSHIP else "Say what it is about, and ask.")
        if not entrance.nothing_yet():
            _form(question, values)
        return
    try:
        held = asking.ask(question.name, values, says=question.title)
    except Stopped:
        waiting.say_stopped()
        _form(question, values)
        return
    except LineageError as error:
        drawing.head("Investigate", question.title)
        drawing.problem(error)
        _form(question, values)
        return
    heading(held)
    changing = st.expander("Change the question", key="change", on_change="rerun")
    if changing.open:  # what it offers is looked up, and sent, for whoever wants it
        with changing:
            _form(question, values)
    VIEWS.get(question.name, general.show)(held)


def heading(held: holding.Held) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        drawing.head(
            f"{held.question.name.replace('-', ' ').capitalize()} · answered {drawing.answered(held.answer.checkpoint)}"
            f" in {held.seconds:.1f} s",
            sentence(held),
            chips(held.answer.parameters) + _window(held),
            advisories.about(held),
        )
    with right:
        actions.show(held, sentence(held))


def sentence(held: holding.Held) -> str:
    """The question as a person would put it."""
    told = held.answer.parameters
    if held.question.name == "blast-radius":
        seeds = [
            SEEDS.get(name, "{}").format(value)
            for name, found in told.items()
            if name not in ("from", "to", "rules", "within-vendor")
            for value in (found if isinstance(found, list) else [found])
        ]
        what = ", ".join(seeds[:2]) + (f" and {len(seeds) - 2} more" if len(seeds) > 2 else "")
        within = told.get("within-vendor")
        return f"Whose data did {what} touch at {within}?" if within else f"Whose data did {what} touch?"
    if held.question.name == "who-touched":
        name, value = next((item for item in told.items() if item[0] not in ("from", "to")), ("", ""))
        return f"Who touched {name.replace('-', ' ')} {' '.join(value) if isinstance(value, list) else value}?"
    return held.question.title


def chips(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = []
    for name, value in parameters.items():
        if name == "rules":
            off = [rule for rule in RULES if rule not in value]
            if off:
                told.append(("rules off", ", ".join(off)))
        elif name not in ("from", "to"):
            told.append((name.replace("-", " "), ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return told + [(name, clock(parameters[name])) for name in ("from", "to") if name in parameters]


def _window(held: holding.Held) -> list[tuple[str, str]]:
    """That a question has no window, where it might: its numbers are of all that is known."""
    may = any(parameter.name == "from" for parameter in held.question.parameters)
    return [("window", ALWAYS)] if may and not {"from", "to"} & held.answer.parameters.keys() else []


def _form(question: Question, values: Values) -> None:
    names = [known.name for known in QUESTIONS if session.role() != "viewer" or known.name == FLAGSHIP]
    titles = {known.name: known.title for known in QUESTIONS}
    chosen = st.selectbox(
        "Question",
        names,
        names.index(question.name),
        lambda name: titles[name],
        key=f"question-{question.name}",
    )
    if chosen != question.name:
        st.query_params.from_dict({"question": chosen})
        link.rerun()
    sent = ask_form(question, values)
    if sent is not None:
        link.show(question.name, sent, **({} if sent else {"ask": "all"}))
        link.rerun()


def _flagship() -> dict[str, list[Any]] | None:
    """The question of the sample story, where the store holds it."""
    advisory = ADVISORY.rsplit("/", 1)[-1].removesuffix(".json")
    if advisory in suggesting.advisories() and "northgate" in suggesting.names("vendor"):
        return {"advisory": [advisory], "within-vendor": ["northgate"], **WINDOW}
    return None
