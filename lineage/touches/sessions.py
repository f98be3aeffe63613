"""What the other rows of a database session's log say of an access: the statement's text, and that it failed.

Each row is kept by itself (`access.session_row`), whatever file and batch told it; here `odd_access` is completed from
the rows of its session, which those are that one server told of one principal. Only sessions in which a text was left
out or something failed are looked at. Where a text or an order is not known, an outcome is unknown, never surer.
"""

# A row that leaves something to others: where there is none, nothing below need be looked at.
OPEN = "session_row.kind = 'failed' OR session_row.manner = 'again'"
# Places in a session are its line numbers where the log tells them, else times: then several rows may have one place,
# and a session known by its process alone is followed by others of that name, whose statements are counted anew.
ROWS = """
CREATE OR REPLACE TEMP TABLE session_told AS
WITH told AS (
    SELECT event_id, tie, coalesce(namespace, '') AS namespace, principal_id, dataset_id, operation, outcome,
           template_id, literals, bound, row_count, occurrence, session_row.session AS session,
           session_row.line IS NOT NULL AS numbered, coalesce(session_row.line, start_at) AS place,
           coalesce(session_row.vxid, '') AS vxid, session_row.statement AS statement, session_row.part AS part,
           session_row.text AS text, session_row.kind AS kind, coalesce(session_row.manner, '') AS manner
    FROM odd_access WHERE session_row IS NOT NULL AND waits_for IS NULL
), asked AS (
    SELECT row_number() OVER () AS session_no, *
    FROM (
        SELECT DISTINCT namespace, principal_id, session, numbered FROM told
        WHERE kind = 'failed' OR manner = 'again'
    )
)
SELECT session_no, told.* FROM told JOIN asked USING (namespace, principal_id, session, numbered)
"""
# The row that says the text which another leaves out: the last one before it of its statement and substatement (told
# within a minute where times must do, since all of them are written at once).
#   Which of several statements a row names is not known: what it names it did, what the text says is possible.
#   An UPDATE may be a row lock, which reads. Without its text a row may have come of EXPLAIN.
SAID_BEFORE = """
CREATE OR REPLACE TEMP TABLE said_before AS
SELECT a.event_id, s.text, s.manner, s.template_id, s.literals, s.bound, s.occurrence,
       s.manner = 'several' AND a.operation NOT IN ('admin', 'grant') AS is_doubtful
FROM (FROM session_told WHERE manner = 'again') a
ASOF JOIN (
    FROM session_told WHERE kind <> 'failed' AND template_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY session_no, statement, part, place ORDER BY text, tie) = 1
) s ON s.session_no = a.session_no AND s.statement = a.statement AND s.part = a.part AND s.place <= a.place
WHERE a.numbered OR a.place - s.place < 60000000;
UPDATE odd_access a SET
    operation = CASE
        WHEN a.operation = 'read' AND s.manner = 'copy' THEN 'export'
        WHEN a.operation IN ('create', 'delete') AND s.manner = 'merge' THEN 'update'
        WHEN a.operation = 'update' AND s.manner = 'select' THEN 'read'
        WHEN a.operation = 'update' AND s.is_doubtful THEN 'unknown'
        ELSE a.operation END,
    outcome = CASE WHEN s.is_doubtful AND a.dataset_id IS NULL THEN 'unknown' ELSE a.outcome END,
    template_id = CASE WHEN s.is_doubtful AND a.dataset_id IS NOT NULL THEN NULL ELSE s.template_id END,
    literals = CASE WHEN s.is_doubtful AND a.dataset_id IS NOT NULL THEN NULL ELSE s.literals END,
    bound = CASE WHEN s.is_doubtful AND a.dataset_id IS NOT NULL THEN NULL ELSE s.bound END,
    row_count = CASE WHEN s.is_doubtful AND a.dataset_id IS NULL OR s.manner = 'copy' AND a.row_count = 0
                     THEN NULL ELSE a.row_count END,
    occurrence = s.occurrence
FROM said_before s WHERE s.event_id = a.event_id;
UPDATE odd_access a SET
    operation = CASE WHEN a.operation = 'update' THEN 'unknown' ELSE a.operation END,
    outcome = 'unknown', row_count = nullif(a.row_count, 0)
FROM (FROM session_told ANTI JOIN said_before USING (event_id) WHERE manner = 'again') t
WHERE t.event_id = a.event_id;
"""
# The statement that an error ended is the last one that was told before it in its session and transaction. It has the
# error's text in a row that was told before its end. Where no such one has it, another may be meant whose row with
# that text was passed over: EXECUTE, DO and functions run other texts, and a statement may begin in another row.
#   Rows at the error's own place may be before or after it: all are asked. The error is then no second act.
ENDED = """
CREATE OR REPLACE TEMP TABLE session_call AS
SELECT * EXCLUDE (is_first), count(*) FILTER (is_first) OVER (
           PARTITION BY session_no ORDER BY place, statement ROWS UNBOUNDED PRECEDING
       ) AS backend
FROM (
    SELECT t.session_no, t.event_id, t.place, t.vxid, t.statement, t.part, coalesce(t.text, s.text) AS text, t.kind,
           coalesce(s.occurrence, t.occurrence) AS occurrence,
           t.statement < lag(t.statement) OVER (PARTITION BY t.session_no ORDER BY t.place, t.statement) AS is_first
    FROM session_told t LEFT JOIN said_before s USING (event_id)
    WHERE t.statement IS NOT NULL
      AND t.session_no IN (SELECT session_no FROM session_told WHERE kind = 'failed')
);
CREATE OR REPLACE TEMP TABLE ended AS
WITH failed AS (
    SELECT session_no, event_id, place, vxid, text, manner = 'nested' AS is_nested
    FROM session_told WHERE kind = 'failed'
), last AS (
    SELECT session_no, place, arg_max({'backend': backend, 'statement': statement, 'vxid': vxid}, statement) AS call
    FROM session_call GROUP BY session_no, place
), candidate AS (
    SELECT f.*, c.call.backend AS backend, c.call.statement AS statement, c.call.vxid AS called_in
    FROM failed f ASOF JOIN last c ON c.session_no = f.session_no AND c.place < f.place
    UNION
    SELECT f.*, c.backend, c.statement, c.vxid
    FROM failed f JOIN session_call c ON c.session_no = f.session_no AND c.place = f.place
), judged AS (
    SELECT k.event_id, k.session_no, k.backend, k.statement, k.called_in, min(c.occurrence) AS occurrence,
           coalesce(bool_or(c.kind <> 'ended' AND c.text = k.text), false) AS is_told,
           bool_or(c.kind = 'begun')
               AND (k.is_nested OR NOT coalesce(bool_or(c.part = 1 AND c.text IS NOT NULL), false)) AS is_possible
    FROM candidate k JOIN session_call c
        ON c.session_no = k.session_no AND c.backend = k.backend AND c.statement = k.statement AND c.vxid = k.called_in
    WHERE k.vxid = '' OR k.called_in = '' OR k.vxid = k.called_in
    GROUP BY k.event_id, k.session_no, k.backend, k.statement, k.called_in, k.is_nested
), chosen AS (
    FROM judged
    QUALIFY is_told OR is_possible AND NOT bool_or(is_told) OVER (PARTITION BY event_id)
)
SELECT event_id, min(occurrence) AS occurrence FROM chosen GROUP BY event_id
UNION ALL
SELECT DISTINCT c.event_id, NULL
FROM chosen k JOIN session_call c
    ON c.session_no = k.session_no AND c.backend = k.backend AND c.statement = k.statement AND c.vxid = k.called_in;
UPDATE odd_access a SET
    outcome = CASE WHEN a.outcome = 'success' THEN 'unknown' ELSE a.outcome END,
    occurrence = coalesce(e.occurrence, a.occurrence)
FROM ended e WHERE e.event_id = a.event_id AND a.session_row IS NOT NULL;
"""
