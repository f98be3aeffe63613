"""From the journal into the store, by the ordinary ingest: each segment whole or not at all, and as often as you like.

All events of a segment that were told the same way make one input, so that the ledger does not grow with every
request. After a kill between commit and deletion the same segment is the same input, and known.
"""

import logging
import shutil
from collections.abc import Iterator

from lineage.errors import LineageError
from lineage.ingest import Taken, Told, ingest
from lineage.server.journal import Journal, Segment, read_records, read_upload
from lineage.store import DAMAGED, Store, inbox_path
from lineage.touches import settle

LOG = logging.getLogger("lineage.server")
EXTENSIONS = {"openlineage": "http/lineage", "access": "http/access"}


def drain(store: Store, segment: Segment) -> list[Taken]:
    """Take a segment in. What is derived from the facts is left behind them: ``settle`` when somebody looks.

    Raises LineageError where the ordinary ingest does.
    """
    if segment.path.is_dir():
        folder, told = read_upload(segment)
        return list(ingest(store, [str(folder)], told, settled=False))
    lanes: dict[Told, list[bytes]] = {}
    damage: list[int] = []
    for record in read_records(segment, damage):
        lanes.setdefault(record.told, []).append(record.lines)
    if damage:
        kept = shutil.copy(segment.path, segment.path.with_suffix(DAMAGED))
        LOG.warning("%s is damaged at byte %s; what is whole is stored, and a copy kept.", kept, damage[0])
    taken: list[Taken] = []
    for number, (told, pieces) in enumerate(lanes.items()):
        # Not a .ndjson beside the journal: whatever a kill leaves of it is thrown away with its folder.
        folder = segment.path.with_suffix(".taking")
        name = f"{EXTENSIONS.get(told.collector or '', 'http/events')}-{segment.path.stem}-{number}.ndjson"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / name).parent.mkdir(parents=True)
        with (folder / name).open("wb") as file:
            file.writelines(piece + b"\n" for piece in pieces)
        taken += ingest(store, [str(folder)], told, settled=False)
        shutil.rmtree(folder)
    return taken


def drain_leftovers(store: Store) -> Iterator[Taken | LineageError]:
    """What a server had acknowledged when it was killed; for whoever opens the store next. Settles at the end. What can
    never be stored is set aside as the server does, and why it is told.
    """
    if not inbox_path(store.path).exists():
        return
    journal = Journal(inbox_path(store.path))
    for segment in journal.seal():
        try:
            yield from drain(store, segment)
        except LineageError as error:
            journal.set_aside(segment)
            yield error
        else:
            journal.done(segment)
    settle(store)


def has_leftovers(store_path: str) -> bool:
    """Whether there is anything for ``drain_leftovers`` to take in."""
    folder = inbox_path(store_path)
    return any(folder.glob("*.journal")) or any(folder.glob("*.file"))
