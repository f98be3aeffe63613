"""What each source was seen to say, when it was silent, and what waits for the catalog."""

from lineage.names import FIRST
from lineage.touches.operations import NEITHER, REFUSED

# Facts whose time waits for a time zone (accesses and entries are added where they are placed).
HELD = """
INSERT INTO held
SELECT event_id, 'time-zone' FROM placed_run_event WHERE happened IS NULL
UNION
SELECT event_id, 'time-zone' FROM sourced_dataset_change WHERE NOT zoned AND timezone IS NULL
UNION
SELECT event_id, 'time-zone' FROM snapshot WHERE event_id NOT IN (SELECT event_id FROM taken)
"""
# A source is silent between two events that lie further apart than its catalog entry allows. Of the events of one
# stretch as long as that (a day where it allows anything) no two do: the first and the last stand for them. (Counted
# from the first of all instants: around 1970 two stretches would be one.)
WATCH = f"""
CREATE OR REPLACE TEMP TABLE source_time AS
SELECT source_no, min(moment) AS first_at, max(moment) AS last_at, count(*) AS moments
FROM (
    SELECT source_no, start_at + coalesce(older, 0) AS moment FROM act LEFT JOIN (
        SELECT act_id, max(older) AS older FROM told_act JOIN first_view USING (event_id) GROUP BY act_id
    ) USING (act_id)
    UNION ALL SELECT source_no, happened FROM placed_run_event
    UNION ALL SELECT source_no, instant_of(event_time, zoned, timezone) FROM sourced_dataset_change
) t JOIN source s USING (source_no)
WHERE moment IS NOT NULL
GROUP BY source_no, (moment - {FIRST}) // greatest(coalesce(s.max_silence, 86400000000), 1);
CREATE OR REPLACE TABLE source_span AS
SELECT s.source_no, s.id, s.collector, s.max_silence, s.observes, min(t.first_at) AS first_at,
       max(t.last_at) AS last_at, coalesce(sum(t.moments), 0)::BIGINT AS moments
FROM source s LEFT JOIN source_time t USING (source_no)
GROUP BY ALL ORDER BY s.source_no;
CREATE OR REPLACE TABLE source_gap AS
SELECT source_no, last_at AS start_at, next_at AS end_at FROM (
    SELECT source_no, last_at, lead(first_at) OVER (PARTITION BY source_no ORDER BY first_at) AS next_at
    FROM source_time
) g JOIN source s USING (source_no)
WHERE next_at - last_at > s.max_silence ORDER BY ALL;
"""
# What was called that names no table, where no row of the call tells one either: what it read or wrote is not known.
# (pgaudit leaves out what a SECURITY DEFINER function does for anybody but its owner.)
UNSEEN = f"""
CREATE OR REPLACE TABLE unseen_call AS
WITH called AS (
    SELECT a.act_id, a.principal_id, a.run_id, a.start_at, a.end_at, s.session_row.session AS session,
           s.session_row.vxid AS vxid, s.session_row.statement AS statement
    FROM (FROM told_act SEMI JOIN (FROM template WHERE NOT parsed) t USING (template_id)) a
    JOIN stated_access s USING (event_id)
    WHERE a.dataset_id IS NULL AND a.outcome NOT IN {REFUSED} AND a.operation NOT IN {NEITHER}
      AND a.template_id NOT IN (SELECT template_id FROM template_table)
), told AS (
    SELECT s.session_row.session AS session, s.session_row.vxid AS vxid, s.session_row.statement AS statement
    FROM stated_access s
    WHERE s.session_row.statement IN (SELECT statement FROM called)
      AND (s.dataset IS NOT NULL OR s.template_id IN (SELECT template_id FROM template_table))
)
SELECT act_id, principal_id, run_id, start_at, end_at FROM called c
WHERE NOT EXISTS (SELECT 1 FROM told t WHERE t.session = c.session AND t.statement = c.statement
    AND t.vxid IS NOT DISTINCT FROM c.vxid)
ORDER BY ALL
"""
# What every answer says about itself, counted once.
CAVEATS = """
CREATE OR REPLACE TABLE caveat AS
SELECT 'rejected-line' AS kind, count(DISTINCT digest) AS count FROM reject
UNION ALL SELECT 'held-aside-line', count(DISTINCT event_id) FROM held
UNION ALL SELECT 'unparsed-statement', count(*) FROM told_act JOIN template USING (template_id) WHERE NOT parsed
UNION ALL SELECT 'run-without-start', count(*) FROM run WHERE NOT has_start
UNION ALL SELECT 'run-out-of-order', count(*) FROM run WHERE swapped
UNION ALL SELECT 'task-query', count(*) FROM run WHERE is_query
UNION ALL SELECT 'unknown-principal', count(*) FROM principal WHERE NOT in_catalog
UNION ALL SELECT 'unknown-job', count(*) FROM job WHERE catalog_no IS NULL
UNION ALL SELECT 'unknown-dataset', count(*) FROM dataset WHERE catalog_no IS NULL
UNION ALL SELECT 'incomplete-lineage', count(DISTINCT event_id) FROM (
    SELECT event_id FROM note WHERE kind IN (
        'extraction-error', 'unreadable-datasets', 'nameless-dataset', 'rename-without-origin', 'job-lineage',
        'dataset-lineage'
    )
    UNION ALL  -- where the tables lie that the SQL reads, changes or renames, no input and no output tells
    SELECT s.event_id FROM run_sql s SEMI JOIN (
        FROM template_table WHERE reads
            OR coalesce(write, sql_write) IS NOT NULL AND sql_write IS DISTINCT FROM 'temporary'
    ) t ON t.template_id = s.template_id
    ANTI JOIN sql_beside b USING (event_id)
    UNION ALL  -- what SQL reads that is not understood, of a run that tells no input
    SELECT s.event_id FROM run_sql s SEMI JOIN (FROM template WHERE NOT parsed) t ON t.template_id = s.template_id
    ANTI JOIN (FROM run_io WHERE direction = 'input') i ON i.run = s.run
)
UNION ALL SELECT 'logged-statement', count(DISTINCT event_id) FROM note WHERE kind = 'logged-statement'
UNION ALL SELECT 'component-without-purl', count(DISTINCT event_id) FROM note WHERE kind = 'component-without-purl'
UNION ALL SELECT 'no-catalog', (NOT EXISTS (SELECT 1 FROM document WHERE kind = 'catalog'))::BIGINT
"""
