"""What is said to a client that is not served: a status, a sentence and a hint, as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from lineage.errors import LineageError

RETRY_AFTER = "2"  # seconds


class Refusal(LineageError):
    """A request that is not served. ``more`` goes into the body beside ``error`` and ``hint``; ``close``: what is left
    of the connection is not read."""

    def __init__(
        self, status: int, sentence: str, hint: str, more: Mapping[str, Any] | None = None, *, close: bool = False
    ) -> None:
        super().__init__(sentence, hint)
        self.status = status
        self.close = close or status in (408, 413)
        self.more = more or {}


class Busy(Refusal):
    """Not now: the client may come again."""

    def __init__(self, sentence: str, hint: str) -> None:
        super().__init__(503, sentence, hint)


def answer_json(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as the program writes it: what is not ASCII stays readable."""
    return Response(json.dumps(document, ensure_ascii=False) + "\n", status, headers, "application/json")


def refuse(refusal: Refusal) -> Response:
    """429 is never among them: clients of the OpenLineage API drop the event on it, and send again on 503."""
    headers = {}
    if refusal.status == 503:
        headers["Retry-After"] = RETRY_AFTER
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="lineage"'
    if refusal.close:
        headers["Connection"] = "close"
    return answer_json({"error": refusal.sentence, "hint": refusal.hint, **refusal.more}, refusal.status, headers)
