"""Who touched: every touch in time, graded, with its graph and its evidence."""

from html import escape
from typing import Any

import streamlit as st

from lineage.exports import graph as graphs
from lineage.questions.wording import clock
from ui import drawing, evidence, link
from ui.asking import Held, ask
from ui.theme import GRADE_MARK, GRADES
from ui.views import timeline
from ui.views.blast import listed
from ui.views.general import unseen
from ui.views.selecting import choose_row, graph_place


def show(held: Held) -> None:
    touches = held.rows("touches")
    left, right = st.columns([7, 4])
    with left:
        drawing.html(drawing.card("How often, by vendor", by_vendor(held)))
        if touches:
            _timeline(touches)
    with right:
        unseen(held)
    _body(held)


def by_vendor(held: Held) -> str:
    vendors = held.summary["vendors"]
    if not vendors:
        return '<p class="quiet small">No touch is known. Whether that is an answer depends on what could be seen.</p>'
    nameless = "no vendor of the catalog"
    rows = "".join(
        f"<tr><td>{drawing.link(vendor, link.to_thing('vendor', vendor)) if vendor else nameless}</td>"
        + "".join(f'<td class="n">{drawing.number(counts[grade])}</td>' for grade in GRADES)
        + "</tr>"
        for vendor, counts in vendors.items()
    )
    heads = "".join(f'<th class="n" scope="col">{drawing.mark(grade)}</th>' for grade in GRADES)
    return f'<table><tr><th scope="col">Vendor</th>{heads}</tr>{rows}</table>'


def _timeline(touches: list[dict[str, Any]]) -> None:
    moments = [(row["start"], row["grade"]) for row in touches if row["start"]]
    found = ask("activity", {}, recorded=False)
    timeline.activity(
        found.rows("buckets"), moments=moments, about="touches", height=90,
        says="Touches of each grade over time, above everything that is known to have happened",
    )  # fmt: skip


@st.fragment
def _body(held: Held) -> None:
    touches = held.rows("touches")
    with st.container(key="answer-body"):
        left, right = st.columns([11, 9])
        with right:
            table(touches)
            panel(touches)
        with left:
            opened = link.many("open")
            if touches:
                picture = held.made(f"picture {sorted(opened)}", lambda: graphs.picture(listed(held), opened))
                graph_place(picture, "From vendors to what was asked about", opened, key="touch-graph")
            else:
                drawing.empty("No touch to draw", "Nothing that is known read or changed this.")


def table(touches: list[dict[str, Any]], *, height: int = 300) -> None:
    """The touches, a row to click each; which one is in the URL as ``touch``."""
    grades = [grade for grade in GRADES if any(row["grade"] == grade for row in touches)]
    chosen = st.pills(
        "Grade", grades, selection_mode="multi", key="touch-grade",
        default=[grade for grade in link.many("f-grade") if grade in grades],
        format_func=lambda grade: f"{GRADE_MARK[grade]} {grade} {sum(row['grade'] == grade for row in touches):,}",
        label_visibility="collapsed",
    )  # fmt: skip
    link.keep(f_grade=list(chosen or []))
    shown = [number for number, row in enumerate(touches) if not chosen or row["grade"] in chosen]
    if not shown:
        drawing.empty("No touch", "None is known here.")
        return
    st.dataframe(
        [_row(touches[number]) for number in shown],
        hide_index=True, height=height, selection_mode="single-row", key="touch-rows", alt="Touches, by time",
        on_select=lambda: choose_row("touch-rows", [str(number) for number in shown], "touch"),
        column_config={
            "grade": st.column_config.TextColumn(width=98),
            "when": st.column_config.TextColumn(width=150, help="UTC"),
        },
    )  # fmt: skip


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": clock(row["start"]).split(".")[0].removesuffix(" UTC"),
        "grade": f"{GRADE_MARK[row['grade']]} {row['grade']}",
        "what": row["operation"],
        "principal": row["principal"] or "",
        "vendor": row["vendor"] or "",
        "dataset": row["dataset"]["name"],
        "data categories": ", ".join(row["categories"]),
        "run": row.get("run_id") or "",
    }


def panel(touches: list[dict[str, Any]]) -> None:
    """The evidence of the touch that is chosen."""
    at = link.one("touch")
    with st.container(height=360, border=True, key="evidence"):
        if not at.isdigit() or int(at) >= len(touches):
            drawing.empty("Nothing is selected", "Click a touch to see its events and their files.")
            return
        row = touches[int(at)]
        dataset = f"{row['dataset']['namespace']}/{row['dataset']['name']}"
        chips = [("through", row["kind"]), ("operation", row["operation"])]
        links = [drawing.link(row["dataset"]["name"], link.to_thing("dataset", dataset))]
        if row["principal"]:
            links.append(drawing.link(row["principal"], link.to_thing("principal", row["principal"])))
        if row.get("run_id"):
            links.append(drawing.link(f"run {row['run_id'][:8]}", link.to_thing("run", row["run_id"])))
        told = "".join(f'<span class="chip"><b>{name}</b>{escape(value)}</span>' for name, value in chips)
        drawing.html(
            f"<h2>{escape(row['operation'])} of {escape(row['dataset']['name'])}</h2>"
            f'{evidence.grade_line(row)}<div class="chips">{told}</div>'
            f'<p class="small" style="margin-top:.4rem">{clock(row["start"])} to {clock(row["end"])}<br>'
            f"{' · '.join(links)}</p><h2>Events that this rests on</h2>{evidence.events(row['evidence'])}"
        )
