"""Who is who: sources of inputs, datasets under all their names, principals, jobs and runs.

Numbers are given in the order of the names, so equal facts give equal numbers whatever order they came in.
"""

import re

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.store import Row, Store

# The source of a fact is the first of those that the inputs belong to in which its event was seen: that of its
# own input, unless it was seen again (few are) in an input of an earlier one.
SOURCES = """
CREATE OR REPLACE TEMP TABLE first_source AS
SELECT i.input_id, min(s.source_no) AS source_no FROM input i LEFT JOIN input_source s USING (input_id)
GROUP BY i.input_id;
CREATE OR REPLACE TEMP TABLE seen_earlier AS
SELECT g.event_id, min(f.source_no) AS source_no
FROM sighting g JOIN first_source f USING (input_id)
WHERE f.source_no < (SELECT max(coalesce(source_no, 9223372036854775807)) FROM first_source)
GROUP BY g.event_id;
"""
SOURCED_TABLES = ("access", "run_event", "dataset_change", "entry", "snapshot")
# Facts with their source (`source_no`) and what it says of times and names.
SOURCED = """
CREATE OR REPLACE TEMP VIEW sourced_{table} AS
SELECT t.*, c.no AS source_no, c.timezone, c.namespace AS source_namespace
FROM {table} t JOIN first_source f USING (input_id) LEFT JOIN seen_earlier e USING (event_id)
LEFT JOIN catalog_source c ON c.no = least(f.source_no, e.source_no)
"""
# An alias stands for its principal wherever it is written, in the catalog too.
PRINCIPALS = f"""
UPDATE catalog_job j SET principal = a.principal FROM catalog_alias a WHERE a.alias = j.principal;
UPDATE catalog_credential c SET principal = a.principal FROM catalog_alias a WHERE a.alias = c.principal;
CREATE OR REPLACE TABLE principal AS
SELECT row_number() OVER (ORDER BY id) AS principal_id, id,
       id IN (SELECT id FROM catalog_principal) AS in_catalog
FROM (
    SELECT coalesce(a.principal, n.name) AS id FROM name n LEFT JOIN catalog_alias a ON a.alias = n.name
    WHERE n.kind = 'principal'
    UNION SELECT id FROM catalog_principal
    UNION SELECT principal FROM catalog_job WHERE principal IS NOT NULL
    UNION SELECT principal FROM catalog_credential
);
CREATE OR REPLACE TEMP TABLE principal_of AS
SELECT n.name_id, p.principal_id
FROM name n LEFT JOIN catalog_alias a ON a.alias = n.name JOIN principal p ON p.id = coalesce(a.principal, n.name)
WHERE n.kind = 'principal';
CREATE OR REPLACE TABLE principal_alias AS SELECT alias, principal AS id FROM catalog_alias ORDER BY ALL;
CREATE OR REPLACE TABLE membership AS
SELECT p.principal_id, c.vendor, c.valid_from AS start_at,
       CASE WHEN c.valid_to >= {AFTER_ALL} THEN {AFTER_ALL} ELSE c.valid_to - 1 END AS end_at
FROM catalog_principal c JOIN principal p USING (id)
WHERE c.vendor IS NOT NULL AND greatest(c.valid_from, {BEFORE_ALL}) < c.valid_to;
CREATE OR REPLACE TABLE rotation AS
SELECT p.principal_id, r.at AS rotated_at FROM catalog_rotation r JOIN principal p ON p.id = r.principal;
CREATE OR REPLACE TABLE vendor AS SELECT id, name, role, sub_processor_of, country FROM catalog_vendor ORDER BY id;
"""
JOBS = """
CREATE OR REPLACE TEMP TABLE job_of AS
SELECT n.name_id, row_number() OVER (ORDER BY j.namespace, j.name) AS job_id, j.namespace, j.name
FROM (
    SELECT namespace, name FROM name WHERE kind = 'job'
    UNION SELECT namespace, name FROM catalog_job WHERE NOT regexp_matches(namespace || name, '[*?\\[]')
) j
LEFT JOIN name n ON n.kind = 'job' AND n.namespace = j.namespace AND n.name = j.name;
CREATE OR REPLACE TABLE job AS
SELECT j.job_id, j.namespace, j.name, c.no AS catalog_no, c.vendor, p.principal_id, c.environment, c.max_duration
FROM job_of j
LEFT JOIN (
    SELECT j.job_id, min(c.no) AS no FROM job_of j
    JOIN catalog_job c ON (j.namespace = c.namespace OR j.namespace GLOB c.namespace)
        AND (j.name = c.name OR j.name GLOB c.name)
    GROUP BY j.job_id
) m ON m.job_id = j.job_id
LEFT JOIN catalog_job c ON c.no = m.no
LEFT JOIN principal p ON p.id = c.principal
ORDER BY j.job_id;
CREATE OR REPLACE TEMP TABLE run_of AS
SELECT name_id, row_number() OVER (ORDER BY name) AS run_id, name AS id FROM name WHERE kind = 'run';
CREATE OR REPLACE TABLE environment AS
SELECT id, id IN (SELECT id FROM catalog_environment) AS in_catalog FROM (
    SELECT name AS id FROM name WHERE kind = 'environment'
    UNION SELECT id FROM catalog_environment
    UNION SELECT environment FROM catalog_job WHERE environment IS NOT NULL
) ORDER BY id;
CREATE OR REPLACE TABLE credential AS
SELECT c.environment, p.principal_id FROM catalog_credential c JOIN principal p ON p.id = c.principal;
"""
# A dataset of a source that does not know its own address has the namespace '' and gets the source's. Where a table
# that a statement names lies: it is the one that a row of the statement names so, else the leading parts that it lacks
# come from the access's context; where several rows name what may be it (a view and its base), it lies nowhere. (Where
# a row names what lies elsewhere, the context goes on with all that rows name and the text too, each after a NUL, which
# no name holds. A row says that of the longest name that may mean it, and of its own text alone: triggers and functions
# have other texts in the same call. What is temporary is called otherwise by who makes it than by who reads it: it
# stays where its bare name lies, and a row of it has a NUL more. What the statement that makes it reads under its name
# is another table: one of its own in `stated_table`, with a number below 0.) Where no row tells what a bare name
# means, what is called so in another schema of the database may be meant (a rival, where a table is known in the place
# of the name too: then neither is sure, nor where somebody has a temporary one of that name), and anything that ends so
# where not even the database is told; but nothing temporary, and nothing where a row says that what is meant is
# temporary. (Only calls whose rows name what lies elsewhere or has a namesake are looked at for what their rows tell.)
# Where what is temporary has the name of what is known there, it is a dataset of its own, in `pg_temp`.
PLACES = """
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
CREATE OR REPLACE TEMP TABLE stated_place AS
SELECT coalesce(t.namespace, a.source_namespace) AS namespace, coalesce(b.context, a.context, []) AS context,
       a.template_id, bool_or(a.outcome NOT IN ('denied', 'error')) AS is_done,
       bool_or(a.outcome = 'success') AS is_sure
FROM sourced_access a
LEFT JOIN told_place t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
LEFT JOIN beside b ON b.template_id = a.template_id AND b.session = a.session_row.session
    AND b.statement = a.session_row.statement AND b.vxid IS NOT DISTINCT FROM a.session_row.vxid
    AND b.source_no IS NOT DISTINCT FROM a.source_no
WHERE a.template_id IS NOT NULL AND coalesce(t.namespace, a.source_namespace) IS NOT NULL
GROUP BY ALL;
CREATE OR REPLACE TEMP VIEW stated_table AS
WITH told AS (
    SELECT template_id, no, parts, reads, write, sql_write, defines_view, fields, scope,
           reads AND NOT defines_view AND sql_write IS NOT DISTINCT FROM 'temporary' AS is_both
    FROM template_table
)
SELECT * EXCLUDE (is_both) REPLACE (reads AND NOT is_both AS reads) FROM told
UNION ALL
SELECT * EXCLUDE (is_both) REPLACE (-no AS no, NULL AS write, NULL AS sql_write) FROM told WHERE is_both;
CREATE OR REPLACE TEMP TABLE placed_name AS
WITH place AS (
    SELECT *, list_filter(context, lambda part: NOT starts_with(part, chr(0))) AS above,
           list_transform(list_filter(context, lambda part: starts_with(part, chr(0))), lambda part: part[2:]) AS rows
    FROM stated_place
), named AS (
    SELECT p.*, t.no, t.parts, list_filter(p.rows, lambda row: t.sql_write IS DISTINCT FROM 'temporary'
               AND list_filter(n.names, lambda name: ends_with('.' || row, name))[1]
                   = '.' || array_to_string(t.parts, '.')) AS meant,
           t.no > 0 AND list_contains(p.rows, chr(0) || array_to_string(t.parts, '.')) AS is_temporary
    FROM place p JOIN stated_table t USING (template_id) JOIN template_name n USING (template_id)
)
SELECT namespace, context, template_id, no, is_done, is_sure, is_temporary, len(meant) = 1 AS is_told,
       CASE len(meant) WHEN 1 THEN meant[1]
            ELSE array_to_string(above[1:greatest(0, len(above) + 1 - len(parts))] || parts, '.') END AS name
FROM named WHERE len(meant) <= 1;
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
JOIN catalog_dataset c ON (d.namespace = c.namespace OR d.namespace GLOB c.namespace)
    AND (d.name = c.name OR d.name GLOB c.name)
GROUP BY d.dataset_id;
CREATE OR REPLACE TEMP TABLE joined_dataset AS
SELECT dataset_id, dataset_id AS root FROM named_dataset;
CREATE OR REPLACE TEMP TABLE link AS
SELECT DISTINCT a.dataset_id AS one, b.dataset_id AS other
FROM symlink s JOIN dataset_of a ON a.name_id = s.dataset JOIN dataset_of b ON b.name_id = s.other
WHERE a.dataset_id <> b.dataset_id;
"""
# One round of spreading the least number over symlinked names.
SPREAD = """
CREATE OR REPLACE TEMP TABLE joined_dataset AS
SELECT dataset_id, min(root) AS root
FROM (
    SELECT dataset_id, root FROM joined_dataset
    UNION ALL SELECT l.other, j.root FROM link l JOIN joined_dataset j ON j.dataset_id = l.one
    UNION ALL SELECT l.one, j.root FROM link l JOIN joined_dataset j ON j.dataset_id = l.other
)
GROUP BY dataset_id
"""
# The canonical name is the catalog's, else the least.
CANONICAL = """
CREATE OR REPLACE TABLE dataset_name AS
SELECT d.dataset_id AS told_id, d.namespace, d.name,
       first_value(d.dataset_id) OVER (
           PARTITION BY j.root ORDER BY m.no NULLS LAST, d.dataset_id
       ) AS dataset_id
FROM named_dataset d JOIN joined_dataset j USING (dataset_id) LEFT JOIN dataset_match m USING (dataset_id)
ORDER BY told_id;
CREATE OR REPLACE TABLE dataset AS
SELECT n.told_id AS dataset_id, n.namespace, n.name, m.no AS catalog_no,
       coalesce(c.indexed, false) AS indexed, c.write_mode,
       CASE WHEN len(c.key) = 1 THEN c.key[1] END AS key_field, false AS is_view, false AS has_entries
FROM dataset_name n
LEFT JOIN dataset_match m ON m.dataset_id = n.told_id
LEFT JOIN catalog_dataset c ON c.no = m.no
WHERE n.told_id = n.dataset_id
ORDER BY dataset_id;
CREATE OR REPLACE TEMP TABLE place_of AS
SELECT p.name_id, p.source_no, p.namespace, n.told_id, n.dataset_id
FROM told_place p LEFT JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name;
CREATE OR REPLACE TABLE dataset_field AS
SELECT d.dataset_id, f.field, unnest(f.categories) AS category FROM dataset d
    JOIN catalog_field f ON f.no = d.catalog_no;
CREATE OR REPLACE TABLE dataset_source AS
SELECT d.dataset_id, o.source FROM dataset d JOIN catalog_observed o ON o.no = d.catalog_no;
CREATE OR REPLACE TABLE source AS
SELECT no AS source_no, id, collector, max_silence, observes FROM catalog_source ORDER BY no;
"""


def name_everything(store: Store) -> None:
    """Fill principal, job, environment, dataset, dataset_name and the maps from told names to them."""
    _place_inputs(store)
    sourced = [SOURCED.format(table=table) for table in SOURCED_TABLES]
    for script in (SOURCES, *sourced, PRINCIPALS, JOBS, PLACES):
        store.connection.execute(script)
    roots: list[Row] = []
    while roots != (roots := store.rows("SELECT sum(root), count(DISTINCT root) FROM joined_dataset")):
        store.run(SPREAD)
    store.connection.execute(CANONICAL)


def _place_inputs(store: Store) -> None:
    """Which source each input belongs to: the one told, else the first whose collector and files fit."""
    sources = store.rows("SELECT no, id, collector, files FROM catalog_source ORDER BY no")
    given = store.rows(
        "SELECT n.input_id, n.path, n.source, i.collector FROM input_name n JOIN input i USING (input_id)"
    )
    pairs = [
        (input_id, no)
        for input_id, path, told, collector in given
        for no, source, reads, files in sources
        if (told == source if told else reads in (None, collector) and matches(files, path))
    ]
    store.load(
        "input_source",
        {"input_id": [pair[0] for pair in pairs], "source_no": [pair[1] for pair in pairs]},
        {"input_id": "BIGINT", "source_no": "BIGINT"},
    )


def matches(pattern: str | None, path: str) -> bool:
    """Whether a source's ``files`` glob fits the path or any tail of it; no glob fits everything.

    A tail, since the same file may be given alone or inside any folder above it, and must mean the same.
    """
    if pattern is None:
        return True
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(meaning.get(part, re.escape(part)) for part in parts)
    return re.search(rf"(?:^|/){expression}$", path) is not None
