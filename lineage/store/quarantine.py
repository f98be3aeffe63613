"""The quarantine: the text of rejected lines, in a file beside the store, so that erasing it truly erases it.

The store itself keeps position, digest and reason of a reject, never its text.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator

from lineage.store.beside import quarantine_path


def quarantine(store_path: str, lines: Iterable[tuple[str, bytes]]) -> None:
    """Append (digest, text) durably. After a kill the same line may stand twice; it is known by its digest."""
    rows = [f'{{"digest": "{digest}", "text": "{base64.b64encode(text).decode()}"}}\n' for digest, text in lines]
    if rows:
        with quarantine_path(store_path).open("a", encoding="utf-8") as file:
            file.writelines(rows)
            file.flush()
            os.fsync(file.fileno())


def quarantined(store_path: str) -> Iterator[tuple[str, bytes]]:
    """(digest, text) of every line kept aside, each once; a row torn by a kill is left out, not the one after it."""
    seen: set[str] = set()
    path = quarantine_path(store_path)
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for row in file:
            if not row.endswith("}\n"):
                continue
            line = json.loads(row[row.rindex('{"digest": ') :])
            if line["digest"] not in seen:
                seen.add(line["digest"])
                yield line["digest"], base64.b64decode(line["text"])


def erase_quarantine(store_path: str) -> int:
    """Delete the texts; returns how many there were."""
    count = sum(1 for _ in quarantined(store_path))
    quarantine_path(store_path).unlink(missing_ok=True)
    return count
