"""Staged facts: what a collector fills, shaped after the fact tables, before the store knows any of it.

A staged table is its fact table with ``position`` (a line's place in the batch) for ``event_id``, names as
(namespace, name) instead of numbers, and a statement's text instead of its template.
"""

from collections.abc import Sequence

from lineage.store.connection import Store

# Which columns of the fact tables are names, and of what kind.
NAME_KINDS = {
    "run": "run",
    "parent_run": "run",
    "job": "job",
    "parent_job": "job",
    "dataset": "dataset",
    "other": "dataset",
    "previous": "dataset",
    "source_dataset": "dataset",
    "principal": "principal",
    "environment": "environment",
    "data_subject": "data_subject",
}
FACT_TABLES = (
    "run_event",
    "run_io",
    "run_parent",
    "run_sql",
    "symlink",
    "column_edge",
    "stated_edge",
    "dataset_change",
    "note",
    "plain_access",
    "stated_access",
    "transaction_turn",
    "entry",
    "subject",
    "snapshot",
    "component",
    "document",
)
BATCH_TABLES = {
    "given": "environment VARCHAR, taken_at VARCHAR",
    "staged_event": "position BIGINT, digest UHUGEINT",
    "staged_rejected": "position BIGINT, reason VARCHAR",
    "staged_passed": "position BIGINT, reason VARCHAR",
}

# Columns that the store fills itself.
KNOWN_LATER = ("literals", "input_id", "tie")
COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE NOT internal AND list_contains($tables::VARCHAR[], table_name) ORDER BY table_name, column_index
"""


def fact_columns(store: Store) -> dict[str, list[tuple[str, str]]]:
    """(name, type) of the columns of each fact table, in order."""
    found: dict[str, list[tuple[str, str]]] = {table: [] for table in FACT_TABLES}
    for table, name, kind in store.rows(COLUMNS, tables=list(FACT_TABLES)):
        found[table].append((name, kind))
    return found


def make_staging(store: Store) -> None:
    """Create the empty staged tables on this connection."""
    for table, shape in BATCH_TABLES.items():
        store.run(f"CREATE OR REPLACE TEMP TABLE {table} ({shape})")
    for table, columns in fact_columns(store).items():
        store.run(f"CREATE OR REPLACE TEMP TABLE staged_{table} ({_staged_shape(columns)})")


def filled(store: Store, tables: Sequence[str]) -> list[str]:
    """Those of the tables that hold a row."""
    counts = " UNION ALL ".join(f"SELECT '{table}' AS name, (SELECT count(*) FROM {table}) AS rows" for table in tables)
    return [name for (name,) in store.rows(f"SELECT name FROM ({counts}) WHERE rows > 0")]


def clear_staging(store: Store) -> None:
    """Empty what the last batch filled. A table is made anew, since one that is deleted from keeps its memory."""
    batch = [table for table in BATCH_TABLES if table != "given"]
    for table in filled(store, [*batch, *(f"staged_{name}" for name in FACT_TABLES)]):
        store.run(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM {table} LIMIT 0")


def _staged_shape(columns: Sequence[tuple[str, str]]) -> str:
    """The column list of a staged table, from its fact table's."""
    shape = []
    for name, kind in columns:
        if name == "event_id":
            shape.append("position BIGINT")
        elif name == "template_id":
            shape.append("statement VARCHAR, dialect VARCHAR")
        elif name in NAME_KINDS:
            shape.append(f"{name} STRUCT(namespace VARCHAR, name VARCHAR)")
        elif name not in KNOWN_LATER:
            shape.append(f"{name} {kind}")
    return ", ".join(shape)
