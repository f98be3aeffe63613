"""Columns: which field of an output came from which field of what a run read, as its column lineage tells."""

# The field '*' is all of them: an edge that names none, and from a view to its bases, where no column lineage is known.
# Logs, lineage and catalogs write the names of fields in the case that they like. What is said of an output holds under
# the name that it has there. A field that is said to come from what the run did not read (dbt names the subquery that
# stands for an ephemeral model, `__dbt__cte__…`) may come from any field of all that it read.
#   What Airflow and dbt tell is what a parser makes of the run's SQL that looks up no table. It leaves out what `*` and
# whole rows bring along, takes a name that several tables may hold for the first one's, and calls fields as the query
# does that INSERT takes them from (`_0` where it gives no name). So where the SQL is told, it tells more: which tables
# it reads whole, and which may hold the field; and what INSERT took may be in any field.
FLOW = r"""
CREATE OR REPLACE TABLE column_flow AS
WITH inserting AS (
    SELECT run_id FROM sql_meant GROUP BY run_id HAVING bool_or(inserts) AND bool_or(reads)
), told_edge AS (
    SELECT DISTINCT o.run_id, d.dataset_id AS told_id,
           CASE WHEN i.run_id IS NULL AND NOT regexp_full_match(c.field, '_\d+') THEN lower(c.field) ELSE '*' END
               AS field,
           b.dataset_id AS source_id, coalesce(lower(c.source_field), '*') AS source_field
    FROM column_edge c JOIN run_of o ON o.name_id = c.run
    JOIN dataset_of d ON d.name_id = c.dataset
    LEFT JOIN dataset_of s ON s.name_id = c.source_dataset LEFT JOIN dataset_name b ON b.told_id = s.dataset_id
    LEFT JOIN inserting i USING (run_id)
    WHERE c.carries
), edge AS (
    FROM told_edge
    UNION
    SELECT e.run_id, e.told_id, '*', m.dataset_id, '*'
    FROM told_edge e JOIN sql_meant m USING (run_id) WHERE m.reads AND m.fields IS NULL
    UNION
    SELECT e.run_id, e.told_id, e.field, m.dataset_id, e.source_field
    FROM told_edge e JOIN sql_meant m USING (run_id)
    WHERE m.reads AND m.dataset_id <> e.source_id
      AND list_contains(list_transform(m.fields, lambda field: lower(field)), e.source_field)
)
FROM edge
UNION SELECT e.run_id, e.told_id, e.field, v.base_id, '*' FROM edge e JOIN view_base v ON v.view_id = e.source_id
UNION
SELECT e.run_id, e.told_id, e.field, r.dataset_id, '*'
FROM (FROM edge ANTI JOIN told_read r ON r.unit = edge.run_id AND r.dataset_id = edge.source_id) e
JOIN told_read r ON r.unit = e.run_id
ORDER BY ALL;
CREATE OR REPLACE TABLE column_told AS
SELECT DISTINCT o.run_id, d.dataset_id AS told_id
FROM column_edge c JOIN run_of o ON o.name_id = c.run JOIN dataset_of d ON d.name_id = c.dataset;
"""
