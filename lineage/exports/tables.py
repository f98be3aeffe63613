"""An answer as a folder: the whole document, one CSV for each list, and where every digest was seen."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lineage.answers import Answer, Rows
from lineage.exports.interface import Export


def write(answer: Answer, folder: str) -> Iterator[str]:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    document = place / "answer.json"
    with document.open("w", encoding="utf-8") as file:
        answer.write_json(file)
    yield str(document)
    for name, section in answer.sections.items():
        if isinstance(section, Rows):
            path = place / f"{name}.csv"
            _table(path, (_flat(row) for row in section))
            yield str(path)
    path = place / "evidence.csv"
    _table(
        path,
        (
            {"digest": seen.digest, "input": seen.input, "input_digest": seen.input_digest, "position": seen.position}
            for seen in answer.evidence()
        ),
    )
    yield str(path)


def _table(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows, None)
    with path.open("w", encoding="utf-8", newline="") as file:
        if first is None:
            return
        writer = csv.DictWriter(file, fieldnames=list(first), restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """One cell a value: what is inside an object gets a column of its own, a list is JSON."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{inner}": item for inner, item in value.items()}
        else:
            flat[key] = json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
    return flat


EXPORT = Export("tables", "the answer as JSON, its lists as CSV, and where each digest was seen", write)
