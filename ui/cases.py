"""Cases: results saved with a note, in a file beside the store and never in it.

One JSON object a line, only added to.
"""

import json
import os
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lineage.errors import LineageError
from lineage.names import format_instant

_WRITING = threading.Lock()


@dataclass(frozen=True)
class Saved:
    """A result in a case: the view that shows it, its summary as it was, the checkpoint, and the note."""

    id: str
    case: str
    note: str
    saved_at: str
    view: dict[str, Any]
    title: str
    summary: dict[str, Any]
    checkpoint: dict[str, Any]
    removed: bool = False


def cases_path(store_path: str) -> Path:
    return Path(f"{store_path}.cases.ndjson")


def save(
    store_path: str, case: str, note: str, view: Mapping[str, Any], title: str, summary: Mapping[str, Any],
    checkpoint: Mapping[str, Any],
) -> Saved:  # fmt: skip
    """Add a result to a case. Raises LineageError for a case without a name and when the file cannot be written."""
    if not case.strip():
        raise LineageError("A case needs a name.", "Such as the incident's number.")
    saved = Saved(
        uuid.uuid4().hex, case.strip(), note.strip(), format_instant(time.time_ns() // 1000), dict(view), title,
        dict(summary), dict(checkpoint),
    )  # fmt: skip
    _add(store_path, asdict(saved))
    return saved


def remove(store_path: str, ident: str) -> None:
    """Take a result out of its case; the line that saved it stays in the file."""
    _add(store_path, {"id": ident, "removed": True})


def put_back(store_path: str, saved: Saved) -> None:
    """Put a result back that was taken out."""
    _add(store_path, asdict(saved))


def read(store_path: str) -> list[Saved]:
    """What is saved, newest first; a line that is torn is passed over."""
    path = cases_path(store_path)
    found: dict[str, Saved] = {}
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:  # a note may hold what else ends a line for Python's texts
            with suppress(ValueError, TypeError, KeyError, AttributeError):
                told = json.loads(line)
                if told.get("removed"):
                    found.pop(told["id"], None)
                else:
                    found[told["id"]] = Saved(**told)
    return sorted(found.values(), key=lambda saved: saved.saved_at, reverse=True)


def _add(store_path: str, told: Mapping[str, Any]) -> None:
    path = cases_path(store_path)
    line = json.dumps(told, ensure_ascii=False) + "\n"
    try:
        with _WRITING, path.open("a+b") as file:
            if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
                line = "\n" + line  # a line that was cut short stays alone
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LineageError(
            f"The case file {path} cannot be written: {error.strerror}.", "Look at the folder of the store."
        ) from None
