"""Dialects by the names that producers write, which are not always the parser's."""

# PostgreSQL's is the one where none is told.
_OTHERWISE = {
    "": "postgres",
    "postgresql": "postgres",
    "pgsql": "postgres",
    "mariadb": "mysql",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "sqlite3": "sqlite",
    "sparksql": "spark",
}
LANGUAGE = (
    "CASE lower(dialect) "
    + " ".join(f"WHEN '{told}' THEN '{meant}'" for told, meant in _OTHERWISE.items())
    + " ELSE coalesce(lower(dialect), 'postgres') END"
)


def language_of(dialect: str) -> str:
    """The parser's name of a dialect, as LANGUAGE says it in SQL."""
    return _OTHERWISE.get(dialect.lower(), dialect.lower())
