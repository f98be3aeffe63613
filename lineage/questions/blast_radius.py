"""Blast radius: from what was compromised to the people, datasets and runs that it touched."""

from typing import Any

from lineage.answers import Answer, mark
from lineage.flow.backward import walk_back
from lineage.flow.exposures import alter, expose
from lineage.flow.forward import spread
from lineage.flow.grades import ALL_RECORDS, GRADES, grade_people, grade_records
from lineage.flow.seeds import plant
from lineage.questions.blast_groups import BY_VENDOR
from lineage.questions.blast_lists import evidence, lists
from lineage.questions.blast_text import blast_text
from lineage.questions.caveats import caveats
from lineage.questions.coverage import coverage, first_use, last_use, openings, unseen_calls
from lineage.questions.interface import Parameter, Question, Values
from lineage.questions.parameters import read_seeds, said
from lineage.questions.paths import tell_paths
from lineage.store import Store

KEEP = """
CREATE OR REPLACE TEMP TABLE answer_subject AS
SELECT b.*, d.id FROM subject_best b JOIN data_subject d USING (subject_id) ORDER BY d.id;
CREATE OR REPLACE TEMP TABLE answer_record AS
SELECT min(entry_id) AS entry_id, key_no, subject_id, max(grade) AS grade FROM graded GROUP BY key_no, subject_id;
DROP TABLE IF EXISTS answer_exposure;
ALTER TABLE exposure RENAME TO answer_exposure;
"""
ALTERED = """
CREATE OR REPLACE TEMP TABLE answer_altered AS
SELECT d.id, g.grade FROM (SELECT subject_id, max(grade) AS grade FROM graded GROUP BY subject_id) g
JOIN data_subject d USING (subject_id)
"""
# What was exposed, and what its content may have been inside of.
TOUCHED = "SELECT dataset_id FROM answer_exposure UNION SELECT r.dataset_id FROM inside i JOIN read r USING (read_id)"


def ask(store: Store, values: Values) -> Answer:
    seeds, advisories = read_seeds(store, values)
    parameters = seeds.parameters()

    def forward(beside: Store) -> None:
        """What was altered, and what that may have contaminated."""
        if beside is not store:
            plant(beside, seeds)
        beside.run(ALL_RECORDS)
        alter(beside)
        grade_records(beside, flow=False)
        beside.run(ALTERED)
        spread(beside, parameters)

    with store.alongside(forward) as beside:
        plant(store, seeds)
        store.run(ALL_RECORDS)
        expose(store, parameters)
        walk_back(store)
        grade_records(store, flow=True)
        grade_people(store)
        store.run(KEEP)
        tell_paths(store, seeds)
        by_package = "package" in seeds.rules and bool(advisories or values.get("package"))
        start, end = first_use(store, seeds), last_use(store, seeds)
        cover = coverage(store, seeds, start=start, end=end, by_package=by_package, touched=TOUCHED)
        unseen = unseen_calls(store)
        remarks = caveats(store, seeds, advisories, by_package=by_package, unseen=unseen)
    return Answer(
        "blast-radius",
        said(values, seeds, advisories),
        mark(store),
        {
            "summary": _summary(store, beside, openings(cover, unseen)),
            **lists(store, beside),
            "coverage": cover,
            "caveats": remarks,
        },
        evidence(store),
    )


def _summary(store: Store, beside: Store, opened: dict[str, int]) -> dict[str, Any]:
    people = _counts(store, "answer_subject")
    because = store.rows(
        "SELECT reason, count(*) FROM answer_subject WHERE grade = 1 GROUP BY reason ORDER BY 2 DESC, 1"
    )
    return {
        "data_subjects": {
            **people,
            "bounded": not opened,
            **({"unbounded_because": opened} if opened else {}),
            "possible_because": dict(because),
        },
        "altered": _counts(beside, "answer_altered"),
        "records": _counts(store, "(SELECT key_no, max(grade) AS grade FROM answer_record GROUP BY key_no)"),
        "by_category": _bounds(store, "subject_category", "category"),
        "by_jurisdiction": _bounds(
            store,
            "(SELECT j.jurisdiction, a.grade FROM answer_subject a"
            " JOIN subject_jurisdiction j USING (subject_id))",
            "jurisdiction",
        ),
        "by_vendor": _bounds(store, BY_VENDOR, "vendor"),
    }  # fmt: skip


def _counts(store: Store, table: str) -> dict[str, int]:
    found: dict[int, int] = dict(store.rows(f"SELECT grade, count(*) FROM {table} GROUP BY grade"))
    counts = {GRADES[number]: found.get(number, 0) for number in (3, 2, 1)}
    return counts | {"at_least": counts["confirmed"], "at_most": sum(counts.values())}


def _bounds(store: Store, table: str, by: str) -> dict[str, dict[str, int]]:
    rows = store.rows(f"SELECT {by}, count(*) FILTER (grade = 3), count(*) FROM {table} GROUP BY 1 ORDER BY 1")
    return {name: {"at_least": sure, "at_most": most} for name, sure, most in rows}


_SEEDS = (
    Parameter("vendor", "vendor", "a processor, with its sub-processors", repeated=True),
    Parameter("principal", "principal", "an account, service account or API key, by id or alias", repeated=True),
    Parameter("package", "package", "a package URL with a version or a range", repeated=True),
    Parameter("advisory", "file", "an OSV advisory (JSON)", repeated=True),
    Parameter("job", "job", "a job, as NAMESPACE/NAME", repeated=True),
    Parameter("run", "run", "a run, by its id", repeated=True),
    Parameter("dataset", "dataset", "a dataset whose writes are suspect, as NAMESPACE/NAME", repeated=True),
    Parameter("exposed-dataset", "dataset", "a dataset that was open to outsiders, as NAMESPACE/NAME", repeated=True),
)
QUESTION = Question(
    name="blast-radius",
    title="Whose data a breach touched, through what, and how surely",
    parameters=(
        *_SEEDS,
        Parameter("from", "instant", "begin of the exposure window, inclusive (RFC 3339)"),
        Parameter("to", "instant", "end of the exposure window, inclusive (RFC 3339)"),
        Parameter("within-vendor", "vendor", "count only what happened at this vendor"),
        Parameter("without-rule", "rule", "leave a rule out", repeated=True),
    ),
    ask=ask,
    text=blast_text,
    example="lineage ask blast-radius --vendor northgate --from 2026-03-24T10:39:00Z --to 2026-03-24T13:11:42Z",
)
