"""Transactions that see what was there when they began, however late they read it: REPEATABLE READ and SERIALIZABLE.

So does pg_dump, which reads some tables hours after it began: what was deleted meanwhile it reads, and what was added
it does not. A row of the log tells when its statement ran, so the act lasts from the transaction's beginning on.
"""

from lineage.touches.transactions import LAST

TOLD = "kind IN ('keeps', 'always')"
# `older`: how long before it was told an act began. (A source was heard when it told it.)
NONE = "CREATE OR REPLACE TABLE first_view (event_id BIGINT, older BIGINT)"
# Where the log names no transactions, an act is in the one that began last, if nothing ended it before the act: in the
# order of times and, at one time, of statements' numbers; what has none may be anywhere in its time. What AND CHAIN
# begins is as what it ended, of which no more is looked at than whether any of the session before kept its first view.
#   Both ends are made instants as the act's own source tells them, since clocks may be put back between them.
SINCE = f"""
CREATE OR REPLACE TABLE first_view AS
WITH turned AS (
    SELECT *, kind = 'begun' AND bool_or(kind = 'ended') OVER (PARTITION BY within, told_at, statement) AS is_chained,
           kind = 'ended' AND statement IS NULL AND bool_or(kind = 'begun') OVER (PARTITION BY within, told_at)
               AS is_mixed,
           told_at::HUGEINT * {LAST + 1} AS soonest,
           soonest + coalesce(statement, CASE kind WHEN 'ended' THEN {LAST} ELSE 0 END) AS place
    FROM (
        SELECT {{'source': source_no, 'principal': principal, 'session': session}} AS within, vxid, told_at, statement,
               kind
        FROM sourced_transaction_turn
    )
), keeping AS (
    SELECT within, min(told_at) FILTER (kind = 'always') AS always_since,
           min(told_at) FILTER (kind = 'keeps') AS kept_since
    FROM turned WHERE kind IN ('keeps', 'always') GROUP BY within
), act AS (
    SELECT a.* FROM (
        SELECT event_id, {{'source': source_no, 'principal': principal, 'session': session_row.session}} AS within,
               session_row.vxid AS vxid, start_at AS told_at, zoned, timezone,
               start_at::HUGEINT * {LAST + 1} + coalesce(session_row.statement, {LAST}) AS place
        FROM sourced_access WHERE session_row IS NOT NULL
    ) a SEMI JOIN keeping USING (within)
), named AS (
    SELECT within, vxid, min(told_at) FILTER (kind IN ('begun', 'keeps')) AS begun_at,
           bool_or(kind = 'keeps') AS keeps, bool_or(is_chained) AS is_chained
    FROM turned WHERE vxid IS NOT NULL GROUP BY within, vxid
), bound AS (
    SELECT within, place, any_value(told_at) AS begun_at, bool_or(kind = 'begun' OR is_mixed) AS is_begun,
           bool_or(is_chained OR is_mixed) AS is_chained, min(CASE WHEN is_mixed THEN soonest ELSE place END) AS since
    FROM turned WHERE vxid IS NULL AND kind IN ('begun', 'ended') GROUP BY within, place
), kept AS (
    SELECT DISTINCT within, place FROM turned WHERE kind = 'keeps'
), placed AS (
    SELECT a.event_id, a.within, a.told_at, a.zoned, a.timezone, n.begun_at, n.keeps, n.is_chained
    FROM act a JOIN named n USING (within, vxid)
    UNION ALL
    SELECT a.event_id, a.within, a.told_at, a.zoned, a.timezone, b.begun_at, coalesce(k.place >= b.since, false),
           b.is_chained
    FROM (FROM act WHERE vxid IS NULL) a
    ASOF JOIN bound b ON b.within = a.within AND b.place <= a.place
    ASOF LEFT JOIN kept k ON k.within = a.within AND k.place <= a.place
    WHERE b.is_begun
)
SELECT event_id,
       max(earliest_of(p.told_at, zoned, timezone) - earliest_of(begun_at, zoned, timezone)) AS older
FROM placed p JOIN keeping s USING (within)
WHERE begun_at < p.told_at AND (keeps OR s.always_since <= begun_at OR is_chained AND s.kept_since <= begun_at)
GROUP BY event_id;
UPDATE odd_access a SET start_at = a.start_at - v.older FROM first_view v WHERE v.event_id = a.event_id;
"""
