"""What ``pip list --format=json`` and ``uv pip list --format=json`` say, as a snapshot. It says neither where nor when:
the user must."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from lineage.collectors.framing import KEPT_TEXT
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.listed import LISTED, Package, as_listed
from lineage.collectors.sniffing import first_objects, text_of

LIMIT = 16 << 20  # bytes
_OUTDATED = {"latest_version", "latest_filetype"}
_KEYS = {"name", "version", "editable_project_location", "location", "installer", *_OUTDATED}


def _claims(head: Head) -> bool:
    if not text_of(head).lstrip().startswith("["):
        return False
    found = first_objects(head)
    whole = found if head.whole else found[:-1]
    return bool(whole) and all({"name", "version"} <= set(one) <= _KEYS for one in whole)


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    raw = stream.read(LIMIT + 1)
    try:
        told = json.loads(raw.decode("utf-8-sig")) if len(raw) <= LIMIT else None
    except (ValueError, RecursionError):
        told = None
    if not (isinstance(told, list) and all(map(_is_package, told))):
        yield Rejected(1, "This is no list of names and versions, or it is not whole.", raw[:KEPT_TEXT])
    elif any(_OUTDATED & set(one) for one in told):
        yield Rejected(1, "It lists what is outdated only; leave out --outdated.", raw[:KEPT_TEXT])
    else:
        yield as_listed(Package(one["name"], one["version"]) for one in told)


def _is_package(one: object) -> bool:
    return isinstance(one, dict) and all(one.get(key) and isinstance(one[key], str) for key in ("name", "version"))


COLLECTOR = Collector(
    name="pip_list",
    title="The output of pip list or uv pip list, as JSON",
    claims=_claims,
    frame=_frame,
    load=LISTED,
    strays=True,
    example='[{"name": "aiohttp", "version": "3.13.3"}, {"name": "litellm", "version": "1.82.7"}]',
)
