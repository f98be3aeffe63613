"""A batch of lines as a table that the engine scans where it lies: no copy, no row made by Python.

A batch may hold lines of several inputs. While it is staged a line's ``position`` is its place in the batch: the
number of its input among those taken together, above INPUT_BITS bits of its position in that input.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

CHUNK = 40_000  # lines that one thread takes at a time
INPUT_BITS = 40
NUMBER, POSITION = f"(position >> {INPUT_BITS})", f"(position & {(1 << INPUT_BITS) - 1})"  # of a place, as SQL
Piece = tuple[int, str]  # consecutive lines and the place of the first


def place(number: int, position: int) -> int:
    """Where a line stands in a batch: ``number`` counts its inputs from 0."""
    return number << INPUT_BITS | position


def input_of(place: int) -> int:
    """The number of the input among those taken together."""
    return place >> INPUT_BITS


def line_table(pieces: Sequence[Piece]) -> "pyarrow.Table":
    """Columns ``position`` and ``text``, one row for each line; a line keeps its newline at most."""
    import pyarrow  # late: whoever only asks needs it not

    return pyarrow.concat_tables([_lines(first, text) for first, text in pieces])


def _lines(first: int, text: str) -> "pyarrow.Table":
    import numpy
    import pyarrow

    data = text.encode()
    starts = numpy.flatnonzero(numpy.frombuffer(data, numpy.uint8) == ord("\n")) + 1
    inside = starts[starts < len(data)]
    offsets = numpy.concatenate(([0], inside, [len(data)])).astype(numpy.int32)
    texts = pyarrow.StringArray.from_buffers(len(offsets) - 1, pyarrow.py_buffer(offsets), pyarrow.py_buffer(data))
    positions = pyarrow.array(numpy.arange(first, first + len(texts)))
    whole = pyarrow.table({"position": positions, "text": texts})
    return pyarrow.Table.from_batches(whole.to_batches(max_chunksize=CHUNK), schema=whole.schema)
