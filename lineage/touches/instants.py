"""Instants: when what a source told in wall-clock time was, by the zone that the catalog gives it."""

from lineage.names import FIRST, LAST

DAY = 24 * 3_600_000_000

# A wall-clock reading without an offset waits for its source's time zone (semantics.md, end of section 7). What that
# puts outside of the years that can be told is told as their end.
INSTANT = f"""
CREATE OR REPLACE TEMP MACRO instant_of(told, zoned, zone) AS CASE
    WHEN zoned THEN told
    WHEN zone IS NOT NULL THEN least(greatest(epoch_us(make_timestamp(told) AT TIME ZONE zone), {FIRST}), {LAST})
END
"""
READING = """
CREATE OR REPLACE TEMP MACRO reading_at(instant, zone) AS epoch_us(make_timestamptz(instant) AT TIME ZONE zone)
"""
# How far clocks were put back in the day before: by an hour, but by half of one on Lord Howe, and by two or three in
# Antarctica. (0: as most days; below it they were put forward.)
PUT_BACK = f"""
CREATE OR REPLACE TEMP MACRO put_back(told, instant, zone) AS reading_at(instant - {DAY}, zone) - (told - {DAY})
"""
# One reading is told of two instants then, of which `instant_of` is the later: what happened lies between both.
EARLIEST = f"""
CREATE OR REPLACE TEMP MACRO earliest_of(told, zoned, zone) AS instant_of(told, zoned, zone) - CASE
    WHEN zoned OR zone IS NULL OR put_back(told, instant_of(told, zoned, zone), zone) <= 0 THEN 0
    WHEN reading_at(instant_of(told, zoned, zone) - put_back(told, instant_of(told, zoned, zone), zone), zone) = told
        THEN least(put_back(told, instant_of(told, zoned, zone), zone), instant_of(told, zoned, zone) - {FIRST})
    ELSE 0 END
"""
MACROS = (INSTANT, READING, PUT_BACK, EARLIEST)
