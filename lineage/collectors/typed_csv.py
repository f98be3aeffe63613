"""CSV whose columns have types: a column all of whose values are numbers (booleans, times) has that type.

A time without an offset is no instant yet, so it counts as text. What a column is, is known only at the end
of the input: the records are held, on disk where they are many, and given out in a second round.
"""

import json
import pickle
import re
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from lineage.collectors.framing import csv_records
from lineage.collectors.interface import Block, Head, Rejected

NULL = r"\N"
_IN_MEMORY = 64 << 20  # bytes of records; more goes to the disk
_Row = dict[str, str]

# A number as JSON writes it, of as many digits as survive being read as one: a longer one stays text.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17}|(?=[\d.]{3,16}$)(?:0|[1-9]\d*)\.\d+)", re.ASCII)
_BOOLEAN = re.compile(r"true|false", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)", re.ASCII)
_TYPES: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (_NUMBER, json.loads),
    (_BOOLEAN, lambda text: text.lower() == "true"),
    (_TIME, lambda text: {"t": text}),
)


def typed_records(stream: BinaryIO, head: Head, texts: frozenset[str]) -> Iterator[Block | Rejected]:
    """One JSON object per CSV record, without empty cells; ``\\N`` is null, a time {"t": its text}.

    Columns in ``texts`` stay text whatever they hold.
    """
    candidates: dict[str, list[int]] = {}
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as held:
        for piece in csv_records(stream, head):
            if isinstance(piece, Rejected):
                yield piece
                continue
            rows = _rows(piece)
            for column in dict.fromkeys(name for row in rows if row for name in row):
                if column not in texts:
                    values = {row[column] for row in rows if row} - {"", NULL}
                    kinds = candidates.get(column, [0, 1, 2])
                    candidates[column] = [kind for kind in kinds if all(map(_TYPES[kind][0].fullmatch, values))]
            pickle.dump(piece, held)
        held.seek(0)
        types = {column: _TYPES[kinds[0]][1] for column, kinds in candidates.items() if kinds}
        while (block := _next(held)) is not None:
            written = [_written(row, types) for row in _rows(block)]
            yield Block(block.first, "\n".join(written).encode(), block.lines)


def _rows(block: Block) -> list[_Row | None]:
    """The records of a block; None for a blank line."""
    lines = block.text.split(b"\n")
    found: list[_Row | None] = json.loads(b"[" + b",".join(line or b"null" for line in lines) + b"]")
    return found


def _written(row: _Row | None, types: dict[str, Callable[[str], Any]]) -> str:
    if row is None:
        return ""
    told = {
        name: None if value == NULL else types[name](value) if name in types else value
        for name, value in row.items()
        if value
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _next(held: Any) -> Block | None:
    try:
        block: Block = pickle.load(held)  # written above, by this process
    except EOFError:
        return None
    return block
