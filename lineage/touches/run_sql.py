"""SQL in a facet of a run: where the tables lie that it names, and what it says of the run's outputs."""

# Where a table that the SQL names lies, an input or output of the run tells, or of a run above (`teller`), as where dbt
# tells each statement of a model as a run of its own: the name has the leading parts of theirs that it lacks, in
# whatever case. (`name` in the view is in lower case. A path says nothing of where tables lie.)
PLACED = """
CREATE OR REPLACE TEMP MACRO placed_beside(name, parts) AS array_to_string(
    string_split(name, '.')[:-(len(parts) + 1)] || list_transform(parts, lambda part: lower(part)), '.'
);
CREATE OR REPLACE TEMP VIEW sql_beside AS
SELECT s.run, s.event_id, s.template_id, t.teller, n.namespace, lower(n.name) AS name
FROM run_sql s
JOIN (SELECT run, run AS teller FROM run_sql UNION SELECT run, parent_run FROM run_parent) t USING (run)
JOIN run_io i ON i.run = t.teller
JOIN dataset_of d ON d.name_id = i.dataset JOIN dataset_name n ON n.told_id = d.dataset_id AND NOT contains(n.name, '/')
"""


def pairs_of(told: str, others: str) -> str:
    """SELECT of two tables that one statement names (``told`` has their names in ``parts`` and in the column
    ``others``), where SQL in a facet tells it: one of the names is that of the input or output which says where both
    lie. Columns are those of ``told``, the run and the event, and of both tables told_id and dataset_id."""
    return f"""
    SELECT t.*, e.digest, n.told_id, n.dataset_id, o.told_id AS other_told_id, o.dataset_id AS other_id
    FROM (
        SELECT DISTINCT t.*, s.run, s.event_id, s.namespace, s.name, placed_beside(s.name, t.parts) AS called,
               placed_beside(s.name, t.{others}) AS other_called
        FROM {told} t JOIN sql_beside s USING (template_id)
    ) t JOIN event e USING (event_id)
    JOIN dataset_name n ON n.namespace = t.namespace AND lower(n.name) = t.called
    JOIN dataset_name o ON o.namespace = t.namespace AND lower(o.name) = t.other_called
    WHERE t.name IN (t.called, t.other_called)"""


# SQL in a facet says something about an output only where it names it: its parts end the output's name, or one that a
# symlink joins to it (Spark tells a table as the path of its files, Glue one as table/DATABASE/NAME), where they may
# begin with a catalog that the name lacks. A name known by symlink makes no barrier. Of several names in it the longest
# means the output; one that means several outputs may be either.
SAYS = """
CREATE OR REPLACE TEMP TABLE sql_says AS
WITH called AS (
    SELECT run_id, told_id, dataset_id, '.' || lower(name) AS name, true AS is_own
    FROM run_part WHERE direction = 'output'
    UNION
    SELECT p.run_id, p.told_id, p.dataset_id, '.' || replace(regexp_replace(lower(n.name), '^table/', ''), '/', '.'),
           false
    FROM run_part p JOIN dataset_name n USING (dataset_id)
    WHERE p.direction = 'output' AND (n.told_id <> p.told_id OR contains(n.name, '/'))
), named AS (
    SELECT c.run_id, c.told_id, c.dataset_id, c.is_own, t.write, t.sql_write,
           lower(array_to_string(t.parts, '.')) AS said,
           len(t.parts) = max(len(t.parts)) OVER (PARTITION BY c.run_id, c.told_id) AS is_longest
    FROM called c
    JOIN (SELECT DISTINCT o.run_id, s.template_id FROM run_sql s JOIN run_of o ON o.name_id = s.run) q USING (run_id)
    JOIN template_table t ON t.template_id = q.template_id
        AND (ends_with(c.name, '.' || lower(array_to_string(t.parts, '.')))
             OR NOT c.is_own AND contains(c.name[2:], '.')
                 AND ends_with('.' || lower(array_to_string(t.parts, '.')), c.name))
    WHERE t.sql_write IS DISTINCT FROM 'temporary'
), meant AS (
    SELECT *, min(dataset_id) OVER same <> max(dataset_id) OVER same AS several
    FROM named WHERE is_longest AND (write IS NOT NULL OR sql_write IS NOT NULL)
    WINDOW same AS (PARTITION BY run_id, said)
)
SELECT run_id, told_id, bool_or(several OR sql_write = 'unknown') AS partial,
       bool_or(sql_write = 'overwrite' AND is_own) AS replaced, bool_and(coalesce(sql_write, '') = 'append') AS appended
FROM meant GROUP BY run_id, told_id
"""
# The tables that SQL in facets may mean, and what it does with each: for the run, and for that whose inputs or outputs
# tell where the table lies. Where none does it may be whatever is called so (Airflow tells nothing of a query with
# values beside it, as for %s): for the run, and for the task of which it is a query.
#   Of what one text does with a table only the strongest is told: that deletes may insert afterwards.
MEANT = """
CREATE OR REPLACE TEMP TABLE sql_meant AS
WITH done AS (
    SELECT template_id, parts, reads AND NOT defines_view AS reads,
           write IS NOT NULL AND NOT defines_view AS writes,
           coalesce(write = 'delete' OR write = 'create' AND sql_write IS DISTINCT FROM 'overwrite', false) AS inserts,
           fields
    FROM template_table WHERE sql_write IS DISTINCT FROM 'temporary' AND parts[-1] <> '*'
), called AS (
    SELECT told_id, dataset_id, '.' || lower(name) AS name, lower(string_split(name, '.')[-1]) AS bare FROM dataset_name
), alone AS (
    SELECT s.event_id, s.template_id, o.run_id FROM run_sql s JOIN run_of o ON o.name_id = s.run
    ANTI JOIN sql_beside b USING (event_id)
)
SELECT o.run_id, b.event_id, n.dataset_id, n.told_id, t.reads, t.writes, t.inserts, t.fields
FROM (SELECT unnest([run, teller]) AS run, event_id, template_id, namespace, name FROM sql_beside) b
JOIN run_of o ON o.name_id = b.run JOIN done t USING (template_id)
JOIN dataset_name n ON n.namespace = b.namespace AND lower(n.name) = placed_beside(b.name, t.parts)
UNION
SELECT unnest([a.run_id, q.task_id]), a.event_id, n.dataset_id, n.told_id, t.reads, t.writes, t.inserts, t.fields
FROM alone a JOIN done t USING (template_id)
JOIN called n ON n.bare = lower(t.parts[-1]) AND ends_with(n.name, '.' || lower(array_to_string(t.parts, '.')))
LEFT JOIN query_run q ON q.run_id = a.run_id AND q.is_part
"""
# A table that the SQL reads, and the events name as no input of the run (dbt tells no seeds, and no tables that a model
# names itself), it reads possibly; one that it writes, and no event names as an output, it writes possibly. The least
# of the events with that SQL stands for it.
READS = """
CREATE OR REPLACE TABLE sql_read AS
SELECT m.run_id, m.dataset_id, m.told_id, arg_min(e.event_id, e.digest) AS event_id
FROM sql_meant m JOIN event e USING (event_id)
WHERE m.reads AND m.run_id IS NOT NULL GROUP BY ALL ORDER BY ALL;
CREATE OR REPLACE TABLE sql_write AS
SELECT run_id, dataset_id, told_id, arg_min(event_id, digest) AS event_id
FROM (
    SELECT m.*, e.digest, bool_or(p.run_id IS NOT NULL) OVER (PARTITION BY m.event_id, m.dataset_id) AS is_told
    FROM sql_meant m JOIN event e USING (event_id)
    LEFT JOIN (SELECT DISTINCT run_id, dataset_id FROM run_part WHERE direction = 'output') p USING (run_id, dataset_id)
    WHERE m.writes AND m.run_id IS NOT NULL
)
WHERE NOT is_told GROUP BY ALL ORDER BY ALL;
"""
