"""Statements: each distinct shape understood once, at ingest; replayed as data, without the parser.

The only room that knows the SQL parser, which is imported when the first new shape is met. In the order in which a text
comes through it:

    languages                  what producers call a dialect, and what the parser does
    families                   how dialects write texts: what in one is a name, a literal, a comment
    opened, respelled          other words for texts in which statements, or literals without an end, hide
    shapes                     literals out: the shape of a text, and its values
    marks                      whether a shape holds no value any more; marks of bound values numbered
    wording, bounds, parsing   words that the parser knows, how much it is given, and trees
    named, changes, elsewhere  the tables that a tree names and changes; whether it may mean others
    renames, inheriting        tables that get another name, and parts of tables
    results                    what a query does to the rows that it reads
    parts, scopes, gathering   what a query is made of, which source a name means, what is gathered
    reading, modifying         which rows queries read, and which INSERT, UPDATE, DELETE and MERGE change
    writing                    what is done to tables as a whole
    variants                   in which ways a row takes part
    values, casts, columns     what a replay looks at, as SQL
    truths, predicates         conditions in three-valued logic
    rows_alone, rows_joined    which rows a replay finds
    replays                    the replay of one table, as one query
    mentions                   the names in a text that is not understood
    understood, understanding  what is told of a statement, and all of the above put together
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from lineage.statements.shapes import LITERALS, take_apart
from lineage.store import Reader, Understood

__all__ = ["READER"]


# The parser is compiled, and calls itself for what stands in one another: where the stack ends, so does the program.
# The bounds keep to what is known of that; a text long enough to go beyond has room for what nobody knows.
SHORT = 10_000  # characters
ROOM = 128 << 20  # bytes of a stack, of which only those that are needed are ever taken
_SIZING = threading.Lock()  # how large stacks are to be is said for all threads of the process


@cache
def _understand(shape: str, dialect: str) -> Understood:
    from lineage.statements.understanding import understand

    if len(shape) <= SHORT:
        return understand(shape, dialect)
    with ThreadPoolExecutor(1) as roomy:
        with _SIZING:
            before = threading.stack_size(ROOM)
            try:
                found = roomy.submit(understand, shape, dialect)  # which starts the thread
            except RuntimeError:  # there is no memory for one: the bounds have to do
                return understand(shape, dialect)
            finally:
                threading.stack_size(before)
        return found.result()


READER = Reader(take_apart, LITERALS, _understand)
