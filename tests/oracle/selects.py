"""Reads statements: their tables, joined or nested, the fields that they look at, and what is done to which."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from tests.oracle.predicate import (
    Condition,
    NotUnderstood,
    Reader,
    certainly,
    compare,
    either,
    joined,
    negated,
    simple,
    term,
)

CLAUSES = ("WHERE", "LIMIT", "GROUP", "RETURNING", "UNION", "JOIN", "LEFT", "ON", "USING", "SET")
TRUE: Condition = certainly(lambda rows: True)


@dataclass(frozen=True)
class Source:
    """A table in FROM; `outer`: LEFT JOIN, whose rows may be missing; `on` may look at the sources before it."""

    alias: str
    table: str
    outer: bool = False
    on: Condition = TRUE


@dataclass(frozen=True)
class Select:
    """`where` holds for what is read of all sources together; `inner` are the queries that it says must hold a row.

    `link` is what such a query is compared by; `mentions` are the (alias, column) that it looks at, None standing
    for all columns of an alias ('' for all of all).
    """

    sources: tuple[Source, ...]
    where: Condition = TRUE
    link: Condition = TRUE
    limited: bool = False
    inner: tuple["Select", ...] = ()
    mentions: frozenset[tuple[str, str | None]] = frozenset()

    @property
    def aliases(self) -> frozenset[str]:
        return frozenset(source.alias for source in self.sources)

    @property
    def all_sources(self) -> tuple[Source, ...]:
        return self.sources + tuple(source for one in self.inner for source in one.all_sources)

    @property
    def all_mentions(self) -> frozenset[tuple[str, str | None]]:
        return self.mentions.union(*(one.all_mentions for one in self.inner))


@dataclass(frozen=True)
class Statement:
    """`changes` is the alias of the table whose rows are changed; `returns`: it gives them back too; `columns` are
    those that are written, None standing for all."""

    selects: tuple[Select, ...]
    changes: str | None = None
    returns: bool = False
    columns: frozenset[str] | None = None

    def sources(self) -> Iterable[Source]:
        return (source for one in self.selects for source in one.all_sources)

    def tables_read(self) -> frozenset[str]:
        return frozenset(one.table for one in self.sources() if one.alias != self.changes or self.returns)

    def fields(self, table: str) -> frozenset[str] | None:
        """The columns of a table that are looked at; None: all, or not known which."""
        aliases = {one.alias for one in self.sources() if one.table == table}
        told = {mention for one in self.selects for mention in one.all_mentions}
        if any(column is None and alias in (*aliases, "") for alias, column in told):
            return None
        return frozenset(column for alias, column in told if alias in aliases and column)


def source(reader: Reader) -> tuple[str, str]:
    """The alias and the table of an item of FROM."""
    table = reader.word().lower()
    reader.take("AS")
    alias = table.rsplit(".", 1)[-1]
    if reader.at < len(reader.tokens) and not any(map(reader.peek, CLAUSES)):
        kind, told = reader.tokens[reader.at]
        if kind == "word":
            alias = told.lower()
            reader.next()
    return alias, table


def from_items(reader: Reader) -> list[Source]:
    found = [Source(*source(reader))]
    reader.sole = found[0].alias
    while True:
        if reader.take(","):
            found.append(Source(*source(reader)))
        elif reader.take("LEFT", "JOIN") or reader.peek("JOIN"):
            outer = not reader.take("JOIN")
            alias, table = source(reader)
            reader.sole = ""
            reader.need("ON")
            found.append(Source(alias, table, outer, either(reader)))
        else:
            if len({one.alias for one in found}) < len(found):
                raise NotUnderstood("one name for two sources")
            reader.sole = found[0].alias if len(found) == 1 else ""
            return found


def conditions(reader: Reader) -> tuple[Condition, tuple[Select, ...]]:
    """WHERE: plain conditions, and the queries that must hold a row."""
    where, inner = TRUE, []
    while True:
        if member := membership(reader):
            inner.append(member)
        else:
            where = joined(where, simple(reader))
        if reader.take("AND"):
            continue
        if not inner and reader.take("OR"):
            where = negated(joined(negated(where), negated(either(reader))))
        return where, tuple(inner)


def membership(reader: Reader) -> Select | None:
    """EXISTS (SELECT ...) or `column IN (SELECT column ...)`."""
    if reader.take("EXISTS", "("):
        found, _ = nested(reader)
        return found
    ahead = [word.upper() for _, word in reader.tokens[reader.at : reader.at + 4]]
    if ahead[1:] != ["IN", "(", "SELECT"]:
        return None
    left = term(reader)
    reader.need("IN", "(")
    found, items = nested(reader)
    if len(items) != 1:
        raise NotUnderstood("several columns")
    # What the inner query gives is a column of its own source.
    inside = Reader(items[0])
    inside.sole = found.sources[0].alias if len(found.sources) == 1 else ""
    right = term(inside)
    link = certainly(lambda rows: compare(left(rows), "=", right(rows)))
    mentions = found.mentions | inside.mentions
    return Select(found.sources, found.where, link, found.limited, found.inner, mentions)


def nested(reader: Reader) -> tuple[Select, list[str]]:
    """A query inside: what its columns without an alias belong to is its own."""
    outer, mentioned, reader.mentions = reader.sole, reader.mentions, set()
    found, items = select(reader)
    reader.need(")")
    reader.sole, reader.mentions = outer, mentioned
    return found, items


def select(reader: Reader) -> tuple[Select, list[str]]:
    """SELECT ... FROM ... WHERE ...; and the items that it shows, each as its text."""
    reader.need("SELECT")
    items = shown(reader)
    reader.need("FROM")
    sources = from_items(reader)
    where, inner = conditions(reader) if reader.take("WHERE") else (TRUE, ())
    if reader.take("GROUP", "BY"):
        term(reader)
    limited = reader.take("LIMIT")
    if limited:
        reader.next()
    mentions: set[tuple[str, str | None]] = set(reader.mentions)
    for item in items:
        if item == "*" or item.endswith(".*"):
            mentions.add(
                (item[:-2].lower(), None) if item != "*" else (sources[0].alias if len(sources) == 1 else "", None)
            )
        elif re.fullmatch(r"[\w.]+", item) and not item.isdigit():
            path = item.lower().split(".")
            mentions.add((path[-2] if len(path) > 1 else reader.sole, path[-1]))
    return Select(tuple(sources), where, TRUE, limited, inner, frozenset(mentions)), items


def shown(reader: Reader) -> list[str]:
    """The items up to FROM, without what is inside their brackets."""
    start = reader.at
    reader.skip_to("FROM")
    text = "".join(word for _, word in reader.tokens[start : reader.at])
    return [re.sub(r"\(.*\)", "()", item) for item in text.split(",")]


@cache
def parse(statement: str) -> Statement:
    """Raises NotUnderstood for what is outside the grammar."""
    reader = Reader(re.sub(r"(\w)\.\s*\*", r"\1.* ", statement))
    copied = reader.take("COPY", "(")
    into, columns = None, None
    if not copied and reader.take("INSERT", "INTO"):
        into = reader.word()
        start = reader.at
        reader.skip_to(")")
        columns = frozenset(word.lower() for kind, word in reader.tokens[start : reader.at] if kind == "word")
        reader.need(")")
    if reader.peek("SELECT"):
        found = [select(reader)[0]]
        while reader.take("UNION"):
            reader.take("ALL")
            reader.mentions = set()
            found.append(select(reader)[0])
        told = Statement(tuple(found), columns=columns)
    elif not copied and not into and (reader.peek("UPDATE") or reader.peek("DELETE")):
        told = changing(reader)
    else:
        raise NotUnderstood(statement)
    if copied:
        reader.need(")", "TO", "STDOUT")
    reader.end()
    return told


def changing(reader: Reader) -> Statement:
    columns = None
    if reader.take("UPDATE"):
        alias, table = source(reader)
        reader.need("SET")
        columns = frozenset({reader.tokens[reader.at][1].lower()})  # one is set at a time
        reader.skip_to("WHERE", "RETURNING", "FROM")
        more = reader.take("FROM")
    else:
        reader.need("DELETE", "FROM")
        alias, table = source(reader)
        more = reader.take("USING")
    sources = [Source(alias, table), *(from_items(reader) if more else ())]
    reader.sole = "" if more else alias
    where, inner = conditions(reader) if reader.take("WHERE") else (TRUE, ())
    mentions: set[tuple[str, str | None]] = set(reader.mentions)
    returns = reader.take("RETURNING")
    if returns:
        start = reader.at
        reader.skip_to(";")
        names = "".join(word for _, word in reader.tokens[start : reader.at]).split(",")
        mentions |= {(alias, name.rsplit(".", 1)[-1].lower()) for name in names}
    changed = Select(tuple(sources), where, TRUE, False, inner, frozenset(mentions))
    return Statement((changed,), alias, returns, columns)
