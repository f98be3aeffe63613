"""A small world to replay one statement in: entries per table, bindings, and the verdicts that come out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from lineage.statements.shapes import LITERALS, take_apart
from lineage.statements.understanding import understand
from lineage.statements.understood import Understanding
from lineage.store import Store

FAR = 10**15


@dataclass(frozen=True)
class Entry:
    """One record entry. ``attributes``: what is held; ``there``: (valid_from, certain_to, possible_to)."""

    key: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    there: tuple[int, int | None, int | None] = (0, FAR, FAR)


@dataclass(frozen=True)
class Table:
    entries: Sequence[Entry]
    key_field: str | None = "id"
    complete: bool = True


def connect() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET threads = 1")
    return con


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, all at once: one at a time costs more than what is tested."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        listed = ", ".join(f"unnest(${number})" for number in range(1, len(columns) + 1))
        con.execute(f"INSERT INTO {table} SELECT {listed}", columns)


def taken_apart(con: duckdb.DuckDBPyConnection, sql: str, dialect: str = "postgres") -> tuple[str, list[str | None]]:
    con.execute("CREATE OR REPLACE TEMP TABLE statement_told AS SELECT $1 AS statement, $2 AS dialect", [sql, dialect])
    take_apart(Store("", con, read_only=False))
    all_kept = "(SELECT *, range(len(tokens)) AS kept FROM statement_apart)"
    row = con.execute(f"SELECT shape, {LITERALS} FROM {all_kept}").fetchone()
    assert row is not None
    return row[0], row[1]


def told(*values: Any) -> list[str]:
    """Bound values, encoded: ('u', '5') untyped; a str, number, bool or None as itself."""
    encoded = []
    for value in values:
        if isinstance(value, tuple):
            encoded.append({value[0]: value[1]})
        elif value is None:
            encoded.append({"z": True})
        elif isinstance(value, bool):
            encoded.append({"b": value})
        elif isinstance(value, (int, float)):
            encoded.append({"n": str(value)})
        else:
            encoded.append({"s": value})
    return [json.dumps(one) for one in encoded]


def place(con: duckdb.DuckDBPyConnection, understood: Understanding, tables: Mapping[str, Table]) -> None:
    """Fill there_<k> and indexed_<k> for each table of a statement, by the last part of its name."""
    for use in understood.tables:
        table = tables.get(use.parts[-1], Table(()))
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE there_{use.no} (entry_id BIGINT, dataset_id BIGINT, key VARCHAR,"
            " key_field VARCHAR, attributes VARCHAR, valid_from BIGINT, certain_to BIGINT, possible_to BIGINT)"
        )
        rows = [
            (number, 1, entry.key, table.key_field, json.dumps(dict(sorted(entry.attributes.items()))), *entry.there)
            for number, entry in enumerate(table.entries, 1)
        ]
        fill(con, f"there_{use.no}", rows)
        con.execute(f"CREATE OR REPLACE TEMP TABLE indexed_{use.no} AS SELECT ?::BOOLEAN AS complete", [table.complete])


def bind(
    con: duckdb.DuckDBPyConnection,
    understood: Understanding,
    bindings: Iterable[tuple[Sequence[str | None], Sequence[str]]],
    at: tuple[int, int] = (100, 100),
) -> None:
    """Fill bound_statement, with only the literals that are kept. Every table is dataset 1 here."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bound_statement"
        " (binding_id BIGINT, dataset_id BIGINT, literals VARCHAR[], bound VARCHAR[], start_at BIGINT, end_at BIGINT)"
    )
    for number, (literals, bound) in enumerate(bindings, 1):
        kept = [one if place in understood.kept else None for place, one in enumerate(literals)]
        con.execute("INSERT INTO bound_statement VALUES (?, 1, ?, ?, ?, ?)", [number, kept, list(bound), *at])


def verdicts(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    tables: Mapping[str, Table],
    bound: Sequence[str] = (),
    dialect: str = "postgres",
    at: tuple[int, int] = (100, 100),
) -> dict[str, str]:
    """For each table of a statement, the verdict on each entry in turn: 'T', 'U' or 'F'."""
    shape, literals = taken_apart(con, sql, dialect)
    understood = understand(shape, dialect)
    assert understood.parsed, sql
    place(con, understood, tables)
    bind(con, understood, [(literals, bound)], at)
    found = {}
    for use in understood.tables:
        count = len(tables.get(use.parts[-1], Table(())).entries)
        if use.scope == "replay":
            assert use.replay is not None
            rows = con.execute(use.replay).fetchall()
            assert len({(binding, entry) for binding, entry, _ in rows}) == len(rows), "one verdict for each"
            truth = {entry: truth for _, entry, truth in rows}
        else:
            truth = dict.fromkeys(range(1, count + 1), {"all": "T", "unknown": "U", "none": "F"}[use.scope])
        found[use.parts[-1]] = "".join(truth.get(number, "F") for number in range(1, count + 1))
    return found
