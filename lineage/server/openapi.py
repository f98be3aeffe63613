"""The OpenAPI document, written from the endpoints and the questions' declarations."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from lineage.server.endpoints import JSON, REFUSED, Endpoint, parameters_schema, questions_with

MEANINGS = {
    200: "Done; what was sent is durable.",
    201: "Durable; and what became of it, where that is known yet.",
    400: "What was sent can never be stored or read.",
    401: "A key is missing, unknown or revoked.",
    403: "The key may not do this.",
    404: "There is no such thing.",
    408: "The body came too slowly.",
    413: "The body is too large.",
    415: "The content encoding is not known.",
    422: "A parameter is not as declared, or the question cannot be asked so.",
    503: "Not now: send it again after the seconds of Retry-After.",
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document as JSON; a route that takes a question's name has a path for each of them."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        for path, question in questions_with(endpoint):
            operation: dict[str, Any] = {
                "summary": question.title if question else endpoint.title,
                "operationId": f"{endpoint.method.lower()}{path.replace('/', '-')}",
                "security": [] if endpoint.scope is None else [{"key": []}],
                "parameters": [
                    {
                        "name": given.name,
                        "in": given.place,
                        "required": given.needed,
                        "description": given.meaning,
                        "schema": given.schema,
                    }
                    for given in endpoint.given
                    if not (question and given.place == "path")
                ],
                "responses": _responses(endpoint),
            }
            if endpoint.takes:
                takes = {JSON: parameters_schema(question)} if question else endpoint.takes
                operation["requestBody"] = {
                    "required": not endpoint.bare,
                    "content": {media: {"schema": schema} for media, schema in takes.items()},
                }
            paths.setdefault(path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "annotation-lineage",
            "version": version("annotation-lineage"),
            "description": "What was touched, and whose data was it? Events in, questions answered.",
        },
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    told: dict[str, Any] = {
        str(status): {
            "description": MEANINGS[status],
            "content": {media: {"schema": schema} for media, schema in endpoint.gives.items()},
        }
        for status in endpoint.done
    }
    always = () if endpoint.scope is None else (401, 403)
    for status in sorted({*endpoint.refuses, *always}):
        refused: dict[str, Any] = {"description": MEANINGS[status], "content": {JSON: {"schema": REFUSED}}}
        if status == 503:
            refused["headers"] = {"Retry-After": {"schema": {"type": "string"}}}
        told[str(status)] = refused
    return told
