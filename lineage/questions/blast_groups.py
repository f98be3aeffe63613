"""The groups that a blast radius counts people in, and who is in one: SQL for where its answer is at hand.

A page finds by it who stands behind a number, and so needs no table of an answer but its lists.
"""

from lineage.questions.blast_lists import RECORDS

# Through which vendor, by the best path of each person, as who touched says it: an access is of its principal's vendor
# or, where that is none, of the one whose run it is of. Accesses and jobs of our own come under ''.
BY_VENDOR = """(
    SELECT s.id, s.grade, min(coalesce(m.vendor, j.vendor, w.vendor, '')) AS vendor
    FROM answer_subject s JOIN answer_exposure e USING (exposure_id)
    LEFT JOIN run_job r ON r.run_id = e.run_id LEFT JOIN job j USING (job_id)
    LEFT JOIN membership m ON m.principal_id = e.actor AND m.start_at <= e.end_at AND m.end_at >= e.start_at
    LEFT JOIN membership w ON w.principal_id = j.principal_id AND w.start_at <= e.end_at AND w.end_at >= e.start_at
    GROUP BY s.id, s.grade
)"""
_PLACED = "answer_subject a LEFT JOIN subject_jurisdiction j USING (subject_id)"
# At least and at most how many are the people of whom nobody told a jurisdiction.
UNPLACED = f"""
SELECT count(*) FILTER (a.grade = 3) AS at_least, count(*) AS at_most FROM {_PLACED} WHERE j.jurisdiction IS NULL
"""
# Beside the list of people (``listed``): all jurisdictions of one, and those for whom the value $of of a group holds.
# (Of jurisdictions '' is the one that nobody told.)
JURISDICTIONS = """
SELECT string_agg(j.jurisdiction, ', ' ORDER BY j.jurisdiction)
FROM data_subject s JOIN subject_jurisdiction j USING (subject_id) WHERE s.id = listed.id
"""
MEMBERS = {
    "category": "list_contains(categories, $of)",
    "jurisdiction": f"id IN (SELECT a.id FROM {_PLACED} WHERE coalesce(j.jurisdiction, '') = $of)",
    "vendor": f"id IN (SELECT id FROM {BY_VENDOR} WHERE vendor = $of)",
    "dataset": f"id IN (SELECT data_subject FROM ({RECORDS}) WHERE dataset_namespace || '/' || dataset_name = $of)",
    "because": "because IS NOT DISTINCT FROM $of",
}
