"""From staged facts to facts: what is new is numbered and kept, what is known is counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lineage.store.connection import Row, Store
from lineage.store.lines import NUMBER, POSITION
from lineage.store.staging import FACT_TABLES, NAME_KINDS, fact_columns, filled


class TableUse(Protocol):
    """What the store keeps of one table of a statement (see ``TableUse`` of lineage.statements.understood)."""

    @property
    def no(self) -> int: ...
    @property
    def parts(self) -> tuple[str, ...]: ...
    @property
    def reads(self) -> bool: ...
    @property
    def write(self) -> str | None: ...
    @property
    def sql_write(self) -> str | None: ...
    @property
    def defines_view(self) -> bool: ...
    @property
    def fields(self) -> tuple[str, ...] | None: ...
    @property
    def scope(self) -> str: ...
    @property
    def replay(self) -> str | None: ...
    @property
    def joined(self) -> bool: ...
    @property
    def renames(self) -> tuple[int, ...]: ...
    @property
    def part_of(self) -> tuple[int, ...]: ...
    @property
    def parted_from(self) -> tuple[int, ...]: ...
    @property
    def changed(self) -> tuple[str, ...] | None: ...
    @property
    def alone(self) -> bool: ...


class Understood(Protocol):
    """What the store keeps of a statement as a whole (see lineage.statements, which lies above this room)."""

    @property
    def parsed(self) -> bool: ...
    @property
    def returns(self) -> bool: ...
    @property
    def kept(self) -> tuple[int, ...]: ...
    @property
    def tables(self) -> Sequence[TableUse]: ...
    @property
    def told(self) -> bool: ...
    @property
    def mentions(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class Reader:
    """How statements are read.

    ``take_apart`` fills ``statement_apart`` (statement, dialect, shape, tokens) from ``statement_told``;
    ``literals`` is SQL over ``tokens`` and ``kept``; ``understand`` takes a shape and its dialect.
    """

    take_apart: Callable[[Store], None]
    literals: str
    understand: Callable[[str, str], Understood]


@dataclass
class Tally:
    """What became of an input's lines. ``lines = stored + known + rejected + passed``."""

    lines: int = 0
    stored: int = 0
    known: int = 0
    rejected: int = 0
    passed: int = 0
    digest_sum: int = 0


# What of a batch the store knows: the one look at all its events. (A SEMI JOIN hashes the batch and runs the events
# past it in half the time of an ANTI JOIN, which must remember what it met; NOT IN would hash all events each time.)
KNOWN = """
CREATE OR REPLACE TEMP TABLE known AS SELECT event_id, digest FROM event SEMI JOIN staged_event USING (digest)
"""
# One event for each new digest: the first position tells it, further ones are sightings. Numbered in the order of the
# lines, since numbers and times that rise together take a fraction of the space.
FRESH = """
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT nextval('event_sequence') AS event_id, digest, position
FROM (
    FROM (SELECT digest, min(position) AS position FROM staged_event GROUP BY digest)
    ANTI JOIN known USING (digest) ORDER BY position
)
"""
# What gives rows back is appended by one thread, batch after batch, to row groups that are full. Appended by several,
# each batch leaves a part of one for each thread, and the commit writes the whole table again to join them.
AT_THE_END = "RETURNING NULL"
# Inputs that are taken together have consecutive numbers, from $first_input on.
KEEP_EVENTS = f"""
INSERT INTO event SELECT event_id, digest, $first_input + {NUMBER}, {POSITION} FROM fresh {AT_THE_END}
"""
KEEP_SIGHTINGS = f"""
INSERT INTO sighting
SELECT e.event_id, $first_input + s.number, s.place
FROM (SELECT digest, {NUMBER} AS number, {POSITION} AS place FROM staged_event ANTI JOIN fresh USING (position)) s
JOIN (SELECT event_id, digest FROM known UNION ALL SELECT event_id, digest FROM fresh) e USING (digest)
"""
DIGESTS = 2**128
# UHUGEINT sums turn into floats, so the sum is taken over four 32-bit limbs.
SUMS = f"""
SELECT {NUMBER} AS number, count(*), coalesce(sum((digest >> 96)::UBIGINT)::VARCHAR, '0'),
       coalesce(sum(((digest >> 64) & 4294967295)::UBIGINT)::VARCHAR, '0'),
       coalesce(sum(((digest >> 32) & 4294967295)::UBIGINT)::VARCHAR, '0'),
       coalesce(sum((digest & 4294967295)::UBIGINT)::VARCHAR, '0')
FROM fresh GROUP BY number
"""
NEW_SHAPES = """
SELECT DISTINCT shape, dialect, digest FROM told_statement
WHERE digest NOT IN (SELECT digest FROM template) ORDER BY dialect, shape
"""
# Each distinct text once: logs repeat themselves.
TOLD_STATEMENTS = """
CREATE OR REPLACE TEMP TABLE statement_told AS
SELECT statement, coalesce(dialect, '') AS dialect FROM staged_stated_access WHERE statement IS NOT NULL
UNION
SELECT statement, coalesce(dialect, '') FROM staged_run_sql WHERE statement IS NOT NULL
"""
SHAPED_STATEMENTS = """
CREATE OR REPLACE TEMP TABLE told_statement AS
SELECT statement, dialect, shape, tokens,
       ('0x' || left(sha256(dialect || chr(0) || shape), 32))::UHUGEINT AS digest
FROM statement_apart
"""
BOUND_STATEMENTS = """
CREATE OR REPLACE TEMP TABLE read_statement AS
SELECT s.statement, s.dialect, t.template_id, CASE WHEN len(t.kept) > 0 THEN {literals} END AS literals
FROM told_statement s JOIN template t USING (digest)
"""
NO_STATEMENT = """
CREATE OR REPLACE TEMP TABLE read_statement
(statement VARCHAR, dialect VARCHAR, template_id BIGINT, literals VARCHAR[])
"""
# Inserted all at once: a template at a time costs more than understanding it.
NEW_IDS = "SELECT nextval('template_sequence') FROM range($count)"
TEMPLATES = {
    "template_id": "BIGINT", "digest": "UHUGEINT", "dialect": "VARCHAR", "shape": "VARCHAR", "parsed": "BOOLEAN",
    "returns": "BOOLEAN", "kept": "BIGINT[]", "mentions": "BIGINT[]",
}  # fmt: skip
TABLES = {
    "template_id": "BIGINT", "no": "BIGINT", "parts": "VARCHAR[]", "reads": "BOOLEAN", "write": "VARCHAR",
    "sql_write": "VARCHAR", "defines_view": "BOOLEAN", "fields": "VARCHAR[]", "scope": "VARCHAR", "replay": "VARCHAR",
    "joined": "BOOLEAN", "renames": "BIGINT[]", "part_of": "BIGINT[]", "parted_from": "BIGINT[]",
    "changed": "VARCHAR[]", "alone": "BOOLEAN",
}  # fmt: skip


class Merger:
    """Merges one staged batch after another into the facts, within the caller's transaction."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self.store = store
        self.reader = reader
        self.columns = fact_columns(store)

    def merge(self, first_input: int, tallies: Sequence[Tally]) -> None:
        """Take what is staged into the facts, and add to each input's tally what was stored; the batch's tables are
        left as they are."""
        store = self.store
        store.script((KNOWN, FRESH))
        sums = store.rows(SUMS)
        for number, count, *limbs in sums:
            tally = tallies[number]
            tally.stored += count
            for shift, limb in zip((96, 64, 32, 0), limbs, strict=True):
                tally.digest_sum = (tally.digest_sum + (int(limb) << shift)) % DIGESTS
        store.run(KEEP_EVENTS, first_input=first_input)
        if sum(count for _, count, *_ in sums) < store.one("SELECT count(*) FROM staged_event")[0]:
            store.run(KEEP_SIGHTINGS, first_input=first_input)
        if sums:
            tables = [name.removeprefix("staged_") for name in filled(store, [f"staged_{one}" for one in FACT_TABLES])]
            self._learn_names(tables)
            self._learn_statements(tables)
            for table in tables:
                store.run(_insert(table, self.columns[table]), first_input=first_input)

    def _learn_names(self, tables: Sequence[str]) -> None:
        # What is staged of a known event names nothing new.
        parts = [
            f"SELECT '{NAME_KINDS[column]}' AS kind, {column}.namespace AS namespace, {column}.name AS name"
            f" FROM staged_{table} WHERE {column} IS NOT NULL"
            for table in tables
            for column, _ in self.columns[table]
            if column in NAME_KINDS
        ]
        if not parts:
            return
        self.store.run(
            "INSERT INTO name SELECT nextval('name_sequence'), kind, namespace, name FROM"
            f" (SELECT kind, namespace, name FROM ({' UNION '.join(parts)})"
            " EXCEPT SELECT kind, namespace, name FROM name)"
        )

    def _learn_statements(self, staged: Sequence[str]) -> None:
        """Each shape that was never seen is understood once; literals that replay does not need are dropped."""
        store = self.store
        if {"stated_access", "run_sql"}.isdisjoint(staged):
            return
        store.run(TOLD_STATEMENTS)
        if not store.any("statement_told"):
            store.run(NO_STATEMENT)
            return
        self.reader.take_apart(store)
        store.run(SHAPED_STATEMENTS)
        self._learn_shapes(store.rows(NEW_SHAPES))
        store.run(BOUND_STATEMENTS.format(literals=self.reader.literals))

    def _learn_shapes(self, new: Sequence[Row]) -> None:
        """Understand shapes (shape, dialect, digest), and keep what each says and does with which tables."""
        ids = [number for (number,) in self.store.rows(NEW_IDS, count=len(new))]
        templates: list[Row] = []
        tables: list[Row] = []
        for template_id, (shape, dialect, digest) in zip(ids, new, strict=True):
            found = self.reader.understand(shape, dialect)
            kept_shape = shape if found.told else ""  # what is not understood may hold anything: keep its digest only
            # The digest as text: in a list, the client makes such large numbers floats.
            templates.append(
                (template_id, str(digest), dialect, kept_shape, found.parsed, found.returns, found.kept, found.mentions)
            )
            tables += [
                (template_id, table.no, table.parts, table.reads, table.write, table.sql_write, table.defines_view,
                 table.fields, table.scope, table.replay, table.joined, table.renames, table.part_of,
                 table.parted_from, table.changed, table.alone)
                for table in found.tables
            ]  # fmt: skip
        for name, rows, types in (("template", templates, TEMPLATES), ("template_table", tables, TABLES)):
            if rows:
                columns = dict(zip(types, zip(*rows, strict=True), strict=True))
                self.store.load(f"new_{name}", columns, types, plain=True)
                self.store.run(f"INSERT INTO {name} ({', '.join(types)}) SELECT {', '.join(types)} FROM new_{name}")


def _insert(table: str, columns: list[tuple[str, str]]) -> str:
    """INSERT … SELECT of one fact table: staged rows of fresh events, names and statements turned into numbers."""
    values, joins = [], []
    for number, (column, _) in enumerate(columns):
        if column == "event_id":
            values.append("f.event_id")
        elif column == "input_id":
            values.append(f"$first_input + {NUMBER}")
        elif column == "tie":
            values.append("(f.digest >> 96)::UINTEGER")
        elif column in ("template_id", "literals"):
            values.append(f"r.{column}")
        elif column in NAME_KINDS:
            values.append(f"n{number}.name_id")
            joins.append(
                f"LEFT JOIN name n{number} ON n{number}.kind = '{NAME_KINDS[column]}'"
                f" AND n{number}.namespace = s.{column}.namespace AND n{number}.name = s.{column}.name"
            )
        else:
            values.append(f"s.{column}")
    if any(column == "template_id" for column, _ in columns):
        joins.append("LEFT JOIN read_statement r ON r.statement = s.statement AND r.dialect = coalesce(s.dialect, '')")
    listed = ", ".join(column for column, _ in columns)
    return (
        f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)}"
        f" FROM staged_{table} s JOIN fresh f USING (position) {' '.join(joins)} {AT_THE_END}"
    )
