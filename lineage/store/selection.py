"""A list as one SELECT makes it: read row by row, or written by the engine itself without passing through Python."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from lineage.errors import LineageError
from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.store import engine
from lineage.store.connection import Row, Store

BATCH = 10_000  # rows held at a time
PART = "SELECT * FROM {name} WHERE rowid >= $low AND rowid < $high ORDER BY rowid"
_NUMBERS = count()
# An instant as the user reads it, and as a Parquet file types it (the session's time zone is UTC); an open end is NULL.
CLOSED = f"CASE WHEN {{0}} NOT IN ({BEFORE_ALL}, {AFTER_ALL}) THEN make_timestamp({{0}}) END"
TEXT = f"strftime({CLOSED}, '%Y-%m-%dT%H:%M:%S.%fZ')"
TYPED = f"({CLOSED})::TIMESTAMPTZ"


@dataclass(frozen=True)
class Selection:
    """``sql`` gives the rows in their order; ``instants`` are those of its columns that hold µs.

    It is made anew each time, from the tables that it names as they are then.
    """

    store: Store
    sql: str
    instants: tuple[str, ...] = ()

    def read(self) -> tuple[list[str], Iterator[Row]]:
        """The names of the columns, and the rows, in bounded memory, with instants as text."""
        if self.store.turns is not None:
            return self._in_turns(self.store.turns)
        found = self.store.run(self._with(TEXT))
        names = [name for name, *_ in found.description or ()]
        return names, (row for batch in iter(lambda: found.fetchmany(BATCH), []) for row in batch)

    def spell(self, expression: str) -> Iterator[str]:
        """A text for each row; ``expression`` is SQL over the columns, with instants as text."""
        return (text for (text,) in Selection(self.store, f"SELECT {expression} FROM ({self._with(TEXT)})").read()[1])

    def over(self, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of ``sql``, which calls these rows ``listed`` and finds instants in µs: a part of a long list, or
        what it comes to, without all of it passing through Python."""
        found = self.store.run(f"WITH listed AS ({self.sql}) {sql}", **parameters)
        names = [name for name, *_ in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def keep(self, name: str, sql: str) -> "Selection":
        """What ``sql`` makes of these rows, as a temporary table of this name: whatever is asked of it does not make
        them anew."""
        self.store.run(f"CREATE OR REPLACE TEMP TABLE {name} AS WITH listed AS ({self.sql}) {sql}")
        return Selection(self.store, f"SELECT * FROM {name}", self.instants)

    def write_parquet(self, path: str) -> None:
        """Have the engine write the rows to a file, with instants as timestamps in UTC."""
        full = os.path.abspath(path)  # to the engine a ~ at the begin is the user's home
        self.store.run(f"COPY ({self._with(TYPED)}) TO $path (FORMAT PARQUET)", path=full)

    def _in_turns(self, turns: AbstractContextManager[object]) -> tuple[list[str], Iterator[Row]]:
        """The same where others ask meanwhile: the engine keeps the rows, in their order, until the last is read."""
        name = f"part_of_{next(_NUMBERS)}"
        with turns:
            self.store.run(f"CREATE TEMP TABLE {name} AS {self._with(TEXT)}")
            told = self.store.run(f"SELECT * FROM {name} LIMIT 0").description
            first, many = self.store.one(f"SELECT min(rowid), count(*) FROM {name}")  # in a transaction not from 0

        def rows() -> Iterator[Row]:
            read = 0
            try:
                while read < many:
                    low = first + read
                    with turns:
                        batch = self.store.rows(PART.format(name=name), low=low, high=low + BATCH)
                    if len(batch) != min(BATCH, many - read):
                        raise LineageError("The store lost rows of a list.", "This is a bug; please report it.")
                    yield from batch
                    read += BATCH
            finally:
                with turns, suppress(engine.Error):  # it may be closed
                    self.store.run(f"DROP TABLE IF EXISTS {name}")

        return [column for column, *_ in told or ()], rows()

    def _with(self, form: str) -> str:
        if not self.instants:
            return self.sql
        told = ", ".join(f"{form.format(name)} AS {name}" for name in (f'"{name}"' for name in self.instants))
        return f"SELECT * REPLACE ({told}) FROM ({self.sql})"
