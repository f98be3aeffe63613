"""Transactions that see what was there when they began, however late they read it: REPEATABLE READ and SERIALIZABLE.

So does pg_dump, which reads some tables hours after it began: what was deleted meanwhile it reads, and what was added
it does not. A row of the log tells when its statement ran, so the act lasts from the transaction's beginning on.
"""

from lineage.touches.transactions import LAST

TOLD = "kind IN ('keeps', 'shares', 'always')"
# `older`: how long before it was told an act began. (A source was heard when it told it.)
NONE = "CREATE OR REPLACE TABLE first_view (event_id BIGINT, older BIGINT)"
# Where the log names no transactions, an act is in the one that began last, if nothing ended it before the act: in the
# order of times and, at one time, of statements' numbers; what has none may be anywhere in its time. What AND CHAIN
# begins is as what it ended, of which no more is looked at than whether any of the session before kept its first view.
# Where the begin is lost, and nothing is told before what keeps the view, that is the begin: no query comes before it.
#   Who shares another's first view, as the connections of pg_dump --jobs do, sees what was there when that one began.
# Which it is no row tells: any that was open then and is of the same principal.
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
        SELECT {{'namespace': source_namespace, 'principal': principal, 'session': session}} AS within, vxid, told_at,
               statement, kind
        FROM sourced_transaction_turn
    )
), keeping AS (
    SELECT within, min(told_at) FILTER (kind = 'always') AS always_since,
           min(told_at) FILTER (kind <> 'always') AS kept_since
    FROM turned WHERE {TOLD} GROUP BY within
), act AS (
    SELECT a.* FROM (
        SELECT event_id,
               {{'namespace': source_namespace, 'principal': principal, 'session': session_row.session}} AS within,
               session_row.vxid AS vxid, start_at AS told_at, zoned, timezone,
               start_at::HUGEINT * {LAST + 1} + coalesce(session_row.statement, {LAST}) AS place
        FROM sourced_access WHERE session_row IS NOT NULL
    ) a SEMI JOIN keeping USING (within)
), named AS (
    SELECT within, vxid, min(told_at) FILTER (kind IN ('begun', 'keeps', 'shares')) AS begun_at,
           min(told_at) FILTER (kind = 'ended') AS ended_at, max(told_at) FILTER (kind = 'shares') AS shared_at,
           bool_or(kind IN ('keeps', 'shares')) AS keeps, bool_or(is_chained) AS is_chained
    FROM turned WHERE vxid IS NOT NULL GROUP BY within, vxid
), bound AS (
    SELECT within, place, any_value(told_at) AS begun_at, bool_or(kind = 'begun' OR is_mixed) AS is_begun,
           bool_or(is_chained OR is_mixed) AS is_chained, min(CASE WHEN is_mixed THEN soonest ELSE place END) AS since,
           lead(begun_at) OVER (PARTITION BY within ORDER BY place) AS ended_at
    FROM turned WHERE vxid IS NULL AND kind IN ('begun', 'ended') GROUP BY within, place
), kept AS (
    SELECT within, place, any_value(told_at) AS told_at, bool_or(kind = 'shares') AS is_shared
    FROM turned WHERE vxid IS NULL AND kind IN ('keeps', 'shares') GROUP BY within, place
), viewing AS (
    SELECT within, begun_at, ended_at, shared_at FROM named WHERE keeps
    UNION ALL
    SELECT k.within, b.begun_at, b.ended_at, CASE WHEN k.is_shared THEN k.told_at END
    FROM kept k ASOF JOIN bound b ON b.within = k.within AND b.since <= k.place WHERE b.is_begun
), shared AS (
    SELECT s.within, s.shared_at, min(o.begun_at) AS begun_at
    FROM (SELECT DISTINCT within, shared_at FROM viewing WHERE shared_at IS NOT NULL) s
    JOIN viewing o ON o.within.namespace IS NOT DISTINCT FROM s.within.namespace
        AND o.within.principal = s.within.principal
        AND o.begun_at <= s.shared_at AND coalesce(o.ended_at >= s.shared_at, true)
    GROUP BY s.within, s.shared_at
), placed AS (
    SELECT a.event_id, a.within, a.told_at, a.zoned, a.timezone, n.begun_at, n.keeps, n.is_chained, n.shared_at
    FROM act a JOIN named n USING (within, vxid)
    UNION ALL
    SELECT a.event_id, a.within, a.told_at, a.zoned, a.timezone, coalesce(b.begun_at, k.told_at),
           coalesce(k.place >= b.since, b.since IS NULL), coalesce(b.is_chained, false),
           CASE WHEN k.is_shared AND coalesce(k.place >= b.since, true) THEN k.told_at END
    FROM (FROM act WHERE vxid IS NULL) a
    ASOF LEFT JOIN bound b ON b.within = a.within AND b.place <= a.place
    ASOF LEFT JOIN kept k ON k.within = a.within AND k.place <= a.place
    WHERE coalesce(b.is_begun, k.place IS NOT NULL)
)
SELECT event_id,
       max(earliest_of(p.told_at, zoned, timezone) - earliest_of(p.begun_at, zoned, timezone)) AS older
FROM (
    SELECT p.* REPLACE (least(p.begun_at, o.begun_at) AS begun_at)
    FROM placed p LEFT JOIN shared o ON o.within = p.within AND o.shared_at = p.shared_at
) p JOIN keeping s USING (within)
WHERE p.begun_at < p.told_at
  AND (p.keeps OR s.always_since <= p.begun_at OR p.is_chained AND s.kept_since <= p.begun_at)
GROUP BY event_id;
UPDATE odd_access a SET start_at = a.start_at - v.older FROM first_view v WHERE v.event_id = a.event_id;
"""
