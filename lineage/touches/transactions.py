"""Transactions of a database session that did not come to their end: what they wrote was taken back, all or in part.

The log tells an act when it is done, and afterwards how its transaction ended: by an error, by ROLLBACK, or not at all,
since the client had gone. Its reads were reads; what it wrote is not sure. Which rows belong to one transaction the
log's virtual transaction tells, else the begins and ends around them.

No row tells when a block of a function that catches an error takes back what it wrote, nor when a procedure does: what
was written inside of a call is not sure.
"""

from lineage.touches.operations import REFUSED, WRITING

LAST = (1 << 32) - 1
# Where the log names no transactions its rows are in the order of their times and, at one time, of their statements'
# numbers. What has none (an error, log_statement) may be anywhere in its time: it began before the rest of it, and
# ended after. Beside rows with numbers log_statement is not asked.
PLACE = f"moment::HUGEINT * {LAST + 1} + coalesce(statement, CASE kind WHEN 'begun' THEN 0 ELSE {LAST} END)"
# `undone` holds the acts that were taken back, with what tells their transaction (`of`) and their place in it. What
# rolls back to a savepoint takes back what was before it alone. By time, a transaction ends with the first row that
# ends or begins one: it was kept where that is a COMMIT which nothing told of that time puts in doubt, and which did
# not fail afterwards. What no BEGIN opened was kept, for all that is known, unless a ROLLBACK follows (errors between
# them say nothing: its BEGIN may be lost), or an error in a text of several statements: then those before it that the
# text may hold are in doubt (`swept`).
#   `inside` a call is what stands beside a DO or a CALL, or under a query that has another text.
UNDONE = f"""
CREATE OR REPLACE TEMP TABLE turn AS
SELECT {{'source': source_no, 'principal': principal, 'session': session, 'vxid': vxid}} AS within,
       vxid IS NOT NULL AS is_named, coalesce(line, told_at) AS moment, statement, kind
FROM sourced_transaction_turn WHERE kind NOT IN ('called', 'keeps', 'shares', 'always', 'swept');
CREATE OR REPLACE TEMP TABLE swept AS
SELECT {{'source': source_no, 'principal': principal, 'session': session, 'vxid': vxid}} AS within,
       coalesce(line, told_at)::HUGEINT * {LAST + 1} + {LAST} AS place,
       statement AS text, count(*) OVER (PARTITION BY event_id) AS most
FROM sourced_transaction_turn WHERE kind = 'swept';
CREATE OR REPLACE TEMP TABLE called AS
SELECT DISTINCT source_no, principal, session, statement FROM sourced_transaction_turn WHERE kind = 'called';
CREATE OR REPLACE TEMP TABLE undone AS
WITH told AS (
    SELECT *, {PLACE} AS place FROM (
        SELECT event_id, operation, session_row.text AS text,
               {{'source': source_no, 'principal': principal, 'session': session_row.session,
                 'vxid': session_row.vxid}} AS within,
               session_row.vxid IS NOT NULL AS is_named, coalesce(session_row.line, start_at) AS moment,
               session_row.statement AS statement, session_row.part AS part, session_row.kind AS kind
        FROM sourced_access WHERE session_row IS NOT NULL
    )
), named AS (
    SELECT within, max(moment) FILTER (kind NOT IN ('begun', 'ended')) AS undone_at,
           bool_or(kind = 'begun') AND NOT bool_or(kind = 'ended') AS is_open
    FROM turn WHERE is_named GROUP BY within HAVING undone_at IS NOT NULL OR is_open
), timed AS (
    SELECT within, {PLACE} AS place, kind, bool_or(kind IN ('failed', 'unended')) OVER same AS is_doubtful,
           bool_or(kind = 'unended') OVER same AS is_unended,
           statement IS NULL AND bool_or(kind = 'begun') OVER same AS is_mixed
    FROM (
        FROM turn WHERE NOT is_named
        QUALIFY statement IS NOT NULL OR kind IN ('failed', 'unended')
            OR NOT bool_or(statement IS NOT NULL) OVER (PARTITION BY within)
    ) WINDOW same AS (PARTITION BY within, moment)
), bound AS (
    SELECT *, is_lost OR coalesce(lead(is_unended) OVER (PARTITION BY within ORDER BY place), false) AS is_undone FROM (
        SELECT within, place, bool_or(kind = 'begun' OR is_mixed) AS is_begun, bool_or(kind = 'ended') AS is_ended,
               bool_or(kind = 'undone') AS is_rolled_back, bool_or(is_unended) AS is_unended,
               NOT is_ended OR bool_or(kind NOT IN ('begun', 'ended') OR is_doubtful OR is_mixed) AS is_lost
        FROM timed GROUP BY within, place
    )
), nested AS (
    SELECT DISTINCT within.session AS session, statement FROM told WHERE part > 1
), inside AS (
    FROM told a SEMI JOIN called c ON c.source_no IS NOT DISTINCT FROM a.within.source
        AND c.principal = a.within.principal AND c.session = a.within.session AND c.statement = a.statement
    UNION
    SELECT w.* FROM told w JOIN (
        SELECT within, statement, text, min(part) AS first, max(part) AS last
        FROM told WHERE operation IN ('read', 'export')
            AND (within.session, statement) IN (SELECT (session, statement) FROM nested)
        GROUP BY within, statement, text
    ) r ON r.within = w.within AND r.statement = w.statement AND r.text <> w.text
        AND CASE WHEN w.kind = 'ended' THEN r.last > w.part ELSE r.first < w.part END
    WHERE w.operation IN {WRITING}
), swept_by AS (
    SELECT s.*, a.statement AS last
    FROM swept s ASOF JOIN (FROM told WHERE NOT is_named AND statement IS NOT NULL) a
        ON a.within = s.within AND a.place <= s.place
)
SELECT DISTINCT event_id, {{'within': within, 'since': statement::HUGEINT}} AS of,
       {{'statement': statement, 'part': part}} AS nth
FROM inside
UNION ALL
SELECT DISTINCT a.event_id, {{'within': within, 'since': NULL::HUGEINT}} AS of,
       {{'statement': a.statement, 'part': a.part}} AS nth
FROM told a JOIN named n USING (within) WHERE n.is_open OR a.moment <= n.undone_at
UNION ALL
SELECT DISTINCT a.event_id, {{'within': a.within, 'since': o.place}}, {{'statement': a.statement, 'part': a.part}}
FROM (FROM told SEMI JOIN bound USING (within) WHERE NOT is_named) a
ASOF LEFT JOIN (FROM bound WHERE is_begun OR is_ended) o ON o.within = a.within AND o.place <= a.place
ASOF LEFT JOIN bound n ON n.within = a.within AND n.place >= a.place
ASOF LEFT JOIN (FROM bound WHERE is_begun OR is_ended OR is_rolled_back) r ON r.within = a.within AND r.place >= a.place
WHERE CASE WHEN o.is_begun THEN coalesce(n.is_undone, true) ELSE coalesce(r.is_rolled_back, false) END
UNION ALL
SELECT DISTINCT a.event_id, {{'within': a.within, 'since': s.place}}, {{'statement': a.statement, 'part': a.part}}
FROM told a JOIN swept_by s ON s.within = a.within AND a.place <= s.place
    AND a.statement > s.last - s.most AND a.statement <= s.last AND coalesce(a.text = s.text, true);
"""
# Who reads a dataset after its own transaction changed it, or gave or took its name, sees what no entry tells.
MISLED = f"""
WITH act AS (
    SELECT a.act_id, a.template_id, a.namespace, a.context, a.outcome, b.of, b.nth
    FROM told_act a JOIN undone b USING (event_id)
), changed AS (
    SELECT of, dataset_id, min(nth) AS since FROM (
        SELECT u.dataset_id, a.of, a.nth FROM told_use u JOIN act a USING (act_id) WHERE u.is_write
        UNION ALL
        SELECT n.dataset_id, a.of, a.nth
        FROM act a JOIN renamed_by_statement r USING (template_id, namespace, context)
        JOIN dataset_name n ON n.told_id IN (r.previous, r.named)
        WHERE a.outcome NOT IN {REFUSED}
    ) GROUP BY of, dataset_id
)
UPDATE told_use SET scope = 'unknown'
WHERE is_read AND scope IN ('all', 'replay') AND act_id IN (
    SELECT a.act_id FROM told_use u JOIN act a USING (act_id)
    JOIN changed c ON c.of = a.of AND c.dataset_id = u.dataset_id AND c.since < a.nth
)
"""
