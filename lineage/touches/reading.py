"""Reads and writes: the union of what runs and accesses did, with what flow needs to know of each.

A *unit* is what content goes through: a run (its number), or a statement that reads and writes, or a
rename (negative numbers). `read` holds what units read. Through any other access nothing flows: its read is its
use alone, and its write has no unit.
"""

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.touches.numbering import EVENT_CHANGES, RUN_CHANGES, place_in

# `by_query`: only a query of the task tells it.
RUN_PARTS = """
CREATE OR REPLACE TEMP TABLE run_part AS
WITH told AS (
    SELECT o.run_id, i.direction, d.dataset_id AS named, i.lifecycle, coalesce(i.partial, false) AS partial,
           false AS by_query
    FROM run_io i JOIN run_of o ON o.name_id = i.run JOIN dataset_of d ON d.name_id = i.dataset
    UNION ALL
    SELECT q.task_id, i.direction, d.dataset_id, NULL, false, true
    FROM run_io i JOIN run_of o ON o.name_id = i.run JOIN dataset_of d ON d.name_id = i.dataset
    JOIN query_run q ON q.run_id = o.run_id AND q.is_part
    UNION ALL
    SELECT o.run_id, 'input', d.dataset_id, NULL, false, false
    FROM stated_edge e JOIN run_of o ON o.name_id = e.run JOIN dataset_of d ON d.name_id = e.source_dataset
    UNION ALL
    SELECT o.run_id, 'output', d.dataset_id, NULL, false, false
    FROM stated_edge e JOIN run_of o ON o.name_id = e.run JOIN dataset_of d ON d.name_id = e.dataset
)
SELECT t.run_id, t.direction, n.dataset_id, n.told_id, n.name,
       bool_or(t.lifecycle IN ('CREATE', 'OVERWRITE', 'TRUNCATE', 'DROP')) AS replaced,
       bool_or(t.partial) OR bool_and(t.by_query) AS partial, bool_and(t.by_query) AS by_query
FROM told t JOIN dataset_name n ON n.told_id = t.named
GROUP BY ALL
"""
# What a use (an access's touch of one dataset) brings along; NULL for a run's own inputs and outputs.
OF_USE = """use_id BIGINT, act_id BIGINT, event_id BIGINT, source_no BIGINT, principal_id BIGINT, operation VARCHAR,
    scope VARCHAR, fields VARCHAR[]"""
USED = "u.use_id, u.act_id, u.event_id, u.source_no, u.principal_id, u.operation, u.scope, u.fields"
READS = f"""
CREATE OR REPLACE TEMP TABLE told_read (
    dataset_id BIGINT, told_id BIGINT, start_at BIGINT, end_at BIGINT, unit BIGINT, run_id BIGINT,
    is_input BOOLEAN, main BOOLEAN, certain BOOLEAN, doubt VARCHAR, {OF_USE}
);
INSERT INTO told_read BY NAME
SELECT dataset_id, told_id, start_at, end_at, run_id AS unit, run_id, true AS is_input, true AS main,
       certain AND doubt IS NULL AS certain, doubt
FROM (
    WITH told AS (
        SELECT dataset_id, told_id, run_id, CASE WHEN by_query THEN 'task-query' END AS doubt
        FROM run_part WHERE direction = 'input'
        UNION ALL
        SELECT dataset_id, told_id, run_id, 'unknown-schema' FROM sql_read
    )
    SELECT dataset_id, told_id, run_id, CASE WHEN bool_and(doubt IS NOT NULL) THEN min(doubt) END AS doubt FROM (
        FROM told
        UNION ALL
        SELECT v.base_id, v.base_id, t.run_id, coalesce(t.doubt, CASE WHEN v.is_guess THEN 'unknown-schema' END)
        FROM told t JOIN view_base v ON v.view_id = t.dataset_id
    ) GROUP BY dataset_id, told_id, run_id
) JOIN run r USING (run_id);
INSERT INTO told_read BY NAME
SELECT u.dataset_id, u.told_id, u.start_at, u.end_at, u.run_id AS unit, u.run_id, false AS is_input, true AS main,
       u.certain, u.doubt, {USED}
FROM use u WHERE u.is_read AND u.run_id IS NOT NULL;
INSERT INTO told_read BY NAME
SELECT u.dataset_id, u.told_id, s.start_at, u.end_at, -s.run_act AS unit, u.run_id, true AS is_input,
       u.run_id IS NULL AS main, u.certain AND s.is_told AS certain, u.doubt, {USED}
FROM use u JOIN statement_run s USING (act_id) WHERE u.is_read;
"""
# DatasetEvents, and renames that a run tells of one of its outputs; those of statements come after them. (What the
# engine inserts into a table that an ordered SELECT of no rows made in the same transaction may be lost, so this one is
# made empty.)
CHANGED = f"""
CREATE OR REPLACE TEMP TABLE change (
    number BIGINT, start_at BIGINT, end_at BIGINT, lifecycle VARCHAR, named BIGINT, previous BIGINT, event_id BIGINT
);
INSERT INTO change
SELECT {EVENT_CHANGES} + row_number() OVER (ORDER BY c.event_time, d.dataset_id, c.lifecycle, p.dataset_id,
    e.digest) AS number,
       earliest_of(c.event_time, c.zoned, c.timezone) AS start_at,
       instant_of(c.event_time, c.zoned, c.timezone) AS end_at,
       c.lifecycle, d.dataset_id AS named, p.dataset_id AS previous, c.event_id
FROM sourced_dataset_change c JOIN event e USING (event_id) JOIN dataset_of d ON d.name_id = c.dataset
LEFT JOIN dataset_of p ON p.name_id = c.previous;
INSERT INTO change
SELECT {RUN_CHANGES} + row_number() OVER (ORDER BY run_id, named, previous), start_at, end_at, 'RENAME',
       named, previous, event_id
FROM (
    SELECT r.run_id, r.start_at, r.end_at, d.dataset_id AS named, p.dataset_id AS previous,
           arg_min(e.event_id, e.digest) AS event_id
    FROM run_io i JOIN run_of o ON o.name_id = i.run JOIN run r ON r.run_id = o.run_id
    JOIN dataset_of d ON d.name_id = i.dataset JOIN dataset_of p ON p.name_id = i.previous JOIN event e USING (event_id)
    WHERE i.direction = 'output' AND i.lifecycle = 'RENAME'
    GROUP BY r.run_id, r.start_at, r.end_at, d.dataset_id, p.dataset_id
);
DELETE FROM change WHERE start_at IS NULL;
"""
CARRIED = """
INSERT INTO told_read BY NAME
SELECT n.dataset_id, n.told_id, c.start_at, c.end_at, -c.number AS unit, true AS is_input, false AS main,
       false AS certain
FROM change c JOIN dataset_name n ON n.told_id = c.previous WHERE c.lifecycle IN ('RENAME', 'PART');
INSERT INTO told_read BY NAME
SELECT DISTINCT u.meant_id AS dataset_id, u.meant_id AS told_id, c.start_at, c.end_at, -c.number AS unit,
       true AS is_input, false AS main, false AS certain
FROM change c JOIN dataset_name n ON n.told_id = c.previous JOIN unqualified u ON u.short_id = n.dataset_id
WHERE c.lifecycle = 'RENAME';
"""
KEPT = "u.certain AND u.event_id NOT IN (SELECT event_id FROM undone)"
WRITES = f"""
CREATE OR REPLACE TEMP TABLE told_write (
    dataset_id BIGINT, told_id BIGINT, start_at BIGINT, end_at BIGINT, unit BIGINT, run_id BIGINT,
    kind VARCHAR, certain BOOLEAN, written VARCHAR, {OF_USE}
);
INSERT INTO told_write BY NAME
SELECT p.dataset_id, p.told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id,
       CASE WHEN p.partial OR coalesce(s.partial, false) THEN 'unknown'
            WHEN p.replaced OR coalesce(s.replaced, false) THEN 'overwrite'
            WHEN coalesce(s.appended, false) THEN 'append'
            ELSE coalesce(d.write_mode, 'unknown') END AS kind,
       r.certain AND NOT p.by_query AS certain
FROM run_part p JOIN run r USING (run_id) JOIN dataset d USING (dataset_id)
LEFT JOIN sql_says s USING (run_id, told_id)
WHERE p.direction = 'output';
INSERT INTO told_write BY NAME
SELECT s.dataset_id, s.told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id, 'unknown' AS kind, false AS certain
FROM sql_write s JOIN run r USING (run_id);
INSERT INTO told_write BY NAME
SELECT DISTINCT u.meant_id AS dataset_id, u.meant_id AS told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id,
       'unknown' AS kind, false AS certain
FROM run_part p JOIN run r USING (run_id) JOIN unqualified u ON u.short_id = p.dataset_id
WHERE p.direction = 'output';
INSERT INTO told_write BY NAME
SELECT u.dataset_id, u.told_id, u.start_at, u.end_at, coalesce(u.run_id, -s.run_act) AS unit, u.run_id,
       'append' AS kind, {KEPT} AND NOT (u.by_view AND v.bases > 1) AS certain, u.written, {USED}
FROM use u
LEFT JOIN statement_run s USING (act_id)
LEFT JOIN (
    SELECT act_id, count(*) AS bases FROM use_of_principal WHERE by_view GROUP BY act_id
) v USING (act_id)
WHERE u.is_write AND u.dataset_id NOT IN (SELECT dataset_id FROM dataset WHERE is_view);
INSERT INTO told_write BY NAME
SELECT u.dataset_id, u.told_id, u.start_at, u.end_at, -s.run_act AS unit, u.run_id, 'append' AS kind,
       {KEPT} AS certain, u.written, {USED}
FROM use u JOIN statement_run s USING (act_id) WHERE u.is_write AND u.run_id IS NOT NULL
    AND u.dataset_id NOT IN (SELECT dataset_id FROM dataset WHERE is_view);
INSERT INTO told_write BY NAME
SELECT n.dataset_id, n.told_id, c.start_at, c.end_at, -c.number AS unit,
       CASE c.lifecycle WHEN 'RENAME' THEN 'unknown' WHEN 'PART' THEN 'append' ELSE 'overwrite' END AS kind,
       false AS certain, c.event_id
FROM change c JOIN dataset_name n ON n.told_id = c.named
WHERE c.lifecycle IN ('RENAME', 'PART', 'TRUNCATE', 'DROP', 'OVERWRITE');
INSERT INTO told_write BY NAME
SELECT u.meant_id AS dataset_id, u.meant_id AS told_id, c.start_at, c.end_at, -c.number AS unit,
       'unknown' AS kind, false AS certain, min(c.event_id) AS event_id
FROM change c JOIN dataset_name n ON n.told_id = c.named JOIN unqualified u ON u.short_id = n.dataset_id
WHERE c.lifecycle IN ('RENAME', 'TRUNCATE', 'DROP', 'OVERWRITE')
GROUP BY u.meant_id, c.start_at, c.end_at, c.number;
"""
# b(r): the greatest start of a certain overwrite that ended before the read began. A certain overwrite hides
# what was written before it, and a join known only by symlink makes no barrier: hence by told name.
#   A read's number is its place among the sorted ones, and its barrier is looked up by few columns: ASOF sorts all that
# it is given, and rows as wide as these take as long to sort as all the rest.
KEEP_READS = f"""
CREATE OR REPLACE TABLE overwritten AS
SELECT told_id, end_at, max(max(start_at)) OVER (PARTITION BY told_id ORDER BY end_at) AS start_at
FROM told_write WHERE kind = 'overwrite' AND certain GROUP BY told_id, end_at ORDER BY told_id, end_at;
CREATE OR REPLACE TEMP TABLE sorted_read AS
SELECT *, coalesce(run_id, unit) AS owner FROM told_read
ORDER BY dataset_id, start_at, end_at, unit, told_id, use_id, main;
CREATE OR REPLACE TEMP VIEW numbered_read AS
SELECT {place_in("sorted_read")} AS read_id, * FROM sorted_read;
CREATE OR REPLACE TABLE read AS
WITH behind AS (
    SELECT r.read_id, o.start_at AS barrier
    FROM (SELECT read_id, told_id, start_at FROM numbered_read) r
    ASOF JOIN overwritten o ON o.told_id = r.told_id AND r.start_at > o.end_at
)
SELECT r.*, coalesce(b.barrier, {BEFORE_ALL}) AS barrier
FROM numbered_read r LEFT JOIN behind b USING (read_id)
ORDER BY read_id;
UPDATE read SET barrier = coalesce((
    SELECT max(w.start_at) FROM told_write w
    WHERE w.told_id = read.told_id AND w.kind = 'overwrite' AND w.certain AND w.end_at < read.start_at
      AND w.run_id IS DISTINCT FROM read.run_id
), {BEFORE_ALL})
WHERE read_id IN (
    SELECT r.read_id FROM read r
    JOIN told_write w ON w.told_id = r.told_id AND w.run_id = r.run_id AND w.kind = 'overwrite' AND w.certain
        AND w.end_at < r.start_at
    WHERE r.use_id IS NOT NULL
);
"""
# Outputs whose upstream a `lineage` facet states. source_id is NULL where no upstream is stated.
STATED_OUTPUTS = """
CREATE OR REPLACE TEMP TABLE stated_output AS
SELECT DISTINCT o.run_id, d.dataset_id AS told_id, i.dataset_id AS source_id
FROM stated_edge e JOIN run_of o ON o.name_id = e.run JOIN dataset_of d ON d.name_id = e.dataset
LEFT JOIN dataset_of s ON s.name_id = e.source_dataset LEFT JOIN dataset_name i ON i.told_id = s.dataset_id
"""
# What stands in the way of must(w, r): the next overwriting or unknown write after w (`next_start`), the one after that
# for a reader whose own output the next one is, and `shadowed` where one overlaps w itself. (What a run writes under
# several names is one in the way of others.) What content may come in: nothing where it is not `open` (into an indexed
# dataset nothing flows, and a view holds nothing), what `stated_flow` says where it is `stated`, and only the fields
# that `column_flow` says where it is `by_column`.
#   Step by step, as reads are: of a large vendor's year all at once does not fit into the memory that ingest may take.
KEEP_WRITES = f"""
CREATE OR REPLACE TEMP TABLE sorted_write AS
SELECT *, coalesce(run_id, unit, 0) AS owner FROM told_write
ORDER BY dataset_id, start_at, end_at, unit, told_id, use_id, kind;
CREATE OR REPLACE TEMP VIEW numbered_write AS
SELECT {place_in("sorted_write")} AS write_id, * FROM sorted_write;
CREATE OR REPLACE TEMP TABLE blocker AS
WITH told AS (
    SELECT min(write_id) AS write_id, dataset_id, start_at, end_at, owner, count(*) > 1 AS several
    FROM numbered_write WHERE kind IN ('overwrite', 'unknown') GROUP BY dataset_id, start_at, end_at, owner
    UNION ALL SELECT NULL, dataset_id, start_at, end_at, 0, false FROM moved
)
SELECT *, max(end_at) OVER before AS end_before, lead(start_at) OVER ahead AS next_start,
       lead(owner) OVER ahead AS next_owner, lead(start_at, 2) OVER ahead AS after_next
FROM told
WINDOW before AS (
    PARTITION BY dataset_id ORDER BY start_at, write_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
), ahead AS (PARTITION BY dataset_id ORDER BY start_at, write_id);
CREATE OR REPLACE TEMP TABLE write_ahead AS
WITH running AS (
    SELECT dataset_id, start_at, max(max(end_at)) OVER (PARTITION BY dataset_id ORDER BY start_at) AS end_so_far
    FROM blocker GROUP BY dataset_id, start_at
), foremost AS (
    SELECT * FROM blocker QUALIFY row_number() OVER (PARTITION BY dataset_id, start_at ORDER BY write_id) = 1
)
SELECT n.write_id, p.end_so_far >= n.start_at AS shadowed, f.start_at AS next_start, f.owner AS next_owner,
       f.next_start AS after_next
FROM (SELECT write_id, dataset_id, start_at FROM numbered_write WHERE kind = 'append') n
ASOF LEFT JOIN running p ON p.dataset_id = n.dataset_id AND n.start_at > p.start_at
ASOF LEFT JOIN foremost f ON f.dataset_id = n.dataset_id AND n.start_at <= f.start_at
UNION ALL
SELECT n.write_id, b.several OR b.end_before >= n.start_at, b.next_start, b.next_owner, b.after_next
FROM numbered_write n JOIN blocker b USING (dataset_id, start_at, end_at, owner)
WHERE n.kind <> 'append' AND b.write_id IS NOT NULL;
CREATE OR REPLACE TABLE write AS
SELECT n.*, NOT d.indexed AND NOT d.is_view AS open,
       s.run_id IS NOT NULL AND n.use_id IS NULL AND n.unit = n.run_id AS stated, t.run_id IS NOT NULL AS by_column,
       coalesce(a.shadowed, false) AS shadowed, coalesce(a.next_start, {AFTER_ALL} + 1) AS next_start, a.next_owner,
       coalesce(a.after_next, {AFTER_ALL} + 1) AS after_next
FROM numbered_write n JOIN dataset d USING (dataset_id) LEFT JOIN write_ahead a USING (write_id)
LEFT JOIN (SELECT DISTINCT run_id, told_id FROM stated_output) s ON s.run_id = n.run_id AND s.told_id = n.told_id
LEFT JOIN column_told t ON t.run_id = n.run_id AND t.told_id = n.told_id
ORDER BY write_id
"""
# Of a stated output: only the stated inputs flow to it, and what the run read through accesses of its own, of which
# the facet does not speak. read_id is NULL where no upstream is stated.
STATED_FLOW = """
CREATE OR REPLACE TABLE stated_flow AS
SELECT DISTINCT w.write_id, r.read_id
FROM stated_output s
JOIN write w ON w.run_id = s.run_id AND w.told_id = s.told_id AND w.stated
LEFT JOIN (
    SELECT r.read_id, r.unit, r.dataset_id, r.use_id, r.dataset_id AS source_id FROM read r
    UNION ALL
    SELECT r.read_id, r.unit, r.dataset_id, r.use_id, v.view_id FROM read r JOIN view_base v ON v.base_id = r.dataset_id
) r ON r.unit = s.run_id AND (r.use_id IS NOT NULL OR r.source_id = s.source_id)
ORDER BY ALL
"""
