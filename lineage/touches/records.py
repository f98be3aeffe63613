"""Records as their entries told them, and the replay of statements against them."""

from lineage.names import AFTER_ALL
from lineage.store import Store

SUBJECTS = """
CREATE OR REPLACE TEMP TABLE subject_of AS
SELECT name_id, row_number() OVER (ORDER BY name) AS subject_id, name AS id FROM name WHERE kind = 'data_subject';
CREATE OR REPLACE TABLE data_subject AS SELECT subject_id, id FROM subject_of ORDER BY subject_id;
CREATE OR REPLACE TABLE subject_jurisdiction AS
SELECT DISTINCT o.subject_id, s.jurisdiction FROM subject s JOIN subject_of o ON o.name_id = s.data_subject
WHERE s.jurisdiction IS NOT NULL ORDER BY ALL;
"""
# A record of nobody has the subject 0. One entry told several times: certainly there in the
# intersection of the intervals, possibly in the union;
# an attribute on which the tellings differ is not held.
ENTRIES = f"""
CREATE OR REPLACE TEMP TABLE told_entry AS
SELECT n.dataset_id, e.key, coalesce(o.subject_id, 0) AS subject_id,
       instant_of(e.valid_from, e.zoned, e.timezone) AS valid_from,
       coalesce(instant_of(e.valid_to, e.zoned, e.timezone), {AFTER_ALL}) AS valid_to,
       coalesce(e.attributes, '{{}}') AS attributes, e.event_id
FROM sourced_entry e
JOIN dataset_of d ON d.name_id = e.dataset JOIN dataset_name n ON n.told_id = d.dataset_id
LEFT JOIN subject_of o ON o.name_id = e.data_subject;
INSERT INTO held SELECT event_id, 'time-zone' FROM told_entry WHERE valid_from IS NULL;
CREATE OR REPLACE TEMP TABLE agreed AS
WITH differing AS (
    SELECT dataset_id, key, subject_id, valid_from FROM told_entry
    GROUP BY ALL HAVING count(DISTINCT attributes) > 1
), value AS (
    SELECT DISTINCT t.dataset_id, t.key, t.subject_id, t.valid_from, j.key AS field, j.value::VARCHAR AS value
    FROM told_entry t SEMI JOIN differing d USING (dataset_id, key, subject_id, valid_from),
         json_each(t.attributes) j
), same AS (
    SELECT dataset_id, key, subject_id, valid_from, field, any_value(value) AS value
    FROM value GROUP BY ALL HAVING count(*) = 1
)
SELECT d.*, coalesce(s.attributes, '{{}}') AS attributes
FROM differing d
LEFT JOIN (
    SELECT dataset_id, key, subject_id, valid_from,
           '{{' || string_agg(to_json(field)::VARCHAR || ':' || value, ',' ORDER BY field) || '}}' AS attributes
    FROM same GROUP BY ALL
) s USING (dataset_id, key, subject_id, valid_from);
CREATE OR REPLACE TABLE record AS
SELECT row_number() OVER (ORDER BY t.dataset_id, t.key, t.subject_id, t.valid_from) AS entry_id,
       dense_rank() OVER (ORDER BY t.dataset_id, t.key) AS key_no,
       t.dataset_id, t.key, t.subject_id, t.valid_from,
       t.certain_to, t.possible_to, coalesce(a.attributes, t.attributes) AS attributes
FROM (
    SELECT dataset_id, key, subject_id, valid_from, min(valid_to) AS certain_to, max(valid_to) AS possible_to,
           min(attributes) AS attributes
    FROM told_entry WHERE valid_from IS NOT NULL GROUP BY dataset_id, key, subject_id, valid_from
) t
LEFT JOIN agreed a USING (dataset_id, key, subject_id, valid_from)
ORDER BY entry_id;
CREATE OR REPLACE TEMP TABLE record_key AS SELECT DISTINCT dataset_id, key, key_no FROM record;
CREATE OR REPLACE TABLE entry_event AS
SELECT r.entry_id, t.event_id FROM told_entry t JOIN record r USING (dataset_id, key, subject_id, valid_from)
ORDER BY ALL;
"""
REPLAYS = "SELECT DISTINCT template_id, no FROM use_binding ORDER BY ALL"
REPLAYED = """
CREATE OR REPLACE TABLE replayed (binding_id BIGINT, entry_id BIGINT, truth VARCHAR)
"""
BOUND = """
CREATE OR REPLACE TEMP TABLE bound_statement AS
SELECT DISTINCT binding_id, dataset_id, literals, bound, namespace, context, start_at, end_at
FROM use_binding WHERE template_id = $template_id AND no = $no
"""
# The datasets that a template's tables are, for one context at a time: the same shape may be logged by many.
PLACED = """
SELECT DISTINCT p.namespace, p.context, p.no, n.dataset_id
FROM placed_name p JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
JOIN (SELECT DISTINCT namespace, context FROM bound_statement) b
    ON b.namespace = p.namespace AND b.context = p.context
WHERE p.template_id = $template_id ORDER BY ALL
"""
THERE = """
CREATE OR REPLACE TEMP TABLE there_{no} AS
SELECT r.entry_id, r.key, d.key_field, r.attributes, r.valid_from, r.certain_to, r.possible_to
FROM record r JOIN dataset d USING (dataset_id) WHERE dataset_id = $dataset_id
"""
INDEXED = """
CREATE OR REPLACE TEMP TABLE indexed_{no} AS SELECT indexed AS complete FROM dataset
WHERE dataset_id = $dataset_id
"""
BOUND_HERE = """
CREATE OR REPLACE TEMP TABLE bound_statement AS
SELECT binding_id, literals, bound, start_at, end_at FROM all_bound
WHERE namespace = $namespace AND context = $context
"""


def replay_statements(store: Store) -> None:
    """Fill `replayed` with the records for which each bound statement is TRUE ('T') or UNKNOWN ('U').

    Set-based: one query for each template, table and place; nothing is parsed here.
    """
    store.run(REPLAYED)
    for template_id, no in store.rows(REPLAYS):
        replay = store.one(
            "SELECT replay FROM template_table WHERE template_id = $template_id AND no = $no",
            template_id=template_id, no=no,
        )[0]  # fmt: skip
        store.run(BOUND, template_id=template_id, no=no)
        places: dict[tuple[str, tuple[str, ...]], dict[int, int]] = {}
        for namespace, context, table, dataset_id in store.rows(PLACED, template_id=template_id):
            places.setdefault((namespace, tuple(context)), {})[table] = dataset_id
        store.run("CREATE OR REPLACE TEMP TABLE all_bound AS FROM bound_statement")
        for (namespace, context), tables in places.items():
            for table, dataset_id in tables.items():
                store.run(THERE.format(no=int(table)), dataset_id=dataset_id)
                store.run(INDEXED.format(no=int(table)), dataset_id=dataset_id)
            store.run(BOUND_HERE, namespace=namespace, context=list(context))
            store.run(f"INSERT INTO replayed {replay}")


# Which environment was looked into, when.
SNAPSHOTS = """
CREATE OR REPLACE TABLE taken AS
SELECT s.event_id, n.name AS environment, instant_of(s.taken_at, s.zoned, s.timezone) AS taken_at
FROM sourced_snapshot s JOIN name n ON n.name_id = s.environment
WHERE instant_of(s.taken_at, s.zoned, s.timezone) IS NOT NULL ORDER BY environment, taken_at;
"""
