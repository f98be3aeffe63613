"""Questions over HTTP: parameters named as the program names them, the same bytes as the program prints."""

import asyncio
import io
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from lineage.answers import Answer
from lineage.asked import Asker, asked
from lineage.exports import choose
from lineage.exports.interface import Export
from lineage.names import is_text, nearest
from lineage.questions import QUESTIONS
from lineage.questions.interface import Parameter, Question
from lineage.questions.parameters import find_advisory
from lineage.server import DOCUMENT, JSON_ENTRY, TEXT_ENTRY
from lineage.server.bodies import Held, made_of, read_body
from lineage.server.guard import CALLER
from lineage.server.refusals import Busy, Refusal, answer_json
from lineage.server.service import PATIENCE, Service, View
from lineage.status import look, status_text
from lineage.store import Store

FORMS = {"json": "application/json", "text": "text/plain; charset=utf-8", "zip": "application/zip"}
AT_ONCE = 4  # questions that are worked on
IN_LINE = 32  # questions that may wait for that
IN_MEMORY = 1 << 20  # bytes of an answer; more goes to a temporary file
PIECE = 64 << 10
STALLED = 60.0  # seconds in which a client must take a piece


class Sent(StreamingResponse):
    """A response that gives up on a client that does not read it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(STALLED):
                await send(message)

        await super().__call__(scope, receive, send_soon)


@dataclass
class Work:
    """One question on its way: another task may stop it."""

    view: View | None = None

    def stop(self) -> None:
        view = self.view
        if view is not None:
            view.store.stop()


class Asking:
    """The routes that give something out."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._limiter = CapacityLimiter(AT_ONCE)

    async def questions(self, request: Request) -> Response:
        """What can be asked, as the questions declare it."""
        return answer_json({"questions": [declared(question) for question in QUESTIONS]})

    async def ask(self, request: Request) -> Response:
        """The answer, made as a whole before its first byte is sent: a slow client holds no snapshot."""
        question = next((item for item in QUESTIONS if item.name == request.path_params["question"]), None)
        if question is None:
            known = ", ".join(item.name for item in QUESTIONS)
            raise Refusal(404, "There is no such question.", f"Choose one of {known}.")
        form = _form(request, tuple(FORMS))
        exports = choose(request.query_params.getlist("export"))
        with Held() as held:
            told = await made_of(await read_body(request, held), _parsed)
        asker = Asker(request.scope[CALLER].name, "http")

        def answer(view: View, file: IO[bytes], folder: Path) -> None:
            values = read_values(question, told, view.store, folder)
            _write(self.service.ask(view, question, values, asker), question, form, file, folder, exports)

        return await self._send(request, form, answer)

    async def status(self, request: Request) -> Response:
        """What the store holds, what its sources cover, what was rejected."""
        form = _form(request, ("json", "text"))

        def answer(view: View, file: IO[bytes], folder: Path) -> None:
            found = look(view.store)
            told = json.dumps(found, indent=1, ensure_ascii=False) if form == "json" else status_text(found)
            file.write(f"{told}\n".encode())

        return await self._send(request, form, answer)

    async def asked(self, request: Request) -> Response:
        """Everything that was asked, by whom."""
        lines = await to_thread.run_sync(lambda: list(asked(self.service.path)))
        return answer_json({"asked": lines})

    async def _send(self, request: Request, form: str, answer: Callable[[View, IO[bytes], Path], None]) -> Response:
        if self._limiter.statistics().tasks_waiting >= IN_LINE:
            raise Busy("Many questions wait already.", "Ask again in a few seconds.")
        work = Work()

        def run() -> tuple[IO[bytes], int]:
            file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (sent, then closed)
            try:
                with (
                    tempfile.TemporaryDirectory(prefix="lineage-") as folder,
                    self.service.view(PATIENCE) as view,
                ):
                    work.view = view
                    answer(view, file, Path(folder))
                    return file, view.behind
            except BaseException:
                file.close()
                raise
            finally:
                work.view = None

        task = asyncio.ensure_future(to_thread.run_sync(run, limiter=self._limiter))
        try:
            while not (await asyncio.wait({task}, timeout=0.5))[0]:
                if await request.is_disconnected():
                    work.stop()
        except asyncio.CancelledError:
            task.cancel()
            work.stop()
            raise
        file, behind = task.result()
        headers = {"Content-Length": str(file.seek(0, 2)), "Cache-Control": "no-store"}
        if behind:
            headers["Lineage-Behind"] = str(behind)
        return Sent(_pieces(file), headers=headers, media_type=FORMS[form])


def declared(question: Question) -> dict[str, Any]:
    """A question's declaration as JSON."""
    return {
        "name": question.name,
        "title": question.title,
        "example": question.example,
        "parameters": [
            {"name": p.name, "kind": p.kind, "help": p.help, "repeated": p.repeated, "parts": list(p.parts)}
            for p in question.parameters
        ],
    }


def read_values(question: Question, told: Mapping[str, Any], store: Store, folder: Path) -> dict[str, list[Any]]:
    """A question's values from JSON: one value or a list of them for each parameter.

    A file is its content (a JSON object) or the id of a document that was ingested: no path of the server's is
    ever opened. Raises Refusal for what the declaration does not allow.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    values: dict[str, list[Any]] = {name: [] for name in known}
    for name, value in told.items():
        if name not in known:
            near = nearest(name, known) or tuple(known)
            raise Refusal(422, f"{question.name} has no parameter {name[:80]}.", f"Did you mean {', '.join(near)}?")
        if value is not None:
            values[name] = _values(known[name], value)
        if known[name].kind == "file":
            values[name] = [_file(item, store, folder / f"{n}.json") for n, item in enumerate(values[name])]
    return values


def _values(parameter: Parameter, value: Any) -> list[Any]:
    words = len(parameter.parts)
    if words > 1:
        several = isinstance(value, list) and all(isinstance(item, list) for item in value)
        items = [tuple(item) for item in value] if several else [tuple(value)] if isinstance(value, list) else [()]
        fits = all(len(item) == words and all(_is_text(word) for word in item) for item in items)
        shape = f"a list of {words} texts"
    else:
        items = value if isinstance(value, list) else [value]
        fits = all(_is_text(item) or (parameter.kind == "file" and isinstance(item, dict)) for item in items)
        shape = "a text" if parameter.kind != "file" else "a JSON document or the id of one"
    if not fits:
        many = ", or a list of such" if parameter.repeated else ""
        raise Refusal(422, f"{parameter.name} is {shape}{many}.", f"{parameter.help[:1].upper()}{parameter.help[1:]}.")
    if len(items) > 1 and not parameter.repeated:
        raise Refusal(422, f"{parameter.name} was given {len(items)} times.", "Give it once.")
    return items


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and is_text(value)


def _file(item: Any, store: Store, path: Path) -> str:
    if isinstance(item, str):
        found = find_advisory(store, item)
        if found is None:
            raise Refusal(422, f"No document {item[:80]} was ingested.", "Send the document itself, as a JSON object.")
        path.write_text(found, encoding="utf-8")
    else:
        path.write_text(json.dumps(item), encoding="utf-8")
    return str(path)


def _write(
    answer: Answer, question: Question, form: str, file: IO[bytes], folder: Path, exports: tuple[Export, ...]
) -> None:
    """``json`` and ``text`` are what the program prints; ``zip`` holds what it writes with --out, and both of them."""
    if form == "text":
        file.write(f"{question.text(answer)}\n".encode())
        return
    if form == "json":
        with (folder / "answer").open("w+", encoding="utf-8") as page:
            answer.write_json(page)
            page.seek(0)
            while piece := page.read(PIECE):
                file.write(piece.encode())
        return
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(TEXT_ENTRY, f"{question.text(answer)}\n")
        for export in exports:
            place = folder / export.name
            for path in export.write(answer, str(place)):
                archive.write(path, Path(path).relative_to(place))
        if DOCUMENT not in archive.namelist():
            with io.TextIOWrapper(archive.open(JSON_ENTRY, "w"), encoding="utf-8") as page:
                answer.write_json(page)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _form(request: Request, forms: tuple[str, ...]) -> str:
    form = request.query_params.get("format", "json")
    if form not in forms:
        raise Refusal(422, f"There is no format {form[:40]}.", f"Choose one of {', '.join(forms)}.")
    return form


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON.", 'Send the parameters as {"vendor": ["northgate"]}.') from None
    if not isinstance(told, dict):
        raise Refusal(422, "The parameters are no JSON object.", 'Send them as {"vendor": ["northgate"]}.')
    return told
