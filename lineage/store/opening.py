"""One DuckDB file, opened with care: migrated, pinned to UTC, and a sentence for whatever goes wrong."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lineage.errors import LineageError
from lineage.store import engine
from lineage.store.connection import TIME_ZONE, Store
from lineage.store.migrations import migrate, refuse_newer

# Row groups are written one by one, as soon as they are full and while the next batch is read, not five by five: those
# that are left the commit writes, when there is nothing else to do.
SETTINGS: dict[str, object] = {
    "TimeZone": TIME_ZONE,
    "preserve_insertion_order": False,
    "python_enable_replacements": False,
    "write_buffer_row_group_count": 1,
}
# What the engine may hold before it spills to disk beside the store: ingest stays below 2 GB with what Python holds of
# a batch, answers below 4 GB.
MEMORY = {True: "3GB", False: "1000MB"}  # read only, writable
MAGIC, HEAD = b"DUCK", 12  # what the first bytes of the engine's files end in
# How the engine's messages begin, or what they hold; a path that they name may hold any word.
DAMAGED_FILE, LOCKED = "Corrupt database file", ("Could not set lock", "Conflicting lock")


def open_store(path: str, read_only: bool = False, writes: Sequence[str] = ()) -> Store:
    """Open (and, for writing, create or migrate) the store at ``path``. ``writes``: the folders, beside its own, that
    the engine may write lists to; no other file is ever touched, whatever a store that somebody sent says of views.

    Raises LineageError when there is none to read, when another process holds it, when the file is
    no store, or when it was written by a newer program.
    """
    if read_only and not Path(path).exists():
        raise LineageError(
            f"There is no store at {path}.",
            "Make one with `lineage ingest PATH`, or say where it is with --store or LINEAGE_STORE.",
        )
    _refuse_other_files(path)
    fresh = not Path(path).exists()
    try:
        # In full: to the engine the begin of a path such as md: or s3: may say that it lies elsewhere.
        connection = engine.connect(path if path == ":memory:" else os.path.abspath(path), read_only=read_only)
    except engine.Error as error:
        if fresh and not _is_held(str(error)):
            _drop_empty(path)
        raise _why(path, str(error)) from None
    store = Store(path, connection, read_only)
    try:
        settings = SETTINGS | {"memory_limit": MEMORY[read_only]}
        store.script([f"SET {key} = '{value}'" for key, value in settings.items()])
        if _shut(store, writes) and not read_only:  # nobody else has it open
            _clean(path)
        store.plan()
        refuse_newer(store) if read_only else migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _shut(store: Store, writes: Sequence[str]) -> bool:
    """Have the engine look at no file but the store: a view may name any file of this machine, or another machine.
    False where another connection of this process has done so."""
    if not store.one("SELECT current_setting('enable_external_access')")[0]:
        return False
    folders = ", ".join("'" + os.path.abspath(one).replace("'", "''") + "'" for one in writes)
    store.script([f"SET allowed_directories = [{folders}]", "SET enable_external_access = false"])
    return True


def _clean(path: str) -> None:
    """Drop what the engine had put on the disk beside the store for a process that was killed: it holds what the store
    holds, and nobody would ever look at it again. Its number may be that of this process: in containers all are 1."""
    for left in Path(f"{path}.tmp").glob("duckdb_temp_*"):
        with suppress(OSError):
            left.unlink()
    with suppress(OSError):
        Path(f"{path}.tmp").rmdir()


def trouble(error: BaseException) -> LineageError | None:
    """What the user can mend of an error that the disk or the engine made; None where the program is at fault."""
    first = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
    if isinstance(error, engine.OutOfMemoryException):
        return LineageError(f"The memory did not suffice: {first}.", "Free some, or run it on a larger machine.")
    if isinstance(error, engine.Error) and first.startswith(DAMAGED_FILE):
        return _damaged(first)
    if isinstance(error, engine.PermissionException):
        return LineageError(
            f"The store asks for what lies outside of it: {first}.",
            "No program of ours made it so: trust none of its answers, and make a store anew from the inputs.",
        )
    if isinstance(error, OSError) and error.strerror:
        first = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, OSError | engine.IOException | engine.FatalException) or "Failed to commit" in first:
        return LineageError(f"{first}.", "Look at the disk and its room, then try again: what was committed is kept.")
    return None


def _is_held(message: str) -> bool:
    return any(words in message for words in LOCKED)


def _drop_empty(path: str) -> None:
    """A file that was begun where the disk was full: it is no store, and stood in the way of one."""
    with suppress(OSError):
        if os.path.getsize(path) == 0:
            os.unlink(path)


def _damaged(message: str) -> LineageError:
    return LineageError(
        f"The store is damaged: {message.splitlines()[0].rstrip('.')}.",
        "Take a copy of it from a backup, or make it anew from its inputs.",
    )


def _refuse_other_files(path: str) -> None:
    """Raises LineageError for a file of another kind: of some the engine would fetch what reads them (SQLite's), and a
    pipe it would wait for."""
    with suppress(OSError):
        if Path(path).is_fifo():
            raise _no_store(path)
        if Path(path).is_file():
            with Path(path).open("rb") as file:
                head = file.read(HEAD)
            if head and not head.endswith(MAGIC):  # one that is empty may be about to be made
                raise _no_store(path)


def _no_store(path: str) -> LineageError:
    return LineageError(f"{path} is not a store.", "Give another path with --store.")


def _why(path: str, message: str) -> LineageError:
    if message.startswith(DAMAGED_FILE):
        return _damaged(message)
    if _is_held(message):
        holder = re.search(r"PID (\d+)", message)
        who = f" (process {holder[1]})" if holder else ""
        return LineageError(
            f"The store {path} is held by another process{who}.",
            "Wait until it is done, or ask the server that holds it with --server URL.",
        )
    if Path(path).is_dir() or not Path(path).parent.exists():
        return LineageError(f"{path} cannot be a store.", "Give the path of a file in a folder that exists.")
    if "not a valid DuckDB" in message:
        return _no_store(path)
    return LineageError(
        f"The store {path} cannot be opened: {message.splitlines()[0]}.", "Check the path and the disk."
    )
