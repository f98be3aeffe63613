"""Real producers of OpenLineage events: the Python client's file transport, and dbt run by ``dbt-ol``.

dbt sends what it writes to a server too, and both stores hold the same.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    StaticDataset,
)
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    lifecycle_state_change_dataset,
    lineage,
    parent_run,
    sql_job,
    symlinks_dataset,
)
from openlineage.client.transport.file import FileConfig, FileTransport

from lineage.collectors.openlineage import COLLECTOR
from lineage.store import checkpoint, open_store
from tests.asking import ingest
from tests.collectors.staging import Rows, head_of, staged
from tests.server.running import program, serving

PRODUCER = "https://example.com/people/1"
RUN = "01936000-0000-7000-8000-000000000001"
ABOVE = "01936000-0000-7000-8000-000000000002"
PEOPLE = ("postgres://people-db:5432", "people.public.contractors")
MART = ("snowflake://acme", "marts.contractors")


def everything() -> list[RunEvent | JobEvent | DatasetEvent]:
    """One event of each kind, with the facets that matter."""
    moved = lifecycle_state_change_dataset.LifecycleStateChange.OVERWRITE
    change = lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(lifecycleStateChange=moved)
    other = symlinks_dataset.Identifier(namespace="hive://metastore:9083", name="contractors", type="TABLE")
    masked = column_lineage_dataset.Transformation(type="DIRECT", subtype="TRANSFORMATION", masking=True)
    iban = column_lineage_dataset.InputField(*PEOPLE, field="iban", transformations=[masked])
    name = column_lineage_dataset.InputField(*PEOPLE, field="full_name")
    columns = column_lineage_dataset.ColumnLineageDatasetFacet(
        fields={
            "iban_hash": column_lineage_dataset.Fields(inputFields=[iban]),
            "name": column_lineage_dataset.Fields(inputFields=[name]),
        }
    )
    source = lineage.LineageDatasetInput(*PEOPLE, type="DATASET")
    stated = lineage.LineageJobFacet(entries=[lineage.LineageDatasetEntry(*MART, type="DATASET", inputs=[source])])
    above = parent_run.ParentRunFacet(
        run=parent_run.Run(runId=ABOVE), job=parent_run.Job(namespace="airflow", name="people_dag")
    )
    job = Job(
        namespace="airflow",
        name="people_dag.sync",
        facets={"sql": sql_job.SQLJobFacet(query="SELECT 1", dialect="postgres"), "lineage": stated},
    )
    read = InputDataset(*PEOPLE, facets={"symlinks": symlinks_dataset.SymlinksDatasetFacet(identifiers=[other])})
    wrote = OutputDataset(*MART, facets={"columnLineage": columns, "lifecycleStateChange": change})
    run = Run(runId=RUN, facets={"parent": above})
    return [
        RunEvent(
            eventType=RunState.COMPLETE, eventTime="2026-03-24T10:39:00Z", run=run, job=job,
            inputs=[read], outputs=[wrote], producer=PRODUCER,
        ),
        JobEvent(eventTime="2026-03-24T10:40:00Z", job=Job("airflow", "designed"), producer=PRODUCER),
        DatasetEvent(
            eventTime="2026-03-24T10:41:00Z",
            dataset=StaticDataset(*MART, facets={"lifecycleStateChange": change}),
            producer=PRODUCER,
        ),
    ]  # fmt: skip


def emitted(config: FileConfig) -> Rows:
    """The staged rows of all files that the client writes, together."""
    client = OpenLineageClient(transport=FileTransport(config))
    for event in everything():
        client.emit(event)
    path = Path(config.log_file_path)
    rows: Rows = {}
    for file in sorted(path.parent.glob(f"{path.name}*")):
        data = file.read_bytes()
        assert COLLECTOR.claims(head_of(data, file.name))
        for table, found in staged(COLLECTOR, data, file.name).items():
            rows.setdefault(table, []).extend(found)
    return rows


@pytest.mark.parametrize("form", [{"append": True}, {}, {"debug_mode": True}], ids=["append", "files", "indented"])
def test_what_the_python_client_writes_to_files(tmp_path: Path, form: dict[str, Any]) -> None:
    rows = emitted(FileConfig(log_file_path=str(tmp_path / "events"), **form))
    assert rows.pop("event") == ([1, 3] if "append" in form else [1, 1])
    told = {table: [list(row.values())[1:] for row in found] for table, found in rows.items()}  # but positions
    run, people, mart = ["", RUN], [*PEOPLE], [*MART]
    assert told == {
        "run_event": [[run, ["airflow", "people_dag.sync"], 1774348740000000, True, "COMPLETE"]],
        "run_io": [
            [run, "input", people, None, False, None],
            [run, "output", mart, "OVERWRITE", False, None],
        ],
        "run_parent": [[run, ["", ABOVE], ["airflow", "people_dag"]]],
        "run_sql": [[run, "SELECT 1", "postgres"]],
        "symlink": [[people, ["hive://metastore:9083", "contractors"]]],
        "column_edge": [
            [run, mart, "iban_hash", people, "iban", False],
            [run, mart, "name", people, "full_name", True],
        ],
        "stated_edge": [[run, mart, people]],
        "passed": [["design"]],
        "dataset_change": [[mart, 1774348860000000, True, "OVERWRITE", None]],
    }


DBT_EVENTS = "log_file_path: events.ndjson, append: true"
DBT_FILES = {
    "dbt_project.yml": "{name: people, version: '1.0', profile: people, flags: {send_anonymous_usage_stats: false}}",
    "profiles.yml": "people: {target: dev, outputs: {dev: {type: duckdb, path: people.duckdb}}}",
    "models/contractors.sql": "select 1 as contractor_id, 'KE12' as iban",
    "models/copied.sql": "{{ config(materialized='table') }} select contractor_id, iban from {{ ref('contractors') }}",
}


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="dbt does not start on Python 3.14 yet (its mashumaro)")
def test_what_dbt_writes_and_sends(tmp_path: Path) -> None:
    with serving(tmp_path / "sent.duckdb") as server:
        both = f"[{{type: http, url: '{server.url}', compression: gzip}}, {{type: file, {DBT_EVENTS}}}]"
        for name, text in {
            **DBT_FILES,
            "openlineage.yml": f"transport: {{type: composite, transports: {both}}}",
        }.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        programs = Path(sys.executable).parent
        subprocess.run(
            [programs / "dbt-ol", "run", "--no-version-check", "--quiet", "--no-partial-parse"],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")]),
                "OPENLINEAGE_CONFIG": "openlineage.yml",
                "OPENLINEAGE_NAMESPACE": "dbt",
            },
            check=True,
            capture_output=True,
            timeout=120,
        )
    ingest(tmp_path / "written.duckdb", [tmp_path / "events.ndjson"])
    marks = []
    for name in ("sent", "written"):
        with open_store(str(tmp_path / f"{name}.duckdb"), read_only=True) as store:
            marks.append(checkpoint(store))
    assert marks[0] == marks[1]
    words = ("ask", "blast-radius", "--job", "dbt/people.main.people.contractors", "--format", "json")
    sent, written = (program(*words, "--store", tmp_path / f"{name}.duckdb") for name in ("sent", "written"))
    assert sent == written
    assert len(json.loads(sent)["runs"]) == 2
    rows = staged(COLLECTOR, (tmp_path / "events.ndjson").read_bytes())
    assert not {"rejected", "passed"} & set(rows)
    assert {row["kind"] for row in rows["note"]} == {"view-model"}
    types = [(row["job"][1], row["type"]) for row in rows["run_event"]]
    assert sorted(types) == [
        (job, type)
        for job in ("dbt-run-people", "people.main.people.contractors", "people.main.people.copied")
        for type in ("COMPLETE", "START")
    ]
    assert {(row["direction"], *row["dataset"]) for row in rows["run_io"]} == {
        ("output", "duckdb://people.duckdb", "people.main.contractors"),
        ("input", "duckdb://people.duckdb", "people.main.contractors"),
        ("output", "duckdb://people.duckdb", "people.main.copied"),
    }
    runs = {row["job"][1]: row["run"] for row in rows["run_event"]}
    assert {(row["run"][1], row["parent_run"][1]) for row in rows["run_parent"]} == {
        (runs[f"people.main.people.{model}"][1], runs["dbt-run-people"][1]) for model in ("contractors", "copied")
    }
    assert {(row["field"], row["source_field"], row["carries"]) for row in rows["column_edge"]} == {
        ("contractor_id", "contractor_id", True),
        ("iban", "iban", True),
    }
    assert {row["dialect"] for row in rows["run_sql"]} == {"duckdb"}
