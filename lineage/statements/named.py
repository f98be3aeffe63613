"""The tables that a statement names, wherever they stand in it; what it does with each is told by its kind alone."""

from collections.abc import Iterator

from sqlglot import exp

from lineage.statements.changes import changed_tables, changes, joined
from lineage.statements.elsewhere import is_named
from lineage.statements.parsing import Text
from lineage.statements.renames import find_renames
from lineage.statements.understood import TableUse, Understanding

_WRITES: dict[type[exp.Expr], str] = {
    exp.Insert: "create",
    exp.Update: "update",
    exp.Delete: "delete",
    exp.Merge: "update",
    exp.Create: "create",
}


def is_name(parts: tuple[str, ...]) -> bool:
    """Whether a name is one table's, not BigQuery's pattern for many."""
    return not any("*" in part for part in parts)


def named_tables(tree: exp.Expr) -> Iterator[tuple[tuple[str, ...], exp.Table]]:
    """The tables that a statement names; not queries of its WITH, nor what stands for a table named elsewhere."""
    elsewhere = set[int]()
    found: Iterator[exp.Update | exp.Delete] = tree.find_all(exp.Update, exp.Delete)
    for node in found:
        told = [*(node.args.get("tables") or []), *(joined(node.this) if node.this else [])]
        elsewhere |= {id(one) for one in told} - {id(one) for item in changes(node)[0] for one in joined(item)}
    for table in tree.find_all(exp.Table):
        parts = tuple(part.name for part in table.parts)
        stands_for = id(table) in elsewhere or isinstance(table.parent, exp.Lock)
        if is_named(table) and not stands_for and not (len(parts) == 1 and _is_query(table)):
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


def _named_in(tree: exp.Expr) -> Iterator[tuple[tuple[str, ...], exp.Table]]:
    """The tables of a statement; not those that what it makes is only alike, or refers to."""
    if not isinstance(tree, exp.Create):
        yield from named_tables(tree)
        return
    for one in (*changed_tables(tree)[:1], tree.expression):
        if isinstance(one, exp.Expr):
            yield from named_tables(one)


def named_only(text: Text) -> Understanding:
    """The tables that are named, where more is not worth following."""
    tables: dict[tuple[str, ...], TableUse] = {}
    for one in text.told:
        if any(find_renames(one.tree, "")):
            continue
        changed = {id(table): node for node in one.tree.find_all(*_WRITES) for table in changed_tables(node)}
        for parts, table in _named_in(one.tree):
            node = changed.get(id(table))
            view = isinstance(node, exp.Create) and node.kind == "VIEW"
            write = _WRITES[type(node)] if node and not view else None
            reads = not node or bool(node.args.get("returning")) or len(changed_tables(node)) > 1
            known = tables.get(parts)
            tables[parts] = TableUse(
                no=known.no if known else len(tables) + 1,
                parts=parts,
                reads=reads or bool(known and known.reads),
                write=write or (known.write if known else None),
                sql_write="unknown" if write or (known and known.write) else None,
                defines_view=view or bool(known and known.defines_view),
                fields=None,
                scope="unknown",
                replay=None,
                joined=False,
            )
    returns = any(one.tree.find(exp.Returning) for one in text.told)
    return Understanding(True, returns, (), tuple(tables.values()))
