"""Content: whose records may have been inside what was read (semantics.md, section 3, departure).

Walks from the exposed reads back over the writes that they may have seen to what the writers had read. The
state of a step is (read, field): reach itself has the field ''; a named field, or '*' for all, is carried
along as far as column lineage lets it, and only narrows categories.
"""

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.store import Store

# `probe` (dataset_id, told_id, barrier, departure, field, read_id) is what the walk starts from.
START = """
CREATE OR REPLACE TEMP TABLE departed (read_id BIGINT, field VARCHAR, departure BIGINT);
CREATE OR REPLACE TEMP TABLE inside (
    read_id BIGINT, field VARCHAR, departure BIGINT, from_read BIGINT, from_exposure BIGINT, by_write BIGINT
);
INSERT INTO departed SELECT read_id, field, max(departure) FROM probe WHERE read_id IS NOT NULL GROUP BY read_id, field;
"""
PROBED = """
CREATE OR REPLACE TEMP TABLE back_wave AS
SELECT dataset_id, told_id, barrier, departure, field, read_id, exposure_id FROM probe
"""
# Into an indexed dataset nothing flows, and a view holds nothing.
STAIR = f"""
CREATE OR REPLACE TEMP TABLE back_stair AS
WITH best AS (
    SELECT b.dataset_id, b.told_id, b.field, b.barrier, b.departure, b.read_id, b.exposure_id
    FROM back_wave b JOIN dataset d USING (dataset_id)
    WHERE NOT d.indexed AND NOT d.is_view
    QUALIFY row_number() OVER (
        PARTITION BY b.told_id, b.field, b.barrier ORDER BY b.departure DESC, b.read_id, b.exposure_id
    ) = 1
), step AS (
    SELECT *, max(departure) OVER (
        PARTITION BY told_id, field ORDER BY barrier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM best
)
SELECT dataset_id, told_id, field, barrier, departure, read_id, exposure_id,
       coalesce(lead(barrier) OVER (PARTITION BY told_id, field ORDER BY barrier), {AFTER_ALL} + 1) AS next_barrier
FROM step WHERE before IS NULL OR departure > before
"""
WRITES = """
CREATE OR REPLACE TEMP TABLE back_write AS
SELECT * RENAME (dataset_id AS written, read_id AS from_read, exposure_id AS from_exposure)
FROM (
    SELECT w.write_id, w.dataset_id, w.run_id, w.unit, w.stated, w.by_column, s.field,
           least(w.end_at, s.departure) AS departure, s.read_id, s.exposure_id
    FROM back_stair s JOIN write w ON w.told_id = s.told_id AND w.dataset_id = s.dataset_id
        AND w.end_at >= s.barrier AND w.end_at < s.next_barrier AND w.start_at <= s.departure
    WHERE w.unit IS NOT NULL
    UNION ALL
    SELECT w.write_id, w.dataset_id, w.run_id, w.unit, w.stated, w.by_column, s.field,
           least(w.end_at, s.departure), s.read_id, s.exposure_id
    FROM back_stair s JOIN write w ON w.dataset_id = s.dataset_id AND w.told_id <> s.told_id
        AND w.start_at <= s.departure
    WHERE w.unit IS NOT NULL
)
QUALIFY row_number() OVER (PARTITION BY write_id, field ORDER BY departure DESC, read_id, exposure_id) = 1
"""
assert AFTER_ALL + 1 > AFTER_ALL > BEFORE_ALL
# Which fields of what the unit read are in the field that it wrote: as column lineage says, without masking;
# all, where the run tells none for that output.
SOURCES = """
CREATE OR REPLACE TEMP TABLE back_read AS
WITH pair AS (
    SELECT b.*, r.read_id, r.dataset_id, r.end_at FROM back_write b JOIN read r USING (unit)
    WHERE r.start_at <= b.departure AND NOT b.stated
    UNION ALL
    SELECT b.*, r.read_id, r.dataset_id, r.end_at
    FROM back_write b JOIN stated_flow f USING (write_id) JOIN read r USING (read_id)
    WHERE r.start_at <= b.departure
), carried AS (
    SELECT p.*, CASE WHEN field = '' THEN '' ELSE '*' END AS source_field FROM pair p WHERE field = '' OR NOT by_column
    UNION ALL
    SELECT p.*, c.source_field FROM pair p
    JOIN column_flow c ON c.run_id = p.run_id AND c.dataset_id = p.written AND c.source_id = p.dataset_id
        AND (p.field = '*' OR c.field IN ('*', p.field))
    WHERE p.field <> ''
)
SELECT read_id, source_field AS field, least(end_at, departure) AS departure, from_read, from_exposure,
    write_id AS by_write
FROM carried
QUALIFY row_number() OVER (
    PARTITION BY read_id, source_field ORDER BY least(end_at, departure) DESC, write_id, from_read, from_exposure
) = 1
"""
DEEPER = """
CREATE OR REPLACE TEMP TABLE deeper AS
SELECT b.* FROM back_read b LEFT JOIN inside i USING (read_id, field)
WHERE b.departure > coalesce(i.departure, -9223372036854775808)
"""
KEEP = """
DELETE FROM inside i USING deeper d WHERE i.read_id = d.read_id AND i.field = d.field;
INSERT INTO inside SELECT read_id, field, departure, from_read, from_exposure, by_write FROM deeper;
"""
WAVE = """
CREATE OR REPLACE TEMP TABLE back_wave AS
SELECT r.dataset_id, r.told_id, r.barrier, d.departure, d.field, d.read_id, d.from_exposure AS exposure_id
FROM deeper d JOIN read r USING (read_id) LEFT JOIN departed x USING (read_id, field)
WHERE d.departure > coalesce(x.departure, -9223372036854775808)
"""
DEPART = """
DELETE FROM departed x USING back_wave b WHERE x.read_id = b.read_id AND x.field = b.field;
INSERT INTO departed SELECT read_id, field, departure FROM back_wave;
"""


def walk_back(store: Store) -> None:
    """Fill `inside` with every read whose records may be in what `probe` read, with the latest departure."""
    store.connection.execute(START)
    more = store.fill(PROBED)
    while more:
        store.run(STAIR)
        if not store.fill(WRITES):
            break
        store.run(SOURCES)
        if not store.fill(DEEPER):
            break
        store.connection.execute(KEEP)
        more = store.fill(WAVE)
        if more:
            store.connection.execute(DEPART)
