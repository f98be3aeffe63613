"""The store: one DuckDB file. The only room that knows the engine; others hand it SQL and parameters."""

from lineage.store.batches import LoadFailed, Refused, find_bad, stage
from lineage.store.connection import Row, Stopped, Store, open_store
from lineage.store.ledger import (
    Checkpoint,
    checkpoint,
    find_input,
    is_settled,
    keep_input,
    keep_name,
    keep_rejects,
    keep_settled,
    next_input,
)
from lineage.store.merging import Merger, Reader, Tally, Understood
from lineage.store.parquet import MAGIC as PARQUET
from lineage.store.parquet import parquet_lines
from lineage.store.quarantine import erase_quarantine, quarantine, quarantine_path, quarantined
from lineage.store.staging import make_staging

__all__ = [
    "PARQUET",
    "Checkpoint",
    "LoadFailed",
    "Merger",
    "Reader",
    "Refused",
    "Row",
    "Stopped",
    "Store",
    "Tally",
    "Understood",
    "checkpoint",
    "erase_quarantine",
    "find_bad",
    "find_input",
    "is_settled",
    "keep_input",
    "keep_name",
    "keep_rejects",
    "keep_settled",
    "make_staging",
    "next_input",
    "open_store",
    "parquet_lines",
    "quarantine",
    "quarantine_path",
    "quarantined",
    "stage",
]
