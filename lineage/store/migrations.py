"""Numbered migrations: `sql/NNNN_*.sql`, applied in order, each in a transaction of its own."""

from contextlib import suppress
from functools import cache
from importlib.resources import files

from lineage.errors import LineageError
from lineage.store import engine
from lineage.store.connection import Store


@cache  # a program goes on as it began, whatever is installed over it meanwhile
def known_migrations() -> tuple[tuple[int, str], ...]:
    """(number, SQL text) of every migration that this program brings, in order."""
    folder = files("lineage.store") / "sql"
    named = sorted((item.name, item) for item in folder.iterdir() if item.name.endswith(".sql"))
    return tuple((int(name.split("_")[0]), item.read_text(encoding="utf-8")) for name, item in named)


def version_of(store: Store) -> int:
    """The number of the last migration applied to the file; 0 for an empty one."""
    tables = {name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    if not tables:
        return 0
    told: list[tuple[object, ...]] = []
    if "meta" in tables:
        with suppress(engine.BinderException):  # somebody else's table of that name
            told = store.rows("SELECT value FROM meta WHERE key = 'schema_version'")
    if not told or not str(told[0][0]).isdecimal():
        raise LineageError(
            f"{store.path} is a database, but not a store of lineage.", "Give another path with --store."
        )
    return int(str(told[0][0]))


def refuse_newer(store: Store) -> int:
    """The file's version; LineageError when it is newer than this program."""
    version, newest = version_of(store), known_migrations()[-1][0]
    if version > newest:
        raise LineageError(
            f"The store {store.path} was written by a newer program (schema {version}; this one knows {newest}).",
            "Upgrade annotation-lineage, or use the program that wrote it.",
        )
    return version


def migrate(store: Store) -> None:
    """Bring the file to this program's schema."""
    version = refuse_newer(store)
    for number, text in known_migrations():
        if number > version:
            with store.transaction():
                store.connection.execute(text)
                store.run("DELETE FROM meta WHERE key = 'schema_version'")
                store.run("INSERT INTO meta VALUES ('schema_version', $number)", number=str(number))
