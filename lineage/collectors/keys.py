"""Keys and ids as texts, for the SQL of collectors: a macro, to run before the statements that use it.

``key_text(told)``: the text of a JSON text or number. A whole number is one however it is written (1.0 is 1, as a
column of floats tells it); NULL for what is neither, and for a number that is no longer exact once it was read, since
it may be another record's.
"""

KEY_MACRO = r"""
CREATE OR REPLACE TEMP MACRO key_text(told) AS CASE json_type(told)
    WHEN 'VARCHAR' THEN told->>'$'
    WHEN 'UBIGINT' THEN told->>'$'
    WHEN 'BIGINT' THEN told->>'$'
    WHEN 'DOUBLE' THEN CASE
        WHEN regexp_full_match(told->>'$', '-?\d+') THEN told->>'$'
        WHEN regexp_full_match(told->>'$', '-?\d+\.\d+') AND length(replace(told->>'$', '-', '')) <= 17
            THEN regexp_replace(told->>'$', '\.0$', '') END
END
"""
