"""Row counts: of how many accesses the log counted other rows than the replay found TRUE (semantics.md, section 5)."""

# Only where each row of the result is one of the table's, and not of another that it is a part of or that is one of it,
# nor what its own transaction wrote before, which no entry tells.
COUNTED = r"""
SELECT DISTINCT e.use_id, e.dataset_id, d.indexed, a.start_at, a.end_at, a.row_count
FROM answer_exposure e JOIN dataset d USING (dataset_id) JOIN told_act a USING (event_id)
JOIN template t ON t.template_id = a.template_id
WHERE e.scope = '{scope}' AND a.row_count IS NOT NULL AND e.doubt IS DISTINCT FROM 'part-of-table'
  AND e.use_id NOT IN (SELECT use_id FROM own_view)
  AND (SELECT count(*) FROM template_table o WHERE o.template_id = t.template_id) = 1
  AND NOT regexp_matches(t.shape, '(?i)\b(count|sum|avg|min|max|\w+_agg|distinct|group|having|over)\b')
  AND NOT regexp_matches(t.shape, '(?i)\b(join|union|intersect|except|lateral|unnest|generate_series)\b')
  AND NOT regexp_matches(t.shape, '(?i)\b(limit|fetch|offset|top)\b|;\s*\S|,\s*\(')
"""
CONTRADICTED = "SELECT count(*) FROM found WHERE row_count < least OR indexed AND row_count > most"
OF_SOME = f"""
WITH counted AS (
    SELECT c.*, b.binding_id FROM ({COUNTED.format(scope="replay")}) c JOIN use_binding b USING (use_id)
), rows_of AS (
    SELECT c.use_id, count(DISTINCT r.key) FILTER (
               p.truth = 'T' AND r.valid_from <= c.start_at AND c.end_at < r.certain_to
           ) AS least,
           count(DISTINCT r.key) FILTER (r.valid_from <= c.end_at AND c.start_at < r.possible_to) AS most
    FROM counted c JOIN replayed p USING (binding_id) JOIN record r USING (entry_id) GROUP BY c.use_id
), found AS (
    SELECT c.row_count, c.indexed, n.least, coalesce(n.most, 0) AS most
    FROM counted c LEFT JOIN rows_of n USING (use_id)
)
{CONTRADICTED}
"""
# A statement without a predicate is TRUE for all that were there: as many as had come by then less as many as had gone,
# of each key the times taken together in which it was there. (To pair such reads with all records would take too long.)
# A key that went and came back meanwhile is one row: those are few, and paired with the reads that saw them.
OF_ALL = f"""
WITH counted AS MATERIALIZED (
    {COUNTED.format(scope="all")}
), told AS (
    SELECT dataset_id, key, true AS sure, valid_from AS low, certain_to AS high FROM record
    SEMI JOIN counted USING (dataset_id) WHERE valid_from < certain_to
    UNION ALL
    SELECT dataset_id, key, false, valid_from, possible_to FROM record SEMI JOIN counted USING (dataset_id)
), step AS (
    SELECT *, max(high) OVER (
        PARTITION BY dataset_id, key, sure ORDER BY low, high ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM told
), island AS (
    SELECT *, count(*) FILTER (before IS NULL OR low > before) OVER (
        PARTITION BY dataset_id, key, sure ORDER BY low, high ROWS UNBOUNDED PRECEDING
    ) AS number FROM step
), there AS (
    SELECT dataset_id, key, sure, min(low) AS low, max(high) AS high FROM island GROUP BY dataset_id, key, sure, number
), come AS (
    SELECT dataset_id, sure, low AS at, sum(count(*)) OVER (PARTITION BY dataset_id, sure ORDER BY low) AS number
    FROM there GROUP BY dataset_id, sure, low
), gone AS (
    SELECT dataset_id, sure, high AS at, sum(count(*)) OVER (PARTITION BY dataset_id, sure ORDER BY high) AS number
    FROM there GROUP BY dataset_id, sure, high
), asked AS (
    SELECT *, true AS sure, start_at AS began, end_at AS ended FROM counted
    UNION ALL SELECT *, false, end_at, start_at FROM counted
), numbered AS (
    SELECT a.use_id, a.dataset_id, a.row_count, a.indexed, a.sure,
           coalesce(c.number, 0) - coalesce(g.number, 0) AS number
    FROM asked a
    ASOF LEFT JOIN come c ON c.dataset_id = a.dataset_id AND c.sure = a.sure AND a.began >= c.at
    ASOF LEFT JOIN gone g ON g.dataset_id = a.dataset_id AND g.sure = a.sure AND a.ended >= g.at
), absence AS (
    SELECT dataset_id, high AS gone_at, lead(low) OVER (PARTITION BY dataset_id, key ORDER BY low) AS back_at
    FROM there WHERE NOT sure
), returned AS (
    SELECT c.use_id, c.dataset_id, count(*) AS number
    FROM (FROM counted WHERE start_at < end_at) c
    JOIN (FROM absence WHERE back_at IS NOT NULL) a ON a.dataset_id = c.dataset_id
        AND a.gone_at > c.start_at AND a.back_at <= c.end_at
    GROUP BY c.use_id, c.dataset_id
), found AS (
    SELECT n.row_count, n.indexed, max(n.number) FILTER (n.sure) AS least,
           max(n.number) FILTER (NOT n.sure) - coalesce(max(r.number), 0) AS most
    FROM numbered n LEFT JOIN returned r USING (use_id, dataset_id)
    GROUP BY n.use_id, n.dataset_id, n.row_count, n.indexed
)
{CONTRADICTED}
"""
CONTRADICTIONS = f"SELECT ({OF_SOME}) + ({OF_ALL})"
