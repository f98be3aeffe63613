"""Who is compromised, and when: the rules of semantics.md, section 4, each a set of intervals.

`seed_run` and `seed_principal` hold, for each rule, a possible interval and inside it a certain one
(NULL for none), in µs, both ends inclusive. A run is `sure` to be compromised where it is known to meet the
certain one; what it read or wrote is certain by its own interval.
"""

from dataclasses import dataclass, field

from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.store import Store

RULES = ("vendor", "principal", "package", "job", "run", "dataset", "exposed-dataset", "credential")
SEEDS_OF = {
    "vendor": ("vendors",),
    "principal": ("principals",),
    "job": ("jobs",),
    "run": ("runs",),
    "dataset": ("datasets",),
    "exposed-dataset": ("open_datasets",),
    "package": ("purls", "unclear_purls"),
}


@dataclass(frozen=True)
class Seeds:
    """What a question starts from. Identities are as the store numbers or names them; instants are µs."""

    vendors: tuple[str, ...] = ()
    principals: tuple[int, ...] = ()
    jobs: tuple[int, ...] = ()
    runs: tuple[int, ...] = ()
    datasets: tuple[int, ...] = ()
    open_datasets: tuple[int, ...] = ()
    purls: tuple[str, ...] = ()  # the concrete packages in the store that the seeds and advisories call affected
    unclear_purls: tuple[str, ...] = ()  # those whose version cannot be compared: at best possibly present
    unread_purls: tuple[str, ...] = ()  # those that are no package URL: of no package that anybody can ask for
    unknown_packages: tuple[str, ...] = ()  # what was asked of packages that no snapshot holds in any version
    other_versions: tuple[str, ...] = ()  # and of those that snapshots hold in other versions only
    start: int = BEFORE_ALL
    end: int = AFTER_ALL
    within: str | None = None
    rules: frozenset[str] = field(default_factory=lambda: frozenset(RULES))

    def parameters(self) -> dict[str, object]:
        """As the SQL of this room names them; a rule that is switched off has no seeds."""
        lists = {
            name: list(getattr(self, name)) if rule in self.rules else []
            for rule, names in SEEDS_OF.items()
            for name in names
        }
        return {
            **lists,
            "start": self.start,
            "end": self.end,
            "within": self.within,
            "use_credential": "credential" in self.rules,
        }

    def asked(self, rule: str) -> bool:
        """Whether something starts from this rule."""
        return rule in self.rules and any(getattr(self, name) for name in SEEDS_OF[rule])


# A vendor seed of its own for --within-vendor, and the one that was asked for.
VENDORS = """
CREATE OR REPLACE TEMP TABLE asked_vendor AS
WITH RECURSIVE under(purpose, id) AS (
    SELECT 'seed', unnest($vendors::VARCHAR[])
    UNION ALL SELECT 'within', $within::VARCHAR WHERE $within::VARCHAR IS NOT NULL
    UNION
    SELECT u.purpose, v.id FROM under u JOIN vendor v ON v.sub_processor_of = u.id
)
SELECT DISTINCT purpose, id FROM under
"""
VENDOR_PRINCIPALS = """
CREATE OR REPLACE TEMP TABLE vendor_principal AS
SELECT DISTINCT v.purpose, m.principal_id,
       greatest(m.start_at, $start::BIGINT) AS start_at, least(m.end_at, $end::BIGINT) AS end_at
FROM asked_vendor v JOIN membership m ON m.vendor = v.id
WHERE greatest(m.start_at, $start::BIGINT) <= least(m.end_at, $end::BIGINT)
"""
VENDOR_RUNS = """
CREATE OR REPLACE TEMP TABLE vendor_run AS
SELECT DISTINCT v.purpose, r.run_id, $start::BIGINT AS start_at, $end::BIGINT AS end_at
FROM asked_vendor v JOIN job j ON j.vendor = v.id JOIN run_job r USING (job_id)
UNION
SELECT p.purpose, r.run_id, p.start_at, p.end_at
FROM vendor_principal p JOIN job j USING (principal_id) JOIN run_job r USING (job_id)
"""
# Section 2, package presence: possibly from the last earlier snapshot without it to the first later one
# without it; certainly between consecutive snapshots that both hold it, whatever another one leaves open.
PRESENCE = f"""
CREATE OR REPLACE TEMP TABLE presence AS
WITH snap AS (
    SELECT t.environment, t.taken_at, bool_or(h.event_id IS NOT NULL) AS any_holds,
           bool_and(coalesce(h.surely, false)) AS all_hold
    FROM taken t
    LEFT JOIN (
        SELECT event_id, bool_or(marked IS NULL AND purl IN (SELECT unnest($purls::VARCHAR[]))) AS surely
        FROM component
        WHERE purl IN (SELECT unnest($purls::VARCHAR[]) UNION SELECT unnest($unclear_purls::VARCHAR[]))
        GROUP BY event_id
    ) h USING (event_id)
    GROUP BY t.environment, t.taken_at
), island AS (
    SELECT *, sum(CASE WHEN any_holds THEN 0 ELSE 1 END) OVER (PARTITION BY environment ORDER BY taken_at) AS number,
           max(taken_at) FILTER (NOT any_holds) OVER (PARTITION BY environment ORDER BY taken_at) AS clean_before,
           min(taken_at) FILTER (NOT any_holds) OVER (
               PARTITION BY environment ORDER BY taken_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
           ) AS clean_after,
           sum(CASE WHEN all_hold THEN 0 ELSE 1 END) OVER (PARTITION BY environment ORDER BY taken_at) AS stretch
    FROM snap
), possible AS (
    SELECT environment, number, coalesce(any_value(clean_before), {BEFORE_ALL}) AS possible_from,
           coalesce(any_value(clean_after), {AFTER_ALL}) AS possible_to
    FROM island WHERE any_holds GROUP BY environment, number
), certain AS (
    SELECT environment, number, min(taken_at) AS certain_from, max(taken_at) AS certain_to
    FROM island WHERE all_hold GROUP BY environment, number, stretch HAVING count(*) > 1
), chained AS (
    SELECT *, count(*) FILTER (before IS NULL OR possible_from > before + 1) OVER (
        PARTITION BY environment ORDER BY number
    ) AS chain
    FROM (SELECT *, lag(possible_to) OVER (PARTITION BY environment ORDER BY number) AS before FROM possible)
)
SELECT environment, number, possible_from, possible_to, certain_from, certain_to,
       min(possible_from) OVER one AS united_from, max(possible_to) OVER one AS united_to,
       number = min(number) OVER one AS leads
FROM chained LEFT JOIN certain USING (environment, number)
WINDOW one AS (PARTITION BY environment, chain)
"""
NO_PRESENCE = """
CREATE OR REPLACE TEMP TABLE presence (
    environment VARCHAR, number BIGINT, possible_from BIGINT, possible_to BIGINT,
    certain_from BIGINT, certain_to BIGINT, united_from BIGINT, united_to BIGINT, leads BOOLEAN
)
"""
# What each rule says of runs; a rule that nobody asked for is not planned.
RULE_RUNS = {
    "vendor": """
SELECT 'vendor' AS rule, run_id, start_at AS possible_from, end_at AS possible_to,
       start_at AS certain_from, end_at AS certain_to, NULL::VARCHAR AS environment
FROM vendor_run WHERE purpose = 'seed'
""",
    "principal": """
SELECT 'principal', r.run_id, $start, $end, $start, $end, NULL
FROM job j JOIN run_job r USING (job_id) WHERE j.principal_id IN (SELECT unnest($principals::BIGINT[]))
""",
    "job": """
SELECT 'job', run_id, $start, $end, $start, $end, NULL FROM (
    SELECT run_id FROM run_job WHERE job_id IN (SELECT unnest($jobs::BIGINT[]))
    UNION SELECT run_id FROM run_above_job WHERE job_id IN (SELECT unnest($jobs::BIGINT[]))
)
""",
    "run": """
SELECT 'run', run_id, $start, $end, $start, $end, NULL FROM (
    SELECT unnest($runs::BIGINT[]) AS run_id
    UNION SELECT run_id FROM run_above WHERE above IN (SELECT unnest($runs::BIGINT[]))
)
""",
    "package": """
SELECT DISTINCT 'package', run_id, greatest(united_from, $start), least(united_to, $end),
       CASE WHEN met THEN greatest(certain_from, CASE WHEN certain_from IS NOT NULL THEN $start END) END,
       CASE WHEN met THEN least(certain_to, CASE WHEN certain_to IS NOT NULL THEN $end END) END, environment
FROM (
    SELECT p.*, r.run_id,
           n.start_at <= least(p.possible_to, $end) AND n.end_at >= greatest(p.possible_from, $start) AS met
    FROM presence p JOIN job j USING (environment) JOIN run_job r USING (job_id) JOIN run n USING (run_id)
) WHERE met OR leads
""",
}
# The cut of --within-vendor, then what is left of each seed where the run's interval meets it.
CUT_RUNS = """
CREATE OR REPLACE TEMP TABLE cut_run AS
WITH cut AS (
    SELECT s.rule, s.run_id, s.environment,
           greatest(s.possible_from, v.start_at) AS possible_from, least(s.possible_to, v.end_at) AS possible_to,
           greatest(s.certain_from, CASE WHEN s.certain_from IS NOT NULL THEN v.start_at END) AS certain_from,
           least(s.certain_to, CASE WHEN s.certain_to IS NOT NULL THEN v.end_at END) AS certain_to
    FROM told_run s JOIN vendor_run v ON v.purpose = 'within' AND v.run_id = s.run_id
    WHERE $within::VARCHAR IS NOT NULL
    UNION ALL
    SELECT rule, run_id, environment, possible_from, possible_to, certain_from, certain_to
    FROM told_run WHERE $within::VARCHAR IS NULL
)
SELECT DISTINCT rule, run_id, environment, possible_from, possible_to,
       CASE WHEN certain_from <= certain_to THEN certain_from END AS certain_from,
       CASE WHEN certain_from <= certain_to THEN certain_to END AS certain_to
FROM cut WHERE possible_from <= possible_to
"""
SEED_RUNS = """
CREATE OR REPLACE TEMP TABLE seed_run AS
SELECT c.*, r.known AND coalesce(r.start_at <= c.certain_to AND r.end_at >= c.certain_from, false) AS sure,
       r.start_at AS run_start, r.end_at AS run_end
FROM cut_run c JOIN run r USING (run_id)
WHERE r.start_at <= c.possible_to AND r.end_at >= c.possible_from
"""
# A stolen credential is possible from the first moment at which a run that knew it may have been compromised
# until the first rotation after the last such moment of that run, by whichever rule: what it knew is worth nothing from
# then on, whatever another run learns later. The window does not stop it, nor does the vendor's cut. Of the runs that
# it leaked to until one rotation the first stands for all.
LEAKS = f"""
CREATE OR REPLACE TEMP TABLE leak AS
WITH told AS (
    SELECT s.run_id, j.principal_id, s.rule, s.environment, greatest(s.run_start, s.possible_from) AS first_at,
           least(s.run_end, s.possible_to) AS last_at
    FROM seed_run s JOIN run_job r USING (run_id) JOIN job j USING (job_id)
    WHERE s.rule IN ('package', 'job', 'run') AND j.principal_id IS NOT NULL
    UNION ALL
    SELECT s.run_id, c.principal_id, 'package', p.environment, greatest(s.run_start, s.possible_from),
           least(s.run_end, s.possible_to)
    FROM seed_run s JOIN (SELECT DISTINCT run_id, environment FROM seed_run WHERE rule = 'package') p USING (run_id)
    JOIN credential c ON c.environment = p.environment WHERE s.rule IN ('package', 'job', 'run')
), leaked AS (
    SELECT principal_id, min(first_at) AS first_at, max(last_at) AS last_at,
           min((first_at, run_id, rule, environment)) AS cause
    FROM told WHERE $use_credential GROUP BY run_id, principal_id
)
SELECT l.principal_id, coalesce(r.rotated_at, {AFTER_ALL}) AS rotated_at, min(l.first_at) AS first_at,
       min(l.cause)[2] AS run_id, min(l.cause)[3] AS rule, min(l.cause)[4] AS environment
FROM leaked l ASOF LEFT JOIN rotation r ON r.principal_id = l.principal_id AND r.rotated_at > l.last_at
GROUP BY l.principal_id, r.rotated_at
"""
SEED_PRINCIPALS = """
CREATE OR REPLACE TEMP TABLE seed_principal AS
WITH told AS (
    SELECT 'vendor' AS rule, principal_id, start_at, end_at FROM vendor_principal WHERE purpose = 'seed'
    UNION ALL
    SELECT 'principal', unnest($principals::BIGINT[]), $start::BIGINT, $end::BIGINT
), cut AS (
    SELECT t.rule, t.principal_id, greatest(t.start_at, v.start_at) AS start_at, least(t.end_at, v.end_at) AS end_at
    FROM told t JOIN vendor_principal v ON v.purpose = 'within' AND v.principal_id = t.principal_id
    WHERE $within::VARCHAR IS NOT NULL
    UNION ALL SELECT * FROM told WHERE $within::VARCHAR IS NULL
)
SELECT DISTINCT rule, principal_id, start_at AS possible_from, end_at AS possible_to,
       start_at AS certain_from, end_at AS certain_to, start_at AS own_from, end_at AS own_to
FROM cut WHERE start_at <= end_at
UNION ALL
SELECT 'credential', principal_id, first_at, rotated_at, NULL, NULL, first_at, rotated_at FROM leak
"""


# Several seeds unite: what lies across intervals that touch lies inside them all together, where its run meets none but
# one of them too. Each seed gets the united interval that holds its own; a principal's keeps its own beside it, which
# says by which rule an access was exposed.
SEVERAL = """
SELECT 1 FROM (
    SELECT count(DISTINCT (possible_from, possible_to, certain_from, certain_to)) AS number
    FROM {told} GROUP BY {whose}_id
) WHERE number > 1 LIMIT 1
"""
UNITED = """
CREATE OR REPLACE TEMP TABLE seed_{whose} AS
WITH told AS (
    SELECT {whose}_id, true AS sure, certain_from AS start_at, certain_to AS end_at FROM {told}
    WHERE certain_from IS NOT NULL
    UNION SELECT {whose}_id, false, possible_from, possible_to FROM {told}
), step AS (
    SELECT *, max(end_at) OVER (
        PARTITION BY {whose}_id, sure ORDER BY start_at, end_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM told
), island AS (
    SELECT *, count(*) FILTER (before IS NULL OR start_at > before + 1) OVER (
        PARTITION BY {whose}_id, sure ORDER BY start_at, end_at ROWS UNBOUNDED PRECEDING
    ) AS number FROM step
), united AS (
    SELECT {whose}_id, sure, min(start_at) AS start_at, max(end_at) AS end_at FROM island
    GROUP BY {whose}_id, sure, number
)
SELECT DISTINCT s.* REPLACE (
    p.start_at AS possible_from, p.end_at AS possible_to, c.start_at AS certain_from, c.end_at AS certain_to
)
FROM seed_{whose} s
JOIN united p ON p.{whose}_id = s.{whose}_id AND NOT p.sure AND s.possible_from BETWEEN p.start_at AND p.end_at
LEFT JOIN united c ON c.{whose}_id = s.{whose}_id AND c.sure AND s.certain_from BETWEEN c.start_at AND c.end_at
"""


def plant(store: Store, seeds: Seeds) -> None:
    """Fill seed_run and seed_principal for a question."""
    package = seeds.asked("package")
    told = " UNION ALL ".join(sql for rule, sql in RULE_RUNS.items() if rule == "vendor" or seeds.asked(rule))
    store.script(
        (
            *(VENDORS, VENDOR_PRINCIPALS, VENDOR_RUNS, PRESENCE if package else NO_PRESENCE),
            *(f"CREATE OR REPLACE TEMP TABLE told_run AS {told}", CUT_RUNS, SEED_RUNS, LEAKS, SEED_PRINCIPALS),
        ),
        **seeds.parameters(),
    )
    for whose, told in (("run", "cut_run"), ("principal", "seed_principal")):
        if store.rows(SEVERAL.format(whose=whose, told=told)):
            store.run(UNITED.format(whose=whose, told=told))
