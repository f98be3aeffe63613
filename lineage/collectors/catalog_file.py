"""catalog.yml: read whole, refused whole. What is kept is its canonical JSON."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from lineage.catalog import read, to_json
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.sniffing import holds_json, text_of
from lineage.errors import LineageError

LIMIT = 16 << 20  # bytes: what is read of one takes a hundred times its size, and a packed one tells nothing of its own
_NAMES = ("catalog.yml", "catalog.yaml")
_AS_OF = re.compile(r"^as_of\s*:", re.MULTILINE)
_SECTION = re.compile(r"^(version|vendors|principals|jobs|environments|datasets|sources)\s*:", re.MULTILINE)


def _claims(head: Head) -> bool:
    if holds_json(head):
        return False
    text = text_of(head)
    return head.name.rpartition("/")[2] in _NAMES or bool(_AS_OF.search(text) and _SECTION.search(text))


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    """One text, the catalog's canonical JSON. Raises LineageError for what is wrong in it."""
    told = stream.read(LIMIT + 1)
    if len(told) > LIMIT:
        raise LineageError(f"{head.name} has over {LIMIT >> 20} MiB.", "Name many things at once, by a pattern.")
    try:
        text = told.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LineageError(f"{head.name} is not UTF-8 text.", "Save it as UTF-8.") from None
    yield Block(1, to_json(read(text)).encode(), 1)


_EVENTS = "INSERT INTO staged_event (position, digest) SELECT position, digest FROM line"
_DOCUMENTS = """
INSERT INTO staged_document (position, kind, id, body)
SELECT position, 'catalog', text->>'$.as_of', text FROM line
"""

COLLECTOR = Collector(
    name="catalog",
    title="The catalog, catalog.yml",
    claims=_claims,
    frame=_frame,
    load=(_EVENTS, _DOCUMENTS),
    example="version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors:\n  - {id: northgate, name: Northgate Talent}",
)
