"""The first half of pgaudit's ``load``: lines as records, and the audit rows inside their messages.

An audit row is CSV inside the message: kind, statement id, substatement id, class, command, object type,
object name, statement, parameter and, with pgaudit.log_rows, a row count (pgaudit's README, "Format").
"""

# What is written in CSV, without its quotes; the first word of a statement; a quoted name as it is.
PLAIN = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_plain(told) AS
CASE WHEN starts_with(told, '"') THEN replace(substr(told, 2, length(told) - 2), '""', '"') ELSE told END
"""
WORD = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_word(told) AS
upper(regexp_extract(told, '(?s)^(?:\s|/\*.*?\*/|--[^\n]*(?:\n|$)|\()*([A-Za-z]+)', 1))
"""
IDENTITY = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_identity(told) AS
CASE WHEN contains(told, '"')
     THEN replace(replace(replace(told, '""', chr(1)), '"', ''), chr(1), '"') ELSE told END
"""

# What a text says beside what opens and closes a transaction or changes a setting. Where quotes cannot be told by
# their marks alone (a backslash, a dollar quote), any semicolon counts.
REST = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_rest(told) AS
ltrim(regexp_replace(
    CASE WHEN regexp_matches(told, '\\|\$\w*\$') THEN told
         ELSE regexp_replace(told, '(?s)''(?:[^'']|'''')*''|"[^"]*"|--[^\n]*|/\*.*?\*/', ' ', 'g') END,
    '(?i)(?:^|;)\s*(?:begin|start|commit|end|set|reset|show|savepoint|release)\b[^;]*', '', 'g'
), ' ;' || chr(9) || chr(10) || chr(13))
"""
# Whether a text holds several statements that may touch data. (AND would work out both of its sides for every row.)
SEVERAL = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_several(told) AS
CASE WHEN NOT contains(told, ';') THEN false ELSE regexp_matches(pgaudit_rest(told), ';\s*\S') END
"""
# By what texts as they were told are compared: enough to tell those of one session apart, and not the text.
TEXT = """
CREATE OR REPLACE TEMP MACRO pgaudit_text(told) AS ('0x' || left(sha256(told), 8))::UINTEGER
"""

# An abbreviation such as CET says no offset for sure; UTC and numbers do. A digit less is ten times as long.
RECORDS = r"""
CREATE OR REPLACE TEMP TABLE pgaudit_record AS
WITH told AS (
    SELECT position, digest, json_extract_string(text, [
        '$.timestamp', '$.user', '$.dbname', '$.pid', '$.session_id', '$.line_num', '$.vxid',
        '$.error_severity', '$.state_code', '$.message', '$.statement', '$.context', '$.internal_query',
        '$.cursor_position'
    ]) AS v
    FROM line
), timed AS (
    SELECT position, digest, v, regexp_extract(
        v[1], '^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))? ?(\S*)$',
        ['day', 'clock', 'fraction', 'zone']
    ) AS t
    FROM told
), placed AS (
    SELECT position, digest, v, t.day || ' ' || t.clock AS second, rpad(t.fraction, 6, '0') AS fraction,
           10 ** (6 - length(t.fraction)) AS width, t.zone IN ('UTC', 'GMT', 'Z', 'UCT') AS is_utc,
           regexp_extract(t.zone, '^([+-])(\d\d):?(\d\d)?:?(\d\d)?$', ['sign', 'h', 'm', 's']) AS z
    FROM timed
), shifted AS (
    SELECT *, is_utc OR z.sign <> '' AS zoned,
           epoch_us(try_cast(second AS TIMESTAMP)) + try_cast(fraction AS BIGINT)
           - CASE WHEN NOT is_utc AND z.sign <> '' THEN
                 CASE z.sign WHEN '-' THEN -1000000 ELSE 1000000 END
                 * (3600 * try_cast(z.h AS BIGINT) + 60 * coalesce(try_cast(z.m AS BIGINT), 0)
                    + coalesce(try_cast(z.s AS BIGINT), 0))
             ELSE 0 END AS start_at
    FROM placed
)
SELECT position, digest, start_at, start_at + width::BIGINT - 1 AS end_at, zoned, second,
       nullif(v[2], '') AS user_name, nullif(v[3], '') AS database, nullif(v[4], '') AS pid,
       coalesce(nullif(v[5], ''), v[4]) AS session, nullif(v[7], '') AS vxid,
       v[8] AS severity, nullif(v[9], '') AS state, v[10] AS message, nullif(v[11], '') AS statement,
       v[12] AS told_context, nullif(v[13], '') AS internal_query, nullif(v[14], '') AS cursor_position,
       try_cast(v[6] AS BIGINT) AS line
FROM shifted
"""

# Quoted text may hold anything; what is not quoted holds no comma, quote or line break.
AUDITS = r"""
CREATE OR REPLACE TEMP TABLE pgaudit_row AS
WITH told AS (
    SELECT * EXCLUDE (statement), regexp_extract(
        message,
        '^AUDIT: (SESSION|OBJECT),(\d+),(\d+),([^,"]*),([^,"]*),([^,"]*),'
        '((?:"[^"]*")+|[^,"]*),((?:"[^"]*")+|[^,"]*),((?:"[^"]*")+|[^,"]*)(?:,(\d+))?$',
        ['kind', 'statement_id', 'substatement_id', 'class', 'command', 'object_type',
         'object_name', 'statement', 'parameter', 'row_count']
    ) AS a
    FROM pgaudit_record WHERE starts_with(message, 'AUDIT: ')
)
SELECT * EXCLUDE (a), a.kind <> '' AS whole,
       a.statement_id, a.substatement_id, a.class, a.command, a.object_type,
       pgaudit_plain(a.object_name) AS object_name, pgaudit_plain(a.statement) AS statement,
       pgaudit_plain(a.parameter) AS parameter, try_cast(a.row_count AS BIGINT) AS row_count
FROM told
"""

# A text not told is NULL. With pgaudit.log_statement_once it stands in the first row of its kind alone: which one
# that is, is found where all rows are (lineage.touches.sessions), since it may lie in another file.
#   The text of a prepared statement, told at its execution, begins with PREPARE.
STATEMENTS = r"""
CREATE OR REPLACE TEMP TABLE pgaudit_audit AS
SELECT *, statement AS told_statement, pgaudit_word(statement) AS word
FROM (
    SELECT * REPLACE (nullif(nullif(statement, '<previously logged>'), '<not logged>') AS statement),
           statement = '<previously logged>' AS again
    FROM pgaudit_row
);
UPDATE pgaudit_audit SET statement = regexp_replace(
    statement, '(?is)^(?:\s|/\*.*?\*/|--[^\n]*\n)*prepare\s+(?:"[^"]*"|[^\s("]+)\s*(?:\(.*?\)\s*)?as\s+', ''
)
WHERE word = 'PREPARE';
UPDATE pgaudit_audit SET word = pgaudit_word(statement) WHERE word = 'PREPARE'
"""
AUDIT_ROWS = (PLAIN, WORD, IDENTITY, REST, SEVERAL, TEXT, RECORDS, AUDITS, STATEMENTS)
