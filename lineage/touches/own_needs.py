"""How reads are to be looked at whose own transaction wrote before (see `own_writes`), and what they surely saw."""

from lineage.names import AFTER_ALL

HITS_AT_MOST = 1000  # entries that one write may have hit, told apart
# The columns that a replay looks at. (What an earlier program wrote otherwise may look at any.)
LOOKED = r"""
CREATE OR REPLACE TEMP TABLE own_look AS
SELECT template_id, no, lower(replace(replace(replace(unnest(
           CASE WHEN len(found) = 0 AND contains(replay, 'attributes') THEN ['*'] ELSE found END
       ), '''''', ''''), '~1', '/'), '~0', '~')) AS name
FROM (
    SELECT template_id, no, replay, list_distinct(
               regexp_extract_all(replay, 'json_extract\(attributes, ''/((?:[^'']|'''')*)''', 1)) AS found
    FROM template_table SEMI JOIN (FROM own_reader WHERE scope = 'replay') USING (template_id, no)
);
CREATE OR REPLACE TEMP TABLE own_looking AS
SELECT r.use_id, r.act_id, r.tx, r.dataset_id, r.nth, r.joined, l.name
FROM (FROM own_reader WHERE scope = 'replay') r JOIN own_look l USING (template_id, no);
CREATE OR REPLACE TEMP TABLE own_column AS
SELECT tx, dataset_id, name, min(nth) AS since, max(nth) AS until
FROM (SELECT tx, dataset_id, nth, unnest(columns) AS name FROM own_write WHERE alters)
GROUP BY tx, dataset_id, name;
"""
# A write that asks for what was changed before may have hit any row, as one does that has hit many.
WIDE = f"""
UPDATE own_write SET by_replay = false WHERE by_replay AND use_id IN (
    SELECT use_id FROM own_reader WHERE joined
    UNION ALL
    SELECT l.use_id FROM own_looking l JOIN own_column c ON c.tx = l.tx AND c.dataset_id = l.dataset_id
        AND c.since < l.nth AND (c.name = l.name OR '*' IN (c.name, l.name))
    UNION ALL
    SELECT use_id FROM use_binding JOIN (
        SELECT binding_id FROM replayed GROUP BY binding_id HAVING count(*) > {HITS_AT_MOST}
    ) USING (binding_id)
);
CREATE OR REPLACE TEMP TABLE own_wide AS
SELECT tx, dataset_id, name, min(nth) AS since
FROM (SELECT tx, dataset_id, nth, unnest(columns) AS name FROM own_write WHERE alters AND NOT by_replay)
GROUP BY tx, dataset_id, name;
CREATE OR REPLACE TEMP TABLE own_removal AS
SELECT tx, dataset_id, min(nth) FILTER (removes) AS removed_at,
       min(nth) FILTER (removes AND NOT by_replay) AS all_removed_at, min(nth) FILTER (adds) AS added_at,
       max(nth) FILTER (adds) AS added_last
FROM own_write GROUP BY tx, dataset_id;
"""
# How each read is to be looked at: `hit` (only what was), `wide` (all entries without what was set before), `joined`.
# `later`: what was set afterwards too, of entries that begin when the transaction ends.
_SAME = "c.tx = l.tx AND c.dataset_id = l.dataset_id AND (c.name = l.name OR '*' IN (c.name, l.name))"
NEEDS = f"""
CREATE OR REPLACE TEMP TABLE own_need AS
WITH told AS (
    SELECT l.use_id, bool_or(c.since < l.nth) AS hit, bool_or(c.until > l.nth) AS later
    FROM own_looking l JOIN own_column c ON {_SAME} WHERE NOT l.joined GROUP BY l.use_id
), wide AS (
    SELECT DISTINCT l.use_id FROM own_looking l JOIN own_wide c ON {_SAME} AND c.since < l.nth WHERE NOT l.joined
), joined AS (
    SELECT l.use_id FROM own_looking l JOIN own_column c ON c.tx = l.tx AND (c.name = l.name OR '*' IN (c.name, l.name))
    WHERE l.joined
    UNION
    SELECT use_id FROM own_reader SEMI JOIN (FROM own_write WHERE moves) USING (tx) WHERE joined
)
SELECT r.*, coalesce(m.removed_at < r.nth, false) AS removed, coalesce(m.all_removed_at < r.nth, false) AS all_removed,
       coalesce(m.added_at < r.nth, false) OR r.written = 'create' AS added,
       coalesce(m.added_last > r.nth, false) AS adds_later, coalesce(t.later, false) AND r.scope = 'replay' AS later,
       CASE WHEN r.scope <> 'replay' OR r.joined AND j.use_id IS NULL THEN 'none' WHEN r.joined THEN 'joined'
            WHEN w.use_id IS NOT NULL THEN 'wide' WHEN t.hit OR m.removed_at < r.nth THEN 'hit' ELSE 'none' END AS way
FROM own_reader r LEFT JOIN own_removal m ON m.tx = r.tx AND m.dataset_id = r.dataset_id
LEFT JOIN told t ON t.use_id = r.use_id LEFT JOIN wide w ON w.use_id = r.use_id
LEFT JOIN joined j ON j.use_id = r.use_id;
INSERT INTO own_view
SELECT use_id, CASE WHEN added THEN seen_to ELSE end_at END,
       CASE WHEN all_removed AND adds_later THEN {AFTER_ALL} WHEN all_removed OR removed AND way IN ('wide', 'joined')
            THEN seen_to ELSE end_at END,
       CASE WHEN removed AND NOT all_removed AND scope <> 'replay' THEN seen_to END
FROM own_need;
"""
# What may have been removed before all were read: of these it counts that they were there when the transaction ended.
# If it adds some afterwards, those that stayed may have been added again.
REMOVED_ENTRIES = f"""
CREATE OR REPLACE TEMP TABLE own_away AS
SELECT w.tx, w.dataset_id, p.entry_id, min(w.nth) AS since, bool_or(r.certain_to > u.seen_to) AS stayed
FROM own_write w JOIN use_binding b USING (use_id) JOIN replayed p USING (binding_id)
JOIN record r ON r.entry_id = p.entry_id AND r.dataset_id = w.dataset_id JOIN own_use u USING (use_id)
WHERE w.removes AND w.by_replay AND r.valid_from <= u.end_at
GROUP BY w.tx, w.dataset_id, p.entry_id;
INSERT INTO own_removed SELECT DISTINCT entry_id FROM own_away;
UPDATE own_view SET hit_to = {AFTER_ALL} WHERE hit_to IS NOT NULL AND use_id IN (
    SELECT n.use_id FROM own_need n JOIN (
        SELECT tx, dataset_id, min(since) AS since FROM own_away WHERE stayed GROUP BY tx, dataset_id
    ) s ON s.tx = n.tx AND s.dataset_id = n.dataset_id AND s.since < n.nth
    WHERE n.adds_later
);
UPDATE own_view SET kept_to = {AFTER_ALL} WHERE use_id IN (
    SELECT n.use_id FROM own_need n JOIN (
        SELECT tx, dataset_id, min(since) AS since FROM own_away WHERE stayed GROUP BY tx, dataset_id
    ) s ON s.tx = n.tx AND s.dataset_id = n.dataset_id AND s.since < n.nth
    WHERE n.adds_later AND n.way IN ('wide', 'joined')
)
"""
