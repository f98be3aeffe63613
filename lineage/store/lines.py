"""A batch of lines as a table that the engine scans where it lies: no copy, no row made by Python."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

CHUNK = 40_000  # lines that one thread takes at a time


def line_table(first: int, text: str) -> "pyarrow.Table":
    """Columns ``position`` (from ``first``) and ``text``, one row for each line; a line keeps its newline at most."""
    import numpy  # late: whoever only asks needs neither
    import pyarrow

    data = text.encode()
    starts = numpy.flatnonzero(numpy.frombuffer(data, numpy.uint8) == ord("\n")) + 1
    inside = starts[starts < len(data)]
    offsets = numpy.concatenate(([0], inside, [len(data)])).astype(numpy.int32)
    texts = pyarrow.StringArray.from_buffers(len(offsets) - 1, pyarrow.py_buffer(offsets), pyarrow.py_buffer(data))
    positions = pyarrow.array(numpy.arange(first, first + len(texts)))
    whole = pyarrow.table({"position": positions, "text": texts})
    return pyarrow.Table.from_batches(whole.to_batches(max_chunksize=CHUNK), schema=whole.schema)
