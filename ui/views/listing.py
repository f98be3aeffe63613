"""The lists of a blast radius as tables with facets; a row that is clicked is what the evidence is shown of.

The engine finds, filters and leafs: a page is sent what it shows.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from lineage.names import format_bound
from lineage.questions.wording import REASONS, second
from ui import drawing, link
from ui.asking import Held
from ui.theme import GRADE_MARK, GRADES
from ui.views import paging
from ui.views.selecting import choose_row

LISTS = {
    "data_subjects": "People", "datasets": "Datasets", "runs": "Runs", "records": "Records", "altered": "Altered"
}  # fmt: skip
HEIGHT = 262  # px
_DATASET = {"certain": "● certain", "possible": "○ possible", None: ""}
# Of each list: what a page shows of it, what it is ordered by, and what a text is looked for in.
_COLUMNS = {
    "data_subjects": ("id, grade, first, categories, because", "id", "id"),
    "datasets": ("namespace, name, exposed, contaminated", "namespace, name", "namespace || '/' || name"),
    "runs": ("run_id, job_name, compromised, contaminated", "run_id", "run_id || ' ' || coalesce(job_name, '')"),
    "records": (
        "dataset_name, key, data_subject, grade", "dataset_namespace, dataset_name, key, data_subject",
        "concat_ws(' ', data_subject, dataset_name, key)",
    ),
    "altered": ("id, grade", "id", "id"),
}  # fmt: skip
_FINDS = {
    "data_subjects": "Find a person", "datasets": "Find a dataset", "runs": "Find a run or a job",
    "records": "Find a name or a key", "altered": "Find a person",
}  # fmt: skip
_GRADED = "len($grades::VARCHAR[]) = 0 OR grade IN (SELECT unnest($grades::VARCHAR[]))"
_OF_CATEGORY = "$category::VARCHAR IS NULL OR list_contains(categories, $category)"
_HOLDING = "contains(lower({place}), lower($text))"


def show(held: Held) -> None:
    counts = {"data_subjects": sum(held.summary["data_subjects"][grade] for grade in GRADES)}
    now = link.one("list")
    chosen = st.segmented_control(
        "List", list(LISTS), default=now if now in LISTS else "data_subjects", key="list-of", required=True,
        format_func=lambda name: f"{LISTS[name]} {drawing.number(counts[name])}" if name in counts else LISTS[name],
        label_visibility="collapsed",
    )  # fmt: skip
    chosen = chosen or "data_subjects"
    if chosen != link.one("list", "data_subjects"):
        link.keep(find=None, page=None)
    link.keep(list=None if chosen == "data_subjects" else chosen)
    told: dict[str, Any] = _facets(held) if chosen == "data_subjects" else {}
    columns, order, place = _COLUMNS[chosen]
    where = f"({_HOLDING.format(place=place)})" + (f" AND ({_GRADED}) AND ({_OF_CATEGORY})" if told else "")
    counted = f"SELECT count(*) AS count FROM listed WHERE {where}"

    def count(text: str) -> int:
        if chosen in counts and not (text or told["grades"] or told["category"]):
            return int(counts[chosen])
        name = f"count {chosen} {text} {sorted(told.items())}"
        return int(held.made(name, lambda: held.over(chosen, counted, text=text, **told)[0]["count"]))

    text, start, found = paging.paged(chosen, count, finds=_FINDS[chosen])
    if not found:
        narrowed = text or any(told.values())
        drawing.empty("None", "Nothing here is as chosen above." if narrowed else "The answer has none of these.")
        return
    rows = held.over(
        chosen, f"SELECT {columns} FROM listed WHERE {where} ORDER BY {order} LIMIT {paging.PAGE} OFFSET $start",
        text=text, start=start, **told,
    )  # fmt: skip
    ids = [_identity(chosen, row) for row in rows]
    key = f"rows-{chosen}"
    short = paging.HIGH if text or found > paging.PAGE else 0
    st.dataframe(
        [_SHAPES[chosen](row) for row in rows], hide_index=True, selection_mode="single-row",
        height=paging.height(rows, HEIGHT - short), on_select=lambda: choose_row(key, ids), key=key,
        column_config=_WIDTHS, alt=f"{LISTS[chosen]} of the answer",
    )  # fmt: skip


def _facets(held: Held) -> dict[str, Any]:
    """Grade and category facets, with counts beside; both are in the URL."""
    grades = {grade: count for grade in GRADES if (count := held.summary["data_subjects"][grade])}
    if not grades:
        return {"grades": [], "category": None}
    categories = {name: bounds["at_most"] for name, bounds in sorted(held.summary["by_category"].items())}
    left, right = st.columns([2, 1])
    with left:
        chosen = st.pills(
            "Grade", [grade for grade in GRADES if grade in grades], selection_mode="multi", key="facet-grade",
            default=[grade for grade in link.many("f-grade") if grade in grades],
            format_func=lambda grade: f"{GRADE_MARK[grade]} {grade} {drawing.number(grades[grade])}",
            label_visibility="collapsed",
        )  # fmt: skip
    with right:
        names = list(categories)
        wanted = st.selectbox(
            "Data category", names, key="facet-category",
            index=names.index(link.one("f-category")) if link.one("f-category") in categories else None,
            format_func=lambda name: f"{name} ({drawing.number(categories[name])})", placeholder="Any data category",
            label_visibility="collapsed",
        )  # fmt: skip
    if list(chosen or []) != link.many("f-grade") or (wanted or "") != link.one("f-category"):
        link.keep(page=None)
    link.keep(f_grade=list(chosen or []), f_category=wanted)
    return {"grades": list(chosen or []), "category": wanted}


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
        "first touched": when(row["first"]),
        "data categories": ", ".join(row["categories"]),
        "because": REASONS.get(row["because"] or "", ""),
    }


def _dataset(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset": row["name"],
        "exposed": _DATASET[row["exposed"]],
        "contaminated": _DATASET[row["contaminated"]],
        "namespace": row["namespace"],
    }


def _run(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "job": row["job_name"] or "",
        "compromised": _DATASET[row["compromised"]],
        "contaminated": _DATASET[row["contaminated"]],
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
    return f"data-subject:{row['data_subject'] if chosen == 'records' else row['id']}"


_SHAPES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "data_subjects": _person, "datasets": _dataset, "runs": _run, "records": _record, "altered": _altered
}  # fmt: skip
_WIDTHS = {
    "person": st.column_config.TextColumn(width=84),
    "grade": st.column_config.TextColumn(width=100),
    "first touched": st.column_config.TextColumn(width=150, help="UTC"),
    "job": st.column_config.TextColumn(width=250),
    "dataset": st.column_config.TextColumn(width=190),
    "exposed": st.column_config.TextColumn(help="It was read by what was compromised, or open to it"),
    "compromised": st.column_config.TextColumn(help="What was asked about could act in it"),
    "contaminated": st.column_config.TextColumn(help="What a compromised run wrote may have come into it"),
}
