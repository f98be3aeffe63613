"""The lists of a blast radius as tables with facets; a row that is clicked is what the evidence is shown of."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lineage.questions.wording import REASONS, clock
from ui import drawing, link
from ui.asking import LISTED, Held
from ui.theme import GRADE_MARK, GRADES
from ui.views.selecting import choose_row

LISTS = {
    "data_subjects": "People", "datasets": "Datasets", "runs": "Runs", "records": "Records", "altered": "Altered"
}  # fmt: skip
HEIGHT = 262  # px
_DATASET = {"certain": "● certain", "possible": "○ possible", None: ""}


def show(held: Held) -> None:
    counts = {"data_subjects": sum(held.summary["data_subjects"][grade] for grade in GRADES)}
    chosen = st.segmented_control(
        "List", list(LISTS), default=link.one("list", "data_subjects"), key="list-of", required=True,
        format_func=lambda name: f"{LISTS[name]} {counts[name]:,}" if name in counts else LISTS[name],
        label_visibility="collapsed",
    )  # fmt: skip
    chosen = chosen or "data_subjects"
    link.keep(list=None if chosen == "data_subjects" else chosen)
    rows = held.rows(chosen)
    if chosen == "data_subjects":
        rows = _facets(rows)
    if len(held.rows(chosen)) >= LISTED:
        st.caption(f"The first {LISTED:,}; Download has all.")
    if not rows:
        drawing.empty("Nobody and nothing here", "The answer has none of these, or the facets leave none.")
        return
    frame = [_SHAPES[chosen](row) for row in rows]
    ids = [_identity(chosen, row) for row in rows]
    key = f"rows-{chosen}"
    st.dataframe(
        frame, hide_index=True, height=HEIGHT, on_select=lambda: choose_row(key, ids), selection_mode="single-row",
        key=key, column_config=_WIDTHS, alt=f"{LISTS[chosen]} of the answer",
    )  # fmt: skip


def _facets(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grade and category facets, with counts beside; both are in the URL."""
    grades = Counter(row["grade"] for row in rows)
    categories = Counter(category for row in rows for category in row["categories"])
    left, right = st.columns([3, 2])
    with left:
        chosen = st.pills(
            "Grade", [grade for grade in GRADES if grades[grade]], selection_mode="multi", key="facet-grade",
            default=[grade for grade in link.many("f-grade") if grades[grade]],
            format_func=lambda grade: f"{GRADE_MARK[grade]} {grade} {grades[grade]:,}", label_visibility="collapsed",
        )  # fmt: skip
    with right:
        wanted = st.selectbox(
            "Data category", sorted(categories), key="facet-category",
            index=sorted(categories).index(link.one("f-category")) if link.one("f-category") in categories else None,
            format_func=lambda name: f"{name} ({categories[name]:,})", placeholder="Any data category",
            label_visibility="collapsed",
        )  # fmt: skip
    link.keep(f_grade=list(chosen or []), f_category=wanted)
    return [
        row for row in rows if (not chosen or row["grade"] in chosen) and (not wanted or wanted in row["categories"])
    ]


def _grade(grade: str | None) -> str:
    return f"{GRADE_MARK[grade]} {grade}" if grade else ""


def _person(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "person": row["id"],
        "grade": _grade(row["grade"]),
        "first touched": clock(row["first"]).split(".")[0].removesuffix(" UTC"),
        "data categories": ", ".join(row["categories"]),
        "because": REASONS.get(row.get("because", ""), ""),
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
        "job": row["job"]["name"] if row["job"] else "",
        "compromised": _DATASET[row["compromised"]],
        "contaminated": _DATASET[row["contaminated"]],
        "run": row["run_id"],
    }


def _record(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "person": row["data_subject"],
        "grade": _grade(row["grade"]),
        "dataset": row["dataset"]["name"],
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
}
