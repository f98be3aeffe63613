"""What a replay looks at: the values that a statement tells, and the columns that entries hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from lineage.statements import values

# A pattern that begins with plain text is found many times faster than one that begins with a boundary.
_LITERAL = re.compile(r"literals\[(\d+)(?::(\d+))?\]")
# Dialects whose texts compare without regard to case, and whose names are told exactly.
_FOLDING = frozenset({"mysql", "tsql", "fabric", "sqlite", "doris", "starrocks", "singlestore"})
_EXACT_NAMES = frozenset({"postgres", "redshift"})
# Dialects that compare rows as values of one type, in which NULL is as any other.
_WHOLE_ROWS = frozenset({"clickhouse", "duckdb", "spark", "spark2", "databricks", "hive", "presto", "trino", "athena"})
# An empty text is NULL in some, or NULL was an empty text. TRUE is 1 in others: no text is TRUE, and many are 0.
_EMPTY_IS_NULL = values.Reading(unclear="z.t = ''")
_NUMBERS = values.Reading(boolean="B")
_READINGS = {
    "oracle": _EMPTY_IS_NULL,
    "exasol": _EMPTY_IS_NULL,
    "druid": values.Reading(unclear="z.k = 'z' OR z.t = ''"),
    **dict.fromkeys(("mysql", "doris", "starrocks", "singlestore", "sqlite"), _NUMBERS),
}
# Marks that are names are numbered from here on.
_NAMED = 1000
# Where $1 is a bound value (in Snowflake it may be a column).
_NUMBERED_MARKS = frozenset({"postgres", "redshift", "duckdb", "materialize", "risingwave", "sqlite"})


@dataclass
class Columns:
    """What a replay looks at: it is prepared once for each binding (row ``b``) and each entry."""

    dialect: str
    told: dict[str, str] = field(default_factory=dict)
    """Literals and bound values: name -> SQL of the encoded value."""
    arrays: dict[str, str] = field(default_factory=dict)
    """Arrays among them: name -> SQL of the encoded text."""
    lists: dict[str, str] = field(default_factory=dict)
    """Several of them as one list: name -> SQL of the list of encoded values."""
    held: dict[int, dict[str, str]] = field(default_factory=dict)
    """For each table, the attributes that are asked for and what they are called here."""

    @property
    def folds_case(self) -> bool:
        """Whether texts that differ in case alone are equal."""
        return self.dialect in _FOLDING

    @property
    def whole_rows(self) -> bool:
        """Whether a row is compared as one value, in which NULL is as any other."""
        return self.dialect in _WHOLE_ROWS

    @property
    def fills_with_null(self) -> bool:
        """ClickHouse fills a row without a partner up with 0 and empty texts, unless it is told otherwise."""
        return self.dialect != "clickhouse"

    @property
    def reading(self) -> values.Reading:
        """How values of the dialect are read."""
        return _READINGS.get(self.dialect, values.PLAIN)

    def kept(self, replay: str) -> set[int]:
        """The literals that a replay looks at."""
        told = ((int(first), int(last or first)) for first, last in _LITERAL.findall(replay))
        return {number - 1 for first, last in told for number in range(first, last + 1)}

    def told_value(self, node: exp.Expr, array: bool = False) -> str | None:
        """A literal or bound value as SQL; an array of such values where it is one (or else NULL)."""
        if (literal := values.literal_index(node)) is not None:
            name, source = f"l{literal}", f"literals[{literal + 1}]"
        elif (mark := values.bound_index(node)) is not None:
            if isinstance(node, exp.Parameter) and self.dialect not in _NUMBERED_MARKS:
                return None
            name, source = f"p{mark}", f"bound[{mark}]"
        elif (called := values.bound_name(node)) is not None:
            source = values.called(called)
            known = self.told | {name[1:]: one for name, one in self.arrays.items()}
            name = next((name for name, one in known.items() if one == source), f"p{_NAMED + len(known)}")
        else:
            return None
        if array:
            self.arrays[f"a{name}"] = source
            return f"b.a{name}"
        self.told[name] = source
        return f"b.{name}"

    def told_list(self, nodes: Sequence[exp.Expr]) -> str | None:
        """Literals, or bound values, that stand one after the other as a list in SQL (NULL where not all are told):
        each as a column of its own takes half a megabyte while a replay is at work. None for other expressions."""
        if any(self.told_value(node) is None for node in nodes):
            return None
        for index, told, ahead in ((values.literal_index, "literals", 1), (values.bound_index, "bound", 0)):
            places = [index(node) for node in nodes]
            first = places[0]
            if first is not None and places == list(range(first, first + len(nodes))):
                source = f"{told}[{first + ahead}:{first + ahead + len(nodes) - 1}]"
                name = f"m{first}x{len(nodes)}{told[0]}"
                self.lists[name] = f"CASE WHEN len({source}) = {len(nodes)} THEN {source} END"
                return f"b.{name}"
        return None

    def attribute(self, table: int, name: str) -> str:
        """What a column of a table is called here."""
        known = self.held.setdefault(table, {})
        return known.setdefault(name, f"c{len(known)}")

    def spellings(self, name: str) -> tuple[str, ...]:
        """The names under which entries may hold a column."""
        if self.dialect in _EXACT_NAMES:
            return (name,)
        return tuple(dict.fromkeys((name, name.lower(), name.upper())))


@dataclass(frozen=True)
class Sources:
    """What each source is in one variant of a part: its table, or None where its columns are all NULL.

    What a source says that is not here is not known.
    """

    columns: Columns
    tables: dict[str, int | None]
