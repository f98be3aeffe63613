"""A batch of lines as a table that the engine scans where it lies: no copy, no row made by Python.

A batch may hold lines of several inputs. While it is staged a line's ``position`` is its place in the batch: the
number of its input among those taken together, above INPUT_BITS bits of its position in that input.
"""

import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    import pyarrow

CHUNK = 8_192  # lines that one thread takes at a time
INPUT_BITS = 40
NUMBER, POSITION = f"(position >> {INPUT_BITS})", f"(position & {(1 << INPUT_BITS) - 1})"  # of a place, as SQL
Piece = tuple[int, bytes]  # consecutive lines and the place of the first


def place(number: int, position: int) -> int:
    """Where a line stands in a batch: ``number`` counts its inputs from 0."""
    return number << INPUT_BITS | position


def input_of(place: int) -> int:
    """The number of the input among those taken together."""
    return place >> INPUT_BITS


def line_table(pieces: Sequence[Piece]) -> "pyarrow.Table":
    """Columns ``position`` and ``text``, one row for each line, without its newline."""
    import pyarrow  # late: whoever only asks needs it not

    return pyarrow.concat_tables([_lines(first, text) for first, text in pieces])


def at_places(told: "pyarrow.Table", found: "pyarrow.Table") -> "pyarrow.Table":
    """Some of the lines told, in their order: those of which ``found`` has the ``position``."""
    import numpy

    return told.take(numpy.searchsorted(_places(told), numpy.sort(_places(found))))


def with_digests(told: "pyarrow.Table", sums: "pyarrow.Table") -> "pyarrow.Table":
    """The lines of which ``sums`` has the ``position``, in their order, each with the first 128 bits of its ``digest``
    (SHA-256, told in hexadecimal) as the engine's UHUGEINT: the engine itself takes a quarter of a sum's time to read
    its text. Where they are all, no text is copied."""
    import numpy
    import pyarrow

    lines = told if len(sums) == len(told) else at_places(told, sums)
    order = numpy.argsort(_places(sums), kind="stable")
    whole = sums.column("digest").combine_chunks()
    _, _, texts = whole.buffers()
    begun = 64 * whole.offset
    read = binascii.unhexlify(memoryview(texts)[begun : begun + 64 * len(whole)] if len(whole) else b"")
    low_first = numpy.frombuffer(read, ">u8").reshape(-1, 4)[order, 1::-1].astype("<u8")
    numbers = pyarrow.FixedSizeBinaryArray.from_buffers(
        pyarrow.binary(16), len(whole), [None, pyarrow.py_buffer(low_first)]
    )
    shown = pyarrow.opaque(pyarrow.binary(16), "uhugeint", "DuckDB")
    return lines.append_column("digest", pyarrow.ExtensionArray.from_storage(shown, numbers))


def _places(lines: "pyarrow.Table") -> "numpy.ndarray[Any, numpy.dtype[numpy.int64]]":
    """The column ``position`` where it lies: ``to_numpy`` would load pandas."""
    import numpy

    whole = lines.column("position").combine_chunks()
    return numpy.frombuffer(whole.buffers()[1], numpy.int64, len(whole), 8 * whole.offset)


def _lines(first: int, text: bytes) -> "pyarrow.Table":
    import numpy
    import pyarrow
    from pyarrow import compute

    # From buffers: `pyarrow.array` would load pandas first, which takes longer than a small input. One call over the
    # whole text is cheaper than cutting each line in SQL.
    ends = numpy.array([0, len(text)], numpy.int32)
    whole = pyarrow.StringArray.from_buffers(1, pyarrow.py_buffer(ends), pyarrow.py_buffer(text))
    texts = compute.split_pattern(whole, "\n").flatten()
    places = numpy.arange(first, first + len(texts))
    positions = pyarrow.Array.from_buffers(pyarrow.int64(), len(texts), [None, pyarrow.py_buffer(places)])
    lines = pyarrow.Table.from_arrays([positions, texts], ["position", "text"])
    return pyarrow.Table.from_batches(lines.to_batches(max_chunksize=CHUNK), schema=lines.schema)
