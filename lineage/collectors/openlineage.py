"""OpenLineage events (core 2-0-2 and its facets): runs, what they read and wrote, what is said of datasets.

Lenient, as real producers are: an event is rejected only where it cannot be placed, and a part of another
JSON type than the specification's is left out. A facet with ``_deleted`` true states nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from lineage.collectors.framing import json_any, json_documents
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.openlineage_edges import EDGES
from lineage.collectors.openlineage_shape import EVENT_SHAPE
from lineage.collectors.sniffing import first_objects
from lineage.collectors.times import TIME_MACROS

_NAMED = """
CREATE OR REPLACE TEMP MACRO named(it) AS coalesce((it).namespace, '') <> '' AND coalesce((it).name, '') <> ''
"""
_NAME = """
CREATE OR REPLACE TEMP MACRO name_of(it) AS {'namespace': coalesce((it).namespace, ''), 'name': (it).name}
"""
_RUN = """
CREATE OR REPLACE TEMP MACRO run_of(run) AS {'namespace': '', 'name': (run).runId}
"""
_LIFECYCLE = """
CREATE OR REPLACE TEMP MACRO lifecycle_of(change) AS
CASE WHEN (change)._deleted IS NOT TRUE THEN nullif(upper(trim((change).lifecycleStateChange)), '') END
"""
_PREVIOUS = """
CREATE OR REPLACE TEMP MACRO previous_of(change, beside) AS
CASE WHEN (change)._deleted IS NOT TRUE AND coalesce((change).previousIdentifier.name, '') <> '' THEN {
    'namespace': coalesce(nullif((change).previousIdentifier.namespace, ''), (beside).namespace),
    'name': (change).previousIdentifier.name
} END
"""
# Why an event cannot be placed. Who posts one is told at once, by the same rules in Python: see lineage.server.judging.
NO_EVENT = "This is no OpenLineage event: no run, no job and no dataset."
NO_TIME = "eventTime is missing."
ODD_TIME = "eventTime is no time such as 2026-03-24T10:39:00Z."
NO_RUN = "run.runId is missing."
NO_JOB = "job.name is missing."
NO_DATASET = "The dataset has no namespace or no name."
# Java may leave out seconds of zero and add its zone's name: 2026-03-24T10:39+01:00[Europe/Warsaw].
_EVENT_TIME = r"""
CREATE OR REPLACE TEMP MACRO event_time(told) AS
CASE WHEN told[17] = ':' AND suffix(told, 'Z') THEN told
     ELSE regexp_replace(trim(split_part(told, '[', 1)), '^([^:]*:\d\d)([Zz+-]|$)', '\1:00\2') END
"""
# One row per line: the event as a struct, its kind (run, job or dataset), and why it cannot be placed. `unreadable`:
# inputs or outputs are told, and are no list.
_EVENTS = f"""
CREATE OR REPLACE TEMP TABLE openlineage AS
SELECT *, CASE WHEN kind IS NULL THEN '{NO_EVENT}'
               WHEN kind <> 'job' AND coalesce(e.eventTime, '') = '' THEN '{NO_TIME}'
               WHEN kind <> 'job' AND "at" IS NULL THEN '{ODD_TIME}'
               WHEN kind = 'run' AND coalesce(e.run.runId, '') = '' THEN '{NO_RUN}'
               WHEN kind <> 'dataset' AND coalesce(e.job.name, '') = '' THEN '{NO_JOB}'
               WHEN kind = 'dataset' AND NOT named(e.dataset) THEN '{NO_DATASET}'
          END AS fault
FROM (
    SELECT position, digest, e, unreadable, run_of(e.run) AS run,
           time_at(told_at) AS "at", time_zoned(told_at) AS zoned,
           CASE WHEN e.run IS NOT NULL THEN 'run'
                WHEN e.dataset IS NOT NULL AND e.job IS NULL THEN 'dataset'
                WHEN e.eventType IS NOT NULL OR suffix(e.schemaURL, 'RunEvent') THEN 'run'
                WHEN e.job IS NOT NULL THEN 'job' END AS kind
    FROM (
        SELECT position, digest, e, event_time(e.eventTime) AS told_at,
               CASE WHEN e.inputs IS NULL THEN json_type(text, '$.inputs') <> 'NULL' END IS TRUE
                   OR CASE WHEN e.outputs IS NULL THEN json_type(text, '$.outputs') <> 'NULL' END IS TRUE AS unreadable
        FROM (SELECT position, digest, text, json_transform(text, '{EVENT_SHAPE}') AS e FROM line)
    )
)
"""
_REJECTED = """
INSERT INTO staged_rejected (position, reason) SELECT position, fault FROM openlineage WHERE fault IS NOT NULL
"""
# One row per dataset that an event names: an input, an output, or the one that a DatasetEvent is about.
_DATASETS = """
CREATE OR REPLACE TEMP TABLE openlineage_dataset AS
SELECT *, name_of(d) AS dataset, named(d) AS named
FROM (
    SELECT position, kind, run, fault, 'input' AS direction, unnest(e.inputs) AS d FROM openlineage
    UNION ALL
    SELECT position, kind, run, fault, 'output', unnest(e.outputs) FROM openlineage
    UNION ALL
    SELECT position, kind, run, fault, 'dataset', e.dataset FROM openlineage WHERE kind = 'dataset'
)
WHERE fault IS NULL
"""
_RUN_EVENTS = """
INSERT INTO staged_run_event (position, run, job, event_time, zoned, type)
SELECT position, run, name_of(e.job), "at", zoned, coalesce(nullif(upper(trim(e.eventType)), ''), 'OTHER')
FROM openlineage WHERE fault IS NULL AND kind = 'run'
"""
_RUN_IO = """
INSERT INTO staged_run_io (position, run, direction, dataset, lifecycle, partial, previous)
SELECT position, run, direction, dataset,
       CASE direction WHEN 'output' THEN lifecycle_of(d.facets.lifecycleStateChange) END,
       len(json_extract(d.inputFacets, '$.*.inputCondition')) > 0 IS TRUE
           OR len(json_extract(d.outputFacets, '$.*.outputCondition')) > 0 IS TRUE
           OR contains(lifecycle_of(d.facets.lifecycleStateChange), 'EXISTS') IS TRUE,
       CASE direction WHEN 'output' THEN previous_of(d.facets.lifecycleStateChange, d) END
FROM openlineage_dataset WHERE kind = 'run' AND named
"""
_PARENTS = """
INSERT INTO staged_run_parent (position, run, parent_run, parent_job)
SELECT DISTINCT position, run, CASE WHEN coalesce(above.run.runId, '') <> '' THEN run_of(above.run) END,
       CASE WHEN coalesce(above.job.name, '') <> '' THEN name_of(above.job) END
FROM (
    SELECT position, run, unnest([{'run': parent.run, 'job': parent.job}, parent.root]) AS above
    FROM (
        SELECT position, run, unnest([e.run.facets.parent, e.run.facets.parentRun]) AS parent
        FROM openlineage
        WHERE fault IS NULL AND kind = 'run'
          AND (e.run.facets.parent IS NOT NULL OR e.run.facets.parentRun IS NOT NULL)
    )
)
WHERE coalesce(above.run.runId, '') <> '' OR coalesce(above.job.name, '') <> ''
"""
_SQL_TEXTS = """
INSERT INTO staged_run_sql (position, run, statement, dialect)
SELECT position, run, e.job.facets.sql.query, coalesce(e.job.facets.sql.dialect, '')
FROM openlineage
WHERE fault IS NULL AND kind = 'run' AND coalesce(e.job.facets.sql.query, '') <> ''
  AND e.job.facets.sql._deleted IS NOT TRUE
"""
_SYMLINKS = """
INSERT INTO staged_symlink (position, dataset, other)
SELECT DISTINCT position, dataset, name_of(other)
FROM (
    SELECT position, dataset, unnest(d.facets.symlinks.identifiers) AS other
    FROM openlineage_dataset WHERE named AND d.facets.symlinks._deleted IS NOT TRUE
)
WHERE named(other) AND name_of(other) <> dataset
"""
_CHANGES = """
INSERT INTO staged_dataset_change (position, dataset, event_time, zoned, lifecycle, previous)
SELECT position, dataset, o."at", o.zoned, lifecycle_of(d.facets.lifecycleStateChange),
       previous_of(d.facets.lifecycleStateChange, d)
FROM openlineage_dataset JOIN openlineage o USING (position)
WHERE direction = 'dataset' AND lifecycle_of(d.facets.lifecycleStateChange) IS NOT NULL
"""
# A dataset that is said to derive from others without a run: a view, an alias. No fact table holds it.
_DERIVED = """
INSERT INTO staged_note (position, kind)
SELECT position, 'dataset-lineage' FROM openlineage_dataset
WHERE direction = 'dataset' AND json_array_length(d.facets.lineage, '$.inputs') > 0
  AND json_value(d.facets.lineage, '$._deleted') IS DISTINCT FROM 'true'
"""
_STORED = """
INSERT INTO staged_event (position, digest)
SELECT position, digest FROM openlineage
WHERE fault IS NULL AND (kind = 'run' OR position IN (
    SELECT position FROM staged_symlink UNION ALL SELECT position FROM staged_dataset_change
    UNION ALL SELECT position FROM staged_note
))
"""
_PASSED = """
INSERT INTO staged_passed (position, reason)
SELECT position, CASE kind WHEN 'job' THEN 'design' ELSE 'no change' END FROM openlineage
WHERE fault IS NULL AND position NOT IN (SELECT position FROM staged_event)
"""
# What is told when all is done, and bears the time of that, is seen by its times: see QUERIES of lineage.touches.runs.
_NOTES = """
INSERT INTO staged_note (position, kind)
SELECT position, unnest(list_filter([
    CASE WHEN coalesce(e.producer, '') = '' THEN 'missing-producer' END,
    CASE WHEN coalesce(e.schemaURL, '') = '' THEN 'missing-schema-url' END,
    CASE WHEN kind <> 'dataset' AND coalesce(e.job.namespace, '') = '' THEN 'missing-job-namespace' END,
    CASE WHEN upper(trim(e.eventType)) NOT IN ('START', 'RUNNING', 'COMPLETE', 'FAIL', 'ABORT', 'OTHER', '')
         THEN 'unknown-event-type' END,
    CASE WHEN json_type(e.run.facets.extractionError) = 'OBJECT' THEN 'extraction-error' END,
    CASE WHEN unreadable THEN 'unreadable-datasets' END,
    CASE WHEN upper(e.job.facets.jobType.integration) = 'AIRFLOW' AND upper(e.job.facets.jobType.jobType) = 'QUERY'
         THEN 'task-query' END,
    CASE WHEN upper(e.job.facets.jobType.integration) = 'DBT' AND upper(e.job.facets.jobType.jobType) = 'TEST'
         THEN 'dbt-test' END
], lambda kind: kind IS NOT NULL))
FROM openlineage WHERE position IN (SELECT position FROM staged_event)
UNION ALL
SELECT DISTINCT position, 'view-model' FROM openlineage_dataset
WHERE kind = 'run' AND direction = 'output' AND named
  AND lower(d.facets.dbt_model.config.materialized) IN ('view', 'ephemeral')
UNION ALL
SELECT DISTINCT position, 'nameless-dataset' FROM openlineage_dataset
WHERE NOT named AND position IN (SELECT position FROM staged_event)
UNION ALL
SELECT DISTINCT position, 'rename-without-origin' FROM openlineage_dataset
WHERE direction <> 'input' AND named AND lifecycle_of(d.facets.lifecycleStateChange) = 'RENAME'
  AND previous_of(d.facets.lifecycleStateChange, d) IS NULL
"""


# What Marquez gives of its events: one object with their list, which may be empty, and their number behind it.
_LISTED = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"events"\s*:\s*(?=\[)')
_NONE = re.compile(rb'\[\s*\]\s*,\s*"totalCount"')
_BEHIND = re.compile(rb'"totalCount"\s*:\s*\d+|\}')


def _claims(head: Head) -> bool:
    """Whether one of the first objects is an event; of a long one its first members must do."""
    listed = _LISTED.match(head.start)
    inner = replace(head, start=head.start[listed.end() :]) if listed else head
    return bool(listed and _NONE.match(inner.start)) or any(_is_event(found) for found in first_objects(inner))


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    listed = _LISTED.match(head.start)
    if listed is None:
        yield from json_any(stream, head)
        return
    stream.read(listed.end())
    for piece in json_documents(stream, head):
        if isinstance(piece, Block) or not _BEHIND.fullmatch(piece.text):
            yield piece


def _is_event(found: dict[str, Any]) -> bool:
    parts = [found[key] for key in ("run", "job", "dataset", "inputs", "outputs") if key in found]
    shaped = any(part is None or isinstance(part, dict | list) for part in parts)
    return shaped and ("eventTime" in found or "openlineage" in str(found.get("schemaURL")))


COLLECTOR = Collector(
    name="openlineage",
    title="OpenLineage events, one per line, in an array, one per file or as Marquez lists them",
    claims=_claims,
    frame=_frame,
    load=(
        *TIME_MACROS,
        _NAMED,
        _NAME,
        _RUN,
        _LIFECYCLE,
        _PREVIOUS,
        _EVENT_TIME,
        _EVENTS,
        _REJECTED,
        _DATASETS,
        _RUN_EVENTS,
        _RUN_IO,
        _PARENTS,
        _SQL_TEXTS,
        _SYMLINKS,
        _CHANGES,
        *EDGES,
        _DERIVED,
        _STORED,
        _PASSED,
        _NOTES,
    ),
    example='{"eventType": "COMPLETE", "eventTime": "2026-03-24T10:39:00Z", "run": {"runId": "01936000-…"},'
    ' "job": {"namespace": "airflow", "name": "northgate_sync"}, "inputs": [], "outputs": []}',
)
