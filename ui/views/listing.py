"""The lists of a blast radius as tables with facets; a row that is clicked is what the evidence is shown of.

The engine finds, filters and leafs: a page is sent what it shows.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from lineage.names import format_bound
from lineage.questions.blast_groups import JURISDICTIONS
from lineage.questions.wording import REASONS, second
from ui import drawing, link
from ui.holding import Held
from ui.theme import GRADE_MARK, GRADES
from ui.views import narrowing, paging
from ui.views.selecting import choose_row, marked

LISTS = {
    "data_subjects": "People", "datasets": "Datasets", "runs": "Runs", "records": "Records", "altered": "Altered"
}  # fmt: skip
HEIGHT = 262  # px
_STATE = {"certain": "● certain", "possible": "○ possible", None: ""}
_SUREST = f"list_position({list(GRADES)}, grade), id"
# Of each list: what a page shows of it, what it is ordered by, and what a text is looked for in.
_COLUMNS = {
    "data_subjects": ("id, grade, first, categories, because", _SUREST, "id"),
    "datasets": ("namespace, name, exposed, contaminated", "namespace, name", "namespace || '/' || name"),
    "runs": ("run_id, job_name, compromised, contaminated", "run_id", "run_id || ' ' || coalesce(job_name, '')"),
    "records": (
        "dataset_namespace, dataset_name, key, data_subject, grade",
        "dataset_namespace, dataset_name, key, data_subject",
        "concat_ws(' ', data_subject, dataset_name, key)",
    ),
    "altered": ("id, grade", _SUREST, "id"),
}  # fmt: skip
_FINDS = {
    "data_subjects": "Find a person", "datasets": "Find a dataset", "runs": "Find a run or a job",
    "records": "Find a name or a key", "altered": "Find a person",
}  # fmt: skip
# What datasets and runs may be, and how many are.
_STATES = {"datasets": ("exposed", "contaminated"), "runs": ("compromised", "contaminated")}
_COUNTS = {
    name: f"SELECT count(*) AS size, count({one}) AS {one}, count({other}) AS {other} FROM listed"
    for name, (one, other) in _STATES.items()
}
_IN_STATE = {state: f"{state} IS NOT NULL" for state in ("exposed", "compromised", "contaminated")}
_GRADED = "len($grades::VARCHAR[]) = 0 OR grade IN (SELECT unnest($grades::VARCHAR[]))"
_HOLDING = "contains(lower({place}), lower($text))"


def show(held: Held) -> str:
    """Returns the first thing that is listed; '' where there is none."""
    counts = _sizes(held)
    now = link.one("list")
    first = next((name for name in ("data_subjects", "altered", "datasets") if counts[name]), "data_subjects")
    chosen = st.segmented_control(
        "List", list(LISTS), default=now if now in LISTS else first, key=f"list-of-{link.turn()}",
        required=True,
        format_func=lambda name: f"{LISTS[name]} {drawing.number(counts[name])}",
        label_visibility="collapsed",
    )  # fmt: skip
    chosen = chosen or first
    if chosen != link.one("list", first):
        link.keep(find=None, page=None)
    link.keep(list=None if chosen == first else chosen)
    if chosen not in _STATES:
        link.keep(f_state=None)
    narrowed, told = _facets(held) if chosen == "data_subjects" else (_state(held, chosen), {})
    columns, order, place = _COLUMNS[chosen]
    where = f"({_HOLDING.format(place=place)}) AND {narrowed}"
    counted = f"SELECT count(*) AS count FROM listed WHERE {where}"
    fewer = narrowed != "true" if chosen != "data_subjects" else bool(told.get("grades")) or len(told) > 1

    def count(text: str) -> int:
        if chosen != "records" and not (text or fewer):  # of records the rows are more: one for each person
            return int(counts[chosen])
        name = f"count {chosen} {text} {narrowed} {sorted(told.items())}"
        return int(held.made(name, lambda: held.over(chosen, counted, text=text, **told)[0]["count"]))

    text, start, found = paging.paged(f"{chosen}-{link.turn()}", count, finds=_FINDS[chosen])
    if not found:
        drawing.empty("None", "Nothing here is as chosen above." if text or fewer else "The answer has none of these.")
        return ""
    page = f"SELECT {columns} FROM listed WHERE {where} ORDER BY {order} LIMIT {paging.PAGE} OFFSET $start"
    if chosen == "data_subjects":
        page = f"SELECT *, ({JURISDICTIONS}) AS jurisdiction FROM ({page}) listed ORDER BY {order}"
    rows = held.leaf(chosen, page, text=text, start=start, **told)
    ids = [_identity(chosen, row) for row in rows]
    key = f"rows-{chosen}"
    short = paging.HIGH if text or found > paging.PAGE else 0
    st.dataframe(
        [_SHAPES[chosen](row) for row in rows], hide_index=True, selection_mode="single-row",
        height=paging.height(rows, HEIGHT - short), on_select=lambda: choose_row(key, ids), key=key,
        selection_default=marked(key, ids, link.one("sel")), column_config=_WIDTHS | _person_width(rows),
        alt=f"{LISTS[chosen]} of the answer",
    )  # fmt: skip
    return ids[0]


def _person_width(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Ids that begin alike are told apart by their ends, so there is room for them."""
    longest = max((len(row.get("id") or row.get("data_subject") or "") for row in rows), default=0)
    return {"person": st.column_config.TextColumn(width=min(320, max(84, 20 + 8 * longest)))}


def _sizes(held: Held) -> dict[str, int]:
    """How many of each there are, as the summary counts them."""
    found = {name: held.summary[name]["at_most"] for name in ("data_subjects", "records", "altered")}
    return found | {name: _counts(held, name)["size"] for name in _COUNTS}


def _counts(held: Held, name: str) -> dict[str, int]:
    found: dict[str, int] = held.made(f"counts {name}", lambda: held.over(name, _COUNTS[name])[0])
    return found


def _state(held: Held, chosen: str) -> str:
    """Which datasets or runs: SQL over ``listed``; what is chosen is in the URL."""
    counts = {state: count for state in _STATES.get(chosen, ()) if (count := _counts(held, chosen)[state])}
    if not counts:
        return "true"
    now = link.one("f-state")
    state = st.pills(
        "Only those that are", list(counts), key=f"facet-state-{chosen}-{link.turn()}",
        default=now if now in counts else None,
        format_func=lambda state: f"{state} {drawing.number(counts[state])}", label_visibility="collapsed",
    )  # fmt: skip
    if (state or "") != now:
        link.keep(page=None)
    link.keep(f_state=state)
    return _IN_STATE[state] if state else "true"


def _facets(held: Held) -> tuple[str, dict[str, Any]]:
    """Grades with their counts, and whatever else a number on this page counts people by; all of it is in the URL.
    Returns SQL over ``listed``, and its parameters."""
    grades = {grade: count for grade in GRADES if (count := held.summary["data_subjects"][grade])}
    if not grades:
        return "true", {}
    turn = link.turn()
    chosen = st.pills(
        "Grade", list(grades), selection_mode="multi", key=f"facet-grade-{turn}",
        default=[grade for grade in link.many("f-grade") if grade in grades],
        format_func=lambda grade: f"{GRADE_MARK[grade]} {grade} {drawing.number(grades[grade])}",
        label_visibility="collapsed",
    )  # fmt: skip
    options = held.made("narrowing", lambda: narrowing.options(held))
    wanted = st.multiselect(
        "Only the people of", options, [of for of in link.many("of") if of in options], narrowing.reads,
        key=f"facet-of-{turn}", placeholder="Only of a data category, jurisdiction, vendor, dataset or reason",
        label_visibility="collapsed",
    )  # fmt: skip
    if list(chosen or []) != link.many("f-grade") or wanted != link.many("of"):
        link.keep(page=None)
    link.keep(f_grade=list(chosen or []), of=wanted)
    condition, told = narrowing.condition(wanted)
    return f"({_GRADED}) AND {condition}", {"grades": list(chosen or []), **told}


def _grade(grade: str | None) -> str:
    return f"{GRADE_MARK[grade]} {grade}" if grade else ""


def when(instant: int | None) -> str:
    """An instant (µs) as a table shows it: UTC, whole seconds; nothing where it is open."""
    text = None if instant is None else format_bound(instant)
    return "" if text is None else second(text).removesuffix(" UTC")


def _person(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "person": row["id"],
        "grade": _grade(row["grade"]),
        "jurisdiction": row["jurisdiction"] or "",
        "first touched": when(row["first"]),
        "data categories": ", ".join(row["categories"]),
        "because": REASONS.get(row["because"] or "", ""),
    }


def _dataset(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset": row["name"],
        "exposed": _STATE[row["exposed"]],
        "contaminated": _STATE[row["contaminated"]],
        "namespace": row["namespace"],
    }


def _run(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "job": row["job_name"] or "",
        "compromised": _STATE[row["compromised"]],
        "contaminated": _STATE[row["contaminated"]],
        "run": row["run_id"],
    }


def _record(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "person": row["data_subject"],
        "grade": _grade(row["grade"]),
        "dataset": row["dataset_name"],
        "key": row["key"],
    }


def _altered(row: dict[str, Any]) -> dict[str, Any]:
    return {"person": row["id"], "grade": _grade(row["grade"])}


def _identity(chosen: str, row: dict[str, Any]) -> str:
    if chosen == "datasets":
        return f"dataset:{row['namespace']}/{row['name']}"
    if chosen == "runs":
        return f"run:{row['run_id']}"
    if chosen == "records" and row["data_subject"] is None:  # nobody's: what is told of it is told of its dataset
        return f"dataset:{row['dataset_namespace']}/{row['dataset_name']}"
    return f"data-subject:{row['data_subject'] if chosen == 'records' else row['id']}"


_SHAPES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "data_subjects": _person, "datasets": _dataset, "runs": _run, "records": _record, "altered": _altered
}  # fmt: skip
_WIDTHS = {
    "grade": st.column_config.TextColumn(width=100),
    "jurisdiction": st.column_config.TextColumn(width=92),
    "first touched": st.column_config.TextColumn(width=150, help="UTC"),
    "job": st.column_config.TextColumn(width=250),
    "dataset": st.column_config.TextColumn(width=190),
    "exposed": st.column_config.TextColumn(help="It was read by what was compromised, or open to it"),
    "compromised": st.column_config.TextColumn(help="What was asked about could act in it"),
    "contaminated": st.column_config.TextColumn(help="What a compromised run wrote may have come into it"),
}
