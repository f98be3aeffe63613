"""The ways in which a row of one source takes part in a part: with which others, and which are filled up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations

from sqlglot import exp

from lineage.statements import values
from lineage.statements.parts import Condition, Inserted, Part, Source

OPTIONAL_AT_MOST = 2
PARTNERS_AT_MOST = 5
_RANDOM = frozenset(
    [
        "random",
        "rand",
        "gen_random_uuid",
        "uuid_generate_v1",
        "uuid_generate_v4",
        "nextval",
        "setval",
        "currval",
        "lastval",
        "clock_timestamp",
        "timeofday",
        "setseed",
        "newid",
        "generate_uuid",
        "uuid_string",
        "randstr",
        "uniform",
    ]
)


@dataclass(frozen=True)
class Edge:
    """An equality that must hold, between a source's column and another source's or a value told.

    ``right`` holds one expression, or those of an IN list, or an array; ``array`` says so. ``loose``: a NULL
    on the right stands for a value that the statement does not tell.
    """

    left: exp.Column
    right: tuple[exp.Expr, ...]
    array: bool = False
    loose: bool = False

    @property
    def other(self) -> str:
        """The source on the right; '' for values that the statement tells."""
        one = self.right[0]
        return str(one.table) if isinstance(one, exp.Column) else ""


@dataclass(frozen=True)
class Variant:
    """One way: ``target`` with its ``partners`` under ``tests``. Columns of ``filled`` are NULL.

    ``edges`` link the target, its partners and what the statement tells. ``sure``: a combination that
    meets the tests is one of the result; else it may be one.
    """

    target: Source
    partners: tuple[Source, ...]
    filled: frozenset[str]
    tests: tuple[exp.Expr, ...]
    edges: tuple[Edge, ...]
    sure: bool


def variants(part: Part, target: Source) -> list[Variant] | None:
    """The ways in which the rows of a source take part in a part; None where that is not known."""
    if any(source.blind for source in part.sources) or any(_is_random(one.test) for one in part.conditions):
        return None
    groups, conditions = _needed(part, target)
    if len(groups) > OPTIONAL_AT_MOST:
        return None
    gone = frozenset().union(*(group for group in part.optional if target.id not in group and group not in groups))
    found = []
    for filled in _subsets(groups):
        met = tuple(one.test for one in conditions if one.holds(filled))
        rows = [source for source in part.sources if source.id not in filled | gone and source != target]
        edges = tuple(edge for test in met for edge in _edges(test) if not _ids(edge) & filled)
        partners, linked = _linked(target, rows, edges)
        sure = part.sure and not filled and len(partners) == len(rows)
        found.append(Variant(target, partners, filled, met, linked, sure))
    return found


def _needed(part: Part, target: Source) -> tuple[list[frozenset[str]], list[Condition]]:
    """The optional groups that decide whether a row of the target is in the result, and the conditions that do.

    A group that nothing but its own ON looks at decides nothing: its rows are there or filled up.
    """
    groups = [group for group in part.optional if target.id not in group]
    conditions = list(part.conditions)
    while True:
        idle = [group for group in groups if not any(one.ids & group and one.holds(group) for one in conditions)]
        if not idle:
            return groups, conditions
        groups = [group for group in groups if group not in idle]
        conditions = [one for one in conditions if all(map(one.holds, idle))]


def _subsets(groups: list[frozenset[str]]) -> Iterator[frozenset[str]]:
    for some in chain.from_iterable(combinations(groups, size) for size in range(len(groups) + 1)):
        yield frozenset().union(*some)


def _linked(target: Source, rows: list[Source], edges: tuple[Edge, ...]) -> tuple[tuple[Source, ...], tuple[Edge, ...]]:
    """The tables that equalities link to the target or to what the statement tells, and these equalities."""
    able = {source.id: source for source in rows if source.table}
    known = {target.id, ""}
    partners: list[Source] = []
    more = True
    while more and len(partners) < PARTNERS_AT_MOST:
        more = False
        for edge in edges:
            for one, other in ((edge.left.table, edge.other), (edge.other, edge.left.table)):
                if one in known and other in able and other not in known:
                    known.add(other)
                    partners.append(able[other])
                    more = True
    used = tuple(edge for edge in edges if {edge.left.table, edge.other} <= known and edge.left.table != edge.other)
    return tuple(partners), used


def _ids(edge: Edge) -> frozenset[str]:
    return frozenset({str(edge.left.table), edge.other})


def _edges(test: exp.Expr) -> list[Edge]:
    """The equality that a condition is, or the equalities, if it compares rows of values."""
    test = test.unnest()
    if isinstance(test, exp.EQ):
        left, right = test.this.unnest(), test.expression.unnest()
        if (
            isinstance(left, exp.Tuple)
            and isinstance(right, exp.Tuple)
            and len(left.expressions) == len(right.expressions)
        ):
            pairs = zip(left.expressions, right.expressions, strict=True)
            return [edge for a, b in pairs for edge in _edges(exp.EQ(this=a.copy(), expression=b.copy()))]
        if isinstance(right, exp.Any) and isinstance(left, exp.Column):
            array = right.this.unnest()
            if isinstance(array, exp.Array):
                return _edge(left, array.expressions)
            inner = array.this if isinstance(array, exp.Cast) else array
            return [Edge(left, (array,), array=True)] if _is_told(inner) else []
        if not isinstance(left, exp.Column):
            left, right = right, left
        if isinstance(left, exp.Column) and isinstance(right, exp.Column):
            return [Edge(left, (right,))]
        return _edge(left, [right]) if isinstance(left, exp.Column) else []
    if isinstance(test, exp.Or):
        # One of several values, written out.
        ways = [_edges(side) for side in test.flatten()]
        plain = [way[0] for way in ways if len(way) == 1 and not way[0].other and not way[0].array]
        if len(plain) == len(ways) and len({edge.left for edge in plain}) == 1:
            return [Edge(plain[0].left, tuple(item for edge in plain for item in edge.right))]
        return []
    if isinstance(test, Inserted):
        firsts = [next(made.find_all(exp.EQ)) for made in test.expressions]
        return [replace(edge, loose=True) for edge in _edge(firsts[0].this, [one.expression for one in firsts])]
    if isinstance(test, exp.In) and isinstance(test.this.unnest(), exp.Column):
        return _edge(test.this.unnest(), test.expressions)
    return []


def _edge(left: exp.Column, items: list[exp.Expr]) -> list[Edge]:
    """An equality with one of several values that the statement tells."""
    plain = [item.unnest() for item in items]
    return [Edge(left, tuple(plain))] if plain and all(map(_is_told, plain)) else []


def _is_told(item: exp.Expr) -> bool:
    return any(found(item) is not None for found in (values.literal_index, values.bound_index, values.bound_name))


def _is_random(test: exp.Expr) -> bool:
    return any(
        isinstance(node, (exp.Rand, exp.Randn, exp.Uuid)) or str(node.name).lower() in _RANDOM
        for node in test.find_all(exp.Func)
    )
