"""Contamination: what a compromised write may reach, and what it must have reached (semantics.md, section 3).

A loop of plain SQL, set by set: tainted writes → the reads that may see them → the units that read → their
writes. The least arrival wins. `stair` keeps, for each dataset name, only those writes that are the best for
some barrier, so that a read joins one of them instead of all.
"""

from lineage.flow import has_synonyms
from lineage.flow.ahead import Frontier, walk_on
from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.store import Store

# What comes again by an earlier or a surer way gets another row; the least arrival, and whatever is sure, counts.
START = """
CREATE OR REPLACE TEMP TABLE tainted (write_id BIGINT, arrival BIGINT);
CREATE OR REPLACE TEMP TABLE tainted_unit (unit BIGINT, arrival BIGINT);
CREATE OR REPLACE TEMP TABLE sure_write (write_id BIGINT);
CREATE OR REPLACE TEMP TABLE sure_unit (unit BIGINT, by_input BOOLEAN, first_end BIGINT);
"""
# Compromised writes: of runs, of principals' accesses, and of the datasets asked about.
SEED_WRITES = """
CREATE OR REPLACE TEMP TABLE seed_write AS
SELECT write_id, min(arrival) AS arrival, bool_or(sure) AS sure FROM (
    SELECT w.write_id, greatest(w.start_at, s.possible_from) AS arrival, w.end_at,
           w.certain AND coalesce(w.start_at >= s.certain_from AND w.end_at <= s.certain_to, false) AS sure
    FROM seed_run s JOIN write w ON w.run_id = s.run_id
    UNION ALL
    SELECT w.write_id, greatest(w.start_at, s.possible_from), w.end_at,
           w.certain AND coalesce(w.start_at >= s.certain_from AND w.end_at <= s.certain_to, false)
    FROM seed_principal s JOIN write w USING (principal_id)
    WHERE w.start_at <= s.possible_to
    {datasets}
) WHERE arrival <= end_at
GROUP BY write_id
"""
SUSPECT_DATASETS = """
    UNION ALL
    SELECT w.write_id, greatest(w.start_at, $start::BIGINT), w.end_at,
           w.certain AND NOT d.is_guess AND w.start_at >= $start::BIGINT AND w.end_at <= $end::BIGINT
    FROM write w JOIN (
        SELECT dataset_id, bool_and(is_guess) AS is_guess FROM (
            SELECT unnest($datasets::BIGINT[]) AS dataset_id, false AS is_guess
            UNION ALL
            SELECT base_id, is_guess FROM view_base WHERE view_id IN (SELECT unnest($datasets::BIGINT[]))
            UNION ALL
            SELECT other_id, true FROM part_reach
            WHERE dataset_id IN (SELECT unnest($datasets::BIGINT[]))
              AND since <= $end::BIGINT AND until >= $start::BIGINT
        ) GROUP BY dataset_id
    ) d USING (dataset_id)
    WHERE w.start_at <= $end::BIGINT
      AND ($within::VARCHAR IS NULL
           OR EXISTS (SELECT 1 FROM vendor_run v WHERE v.purpose = 'within' AND v.run_id = w.run_id
                      AND v.start_at <= w.end_at AND v.end_at >= w.start_at)
           OR EXISTS (SELECT 1 FROM vendor_principal v WHERE v.purpose = 'within' AND v.principal_id = w.principal_id
                      AND v.start_at <= w.end_at AND v.end_at >= w.start_at))
"""
WAVE = """
CREATE OR REPLACE TEMP TABLE wave AS
SELECT w.write_id, w.dataset_id, w.told_id, w.unit, w.owner, w.end_at, s.arrival
FROM seed_write s JOIN write w USING (write_id)
"""
STAIR = f"""
CREATE OR REPLACE TEMP TABLE stair AS
WITH best AS (
    SELECT dataset_id, told_id, end_at, min(arrival) AS arrival, arg_min(owner, arrival) AS owner,
           arg_min(unit, arrival) AS unit
    FROM wave GROUP BY dataset_id, told_id, end_at
), step AS (
    SELECT *, min(arrival) OVER (
        PARTITION BY told_id ORDER BY end_at DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM best
)
SELECT dataset_id, told_id, end_at, arrival, owner, unit,
       coalesce(lead(end_at) OVER (PARTITION BY told_id ORDER BY end_at DESC), {BEFORE_ALL} - 1) AS next_end
FROM step WHERE before IS NULL OR arrival < before
"""
# What each read may see of the stair, and, where datasets have several names, what was written under another.
MET = """
CREATE OR REPLACE TEMP TABLE met AS
SELECT r.read_id, r.unit, r.owner, r.dataset_id, r.told_id, r.barrier, r.start_at, r.end_at,
       s.arrival, s.owner AS by_owner, s.unit AS by_unit
FROM stair s JOIN read r ON r.told_id = s.told_id AND r.dataset_id = s.dataset_id
    AND r.barrier <= s.end_at AND r.barrier > s.next_end AND r.end_at >= s.arrival
{others}
"""
OTHER_MET = """
UNION ALL
SELECT r.read_id, r.unit, r.owner, r.dataset_id, r.told_id, r.barrier, r.start_at, r.end_at,
       s.arrival, s.owner, s.unit
FROM (
    SELECT dataset_id, told_id, min(arrival) AS arrival, arg_min(owner, arrival) AS owner,
           arg_min(unit, arrival) AS unit
    FROM stair GROUP BY dataset_id, told_id
) s JOIN read r ON r.dataset_id = s.dataset_id AND r.told_id <> s.told_id AND r.end_at >= s.arrival
"""
# A read takes the best of the stair; where that is its own run's write, the best of the others. A statement inside a
# run is a run of one instant too: what the run wrote before goes through it to what it writes.
OF_OTHERS = """
({read}.owner <> {by}owner OR (coalesce({read}.unit < 0, false) AND {by}unit IS DISTINCT FROM {read}.unit))
"""
HITS = f"""
CREATE OR REPLACE TEMP TABLE hit AS
SELECT read_id, unit, min(arrival) AS arrival FROM (
    SELECT m.read_id, m.unit, greatest(m.start_at, m.arrival) AS arrival FROM met m
    WHERE {OF_OTHERS.format(read="m", by="m.by_")}
    UNION ALL
    SELECT m.read_id, m.unit, greatest(m.start_at, w.arrival)
    FROM met m JOIN wave w ON w.dataset_id = m.dataset_id AND m.end_at >= w.arrival
        AND {OF_OTHERS.format(read="m", by="w.")}
        AND (w.told_id <> m.told_id OR m.barrier <= w.end_at)
    WHERE NOT {OF_OTHERS.format(read="m", by="m.by_")}
) GROUP BY read_id, unit
"""
NEW_UNITS = f"""
CREATE OR REPLACE TEMP TABLE new_unit AS
SELECT h.unit, min(h.arrival) AS arrival FROM hit h LEFT JOIN tainted_unit t USING (unit)
GROUP BY h.unit HAVING min(h.arrival) < coalesce(min(t.arrival), {AFTER_ALL} + 1)
"""
NEW_WRITES = f"""
CREATE OR REPLACE TEMP TABLE wave AS
SELECT n.* REPLACE (min(n.arrival) AS arrival)
FROM (
    SELECT w.write_id, w.dataset_id, w.told_id, w.unit, w.owner, w.end_at, greatest(w.start_at, u.arrival) AS arrival
    FROM new_unit u JOIN write w USING (unit)
    WHERE NOT w.stated
    UNION ALL
    SELECT w.write_id, w.dataset_id, w.told_id, w.unit, w.owner, w.end_at, greatest(w.start_at, h.arrival)
    FROM hit h JOIN stated_flow f USING (read_id) JOIN write w USING (write_id)
) n LEFT JOIN tainted t USING (write_id)
WHERE n.arrival <= n.end_at
GROUP BY ALL HAVING min(n.arrival) < coalesce(min(t.arrival), {AFTER_ALL} + 1)
"""
SURE_WAVE = """
CREATE OR REPLACE TEMP TABLE sure_wave AS
SELECT w.told_id, w.owner, w.end_at, w.next_start, w.next_owner, w.after_next
FROM new_sure n JOIN write w USING (write_id) WHERE NOT w.shadowed
"""
# must(w, r): w ends before r starts, and nothing that overwrites (or may) lies between. Of the writes of one
# name only those matter whose view ahead is longer than that of any that ended before them.
SURE_STAIR = """
CREATE OR REPLACE TEMP TABLE sure_stair AS
SELECT told_id, end_at, next_start, owner FROM (
    SELECT *, max(next_start) OVER (
        PARTITION BY told_id ORDER BY end_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before
    FROM (
        SELECT told_id, end_at, max(next_start) AS next_start, arg_max(owner, next_start) AS owner
        FROM sure_wave GROUP BY told_id, end_at
    )
) WHERE before IS NULL OR next_start > before
"""
SURE_HITS = """
CREATE OR REPLACE TEMP TABLE sure_hit AS
WITH met AS (
    SELECT r.read_id, r.unit, r.is_input, r.start_at, r.end_at, r.told_id, r.owner, s.owner AS by_owner
    FROM sure_stair s JOIN read r ON r.told_id = s.told_id AND r.start_at > s.end_at AND r.end_at < s.next_start
    WHERE r.certain
)
SELECT read_id, unit, is_input, end_at FROM met WHERE owner <> by_owner
UNION
SELECT m.read_id, m.unit, m.is_input, m.end_at
FROM met m JOIN sure_wave w ON w.told_id = m.told_id AND w.owner <> m.owner
    AND m.start_at > w.end_at AND m.end_at < w.next_start
WHERE m.owner = m.by_owner
UNION
SELECT r.read_id, r.unit, r.is_input, r.end_at
FROM sure_wave w JOIN read r ON r.told_id = w.told_id AND r.run_id = w.next_owner
    AND r.start_at > w.end_at AND r.end_at < w.after_next
WHERE r.certain AND r.use_id IS NULL AND r.owner <> w.owner
"""
# A run's inputs feed its outputs; where an access is on either side the read must have ended strictly before.
# A statement that reads and writes is a run of one instant: its tables are its inputs and outputs.
NEW_SURE_UNITS = f"""
CREATE OR REPLACE TEMP TABLE new_sure_unit AS
SELECT h.unit, bool_or(h.is_input) OR coalesce(bool_or(s.by_input), false) AS by_input,
       least(min(h.end_at), coalesce(min(s.first_end), {AFTER_ALL} + 1)) AS first_end
FROM sure_hit h LEFT JOIN sure_unit s USING (unit)
GROUP BY h.unit
HAVING min(s.unit) IS NULL OR (bool_or(h.is_input) AND NOT bool_or(s.by_input)) OR min(h.end_at) < min(s.first_end)
"""
NEW_SURE = """
CREATE OR REPLACE TEMP TABLE new_sure AS
SELECT DISTINCT write_id FROM (
    SELECT w.write_id FROM new_sure_unit u JOIN write w USING (unit)
    WHERE w.certain AND NOT w.stated
      AND (w.unit < 0 OR (u.by_input AND w.use_id IS NULL) OR u.first_end < w.start_at)
    UNION ALL
    SELECT w.write_id FROM sure_hit h JOIN stated_flow f USING (read_id) JOIN write w USING (write_id)
    WHERE w.certain AND (h.is_input OR h.end_at < w.start_at)
) WHERE write_id NOT IN (SELECT write_id FROM sure_write)
"""
WAVES = Frontier("wave", key="write_id", seen="tainted", known="write_id, arrival")
SURE_WAVES = Frontier("new_sure", key="write_id", seen="sure_write", known="write_id")


def spread(store: Store, parameters: dict[str, object]) -> None:
    """Fill tainted (write, arrival), tainted_unit, sure_write and sure_unit from the seeds of a question."""
    store.run(START)
    store.run(SEED_WRITES.format(datasets=SUSPECT_DATASETS if parameters["datasets"] else ""), **parameters)
    met = MET.format(others=OTHER_MET if has_synonyms(store) else "")
    _spread_possibly(store, met)
    _spread_surely(store)


def _spread_possibly(store: Store, met: str) -> None:
    more, rounds = store.fill(WAVE), 0
    while more:
        store.script(("INSERT INTO tainted SELECT write_id, arrival FROM wave", STAIR))
        if not store.fill(met) or not store.fill(HITS):
            break
        if store.fill(NEW_UNITS):
            store.run("INSERT INTO tainted_unit SELECT unit, arrival FROM new_unit")
        more, rounds = store.fill(NEW_WRITES), rounds + 1
        more = walk_on(store, WAVES, more, rounds, (STAIR, met, HITS, NEW_UNITS, NEW_WRITES))


def _spread_surely(store: Store) -> None:
    more, rounds = store.fill("CREATE OR REPLACE TEMP TABLE new_sure AS SELECT write_id FROM seed_write WHERE sure"), 0
    while more:
        store.script(("INSERT INTO sure_write SELECT write_id FROM new_sure", SURE_WAVE, SURE_STAIR))
        if not store.fill(SURE_HITS):
            break
        if store.fill(NEW_SURE_UNITS):
            store.run("INSERT INTO sure_unit SELECT unit, by_input, first_end FROM new_sure_unit")
        more, rounds = store.fill(NEW_SURE), rounds + 1
        steps = (SURE_WAVE, SURE_STAIR, SURE_HITS, NEW_SURE_UNITS, NEW_SURE)
        more = walk_on(store, SURE_WAVES, more, rounds, steps)
