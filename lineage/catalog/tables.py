"""The catalog as tables: statements over one parameter, ``$catalog``, the JSON that ``to_json`` writes.

Every statement makes one temporary table anew. Instants and durations are microseconds; open ends are
-2^62 and 2^62, intervals half-open. ``no`` counts from 1, and the least ``no`` that matches holds. The
least catalog, ``{}``, gives empty tables.
"""

TABLES = (
    """
CREATE OR REPLACE TEMP TABLE catalog_vendor AS
SELECT v.id, v.name, v.role, v.sub_processor_of, v.country
FROM (SELECT unnest(from_json($catalog, '{"vendors": [{"id": "VARCHAR", "name": "VARCHAR", "role": "VARCHAR",
    "sub_processor_of": "VARCHAR", "country": "VARCHAR"}]}').vendors) AS v)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_principal AS
SELECT p.id, p.vendor, p.kind, p.valid_from, p.valid_to
FROM (SELECT unnest(from_json($catalog, '{"principals": [{"id": "VARCHAR", "vendor": "VARCHAR",
    "kind": "VARCHAR", "valid_from": "BIGINT", "valid_to": "BIGINT"}]}').principals) AS p)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_rotation AS
SELECT DISTINCT p.id AS principal, unnest(p.rotated_at) AS at
FROM (SELECT unnest(from_json($catalog, '{"principals": [{"id": "VARCHAR", "rotated_at": ["BIGINT"]}]}')
    .principals) AS p)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_alias AS
SELECT DISTINCT unnest(p.aliases) AS alias, p.id AS principal
FROM (SELECT unnest(from_json($catalog, '{"principals": [{"id": "VARCHAR", "aliases": ["VARCHAR"]}]}')
    .principals) AS p)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_job AS
SELECT no, j.match.namespace AS namespace, j.match.name AS name, j.vendor, j.principal, j.environment,
    j.max_duration
FROM unnest(from_json($catalog, '{"jobs": [{"match": {"namespace": "VARCHAR", "name": "VARCHAR"},
    "vendor": "VARCHAR", "principal": "VARCHAR", "environment": "VARCHAR", "max_duration": "BIGINT"}]}').jobs)
    WITH ORDINALITY AS t(j, no)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_environment AS
SELECT e.id
FROM (SELECT unnest(from_json($catalog, '{"environments": [{"id": "VARCHAR"}]}').environments) AS e)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_credential AS
SELECT e.id AS environment, unnest(e.credentials) AS principal
FROM (SELECT unnest(from_json($catalog, '{"environments": [{"id": "VARCHAR", "credentials": ["VARCHAR"]}]}')
    .environments) AS e)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_dataset AS
SELECT no, d.match.namespace AS namespace, d.match.name AS name, d.key, d.write_mode, d.indexed
FROM unnest(from_json($catalog, '{"datasets": [{"match": {"namespace": "VARCHAR", "name": "VARCHAR"},
    "key": ["VARCHAR"], "write_mode": "VARCHAR", "indexed": "BOOLEAN"}]}').datasets)
    WITH ORDINALITY AS t(d, no)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_field AS
SELECT no, f.name AS field, f.categories
FROM (SELECT no, unnest(d.fields) AS f
    FROM unnest(from_json($catalog, '{"datasets": [{"fields": [{"name": "VARCHAR",
        "categories": ["VARCHAR"]}]}]}').datasets) WITH ORDINALITY AS t(d, no))
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_view AS
SELECT no, unnest(d.view_of) AS base
FROM unnest(from_json($catalog, '{"datasets": [{"view_of": ["VARCHAR"]}]}').datasets)
    WITH ORDINALITY AS t(d, no)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_observed AS
SELECT no, unnest(d.observed_by) AS source
FROM unnest(from_json($catalog, '{"datasets": [{"observed_by": ["VARCHAR"]}]}').datasets)
    WITH ORDINALITY AS t(d, no)
""",
    """
CREATE OR REPLACE TEMP TABLE catalog_source AS
SELECT no, s.id, s.collector, s.namespace, s.files, s.max_silence, s.timezone, s.observes
FROM unnest(from_json($catalog, '{"sources": [{"id": "VARCHAR", "collector": "VARCHAR",
    "namespace": "VARCHAR", "files": "VARCHAR", "max_silence": "BIGINT", "timezone": "VARCHAR",
    "observes": ["VARCHAR"]}]}').sources)
    WITH ORDINALITY AS t(s, no)
""",
)
