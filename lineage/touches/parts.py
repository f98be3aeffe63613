"""Parts: partitions, and tables that inherit. What one holds is a part of what another holds, for some time.

Records may be told of either. Who reads a part may read records of the whole, and who changes it may change them, and
the other way round: possibly, since which rows are in a part no log tells. What is read of the whole beside its parts'
own rows in a log (`idle`) is told by those rows.
"""

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.touches.reading import CHANGES

# Which dataset may be a part of which, as one statement says. Names that are guesses only go together where they lie in
# one schema. Of names that SQL in a facet tells, an input or output of the run says where they lie.
TOLD = """
CREATE OR REPLACE TEMP TABLE part_told AS
SELECT t.*, w.parts AS whole_parts
FROM (
    SELECT template_id, no, parts, write IS NOT NULL AS is_made, sql_write, unnest(part_of) AS whole_no, true AS joins
    FROM template_table
    UNION ALL
    SELECT template_id, no, parts, false, sql_write, unnest(parted_from), false FROM template_table
) t JOIN template_table w ON w.template_id = t.template_id AND w.no = t.whole_no;
CREATE OR REPLACE TEMP TABLE part_by_statement AS
WITH meant AS (
    SELECT m.*, d.told_id, d.dataset_id, left(m.name, length(m.name) - length(t.parts[-1])) AS schema
    FROM meant_name m JOIN template_table t USING (template_id, no) JOIN dataset_name d USING (namespace, name)
    SEMI JOIN part_told p USING (template_id)
)
SELECT t.template_id, p.namespace, p.context, t.joins, t.is_made, t.is_made AND t.sql_write = 'unknown' AS is_doubtful,
       p.dataset_id AS part_id, w.dataset_id AS whole_id, p.told_id AS part_told_id, w.told_id AS whole_told_id
FROM part_told t JOIN meant p USING (template_id, no)
JOIN meant w ON w.template_id = t.template_id AND w.no = t.whole_no AND w.namespace = p.namespace
    AND w.context = p.context
WHERE p.dataset_id <> w.dataset_id
  AND (t.parts[:-2] <> t.whole_parts[:-2] OR p.schema = w.schema OR NOT (p.is_guess OR w.is_guess));
CREATE OR REPLACE TEMP TABLE part_by_run AS
WITH told AS (
    SELECT DISTINCT n.namespace, string_split(lower(n.name), '.') AS name,
           list_transform(p.parts, lambda part: lower(part)) AS parts,
           list_transform(p.whole_parts, lambda part: lower(part)) AS whole_parts
    FROM part_told p JOIN run_sql s USING (template_id) JOIN run_io i USING (run)
    JOIN dataset_of d ON d.name_id = i.dataset JOIN dataset_name n ON n.told_id = d.dataset_id
    WHERE p.joins
), placed AS (
    SELECT *, array_to_string(name[1:greatest(0, len(name) - len(parts))] || parts, '.') AS part,
           array_to_string(name[1:greatest(0, len(name) - len(whole_parts))] || whole_parts, '.') AS whole
    FROM told
)
SELECT DISTINCT p.dataset_id AS part_id, w.dataset_id AS whole_id
FROM placed t
JOIN dataset_name p ON p.namespace = t.namespace AND lower(p.name) = t.part
JOIN dataset_name w ON w.namespace = t.namespace AND lower(w.name) = t.whole
WHERE array_to_string(t.name, '.') IN (t.part, t.whole) AND p.dataset_id <> w.dataset_id;
CREATE OR REPLACE TEMP TABLE part_act AS
SELECT p.*, a.event_id, e.digest, earliest_of(a.start_at, a.zoned, a.timezone) AS start_at,
       instant_of(coalesce(a.end_at, a.start_at), a.zoned, a.timezone) AS end_at,
       a.outcome = 'success' AND u.event_id IS NULL AND NOT p.is_doubtful AS is_sure
FROM (FROM sourced_access SEMI JOIN part_told USING (template_id)) a
JOIN event e USING (event_id) LEFT JOIN undone u USING (event_id)
LEFT JOIN told_place t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
LEFT JOIN beside b ON b.template_id = a.template_id AND b.session = a.session_row.session
    AND b.statement = a.session_row.statement AND b.vxid IS NOT DISTINCT FROM a.session_row.vxid
    AND b.source_no IS NOT DISTINCT FROM a.source_no
JOIN part_by_statement p ON p.template_id = a.template_id AND p.namespace = coalesce(t.namespace, a.source_namespace)
    AND p.context = coalesce(b.context, a.context, [])
WHERE a.outcome NOT IN ('denied', 'error') AND a.operation NOT IN ('list', 'grant', 'login');
DELETE FROM part_act WHERE start_at IS NULL;
"""
# Since when, and until when. What surely became a part was none before; what no longer surely is one, was one until
# then. Under another name it is one as well. A whole may be a part of another. Of what is read of a whole, only parts
# that have entries of their own need be told: all that comes into a part comes into the whole too.
PARTS = f"""
CREATE OR REPLACE TEMP TABLE part AS
WITH RECURSIVE told AS (
    SELECT part_id, whole_id,
           CASE WHEN coalesce(bool_or(joins AND is_sure), false)
                     AND coalesce(min(end_at) FILTER (NOT joins) >= min(start_at) FILTER (joins), true)
                THEN min(start_at) FILTER (joins) ELSE {BEFORE_ALL} END AS since,
           CASE WHEN max(end_at) FILTER (NOT joins AND is_sure) > coalesce(max(end_at) FILTER (joins), {BEFORE_ALL})
                THEN max(end_at) FILTER (NOT joins AND is_sure) ELSE {AFTER_ALL} END AS until
    FROM part_act GROUP BY part_id, whole_id
    UNION ALL SELECT part_id, whole_id, {BEFORE_ALL}, {AFTER_ALL} FROM part_by_run
), named(part_id, whole_id, since, until) AS (
    FROM told
    UNION
    SELECT CASE r.previous WHEN n.part_id THEN r.named ELSE n.part_id END,
           CASE r.previous WHEN n.whole_id THEN r.named ELSE n.whole_id END, n.since, n.until
    FROM named n JOIN renamed r ON r.previous IN (n.part_id, n.whole_id)
), reach(part_id, whole_id, since, until) AS (
    FROM named
    UNION
    SELECT r.part_id, n.whole_id, greatest(r.since, n.since), least(r.until, n.until)
    FROM reach r JOIN named n ON n.part_id = r.whole_id AND n.since <= r.until AND r.since <= n.until
)
SELECT part_id, whole_id, min(since) AS since, max(until) AS until
FROM reach WHERE part_id <> whole_id GROUP BY part_id, whole_id;
CREATE OR REPLACE TABLE part_reach AS
SELECT part_id AS dataset_id, whole_id AS other_id, since, until, true AS is_up FROM part
UNION ALL
SELECT whole_id, part_id, since, until, false FROM part
SEMI JOIN (
    SELECT n.dataset_id AS part_id FROM (SELECT DISTINCT dataset FROM entry) e
    JOIN dataset_of o ON o.name_id = e.dataset JOIN dataset_name n ON n.told_id = o.dataset_id
) USING (part_id)
ORDER BY ALL;
DELETE FROM part_reach WHERE other_id IN (SELECT dataset_id FROM dataset WHERE is_view);
UPDATE dataset SET has_bases = true WHERE dataset_id IN (SELECT dataset_id FROM part_reach);
"""
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
# columns, so a replay over one table tells which records. Where a log has rows of its own for what inherits, they tell.
USES = """
INSERT INTO told_use
SELECT DISTINCT u.act_id, p.other_id, p.other_id, u.is_read, u.is_write, u.written,
       CASE WHEN u.scope = 'replay' AND NOT t.joined THEN 'replay' ELSE 'unknown' END,
       CASE WHEN u.scope = 'replay' AND NOT t.joined THEN u.no END, u.fields, true, u.is_guess, true
FROM told_use u JOIN told_act a USING (act_id)
JOIN part_reach p ON p.dataset_id = u.dataset_id AND a.start_at <= p.until AND p.since <= a.end_at
LEFT JOIN template_table t ON t.template_id = a.template_id AND t.no = u.no
ANTI JOIN (FROM note WHERE kind = 'inherited') n ON n.event_id = a.event_id
WHERE u.scope <> 'none' AND (p.is_up OR a.dataset_id IS NULL OR NOT a.is_nowhere)
"""
RUN_READS = """
INSERT INTO told_read BY NAME
SELECT DISTINCT o.other_id AS dataset_id, o.other_id AS told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id,
       true AS is_input, true AS main, false AS certain, 'part-of-table' AS doubt
FROM run_part p JOIN run r USING (run_id)
JOIN part_reach o ON o.dataset_id = p.dataset_id AND r.start_at <= o.until AND o.since <= r.end_at
WHERE p.direction = 'input'
"""
# A part may be replaced, and the whole never is by that.
RUN_WRITES = """
INSERT INTO told_write BY NAME
SELECT DISTINCT o.other_id AS dataset_id, o.other_id AS told_id, r.start_at, r.end_at, r.run_id AS unit, r.run_id,
       'unknown' AS kind, false AS certain
FROM run_part p JOIN run r USING (run_id)
JOIN part_reach o ON o.dataset_id = p.dataset_id AND r.start_at <= o.until AND o.since <= r.end_at
WHERE p.direction = 'output'
"""
# What becomes a part brings what it held, and what is taken out takes it along. (One that is made holds nothing.)
CHANGED = f"""
INSERT INTO change
SELECT {5 * CHANGES} + row_number() OVER (ORDER BY start_at, end_at, named, previous), start_at, end_at, 'PART',
       named, previous, event_id
FROM (
    SELECT start_at, end_at, CASE WHEN joins THEN whole_told_id ELSE part_told_id END AS named,
           CASE WHEN joins THEN part_told_id ELSE whole_told_id END AS previous, arg_min(event_id, digest) AS event_id
    FROM part_act WHERE NOT (joins AND is_made) GROUP BY ALL
)
"""
