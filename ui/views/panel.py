"""The evidence of what is selected in an answer: a person's path, or what the answer says of a thing."""

from html import escape
from typing import Any

import streamlit as st

from lineage.questions.steps import HOME, read_step
from ui import drawing, evidence, link
from ui.graph import Ready
from ui.holding import Held
from ui.views import contaminated
from ui.views.selecting import example
from ui.views.ways import homes, through

HEIGHT = 362  # px
MANY = 200  # members of a group that are named
FEW = 12  # events of the paths through a thing
_MANY = {"principals": "principal", "jobs": "job", "datasets": "dataset"}  # groups of things, and what is in them
_ABOUT = {"dataset": ("datasets", "namespace || '/' || name"), "run": ("runs", "run_id")}
ALTERED = "SELECT grade FROM listed WHERE id = $ident"
ONLY_ALTERED = '<p class="quiet">No read of this person\'s records is known here, and so no path.</p>'
MEMBERS = f"""
SELECT id, path, count(*) OVER () AS many FROM listed
WHERE grade = $grade AND {HOME} IN (SELECT unnest($homes::VARCHAR[])) ORDER BY id LIMIT {MANY}
"""


def evidence_panel(held: Held, drawn: Ready, first: str) -> None:
    """Under the tables, beside the graph: why the selected line is there. While nothing is selected, the ``first`` that
    is listed is an example: how a number comes down to files is seen without a click."""
    selected = link.one("sel")
    kind, _, ident = selected.partition(":")
    with st.container(height=HEIGHT, border=True, key="evidence"):
        if not selected or selected == "seed" or (kind == "people" and ":" not in ident):
            if not first:
                drawing.empty("Nothing is selected", "Click a row or a node to see what the answer says of it.")
                return
            example("the first of the list", "a row or a node")
            kind, _, ident = first.partition(":")
        if kind == "people":
            _group(held, selected)
        elif kind == "data-subject":
            _person(held, ident)
        elif kind in _MANY:
            _several(drawn, kind, selected)
        elif kind in ("step", "rest"):
            drawing.html(f"<h2>{escape(ident)}</h2>")
        else:
            _thing(held, kind, ident)


def person(held: Held, ident: str) -> dict[str, Any] | None:
    """What the answer says of one data subject."""
    found: dict[str, Any] | None = held.made(
        f"person {ident}",
        lambda: next(iter(held.over("data_subjects", "SELECT * FROM listed WHERE id = $ident", ident=ident)), None),
    )
    return found


def _person(held: Held, ident: str) -> None:
    row, altered = person(held, ident), _altered(held, ident)
    if row is None:
        says = f"{altered} {ONLY_ALTERED}" if altered else "<p>This answer does not hold this person.</p>"
        drawing.html(f"<h2>{escape(ident)}</h2>{says}")
        drawing.html(drawing.link("Who touched this person's data", link.to_thing("data-subject", ident)))
        return
    drawing.html(
        f"<h2>{escape(ident)}</h2>{evidence.grade_line(row)}{altered}"
        f'<p class="small"><span class="quiet">Touched</span> {evidence.lasting(row["first"], row["last"])}<br>'
        f'<span class="quiet">Data</span> {escape(", ".join(row["categories"]) or "no category in the catalog")}</p>'
        f"{evidence.path(row['path'])}"
        f'<p class="small">{drawing.link("All touches of this person", link.to_thing("data-subject", ident))}</p>'
        f"<h2>Events that this rests on</h2>{evidence.events(row['evidence'])}"
    )


def _altered(held: Held, ident: str) -> str:
    """How surely records of a person were altered; nothing where none were."""
    rows = held.made(f"altered {ident}", lambda: held.over("altered", ALTERED, ident=ident))
    return f"<p>Altered: {drawing.mark(rows[0]['grade'])}.</p>" if rows else ""


def _group(held: Held, selected: str) -> None:
    _, grade, home = selected.split(":", 2)
    told = {"grade": grade, "homes": homes(held, home)}
    found = held.made(f"group {selected}", lambda: held.over("data_subjects", MEMBERS, **told))
    many, names = found[0]["many"] if found else 0, told["homes"]
    name = names[0] if len(names) == 1 else f"{drawing.number(len(names))} datasets"
    listed = " ".join(_selecting(row["id"]) for row in found)
    more = f" and {drawing.number(many - len(found))} more: the table finds each." if many > len(found) else ""
    drawing.html(
        f"<h2>{drawing.number(many)} {escape(grade)} through {escape(name)}</h2>"
        f'<p class="small names">{listed}{more}</p>'
        + (f'<p class="small quiet">The way to the first:</p>{evidence.path(found[0]["path"])}' if found else "")
    )


def _several(drawn: Ready, kind: str, selected: str) -> None:
    """The members of a group of things, which opens in the graph; of one that is opened, its nodes."""
    of = f"{_MANY[kind]}:"
    members = {**drawn.inside, **drawn.opened}
    found = sorted(
        name.removeprefix(of) for name, group in members.items() if group == selected and name.startswith(of)
    )
    listed = " ".join(drawing.link(name, link.to_thing(_MANY[kind], name)) for name in found[:MANY])
    more = f" and {drawing.number(len(found) - MANY)} more: open the group to see each." if len(found) > MANY else ""
    drawing.html(f'<h2>{drawing.number(len(found))} {kind}</h2><p class="small names">{listed}{more}</p>')


def _selecting(ident: str) -> str:
    return drawing.link(ident, link.to_thing("data-subject", ident))


def _thing(held: Held, kind: str, ident: str) -> None:
    """What the answer says of a dataset, a run or what else is on a path, and the people whose path goes through."""
    said = ""
    if kind in _ABOUT:
        section, where = _ABOUT[kind]
        for row in held.leaf(section, f"SELECT * FROM listed WHERE {where} = $ident", ident=ident):
            said = "".join(
                f'<span class="chip"><b>{name}</b>{escape(str(row[name]))}</span>'
                for name in ("exposed", "compromised", "contaminated")
                if row.get(name)
            )
    short = ident
    if kind == "dataset":
        told = held.leaf("datasets", f"SELECT name FROM listed WHERE {_ABOUT[kind][1]} = $ident", ident=ident)
        short = told[0]["name"] if told else ident.rsplit("/", 1)[-1]
    found = [
        row
        for row in through(held)
        if (kind == "dataset" and row["home"] == short) or any(_passes(step, kind, short) for step in row["way"])
    ]
    digests = list(dict.fromkeys(digest for row in found for digest in row["evidence"][:-1]))
    cut = f", the first {FEW} of {drawing.number(len(digests))}" if len(digests) > FEW else ""
    people = sum(row["count"] for row in found)
    passed = (
        f"<b>{drawing.number(people)}</b> {'people have' if people > 1 else 'person has'}" if people else "Nobody has"
    )
    drawing.html(
        f"<h2>{escape(kind.replace('-', ' '))} {escape(ident)}</h2><div class='chips'>{said}</div>"
        f'<p class="small{" next" if said else ""}">{passed} their strongest path through it. '
        f"{drawing.link('Explore it', link.to_thing(kind, ident))}</p>"
        + contaminated.way(held, kind, ident)
        + (f"<h2>Events on those paths{cut}</h2>{evidence.events(digests[:FEW])}" if digests else "")
    )


def _passes(text: str, kind: str, name: str) -> bool:
    """Whether a step of a path passes a thing: names of others may hold its name."""
    if name not in text:
        return False
    step = read_step(text)
    if kind in ("run", "job"):
        return name == (step.run if kind == "run" else step.job)
    return step.name == name and step.kind in (("read", "written") if kind == "dataset" else (kind,))
