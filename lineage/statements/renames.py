"""Renames: which tables a statement gives another name, under which their content goes on."""

import re
from collections.abc import Iterator

from sqlglot import Dialect, exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from lineage.statements.wording import CLUSTER, PATH

Name = tuple[str, ...]
# Stands for the name of any table of a schema.
ANY = "*"
_SCHEMA = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"ALTER SCHEMA (?:IF EXISTS )?(?P<old>{PATH}) RENAME TO (?P<new>{PATH})",
        rf"ALTER SCHEMA (?:IF EXISTS )?(?P<old>{PATH}) SWAP WITH (?P<other>{PATH})",
        rf"RENAME DATABASE (?P<old>{PATH}) TO (?P<new>{PATH}){CLUSTER}",
    )
)
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


def renamed_schemas(segment: str, dialect: Dialect) -> list[tuple[Name, Name]]:
    """The same for a statement that gives a schema another name: for any of its tables."""
    match = next((found for pattern in _SCHEMA if (found := pattern.fullmatch(segment))), None)
    if match is None:
        return []
    told = match.groupdict()
    old, new = (read_name(told[one], dialect) for one in ("old", "other" if told.get("other") else "new"))
    pair = (*old, ANY), (*old[: max(0, len(old) - len(new))], *new, ANY)
    return [pair, pair[::-1]] if told.get("other") else [pair]


def read_name(text: str, dialect: Dialect) -> Name:
    """The parts of a name as it is written, folded as the dialect does. Raises the parser's errors."""
    table = normalize_identifiers(exp.to_table(text, dialect=dialect), dialect=dialect)
    return tuple(part.name for part in table.parts)
