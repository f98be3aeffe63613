"""What a text mentions that is not understood: any name in it may be a table's."""

import hashlib
import re
from itertools import chain

# No name is longer, nor has one more parts: each is looked at that often.
_LONGEST, _PARTS_OF_ONE = 1_000, 16
_PART = rf'(?:"(?:[^"]|"")*"|`[^`]*`|\[[^\]]{{0,{_LONGEST}}}\]|[^\W\d][\w$]*)'
_PATH = re.compile(rf"{_PART}(?: ?\. ?{_PART})*")
_PARTS = re.compile(_PART)
MOST = 1_000  # names of one text


def find_mentions(shape: str) -> tuple[int, ...]:
    """The digests of all names in a shape and, since what follows may be a column's, of what they begin with.

    The words of such a text are not kept, since it may hold anything: the first 60 bits of SHA-256 of a name, in lower
    case and without quotes, are enough to find it among those that are known.
    """
    found = set[int]()
    # What is in brackets is a name, or the elements of an array.
    inside = shape.translate({ord("["): " ", ord("]"): " "}) if "[" in shape else ""
    for path in chain(_PATH.finditer(shape), _PATH.finditer(inside)):
        parts = [part.strip('"`[]').lower() for part in _PARTS.findall(path[0])][:_PARTS_OF_ONE]
        # BigQuery writes a project with hyphens without quotes: the first part may be the end of its name.
        told = (parts, parts[1:]) if path.string.startswith("-", max(path.start() - 1, 0)) else (parts,)
        found |= {digest_of(".".join(one[:count])) for one in told for count in range(1, len(one) + 1)}
        if len(found) >= MOST:
            break
    return tuple(sorted(found))


def digest_of(name: str) -> int:
    """As ``lineage.touches.mentions`` works it out of known names."""
    return int(hashlib.sha256(name.encode()).hexdigest()[:15], 16)
