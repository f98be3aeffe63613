"""The output of ``pip inspect`` as a snapshot. It says neither where nor when it was made: the user must."""

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Collector, Head
from lineage.collectors.judging import PLACED
from lineage.collectors.snapshots import SNAPSHOT_MACROS, SNAPSHOTS, judged_as_given
from lineage.collectors.sniffing import first_objects
from lineage.collectors.times import TIME_MACROS


def _claims(head: Head) -> bool:
    return any({"pip_version", "installed"} <= set(found) for found in first_objects(head))


_JUDGED = judged_as_given(
    "pip inspect says neither where nor when it ran",
    "WHEN coalesce(json_type(text, '$.installed'), '') <> 'ARRAY' THEN 'installed is missing or no list.'",
)
_COMPONENTS = """
INSERT INTO staged_component (position, purl)
SELECT DISTINCT position, 'pkg:pypi/' || pypi_name(item->>'$.metadata.name')
    || coalesce('@' || url_encode(item->>'$.metadata.version'), '')
FROM (
    SELECT position, unnest(json_extract(text, '$.installed[*]')) AS item FROM judged WHERE fault IS NULL
)
WHERE item->>'$.metadata.name' <> ''
"""

COLLECTOR = Collector(
    name="pip_inspect",
    title="The output of pip inspect",
    claims=_claims,
    frame=json_any,
    load=(*TIME_MACROS, *SNAPSHOT_MACROS, _JUDGED, *PLACED, SNAPSHOTS, _COMPONENTS),
    example='{"version": "1", "pip_version": "26.0", "installed":'
    ' [{"metadata": {"name": "litellm", "version": "1.82.7"}}], "environment": {}}',
)
