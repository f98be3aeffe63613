"""The evidence of what is selected in an answer: a person's path, or what the answer says of a thing."""

from html import escape
from typing import Any

import streamlit as st

from lineage.questions.wording import clock
from ui import drawing, evidence, link
from ui.asking import Held

HEIGHT = 362  # px
_ABOUT = {"dataset": "datasets", "run": "runs"}


def evidence_panel(held: Held) -> None:
    """Under the tables, beside the graph: why the selected line is there."""
    selected = link.one("sel")
    kind, _, ident = selected.partition(":")
    with st.container(height=HEIGHT, border=True, key="evidence"):
        if not selected or selected == "seed":
            drawing.empty("Nothing is selected", "Click a row or a node to see its path, its events and their files.")
        elif kind == "people":
            _group(held, selected)
        elif kind == "data-subject":
            _person(held, ident)
        elif kind in ("step", "rest"):
            drawing.html(f"<h2>{escape(ident)}</h2>")
        else:
            _thing(held, kind, ident)


def _person(held: Held, ident: str) -> None:
    row = next((row for row in held.rows("data_subjects") if row["id"] == ident), None)
    if row is None:
        drawing.html(f"<h2>{escape(ident)}</h2><p>This answer does not hold this person.</p>")
        drawing.html(drawing.link("Who touched this person's data", link.to_thing("data-subject", ident)))
        return
    drawing.html(
        f"<h2>{escape(ident)}</h2>{evidence.grade_line(row)}"
        f'<p class="small"><span class="quiet">Touched</span> {clock(row["first"])} to {clock(row["last"])}<br>'
        f'<span class="quiet">Data</span> {escape(", ".join(row["categories"]) or "no category in the catalog")}</p>'
        f"{evidence.path(row['path'])}"
        f'<p class="small">{drawing.link("All touches of this person", link.to_thing("data-subject", ident))}</p>'
        f"<h2>Events that this rests on</h2>{evidence.events(row['evidence'])}"
    )


def _group(held: Held, selected: str) -> None:
    _, grade, home = selected.split(":", 2)
    name = home.rsplit("/", 1)[-1]
    people = [
        row
        for row in held.rows("data_subjects")
        if row["grade"] == grade and row["path"] and f" of {name} belongs to " in row["path"][-1]
    ]
    listed = " ".join(_selecting(row) for row in people[:400])
    drawing.html(
        f"<h2>{len(people):,} {escape(grade)} through {escape(name)}</h2>"
        f'<p class="small">{listed}</p>' + (evidence.path(people[0]["path"]) if people else "")
    )


def _selecting(row: dict[str, Any]) -> str:
    return drawing.link(row["id"], link.to_thing("data-subject", row["id"]))


def _thing(held: Held, kind: str, ident: str) -> None:
    """What the answer says of a dataset, a run or what else is on a path, and the people whose path goes through."""
    said = ""
    for row in held.rows(_ABOUT.get(kind, "")) if kind in _ABOUT else ():
        if ident in (row.get("run_id"), f"{row.get('namespace')}/{row.get('name')}"):
            said = "".join(
                f'<span class="chip"><b>{name}</b>{escape(str(row[name]))}</span>'
                for name in ("exposed", "compromised", "contaminated")
                if row.get(name)
            )
    short = ident.rsplit("/", 1)[-1] if kind in ("dataset", "job") else ident
    through = [row for row in held.rows("data_subjects") if any(_names(step, short) for step in row["path"])]
    digests = list(dict.fromkeys(digest for row in through for digest in row["evidence"][:-1]))[:12]
    drawing.html(
        f"<h2>{escape(kind.replace('-', ' '))} {escape(ident)}</h2><div class='chips'>{said}</div>"
        f'<p class="small"><b>{len(through):,}</b> people have their strongest path through it. '
        f"{drawing.link('Explore it', link.to_thing(kind, ident))}</p>"
        + (f"<h2>Events on those paths</h2>{evidence.events(digests)}" if digests else "")
    )


def _names(step: str, name: str) -> bool:
    return name in step.replace("/", " ").split() or step.endswith(name) or f" {name} " in f" {step} "
