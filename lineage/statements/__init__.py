"""Statements: each distinct shape understood once, at ingest; replayed as data, without the parser.

The only room that knows the SQL parser, which is imported when the first new shape is met.
"""

from functools import cache

from lineage.statements.shapes import LITERALS, take_apart
from lineage.store import Reader, Understood

__all__ = ["READER"]


@cache
def _understand(shape: str, dialect: str) -> Understood:
    from lineage.statements.understanding import understand

    return understand(shape, dialect)


READER = Reader(take_apart, LITERALS, _understand)
