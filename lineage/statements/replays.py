"""The replay of one table of a statement, as one query over its bindings and entries.

Names in the query: ``b`` the bindings, ``t1``, ``t2`` … the entries of each table, ``s1``, ``s2`` … its
sources; ``b.l0`` the first literal, ``b.p1`` the first bound value, ``s1.c0`` an attribute, each as the
struct that lineage.statements.values tells of. No value and no literal is in its text. A binding's `dataset_id` is the
table whose rows are meant, so a query without partners may be asked of many datasets at once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lineage.statements import truths, values
from lineage.statements.columns import Columns, Rows
from lineage.statements.parts import Source
from lineage.statements.predicates import listed, scalar, several, truth
from lineage.statements.truths import Truth
from lineage.statements.variants import Edge, Variant

ANCHORS_AT_MOST = 2
_KEY_LIKE = re.compile(r"id|.*_id|key|uuid", re.IGNORECASE)
# They begin with plain text, which is found many times faster than a boundary.
_TABLE, _TOLD = re.compile(r"t(?<!\wt)(\d+)\b"), re.compile(r"b\.(?<!\wb\.)(a?[lp]\d+|m\w+)\b")
_ALL_KINDS = "[" + ", ".join(f"'{kind}'" for kind in values.KINDS) + "]"
# The kinds whose equality with a value of this kind is not decided by their common text.
_ODD = " ".join(
    f"WHEN '{kind}' THEN [{', '.join(repr(other) for other in values.KINDS if kind + other not in values.DECIDED)}]"
    for kind in values.KINDS
)


@dataclass(frozen=True)
class Replayed:
    """The rows of a table that are meant: those of ``queries`` (binding_id, entry_id, sure), or all, or none.

    ``unknown``: any other may be meant too. ``sure``: some row may surely be meant. ``joined``: the queries
    look at other tables.
    """

    queries: tuple[str, ...] = ()
    all: bool = False
    unknown: bool = False
    sure: bool = False
    joined: bool = False

    def __or__(self, other: "Replayed") -> "Replayed":
        return Replayed(
            tuple(dict.fromkeys(self.queries + other.queries)),
            self.all or other.all,
            self.unknown or other.unknown,
            self.sure or other.sure,
            self.joined or other.joined,
        )


def both(read: Replayed, written: Replayed, table: int) -> Replayed:
    """Rows that are read and written in different ways: surely meant where both are, else where either may be."""
    if read.all and written.all:
        return read
    if read.unknown or written.unknown:
        return Replayed(unknown=True)
    some = read | written
    if read.all or written.all:
        return Replayed((*some.queries, everything(table)), sure=some.sure, joined=some.joined)
    tagged = " UNION ALL ".join(
        f"SELECT *, {n} AS way FROM ({query})" for n, one in enumerate((read, written)) for query in one.queries
    )
    query = (
        "SELECT binding_id, entry_id, count(DISTINCT way) FILTER (WHERE sure) = 2 AS sure"
        f" FROM ({tagged}) GROUP BY binding_id, entry_id"
    )
    return Replayed((query,) if some.queries else (), sure=read.sure and written.sure, joined=some.joined)


def replay_of(variant: Variant, columns: Columns) -> Replayed:
    """The queries that find the rows of a variant's target."""
    real = {source.id: source.table for source in (variant.target, *variant.partners)}
    filled: dict[str, int | None] = dict.fromkeys(variant.filled)
    test = truths.every(truth(one, Rows(columns, {**real, **filled})) for one in variant.tests)
    alone = truths.every(
        truth(one, Rows(columns, {variant.target.id: variant.target.table, **filled})) for one in variant.tests
    )
    if test.most == "false" or alone.most == "false":
        return Replayed()
    if not variant.partners:
        least = alone.least if variant.sure else "false"
        if alone.most == "true" and least in ("true", "false"):
            return Replayed(all=least == "true", unknown=least == "false")
        if alone.most == "true":  # any row may be meant, and some are for what else is asked of them
            met = Truth(alone.least, alone.least)
            return Replayed(tuple(_pairs(variant, columns, met, least)), unknown=True, sure=True)
        return Replayed(tuple(_pairs(variant, columns, alone, least)), sure=least != "false")
    sure = variant.sure and test.least != "false"
    together = _together(variant, columns, test)
    return Replayed((together, *_uncertain(variant, columns, test, alone)), sure=sure, joined=True)


def statement(columns: Columns, queries: Iterable[str]) -> str:
    """One query out of many: a row for each binding and entry that any of them finds, 'T' where one is sure."""
    body = "\nUNION ALL\n".join(queries)
    tables = sorted(set(map(int, _TABLE.findall(body))))
    return f"""WITH {_bindings(columns, body)}{"".join(_entries(columns, table) for table in tables)}
SELECT binding_id, entry_id, CASE WHEN bool_or(sure) THEN 'T' ELSE 'U' END AS truth
FROM (
{body}
) GROUP BY binding_id, entry_id"""


def everything(table: int) -> str:
    """All rows of a table, none of them surely."""
    return f"SELECT b.binding_id, s.entry_id, false AS sure FROM b, t{table} s WHERE s.dataset_id = b.dataset_id"


# What is prepared


def _bindings(columns: Columns, body: str) -> str:
    used = set(_TOLD.findall(body))
    first, second = values.told_values({name: source for name, source in columns.told.items() if name in used})
    arrays = "".join(
        f",\n    {values.array(source)} AS {name}" for name, source in columns.arrays.items() if name in used
    )
    lists = "".join(
        f",\n    {values.told_list(source)} AS {name}" for name, source in columns.lists.items() if name in used
    )
    return f"""b AS MATERIALIZED (
    SELECT binding_id, dataset_id, start_at, end_at{second}{arrays}{lists}
    FROM (SELECT binding_id, dataset_id, start_at, end_at, literals, bound{first} FROM bound_statement)
)"""


def _entries(columns: Columns, table: int) -> str:
    names = {name: columns.spellings(column) for column, name in columns.held.get(table, {}).items()}
    first, second = values.held_values(names)
    return f""", t{table} AS MATERIALIZED (
    SELECT entry_id, dataset_id, valid_from, certain_to, possible_to{second}
    FROM (SELECT entry_id, dataset_id, valid_from, certain_to, possible_to{first} FROM there_{table})
)"""


# Rows that are found by themselves


def _pairs(
    variant: Variant,
    columns: Columns,
    test: Truth,
    sure: str,
    bindings: str = "b",
    entries: str = "",
    odd: bool = False,
) -> list[str]:
    """A query over the bindings and the target's entries that may meet a test.

    They are joined where equalities with told values ask for it: on the values where these are of kinds that
    compare, on the kinds where they are not. ``odd``: only where the latter is so.
    """
    target, anchors = variant.target, _anchors(variant)
    if odd and not anchors:
        return []
    there, found, unequal = entries or f"t{target.table}", "", []
    conditions = [f"{target.id}.dataset_id = b.dataset_id"]
    for number, edge in enumerate(anchors):
        held, items = _sides(edge, columns, target)
        probes = f"list_transform({items}, lambda q: q.c)"
        told = (
            f"list_concat(list_transform(list_distinct({probes}), lambda q: 'c' || q),"
            f" list_transform({_odd_kinds(items, edge.loose)}, lambda q: 'k' || q))"
        )
        # Nothing but numbers stands beside each told value: a row with all that is told would be as long as the list.
        found += (
            f", (SELECT DISTINCT a.binding_id, h.entry_id"
            f" FROM (SELECT b.binding_id, b.dataset_id, unnest({told}) AS e FROM {bindings} b) a"
            f" JOIN (SELECT {target.id}.entry_id, {target.id}.dataset_id,"
            f" unnest(['c' || {held}.c, 'k' || {held}.k]) AS e FROM {there} {target.id}) h USING (dataset_id, e)"
            f") e{number}"
        )
        conditions.append(f"e{number}.binding_id = b.binding_id AND e{number}.entry_id = {target.id}.entry_id")
        unequal.append(f"NOT coalesce(list_contains({probes}, {held}.c), false)")
    if odd:
        conditions.append(f"({' OR '.join(unequal)})")
    conditions.append(test.most)
    return [
        f"SELECT b.binding_id, {target.id}.entry_id, coalesce({sure}, false) AS sure\n"
        f"FROM {bindings} b, {there} {target.id}{found}\nWHERE {' AND '.join(conditions)}"
    ]


def _anchors(variant: Variant) -> list[Edge]:
    """The equalities of the target with told values that find most, as far as their names say."""
    able = [edge for edge in variant.edges if edge.left.table == variant.target.id and not edge.other]
    able.sort(key=lambda edge: (not _KEY_LIKE.fullmatch(edge.left.name), len(edge.right) > 1 or edge.array))
    return able[: 1 if able and _KEY_LIKE.fullmatch(able[0].left.name) else ANCHORS_AT_MOST]


def _sides(edge: Edge, columns: Columns, source: Source) -> tuple[str, str]:
    """The column of an equality with told values, and these as a list."""
    rows = Rows(columns, {source.id: source.table})
    if edge.array:
        return scalar(edge.left, rows), listed(edge.right[0], rows) or "NULL"
    return scalar(edge.left, rows), several(edge.right, rows)


def _odd_kinds(items: str, loose: bool) -> str:
    null = _ALL_KINDS if loose else "[]::VARCHAR[]"
    kinds = f"flatten(list_transform({items}, lambda q: CASE q.k WHEN 'z' THEN {null} {_ODD} END))"
    return f"coalesce(list_distinct({kinds}), {_ALL_KINDS})"


# Rows that are found together with others


def _together(variant: Variant, columns: Columns, test: Truth, entries: str = "") -> str:
    """The target's rows (of ``entries``) that are in a combination with partners that were there."""
    tables = {source.id: source for source in (variant.target, *variant.partners)}
    anchors = _anchors(variant)
    told, conditions = "", []
    for number, edge in enumerate(variant.edges):
        if edge.other:
            rows = Rows(columns, {source.id: source.table for source in tables.values()})
            conditions.append(f"{scalar(edge.left, rows)}.c = {scalar(edge.right[0], rows)}.c")
        elif edge.left.table != variant.target.id or edge in anchors:
            held, items = _sides(edge, columns, tables[edge.left.table])
            told += (
                f", (SELECT b.binding_id, unnest(list_distinct(list_transform({items}, lambda q: q.c))) AS e FROM b)"
                f" e{number}"
            )
            conditions.append(f"e{number}.binding_id = b.binding_id AND {held}.c = e{number}.e")
    sure = [f"coalesce({test.least}, false)"] if variant.sure else ["false"]
    for partner in variant.partners:
        name = partner.id
        conditions.append(
            f"coalesce({name}.valid_from <= b.end_at, true) AND coalesce(b.start_at < {name}.possible_to, true)"
        )
        sure.append(
            f"coalesce({name}.valid_from <= b.start_at"
            f" AND (b.end_at < {name}.certain_to OR {name}.certain_to IS NULL), false)"
        )
    conditions.append(test.most)
    partners = "".join(f", t{partner.table} {partner.id}" for partner in variant.partners)
    there = entries or f"t{variant.target.table}"
    return (
        f"SELECT b.binding_id, {variant.target.id}.entry_id, bool_or({' AND '.join(sure)}) AS sure\n"
        f"FROM b, {there} {variant.target.id}{partners}{told}\nWHERE {' AND '.join(conditions)}\nGROUP BY ALL"
    )


def _uncertain(variant: Variant, columns: Columns, test: Truth, alone: Truth) -> list[str]:
    """The target's rows that may be in a combination which the entries do not show.

    Because a partner's entries are not all known, or hold no value, or none of a kind that compares, where an
    equality asks for one: then what depends on partners is not known. Where that is so of one equality alone, the
    others still say which partners may meet the row, and with these it is tested.
    """
    target = variant.target
    tables = {source.id: source for source in (target, *variant.partners)}
    rows = Rows(columns, {source.id: source.table for source in tables.values()})
    of_bindings: list[str] = []
    of_entries: dict[Edge, str] = {}
    for partner in variant.partners:
        of_bindings.append(
            f"NOT coalesce((SELECT bool_and(complete) FROM indexed_{partner.table}), false)"
            f" OR NOT EXISTS (SELECT 1 FROM there_{partner.table})"
        )
    for edge in variant.edges:
        left, other = edge.left.table, edge.other
        if not other and left != target.id:
            kinds = _kinds_held(scalar(edge.left, rows), tables[left])
            _, items = _sides(edge, columns, tables[left])
            of_bindings.append(f"len(list_intersect({_odd_kinds(items, edge.loose)}, {kinds})) > 0")
        elif other and target.id in (left, other):
            mine, partners = (edge.left, edge.right[0]) if left == target.id else (edge.right[0], edge.left)
            kinds = _kinds_held(scalar(partners, rows), tables[str(getattr(partners, "table", ""))])
            of_entries[edge] = f"len(list_intersect({_odd_kinds(f'[{scalar(mine, rows)}]', False)}, {kinds})) > 0"
        elif other:
            kinds = _kinds_held(scalar(edge.right[0], rows), tables[other])
            held = f"list_transform({_kinds_held(scalar(edge.left, rows), tables[left])}, lambda p: {{'k': p}})"
            of_bindings.append(f"len(list_intersect({_odd_kinds(held, False)}, {kinds})) > 0")
    bindings = f"(SELECT * FROM b WHERE {' OR '.join(of_bindings)})"
    found = _pairs(variant, columns, alone, "false", bindings=bindings)
    if len(of_entries) == 1:
        found += _pairs(variant, columns, alone, "false", entries=_where(target, *of_entries.values()))
    elif of_entries:
        odd = " + ".join(f"({one})::INTEGER" for one in of_entries.values())
        found += _pairs(variant, columns, alone, "false", entries=_where(target, f"{odd} > 1"))
        for edge, one in of_entries.items():
            others = replace(variant, edges=tuple(other for other in variant.edges if other != edge), sure=False)
            found.append(_together(others, columns, test, _where(target, f"{one} AND {odd} = 1")))
    return found + _pairs(variant, columns, alone, "false", odd=True)


def _where(source: Source, test: str) -> str:
    """The entries of a table that meet a test."""
    return f"(SELECT * FROM t{source.table} {source.id} WHERE {test})"


def _kinds_held(column: str, source: Source) -> str:
    """The kinds that the entries of a table hold in a column, as a list."""
    return f"coalesce((SELECT list(DISTINCT {column}.k) FROM t{source.table} {source.id}), []::VARCHAR[])"
