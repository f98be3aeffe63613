"""Rows of a database's log and record entries of one's own, taken in; and whom a principal touched there."""

import json
from pathlib import Path
from typing import Any

from tests.asking import ask, ingest

CATALOG = """
version: 1
as_of: 2026-03-25T00:00:00Z
datasets: [{match: {namespace: "postgres://db", name: people.public.contractors}, key: [id], indexed: true}]
sources: [{id: db, collector: pgaudit, namespace: "postgres://db", files: "log/*"}]
"""


def take_in(
    folder: Path, rows: list[dict[str, Any]], records: str, catalog: str = CATALOG, *, apart: bool = False
) -> None:
    """Rows of a log, ``apart`` each in a file of its own, beside record entries (CSV)."""
    (folder / "log").mkdir()
    (folder / "catalog.yml").write_text(catalog)
    (folder / "records.csv").write_text(records)
    for number, part in enumerate([[one] for one in rows] if apart else [rows]):
        (folder / "log" / f"{number}.json").write_text("".join(json.dumps(one) + "\n" for one in part))
    ingest(folder / "store", sorted(folder.iterdir()))


def graded(folder: Path, principal: str) -> list[dict[str, str]]:
    """Whom a principal touched, and whom it altered."""
    said = ask(folder / "store", "blast-radius", ["--principal", principal])
    return [{one["id"]: one["grade"] for one in said[part]} for part in ("data_subjects", "altered")]
