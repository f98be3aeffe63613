"""Transactions of a database session that did not come to their end: what they wrote was taken back, all or in part.

The log tells an act when it is done, and afterwards how its transaction ended: by an error, by ROLLBACK, or not at all,
since the client had gone. Its reads were reads; what it wrote is not sure. Which rows belong to one transaction the
log's virtual transaction tells, else the begins and ends around them.
"""

# `undone` holds the acts that were taken back, with what tells their transaction (`of`) and their place in it. What
# rolls back to a savepoint takes back what was before it alone. Where times are all that orders rows, several may have
# one place: then what begins counts as before, what ends as after.
UNDONE = """
CREATE OR REPLACE TEMP TABLE turn AS
SELECT {'source': source_no, 'principal': principal, 'session': session, 'vxid': vxid} AS within,
       vxid IS NOT NULL AS is_named, coalesce(line, told_at) AS place, kind
FROM sourced_transaction_turn;
CREATE OR REPLACE TEMP TABLE undone AS
WITH told AS (
    SELECT a.event_id, {'source': source_no, 'principal': principal, 'session': session_row.session,
                        'vxid': session_row.vxid} AS within,
           session_row.vxid IS NOT NULL AS is_named, coalesce(session_row.line, start_at) AS place,
           {'statement': session_row.statement, 'part': session_row.part} AS nth
    FROM sourced_access a WHERE session_row IS NOT NULL
), named AS (
    SELECT within, max(place) FILTER (kind IN ('undone', 'unended')) AS undone_at,
           bool_or(kind = 'begun') AND NOT bool_or(kind = 'ended') AS is_open
    FROM turn WHERE is_named GROUP BY within HAVING undone_at IS NOT NULL OR is_open
), opening AS (
    SELECT within, place + CASE WHEN is_begun THEN 0 ELSE 1 END AS place, is_begun FROM (
        SELECT within, place, bool_or(kind = 'begun') AS is_begun
        FROM turn WHERE NOT is_named AND kind IN ('begun', 'ended') GROUP BY within, place
    )
), ending AS (
    SELECT within, place, bool_or(is_undone) AS is_undone FROM (
        SELECT within, place, kind <> 'ended'
               OR lead(kind) OVER (PARTITION BY within ORDER BY place, kind) IS NOT DISTINCT FROM 'unended' AS is_undone
        FROM turn WHERE NOT is_named AND kind <> 'begun'
    ) GROUP BY within, place
)
SELECT DISTINCT a.event_id, {'within': within, 'since': NULL::BIGINT} AS of, a.nth
FROM told a JOIN named n USING (within) WHERE n.is_open OR a.place <= n.undone_at
UNION ALL
SELECT DISTINCT a.event_id, {'within': a.within, 'since': o.place}, a.nth
FROM (FROM told SEMI JOIN opening USING (within) WHERE NOT is_named) a
ASOF JOIN opening o ON o.within = a.within AND o.place <= a.place
ASOF LEFT JOIN ending e ON e.within = a.within AND e.place >= a.place
WHERE o.is_begun AND coalesce(e.is_undone, true);
"""
# Who reads a dataset after its own transaction changed it sees what no entry tells.
MISLED = """
WITH told AS (
    SELECT u.act_id, u.dataset_id, u.is_read, u.is_write, b.of, b.nth
    FROM told_use u JOIN told_act a USING (act_id) JOIN undone b USING (event_id)
)
UPDATE told_use SET scope = 'unknown'
WHERE is_read AND scope IN ('all', 'replay') AND act_id IN (
    SELECT r.act_id FROM told w JOIN told r ON r.of = w.of AND r.dataset_id = w.dataset_id AND w.nth < r.nth
    WHERE w.is_write
)
"""
