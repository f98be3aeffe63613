"""The rows of a table that a replay finds by what they hold themselves, and what the told values are.

The names in the SQL are those of ``replays``.
"""

import re

from lineage.statements import values
from lineage.statements.columns import Columns, Sources
from lineage.statements.parts import Source
from lineage.statements.predicates import listed, scalar, several
from lineage.statements.truths import Truth
from lineage.statements.variants import Edge, Variant

ANCHORS_AT_MOST = 2
_KEY_LIKE = re.compile(r"id|.*_id|key|uuid", re.IGNORECASE)
_ALL_KINDS = "[" + ", ".join(f"'{kind}'" for kind in values.KINDS) + "]"
# The kinds whose equality with a value of this kind is not decided by their common text.
_ODD = " ".join(
    f"WHEN '{kind}' THEN [{', '.join(repr(other) for other in values.KINDS if kind + other not in values.DECIDED)}]"
    for kind in values.KINDS
)


def find_alone(
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
    target, anchors = variant.target, anchors_of(variant)
    if odd and not anchors:
        return []
    there, found, unequal = entries or f"t{target.table}", "", []
    conditions = [f"{target.id}.dataset_id = b.dataset_id"]
    for number, edge in enumerate(anchors):
        held, items = sides_of(edge, columns, target)
        probes = f"list_transform({items}, lambda q: q.c)"
        told = (
            f"list_concat(list_transform(list_distinct({probes}), lambda q: 'c' || q),"
            f" list_transform({odd_kinds(items, edge.loose)}, lambda q: 'k' || q))"
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


def anchors_of(variant: Variant) -> list[Edge]:
    """The equalities of the target with told values that find most, as far as their names say."""
    able = [edge for edge in variant.edges if edge.left.table == variant.target.id and not edge.other]
    able.sort(key=lambda edge: (not _KEY_LIKE.fullmatch(edge.left.name), len(edge.right) > 1 or edge.array))
    return able[: 1 if able and _KEY_LIKE.fullmatch(able[0].left.name) else ANCHORS_AT_MOST]


def sides_of(edge: Edge, columns: Columns, source: Source) -> tuple[str, str]:
    """The column of an equality with told values, and these as a list."""
    over = Sources(columns, {source.id: source.table})
    if edge.array:
        return scalar(edge.left, over), listed(edge.right[0], over) or "NULL"
    return scalar(edge.left, over), several(edge.right, over)


def odd_kinds(items: str, loose: bool) -> str:
    """The kinds whose equality with one of the values is not decided by their common text; ``loose``: NULL may be any
    value. All of them where the values are not known."""
    null = _ALL_KINDS if loose else "[]::VARCHAR[]"
    kinds = f"flatten(list_transform({items}, lambda q: CASE q.k WHEN 'z' THEN {null} {_ODD} END))"
    return f"coalesce(list_distinct({kinds}), {_ALL_KINDS})"
