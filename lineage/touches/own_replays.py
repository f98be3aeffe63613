"""What a transaction's own writes leave of the replays of its reads (see `own_writes`).

A replay looks at entries as they were. Those that an own write may have hit are looked at once more, without the
columns that it set: as entries of datasets of their own, which only the reads of that transaction ask. Where more was
hit than is worth telling apart, and where several tables are joined, all entries count as hit.
"""

from lineage.store import Store
from lineage.touches.own_entries import COME, ENTRIES, FIRST, HIT, SETS
from lineage.touches.own_needs import LOOKED, NEEDS, REMOVED_ENTRIES, WIDE
from lineage.touches.replays import ENTRIES_AT_ONCE, Over, tables_of
from lineage.touches.replays import PLACED_HERE as OVER_HERE

# The questions; `portion`: so many entries as are looked at at once. Joins are asked up to the transaction's end.
ASKED = f"""
CREATE OR REPLACE TEMP TABLE own_instead AS
SELECT use_id, sets, dense_rank() OVER (ORDER BY sets) AS variation FROM (
    SELECT use_id, list({{'dataset_id': o.dataset_id, 'set_id': s.set_id}} ORDER BY s.set_id) AS sets
    FROM own_stripped o JOIN own_set s ON s.kind = 'all' AND s.dataset_id = o.dataset_id AND s.columns = o.columns
    GROUP BY use_id
);
CREATE OR REPLACE TEMP TABLE own_question AS
WITH portion AS (
    SELECT set_id, sum(count(*)) OVER (ORDER BY set_id) // {ENTRIES_AT_ONCE} AS portion FROM own_entry GROUP BY set_id
), way AS (
    SELECT n.use_id, s.set_id, s.kind FROM own_need n JOIN own_set s ON s.tx = n.tx AND s.dataset_id = n.dataset_id
    WHERE s.kind = 'hit' AND n.way = 'hit' OR s.kind = 'come' AND n.later
    UNION ALL
    SELECT use_id, sets[1].set_id, 'all' FROM own_need n JOIN own_instead USING (use_id) WHERE n.way = 'wide'
    UNION ALL
    SELECT use_id, NULL, 'joined' FROM own_need WHERE way = 'joined'
)
SELECT n.use_id, n.nth, n.end_at, n.seen_to, w.kind, r.replay_no, coalesce(p.portion, 0) AS portion,
       CASE WHEN r.joined THEN i.variation END AS variation,
       CASE WHEN r.joined THEN coalesce(list_filter(i.sets, lambda s: s.dataset_id = r.dataset_id)[1].set_id,
                                        r.dataset_id) ELSE w.set_id END AS dataset_id,
       CASE WHEN r.joined THEN a.start_at END AS start_at, CASE WHEN r.joined THEN n.seen_to END AS seen_at,
       a.literals, a.bound,
       list_concat(list_transform(r.literal_places, lambda n: a.literals[n]),
                   coalesce(list_transform(r.bound_places, lambda n: a.bound[n]), a.bound)) AS told
FROM way w JOIN own_need n USING (use_id) JOIN told_act a USING (act_id)
JOIN replay_at r ON r.template_id = a.template_id AND r.no = n.no
    AND r.namespace = a.namespace AND r.context = a.context AND r.is_nowhere = a.is_nowhere
LEFT JOIN own_instead i USING (use_id) LEFT JOIN portion p ON p.set_id = w.set_id;
CREATE OR REPLACE TEMP TABLE own_binding AS
SELECT {FIRST} + row_number() OVER () AS binding_id, * FROM (
    SELECT replay_no, portion, kind, variation, dataset_id, start_at, seen_at, told, any_value(literals) AS literals,
           any_value(bound) AS bound, list({{'use_id': use_id, 'nth': nth, 'end_at': end_at,
                                            'seen_to': seen_to}}) AS uses
    FROM own_question GROUP BY replay_no, portion, kind, variation, dataset_id, start_at, seen_at, told
);
CREATE OR REPLACE TEMP TABLE own_found (binding_id BIGINT, own_id BIGINT, truth VARCHAR);
"""
PORTIONS = """
SELECT DISTINCT replay_no, portion, coalesce(variation, 0), coalesce(i.sets, []) FROM own_binding b
LEFT JOIN (SELECT DISTINCT variation, sets FROM own_instead) i USING (variation) ORDER BY ALL
"""
BOUND_HERE = """
CREATE OR REPLACE TEMP TABLE bound_statement AS
SELECT binding_id, dataset_id, literals, bound, start_at, seen_at AS end_at FROM own_binding
WHERE replay_no = $replay_no AND portion = $portion AND coalesce(variation, 0) = $variation
"""
PLACED_HERE = """
CREATE OR REPLACE TEMP TABLE placed_here AS
SELECT DISTINCT unnest($tables::BIGINT[]) AS no, dataset_id FROM bound_statement
"""
SEEN = """
CREATE OR REPLACE TEMP VIEW own_record AS
FROM own_there UNION ALL BY NAME
SELECT r.entry_id, r.dataset_id, r.key, d.key_field, r.attributes, r.valid_from, r.certain_to, r.possible_to
FROM record r JOIN dataset d USING (dataset_id);
CREATE OR REPLACE TEMP VIEW own_indexed AS
SELECT dataset_id, indexed FROM dataset
UNION ALL SELECT s.set_id, d.indexed FROM own_set s JOIN dataset d USING (dataset_id);
"""
THERE = """
CREATE OR REPLACE TEMP VIEW there_{no} AS
FROM own_record WHERE dataset_id IN (SELECT dataset_id FROM placed_here WHERE no = {no});
CREATE OR REPLACE TEMP VIEW indexed_{no} AS
SELECT indexed AS complete FROM own_indexed
WHERE dataset_id IN (SELECT dataset_id FROM placed_here WHERE no = {no})
"""
# What was found for all entries takes the place of what was; what was found of some is told beside it: 'P' where the
# row may not have been there.
KEEP = """
INSERT INTO replayed
SELECT f.binding_id, coalesce(e.entry_id, f.own_id), f.truth
FROM own_found f JOIN (FROM own_binding WHERE kind IN ('all', 'joined')) b USING (binding_id)
LEFT JOIN own_entry e USING (own_id);
CREATE OR REPLACE TEMP TABLE own_asked AS
SELECT binding_id, kind, unnest(uses, recursive := true) FROM own_binding;
DELETE FROM use_binding WHERE use_id IN (SELECT use_id FROM own_asked WHERE kind IN ('all', 'joined'));
INSERT INTO use_binding SELECT use_id, binding_id FROM own_asked WHERE kind IN ('all', 'joined');
INSERT INTO own_replayed
SELECT u.use_id, e.entry_id, CASE WHEN e.removed OR u.kind = 'come' THEN 'P' ELSE f.truth END
FROM (FROM own_asked WHERE kind IN ('hit', 'come')) u JOIN own_found f USING (binding_id)
JOIN own_entry e USING (own_id) JOIN record r USING (entry_id)
WHERE CASE u.kind WHEN 'hit' THEN e.since < u.nth AND coalesce(e.until >= u.nth, true)
      ELSE r.valid_from > u.end_at AND r.valid_from <= u.seen_to END;
"""


def replay_own_reads(store: Store, replays: list[tuple[str, Over]]) -> None:
    """Fill `own_view` and `own_replayed`, and ask anew what own writes changed; ``replays``: of all statements."""
    store.script((LOOKED, WIDE, NEEDS))
    if store.any("own_need", "removed"):
        store.run(REMOVED_ENTRIES)
    if not store.any("own_need", "way <> 'none' OR later"):
        return
    store.script((HIT, COME, SETS, ENTRIES, ASKED, SEEN))
    for replay_no, portion, variation, sets in store.rows(PORTIONS):
        replay, over = replays[replay_no]
        tables = tables_of(replay)
        store.run(BOUND_HERE, replay_no=replay_no, portion=portion, variation=variation)
        if over:
            instead = {one["dataset_id"]: one["set_id"] for one in sets}
            placed = [(no, instead.get(one, one)) for no, one in over]
            store.run(OVER_HERE, tables=[no for no, _ in placed], datasets=[one for _, one in placed])
        else:
            store.run(PLACED_HERE, tables=tables)
        for no in tables:
            store.run(THERE.format(no=no))
        store.run(f"INSERT INTO own_found {replay}")
    store.run(KEEP)
