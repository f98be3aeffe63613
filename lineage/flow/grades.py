"""Grades: which records an exposure touched, and how surely (the table of semantics.md, section 5).

3 is confirmed, 2 probable, 1 possible; excluded records get no row.
"""

from lineage.store import Store

GRADES = {3: "confirmed", 2: "probable", 1: "possible"}

# `asked_record` may narrow the records that are looked at, and `named_key` to their keys which accesses named which;
# without it all are.
ALL_RECORDS = """
CREATE OR REPLACE TEMP VIEW asked_record AS SELECT * FROM record;
CREATE OR REPLACE TEMP VIEW named_key AS SELECT * FROM use_key;
"""
# What an exposure shows: one number for each dataset and the categories that the fields of an exposure have there,
# however many choices of fields have them. Logs and catalogs write names in the case that they like.
SHOWN = """
CREATE OR REPLACE TEMP TABLE shown AS
WITH told AS (
    SELECT e.dataset_id, e.fields,
           list(DISTINCT f.category ORDER BY f.category) FILTER (f.category IS NOT NULL) AS categories
    FROM (SELECT DISTINCT dataset_id, fields FROM exposure) e
    LEFT JOIN dataset_field f ON f.dataset_id = e.dataset_id
        AND (e.fields IS NULL OR list_contains(list_transform(e.fields, lambda field: lower(field)), lower(f.field)))
    GROUP BY e.dataset_id, e.fields
)
SELECT dense_rank() OVER (ORDER BY dataset_id, categories) AS shown_id, dataset_id, fields, categories FROM told;
CREATE OR REPLACE TEMP TABLE shown_category AS
SELECT DISTINCT shown_id, unnest(categories) AS category FROM shown;
"""
# `through` is the number of an exposure or, from FLOWS on, of what content came from. Both are numbered by their begin,
# so of several ways to a record the one with the least RANK counts: the surest, before what flowed, the earliest.
FLOWS = 1 << 40
RANK = f"(3 - grade) * {FLOWS << 1} + through"
GRADE_OF_RANK = f"(3 - rank // {FLOWS << 1})::INTEGER"
THROUGH_OF_RANK = f"rank % {FLOWS << 1}"
GRADED = """
CREATE OR REPLACE TEMP TABLE graded (
    entry_id BIGINT, key_no BIGINT, subject_id BIGINT, shown_id BIGINT, grade BIGINT, through BIGINT, first_at BIGINT,
    last_at BIGINT
)
"""
# An exposure of unknown extent covers all records of its dataset that were there; so does, upstream, what content
# came from, for which `shown_id` is below 0. Where any field came along, it goes without saying that the record did. A
# dataset without entries has no records to cover. What its own transaction may have removed before was surely there if
# it still was at the transaction's end (`kept_to`; `hit_to`, where it is told what that may be).
COVERS = """
CREATE OR REPLACE TEMP TABLE cover AS
SELECT e.dataset_id, s.shown_id, e.start_at, e.end_at,
       CASE WHEN NOT e.certain THEN 1 WHEN e.scope = 'all' THEN 3 ELSE 2 END AS grade, min(e.exposure_id) AS through,
       coalesce(o.kept_to, e.end_at) AS kept_to, coalesce(o.hit_to, o.kept_to, e.end_at) AS hit_to
FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
LEFT JOIN own_view o ON o.use_id = e.use_id
SEMI JOIN (FROM dataset WHERE has_entries) d ON d.dataset_id = e.dataset_id
WHERE e.scope IN ('all', 'unknown') GROUP BY ALL
"""
FLOWED = f"""
CREATE OR REPLACE TEMP TABLE flow AS
SELECT {FLOWS} + row_number() OVER (ORDER BY r.start_at, i.from_exposure, i.read_id) AS through,
       r.dataset_id, i.read_id, i.from_exposure, i.field, r.start_at, i.departure
FROM inside i JOIN read r USING (read_id) SEMI JOIN (FROM dataset WHERE has_entries) d ON d.dataset_id = r.dataset_id;
CREATE OR REPLACE TEMP TABLE carried_field AS
WITH told AS (
    SELECT w.dataset_id, w.field,
           list(DISTINCT f.category ORDER BY f.category) FILTER (f.category IS NOT NULL) AS categories
    FROM (SELECT DISTINCT dataset_id, field FROM flow) w
    LEFT JOIN dataset_field f ON f.dataset_id = w.dataset_id AND w.field IN ('*', nullif(lower(f.field), ''))
    GROUP BY w.dataset_id, w.field
)
SELECT -dense_rank() OVER (ORDER BY dataset_id, categories) AS shown_id, dataset_id, field, categories FROM told;
INSERT INTO cover
SELECT dataset_id, f.shown_id, w.start_at, w.departure, 1, w.through, w.departure, w.departure
FROM flow w JOIN carried_field f USING (dataset_id, field);
"""
# For each record and what it shows, the earliest cover that it overlaps and how long any does, without pairing all
# with all: of the covers in order of their starts only those count that end later than all before them (`first`). The
# one that the record met first is looked up by its end, and the latest end is that of the last that began before the
# record was gone. Most records were there before the first ended and after the last began: for them nothing is looked
# up. (To pair twice costs less than to keep the pairs.)
COVERED = """
INSERT INTO graded
WITH latest AS (
    SELECT *, max(end_at) OVER (
        PARTITION BY shown_id ORDER BY start_at, through ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM cover
), first AS MATERIALIZED (
    SELECT dataset_id, shown_id, start_at, end_at, through FROM latest WHERE before IS NULL OR end_at > before
), last AS (
    SELECT shown_id, start_at, max(end_at) AS end_at FROM first GROUP BY shown_id, start_at
), whole AS (
    SELECT dataset_id, shown_id, min(start_at) AS start_at, min(end_at) AS end_at, arg_min(through, end_at) AS through,
           max(start_at) AS last_start, max(end_at) AS last_end
    FROM first GROUP BY dataset_id, shown_id
), pair AS NOT MATERIALIZED (
    SELECT r.entry_id, r.key_no, r.subject_id, r.valid_from, r.possible_to, w.* EXCLUDE (dataset_id)
    FROM whole w JOIN asked_record r USING (dataset_id)
    WHERE r.valid_from <= w.last_end AND r.possible_to > w.start_at
), begun AS MATERIALIZED (
    FROM pair WHERE valid_from <= end_at
    UNION ALL BY NAME
    SELECT p.* REPLACE (f.through AS through, f.start_at AS start_at)
    FROM (FROM pair WHERE valid_from > end_at) p
    ASOF JOIN first f ON f.shown_id = p.shown_id AND p.valid_from <= f.end_at
    WHERE f.start_at < p.possible_to
)
SELECT entry_id, key_no, subject_id, shown_id, 1 AS grade, through, greatest(start_at, valid_from),
       least(last_end, possible_to)
FROM begun WHERE possible_to > last_start
UNION ALL
SELECT b.entry_id, b.key_no, b.subject_id, b.shown_id, 1, b.through, greatest(b.start_at, b.valid_from),
       least(l.end_at, b.possible_to)
FROM (FROM begun WHERE possible_to <= last_start) b
ASOF JOIN last l ON l.shown_id = b.shown_id AND b.possible_to > l.start_at
"""
# Surely there throughout: the first certain cover from the record's begin on (the first of all for most), or a later
# one where that one outlasts the record.
SURELY = """
INSERT INTO graded
WITH sure AS MATERIALIZED (
    SELECT dataset_id, shown_id, grade, start_at, min({to}) AS end_at, arg_min(through, {to}) AS through,
           min(start_at) OVER (PARTITION BY shown_id, grade) AS first_start
    FROM cover WHERE grade > 1 GROUP BY dataset_id, shown_id, grade, start_at
), pair AS NOT MATERIALIZED (
    SELECT r.entry_id, r.key_no, r.subject_id, r.valid_from, r.certain_to, s.*
    FROM sure s JOIN {records} r USING (dataset_id)
    WHERE r.certain_to > s.start_at AND s.start_at = s.first_start
), hit AS MATERIALIZED (
    FROM pair WHERE valid_from <= start_at
    UNION ALL
    SELECT p.entry_id, p.key_no, p.subject_id, p.valid_from, p.certain_to, s.*
    FROM (FROM pair WHERE valid_from > start_at) p
    ASOF JOIN sure s ON s.shown_id = p.shown_id AND s.grade = p.grade AND p.valid_from <= s.start_at
    WHERE s.start_at < p.certain_to
)
SELECT entry_id, key_no, subject_id, shown_id, grade, through, NULL, NULL FROM hit WHERE end_at < certain_to
UNION ALL
SELECT entry_id, key_no, subject_id, shown_id, grade, through, NULL, NULL FROM (
    SELECT h.entry_id, h.key_no, h.subject_id, h.shown_id, h.grade, s.through
    FROM hit h JOIN sure s ON s.shown_id = h.shown_id AND s.grade = h.grade
        AND s.start_at > h.start_at AND s.end_at < h.certain_to
    WHERE h.end_at >= h.certain_to
    QUALIFY row_number() OVER (PARTITION BY h.entry_id, h.shown_id, h.grade ORDER BY s.start_at) = 1
)
"""
SURE_RECORDS = (
    ("(FROM asked_record ANTI JOIN own_removed USING (entry_id))", "kept_to"),
    ("(FROM asked_record SEMI JOIN own_removed USING (entry_id))", "hit_to"),
)
# What came into the entries when a transaction ended was there for its own reads since it was written (`seen_to`): by
# places in the order of begin.
SEEN = """
INSERT INTO graded
WITH seeing AS MATERIALIZED (
    SELECT e.dataset_id, s.shown_id, e.end_at, o.seen_to, min(e.exposure_id) AS through
    FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
    JOIN own_view o ON o.use_id = e.use_id
    WHERE e.scope IN ('all', 'unknown') AND o.seen_to > e.end_at GROUP BY ALL
), begun AS MATERIALIZED (
    SELECT dataset_id, entry_id, key_no, subject_id, valid_from,
           row_number() OVER (PARTITION BY dataset_id ORDER BY valid_from, entry_id) AS place
    FROM asked_record SEMI JOIN seeing USING (dataset_id)
), counted AS (
    SELECT dataset_id, valid_from, max(place) AS place FROM begun GROUP BY dataset_id, valid_from
), span AS (
    SELECT g.*, coalesce(f.place, 0) AS first, coalesce(l.place, 0) AS last
    FROM seeing g ASOF LEFT JOIN counted f ON f.dataset_id = g.dataset_id AND f.valid_from <= g.end_at
    ASOF LEFT JOIN counted l ON l.dataset_id = g.dataset_id AND l.valid_from <= g.seen_to
)
SELECT {told} FROM (
    SELECT b.entry_id, b.key_no, b.subject_id, s.shown_id, 1 AS grade, s.through, s.end_at AS first_at,
           s.end_at AS last_at
    FROM (SELECT * EXCLUDE (first, last), unnest(range(first + 1, last + 1)) AS place FROM span) s
    JOIN begun b USING (dataset_id, place)
) GROUP BY ALL
"""
# Records that an access named by key, or that its statement replays TRUE ('T') or UNKNOWN for; of what its
# own transaction wrote before, what is told apart counts.
NAMED = """
INSERT INTO graded
WITH numbered AS (
    SELECT e.*, s.shown_id, coalesce(o.seen_to, e.end_at) AS seen_to, coalesce(o.kept_to, e.end_at) AS kept_to
    FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
    LEFT JOIN own_view o ON o.use_id = e.use_id
    WHERE e.scope IN ('keys', 'replay')
), pair AS (
    SELECT e.*, r.entry_id, r.key_no, r.subject_id, r.valid_from, r.certain_to, r.possible_to, 3 AS sure
    FROM numbered e JOIN named_key k USING (use_id) JOIN asked_record r ON r.key_no = k.key_no
        AND r.dataset_id = e.dataset_id
    WHERE e.scope = 'keys'
    UNION ALL
    SELECT e.*, r.entry_id, r.key_no, r.subject_id, r.valid_from, r.certain_to, r.possible_to,
           CASE p.truth WHEN 'T' THEN 3 ELSE 2 END
    FROM numbered e JOIN use_binding b USING (use_id) JOIN replayed p USING (binding_id)
    JOIN asked_record r ON r.entry_id = p.entry_id AND r.dataset_id = e.dataset_id
    {apart}
    WHERE e.scope = 'replay'
    UNION ALL
    SELECT e.*, r.entry_id, r.key_no, r.subject_id, r.valid_from, r.certain_to, r.possible_to,
           CASE p.truth WHEN 'T' THEN 3 WHEN 'U' THEN 2 ELSE 1 END
    FROM numbered e JOIN own_replayed p USING (use_id)
    JOIN asked_record r ON r.entry_id = p.entry_id AND r.dataset_id = e.dataset_id
    WHERE e.scope = 'replay'
)
SELECT {told} FROM (
    SELECT entry_id, key_no, subject_id, shown_id,
           CASE WHEN certain AND valid_from <= start_at AND kept_to < certain_to THEN sure ELSE 1 END AS grade,
           exposure_id AS through, least(greatest(start_at, valid_from), end_at) AS first_at,
           least(end_at, possible_to) AS last_at
    FROM pair WHERE valid_from <= seen_to AND start_at < possible_to
) GROUP BY ALL
"""
# A statement that is asked every hour means many records each time: what it comes to is kept, not each pair of them.
OF_RECORDS = "entry_id, key_no, subject_id, shown_id, grade, min(through), min(first_at), max(last_at)"
TOLD_APART = "ANTI JOIN own_replayed o ON o.use_id = e.use_id AND o.entry_id = p.entry_id"
OF_EXPOSURES = "NULL, NULL, NULL, shown_id, max(grade), through, NULL, NULL"
# The other way round: for each exposure the grade of the strongest record. Of the records that were there by an
# instant the one that stays longest decides.
STRONGEST = """
INSERT INTO graded
WITH there AS (
    SELECT dataset_id, valid_from, is_hit,
           max(max(certain_to)) OVER (PARTITION BY dataset_id, is_hit ORDER BY valid_from) AS certain_to,
           max(max(possible_to)) OVER (PARTITION BY dataset_id, is_hit ORDER BY valid_from) AS possible_to
    FROM (SELECT *, {is_hit} AS is_hit FROM asked_record) GROUP BY dataset_id, valid_from, is_hit
), wide AS (
    SELECT e.exposure_id, s.shown_id,
           CASE WHEN e.certain AND a.certain_to > coalesce(CASE WHEN k.is_hit THEN o.hit_to END, o.kept_to, e.end_at)
                THEN CASE e.scope WHEN 'all' THEN 3 ELSE 2 END
                WHEN b.possible_to > e.start_at THEN 1 END AS grade
    FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
    LEFT JOIN own_view o ON o.use_id = e.use_id CROSS JOIN (SELECT DISTINCT is_hit FROM there) k
    ASOF LEFT JOIN there a ON a.dataset_id = e.dataset_id AND a.is_hit = k.is_hit AND e.start_at >= a.valid_from
    ASOF LEFT JOIN there b ON b.dataset_id = e.dataset_id AND b.is_hit = k.is_hit
        AND coalesce(o.seen_to, e.end_at) >= b.valid_from
    WHERE e.scope IN ('all', 'unknown')
)
SELECT NULL, NULL, NULL, shown_id, grade, exposure_id, NULL, NULL
FROM wide WHERE grade IS NOT NULL
"""
# Per person the best way to one of their records, and from when until when any was touched; what way that is, and why
# it is only possible, follows from its number.
SUBJECTS = f"""
CREATE OR REPLACE TEMP TABLE subject_best AS
WITH touched AS MATERIALIZED (
    SELECT subject_id, min({RANK}) AS rank, min(first_at) AS first_at, max(last_at) AS last_at
    FROM graded WHERE subject_id > 0 GROUP BY subject_id
), chosen AS (
    SELECT t.*, min(g.entry_id) AS entry_id, {GRADE_OF_RANK} AS grade, {THROUGH_OF_RANK} AS through
    FROM touched t JOIN (SELECT entry_id, subject_id, {RANK} AS rank FROM graded) g USING (subject_id, rank)
    GROUP BY ALL
)
SELECT c.subject_id, c.entry_id, c.grade, coalesce(f.from_exposure, c.through) AS exposure_id, f.read_id,
       CASE WHEN c.grade > 1 THEN '' WHEN f.through IS NOT NULL THEN 'flow'
            WHEN e.certain THEN 'uncertain-record-presence' ELSE e.doubt END AS reason,
       c.first_at, c.last_at
FROM chosen c LEFT JOIN flow f USING (through) LEFT JOIN exposure e ON e.exposure_id = c.through
"""
# Few sets of categories are ever shown together, so people are counted by set first.
SHOWN_SETS = """
CREATE OR REPLACE TEMP TABLE shown_set AS
WITH told AS (
    FROM shown_category
    UNION
    SELECT shown_id, unnest(categories) FROM carried_field
)
SELECT *, dense_rank() OVER (ORDER BY categories) AS set_no FROM (
    SELECT shown_id, list(category ORDER BY category) AS categories FROM told GROUP BY shown_id
)
"""
SUBJECT_CATEGORIES = """
CREATE OR REPLACE TEMP TABLE subject_category AS
SELECT p.subject_id, c.category, max(p.grade) AS grade
FROM (
    SELECT g.subject_id, s.set_no, max(g.grade) AS grade
    FROM graded g JOIN shown_set s USING (shown_id)
    WHERE g.subject_id > 0 GROUP BY ALL
) p JOIN (SELECT DISTINCT set_no, unnest(categories) AS category FROM shown_set) c USING (set_no)
GROUP BY ALL
"""


def grade_records(store: Store, *, flow: bool) -> None:
    """Fill graded: for each record that `exposure` touched (or that was in what `inside` says) its grades."""
    store.run(SHOWN)
    store.script((GRADED, COVERS))
    if flow:
        store.run(FLOWED)
    if store.any("cover"):
        store.run(COVERED)
    if store.any("cover", "grade > 1"):
        for records, to in SURE_RECORDS if store.any("own_removed") else (("asked_record", "kept_to"),):
            store.run(SURELY.format(records=records, to=to))
    if store.any("own_view"):
        store.run(SEEN.format(told=OF_RECORDS))
    _grade_named(store, OF_RECORDS)


def grade_people(store: Store) -> None:
    """Fill subject_best and subject_category from what is graded."""
    store.script((SUBJECTS, SHOWN_SETS, SUBJECT_CATEGORIES))


def grade_exposures(store: Store) -> None:
    """Fill graded: for each exposure its grade for the strongest of the records asked about."""
    store.run(SHOWN)
    is_hit = "coalesce(entry_id IN (SELECT entry_id FROM own_removed), false)" if store.any("own_removed") else "false"
    store.script((GRADED, STRONGEST.format(is_hit=is_hit)))
    _grade_named(store, OF_EXPOSURES)


def _grade_named(store: Store, told: str) -> None:
    if store.any("exposure", "scope IN ('keys', 'replay')"):
        store.run(NAMED.format(told=told, apart=TOLD_APART if store.any("own_replayed") else ""))
