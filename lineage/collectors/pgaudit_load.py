"""The second half of pgaudit's ``load``: what was done, from audit rows and from errors, as staged facts.

Each record is staged by itself: what it means beside others of its session (which statement an error ended, which
text a row leaves out, what a transaction took back) is found where all rows are, in ``lineage.touches``. pgaudit
writes no row for what was refused, and none for what failed before its row was due (with pgaudit.log_rows: before the
statement's end; COPY: always), so errors on statements are accesses too.
"""

# What the command of an audit row does; NULL: it says nothing that is kept, and `reason` says why.
#   A data-modifying WITH is told as READ, a row lock as UPDATE, MERGE before pgaudit 16 as MISC '???'.
#   Of a table that inherits from the one named, or is a partition of it, is told MISC '???': its rows are meant too.
#   A text of several statements is told for each of them, so EXPLAIN counts only alone.
_ACTS = r"""
CREATE OR REPLACE TEMP TABLE pgaudit_act AS
SELECT position, start_at, end_at, zoned, user_name, database, class, command, object_type, object_name, statement,
       parameter, row_count, word, several, whole, CASE
    WHEN NOT whole THEN NULL
    WHEN starts_with(object_name, 'pg_catalog.') OR starts_with(object_name, 'information_schema.') THEN NULL
    WHEN command = 'PREPARE' THEN NULL
    WHEN class = 'READ' AND word = 'EXPLAIN' AND NOT several
         AND NOT CASE WHEN word = 'EXPLAIN' THEN regexp_matches(statement, '(?i)analy[sz]e') END THEN NULL
    WHEN class = 'READ' THEN CASE WHEN 'COPY' IN (word, command) THEN 'export' ELSE 'read' END
    WHEN class = 'WRITE' THEN CASE
        WHEN 'MERGE' IN (word, command) THEN 'update'
        WHEN command IN ('INSERT', 'COPY') THEN 'create'
        WHEN command = 'UPDATE' AND statement IS NULL AND NOT again THEN 'unknown'
        WHEN command = 'UPDATE' THEN
            CASE WHEN locks THEN 'read' ELSE 'update' END
        WHEN command IN ('DELETE', 'TRUNCATE TABLE', 'TRUNCATE') THEN 'delete'
        ELSE 'unknown' END
    WHEN class = 'MISC' AND command = '???' AND object_type = '' AND word = 'MERGE' THEN 'update'
    WHEN class = 'MISC' AND command = '???' AND object_type = 'TABLE' THEN CASE
        WHEN word IN ('SELECT', 'TABLE', 'DECLARE', 'INSERT', 'CREATE') THEN 'read'
        WHEN word = 'COPY' THEN 'export'
        WHEN word = 'WITH' AND NOT regexp_matches(statement, '(?i)\b(insert|update|delete|merge)\b') THEN 'read'
        WHEN word = 'UPDATE' AND NOT regexp_matches(statement, '(?i)\b(from|select|returning)\b') THEN 'update'
        WHEN word = 'DELETE' AND NOT regexp_matches(statement, '(?i)\b(using|select|returning)\b') THEN 'delete'
        ELSE 'unknown' END
    WHEN class = 'DDL' THEN CASE
        WHEN object_type IN ('', 'TABLE', 'MATERIALIZED VIEW') AND command IN (
            'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW', 'REFRESH MATERIALIZED VIEW'
        ) THEN 'create'
        WHEN command = 'CREATE VIEW' AND object_type IN ('', 'VIEW') THEN 'admin'
        WHEN command IN ('CREATE TABLE', 'CREATE FOREIGN TABLE') AND object_type IN ('', 'TABLE', 'FOREIGN TABLE')
            AND regexp_matches(statement, '(?i)\bpartition\s+of\b|\binherits\b') THEN 'admin'
        WHEN command IN ('ALTER TABLE', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE', 'ALTER SCHEMA')
            AND object_type IN ('', 'TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE', 'SCHEMA')
            AND pgaudit_moves(statement) THEN 'admin'
        WHEN command LIKE 'DROP %' AND object_type IN ('TABLE', 'MATERIALIZED VIEW') THEN 'delete'
        WHEN command IN ('DROP TABLE', 'DROP MATERIALIZED VIEW') AND object_type = '' THEN 'delete' END
    WHEN class = 'ROLE' AND command IN ('GRANT', 'REVOKE', 'GRANT ROLE', 'REVOKE ROLE') THEN 'grant'
    END AS operation,
    pid || '/' || statement_id || '.'
        || CASE WHEN word IN ('COPY', 'DECLARE') THEN '0' ELSE substatement_id END
        || '@' || second AS occurrence,
    {
        'session': session, 'line': line, 'vxid': vxid, 'statement': try_cast(statement_id AS BIGINT),
        'part': try_cast(substatement_id AS BIGINT), 'text': pgaudit_text(told_statement),
        'kind': CASE WHEN class IN ('DDL', 'ROLE') THEN 'utility'
                     WHEN row_count IS NOT NULL AND (class IN ('READ', 'WRITE') OR object_type = 'TABLE')
                     THEN 'ended' ELSE 'begun' END,
        'manner': CASE WHEN again THEN 'again' WHEN several THEN 'several' WHEN word = 'COPY' THEN 'copy'
                       WHEN word = 'MERGE' THEN 'merge' WHEN locks THEN 'select' END
    } AS session_row
FROM (
    SELECT *, coalesce(pgaudit_several(statement), false) AS several,
           CASE WHEN word IN ('SELECT', 'WITH') THEN NOT regexp_matches(statement, '(?i)\bset\b') END AS locks
    FROM pgaudit_audit
)
"""

# Errors on statements. The parser names the place where it stopped: then nothing was run. An error inside a
# function comes after the statement began; what the function was running stands in the context.
_ERRORS = r"""
CREATE OR REPLACE TEMP TABLE pgaudit_error AS
WITH failed AS (
    SELECT *, pgaudit_word(statement) AS word,
           internal_query IS NOT NULL
               OR coalesce(regexp_matches(told_context, 'function |SQL statement "'), false) AS inside,
           regexp_extract(told_context, '(?s)^SQL statement "(.*?)"\n(?:PL/|SQL )', 1) AS inner_statement,
           state = '42501' OR state IS NULL
               AND regexp_matches(message, '^(permission denied|must be owner|must have)\b') AS refused
    FROM pgaudit_record
    WHERE NOT starts_with(message, 'AUDIT: ') AND start_at IS NOT NULL
      AND user_name IS NOT NULL AND database IS NOT NULL AND statement IS NOT NULL
      AND (severity IN ('ERROR', 'FATAL', 'PANIC')
           OR left(state, 2) NOT IN ('00', '01', '02')
              AND NOT regexp_matches(severity, '^(LOG|WARNING|NOTICE|INFO|DEBUG)'))
)
SELECT *, CASE
    WHEN inside THEN 'unknown'
    WHEN coalesce(refused, false) THEN 'denied'
    WHEN cursor_position IS NOT NULL OR starts_with(message, 'current transaction is aborted') THEN 'error'
    WHEN coalesce(state = '25P02', false) THEN 'error'
    WHEN word = 'ALTER' AND NOT pgaudit_several(statement) THEN 'error'
    ELSE 'unknown' END AS outcome
FROM failed
"""
_ATTEMPTED = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_attempted(told, word) AS CASE
    WHEN pgaudit_several(told) OR word IN ('EXECUTE', 'CALL', 'DO') THEN 'unknown'
    WHEN word IN ('BEGIN', 'START', 'COMMIT', 'END', 'SET', 'RESET', 'SHOW', 'SAVEPOINT', 'RELEASE')
        AND pgaudit_rest(told) <> '' THEN 'unknown'
    WHEN word = 'WITH' AND regexp_matches(told, '(?i)\b(insert|update|delete|merge)\b') THEN 'unknown'
    WHEN word IN ('SELECT', 'TABLE', 'VALUES', 'WITH', 'DECLARE') THEN 'read'
    WHEN word = 'EXPLAIN' AND regexp_matches(told, '(?i)analy[sz]e') THEN 'read'
    WHEN word = 'COPY' THEN
        CASE WHEN regexp_matches(
            told, '(?is)\bcopy\s+(?:binary\s+)?(?:"[^"]*"|[^\s("])+\s*(?:\([^)]*\)\s*)?from\b'
        ) THEN 'create' ELSE 'export' END
    WHEN word IN ('INSERT', 'REFRESH') THEN 'create'
    WHEN word = 'CREATE' AND regexp_matches(
        told, '(?is)\b(table|materialized\s+view)\b.*\bas\b.*\b(select|table|values|with|execute)\b'
    ) THEN 'create'
    WHEN word IN ('UPDATE', 'MERGE') THEN 'update'
    WHEN word IN ('DELETE', 'TRUNCATE') THEN 'delete'
    WHEN word = 'DROP' AND regexp_matches(told, '(?is)\bdrop\s+(table|materialized)\b') THEN 'delete'
    WHEN word IN ('GRANT', 'REVOKE') THEN 'grant'
    WHEN word = 'ALTER' AND pgaudit_moves(told) THEN 'admin'
    END
"""

# Which of several statements a row tells, and whether the others ran, is not known: what it names it did,
# what the text says is possible.
_AUDITED = r"""
INSERT INTO staged_stated_access (
    position, start_at, end_at, zoned, principal, operation, outcome, dataset, context,
    statement, dialect, bound, row_count, occurrence, session_row)
SELECT position, start_at, end_at, zoned, {'namespace': '', 'name': user_name}, operation,
       CASE WHEN several AND statement IS NOT NULL THEN 'unknown' ELSE 'success' END,
       CASE WHEN object_name <> '' AND object_type <> 'SCHEMA'
            THEN {'namespace': '', 'name': database || '.' || pgaudit_identity(object_name)} END,
       [database, 'public'], statement, CASE WHEN statement IS NOT NULL THEN 'postgres' END,
       CASE WHEN statement IS NULL THEN NULL
            WHEN values IS NULL THEN []
            WHEN parameter = '<not logged>' OR contains(parameter, '<long param suppressed>') THEN NULL
            -- Neither NULL nor the empty text leaves anything in the log: which of them it was is not known.
            WHEN list_contains(values, '') THEN NULL
            ELSE list_transform(values, lambda value: json_object('u', pgaudit_plain(value))::VARCHAR) END,
       CASE WHEN several AND statement IS NOT NULL OR word = 'COPY' AND row_count = 0
                 OR class IN ('ROLE', 'DDL')
                 OR command IN ('COPY', 'DECLARE CURSOR', 'TRUNCATE TABLE', 'TRUNCATE')
            THEN NULL ELSE row_count END,
       occurrence, session_row
FROM (
    SELECT *, CASE WHEN parameter = '<none>' OR NOT contains(statement, '$') THEN NULL
                   WHEN regexp_matches(statement, '\$\d')
                   THEN regexp_extract_all(',' || parameter, ',((?:"[^"]*")+|[^",]*)', 1) END AS values
    FROM (
        SELECT * REPLACE (
            several AND (operation NOT IN ('admin', 'grant') OR starts_with(command, 'ALTER ')) AS several,
            CASE WHEN NOT several OR object_name = '' OR operation = 'admin' THEN statement END AS statement
        )
        FROM pgaudit_act
        UNION ALL
        SELECT * REPLACE ('' AS object_name) FROM pgaudit_act
        WHERE several AND object_name <> '' AND operation NOT IN ('admin', 'grant')
    )
    WHERE operation IS NOT NULL AND start_at IS NOT NULL AND user_name IS NOT NULL AND database IS NOT NULL
)
"""
# What has no first word that is found (an empty statement stands before it) may be anything.
_FAILED = r"""
INSERT INTO staged_stated_access (
    position, start_at, end_at, zoned, principal, operation, outcome, context,
    statement, dialect, bound, session_row)
SELECT position, start_at, end_at, zoned, {'namespace': '', 'name': user_name},
       coalesce(
           pgaudit_attempted(statement, first_word),
           CASE WHEN first_word = '' AND outcome <> 'error' THEN 'unknown' END
       ) AS attempted, outcome, [database, 'public'],
       statement, 'postgres', CASE WHEN regexp_matches(statement, '\$\d') THEN NULL ELSE [] END, session_row
FROM (
    SELECT *, pgaudit_word(statement) AS first_word FROM (
        SELECT *, CASE WHEN outcome <> 'error' THEN {
            'session': session, 'line': line, 'vxid': vxid, 'statement': NULL::BIGINT, 'part': NULL::BIGINT,
            'text': pgaudit_text(statement), 'kind': 'failed',
            'manner': CASE WHEN inside OR word IN ('EXECUTE', 'CALL', 'DO') OR contains(pgaudit_alone(statement), ';')
                           THEN 'nested' END
        } END AS session_row
        FROM pgaudit_error
        UNION ALL
        SELECT * REPLACE (
            inner_statement AS statement, CASE WHEN refused THEN 'denied' ELSE 'unknown' END AS outcome
        ), NULL
        FROM pgaudit_error WHERE inner_statement <> ''
    )
)
WHERE attempted IS NOT NULL
"""
# Who replicates (pg_basebackup, a standby, a subscriber) copies all of a server or a database, and no row tells it: the
# connection is the only word of that, and stands for a statement that names no table.
_REPLICATED = r"""
INSERT INTO staged_stated_access (
    position, start_at, end_at, zoned, principal, operation, outcome, context, statement, dialect, bound, session_row)
SELECT position, start_at, end_at, zoned,
       {'namespace': '', 'name': regexp_extract(message, ' user=(.*?)(?: application_name=| SSL | GSS |$)', 1)},
       'export', 'unknown', [coalesce(database, ''), 'public'],
       'START_REPLICATION PHYSICAL 0/0', 'postgres', [], {
           'session': session, 'line': line, 'vxid': vxid, 'statement': NULL::BIGINT, 'part': NULL::BIGINT,
           'text': NULL::UINTEGER, 'kind': 'begun', 'manner': NULL
       }
FROM pgaudit_record
WHERE starts_with(message, 'replication connection authorized: user=') AND statement IS NULL AND start_at IS NOT NULL
"""
# How transactions turn out: ROLLBACK, an error, a client that is gone take back what one wrote, or a part of that. (A
# COMMIT may fail after its row. What is told in the virtual transaction of number 0 is told in none. What AND CHAIN
# begins is the session's next one.) How one that was prepared turns out, another session may tell. A severity in
# another language than English is an error's unless its state says otherwise. `called`: a DO or a CALL, inside of which
# a transaction may turn out without a row. `swept`: an error ended a text of several statements, and took back those
# before it where nothing had begun a transaction (PostgreSQL's manual, "Simple Query"), as a virtual transaction tells
# by itself; `statement` is then what a text is compared by that one of them may have, or all together.
_TURNS = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_turns(told, word) AS CASE
    WHEN regexp_matches(told, '(?i)\b(commit|rollback)\s+prepared\b') THEN NULL
    WHEN word IN ('BEGIN', 'START') THEN ['begun']
    WHEN word IN ('COMMIT', 'END', 'ROLLBACK', 'ABORT') THEN list_filter([
        CASE WHEN word IN ('ROLLBACK', 'ABORT') THEN 'undone' END,
        CASE WHEN word IN ('COMMIT', 'END') OR NOT regexp_matches(told, '(?i)\bto\b|;\s*\S') THEN 'ended' END,
        CASE WHEN regexp_matches(told, '(?i)\band\s+chain\b') THEN 'chained' END
    ], lambda turn: turn IS NOT NULL) END
"""
# What a text says of what its transaction (`keeps`) or each of its session (`always`) sees: what was there at first, or
# (`shares`) what was when another began.
_VIEWED = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_viewed(told) AS CASE
    WHEN NOT regexp_matches(told, '(?i)\b(isolation|snapshot)\b|transaction_isolation') THEN NULL
    WHEN regexp_matches(told, '(?i)\bcharacteristics\b|default_transaction_isolation')
        THEN CASE WHEN regexp_matches(told, '(?i)repeatable\s+read|serializable') THEN 'always' END
    WHEN regexp_matches(told, '(?i)\btransaction\s+snapshot\b') THEN 'shares'
    WHEN regexp_matches(told, '(?i)repeatable\s+read|serializable') THEN 'keeps' END
"""
_TURNED = r"""
INSERT INTO staged_transaction_turn (position, principal, session, line, vxid, statement, told_at, kind)
SELECT position, {'namespace': '', 'name': user_name}, session, line,
       CASE kind WHEN 'chained' THEN split_part(vxid, '/', 1) || '/' || try_cast(split_part(vxid, '/', 2) AS BIGINT) + 1
                 ELSE vxid END, statement, start_at, CASE kind WHEN 'chained' THEN 'begun' ELSE kind END
FROM (
    SELECT position, user_name, session_row.session AS session, session_row.line AS line, session_row.vxid AS vxid,
           session_row.statement AS statement, start_at,
           unnest(CASE WHEN split_part(command, ' ', 1) IN ('DO', 'CALL') THEN ['called']
                       ELSE pgaudit_turns(coalesce(statement, command), split_part(command, ' ', 1)) END) AS kind
    FROM pgaudit_act WHERE class = 'MISC' OR class = 'FUNCTION' AND command = 'DO'
    UNION ALL
    SELECT position, user_name, session_row.session, session_row.line, session_row.vxid, session_row.statement,
           start_at, pgaudit_viewed(statement)
    FROM pgaudit_act WHERE class = 'MISC' AND split_part(command, ' ', 1) IN ('BEGIN', 'START', 'SET')
    UNION ALL
    SELECT position, user_name, session, line, vxid, NULL, start_at, unnest(CASE
        WHEN severity IN ('ERROR', 'FATAL', 'PANIC') OR state = '08006'
            OR starts_with(message, 'unexpected EOF on client connection with an open transaction')
            OR coalesce(left(state, 2) NOT IN ('00', '01', '02'), true)
               AND NOT regexp_matches(severity, '^(LOG|WARNING|NOTICE|INFO|DEBUG)')
            THEN [CASE WHEN pgaudit_word(statement) IN ('COMMIT', 'END')
                       OR regexp_matches(statement, '(?i);\s*(commit|end)\b') THEN 'unended' ELSE 'failed' END]
        WHEN severity NOT IN ('WARNING', 'NOTICE', 'INFO') AND regexp_matches(message, '^(statement|execute [^:]*): ')
            THEN list_concat(
                pgaudit_turns(message, pgaudit_word(regexp_replace(message, '^[^:]*: ', ''))),
                CASE WHEN pgaudit_word(regexp_replace(message, '^[^:]*: ', '')) IN ('BEGIN', 'START', 'SET')
                     THEN [pgaudit_viewed(message)] END
            ) END)
    FROM pgaudit_record WHERE NOT starts_with(message, 'AUDIT: ')
    UNION ALL
    SELECT position, user_name, session, line, vxid, unnest(pgaudit_parts(statement)), start_at, 'swept'
    FROM pgaudit_error WHERE vxid IS NULL AND contains(pgaudit_alone(statement), ';')
)
WHERE start_at IS NOT NULL AND user_name IS NOT NULL AND kind IS NOT NULL
  AND NOT coalesce(ends_with(vxid, '/0'), false)
"""
# What log_statement and log_min_duration_statement tell: no audit row, and where pgaudit is not at work the only word
# of an access.
_LOGGED = r"""
INSERT INTO staged_note (position, kind)
SELECT position, 'logged-statement' FROM (
    SELECT position, regexp_extract(
        message, '(?s)^(?:duration: [0-9.]+ ms +)?(?:statement|execute [^:]*): (.*)$', 1
    ) AS told
    FROM pgaudit_record
    WHERE regexp_matches(message, '^(duration: [0-9.]+ ms +)?(statement|execute [^:]*): ')
      AND statement IS NULL  -- what a statement raises can say anything
      AND start_at IS NOT NULL AND user_name IS NOT NULL AND database IS NOT NULL
)
WHERE pgaudit_attempted(told, pgaudit_word(told)) IS NOT NULL
"""
_EVENTS = """
INSERT INTO staged_event SELECT l.position, l.digest
FROM line l SEMI JOIN (
    SELECT position FROM staged_stated_access UNION ALL SELECT position FROM staged_transaction_turn
    UNION ALL SELECT position FROM staged_note
) s USING (position)
"""
# Of what a row names: that it is a view (a statement that names it reads more than its own text tells), or that it is
# read or changed because it inherits from what the text names.
_NOTES = """
INSERT INTO staged_note (position, kind)
SELECT position, CASE class WHEN 'MISC' THEN 'inherited' ELSE 'view' END
FROM pgaudit_act SEMI JOIN staged_event USING (position)
WHERE object_type = 'VIEW' AND class IN ('READ', 'WRITE') OR object_type = 'TABLE' AND class = 'MISC'
"""
_REJECTS = """
INSERT INTO staged_rejected
SELECT r.position, CASE
    WHEN r.start_at IS NULL THEN 'The record has no time that can be read.'
    WHEN r.message IS NULL THEN 'The record has no message.'
    WHEN NOT a.whole THEN 'The audit row is cut off or malformed.'
    WHEN r.user_name IS NULL
        THEN 'The audit row is by no user: log_line_prefix may lack %u, or a background process did it.'
    ELSE 'The audit row names no database: log_line_prefix may lack %d.' END
FROM pgaudit_record r LEFT JOIN pgaudit_act a USING (position)
WHERE r.start_at IS NULL OR r.message IS NULL
   OR NOT a.whole
   OR a.operation IS NOT NULL AND (r.user_name IS NULL OR r.database IS NULL)
"""
_PASSED = r"""
INSERT INTO staged_passed
SELECT r.position, CASE
    WHEN a.position IS NULL THEN 'no access'
    WHEN a.command = 'PREPARE' THEN 'prepared only'
    WHEN a.word = 'EXPLAIN' THEN 'explained only'
    WHEN a.class IN ('READ', 'WRITE') THEN 'system catalog'
    ELSE 'class ' || a.class END
FROM pgaudit_record r LEFT JOIN pgaudit_act a USING (position)
WHERE r.position NOT IN (SELECT position FROM staged_event)
  AND r.position NOT IN (SELECT position FROM staged_rejected)
"""
LOAD = (
    _ACTS,
    _ERRORS,
    _ATTEMPTED,
    _AUDITED,
    _FAILED,
    _REPLICATED,
    _TURNS,
    _VIEWED,
    _TURNED,
    _LOGGED,
    _EVENTS,
    _NOTES,
    _REJECTS,
    _PASSED,
)
