"""Three-valued logic with what is not known apart from SQL's NULL, and comparisons in it.

A condition becomes two SQL booleans: what it is at least and at most, in the order FALSE < NULL < TRUE,
whatever the values are that are not known. SQL's own AND, OR and NOT keep that order, so a row surely
meets a condition where ``least`` is TRUE, and surely does not where ``most`` is not TRUE.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from lineage.statements import values

_COLUMN = re.compile(r"\w+\.\w+")


@dataclass(frozen=True)
class Truth:
    """A condition as SQL: what it is at least, and at most."""

    least: str
    most: str

    def __invert__(self) -> "Truth":
        return Truth(_not(self.most), _not(self.least))


TRUE, FALSE, UNKNOWN = Truth("true", "true"), Truth("false", "false"), Truth("false", "true")


def _not(test: str) -> str:
    return {"true": "false", "false": "true"}.get(test) or f"(NOT {test})"


def every(tests: Iterable[Truth]) -> Truth:
    """What all of them are together (AND)."""
    given = list(tests)
    return Truth(_joined("AND", [one.least for one in given]), _joined("AND", [one.most for one in given]))


def some(tests: Iterable[Truth]) -> Truth:
    """What any of them is (OR)."""
    given = list(tests)
    return Truth(_joined("OR", [one.least for one in given]), _joined("OR", [one.most for one in given]))


def _joined(word: str, tests: list[str]) -> str:
    """SQL's AND or OR of conditions, without those that say nothing."""
    idle, final = ("true", "false") if word == "AND" else ("false", "true")
    telling = [test for test in dict.fromkeys(tests) if test != idle]
    if final in telling or not telling:
        return final if telling else idle
    return telling[0] if len(telling) == 1 else f"({f' {word} '.join(telling)})"


def or_false(test: Truth) -> Truth:
    """The test where NULL may be FALSE."""
    return Truth(f"coalesce({test.least}, false)", test.most)


def or_any(test: Truth) -> Truth:
    """The test where NULL may be either."""
    return Truth(f"coalesce({test.least}, false)", f"coalesce({test.most}, true)")


def let(made: Callable[..., str], *given: str) -> str:
    """SQL made of given SQL, each of which it may repeat: what is not a plain column is computed once."""
    if all(_COLUMN.fullmatch(one) for one in given):
        return made(*given)
    fields = ", ".join(f"'x{number}': {one}" for number, one in enumerate(given))
    names = (f"v.x{number}" for number in range(len(given)))
    return f"list_transform([{{{fields}}}], lambda v: {made(*names)})[1]"


def either(decide: Callable[..., str], *given: str) -> Truth:
    """A truth from one text over ``given`` and what is not known, which is FALSE at least and TRUE at most."""
    if values.NOT_KNOWN in given:
        return UNKNOWN
    return Truth(let(partial(decide, "false"), *given), let(partial(decide, "true"), *given))


def equal(one: str, other: str) -> Truth:
    """``one = other``. Numbers with a fraction may be less exact in the source: the same digits do not decide; nor do
    blanks at the end, which a column of fixed length loses where it is compared with a text."""
    return either(_equal, one, other)


def _equal(unknown: str, one: str, other: str) -> str:
    return f"""CASE
        WHEN '?' IN ({one}.k, {other}.k) THEN {unknown}
        WHEN {one}.k = 'z' OR {other}.k = 'z' THEN NULL
        WHEN {one}.k IN {values.TEXTS} AND {other}.k IN {values.TEXTS} AND {one}.v = {other}.v
            THEN {one}.v = rtrim({one}.v) OR {unknown}
        WHEN {one}.k || {other}.k IN {values.DECIDED} THEN CASE
            WHEN {one}.c <> {other}.c THEN false
            WHEN {one}.k = 'n' OR {other}.k = 'n' THEN {unknown} OR NOT (contains({one}.c, '.')
                OR ({one}.k = 'u' AND {one}.v <> {one}.c) OR ({other}.k = 'u' AND {other}.v <> {other}.c))
            ELSE {one}.v = {other}.v OR {unknown} END
        WHEN {one}.i IS NOT NULL AND {other}.i IS NOT NULL THEN CASE
            WHEN abs({one}.i - {other}.i) > {_apart(one, other)} THEN false
            ELSE 't' IN ({one}.k, {other}.k) AND {one}.w + {other}.w = 0 OR {unknown} END
        WHEN {one}.v IN {values.BOOLEANS} AND {other}.v IN {values.BOOLEANS}
            AND {one}.k IN ('b', 's', 'v') AND {other}.k IN ('b', 's', 'v') THEN CASE
            WHEN left({one}.v, 1) <> left({other}.v, 1) THEN false
            ELSE 'b' IN ({one}.k, {other}.k) OR {unknown} END
        ELSE {unknown} END"""


def _apart(one: str, other: str) -> str:
    """How far two instants must be from one another to differ: as far as both may be off and, where a date is compared
    with a text that tells a time of day, by the time of day, which the source may leave out."""
    return f"({one}.w + {other}.w + CASE WHEN {one}.k || {other}.k IN ('eD', 'De') THEN {values.DAY} ELSE 0 END)"


def less(one: str, other: str, sign: str) -> Truth:
    """``one < other`` (or <=, >, >=) of numbers, dates and instants; how other texts are ordered is not known."""
    below, above = ("true", "false") if sign in ("<", "<=") else ("false", "true")

    def decide(unknown: str, one: str, other: str) -> str:
        return f"""CASE
            WHEN '?' IN ({one}.k, {other}.k) THEN {unknown}
            WHEN {one}.k = 'z' OR {other}.k = 'z' THEN NULL
            WHEN {one}.k || {other}.k IN {values.NUMERIC} THEN CASE
                WHEN {one}.n = {other}.n AND contains({one}.c, '.') THEN {unknown} ELSE {one}.n {sign} {other}.n END
            WHEN {one}.k = 'e' AND {other}.k = 'e' THEN {one}.v {sign} {other}.v
            WHEN {one}.i IS NOT NULL AND {other}.i IS NOT NULL THEN CASE
                WHEN {one}.i < {other}.i - {_apart(one, other)} THEN {below}
                WHEN {one}.i > {other}.i + {_apart(one, other)} THEN {above}
                WHEN 't' IN ({one}.k, {other}.k) AND {one}.w + {other}.w = 0 THEN {one}.i {sign} {other}.i
                ELSE {unknown} END
            ELSE {unknown} END"""

    return either(decide, one, other)


def same(one: str, other: str) -> Truth:
    """``one IS NOT DISTINCT FROM other``."""

    def decide(unknown: str, one: str, other: str) -> str:
        return f"""CASE
            WHEN '?' IN ({one}.k, {other}.k) THEN {unknown}
            WHEN {one}.k = 'z' OR {other}.k = 'z' THEN {one}.k = {other}.k
            ELSE {_equal(unknown, one, other)} END"""

    return either(decide, one, other)


def is_null(one: str) -> Truth:
    return either(lambda unknown, one: f"CASE {one}.k WHEN '?' THEN {unknown} ELSE {one}.k = 'z' END", one)


def is_true(one: str, *, texts: bool) -> Truth:
    """A value that stands where a condition is asked for. ``texts``: the source knows booleans written as texts."""
    kinds = "('b', 's')" if texts else "('B')"

    def decide(unknown: str, one: str) -> str:
        return f"""CASE
            WHEN {one}.k = 'z' THEN NULL
            WHEN {one}.k IN {kinds} AND {one}.v IN {values.BOOLEANS} THEN left({one}.v, 1) = 't'
            ELSE {unknown} END"""

    return either(decide, one)


def like(text: str, pattern: str, folds_case: bool) -> Truth:
    """LIKE with % and _ alone, on texts that every source compares alike; UNKNOWN where case does not count."""

    def decide(unknown: str, text: str, pattern: str) -> str:
        return f"""CASE
            WHEN '?' IN ({text}.k, {pattern}.k) THEN {unknown}
            WHEN {text}.k = 'z' OR {pattern}.k = 'z' THEN NULL
            WHEN {text}.k NOT IN ('s', 'e', 'k', 'K') OR {pattern}.k NOT IN ('s', 'e', 'u', 'v') THEN {unknown}
            WHEN contains({pattern}.v, chr(92)) OR {text}.v <> rtrim({text}.v) THEN {unknown}
            WHEN contains({pattern}.v, '_') AND NOT regexp_full_match({text}.v || {pattern}.v, '[[:ascii:]]*')
                THEN {unknown}
            ELSE {text}.v LIKE {pattern}.v OR (lower({text}.v) LIKE lower({pattern}.v) AND {unknown}) END"""

    return UNKNOWN if folds_case else either(decide, text, pattern)


def among(one: str, listed: str) -> Truth:
    """``one IN (…)`` over a list of values as SQL; what is not known where the list is NULL."""

    def decide(unknown: str, one: str, listed: str) -> str:
        # Those that surely differ say nothing, and of a long list they are nearly all.
        telling = f"list_filter({listed}, lambda q: q.c = {one}.c OR ({one}.k || q.k) NOT IN {values.DECIDED})"
        return f"""CASE WHEN {listed} IS NULL THEN {unknown} ELSE list_reduce(
            list_transform({telling}, lambda q: {_equal(unknown, one, "q")}), lambda p, q: p OR q, false) END"""

    return either(decide, one, listed)
