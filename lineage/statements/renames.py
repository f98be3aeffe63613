"""Renames: which tables a statement gives another name, under which their content goes on."""

from collections.abc import Iterator

from sqlglot import exp

Name = tuple[str, ...]
# Dialects in which a table that gets another name stays in its schema. In any other a name without a schema may lie in
# the session's own.
_STAYING = frozenset(
    ("postgres", "redshift", "materialize", "risingwave", "duckdb", "sqlite", "oracle", "tsql", "fabric", "bigquery")
)


def find_renames(tree: exp.Expr, dialect: str) -> Iterator[tuple[Name, Name]]:
    """(what a table was called, what it may be called then) for each that a statement renames."""
    if not isinstance(tree, exp.Alter) or tree.kind not in ("TABLE", "VIEW"):
        return
    if any(isinstance(option, exp.ToTableProperty) for option in tree.args.get("options") or []):
        return  # RENAME x TO y: of a column
    for action in tree.args.get("actions") or []:
        if isinstance(action, (exp.AlterRename, exp.SwapTable)):
            old = tuple(part.name for part in tree.this.parts)
            new = tuple(part.name for part in action.this.parts)
            names = {(*old[: max(0, len(old) - len(new))], *new)} | (set() if dialect in _STAYING else {new})
            for name in sorted(names):
                yield old, name
                if isinstance(action, exp.SwapTable):
                    yield name, old
