"""What a blast radius may have been carried on to, since when, and by which way: of each dataset and run that may be
contaminated one of the earliest ways (semantics.md, section 3).

All of it is asked of the tables that going forward left (`flow.forward`), through a list of the answer (`Selection`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lineage.flow.forward import OF_OTHERS

TAINTED = "(SELECT write_id, min(arrival) AS arrival FROM tainted GROUP BY write_id)"
UNITS = "(SELECT unit, min(arrival) AS arrival FROM tainted_unit GROUP BY unit)"
# Datasets, the first to be reached first: whether certainly, and since when (µs).
DATASETS = f"""
SELECT d.namespace, d.name, bool_or(s.write_id IS NOT NULL) AS sure, min(t.arrival) AS since
FROM {TAINTED} t JOIN write w USING (write_id) LEFT JOIN (SELECT DISTINCT write_id FROM sure_write) s USING (write_id)
JOIN dataset d USING (dataset_id)
GROUP BY d.namespace, d.name ORDER BY since, d.name, d.namespace
"""
# Jobs of which runs are contaminated, over the list of runs.
JOBS = f"""
SELECT job_namespace AS namespace, job_name AS name, count(*) AS runs,
       coalesce(bool_or(contaminated = 'certain'), false) AS sure, min(u.arrival) AS since
FROM listed JOIN run_name n ON n.id = listed.run_id JOIN {UNITS} u ON u.unit = n.run_id
WHERE contaminated IS NOT NULL
GROUP BY ALL ORDER BY since, name, namespace
"""
# The writes that reached a dataset, or what a run read, first of all.
INTO_DATASET = f"""
SELECT w.write_id FROM write w JOIN {TAINTED} t USING (write_id) JOIN dataset d USING (dataset_id)
WHERE d.namespace || '/' || d.name = $ident
QUALIFY t.arrival = min(t.arrival) OVER () ORDER BY 1
"""
_SEEN = f"""JOIN write w ON w.dataset_id = r.dataset_id AND {OF_OTHERS.format(read="r", by="w.")}
    AND (w.told_id <> r.told_id OR r.barrier <= w.end_at)"""
INTO_RUN = f"""
SELECT DISTINCT w.write_id
FROM run_name n JOIN {UNITS} u ON u.unit = n.run_id JOIN read r ON r.unit = u.unit {_SEEN}
JOIN {TAINTED} t ON t.write_id = w.write_id
WHERE n.id = $ident AND r.end_at >= t.arrival AND greatest(r.start_at, t.arrival) = u.arrival ORDER BY 1
"""
SEEDS = f"""
SELECT write_id FROM {TAINTED} t SEMI JOIN seed_write s ON s.write_id = t.write_id AND s.arrival = t.arrival
WHERE write_id IN (SELECT unnest($writes::BIGINT[])) ORDER BY 1
"""
# One step back: the writes whose content a write's unit may have read, and that came as early as it did.
BACK = f"""
SELECT l.write_id AS later, w.write_id AS earlier
FROM (
    SELECT w.write_id, w.start_at, r.read_id FROM write w JOIN read r USING (unit) WHERE NOT w.stated
    UNION ALL
    SELECT w.write_id, w.start_at, f.read_id FROM write w JOIN stated_flow f USING (write_id) WHERE w.stated
) l JOIN {TAINTED} lt ON lt.write_id = l.write_id JOIN read r ON r.read_id = l.read_id {_SEEN}
JOIN {TAINTED} t ON t.write_id = w.write_id
WHERE l.write_id IN (SELECT unnest($writes::BIGINT[]))
  AND r.end_at >= t.arrival AND greatest(l.start_at, r.start_at, t.arrival) = lt.arrival
ORDER BY ALL
"""
TOLD = f"""
SELECT w.write_id, d.namespace || '/' || d.name AS dataset, d.name, n.id AS run,
       j.namespace || '/' || j.name AS job, j.name AS job_name, p.id AS principal, t.arrival AS since
FROM write w JOIN {TAINTED} t USING (write_id) JOIN dataset d USING (dataset_id)
LEFT JOIN (SELECT run_id, min(id) AS id FROM run_name GROUP BY run_id) n ON n.run_id = w.run_id
LEFT JOIN (SELECT run_id, min(job_id) AS job_id FROM run_job GROUP BY run_id) o ON o.run_id = w.run_id
LEFT JOIN job j ON j.job_id = o.job_id LEFT JOIN principal p ON p.principal_id = w.principal_id
WHERE w.write_id IN (SELECT unnest($writes::BIGINT[]))
"""
LONGEST = 50  # steps of a way that are told, the last ones; what an hourly job hands on has thousands
Over = Callable[..., list[dict[str, Any]]]  # SQL and its parameters → rows


@dataclass(frozen=True)
class Carried:
    """One write of a way: a ``run`` (of a ``job``) or a ``principal`` wrote ``dataset``; neither: a rename or a change
    that was told. ``since`` (µs) what is compromised may have been in it."""

    dataset: str
    name: str
    run: str | None
    job: str | None
    job_name: str | None
    principal: str | None
    since: int


@dataclass(frozen=True)
class Way:
    """``whole``: the first step is the compromised write; else more steps come before it than are told."""

    steps: list[Carried]
    whole: bool = True


def way(over: Over, kind: str, ident: str) -> Way:
    """One of the earliest ways to a dataset (``namespace/name``) or a run, in the fewest steps; without steps where
    none leads there."""
    level = [row["write_id"] for row in over(INTO_DATASET if kind == "dataset" else INTO_RUN, ident=ident)]
    after: dict[int, int | None] = dict.fromkeys(level)
    for step in range(1, LONGEST + 1):
        if not level:
            break
        if seeds := over(SEEDS, writes=level):
            return Way(_told(over, _along(seeds[0]["write_id"], after)))
        if step == LONGEST:
            return Way(_told(over, _along(min(level), after)), whole=False)
        found: dict[int, int] = {}
        for row in over(BACK, writes=level):
            if row["earlier"] not in after:
                found.setdefault(row["earlier"], row["later"])
        after |= found
        level = list(found)
    return Way([])


def _along(write: int | None, after: dict[int, int | None]) -> list[int]:
    writes = []
    while write is not None:
        writes.append(write)
        write = after[write]
    return writes


def _told(over: Over, writes: list[int]) -> list[Carried]:
    rows = {row.pop("write_id"): Carried(**row) for row in over(TOLD, writes=writes)}
    return [rows[write] for write in writes]
