"""Parts: partitions, and tables that inherit. What one holds is a part of what another holds, for some time.

Records may be told of either. Who reads a part may read records of the whole, and who changes it may change them, and
the other way round: possibly, since which rows are in a part no log tells. What is read of the whole beside its parts'
own rows in a log (`idle`) is told by those rows.
"""

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.touches.operations import REFUSED, UNCHANGING
from lineage.touches.places import BESIDE, meant_in
from lineage.touches.run_sql import pairs_of

TOLD = """
CREATE OR REPLACE TEMP TABLE part_told AS
SELECT t.*, w.parts AS whole_parts
FROM (
    SELECT template_id, no, parts, write IS NOT NULL AS is_made, sql_write, unnest(part_of) AS whole_no, true AS joins
    FROM template_table
    UNION ALL
    SELECT template_id, no, parts, false, sql_write, unnest(parted_from), false FROM template_table
) t JOIN template_table w ON w.template_id = t.template_id AND w.no = t.whole_no;
"""
# Which dataset may be a part of which, as one statement says. Names that are guesses only go together where they lie in
# one schema, unless no table that may be the part is known in that of the whole.
BY_STATEMENT = f"""
CREATE OR REPLACE TEMP TABLE part_by_statement AS
WITH meant AS ({meant_in("part_told")})
SELECT t.template_id, p.namespace, p.context, t.joins, t.is_made,
       t.is_made AND t.sql_write = 'unknown' OR p.is_guess OR p.is_rival OR w.is_guess OR w.is_rival AS is_doubtful,
       p.dataset_id AS part_id, w.dataset_id AS whole_id
FROM part_told t JOIN meant p USING (template_id, no)
JOIN meant w ON w.template_id = t.template_id AND w.no = t.whole_no AND w.namespace = p.namespace
    AND w.context = p.context
WHERE p.dataset_id <> w.dataset_id
  AND (t.parts[:-2] <> t.whole_parts[:-2] OR p.schema = w.schema OR NOT (p.is_guess OR w.is_guess)
       OR NOT w.is_guess AND NOT p.is_rival AND NOT EXISTS (
           SELECT 1 FROM meant o WHERE o.template_id = p.template_id AND o.no = p.no AND o.is_guess
               AND o.namespace = p.namespace AND o.context = p.context AND o.schema = w.schema
       ));
"""
BY_RUN = f"""
CREATE OR REPLACE TEMP TABLE part_by_run AS
SELECT run, joins, is_made, dataset_id AS part_id, other_id AS whole_id, min(digest) AS digest,
       arg_min(event_id, digest) AS event_id
FROM ({pairs_of("part_told", "whole_parts")})
WHERE dataset_id <> other_id GROUP BY run, joins, is_made, dataset_id, other_id;
"""
# When that was said in a log.
ACTS = f"""
CREATE OR REPLACE TEMP TABLE part_act AS
SELECT p.*, a.event_id, e.digest, earliest_of(a.start_at, a.zoned, a.timezone) AS start_at,
       instant_of(coalesce(a.end_at, a.start_at), a.zoned, a.timezone) AS end_at,
       a.outcome = 'success' AND u.event_id IS NULL AND NOT p.is_doubtful AS is_sure
FROM (FROM sourced_access SEMI JOIN part_told USING (template_id)) a
JOIN event e USING (event_id) LEFT JOIN undone u USING (event_id)
LEFT JOIN told_place t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
{BESIDE}
JOIN part_by_statement p ON p.template_id = a.template_id AND p.namespace = coalesce(t.namespace, a.source_namespace)
    AND p.context = coalesce(b.context, a.context, [])
WHERE a.outcome NOT IN {REFUSED} AND a.operation NOT IN {UNCHANGING};
DELETE FROM part_act WHERE start_at IS NULL;
"""
# When one of the two was dropped, or got another name.
ANEW = rf"""
CREATE OR REPLACE TEMP TABLE part_anew AS
WITH dropping AS (
    SELECT template_id FROM template
    WHERE regexp_matches(shape, '(?i)\bdrop\s+((foreign\s+)?table|schema|owned)\b')
), told AS (
    SELECT m.template_id, n.dataset_id FROM meant_name m SEMI JOIN dropping USING (template_id)
    JOIN dataset_name n USING (namespace, name)
    UNION
    SELECT r.template_id, n.dataset_id FROM renamed_by_statement r
    JOIN dataset_name n ON n.told_id = r.previous OR n.told_id = r.named
)
SELECT a.dataset_id, a.end_at
FROM (
    SELECT t.dataset_id, a.outcome, instant_of(coalesce(a.end_at, a.start_at), a.zoned, a.timezone) AS end_at
    FROM sourced_access a JOIN told t USING (template_id)
    UNION ALL
    SELECT t.dataset_id, a.outcome, instant_of(coalesce(a.end_at, a.start_at), a.zoned, a.timezone)
    FROM (FROM sourced_access SEMI JOIN dropping USING (template_id)) a
    JOIN place_of t ON t.name_id = a.dataset AND t.source_no IS NOT DISTINCT FROM a.source_no
) a
SEMI JOIN (SELECT part_id AS dataset_id FROM part_act UNION SELECT whole_id FROM part_act) p USING (dataset_id)
WHERE a.outcome NOT IN {REFUSED} AND a.end_at IS NOT NULL;
"""
# Since when, and until when. What surely became a part was none before, unless it was taken out by then, or one of the
# two was made, dropped or named anew (what was called so before may have been one); what no longer surely is a part,
# was one until then. Under another name, an earlier one too, it is one as well. A whole may be a part of another. Of
# what is read of a whole, only parts that have entries of their own need be told: all that comes into a part comes into
# the whole too.
LASTING = f"""
CREATE OR REPLACE TEMP TABLE part AS
WITH RECURSIVE turn AS (
    SELECT *, CASE WHEN NOT joins THEN end_at WHEN is_made THEN start_at END AS anew_at FROM part_act
    UNION ALL BY NAME
    SELECT p.part_id, p.whole_id, a.end_at AS anew_at
    FROM (
        SELECT DISTINCT part_id, whole_id, unnest([part_id, whole_id]) AS dataset_id FROM part_act
    ) p JOIN part_anew a USING (dataset_id)
), told AS (
    SELECT part_id, whole_id,
           CASE WHEN min(start_at) FILTER (joins AND is_sure) < coalesce(min(anew_at), {AFTER_ALL})
                THEN min(start_at) FILTER (joins) ELSE {BEFORE_ALL} END AS since,
           CASE WHEN max(end_at) FILTER (NOT joins AND is_sure) > coalesce(max(end_at) FILTER (joins), {BEFORE_ALL})
                THEN max(end_at) FILTER (NOT joins AND is_sure) ELSE {AFTER_ALL} END AS until
    FROM turn GROUP BY part_id, whole_id
    UNION ALL SELECT part_id, whole_id, {BEFORE_ALL}, {AFTER_ALL} FROM part_by_run
), called AS (
    SELECT previous AS one, named AS other FROM renamed UNION SELECT named, previous FROM renamed
), named(part_id, whole_id, since, until) AS (
    FROM told
    UNION
    SELECT CASE c.one WHEN n.part_id THEN c.other ELSE n.part_id END,
           CASE c.one WHEN n.whole_id THEN c.other ELSE n.whole_id END, n.since, n.until
    FROM named n JOIN called c ON c.one IN (n.part_id, n.whole_id)
), reach(part_id, whole_id, since, until) AS (
    FROM named
    UNION
    SELECT r.part_id, n.whole_id, greatest(r.since, n.since), least(r.until, n.until)
    FROM reach r JOIN named n ON n.part_id = r.whole_id AND n.since <= r.until AND r.since <= n.until
)
SELECT part_id, whole_id, min(since) AS since, max(until) AS until
FROM reach WHERE part_id <> whole_id GROUP BY part_id, whole_id;
CREATE OR REPLACE TABLE part_reach AS
SELECT part_id AS dataset_id, whole_id AS other_id, since, until, true AS is_up FROM part
UNION ALL
SELECT whole_id, part_id, since, until, false FROM part
SEMI JOIN (
    SELECT n.dataset_id AS part_id FROM (SELECT DISTINCT dataset FROM entry) e
    JOIN dataset_of o ON o.name_id = e.dataset JOIN dataset_name n ON n.told_id = o.dataset_id
) USING (part_id)
ORDER BY ALL;
DELETE FROM part_reach WHERE other_id IN (SELECT dataset_id FROM dataset WHERE is_view);
UPDATE dataset SET has_bases = true WHERE dataset_id IN (SELECT dataset_id FROM part_reach);
"""
PARTS = (TOLD, BY_STATEMENT, BY_RUN, ACTS, ANEW, LASTING)
# Where no statement tells of a part, none of that need be planned.
TELLING = "len(part_of) > 0 OR len(parted_from) > 0"
NONE = """
CREATE OR REPLACE TEMP TABLE part_told (template_id BIGINT, no BIGINT);
CREATE OR REPLACE TEMP TABLE part_act (event_id BIGINT);
CREATE OR REPLACE TABLE part_reach (dataset_id BIGINT, other_id BIGINT, since BIGINT, until BIGINT, is_up BOOLEAN);
"""
