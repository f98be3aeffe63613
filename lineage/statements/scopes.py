"""Which source a name in a statement means."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from sqlglot import exp

from lineage.statements.parts import UNKNOWN

Fields = dict[str, set[str] | None]


@dataclass
class Relation:
    """What one name in FROM stands for. ``find(name)``: its column as an expression over sources, or None."""

    find: Callable[[str], exp.Expr | None]
    names: frozenset[str] | None
    """The columns that it surely has; None where any name may be one."""
    read_all: Callable[[], None]
    source: str = ""
    """The source, where the rows are a table's own."""


@dataclass
class Scope:
    """The names that a query's expressions can use, with the enclosing query's behind them."""

    parent: "Scope | None" = None
    rows: dict[str, Relation] = field(default_factory=dict)
    merged: dict[str, exp.Expr] = field(default_factory=dict)
    """The columns that USING made one."""
    aliases: frozenset[str] = frozenset()
    """Names of outputs that hide columns (in ORDER BY, and everywhere in some dialects)."""
    queries: dict[str, "Named"] = field(default_factory=dict)
    """The queries that WITH names."""

    def named(self, name: str) -> "Named | None":
        """The query of that name that is nearest."""
        return next((scope.queries[name] for scope in self.chain() if name in scope.queries), None)

    def chain(self) -> "Iterator[Scope]":
        """This scope and those around it, from the inside."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def find(self, column: exp.Column) -> exp.Expr:
        """The column over sources; ``UNKNOWN`` where it is not sure whose it is."""
        name, of = column.name, column.table
        if column.args.get("join_mark"):  # Oracle's (+): an outer join that is not followed
            return UNKNOWN.copy()
        if of:
            rows = next((scope.rows[of] for scope in self.chain() if of in scope.rows), None)
            if rows is None:  # a part of a column's value
                self.note(part.name for part in column.parts)
            return (rows.find(name) if rows else None) or UNKNOWN.copy()
        if name in self.aliases:
            return UNKNOWN.copy()
        for scope in self.chain():
            if name in scope.merged:
                return scope.merged[name].copy()
            if name in scope.rows:  # the whole row, where there is no column of that name
                scope.rows[name].read_all()
            able = [rows for rows in scope.rows.values() if rows.names is None or name in rows.names]
            found = [rows.find(name) for rows in able]
            if len(able) == 1 and found[0] is not None:
                return found[0]
            if able:
                return UNKNOWN.copy()
        return UNKNOWN.copy()

    def note(self, names: Iterable[str]) -> None:
        """Take columns of these names to be read, whosever they are."""
        for name in names:
            for scope in self.chain():
                for rows in scope.rows.values():
                    rows.find(name)


@dataclass
class Named:
    """A query of WITH. ``opaque``: what it reads is told already, its rows are not followed further."""

    query: exp.Expr
    columns: tuple[str, ...]
    scope: Scope
    opaque: bool


def table_rows(source: str, fields: Fields) -> Relation:
    """The rows of a table; the fields that are asked for are noted in ``fields``."""
    fields[source] = set()

    def find(name: str) -> exp.Expr:
        noted = fields[source]
        if noted is not None:
            noted.add(name)
        return exp.column(exp.to_identifier(name, quoted=True), table=source)

    def read_all() -> None:
        fields[source] = None

    return Relation(find, None, read_all, source)


def unknown_rows() -> Relation:
    """Rows that are not followed: any column is unknown."""
    return Relation(lambda name: UNKNOWN.copy(), None, lambda: None)


def joined_rows(names: Scope, read_all: Callable[[], None], columns: tuple[str, ...]) -> Relation:
    """The rows of joined tables under one name; ``read_all`` reads all that ``names`` hold."""

    def find(name: str) -> exp.Expr:
        return names.find(exp.column(exp.to_identifier(name, quoted=True)))

    return renamed_rows(Relation(find, None, read_all), columns)


def renamed_rows(rows: Relation, columns: tuple[str, ...]) -> Relation:
    """The rows of a table whose columns were given other names, which is not followed."""
    if not columns:
        return rows

    def find(name: str) -> exp.Expr:
        rows.read_all()
        return UNKNOWN.copy()

    return Relation(find, None, rows.read_all, rows.source)


def filled_rows(scope: Scope, side: Scope, ids: frozenset[str]) -> Scope:
    """The scope where the rows of one side of a join may be filled up with NULLs: all but plain columns of that side's
    sources would not be NULL then, as they stand, and are unknown."""

    def filled(one: exp.Expr) -> exp.Expr:
        return one if isinstance(one, exp.Column) and one.table in ids else UNKNOWN.copy()

    def found(rows: Relation, name: str) -> exp.Expr | None:
        one = rows.find(name)
        return one and filled(one)

    rows = {name: replace(one, find=partial(found, one)) for name, one in side.rows.items()}
    merged = {name: filled(one) if one is side.merged.get(name) else one for name, one in scope.merged.items()}
    return replace(scope, rows={**scope.rows, **rows}, merged=merged)


def with_rows(scope: Scope, alias: str, rows: Relation) -> Scope:
    """The scope with one more name; rows without a name are there too."""
    return replace(scope, rows={**scope.rows, alias or f"?{id(rows)}": rows}, merged=dict(scope.merged))
