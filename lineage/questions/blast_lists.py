"""The lists of a blast radius: one SELECT each, and how its cells are put as JSON."""

from typing import Any

from lineage.answers import Rows, selected
from lineage.questions.paths import seen
from lineage.questions.spelling import (
    Given,
    digest_text,
    grade_text,
    json_list,
    json_members,
    json_object,
    json_text,
    json_word,
    state_text,
)
from lineage.questions.steps import spell_record
from lineage.store import Selection, Store
from lineage.touches.operations import REFUSED

# Of the events that told an entry the least stands for them.
ENTRY_EVENTS = f"""
SELECT t.entry_id, {digest_text("min(e.digest)")} AS digest, arg_min(e.event_id, e.digest) AS event_id
FROM entry_event t SEMI JOIN answer_subject USING (entry_id) JOIN event e USING (event_id) GROUP BY t.entry_id
"""
# A person's path is that of the exposure (and the read behind it), and the record as its last step.
WITH_PATHS = f"""
SELECT a.id, {grade_text("a.grade")} AS grade, coalesce(c.categories, []) AS categories,
       a.first_at AS first, a.last_at AS last, CASE a.grade WHEN 1 THEN a.reason END AS because,
       {{path}} AS path, {{evidence}} AS evidence
FROM (
    SELECT a.*, {spell_record("r.key", "d.name", "a.id")} AS step, e.digest
    FROM answer_subject a JOIN record r USING (entry_id) JOIN dataset d USING (dataset_id)
    LEFT JOIN ({ENTRY_EVENTS}) e ON e.entry_id = a.entry_id
) a
JOIN ({{paths}}) p ON p.exposure_id = a.exposure_id AND p.read_id IS NOT DISTINCT FROM a.read_id
LEFT JOIN (
    SELECT subject_id, list(category ORDER BY category) AS categories FROM subject_category GROUP BY subject_id
) c ON c.subject_id = a.subject_id
ORDER BY a.id
"""
PEOPLE = WITH_PATHS.format(
    path="list_append(p.steps, a.step)",
    evidence="CASE WHEN a.digest IS NULL THEN p.evidence ELSE list_append(p.evidence, a.digest) END",
    paths="FROM answer_path",
)
# The same as JSON: what many share of their paths is spelled once.
PEOPLE_TOLD = WITH_PATHS.format(
    path=f"concat('[', concat_ws(', ', p.steps, {json_text('a.step')}), ']')",
    evidence="""'[' || concat_ws(', ', p.evidence, '"' || a.digest || '"') || ']'""",
    paths=f"""SELECT exposure_id, read_id, {json_members("steps")} AS steps, {json_members("evidence")} AS evidence
              FROM answer_path""",
)
EVENTS = f"""
SELECT unnest(events) AS event_id FROM answer_path
UNION ALL SELECT event_id FROM ({ENTRY_EVENTS})
"""
RECORDS = f"""
SELECT d.namespace AS dataset_namespace, d.name AS dataset_name, r.key, s.id AS data_subject,
       {grade_text("a.grade")} AS grade
FROM answer_record a JOIN record r USING (entry_id) JOIN dataset d USING (dataset_id)
LEFT JOIN data_subject s ON s.subject_id = a.subject_id
ORDER BY d.namespace, d.name, r.key, s.id
"""
ALTERED = f"SELECT id, {grade_text('grade')} AS grade FROM answer_altered ORDER BY id"
CONTAMINATED = """
SELECT w.dataset_id, bool_or(s.write_id IS NOT NULL)
FROM tainted t JOIN write w USING (write_id) LEFT JOIN sure_write s USING (write_id) GROUP BY w.dataset_id
"""
DATASETS = f"""
SELECT d.namespace, d.name, {state_text("e.exposed")} AS exposed, {state_text("c.contaminated")} AS contaminated
FROM dataset d
LEFT JOIN (SELECT dataset_id, bool_or(certain) AS exposed FROM answer_exposure GROUP BY dataset_id) e USING (dataset_id)
LEFT JOIN contaminated_dataset c USING (dataset_id)
WHERE e.exposed IS NOT NULL OR c.contaminated IS NOT NULL
ORDER BY d.namespace, d.name
"""
RUNS = f"""
WITH stated AS MATERIALIZED (
    SELECT run_id, bool_or(compromised) AS compromised, bool_or(contaminated) AS contaminated
    FROM (
        SELECT run_id, sure AS compromised, NULL::BOOLEAN AS contaminated FROM seed_run
        UNION ALL
        SELECT u.unit, NULL, s.unit IS NOT NULL FROM tainted_unit u LEFT JOIN sure_unit s USING (unit)
    ) GROUP BY run_id
)
SELECT n.id AS run_id, j.namespace AS job_namespace, j.name AS job_name, {state_text("s.compromised")} AS compromised,
       {state_text("s.contaminated")} AS contaminated
FROM stated s JOIN run_name n ON n.run_id = s.run_id
LEFT JOIN (SELECT run_id, min(job_id) AS job_id FROM run_job SEMI JOIN stated USING (run_id) GROUP BY run_id) r
    ON r.run_id = s.run_id
LEFT JOIN job j ON j.job_id = r.job_id
ORDER BY n.id
"""
# What a refused statement names it was to read or write, beside the dataset that its access tells.
ATTEMPTS = f"""
WITH tried AS (
    SELECT a.act_id, a.principal_id, a.dataset_id, a.start_at, a.outcome
    FROM told_act a JOIN seed_principal s USING (principal_id)
    WHERE a.outcome IN {REFUSED} AND s.possible_from <= a.end_at AND s.possible_to >= a.start_at
    UNION ALL
    SELECT a.act_id, a.principal_id, a.dataset_id, a.start_at, a.outcome FROM told_act a JOIN seed_run s USING (run_id)
    WHERE a.outcome IN {REFUSED} AND s.possible_from <= a.end_at AND s.possible_to >= a.start_at
), meant AS (
    SELECT act_id, dataset_id FROM tried WHERE dataset_id IS NOT NULL
    UNION SELECT act_id, dataset_id FROM placed_attempt SEMI JOIN tried USING (act_id)
)
SELECT DISTINCT p.id AS principal, d.namespace AS dataset_namespace, d.name AS dataset_name, a.start_at AS time,
       a.outcome
FROM tried a LEFT JOIN principal p USING (principal_id)
LEFT JOIN meant m USING (act_id) LEFT JOIN dataset d ON d.dataset_id = m.dataset_id
ORDER BY ALL
"""


# The same as `_person`, `_record`, `_dataset` and `_run` make, over the columns of their SELECTs.
PERSON_SPELLED = json_object(
    id=json_text("id"),
    grade=json_word("grade"),
    categories=json_list("categories"),
    first=json_word('"first"'),
    last=json_word('"last"'),
    because=Given("because IS NOT NULL", json_word("because")),
    path="path",
    evidence="evidence",
)
RECORD_SPELLED = json_object(
    dataset=json_object(namespace=json_text("dataset_namespace"), name=json_text("dataset_name")),
    key=json_text("key"),
    data_subject=json_text("data_subject"),
    grade=json_word("grade"),
)
DATASET_SPELLED = json_object(
    namespace=json_text("namespace"),
    name=json_text("name"),
    exposed=json_word("exposed"),
    contaminated=json_word("contaminated"),
)
_JOB = json_object(namespace=json_text("job_namespace"), name=json_text("job_name"))
RUN_SPELLED = json_object(
    run_id=json_text("run_id"),
    job=f"CASE WHEN job_name IS NULL THEN 'null' ELSE {_JOB} END",
    compromised=json_word("compromised"),
    contaminated=json_word("contaminated"),
)


def lists(store: Store, beside: Store) -> dict[str, Rows]:
    """In the order of the answer; ``beside`` went forward from the seeds, ``store`` back to the people."""
    contaminated = beside.rows(CONTAMINATED)
    store.load(
        "contaminated_dataset",
        {"dataset_id": [dataset for dataset, _ in contaminated], "contaminated": [sure for _, sure in contaminated]},
        {"dataset_id": "BIGINT", "contaminated": "BOOLEAN"},
    )
    return {
        "data_subjects": _people(store),
        "records": selected(lambda: Selection(store, RECORDS), _record, RECORD_SPELLED),
        "altered": selected(lambda: Selection(beside, ALTERED), lambda ident, grade: {"id": ident, "grade": grade}),
        "datasets": selected(lambda: Selection(store, DATASETS), _dataset, DATASET_SPELLED),
        "runs": selected(lambda: Selection(beside, RUNS), _run, RUN_SPELLED),
        "attempts": selected(lambda: Selection(beside, ATTEMPTS, ("time",)), _attempt),
    }


def evidence(store: Store) -> Rows:
    """Where each event was seen that a path rests on."""
    return seen(store, EVENTS)


def _people(store: Store) -> Rows:
    people, told = (Selection(store, sql, ("first", "last")) for sql in (PEOPLE, PEOPLE_TOLD))
    return Rows(
        lambda: (_person(*cells) for cells in people.read()[1]), lambda: people, lambda: told.spell(PERSON_SPELLED)
    )


def _person(
    ident: str, grade: str, categories: list[str], first: str, last: str, because: str | None, path: list[str],
    evidence: list[str],
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": ident,
        "grade": grade,
        "categories": categories,
        "first": first,
        "last": last,
        **({} if because is None else {"because": because}),
        "path": path,
        "evidence": evidence,
    }


def _record(namespace: str, name: str, key: str, person: str | None, grade: str) -> dict[str, Any]:
    return {"dataset": {"namespace": namespace, "name": name}, "key": key, "data_subject": person, "grade": grade}


def _dataset(namespace: str, name: str, exposed: str | None, contaminated: str | None) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "exposed": exposed, "contaminated": contaminated}


def _run(
    ident: str, namespace: str | None, name: str | None, compromised: str | None, contaminated: str | None
) -> dict[str, Any]:
    job = None if name is None else {"namespace": namespace, "name": name}
    return {"run_id": ident, "job": job, "compromised": compromised, "contaminated": contaminated}


def _attempt(principal: str | None, namespace: str | None, name: str | None, time: str, outcome: str) -> dict[str, Any]:
    dataset = None if name is None else {"namespace": namespace, "name": name}
    return {"principal": principal, "dataset": dataset, "time": time, "outcome": outcome}
