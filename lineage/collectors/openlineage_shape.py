"""The parts of an OpenLineage event that are read, as DuckDB types: the rest never enters a table.

``json_transform`` to them is lenient: what is absent or of another JSON type is NULL, a number is its text.
The two facets with edges are rare and large, so they stay JSON until an event has one.
"""


def _shape(kind: str) -> str:
    return '"' + " ".join(kind.split()) + '"'


_NAME = "namespace VARCHAR, name VARCHAR"
_CHANGE = f"lifecycleStateChange VARCHAR, previousIdentifier STRUCT({_NAME}), _deleted BOOLEAN"
_DATASET = f"""STRUCT(
    {_NAME},
    facets STRUCT(
        symlinks STRUCT(identifiers STRUCT({_NAME})[], _deleted BOOLEAN),
        lifecycleStateChange STRUCT({_CHANGE}),
        dbt_model STRUCT(config STRUCT(materialized VARCHAR)),
        columnLineage JSON,
        lineage JSON
    ),
    inputFacets JSON,
    outputFacets JSON
)"""
_ABOVE = f"run STRUCT(runId VARCHAR), job STRUCT({_NAME})"
_PARENT = f"STRUCT({_ABOVE}, root STRUCT({_ABOVE}))"
EVENT_SHAPE = _shape(f"""STRUCT(
    eventTime VARCHAR, eventType VARCHAR, producer VARCHAR, schemaURL VARCHAR,
    run STRUCT(
        runId VARCHAR,
        facets STRUCT(parent {_PARENT}, parentRun {_PARENT}, extractionError JSON, lineage JSON)
    ),
    job STRUCT(
        {_NAME},
        facets STRUCT(
            sql STRUCT(query VARCHAR, dialect VARCHAR, _deleted BOOLEAN),
            jobType STRUCT(integration VARCHAR, jobType VARCHAR),
            lineage JSON
        )
    ),
    inputs {_DATASET}[], outputs {_DATASET}[], dataset {_DATASET}, lineage JSON
)""")

_TRANSFORMATIONS = "STRUCT(type VARCHAR, masking BOOLEAN)[]"
# A source in columnLineage or in the lineage facet. Only the latter has a type: DATASET or JOB.
_SOURCE = f"STRUCT({_NAME}, type VARCHAR, field VARCHAR, transformations {_TRANSFORMATIONS})"
_FIELDS = f"MAP(VARCHAR, STRUCT(inputFields {_SOURCE}[], transformationType VARCHAR))"
COLUMN_LINEAGE_SHAPE = _shape(f"STRUCT(fields {_FIELDS}, dataset {_SOURCE}[], _deleted BOOLEAN)")
_LINEAGE = f"inputs {_SOURCE}[], fields MAP(VARCHAR, STRUCT(inputs {_SOURCE}[]))"
LINEAGE_SHAPE = _shape(f"STRUCT({_LINEAGE}, _deleted BOOLEAN)")
# The list is `entries` on a job; the specification's first version had it as `lineage`, on a run.
_TARGETS = f"STRUCT({_NAME}, type VARCHAR, {_LINEAGE})[]"
TARGETS_SHAPE = _shape(f"STRUCT(entries {_TARGETS}, lineage {_TARGETS}, _deleted BOOLEAN)")
