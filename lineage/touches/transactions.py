"""Transactions of a database session that did not come to their end: what they wrote was taken back, all or in part.

The log tells an act when it is done, and afterwards that its transaction was rolled back. Its reads were reads; what
it wrote is not sure. Which rows belong to one transaction the log's virtual transaction tells, else the begins and
ends around them.
"""

# `undone` holds the acts that an end took back, with what tells their transaction (`of`) and their place in it. Where
# times are all that orders rows, several may have one place: then what ends counts as after, what begins as before.
UNDONE = """
CREATE OR REPLACE TEMP TABLE turn AS
SELECT {'source': source_no, 'principal': principal, 'session': session, 'vxid': vxid} AS within,
       coalesce(line, told_at) AS place, kind
FROM sourced_transaction_turn;
CREATE OR REPLACE TEMP TABLE undone AS
WITH told AS (
    SELECT a.event_id, {'source': source_no, 'principal': principal, 'session': session_row.session,
                        'vxid': session_row.vxid} AS within,
           coalesce(session_row.line, start_at) AS place,
           {'statement': session_row.statement, 'part': session_row.part} AS nth
    FROM sourced_access a WHERE session_row IS NOT NULL
), act AS (
    FROM told SEMI JOIN (FROM turn WHERE kind = 'undone') t USING (within)
), ending AS (
    SELECT within, place, bool_or(kind = 'undone') AS is_undone
    FROM turn WHERE kind <> 'begun' GROUP BY within, place
), opening AS (
    SELECT within, place + CASE WHEN is_begun THEN 0 ELSE 1 END AS place, is_begun FROM (
        SELECT within, place, bool_or(kind = 'begun') AS is_begun
        FROM turn WHERE kind <> 'undone' GROUP BY within, place
    )
)
SELECT DISTINCT a.event_id, {'within': a.within, 'since': o.place} AS of, a.nth
FROM act a
ASOF JOIN ending e ON e.within = a.within AND e.place >= a.place
ASOF LEFT JOIN opening o ON o.within = a.within AND o.place <= a.place
WHERE e.is_undone AND (a.within.vxid IS NOT NULL OR o.is_begun);
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
