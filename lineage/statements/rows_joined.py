"""The rows of a table that a replay finds together with rows of others.

The names in the SQL are those of ``replays``.
"""

from collections.abc import Iterable, Mapping

from lineage.statements.columns import Columns, Sources
from lineage.statements.parts import Source
from lineage.statements.predicates import scalar
from lineage.statements.rows_alone import anchors_of, find_alone, odd_kinds, sides_of
from lineage.statements.truths import Truth
from lineage.statements.variants import Edge, Variant

COMBINATIONS_AT_MOST = 5_000_000  # of rows and partners that nothing else joins


def find_together(variant: Variant, columns: Columns, test: Truth) -> str:
    """The target's rows that are in a combination with partners that were there."""
    tables = {source.id: source for source in (variant.target, *variant.partners)}
    anchors = anchors_of(variant)
    told, conditions = "", []
    for number, edge in enumerate(variant.edges):
        if edge.other:
            over = Sources(columns, {source.id: source.table for source in tables.values()})
            conditions.append(f"{scalar(edge.left, over)}.c = {scalar(edge.right[0], over)}.c")
        elif edge.left.table != variant.target.id or edge in anchors:
            held, items = sides_of(edge, columns, tables[edge.left.table])
            told += (
                f", (SELECT b.binding_id, unnest(list_distinct(list_transform({items}, lambda q: q.c))) AS e FROM b)"
                f" e{number}"
            )
            conditions.append(f"e{number}.binding_id = b.binding_id AND {held}.c = e{number}.e")
    sure = [f"coalesce({test.least}, false)"] if variant.sure else ["false"]
    for partner in variant.partners:
        name = partner.id
        conditions.append(_there(partner))
        sure.append(
            f"coalesce({name}.valid_from <= b.start_at"
            f" AND (b.end_at < {name}.certain_to OR {name}.certain_to IS NULL), false)"
        )
    conditions.append(test.most)
    partners = "".join(f", t{partner.table} {partner.id}" for partner in variant.partners)
    return (
        f"SELECT b.binding_id, {variant.target.id}.entry_id, bool_or({' AND '.join(sure)}) AS sure\n"
        f"FROM b, t{variant.target.table} {variant.target.id}{partners}{told}\n"
        f"WHERE {' AND '.join(conditions)}\nGROUP BY ALL"
    )


def find_uncertain(variant: Variant, columns: Columns, test: Truth, alone: Truth) -> list[str]:
    """The target's rows that may be in a combination which equal texts do not show.

    Because a partner's entries are not all known, or a side of an equality holds no value, or none of a kind that
    compares. Where the other equalities, or few entries, say which partners such a row may meet, it is tested with
    these; else what depends on partners is not known.
    """
    target = variant.target
    tables = {source.id: source for source in (target, *variant.partners)}
    over = Sources(columns, {source.id: source.table for source in tables.values()})
    links = tuple(edge for edge in variant.edges if edge.other)
    unknown = [
        f"NOT coalesce((SELECT bool_and(complete) FROM indexed_{partner.table}), false)"
        f" OR NOT EXISTS (SELECT 1 FROM there_{partner.table})"
        for partner in variant.partners
    ]
    odd_bindings: list[str] = []
    odd_entries: dict[Edge, str] = {}
    odd_partners: dict[Edge, tuple[str, str]] = {}
    for edge in variant.edges:
        left, other = edge.left.table, edge.other
        if not other and left != target.id:
            kinds = _kinds_held(scalar(edge.left, over), tables[left])
            _, items = sides_of(edge, columns, tables[left])
            odd_bindings.append(f"len(list_intersect({odd_kinds(items, edge.loose)}, {kinds})) > 0")
        elif other and target.id in (left, other):
            mine, theirs = (edge.left, edge.right[0]) if left == target.id else (edge.right[0], edge.left)
            partner = tables[other if left == target.id else left]
            odd_entries[edge] = _odd(scalar(mine, over), _kinds_held(scalar(theirs, over), partner))
            odd_theirs = _odd(scalar(theirs, over), _kinds_held(scalar(mine, over), target))
            odd_partners[edge] = (partner.id, _where(partner, odd_theirs))
        elif other:
            kinds = _kinds_held(scalar(edge.right[0], over), tables[other])
            held = f"list_transform({_kinds_held(scalar(edge.left, over), tables[left])}, lambda p: {{'k': p}})"
            unknown.append(f"len(list_intersect({odd_kinds(held, False)}, {kinds})) > 0")

    def pairs(bindings: Iterable[str] = (), entries: str = "", odd: bool = False) -> list[str]:
        some = f"(SELECT * FROM b WHERE {' OR '.join(bindings)})" if bindings else "b"
        return find_alone(variant, columns, alone, "false", some, _where(target, entries) if entries else "", odd)

    found = pairs(unknown)
    at_hand = {partner.id: f"t{partner.table}" for partner in variant.partners}
    maybe = [(one, links, at_hand) for one in pairs(odd_bindings)] if odd_bindings else []
    maybe += [(one, links, at_hand) for one in pairs(odd=True)]
    number = " + ".join(f"({one})::INTEGER" for one in odd_entries.values())
    for edge, one in odd_entries.items():
        others, (name, some) = tuple(other for other in links if other != edge), odd_partners[edge]
        maybe += [(query, others, at_hand | {name: some}) for query in pairs(entries=f"{one} AND {number} = 1")]
    if len(odd_entries) > 1:
        maybe += [(query, (), at_hand) for query in pairs(entries=f"{number} > 1")]
    return found + [_tested(query, variant, columns, test, edges, theirs) for query, edges, theirs in maybe]


def _tested(
    query: str, variant: Variant, columns: Columns, test: Truth, edges: Iterable[Edge], theirs: Mapping[str, str]
) -> str:
    """Of the rows that a query finds those that may be in a combination with partners (``theirs``: of each the entries
    that count), as far as the edges say which ones; where they do not say it of a partner and the combinations are too
    many, all of them."""
    tables = {source.id: source for source in (variant.target, *variant.partners)}
    over = Sources(columns, {source.id: source.table for source in tables.values()})
    target, met = variant.target, {variant.target.id}
    pairs = [{edge.left.table, edge.other} for edge in edges]
    while more := set().union(*(pair for pair in pairs if pair & met)) - met:
        met |= more
    loose = [told for name, told in theirs.items() if name not in met]
    number = " * ".join(f"(SELECT count(*) FROM {told})" for told in ("c", *loose))
    conditions = [f"{scalar(edge.left, over)}.c = {scalar(edge.right[0], over)}.c" for edge in edges]
    conditions += [_there(partner) for partner in variant.partners]
    partners = "".join(f", {told} {name}" for name, told in theirs.items())

    def tested(candidates: str) -> str:
        return (
            f"SELECT DISTINCT c.binding_id, c.entry_id, false AS sure FROM {candidates} c JOIN b USING (binding_id)"
            f" JOIN t{target.table} {target.id} ON {target.id}.entry_id = c.entry_id{partners}"
            f" WHERE {' AND '.join((*conditions, test.most))}"
        )

    if not loose:
        return tested(f"({query})")
    few = f"{number} <= {COMBINATIONS_AT_MOST}"
    return (
        f"FROM (WITH c AS MATERIALIZED ({query}) {tested(f'(FROM c WHERE {few})')} UNION ALL FROM c WHERE NOT ({few}))"
    )


def _there(partner: Source) -> str:
    """Whether an entry of a partner may have been there."""
    name = partner.id
    return f"coalesce({name}.valid_from <= b.end_at, true) AND coalesce(b.start_at < {name}.possible_to, true)"


def _odd(column: str, kinds: str) -> str:
    """Whether a column's equality with values of the kinds is not decided by their common text."""
    return f"len(list_intersect({odd_kinds(f'[{column}]', False)}, {kinds})) > 0"


def _where(source: Source, test: str) -> str:
    """The entries of a table that meet a test."""
    return f"(SELECT * FROM t{source.table} {source.id} WHERE {test})"


def _kinds_held(column: str, source: Source) -> str:
    """The kinds that the entries of a table hold in a column, as a list."""
    return f"coalesce((SELECT list(DISTINCT {column}.k) FROM t{source.table} {source.id}), []::VARCHAR[])"
