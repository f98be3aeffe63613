"""What is told when all is done, as runs that bear the time of that: queries by Airflow, tests by dbt."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest
from tests.shown_by_runs import READ, RECORDS, STORE

LEFT = f"{STORE},people.public.base,b-0,C-LEFT,2026-03-24T00:00:00Z,2026-03-24T03:30:00Z\n"
GONE = f"{STORE},people.public.base,b-9,C-GONE,2026-03-21T00:00:00Z,2026-03-22T00:00:00Z\n"
DAG, TASK, QUERY = "daily", "daily.copy", "daily.copy.query.1"
Event = dict[str, Any]


def told(
    job: str, hours: tuple[str, str], read: str = "", output: str = "", facets: Event | None = None
) -> list[Event]:
    """The two events of a run that is called as its job is."""
    above = TASK if "query" in job else DAG if job == TASK else None
    links = [{"run": {"runId": one}, "job": {"namespace": "airflow", "name": one}} for one in (above, DAG)]
    event = {
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": job, "facets": {"parent": links[0] | {"root": links[1]}} if above else {}},
        "job": {
            "namespace": "airflow",
            "name": job,
            "facets": {"jobType": {"integration": "AIRFLOW", "jobType": "QUERY" if "query" in job else "TASK"}},
        },
        "inputs": [dataset(read)] if read else [],
        "outputs": [dataset(output) | {"facets": facets or {}}] if output else [],
    }
    return [
        event | {"eventType": kind, "eventTime": f"2026-03-24T{hour}Z"}
        for kind, hour in zip(("START", "COMPLETE"), hours, strict=True)
    ]


def dataset(name: str) -> dict[str, Any]:
    return {"namespace": STORE, "name": f"people.public.{name}"}


def store_of(folder: Path, *events: list[Event], read: Event | None = None) -> Path:
    (folder / "input").mkdir(exist_ok=True)
    lines = [json.dumps(event) for some in events for event in some]
    (folder / "input" / "openlineage.ndjson").write_text("\n".join(lines))
    (folder / "input" / "records.csv").write_text(RECORDS + LEFT)
    if read:
        (folder / "input" / "access.ndjson").write_text(json.dumps(read) + "\n")
    ingest(folder / "store", [folder / "input"])
    return folder / "store"


def grades(answer: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["grade"] for one in answer["data_subjects"]}


TOLD = ("05:10:00.4", "05:10:00.4")  # after the task's end
RUNS = (
    told(DAG, ("02:59:00", "05:11:00")),
    told(TASK, ("03:00:00", "05:10:00")),
    told(QUERY, TOLD, "base"),
    told("daily.copy.query.2", TOLD, output="shown"),
)


def test_a_query_ran_at_some_time_since_its_task_began(tmp_path: Path) -> None:
    """Whose record went before the query was told, and who was there in a window long before, may have been read."""
    store = store_of(tmp_path, *RUNS)
    for seed in (["--run", QUERY], ["--run", TASK], ["--job", f"airflow/{DAG}"]):
        answer = ask(store, "blast-radius", [*seed, "--from", "2026-03-24T03:00:00Z", "--to", "2026-03-24T03:20:00Z"])
        assert grades(answer) == {"C-EARLY": "possible", "C-LEFT": "possible"}, seed
        assert answer["summary"]["data_subjects"]["possible_because"] == {"task-query": 2}, seed
        assert all(one["path"] for one in answer["data_subjects"]), seed
    assert {one["kind"]: one["count"] for one in answer["caveats"]}["task-query"] == 2
    touches = ask(store, "who-touched", ["--data-subject", "C-EARLY"])["touches"]
    assert {(one["run_id"], one["start"], one["grade"], bool(one["evidence"])) for one in touches} == {
        (run, "2026-03-24T03:00:00.000000Z", "possible", True) for run in (TASK, QUERY)
    }


def test_without_its_task_it_began_as_a_run_without_start_did(tmp_path: Path) -> None:
    store = store_of(tmp_path, RUNS[2])
    answer = ask(store, "blast-radius", ["--run", QUERY, "--to", "2026-03-24T03:20:00Z"])
    assert grades(answer) == {"C-EARLY": "possible", "C-LEFT": "possible"}


def test_without_a_run_above_it_did_so_too(tmp_path: Path) -> None:
    alone = [event | {"run": {"runId": QUERY}} for event in RUNS[2]]
    answer = ask(store_of(tmp_path, alone), "blast-radius", ["--run", QUERY, "--to", "2026-03-24T03:20:00Z"])
    assert grades(answer) == {"C-EARLY": "possible", "C-LEFT": "possible"}


def test_below_another_query_it_is_the_task_s_too(tmp_path: Path) -> None:
    below = [event | {"run": {"runId": "inner", "facets": {"parent": {"run": {"runId": QUERY}}}}} for event in RUNS[2]]
    store = store_of(tmp_path, *RUNS[:2], told(QUERY, TOLD), below)
    answer = ask(store, "blast-radius", ["--run", "inner", "--to", "2026-03-24T03:20:00Z"])
    assert grades(answer) == {"C-EARLY": "possible", "C-LEFT": "possible"}


def test_it_may_have_begun_with_a_task_without_start(tmp_path: Path) -> None:
    """Which may have taken longer than a day."""
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        f"jobs: [{{match: {{namespace: airflow, name: {TASK}}}, max_duration: 72h}}]\n"
    )
    (tmp_path / "input" / "gone.csv").write_text(RECORDS.split("\n")[0] + "\n" + GONE)
    store = store_of(tmp_path, RUNS[1][1:], RUNS[2])
    answer = ask(store, "blast-radius", ["--run", QUERY, "--to", "2026-03-23T00:00:00Z"])
    assert grades(answer) == {"C-GONE": "possible"}


def test_what_one_query_read_another_may_have_written(tmp_path: Path) -> None:
    """It goes through the task, and through no other task of the DAG."""
    other = [event | {"run": event["run"] | {"runId": "other"}} for event in told(TASK, ("03:00:00", "05:10:00"))]
    answer = ask(store_of(tmp_path, *RUNS, other, read=READ), "blast-radius", ["--principal", "svc"])
    assert grades(answer) == {"C-EARLY": "possible", "C-LATE": "possible", "C-LEFT": "possible"}


def test_it_stands_in_no_ones_way(tmp_path: Path) -> None:
    """What emptied a table when the task began may be told after somebody wrote to it."""
    emptied = {"lifecycleStateChange": {"lifecycleStateChange": "TRUNCATE"}}
    store = store_of(
        tmp_path, *RUNS[:2], told(QUERY, TOLD, output="shown", facets=emptied),
        told("writing", ("04:00:00", "04:10:00"), output="shown"), told("reading", ("07:00:00", "07:10:00"), "shown"),
    )  # fmt: skip
    answer = ask(store, "blast-radius", ["--run", "writing"])
    assert {run["run_id"]: run["contaminated"] for run in answer["runs"]}["reading"] == "possible"


def test_a_query_that_has_times_of_its_own_is_as_sure_as_any_run(tmp_path: Path) -> None:
    store = store_of(tmp_path, *RUNS[:2], told(QUERY, ("04:00:00", "04:00:01"), "base"))
    assert grades(ask(store, "blast-radius", ["--run", QUERY])) == {"C-EARLY": "probable"}
    assert grades(ask(store, "blast-radius", ["--run", QUERY, "--to", "2026-03-24T03:20:00Z"])) == {}


def told_by_dbt(kind: str, hours: tuple[str, str]) -> list[Event]:
    """A node of a run of dbt, told with that when the last one is done."""
    facets = {"jobType": {"integration": "DBT", "jobType": kind}}
    return [
        event | {"job": {"namespace": "dbt", "name": QUERY, "facets": facets}} for event in told(QUERY, hours, "base")
    ]


LATER = ("05:10:00.400000", "05:10:00.400017")  # two readings of the clock


@pytest.mark.parametrize("hours", [LATER, TOLD])
def test_a_test_of_dbt_ran_at_some_time_since_dbt_began(tmp_path: Path, hours: tuple[str, str]) -> None:
    store = store_of(tmp_path, *RUNS[:2], told_by_dbt("TEST", hours))
    answer = ask(store, "blast-radius", ["--run", QUERY, "--to", "2026-03-24T03:20:00Z"])
    assert grades(answer) == {"C-EARLY": "possible", "C-LEFT": "possible"}
    assert answer["summary"]["data_subjects"]["possible_because"] == {"task-query": 2}
    touches = ask(store, "who-touched", ["--data-subject", "C-EARLY"])["touches"]
    assert {one["run_id"] for one in touches} == {QUERY}  # it is no part of the run above


@pytest.mark.parametrize(("kind", "hours"), [("TEST", ("05:10:00.40", "05:10:00.42")), ("MODEL", LATER), ("SQL", TOLD)])
def test_what_dbt_tells_as_it_runs_has_times_of_its_own(tmp_path: Path, kind: str, hours: tuple[str, str]) -> None:
    store = store_of(tmp_path, *RUNS[:2], told_by_dbt(kind, hours))
    assert grades(ask(store, "blast-radius", ["--run", QUERY])) == {"C-EARLY": "probable", "C-LATE": "probable"}
