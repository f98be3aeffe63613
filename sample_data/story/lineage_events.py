"""OpenLineage run events as an Airflow deployment writes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sample_data.story.datasets import Dataset
from sample_data.story.draw import run_id, stamp

Json = dict[str, Any]
AIRFLOW = "https://github.com/apache/airflow/tree/providers-openlineage/2.3.0"
SPEC = "https://openlineage.io/spec"


@dataclass(frozen=True)
class Column:
    """Where an output field comes from; ``subtype`` is OpenLineage's, IDENTITY and so on."""

    output: str
    source: Dataset
    source_field: str
    subtype: str = "IDENTITY"
    masking: bool = False


@dataclass(frozen=True)
class Output:
    """A dataset that a job writes.

    ``lifecycle`` is as in lifecycleStateChange, None where the job says nothing; ``symlink`` is another
    (namespace, name) of the same dataset.
    """

    dataset: Dataset
    lifecycle: str | None = None
    columns: tuple[Column, ...] = ()
    symlink: tuple[str, str] | None = None


@dataclass(frozen=True)
class Job:
    """A task of a pipeline; ``input_known_as`` is the (namespace, name) by which it knows its only input."""

    namespace: str
    name: str
    inputs: tuple[Dataset, ...]
    outputs: tuple[Output, ...]
    sql: str | None = None
    input_known_as: tuple[str, str] | None = None
    producer: str = AIRFLOW


@dataclass(frozen=True)
class Run:
    """One run of a job. ``spooled`` is when its events came in, where that was much later."""

    job: Job
    start: datetime
    end: datetime
    outcome: str = "COMPLETE"
    start_lost: bool = False
    spooled: datetime | None = None

    @property
    def id(self) -> str:
        """The run's UUID."""
        return run_id(f"{self.job.namespace} {self.job.name} {self.start.isoformat()}")


def events(run: Run) -> list[tuple[datetime, Json]]:
    """The run's events, each with the moment at which it arrived."""
    told = [] if run.start_lost else [(run.start, _event(run, "START", run.start))]
    told.append((run.end, _event(run, run.outcome, run.end)))
    return [(run.spooled or when, event) for when, event in told]


def _event(run: Run, kind: str, when: datetime) -> Json:
    job = run.job
    return {
        "eventTime": stamp(when),
        "eventType": kind,
        "run": {"runId": run.id, "facets": _run_facets(run, kind)},
        "job": {
            "namespace": job.namespace,
            "name": job.name,
            "facets": _job_facets(job) if kind == "START" else {},
        },
        "inputs": _inputs(job),
        "outputs": [_output(job, output) for output in job.outputs] if kind != "START" else [],
        "producer": job.producer,
        "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


def _facet(job: Job, schema: str, content: Json) -> Json:
    version, name = schema.split("/")
    return {
        "_producer": job.producer,
        "_schemaURL": f"{SPEC}/facets/{version}/{name}.json#/$defs/{name}",
        **content,
    }


def _run_facets(run: Run, kind: str) -> Json:
    job = run.job
    scheduled = run.start.replace(second=0, microsecond=0)
    dag = job.name.partition(".")[0]
    parent = {
        "run": {"runId": run_id(f"{job.namespace} {dag} {scheduled.isoformat()}")},
        "job": {"namespace": job.namespace, "name": dag},
    }
    facets = {"parent": _facet(job, "1-1-0/ParentRunFacet", parent)}
    if kind == "START":
        times = {"nominalStartTime": stamp(scheduled)}
        engine = {"version": "3.1.7", "name": "Airflow", "openlineageAdapterVersion": "2.3.0"}
        facets["nominalTime"] = _facet(job, "1-0-1/NominalTimeRunFacet", times)
        facets["processing_engine"] = _facet(job, "1-1-1/ProcessingEngineRunFacet", engine)
    if kind == "FAIL":
        error = {"message": "worker lost connection to its queue", "programmingLanguage": "PYTHON"}
        facets["errorMessage"] = _facet(job, "1-0-1/ErrorMessageRunFacet", error)
    return facets


def _job_facets(job: Job) -> Json:
    kind = {"processingType": "BATCH", "integration": "AIRFLOW", "jobType": "TASK"}
    facets = {"jobType": _facet(job, "2-0-3/JobTypeJobFacet", kind)}
    if job.sql:
        facets["sql"] = _facet(job, "1-1-0/SQLJobFacet", {"query": job.sql, "dialect": "postgres"})
    return facets


def _inputs(job: Job) -> list[Json]:
    names = [(dataset.namespace, dataset.name) for dataset in job.inputs]
    if job.input_known_as:
        names = [job.input_known_as]
    return [{"namespace": namespace, "name": name, "facets": {}} for namespace, name in names]


def _output(job: Job, output: Output) -> Json:
    facets: Json = {"schema": _schema(job, output.dataset)}
    if output.lifecycle:
        change = {"lifecycleStateChange": output.lifecycle}
        facets["lifecycleStateChange"] = _facet(job, "1-0-1/LifecycleStateChangeDatasetFacet", change)
    if output.symlink:
        namespace, name = output.symlink
        other = {"identifiers": [{"namespace": namespace, "name": name, "type": "TABLE"}]}
        facets["symlinks"] = _facet(job, "1-0-1/SymlinksDatasetFacet", other)
    if output.columns:
        facets["columnLineage"] = _column_lineage(job, output.columns)
    return {"namespace": output.dataset.namespace, "name": output.dataset.name, "facets": facets}


def _schema(job: Job, dataset: Dataset) -> Json:
    fields = [{"name": name, "type": kind} for name, kind in dataset.fields]
    return _facet(job, "1-2-0/SchemaDatasetFacet", {"fields": fields})


def _column_lineage(job: Job, columns: tuple[Column, ...]) -> Json:
    fields: dict[str, Json] = {}
    for column in columns:
        how = {"type": "DIRECT", "subtype": column.subtype, "masking": column.masking}
        source = {
            "namespace": column.source.namespace,
            "name": column.source.name,
            "field": column.source_field,
            "transformations": [how],
        }
        fields.setdefault(column.output, {"inputFields": []})["inputFields"].append(source)
    return _facet(job, "1-2-0/ColumnLineageDatasetFacet", {"fields": fields})
