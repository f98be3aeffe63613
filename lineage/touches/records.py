"""Records as their entries told them, and which environment was looked into."""

from lineage.names import AFTER_ALL

SUBJECTS = """
CREATE OR REPLACE TEMP TABLE subject_of AS
SELECT name_id, row_number() OVER (ORDER BY name) AS subject_id, name AS id FROM name WHERE kind = 'data_subject';
CREATE OR REPLACE TABLE data_subject AS SELECT subject_id, id FROM subject_of ORDER BY subject_id;
CREATE OR REPLACE TABLE subject_jurisdiction AS
SELECT DISTINCT o.subject_id, s.jurisdiction FROM subject s JOIN subject_of o ON o.name_id = s.data_subject
WHERE s.jurisdiction IS NOT NULL ORDER BY ALL;
"""
# A record of nobody has the subject 0. One entry told several times: certainly there in the intersection of the
# intervals, possibly in the union; an attribute on which the tellings differ is not held.
ENTRIES = f"""
CREATE OR REPLACE TEMP TABLE told_entry AS
SELECT n.dataset_id, e.key, coalesce(o.subject_id, 0) AS subject_id,
       instant_of(e.valid_from, e.zoned, e.timezone) AS valid_from,
       coalesce(instant_of(e.valid_to, e.zoned, e.timezone), {AFTER_ALL}) AS valid_to,
       coalesce(earliest_of(e.valid_to, e.zoned, e.timezone), {AFTER_ALL}) AS certain_to,
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
    SELECT DISTINCT t.dataset_id, t.key, t.subject_id, t.valid_from, j.key AS field, j.value::VARCHAR AS value,
           CASE WHEN j.type IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')
                THEN concat(TRY_CAST(j.value::VARCHAR AS DECIMAL(38, 9)), ' ', TRY_CAST(j.value::VARCHAR AS DOUBLE))
                ELSE j.value::VARCHAR END AS worth
    FROM told_entry t SEMI JOIN differing d USING (dataset_id, key, subject_id, valid_from),
         json_each(t.attributes) j
), same AS (
    SELECT dataset_id, key, subject_id, valid_from, field, min(value) AS value
    FROM value GROUP BY ALL HAVING count(DISTINCT worth) = 1
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
    SELECT dataset_id, key, subject_id, valid_from, min(certain_to) AS certain_to, max(valid_to) AS possible_to,
           min(attributes) AS attributes
    FROM told_entry WHERE valid_from IS NOT NULL GROUP BY dataset_id, key, subject_id, valid_from
) t
LEFT JOIN agreed a USING (dataset_id, key, subject_id, valid_from)
ORDER BY entry_id;
UPDATE dataset SET has_entries = true WHERE dataset_id IN (SELECT dataset_id FROM record);
CREATE OR REPLACE TEMP TABLE record_key AS SELECT DISTINCT dataset_id, key, key_no FROM record;
CREATE OR REPLACE TABLE entry_event AS
SELECT r.entry_id, t.event_id FROM told_entry t JOIN record r USING (dataset_id, key, subject_id, valid_from)
ORDER BY ALL;
"""
# Which environment was looked into, when.
SNAPSHOTS = """
CREATE OR REPLACE TABLE taken AS
SELECT s.event_id, n.name AS environment, instant_of(s.taken_at, s.zoned, s.timezone) AS taken_at
FROM sourced_snapshot s JOIN name n ON n.name_id = s.environment
WHERE instant_of(s.taken_at, s.zoned, s.timezone) IS NOT NULL ORDER BY environment, taken_at;
"""
