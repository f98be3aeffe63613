"""Access events: placed in time and on datasets, and what of each dataset they read or wrote.

Most are plain: one principal, one dataset, no statement. They become a use of that dataset as they are, known by
their event's number. What needs more (a statement, a view, a refusal, an operation that is neither read nor write, an
act that may be told several times) goes through `told_act`, whose uses have numbers from STATED on.
"""

from lineage.touches.numbering import place_in
from lineage.touches.operations import NEITHER, READING, REFUSED, WRITING
from lineage.touches.places import BESIDE

STATED = 1 << 61

# Times resolved, names as numbers. `waits_for` is what the catalog must say before an access can be placed.
_PLACED = f"""
SELECT a.event_id, a.source_no, p.principal_id, a.operation, a.outcome, r.run_id, a.tie,
       earliest_of(a.start_at, a.zoned, a.timezone) AS start_at,
       greatest(
           instant_of(a.start_at, a.zoned, a.timezone),
           instant_of(coalesce(a.end_at, a.start_at), a.zoned, a.timezone)
       ) AS end_at,
       t.dataset_id, t.told_id, coalesce(t.namespace, a.source_namespace) AS namespace,
       a.template_id, a.context, a.fields, a.keys, a.literals, a.bound, a.row_count, a.occurrence,
       a.session_row,
       CASE WHEN NOT a.zoned AND a.timezone IS NULL THEN 'time-zone'
            WHEN a.dataset IS NOT NULL AND t.namespace IS NULL THEN 'namespace'
            WHEN a.template_id IS NOT NULL AND coalesce(t.namespace, a.source_namespace) IS NULL THEN 'namespace'
       END AS waits_for,
       a.template_id IS NULL AND a.occurrence IS NULL AND a.outcome NOT IN {REFUSED}
           AND t.dataset_id IS NOT NULL AND a.operation NOT IN {NEITHER}
           AND NOT coalesce(d.has_bases, false) AS is_plain
FROM {{accesses}} a
LEFT JOIN principal_of p ON p.name_id = a.principal
LEFT JOIN run_of r ON r.name_id = a.run
LEFT JOIN place_of t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
LEFT JOIN dataset d ON d.dataset_id = t.dataset_id
"""
PLACED = f"CREATE OR REPLACE TEMP VIEW placed_access AS {_PLACED.format(accesses='sourced_access')}"
# What may be odd is chosen before anything is joined to it, since few are and all the others are plain.
ODD = f"""
CREATE OR REPLACE TEMP VIEW maybe_odd AS
SELECT a.* FROM sourced_access a ANTI JOIN idle_child USING (event_id) LEFT JOIN (
    SELECT t.name_id, t.source_no FROM place_of t JOIN dataset d USING (dataset_id)
    WHERE t.namespace IS NOT NULL AND NOT d.has_bases
) p ON p.name_id = a.dataset AND p.source_no IS NOT DISTINCT FROM a.source_no
WHERE p.name_id IS NULL OR NOT a.zoned OR a.template_id IS NOT NULL OR a.occurrence IS NOT NULL
    OR a.outcome IN {REFUSED} OR a.operation IN {NEITHER};
CREATE OR REPLACE TEMP TABLE odd_access AS
FROM ({_PLACED.format(accesses="maybe_odd")}) WHERE NOT is_plain OR waits_for IS NOT NULL
"""
# Rows as wide as these are not sorted themselves: what they are numbered by is.
ACTS = f"""
CREATE OR REPLACE TABLE told_act AS
WITH numbered AS (
    SELECT row_number() OVER (ORDER BY start_at, tie, operation, outcome, dataset_id, event_id) AS act_id,
           rowid AS odd
    FROM odd_access WHERE waits_for IS NULL
)
SELECT n.act_id, event_id, a.source_no, principal_id, operation, outcome, run_id, start_at, end_at, dataset_id,
       told_id, namespace, coalesce(b.context, a.context, []) AS context, a.template_id, fields, keys, literals, bound,
       row_count, occurrence, dataset_id IS NULL OR a.session_row IS NOT NULL AS is_nowhere
FROM numbered n JOIN odd_access a ON a.rowid = n.odd
{BESIDE};
CREATE OR REPLACE TABLE held AS SELECT event_id, waits_for FROM odd_access WHERE waits_for IS NOT NULL;
"""
# What was tried and did not happen.
ATTEMPTS = f"""
CREATE OR REPLACE TABLE placed_attempt AS
SELECT DISTINCT a.act_id, n.dataset_id
FROM told_act a JOIN placed_name p ON p.template_id = a.template_id
    AND p.namespace = a.namespace AND p.context = a.context
JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
WHERE a.outcome IN {REFUSED} ORDER BY ALL
"""
# What only defines views reads no row of their bases and changes none, where a log calls it `create` too.
DEFINING = """
CREATE OR REPLACE TEMP TABLE defining AS
SELECT template_id FROM template_table GROUP BY template_id
HAVING bool_or(defines_view) AND bool_and(write IS NULL AND scope = 'none')
"""
# What a statement says of each table that it names, and apart from it of each that it may have named, so that no guess
# becomes sure: worked out once for all acts that say it at the same place. (An access that names a dataset itself tells
# which schema was meant; a row of a log tells no more than the one that it names.)
SAID = f"""
CREATE OR REPLACE TEMP TABLE stated_use AS
WITH acted AS NOT MATERIALIZED (
    FROM told_act WHERE outcome NOT IN {REFUSED} AND operation NOT IN {NEITHER}
      AND NOT (operation = 'create' AND template_id IS NOT NULL AND template_id IN (FROM defining))
), meant AS (
    SELECT DISTINCT template_id, namespace, context, is_nowhere FROM acted WHERE template_id IS NOT NULL
), said AS (
    SELECT a.*, n.dataset_id, p.is_guess OR p.is_rival AND a.is_nowhere AS is_guess,
           min(n.told_id) AS told_id, min(t.no) AS no,
           bool_or(t.reads) AS is_read, bool_or(t.write IS NOT NULL) AS is_write, min(t.write) AS written,
           CASE WHEN count(*) > 1 OR bool_or(p.is_guess) AND any_value(t.scope) = 'replay' THEN 'unknown'
                WHEN bool_or(t.reads AND NOT list_contains(v.views, n.dataset_id)) AND any_value(t.scope) <> 'all'
                THEN 'unknown' ELSE any_value(t.scope) END AS scope,
           CASE WHEN count(*) = 1 AND any_value(v.views) IS NULL THEN any_value(t.fields) END AS fields
    FROM meant a
    JOIN stated_table t ON t.template_id = a.template_id AND (t.reads OR t.write IS NOT NULL OR NOT t.defines_view)
    JOIN meant_name p ON p.template_id = t.template_id AND p.no = t.no
        AND p.namespace = a.namespace AND p.context = a.context
        AND (a.is_nowhere OR NOT (p.is_guess AND p.is_rival))
    JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
    LEFT JOIN beside_view v ON v.template_id = a.template_id AND v.namespace = a.namespace AND v.context = a.context
    GROUP BY ALL
)
SELECT a.act_id, s.* EXCLUDE (template_id, namespace, context, is_nowhere)
FROM acted a JOIN said s USING (template_id, namespace, context, is_nowhere)
"""
# REFRESH MATERIALIZED VIEW makes anew what its text names, and not of what: possibly of what any other text made it of,
# and surely of the bases that the catalog gives it, which are read then and not written.
REMAKING = """
CREATE OR REPLACE TEMP TABLE remaking AS
SELECT template_id FROM template_table GROUP BY template_id
HAVING count(*) = 1 AND bool_and(NOT reads AND write = 'create' AND sql_write = 'overwrite')
"""
# The event's own dataset with its operation, the statement's tables with theirs, and the bases of views. Of a table
# that the statement only reads, it does not tell what a row changed there (through a view), nor the other way round;
# what RETURNING gives back of what it changed there was read too.
TOLD_USES = f"""
CREATE OR REPLACE TEMP TABLE told_use AS
SELECT coalesce(o.act_id, s.act_id) AS act_id, coalesce(o.dataset_id, s.dataset_id) AS dataset_id,
       coalesce(o.told_id, s.told_id) AS told_id,
       coalesce(o.is_read, false) OR coalesce(s.is_read, s.act_id IS NULL AND o.gives_back) AS is_read,
       coalesce(o.is_write, false) OR coalesce(s.is_write, false) AS is_write,
       coalesce(s.written, CASE WHEN o.is_write THEN o.operation END) AS written,
       CASE WHEN o.keys IS NOT NULL THEN 'keys' ELSE coalesce(s.scope, 'unknown') END AS scope,
       CASE WHEN o.keys IS NULL THEN s.no END AS no,
       coalesce(o.fields, s.fields) AS fields, false AS by_view, coalesce(o.is_guess, s.is_guess) AS is_guess,
       false AS by_part
FROM (
    SELECT act_id, dataset_id, false AS is_guess, told_id, operation, keys, fields,
           operation IN {READING} AS is_read,
           operation IN {WRITING} AS is_write,
           operation IN ('update', 'delete') AND coalesce(t.returns, false) AS gives_back
    FROM told_act LEFT JOIN template t USING (template_id)
    WHERE dataset_id IS NOT NULL AND outcome NOT IN {REFUSED}
      AND operation NOT IN {NEITHER}
) o
FULL JOIN stated_use s ON s.act_id = o.act_id AND s.dataset_id = o.dataset_id AND s.is_guess = o.is_guess
    AND (s.is_read AND o.is_read OR s.is_write AND o.is_write);
INSERT INTO told_use
SELECT DISTINCT u.act_id, v.base_id, v.base_id, u.is_read OR r.template_id IS NOT NULL,
       u.is_write AND r.template_id IS NULL, CASE WHEN r.template_id IS NULL THEN u.written END, 'unknown', NULL, NULL,
       true, u.is_guess OR v.is_guess, false
FROM told_use u JOIN view_base v ON v.view_id = u.dataset_id JOIN told_act a USING (act_id)
LEFT JOIN remaking r ON r.template_id = a.template_id
LEFT JOIN defining d ON d.template_id = a.template_id AND a.operation = 'create'
WHERE v.base_id NOT IN (SELECT dataset_id FROM dataset WHERE is_view) AND d.template_id IS NULL;
"""
REMADE = """
INSERT INTO told_use
WITH made AS (
    SELECT DISTINCT v.dataset_id AS made_id, b.dataset_id, b.told_id
    FROM template_table tv JOIN template_table tb ON tb.template_id = tv.template_id AND tb.reads AND tb.no <> tv.no
    JOIN placed_name pv ON pv.template_id = tv.template_id AND pv.no = tv.no AND pv.is_done
    JOIN meant_name pb ON pb.template_id = tb.template_id AND pb.no = tb.no
        AND pb.namespace = pv.namespace AND pb.context = pv.context
    JOIN dataset_name v ON v.namespace = pv.namespace AND v.name = pv.name
    JOIN dataset_name b ON b.namespace = pb.namespace AND b.name = pb.name
    WHERE tv.write = 'create' AND tv.sql_write = 'overwrite' AND b.dataset_id <> v.dataset_id
)
SELECT DISTINCT u.act_id, m.dataset_id, m.told_id, true, false, NULL, 'unknown', NULL::BIGINT, NULL::VARCHAR[], false,
       true, false
FROM told_use u JOIN told_act a USING (act_id) JOIN remaking r ON r.template_id = a.template_id
JOIN made m ON m.made_id = u.dataset_id
WHERE u.is_write AND NOT u.by_view AND a.operation = 'create';
"""
# What few words tell is kept as their numbers: sorting and writing these tables is most of what settling costs.
OPERATION = """ENUM (
    'admin', 'create', 'delete', 'export', 'grant', 'list', 'login', 'read', 'unknown', 'update'
)"""
# Of another table, for all we know, or of another part of the table.
OUTCOME = "ENUM ('denied', 'error', 'success', 'unknown', 'elsewhere', 'part')"
SCOPE = "ENUM ('all', 'keys', 'none', 'replay', 'unknown')"
PLAIN = f"""event_id AS use_id, NULL::BIGINT AS event_id, NULL::BIGINT AS act_id, source_no, principal_id, dataset_id,
       told_id, start_at, end_at - start_at AS lasted, run_id,
       operation::{OPERATION} AS operation, outcome::{OUTCOME} AS outcome,
       operation IN {READING} AS is_read,
       operation IN {WRITING} AS is_write,
       CASE WHEN operation IN {WRITING} THEN operation::{OPERATION} END AS written,
       (CASE WHEN keys IS NOT NULL THEN 'keys' ELSE 'unknown' END)::{SCOPE} AS scope, NULL::BIGINT AS no, fields,
       false AS by_view"""
# Uses in the order of who did them, `rowid` being their place in it; `use` shows them with their ends, which mostly
# are their beginnings. `nth` tells those of one instant apart, so that no key is too long to be sorted as it is.
USES = f"""
CREATE OR REPLACE TEMP TABLE sorted_use AS
FROM told_use WHERE is_read OR is_write
ORDER BY act_id, dataset_id, by_view, scope, is_guess, by_part, is_read, is_write, written, no, fields;
CREATE OR REPLACE TABLE use_of_principal AS
SELECT * EXCLUDE (nth) FROM (
SELECT {PLAIN}, tie::BIGINT << 31 | dataset_id AS nth
FROM placed_access WHERE is_plain AND waits_for IS NULL
UNION ALL
SELECT {STATED} + number, a.event_id, u.act_id,
       a.source_no, a.principal_id, u.dataset_id, u.told_id, a.start_at, a.end_at - a.start_at, a.run_id,
       a.operation::{OPERATION},
       (CASE WHEN u.by_part THEN 'part' WHEN u.is_guess THEN 'elsewhere' ELSE a.outcome END)::{OUTCOME}, u.is_read,
       u.is_write, u.written::{OPERATION}, u.scope::{SCOPE}, u.no, u.fields, u.by_view, number - {STATED}
FROM (SELECT {place_in("sorted_use")} AS number, * FROM sorted_use) u
JOIN told_act a USING (act_id)
) ORDER BY principal_id::INTEGER, start_at, nth;
CREATE OR REPLACE VIEW use AS
SELECT use_id, coalesce(event_id, use_id) AS event_id, coalesce(act_id, -use_id) AS act_id, source_no, principal_id,
       dataset_id, told_id, start_at, start_at + lasted AS end_at, run_id, operation, is_read, is_write,
       written, scope, fields, by_view, rowid AS place, outcome = 'success' AND operation <> 'unknown' AS certain,
       CASE WHEN operation = 'unknown' THEN 'unknown-operation'
            WHEN outcome = 'elsewhere' THEN 'unknown-schema'
            WHEN outcome = 'part' THEN 'part-of-table'
            WHEN outcome <> 'success' THEN 'unknown-outcome' END AS doubt
FROM use_of_principal;
CREATE OR REPLACE VIEW act AS
SELECT act_id, source_no, principal_id, operation, outcome, run_id, start_at, end_at, dataset_id FROM told_act
UNION ALL
SELECT -use_id, source_no, principal_id, operation, outcome, run_id, start_at, start_at + lasted, dataset_id
FROM use_of_principal WHERE act_id IS NULL;
"""
# The same in the order of what was used: first those that may have been of any record, then those that name keys.
USES_BY_DATASET = """
CREATE OR REPLACE TABLE use_of_dataset AS
FROM use_of_principal ORDER BY dataset_id, scope = 'keys', start_at
"""
# A statement that reads a dataset and writes another, or the same by more than RETURNING, is a run of one instant,
# known by one of its acts. (What it had read outlasts an overwrite that came meanwhile.) Where its text is not
# understood or not told, its rows say what it read and wrote, and not surely that one went into the other.
STATEMENT_RUNS = f"""
CREATE OR REPLACE TEMP TABLE untold AS
WITH call AS (
    SELECT DISTINCT o.source_no, o.principal_id, o.session_row.session AS session, o.session_row.vxid AS vxid,
           o.session_row.statement AS statement
    FROM told_act a LEFT JOIN template t USING (template_id) JOIN odd_access o ON o.event_id = a.event_id
    WHERE a.operation IN {WRITING} AND NOT coalesce(t.parsed, false)
      AND o.session_row.statement IS NOT NULL
), called AS (
    SELECT DISTINCT o.event_id, c.*
    FROM odd_access o JOIN call c ON c.session = o.session_row.session AND c.statement = o.session_row.statement
        AND c.vxid IS NOT DISTINCT FROM o.session_row.vxid AND c.source_no IS NOT DISTINCT FROM o.source_no
        AND c.principal_id = o.principal_id
)
SELECT a.act_id, min(a.act_id) OVER same AS run_act, min(a.start_at) OVER same AS start_at
FROM called c JOIN told_act a USING (event_id)
WINDOW same AS (PARTITION BY c.source_no, c.principal_id, c.session, c.vxid, c.statement);
CREATE OR REPLACE TEMP TABLE statement_run AS
WITH copying AS (
    SELECT template_id FROM template_table JOIN template USING (template_id) WHERE NOT returns
    GROUP BY template_id HAVING bool_or(reads) AND bool_or(write IS NOT NULL)
), told AS (
    SELECT u.*, coalesce(o.run_act, u.act_id) AS run_act, coalesce(o.start_at, a.start_at) AS start_at,
           o.run_act IS NULL AS is_told, c.template_id IS NOT NULL AS copies
    FROM told_use u JOIN told_act a USING (act_id) LEFT JOIN untold o USING (act_id)
    LEFT JOIN copying c ON c.template_id = a.template_id
    WHERE a.template_id IS NOT NULL OR o.run_act IS NOT NULL
)
SELECT DISTINCT act_id, run_act, start_at, is_told
FROM told SEMI JOIN (
    SELECT run_act FROM told WHERE NOT by_view GROUP BY run_act
    HAVING min(dataset_id) FILTER (is_read) <> max(dataset_id) FILTER (is_write)
        OR max(dataset_id) FILTER (is_read) <> min(dataset_id) FILTER (is_write)
        OR bool_or(copies AND is_read AND is_write)
) USING (run_act)
"""
# The scope 'keys' names records of the event's own dataset; a key that no entry has names nothing. `key_use` is in
# the order of the records, with all that is told of a touch.
KEYS = f"""
CREATE OR REPLACE TABLE key_use AS
SELECT k.key_no, u.* EXCLUDE (key)
FROM (
    SELECT {PLAIN}, unnest(keys) AS key FROM placed_access WHERE keys IS NOT NULL AND is_plain AND waits_for IS NULL
    UNION ALL
    SELECT u.*, unnest(a.keys) FROM use_of_principal u JOIN told_act a USING (act_id) WHERE u.scope = 'keys'
) u JOIN record_key k USING (dataset_id, key)
ORDER BY key_no, start_at;
CREATE OR REPLACE TABLE use_key AS SELECT use_id, key_no FROM key_use ORDER BY use_id;
"""
