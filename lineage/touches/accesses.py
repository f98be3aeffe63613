"""Access events: placed in time and on datasets, and what of each dataset they read or wrote."""

# An act is an access event whose time and dataset are known; `held` is one that waits for the catalog.
ACTS = """
CREATE OR REPLACE TEMP TABLE placed_access AS
SELECT a.event_id, e.digest, s.source_no, p.principal_id, a.operation, a.outcome, r.run_id,
       instant_of(a.start_at, a.zoned, c.timezone) AS start_at, instant_of(a.end_at, a.zoned, c.timezone) AS end_at,
       t.namespace, t.dataset_name, t.context, a.dataset IS NULL AS unnamed,
       a.template_id, a.fields, a.keys, a.literals, a.bound, a.row_count, a.occurrence
FROM access a
JOIN event e USING (event_id)
JOIN told_access t USING (event_id)
LEFT JOIN event_source s USING (event_id)
LEFT JOIN catalog_source c ON c.no = s.source_no
LEFT JOIN principal_of p ON p.name_id = a.principal
LEFT JOIN run_of r ON r.name_id = a.run;
CREATE OR REPLACE TABLE act AS
SELECT row_number() OVER (ORDER BY a.start_at, a.digest) AS act_id, a.event_id, a.source_no, a.principal_id,
       a.operation, a.outcome, a.run_id, a.start_at, greatest(a.start_at, a.end_at) AS end_at,
       n.dataset_id, n.told_id, a.namespace, a.context, a.template_id, a.fields, a.keys,
       a.literals, a.bound, a.row_count, a.occurrence
FROM placed_access a
LEFT JOIN dataset_name n ON n.namespace = a.namespace AND n.name = a.dataset_name
WHERE a.start_at IS NOT NULL AND a.namespace IS NOT NULL
ORDER BY act_id;
CREATE OR REPLACE TABLE held AS
SELECT event_id, CASE WHEN start_at IS NULL THEN 'time-zone' ELSE 'namespace' END AS waits_for
FROM placed_access WHERE start_at IS NULL OR namespace IS NULL;
"""
# What was tried and did not happen.
ATTEMPTS = """
CREATE OR REPLACE TABLE placed_attempt AS
SELECT DISTINCT a.act_id, n.dataset_id
FROM act a JOIN template_table t USING (template_id)
JOIN placed_name p ON p.template_id = t.template_id AND p.no = t.no
    AND p.namespace = a.namespace AND p.context = a.context
JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
WHERE a.outcome IN ('denied', 'error') ORDER BY ALL
"""
# What a statement says of each table that it names.
STATED = """
CREATE OR REPLACE TEMP TABLE stated_use AS
SELECT a.act_id, n.dataset_id, min(n.told_id) AS told_id, min(t.no) AS no,
       bool_or(t.reads) AS is_read, bool_or(t.write IS NOT NULL) AS is_write, min(t.write) AS written,
       CASE WHEN count(*) = 1 THEN any_value(t.scope) ELSE 'unknown' END AS scope,
       CASE WHEN count(*) = 1 THEN any_value(t.fields) END AS fields
FROM act a
JOIN template_table t ON t.template_id = a.template_id AND NOT t.defines_view
JOIN placed_name p ON p.template_id = t.template_id AND p.no = t.no
    AND p.namespace = a.namespace AND p.context = a.context
JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
WHERE a.outcome NOT IN ('denied', 'error') AND a.operation NOT IN ('list', 'admin', 'grant', 'login')
GROUP BY a.act_id, n.dataset_id
"""
# The event's own dataset with its operation, the statement's tables with theirs, and the bases of views.
USES = """
CREATE OR REPLACE TEMP TABLE told_use AS
SELECT act_id, coalesce(o.dataset_id, s.dataset_id) AS dataset_id, coalesce(o.told_id, s.told_id) AS told_id,
       coalesce(o.is_read, false) OR coalesce(s.is_read, false) AS is_read,
       coalesce(o.is_write, false) OR coalesce(s.is_write, false) AS is_write,
       coalesce(s.written, CASE WHEN o.is_write THEN o.operation END) AS written,
       CASE WHEN o.keys IS NOT NULL THEN 'keys' ELSE coalesce(s.scope, 'unknown') END AS scope,
       CASE WHEN o.keys IS NULL THEN s.no END AS no,
       coalesce(o.fields, s.fields) AS fields, false AS by_view
FROM (
    SELECT act_id, dataset_id, told_id, operation, keys, fields,
           operation IN ('read', 'export', 'unknown') AS is_read,
           operation IN ('create', 'update', 'delete', 'unknown') AS is_write
    FROM act
    WHERE dataset_id IS NOT NULL AND outcome NOT IN ('denied', 'error')
      AND operation NOT IN ('list', 'admin', 'grant', 'login')
) o
FULL JOIN stated_use s USING (act_id, dataset_id);
INSERT INTO told_use
SELECT u.act_id, v.base_id, v.base_id, u.is_read, u.is_write, u.written, 'unknown', NULL, NULL, true
FROM told_use u JOIN view_base v ON v.view_id = u.dataset_id
WHERE NOT EXISTS (SELECT 1 FROM view_base w WHERE w.view_id = v.base_id);
CREATE OR REPLACE TABLE use AS
SELECT row_number() OVER (ORDER BY u.act_id, u.dataset_id, u.by_view, u.scope) AS use_id,
       u.act_id, a.event_id, u.dataset_id, u.told_id, a.start_at, a.end_at, a.principal_id, a.run_id,
       u.is_read, u.is_write, u.written, u.scope, u.no, u.fields, u.by_view,
       a.outcome = 'success' AND a.operation <> 'unknown' AS certain,
       CASE WHEN a.operation = 'unknown' THEN 'unknown-operation'
            WHEN a.outcome <> 'success' THEN 'unknown-outcome' END AS doubt
FROM (SELECT DISTINCT * FROM told_use WHERE is_read OR is_write) u
JOIN act a USING (act_id)
ORDER BY use_id;
"""
# A statement that reads one dataset and writes another is a run of one instant.
STATEMENT_RUNS = """
CREATE OR REPLACE TEMP TABLE statement_run AS
SELECT DISTINCT r.act_id
FROM use r JOIN use w USING (act_id) JOIN act a USING (act_id)
WHERE a.template_id IS NOT NULL AND r.is_read AND w.is_write AND r.dataset_id <> w.dataset_id
"""
# One binding for each distinct template and values; for a join also for each instant, since the partners'
# presence depends on it.
BINDINGS = """
CREATE OR REPLACE TABLE use_binding AS
WITH bound_use AS (
    SELECT u.use_id, u.dataset_id, u.no, a.template_id, a.literals, a.bound, a.namespace, a.context,
           CASE WHEN t.joined THEN a.start_at END AS start_at, CASE WHEN t.joined THEN a.end_at END AS end_at
    FROM use u JOIN act a USING (act_id)
    JOIN template_table t ON t.template_id = a.template_id AND t.no = u.no
    WHERE u.scope = 'replay'
)
SELECT use_id, dense_rank() OVER (
           ORDER BY dataset_id, no, template_id, literals, bound, namespace, context, start_at, end_at
       ) AS binding_id,
       dataset_id, no, template_id, literals, bound, namespace, context, start_at, end_at
FROM bound_use
"""
# The scope 'keys' names records of the event's own dataset.
KEYS = """
CREATE OR REPLACE TABLE use_key AS
SELECT u.use_id, u.dataset_id, unnest(a.keys) AS key
FROM use u JOIN act a USING (act_id) WHERE u.scope = 'keys' AND a.keys IS NOT NULL
"""
