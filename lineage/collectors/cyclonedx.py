"""CycloneDX documents (JSON) as snapshots: what was installed in an environment when the document was made.

The environment is ``metadata.component.name``, the time ``metadata.timestamp``; what the user tells wins.
Components count at any depth, but neither the tools that made the document nor the pedigree of a component. One that
is not required (its scope, or what npm and uv say of it) may not have been there.
"""

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Collector, Head
from lineage.collectors.judging import PLACED
from lineage.collectors.snapshots import PACKAGES, SNAPSHOT_MACROS, SNAPSHOTS
from lineage.collectors.sniffing import first_objects, text_of
from lineage.collectors.times import TIME_MACROS


def _claims(head: Head) -> bool:
    if any(found.get("bomFormat") == "CycloneDX" for found in first_objects(head)):
        return True
    # Some producers write a long list of components first and the format's name last.
    return not head.whole and any(
        "components" in found and "bomFormat" not in found and '"bom-ref"' in text_of(head)
        for found in first_objects(head)
    )


# A document may be large, and whatever asks something of it holds it whole once more: all is asked at once, and then of
# its parts.
_READ = """
CREATE OR REPLACE TEMP TABLE bom_read AS
WITH parts AS MATERIALIZED (
    SELECT position, digest,
        json_extract(text, ['$.bomFormat', '$.metadata', '$.components', '$.vulnerabilities[0]']) AS told
    FROM line
)
SELECT position, snapshot_digest(digest, g.environment, g.taken_at) AS digest,
    coalesce(g.environment, nullif(told[2]->>'$.component.name', '')) AS environment,
    coalesce(g.taken_at, told[2]->>'$.timestamp') AS taken_at, told[1]->>'$' AS format,
    told[2]->'$.component' AS about, told[3]::VARCHAR AS components, told[4] IS NOT NULL AS vulnerable
FROM parts, given g
"""
# The component that the document is about, those it holds, and theirs. (json_tree would write out the path of every
# value there is, which of something deeply nested takes all memory.)
DEEPEST = 100
_LISTED = rf"""
CREATE OR REPLACE TEMP TABLE bom_listed AS
WITH RECURSIVE listed AS (
    SELECT position, 0 AS depth, about AS component FROM bom_read
    UNION ALL
    SELECT position, 1, unnest(json_extract(components, '$[*]')) FROM bom_read
    UNION ALL
    SELECT position, depth + 1, unnest(json_extract(component, '$.components[*]')) FROM listed WHERE depth <= {DEEPEST}
)
SELECT position, depth, component->>'$.purl' AS purl, component->>'$.version' AS version,
    coalesce(nullif(component->>'$.group', '') || '/', '') || (component->>'$.name') AS name,
    coalesce(component->>'$.type' IN ('library', 'framework'), false) AS is_library,
    coalesce(component->>'$.scope' IN ('optional', 'excluded'), false) OR len(list_filter(
        json_extract(component, '$.properties[*]'),
        lambda one: one->>'$.name' = 'uv:package:marker'
            OR (one->>'$.name' = 'cdx:npm:package:development' AND one->>'$.value' = 'true')
    )) > 0 AS marked
FROM listed WHERE json_type(component) = 'OBJECT'
"""
_JUDGED = f"""
CREATE OR REPLACE TEMP TABLE judged AS
SELECT position, digest, environment, taken_at, CASE
    WHEN coalesce(format, '') <> 'CycloneDX' THEN 'This is no CycloneDX document.'
    WHEN NOT coalesce(starts_with(components, '['), false) THEN 'components is missing or no list.'
    WHEN components = '[]' AND vulnerable
        THEN 'It tells of vulnerabilities and of no components: that is no list of what was installed.'
    WHEN environment IS NULL
        THEN 'metadata.component.name is missing; tell the environment with --environment.'
    WHEN taken_at IS NULL THEN 'metadata.timestamp is missing; tell when it was taken with --taken-at.'
    WHEN time_at(taken_at) IS NULL THEN 'The time at which it was taken is no RFC 3339 time.'
    WHEN position IN (SELECT position FROM bom_listed WHERE depth > {DEEPEST})
        THEN 'Its components are nested more than {DEEPEST} deep.'
END AS fault
FROM bom_read
"""
COLLECTOR = Collector(
    name="cyclonedx",
    title="CycloneDX documents, as JSON",
    claims=_claims,
    frame=json_any,
    load=(*TIME_MACROS, *SNAPSHOT_MACROS, _READ, _LISTED, _JUDGED, *PLACED, SNAPSHOTS, *PACKAGES),
    example='{"bomFormat": "CycloneDX", "metadata": {"timestamp": "2026-03-24T12:00:00Z",'
    ' "component": {"type": "application", "name": "airflow-workers"}},'
    ' "components": [{"type": "library", "name": "litellm", "purl": "pkg:pypi/litellm@1.82.7"}]}',
)
