"""The blast radius: how many people, how surely, through what; on one screen with what could not be seen."""

from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from itertools import islice

import streamlit as st

from lineage.exports import graph as graphs
from lineage.exports.picture import Picture
from lineage.flow.seeds import RULES
from lineage.names import format_instant
from lineage.questions.steps import home_of
from lineage.questions.wording import NO_VENDOR, by_time, clock
from ui import drawing, graph, link, session
from ui.asking import ask, part
from ui.holding import Held
from ui.views import contaminated, listing, narrowing, timeline
from ui.views.panel import evidence_panel, person
from ui.views.selecting import graph_place
from ui.views.ways import called, members

SLIDES = (datetime(1700, 1, 1), datetime(2255, 1, 1))  # noqa: DTZ001 (what a browser's slider can hold, in UTC)
SECOND = 1_000_000  # µs
PLACES = 50  # datasets that are told one by one
ATTEMPTS = 50  # that are told one by one
POSITIONS = 2_000  # of the slider of windows: about as many as it is pixels wide


def show(held: Held) -> None:
    summary = held.summary
    counts = session.role() == "viewer"  # and no lists that a number could lead to
    leads = drawing.nowhere if counts else narrowing.address
    unseen = drawing.card(
        "What could not be seen",
        drawing.unseen(held.rows("coverage"), held.rows("caveats"), link.to_thing),
        scroll="scroll high",
    )
    people = drawing.card("People whose data was touched", drawing.figures(summary, leads) + _left_out(held))
    places = drawing.card("Where the records are", where(held, leads), scroll="scroll")
    more = contaminated.cards(held, leads)
    more += [drawing.card("Attempts that failed", attempts(held))] if held.rows("attempts") else []
    if summary["data_subjects"]["at_most"]:
        data = drawing.ranges("Data category", "category", drawing.by_most(summary["by_category"]), leads)
        more = [
            drawing.card("In which jurisdictions, through which vendor", _whose(held, leads), scroll="scroll"),
            drawing.card("Which data", data, scroll="scroll"),
            *more,
        ]
    if because := summary["data_subjects"]["possible_because"]:
        why = drawing.card("Why the possible ones are not better known", drawing.reasons(because, leads))
        drawing.grid(people, why, unseen, places, *more)
    else:
        drawing.grid(people, places, unseen, *more)
    if not counts:
        narrowing.listen()
        _timeline(held)
        _body(held)


def _left_out(held: Held) -> str:
    """That rules are off, which the numbers alone do not show."""
    off = [rule for rule in RULES if rule not in held.answer.parameters["rules"]]
    return (
        f'<p class="small"><b>Not counted:</b> whom the rules that are off would find ({", ".join(off)}).</p>'
        if off
        else ""
    )


def where(held: Held, leads: drawing.Leads) -> str:
    """The datasets that were reached, by the people who have records there; those that nobody told records of, too."""
    found = narrowing.places(held)
    if not found:
        return '<p class="quiet small">No dataset is known to have been reached.</p>'
    shown = {"/".join(name): (name, bounds) for name, bounds in islice(found.items(), PLACES)}
    body = drawing.ranges(
        "Dataset", "dataset", {name: bounds for name, (_, bounds) in shown.items()}, leads,
        reads=lambda name: drawing.link(shown[name][0][1], link.to_thing("dataset", name), name),
        untold="nobody told whose records",
    )  # fmt: skip
    if rest := len(found) - len(shown):
        body += f'<p class="small quiet">and {drawing.number(rest)} more: the list of datasets has all.</p>'
    return body


def _whose(held: Held, leads: drawing.Leads) -> str:
    """By jurisdiction, and by vendor."""
    whose = drawing.by_most(narrowing.jurisdictions(held))
    vendors = drawing.by_most(held.summary["by_vendor"])
    return (
        drawing.ranges("Jurisdiction", "jurisdiction", whose, leads, reads=_jurisdiction)
        + '<div class="next"></div>'
        + drawing.ranges("Vendor", "vendor", vendors, leads, reads=_vendor)
    )


def _jurisdiction(name: str) -> str:
    return escape(name or narrowing.NOT_TOLD)


def _vendor(name: str) -> str:
    return drawing.link(name, link.to_thing("vendor", name)) if name else NO_VENDOR


@part
def _body(held: Held) -> None:
    """The graph beside the tables, and the evidence of what is selected in either."""
    with st.container(key="answer-body"):
        left, right = st.columns([13, 9])
        with left:
            opened = link.many("open")
            drawn = held.made(
                f"picture {sorted(opened)}", lambda: graph.ready(picture(held, opened)), "Drawing the graph"
            )
            if held.summary["data_subjects"]["at_most"]:
                now = _selected(held, drawn)
                graph_place(drawn, "From the seed to people", opened, key="blast-graph", selected=now)
            else:
                read = "read" if held.summary["altered"]["at_most"] else "touched"
                drawing.empty(f"Nobody's data is known to be {read}", _nobody(held))
        with right:
            with st.container(key="lists"):
                first = listing.show(held)
            if first or held.summary["data_subjects"]["at_most"] or link.one("sel"):
                evidence_panel(held, drawn, first)


def _nobody(held: Held) -> str:
    """What it means that nobody was found, and where to look next."""
    if _left_out(held):
        return "Rules are off, and whom they would find is not counted: put them on in “Change the question”."
    if held.summary["altered"]["at_most"]:
        return "Records of people were created, changed or deleted by what was compromised: Altered lists whose."
    if held.answer.parameters.keys() <= {"dataset", "within-vendor", "from", "to", "rules"}:
        return "What is written to a dataset exposes nobody by itself: Datasets and Runs show where it went."
    windowed = {"from", "to"} & held.answer.parameters.keys()
    if held.summary["data_subjects"]["bounded"]:
        other = "A wider window, or another start," if windowed else "Another start"
        return f"Everything that this leans on was observed. {other} is another question."
    also = " Try a wider window too." if windowed else ""
    return f"That proves nothing yet: “What could not be seen” says where evidence is missing.{also}"


def picture(held: Held, opened: list[str]) -> Picture:
    """The graph, from the ways to people: people who are not drawn one by one need not be read one by one."""
    found = members(held, opened)
    homes = [{"dataset": home} for home in called(held)]
    sections = {**held.answer.sections, "datasets": held.rows("datasets"), "records": homes}
    return graphs.picture(replace(held.answer, sections=sections), opened, ways=found)


def _selected(held: Held, drawn: graph.Ready) -> str:
    """The node that stands for what is selected: of a person without a node, the group that they are in."""
    now = link.one("sel")
    kind, _, ident = now.partition(":")
    row = person(held, ident) if kind == "data-subject" else None
    if row is None or now in drawn.ids:
        return drawn.inside.get(now, now)
    group, home = f"people:{row['grade']}:", home_of(row["path"][-1])
    ends = (f"/{home}", f"dataset:{home}")
    found = (name for name in (*drawn.ids, *drawn.inside) if name.startswith(group) and name.endswith(ends))
    name = next(found, now)
    return drawn.inside.get(name, name)


def attempts(held: Held) -> str:
    """What was tried and did not succeed, as lines by time."""
    rows = sorted(held.rows("attempts"), key=by_time)
    body = ""
    for row in rows[:ATTEMPTS]:
        who = row["principal"]
        whose = drawing.link(who, link.to_thing("principal", who)) if who else "somebody"
        at = row["dataset"]["name"] if row["dataset"] else "an unnamed dataset"
        body += (
            f'<li><span class="quiet">{clock(row["time"])}</span> {whose} <b>{escape(row["outcome"])}</b> '
            f"at {escape(at)}</li>"
        )
    if len(rows) > ATTEMPTS:
        body += f'<li class="quiet">and {drawing.number(len(rows) - ATTEMPTS)} more: the whole answer has all.</li>'
    return f'<ul class="plain scroll low" tabindex="0">{body}</ul>'


def _timeline(held: Held) -> None:
    told = held.answer.parameters
    window = (told.get("from"), told.get("to"))
    vendors = told.get("vendor") or ([told["within-vendor"]] if "within-vendor" in told else [])
    values: dict[str, list[str]] = {"vendor": list(vendors)} if vendors else {}
    around = held.made("around", lambda: timeline.around(held, "data_subjects", "first"))
    found = ask("activity", values | around, says="Counting what happened when", recorded=False)
    steps = found.summary["bucket_seconds"]
    moments = held.made("moments", lambda: timeline.moments(held, "data_subjects", "first", steps))
    whose = f"activity of {', '.join(vendors)}" if vendors else "all activity"
    place = ", around the window," if all(window) else ", the window," if any(window) else ""
    drawing.html(f"<h2>When: {escape(whose)}{place} and when each person was first touched</h2>")
    timeline.activity(
        found.rows("buckets"), window=window, moments=moments, step=steps, about="first touched then",
        says="Activity over time with the exposure window, and how many people of each grade were first touched when",
    )  # fmt: skip
    if found.summary["first"]:
        _choose_window(held, timeline.ends(found.rows("buckets"), window, moments), window)


def _choose_window(held: Held, ends: tuple[int, int] | None, window: tuple[str | None, str | None]) -> None:
    """Another window, chosen on the time that the timeline above spans; keys move its ends."""
    if ends is None or ends[0] // SECOND >= ends[1] // SECOND:
        return
    low, last = _clock(format_instant(ends[0])), _clock(format_instant(ends[1] - 1))
    if low < SLIDES[0] or last > SLIDES[1]:
        return
    span = last + timedelta(seconds=1) - low  # a part of the last second is in it
    step = timedelta(minutes=max(1, int(span.total_seconds()) // POSITIONS // 60))
    high = min(SLIDES[1], low - (-span // step) * step)  # on a step
    now = (_clock(window[0]) if window[0] else low, _clock(window[1]) if window[1] else high)
    with st.container(key="window"):  # as wide as the plot above it
        chosen = st.slider(
            "Window (UTC)", low, high, now, step, format=_spelled(high - low), key=f"window-{window}"
        )  # fmt: skip
        told = {  # a side that was not moved stays as it was asked, open or to the microsecond
            name: [f"{moment:%Y-%m-%dT%H:%M:%SZ}"]
            for name, moment, before in zip(("from", "to"), chosen, now, strict=True)
            if _is_moved(moment, before, step)
        }
        if told and st.button("Ask about it", type="primary"):
            link.show(held.question.name, {**held.values, **told})
            link.rerun()


def _is_moved(moment: datetime, before: datetime, step: timedelta) -> bool:
    """Whether somebody moved a side: once one is moved, the browser puts the other on the step that is nearest."""
    return moment != before and not -step < 2 * (moment - before) <= step


def _spelled(span: timedelta) -> str:
    """How the slider spells its ends: with the year where one day and month may be that of two."""
    return "D MMM HH:mm" if span < timedelta(days=360) else "D MMM YYYY HH:mm"


def _clock(text: str) -> datetime:
    """An instant of the answer as the slider takes it: UTC, whole seconds, without an offset."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None, microsecond=0)
