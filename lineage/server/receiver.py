"""Events in: what is answered with 200 is durable, what can never be stored is said at once, and 503 means later."""

import asyncio
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from lineage.collectors import NAMES, claiming, find_collector
from lineage.collectors.documents import documents
from lineage.collectors.framing import is_json_lines
from lineage.collectors.interface import Head
from lineage.ingest import Told
from lineage.ingest.opening import HEAD_BYTES, is_packed
from lineage.names import parse_instant
from lineage.server.bodies import BODY_LIMIT, UPLOADS_AT_ONCE, Held, made_of, read_body, read_upload
from lineage.server.guard import CALLER, Caller
from lineage.server.journal import Record
from lineage.server.judging import Judged, judge, judge_batch
from lineage.server.refusals import Busy, Refusal, answer_json
from lineage.server.service import Service, no_room

WAITING_LIMIT = 64 << 20  # bytes that may wait for one sync
LONGEST_WAIT = 55.0  # seconds
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
STORED = b'{"status": "success"}\n'


class Committer:
    """Group commit: whatever arrives while one sync runs shares the next one."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: list[tuple[Record, asyncio.Future[None]]] = []
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "lineage-journal")

    async def commit(self, record: Record) -> None:
        """Durable when it returns. Raises Busy when it cannot be kept now."""
        self._service.refuse_when_full(len(record.lines) + self._bytes)
        if self._bytes > WAITING_LIMIT:
            raise Busy("The disk is behind what was sent.", "Send it again in a few seconds.")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((record, done))
        self._bytes += len(record.lines)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._sync())
        await done

    async def _sync(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting, self._bytes = self._waiting, [], 0
            failed: Exception | None = None
            try:
                await loop.run_in_executor(self._thread, self._service.write, [record for record, _ in batch])
            except Exception as error:  # told to each of those who wait
                failed = error
            for _, done in batch:
                if done.done():  # its client went away
                    continue
                if failed is None:
                    done.set_result(None)
                else:
                    done.set_exception(failed)


class Receiver:
    """The routes that take something in."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.committer = Committer(service)
        self._waiters = CapacityLimiter(16)
        self._uploading = 0

    async def event(self, request: Request) -> Response:
        """One OpenLineage event."""
        told = _told(request, "openlineage")
        with Held() as held:
            body = await read_body(request, held)
            judged = await made_of(body, judge)
            if judged.line:
                await self.committer.commit(Record(told, judged.line))
        if judged.fault is not None:
            self.service.counts["events_refused"] += 1
            raise Refusal(400, judged.fault, "Mend the producer: this event can never be stored.")
        self.service.counts["events_received"] += 1
        return Response(STORED, media_type="application/json")

    async def batch(self, request: Request) -> Response:
        """A list of OpenLineage events."""
        told = _told(request, "openlineage")
        with Held() as held:
            body = await read_body(request, held)
            events = await made_of(body, judge_batch)
            if events is None:
                raise Refusal(
                    400, "The body is no list of events.", "Send a JSON array, or one event to /api/v1/lineage."
                )
            return await self._keep(told, events)

    async def access(self, request: Request) -> Response:
        """Access events, or anything that a collector reads, found by its content."""
        told = _told(request, None)
        with Held() as held:
            body = await read_body(request, held)
            name = request.query_params.get("name", "access-http.ndjson")
            if is_packed(body):
                return await self._put(name, told, body)
            head = Head(name, body[:HEAD_BYTES], len(body) <= HEAD_BYTES)
            collector = claiming(head)
            if collector is None:
                raise Refusal(400, "No collector reads this.", f"There are collectors for {NAMES}.")
            if collector.name != "access":
                return await self._put(name, told, body)
            events = await made_of(body, partial(_access_events, lines=is_json_lines(head)))
            return await self._keep(Told("access", told.source), events)

    async def upload(self, request: Request) -> Response:
        """A file of any size; answered with what became of it, or with the number to ask for that."""
        told = _told(request, request.query_params.get("collector"))
        wait = _wait(request)
        if self._uploading >= UPLOADS_AT_ONCE:
            raise Busy("Many files are being sent already.", "Send it again in a few seconds.")
        self._uploading += 1
        try:
            number = await self._receive(request, told)
        finally:
            self._uploading -= 1
        return await self._outcome(number, wait, 201)

    async def _receive(self, request: Request, told: Told) -> int:
        """The number of an upload that is kept."""
        self.service.refuse_when_full()
        query = request.query_params
        upload = self.service.journal.upload(query.get("name", ""), told, query.get("folder", ""))
        try:
            async for piece in read_upload(request):
                upload.write(piece)
            number = await to_thread.run_sync(upload.keep)
        except OSError as error:
            upload.drop()
            raise no_room(error) from None
        except BaseException:
            upload.drop()
            raise
        self.service.counts["uploads_received"] += 1
        return number

    async def outcome(self, request: Request) -> Response:
        """What became of an upload."""
        number = request.path_params["number"]
        if not _NUMBER.fullmatch(number) or not self.service.knows(int(number)):
            raise Refusal(404, f"No upload {number[:20]} is known.", "The server was started anew: send it again.")
        return await self._outcome(int(number), _wait(request), 200)

    async def _outcome(self, number: int, wait: float, status: int) -> Response:
        taken = await to_thread.run_sync(self.service.outcome, number, wait, limiter=self._waiters)
        if taken is None:
            return answer_json({"upload": number, "state": "waiting", "inputs": []}, status)
        return answer_json({"upload": number, "state": "stored", "inputs": [one.row() for one in taken]}, status)

    async def _put(self, name: str, told: Told, body: bytes) -> Response:
        number = await to_thread.run_sync(self.service.put, name, told, [body])
        return answer_json({"status": "success", "upload": number})

    async def _keep(self, told: Told, events: list[Judged]) -> Response:
        failed = [
            {"index": index, "reason": event.fault, "retriable": False}
            for index, event in enumerate(events)
            if event.fault is not None
        ]
        if lines := b"\n".join(event.line for event in events if event.line):
            await self.committer.commit(Record(told, lines))
        good = len(events) - len(failed)
        self.service.counts["events_received"] += good
        self.service.counts["events_refused"] += len(failed)
        document: dict[str, Any] = {
            "status": "success" if not failed else "partial_success" if good else "failure",
            "summary": {
                "received": len(events),
                "successful": good,
                "failed": len(failed),
                "retriable": 0,
                "non_retriable": len(failed),
            },
            "failed_events": failed,
        }
        if failed and not good:
            raise Refusal(400, "None of the events can ever be stored.", "The reasons are in failed_events.", document)
        return answer_json(document)


def _told(request: Request, collector: str | None) -> Told:
    """What the query and the key say beside the content. Raises LineageError for what cannot be."""
    caller: Caller = request.scope[CALLER]
    if not request.scope["query_string"]:
        return Told(collector, caller.source)
    query = request.query_params
    if collector is not None:
        find_collector(collector)
    taken_at = query.get("taken_at")
    if taken_at is not None:
        parse_instant(taken_at)
    source = query.get("source") or caller.source
    if caller.source is not None and source != caller.source:
        raise Refusal(403, f"The key {caller.name} sends for the source {caller.source}.", "Leave `source` out.")
    return Told(collector, source, query.get("environment"), taken_at)


def _wait(request: Request) -> float:
    text = request.query_params.get("wait", "30")
    try:
        return min(max(float(text), 0.0), LONGEST_WAIT)
    except ValueError:
        raise Refusal(422, f"{text!r} is no number of seconds.", "Give wait=30, or leave it out.") from None


def _access_events(body: bytes, lines: bool) -> list[Judged]:
    """One text for each event; whether it can be stored the collector knows, so only what is no object is told."""
    if lines:
        told = (line.rstrip(b"\r") for line in body.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
        return [_access_event(line) for line in told if line.strip()]
    return [
        Judged(text.replace(b"\n", b" ").replace(b"\r", b" "), fault or _access_event(text).fault)
        for _, text, fault in documents(io.BytesIO(body), BODY_LIMIT)
    ]


def _access_event(line: bytes) -> Judged:
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError):
        return Judged(line, "This is not JSON.")
    return Judged(line, None if isinstance(value, dict) and "time" in value else "This is no access event with a time.")
