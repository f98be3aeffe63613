"""What each source was seen to say, when it was silent, and what waits for the catalog."""

# Facts whose time waits for a time zone (accesses and entries are added where they are placed).
HELD = """
INSERT INTO held
SELECT event_id, 'time-zone' FROM placed_run_event WHERE happened IS NULL
UNION
SELECT c.event_id, 'time-zone' FROM dataset_change c
LEFT JOIN event_source q USING (event_id) LEFT JOIN catalog_source s ON s.no = q.source_no
WHERE instant_of(c.event_time, c.zoned, s.timezone) IS NULL
UNION
SELECT event_id, 'time-zone' FROM snapshot WHERE event_id NOT IN (SELECT event_id FROM taken)
"""
# A source is silent between two events that lie further apart than its catalog entry allows.
WATCH = """
CREATE OR REPLACE TEMP TABLE source_time AS
SELECT DISTINCT source_no, moment FROM (
    SELECT source_no, start_at AS moment FROM act
    UNION ALL SELECT q.source_no, r.happened FROM placed_run_event r JOIN event_source q USING (event_id)
) WHERE source_no IS NOT NULL AND moment IS NOT NULL;
CREATE OR REPLACE TABLE source_span AS
SELECT s.source_no, s.id, s.collector, s.max_silence, s.observes, min(t.moment) AS first_at, max(t.moment) AS last_at,
       count(t.moment) AS moments
FROM source s LEFT JOIN source_time t USING (source_no)
GROUP BY ALL ORDER BY s.source_no;
CREATE OR REPLACE TABLE source_gap AS
SELECT source_no, moment AS start_at, next_at AS end_at FROM (
    SELECT source_no, moment, lead(moment) OVER (PARTITION BY source_no ORDER BY moment) AS next_at FROM source_time
) g JOIN source s USING (source_no)
WHERE next_at - moment > s.max_silence ORDER BY ALL;
"""
