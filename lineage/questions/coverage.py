"""Coverage: for what an answer leans on, whether anybody was watching (semantics.md, section 6).

`at_most` is a bound only where every row says 'observed'.
"""

from collections import Counter
from typing import Any

from lineage.flow.seeds import Seeds
from lineage.names import BEFORE_ALL, FIRST, LAST, format_instant
from lineage.store import Store

# Datasets that hold people's records or whose fields have categories, those exposed, and those whose content
# may have been inside what was exposed. A view holds nothing: its bases stand for it.
LEANED_ON = """
WITH touched AS ({touched})
SELECT d.namespace, d.name, d.has_entries,
       d.dataset_id IN (SELECT dataset_id FROM touched) AS is_touched,
       (SELECT list(s.source ORDER BY s.source) FROM dataset_source s WHERE s.dataset_id = d.dataset_id)
FROM dataset d
WHERE NOT d.is_view AND (d.has_entries OR d.dataset_id IN (
    SELECT dataset_id FROM touched UNION SELECT dataset_id FROM dataset_field
))
ORDER BY d.namespace, d.name
"""
SPANS = "SELECT source_no, id, max_silence, observes, first_at, last_at FROM source_span ORDER BY id"
GAPS = "SELECT source_no, start_at, end_at FROM source_gap WHERE start_at < $end AND end_at > $start ORDER BY ALL"
# Environments of the jobs that the answer is about; a time of the window that no holding snapshot vouches for,
# or that lies between two clean ones, is open: an affected version may have come and gone.
ENVIRONMENTS = """
SELECT DISTINCT j.environment FROM job j WHERE j.environment IS NOT NULL
  AND ($within::VARCHAR IS NULL OR j.job_id IN (
      SELECT r.job_id FROM vendor_run v JOIN run_job r USING (run_id) WHERE v.purpose = 'within'))
ORDER BY 1
"""
VOUCHED = """
SELECT possible_from, possible_to FROM presence WHERE environment = $environment
UNION SELECT taken_at, taken_at FROM taken WHERE environment = $environment
ORDER BY ALL
"""
# What a compromised run read before the window counts, and was unseen where nobody was watching then.
EARLIEST = "SELECT min(run_start) FROM seed_run"
# A stolen credential may be used beyond the window, and unseen where nobody was watching then.
LATEST = "SELECT max(possible_to) FROM seed_principal WHERE rule = 'credential'"

# What the compromised called, of which nobody told what it read or wrote.
UNSEEN = """
SELECT count(DISTINCT act_id) FROM unseen_call c
WHERE EXISTS (
    SELECT 1 FROM seed_principal s
    WHERE s.principal_id = c.principal_id AND c.start_at <= s.own_to AND c.end_at >= s.own_from
) OR EXISTS (SELECT 1 FROM seed_run s WHERE s.run_id = c.run_id AND c.start_at <= s.possible_to)
"""
UNSEEN_BY_ANYBODY = "SELECT count(DISTINCT act_id) FROM unseen_call WHERE start_at <= $end AND end_at >= $start"


def coverage(
    store: Store, seeds: Seeds, *, start: int, end: int, by_package: bool, touched: str
) -> list[dict[str, Any]]:
    """One row for each dataset and environment, in the order of their names; of sources what they saw from ``start`` to
    ``end`` (µs). ``touched``: a SELECT of the datasets (dataset_id) that the answer is about."""
    rows = _datasets(store, start, end, touched)
    if by_package:
        for (environment,) in store.rows(ENVIRONMENTS, within=seeds.within):
            rows.append({"environment": environment, "state": _environment(store, environment, seeds)})
    return rows


def first_use(store: Store, seeds: Seeds) -> int:
    """The begin of the time in which something that the seeds of a blast radius compromise may have been used."""
    earliest = store.one(EARLIEST)[0]
    return seeds.start if earliest is None else min(seeds.start, earliest)


def last_use(store: Store, seeds: Seeds) -> int:
    """The end of the time in which something that the seeds of a blast radius compromise may have been used."""
    return max(seeds.end, store.one(LATEST)[0] or seeds.end)


def unseen_calls(store: Store) -> int:
    """How many calls of what the seeds compromise tell no table at all."""
    return int(store.one(UNSEEN)[0])


def unseen_by_anybody(store: Store, start: int, end: int) -> int:
    """How many calls of anybody tell no table at all."""
    return int(store.one(UNSEEN_BY_ANYBODY, start=start, end=end)[0])


def openings(rows: list[dict[str, Any]], unseen: int) -> dict[str, int]:
    """How many rows, and how many unseen calls, keep `at_most` from being a bound, by state; empty where none does."""
    opened = Counter(row["state"] for row in rows if row["state"] != "observed")
    return dict(sorted((+(opened + Counter({"unseen-call": unseen}))).items()))


def _datasets(store: Store, start: int, end: int, touched: str) -> list[dict[str, Any]]:
    silences = _silences(store, start, end)
    rows = []
    for namespace, name, has_entries, is_touched, observed_by in store.rows(LEANED_ON.format(touched=touched)):
        known = [source for source in observed_by or [] if source in silences]
        unheard = [_told(start, end)] if len(known) < len(observed_by or []) else []  # of one nobody told what it is
        silent = sorted({*unheard, *(gap for source in known for gap in silences[source][0])})
        row: dict[str, Any] = {"dataset": {"namespace": namespace, "name": name}, "sources": known}
        if not known:
            row["state"] = "no-source"
        elif silent:
            row["state"] = "silent"
            row["silent"] = [[format_instant(low), format_instant(high)] for low, high in silent]
        elif not any(silences[source][1] for source in known):
            row["state"] = "not-observable"
        elif is_touched and not has_entries:
            row["state"] = "no-entries"
        else:
            row["state"] = "observed"
        rows.append(row)
    return rows


def _silences(store: Store, start: int, end: int) -> dict[str, tuple[list[tuple[int, int]], bool]]:
    """Source → (its silences inside the window, whether it would tell of reads)."""
    gaps: dict[int, list[tuple[int, int]]] = {}
    for source, low, high in store.rows(GAPS, start=start, end=end):
        gaps.setdefault(source, []).append((max(low, start), min(high, end)))
    found = {}
    for number, source, allowed, observes, first, last in store.rows(SPANS):
        silent = list(gaps.get(number, []))
        if first is None:
            silent = [_told(start, end)]  # it never said anything
        else:
            patience = allowed or 0
            if first - start > patience:
                silent.append(_told(start, min(first, end)))
            if end - last > patience:
                silent.append(_told(max(last, start), end))
        found[source] = (silent, observes is None or "read" in observes)
    return found


def _told(start: int, end: int) -> tuple[int, int]:
    """A silence as it is written: open to the left it begins in 1970, or with the years where it ended before."""
    dawn = 0 if end >= 0 else FIRST
    return start if start > BEFORE_ALL else dawn, min(end, LAST)


def _environment(store: Store, environment: str, seeds: Seeds) -> str:
    at = seeds.start - 1
    for low, high in store.rows(VOUCHED, environment=environment):
        if low > at + 1:
            break
        at = max(at, high)
    return "observed" if at >= seeds.end else "no-snapshots"
