"""OpenLineage: what kind of event a line is where its members do not quite say, and which notes it leaves."""

from typing import Any

import pytest

from lineage.collectors.openlineage import COLLECTOR, NO_RUN
from lineage.server.judging import fault_of
from tests.collectors.staging import Rows, lines, staged
from tests.collectors.test_openlineage import event

SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"


def without(*members: str, **told: Any) -> dict[str, Any]:
    return {key: value for key, value in event(**told).items() if key not in members}


def notes(told: dict[str, Any]) -> list[str]:
    return sorted(row["kind"] for row in staged(COLLECTOR, lines(told)).get("note", []))


@pytest.mark.parametrize(
    ("told", "goes"),
    [
        # A run's event without its run is refused, and no design that is passed by.
        (without("run", "eventType", schemaURL=f"{SPEC}RunEvent"), {"rejected": [{"position": 1, "reason": NO_RUN}]}),
        (without("run", schemaURL=f"{SPEC}JobEvent"), {"rejected": [{"position": 1, "reason": NO_RUN}]}),
        (
            without("run", "eventType", schemaURL=f"{SPEC}JobEvent"),
            {"passed": [{"position": 1, "reason": "design"}]},
        ),
        (
            without("run", "eventType", schemaURL=f"{SPEC}JobEvent", dataset={"namespace": "n", "name": "d"}),
            {"passed": [{"position": 1, "reason": "design"}]},
        ),
    ],
)
def test_an_event_without_a_run_is_of_the_kind_that_its_other_members_say(told: dict[str, Any], goes: Rows) -> None:
    assert staged(COLLECTOR, lines(told)) == goes
    assert fault_of(told) == (NO_RUN if "rejected" in goes else None)


@pytest.mark.parametrize(
    ("integration", "kind", "noted"), [("AIRFLOW", "QUERY", True), ("airflow", "query", True), ("DBT", "QUERY", False),
                                       ("SPARK", "QUERY", False), ("AIRFLOW", "TASK", False)],
)  # fmt: skip
def test_only_airflow_tells_queries_when_their_task_is_done(integration: str, kind: str, noted: bool) -> None:
    """Of any other run with a query its own events say when it was."""
    told = event()
    told["job"]["facets"] = {"jobType": {"processingType": "BATCH", "integration": integration, "jobType": kind}}
    assert notes(told) == ["task-query"] * noted


@pytest.mark.parametrize(("target", "noted"), [("northgate_sync", False), ("elsewhere", True)])
def test_what_a_job_says_of_itself_is_handed_over_to_nobody(target: str, noted: bool) -> None:
    stated = {"namespace": "airflow", "name": target, "type": "JOB", "inputs": []}
    told = event()
    told["job"]["facets"] = {"lineage": {"entries": [stated]}}
    assert notes(told) == ["job-lineage"] * noted
