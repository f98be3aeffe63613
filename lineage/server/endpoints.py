"""The routes, declared: what each is called, who may, what it takes and gives. `openapi` writes the same down."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lineage.collectors import COLLECTORS
from lineage.exports import EXPORTS
from lineage.questions import QUESTIONS
from lineage.questions.interface import Parameter, Question
from lineage.server.asking import FORMS, Asking
from lineage.server.counting import Counting
from lineage.server.receiver import Receiver
from lineage.server.service import Service

Schema = Mapping[str, Any]
JSON = "application/json"
REFUSED: Schema = {
    "type": "object",
    "required": ["error", "hint"],
    "properties": {"error": {"type": "string"}, "hint": {"type": "string"}},
}
# Of an event only that is asked which places it: producers leave out much of what the specification wants, and a
# name of another type is its text.
_NAMED: Schema = {"not": {"enum": [None, ""]}}
_NONE: Schema = {"type": "null"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_JOB: Schema = {"type": "object", "required": ["name"], "properties": {"name": _NAMED}}
_RUN: Schema = {"type": "object", "required": ["runId"], "properties": {"runId": _NAMED}}
_DATASET: Schema = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {"namespace": _NAMED, "name": _NAMED},
}
EVENT: Schema = {
    "title": "An OpenLineage event",
    "description": "See https://openlineage.io/spec/2-0-2/OpenLineage.json; what places no event may be missing.",
    "anyOf": [
        {
            "title": "RunEvent",
            "type": "object",
            "required": ["eventTime", "run", "job"],
            "properties": {"eventTime": _TIME, "run": _RUN, "job": _JOB},
        },
        {
            "title": "DatasetEvent",
            "type": "object",
            "required": ["eventTime", "dataset"],
            "properties": {"eventTime": _TIME, "dataset": _DATASET, "run": _NONE, "job": _NONE},
        },
        {
            "title": "JobEvent",
            "type": "object",
            "required": ["job"],
            "properties": {"job": _JOB, "run": _NONE, "eventType": _NONE},
        },
    ],
}
BATCH: Schema = {
    "type": "object",
    "required": ["status", "summary", "failed_events"],
    "properties": {
        "status": {"enum": ["success", "partial_success"]},
        "summary": {
            "type": "object",
            "required": ["received", "successful", "failed", "retriable", "non_retriable"],
            "additionalProperties": {"type": "integer"},
        },
        "failed_events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "reason", "retriable"],
                "properties": {
                    "index": {"type": "integer"},
                    "reason": {"type": "string"},
                    "retriable": {"type": "boolean"},
                },
            },
        },
    },
}
ACKNOWLEDGED: Schema = {"type": "object", "required": ["status"], "properties": {"status": {"const": "success"}}}
UPLOADED: Schema = {
    "type": "object",
    "required": ["upload", "state", "inputs"],
    "properties": {
        "upload": {"type": "integer"},
        "state": {"enum": ["waiting", "stored"]},
        "inputs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["input", "collector", "lines", "stored", "known", "rejected", "passed", "before"],
            },
        },
    },
}
OBJECT: Schema = {"type": "object"}


@dataclass(frozen=True)
class Given:
    """What comes with a request beside its body. ``place``: query or path."""

    name: str
    meaning: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    needed: bool = False


@dataclass(frozen=True)
class Endpoint:
    """``scope``: what a key must have; '' for any key; None for nobody's. ``gives``: media types and schemas of 200.
    ``bare``: a request without a body does too, which asks without parameters, or sends an empty file."""

    method: str
    path: str
    title: str
    scope: str | None
    handler: Callable[[Request], Awaitable[Response]]
    gives: Mapping[str, Schema]
    takes: Mapping[str, Schema] = field(default_factory=dict)
    given: tuple[Given, ...] = ()
    refuses: tuple[int, ...] = ()
    done: tuple[int, ...] = (200,)
    bare: bool = False


_SOURCE = Given("source", "the source of the catalog that the events belong to")
_PATH: Schema = {"type": "string", "minLength": 1, "maxLength": 1000}
_NAME = Given("name", "the name of the file, as a relative path", _PATH)
_ENVIRONMENT = Given("environment", "of a list of packages: the environment it shows")
_TAKEN_AT = Given("taken_at", "of a list of packages: when it was taken", _TIME)
_WAIT = Given("wait", "seconds to wait until it is stored", {"type": "number", "minimum": 0, "maximum": 55})
_ANY: Schema = {}
_BODY = (400, 408, 413, 415, 503)


def endpoints(service: Service) -> tuple[Endpoint, ...]:
    """Every route of ours, answered by one service."""
    receiver, asking, counting = Receiver(service), Asking(service), Counting(service)
    return (
        Endpoint(
            "POST", "/api/v1/lineage", "One OpenLineage event; durable when answered with 200", "ingest",
            receiver.event, {JSON: ACKNOWLEDGED}, {JSON: EVENT}, (_SOURCE,), _BODY,
        ),
        Endpoint(
            "POST", "/api/v1/lineage/batch", "A list of OpenLineage events; durable when answered with 200", "ingest",
            receiver.batch, {JSON: BATCH}, {JSON: {"type": "array", "items": EVENT}}, (_SOURCE,), _BODY,
        ),
        Endpoint(
            "POST", "/api/v1/access", "Access events as NDJSON, or what else a collector reads, found by its content",
            "ingest", receiver.access, {JSON: {"anyOf": [BATCH, ACKNOWLEDGED]}},
            {"application/x-ndjson": _ANY, "application/octet-stream": _ANY},
            (_SOURCE, _NAME, _ENVIRONMENT, _TAKEN_AT), (*_BODY, 422),
        ),
        Endpoint(
            "POST", "/api/v1/files", "A file of any size that a collector reads, and what became of it", "ingest",
            receiver.upload, {JSON: UPLOADED}, {"application/octet-stream": _ANY},
            (
                Given("name", "the name of the file, as a relative path", _PATH, needed=True),
                Given("folder", "the folder that the name begins in, for the `files` globs of the catalog"),
                _SOURCE, _ENVIRONMENT, _TAKEN_AT,
                Given("collector", "read it with this collector", {"enum": [item.name for item in COLLECTORS]}), _WAIT,
            ), (400, 408, 413, 422, 503), (201,), bare=True,
        ),
        Endpoint(
            "GET", "/api/v1/files/{number}", "What became of an upload", "ingest", receiver.outcome, {JSON: UPLOADED},
            given=(Given("number", "its number", place="path", needed=True), _WAIT), refuses=(404, 422),
        ),
        Endpoint(
            "GET", "/api/v1/questions", "What can be asked", "", asking.questions,
            {JSON: {"type": "object", "required": ["questions"]}},
        ),
        Endpoint(
            "POST", "/api/v1/ask/{question}", "Ask a question", "read", asking.ask,
            {media: OBJECT if media == JSON else _ANY for media in FORMS.values()}, {JSON: OBJECT},
            (
                Given("question", "its name", place="path", needed=True),
                Given("format", "json, text as the program prints it, or zip with tables and evidence",
                      {"enum": list(FORMS)}),
                Given("export", "of a zip only this, if told",
                      {"type": "array", "items": {"enum": [export.name for export in EXPORTS]}}),
            ), (400, 404, 408, 413, 415, 422, 503), bare=True,
        ),
        Endpoint(
            "GET", "/api/v1/status", "What the store holds and what its sources cover", "read", asking.status,
            {JSON: OBJECT, "text/plain": _ANY}, given=(Given("format", "json or text", {"enum": ["json", "text"]}),),
            refuses=(422, 503),
        ),
        Endpoint(
            "GET", "/api/v1/asked", "Every question that was asked, by whom and when", "admin", asking.asked,
            {JSON: {"type": "object", "required": ["asked"]}},
        ),
        Endpoint("GET", "/healthz", "Whether the server lives", None, counting.health, {JSON: OBJECT}, refuses=(503,)),
        Endpoint("GET", "/metrics", "Counts for Prometheus", "", counting.metrics, {"text/plain": _ANY}),
    )  # fmt: skip


def parameters_schema(question: Question) -> Schema:
    """What a question takes, as JSON Schema."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {parameter.name: _parameter(parameter) for parameter in question.parameters},
    }


def _parameter(parameter: Parameter) -> Schema:
    one: Schema = {"type": "string"}
    if len(parameter.parts) > 1:
        words = len(parameter.parts)
        one = {"type": "array", "items": {"type": "string"}, "minItems": words, "maxItems": words}
    elif parameter.kind == "file":
        one = {"type": ["string", "object"]}
    elif parameter.kind == "instant":
        one = {"type": "string", "format": "date-time"}
    many: Schema = {"type": "array", "items": one}
    if not parameter.repeated:
        many = {**many, "maxItems": 1}
    return {"description": parameter.help, "anyOf": [one, many, {"type": "null"}]}


def questions_with(endpoint: Endpoint) -> tuple[tuple[str, Question | None], ...]:
    """(path, question) of an endpoint: one for each question where its path has one in it."""
    if "{question}" not in endpoint.path:
        return ((endpoint.path, None),)
    return tuple((endpoint.path.replace("{question}", question.name), question) for question in QUESTIONS)
