"""Tables that the SQL of a run names, and its events as no input: dbt tells no seeds, nor what a model names itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest
from tests.shown_by_runs import RECORDS, STORE, read_by_svc, run


def asked(folder: Path, events: list[dict[str, Any]]) -> dict[str, Any]:
    (folder / "openlineage.ndjson").write_text("\n".join(map(json.dumps, events)))
    (folder / "records.csv").write_text(RECORDS)
    ingest(folder / "store", [folder])
    return ask(folder / "store", "blast-radius", ["--job", "airflow/making"])


def grades(answer: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["grade"] for one in answer["data_subjects"]}


@pytest.mark.parametrize("table", ['"People"."Public"."Base"', "public.base", "base"])
def test_what_only_the_sql_reads_is_read_possibly(tmp_path: Path, table: str) -> None:
    """It lies where the output does; what is an input too stays as sure as it was."""
    sql = f"SELECT * FROM {table} JOIN public.other USING (id)"
    answer = asked(tmp_path, run(1, 6, ["other"], "made", sql))
    assert grades(answer) == {"C-EARLY": "possible", "C-LATE": "possible", "C-OTHER": "probable"}
    because = {one["id"]: one["because"] for one in answer["data_subjects"] if one["grade"] == "possible"}
    assert set(because.values()) == {"unknown-schema"}
    assert all(one["path"] for one in answer["data_subjects"])


def test_it_may_have_gone_into_what_the_run_wrote(tmp_path: Path) -> None:
    assert read_by_svc(tmp_path, run(1, 3, [], "shown", "SELECT * FROM public.base")) == {"C-EARLY": "possible"}


@pytest.mark.parametrize("above", ["parent", "root"])
def test_what_a_statement_of_a_run_reads_lies_where_the_runs_datasets_do(tmp_path: Path, above: str) -> None:
    """dbt tells each statement of a model as a run of its own, with neither inputs nor outputs."""
    model, other = run(1, 3, [], "shown"), {"run": {"runId": "else"}, "job": {"namespace": "dbt", "name": "build"}}
    sql = "/* made by dbt */ CREATE TABLE public.shown__tmp AS (SELECT * FROM public.base)"
    link = {"run": model[0]["run"], "job": model[0]["job"]}
    facet = link if above == "parent" else other | {"root": link}
    statement = [
        event | {"run": event["run"] | {"facets": {"parent": facet}}, "outputs": []}
        for event in run(2, 3, [], "shown", sql)
    ]
    assert read_by_svc(tmp_path, model + statement) == {"C-EARLY": "possible"}
    answer = ask(tmp_path / "store", "blast-radius", ["--run", model[0]["run"]["runId"]])
    assert grades(answer) == {"C-EARLY": "possible"}
    assert "incomplete-lineage" not in {one["kind"] for one in answer["caveats"]}
    touches = ask(tmp_path / "store", "who-touched", ["--data-subject", "C-EARLY"])["touches"]
    by_run = {one["run_id"]: one["evidence"] for one in touches if one["kind"] == "run"}
    assert set(by_run) == {one["run"]["runId"] for one in model + statement}
    assert all(by_run.values())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM public.base",
        "ALTER TABLE public.base RENAME TO public.shown",
        "INSERT INTO public.base VALUES (1)",
        "TRUNCATE public.base",
    ],
)
def test_sql_that_no_dataset_stands_beside_is_a_caveat(tmp_path: Path, sql: str) -> None:
    """Spark tells neither table of a rename in a catalog of JDBC."""
    events = run(1, 6, [], "made", sql) + run(2, 6, [], "made")
    silent = [event | {"outputs": []} for event in events]
    answer = asked(tmp_path, silent)
    assert grades(answer) == ({"C-EARLY": "possible", "C-LATE": "possible"} if "SELECT" in sql else {})
    assert {one["kind"]: one["count"] for one in answer["caveats"]}["incomplete-lineage"] == 2


QUERY = {"integration": "AIRFLOW", "jobType": "QUERY"}


def bound(number: int, sql: str, above: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Airflow tells neither input nor output of a statement with bound values."""
    parent = {"run": above["run"], "job": above["job"]} if above else {}
    return [
        event
        | {"run": event["run"] | {"facets": {"extractionError": {}, "parent": parent} if above else {}}, "outputs": []}
        for event in run(number, 3, [], "shown", sql)
    ]


@pytest.mark.parametrize("table", ["base", "public.base", '"PUBLIC"."BASE"'])
def test_a_table_that_nothing_places_may_be_whatever_is_called_so(tmp_path: Path, table: str) -> None:
    answer = asked(tmp_path, bound(1, f"SELECT id FROM {table} WHERE id = %(id)s"))
    assert grades(answer) == {"C-EARLY": "possible"}
    [person] = answer["data_subjects"]
    assert (person["because"], bool(person["path"])) == ("unknown-schema", True)


def test_a_path_does_not_say_where_tables_lie(tmp_path: Path) -> None:
    told = bound(1, "SELECT id FROM base WHERE id = %s")
    for event in told:
        event["outputs"] = [{"namespace": "file", "name": "/handed/2026-03-24/people.csv"}]
    assert grades(asked(tmp_path, told)) == {"C-EARLY": "possible"}


@pytest.mark.parametrize("table", ["other", "nobase", "aside.base", "base.column"])
def test_a_table_of_another_name_is_not_meant(tmp_path: Path, table: str) -> None:
    answer = asked(tmp_path, bound(1, f"SELECT id FROM {table} WHERE id = %s"))
    assert set(grades(answer)) == ({"C-OTHER"} if table == "other" else set())


@pytest.mark.parametrize("before", ["", "DELETE FROM shown WHERE id = %s; "])
def test_what_only_the_sql_writes_is_written_possibly(tmp_path: Path, before: str) -> None:
    """And what is read next is that, of a run that began later: the first step of the path names the event."""
    sql = f"{before}INSERT INTO shown SELECT id FROM base WHERE id = %s"
    assert read_by_svc(tmp_path, bound(1, sql)) == {"C-EARLY": "possible"}
    answer = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    assert all(len(person["path"]) > 2 for person in answer["data_subjects"])


def test_what_the_query_of_a_task_reads_its_task_may_hand_on(tmp_path: Path) -> None:
    task = run(1, 3, [], "shown")
    query = bound(2, "SELECT id FROM base WHERE id = %s", task[0])
    for event in task:
        event["outputs"][0]["name"] = "handed/shown"
    for event in query:
        event["eventTime"] = "2026-03-24T03:10:00Z"
        event["job"] = event["job"] | {"facets": event["job"]["facets"] | {"jobType": QUERY}}
    reader = [
        event | {"run": {"runId": "reader"}, "inputs": task[0]["outputs"], "job": {"namespace": "a", "name": "reads"}}
        for event in run(3, 4, [], "made")
    ]
    asked(tmp_path, task + query + reader)
    assert grades(ask(tmp_path / "store", "blast-radius", ["--run", "reader"])) == {"C-EARLY": "possible"}


def test_a_statement_below_does_not_write_again_what_its_run_wrote(tmp_path: Path) -> None:
    """Else the second write would stand in the way of what is certain."""
    model = run(1, 3, ["base"], "shown")
    link = {"run": model[0]["run"], "job": model[0]["job"]}
    below = [
        event | {"run": event["run"] | {"facets": {"parent": link}}, "outputs": []}
        for event in run(2, 3, [], "shown", "INSERT INTO public.shown SELECT * FROM public.base")
    ]
    asked(tmp_path, model + below + run(3, 6, ["shown"], "made"))
    answer = ask(tmp_path / "store", "blast-radius", ["--run", model[0]["run"]["runId"]])
    assert {one["run_id"]: one["contaminated"] for one in answer["runs"]}["00000000-0000-4000-8000-000000000003"] == (
        "certain"
    )


@pytest.mark.parametrize("sql", ["SELECT 1", "CREATE TEMPORARY TABLE passing (id int)", "SET work_mem = 1"])
def test_sql_that_touches_no_lasting_table_is_none(tmp_path: Path, sql: str) -> None:
    silent = [event | {"outputs": []} for event in run(1, 6, [], "made", sql)]
    assert "incomplete-lineage" not in {one["kind"] for one in asked(tmp_path, silent)["caveats"]}


def test_sql_that_is_not_understood_is_a_caveat_where_no_input_is_told(tmp_path: Path) -> None:
    events = run(1, 6, [], "made", "CALL make_it()") + run(2, 6, ["other"], "made", "CALL make_it()")
    answer = asked(tmp_path, events)
    assert {one["kind"]: one["count"] for one in answer["caveats"]}["incomplete-lineage"] == 2


def test_a_table_of_another_place_is_none_of_it(tmp_path: Path) -> None:
    made = {"namespace": STORE, "name": "elsewhere.public.made"}
    events = [event | {"outputs": [made]} for event in run(1, 6, [], "made", "SELECT * FROM public.base")]
    assert grades(asked(tmp_path, events)) == {}
