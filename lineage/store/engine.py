"""DuckDB's compiled module. What `duckdb` lays over it (relations, expressions) is not used here, and takes longer to
load than many a question to answer; reading Arrow needs it.
"""

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
    PermissionException,
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
    "PermissionException",
    "Statement",
    "connect",
    "read_arrow",
]


def read_arrow() -> None:
    """Have the engine read Arrow tables from now on."""
    import duckdb  # noqa: F401  (it registers itself as their reader)
