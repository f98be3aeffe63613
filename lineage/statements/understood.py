"""What is told of a statement that was understood."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableUse:
    """What a statement does with one table. ``no`` counts from 1.

    ``parts``: its name as written, folded as the dialect does. ``write``: create | update | delete, or None.
    ``sql_write``: what the SQL says of the table's content as a whole: overwrite | append | unknown, or None
    where it does not say; temporary: the name is one session's own, of no table that others see.
    ``fields``: those that are read or looked at, ``changed``: those that are written; None: all, or not known.
    ``scope``: which rows: all | replay | unknown | none. ``replay``: SQL over ``bound_statement``,
    ``there_<no>`` and ``indexed_<no>`` that gives (binding_id, entry_id, truth), 'T' or 'U', for the rows that are
    or may be meant; ``joined``: it looks at the entries of other tables too, as they were then; else
    the bindings and the entries may be of many datasets at once.
    ``renames``: the tables, by their numbers, that may be called so from then on. ``part_of``: those whose rows this
    one holds a part of from then on (as a partition, or as one that inherits); ``parted_from``: no longer does.
    ``alone``: wherever it is named, its own rows are meant, and none of tables that inherit from it.
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
    part_of: tuple[int, ...] = ()
    parted_from: tuple[int, ...] = ()
    changed: tuple[str, ...] | None = None
    alone: bool = False


@dataclass(frozen=True)
class Understanding:
    """A statement, understood. ``kept``: the literals that a replay looks at; no other may be stored. ``told``: whether
    its shape may be. ``mentions``: where no table is named for sure, the names in it, as digests (see ``mentions``).
    """

    parsed: bool
    returns: bool = False
    kept: tuple[int, ...] = ()
    tables: tuple[TableUse, ...] = ()
    told: bool = True
    mentions: tuple[int, ...] = ()


NOT_UNDERSTOOD = Understanding(parsed=False, told=False)
