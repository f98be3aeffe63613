"""Places: where the datasets lie that sources name, and the tables that statements name, for sure or as a guess."""

from lineage.touches.operations import REFUSED

# The context that an access `a` has beside the rows of its call (`b`): see CALLS.
BESIDE = """LEFT JOIN beside b ON b.template_id = a.template_id AND b.session = a.session_row.session
    AND b.statement = a.session_row.statement AND b.vxid IS NOT DISTINCT FROM a.session_row.vxid
    AND b.source_no IS NOT DISTINCT FROM a.source_no"""
# A dataset of a source that does not know its own address has the namespace '' and gets the source's.
TOLD = """
CREATE OR REPLACE TEMP TABLE told_place AS
SELECT p.name_id, p.source_no, coalesce(nullif(n.namespace, ''), p.source_namespace) AS namespace, n.name
FROM (SELECT DISTINCT dataset AS name_id, source_no, source_namespace FROM sourced_access WHERE dataset IS NOT NULL) p
JOIN name n USING (name_id);
CREATE OR REPLACE TEMP TABLE template_name AS
SELECT template_id, list('.' || array_to_string(parts, '.') ORDER BY len(parts) DESC, no) AS names
FROM template_table GROUP BY template_id;
CREATE OR REPLACE TEMP TABLE exact_dataset AS
SELECT no, namespace, name FROM catalog_dataset
WHERE NOT regexp_matches(namespace || name, '[*?\\[]');
"""
# Where a row names what lies elsewhere, the context of its call goes on with all that rows name and the text too, each
# after a NUL, which no name holds. A row says that of the longest name that may mean it, and of its own text alone:
# triggers and functions have other texts in the same call. What is temporary has a NUL more: that is what its bare name
# means then. (Only calls whose rows name what lies elsewhere or has a namesake are looked at for what their rows tell.)
CALLS = """
CREATE OR REPLACE TEMP TABLE beside AS
WITH namesake AS (
    SELECT bare FROM (
        SELECT parts[-1] AS bare, parts[-2] AS schema FROM (
            SELECT string_split(name, '.') AS parts FROM (
                SELECT name FROM name WHERE kind = 'dataset'
                UNION SELECT name FROM exact_dataset
                UNION SELECT base FROM catalog_view
            )
        )
        UNION
        SELECT parts[-1], CASE WHEN sql_write = 'temporary' THEN 'pg_temp' ELSE parts[-2] END FROM template_table
    ) GROUP BY bare HAVING min(schema) <> max(schema)
), told AS (
    SELECT a.source_no, a.session_row.session AS session, a.session_row.vxid AS vxid,
           a.session_row.statement AS statement, a.session_row.part AS part, a.template_id, a.context,
           CASE WHEN starts_with(n.parts[-2], 'pg_temp') THEN chr(0) || n.parts[-1] ELSE n.name END AS name,
           n.parts[:-2] <> a.context OR k.bare IS NOT NULL AS tells
    FROM sourced_access a JOIN (
        SELECT name_id, name, string_split(name, '.') AS parts FROM name WHERE kind = 'dataset'
    ) n ON n.name_id = a.dataset
    LEFT JOIN namesake k ON k.bare = n.parts[-1]
    WHERE a.session_row.statement IS NOT NULL
), telling AS (
    SELECT DISTINCT source_no, session, vxid, statement FROM told WHERE tells
), near AS (
    SELECT t.* FROM told t JOIN telling e ON t.session = e.session AND t.statement = e.statement
        AND t.vxid IS NOT DISTINCT FROM e.vxid AND t.source_no IS NOT DISTINCT FROM e.source_no
), texts AS (
    SELECT DISTINCT source_no, session, vxid, statement, part, template_id FROM near WHERE template_id IS NOT NULL
), call AS (
    SELECT x.source_no, x.session, x.vxid, x.statement, x.template_id, min(t.context) AS context,
           list_sort(list(DISTINCT t.name)) AS rows
    FROM texts x JOIN near t ON t.session = x.session AND t.statement = x.statement
        AND t.vxid IS NOT DISTINCT FROM x.vxid AND t.source_no IS NOT DISTINCT FROM x.source_no
        AND t.part IS NOT DISTINCT FROM x.part AND coalesce(t.template_id, x.template_id) = x.template_id
    GROUP BY ALL HAVING bool_or(t.tells)
)
SELECT c.* EXCLUDE (rows) REPLACE (c.context || list_transform(
           list_filter(c.rows, lambda row:
               len(list_filter(n.names, lambda name: ends_with('.' || ltrim(row, chr(0)), name))) > 0),
           lambda row: chr(0) || row) AS context)
FROM call c JOIN template_name n USING (template_id);
"""
# What the statement that makes a temporary table reads under its name is another table: one of its own, with a number
# below 0. (What a statement says of all tables of a schema names none of them. The database's own tables are passed
# over, as rows of a log that name one are.)
OF_CATALOG = "('pg_catalog', 'information_schema')"
STATED = f"""
CREATE OR REPLACE TEMP TABLE stated_place AS
SELECT coalesce(t.namespace, a.source_namespace) AS namespace, coalesce(b.context, a.context, []) AS context,
       a.template_id, bool_or(a.outcome NOT IN {REFUSED}) AS is_done,
       bool_or(a.outcome = 'success' AND u.event_id IS NULL) AS is_sure
FROM sourced_access a
LEFT JOIN undone u USING (event_id)
LEFT JOIN told_place t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
{BESIDE}
WHERE a.template_id IS NOT NULL AND coalesce(t.namespace, a.source_namespace) IS NOT NULL
GROUP BY ALL;
CREATE OR REPLACE TEMP VIEW stated_table AS
WITH told AS (
    SELECT template_id, no, parts, reads, write, sql_write, defines_view, fields, scope,
           reads AND NOT defines_view AND sql_write IS NOT DISTINCT FROM 'temporary' AS is_both
    FROM template_table WHERE parts[-1] <> '*' AND NOT (len(parts) > 1 AND lower(parts[-2]) IN {OF_CATALOG})
)
SELECT * EXCLUDE (is_both) REPLACE (reads AND NOT is_both AS reads) FROM told
UNION ALL
SELECT * EXCLUDE (is_both) REPLACE (-no AS no, NULL AS write, NULL AS sql_write) FROM told WHERE is_both;
"""
# A table that a statement names lies where a row of the statement names one so, else the leading parts that it lacks
# come from the access's context; where several rows name what may be it (a view and its base), it lies nowhere. What is
# temporary is called otherwise by who makes it than by who reads it: it stays where its bare name lies.
PLACED = """
CREATE OR REPLACE TEMP TABLE placed_name AS
WITH place AS (
    SELECT *, list_filter(context, lambda part: NOT starts_with(part, chr(0))) AS above,
           list_transform(list_filter(context, lambda part: starts_with(part, chr(0))), lambda part: part[2:]) AS rows
    FROM stated_place
), named AS (
    SELECT p.*, t.no, t.parts,
           t.no > 0 AND list_contains(p.rows, chr(0) || array_to_string(t.parts, '.')) AS is_temporary,
           list_filter(p.rows, lambda row: NOT is_temporary AND t.sql_write IS DISTINCT FROM 'temporary'
               AND list_filter(n.names, lambda name: ends_with('.' || row, name))[1]
                   = '.' || array_to_string(t.parts, '.')) AS meant
    FROM place p JOIN stated_table t USING (template_id) JOIN template_name n USING (template_id)
)
SELECT namespace, context, template_id, no, is_done, is_sure, is_temporary, len(meant) = 1 AS is_told,
       CASE len(meant) WHEN 1 THEN meant[1]
            ELSE array_to_string(above[1:greatest(0, len(above) + 1 - len(parts))] || parts, '.') END AS name
FROM named WHERE len(meant) <= 1;
"""
KNOWN = """
CREATE OR REPLACE TEMP TABLE known_name AS
SELECT namespace, name, string_split(name, '.') AS parts
FROM (
    SELECT namespace, name FROM name WHERE kind = 'dataset' AND namespace <> ''
    UNION SELECT namespace, name FROM told_place WHERE namespace IS NOT NULL
    UNION SELECT p.namespace, p.name FROM placed_name p JOIN template_table t USING (template_id, no)
        WHERE p.is_done AND len(t.parts) > 1 AND p.context <> []
    UNION SELECT namespace, name FROM exact_dataset
    UNION SELECT e.namespace, v.base FROM catalog_view v JOIN exact_dataset e USING (no)
);
"""
# Where no row tells what a bare name means, what is called so in another schema of the database may be meant (a rival,
# where a table is known in the place of the name too), and anything that ends so where not even the database is told;
# but nothing temporary, and nothing where a row says that what is meant is temporary.
GUESSED = """
CREATE OR REPLACE TEMP TABLE guessed_name AS
WITH nowhere AS (
    SELECT p.*, string_split(p.name, '.') AS parts, k.name IS NOT NULL AS is_rival
    FROM placed_name p JOIN stated_table t USING (template_id, no)
    LEFT JOIN known_name k ON k.namespace = p.namespace AND k.name = p.name
    WHERE (len(t.parts) = 1 OR p.context = []) AND t.sql_write IS DISTINCT FROM 'temporary' AND NOT p.is_temporary
      AND (k.name IS NULL OR p.context <> [] AND NOT p.is_told)
), lasting AS (
    FROM known_name WHERE len(parts) > 1 AND NOT starts_with(parts[-2], 'pg_temp')
)
SELECT p.namespace, p.context, p.template_id, p.no, k.name, p.is_rival
FROM nowhere p JOIN lasting k ON k.namespace = p.namespace AND k.parts[:-3] = p.parts[:-3]
    AND k.parts[-1] = p.parts[-1] AND len(k.parts) = len(p.parts) AND k.name <> p.name
WHERE p.context <> []
UNION
SELECT p.namespace, p.context, p.template_id, p.no, k.name, false
FROM nowhere p JOIN (
    SELECT namespace, name, unnest(list_transform(range(2, len(parts) + 1), lambda nth:
               array_to_string(parts[nth:], '.'))) AS ending FROM lasting
) k ON k.namespace = p.namespace AND k.ending = p.name
WHERE p.context = [];
"""
# Beside a rival neither is sure, nor where somebody has a temporary one of that name. Where what is temporary has the
# name of what is known there, it is a dataset of its own, in `pg_temp`.
MEANT = """
CREATE OR REPLACE TEMP TABLE meant_name AS
WITH temporary AS (
    SELECT p.namespace, string_split(p.name, '.') AS parts
    FROM placed_name p JOIN stated_table t USING (template_id, no) WHERE t.sql_write = 'temporary' AND p.is_done
    UNION SELECT namespace, parts FROM known_name WHERE starts_with(parts[-2], 'pg_temp')
), namesake AS (
    SELECT p.template_id, p.no, p.namespace, p.context,
           array_to_string(k.parts[:-3] || ['pg_temp', k.parts[-1]], '.') AS name,
           p.is_temporary OR t.sql_write IS NOT DISTINCT FROM 'temporary' AS is_meant
    FROM placed_name p JOIN stated_table t USING (template_id, no)
    JOIN known_name k USING (namespace, name)
    SEMI JOIN (SELECT DISTINCT namespace, parts[:-3] AS above, parts[-1] AS bare FROM temporary) m
        ON m.namespace = p.namespace AND m.above = k.parts[:-3] AND m.bare = k.parts[-1]
    WHERE len(t.parts) = 1 AND NOT p.is_told
), rival AS (
    SELECT template_id, no, namespace, context FROM guessed_name WHERE is_rival
    UNION
    SELECT template_id, no, namespace, context FROM namesake
)
SELECT p.template_id, p.no, p.namespace, p.context, p.name, false AS is_guess, r.no IS NOT NULL AS is_rival
FROM placed_name p LEFT JOIN rival r USING (template_id, no, namespace, context)
ANTI JOIN (FROM namesake WHERE is_meant) m USING (template_id, no, namespace, context)
UNION ALL SELECT template_id, no, namespace, context, name, true, is_rival FROM guessed_name
UNION ALL SELECT template_id, no, namespace, context, name, true, NOT is_meant FROM namesake;
"""
# Every name is a dataset; which of them are one, the links of symlinks say (see SPREAD in `naming`).
DATASETS = """
CREATE OR REPLACE TEMP TABLE named_dataset AS
SELECT row_number() OVER (ORDER BY namespace, name) AS dataset_id, namespace, name
FROM (
    SELECT namespace, name FROM known_name
    UNION SELECT namespace, name FROM placed_name
    UNION SELECT namespace, name FROM meant_name
);
CREATE OR REPLACE TEMP TABLE dataset_of AS
SELECT n.name_id, d.dataset_id FROM name n JOIN named_dataset d USING (namespace, name)
WHERE n.kind = 'dataset' AND n.namespace <> '';
CREATE OR REPLACE TEMP TABLE dataset_match AS
SELECT d.dataset_id, min(c.no) AS no
FROM named_dataset d
JOIN catalog_dataset c ON (d.namespace = c.namespace OR d.namespace GLOB replace(c.namespace, '\\', '\\\\'))
    AND (d.name = c.name OR d.name GLOB replace(c.name, '\\', '\\\\'))
GROUP BY d.dataset_id;
CREATE OR REPLACE TEMP TABLE joined_dataset AS
SELECT dataset_id, dataset_id AS root FROM named_dataset;
CREATE OR REPLACE TEMP TABLE link AS
SELECT DISTINCT a.dataset_id AS one, b.dataset_id AS other
FROM symlink s JOIN dataset_of a ON a.name_id = s.dataset JOIN dataset_of b ON b.name_id = s.other
WHERE a.dataset_id <> b.dataset_id;
"""
PLACES = (TOLD, CALLS, STATED, PLACED, KNOWN, GUESSED, MEANT, DATASETS)


def meant_in(told: str) -> str:
    """SELECT of what the statements in ``told`` mean by the names of their tables: those columns of `meant_name`, the
    dataset's told_id and dataset_id, and the schema that it lies in."""
    return f"""
    SELECT m.*, d.told_id, d.dataset_id, left(m.name, length(m.name) - length(t.parts[-1])) AS schema
    FROM meant_name m JOIN template_table t USING (template_id, no) JOIN dataset_name d USING (namespace, name)
    SEMI JOIN {told} USING (template_id)"""
