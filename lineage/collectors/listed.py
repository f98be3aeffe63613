"""Lists of packages that say neither where nor when they were installed: what their collectors share.

``as_listed`` writes out what a list holds; LISTED is all that runs then.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from packaging.utils import canonicalize_name

from lineage.collectors.interface import Block
from lineage.collectors.judging import PLACED
from lineage.collectors.snapshots import SNAPSHOT_MACROS, SNAPSHOTS, judged_as_given
from lineage.collectors.times import TIME_MACROS


class Package(NamedTuple):
    """A package of PyPI, and whether nothing leaves open that it is there; ``version`` is None where it is not told."""

    name: str
    version: str | None
    sure: bool = True


def as_listed(packages: Iterable[Package]) -> Block:
    """The list as the one text of its input, without what says nothing of what is installed."""
    told: dict[str, bool] = {}
    for one in packages:
        version = f"@{quote(one.version, safe='')}" if one.version else ""
        purl = f"pkg:pypi/{canonicalize_name(one.name)}{version}"
        told[purl] = told.get(purl, False) or one.sure
    listed = [{"purl": purl, "sure": sure} for purl, sure in sorted(told.items())]
    return Block(1, json.dumps({"packages": listed}).encode(), 1)


_JUDGED = judged_as_given("The list says neither where nor when it was installed")
_COMPONENTS = """
INSERT INTO staged_component (position, purl, marked)
SELECT position, item->>'$.purl', nullif(NOT (item->>'$.sure')::BOOLEAN, false)
FROM (SELECT position, unnest(json_extract(text, '$.packages[*]')) AS item FROM judged WHERE fault IS NULL)
"""
LISTED = (*TIME_MACROS, *SNAPSHOT_MACROS, _JUDGED, *PLACED, SNAPSHOTS, _COMPONENTS)
