"""OpenLineage: what is staged of events of every kind and in every state of repair."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.collectors.openlineage import COLLECTOR
from tests.collectors.staging import Rows, case, cases, head_of, staged


@pytest.mark.parametrize("folder", cases("openlineage"), ids=lambda folder: folder.name)
def test_case(folder: Path) -> None:
    now, expected = case(folder, COLLECTOR)
    assert now == expected


def event(run: str = "r-1", **members: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-24T10:39:00Z",
        "producer": "https://example.com/scheduler/1.4",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run},
        "job": {"namespace": "airflow", "name": "northgate_sync"},
        "inputs": [{"namespace": "postgres://people-db:5432", "name": "people.public.contractors"}],
        "outputs": [{"namespace": "s3://exports", "name": "dump"}],
        **members,
    }


def facts(rows: Rows) -> Rows:
    """Without positions, which differ between layouts."""
    return {
        table: [row if isinstance(row, int) else {k: v for k, v in row.items() if k != "position"} for row in found]
        for table, found in rows.items()
        if table != "event"
    }


@pytest.mark.parametrize("layout", ["array", "indented", "row", "crlf", "marquez", "marquez indented", "marked"])
def test_the_layout_changes_nothing(layout: str) -> None:
    events = [event("r-1"), event("r-2", inputs=[]), event("r-3", eventTime="")]
    data = {
        "array": json.dumps(events),
        "indented": "\n\n".join(json.dumps(each, indent=2) for each in events),
        "row": "".join(json.dumps(each) for each in events),
        "marquez": json.dumps({"events": events, "totalCount": 3}, separators=(",", ":")),
        "marquez indented": json.dumps({"events": events, "totalCount": 3}, indent=2),
        "marked": "\ufeff" + json.dumps({"events": events, "totalCount": 3}),
        "crlf": "\ufeff" + "\r\n\r\n".join(json.dumps(each) for each in events),
    }[layout].encode()
    lines = "\n".join(json.dumps(each) for each in events).encode()
    assert COLLECTOR.claims(head_of(data))
    assert facts(staged(COLLECTOR, data)) == facts(staged(COLLECTOR, lines))


def test_of_a_torn_list_of_events_what_is_whole_is_read() -> None:
    told = json.dumps({"events": [event("r-1"), event("r-2")], "totalCount": 2})
    found = staged(COLLECTOR, told[: told.index("r-2")].encode())
    assert found["event"] == [1]
    assert found["rejected"] == [{"position": 2, "reason": "The object is not closed."}]


@pytest.mark.parametrize("indent", [None, 2])
def test_the_last_page_of_a_list_has_no_events(indent: int | None) -> None:
    told = json.dumps({"events": [], "totalCount": 2}, indent=indent).encode()
    assert COLLECTOR.claims(head_of(told))
    assert not any(staged(COLLECTOR, told).values())


def test_a_list_of_other_events_is_not_claimed() -> None:
    told = {"events": [{"name": "view", "parameters": [{"name": "doc_id"}]}], "totalCount": 1}
    assert not COLLECTOR.claims(head_of(json.dumps(told).encode()))


def test_a_long_event_is_claimed_by_its_first_members() -> None:
    data = json.dumps(event(inputs=[{"namespace": "n", "name": f"{number}"} for number in range(9000)]), sort_keys=True)
    head = head_of(data.encode())
    assert not head.whole
    assert COLLECTOR.claims(head)
    assert len(staged(COLLECTOR, data.encode())["run_io"]) == 9001


def test_events_without_what_they_need_are_claimed_by_their_schema() -> None:
    bare = event()
    del bare["eventTime"]
    assert COLLECTOR.claims(head_of(json.dumps(bare).encode()))
    assert not COLLECTOR.claims(head_of(b'{"eventTime": "2026-03-24T10:39:00Z", "job": "nightly"}'))


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (key,)
        yield from ((key, *deeper) for deeper in paths(child))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


def test_no_part_of_another_type_raises_or_loses_the_run() -> None:
    source = {
        "namespace": "n",
        "name": "a",
        "type": "DATASET",
        "field": "f",
        "transformations": [{"type": "DIRECT"}],
    }
    told = {"inputs": [source], "fields": {"f": {"inputs": [source]}}}
    facets = {
        "symlinks": {"identifiers": [{"namespace": "n", "name": "b", "type": "TABLE"}]},
        "lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": {"name": "c"}},
        "columnLineage": {"fields": {"f": {"inputFields": [source]}}, "dataset": [source]},
        "lineage": told,
    }
    dataset = {
        "namespace": "n",
        "name": "d",
        "facets": facets,
        "outputFacets": {"s": {"outputCondition": {}}},
    }
    above = {"run": {"runId": "p"}, "job": {"namespace": "n", "name": "p"}}
    stated = {"namespace": "n", "name": "d", "type": "DATASET", **told}
    run_facets = {"parent": {**above, "root": above}, "extractionError": {}, "lineage": {"lineage": [stated]}}
    job_facets = {"sql": {"query": "SELECT 1", "dialect": "x"}, "lineage": {"entries": [stated]}}
    whole = event(inputs=[dataset], outputs=[dataset])
    whole["run"]["facets"], whole["job"]["facets"] = run_facets, job_facets
    needed = {("eventTime",), ("run",), ("run", "runId"), ("job",), ("job", "name")}
    events = [
        replaced(whole, path, junk)
        for path in paths(whole)
        if path not in needed
        for junk in (None, "x", 5, True, [], {}, [None, "x", [1], {"x": 1}], {"x": [None]})
    ]
    rows = staged(COLLECTOR, "\n".join(json.dumps(each) for each in events).encode())
    assert len(rows["run_event"]) == len(events) > 500
    assert "rejected" not in rows
    assert {row["run"][1] for row in rows["run_io"]} == {"r-1"}


def test_nothing_is_staged_that_is_not_a_fact() -> None:
    secret = {
        "environmentVariables": [{"name": "TOKEN", "value": "hunter2"}],
        "message": "hunter2",
        "owners": ["hunter2"],
    }
    facets = {"environmentVariables": secret, "errorMessage": secret, "ownership": secret, "schema": secret}
    told = event()
    told["run"]["facets"] = told["job"]["facets"] = facets
    told["inputs"][0]["facets"] = facets
    rows = staged(COLLECTOR, json.dumps(told).encode())
    assert len(rows["run_io"]) == 2
    assert "hunter2" not in json.dumps(rows)


def edges(files: list[Path]) -> set[tuple[str, str]]:
    """(input, output) of each run, over all its events."""
    inputs, outputs = set[tuple[str, str]](), set[tuple[str, str]]()
    for file in files:
        for row in staged(COLLECTOR, file.read_bytes()).get("run_io", []):
            (inputs if row["direction"] == "input" else outputs).add((row["run"][1], row["dataset"][1]))
    return {(source, target) for run, source in inputs for other, target in outputs if run == other}


def test_runs_whose_events_arrive_out_of_order_join_inputs_and_outputs() -> None:
    folder = next(folder for folder in cases("openlineage") if folder.name == "scheduler")
    assert edges(sorted(folder.glob("line_*.json"))) == {
        ("in/a.csv", "p.people.staging"),
        ("in/b.csv", "p.people.staging"),
        ("p.people.staging", "p.people.copy"),
        ("p.people.copy", "out/a.csv"),
    }
