"""Staged facts: what a collector fills, shaped after the fact tables, before the store knows any of it.

A staged table is its fact table with ``position`` for ``event_id``, names as (namespace, name) instead of
numbers, and a statement's text instead of its template.
"""

from functools import cache

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
    "access",
    "entry",
    "subject",
    "snapshot",
    "component",
    "document",
)
BATCH_TABLES = {
    "line": "position BIGINT, text VARCHAR, digest UHUGEINT",
    "given": "name VARCHAR, environment VARCHAR, taken_at VARCHAR",
    "staged_event": "position BIGINT, digest UHUGEINT",
    "staged_rejected": "position BIGINT, reason VARCHAR",
    "staged_passed": "position BIGINT, reason VARCHAR",
}


def columns_of(store: Store, table: str) -> list[tuple[str, str]]:
    """(name, type) of a fact table's columns, in order."""
    return [
        (name, kind)
        for name, kind in store.rows(
            "SELECT column_name, data_type FROM duckdb_columns()"
            " WHERE table_name = $table AND NOT internal ORDER BY column_index",
            table=table,
        )
    ]


@cache
def staged_shape(columns: tuple[tuple[str, str], ...]) -> str:
    """The column list of a staged table, from its fact table's."""
    shape = []
    for name, kind in columns:
        if name == "event_id":
            shape.append("position BIGINT")
        elif name == "template_id":
            shape.append("statement VARCHAR, dialect VARCHAR")
        elif name in NAME_KINDS:
            shape.append(f"{name} STRUCT(namespace VARCHAR, name VARCHAR)")
        elif name != "literals":
            shape.append(f"{name} {kind}")
    return ", ".join(shape)


def make_staging(store: Store) -> None:
    """Create the empty staged tables on this connection."""
    for table, shape in BATCH_TABLES.items():
        store.run(f"CREATE OR REPLACE TEMP TABLE {table} ({shape})")
    for table in FACT_TABLES:
        store.run(f"CREATE OR REPLACE TEMP TABLE staged_{table} ({staged_shape(tuple(columns_of(store, table)))})")


def clear_staging(store: Store) -> None:
    for table in (*(name for name in BATCH_TABLES if name != "given"), *(f"staged_{name}" for name in FACT_TABLES)):
        store.run(f"DELETE FROM {table}")
