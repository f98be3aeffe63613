"""Numbers of rows: of a table that was made in an order, each row's place in it; of changes, who told of them."""

# Where the numbers of the changes of datasets begin, by who told of one: a DatasetEvent, a run of its output, a
# statement of a log, SQL in a facet of a run; and of parts that come or go. All lie beyond the numbers of acts: to flow
# a change is a unit as a statement is.
_ROOM = 1_000_000_000_000
EVENT_CHANGES, RUN_CHANGES, STATEMENT_CHANGES, FACET_CHANGES, PART_CHANGES = (nth * _ROOM for nth in range(1, 6))


def place_in(table: str) -> str:
    """SQL: 1 for the first row of a table of this transaction, 2 for the next. (What is not committed has rowids from
    a large number on, so they are counted from the least.)"""
    return f"rowid - (SELECT min(rowid) FROM {table}) + 1"
