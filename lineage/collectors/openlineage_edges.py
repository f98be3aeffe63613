"""The edges that an OpenLineage event states itself: columnLineage, and the experimental lineage facet.

They are read off ``openlineage`` and ``openlineage_dataset`` (see ``openlineage``).
"""

from lineage.collectors.openlineage_shape import COLUMN_LINEAGE_SHAPE, LINEAGE_SHAPE, TARGETS_SHAPE

# What the lineage facet says of one target, from wherever a producer puts it.
_TARGETS = f"""
CREATE OR REPLACE TEMP TABLE openlineage_target AS
WITH told AS (
    SELECT position, run, name_of(e.job) AS job, json_transform(unnest([
        e.run.facets.lineage, e.job.facets.lineage, json_object('lineage', e.lineage)
    ]), '{TARGETS_SHAPE}') AS facet
    FROM openlineage WHERE fault IS NULL AND kind = 'run'
      AND (e.run.facets.lineage IS NOT NULL OR e.job.facets.lineage IS NOT NULL OR e.lineage IS NOT NULL)
), target AS (
    SELECT position, run, job, unnest(list_concat(facet.entries, facet.lineage)) AS t
    FROM told WHERE facet._deleted IS NOT TRUE
), alone AS (
    SELECT position, run, dataset, named, json_transform(d.facets.lineage, '{LINEAGE_SHAPE}') AS facet
    FROM openlineage_dataset WHERE kind = 'run' AND direction = 'output' AND d.facets.lineage IS NOT NULL
)
SELECT position, run, job, name_of(t) AS dataset, upper(coalesce(t.type, '')) = 'JOB' AS of_job,
       named(t) AS named, t.inputs AS inputs, map_entries(t.fields) AS fields
FROM target
UNION ALL
SELECT position, run, NULL, dataset, false, named, facet.inputs, map_entries(facet.fields)
FROM alone WHERE facet._deleted IS NOT TRUE
"""
_SOURCES = """
CREATE OR REPLACE TEMP TABLE openlineage_source AS
WITH target AS (SELECT * FROM openlineage_target WHERE named AND NOT of_job)
SELECT *, upper(coalesce(source.type, '')) = 'JOB' AS of_job, named(source) AS named
FROM (
    SELECT position, run, job, dataset, NULL AS field, unnest(inputs) AS source FROM target
    UNION ALL
    SELECT position, run, job, dataset, f.key, unnest(f.value.inputs)
    FROM (SELECT position, run, job, dataset, unnest(fields) AS f FROM target)
)
"""
# An empty list says that there is no upstream, unless the fields name one.
_STATED = """
INSERT INTO staged_stated_edge (position, run, dataset, source_dataset)
SELECT DISTINCT position, run, dataset, name_of(source) FROM openlineage_source WHERE named AND NOT of_job
UNION ALL
SELECT DISTINCT position, run, dataset, NULL FROM openlineage_target t
WHERE named AND NOT of_job AND len(inputs) = 0 AND (position, dataset) NOT IN (
    SELECT (position, dataset) FROM openlineage_source WHERE named
)
"""
# Data that one job hands over to another names no dataset, so no edge can hold it.
_HANDED_OVER = """
INSERT INTO staged_note (position, kind)
SELECT position, 'job-lineage' FROM openlineage_target
WHERE of_job AND (named AND dataset <> job OR len(list_filter(inputs, lambda s: upper(s.type) = 'JOB')) > 0)
UNION
SELECT position, 'job-lineage' FROM openlineage_source
WHERE of_job AND named AND name_of(source) IS DISTINCT FROM job
"""
# Content is carried by what is not masked and not said to be indirect; the first version of the facet said
# MASKED once for the whole field.
_CARRIES = """
CREATE OR REPLACE TEMP MACRO carries(transformations, of_field) AS
CASE WHEN len(transformations) > 0
     THEN len(list_filter(transformations, lambda t: t.masking IS NOT TRUE
                                                     AND upper(coalesce(t.type, '')) <> 'INDIRECT')) > 0
     ELSE upper(coalesce(of_field, '')) <> 'MASKED' END
"""
_COLUMNS = f"""
CREATE OR REPLACE TEMP TABLE openlineage_column AS
SELECT position, run, dataset, map_entries(facet.fields) AS fields, facet.dataset AS whole
FROM (
    SELECT position, run, dataset, json_transform(d.facets.columnLineage, '{COLUMN_LINEAGE_SHAPE}') AS facet
    FROM openlineage_dataset
    WHERE kind = 'run' AND direction = 'output' AND named AND d.facets.columnLineage IS NOT NULL
)
WHERE facet._deleted IS NOT TRUE
"""
# One row per source of a field. Field NULL: of the dataset as a whole, as a filter, a join or an order is; in
# columnLineage that goes into no field.
_COLUMN_EDGES = """
INSERT INTO staged_column_edge (position, run, dataset, field, source_dataset, source_field, carries)
SELECT DISTINCT position, run, dataset, field, name_of(source), source.field,
       into_fields AND carries(source.transformations, of_field)
FROM (
    SELECT position, run, dataset, f.key AS field, unnest(f.value.inputFields) AS source,
           f.value.transformationType AS of_field, true AS into_fields
    FROM (SELECT position, run, dataset, unnest(fields) AS f FROM openlineage_column)
    UNION ALL
    SELECT position, run, dataset, NULL, unnest(whole), NULL, false FROM openlineage_column
    UNION ALL
    SELECT position, run, dataset, field, source, NULL, true
    FROM openlineage_source WHERE NOT of_job AND (field IS NOT NULL OR source.field IS NOT NULL)
)
WHERE named(source)
"""
_FIELDS_FROM_NOTHING = """
INSERT INTO staged_column_edge (position, run, dataset, field, source_dataset, source_field, carries)
SELECT position, run, dataset, f.key, NULL, NULL, false
FROM (SELECT position, run, dataset, unnest(fields) AS f FROM openlineage_column)
WHERE len(f.value.inputFields) = 0
UNION
SELECT position, run, dataset, f.key, NULL, NULL, false
FROM (SELECT position, run, dataset, unnest(fields) AS f FROM openlineage_target WHERE named AND NOT of_job)
WHERE len(f.value.inputs) = 0
"""
EDGES = (_TARGETS, _SOURCES, _STATED, _HANDED_OVER, _CARRIES, _COLUMNS, _COLUMN_EDGES, _FIELDS_FROM_NOTHING)
