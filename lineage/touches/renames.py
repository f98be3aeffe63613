"""Renames that statements tell of: what a table held goes on under its new name.

They are no touch: nobody reads or writes a record by them. What flows is as of a DatasetEvent's RENAME.
"""

from lineage.touches.numbering import FACET_CHANGES, STATEMENT_CHANGES
from lineage.touches.operations import REFUSED, UNCHANGING
from lineage.touches.places import meant_in
from lineage.touches.run_sql import pairs_of

TOLD = """
CREATE OR REPLACE TEMP TABLE rename_told AS
SELECT t.template_id, t.no, t.parts, f.no AS old_no, f.parts AS old_parts
FROM (SELECT template_id, no, parts, unnest(renames) AS old_no FROM template_table) t
JOIN template_table f ON f.template_id = t.template_id AND f.no = t.old_no;
"""
# Which dataset may be called how from then on, by a statement in one context. A bare name keeps its schema: names that
# are guesses only go together where they lie in one.
BY_STATEMENT = f"""
CREATE OR REPLACE TEMP TABLE renamed_by_statement AS
WITH meant AS ({meant_in("rename_told")})
SELECT r.template_id, n.namespace, n.context, o.told_id AS previous, n.told_id AS named,
       n.is_guess AND n.is_rival OR o.is_guess AND o.is_rival AS is_rival
FROM rename_told r JOIN meant n USING (template_id, no)
JOIN meant o ON o.template_id = r.template_id AND o.no = r.old_no AND o.namespace = n.namespace
    AND o.context = n.context
WHERE r.parts[:-2] <> r.old_parts[:-2] OR n.schema = o.schema OR NOT (n.is_guess OR o.is_guess)
    OR ends_with(n.schema, '.pg_temp.') OR ends_with(o.schema, '.pg_temp.');
"""
# Where a schema gets another name, each table of it that is known under both goes on there.
SCHEMAS = """
INSERT INTO renamed_by_statement
WITH said AS (
    SELECT DISTINCT p.namespace, p.context, r.template_id, len(p.above) > 0 AS is_placed,
           array_to_string(p.above[1:greatest(0, len(p.above) + 1 - len(r.parts))] || r.parts[:-2], '.') AS schema,
           array_to_string(p.above[1:greatest(0, len(p.above) + 1 - len(r.old_parts))] || r.old_parts[:-2], '.')
               AS old_schema
    FROM rename_told r JOIN (
        SELECT *, list_filter(context, lambda part: NOT starts_with(part, chr(0))) AS above FROM stated_place
    ) p USING (template_id)
    WHERE r.parts[-1] = '*'
), lying AS (
    SELECT namespace, told_id, array_to_string(string_split(name, '.')[:-2], '.') AS schema,
           string_split(name, '.')[-1] AS bare
    FROM dataset_name
)
SELECT s.template_id, s.namespace, s.context, o.told_id, n.told_id, false
FROM said s
JOIN lying o ON o.namespace = s.namespace
    AND (o.schema = s.old_schema OR NOT s.is_placed AND ends_with(o.schema, '.' || s.old_schema))
JOIN lying n ON n.namespace = o.namespace AND n.bare = o.bare
    AND n.schema = left(o.schema, length(o.schema) - length(s.old_schema)) || s.schema;
"""
# What the run read under the old name and wrote under the new is its own flow.
BY_RUN = f"""
CREATE OR REPLACE TEMP TABLE renamed_by_run AS
SELECT run, other_told_id AS previous, told_id AS named, arg_min(event_id, digest) AS event_id
FROM ({pairs_of("rename_told", "old_parts")}) GROUP BY run, other_told_id, told_id;
DELETE FROM renamed_by_run r
WHERE EXISTS (SELECT 1 FROM run_io i JOIN dataset_of d ON d.name_id = i.dataset
              WHERE i.run = r.run AND i.direction = 'input' AND d.dataset_id = r.previous)
  AND EXISTS (SELECT 1 FROM run_io i JOIN dataset_of d ON d.name_id = i.dataset
              WHERE i.run = r.run AND i.direction = 'output' AND d.dataset_id = r.named);
"""
CALLED = """
CREATE OR REPLACE TEMP TABLE renamed AS
SELECT DISTINCT o.dataset_id AS previous, n.dataset_id AS named
FROM (
    SELECT r.previous, r.named FROM renamed_by_statement r
    SEMI JOIN (FROM stated_place WHERE is_done) p USING (template_id, namespace, context)
    UNION SELECT previous, named FROM renamed_by_run
) r JOIN dataset_name o ON o.told_id = r.previous JOIN dataset_name n ON n.told_id = r.named;
"""
RENAMED = (TOLD, BY_STATEMENT, SCHEMAS, BY_RUN, CALLED)

# Each at its instant, known by the least of the events that tell it. What was the old name's may be gone, or another
# table's: it stands in the way of what is certain there.
CHANGED = f"""
INSERT INTO change
SELECT {STATEMENT_CHANGES} + row_number() OVER (ORDER BY start_at, end_at, named, previous), start_at, end_at, 'RENAME',
       named, previous, event_id
FROM (
    SELECT a.start_at, a.end_at, r.named, r.previous, arg_min(a.event_id, e.digest) AS event_id
    FROM told_act a JOIN renamed_by_statement r USING (template_id, namespace, context) JOIN event e USING (event_id)
    WHERE a.outcome NOT IN {REFUSED} AND a.operation NOT IN {UNCHANGING}
      AND (a.is_nowhere OR NOT r.is_rival)
    GROUP BY ALL
);
INSERT INTO change
SELECT {FACET_CHANGES} + row_number() OVER (ORDER BY r.run_id, named, previous), r.start_at, r.end_at, 'RENAME',
       named, previous, event_id
FROM renamed_by_run b JOIN run_of o ON o.name_id = b.run JOIN run r ON r.run_id = o.run_id;
CREATE OR REPLACE TEMP TABLE moved AS
SELECT DISTINCT n.dataset_id, c.start_at, c.end_at
FROM change c JOIN dataset_name n ON n.told_id = c.previous WHERE c.number > {STATEMENT_CHANGES};
"""
