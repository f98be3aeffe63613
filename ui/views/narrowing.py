"""From a number to its people: what the list of people can be narrowed to, in the URL as ``of=KIND:VALUE``.

Several hold together. The cards count what these find, so a number on a card is a link to the people it counts.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from lineage.questions.blast_groups import MEMBERS, UNPLACED
from lineage.questions.wording import NO_VENDOR, REASONS
from ui import graph, link
from ui.holding import Held

NOT_TOLD = "not told"
# People by dataset of their records.
PLACES = """
SELECT dataset_namespace AS namespace, dataset_name AS name,
       count(DISTINCT data_subject) FILTER (grade = 'confirmed') AS at_least, count(DISTINCT data_subject) AS at_most
FROM listed GROUP BY ALL
"""
EXPOSED = "SELECT namespace, name FROM listed WHERE exposed IS NOT NULL"
_NARROWED = ("list", "find", "page", "f-grade", "f-state", "of")  # query parameters
Bounds = dict[str, int]


def places(held: Held) -> dict[tuple[str, str], Bounds | None]:
    """(namespace, name) of each dataset that was reached → at least and at most how many people have records there;
    None where nobody told whose records it holds. The most first."""
    found: dict[tuple[str, str], Bounds | None] = held.made("places", lambda: _places(held))
    return found


def _places(held: Held) -> dict[tuple[str, str], Bounds | None]:
    untold = {
        (row["dataset"]["namespace"], row["dataset"]["name"])
        for row in held.rows("coverage")
        if row["state"] == "no-entries"
    }
    told: dict[tuple[str, str], Bounds | None] = {
        (row["namespace"], row["name"]): {"at_least": row["at_least"], "at_most": row["at_most"]}
        for row in held.over("records", PLACES)
    }
    for row in held.over("datasets", EXPOSED):
        name = row["namespace"], row["name"]
        told.setdefault(name, None if name in untold else {"at_least": 0, "at_most": 0})
    return dict(sorted(told.items(), key=lambda item: (-item[1]["at_most"] if item[1] else 0, item[0])))


def jurisdictions(held: Held) -> dict[str, Bounds]:
    """Those of the summary, and under '' the people of whom nobody told any."""
    [nowhere] = held.made("nowhere", lambda: held.over("data_subjects", UNPLACED))
    found: dict[str, Bounds] = dict(held.summary["by_jurisdiction"])
    return {**found, "": nowhere} if nowhere["at_most"] else found


def options(held: Held) -> list[str]:
    """Everything that the people of this answer can be narrowed to."""
    summary = held.summary
    found: dict[str, Iterable[str]] = {
        "category": sorted(summary["by_category"]),
        "jurisdiction": jurisdictions(held),
        "vendor": summary["by_vendor"],
        "dataset": ["/".join(name) for name, bounds in places(held).items() if bounds and bounds["at_most"]],
        "because": summary["data_subjects"]["possible_because"],
    }
    return [f"{kind}:{value}" for kind, values in found.items() for value in values]


def reads(of: str) -> str:
    """A value as the page calls it."""
    kind, _, value = of.partition(":")
    if kind == "because":
        return f"possible because {REASONS.get(value, value)}"
    return f"{kind} {value or (NO_VENDOR if kind == 'vendor' else NOT_TOLD)}"


def condition(chosen: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The people for whom all that was chosen holds, as SQL over ``listed`` and its parameters (of0, of1 …)."""
    parts, told = [], {}
    for number, of in enumerate(chosen):
        kind, _, value = of.partition(":")
        parts.append(f"({MEMBERS[kind].replace('$of', f'$of{number}')})")
        told[f"of{number}"] = value
    return " AND ".join(parts) or "true", told


def address(**values: str | list[str]) -> str:
    """The address of this page with its lists narrowed to ``values`` and nothing else."""
    here = {name: link.many(name) for name in st.query_params if name not in _NARROWED}
    return link.to("investigate", here | {name.replace("_", "-"): value for name, value in values.items() if value})


def listen() -> None:
    """Follow links of the class ``here`` without loading the page again."""
    graph.follow(_followed)


def _followed(query: str) -> None:
    st.query_params.from_dict(parse_qs(query, keep_blank_values=True))
    link.anew()
