"""Evidence: for each person one path from a seed to the record, with the digests of the events it rests on.

Each part is fetched for all paths at once: planning a query takes longer than finding a thousand parts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lineage.answers import Evidence
from lineage.flow.seeds import Seeds
from lineage.names import AFTER_ALL, BEFORE_ALL, format_instant
from lineage.store import Row, Store


def digest_text(column: str) -> str:
    """SQL: the name of an event, the first 128 bits of the SHA-256 of its content. (Made in the engine, since a number
    of that width takes long to come out of it.)"""
    return f"'sha256-128:' || lower(lpad(hex({column}), 32, '0'))"


# The name of the job of a run, where several events told several.
JOB_OF_RUN = "(SELECT run_id, min(job_id) AS job_id FROM run_job GROUP BY run_id)"
EXPOSURES = f"""
SELECT e.exposure_id, e.rule, e.environment, n.id, j.namespace || '/' || j.name, p.id, d.name, e.start_at, e.end_at,
       e.use_id IS NULL, e.read_id, {digest_text("v.digest")}, e.run_id, e.dataset_id
FROM answer_exposure e
SEMI JOIN answer_subject USING (exposure_id)
JOIN dataset d USING (dataset_id)
LEFT JOIN run_name n ON n.run_id = e.run_id
LEFT JOIN {JOB_OF_RUN} rj ON rj.run_id = e.run_id
LEFT JOIN job j ON j.job_id = rj.job_id
LEFT JOIN event v ON v.event_id = e.event_id
LEFT JOIN principal p ON p.principal_id = e.actor
"""
# The steps of the walk back that a path may take: the write that carried the content, and what its writer had read.
HOPS = f"""
WITH RECURSIVE way AS (
    SELECT DISTINCT read_id FROM answer_subject WHERE read_id IS NOT NULL
    UNION
    SELECT i.from_read FROM way JOIN inside i USING (read_id) WHERE i.field = '' AND i.from_read IS NOT NULL
)
SELECT i.read_id, i.from_read, n.id, j.namespace || '/' || j.name, wd.name, rd.name, r.start_at,
       w.run_id, w.dataset_id, r.dataset_id, {digest_text("v.digest")}
FROM way JOIN inside i ON i.read_id = way.read_id AND i.field = ''
JOIN write w ON w.write_id = i.by_write JOIN read r ON r.read_id = i.read_id
JOIN dataset wd ON wd.dataset_id = w.dataset_id JOIN dataset rd ON rd.dataset_id = r.dataset_id
LEFT JOIN run_name n ON n.run_id = w.run_id
LEFT JOIN {JOB_OF_RUN} rj ON rj.run_id = w.run_id
LEFT JOIN job j ON j.job_id = rj.job_id
LEFT JOIN event v ON v.event_id = w.event_id
"""
# Of a run's events the least that names the dataset stands for them.
RUN_EVENTS = f"""
SELECT t.run_id, t.dataset_id, {digest_text("min(e.digest)")}
FROM (SELECT DISTINCT unnest($runs::BIGINT[]) AS run_id, unnest($datasets::BIGINT[]) AS dataset_id) t
JOIN run_name n USING (run_id) JOIN name rn ON rn.kind = 'run' AND rn.name = n.id
JOIN run_io i ON i.run = rn.name_id JOIN event e ON e.event_id = i.event_id
JOIN name d ON d.name_id = i.dataset
JOIN dataset_name dn ON dn.namespace = d.namespace AND dn.name = d.name AND dn.dataset_id = t.dataset_id
GROUP BY t.run_id, t.dataset_id
"""
SNAPSHOTS = f"""
SELECT t.environment, {digest_text("min(e.digest)")}
FROM taken t JOIN component c USING (event_id) JOIN event e USING (event_id)
WHERE c.purl IN (SELECT unnest($purls::VARCHAR[])) GROUP BY t.environment
"""
SEEN = f"""
WITH asked AS (SELECT ('0x' || unnest($digests::VARCHAR[]))::UHUGEINT AS digest),
     place AS (
        SELECT e.digest, e.input_id, e.position FROM event e SEMI JOIN asked USING (digest)
        UNION
        SELECT e.digest, s.input_id, s.position FROM sighting s JOIN event e USING (event_id) SEMI
            JOIN asked USING (digest)
     )
SELECT DISTINCT {digest_text("p.digest")}, n.name, i.digest, p.position
FROM place p JOIN input i USING (input_id) JOIN input_name n USING (input_id) ORDER BY ALL
"""
LONGEST = 50  # steps of one path


@dataclass(frozen=True)
class Path:
    """``steps`` as sentences from the seed on; ``evidence`` the digests of the events, in that order."""

    steps: list[str]
    evidence: list[str]


class Paths:
    """Spells out the paths of `answer_subject`, from the seed to what was read; many people share one."""

    def __init__(self, store: Store, seeds: Seeds) -> None:
        self.exposures: dict[int, Row] = {row[0]: row[1:] for row in store.rows(EXPOSURES)}
        self.hops: dict[int, Row] = {row[0]: row[1:] for row in store.rows(HOPS)}
        packages = any(environment is not None for _, environment, *_ in self.exposures.values())
        self.snapshots: dict[str, str] = (
            dict(store.rows(SNAPSHOTS, purls=list(seeds.purls))) if packages and seeds.purls else {}
        )
        by_runs = [(row[-2], row[-1]) for row in self.exposures.values() if row[8] and row[-2] is not None]
        for *_, run_id, written, read, digest in self.hops.values():
            if run_id is not None:
                by_runs += [(run_id, read)] if digest is not None else [(run_id, written), (run_id, read)]
        self.run_events = run_events(store, by_runs)
        self.shared: dict[tuple[int, int | None], Path] = {}

    def of(self, exposure_id: int, read_id: int | None) -> Path:
        if (exposure_id, read_id) not in self.shared:
            steps, digests, exposed = self._exposure(exposure_id)
            if read_id is not None:
                more_steps, more_digests = self._hops(read_id, exposed)
                steps, digests = steps + more_steps, digests + more_digests
            self.shared[exposure_id, read_id] = Path(steps, digests)
        return self.shared[exposure_id, read_id]

    def _exposure(self, exposure_id: int) -> tuple[list[str], list[str], int | None]:
        (
            rule, environment, run, job, principal, dataset, start, end, by_run, read_id, digest, run_id, dataset_id,
        ) = self.exposures[exposure_id]  # fmt: skip
        steps, digests = [_seed(rule, environment)], list[str]()
        if environment in self.snapshots:
            digests.append(self.snapshots[environment])
        if run is not None and rule != "exposed-dataset":
            steps.append(f"run {run} of {job}" if job else f"run {run}")
        if by_run:
            digests += self._run_events(run_id, dataset_id)
        else:
            steps.append(f"access by {principal or 'an unnamed principal'}")
            digests.append(digest)
        steps.append(f"read {dataset} {_interval(start, end)}")
        return steps, digests, read_id

    def _hops(self, read_id: int, exposed: int | None) -> tuple[list[str], list[str]]:
        """The walk back from the read ``exposed`` (None: an open dataset) to ``read_id``, told from the exposure on."""
        hops: list[tuple[str, list[str]]] = []
        at: int | None = read_id
        while at in self.hops and len(hops) < LONGEST:
            source, run, job, written, read, start, run_id, written_id, read_dataset, digest = self.hops[at]
            who = f"run {run} of {job}" if run else "a statement or rename"
            digests = [digest] if digest is not None else self._run_events(run_id, written_id)
            digests = digests + self._run_events(run_id, read_dataset)
            hops.append((f"{written} was written by {who}, which had read {read} from {_at(start)}", digests))
            if source == exposed:
                break
            at = source
        hops.reverse()
        return [step for step, _ in hops], list(dict.fromkeys(digest for _, digests in hops for digest in digests))

    def _run_events(self, run_id: int | None, dataset_id: int) -> list[str]:
        found = None if run_id is None else self.run_events.get((run_id, dataset_id))
        return [] if found is None else [found]


def run_events(store: Store, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """(run, dataset) → the digest of the event that stands for the run's touch of the dataset, where one does."""
    asked = sorted(set(pairs))
    if not asked:
        return {}
    told = store.rows(RUN_EVENTS, runs=[run for run, _ in asked], datasets=[dataset for _, dataset in asked])
    return {(run, dataset): digest for run, dataset, digest in told}


def seen(store: Store, digests: Sequence[str]) -> Iterator[Evidence]:
    """Where each digest was seen, every time it was."""
    told = [digest.partition(":")[2] for digest in digests]
    for digest, name, input_digest, position in store.rows(SEEN, digests=told):
        yield Evidence(digest, name, f"sha256:{input_digest}", position)


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
