"""Partitions, and tables that inherit: which tables a statement makes a part of others, or takes out of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError

from lineage.statements.renames import Name, read_name
from lineage.statements.wording import PATH

_ALTER = rf"ALTER (?:FOREIGN )?TABLE (?:IF EXISTS )?(?:ONLY )?(?P<one>{PATH})(?: ?\*)? "
# What the parser does not know.
_PARTED = tuple(
    (re.compile(_ALTER + pattern, re.IGNORECASE | re.DOTALL), one_is_part, joins)
    for pattern, one_is_part, joins in (
        (rf"ATTACH PARTITION (?P<other>{PATH})(?: .*)?", False, True),
        (rf"DETACH PARTITION (?P<other>{PATH})(?: .*)?", False, False),
        (rf"INHERIT (?P<other>{PATH})", True, True),
        (rf"NO INHERIT (?P<other>{PATH})", True, False),
    )
)


@dataclass(frozen=True)
class Parted:
    """``part`` holds a part of the rows of ``whole`` from then on, or, where it does not ``join``, no longer."""

    part: Name
    whole: Name
    joins: bool


def parted(segment: str, dialect: Dialect) -> Parted | None:
    """What an ALTER TABLE that does nothing else says, if it is one of these."""
    for pattern, one_is_part, joins in _PARTED:
        if match := pattern.fullmatch(segment):
            try:
                one, other = (read_name(match[group], dialect) for group in ("one", "other"))
            except SqlglotError:
                return None
            return Parted(one, other, joins) if one_is_part else Parted(other, one, joins)
    return None


def find_parted(tree: exp.Expr) -> Iterator[Parted]:
    """What CREATE TABLE says of the table that it makes."""
    properties = tree.args.get("properties") if isinstance(tree, exp.Create) and tree.kind == "TABLE" else None
    for one in properties.expressions if properties else []:
        if isinstance(one, (exp.PartitionedOfProperty, exp.InheritsProperty)):
            for whole in [one.this] if isinstance(one, exp.PartitionedOfProperty) else one.expressions:
                yield Parted(_parts(tree.this), _parts(whole), True)


def _parts(table: exp.Expr) -> Name:
    """The name of a table, which its columns or constraints may follow."""
    named = table.this if isinstance(table, exp.Schema) else table
    return tuple(part.name for part in named.parts) if isinstance(named, exp.Table) else ()
