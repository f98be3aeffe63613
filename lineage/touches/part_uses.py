"""What parts mean for reads and writes: who reads or changes one may read or change records of the other."""

from lineage.touches.numbering import PART_CHANGES

# Rows of tables that inherit from one that a text names, of which nothing else is known (by a row, a text, a change or
# another name): their records, if any, are told of the one named, and what has no entries would only make an answer
# look unbounded. That it is a part says nothing more of one.
IDLE = """
CREATE OR REPLACE TEMP TABLE idle_child AS
WITH told AS NOT MATERIALIZED (
    SELECT a.event_id, t.dataset_id FROM sourced_access a
    JOIN place_of t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
), child AS MATERIALIZED (
    FROM told SEMI JOIN (FROM note WHERE kind = 'inherited') n USING (event_id)
)
SELECT event_id FROM child
ANTI JOIN (
    FROM known_table
    UNION ALL SELECT n.dataset_id FROM meant_name ANTI JOIN part_told USING (template_id, no)
        JOIN dataset_name n USING (namespace, name)
    UNION ALL SELECT unnest([previous, named]) FROM renamed
    UNION ALL SELECT n.dataset_id FROM (
        SELECT dataset FROM run_io
        UNION SELECT dataset FROM dataset_change UNION SELECT previous FROM dataset_change
        UNION SELECT dataset FROM stated_edge UNION SELECT source_dataset FROM stated_edge
    ) c JOIN dataset_of o ON o.name_id = c.dataset JOIN dataset_name n ON n.told_id = o.dataset_id
) USING (dataset_id)
ANTI JOIN (
    FROM told SEMI JOIN child USING (dataset_id) ANTI JOIN child c USING (event_id)
    ANTI JOIN (FROM part_act) p USING (event_id)
) o USING (dataset_id)
"""
# What an access read or wrote of the datasets that those it names are parts of, or that are parts of them: the same
# columns, so a replay over one table tells which records. Where the log has rows of its own for what inherits in a call
# (it may never have any), they tell what is beneath. ONLY leaves out the parts, and records of the whole that lie
# in them.
USES = r"""
INSERT INTO told_use
WITH found AS MATERIALIZED (
    SELECT u.*, a.event_id, p.other_id, p.is_up, u.scope = 'replay' AND NOT t.joined AS is_replayed,
           coalesce(t.alone, false) AS is_alone
    FROM told_use u JOIN told_act a USING (act_id)
    JOIN part_reach p ON p.dataset_id = u.dataset_id AND a.start_at <= p.until AND p.since <= a.end_at
    LEFT JOIN template_table t ON t.template_id = a.template_id AND t.no = u.no
    ANTI JOIN (FROM note WHERE kind = 'inherited') n ON n.event_id = a.event_id
    WHERE u.scope <> 'none'
), row_of AS NOT MATERIALIZED (
    SELECT event_id, source_no, session_row.session AS session, session_row.vxid AS vxid,
           session_row.statement AS statement
    FROM sourced_access WHERE session_row.statement IS NOT NULL
), told_apart AS (
    SELECT DISTINCT a.event_id
    FROM (FROM row_of SEMI JOIN (FROM found WHERE NOT is_up) f USING (event_id)) a
    JOIN (FROM row_of SEMI JOIN (FROM note WHERE kind = 'inherited') n USING (event_id)) r
        ON r.session = a.session AND r.statement = a.statement
        AND r.vxid IS NOT DISTINCT FROM a.vxid AND r.source_no IS NOT DISTINCT FROM a.source_no
)
SELECT DISTINCT act_id, other_id, other_id, is_read, is_write, written,
       CASE WHEN is_replayed THEN 'replay' ELSE 'unknown' END, CASE WHEN is_replayed THEN no END, fields, true,
       is_guess, true
FROM found WHERE is_up OR NOT is_alone AND event_id NOT IN (FROM told_apart);
UPDATE told_use SET scope = 'unknown'
WHERE scope IN ('all', 'replay') AND dataset_id IN (SELECT whole_id FROM part) AND act_id IN (
    SELECT act_id FROM told_act JOIN template USING (template_id) WHERE regexp_matches(shape, '(?i)\bonly\b')
)
"""
RUN_READS = """
INSERT INTO told_read BY NAME
SELECT DISTINCT o.other_id AS dataset_id, o.other_id AS told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id,
       true AS is_input, true AS main, false AS certain, 'part-of-table' AS doubt
FROM run_part p JOIN run r USING (run_id)
JOIN part_reach o ON o.dataset_id = p.dataset_id AND r.start_at <= o.until AND o.since <= r.end_at
WHERE p.direction = 'input'
"""
# A part may be replaced, and the whole never is by that; who replaces the whole may replace the parts.
RUN_WRITES = """
INSERT INTO moved
SELECT DISTINCT p.part_id, w.start_at, w.end_at
FROM told_write w JOIN part p ON p.whole_id = w.dataset_id AND w.start_at <= p.until AND p.since <= w.end_at
SEMI JOIN (FROM told_write WHERE certain) c ON c.dataset_id = p.part_id
WHERE w.kind <> 'append';
INSERT INTO told_write BY NAME
SELECT DISTINCT o.other_id AS dataset_id, o.other_id AS told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id,
       'unknown' AS kind, false AS certain
FROM run_part p JOIN run r USING (run_id)
JOIN part_reach o ON o.dataset_id = p.dataset_id AND r.start_at <= o.until AND o.since <= r.end_at
WHERE p.direction = 'output'
"""
# What becomes a part brings what it held, into all that the whole is a part of too; and what is taken out takes it
# along from all of them, so what came into one of them surely may be gone. (One that is made holds nothing.)
CHANGED = f"""
INSERT INTO change
WITH told AS (
    SELECT part_id, whole_id, start_at, end_at, joins, event_id, digest FROM part_act WHERE NOT (joins AND is_made)
    UNION ALL
    SELECT b.part_id, b.whole_id, r.start_at, r.end_at, b.joins, b.event_id, b.digest
    FROM part_by_run b JOIN run_of o ON o.name_id = b.run JOIN run r ON r.run_id = o.run_id
    WHERE NOT (b.joins AND b.is_made)
), placed AS (
    FROM told
    UNION ALL
    SELECT t.* REPLACE (p.whole_id AS whole_id)
    FROM told t JOIN part p ON p.part_id = t.whole_id AND t.start_at <= p.until AND p.since <= t.end_at
    WHERE p.whole_id <> t.part_id
)
SELECT {PART_CHANGES} + row_number() OVER (ORDER BY start_at, end_at, named, previous), start_at, end_at, 'PART',
       named, previous, event_id
FROM (
    SELECT start_at, end_at, CASE WHEN joins THEN whole_id ELSE part_id END AS named,
           CASE WHEN joins THEN part_id ELSE whole_id END AS previous, arg_min(event_id, digest) AS event_id
    FROM placed GROUP BY ALL
);
INSERT INTO moved
SELECT DISTINCT n.dataset_id, c.start_at, c.end_at
FROM change c JOIN dataset_name n ON n.told_id = c.previous WHERE c.lifecycle = 'PART';
"""
