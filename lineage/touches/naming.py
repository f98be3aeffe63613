"""Who is who: datasets under all their names, principals, jobs and runs.

Numbers are given in the order of the names, so equal facts give equal numbers whatever order they came in.
"""

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.store import Row, Store
from lineage.touches.places import PLACES

# An alias stands for its principal wherever it is written, in the catalog too.
PRINCIPALS = f"""
UPDATE catalog_job j SET principal = a.principal FROM catalog_alias a WHERE a.alias = j.principal;
UPDATE catalog_credential c SET principal = a.principal FROM catalog_alias a WHERE a.alias = c.principal;
CREATE OR REPLACE TABLE principal AS
SELECT row_number() OVER (ORDER BY id) AS principal_id, id,
       id IN (SELECT id FROM catalog_principal) AS in_catalog
FROM (
    SELECT coalesce(a.principal, n.name) AS id FROM name n LEFT JOIN catalog_alias a ON a.alias = n.name
    WHERE n.kind = 'principal'
    UNION SELECT id FROM catalog_principal
    UNION SELECT principal FROM catalog_job WHERE principal IS NOT NULL
    UNION SELECT principal FROM catalog_credential
);
CREATE OR REPLACE TEMP TABLE principal_of AS
SELECT n.name_id, p.principal_id
FROM name n LEFT JOIN catalog_alias a ON a.alias = n.name JOIN principal p ON p.id = coalesce(a.principal, n.name)
WHERE n.kind = 'principal';
CREATE OR REPLACE TABLE principal_alias AS SELECT alias, principal AS id FROM catalog_alias ORDER BY ALL;
CREATE OR REPLACE TABLE membership AS
SELECT p.principal_id, c.vendor, c.valid_from AS start_at,
       CASE WHEN c.valid_to >= {AFTER_ALL} THEN {AFTER_ALL} ELSE c.valid_to - 1 END AS end_at
FROM catalog_principal c JOIN principal p USING (id)
WHERE c.vendor IS NOT NULL AND greatest(c.valid_from, {BEFORE_ALL}) < c.valid_to;
CREATE OR REPLACE TABLE rotation AS
SELECT p.principal_id, r.at AS rotated_at FROM catalog_rotation r JOIN principal p ON p.id = r.principal;
CREATE OR REPLACE TABLE vendor AS SELECT id, name, role, sub_processor_of, country FROM catalog_vendor ORDER BY id;
"""
JOBS = """
CREATE OR REPLACE TEMP TABLE job_of AS
SELECT n.name_id, row_number() OVER (ORDER BY j.namespace, j.name) AS job_id, j.namespace, j.name
FROM (
    SELECT namespace, name FROM name WHERE kind = 'job'
    UNION SELECT namespace, name FROM catalog_job WHERE NOT regexp_matches(namespace || name, '[*?\\[]')
) j
LEFT JOIN name n ON n.kind = 'job' AND n.namespace = j.namespace AND n.name = j.name;
CREATE OR REPLACE TABLE job AS
SELECT j.job_id, j.namespace, j.name, c.no AS catalog_no, c.vendor, p.principal_id, c.environment, c.max_duration
FROM job_of j
LEFT JOIN (
    SELECT j.job_id, min(c.no) AS no FROM job_of j
    JOIN catalog_job c ON (j.namespace = c.namespace OR j.namespace GLOB replace(c.namespace, '\\', '\\\\'))
        AND (j.name = c.name OR j.name GLOB replace(c.name, '\\', '\\\\'))
    GROUP BY j.job_id
) m ON m.job_id = j.job_id
LEFT JOIN catalog_job c ON c.no = m.no
LEFT JOIN principal p ON p.id = c.principal
ORDER BY j.job_id;
CREATE OR REPLACE TEMP TABLE run_of AS
SELECT name_id, row_number() OVER (ORDER BY name) AS run_id, name AS id FROM name WHERE kind = 'run';
CREATE OR REPLACE TABLE run_name AS SELECT run_id, id, name_id FROM run_of ORDER BY run_id;
CREATE OR REPLACE TABLE environment AS
SELECT id FROM (
    SELECT name AS id FROM name WHERE kind = 'environment'
    UNION SELECT id FROM catalog_environment
    UNION SELECT environment FROM catalog_job WHERE environment IS NOT NULL
) ORDER BY id;
CREATE OR REPLACE TABLE credential AS
SELECT c.environment, p.principal_id FROM catalog_credential c JOIN principal p ON p.id = c.principal;
"""
# One round of spreading the least number over symlinked names: from each to the other, and to what the other has been
# joined to so far. Of a chain each round joins twice as many.
SPREAD = """
CREATE OR REPLACE TEMP TABLE joined_dataset AS
WITH pair AS (
    SELECT a.dataset_id AS one, a.root AS told, b.dataset_id AS other, b.root AS known
    FROM link l JOIN joined_dataset a ON a.dataset_id = l.one JOIN joined_dataset b ON b.dataset_id = l.other
)
SELECT dataset_id, min(root) AS root
FROM (
    SELECT j.dataset_id, r.root FROM joined_dataset j JOIN joined_dataset r ON r.dataset_id = j.root
    UNION ALL SELECT unnest([other, known]), told FROM pair
    UNION ALL SELECT unnest([one, told]), known FROM pair
)
GROUP BY dataset_id
"""
# The canonical name is the catalog's, else the least.
CANONICAL = """
CREATE OR REPLACE TABLE dataset_name AS
SELECT d.dataset_id AS told_id, d.namespace, d.name,
       first_value(d.dataset_id) OVER (
           PARTITION BY j.root ORDER BY m.no NULLS LAST, d.dataset_id
       ) AS dataset_id
FROM named_dataset d JOIN joined_dataset j USING (dataset_id) LEFT JOIN dataset_match m USING (dataset_id)
ORDER BY told_id;
CREATE OR REPLACE TABLE dataset AS
SELECT n.told_id AS dataset_id, n.namespace, n.name, m.no AS catalog_no,
       coalesce(c.indexed, false) AS indexed, c.write_mode,
       CASE WHEN len(c.key) = 1 THEN c.key[1] END AS key_field, false AS is_view, false AS has_bases,
       false AS has_entries
FROM dataset_name n
LEFT JOIN dataset_match m ON m.dataset_id = n.told_id
LEFT JOIN catalog_dataset c ON c.no = m.no
WHERE n.told_id = n.dataset_id
ORDER BY dataset_id;
CREATE OR REPLACE TEMP TABLE place_of AS
SELECT p.name_id, p.source_no, p.namespace, n.told_id, n.dataset_id
FROM told_place p LEFT JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name;
CREATE OR REPLACE TABLE dataset_field AS
SELECT d.dataset_id, f.field, unnest(f.categories) AS category FROM dataset d
    JOIN catalog_field f ON f.no = d.catalog_no;
CREATE OR REPLACE TABLE dataset_source AS
SELECT d.dataset_id, o.source FROM dataset d JOIN catalog_observed o ON o.no = d.catalog_no;
"""


def name_everything(store: Store) -> None:
    """Fill principal, job, environment, dataset, dataset_name and the maps from told names to them."""
    store.script((PRINCIPALS, JOBS, *PLACES))
    roots: list[Row] = []
    linked = store.any("link")
    while linked and roots != (roots := store.rows("SELECT sum(root), count(DISTINCT root) FROM joined_dataset")):
        store.run(SPREAD)
    store.run(CANONICAL)
