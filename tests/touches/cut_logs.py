"""PostgreSQL logs cut into files and taken in, and what their accesses come to."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.asking import ingest, told_acts

CATALOG = """
version: 1
as_of: 2026-03-25T00:00:00Z
vendors: [{id: northgate, name: Northgate, role: processor}]
principals: [{id: support, vendor: northgate, valid_from: 2020-01-01T00:00:00Z}]
datasets: [{match: {namespace: "postgres://db", name: people.public.contractors}, key: [id], indexed: true}]
sources: [{id: db, collector: pgaudit, namespace: "postgres://db", files: "log/*"}]
"""


def stored(folder: Path, pieces: Sequence[str], suffix: str) -> Path:
    """A store that took in the pieces of one log, one after the other, and what they are about."""
    (folder / "log").mkdir(parents=True)
    (folder / "catalog.yml").write_text(CATALOG)
    entries = [
        {"dataset_namespace": "postgres://db", "dataset_name": "people.public.contractors", "key": str(number),
         "data_subject": f"C-{number}", "valid_from": "2020-01-01T00:00:00Z", "id": number, "name": f"name {number}"}
        for number in (1, 7, 8, 10, 30, 31)
    ]  # fmt: skip
    (folder / "records.ndjson").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    paths = [folder / "catalog.yml", folder / "records.ndjson"]
    for number, piece in enumerate(pieces):
        paths.append(folder / "log" / f"{number}{suffix}")
        paths[-1].write_text(piece)
    ingest(folder / "store", paths)
    return folder / "store"


def numbered(*records: dict[str, Any]) -> list[dict[str, Any]]:
    return [told | {"line_num": number} for number, told in enumerate(records, 1)]


def unnumbered(*records: dict[str, Any]) -> list[dict[str, Any]]:
    """As stderr tells them: what session and transaction they are of is not known, nor which comes first."""
    left_out = ("line_num", "vxid", "session_id")
    return [{key: value for key, value in told.items() if key not in left_out} for told in records]


def came_to(store: Path) -> list[str]:
    """What accesses came to, wherever they were told."""
    place = ("input_id", "position")
    return sorted(repr({key: value for key, value in act.items() if key not in place}) for act in told_acts(store))


def records_of(text: str, suffix: str) -> list[str]:
    """The records of a log, whole."""
    if suffix == ".json":
        return text.splitlines(keepends=True)
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        goes_on = (
            found and found[-1].count('"') % 2
            if suffix == ".csv"
            else re.match(r"\t|.{30}.*?(DETAIL|CONTEXT|STATEMENT):  ", line)
        )
        if goes_on:
            found[-1] += line
        else:
            found.append(line)
    return found


def dealt(records: list[str], seed: str) -> list[str]:
    """Cut at every place: no two records that stood together lie in one file. The files come in any order."""
    pieces = ["".join(records[number::7]) for number in range(7)]
    Random(seed).shuffle(pieces)
    return pieces
