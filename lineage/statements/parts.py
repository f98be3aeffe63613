"""What a query is made of, once names are resolved: sources and the conditions their rows must meet."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

# An expression that is not understood: whatever it says is UNKNOWN.
UNKNOWN = exp.Var(this="?")
# The rows that INSERT … VALUES makes, one AND of ``column = value`` each. (The parser's classes cannot be
# derived from where it is compiled; this one never stands in a condition that was parsed.)
Inserted = exp.Whens


class TooComplex(Exception):
    """A statement with more sources or alternatives than are worth telling apart."""


@dataclass(frozen=True)
class Source:
    """One use of a table (``table`` is its number), or of something else that gives rows (``table`` None).

    ``told`` says that the rows read through this use are told by another part already. ``blind``: which
    rows it gives is not told by its conditions (time travel, pivots).
    """

    id: str
    table: int | None
    told: bool = False
    blind: bool = False


@dataclass(frozen=True)
class Condition:
    """A condition, its columns qualified by source ids. It holds only where something of each of ``needs`` is a row.

    (The ON of an outer join says nothing where that side as a whole is filled up with NULLs.)
    """

    test: exp.Expr
    needs: frozenset[frozenset[str]] = frozenset()

    def holds(self, filled: frozenset[str]) -> bool:
        """Whether it says something where the sources in ``filled`` are filled up with NULLs."""
        return not any(need <= filled for need in self.needs)

    @property
    def ids(self) -> frozenset[str]:
        """The sources that it looks at."""
        return frozenset(column.table for column in self.test.find_all(exp.Column))


@dataclass(frozen=True)
class Part:
    """Sources joined under conditions. ``optional``: groups of sources that may be filled up with NULLs.

    ``sure``: every combination of rows that meets the conditions is in the result.
    """

    sources: tuple[Source, ...] = ()
    conditions: tuple[Condition, ...] = ()
    optional: tuple[frozenset[str], ...] = ()
    sure: bool = True

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(source.id for source in self.sources)

    def with_tests(self, tests: Iterable[exp.Expr]) -> "Part":
        """Narrowed by further tests, their columns qualified."""
        more = tuple(Condition(part) for test in tests for part in conjuncts(test))
        return replace(self, conditions=self.conditions + more)

    def under(self) -> "Part":
        """The same as a side that may be filled up: its conditions hold only where something of it is a row."""
        return replace(self, conditions=tuple(Condition(one.test, one.needs | {self.ids}) for one in self.conditions))

    def beside(self, other: "Part") -> "Part":
        """The cross product of both."""
        return Part(
            self.sources + other.sources,
            self.conditions + other.conditions,
            self.optional + other.optional,
            self.sure and other.sure,
        )


@dataclass(frozen=True)
class Use:
    """A use of a table: the rows of ``source`` that take part in ``part`` (None: not known which).

    ``write`` is 'create', 'update' or 'delete', or None for a read; ``none``: no row at all.
    """

    table: int
    source: str = ""
    part: Part | None = None
    write: str | None = None
    reads: bool = True
    none: bool = False


def conjuncts(test: exp.Expr) -> list[exp.Expr]:
    """The conditions that all must hold for this one to hold."""
    test = test.unnest()
    if isinstance(test, exp.And):
        return [part for side in test.flatten() for part in conjuncts(side)]
    return [test]


def join(left: Part, right: Part, side: str, on: Iterable[exp.Expr]) -> Part:
    """Two parts joined; ``side`` is '' (inner), 'LEFT', 'RIGHT' or 'FULL'."""
    optional: tuple[frozenset[str], ...] = ()
    if side in ("LEFT", "FULL"):
        optional += (right.ids,)
    if side in ("RIGHT", "FULL"):
        optional += (left.ids,)
    joined = (left.under() if side in ("RIGHT", "FULL") else left).beside(
        right.under() if side in ("LEFT", "FULL") else right
    )
    met = tuple(Condition(part, frozenset(optional)) for test in on for part in conjuncts(test))
    return replace(joined, conditions=joined.conditions + met, optional=joined.optional + optional)
