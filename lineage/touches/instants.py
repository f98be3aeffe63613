"""Instants: when what a source told in wall-clock time was, by the zone that the catalog gives it."""

from lineage.names import FIRST, LAST

# A wall-clock reading without an offset waits for its source's time zone (semantics.md, end of section 7). What that
# puts outside of the years that can be told is told as their end.
INSTANT = f"""
CREATE OR REPLACE TEMP MACRO instant_of(told, zoned, zone) AS CASE
    WHEN zoned THEN told
    WHEN zone IS NOT NULL THEN least(greatest(epoch_us(make_timestamp(told) AT TIME ZONE zone), {FIRST}), {LAST})
END
"""
# When clocks are put back one reading is told of two instants, of which `instant_of` is the later: what happened lies
# between both.
EARLIEST = """
CREATE OR REPLACE TEMP MACRO earliest_of(told, zoned, zone) AS instant_of(told, zoned, zone) - CASE
    WHEN zoned OR zone IS NULL THEN 0
    WHEN epoch_us(make_timestamptz(instant_of(told, zoned, zone) - 3600000000) AT TIME ZONE zone) = told THEN 3600000000
    ELSE 0 END
"""
