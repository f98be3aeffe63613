"""Onward: which reads the content of some records may have been in (section 3, forward, for content).

The mirror image of `backward` for few records and every reader: the same pairs of writes and reads, walked
from the records on. State is (read, category, field): reach itself has the category '', and a category goes
along with the field that carries it as far as column lineage lets it.
"""

from lineage.names import BEFORE_ALL
from lineage.store import Store

# What may carry it on: `carrier` gathers the writes of all rounds, for the accesses that no unit made.
START_CARRIERS = """
CREATE OR REPLACE TEMP TABLE carrier (
    dataset_id BIGINT, told_id BIGINT, category VARCHAR, field VARCHAR, end_at BIGINT, arrival BIGINT
)
"""
GATHER = "INSERT INTO carrier SELECT dataset_id, told_id, category, field, end_at, arrival FROM onward_write"
# What comes again by an earlier way gets another row: the least arrival counts.
FOUND = "CREATE OR REPLACE TEMP TABLE onward (read_id BIGINT, category VARCHAR, field VARCHAR, arrival BIGINT)"
# The reads of the home datasets while the record was there; `onward` itself holds what flow alone came to.
START = """
CREATE OR REPLACE TEMP TABLE new_onward AS
WITH home AS (
    SELECT r.read_id, r.dataset_id, min(greatest(r.start_at, e.valid_from)) AS arrival
    FROM asked_record e JOIN read r USING (dataset_id)
    WHERE r.unit IS NOT NULL AND e.valid_from <= r.end_at AND e.possible_to > r.start_at
    GROUP BY r.read_id, r.dataset_id
)
SELECT read_id, '' AS category, '' AS field, arrival FROM home
UNION ALL
SELECT h.read_id, f.category, f.field, h.arrival FROM home h JOIN dataset_field f USING (dataset_id)
"""
WRITES = """
CREATE OR REPLACE TEMP TABLE onward_write AS
WITH pair AS (
    SELECT w.write_id, w.dataset_id, w.told_id, w.end_at, w.run_id, n.category, n.field, r.dataset_id AS source_id,
           greatest(w.start_at, n.arrival) AS arrival
    FROM new_onward n JOIN read r USING (read_id) JOIN write w USING (unit)
        JOIN dataset d ON d.dataset_id = w.dataset_id
    WHERE NOT d.indexed AND NOT d.is_view AND n.arrival <= w.end_at
      AND (w.write_id NOT IN (SELECT write_id FROM stated_flow)
           OR EXISTS (SELECT 1 FROM stated_flow f WHERE f.write_id = w.write_id AND f.read_id = n.read_id))
)
SELECT write_id, dataset_id, told_id, end_at, category, field, min(arrival) AS arrival FROM (
    SELECT p.* EXCLUDE (field), '' AS field FROM pair p WHERE p.category = ''
    UNION ALL
    SELECT p.* EXCLUDE (field), '*' FROM pair p
    WHERE p.category <> '' AND NOT EXISTS (
        SELECT 1 FROM column_told t WHERE t.run_id = p.run_id AND t.dataset_id = p.dataset_id
    )
    UNION ALL
    SELECT p.* EXCLUDE (field), c.field FROM pair p
    JOIN column_flow c ON c.run_id = p.run_id AND c.dataset_id = p.dataset_id AND c.source_id = p.source_id
        AND (p.field = '*' OR c.source_field IN ('*', p.field))
    WHERE p.category <> ''
) GROUP BY write_id, dataset_id, told_id, end_at, category, field
"""
STAIR = """
CREATE OR REPLACE TEMP TABLE onward_stair AS
SELECT dataset_id, told_id, category, field, end_at, arrival,
       coalesce(lead(end_at) OVER (PARTITION BY told_id, category, field
           ORDER BY end_at DESC), {before}) AS next_end
FROM (
    SELECT *, min(arrival) OVER (
        PARTITION BY told_id, category, field ORDER BY end_at DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM (
        SELECT dataset_id, told_id, category, field, end_at, min(arrival) AS arrival
        FROM {table} GROUP BY dataset_id, told_id, category, field, end_at
    )
) WHERE before IS NULL OR arrival < before
"""
READS = """
CREATE OR REPLACE TEMP TABLE new_onward AS
SELECT h.read_id, h.category, h.field, min(h.arrival) AS arrival
FROM (
    SELECT r.read_id, s.category, s.field, greatest(r.start_at, s.arrival) AS arrival
    FROM onward_stair s JOIN read r ON r.told_id = s.told_id AND r.dataset_id = s.dataset_id
        AND r.barrier <= s.end_at AND r.barrier > s.next_end AND r.end_at >= s.arrival
    UNION ALL
    SELECT r.read_id, s.category, s.field, greatest(r.start_at, s.arrival)
    FROM onward_stair s JOIN read r ON r.dataset_id = s.dataset_id AND r.told_id <> s.told_id AND r.end_at >= s.arrival
) h LEFT JOIN onward o USING (read_id, category, field)
GROUP BY h.read_id, h.category, h.field
HAVING min(h.arrival) < coalesce(min(o.arrival), 9223372036854775807)
"""
# The accesses through which nothing flows on, in what they may have read.
USES = f"""
CREATE OR REPLACE TEMP TABLE onward_use AS
WITH used AS MATERIALIZED (
    FROM use_of_dataset
    WHERE is_read AND run_id IS NULL AND dataset_id IN (SELECT dataset_id FROM onward_stair)
), told AS (
    SELECT u.*, coalesce(o.start_at, {BEFORE_ALL}) AS barrier
    FROM used u ASOF LEFT JOIN overwritten o ON o.told_id = u.told_id AND u.start_at > o.end_at
), kind AS (
    SELECT dataset_id, told_id, category, field, min(arrival) AS arrival FROM onward_stair
    GROUP BY dataset_id, told_id, category, field
), asked AS (
    SELECT u.*, k.category, k.field FROM told u JOIN kind k USING (dataset_id, told_id)
    WHERE u.start_at + u.lasted >= k.arrival
)
SELECT h.*, greatest(h.start_at, h.came_at) AS arrival
FROM (
    SELECT u.*, s.arrival AS came_at
    FROM asked u ASOF JOIN onward_stair s ON s.dataset_id = u.dataset_id AND s.told_id = u.told_id
        AND s.category = u.category AND s.field = u.field AND u.barrier <= s.end_at
    UNION ALL
    SELECT u.*, k.category, k.field, k.arrival
    FROM kind k JOIN told u ON u.dataset_id = k.dataset_id AND u.told_id <> k.told_id
) h WHERE h.start_at + h.lasted >= h.came_at
"""


def walk_onward(store: Store) -> None:
    """Fill `onward` with the reads, and `onward_use` with the other accesses, that `asked_record` may have come to
    by flow, with the earliest arrival."""
    before = BEFORE_ALL - 1
    store.script((START_CARRIERS, FOUND))
    more = store.fill(START)
    while more:
        if not store.fill(WRITES):
            break
        store.script((GATHER, STAIR.format(table="onward_write", before=before)))
        more = store.fill(READS)
        if more:
            store.run("INSERT INTO onward SELECT read_id, category, field, arrival FROM new_onward")
    store.script((STAIR.format(table="carrier", before=before), USES))
