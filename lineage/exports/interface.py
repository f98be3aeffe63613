"""What an export is: a shape that an answer is written in, as files in a folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lineage.answers import Answer, Rows


@dataclass(frozen=True)
class Export:
    """``write(answer, folder)`` makes the folder where it is missing and yields the path of each file written."""

    name: str
    title: str
    write: Callable[[Answer, str], Iterator[str]]


def lists(answer: Answer) -> Iterator[tuple[str, Rows]]:
    """Every list of an answer by its name; last where each event was seen."""
    for name, section in answer.sections.items():
        if isinstance(section, Rows):
            yield name, section
    yield "evidence", answer.evidence


def flat(rows: Rows) -> list[dict[str, Any]]:
    """A short list that is no table as one: what is inside an object gets a column of its own, and every row has the
    columns of all."""
    told = [dict(_cells(row)) for row in rows]
    names = dict.fromkeys(name for row in told for name in row)
    return [{name: row.get(name) for name in names} for row in told]


def _cells(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{key}_{inner}", item) for inner, item in value.items())
        else:
            yield key, value
