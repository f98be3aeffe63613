"""Grades: which records an exposure touched, and how surely (the table of semantics.md, section 5).

3 is confirmed, 2 probable, 1 possible; excluded records get no row.
"""

from lineage.store import Store

GRADES = {3: "confirmed", 2: "probable", 1: "possible"}

# `asked_record` may narrow the records that are looked at; without it all are.
ALL_RECORDS = "CREATE OR REPLACE TEMP VIEW asked_record AS SELECT * FROM record"
# Which fields an exposure shows: one number for each distinct (dataset, fields).
SHOWN = """
CREATE OR REPLACE TEMP TABLE shown AS
WITH told AS (SELECT DISTINCT dataset_id, fields FROM exposure)
SELECT row_number() OVER (ORDER BY dataset_id, fields) AS shown_id, dataset_id, fields FROM told;
CREATE OR REPLACE TEMP TABLE shown_category AS
SELECT DISTINCT s.shown_id, f.category FROM shown s JOIN dataset_field f USING (dataset_id)
WHERE s.fields IS NULL OR list_contains(s.fields, f.field);
"""
# Exposures whose scope is wide are alike where their interval is: one of each is enough, unless each is asked
# about by itself (`apart`).
GRADED = """
CREATE OR REPLACE TEMP TABLE graded AS
WITH numbered AS (
    SELECT e.*, s.shown_id FROM exposure e
    JOIN shown s ON s.dataset_id = e.dataset_id AND s.fields IS NOT DISTINCT FROM e.fields
), wide AS (
    SELECT dataset_id, start_at, end_at, certain, scope, shown_id, apart, CASE WHEN NOT certain THEN doubt END AS doubt,
           min(exposure_id) AS exposure_id
    FROM numbered WHERE scope IN ('all', 'unknown') GROUP BY ALL
)
SELECT r.entry_id, w.exposure_id, w.shown_id, w.start_at, w.end_at,
       CASE WHEN w.certain AND r.valid_from <= w.start_at AND w.end_at < r.certain_to
            THEN CASE w.scope WHEN 'all' THEN 3 ELSE 2 END ELSE 1 END AS grade,
       coalesce(w.doubt, 'uncertain-record-presence') AS reason
FROM wide w JOIN asked_record r USING (dataset_id)
WHERE r.valid_from <= w.end_at AND w.start_at < r.possible_to
UNION ALL
SELECT r.entry_id, e.exposure_id, e.shown_id, e.start_at, e.end_at,
       CASE WHEN e.certain AND r.valid_from <= e.start_at AND e.end_at < r.certain_to THEN 3 ELSE 1 END,
       CASE WHEN NOT e.certain THEN e.doubt ELSE 'uncertain-record-presence' END
FROM numbered e JOIN use_key k USING (use_id) JOIN asked_record r ON r.key_no = k.key_no AND r.dataset_id = e.dataset_id
WHERE e.scope = 'keys' AND r.valid_from <= e.end_at AND e.start_at < r.possible_to
UNION ALL
SELECT r.entry_id, e.exposure_id, e.shown_id, e.start_at, e.end_at,
       CASE WHEN e.certain AND r.valid_from <= e.start_at AND e.end_at < r.certain_to
            THEN CASE p.truth WHEN 'T' THEN 3 ELSE 2 END ELSE 1 END,
       CASE WHEN NOT e.certain THEN e.doubt ELSE 'uncertain-record-presence' END
FROM numbered e JOIN use_binding b USING (use_id) JOIN replayed p USING (binding_id)
JOIN asked_record r ON r.entry_id = p.entry_id AND r.dataset_id = e.dataset_id
WHERE e.scope = 'replay' AND r.valid_from <= e.end_at AND e.start_at < r.possible_to
"""
# By flow: the records of what was read upstream, there at some moment until the departure.
FLOWED = """
CREATE OR REPLACE TEMP TABLE flowed AS
WITH source AS (
    SELECT i.read_id, i.field, r.dataset_id, r.start_at, i.departure, i.from_exposure AS exposure_id,
           max(i.departure) OVER (
               PARTITION BY r.dataset_id, i.field ORDER BY r.start_at, i.departure DESC, i.read_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS before
    FROM inside i JOIN read r USING (read_id)
)
SELECT e.entry_id, s.read_id, s.field, s.start_at, s.departure AS end_at, s.exposure_id
FROM source s JOIN asked_record e USING (dataset_id)
WHERE (s.before IS NULL OR s.departure > s.before) AND e.valid_from <= s.departure AND e.possible_to > s.start_at
"""
# Per entry the strongest grade and, among those, the earliest exposure.
BEST = """
CREATE OR REPLACE TEMP TABLE best AS
SELECT entry_id, grade, exposure_id, read_id, reason, start_at FROM (
    SELECT entry_id, grade, exposure_id, NULL::BIGINT AS read_id, reason, start_at FROM graded
    UNION ALL
    SELECT entry_id, 1, exposure_id, read_id, 'flow', start_at FROM flowed
)
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
SELECT r.subject_id, min(greatest(g.start_at, r.valid_from)) AS first_at, max(least(g.end_at, r.possible_to)) AS last_at
FROM (
    SELECT entry_id, start_at, end_at FROM graded UNION ALL SELECT entry_id, start_at, end_at FROM flowed
) g JOIN record r USING (entry_id) WHERE r.subject_id > 0
GROUP BY r.subject_id;
"""
SUBJECT_CATEGORIES = """
CREATE OR REPLACE TEMP TABLE subject_category AS
SELECT r.subject_id, g.category, max(g.grade) AS grade
FROM (
    SELECT g.entry_id, c.category, max(g.grade) AS grade
    FROM (SELECT entry_id, shown_id, max(grade) AS grade FROM graded GROUP BY entry_id, shown_id) g
    JOIN shown_category c USING (shown_id) GROUP BY g.entry_id, c.category
    UNION ALL
    SELECT f.entry_id, c.category, 1
    FROM (SELECT DISTINCT entry_id, field FROM flowed WHERE field <> '') f
    JOIN record r USING (entry_id)
    JOIN dataset_field c ON c.dataset_id = r.dataset_id AND (f.field = '*' OR c.field = f.field)
) g JOIN record r USING (entry_id) WHERE r.subject_id > 0
GROUP BY r.subject_id, g.category
"""


def grade(store: Store) -> None:
    """Fill graded and shown_category from `exposure`: the grade of each record that an exposure touched by itself."""
    store.connection.execute(SHOWN)
    store.run(GRADED)


def grade_people(store: Store) -> None:
    """Fill flowed, best, subject_best, subject_span and subject_category from what is graded, and from `inside`."""
    store.script((FLOWED, BEST))
    store.connection.execute(SUBJECTS)
    store.run(SUBJECT_CATEGORIES)
