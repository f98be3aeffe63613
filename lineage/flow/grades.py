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
# Which fields an exposure shows: one number for each distinct (dataset, fields).
SHOWN = """
CREATE OR REPLACE TEMP TABLE shown AS
WITH told AS (SELECT DISTINCT dataset_id, fields FROM exposure)
SELECT row_number() OVER (ORDER BY dataset_id, fields) AS shown_id, dataset_id, fields FROM told;
CREATE OR REPLACE TEMP TABLE shown_category AS
SELECT DISTINCT s.shown_id, f.category FROM shown s JOIN dataset_field f USING (dataset_id)
WHERE s.fields IS NULL OR list_contains(s.fields, f.field);
"""
GRADED = """
CREATE OR REPLACE TEMP TABLE graded (
    entry_id BIGINT, shown_id BIGINT, grade INTEGER, exposure_id BIGINT, read_id BIGINT, reason VARCHAR,
    start_at BIGINT, first_at BIGINT, last_at BIGINT
)
"""
# An exposure of unknown extent covers all records of its dataset that were there; so does, upstream, what content
# came from, for which `shown_id` is the negative number of the field that carried it. Where all fields came along, it
# goes without saying that the record did.
COVERS = """
CREATE OR REPLACE TEMP TABLE cover AS
SELECT e.dataset_id, s.shown_id, e.start_at, e.end_at,
       CASE WHEN NOT e.certain THEN 1 WHEN e.scope = 'all' THEN 3 ELSE 2 END AS grade,
       CASE WHEN e.certain THEN 'uncertain-record-presence' ELSE e.doubt END AS reason,
       min(e.exposure_id) AS exposure_id, NULL::BIGINT AS read_id
FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
WHERE e.scope IN ('all', 'unknown') GROUP BY ALL
"""
FLOWED = """
CREATE OR REPLACE TEMP TABLE carried_field AS
SELECT -row_number() OVER (ORDER BY field) AS shown_id, field FROM (SELECT DISTINCT field FROM inside);
INSERT INTO cover
SELECT r.dataset_id, f.shown_id, r.start_at, i.departure, 1, 'flow', i.from_exposure, i.read_id
FROM inside i JOIN carried_field f USING (field) JOIN read r USING (read_id)
WHERE i.field <> '' OR NOT EXISTS (
    SELECT 1 FROM inside a
    WHERE a.field = '*' AND a.read_id = i.read_id AND a.departure = i.departure AND a.from_exposure = i.from_exposure
);
"""
# For each record and what it shows, the earliest cover that it overlaps and how long any does, without pairing all
# with all: of the covers in order of their starts the first that ends after the record began is one that ends later
# than all before it, so it is looked up by that end; the latest end is that of those that began before it was gone.
COVERED = """
INSERT INTO graded
WITH latest AS (
    SELECT *, max(end_at) OVER (
        PARTITION BY dataset_id, shown_id ORDER BY start_at, exposure_id, read_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS before FROM cover
), first AS (
    SELECT * FROM latest WHERE before IS NULL OR end_at > before
), last AS (
    SELECT dataset_id, shown_id, start_at,
           max(max(end_at)) OVER (PARTITION BY dataset_id, shown_id ORDER BY start_at) AS end_at
    FROM cover GROUP BY dataset_id, shown_id, start_at
), pair AS (
    SELECT r.entry_id, r.valid_from, r.possible_to, g.dataset_id, g.shown_id
    FROM (SELECT DISTINCT dataset_id, shown_id FROM cover) g JOIN asked_record r USING (dataset_id)
)
SELECT p.entry_id, p.shown_id, 1 AS grade, f.exposure_id, f.read_id, f.reason, f.start_at,
       greatest(f.start_at, p.valid_from) AS first_at, least(l.end_at, p.possible_to) AS last_at
FROM pair p
ASOF JOIN first f ON f.dataset_id = p.dataset_id AND f.shown_id = p.shown_id AND p.valid_from <= f.end_at
ASOF JOIN last l ON l.dataset_id = p.dataset_id AND l.shown_id = p.shown_id AND p.possible_to > l.start_at
WHERE f.start_at < p.possible_to
"""
# Surely there throughout: the first certain cover from the record's begin on, or a later one where that one outlasts
# the record.
SURELY = """
INSERT INTO graded
WITH sure AS (
    SELECT dataset_id, shown_id, grade, start_at, min(end_at) AS end_at, arg_min(exposure_id, end_at) AS exposure_id
    FROM cover WHERE grade > 1 GROUP BY dataset_id, shown_id, grade, start_at
), pair AS (
    SELECT r.entry_id, r.valid_from, r.certain_to, g.*
    FROM (SELECT DISTINCT dataset_id, shown_id, grade FROM sure) g JOIN asked_record r USING (dataset_id)
), hit AS (
    SELECT p.*, s.start_at, s.end_at, s.exposure_id
    FROM pair p ASOF JOIN sure s ON s.dataset_id = p.dataset_id AND s.shown_id = p.shown_id AND s.grade = p.grade
        AND p.valid_from <= s.start_at
    WHERE s.start_at < p.certain_to
), held AS (
    SELECT entry_id, shown_id, grade, exposure_id, start_at FROM hit WHERE end_at < certain_to
    UNION ALL
    SELECT h.entry_id, h.shown_id, h.grade, s.exposure_id, s.start_at
    FROM hit h JOIN sure s ON s.dataset_id = h.dataset_id AND s.shown_id = h.shown_id AND s.grade = h.grade
        AND s.start_at > h.start_at AND s.end_at < h.certain_to
    WHERE h.end_at >= h.certain_to
    QUALIFY row_number() OVER (PARTITION BY h.entry_id, h.shown_id, h.grade ORDER BY s.start_at) = 1
)
SELECT entry_id, shown_id, grade, exposure_id, NULL, '', start_at, NULL, NULL FROM held
"""
# Records that an access named by key, or that its statement replays TRUE ('T') or UNKNOWN for.
NAMED = """
INSERT INTO graded
WITH numbered AS (
    SELECT e.*, s.shown_id FROM exposure e
    JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
    WHERE e.scope IN ('keys', 'replay')
), pair AS (
    SELECT e.*, r.entry_id, r.valid_from, r.certain_to, r.possible_to, 3 AS sure
    FROM numbered e JOIN named_key k USING (use_id) JOIN asked_record r ON r.key_no = k.key_no
        AND r.dataset_id = e.dataset_id
    WHERE e.scope = 'keys'
    UNION ALL
    SELECT e.*, r.entry_id, r.valid_from, r.certain_to, r.possible_to, CASE p.truth WHEN 'T' THEN 3 ELSE 2 END
    FROM numbered e JOIN use_binding b USING (use_id) JOIN replayed p USING (binding_id)
    JOIN asked_record r ON r.entry_id = p.entry_id AND r.dataset_id = e.dataset_id
    WHERE e.scope = 'replay'
)
SELECT entry_id, shown_id,
       CASE WHEN certain AND valid_from <= start_at AND end_at < certain_to THEN sure ELSE 1 END, exposure_id, NULL,
       CASE WHEN NOT certain THEN doubt ELSE 'uncertain-record-presence' END, start_at,
       greatest(start_at, valid_from), least(end_at, possible_to)
FROM pair WHERE valid_from <= end_at AND start_at < possible_to
"""
# The other way round: for each exposure the grade of the strongest record. Of the records that were there by an
# instant the one that stays longest decides.
STRONGEST = """
INSERT INTO graded
WITH there AS (
    SELECT dataset_id, valid_from,
           max(max(certain_to)) OVER (PARTITION BY dataset_id ORDER BY valid_from) AS certain_to,
           max(max(possible_to)) OVER (PARTITION BY dataset_id ORDER BY valid_from) AS possible_to
    FROM asked_record GROUP BY dataset_id, valid_from
), wide AS (
    SELECT e.exposure_id, s.shown_id,
           CASE WHEN e.certain AND a.certain_to > e.end_at THEN CASE e.scope WHEN 'all' THEN 3 ELSE 2 END
                WHEN b.possible_to > e.start_at THEN 1 END AS grade
    FROM exposure e JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
    ASOF LEFT JOIN there a ON a.dataset_id = e.dataset_id AND e.start_at >= a.valid_from
    ASOF LEFT JOIN there b ON b.dataset_id = e.dataset_id AND e.end_at >= b.valid_from
    WHERE e.scope IN ('all', 'unknown')
)
SELECT NULL, shown_id, grade, exposure_id, NULL, '', NULL, NULL, NULL
FROM wide WHERE grade IS NOT NULL
"""
# Per entry the strongest grade and, among those, the earliest exposure.
BEST = """
CREATE OR REPLACE TEMP TABLE best AS
SELECT entry_id, grade, exposure_id, read_id, reason, start_at FROM graded
QUALIFY row_number() OVER (
    PARTITION BY entry_id ORDER BY grade DESC, reason = 'flow', start_at, exposure_id, read_id
) = 1
"""
# The same per person; `first` and `last` over everything that touched any of the records.
SUBJECTS = """
CREATE OR REPLACE TEMP TABLE subject_best AS
SELECT r.subject_id, b.entry_id, b.grade, b.exposure_id, b.read_id, b.reason
FROM best b JOIN record r USING (entry_id) WHERE r.subject_id > 0
QUALIFY row_number() OVER (
    PARTITION BY r.subject_id ORDER BY b.grade DESC, b.reason = 'flow', b.start_at, b.entry_id
) = 1;
CREATE OR REPLACE TEMP TABLE subject_span AS
SELECT r.subject_id, min(g.first_at) AS first_at, max(g.last_at) AS last_at
FROM graded g JOIN record r USING (entry_id) WHERE r.subject_id > 0
GROUP BY r.subject_id;
"""
SUBJECT_CATEGORIES = """
CREATE OR REPLACE TEMP TABLE subject_category AS
SELECT r.subject_id, c.category, max(g.grade) AS grade
FROM graded g JOIN record r USING (entry_id)
JOIN (
    SELECT shown_id, dataset_id, category FROM shown_category JOIN shown USING (shown_id)
    UNION
    SELECT f.shown_id, d.dataset_id, d.category
    FROM carried_field f JOIN dataset_field d ON f.field IN ('*', d.field) WHERE f.field <> ''
) c ON c.shown_id = g.shown_id AND c.dataset_id = r.dataset_id
WHERE r.subject_id > 0
GROUP BY r.subject_id, c.category
"""


def grade_records(store: Store, *, flow: bool) -> None:
    """Fill graded: for each record that `exposure` touched (or that was in what `inside` says) its grades."""
    store.connection.execute(SHOWN)
    store.script((GRADED, COVERS))
    if flow:
        store.connection.execute(FLOWED)
    if store.any("cover"):
        store.run(COVERED)
    if store.any("cover", "grade > 1"):
        store.run(SURELY)
    _grade_named(store)


def grade_people(store: Store) -> None:
    """Fill best, subject_best, subject_span and subject_category from what is graded."""
    store.run(BEST)
    store.connection.execute(SUBJECTS)
    store.run(SUBJECT_CATEGORIES)


def grade_exposures(store: Store) -> None:
    """Fill graded: for each exposure its grade for the strongest of the records asked about."""
    store.connection.execute(SHOWN)
    store.script((GRADED, STRONGEST))
    _grade_named(store)


def _grade_named(store: Store) -> None:
    if store.any("exposure", "scope IN ('keys', 'replay')"):
        store.run(NAMED)
