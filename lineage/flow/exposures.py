"""Exposures and alterations: what compromised runs and principals read and wrote (semantics.md, section 5)."""

from lineage.store import Store

# An exposure is certain when the read is certain and lies inside the seed's certain interval as a whole.
# `doubt` says why it is not, and so which evidence would sharpen the answer.
EXPOSURES = """
CREATE OR REPLACE TEMP TABLE told_exposure AS
SELECT r.read_id, r.use_id, r.dataset_id, r.told_id, r.barrier, r.start_at, least(r.end_at, s.possible_to) AS end_at,
       r.certain AND coalesce(r.start_at >= s.certain_from AND r.end_at <= s.certain_to, false) AS certain,
       CASE WHEN r.use_id IS NOT NULL AND NOT r.certain THEN u.doubt
            WHEN NOT n.has_start THEN 'run-without-start' WHEN n.swapped THEN 'run-out-of-order'
            WHEN r.use_id IS NULL AND NOT n.certain THEN 'unfinished-run'
            WHEN s.rule = 'package' THEN 'uncertain-presence' ELSE 'partly-outside-window' END AS doubt,
       s.rule, s.environment, s.run_id, NULL::BIGINT AS principal_id
FROM seed_run s JOIN run n USING (run_id) JOIN read r ON r.unit = s.run_id LEFT JOIN use u USING (use_id)
WHERE r.start_at <= s.possible_to
UNION ALL
SELECT r.read_id, r.use_id, r.dataset_id, r.told_id, r.barrier,
       greatest(r.start_at, s.possible_from), least(r.end_at, s.possible_to),
       r.certain AND coalesce(r.start_at >= s.certain_from AND r.end_at <= s.certain_to, false),
       CASE WHEN NOT r.certain THEN u.doubt WHEN s.rule = 'credential' THEN 'credential'
            ELSE 'partly-outside-window' END,
       s.rule, NULL, u.run_id, s.principal_id
FROM seed_principal s JOIN use u USING (principal_id) JOIN read r USING (use_id)
WHERE r.main AND r.start_at <= s.possible_to AND r.end_at >= s.possible_from
UNION ALL
SELECT NULL, NULL, d.dataset_id, d.told_id, coalesce((
           SELECT max(w.start_at) FROM write w
           WHERE w.told_id = d.told_id AND w.kind = 'overwrite' AND w.certain AND w.end_at < $start::BIGINT
       ), -4611686018427387904), $start::BIGINT, $end::BIGINT, false, 'open-dataset', 'exposed-dataset', NULL,
           NULL, NULL
FROM dataset_name d
WHERE d.dataset_id IN (
    SELECT unnest($open_datasets::BIGINT[])
    UNION SELECT base_id FROM view_base WHERE view_id IN (SELECT unnest($open_datasets::BIGINT[]))
) AND $within::VARCHAR IS NULL
"""
# A view holds nothing: what was read of it was read of its bases.
NUMBERED = """
CREATE OR REPLACE TEMP TABLE exposure AS
SELECT row_number() OVER (
           ORDER BY e.start_at, e.end_at, e.dataset_id, e.certain DESC, e.rule, e.read_id, e.run_id, e.principal_id,
                    e.told_id, e.environment
       ) AS exposure_id, e.*, NULL::BIGINT AS apart, coalesce(u.scope, 'unknown') AS scope, u.fields
FROM told_exposure e JOIN dataset d ON d.dataset_id = e.dataset_id AND NOT d.is_view LEFT JOIN use u USING (use_id)
"""
ALTERATIONS = """
CREATE OR REPLACE TEMP TABLE told_exposure AS
SELECT NULL::BIGINT AS read_id, w.use_id, w.dataset_id, w.told_id, NULL::BIGINT AS barrier,
       greatest(w.start_at, s.possible_from) AS start_at, least(w.end_at, s.possible_to) AS end_at,
       w.certain AND coalesce(w.start_at >= s.certain_from AND w.end_at <= s.certain_to, false) AS certain,
       'alteration' AS doubt, s.rule, s.environment, s.run_id, NULL::BIGINT AS principal_id
FROM seed_run s JOIN write w ON w.unit = s.run_id
WHERE w.use_id IS NOT NULL AND w.start_at <= s.possible_to AND w.end_at >= s.possible_from
UNION
SELECT NULL, w.use_id, w.dataset_id, w.told_id, NULL, greatest(w.start_at, s.possible_from),
       least(w.end_at, s.possible_to),
       w.certain AND coalesce(w.start_at >= s.certain_from AND w.end_at <= s.certain_to, false),
       'alteration', s.rule, NULL, u.run_id, s.principal_id
FROM seed_principal s JOIN use u USING (principal_id) JOIN write w USING (use_id)
WHERE w.start_at <= s.possible_to AND w.end_at >= s.possible_from
"""
PROBE = """
CREATE OR REPLACE TEMP TABLE probe AS
SELECT dataset_id, told_id, barrier, end_at AS departure, '' AS field, read_id, exposure_id FROM exposure
UNION ALL
SELECT dataset_id, told_id, barrier, end_at, '*', read_id, exposure_id FROM exposure WHERE fields IS NULL
UNION ALL
SELECT dataset_id, told_id, barrier, end_at, unnest(fields), read_id, exposure_id FROM exposure WHERE fields IS NOT NULL
"""


def expose(store: Store, parameters: dict[str, object]) -> None:
    """Fill `exposure` with the reads of compromised runs and principals, and `probe` for the walk back."""
    store.run(EXPOSURES, **parameters)
    store.script((NUMBERED, PROBE))


def alter(store: Store) -> None:
    """Fill `exposure` with what they wrote instead: the same table grades it."""
    store.script((ALTERATIONS, NUMBERED))
