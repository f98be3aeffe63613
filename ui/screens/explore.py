"""Explore: search anything, walk from neighbour to neighbour, and see how two things are connected."""

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from lineage.errors import LineageError
from lineage.exports.links import along, of_links
from lineage.exports.picture import lay_out
from lineage.questions.things import KINDS
from lineage.questions.wording import clock, second
from ui import drawing, forms, graph, link, suggesting
from ui.asking import ask, part
from ui.holding import Held
from ui.screens import entrance
from ui.views import finding, paging
from ui.views.actions import show as actions
from ui.views.selecting import graph_place

TABLE = 420  # px: with what is above it as high as the graph
SEEDS = ("vendor", "principal", "job", "run", "package")
OF_DATASET = {"exposed-dataset": "Blast radius, if it was open", "dataset": "Blast radius, if it was tampered with"}
FIRST = 100  # results shown
_WIDTHS = {
    "first": st.column_config.TextColumn(width=150, help="UTC"),
    "last": st.column_config.TextColumn(width=150, help="UTC"),
    "relation": st.column_config.TextColumn(width=110),
    "times": st.column_config.NumberColumn(width=54, format="localized"),
}
BEGIN = 40  # of each kind, to start from


def page() -> None:
    things = link.many("thing")
    goal = link.one("goal")
    if not things:
        drawing.head("Explore", "What had to do with what?")
        if entrance.nothing_yet():
            return
    _search(things)
    if link.one("text") and not things:
        return
    if not things:
        _empty()
        return
    if goal:
        _connection(things[0], goal)
    else:
        _neighbours(things)


def _search(things: list[str]) -> None:
    """Search as one types; a result that is clicked is walked from."""
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    with left:
        text = st.text_input(
            "Search", link.one("text"), key=f"search-{link.turn()}", type="search", live="300ms",
            placeholder="Any vendor, principal, job, run, dataset, field, data subject or package",
        )  # fmt: skip
    with right:
        kinds = st.multiselect(
            "Kinds", list(KINDS), [k for k in link.many("kind") if k in KINDS], placeholder="Any kind"
        )
    link.keep(text=text or None, kind=kinds)
    if not text:
        return
    values = {"text": [text], "limit": [str(FIRST)]} | ({"kind": kinds} if kinds else {})
    held = ask("search", values)
    found = held.rows("things")
    if not found:
        drawing.empty("Nothing found", f"Nothing is known whose name holds “{text}”. Try a shorter part of it.")
        return
    drawing.html(_results(found, held.summary["found"], things))


def _results(found: list[dict[str, Any]], total: int, things: list[str]) -> str:
    """Results by kind, each a link that starts from it."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for thing in found:
        by_kind.setdefault(thing["kind"], []).append(thing)
    body = "".join(
        f'<div class="card"><h2>{kind.replace("-", " ").capitalize()}s <span class="quiet">{len(rows)}</span></h2>'
        f'<ul class="plain scroll{" low" if things else ""}" tabindex="0">'
        + "".join(
            f"<li>{drawing.link(row['label'], link.to_thing(kind, row['id']), row['id'])}"
            + (f"<br><span class='quiet small'>{escape(row['detail'])}</span>" if row["detail"] else "")
            + "</li>"
            for row in rows
        )
        + "</ul></div>"
        for kind, rows in by_kind.items()
    )
    cut = f"The first {drawing.number(len(found))} of {drawing.number(total)}: type more of the name to see others."
    told = f'<p class="small">{cut}</p>' if total > len(found) else ""
    return f'{told}<div class="results{" less" if things else ""}">{body}</div>'


def _empty() -> None:
    drawing.html('<h2 class="next">Or start from</h2>')
    cards = []
    for kind in ("vendor", "principal", "environment", "dataset", "job"):
        held = suggesting.search("", (kind,), BEGIN)
        names = sorted(held.rows("things"), key=lambda thing: (thing["label"], thing["id"]))
        listed = "".join(
            f"<li>{drawing.link(thing['label'], link.to_thing(kind, thing['id']), thing['id'])}</li>" for thing in names
        )
        many = held.summary["found"]
        if many > len(names):
            listed += f'<li class="quiet">{drawing.number(many - len(names))} more: search for them above.</li>'
        cards.append(
            f'<div class="card"><h2>{kind.capitalize()}s <span class="quiet">{drawing.number(many)}</span></h2>'
            f'<ul class="plain scroll" tabindex="0">{listed or "<li>None is known.</li>"}</ul></div>'
        )
    drawing.html(f'<div class="results five">{"".join(cards)}</div>')


def _head(held: Held) -> None:
    names = [f"{thing['kind'].replace('-', ' ')} {thing['label']}" for thing in held.summary["things"]]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        drawing.head("Neighbours", " · ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else ""))
    with right:
        actions(held, f"Neighbours of {names[0]}", page="explore")


def _plainly(thing: str) -> str:
    kind, _, ident = thing.partition(":")
    return f"{kind.replace('-', ' ')} {ident}"


def _neighbours(things: list[str]) -> None:
    window = link.window()
    try:
        held = ask("neighbours", {"thing": sorted(things), **window}, says="Looking for neighbours")
    except LineageError as error:
        drawing.head("Neighbours", " · ".join(map(_plainly, things[:3])))
        if not window:
            raise
        drawing.problem(error)
        _ways(things)  # where the window can be mended
        return
    _head(held)
    _ways(things)
    rows = held.rows("links")
    if not rows:
        drawing.empty("No neighbour", "Nothing is known to have had to do with it in that time.")
        return
    _around(held, rows, things)


def _ways(things: list[str]) -> None:
    """From here: to another thing, in a window of time, to an investigation."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover("Connect it with …", key="goal-of"):
            finding.find(
                "The other end", KINDS, lambda kind, ident: link.keep(goal=f"{kind}:{ident}"), key="goal",
                placeholder="A part of any name or id",
            )  # fmt: skip
        forms.window()
        kind, _, ident = things[-1].partition(":")
        window = link.window()
        seeds = OF_DATASET if kind == "dataset" else {kind: "Ask its blast radius"} if kind in SEEDS else {}
        for seed, label in seeds.items():
            if st.button(label):
                _go("investigate", link.as_parameters("blast-radius", {seed: [ident], **window}))
        if kind == "dataset" and st.button("Who touched it"):
            _go("investigate", link.as_parameters("who-touched", {"dataset": [ident], **window}))
        if kind == "data-subject" and st.button("This person's touches"):
            _go("data-subject", {"data-subject": ident, **window})


def _go(page: str, parameters: Any) -> None:
    st.switch_page(st.session_state["pages"][page], query_params=parameters)


@part
def _around(held: Held, rows: list[dict[str, Any]], things: list[str]) -> None:
    with st.container(key="answer-body"):
        left, right = st.columns([11, 9])
        with left:
            picture = held.made("picture", lambda: graph.ready(lay_out(of_links(rows, things, KINDS))))
            graph_place(picture, "Neighbours by kind and time", (), key="around", height=640, of="contacts")
        with right:
            _selected(things)
            if held.summary["cut"]:
                drawing.html(drawing.cut(held.summary["cut"]))
            shown = paging.page_of(
                rows, "links", finds="Find a contact",
                reads=lambda row: f"{row['from']['label']} {row['relation']} {row['to']['label']}",
            )  # fmt: skip
            st.dataframe(
                [_link(row) for row in shown], hide_index=True, height=paging.height(shown, TABLE),
                alt="Contacts by time", column_config=_WIDTHS, column_order=_columns(shown),
            )  # fmt: skip


def _selected(things: list[str]) -> None:
    """What the chosen node is, and the ways on from it."""
    chosen = link.one("sel")
    with st.container(border=True, key="chosen", height=176):
        if not chosen or chosen.startswith("rest"):
            drawing.empty("Nothing is selected", "Click a node, then expand it step by step.")
            return
        kind, _, ident = chosen.partition(":")
        drawing.html(f"<h2>{kind.replace('-', ' ')}</h2><p>{escape(ident)}</p>")
        with st.container(horizontal=True):
            if chosen not in things and st.button("Expand", type="primary", help="Show its neighbours as well"):
                link.keep(thing=[*things, chosen])
                link.rerun()
            if len(things) > 1 and chosen in things and st.button("Collapse"):
                link.keep(thing=[thing for thing in things if thing != chosen])
                link.rerun()
            if st.button("Start from it"):
                link.keep(thing=[chosen], sel=None, text=None)
                link.rerun()
            if chosen != things[0] and st.button("Connect"):
                link.keep(goal=chosen)
                link.rerun()
            if kind == "data-subject":
                drawing.html(drawing.link("Open this person", link.to_thing(kind, ident)))


def _link(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "first": second(row["first"]).removesuffix(" UTC") if row["first"] else "",
        "from": row["from"]["label"],
        "relation": row["relation"],
        "to": row["to"]["label"],
        "times": row["count"],
        "last": second(row["last"]).removesuffix(" UTC") if row["last"] else "",
    }


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What the table shows: times only where any is told."""
    timed = any(row["first"] or row["last"] for row in rows)
    return ["from", "relation", "to", "times", *(["first", "last"] if timed else [])]


def _connection(start: str, goal: str) -> None:
    window = link.window()
    title = f"{start.partition(':')[2]} → {goal.partition(':')[2]}"
    try:
        held = ask("connection", {"start": [start], "goal": [goal], **window}, says="Looking for a connection")
    except LineageError:
        drawing.head("Connection", title)
        raise
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        drawing.head("Connection", title)
    with right:
        actions(held, f"Connection of {title}", page="explore")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("The other way round"):
                link.keep(thing=[goal], goal=start)
                link.rerun()
            if st.button("Back to its neighbours"):
                link.keep(goal=None)
                link.rerun()
    for section, title, says in (
        ("shortest", "Fewest steps", "In whatever order they happened."),
        ("earliest", "Earliest", "Each step happens at or after the one before, and none arrives sooner."),
    ):
        steps = held.rows(section)
        drawing.html(f"<h2>{title}</h2><p class='quiet small'>{says}</p>")
        if not steps:
            drawing.empty("No connection", "No chain of contacts is known between these two.")
            continue
        graph_place(graph.ready(lay_out(along(steps))), title, (), key=f"chain-{section}", height=190)
        drawing.html(_steps(steps))


def _steps(steps: list[dict[str, Any]]) -> str:
    body = ""
    for step in steps:
        ends = " ".join(
            part
            for part in (
                drawing.link(step["from"]["label"], link.to_thing(step["from"]["kind"], step["from"]["id"])),
                escape(step["relation"]),
                drawing.link(step["to"]["label"], link.to_thing(step["to"]["kind"], step["to"]["id"])),
            )
        )
        moment = step.get("by") or step["first"]
        often = f", {drawing.number(step['count'])} times" if step["count"] > 1 else ""
        body += f'<li>{ends} <span class="quiet small">{clock(moment) if moment else "always"}{often}</span></li>'
    return f'<ol class="path">{body}</ol>'
