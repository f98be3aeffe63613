"""DuckDB's compiled module. What `duckdb` lays over it (relations, expressions) is not used here, and takes longer to
load than many a question to answer; reading Arrow needs it.
"""

import sys
from collections.abc import Mapping, Sequence

from _duckdb import (
    BinderException,
    CatalogException,
    DuckDBPyConnection,
    Error,
    FatalException,
    InternalException,
    InterruptException,
    IOException,
    OutOfMemoryException,
    ParserException,
    Statement,
    connect,
)

__all__ = [
    "BinderException",
    "CatalogException",
    "DuckDBPyConnection",
    "Error",
    "FatalException",
    "IOException",
    "InternalException",
    "InterruptException",
    "OutOfMemoryException",
    "ParserException",
    "Statement",
    "arrow",
    "connect",
    "read_arrow",
    "reads_arrow",
]


def read_arrow() -> None:
    """Have the engine read Arrow tables from now on."""
    import duckdb  # noqa: F401  (it registers itself as their reader)


def reads_arrow() -> bool:
    """Whether that is loaded already."""
    return {"duckdb", "pyarrow"} <= sys.modules.keys()


def arrow(columns: Mapping[str, Sequence[object]]) -> object:
    """Columns of plain values as a table that the engine reads."""
    import pyarrow

    return pyarrow.table({name: pyarrow.array(values) for name, values in columns.items()})
