"""What may be contaminated: which datasets and jobs, since when, and by which way it came there."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from itertools import pairwise
from typing import Any

from lineage.names import brief, format_bound
from lineage.questions import carried
from lineage.questions.steps import NO_RUN
from lineage.questions.wording import clock, second
from ui import drawing, link
from ui.holding import Held

SHOWN = 50  # datasets, or jobs, that are told one by one
STATE = {True: "● certain", False: "○ possible"}
Rows = Sequence[dict[str, Any]]


def datasets(held: Held) -> Rows:
    found: Rows = held.made("contaminated datasets", lambda: held.over("runs", carried.DATASETS))
    return found


def jobs(held: Held) -> Rows:
    found: Rows = held.made("contaminated jobs", lambda: held.over("runs", carried.JOBS))
    return found


def cards(held: Held, leads: drawing.Leads) -> list[str]:
    """Datasets and jobs, the first to be reached first: in this order they are looked at and rebuilt."""
    found, ran = datasets(held), jobs(held)
    if not found:
        return []
    says = "What a compromised run wrote may have come into these: look at the first ones first."
    told = [
        drawing.card("What may be contaminated", _table("Dataset", found, leads, "datasets", says), scroll="scroll")
    ]
    if ran:
        says = "These read it, and may have to run again."
        told.append(drawing.card("Which jobs carried it on", _table("Job", ran, leads, "runs", says), scroll="scroll"))
    return told


def _table(what: str, rows: Rows, leads: drawing.Leads, section: str, says: str) -> str:
    sure = sum(row["sure"] for row in rows)
    plural = f"{what.lower()}{'s' if len(rows) > 1 else ''}"
    every = leads(list="datasets", f_state="contaminated") if section == "datasets" else ""
    many = f"{drawing.counted(len(rows), every)} {plural}"
    name_of: Callable[[dict[str, Any]], str] = partial(_dataset, leads=leads) if section == "datasets" else _job
    body = "".join(
        f'<tr><td>{name_of(row)}</td><td class="whole">{STATE[row["sure"]]}</td>'
        + (f'<td class="n">{drawing.number(row["runs"])}</td>' if "runs" in row else "")
        + f'<td class="n since">{drawing.prose(_since(row["since"]))}</td></tr>'
        for row in rows[:SHOWN]
    )
    runs = '<th class="n" scope="col">runs</th>' if section == "runs" else ""
    heads = (
        f'<th scope="col">{what}</th><th scope="col">how surely</th>{runs}<th class="n" scope="col">since (UTC)</th>'
    )
    rest = len(rows) - SHOWN
    more = f'<p class="small quiet">and {drawing.number(rest)} more: the list has all.</p>' if rest > 0 else ""
    return (
        f'<p class="small quiet">{many}: {drawing.number(sure)} certain, {drawing.number(len(rows) - sure)} possible. '
        f"{says}</p><table><tr>{heads}</tr>{body}</table>{more}"
    )


def _dataset(row: dict[str, Any], leads: drawing.Leads) -> str:
    """A click shows the way to it; where there is no list to click in, it is explored."""
    ident = f"{row['namespace']}/{row['name']}"
    if here := leads(list="datasets", f_state="contaminated", sel=f"dataset:{ident}"):
        return drawing.here(row["name"], here, ident)
    return drawing.link(row["name"], link.to_thing("dataset", ident), ident)


def _job(row: dict[str, Any]) -> str:
    if row["name"] is None:
        return "no job told"
    ident = f"{row['namespace']}/{row['name']}"
    return drawing.link(row["name"], link.to_thing("job", ident), ident)


def _since(instant: int) -> str:
    """To the minute: what is looked for began no earlier."""
    told = second(format_bound(instant)).removesuffix(" UTC")
    return told[:-3] if told.count(":") == 2 else told


def way(held: Held, kind: str, ident: str) -> str:
    """By which way it may have come to a dataset or a run, a step a line; nothing where none leads there."""
    if kind not in ("dataset", "run"):
        return ""
    found = held.made(f"way {kind} {ident}", lambda: carried.way(partial(held.over, "runs"), kind, ident))
    steps = found.steps
    if not steps:
        return ""
    told = [f"{_wrote(step, before)} {_quiet(step.since)}" for before, step in pairwise([None, *steps]) if step]
    if not found.whole:
        told[0] = "more such steps lie before these"
    if kind == "run":
        told.append(f"this run read {_named(steps[-1])}")
    listed = "".join(f"<li>{one}</li>" for one in told)
    return (
        "<h2>How it may have come here</h2>"
        '<p class="small quiet">The earliest way that is known, and since when it may have been there. '
        "There may be others.</p>"
        f'<ol class="path">{listed}</ol>'
    )


def _wrote(step: carried.Carried, before: carried.Carried | None) -> str:
    read = f"read {_named(before)} and wrote" if before else "was compromised and wrote"
    return f"{_writer(step)} {read} {_named(step)}"


def _writer(step: carried.Carried) -> str:
    if step.run:
        run = f"run {drawing.link(brief(step.run), link.to_thing('run', step.run), step.run)}"
        if step.job and step.job_name:
            run += f" of {drawing.link(step.job_name, link.to_thing('job', step.job), step.job)}"
        return run
    if step.principal:
        return drawing.link(step.principal, link.to_thing("principal", step.principal))
    return escape(NO_RUN)


def _named(step: carried.Carried) -> str:
    return drawing.link(step.name, link.to_thing("dataset", step.dataset), step.dataset)


def _quiet(instant: int) -> str:
    return f'<span class="quiet small whole">{clock(format_bound(instant))}</span>'
