"""Transactions that see what was there when they began, however late they read it: REPEATABLE READ and SERIALIZABLE.

So does pg_dump, which reads some tables hours after it began: what was deleted meanwhile it reads, and what was added
it does not. A row of the log tells when its statement ran, so the act lasts from the transaction's beginning on.
"""

TOLD = "kind IN ('keeps', 'always')"
# `older`: how long before it was told an act began. (A source was heard when it told it.)
NONE = "CREATE OR REPLACE TEMP TABLE first_view (event_id BIGINT, older BIGINT)"
# Where the log names no transactions, an act is in the one that began last, if nothing ended it before the act.
SINCE = """
CREATE OR REPLACE TEMP TABLE first_view AS
WITH turned AS (
    SELECT {'source': source_no, 'principal': principal, 'session': session} AS within, vxid, told_at, kind
    FROM sourced_transaction_turn
), always AS (
    SELECT within, min(told_at) AS since FROM turned WHERE kind = 'always' GROUP BY within
), act AS (
    SELECT a.* FROM (
        SELECT event_id, {'source': source_no, 'principal': principal, 'session': session_row.session} AS within,
               session_row.vxid AS vxid, start_at AS told_at
        FROM sourced_access WHERE session_row IS NOT NULL
    ) a SEMI JOIN (FROM turned WHERE kind IN ('keeps', 'always')) USING (within)
), named AS (
    SELECT within, vxid, min(told_at) FILTER (kind IN ('begun', 'keeps')) AS begun_at, bool_or(kind = 'keeps') AS keeps
    FROM turned WHERE vxid IS NOT NULL GROUP BY within, vxid
), bound AS (
    SELECT within, told_at + CASE kind WHEN 'ended' THEN 1 ELSE 0 END AS told_at, bool_or(kind = 'begun') AS is_begun
    FROM turned WHERE vxid IS NULL AND kind IN ('begun', 'ended') GROUP BY ALL
), placed AS (
    SELECT a.event_id, a.within, a.told_at, n.begun_at, n.keeps FROM act a JOIN named n USING (within, vxid)
    UNION ALL
    SELECT a.event_id, a.within, a.told_at, b.told_at, EXISTS (
        SELECT 1 FROM turned t
        WHERE t.within = a.within AND t.kind = 'keeps' AND t.told_at BETWEEN b.told_at AND a.told_at
    )
    FROM (FROM act WHERE vxid IS NULL) a ASOF JOIN bound b ON b.within = a.within AND b.told_at <= a.told_at
    WHERE b.is_begun
)
SELECT event_id, max(p.told_at - begun_at) AS older
FROM placed p LEFT JOIN always s USING (within)
WHERE begun_at < p.told_at AND (keeps OR s.since <= begun_at)
GROUP BY event_id;
UPDATE odd_access a SET start_at = a.start_at - v.older FROM first_view v WHERE v.event_id = a.event_id;
"""
