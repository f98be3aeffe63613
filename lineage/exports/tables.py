"""An answer as a folder: the whole document, one CSV for each list, and where every digest was seen."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lineage.answers import Answer, Rows
from lineage.exports.interface import Export, flat, lists

# What a spreadsheet runs, when it opens the file: names and keys are whatever a log says. An id that only begins with a
# dash is left as it is, since somebody will look it up.
_FORMULA = re.compile(r"'*\s*(?:=|[+@-].*[(|!])", re.DOTALL)


def write(answer: Answer, folder: str) -> Iterator[str]:
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    document = place / "answer.json"
    with document.open("w", encoding="utf-8") as file:
        answer.write_json(file)
    yield str(document)
    for name, rows in lists(answer):
        path = place / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(map(cell, row) for row in _table(rows))
        yield str(path)


def _table(rows: Rows) -> Iterator[Iterable[Any]]:
    """The names of the columns and then the rows; nothing where an empty list has no columns."""
    if rows.table is not None:
        names, told = rows.table().read()
        yield names
        yield from told
    elif short := flat(rows):
        yield short[0]
        yield from (row.values() for row in short)


def cell(value: Any) -> Any:
    """A value as CSV has it: a list is JSON; a formula is text, by an apostrophe before it."""
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


EXPORT = Export(
    "tables",
    "the answer as JSON, its lists as CSV (a formula with ' before it), and where each digest was seen",
    write,
)
