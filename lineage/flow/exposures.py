"""Exposures and alterations: what compromised runs and principals read and wrote (semantics.md, section 5)."""

from lineage.names import BEFORE_ALL
from lineage.store import Store

# An exposure is certain when the read is certain and lies inside the seed's certain interval as a whole.
# `doubt` says why it is not, and so which evidence would sharpen the answer. `read_at` is when the read began. What was
# read as it was at first (`first_view`) was there then, even if nobody was compromised yet.
EXPOSURES = """
CREATE OR REPLACE TEMP TABLE told_exposure AS
SELECT r.read_id, r.use_id, r.event_id, r.dataset_id, r.told_id, r.barrier, r.start_at AS read_at, r.start_at,
       least(r.end_at, s.possible_to) AS end_at,
       r.certain AND coalesce(r.start_at >= s.certain_from AND r.end_at <= s.certain_to, false) AS certain,
       CASE WHEN r.use_id IS NOT NULL AND NOT r.certain OR r.doubt IN ('unknown-schema', 'part-of-table', 'task-query')
            THEN r.doubt
            WHEN r.use_id IS NULL AND NOT n.has_start THEN 'run-without-start'
            WHEN r.use_id IS NULL AND n.swapped THEN 'run-out-of-order'
            WHEN r.use_id IS NULL AND n.is_query THEN 'task-query'
            WHEN r.use_id IS NULL AND NOT n.certain THEN 'unfinished-run'
            WHEN s.rule = 'package' THEN 'uncertain-presence' ELSE 'partly-outside-window' END AS doubt,
       s.rule, s.environment, s.run_id, NULL::BIGINT AS principal_id, r.principal_id AS actor,
       coalesce(r.scope, 'unknown') AS scope, r.fields, 0::BIGINT AS place
FROM seed_run s JOIN run n USING (run_id) JOIN read r ON r.unit = s.run_id
WHERE r.start_at <= s.possible_to
UNION ALL
SELECT NULL, u.use_id, u.event_id, u.dataset_id, u.told_id, NULL, u.start_at,
       CASE WHEN u.event_id IN (SELECT event_id FROM first_view) THEN u.start_at
            ELSE greatest(u.start_at, s.possible_from) END,
       least(u.end_at, s.possible_to),
       u.certain AND coalesce(u.start_at >= s.certain_from AND u.end_at <= s.certain_to, false),
       CASE WHEN NOT u.certain THEN u.doubt WHEN s.rule = 'credential' THEN 'credential'
            ELSE 'partly-outside-window' END,
       s.rule, NULL, u.run_id, s.principal_id, s.principal_id, u.scope, u.fields, u.place
FROM seed_principal s JOIN use u USING (principal_id)
WHERE u.is_read AND u.start_at <= s.own_to AND u.end_at >= s.own_from
"""
OPEN_DATASETS = """
UNION ALL
SELECT NULL, NULL, NULL, d.dataset_id, d.told_id, NULL, $start::BIGINT, $start::BIGINT, $end::BIGINT, false,
       'open-dataset', 'exposed-dataset', NULL, NULL, NULL, NULL, 'unknown', NULL, 0
FROM dataset_name d
WHERE d.dataset_id IN (
    SELECT unnest($open_datasets::BIGINT[])
    UNION SELECT base_id FROM view_base WHERE view_id IN (SELECT unnest($open_datasets::BIGINT[]))
    UNION SELECT other_id FROM part_reach
    WHERE dataset_id IN (SELECT unnest($open_datasets::BIGINT[])) AND since <= $end::BIGINT AND until >= $start::BIGINT
) AND $within::VARCHAR IS NULL
"""
# A view holds nothing: what was read of it was read of its bases. What a unit read has its number and barrier in
# `read`. Whole rows take several times as long to sort as what they are numbered by. What a credential exposes too is
# told by the other rule, which is the shorter way.
NUMBERED = """
CREATE OR REPLACE TEMP TABLE exposure AS
WITH numbered AS (
    SELECT row_number() OVER (
               ORDER BY e.start_at, e.end_at, e.dataset_id, e.certain DESC, e.rule = 'credential', e.rule, e.run_id,
                        e.principal_id, e.told_id, e.environment, e.scope, e.place, e.use_id, e.read_id
           ) AS exposure_id, e.rowid AS told
    FROM told_exposure e JOIN dataset d ON d.dataset_id = e.dataset_id AND NOT d.is_view
)
SELECT n.exposure_id, e.* REPLACE (
    coalesce(e.read_id, r.read_id) AS read_id, coalesce(e.barrier, r.barrier) AS barrier
)
FROM told_exposure e JOIN numbered n ON n.told = e.rowid
LEFT JOIN (SELECT use_id, read_id, barrier FROM read WHERE use_id IS NOT NULL AND main) r
    ON r.use_id = e.use_id AND e.read_id IS NULL
"""
ALTERATIONS = """
CREATE OR REPLACE TEMP TABLE exposure AS
SELECT row_number() OVER () AS exposure_id, e.* FROM (
    SELECT w.use_id, w.dataset_id, greatest(w.start_at, s.possible_from) AS start_at,
           least(w.end_at, s.possible_to) AS end_at,
           w.certain AND coalesce(w.start_at >= s.certain_from AND w.end_at <= s.certain_to, false) AS certain,
           'alteration' AS doubt, w.scope, w.fields
    FROM seed_run s JOIN write w ON w.unit = s.run_id
    WHERE w.use_id IS NOT NULL AND w.start_at <= s.possible_to AND w.end_at >= s.possible_from
    UNION
    SELECT w.use_id, w.dataset_id, greatest(w.start_at, s.possible_from), least(w.end_at, s.possible_to),
           w.certain AND coalesce(w.start_at >= s.certain_from AND w.end_at <= s.certain_to, false),
           'alteration', w.scope, w.fields
    FROM seed_principal s JOIN write w USING (principal_id)
    WHERE w.start_at <= s.possible_to AND w.end_at >= s.possible_from
) e JOIN dataset d USING (dataset_id) WHERE NOT d.is_view
"""
# For any other access the barrier is looked up here.
PROBE = f"""
CREATE OR REPLACE TEMP TABLE probe AS
SELECT e.dataset_id, e.told_id, coalesce(e.barrier, o.start_at, {BEFORE_ALL}) AS barrier, e.end_at AS departure,
       unnest(CASE WHEN e.fields IS NULL THEN ['*']
                   ELSE list_prepend('', list_transform(e.fields, lambda field: lower(field))) END) AS field,
       e.read_id, e.exposure_id
FROM exposure e ASOF LEFT JOIN overwritten o ON o.told_id = e.told_id AND e.read_at > o.end_at
"""


def expose(store: Store, parameters: dict[str, object]) -> None:
    """Fill `exposure` with the reads of compromised runs and principals, and `probe` for the walk back."""
    store.run(EXPOSURES + (OPEN_DATASETS if parameters["open_datasets"] else ""), **parameters)
    store.script((NUMBERED, PROBE))


def alter(store: Store) -> None:
    """Fill `exposure` with what they wrote instead: the same table grades it."""
    store.run(ALTERATIONS)
