"""Content: whose records may have been inside what was read (semantics.md, section 3, departure).

Walks from the exposed reads back over the writes that they may have seen to what the writers had read. The
state of a step is (read, field): reach itself has the field ''; a named field is carried along as far as column
lineage lets it, and only narrows categories; '*' is all fields, and reach with them: where it is, '' says more only
by a later departure.
"""

from lineage.flow import has_synonyms
from lineage.flow.ahead import Frontier, walk_on
from lineage.names import AFTER_ALL
from lineage.store import Store

# `probe` is what the walk starts from. What comes again by a later departure gets another row of `inside`: the latest
# counts. `wave` counts the steps from the exposure: what a row came from is a row of the wave before, or a probe.
START = """
CREATE OR REPLACE TEMP TABLE inside (
    read_id BIGINT, field VARCHAR, departure BIGINT, from_read BIGINT, from_exposure BIGINT, by_write BIGINT,
    wave BIGINT
)
"""
PROBED = """
CREATE OR REPLACE TEMP TABLE back_wave AS
SELECT dataset_id, told_id, barrier, departure, field, read_id, exposure_id, 0::BIGINT AS wave FROM probe
"""
# Into an indexed dataset nothing flows, and a view holds nothing.
STAIR = f"""
CREATE OR REPLACE TEMP TABLE back_stair AS
WITH latest AS (
    SELECT b.dataset_id, b.told_id, b.field, b.barrier, max(b.departure) AS departure
    FROM back_wave b JOIN dataset d USING (dataset_id) WHERE NOT d.indexed AND NOT d.is_view GROUP BY ALL
), step AS (
    SELECT *, max(departure) OVER (
        PARTITION BY told_id, field ORDER BY barrier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM latest
), best AS (
    SELECT * EXCLUDE (before),
           coalesce(lead(barrier) OVER (PARTITION BY told_id, field ORDER BY barrier), {AFTER_ALL} + 1) AS next_barrier
    FROM step WHERE before IS NULL OR departure > before
)
SELECT s.*, b.read_id, b.exposure_id
FROM best s JOIN back_wave b USING (told_id, field, barrier, departure)
QUALIFY row_number() OVER (PARTITION BY s.told_id, s.field, s.barrier ORDER BY b.read_id, b.exposure_id) = 1
"""
WRITES = """
CREATE OR REPLACE TEMP TABLE back_write AS
SELECT w.write_id, w.told_id AS written, w.run_id, w.unit, w.stated, w.by_column, s.field,
       least(w.end_at, s.departure) AS departure, s.read_id AS from_read, s.exposure_id AS from_exposure
FROM back_stair s JOIN write w ON w.told_id = s.told_id AND w.dataset_id = s.dataset_id
    AND w.end_at >= s.barrier AND w.end_at < s.next_barrier AND w.start_at <= s.departure
WHERE w.unit IS NOT NULL
{others}
"""
# A write under another name of the dataset is behind no barrier: of what was read under one name the latest matters.
OTHER_WRITES = """
UNION ALL
SELECT w.write_id, w.told_id, w.run_id, w.unit, w.stated, w.by_column, s.field,
       least(w.end_at, s.departure), s.read_id, s.exposure_id
FROM (
    FROM back_stair QUALIFY row_number() OVER (PARTITION BY dataset_id, told_id, field ORDER BY departure DESC) = 1
) s JOIN write w ON w.dataset_id = s.dataset_id AND w.told_id <> s.told_id AND w.start_at <= s.departure
WHERE w.unit IS NOT NULL
"""
# Which fields of what the unit read are in the field that it wrote: as column lineage says, without masking;
# all, where the run tells none for that output, and then it is no matter which was written (0). Only what comes by a
# later departure than before goes on. A unit may have written many times: each of its reads takes the first of the
# writes that it departs latest by.
DEEPER = """
CREATE OR REPLACE TEMP TABLE deeper AS
WITH told AS (
    SELECT unit, CASE WHEN by_column AND field <> '' THEN written ELSE 0 END AS written, run_id, by_column, stated,
           field, departure,
           {'write_id': write_id, 'from_read': from_read, 'from_exposure': from_exposure} AS way
    FROM back_write
), many AS (
    SELECT unit, written, field, any_value(run_id) AS run_id, any_value(by_column) AS by_column,
           max(departure) AS latest
    FROM told WHERE NOT stated GROUP BY unit, written, field HAVING count(*) > 1
), ahead AS (
    SELECT unit, written, field, departure,
           min(way) OVER (PARTITION BY unit, written, field ORDER BY departure DESC) AS way
    FROM told SEMI JOIN many USING (unit, written, field) WHERE NOT stated
), met AS (
    SELECT m.*, r.read_id, r.dataset_id, least(r.end_at, m.latest) AS departure
    FROM many m JOIN read r USING (unit) WHERE r.start_at <= m.latest
), pair AS (
    SELECT t.written, t.run_id, t.by_column, t.field, r.read_id, r.dataset_id,
           least(r.end_at, t.departure) AS departure, t.way
    FROM told t ANTI JOIN many m USING (unit, written, field) JOIN read r USING (unit)
    WHERE r.start_at <= t.departure AND NOT t.stated
    UNION ALL
    SELECT m.written, m.run_id, m.by_column, m.field, m.read_id, m.dataset_id, m.departure, a.way
    FROM met m ASOF JOIN ahead a ON a.unit = m.unit AND a.written = m.written AND a.field = m.field
        AND m.departure <= a.departure
    UNION ALL
    SELECT t.written, t.run_id, t.by_column, t.field, r.read_id, r.dataset_id, least(r.end_at, t.departure), t.way
    FROM told t JOIN stated_flow f ON f.write_id = t.way.write_id JOIN read r USING (read_id)
    WHERE r.start_at <= t.departure
), carried AS (
    SELECT p.*, CASE WHEN field = '' THEN '' ELSE '*' END AS source_field FROM pair p WHERE field = '' OR NOT by_column
    UNION ALL
    SELECT p.*, '' FROM pair p WHERE field = '*' AND by_column
    UNION ALL
    SELECT p.*, c.source_field FROM pair p
    JOIN column_flow c ON c.run_id = p.run_id AND c.told_id = p.written AND c.source_id = p.dataset_id
        AND (p.field = '*' OR c.field IN ('*', p.field))
    WHERE p.field <> '' AND p.by_column
), come AS (
    SELECT read_id, source_field AS field, departure, way.from_read AS from_read, way.from_exposure AS from_exposure,
           way.write_id AS by_write
    FROM carried
)
SELECT c.*, (SELECT max(wave) + 1 FROM back_wave) AS wave
FROM come c ANTI JOIN inside i ON i.read_id = c.read_id AND i.departure >= c.departure
    AND (i.field = c.field OR (i.field = '*' AND c.field = ''))
QUALIFY row_number() OVER (
    PARTITION BY c.read_id, c.field ORDER BY c.departure DESC, c.by_write, c.from_read, c.from_exposure
) = 1
"""
KEEP = "INSERT INTO inside SELECT read_id, field, departure, from_read, from_exposure, by_write, wave FROM deeper"
# What was exposed itself has been walked from already.
WAVE = """
CREATE OR REPLACE TEMP TABLE back_wave AS
SELECT r.dataset_id, r.told_id, r.barrier, d.departure, d.field, d.read_id, d.from_exposure AS exposure_id,
       d.wave
FROM deeper d JOIN read r USING (read_id)
ANTI JOIN probe p ON p.read_id = d.read_id AND p.field = d.field AND p.departure >= d.departure
"""
# Of a step that several fields took together, one that departed last.
REACHED = """
CREATE OR REPLACE TEMP TABLE reached AS
SELECT read_id, from_exposure AS exposure_id, wave, departure, from_read, by_write FROM inside
QUALIFY row_number() OVER (
    PARTITION BY read_id, from_exposure, wave ORDER BY departure DESC, by_write, from_read
) = 1
"""
DEEPER_READS = Frontier("deeper", key="read_id, field, wave", seen="inside", known="read_id, field, departure")


def walk_back(store: Store) -> None:
    """Fill `inside` with every read whose records may be in what `probe` read, with the latest departure, and `reached`
    with the steps of the ways to each."""
    store.run(START)
    writes = WRITES.format(others=OTHER_WRITES if has_synonyms(store) else "")
    more, rounds = store.fill(PROBED), 0
    while more:
        store.run(STAIR)
        if not store.fill(writes) or not (more := store.fill(DEEPER)):
            break
        rounds += 1
        walk_on(store, DEEPER_READS, more, rounds, (WAVE, STAIR, writes, DEEPER))
        store.run(KEEP)
        more = store.fill(WAVE)
    store.run(REACHED)
