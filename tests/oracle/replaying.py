"""Replays a statement over the record entries of all its tables, in three-valued logic (semantics.md, section 5)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tests.oracle.model import Value
from tests.oracle.predicate import NotUnderstood, Row, Rows, joined
from tests.oracle.selects import Select, Source, Statement, parse


@dataclass(frozen=True)
class Content:
    """The rows that a table may have held at an access, and whether each surely was there; `closed`: no others."""

    rows: tuple[tuple[Row, bool], ...] = ()
    closed: bool = False

    def candidates(self) -> Iterator[tuple[Row, bool]]:
        yield from self.rows
        if not self.closed:
            yield {}, False


Contents = Callable[[str], Content]
"""What each table of a statement held, by the name that it has there."""


class Nulls(Mapping[str, Value]):
    """The row that an outer join fills in: NULL in every column."""

    def __getitem__(self, name: str) -> Value:
        return None

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True)
class Chance:
    """Whether something surely is so, and whether it may be."""

    must: bool
    may: bool


def completed(select: Select, left: tuple[Source, ...], rows: Rows, fixed: Mapping[str, Row], held: Contents) -> Chance:
    """Whether rows of the first sources are part of a row of the result, with some rows of those that are left.

    `fixed` are the rows that must take part.
    """
    if not left:
        found = select.where(rows)
        return Chance(found == {True}, True in found)
    source, rest = left[0], left[1:]
    given = fixed.get(source.alias)
    candidates = [(given, True)] if given is not None else list(held(source.table).candidates())
    must = may = matched = unmatched = False
    kept = True
    for row, there in candidates:
        with_row = {**rows, source.alias: row}
        on = source.on(with_row)
        if True not in on:
            continue
        further = completed(select, rest, with_row, fixed, held)
        sure = there and on == {True}
        must, may = must or (sure and further.must), may or further.may
        matched, unmatched = matched or sure, True
        kept = kept and further.must
    if source.outer and given is None and not matched:
        alone = completed(select, rest, {**rows, source.alias: Nulls()}, fixed, held)
        may = may or alone.may
        must = must or (alone.must and (not unmatched or kept))
    return Chance(must, may)


def flat(select: Select) -> Select:
    """The queries that must hold a row as sources of the query around them."""
    where, sources = select.where, select.sources
    for one in map(flat, select.inner):
        where, sources = joined(joined(where, one.where), one.link), sources + one.sources
    return replace(select, sources=sources, where=where, inner=())


def verdicts(select: Select, wanted: Callable[[Source], bool], row: Row, held: Contents) -> Iterator[bool | None]:
    """For each source that is wanted, whether the row is one that is read of it."""
    whole = flat(select)

    def of(one: Select, source: Source) -> bool | None:
        found = completed(one, one.sources, {}, {source.alias: row}, held)
        return True if found.must and not limited else None if found.may else False

    limited = select.limited
    for source in filter(wanted, select.sources):
        yield of(whole, source)
    for inner in select.inner:
        apart = all(alias in inner.aliases for alias, _ in inner.mentions)
        for source in filter(wanted, inner.sources):
            if apart:
                yield of(flat(inner), source)
            else:
                # Which other rows a query that looks at the outer row went through is not known.
                own = of(flat(inner), source)
                yield True if of(whole, source) is True else None if own is None or own else False


def replay(statement: str, names: frozenset[str], row: Row, held: Contents) -> bool | None:
    """True: the statement read or changed this row of a dataset of one of these names; False: it did not; None:
    unknown."""
    told = understood(statement)
    if told is None:
        return None

    def wanted(source: Source) -> bool:
        return any(name == source.table or name.endswith("." + source.table) for name in names)

    found = {one for select in told.selects for one in verdicts(select, wanted, row, held)}
    return True if True in found else None if None in found or not found else False


def understood(statement: str) -> Statement | None:
    try:
        return parse(statement)
    except NotUnderstood:
        return None
