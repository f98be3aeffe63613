"""Which tables UPDATE, DELETE and other statements that write change, told by their text alone."""

from sqlglot import exp


def changes(tree: exp.Update | exp.Delete) -> tuple[list[exp.Expr], set[str]]:
    """The tables that UPDATE or DELETE joins, and the names among them of those that it changes (none: any of them).

    What comes first may only name tables that the rest tells of (in SQL Server and MySQL), or be a join (in MySQL).
    """
    told, using, clause = (tree.args.get(one) or [] for one in ("tables", "using", "from_"))
    others = [clause.this] if isinstance(clause, exp.From) else [using] if isinstance(using, exp.Expr) else list(using)
    if told:
        return [tree.this or told[0], *others], {table.alias_or_name for table in told}
    if not tree.this:
        return [], set()
    names = {one.alias_or_name for one in joined(tree.this)}
    there = [one for other in others for one in joined(other)]
    if there and all(any(_told_by(one, two) for two in there) for one in joined(tree.this)):
        return others, names
    if isinstance(tree, exp.Update) and len(names) > 1:
        columns = [pair.this if isinstance(pair, exp.EQ) else pair for pair in tree.expressions]
        able = [one.alias_or_name for one in joined(tree.this) if isinstance(one, exp.Table)]
        only = able[0] if len(able) == 1 else ""
        names = {column.table or only if isinstance(column, exp.Column) else "" for column in columns}
    return [tree.this, *others], set() if "" in names else names


def _told_by(item: exp.Expr, other: exp.Expr) -> bool:
    """Whether a name only stands for what another item tells of, and not for a table of that name elsewhere."""
    if not isinstance(item, exp.Table) or item.alias:
        return False
    if other.alias or not isinstance(other, exp.Table):
        return len(item.parts) == 1 and item.name == other.alias_or_name
    return [part.name for part in item.parts] == [part.name for part in other.parts]


def joined(item: exp.Expr) -> list[exp.Expr]:
    """One item of FROM and those that are joined to it."""
    return [item, *(join.this for join in item.args.get("joins") or [])]


def changed_tables(node: exp.Expr) -> list[exp.Expr]:
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
