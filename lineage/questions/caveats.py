"""Caveats: what every answer must say about itself, with counts and what would mend it."""

from typing import TYPE_CHECKING, Any

from lineage.flow.seeds import Seeds
from lineage.questions.row_counts import CONTRADICTIONS
from lineage.store import Store

if TYPE_CHECKING:
    from lineage.versions import Advisory

# What is said of everything the store knows, as `touches` counted it. All counts are over sets, so that order and
# repetition change none of them.
HINTS = {
    "rejected-line": "See them with `lineage status`; what they said is not in this answer.",
    "held-aside-line": "They wait for a source's timezone or namespace in the catalog.",
    "unparsed-statement": "Their accesses count with unknown scope.",
    "run-without-start": "Nothing about them is certain; max_duration in the catalog says how early they began.",
    "run-out-of-order": "They ended before they started; the times were exchanged and nothing about them is certain.",
    "task-query": "Queries of tasks, and tests, told when all was done: they ran at some time since that began.",
    "unknown-principal": "`lineage status` names them: add them to the catalog, with their vendor.",
    "unknown-job": "No vendor, principal or environment: no catalog entry matches what `lineage status` names.",
    "unknown-dataset": "No categories, keys or sources: no catalog entry matches what `lineage status` names.",
    "incomplete-lineage": "Not all of what they read, wrote or derived from is told in a way that can be held.",
    "logged-statement": "PostgreSQL logged them by itself: what no row of pgaudit tells of them is not in this answer.",
    "component-without-purl": "Their snapshots hold what has no package URL, and can be known by its name at most.",
    "no-catalog": "Without a catalog nothing has a vendor: `lineage ingest catalog.yml`.",
}
# Where entries tell of some records, and were not declared to be all.
PARTLY_TOLD = "SELECT dataset_id FROM dataset WHERE has_entries AND NOT indexed"
# Each is asked about where there are exposures of its kind.
ABOUT_EXPOSURES = (
    (
        "unknown-principal-read",
        "Principals that no catalog knows read exposed datasets; whose they are may matter.",
        "true",
        """SELECT count(DISTINCT coalesce(act_id, -use_id)) FROM use_of_dataset
        WHERE is_read AND dataset_id IN (SELECT dataset_id FROM answer_exposure)
          AND principal_id IN (SELECT principal_id FROM principal WHERE NOT in_catalog)
          AND start_at <= $end AND start_at + lasted >= $start""",
    ),
    (
        "key-without-entry",
        "No record entry tells of these keys that accesses named: whose they are is not known.",
        f"scope = 'keys' AND dataset_id IN ({PARTLY_TOLD})",
        f"""SELECT count(*) FROM (
            SELECT DISTINCT dataset_id, key FROM (
                SELECT e.dataset_id, unnest(a.keys) AS key
                FROM (
                    SELECT DISTINCT event_id, dataset_id FROM answer_exposure
                    WHERE scope = 'keys' AND dataset_id IN ({PARTLY_TOLD})
                ) e JOIN access a USING (event_id)
            ) ANTI JOIN record USING (dataset_id, key)
        )""",
    ),
    (
        "row-count-mismatch",
        "The log counted other rows than the replay found TRUE: record entries may be incomplete.",
        "scope IN ('all', 'replay')",
        CONTRADICTIONS,
    ),
)
UNSEEN_CALL = (
    "No row tells a table of what they called: pgaudit is silent on SECURITY DEFINER functions of others, and on who"
    " replicates a server or takes a base backup of it."
)
UNCLEAR_VERSION = (
    "They are held possibly affected: their versions have no order here, only their source is named, or another"
    " release of their distribution is."
)
NO_JOB = "no job of the catalog runs in an environment of this name"
MOST_NAMED = 3
WITHOUT_ENVIRONMENT = """
SELECT count(DISTINCT j.job_id) FROM job j JOIN run_job r USING (job_id) JOIN run n USING (run_id)
WHERE j.environment IS NULL AND n.start_at <= $end AND n.end_at >= $start
"""
# What was found where no job is told to run: most often a scanner calls it otherwise than the catalog does.
WITHOUT_JOB = """
SELECT DISTINCT environment FROM presence
WHERE possible_from <= $end AND possible_to >= $start
  AND environment NOT IN (SELECT environment FROM job WHERE environment IS NOT NULL)
ORDER BY environment
"""


def caveats(
    store: Store, seeds: Seeds | None, advisories: "list[Advisory]", *, by_package: bool, unseen: int
) -> list[dict[str, Any]]:
    """Rows of (kind, count, hint), sorted by kind; nothing is said of what is not there."""
    found = [(kind, count, HINTS[kind]) for kind, count in store.rows("SELECT kind, count FROM caveat")]
    found.append(("unseen-call", unseen, UNSEEN_CALL))
    if seeds is not None:
        told = {"start": seeds.start, "end": seeds.end}
        found += [
            (kind, store.one(sql, **told)[0], hint)
            for kind, hint, exposed, sql in ABOUT_EXPOSURES
            if store.any("answer_exposure", exposed)
        ]
        if by_package:
            found.append(
                (
                    "job-without-environment",
                    store.one(WITHOUT_ENVIRONMENT, **told)[0],
                    "Their packages cannot be known: give them an environment in the catalog.",
                )
            )
            idle = [environment for (environment,) in store.rows(WITHOUT_JOB, **told)]
            named = ", ".join(idle[:MOST_NAMED])
            found.append(("environment-without-job", len(idle), f"It may have been there, and {NO_JOB}: {named}."))
        unknown = ", ".join(seeds.unknown_packages[:MOST_NAMED])
        found.append(("unknown-package", len(seeds.unknown_packages), f"No snapshot holds any version of: {unknown}."))
        other = ", ".join(seeds.other_versions[:MOST_NAMED])
        found.append(("other-versions", len(seeds.other_versions), f"Snapshots hold other versions only: {other}."))
        found.append(("unclear-version", len(seeds.unclear_purls), UNCLEAR_VERSION))
        unread = ", ".join(seeds.unread_purls[:MOST_NAMED])
        found.append(("unreadable-purl", len(seeds.unread_purls), f"Snapshots hold what is no package URL: {unread}."))
        found.append(
            (
                "withdrawn-advisory",
                sum(advisory.withdrawn is not None for advisory in advisories),
                "It was taken back by who wrote it; it is used as given.",
            )
        )
    return [{"kind": kind, "count": count, "hint": hint} for kind, count, hint in sorted(found) if count]
