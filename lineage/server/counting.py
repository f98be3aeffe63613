"""Is it alive, and how is it doing: a health check that tells nothing else, and counts for Prometheus."""

import time

from starlette.requests import Request
from starlette.responses import Response

from lineage.server.refusals import Refusal, answer_json
from lineage.server.service import Service

COUNTERS = {
    "events_received": "Events that were acknowledged, one by one or in batches.",
    "uploads_received": "Files that were acknowledged.",
    "events_refused": "Events that can never be stored.",
    "refused_full": "Requests that were told to come again because too much waits.",
    "events_stored": "Events that were new to the store.",
    "events_known": "Events that the store had already.",
    "lines_rejected": "Lines that ingest rejected.",
    "set_aside": "Uploads that ingest refused as a whole.",
    "drain_failures": "Times that a part of the journal could not be stored.",
    "asked": "Questions that were answered.",
}


class Counting:
    """The routes that say how the server is."""

    def __init__(self, service: Service) -> None:
        self.service = service

    async def health(self, request: Request) -> Response:
        if not self.service.alive:
            raise Refusal(503, "The store is not written any more.", "Look at the server's log, and start it anew.")
        return answer_json({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format, 0.0.4."""
        service = self.service
        lines = []
        for name, meaning in COUNTERS.items():
            lines += _metric(f"lineage_{name}_total", "counter", meaning, service.counts[name])
        lines.append("# HELP lineage_requests_total Requests to the API, by route and status.")
        lines.append("# TYPE lineage_requests_total counter")
        for (route, status), count in sorted(service.requests.items()):
            lines.append(f'lineage_requests_total{{route="{route}",status="{status}"}} {count}')
        lines += _metric(
            "lineage_journal_bytes", "gauge", "Bytes acknowledged that wait to be stored.", service.journal.waiting
        )
        lines += _metric(
            "lineage_behind", "gauge", "Records acknowledged that answers do not know yet.", service.behind
        )
        lines += _metric("lineage_uptime_seconds", "gauge", "Since the server began.", time.time() - service.started)
        return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")


def _metric(name: str, kind: str, meaning: str, value: float) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value}"]
