"""The first half of pgaudit's ``load``: lines as records, and the audit rows inside their messages.

An audit row is CSV inside the message: kind, statement id, substatement id, class, command, object type,
object name, statement, parameter and, with pgaudit.log_rows, a row count (pgaudit's README, "Format").
"""

MANY = 32  # statements of one text; of more, those with a semicolon in quotes are not looked for

# What is written in CSV, without its quotes; the first word of a statement; a quoted name as it is.
_PLAIN = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_plain(told) AS
CASE WHEN starts_with(told, '"') THEN replace(substr(told, 2, length(told) - 2), '""', '"') ELSE told END
"""
_WORD = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_word(told) AS
upper(regexp_extract(told, '(?s)^(?:\s|/\*.*?\*/|--[^\n]*(?:\n|$)|\()*([A-Za-z]+)', 1))
"""
_IDENTITY = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_identity(told) AS
CASE WHEN contains(told, '"')
     THEN replace(replace(replace(told, '""', chr(1)), '"', ''), chr(1), '"') ELSE told END
"""

# What a text says beside what opens and closes a transaction or changes a setting. Where quotes cannot be told by
# their marks alone (a backslash, a dollar quote), any semicolon counts.
_REST = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_rest(told) AS
ltrim(regexp_replace(
    CASE WHEN regexp_matches(told, '\\|\$\w*\$') THEN told
         ELSE regexp_replace(told, '(?s)''(?:[^'']|'''')*''|"[^"]*"|--[^\n]*|/\*.*?\*/', ' ', 'g') END,
    '(?i)(?:^|;)\s*(?:begin|start|commit|end|set|reset|show|savepoint|release)\b[^;]*', '', 'g'
), ' ;' || chr(9) || chr(10) || chr(13))
"""
# Whether a text holds several statements that may touch data. (AND would work out both of its sides for every row.)
_SEVERAL = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_several(told) AS
CASE WHEN NOT contains(told, ';') THEN false ELSE regexp_matches(pgaudit_rest(told), ';\s*\S') END
"""
# Whether a text may give a table, or all of a schema, another name, or make it a part of another or take it out. (The
# row of a column or an index says that it is of one.)
_MOVES = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_moves(told) AS regexp_matches(
    told, '(?i)\b(?:table|view|schema)\b(?s:.*)\b(?:rename\s+to|set\s+schema|(?:attach|detach)\s+partition|inherit)\b'
)
"""
# By what texts as they were told are compared: enough to tell those of one session apart, and not the text. From
# pgaudit 17 on a row leaves out what stands around its statement, and the other statements; an error does not.
_ALONE = """
CREATE OR REPLACE TEMP MACRO pgaudit_alone(told) AS trim(told, ' ;' || chr(9) || chr(10) || chr(13))
"""
_TEXT = """
CREATE OR REPLACE TEMP MACRO pgaudit_text(told) AS ('0x' || left(sha256(pgaudit_alone(told)), 8))::UINTEGER
"""

# An abbreviation such as CET says no offset for sure; UTC and numbers do. A digit less is ten times as long.
_RECORDS = r"""
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
           10 ** (6 - length(t.fraction)) AS width, is_utc,
           CASE WHEN NOT is_utc
                THEN regexp_extract(t.zone, '^([+-])(\d\d):?(\d\d)?:?(\d\d)?$', ['sign', 'h', 'm', 's']) END AS z
    FROM (SELECT *, t.zone IN ('UTC', 'GMT', 'Z', 'UCT') AS is_utc FROM timed)
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

# Quoted text may hold anything; what is not quoted holds no comma, quote or line break. (The expression has four groups
# since one of more is matched several times more slowly.)
#   A text not told is NULL. With pgaudit.log_statement_once it stands in the first row of its kind alone: which one
# that is, is found where all rows are (lineage.touches.sessions), since it may lie in another file.
#   The text of a prepared statement, told at its execution, begins with PREPARE.
_AUDITS = r"""
CREATE OR REPLACE TEMP VIEW pgaudit_audit AS
WITH message AS MATERIALIZED (
    SELECT position, start_at, end_at, zoned, second, user_name, database, pid, session, vxid, line, message
    FROM pgaudit_record WHERE starts_with(message, 'AUDIT: ')
), told AS (
    SELECT * EXCLUDE (message), regexp_extract(
        message,
        '^AUDIT: ((?:SESSION|OBJECT),\d+,\d+,[^,"]*,[^,"]*,[^,"]*,(?:(?:"[^"]*")+|[^,"]*)),'
        '((?:"[^"]*")+|[^,"]*),((?:"[^"]*")+|[^,"]*)(?:,(\d+))?$',
        ['head', 'statement', 'parameter', 'row_count']
    ) AS a
    FROM message
), parted AS (
    SELECT *, string_split(a.head, ',') AS head, pgaudit_plain(a.statement) AS statement FROM told
), worded AS (
    SELECT * REPLACE (nullif(nullif(statement, '<previously logged>'), '<not logged>') AS statement),
           statement = '<previously logged>' AS again, pgaudit_word(statement) AS first_word
    FROM parted
)
SELECT * EXCLUDE (a, head, statement, first_word), a.head <> '' AS whole, head[2] AS statement_id,
       head[3] AS substatement_id, head[4] AS class, head[5] AS command, head[6] AS object_type,
       pgaudit_plain(array_to_string(head[7:], ',')) AS object_name,
       pgaudit_plain(a.parameter) AS parameter, try_cast(a.row_count AS BIGINT) AS row_count,
       statement AS told_statement,
       CASE WHEN first_word = 'PREPARE' THEN pgaudit_prepared(statement) ELSE statement END AS statement,
       CASE WHEN statement IS NULL THEN NULL WHEN first_word = 'PREPARE' THEN pgaudit_word(pgaudit_prepared(statement))
            ELSE first_word END AS word
FROM worded
"""
# What the statements of a text may be, since a semicolon may also stand in quotes: whatever lies between any two. And
# all of it, as each of its rows tells it before pgaudit 17.
_PARTS = f"""
CREATE OR REPLACE TEMP MACRO pgaudit_parts(told) AS list_distinct([pgaudit_text(told)] || flatten(list_transform(
    range(1, len(string_split(told, ';')) + 1), lambda first: list_transform(
        range(first, least(len(string_split(told, ';')), first + CASE
            WHEN len(string_split(told, ';')) > {MANY} THEN 0 ELSE {MANY} END) + 1),
        lambda last: pgaudit_text(array_to_string(string_split(told, ';')[first:last], ';'))
    )
)))
"""
_PREPARED = r"""
CREATE OR REPLACE TEMP MACRO pgaudit_prepared(told) AS regexp_replace(
    told, '(?is)^(?:\s|/\*.*?\*/|--[^\n]*\n)*prepare\s+(?:"[^"]*"|[^\s("]+)\s*(?:\(.*?\)\s*)?as\s+', ''
)
"""
AUDIT_ROWS = (_PLAIN, _WORD, _IDENTITY, _REST, _SEVERAL, _MOVES, _ALONE, _TEXT, _PARTS, _PREPARED, _RECORDS, _AUDITS)
