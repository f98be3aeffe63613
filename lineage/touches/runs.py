"""Runs: their interval, whether anything about them is certain, and the jobs that they are of."""

from lineage.catalog.model import DEFAULT_DURATION
from lineage.names import AFTER_ALL, FIRST

EVENTS = """
CREATE OR REPLACE TEMP TABLE placed_run_event AS
SELECT r.event_id, r.source_no, o.run_id, j.job_id, r.type,
       earliest_of(r.event_time, r.zoned, r.timezone) AS happened,
       instant_of(r.event_time, r.zoned, r.timezone) AS latest
FROM sourced_run_event r
JOIN run_of o ON o.name_id = r.run
LEFT JOIN job_of j ON j.name_id = r.job
"""
# Of a run that tells no event (an access names it, or other runs do) the facets of others may tell the job.
RUN_JOBS = """
CREATE OR REPLACE TABLE run_job AS
SELECT run_id, job_id FROM placed_run_event WHERE job_id IS NOT NULL
UNION
SELECT r.run_id, j.job_id FROM run_parent f
JOIN run_of r ON r.name_id = f.parent_run JOIN job_of j ON j.name_id = f.parent_job
ANTI JOIN placed_run_event e ON e.run_id = r.run_id
ORDER BY ALL
"""
# What is told when all is done, as a run whose START and end bear the time of that: by Airflow a query of a task, by
# dbt a test (whose two readings of the clock lie a little apart). It ran at some time since that began which is the
# least run above it that is told while it runs (NULL: none is). What a query read and wrote is its task's; a test is a
# part of no other run.
QUERIES = """
CREATE OR REPLACE TABLE query_run AS
WITH query AS (
    SELECT run_id, bool_and(n.kind = 'task-query') AS is_query
    FROM placed_run_event LEFT JOIN note n ON n.event_id = placed_run_event.event_id
        AND n.kind IN ('task-query', 'dbt-test')
    GROUP BY run_id
    HAVING bool_and(n.event_id IS NOT NULL) AND count(*) FILTER (type IN ('COMPLETE', 'FAIL', 'ABORT')) > 0
       AND max(latest) - min(happened) FILTER (type = 'START')
           BETWEEN 0 AND CASE WHEN bool_and(n.kind = 'dbt-test') THEN 10_000 ELSE 0 END
), above AS (
    SELECT a.run_id, a.above FROM run_above a SEMI JOIN query USING (run_id) ANTI JOIN query q ON q.run_id = a.above
), task AS (
    SELECT run_id, above AS task_id FROM above
    EXCEPT
    SELECT t.run_id, a.above FROM above t JOIN run_above a ON a.run_id = t.above
)
SELECT run_id, task_id, is_query AND task_id IS NOT NULL AS is_part FROM query LEFT JOIN task USING (run_id)
"""
# Start and end of section 2. FAIL and ABORT win over COMPLETE at one instant.
RUNS = f"""
CREATE OR REPLACE TABLE run AS
WITH told AS (
    SELECT run_id, min(happened) AS earliest, min(happened) FILTER (type = 'START') AS started,
           min(latest) FILTER (type IN ('COMPLETE', 'FAIL', 'ABORT')) AS ended
    FROM placed_run_event WHERE happened IS NOT NULL GROUP BY run_id
), ending AS (
    SELECT e.run_id, bool_and(e.type = 'COMPLETE') AS is_complete
    FROM placed_run_event e JOIN told t ON t.run_id = e.run_id AND t.ended = e.latest
    WHERE e.type IN ('COMPLETE', 'FAIL', 'ABORT') GROUP BY e.run_id
), lasting AS (
    SELECT r.run_id, max(coalesce(j.max_duration, {DEFAULT_DURATION})) AS longest
    FROM run_job r JOIN job j USING (job_id) GROUP BY r.run_id
), by_access AS (
    SELECT run_id, min(start_at) AS earliest FROM placed_access
    WHERE run_id IS NOT NULL AND waits_for IS NULL GROUP BY run_id
), queried AS (
    SELECT q.run_id, min(coalesce(t.started, t.earliest - coalesce(l.longest, {DEFAULT_DURATION}))) AS begun
    FROM query_run q LEFT JOIN told t ON t.run_id = q.task_id LEFT JOIN lasting l ON l.run_id = q.task_id
    GROUP BY q.run_id
), bounds AS (
    SELECT coalesce(t.run_id, a.run_id) AS run_id, t.started, n.is_complete, q.run_id IS NOT NULL AS is_query,
           coalesce(
               CASE WHEN q.run_id IS NULL THEN t.started
                    WHEN q.begun IS NOT NULL THEN greatest(least(t.started, q.begun), {FIRST}) END,
               greatest(coalesce(t.earliest, a.earliest) - coalesce(l.longest, {DEFAULT_DURATION}), {FIRST})
           ) AS low,
           coalesce(t.ended, {AFTER_ALL}) AS high
    FROM told t FULL JOIN by_access a USING (run_id)
    LEFT JOIN ending n ON n.run_id = t.run_id LEFT JOIN lasting l ON l.run_id = t.run_id
    LEFT JOIN queried q ON q.run_id = t.run_id
)
SELECT b.run_id, o.id, least(low, high) AS start_at, greatest(low, high) AS end_at,
       started IS NOT NULL AS has_start, high < low AS swapped, is_query,
       started IS NOT NULL AND high >= low AND NOT is_query AS known,
       started IS NOT NULL AND high >= low AND coalesce(is_complete, false) AND NOT is_query AS certain
FROM bounds b JOIN run_of o ON o.run_id = b.run_id
ORDER BY b.run_id
"""
# Parent and root facets, however deep: a run's ancestors, and the jobs of its ancestors.
PARENTS = """
CREATE OR REPLACE TABLE run_above AS
WITH RECURSIVE step AS (
    SELECT DISTINCT c.run_id, p.run_id AS above FROM run_parent f
    JOIN run_of c ON c.name_id = f.run JOIN run_of p ON p.name_id = f.parent_run WHERE c.run_id <> p.run_id
), reach AS (
    SELECT run_id, above FROM step
    UNION
    SELECT r.run_id, s.above FROM reach r JOIN step s ON s.run_id = r.above
)
SELECT run_id, above FROM reach ORDER BY ALL;
CREATE OR REPLACE TABLE run_above_job AS
WITH told AS (
    SELECT DISTINCT c.run_id, j.job_id FROM run_parent f
    JOIN run_of c ON c.name_id = f.run JOIN job_of j ON j.name_id = f.parent_job
)
SELECT run_id, job_id FROM told
UNION SELECT a.run_id, t.job_id FROM run_above a JOIN told t ON t.run_id = a.above
UNION SELECT a.run_id, r.job_id FROM run_above a JOIN run_job r ON r.run_id = a.above
ORDER BY ALL;
"""
