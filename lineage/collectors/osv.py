"""Advisories in the OSV format (JSON), kept as documents without the people whom they credit."""

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Collector, Head
from lineage.collectors.sniffing import first_objects, text_of


def _claims(head: Head) -> bool:
    return any(
        "affected" in found
        and ("modified" in found or not head.whole)
        and ("id" in found or '"ecosystem"' in text_of(head))
        for found in first_objects(head)
    )


_REJECTED = """
INSERT INTO staged_rejected (position, reason)
SELECT position, 'The advisory has no id.' FROM line WHERE coalesce(json_type(text, '$.id'), '') <> 'VARCHAR'
"""
_EVENTS = """
INSERT INTO staged_event (position, digest)
SELECT position, digest FROM line WHERE json_type(text, '$.id') = 'VARCHAR'
"""
_DOCUMENTS = """
INSERT INTO staged_document (position, kind, id, body)
SELECT position, 'advisory', text->>'$.id', json_merge_patch(text, '{"credits": null}')::VARCHAR
FROM line WHERE json_type(text, '$.id') = 'VARCHAR'
"""

COLLECTOR = Collector(
    name="osv",
    title="Advisories in the OSV format",
    claims=_claims,
    frame=json_any,
    load=(_REJECTED, _EVENTS, _DOCUMENTS),
    example='{"id": "MAL-2026-2144", "modified": "2026-03-26T09:53:17Z", "affected":'
    ' [{"package": {"ecosystem": "PyPI", "name": "litellm"}, "versions": ["1.82.7", "1.82.8"]}]}',
)
