"""What a transaction wrote before it read the same dataset: its reads saw that, and the record entries do not tell it,
since they change when the transaction ends.

A row of the log tells when a statement ran. From its own first write of a dataset on, a transaction sees rows that
entries tell from its end on (`seen_to`), may not see rows that entries still tell (they were surely there if they still
are at `kept_to`; those of `own_removed`: at `hit_to`), and finds the columns that it set to be others (`own_replays`).
Statements share a transaction where the log names it the same, else between the rows that begin and end one, else where
they are of one call or one text. Parts of one statement do not see each other.
"""

from lineage.names import AFTER_ALL
from lineage.store import Store
from lineage.touches.operations import REFUSED
from lineage.touches.transactions import LAST

SECOND, HOUR = 1_000_000, 3_600_000_000
SESSION = "{'namespace': source_namespace, 'principal': principal, 'session': {session}}"
ROW = SESSION.replace("{session}", "session_row.session")
TURN = SESSION.replace("{session}", "session")
# (DuckDB loses what follows a table of no rows that an ordered SELECT made: none of these is ordered.)
NONE = (
    "CREATE OR REPLACE TABLE own_view (use_id BIGINT, seen_to BIGINT, kept_to BIGINT, hit_to BIGINT)",
    "CREATE OR REPLACE TABLE own_removed (entry_id BIGINT)",
    "CREATE OR REPLACE TABLE own_replayed (use_id BIGINT, entry_id BIGINT, truth VARCHAR)",
)
# The sessions in which something was written, or renamed, with all that their rows tell.
ACTS = f"""
CREATE OR REPLACE TEMP TABLE own_written AS
SELECT DISTINCT a.event_id FROM told_act a SEMI JOIN (FROM told_use WHERE is_write) u USING (act_id)
UNION
SELECT a.event_id FROM told_act a SEMI JOIN renamed_by_statement r
    ON r.template_id = a.template_id AND r.namespace = a.namespace AND r.context = a.context
WHERE a.outcome NOT IN {REFUSED};
CREATE OR REPLACE TEMP TABLE own_session AS
SELECT DISTINCT {ROW} AS session
FROM sourced_access SEMI JOIN own_written USING (event_id) WHERE session_row.statement IS NOT NULL;
CREATE OR REPLACE TEMP TABLE own_act AS
SELECT a.*, w.event_id IS NOT NULL AS writes
FROM (
    SELECT event_id, {ROW} AS session,
           CASE WHEN NOT ends_with(session_row.vxid, '/0') THEN session_row.vxid END AS vxid,
           session_row.statement AS statement, (session_row.statement << 24) + session_row.part AS nth,
           start_at AS told_at, coalesce(end_at, start_at) - start_at AS width, zoned, timezone,
           start_at::HUGEINT * {LAST + 1} + session_row.statement AS place,
           CASE WHEN session_row.manner = 'several' THEN session_row.text END AS said
    FROM sourced_access WHERE session_row.statement IS NOT NULL
) a SEMI JOIN own_session USING (session) LEFT JOIN own_written w USING (event_id)
"""
# A ROLLBACK of all leaves nothing that entries tell. (Of log_statement's rows only those count beside which none of
# pgaudit's has a number.)
TURNS = f"""
CREATE OR REPLACE TEMP TABLE own_turn AS
WITH told AS (
    SELECT event_id, {TURN} AS session, vxid, told_at, statement, kind FROM sourced_transaction_turn
    WHERE kind IN ('begun', 'ended', 'undone')
)
SELECT session, vxid, told_at,
       told_at::HUGEINT * {LAST + 1} + coalesce(statement, CASE WHEN bool_or(kind = 'begun') THEN 0 ELSE {LAST} END)
           AS place,
       bool_or(kind = 'begun') AS begun, bool_or(kind = 'ended') AS ended,
       bool_or(kind = 'ended') AND bool_or(kind = 'undone') AS lost
FROM (
    FROM told SEMI JOIN own_session USING (session)
    QUALIFY vxid IS NOT NULL OR statement IS NOT NULL
        OR NOT bool_or(statement IS NOT NULL) OVER (PARTITION BY session)
)
GROUP BY event_id, session, vxid, told_at, statement
HAVING bool_or(kind <> 'undone');
CREATE OR REPLACE TEMP TABLE own_bound AS
SELECT *, lead(told_at) OVER ahead AS next_at, lead(lost) OVER ahead AS next_lost
FROM (
    SELECT session, place, any_value(told_at) AS told_at, bool_or(begun) AS begun, bool_or(ended) AS ended,
           bool_and(lost) AS lost
    FROM own_turn WHERE vxid IS NULL GROUP BY session, place
) WINDOW ahead AS (PARTITION BY session ORDER BY place)
"""
# Which acts share a transaction, and when what it wrote is to be found in entries: some time after the row of its end.
# Where none tells the end, the session's next row does, or what was begun lasts on; a call is over within the hour.
#   What no BEGIN opened and a COMMIT ends may be of a transaction whose BEGIN is lost.
TRANSACTIONS = """
CREATE OR REPLACE TEMP TABLE own_placed AS
SELECT a.*, {'session': a.session, 'vxid': a.vxid, 'place': NULL::HUGEINT, 'said': NULL::UINTEGER} AS key,
       t.ended_at, coalesce(t.lost, false) AS lost, coalesce(t.begun, false) AS begun
FROM own_act a LEFT JOIN (
    SELECT session, vxid, max(told_at) FILTER (ended) AS ended_at, bool_or(lost) AS lost, bool_or(begun) AS begun
    FROM own_turn WHERE vxid IS NOT NULL GROUP BY session, vxid
) t ON t.session = a.session AND t.vxid = a.vxid
WHERE a.vxid IS NOT NULL
UNION ALL
SELECT a.* EXCLUDE (island), {'session': a.session, 'vxid': NULL,
             'place': CASE WHEN o.begun THEN o.place WHEN n.ended THEN -n.place WHEN a.said IS NULL THEN a.statement
                           ELSE a.island END,
             'said': CASE WHEN NOT coalesce(o.begun, false) AND NOT coalesce(n.ended, false) THEN coalesce(a.said, 0)
                     END},
       CASE WHEN o.begun THEN o.next_at WHEN n.ended THEN n.told_at END,
       CASE WHEN o.begun THEN coalesce(o.next_lost, false) WHEN n.ended THEN n.lost ELSE false END,
       coalesce(o.begun, false)
FROM (
    SELECT *, row_number() OVER (PARTITION BY session ORDER BY place, nth)
                  - row_number() OVER (PARTITION BY session, said ORDER BY place, nth) AS island
    FROM own_act WHERE vxid IS NULL
) a
ASOF LEFT JOIN own_bound o ON o.session = a.session AND o.place <= a.place
ASOF LEFT JOIN own_bound n ON n.session = a.session AND n.place >= a.place
"""
NUMBERED = f"""
CREATE OR REPLACE TEMP TABLE own_transaction AS
WITH told AS (
    SELECT key, min(told_at) AS first_at, max(told_at) AS last_at, max(ended_at) AS ended_at, bool_or(lost) AS lost,
           bool_or(begun) AS begun, bool_or(writes) AS writes, min(nth) < max(nth) AS several
    FROM own_placed GROUP BY key
), following AS (
    SELECT *, lead(first_at) OVER (PARTITION BY key.session ORDER BY first_at, last_at) AS next_at FROM told
)
SELECT row_number() OVER () AS tx, key, lost,
       coalesce(ended_at, next_at, CASE WHEN NOT begun THEN last_at + {HOUR} END) AS ended_at
FROM following WHERE writes AND several;
CREATE OR REPLACE TEMP TABLE own_event AS
SELECT p.event_id, t.tx, min(p.nth) AS nth,
       CASE WHEN bool_or(t.lost) THEN NULL
            ELSE coalesce(max(instant_of(t.ended_at, p.zoned, p.timezone) + p.width) + {SECOND}, {AFTER_ALL})
            END AS seen_to
FROM own_placed p JOIN own_transaction t USING (key) GROUP BY p.event_id, t.tx
"""
# What each use of such a transaction wrote: whether it may remove rows, change those that are there (in which columns;
# '*': any) or add some (`moves`: it does more than to change some), and whether its replay tells which. Of several
# things in one text only the strongest is told.
#   What a name comes to mean by a rename is another table.
_ALSO = r"regexp_matches(regexp_replace(p.shape, '(?i)\bfor\s+(no\s+key\s+)?update\b', '', 'g'), '(?i)\b({words})\b')"
WRITES = f"""
CREATE OR REPLACE TEMP TABLE own_use AS
SELECT u.use_id, u.act_id, u.dataset_id, u.scope, u.no, u.is_write, u.written, a.template_id, a.end_at, e.tx, e.nth,
       greatest(a.end_at, e.seen_to) AS seen_to, coalesce(t.joined, false) AS joined
FROM use_of_principal u JOIN told_act a USING (act_id) JOIN own_event e ON e.event_id = a.event_id
LEFT JOIN template_table t ON t.template_id = a.template_id AND t.no = u.no;
CREATE OR REPLACE TEMP TABLE own_write AS
WITH told AS (
    SELECT u.*, t.no IS NOT NULL AND p.parsed AS known, t.sql_write, t.changed, d.key_field,
           p.shape = '' OR CASE u.written
               WHEN 'delete' THEN {_ALSO.format(words="insert|update|merge|copy")}
               WHEN 'update' THEN {_ALSO.format(words="delete|merge")} ELSE false END AS mixed
    FROM own_use u JOIN dataset d USING (dataset_id)
    LEFT JOIN template_table t ON t.template_id = u.template_id AND t.no = u.no
    LEFT JOIN template p ON p.template_id = u.template_id
    WHERE u.is_write
), judged AS (
    SELECT tx, dataset_id, nth, use_id, scope, changed, key_field, written,
           written = 'delete' OR CASE WHEN known THEN mixed OR sql_write = 'overwrite' ELSE written <> 'create' END
               AS removes,
           CASE WHEN known THEN mixed OR written = 'update' OR written = 'create' AND sql_write IS NULL
                ELSE written <> 'delete' END AS alters,
           written <> 'delete' OR mixed AS adds, known AND NOT mixed AS is_told
    FROM told
)
SELECT tx, dataset_id, nth, use_id, coalesce(removes, false) AS removes, coalesce(alters, false) AS alters,
       coalesce(adds, true) AS adds, NOT is_told OR written IS DISTINCT FROM 'update' AS moves,
       scope = 'replay' AND is_told AS by_replay,
       CASE WHEN NOT is_told OR changed IS NULL THEN ['*']
            ELSE list_filter(list_transform(changed, lambda field: lower(field)),
                lambda field: written <> 'create' OR field IS DISTINCT FROM lower(key_field)) END AS columns
FROM judged
UNION ALL
SELECT DISTINCT e.tx, n.dataset_id, e.nth, NULL::BIGINT, true, true, true, true, false, ['*']
FROM told_act a JOIN own_event e USING (event_id)
JOIN renamed_by_statement r ON r.template_id = a.template_id AND r.namespace = a.namespace AND r.context = a.context
JOIN dataset_name n ON n.told_id IN (r.previous, r.named)
WHERE a.outcome NOT IN {REFUSED};
CREATE OR REPLACE TEMP TABLE own_first AS
SELECT tx, dataset_id, min(nth) AS written_at,
       min(nth) FILTER (alters AND NOT by_replay AND list_contains(columns, '*')) AS unknown_at
FROM own_write GROUP BY tx, dataset_id;
"""
# What was read after that, and what was added (a join: also where only another table of it was written). Where nothing
# tells what of the rows was changed, nothing is known of a replay.
READ = """
CREATE OR REPLACE TEMP TABLE own_reader AS
WITH reader AS (
    SELECT u.*, coalesce(f.unknown_at < u.nth, false) AS is_unknown
    FROM own_use u JOIN own_first f ON f.tx = u.tx AND f.dataset_id = u.dataset_id
        AND (f.written_at < u.nth OR u.written = 'create')
), beside AS (
    SELECT act_id, bool_or(is_unknown) AS is_unknown FROM reader GROUP BY act_id
)
SELECT r.* REPLACE (r.is_unknown OR r.joined AND b.is_unknown AS is_unknown)
FROM reader r JOIN beside b USING (act_id)
UNION ALL
SELECT u.*, b.is_unknown
FROM (FROM own_use WHERE joined AND scope = 'replay') u ANTI JOIN reader r USING (use_id) JOIN beside b USING (act_id);
UPDATE use_of_principal SET scope = 'unknown'
WHERE use_id IN (SELECT use_id FROM own_reader WHERE is_unknown AND scope = 'replay');
UPDATE own_reader SET scope = 'unknown' WHERE is_unknown AND scope = 'replay';
"""


def find_own_writes(store: Store) -> bool:
    """Fill `own_reader`: the uses of a dataset that the same transaction wrote before. Whether there are any."""
    store.script(NONE)
    if not store.any("odd_access", "session_row IS NOT NULL") or not store.any("told_use", "is_write"):
        return False
    store.script((ACTS, TURNS, TRANSACTIONS, NUMBERED))
    if not store.any("own_transaction"):
        return False
    store.script((WRITES, READ))
    return store.any("own_reader")
