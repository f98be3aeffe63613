"""SPDX documents (2.2 and 2.3, JSON) as snapshots: what was installed in an environment when the document was made.

The environment is the document's ``name``, the time ``creationInfo.created``; what the user tells wins. A package is
known by its external references of the type purl. What GitHub's API gives holds the document below ``sbom``. What is
there for an optional, development, test, build or provided dependency alone may not have been there.
"""

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Collector, Head
from lineage.collectors.judging import PLACED
from lineage.collectors.snapshots import PACKAGES, SNAPSHOT_MACROS, SNAPSHOTS
from lineage.collectors.sniffing import first_objects, text_of
from lineage.collectors.times import TIME_MACROS


def _claims(head: Head) -> bool:
    found = first_objects(head)
    if any(_is_document(one) or _is_document(one.get("sbom")) for one in found):
        return True
    # Some producers write the members in the order of their names, a long list of files or packages first; of one that
    # goes on beyond the beginning only its text tells.
    return not head.whole and any(
        {"packages", "sbom"} & set(one) and '"SPDXID"' in text_of(head) and "bomFormat" not in one for one in found
    )


def _is_document(told: object) -> bool:
    return isinstance(told, dict) and ("spdxVersion" in told or told.get("SPDXID") == "SPDXRef-DOCUMENT")


_READ = """
CREATE OR REPLACE TEMP TABLE bom_read AS
SELECT position, document, snapshot_digest(digest, g.environment, g.taken_at) AS digest,
    coalesce(g.environment, nullif(document->>'$.name', '')) AS environment,
    coalesce(g.taken_at, document->>'$.creationInfo.created') AS taken_at
FROM (SELECT position, digest, coalesce(text->'$.sbom', text) AS document FROM line), given g
"""
# What depends on what; ``plain``: by a dependency that is always there.
_EDGES = """
CREATE OR REPLACE TEMP TABLE bom_edge AS
SELECT DISTINCT position, CASE WHEN kind = 'DEPENDS_ON' THEN one ELSE other END AS parent,
    CASE WHEN kind = 'DEPENDS_ON' THEN other ELSE one END AS child,
    kind IN ('DEPENDS_ON', 'DEPENDENCY_OF', 'RUNTIME_DEPENDENCY_OF') AS plain
FROM (
    SELECT position, told->>'$.spdxElementId' AS one, told->>'$.relatedSpdxElement' AS other,
        told->>'$.relationshipType' AS kind
    FROM (SELECT position, unnest(json_extract(document, '$.relationships[*]')) AS told FROM bom_read)
)
WHERE kind = 'DEPENDS_ON' OR regexp_full_match(kind, '((RUNTIME|OPTIONAL|DEV|TEST|BUILD|PROVIDED)_)?DEPENDENCY_OF')
"""
_MARKED = """
CREATE OR REPLACE TEMP TABLE bom_marked AS
WITH RECURSIVE doubtful AS (
    SELECT DISTINCT position, child AS id FROM bom_edge WHERE NOT plain
    UNION
    SELECT e.position, e.child FROM doubtful d JOIN bom_edge e ON e.position = d.position AND e.parent = d.id
), sure AS (
    SELECT DISTINCT e.position, e.child AS id FROM bom_edge e
    WHERE plain AND (e.position, e.parent) NOT IN (SELECT (position, id) FROM doubtful)
    UNION
    SELECT e.position, e.child FROM sure s JOIN bom_edge e ON e.position = s.position AND e.parent = s.id WHERE plain
)
SELECT position, id FROM doubtful WHERE id IS NOT NULL EXCEPT SELECT position, id FROM sure
"""
# The document tells what it is about by documentDescribes or by a relationship.
_LISTED = """
CREATE OR REPLACE TEMP TABLE bom_listed AS
WITH listed AS (
    SELECT position, unnest(json_extract(document, '$.packages[*]')) AS package FROM bom_read
), described AS (
    SELECT position, unnest(json_extract_string(document, '$.documentDescribes[*]')) AS id FROM bom_read
    UNION ALL
    SELECT position, told->>'$.relatedSpdxElement'
    FROM (SELECT position, unnest(json_extract(document, '$.relationships[*]')) AS told FROM bom_read)
    WHERE told->>'$.relationshipType' = 'DESCRIBES'
), placed AS (
    SELECT position, package->>'$.name' AS name, package->>'$.versionInfo' AS version,
        (position, coalesce(package->>'$.SPDXID', '')) IN (SELECT (position, id) FROM bom_marked) AS marked,
        coalesce(package->>'$.primaryPackagePurpose' IN ('LIBRARY', 'FRAMEWORK'), true)
            AND (position, coalesce(package->>'$.SPDXID', '')) NOT IN (
                SELECT (position, id) FROM described WHERE id IS NOT NULL
            ) AS is_library,
        list_transform(
            list_filter(
                json_extract(package, '$.externalRefs[*]'),
                lambda one: lower(one->>'$.referenceType') IN ('purl', 'http://spdx.org/rdf/references/purl')
            ),
            lambda one: one->>'$.referenceLocator'
        ) AS purls
    FROM listed WHERE json_type(package) = 'OBJECT'
)
SELECT position, unnest(CASE WHEN coalesce(len(purls), 0) = 0 THEN [NULL] ELSE purls END) AS purl,
    name, nullif(version, 'NOASSERTION') AS version, is_library, marked
FROM placed
"""
_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, CASE
    WHEN NOT coalesce(document->>'$.spdxVersion' LIKE 'SPDX-2.%', false)
        THEN 'This is no SPDX document of version 2; give CycloneDX or SPDX 2.3.'
    WHEN coalesce(json_type(document, '$.packages'), '') <> 'ARRAY' THEN 'packages is missing or no list.'
    WHEN environment IS NULL THEN 'name is missing; tell the environment with --environment.'
    WHEN taken_at IS NULL THEN 'creationInfo.created is missing; tell when it was taken with --taken-at.'
    WHEN time_at(taken_at) IS NULL THEN 'The time at which it was taken is no RFC 3339 time.'
END AS fault
FROM bom_read
"""

COLLECTOR = Collector(
    name="spdx",
    title="SPDX documents, as JSON",
    claims=_claims,
    frame=json_any,
    load=(*TIME_MACROS, *SNAPSHOT_MACROS, _READ, _EDGES, _MARKED, _LISTED, _JUDGED, *PLACED, SNAPSHOTS, *PACKAGES),
    example='{"spdxVersion": "SPDX-2.3", "name": "airflow-workers",'
    ' "creationInfo": {"created": "2026-03-24T12:00:00Z"}, "packages": [{"name": "litellm", "SPDXID": "SPDXRef-1",'
    ' "versionInfo": "1.82.7", "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",'
    ' "referenceLocator": "pkg:pypi/litellm@1.82.7"}]}]}',
)
