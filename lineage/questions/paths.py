"""Evidence: for each person one path from a seed to the record, with the digests of the events it rests on.

Each part is fetched for all paths at once: planning a query takes longer than finding a thousand parts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lineage.answers import Rows, selected
from lineage.flow.seeds import Seeds
from lineage.names import AFTER_ALL, BEFORE_ALL, format_instant
from lineage.questions.spelling import digest_text
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
EXPOSURES = f"""
WITH exposed AS MATERIALIZED (FROM answer_exposure SEMI JOIN answer_subject USING (exposure_id)),
{CALLED.format(some="exposed")}
SELECT e.exposure_id, e.rule, e.environment, n.id, j.job, p.id, d.name, e.start_at, e.end_at,
       e.use_id IS NULL, e.read_id, {digest_text("v.digest")}, v.event_id, e.run_id, e.dataset_id
FROM exposed e JOIN dataset d USING (dataset_id)
LEFT JOIN run_called n ON n.run_id = e.run_id
LEFT JOIN run_done j ON j.run_id = e.run_id
LEFT JOIN event_known v ON v.event_id = e.event_id
LEFT JOIN principal p ON p.principal_id = e.actor
"""
# The steps of the walk back that a path may take: the write that carried the content, and what its writer had read.
# Few of many, which the engine knows of a table only.
WAY = """
CREATE OR REPLACE TEMP TABLE way AS
WITH RECURSIVE way AS (
    SELECT DISTINCT read_id FROM answer_subject WHERE read_id IS NOT NULL
    UNION
    SELECT r.from_read FROM way JOIN reached r USING (read_id) WHERE r.from_read IS NOT NULL
)
FROM way;
CREATE OR REPLACE TEMP TABLE hop AS
SELECT i.read_id, i.from_read, w.run_id, w.event_id, w.dataset_id AS written_id, r.dataset_id, r.start_at
FROM way JOIN reached i USING (read_id)
JOIN write w ON w.write_id = i.by_write JOIN read r ON r.read_id = i.read_id;
"""
HOPS = f"""
WITH {CALLED.format(some="hop")}
SELECT h.read_id, h.from_read, n.id, j.job, wd.name, rd.name, h.start_at,
       h.run_id, h.written_id, h.dataset_id, {digest_text("v.digest")}, v.event_id
FROM hop h
JOIN dataset wd ON wd.dataset_id = h.written_id JOIN dataset rd ON rd.dataset_id = h.dataset_id
LEFT JOIN run_called n ON n.run_id = h.run_id
LEFT JOIN run_done j ON j.run_id = h.run_id
LEFT JOIN event_known v ON v.event_id = h.event_id
"""
# Of a run's events the least that names the dataset stands for them; ``asked`` gives (run_id, dataset_id) once each.
# What they are called is looked up first, so that of all inputs and outputs only theirs are joined.
RUN_EVENTS = f"""
WITH asked AS MATERIALIZED ({{asked}}),
run_called AS MATERIALIZED (SELECT run_id, name_id FROM run_name SEMI JOIN asked USING (run_id)),
dataset_called AS MATERIALIZED (
    SELECT d.dataset_id, n.name_id FROM dataset_name d SEMI JOIN asked USING (dataset_id)
    JOIN name n ON n.kind = 'dataset' AND n.namespace = d.namespace AND n.name = d.name
),
told AS MATERIALIZED (
    SELECT r.run_id, d.dataset_id, i.event_id
    FROM run_io i JOIN run_called r ON r.name_id = i.run JOIN dataset_called d ON d.name_id = i.dataset
    SEMI JOIN asked a ON a.run_id = r.run_id AND a.dataset_id = d.dataset_id
)
SELECT t.run_id, t.dataset_id, {digest_text("min(e.digest)")} AS digest, arg_min(e.event_id, e.digest) AS event_id
FROM told t JOIN event e USING (event_id) GROUP BY t.run_id, t.dataset_id
"""
PAIRS = "SELECT unnest($runs::BIGINT[]) AS run_id, unnest($datasets::BIGINT[]) AS dataset_id"
SNAPSHOTS = f"""
SELECT t.environment, {digest_text("min(e.digest)")}, arg_min(e.event_id, e.digest)
FROM taken t JOIN component c USING (event_id) JOIN event e USING (event_id)
WHERE c.purl IN (SELECT unnest($purls::VARCHAR[])) GROUP BY t.environment
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


@dataclass(frozen=True)
class Path:
    """``steps`` as sentences from the seed on; ``evidence`` the digests of the events, in that order, and ``events``
    their numbers."""

    steps: list[str]
    evidence: list[str]
    events: list[int]


class Paths:
    """Spells out the paths of `answer_subject`, from the seed to what was read; many people share one."""

    def __init__(self, store: Store, seeds: Seeds) -> None:
        self.store, self.kept = store, False
        self.exposures: dict[int, Row] = {row[0]: row[1:] for row in store.rows(EXPOSURES)}
        self.hops: dict[int, Row] = {}
        if store.any("answer_subject", "read_id IS NOT NULL"):
            store.run(WAY)
            self.hops = {row[0]: row[1:] for row in store.rows(HOPS)}
        packages = any(environment is not None for _, environment, *_ in self.exposures.values())
        taken = store.rows(SNAPSHOTS, purls=list(seeds.purls)) if packages and seeds.purls else []
        self.snapshots: dict[str, Event] = {environment: (digest, number) for environment, digest, number in taken}
        by_runs = [
            (run_id, dataset_id)
            for *_, of_run, _, _, _, run_id, dataset_id in self.exposures.values()
            if of_run and run_id is not None
        ]
        for *_, run_id, written, read, digest, _ in self.hops.values():
            if run_id is not None:
                by_runs += [(run_id, read)] if digest is not None else [(run_id, written), (run_id, read)]
        asked = sorted(set(by_runs))
        pairs = {"runs": [run for run, _ in asked], "datasets": [dataset for _, dataset in asked]}
        told = store.rows(RUN_EVENTS.format(asked=PAIRS), **pairs) if asked else []
        self.run_events: dict[tuple[int, int], Event] = {
            (run, dataset): (digest, number) for run, dataset, digest, number in told
        }
        self.shared: dict[tuple[int, int | None], Path] = {}

    def of(self, exposure_id: int, read_id: int | None) -> Path:
        if (exposure_id, read_id) not in self.shared:
            steps, events, exposed = self._exposure(exposure_id)
            if read_id is not None:
                more_steps, more_events = self._hops(read_id, exposed)
                steps, events = steps + more_steps, events + more_events
            self.shared[exposure_id, read_id] = Path(
                steps, [digest for digest, _ in events], [number for _, number in events]
            )
        return self.shared[exposure_id, read_id]

    def keep(self) -> None:
        """Fill `answer_path` with the paths of all, once, for whatever the engine makes of them."""
        if self.kept:
            return
        ends = self.store.rows("SELECT DISTINCT exposure_id, read_id FROM answer_subject")
        paths = [self.of(*end) for end in ends]
        self.store.load(
            "answer_path",
            {
                "exposure_id": [exposure for exposure, _ in ends],
                "read_id": [read for _, read in ends],
                "steps": [path.steps for path in paths],
                "evidence": [path.evidence for path in paths],
                "events": [path.events for path in paths],
            },
            {
                "exposure_id": "BIGINT", "read_id": "BIGINT", "steps": "VARCHAR[]", "evidence": "VARCHAR[]",
                "events": "BIGINT[]",
            },
            plain=True,
        )  # fmt: skip
        self.kept = True

    def _exposure(self, exposure_id: int) -> tuple[list[str], list[Event], int | None]:
        (
            rule, environment, run, job, principal, dataset, start, end, by_run, read_id, *event, run_id, dataset_id,
        ) = self.exposures[exposure_id]  # fmt: skip
        steps, events = [_seed(rule, environment)], list[Event]()
        if environment in self.snapshots:
            events.append(self.snapshots[environment])
        if run is not None and rule != "exposed-dataset":
            steps.append(f"run {run} of {job}" if job else f"run {run}")
        if by_run:
            events += self._run_events(run_id, dataset_id)
        else:
            steps.append(f"access by {principal or 'an unnamed principal'}")
            events.append((event[0], event[1]))
        steps.append(f"read {dataset} {_interval(start, end)}")
        return steps, events, read_id

    def _hops(self, read_id: int, exposed: int | None) -> tuple[list[str], list[Event]]:
        """The walk back from the read ``exposed`` (None: an open dataset) to ``read_id``, told from the exposure on."""
        hops: list[tuple[str, list[Event]]] = []
        at: int | None = read_id
        while at in self.hops and len(hops) < LONGEST:
            source, run, job, written, read, start, run_id, written_id, read_dataset, digest, number = self.hops[at]
            who = f"run {run} of {job}" if run else "a statement or rename"
            events = [(digest, number)] if digest is not None else self._run_events(run_id, written_id)
            events = events + self._run_events(run_id, read_dataset)
            hops.append((f"{written} was written by {who}, which had read {read} from {_at(start)}", events))
            if source == exposed:
                break
            at = source
        else:
            if at in self.hops:
                hops.append(("more such steps lie between", []))
        hops.reverse()
        return [step for step, _ in hops], list(dict.fromkeys(event for _, events in hops for event in events))

    def _run_events(self, run_id: int | None, dataset_id: int) -> list[Event]:
        found = None if run_id is None else self.run_events.get((run_id, dataset_id))
        return [] if found is None else [found]


def seen(store: Store, events: Callable[[], str]) -> Rows:
    """Where each event was seen, every time it was; ``events`` gives the SELECT of their numbers (event_id)."""
    return selected(
        lambda: Selection(store, SEEN.format(events=events())),
        lambda digest, name, input_digest, position: {
            "digest": digest, "input": name, "input_digest": input_digest, "position": position,
        },
    )  # fmt: skip


def _seed(rule: str, environment: str | None) -> str:
    if rule == "package":
        return f"an affected package in {environment}"
    if rule == "credential":
        return "a credential that a compromised run knew"
    if rule == "exposed-dataset":
        return "the dataset was open to outsiders"
    return f"the {rule} asked about"


def _at(instant: int) -> str:
    return "the beginning" if instant <= BEFORE_ALL else "now" if instant >= AFTER_ALL else format_instant(instant)


def _interval(start: int, end: int) -> str:
    return f"at {_at(start)}" if end - start < 1_000_000 else f"from {_at(start)} to {_at(end)}"
