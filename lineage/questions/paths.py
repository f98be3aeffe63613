"""Evidence: for each person one path from a seed to the record, with the digests of the events it rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lineage.answers import Evidence
from lineage.flow.seeds import Seeds
from lineage.names import AFTER_ALL, BEFORE_ALL, format_instant
from lineage.store import Store

EXPOSURE = """
SELECT e.rule, e.environment, n.id, j.namespace || '/' || j.name, p.id, d.name, e.start_at, e.end_at,
       e.use_id IS NULL, e.read_id, u.event_id, e.run_id, e.dataset_id, e.principal_id
FROM {table} e
JOIN dataset d USING (dataset_id)
LEFT JOIN run_name n ON n.run_id = e.run_id
LEFT JOIN (SELECT run_id, min(job_id) AS job_id FROM run_job GROUP BY run_id) rj ON rj.run_id = e.run_id
LEFT JOIN job j ON j.job_id = rj.job_id
LEFT JOIN use u ON u.use_id = e.use_id
LEFT JOIN principal p ON p.principal_id = coalesce(e.principal_id, u.principal_id)
WHERE e.exposure_id = $exposure_id
"""
# One step of the walk back: the write that carried the content, and what its writer had read.
HOP = """
SELECT i.from_read, n.id, j.namespace || '/' || j.name, wd.name, rd.name, r.start_at, w.run_id, w.dataset_id,
    r.dataset_id,
       coalesce(u.event_id, 0), i.field
FROM inside i
JOIN write w ON w.write_id = i.by_write JOIN read r ON r.read_id = i.read_id
JOIN dataset wd ON wd.dataset_id = w.dataset_id JOIN dataset rd ON rd.dataset_id = r.dataset_id
LEFT JOIN run_name n ON n.run_id = w.run_id
LEFT JOIN (SELECT run_id, min(job_id) AS job_id FROM run_job GROUP BY run_id) rj ON rj.run_id = w.run_id
LEFT JOIN job j ON j.job_id = rj.job_id
LEFT JOIN use u ON u.use_id = w.use_id
WHERE i.read_id = $read_id AND i.field = ''
"""
RECORD = """
SELECT d.name, r.key, s.id FROM record r JOIN dataset d USING (dataset_id) LEFT JOIN data_subject s USING (subject_id)
WHERE r.entry_id = $entry_id
"""
RECORD_EVENT = """
SELECT min(e.digest) FROM entry_event t JOIN event e USING (event_id) WHERE t.entry_id = $entry_id
"""
EVENT = "SELECT digest FROM event WHERE event_id = $event_id"
# Of a run's events the least that names the dataset stands for them.
RUN_EVENT = """
SELECT min(e.digest) FROM run_io i JOIN event e USING (event_id) JOIN name rn ON rn.name_id = i.run
JOIN run_name n ON n.id = rn.name JOIN name d ON d.name_id = i.dataset
JOIN dataset_name dn ON dn.namespace = d.namespace AND dn.name = d.name
WHERE n.run_id = $run_id AND dn.dataset_id = $dataset_id
"""
SNAPSHOTS = """
SELECT DISTINCT e.digest FROM taken t JOIN component c USING (event_id) JOIN event e USING (event_id)
WHERE t.environment = $environment AND c.purl IN (SELECT unnest($purls::VARCHAR[])) ORDER BY 1 LIMIT 1
"""
SEEN = """
WITH asked AS (SELECT unnest($digests::UHUGEINT[]) AS digest),
     place AS (
        SELECT e.digest, e.input_id, e.position FROM event e SEMI JOIN asked USING (digest)
        UNION
        SELECT e.digest, s.input_id, s.position FROM sighting s JOIN event e USING (event_id) SEMI
            JOIN asked USING (digest)
     )
SELECT DISTINCT p.digest, n.name, i.digest, p.position
FROM place p JOIN input i USING (input_id) JOIN input_name n USING (input_id) ORDER BY ALL
"""
LONGEST = 50  # steps of one path


@dataclass(frozen=True)
class Path:
    """``steps`` as sentences from the seed to the record; ``evidence`` the digests of the events, in that order."""

    steps: list[str]
    evidence: list[str]


class Paths:
    """Spells paths out; the part that many people share is made once."""

    def __init__(self, store: Store, seeds: Seeds, table: str = "answer_exposure") -> None:
        self.store, self.seeds = store, seeds
        self.exposure = EXPOSURE.format(table=table)
        self.shared: dict[tuple[int, int | None], tuple[list[str], list[int]]] = {}

    def of(self, exposure_id: int, read_id: int | None, entry_id: int) -> Path:
        if (exposure_id, read_id) not in self.shared:
            steps, digests, exposed = self._exposure(exposure_id)
            if read_id is not None:
                more_steps, more_digests = self._hops(read_id, exposed)
                steps, digests = steps + more_steps, digests + more_digests
            self.shared[exposure_id, read_id] = (steps, digests)
        steps, digests = self.shared[exposure_id, read_id]
        dataset, key, subject = self.store.one(RECORD, entry_id=entry_id)
        told = self.store.one(RECORD_EVENT, entry_id=entry_id)[0]
        last = [told] if told is not None else []
        return Path(
            [*steps, f"record {key} of {dataset} belongs to {subject}"], [_text(digest) for digest in digests + last]
        )

    def _exposure(self, exposure_id: int) -> tuple[list[str], list[int], int | None]:
        (
            rule, environment, run, job, principal, dataset, start, end, by_run, read_id, event_id, run_id,
                dataset_id, _,
        ) = self.store.one(self.exposure, exposure_id=exposure_id)  # fmt: skip
        steps, digests = [self._seed(rule, environment)], list[int]()
        if environment is not None:
            digests += [
                row[0] for row in self.store.rows(SNAPSHOTS, environment=environment, purls=list(self.seeds.purls))
            ]
        if run is not None and rule != "exposed-dataset":
            steps.append(f"run {run} of {job}" if job else f"run {run}")
        if by_run:
            if run_id is not None:
                digests += self._run_events(run_id, dataset_id)
        else:
            steps.append(f"access by {principal or 'an unnamed principal'}")
            digests.append(self.store.one(EVENT, event_id=event_id)[0])
        steps.append(f"read {dataset} {_interval(start, end)}")
        return steps, digests, read_id

    def _hops(self, read_id: int, exposed: int | None) -> tuple[list[str], list[int]]:
        """The walk back from the read ``exposed`` (None: an open dataset) to ``read_id``, told from the exposure on."""
        hops: list[tuple[str, list[int]]] = []
        at: int | None = read_id
        while at is not None and len(hops) < LONGEST:
            found = self.store.rows(HOP, read_id=at)
            if not found:
                break
            source, run, job, written, read, start, run_id, written_id, read_dataset, event_id, _ = found[0]
            who = f"run {run} of {job}" if run else "a statement or rename"
            digests = self._run_events(run_id, written_id) if run_id is not None and not event_id else []
            if event_id:
                digests = [self.store.one(EVENT, event_id=event_id)[0]]
            if run_id is not None:
                digests += self._run_events(run_id, read_dataset)
            hops.append((f"{written} was written by {who}, which had read {read} from {_at(start)}", digests))
            if source == exposed:
                break
            at = source
        hops.reverse()
        return [step for step, _ in hops], list(dict.fromkeys(digest for _, digests in hops for digest in digests))

    def of_run(self, run_id: int, dataset_id: int) -> list[str]:
        """The digest of the event that stands for a run's touch of a dataset."""
        return [_text(digest) for digest in self._run_events(run_id, dataset_id)]

    def _run_events(self, run_id: int, dataset_id: int) -> list[int]:
        digest = self.store.one(RUN_EVENT, run_id=run_id, dataset_id=dataset_id)[0]
        return [digest] if digest is not None else []

    def _seed(self, rule: str, environment: str | None) -> str:
        if rule == "package":
            return f"an affected package in {environment}"
        if rule == "credential":
            return "a credential that a compromised run knew"
        if rule == "exposed-dataset":
            return "the dataset was open to outsiders"
        return f"the {rule} asked about"

    def seen(self, digests: Sequence[str]) -> Iterator[Evidence]:
        """Where each digest was seen, every time it was."""
        numbers = [str(int(digest.split(":")[1], 16)) for digest in digests]
        for digest, name, input_digest, position in self.store.rows(SEEN, digests=numbers):
            yield Evidence(_text(digest), name, f"sha256:{input_digest}", position)


def _text(digest: int) -> str:
    """The first 128 bits of the SHA-256 of an event's content."""
    return f"sha256-128:{digest:032x}"


def _at(instant: int) -> str:
    return "the beginning" if instant <= BEFORE_ALL else "now" if instant >= AFTER_ALL else format_instant(instant)


def _interval(start: int, end: int) -> str:
    return f"at {_at(start)}" if end - start < 1_000_000 else f"from {_at(start)} to {_at(end)}"
