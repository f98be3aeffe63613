"""Models that dbt says are views: it tells a read of one by its name, and of what it shows only when it is built."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest
from tests.shown_by_runs import RECORDS, run

VIEW, TABLE = "staged", "made"
Event = dict[str, Any]


def model(number: int, hour: int, inputs: list[str], output: str, how: str, sql: str | None = None) -> list[Event]:
    events = run(number, hour, inputs, output, sql)
    for event in events:
        event["outputs"][0]["facets"] = {"dbt_model": {"config": {"materialized": how}}}
    return events


def grades(folder: Path, *told: list[Event]) -> dict[str, str]:
    """Of the last run, which reads the view after C-LATE came."""
    (folder / "openlineage.ndjson").write_text("\n".join(json.dumps(event) for events in told for event in events))
    (folder / "records.csv").write_text(RECORDS)
    ingest(folder / "store", [folder])
    answer = ask(folder / "store", "blast-radius", ["--run", told[-1][0]["run"]["runId"]])
    assert all(one["path"] for one in answer["data_subjects"])
    return {one["id"]: one["grade"] for one in answer["data_subjects"]}


READ = model(9, 6, [VIEW], TABLE, "table")
BOTH = {"C-EARLY": "probable", "C-LATE": "probable"}


@pytest.mark.parametrize("how", ["view", "ephemeral", "VIEW"])
def test_who_came_after_a_view_was_built_is_read_through_it(tmp_path: Path, how: str) -> None:
    assert grades(tmp_path, model(1, 3, ["base"], VIEW, how), READ) == BOTH


@pytest.mark.parametrize("how", ["table", "incremental", "materialized_view", "snapshot"])
def test_what_holds_rows_of_its_own_is_no_view(tmp_path: Path, how: str) -> None:
    assert grades(tmp_path, model(1, 3, ["base"], VIEW, how), READ) == {"C-EARLY": "possible"}


def test_views_of_views_show_what_those_do(tmp_path: Path) -> None:
    built = model(1, 3, ["base"], "first", "view"), model(2, 3, ["first", "other"], VIEW, "view")
    assert grades(tmp_path, *built, READ) == BOTH | {"C-OTHER": "probable"}


def test_what_only_its_sql_reads_is_shown_too(tmp_path: Path) -> None:
    """dbt names no seed among the inputs."""
    sql = 'select * from "people"."public"."base"'
    assert grades(tmp_path, model(1, 3, ["other"], VIEW, "view", sql), READ) == BOTH | {"C-OTHER": "probable"}


def test_what_was_a_table_too_may_hold_what_it_held(tmp_path: Path) -> None:
    """Which it was when it was read is not followed."""
    built = model(1, 2, ["other"], VIEW, "table"), model(2, 3, ["base"], VIEW, "view")
    assert grades(tmp_path, *built, READ) == {"C-EARLY": "possible", "C-LATE": "possible", "C-OTHER": "possible"}


def test_of_a_table_a_view_that_was_not_built_makes_none(tmp_path: Path) -> None:
    failed = model(2, 4, ["base"], VIEW, "view")
    failed[1]["eventType"] = "FAIL"
    told = grades(tmp_path, run(1, 3, ["other"], VIEW), failed, READ)
    assert told == {"C-OTHER": "possible", "C-EARLY": "possible"}


def test_a_facet_of_another_shape_says_nothing(tmp_path: Path) -> None:
    built = run(1, 3, ["base"], VIEW)
    for event in built:
        event["outputs"][0]["facets"] = {"dbt_model": {"config": ["view"]}}
    assert grades(tmp_path, built, READ) == {"C-EARLY": "possible"}
