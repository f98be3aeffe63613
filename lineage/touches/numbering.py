"""Numbers of rows: of a table that was made in an order, each row's place in it."""


def place_in(table: str) -> str:
    """SQL: 1 for the first row of a table of this transaction, 2 for the next. (What is not committed has rowids from
    a large number on, so they are counted from the least.)"""
    return f"rowid - (SELECT min(rowid) FROM {table}) + 1"
