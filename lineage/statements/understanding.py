"""What a statement does, told by its shape alone: its tables, what it reads and writes, and how to replay it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

from sqlglot import exp

from lineage.statements.columns import Columns
from lineage.statements.languages import language_of
from lineage.statements.parsing import Text, find_dialect, parse
from lineage.statements.parts import TooComplex
from lineage.statements.reading import Use
from lineage.statements.renames import Name, find_renames
from lineage.statements.replays import Replayed, both, everything, replay_of, statement
from lineage.statements.variants import variants
from lineage.statements.writing import TEMPORARY, Writing, changes, joined

# Functions that read no table of their own.
_HARMLESS = re.compile(
    r"(?:pg_|json|regexp|string_to|array|inet|ts_|has_|txid_|obj_|col_|format|to_|current_|set_config|lo_|sys)"
)

_WRITES: dict[type[exp.Expr], str] = {
    exp.Insert: "create",
    exp.Update: "update",
    exp.Delete: "delete",
    exp.Merge: "update",
}


@dataclass(frozen=True)
class TableUse:
    """What a statement does with one table. ``no`` counts from 1.

    ``parts``: its name as written, folded as the dialect does. ``write``: create | update | delete, or None.
    ``sql_write``: what the SQL says of the table's content as a whole: overwrite | append | unknown, or None
    where it does not say; temporary: the name is one session's own, of no table that others see.
    ``fields``: those that are read or looked at; None: all, or not known.
    ``scope``: which rows: all | replay | unknown | none. ``replay``: SQL over ``bound_statement``,
    ``there_<no>`` and ``indexed_<no>`` that gives (binding_id, entry_id, truth), 'T' or 'U', for the rows that are
    or may be meant; ``joined``: it looks at the entries of other tables too, as they were then; else
    the bindings and the entries may be of many datasets at once.
    ``renames``: the tables, by their numbers, that may be called so from then on.
    """

    no: int
    parts: tuple[str, ...]
    reads: bool = False
    write: str | None = None
    sql_write: str | None = None
    defines_view: bool = False
    fields: tuple[str, ...] | None = ()
    scope: str = "none"
    replay: str | None = None
    joined: bool = False
    renames: tuple[int, ...] = ()


@dataclass(frozen=True)
class Understanding:
    """A statement, understood. ``kept``: the literals that a replay looks at; no other may be stored."""

    parsed: bool
    returns: bool = False
    kept: tuple[int, ...] = ()
    tables: tuple[TableUse, ...] = ()


NOT_UNDERSTOOD = Understanding(parsed=False)


def understand(shape: str, dialect: str) -> Understanding:
    """What the statement of this shape does (see ``lineage.statements.shapes``). Never raises.

    ``dialect``: as sqlglot names it; '' is PostgreSQL. What is not surely understood is told as such:
    ``parsed`` is False, or a table's scope 'unknown'.
    """
    dialect = language_of(dialect)
    language = find_dialect(dialect)
    if language is None:
        return NOT_UNDERSTOOD
    try:
        text = parse(shape, language)
    except RecursionError:
        return NOT_UNDERSTOOD
    if text is None:
        return NOT_UNDERSTOOD
    found = _followed(text, dialect)
    renames = [pair for one in text.told for pair in find_renames(one.tree, dialect)]
    return replace(found, tables=_renamed(found.tables, renames)) if found.parsed else found


def _followed(text: Text, dialect: str) -> Understanding:
    try:
        found = Writing(dialect, cut=int(text.taken_back))
        if not all(found.statement(one.tree, one.sure) for one in text.told):
            return NOT_UNDERSTOOD
        if not any(map(_is_name, found.tables)) and any(_hides(one.tree) for one in text.told):
            return NOT_UNDERSTOOD
        asked = (one.tree for one in text.told if isinstance(one.tree, (exp.Query, exp.Insert, exp.Update, exp.Delete)))
        if any(parts not in found.tables for tree in asked for parts, _ in _named(tree)):
            return _named_only(text)  # one stands where nothing was read
        return _understood(found, text)
    except (TooComplex, RecursionError):
        return _named_only(text)


def _renamed(tables: tuple[TableUse, ...], renames: list[tuple[Name, Name]]) -> tuple[TableUse, ...]:
    """The tables of a statement with those that it renames. Of neither name it says that rows are only added to it."""
    found = {table.parts: table for table in tables}
    for pair in renames:
        for parts in pair:
            known = found.get(parts) or TableUse(len(found) + 1, parts)
            said = known.sql_write if known.sql_write in ("overwrite", TEMPORARY) else "unknown"
            found[parts] = replace(known, sql_write=said)
        old, new = (found[parts] for parts in pair)
        found[new.parts] = replace(new, renames=tuple(sorted({*new.renames, old.no})))
    return tuple(found.values())


def _understood(found: Writing, text: Text) -> Understanding:
    tables, kept = [], set[int]()
    for parts, no in found.tables.items():
        uses = [use for use in found.uses if use.table == no]
        columns = Columns(found.dialect)
        meant = _meant(uses, no, columns)
        scope, replay = "none", None
        if meant.all:
            scope = "all"
        elif meant.unknown and not meant.sure:
            scope = "unknown"
        elif meant.queries:
            scope = "replay"
            queries = (*meant.queries, everything(no)) if meant.unknown else meant.queries
            replay = statement(columns, queries)
            kept |= columns.kept(replay)
        writes = {use.write for use in uses}
        tables.append(
            TableUse(
                no=no,
                parts=parts,
                reads=any(use.reads for use in uses),
                write=next((write for write in ("delete", "update", "create") if write in writes), None),
                sql_write=_said(found.said.get(no), text.taken_back),
                defines_view=no in found.views,
                fields=_fields(found, no),
                scope=scope,
                replay=replay,
                joined=replay is not None and meant.joined,
            )
        )
    return Understanding(True, found.returns, tuple(sorted(kept)), tuple(tables))


def _meant(uses: list[Use], no: int, columns: Columns) -> Replayed:
    """The rows that all uses of a table mean together."""

    def of(some: list[Use]) -> Replayed:
        return reduce(Replayed.__or__, (_rows(use, columns) for use in some), Replayed())

    read = [use for use in uses if use.reads]
    written = [use for use in uses if use.write]
    if not read or not written or read == written:
        return of(uses)
    return both(of(read), of(written), no)


def _rows(use: Use, columns: Columns) -> Replayed:
    if use.none:
        return Replayed()
    source = next((one for one in use.part.sources if one.id == use.source), None) if use.part else None
    ways = variants(use.part, source) if use.part and source else None
    if ways is None:
        return Replayed(unknown=True)
    return reduce(Replayed.__or__, (replay_of(way, columns) for way in ways), Replayed())


def _said(said: list[str | None] | None, taken_back: bool) -> str | None:
    """What several statements say of one table together: whoever replaces it, replaces what was there before."""
    if not said:
        return None
    if TEMPORARY in said:
        return TEMPORARY
    if "overwrite" in said:
        return "unknown" if taken_back else "overwrite"
    if "unknown" in said:
        return "unknown"
    return None if None in said else "append"


def _fields(found: Writing, no: int) -> tuple[str, ...] | None:
    names = set[str]()
    for source, table in found.owner.items():
        noted = found.fields.get(source, set())
        if table == no and noted is None:
            return None
        if table == no and noted:
            names |= noted
    return tuple(sorted(names))


def _hides(tree: exp.Expr) -> bool:
    """Whether a function is called that may do anything, or which table is meant is told by a value or a pattern."""
    return any(not _HARMLESS.match(str(node.this).lower()) for node in tree.find_all(exp.Anonymous)) or any(
        not _is_name((table.name,))
        or isinstance(table.this, (exp.DynamicIdentifier, exp.Literal, exp.Parameter, exp.Placeholder))
        for table in tree.find_all(exp.Table, exp.TableFromRows)
    )


def _is_name(parts: tuple[str, ...]) -> bool:
    """Whether a name is one table's, not BigQuery's pattern for many."""
    return not any("*" in part for part in parts)


def _named(tree: exp.Expr) -> Iterator[tuple[tuple[str, ...], exp.Table]]:
    """The tables that a statement names; not queries of its WITH, nor what stands for a table named elsewhere."""
    named = set[int]()
    found: Iterator[exp.Update | exp.Delete] = tree.find_all(exp.Update, exp.Delete)
    for node in found:
        told = [*(node.args.get("tables") or []), *(joined(node.this) if node.this else [])]
        named |= {id(one) for one in told} - {id(one) for item in changes(node)[0] for one in joined(item)}
    for table in tree.find_all(exp.Table):
        parts = tuple(part.name for part in table.parts)
        stands_for = id(table) in named or isinstance(table.parent, exp.Lock)
        if isinstance(table.this, exp.Identifier) and not stands_for and not (len(parts) == 1 and _is_query(table)):
            yield parts, table


def _is_query(table: exp.Table) -> bool:
    """Whether a name is that of a query of WITH where it stands: not in the query's own text, nor before it."""
    node: exp.Expr | None = table
    while node is not None and node.parent is not None:
        above = node.parent
        clause = above if isinstance(above, exp.With) else above.args.get("with_")
        if clause is not None and clause is not node:
            known = list(clause.expressions)
            if clause is above and not clause.args.get("recursive"):
                known = known[: known.index(node)]
            if table.name in {cte.alias for cte in known}:
                return True
        node = above.parent if clause is above else above
    return False


def _changed(node: exp.Expr) -> list[exp.Expr]:
    """The tables that a statement changes, or may change."""
    if not isinstance(node, (exp.Update, exp.Delete)):
        return [table] if node.this is not None and (table := node.this.find(exp.Table)) else []
    items, names = changes(node)
    # A table that is named with its schema is no other of that name.
    whole = isinstance(node.this, exp.Table) and node.this.db and items[0] is node.this and not node.args.get("tables")
    able = [one for item in (items[:1] if whole else items) for one in joined(item)]
    found = [one for one in able if one.alias_or_name in names] or able
    clause = node.args.get("with_")
    through = [cte for cte in clause.expressions if cte.alias in {one.name for one in found}] if clause else []
    shown = [cte.this for cte in through] + [one for one in found if isinstance(one, exp.Subquery)]
    return [*found, *(table for one in shown for table in one.find_all(exp.Table))]


def _named_only(text: Text) -> Understanding:
    """The tables that are named, where more is not worth following."""
    tables: dict[tuple[str, ...], TableUse] = {}
    for one in text.told:
        if any(find_renames(one.tree, "")):
            continue
        changed = {id(table): node for node in one.tree.find_all(*_WRITES) for table in _changed(node)}
        for parts, table in _named(one.tree):
            node = changed.get(id(table))
            write = _WRITES[type(node)] if node else None
            reads = not node or bool(node.args.get("returning")) or len(_changed(node)) > 1
            known = tables.get(parts)
            tables[parts] = TableUse(
                no=known.no if known else len(tables) + 1,
                parts=parts,
                reads=reads or bool(known and known.reads),
                write=write or (known.write if known else None),
                sql_write="unknown" if write or (known and known.write) else None,
                defines_view=False,
                fields=None,
                scope="unknown",
                replay=None,
                joined=False,
            )
    returns = any(one.tree.find(exp.Returning) for one in text.told)
    return Understanding(True, returns, (), tuple(tables.values()))
