"""Paths: for each person one from a seed to the record, with the digests of the events it rests on.

`answer_path` tells it from the seed to what was read, a row for each exposure and read that a person came by. What many
share of their paths is spelled once, by the engine: what leads to an exposure, and each hop from there to a read.
"""

from collections.abc import Mapping

from lineage.answers import Rows, selected
from lineage.flow.seeds import Seeds
from lineage.questions.spelling import digest_text
from lineage.questions.steps import CREDENTIAL, spell_access, spell_cause, spell_read, spell_run, spell_write
from lineage.store import Row, Selection, Store

# What the runs and events in ``some`` are called: the rest of them is never joined. Where several events told several
# jobs of a run it is the least.
CALLED = """
run_called AS (SELECT run_id, id FROM run_name SEMI JOIN {some} USING (run_id)),
run_done AS (
    SELECT r.run_id, j.namespace || '/' || j.name AS job
    FROM (SELECT run_id, min(job_id) AS job_id FROM run_job SEMI JOIN {some} USING (run_id) GROUP BY run_id) r
    JOIN job j USING (job_id)
),
event_known AS (SELECT event_id, digest FROM event SEMI JOIN {some} USING (event_id))
"""
# What leads to each exposure: to that by a credential the first run that knew it then, and by what that is compromised.
# The events of runs are found later, with those of the hops.
STARTS = f"""
CREATE OR REPLACE TEMP TABLE path_start AS
WITH exposed AS MATERIALIZED (
    SELECT e.*, l.run_id AS leaked_to, l.rule AS leaked_by, l.environment AS leaked_in
    FROM (FROM answer_exposure SEMI JOIN answer_subject USING (exposure_id)) e
    LEFT JOIN leak l ON e.rule = 'credential' AND l.principal_id = e.principal_id AND l.first_at <= e.end_at
        AND l.rotated_at >= e.start_at
    QUALIFY row_number() OVER (PARTITION BY e.exposure_id ORDER BY l.first_at, l.run_id) = 1
),
{CALLED.format(some="(SELECT run_id, event_id FROM exposed UNION ALL SELECT leaked_to, NULL FROM exposed)")}
SELECT e.exposure_id, e.read_id, coalesce(e.leaked_in, e.environment) AS environment, e.run_id, e.leaked_to,
       e.use_id IS NOT NULL AS by_access, e.dataset_id,
       list_filter([
           {spell_cause("coalesce(e.leaked_by, e.rule)", "coalesce(e.leaked_in, e.environment)")},
           {spell_run("k.id", "i.job")},
           CASE WHEN e.leaked_to IS NOT NULL THEN '{CREDENTIAL}' END,
           {spell_run("n.id", "j.job")},
           CASE WHEN e.use_id IS NOT NULL THEN {spell_access("p.id")} END,
           {spell_read("d.name", "e.start_at", "e.end_at")}
       ], lambda step: step IS NOT NULL) AS steps,
       CASE WHEN e.use_id IS NOT NULL THEN {digest_text("v.digest")} END AS digest,
       CASE WHEN e.use_id IS NOT NULL THEN v.event_id END AS event_id
FROM exposed e JOIN dataset d USING (dataset_id)
LEFT JOIN run_called k ON k.run_id = e.leaked_to
LEFT JOIN run_done i ON i.run_id = e.leaked_to
LEFT JOIN run_called n ON n.run_id = e.run_id
LEFT JOIN run_done j ON j.run_id = e.run_id
LEFT JOIN event_known v ON v.event_id = e.event_id
LEFT JOIN principal p ON p.principal_id = e.actor
"""
# The steps of the walk back that a path takes: the write that carried the content, and what its writer had read. A path
# begins where the content departed last, and goes from wave to wave as the walk did, so that it never turns in circles.
# What is told of a step is told once.
WAY = """
CREATE OR REPLACE TEMP TABLE way AS
WITH RECURSIVE begun AS (
    FROM reached SEMI JOIN answer_subject USING (exposure_id, read_id)
    QUALIFY row_number() OVER (PARTITION BY exposure_id, read_id ORDER BY departure DESC, wave) = 1
), way AS (
    SELECT exposure_id, read_id, wave, from_read, by_write, true AS begins FROM begun
    UNION
    SELECT r.exposure_id, r.read_id, r.wave, r.from_read, r.by_write, false
    FROM way w JOIN reached r ON r.exposure_id = w.exposure_id AND r.read_id = w.from_read AND r.wave = w.wave - 1
)
FROM way;
CREATE OR REPLACE TEMP TABLE hop AS
SELECT i.by_write, i.read_id, w.run_id, w.event_id, w.dataset_id AS written_id, r.event_id AS read_event_id,
       r.dataset_id, r.start_at
FROM (SELECT DISTINCT by_write, read_id FROM way) i
JOIN write w ON w.write_id = i.by_write JOIN read r ON r.read_id = i.read_id;
"""
_LEAST = "coalesce({0} FILTER (NOT t.is_other), {0} FILTER (t.is_other))"
# Of a run's events the least that tells of the input or output stands for it; ``asked`` gives (run_id, dataset_id,
# direction) once each. Who read a view read its bases, and who read or wrote a part may have read or written the whole,
# and the other way round. What they are called is looked up first: of all inputs and outputs only theirs are joined.
RUN_EVENTS = f"""
WITH asked AS MATERIALIZED ({{asked}}),
run_called AS MATERIALIZED (SELECT run_id, name_id FROM run_name SEMI JOIN asked USING (run_id)),
meant AS (
    SELECT dataset_id, dataset_id AS named, false AS is_other FROM asked
    UNION SELECT base_id, view_id, true FROM view_base SEMI JOIN asked a ON a.dataset_id = base_id
    UNION SELECT other_id, p.dataset_id, true FROM part_reach p SEMI JOIN asked a ON a.dataset_id = p.other_id
), dataset_called AS MATERIALIZED (
    SELECT m.dataset_id, m.is_other, n.name_id FROM meant m JOIN dataset_name d ON d.dataset_id = m.named
    JOIN name n ON n.kind = 'dataset' AND n.namespace = d.namespace AND n.name = d.name
), said AS (
    SELECT event_id, run, direction, dataset FROM run_io
    UNION ALL SELECT event_id, run, 'input', source_dataset FROM stated_edge
    UNION ALL SELECT event_id, run, 'output', dataset FROM stated_edge
    UNION ALL
    SELECT i.event_id, t.name_id, i.direction, i.dataset FROM query_run q JOIN run_name t ON t.run_id = q.task_id
    SEMI JOIN run_called c ON c.run_id = q.task_id AND q.is_part
    JOIN run_name n ON n.run_id = q.run_id JOIN run_io i ON i.run = n.name_id
), told AS MATERIALIZED (
    SELECT r.run_id, d.dataset_id, s.direction, d.is_other, s.event_id
    FROM said s JOIN run_called r ON r.name_id = s.run JOIN dataset_called d ON d.name_id = s.dataset
    SEMI JOIN asked a ON a.run_id = r.run_id AND a.dataset_id = d.dataset_id AND a.direction = s.direction
    UNION ALL
    SELECT q.run_id, m.dataset_id, q.direction, true, q.event_id
    FROM (SELECT *, 'input' AS direction FROM sql_read UNION ALL SELECT *, 'output' FROM sql_write) q
    JOIN meant m ON m.named = q.dataset_id
    SEMI JOIN asked a ON a.run_id = q.run_id AND a.dataset_id = m.dataset_id AND a.direction = q.direction
)
SELECT t.run_id, t.dataset_id, t.direction, {digest_text(_LEAST.format("min(e.digest)"))} AS digest,
       {_LEAST.format("arg_min(e.event_id, e.digest)")} AS event_id
FROM told t JOIN event e USING (event_id) GROUP BY t.run_id, t.dataset_id, t.direction
"""
_ASKED = """
    SELECT run_id, dataset_id, 'input' AS direction FROM path_start WHERE run_id IS NOT NULL AND NOT by_access
    UNION SELECT run_id, dataset_id, 'input' FROM hop WHERE run_id IS NOT NULL AND read_event_id IS NULL
    UNION SELECT run_id, written_id, 'output' FROM hop WHERE run_id IS NOT NULL AND event_id IS NULL
"""
PATH_EVENTS = f"CREATE OR REPLACE TEMP TABLE path_event AS {RUN_EVENTS.format(asked=_ASKED)}"
# The events of accesses inside runs, and of snapshots: many an answer rests on neither.
EMPTY = """
CREATE OR REPLACE TEMP TABLE path_run (run_id BIGINT, digest VARCHAR, event_id BIGINT);
CREATE OR REPLACE TEMP TABLE path_snapshot (run_id BIGINT, environment VARCHAR, digest VARCHAR, event_id BIGINT);
"""
# Neither an access that names its run nor one with what a run knew tells that run's job: the least event of the run
# does.
PATH_RUNS = f"""
INSERT INTO path_run
SELECT n.run_id, {digest_text("min(e.digest)")} AS digest, arg_min(e.event_id, e.digest) AS event_id
FROM run_event r JOIN run_name n ON n.name_id = r.run JOIN event e USING (event_id)
SEMI JOIN (
    SELECT run_id FROM path_start WHERE by_access UNION ALL SELECT leaked_to FROM path_start
) s ON s.run_id = n.run_id
GROUP BY n.run_id
"""
HOPS = f"""
WITH {CALLED.format(some="hop")}
SELECT h.by_write, h.read_id, {spell_write("wd.name", "n.id", "j.job", "rd.name", "h.start_at")},
       coalesce({digest_text("v.digest")}, w.digest), coalesce(v.event_id, w.event_id),
       coalesce({digest_text("u.digest")}, r.digest), coalesce(u.event_id, r.event_id)
FROM hop h
JOIN dataset wd ON wd.dataset_id = h.written_id JOIN dataset rd ON rd.dataset_id = h.dataset_id
LEFT JOIN run_called n ON n.run_id = h.run_id
LEFT JOIN run_done j ON j.run_id = h.run_id
LEFT JOIN event_known v ON v.event_id = h.event_id
LEFT JOIN (FROM event SEMI JOIN hop o ON o.read_event_id = event.event_id) u ON u.event_id = h.read_event_id
LEFT JOIN path_event w ON w.run_id = h.run_id AND w.dataset_id = h.written_id AND w.direction = 'output'
LEFT JOIN path_event r ON r.run_id = h.run_id AND r.dataset_id = h.dataset_id AND r.direction = 'input'
"""
# Of the snapshots that show the package there while a run may have been compromised by it the least, of the first such
# time.
SNAPSHOTS = f"""
INSERT INTO path_snapshot
WITH shown AS (
    SELECT p.environment, greatest(p.possible_from, $start::BIGINT) AS possible_from,
           least(p.possible_to, $end::BIGINT) AS possible_to, min(e.digest) AS digest,
           arg_min(e.event_id, e.digest) AS event_id
    FROM (SELECT DISTINCT environment, possible_from, possible_to FROM presence) p
    JOIN taken t ON t.environment = p.environment AND t.taken_at BETWEEN p.possible_from AND p.possible_to
    SEMI JOIN (
        FROM component WHERE purl IN (SELECT unnest($purls::VARCHAR[]) UNION SELECT unnest($unclear_purls::VARCHAR[]))
    ) c ON c.event_id = t.event_id
    JOIN event e ON e.event_id = t.event_id
    GROUP BY p.environment, p.possible_from, p.possible_to
)
SELECT r.run_id, s.environment, {digest_text("arg_min(s.digest, s.possible_from)")} AS digest,
       arg_min(s.event_id, s.possible_from) AS event_id
FROM (
    SELECT DISTINCT coalesce(leaked_to, run_id) AS run_id, environment FROM path_start WHERE environment IS NOT NULL
) a
JOIN run r USING (run_id)
JOIN shown s ON s.environment = a.environment AND s.possible_from <= r.end_at AND s.possible_to >= r.start_at
    AND s.possible_from <= s.possible_to
GROUP BY r.run_id, s.environment
"""
STEPS = "SELECT exposure_id, read_id, wave, from_read, by_write, begins FROM way"
# An event that tells both what led to the exposure and a hop is named once.
PATHS = """
CREATE OR REPLACE TEMP TABLE answer_path AS
WITH told AS (
    SELECT a.exposure_id, a.read_id, list_concat(s.steps, e.steps) AS steps, e.evidence, e.events,
           list_filter([t.digest, k.digest, n.digest, s.digest, r.digest], lambda x: x IS NOT NULL) AS begun_evidence,
           list_filter([t.event_id, k.event_id, n.event_id, s.event_id, r.event_id], lambda x: x IS NOT NULL)
               AS begun_events
    FROM (SELECT DISTINCT exposure_id, read_id FROM answer_subject) a JOIN path_start s USING (exposure_id)
    LEFT JOIN path_snapshot t ON t.run_id = coalesce(s.leaked_to, s.run_id) AND t.environment = s.environment
    LEFT JOIN path_run k ON k.run_id = s.leaked_to
    LEFT JOIN path_run n ON n.run_id = s.run_id AND s.by_access AND s.run_id IS DISTINCT FROM s.leaked_to
    LEFT JOIN path_event r ON r.run_id = s.run_id AND r.dataset_id = s.dataset_id AND r.direction = 'input'
        AND NOT s.by_access
    LEFT JOIN path_end e ON e.read_id = a.read_id AND e.exposure_id = a.exposure_id
)
SELECT exposure_id, read_id, steps,
       list_concat(begun_evidence, list_filter(evidence, lambda x: NOT list_contains(begun_evidence, x))) AS evidence,
       list_concat(begun_events, list_filter(events, lambda x: NOT list_contains(begun_events, x))) AS events
FROM told
"""
# Where events were seen, first and again.
SEEN = f"""
WITH asked AS MATERIALIZED (
    SELECT event_id, digest, input_id, position FROM event SEMI JOIN ({{events}}) USING (event_id)
), place AS (
    SELECT digest, input_id, position FROM asked
    UNION ALL SELECT a.digest, s.input_id, s.position FROM sighting s JOIN asked a USING (event_id)
)
SELECT DISTINCT {digest_text("p.digest")} AS digest, n.name AS input, 'sha256:' || i.digest AS input_digest, p.position
FROM place p JOIN input i USING (input_id) JOIN input_name n USING (input_id)
ORDER BY ALL
"""
LONGEST = 50  # hops of one path that are told, those next to the record; what an hourly job hands on has thousands
Event = tuple[str, int]  # its digest, and its number in the store
Step = tuple[int, int, int]  # exposure, read and wave


def tell_paths(store: Store, seeds: Seeds) -> None:
    """Fill `answer_path` with the paths of `answer_subject`."""
    store.script((STARTS, WAY, PATH_EVENTS, EMPTY))
    if store.any("path_start", "by_access AND run_id IS NOT NULL OR leaked_to IS NOT NULL"):
        store.run(PATH_RUNS)
    if store.any("path_start", "environment IS NOT NULL"):
        store.run(SNAPSHOTS, **seeds.parameters())
    hops: dict[tuple[int, int], Row] = {row[:2]: row[2:] for row in store.rows(HOPS)}
    way = store.rows(STEPS) if hops else []
    back: dict[Step, tuple[int, int]] = {row[:3]: row[3:5] for row in way}
    ends: list[Step] = [row[:3] for row in way if row[5]]
    told = [_hops(hops, back, end) for end in ends]
    store.load(
        "path_end",
        {
            "read_id": [read_id for _, read_id, _ in ends],
            "exposure_id": [exposure_id for exposure_id, _, _ in ends],
            "steps": [steps for steps, _ in told],
            "evidence": [[digest for digest, _ in events] for _, events in told],
            "events": [[number for _, number in events] for _, events in told],
        },
        {
            "read_id": "BIGINT", "exposure_id": "BIGINT", "steps": "VARCHAR[]", "evidence": "VARCHAR[]",
            "events": "BIGINT[]",
        },
        plain=True,
    )  # fmt: skip
    store.run(PATHS)


def seen(store: Store, events: str) -> Rows:
    """Where each event was seen, every time it was; ``events`` is a SELECT of their numbers (event_id)."""
    return selected(
        lambda: Selection(store, SEEN.format(events=events)),
        lambda digest, name, input_digest, position: {
            "digest": digest, "input": name, "input_digest": input_digest, "position": position,
        },
    )  # fmt: skip


def _hops(
    hops: Mapping[tuple[int, int], Row], back: Mapping[Step, tuple[int, int]], end: Step
) -> tuple[list[str], list[Event]]:
    """The walk back from an exposure to the read at ``end``, told from the exposure on; ``back`` gives for each step
    the read that it came from, and the write by which."""
    steps: list[str] = []
    found: list[list[Event]] = []
    exposure, read_id, wave = end
    while wave and len(steps) < LONGEST:
        source, by_write = back[exposure, read_id, wave]
        step, written, written_no, read, read_no = hops[by_write, read_id]
        steps.append(step)
        found.append([event for event in ((written, written_no), (read, read_no)) if event[0] is not None])
        read_id, wave = source, wave - 1
    if wave:
        steps.append("more such steps lie between")
    return steps[::-1], list(dict.fromkeys(event for events in reversed(found) for event in events))
