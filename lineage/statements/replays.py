"""The replay of one table of a statement, as one query over its bindings and entries.

Names in the query: ``b`` the bindings, ``t1``, ``t2`` … the entries of each table, ``s1``, ``s2`` … its
sources; ``b.l0`` the first literal, ``b.p1`` the first bound value, ``s1.c0`` an attribute, each as the
struct that lineage.statements.values tells of. No value and no literal is in its text. A binding's `dataset_id` is the
table whose rows are meant, so a query without partners may be asked of many datasets at once.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lineage.statements import truths, values
from lineage.statements.columns import Columns, Sources
from lineage.statements.predicates import truth
from lineage.statements.rows_alone import find_alone
from lineage.statements.rows_joined import find_together, find_uncertain
from lineage.statements.truths import Truth
from lineage.statements.variants import Variant

# They begin with plain text, which is found many times faster than a boundary.
_TABLE, _TOLD = re.compile(r"t(?<!\wt)(\d+)\b"), re.compile(r"b\.(?<!\wb\.)(a?[lp]\d+|m\w+)\b")


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
    # What fills up a row without a partner: NULL, or a value that is not known here.
    filled: dict[str, int | None] = dict.fromkeys(variant.filled if columns.fills_with_null else ())
    test = truths.every(truth(one, Sources(columns, {**real, **filled})) for one in variant.tests)
    alone = truths.every(
        truth(one, Sources(columns, {variant.target.id: variant.target.table, **filled})) for one in variant.tests
    )
    if test.most == "false" or alone.most == "false":
        return Replayed()
    if not variant.partners:
        least = alone.least if variant.sure else "false"
        if alone.most == "true" and least in ("true", "false"):
            return Replayed(all=least == "true", unknown=least == "false")
        if alone.most == "true":  # any row may be meant, and some are for what else is asked of them
            met = Truth(alone.least, alone.least)
            return Replayed(tuple(find_alone(variant, columns, met, least)), unknown=True, sure=True)
        return Replayed(tuple(find_alone(variant, columns, alone, least)), sure=least != "false")
    sure = variant.sure and test.least != "false"
    together = find_together(variant, columns, test)
    return Replayed((together, *find_uncertain(variant, columns, test, alone)), sure=sure, joined=True)


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
    told, arrays, lists = (
        {name: source for name, source in known.items() if name in used}
        for known in (columns.told, columns.arrays, columns.lists)
    )
    first, second = values.told_values(told, columns.reading)
    more = [f",\n    {values.array(source)} AS {name}" for name, source in arrays.items()]
    more += [f",\n    {values.told_list(source, columns.reading)} AS {name}" for name, source in lists.items()]
    return f"""b AS MATERIALIZED (
    SELECT binding_id, dataset_id, start_at, end_at{second}{"".join(more)}
    FROM (SELECT binding_id, dataset_id, start_at, end_at, literals, bound{first} FROM bound_statement)
)"""


def _entries(columns: Columns, table: int) -> str:
    names = {name: columns.spellings(column) for column, name in columns.held.get(table, {}).items()}
    first, second = values.held_values(names, columns.reading)
    return f""", t{table} AS MATERIALIZED (
    SELECT entry_id, dataset_id, valid_from, certain_to, possible_to{second}
    FROM (SELECT entry_id, dataset_id, valid_from, certain_to, possible_to{first} FROM there_{table})
)"""
