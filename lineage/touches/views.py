"""Views: which datasets hold nothing, and which they show."""

# However deep a view's bases lie.
REACHED = """
WITH RECURSIVE reach(view_id, base_id, is_guess, is_told) AS (
    FROM view_step
    UNION
    SELECT r.view_id, s.base_id, r.is_guess OR s.is_guess, r.is_told AND s.is_told
    FROM reach r JOIN view_step s ON s.view_id = r.base_id
)
SELECT view_id, base_id, bool_and(is_guess) AS is_guess, bool_or(is_told) AS is_told
FROM reach GROUP BY view_id, base_id
"""
# SQL in a facet says of an output that it is a view where it names it, as of any other write. One that another run
# wrote as a table holds what that run wrote; what may have been makes none of a name that has entries or that runs
# write. Of a model dbt tells that it is one (`view-model`, without a template): it shows all that the model's run
# reads, and a name that was a table too may hold what that held.
BY_RUNS = """
CREATE OR REPLACE TEMP TABLE run_view AS
SELECT DISTINCT s.run, i.dataset, s.template_id, v.dataset_id, v.namespace, lower(v.name) AS name,
       t.sql_write IS NULL AND s.run IN (SELECT run FROM run_event WHERE type = 'COMPLETE')
           AND s.run NOT IN (SELECT run FROM run_event WHERE type IN ('FAIL', 'ABORT')) AS is_sure
FROM template_table t JOIN run_sql s USING (template_id)
JOIN run_io i ON i.run = s.run AND i.direction = 'output'
JOIN dataset_of o ON o.name_id = i.dataset JOIN dataset_name v ON v.told_id = o.dataset_id
    AND ends_with('.' || lower(v.name), '.' || lower(array_to_string(t.parts, '.')))
WHERE t.defines_view AND t.sql_write IS DISTINCT FROM 'temporary' AND NOT EXISTS (
    SELECT 1 FROM template_table o WHERE o.template_id = t.template_id AND len(o.parts) > len(t.parts)
        AND ends_with('.' || lower(v.name), '.' || lower(array_to_string(o.parts, '.')))
)
UNION
SELECT i.run, i.dataset, NULL, v.dataset_id, v.namespace, lower(v.name),
       i.run IN (SELECT run FROM run_event WHERE type = 'COMPLETE')
FROM run_io i SEMI JOIN (FROM note WHERE kind = 'view-model') n ON n.event_id = i.event_id
JOIN dataset_of o ON o.name_id = i.dataset JOIN dataset_name v ON v.told_id = o.dataset_id
WHERE i.direction = 'output';
CREATE OR REPLACE TEMP TABLE written_table AS
SELECT DISTINCT v.dataset_id
FROM run_io i JOIN dataset_of o ON o.name_id = i.dataset JOIN dataset_name v ON v.told_id = o.dataset_id
ANTI JOIN run_view r ON r.run = i.run AND r.dataset = i.dataset
WHERE i.direction = 'output';
CREATE OR REPLACE TEMP TABLE known_table AS
FROM written_table
UNION SELECT n.dataset_id FROM (SELECT DISTINCT dataset FROM entry) e
JOIN dataset_of o ON o.name_id = e.dataset JOIN dataset_name n ON n.told_id = o.dataset_id;
DELETE FROM run_view WHERE template_id IS NOT NULL AND dataset_id IN (SELECT dataset_id FROM written_table)
    OR NOT is_sure AND dataset_id IN (SELECT dataset_id FROM known_table);
"""
# What was refused made none. A base that is a guess (`meant_name`) is possibly read, and makes no view of what would be
# none without it.
STEPS = """
CREATE OR REPLACE TEMP TABLE view_step AS
SELECT view_id, base_id, bool_and(is_guess) AS is_guess, bool_or(is_told) AS is_told FROM (
    SELECT d.dataset_id AS view_id, b.dataset_id AS base_id, false AS is_guess, true AS is_told
    FROM dataset d JOIN catalog_view v ON v.no = d.catalog_no
    JOIN dataset_name b ON b.namespace = d.namespace AND b.name = v.base
    UNION ALL
    SELECT v.dataset_id, b.dataset_id, pb.is_guess OR pb.is_rival, NOT pb.is_guess
    FROM template_table tv
    JOIN template_table tb ON tb.template_id = tv.template_id AND tb.reads AND NOT tb.defines_view
    JOIN placed_name pv ON pv.template_id = tv.template_id AND pv.no = tv.no
    JOIN meant_name pb ON pb.template_id = tb.template_id AND pb.no = tb.no
        AND pb.namespace = pv.namespace AND pb.context = pv.context
    JOIN dataset_name v ON v.namespace = pv.namespace AND v.name = pv.name
    JOIN dataset_name b ON b.namespace = pb.namespace AND b.name = pb.name
    WHERE tv.defines_view AND pv.is_done
      AND (pv.is_sure AND tv.sql_write IS NULL OR v.dataset_id NOT IN (SELECT dataset_id FROM known_table))
    UNION ALL
    SELECT v.dataset_id, b.dataset_id, false, true
    FROM run_view v JOIN template_table t ON t.template_id = v.template_id AND t.reads AND NOT t.defines_view
    JOIN dataset_name b ON b.namespace = v.namespace AND lower(b.name) = placed_beside(v.name, t.parts)
    UNION ALL
    SELECT v.dataset_id, b.dataset_id, false, true
    FROM run_view v JOIN template_table t ON t.template_id = v.template_id AND t.reads AND NOT t.defines_view
    JOIN run_io i ON i.run = v.run AND i.direction = 'input'
    JOIN dataset_of o ON o.name_id = i.dataset JOIN dataset_name b ON b.told_id = o.dataset_id
        AND ends_with('.' || lower(b.name), '.' || lower(array_to_string(t.parts, '.')))
    UNION ALL
    SELECT v.dataset_id, b.dataset_id, false, true
    FROM run_view v JOIN run_io i ON i.run = v.run AND i.direction = 'input'
    JOIN dataset_of o ON o.name_id = i.dataset JOIN dataset_name b ON b.told_id = o.dataset_id
    WHERE v.template_id IS NULL AND b.dataset_id <> v.dataset_id
    UNION ALL
    SELECT v.dataset_id, b.dataset_id, false, true
    FROM (SELECT * FROM run_view WHERE template_id IS NULL) v
    JOIN (SELECT run, run AS above FROM run_sql UNION SELECT run, parent_run FROM run_parent) p ON p.above = v.run
    JOIN run_sql s ON s.run = p.run
    JOIN template_table t ON t.template_id = s.template_id AND t.reads AND NOT t.defines_view
    JOIN dataset_name b ON b.namespace = v.namespace AND lower(b.name) = placed_beside(v.name, t.parts)
        AND b.dataset_id <> v.dataset_id
) GROUP BY view_id, base_id;
"""
# Views of one another alone were not so at one time: they are left tables, to a view over them too.
RINGS = f"""
CREATE OR REPLACE TEMP TABLE view_ring AS
WITH reached AS ({REACHED})
SELECT view_id FROM reached WHERE is_told AND base_id = view_id
EXCEPT SELECT view_id FROM reached WHERE is_told AND base_id NOT IN (SELECT view_id FROM view_step);
DELETE FROM view_step WHERE view_id IN (FROM view_ring);
"""
# What was a table too at some time (by CREATE TABLE, or as what got the name later) holds what came into it, beside
# what it may show; but not what the catalog says is a view.
SOMETIMES = """
CREATE OR REPLACE TEMP TABLE sometime_table AS
SELECT named AS dataset_id FROM renamed
UNION SELECT n.dataset_id FROM template_table t JOIN placed_name p USING (template_id, no)
JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
WHERE t.write = 'create' AND t.sql_write = 'overwrite' AND p.is_done
UNION SELECT dataset_id FROM run_view WHERE template_id IS NULL AND dataset_id IN (SELECT dataset_id FROM written_table)
EXCEPT SELECT d.dataset_id FROM dataset d JOIN catalog_view v ON v.no = d.catalog_no;
CREATE OR REPLACE TEMP TABLE only_view AS
SELECT view_id AS dataset_id FROM view_step EXCEPT FROM sometime_table;
"""
# A view that gets another name shows the same there, and what shows a table may show it under the new one: possibly,
# since what is called so when is not followed, and under the old one possibly no longer, but where the catalog says so.
UNDER_OTHER_NAMES = """
UPDATE view_step SET is_guess = true
WHERE view_id IN (FROM sometime_table)
    OR base_id IN (SELECT previous FROM renamed)
    AND view_id NOT IN (SELECT d.dataset_id FROM dataset d JOIN catalog_view v ON v.no = d.catalog_no);
INSERT INTO view_step
WITH RECURSIVE step(view_id, base_id) AS (
    SELECT view_id, base_id FROM view_step
    UNION
    SELECT CASE r.previous WHEN s.view_id THEN r.named ELSE s.view_id END,
           CASE r.previous WHEN s.base_id THEN r.named ELSE s.base_id END
    FROM step s JOIN renamed r ON r.previous IN (s.view_id, s.base_id)
)
SELECT view_id, base_id, true, false FROM step ANTI JOIN view_step USING (view_id, base_id);
"""
# A table is called DATABASE.SCHEMA.TABLE in these systems. Where a name lacks the schema (Spark tells what it is given
# as `dbtable`), what is called so in any schema of the database is possibly meant: it is read as what a view may show.
UNQUALIFIED = """
CREATE OR REPLACE TEMP TABLE unqualified AS
WITH named AS (
    SELECT dataset_id, namespace, string_split(lower(name), '.') AS parts FROM dataset_name
    WHERE regexp_matches(namespace, '^(postgres|postgresql|redshift|mssql|sqlserver|snowflake)://')
)
SELECT DISTINCT s.dataset_id AS short_id, n.dataset_id AS meant_id
FROM named s JOIN named n ON n.namespace = s.namespace AND n.parts[1] = s.parts[1] AND n.parts[3] = s.parts[2]
WHERE len(s.parts) = 2 AND len(n.parts) = 3 AND n.dataset_id <> s.dataset_id;
INSERT INTO view_step SELECT short_id, meant_id, true, false FROM unqualified
ANTI JOIN view_step v ON v.view_id = short_id AND v.base_id = meant_id;
"""
# A view holds nothing: its bases, however deep, are what is read.
BASES = f"""
CREATE OR REPLACE TABLE view_base AS
SELECT view_id, base_id, is_guess FROM ({REACHED}) WHERE view_id <> base_id ORDER BY ALL;
UPDATE dataset SET is_view = dataset_id IN (FROM only_view), has_bases = true
WHERE dataset_id IN (SELECT view_id FROM view_base);
"""
VIEWS = (BY_RUNS, STEPS, RINGS, SOMETIMES, UNDER_OTHER_NAMES, UNQUALIFIED, BASES)
# Views of which a log tells no more than that (they were made before it begins). Any table that a statement reads
# beside one of them may be its base, and then rows of it are read that the text does not ask for.
SHOWN = """
CREATE OR REPLACE TEMP TABLE beside_view AS
SELECT p.template_id, p.namespace, p.context, list(n.dataset_id) AS views
FROM meant_name p JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
SEMI JOIN (
    SELECT t.dataset_id
    FROM sourced_access a SEMI JOIN (FROM note WHERE kind = 'view') v ON v.event_id = a.event_id
    JOIN place_of t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
    EXCEPT SELECT view_id FROM view_base WHERE NOT is_guess
) s ON s.dataset_id = n.dataset_id
GROUP BY p.template_id, p.namespace, p.context
"""
