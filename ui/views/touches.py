"""Who touched: every touch in time, graded, with its graph and its evidence."""

from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from lineage.exports import graph as graphs
from lineage.exports.picture import MOST, Picture
from lineage.names import brief, format_bound
from lineage.questions.wording import NO_VENDOR, OF_TOUCHES
from ui import drawing, evidence, graph, link
from ui.asking import ask, part
from ui.holding import Held
from ui.theme import GRADE_MARK, GRADES
from ui.views import paging, timeline
from ui.views.general import unseen
from ui.views.listing import when
from ui.views.selecting import choose_row, example, graph_place, marked

HEIGHT = 300  # px
# Touches in one order for all that look at them: by time, then by what tells them apart.
NUMBERED = """
SELECT *, row_number() OVER (
    ORDER BY "start", "end", kind, run_id, principal, dataset_namespace, dataset_name, operation, evidence
) - 1 AS number FROM listed
"""
_WHERE = """
(len($grades::VARCHAR[]) = 0 OR grade IN (SELECT unnest($grades::VARCHAR[])))
AND ($text = '' OR contains(
    lower(concat_ws(' ', principal, vendor, dataset_name, run_id, job_name, operation)), lower($text)
))
"""
COUNTED = f"SELECT count(*) AS count FROM listed WHERE {_WHERE}"
PAGE = f"SELECT * FROM listed WHERE {_WHERE} ORDER BY number LIMIT {paging.PAGE} OFFSET $start"
SUREST = "SELECT min(number) AS number FROM listed WHERE grade = $grade"
ONE = "SELECT * FROM listed WHERE number = $number"
# What the graph draws as one: runs by their job, but those of jobs that are opened; beyond MOST of one none is drawn.
DRAWN = f"""
SELECT kind, grade, operation, vendor, principal, job_namespace, job_name, dataset_namespace, dataset_name,
       CASE WHEN kind = 'run' AND run_no <= {MOST} AND (
           job_name IS NULL OR list_contains($opened::VARCHAR[], '*')
           OR list_contains($opened::VARCHAR[], 'job:' || job_namespace || '/' || job_name)
       ) THEN run_id END AS run, min("start") AS first, count(*) AS count
FROM (SELECT *, dense_rank() OVER (PARTITION BY job_namespace, job_name ORDER BY run_id) AS run_no FROM listed)
GROUP BY ALL ORDER BY ALL
"""
RUNS = """
SELECT job_namespace AS namespace, job_name AS name, count(DISTINCT run_id) AS runs
FROM listed WHERE kind = 'run' GROUP BY ALL
"""


def numbered(held: Held) -> str:
    """What is asked for touches by number: hundreds of thousands are put in order once, not at each click."""
    return held.keep("numbered", "touches", NUMBERED, "Putting the touches in order")


def show(held: Held) -> None:
    many = sum(graded(held).values())
    with st.container(key="answer-top"):
        left, right = st.columns([7, 4])
        with left:
            drawing.html(drawing.card("How often, by vendor", by_vendor(held)))
            if many:
                _timeline(held)
        with right:
            unseen(held)
    _body(held, many)


def graded(held: Held) -> dict[str, int]:
    """How many touches of each grade."""
    vendors = held.summary["vendors"].values()
    return {grade: sum(counts[grade] for counts in vendors) for grade in GRADES}


def by_vendor(held: Held) -> str:
    vendors = held.summary["vendors"]
    if not vendors:
        return '<p class="quiet small">No touch is known. Whether that is an answer depends on what could be seen.</p>'
    rows = "".join(
        f"<tr><td>{drawing.link(vendor, link.to_thing('vendor', vendor)) if vendor else NO_VENDOR}</td>"
        + "".join(f'<td class="n">{drawing.number(counts[grade])}</td>' for grade in GRADES)
        + "</tr>"
        for vendor, counts in sorted(vendors.items(), key=lambda item: -sum(item[1][grade] for grade in GRADES))
    )
    heads = "".join(f'<th class="n" scope="col">{drawing.mark(grade)}</th>' for grade in GRADES)
    means = "; ".join(f"<b>{grade}</b>: {OF_TOUCHES[grade]}" for grade in GRADES)
    told = sum(map(bool, vendors))
    many = f"{drawing.number(told)} vendors, the most first. " if told > drawing.NAMED else ""
    table = f'<table><tr><th scope="col">Vendor</th>{heads}</tr>{rows}</table>'
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Vendors">{table}</div>'
        f'<p class="small quiet next">{many}{means}.</p>'
    )


def _timeline(held: Held) -> None:
    listed = numbered(held)
    around = held.made("around", lambda: timeline.around(held, listed, '"start"'))
    found = ask("activity", around, says="Counting what happened when", recorded=False)
    steps = found.summary["bucket_seconds"]
    moments = held.made("moments", lambda: timeline.moments(held, listed, '"start"', steps))
    window = (held.answer.parameters.get("from"), held.answer.parameters.get("to"))
    drawing.html("<h2>When: touches of each grade, above everything that is known to have happened</h2>")
    timeline.activity(
        found.rows("buckets"), window=window, moments=moments, step=steps, about="touches",
        says="Touches of each grade over time, above everything that is known to have happened",
    )  # fmt: skip


@part
def _body(held: Held, many: int) -> None:
    with st.container(key="answer-body"):
        left, right = st.columns([11, 9])
        with right:
            if many:
                table(held)
                panel(held, many)
        with left:
            opened = link.many("open")
            if many:
                drawn = held.made(
                    f"picture {sorted(opened)}", lambda: graph.ready(picture(held, opened)), "Drawing the graph"
                )
                graph_place(drawn, "From vendors to what was asked about", opened, key="touch-graph", of="touches")
            else:
                drawing.empty("No touch to draw", "Nothing that is known read or changed this.")


def picture(held: Held, opened: list[str]) -> Picture:
    """The graph of touches, those that are drawn as one told as one."""
    runs = {(row["namespace"], row["name"]): row["runs"] for row in held.over(numbered(held), RUNS)}
    rows = [
        {
            "kind": row["kind"], "grade": row["grade"], "operation": row["operation"], "count": row["count"],
            "vendor": row["vendor"], "principal": row["principal"], "start": format_bound(row["first"]),
            "run_id": row["run"], "runs": runs.get((row["job_namespace"], row["job_name"]), 0),
            "job": {"namespace": row["job_namespace"], "name": row["job_name"]} if row["job_name"] else None,
            "dataset": {"namespace": row["dataset_namespace"], "name": row["dataset_name"]},
        }
        for row in held.over(numbered(held), DRAWN, opened=opened)
    ]  # fmt: skip
    return graphs.picture(replace(held.answer, sections={**held.answer.sections, "touches": rows}), opened)


def table(held: Held) -> None:
    """The touches, a row to click each; which one is in the URL as ``touch``."""
    counts = graded(held)
    grades = [grade for grade in GRADES if counts[grade]]
    chosen = st.pills(
        "Grade", grades, selection_mode="multi", key=f"touch-grade-{link.turn()}",
        default=[grade for grade in link.many("f-grade") if grade in grades],
        format_func=lambda grade: f"{GRADE_MARK[grade]} {grade} {drawing.number(counts[grade])}",
        label_visibility="collapsed",
    )  # fmt: skip
    if list(chosen or []) != link.many("f-grade"):
        link.keep(page=None)
    link.keep(f_grade=list(chosen or []))
    told = {"grades": list(chosen or [])}

    def count(text: str) -> int:
        name = f"count {text} {told['grades']}"
        return int(held.made(name, lambda: held.over(numbered(held), COUNTED, text=text, **told)[0]["count"]))

    text, start, found = paging.paged(f"touches-{link.turn()}", count, finds="Find a name or a run")
    if not found:
        drawing.empty("No touch", "None is known here.")
        return
    rows = held.leaf(numbered(held), PAGE, text=text, start=start, **told)
    short = paging.HIGH if text or found > paging.PAGE else 0
    numbers = [str(row["number"]) for row in rows]
    st.dataframe(
        [_row(row) for row in rows],
        hide_index=True, height=paging.height(rows, HEIGHT - short), selection_mode="single-row", key="touch-rows",
        alt="Touches, by time", on_select=lambda: choose_row("touch-rows", numbers, "touch"),
        selection_default=marked("touch-rows", numbers, link.one("touch")),
        column_config={
            "grade": st.column_config.TextColumn(width=98),
            "when": st.column_config.TextColumn(width=150, help="UTC"),
        },
    )  # fmt: skip


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": when(row["start"]),
        "grade": f"{GRADE_MARK[row['grade']]} {row['grade']}",
        "what": row["operation"],
        "principal": row["principal"] or "",
        "vendor": row["vendor"] or "",
        "dataset": row["dataset_name"],
        "data categories": ", ".join(row["categories"]),
        "run": row["run_id"] or "",
    }


def panel(held: Held, many: int) -> None:
    """The evidence of the touch that is chosen."""
    at = link.number("touch")
    with st.container(height=360, border=True, key="evidence"):
        if at is None or at >= many:
            wanted = link.many("f-grade")
            found = [grade for grade, count in graded(held).items() if count]
            grade = next((grade for grade in found if grade in wanted), found[0])
            at = held.made(f"example {grade}", lambda: held.over(numbered(held), SUREST, grade=grade)[0]["number"])
            example("the first of the surest", "a touch")
        row = held.made(f"touch {at}", lambda: held.over(numbered(held), ONE, number=at)[0])
        dataset = f"{row['dataset_namespace']}/{row['dataset_name']}"
        chips = [("through", row["kind"]), ("operation", row["operation"])]
        links = [drawing.link(row["dataset_name"], link.to_thing("dataset", dataset))]
        if row["principal"]:
            links.append(drawing.link(row["principal"], link.to_thing("principal", row["principal"])))
        if row["run_id"]:
            links.append(drawing.link(f"run {brief(row['run_id'])}", link.to_thing("run", row["run_id"])))
        told = "".join(f'<span class="chip"><b>{name}</b>{escape(value)}</span>' for name, value in chips)
        drawing.html(
            f"<h2>{escape(row['operation'])} of {escape(row['dataset_name'])}</h2>"
            f'{evidence.grade_line(row)}<div class="chips">{told}</div>'
            f'<p class="small" style="margin-top:.4rem">{evidence.lasting(row["start"], row["end"])}'
            f"<br>{' · '.join(links)}</p>"
            f"<h2>Events that this rests on</h2>{evidence.events(row['evidence'])}"
        )
