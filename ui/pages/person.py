"""Data subject: who touched this person's records, when, through what, graded; ready for an access request."""

import csv
import io
from html import escape
from typing import Any

import streamlit as st

from lineage.questions.wording import clock
from ui import drawing, link, suggesting
from ui.asking import Held, ask
from ui.evidence import WHY
from ui.theme import GRADES
from ui.views import touches
from ui.views.actions import show as actions


def page() -> None:
    known = list(suggesting.names("data-subject"))
    asked = link.one("data-subject")
    options = known if not asked or asked in known else [asked, *known]
    chosen = st.selectbox(
        "Data subject", options, options.index(asked) if asked else None, accept_new_options=True,
        placeholder="The opaque id of a person, such as C-0217", key=f"person-{asked}", width=420,
    )  # fmt: skip
    if chosen != asked:
        st.query_params.from_dict({"data-subject": chosen} if chosen else {})
        link.rerun()
    if not asked:
        drawing.empty(
            "Whose records?",
            "Choose a person by opaque id. The page lists who touched their records, when, through what, and how surely.",
        )
        return
    window = {name: [link.one(name)] for name in ("from", "to") if link.one(name)}
    held = ask("who-touched", {"data-subject": [asked], **window}, says=f"Looking for touches of {asked}")
    rows = held.rows("touches")
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        now = held.answer.checkpoint
        drawing.head(
            f"Data subject · at {drawing.number(now['events'])} events, {now['digest'][:19]}…",
            f"Who touched the data of {asked}",
            _chips(held),
        )
    with right:
        actions(held, f"Who touched the data of {asked}", page="data-subject")
        with st.container(horizontal=True, horizontal_alignment="right", key="actions-more"):
            st.download_button(
                "Touches as CSV", data=lambda: _csv(rows), file_name=f"touches-of-{asked}.csv", mime="text/csv",
                on_click="ignore", help="For an access request: every touch with its grade and evidence",
            )  # fmt: skip
            st.download_button(
                "Printable page", data=lambda: report(asked, held).encode(), file_name=f"touches-of-{asked}.html",
                mime="text/html", on_click="ignore", help="One page to print or to send",
            )  # fmt: skip
    touches.show(held)


def _chips(held: Held) -> list[tuple[str, str]]:
    summary = held.summary
    grades = {grade: sum(counts[grade] for counts in summary["vendors"].values()) for grade in GRADES}
    told = [(grade, f"{count:,}") for grade, count in grades.items()]
    if summary["first"]:
        told += [("first", clock(summary["first"])), ("last", clock(summary["last"]))]
    return told


def _csv(rows: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(
        [
            "start",
            "end",
            "grade",
            "operation",
            "principal",
            "vendor",
            "namespace",
            "dataset",
            "run",
            "categories",
            "evidence",
        ]
    )
    for row in rows:
        writer.writerow(
            [
                row["start"], row["end"], row["grade"], row["operation"], row["principal"], row["vendor"],
                row["dataset"]["namespace"], row["dataset"]["name"], row.get("run_id", ""),
                " ".join(row["categories"]), " ".join(row["evidence"]),
            ]
        )  # fmt: skip
    return stream.getvalue().encode()


def report(person: str, held: Held) -> str:
    """The answer as one page of plain HTML that prints well and needs nothing else."""
    rows = "".join(
        f"<tr><td>{escape(clock(row['start']))}</td><td>{escape(row['grade'])}</td><td>{escape(row['operation'])}</td>"
        f"<td>{escape(row['principal'] or '')}</td><td>{escape(row['vendor'] or '')}</td>"
        f"<td>{escape(row['dataset']['name'])}</td><td>{escape(', '.join(row['categories']))}</td></tr>"
        for row in held.rows("touches")
    )
    vendors = "".join(
        f"<tr><td>{escape(vendor or 'no vendor of the catalog')}</td>"
        + "".join(f"<td>{counts[grade]}</td>" for grade in GRADES)
        + "</tr>"
        for vendor, counts in held.summary["vendors"].items()
    )
    meanings = "".join(f"<li><b>{grade}</b>: {escape(WHY[grade])}</li>" for grade in GRADES)
    gaps = drawing.unseen(held.rows("coverage"), held.rows("caveats"), lambda kind, ident: "#")
    now = held.answer.checkpoint
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Touches of {escape(person)}</title>
<style>body {{ font: 11pt/1.4 sans-serif; margin: 2cm; color: #16202a }} table {{ border-collapse: collapse; width: 100%; font-size: 9pt }}
td, th {{ border-bottom: 1px solid #ccc; text-align: left; padding: 2px 6px 2px 0; vertical-align: top }} a {{ color: inherit; text-decoration: none }}
h1 {{ font-size: 16pt }} h2 {{ font-size: 12pt; margin-top: 1.2em }} .small {{ font-size: 9pt }} tr {{ break-inside: avoid }}</style>
<h1>Who touched the data of {escape(person)}</h1>
<p>{len(held.rows("touches"))} touches are known at {now["events"]} recorded events ({escape(now["digest"])}). Times are UTC.</p>
<h2>By vendor</h2><table><tr><th>Vendor</th>{"".join(f"<th>{grade}</th>" for grade in GRADES)}</tr>{vendors}</table>
<h2>What the grades mean</h2><ul class="small">{meanings}</ul>
<h2>Touches</h2><table><tr><th>When</th><th>Grade</th><th>What</th><th>Principal</th><th>Vendor</th><th>Dataset</th><th>Data</th></tr>{rows}</table>
<h2>What could not be seen</h2>{gaps}</html>"""
