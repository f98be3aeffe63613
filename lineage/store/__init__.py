"""The store: one DuckDB file. The only room that knows the engine; others hand it SQL and parameters.

What is here:

    engine, opening, migrations, planning  the engine, a file of it, its schema, how it plans
    connection, selection                  what is run on it and read of it
    lines, staging, batches, merging       from lines to staged facts to facts
    ledger                                 inputs, and the checkpoint
    beside, quarantine, parquet            files that are no store
"""

from lineage.store.batches import Batch, LoadFailed, Refused, digested, find_bad, stage
from lineage.store.beside import DAMAGED, REFUSED, inbox_path, quarantine_path, set_aside
from lineage.store.connection import Row, Stopped, Store, stoppable
from lineage.store.engine import Error as EngineError
from lineage.store.ledger import (
    Checkpoint,
    Input,
    checkpoint,
    find_inputs,
    is_settled,
    keep_inputs,
    keep_names,
    keep_rejects,
    keep_settled,
    knows_size,
    next_inputs,
    unsettle,
)
from lineage.store.lines import Piece, input_of, place
from lineage.store.merging import Merger, Reader, Tally, Understood
from lineage.store.opening import open_store, trouble
from lineage.store.parquet import MAGIC as PARQUET
from lineage.store.parquet import parquet_lines
from lineage.store.quarantine import erase_quarantine, quarantine, quarantined
from lineage.store.selection import Selection
from lineage.store.staging import make_staging

__all__ = [
    "DAMAGED",
    "PARQUET",
    "REFUSED",
    "Batch",
    "Checkpoint",
    "EngineError",
    "Input",
    "LoadFailed",
    "Merger",
    "Piece",
    "Reader",
    "Refused",
    "Row",
    "Selection",
    "Stopped",
    "Store",
    "Tally",
    "Understood",
    "checkpoint",
    "digested",
    "erase_quarantine",
    "find_bad",
    "find_inputs",
    "inbox_path",
    "input_of",
    "is_settled",
    "keep_inputs",
    "keep_names",
    "keep_rejects",
    "keep_settled",
    "knows_size",
    "make_staging",
    "next_inputs",
    "open_store",
    "parquet_lines",
    "place",
    "quarantine",
    "quarantine_path",
    "quarantined",
    "set_aside",
    "stage",
    "stoppable",
    "trouble",
    "unsettle",
]
