"""Caveats: what every answer must say about itself, with counts and what would mend it."""

from typing import TYPE_CHECKING, Any

from lineage.flow.seeds import Seeds
from lineage.store import Store

if TYPE_CHECKING:
    from lineage.versions import Advisory

# (kind, hint, SQL that counts). All counts are over sets, so that order and repetition change none of them.
CAVEATS = (
    (
        "rejected-line",
        "See them with `lineage status`; what they said is not in this answer.",
        "SELECT count(DISTINCT digest) FROM reject",
    ),
    (
        "held-aside-line",
        "They wait for a source's timezone or namespace in the catalog.",
        "SELECT count(DISTINCT event_id) FROM held",
    ),
    (
        "unparsed-statement",
        "Their accesses count with unknown scope.",
        "SELECT count(*) FROM told_act a JOIN template t USING (template_id) WHERE NOT t.parsed",
    ),
    (
        "run-without-start",
        "Nothing about them is certain; the catalog's max_duration says how early they may have begun.",
        "SELECT count(*) FROM run WHERE NOT has_start",
    ),
    (
        "run-out-of-order",
        "They ended before they started; the times were exchanged and nothing about them is certain.",
        "SELECT count(*) FROM run WHERE swapped",
    ),
    (
        "unknown-principal",
        "Add them to the catalog, with their vendor.",
        "SELECT count(*) FROM principal WHERE NOT in_catalog",
    ),
    (
        "unknown-job",
        "No catalog entry matches them: they have no vendor, principal or environment.",
        "SELECT count(*) FROM job WHERE catalog_no IS NULL",
    ),
    (
        "unknown-dataset",
        "No catalog entry matches them: they have no categories, keys or sources.",
        "SELECT count(*) FROM dataset WHERE catalog_no IS NULL",
    ),
    (
        "incomplete-lineage",
        "Their producers said that they could not see everything.",
        "SELECT count(DISTINCT event_id) FROM note WHERE kind = 'extraction-error'",
    ),
    (
        "no-catalog",
        "Without a catalog nothing has a vendor: `lineage ingest catalog.yml`.",
        "SELECT count(*) FROM (SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM document WHERE kind = 'catalog'))",
    ),
)
ABOUT_EXPOSURES = (
    (
        "unknown-principal-read",
        "Principals that no catalog knows read exposed datasets; whose they are may matter.",
        """SELECT count(DISTINCT u.act_id) FROM use u JOIN principal p USING (principal_id)
        WHERE u.is_read AND NOT p.in_catalog AND u.dataset_id IN (SELECT dataset_id FROM answer_exposure)
          AND u.start_at <= $end AND u.end_at >= $start""",
    ),
    (
        "row-count-mismatch",
        "The log counted other rows than the replay found TRUE: record entries may be incomplete.",
        """SELECT count(DISTINCT u.use_id)
        FROM answer_exposure e JOIN use u USING (use_id) JOIN told_act a USING (act_id)
        JOIN use_binding b USING (use_id)
        LEFT JOIN (
            SELECT u.use_id, count(DISTINCT r.key) AS rows FROM use u JOIN use_binding b USING (use_id)
            JOIN replayed p USING (binding_id) JOIN record r ON r.entry_id = p.entry_id
            WHERE p.truth = 'T' AND r.valid_from <= u.start_at AND u.end_at < r.certain_to GROUP BY u.use_id
        ) n USING (use_id)
        JOIN dataset d ON d.dataset_id = u.dataset_id
        WHERE d.indexed AND a.row_count < coalesce(n.rows, 0)""",
    ),
    (
        "job-without-environment",
        "Their packages cannot be known: give them an environment in the catalog.",
        """SELECT count(DISTINCT j.job_id) FROM job j JOIN run_job r USING (job_id) JOIN run n USING (run_id)
        WHERE j.environment IS NULL AND n.start_at <= $end AND n.end_at >= $start AND $by_package""",
    ),
)


def caveats(store: Store, seeds: Seeds | None, advisories: "list[Advisory]") -> list[dict[str, Any]]:
    """Rows of (kind, count, hint), sorted by kind; nothing is said of what is not there."""
    found = [(kind, store.one(sql)[0], hint) for kind, hint, sql in CAVEATS]
    if seeds is not None:
        told = {"start": seeds.start, "end": seeds.end, "by_package": bool(advisories or seeds.purls)}
        found += [(kind, store.one(sql, **told)[0], hint) for kind, hint, sql in ABOUT_EXPOSURES]
        found.append(
            ("unclear-version", len(seeds.unclear_purls), "Their versions have no order here: held possibly affected.")
        )
        found.append(
            (
                "withdrawn-advisory",
                sum(advisory.withdrawn is not None for advisory in advisories),
                "It was taken back by who wrote it; it is used as given.",
            )
        )
    return [{"kind": kind, "count": count, "hint": hint} for kind, count, hint in sorted(found) if count]
