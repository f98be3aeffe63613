"""Onward: which reads the content of some records may have been in (section 3, forward, for content).

The mirror image of `backward` for few records and every reader: the same pairs of writes and reads, walked
from the records on. State is (read, field) with the categories that the field carries as bits (`category_bit`
says which): the field '*' is all of them, and reach itself, with or without a bit; a category goes along with the field
that carries it as far as column lineage lets it. What comes in one field at one instant goes on as one, however many
categories.
"""

from lineage.flow import has_synonyms
from lineage.flow.ahead import Frontier, walk_on
from lineage.names import BEFORE_ALL
from lineage.store import Store

# Categories as bits, one for each in the order of their names.
CATEGORY_BITS = """
CREATE OR REPLACE TEMP TABLE category_bit AS
WITH known AS (SELECT DISTINCT category FROM dataset_field)
SELECT category, set_bit(bitstring('0', (SELECT count(*) FROM known)::INTEGER),
                         (row_number() OVER (ORDER BY category) - 1)::INTEGER, 1) AS bits
FROM known
"""
NO_CATEGORY = """
CREATE OR REPLACE TEMP TABLE no_category AS
SELECT bitstring('0', greatest(1, count(DISTINCT category))::INTEGER) AS bits FROM dataset_field
"""
# What may carry it on: `carrier` gathers the writes of all rounds, for the accesses that no unit made.
START_CARRIERS = """
CREATE OR REPLACE TEMP TABLE carrier (
    dataset_id BIGINT, told_id BIGINT, field VARCHAR, bits BIT, end_at BIGINT, arrival BIGINT
)
"""
GATHER = "INSERT INTO carrier SELECT dataset_id, told_id, field, bits, end_at, arrival FROM onward_write"
# What comes again by an earlier way gets another row: the least arrival counts.
FOUND = "CREATE OR REPLACE TEMP TABLE onward (read_id BIGINT, field VARCHAR, bits BIT, arrival BIGINT)"
# The reads of the home datasets while the record was there; `onward` itself holds what flow alone came to.
START = """
CREATE OR REPLACE TEMP TABLE new_onward AS
WITH home AS (
    SELECT r.read_id, r.unit, r.dataset_id, min(greatest(r.start_at, e.valid_from)) AS arrival
    FROM asked_record e JOIN read r USING (dataset_id)
    WHERE r.unit IS NOT NULL AND e.valid_from <= r.end_at AND e.possible_to > r.start_at
    GROUP BY r.read_id, r.unit, r.dataset_id
)
SELECT read_id, unit, dataset_id, '*' AS field, (SELECT bits FROM no_category) AS bits, arrival FROM home
UNION ALL
SELECT h.read_id, h.unit, h.dataset_id, f.field, f.bits, h.arrival FROM home h JOIN (
    SELECT dataset_id, lower(field) AS field, bit_or(bits) AS bits FROM dataset_field JOIN category_bit USING (category)
    GROUP BY ALL
) f USING (dataset_id)
"""
# Reach goes from whatever was read to whatever its unit wrote; categories too, where no column lineage is told.
WRITES = """
CREATE OR REPLACE TEMP TABLE onward_write AS
WITH come AS (
    SELECT unit, dataset_id, field, bits, min(arrival) AS arrival FROM new_onward GROUP BY ALL
), pair AS (
    SELECT w.dataset_id, w.told_id, w.end_at, w.run_id, w.by_column, n.field, n.bits, n.dataset_id AS source_id,
           greatest(w.start_at, n.arrival) AS arrival
    FROM come n JOIN write w USING (unit)
    WHERE w.open AND n.arrival <= w.end_at AND NOT w.stated AND w.by_column
    UNION ALL
    SELECT w.dataset_id, w.told_id, w.end_at, w.run_id, false, '*', n.bits, NULL, greatest(w.start_at, n.arrival)
    FROM (SELECT unit, arrival, bit_or(bits) AS bits FROM come GROUP BY unit, arrival) n JOIN write w USING (unit)
    WHERE w.open AND n.arrival <= w.end_at AND NOT w.stated AND NOT w.by_column
    UNION ALL
    SELECT w.dataset_id, w.told_id, w.end_at, w.run_id, w.by_column, n.field, n.bits, n.dataset_id,
           greatest(w.start_at, n.arrival)
    FROM new_onward n JOIN stated_flow f USING (read_id) JOIN write w USING (write_id)
    WHERE w.open AND n.arrival <= w.end_at
), none AS (
    SELECT bits FROM no_category
)
SELECT dataset_id, told_id, end_at, field, arrival, bit_or(bits) AS bits FROM (
    SELECT dataset_id, told_id, end_at, '*' AS field, arrival,
           CASE WHEN by_column THEN (FROM none) ELSE bits END AS bits
    FROM pair WHERE field = '*' OR NOT by_column
    UNION ALL
    SELECT p.dataset_id, p.told_id, p.end_at, c.field, p.arrival, p.bits FROM pair p
    JOIN column_flow c ON c.run_id = p.run_id AND c.told_id = p.told_id AND c.source_id = p.source_id
        AND (p.field = '*' OR c.source_field IN ('*', p.field))
    WHERE p.bits <> (FROM none)
) GROUP BY dataset_id, told_id, end_at, field, arrival
"""
# A kind is what comes under one name in one field with the same bits: a number in place of four columns.
STAIR = f"""
CREATE OR REPLACE TEMP TABLE onward_stair AS
WITH kind AS MATERIALIZED (
    SELECT row_number() OVER () AS kind, * FROM (SELECT DISTINCT dataset_id, told_id, field, bits FROM {{table}})
), best AS (
    SELECT kind, end_at, min(arrival) AS arrival FROM {{table}} JOIN kind USING (told_id, field, bits)
    GROUP BY kind, end_at
), step AS (
    SELECT *, min(arrival) OVER (
        PARTITION BY kind ORDER BY end_at DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM best
)
SELECT k.*, s.end_at, s.arrival,
       coalesce(lead(s.end_at) OVER (PARTITION BY kind ORDER BY s.end_at DESC), {BEFORE_ALL} - 1) AS next_end
FROM step s JOIN kind k USING (kind) WHERE s.before IS NULL OR s.arrival < s.before
"""
# A category that came to the field of a read already, and no later, is not news.
READS = """
CREATE OR REPLACE TEMP TABLE new_onward AS
SELECT h.read_id, h.unit, h.dataset_id, h.field, h.bits, h.arrival
FROM (
    SELECT read_id, unit, dataset_id, field, arrival, bit_or(bits) AS bits FROM (
        SELECT r.read_id, r.unit, r.dataset_id, s.field, s.bits, greatest(r.start_at, s.arrival) AS arrival
        FROM onward_stair s JOIN read r ON r.told_id = s.told_id AND r.dataset_id = s.dataset_id
            AND r.barrier <= s.end_at AND r.barrier > s.next_end AND r.end_at >= s.arrival
        {others}
    ) GROUP BY read_id, unit, dataset_id, field, arrival
) h LEFT JOIN onward o ON o.read_id = h.read_id AND o.field = h.field AND o.arrival <= h.arrival
GROUP BY h.read_id, h.unit, h.dataset_id, h.field, h.bits, h.arrival
HAVING count(o.read_id) = 0 OR bit_or(o.bits) & h.bits <> h.bits
"""
# Under another name of the dataset no barrier holds. Where no dataset has two names it is not asked.
OTHER_READS = """
        UNION ALL
        SELECT r.read_id, r.unit, r.dataset_id, s.field, s.bits, greatest(r.start_at, s.arrival)
        FROM onward_stair s JOIN read r
            ON r.dataset_id = s.dataset_id AND r.told_id <> s.told_id AND r.end_at >= s.arrival
"""
# The accesses through which nothing flows on, in what they may have read.
USES = f"""
CREATE OR REPLACE TEMP TABLE onward_use AS
WITH used AS MATERIALIZED (
    SELECT use_id, event_id, act_id, source_no, principal_id, dataset_id, told_id, start_at, lasted, run_id, operation,
           written, fields
    FROM use_of_dataset
    WHERE is_read AND run_id IS NULL AND dataset_id IN (SELECT dataset_id FROM onward_stair)
), told AS (
    SELECT u.use_id, u.dataset_id, u.told_id, u.start_at + u.lasted AS end_at,
           coalesce(o.start_at, {BEFORE_ALL}) AS barrier
    FROM used u ASOF LEFT JOIN overwritten o ON o.told_id = u.told_id AND u.start_at > o.end_at
), kind AS (
    SELECT kind, dataset_id, told_id, field, bits, min(arrival) AS arrival FROM onward_stair
    GROUP BY kind, dataset_id, told_id, field, bits
), asked AS (
    SELECT u.use_id, u.end_at, u.barrier, k.kind FROM told u JOIN kind k USING (told_id) WHERE u.end_at >= k.arrival
), met AS (
    SELECT a.use_id, a.end_at, a.kind, s.arrival
    FROM asked a ASOF JOIN onward_stair s ON s.kind = a.kind AND a.barrier <= s.end_at
    {{others}}
)
SELECT u.*, k.field, k.bits, greatest(u.start_at, m.arrival) AS arrival
FROM met m JOIN used u USING (use_id) JOIN kind k USING (kind) WHERE m.end_at >= m.arrival
"""
OTHER_USES = """
    UNION ALL
    SELECT u.use_id, u.end_at, k.kind, k.arrival
    FROM kind k JOIN told u ON u.dataset_id = k.dataset_id AND u.told_id <> k.told_id
"""
_STATE = "read_id, field, bits, arrival"
READS_FOUND = Frontier("new_onward", key=_STATE, seen="onward", known=_STATE)


def walk_onward(store: Store) -> None:
    """Fill `onward` with the reads, and `onward_use` with the other accesses, that `asked_record` may have come to
    by flow, with the earliest arrival, and `category_bit` with what their bits mean."""
    synonyms = has_synonyms(store)
    other_reads, other_uses = (OTHER_READS, OTHER_USES) if synonyms else ("", "")
    store.script((CATEGORY_BITS, NO_CATEGORY, START_CARRIERS, FOUND))
    stair, reads = STAIR.format(table="onward_write"), READS.format(others=other_reads)
    more, rounds = store.fill(START), 0
    while more:
        if not store.fill(WRITES):
            break
        store.script((GATHER, stair))
        more, rounds = store.fill(reads), rounds + 1
        more = walk_on(store, READS_FOUND, more, rounds, (WRITES, stair, reads))
        if more:
            store.run("INSERT INTO onward SELECT read_id, field, bits, arrival FROM new_onward")
    store.run(STAIR.format(table="carrier"))
    store.run(USES.format(others=other_uses))
