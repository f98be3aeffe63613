"""What a call mentions of which nobody told what it read or wrote (`unseen_call`): what has a known name in its text
may have been touched. (The grade falls, the access never does: semantics.md, section 5.)"""

from lineage.touches.operations import WRITING

MENTIONED = f"""
INSERT INTO stated_use BY NAME
WITH called AS (
    SELECT a.act_id, a.operation, a.namespace, a.context[1] AS database, unnest(t.mentions) AS mention
    FROM unseen_call u JOIN told_act a USING (act_id) JOIN template t USING (template_id)
), known AS (
    SELECT told_id, dataset_id, namespace, string_split(lower(name), '.') AS parts FROM dataset_name
    WHERE namespace IN (SELECT namespace FROM called)
), ending AS (
    SELECT *, ('0x' || left(sha256(ending), 15))::BIGINT AS mention FROM (
        SELECT *, unnest(list_transform(range(1, len(parts) + 1), lambda nth: array_to_string(parts[nth:], '.')))
                  AS ending
        FROM known
    )
)
SELECT c.act_id, e.dataset_id, true AS is_guess, min(e.told_id) AS told_id, true AS is_read,
       c.operation IN {WRITING} AS is_write, CASE WHEN c.operation IN {WRITING} THEN c.operation END AS written,
       'unknown' AS scope
FROM called c JOIN ending e ON e.mention = c.mention AND e.namespace = c.namespace
WHERE c.database IS NULL OR len(e.parts) < 3 OR e.parts[1] = lower(c.database)
GROUP BY ALL
"""
