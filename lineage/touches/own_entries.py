"""Entries as own writes leave them (see `own_replays`): without the columns that may be others by then."""

FIRST = 1 << 40  # numbers of what is only looked at here: datasets, entries and bindings
REMOVED = "chr(0)"
# Of each entry that was hit: from which write on it is to be looked at without which columns.
HIT = f"""
CREATE OR REPLACE TEMP TABLE own_mark AS
SELECT tx, dataset_id, entry_id, name, min(nth) AS since FROM (
    SELECT w.tx, w.dataset_id, p.entry_id, unnest(w.names) AS name, w.nth
    FROM (
        SELECT tx, dataset_id, nth, use_id, list_concat(CASE WHEN alters THEN columns ELSE [] END,
                                                        CASE WHEN removes THEN [{REMOVED}] ELSE [] END) AS names
        FROM own_write WHERE by_replay AND (alters OR removes)
    ) w SEMI JOIN (FROM own_need WHERE way = 'hit') n ON n.tx = w.tx AND n.dataset_id = w.dataset_id
    JOIN own_use u USING (use_id) JOIN told_act a USING (act_id) JOIN use_binding b USING (use_id)
    JOIN replayed p USING (binding_id) JOIN record r USING (entry_id)
    WHERE r.dataset_id = w.dataset_id AND r.valid_from <= a.end_at AND r.possible_to > a.start_at
) GROUP BY tx, dataset_id, entry_id, name;
CREATE OR REPLACE TEMP TABLE own_version AS
SELECT s.tx, s.dataset_id, s.entry_id, s.since, any_value(s.until) AS until,
       bool_or(m.name = {REMOVED}) AS removed,
       list(m.name ORDER BY m.name) FILTER (m.name <> {REMOVED}) AS columns
FROM (
    SELECT *, lead(since) OVER (PARTITION BY tx, dataset_id, entry_id ORDER BY since) AS until
    FROM (SELECT DISTINCT tx, dataset_id, entry_id, since FROM own_mark)
) s JOIN own_mark m ON m.tx = s.tx AND m.dataset_id = s.dataset_id AND m.entry_id = s.entry_id AND m.since <= s.since
GROUP BY s.tx, s.dataset_id, s.entry_id, s.since;
"""
# Entries that begin by the end of a transaction which set columns after a read: by their places in order of begin.
COME = """
CREATE OR REPLACE TEMP TABLE own_come AS
WITH asking AS (
    SELECT tx, dataset_id, min(end_at) AS since, max(seen_to) AS until FROM own_need WHERE later GROUP BY tx, dataset_id
), begun AS (
    SELECT dataset_id, entry_id, valid_from, row_number() OVER (PARTITION BY dataset_id ORDER BY valid_from, entry_id)
               AS place
    FROM record SEMI JOIN asking USING (dataset_id)
), counted AS (
    SELECT dataset_id, valid_from, max(place) AS place FROM begun GROUP BY dataset_id, valid_from
), span AS (
    SELECT a.tx, a.dataset_id, coalesce(f.place, 0) AS first, coalesce(l.place, 0) AS last
    FROM asking a ASOF LEFT JOIN counted f ON f.dataset_id = a.dataset_id AND f.valid_from <= a.since
    ASOF LEFT JOIN counted l ON l.dataset_id = a.dataset_id AND l.valid_from <= a.until
)
SELECT s.tx, s.dataset_id, b.entry_id, c.columns
FROM (SELECT tx, dataset_id, unnest(range(first + 1, last + 1)) AS place FROM span) s
JOIN begun b USING (dataset_id, place)
JOIN (SELECT tx, dataset_id, list(name ORDER BY name) AS columns FROM own_column GROUP BY tx, dataset_id) c
    USING (tx, dataset_id)
"""
# All entries of a dataset without the columns that reads look at which were set before (or, where tables are joined,
# ever); the datasets that are looked at instead of the real ones, numbered.
SETS = f"""
CREATE OR REPLACE TEMP TABLE own_stripped AS
SELECT l.use_id, c.dataset_id,
       CASE WHEN bool_or('*' IN (c.name, l.name)) THEN ['*'] ELSE list(DISTINCT c.name ORDER BY c.name) END AS columns
FROM own_looking l JOIN own_need n USING (use_id) JOIN own_column c ON c.tx = l.tx
    AND (c.name = l.name OR '*' IN (c.name, l.name))
    AND CASE n.way WHEN 'wide' THEN c.dataset_id = l.dataset_id AND c.since < l.nth ELSE n.way = 'joined' END
GROUP BY l.use_id, c.dataset_id;
CREATE OR REPLACE TEMP TABLE own_set AS
SELECT {FIRST} + row_number() OVER () AS set_id, * FROM (
    SELECT DISTINCT dataset_id, 'all' AS kind, NULL::BIGINT AS tx, columns FROM own_stripped
    UNION ALL SELECT DISTINCT dataset_id, 'hit', tx, NULL FROM own_version
    UNION ALL SELECT DISTINCT dataset_id, 'come', tx, NULL FROM own_come
);
"""
ENTRIES = f"""
CREATE OR REPLACE TEMP TABLE own_entry AS
SELECT {FIRST} + row_number() OVER () AS own_id, * FROM (
    SELECT s.set_id, s.dataset_id, s.kind, r.entry_id, s.columns, NULL::BIGINT AS since, NULL::BIGINT AS until,
           false AS removed
    FROM own_set s JOIN record r USING (dataset_id) WHERE s.kind = 'all'
    UNION ALL
    SELECT s.set_id, s.dataset_id, s.kind, v.entry_id, coalesce(v.columns, []), v.since, v.until, v.removed
    FROM own_set s JOIN own_version v USING (tx, dataset_id) WHERE s.kind = 'hit'
    UNION ALL
    SELECT s.set_id, s.dataset_id, s.kind, c.entry_id, c.columns, NULL, NULL, false
    FROM own_set s JOIN own_come c USING (tx, dataset_id) WHERE s.kind = 'come'
);
CREATE OR REPLACE TEMP TABLE own_attributes AS
WITH told AS (
    SELECT DISTINCT r.entry_id, e.columns, r.attributes FROM own_entry e JOIN record r USING (entry_id)
    WHERE list_contains(e.columns, '*')
        OR len(list_filter(json_keys(r.attributes), lambda name: list_contains(e.columns, lower(name)))) > 0
), kept AS (
    SELECT entry_id, columns, string_agg(to_json(j.key)::VARCHAR || ':' || j.value::VARCHAR, ',' ORDER BY j.key) AS body
    FROM told, json_each(told.attributes) j
    WHERE NOT list_contains(columns, '*') AND NOT list_contains(columns, lower(j.key))
    GROUP BY entry_id, columns
)
SELECT t.entry_id, t.columns, '{{' || coalesce(k.body, '') || '}}' AS attributes
FROM told t LEFT JOIN kept k USING (entry_id, columns);
CREATE OR REPLACE TEMP TABLE own_there AS
SELECT e.own_id AS entry_id, e.set_id AS dataset_id, r.key,
       CASE WHEN NOT list_contains(e.columns, '*') AND NOT coalesce(list_contains(e.columns, lower(d.key_field)), false)
            THEN d.key_field END AS key_field,
       coalesce(a.attributes, r.attributes) AS attributes, r.valid_from, r.certain_to, r.possible_to
FROM own_entry e JOIN record r USING (entry_id) JOIN dataset d ON d.dataset_id = e.dataset_id
LEFT JOIN own_attributes a ON a.entry_id = e.entry_id AND a.columns = e.columns;
"""
