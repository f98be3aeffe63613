"""What a statement does, told by its shape alone: its tables, what it reads and writes, and how to replay it."""

import re
from dataclasses import replace
from functools import reduce

from sqlglot import exp

from lineage.statements.columns import Columns
from lineage.statements.elsewhere import is_elsewhere
from lineage.statements.inheriting import Parted
from lineage.statements.languages import language_of
from lineage.statements.mentions import find_mentions
from lineage.statements.modifying import TEMPORARY
from lineage.statements.named import is_name, named_only, named_tables
from lineage.statements.parsing import Text, Told, find_dialect, parse
from lineage.statements.parts import TooComplex, Use
from lineage.statements.renames import Name, find_renames
from lineage.statements.replays import Replayed, both, everything, replay_of, statement
from lineage.statements.results import may_spread, schema_of
from lineage.statements.understood import NOT_UNDERSTOOD, TableUse, Understanding
from lineage.statements.variants import variants
from lineage.statements.writing import MADE, Writing

# Characters: what some hundred comparisons come to. The engine takes seconds to plan that, and none of it is cut short.
REPLAY_AT_MOST = 1_000_000
_SPREADING = ("", "postgres", "redshift")  # where a function of anybody's own may make rows of one
# What a tree raises that is not as expected: the parser says little of what it makes of rare statements.
_UNEXPECTED = (AttributeError, TypeError, LookupError, ValueError, RecursionError)
# Functions that read no table of their own.
_HARMLESS = re.compile(
    r"(?:pg_|json|regexp|string_to|array|inet|ts_|has_|txid_|obj_|col_|format|to_|current_|set_config|lo_|sys)"
    r"|(?:version|nextval|setval|currval|lastval|gen_random_uuid|uuid_generate_v\d\w*|timeofday"
    r"|(?:clock|statement|transaction)_timestamp)$"
)
# A password need not stand in quotes.
_SECRET = re.compile(r"\b(?:IDENTIFIED|PASSWORD|SECRET)\b", re.IGNORECASE)


def understand(shape: str, dialect: str) -> Understanding:
    """What the statement of this shape does (see ``lineage.statements.shapes``). Never raises.

    ``dialect``: as sqlglot names it; '' is PostgreSQL. What is not surely understood is told as such:
    ``parsed`` is False, or a table's scope 'unknown'.
    """
    found = _known(shape, language_of(dialect))
    return found if found.parsed or found.tables else replace(found, mentions=find_mentions(shape))


def _known(shape: str, dialect: str) -> Understanding:
    """What is understood of a text; ``dialect`` as the parser names it."""
    language = find_dialect(dialect)
    if language is None:
        return NOT_UNDERSTOOD
    try:
        text = parse(shape, language)
        return _told(text, shape, dialect) if text else NOT_UNDERSTOOD
    except _UNEXPECTED:
        return NOT_UNDERSTOOD


def _told(text: Text, shape: str, dialect: str) -> Understanding:
    """What its statements read and write, with what they say of names and parts, and whether that is all."""
    found = _followed(text, dialect)
    if not found.parsed:
        return found
    renames = [pair for one in text.told for pair in find_renames(one.tree, dialect)] + list(text.renamed)
    tables = _alone(_parted(_renamed(found.tables, renames), text.parted), text)
    # What more it does is not known: it counts as not understood, with the tables that it names.
    parsed = not is_elsewhere(shape, dialect, [one.tree for one in text.told])
    return replace(found, parsed=parsed, tables=tables, told=bool(tables) or not _SECRET.search(shape))


def _followed(text: Text, dialect: str) -> Understanding:
    """Which rows its statements read and write, or their tables alone where that is not worth following."""
    if text.perhaps:
        return named_only(text)
    try:
        found = Writing(dialect, cut=int(text.taken_back))
        for one in text.told:
            found.cut += one.limited or (dialect in _SPREADING and may_spread(one.tree))
            if not found.statement(one.tree, one.sure):
                return NOT_UNDERSTOOD
        if not any(map(is_name, found.tables)) and any(_hides(one.tree) for one in text.told):
            return NOT_UNDERSTOOD
        asked = (
            tree
            for tree in map(_asked, text.told)
            if isinstance(tree, (exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge))
        )
        if any(parts not in found.tables for tree in asked for parts, _ in named_tables(tree)):
            return named_only(text)  # one stands where nothing was read
        return _understood(found, text)
    except (TooComplex, *_UNEXPECTED):
        return named_only(text)


def _asked(told: Told) -> exp.Expr | None:
    """What of a statement is run: all, or the query that a table or a view is made of."""
    if not isinstance(told.tree, exp.Create):
        return told.tree
    return told.tree.expression if told.tree.kind in MADE else None


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


def _parted(tables: tuple[TableUse, ...], parts: tuple[Parted, ...]) -> tuple[TableUse, ...]:
    """The tables of a statement with those that it makes parts of others."""
    found = {table.parts: table for table in tables}
    for one in parts:
        for name in (one.part, one.whole):
            found.setdefault(name, TableUse(len(found) + 1, name))
        part, whole = found[one.part], found[one.whole].no
        if one.joins:
            found[one.part] = replace(part, part_of=tuple(sorted({*part.part_of, whole})))
        else:
            found[one.part] = replace(part, parted_from=tuple(sorted({*part.parted_from, whole})))
    return tuple(found.values())


def _alone(tables: tuple[TableUse, ...], text: Text) -> tuple[TableUse, ...]:
    """The tables of a statement, with those of which ONLY their own rows are meant, in whatever schema."""
    alone: dict[str, bool] = {}
    for table in (node for one in text.told for node in one.tree.find_all(exp.Table)):
        alone[table.name.lower()] = alone.get(table.name.lower(), True) and bool(table.args.get("only"))
    return tuple(replace(one, alone=alone.get(one.parts[-1].lower(), False)) for one in tables)


def _understood(found: Writing, text: Text) -> Understanding:
    """What was gathered, table by table, each with its replay."""
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
            if len(replay) > REPLAY_AT_MOST:
                scope, replay = "unknown", None
            else:
                kept |= columns.kept(replay)
        writes = {use.write for use in uses}
        tables.append(
            TableUse(
                no=no,
                parts=parts,
                reads=any(use.reads and not (use.none and no in found.views) for use in uses),
                write=next((write for write in ("delete", "update", "create") if write in writes), None),
                sql_write=_said(found.said.get(no), text.taken_back),
                defines_view=no in found.views,
                fields=_fields(found, no),
                scope=scope,
                replay=replay,
                joined=replay is not None and meant.joined,
                changed=_changed(found, no),
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
    """The rows that one use of a table means."""
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
    """The fields of a table that are read; None for all."""
    names = set[str]()
    for source, table in found.owner.items():
        noted = found.fields.get(source, set())
        if table == no and noted is None:
            return None
        if table == no and noted:
            names |= noted
    return tuple(sorted(names))


def _changed(found: Writing, no: int) -> tuple[str, ...] | None:
    """The fields of a table that are written; None for all, or where they are not told."""
    names = found.changed.get(no)
    return None if names is None else tuple(sorted(names))


def _hides(tree: exp.Expr) -> bool:
    """Whether a function is called that may do anything, or which tables are meant is told by a pattern."""
    return any(not _is_harmless(node) for node in tree.find_all(exp.Anonymous)) or any(
        not is_name((table.name,)) for table in tree.find_all(exp.Table)
    )


def _is_harmless(node: exp.Anonymous) -> bool:
    """Whether a function is PostgreSQL's own by its schema, or one of those that read no table; in a schema of somebody
    else the name says nothing."""
    schema = schema_of(node)
    return schema == "pg_catalog" or (schema in ("", "sys") and _HARMLESS.match(str(node.this).lower()) is not None)
