"""Conditions of simple statements in three-valued logic: a tokenizer, a parser and a set-valued evaluator.

Every expression is worth the set of the outcomes that it may have had at the source: True, False, and None
for SQL's NULL. A column that an entry does not hold may have been anything, and so may all over it; only
AND, OR and NOT decide past it. A condition looks at one row of each source, known by the source's alias.
"""

import re
from collections.abc import Callable, Mapping

from tests.oracle.model import Value

Outcomes = frozenset[bool | None]
Row = Mapping[str, Value]
Rows = Mapping[str, Row]
"""One row of each source, by its alias."""

Condition = Callable[[Rows], Outcomes]
Term = Callable[[Rows], Value]

ANY: Outcomes = frozenset((True, False, None))

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w$.]*)"
    r"|(?P<sign><>|!=|<=|>=|[=<>(),*;]))"
)


class NotUnderstood(Exception):
    """The statement is outside the grammar: its scope is unknown."""


class NotHeld(Exception):
    """The value of a term is not known."""


def tokens_of(statement: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, text = 0, statement.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise NotUnderstood(text[at:])
        at = match.end()
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
    return found


class Reader:
    """Reads tokens from left to right, and notes the columns that are looked at, as (alias, column)."""

    def __init__(self, statement: str) -> None:
        self.tokens = tokens_of(statement)
        self.at = 0
        self.sole = ""
        """The alias that a column without one belongs to; '' where there are several."""
        self.mentions: set[tuple[str, str]] = set()

    def peek(self, *words: str) -> bool:
        ahead = self.tokens[self.at : self.at + len(words)]
        return [word.upper() for _, word in ahead] == list(words)

    def take(self, *words: str) -> bool:
        if not self.peek(*words):
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.take(*words):
            raise NotUnderstood(" ".join(words))

    def next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise NotUnderstood("end")
        self.at += 1
        return self.tokens[self.at - 1]

    def word(self) -> str:
        kind, word = self.next()
        if kind != "word":
            raise NotUnderstood(word)
        return word

    def skip_to(self, *stops: str) -> None:
        while self.at < len(self.tokens) and not any(self.peek(stop) for stop in stops):
            self.at += 1

    def end(self) -> None:
        self.take(";")
        if self.at != len(self.tokens):
            raise NotUnderstood(self.tokens[self.at][1])


def column(reader: Reader, name: str) -> Term:
    path = name.lower().split(".")
    alias, bare = (path[-2] if len(path) > 1 else reader.sole), path[-1]
    reader.mentions.add((alias, bare))

    def held(rows: Rows) -> Value:
        if bare not in rows.get(alias, {}):
            raise NotHeld(bare)
        return rows[alias][bare]

    return held


def term(reader: Reader) -> Term:
    if reader.take("COALESCE", "("):
        options = [term(reader)]
        while reader.take(","):
            options.append(term(reader))
        reader.need(")")

        def first(rows: Rows) -> Value:
            values = [option(rows) for option in options]
            return next((value for value in values if value is not None), None)

        return first
    kind, told = reader.next()
    if kind == "text":
        text = told[1:-1].replace("''", "'")
        return lambda rows: text
    if kind == "number":
        number = float(told)
        return lambda rows: number
    if kind != "word" or told.upper() in ("SELECT", "CASE", "EXISTS", "AND", "OR", "NOT"):
        raise NotUnderstood(told)
    if told.upper() == "NULL":
        return lambda rows: None
    if reader.peek("("):
        raise NotUnderstood(told)
    return column(reader, told)


def compare(left: Value, sign: str, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, str) is not isinstance(right, str):
        raise NotHeld("text compared with a number")
    if sign in ("=", "<>", "!="):
        return (left == right) is (sign == "=")
    if isinstance(left, str) or isinstance(right, str):
        raise NotHeld("the order of texts is the collation's")
    order = (left > right) - (left < right)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[sign]


def certainly(evaluate: Callable[[Rows], bool | None]) -> Condition:
    def outcomes(rows: Rows) -> Outcomes:
        try:
            return frozenset((evaluate(rows),))
        except NotHeld:
            return ANY

    return outcomes


def negated(condition: Condition) -> Condition:
    return lambda rows: frozenset(None if one is None else not one for one in condition(rows))


def both(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else None if None in (one, other) else True


def joined(left: Condition, right: Condition) -> Condition:
    return lambda rows: frozenset(both(one, other) for one in left(rows) for other in right(rows))


def simple(reader: Reader) -> Condition:
    if reader.take("NOT"):
        return negated(simple(reader))
    if reader.take("("):
        inner = either(reader)
        reader.need(")")
        return inner
    if reader.take("TRUE"):
        return lambda rows: frozenset((True,))
    left = term(reader)
    if reader.take("IS"):
        wanted = not reader.take("NOT")
        reader.need("NULL")
        return certainly(lambda rows: (left(rows) is None) is wanted)
    without = reader.take("NOT", "IN")
    if without or reader.take("IN"):
        reader.need("(")
        options = [term(reader)]
        while reader.take(","):
            options.append(term(reader))
        reader.need(")")

        def among(rows: Rows) -> bool | None:
            value = left(rows)
            found = [compare(value, "=", option(rows)) for option in options]
            return True if True in found else None if None in found else False

        return negated(certainly(among)) if without else certainly(among)
    kind, sign = reader.next()
    if kind != "sign" or sign in "(),*;":
        raise NotUnderstood(sign)
    right = term(reader)
    return certainly(lambda rows: compare(left(rows), sign, right(rows)))


def all_of(reader: Reader) -> Condition:
    condition = simple(reader)
    while reader.take("AND"):
        condition = joined(condition, simple(reader))
    return condition


def either(reader: Reader) -> Condition:
    condition = all_of(reader)
    while reader.take("OR"):
        condition = negated(joined(negated(condition), negated(all_of(reader))))
    return condition
