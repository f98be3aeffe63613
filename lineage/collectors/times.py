"""Times as logs write them, for the SQL of collectors: macros, to run before the statements that use them.

``time_at(text)``: microseconds since 1970-01-01; a time without an offset is read as if it were UTC; NULL
for what is no RFC 3339 time of the years 1 to 9999 (a space for T and an offset of hours alone are fine). A leap second
is the one that follows it.
``time_zoned(text)``: whether such a time has an offset. ``time_width(text)``: the microseconds that its last
digit leaves open, 999999 for a whole second and 0 from six digits on.
"""

from lineage.names import FIRST, LAST

# Most times end in Z and lie between the years 1 and 9999: those are looked at once.
TIME_MACROS = (
    """
CREATE OR REPLACE TEMP MACRO after_leap(before) AS CASE WHEN before // 1000000 % 86400 = 86399 THEN before + 1000000 END
""",
    r"""
CREATE OR REPLACE TEMP MACRO leap_at(told) AS CASE WHEN told[18:19] = '60'
    THEN after_leap(epoch_us(try_cast(upper(told[:17] || '59' || told[20:]) AS TIMESTAMPTZ))) END
""",
    rf"""
CREATE OR REPLACE TEMP MACRO time_at(told) AS CASE
    WHEN NOT regexp_full_match(told, '\d{{4}}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?'
        '([Zz]|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?') THEN NULL
    WHEN told >= '0002' AND told < '9999' THEN coalesce(epoch_us(try_cast(upper(told) AS TIMESTAMPTZ)), leap_at(told))
    WHEN epoch_us(try_cast(upper(told) AS TIMESTAMPTZ)) BETWEEN {FIRST} AND {LAST}
        THEN epoch_us(try_cast(upper(told) AS TIMESTAMPTZ))
END
""",
    r"""
CREATE OR REPLACE TEMP MACRO time_zoned(told) AS
CASE WHEN suffix(told, 'Z') THEN true ELSE regexp_matches(told[20:], '[Zz+-]') END
""",
    r"""
CREATE OR REPLACE TEMP MACRO time_width(told) AS
(10 ** greatest(6 - CASE WHEN suffix(told, 'Z') THEN greatest(strlen(told) - 21, 0)
                         ELSE length(regexp_extract(told, '\.(\d+)', 1)) END, 0))::BIGINT - 1
""",
)
