"""Talking to a server instead of opening the store: the same output, from `--server URL`."""

import http.client
import io
import json
import os
import sys
import time
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from lineage.cli.streams import say, without_reader
from lineage.errors import LineageError
from lineage.server import DOCUMENT, JSON_ENTRY, TEXT_ENTRY

if TYPE_CHECKING:
    from lineage.ingest import Given, Told
    from lineage.questions.interface import Question

TIMEOUT = 600.0  # seconds without a byte: a question may take a while
AGAIN = 60.0  # seconds in which a server that says "later" is asked again
AHEAD = 32  # uploads that are sent before the first is stored
PIECE = 1 << 20  # bytes of an answer held at a time
Query = Mapping[str, str | Sequence[str] | None]


class Server:
    """One server. Every method raises LineageError with what the server says, or when it cannot be reached."""

    def __init__(self, url: str, key: str | None) -> None:
        self._connection, self._base = _connection(url)
        self._url = url
        self._headers = {} if key is None else {"Authorization": f"Bearer {_checked_key(key)}"}

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(
        self,
        question: "Question",
        values: dict[str, list[Any]],
        form: str,
        out: str | None,
        exports: Sequence[str] = (),
    ) -> Iterator[str]:
        """Print the answer, as `lineage ask` does of a file; yields the path of each file written to ``out``."""
        told = {name: [_inline(item) for item in items] if _kind(question, name) == "file" else items
                for name, items in values.items() if items}  # fmt: skip
        path = f"/api/v1/ask/{question.name}"
        body = json.dumps(told).encode()
        if out is None:
            self._print("POST", path, {"format": form}, body)
            return
        with self._send("POST", path, {"format": "zip", "export": exports}, body) as response:
            archive = zipfile.ZipFile(io.BytesIO(self._whole(response)))
        document = DOCUMENT if DOCUMENT in archive.namelist() else JSON_ENTRY
        with archive.open(document if form == "json" else TEXT_ENTRY) as kept, without_reader():
            _write(iter(partial(kept.read, PIECE), b""))
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        for name in archive.namelist():
            if name not in (TEXT_ENTRY, JSON_ENTRY):
                yield archive.extract(name, folder)

    def status(self, form: str) -> None:
        """Print the status."""
        self._print("GET", "/api/v1/status", {"format": form}, None)

    def ingest(self, paths: Sequence[str], told: "Told") -> Iterator[dict[str, Any]]:
        """Send every input below the paths; a row for each, in order, with what ingest tells beside."""
        from lineage.ingest import find_inputs

        sent: deque[tuple[dict[str, Any], Given]] = deque()
        query = {"collector": told.collector, "source": told.source, "environment": told.environment,
                 "taken_at": told.taken_at, "wait": "0"}  # fmt: skip
        for given in find_inputs(list(paths)):
            until = time.monotonic() + AGAIN
            while True:
                with given.file.open("rb") as file:
                    named = {"name": given.name, "folder": given.path.removesuffix(given.name)}
                    response = self._try("POST", "/api/v1/files", {**query, **named}, file)
                if response.status == 503 and sent:
                    self._whole(response)
                    yield self._row(*sent.popleft())  # the server is full: let it catch up
                    until = time.monotonic() + AGAIN
                elif not self._is_later(response, until):
                    break
            sent.append((json.loads(self._whole(self._checked(response))), given))
            if len(sent) >= AHEAD:
                yield self._row(*sent.popleft())
        while sent:
            yield self._row(*sent.popleft())

    def _row(self, upload: dict[str, Any], given: "Given") -> dict[str, Any]:
        while upload["state"] == "waiting":
            with self._send("GET", f"/api/v1/files/{upload['upload']}", {"wait": "30"}, None) as response:
                upload = json.loads(self._whole(response))
        from lineage.ingest import why_left

        row: dict[str, Any] = upload["inputs"][0]
        left = row["collector"] is None
        torn = left and given.is_torn()
        hint = why_left(given) if left and not torn else None
        return {**row, "missed": torn or (left and given.is_missed()), "torn": torn, "hint": hint}

    def _print(self, method: str, path: str, query: Query, body: bytes | None) -> None:
        with self._send(method, path, query, body) as response:
            behind = response.headers.get("Lineage-Behind")
            if behind:
                say(f"{behind} acknowledged records are not stored yet, and not in this answer.")
            _write(self._pieces(response))

    def _send(self, method: str, path: str, query: Query, body: bytes | None) -> http.client.HTTPResponse:
        until = time.monotonic() + AGAIN
        while True:
            response = self._try(method, path, query, body)
            if not self._is_later(response, until):
                return self._checked(response)

    def _is_later(self, response: http.client.HTTPResponse, until: float) -> bool:
        """Whether to ask again, having waited for as long as the server says."""
        if response.status != 503 or time.monotonic() >= until:
            return False
        self._whole(response)
        later = response.headers.get("Retry-After", "")  # seconds, or of a proxy a date
        time.sleep(min(int(later), 10) if later.isdecimal() else 2)
        return True

    def _try(self, method: str, path: str, query: Query, body: bytes | BinaryIO | None) -> http.client.HTTPResponse:
        told = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        headers, size = dict(self._headers), 0
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        elif body is not None:
            size = os.fstat(body.fileno()).st_size
            headers |= {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        for attempt in (1, 2):
            content = body if body is None or isinstance(body, bytes) else _first(body, size)
            try:
                self._connection.request(method, f"{self._base}{path}?{told}", content, headers)
                return self._connection.getresponse()
            except (http.client.HTTPException, OSError) as error:
                self._connection.close()  # one that was idle for long is closed by the server: once more, anew
                if attempt == 2 or isinstance(error, TimeoutError | ConnectionRefusedError):
                    raise LineageError(
                        f"The server {self._url} cannot be reached: {str(error) or type(error).__name__}.",
                        "Is it running? `lineage serve` starts one.",
                    ) from None
        raise AssertionError

    def _pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """What the server says, to its end. Raises LineageError where the connection breaks before that: Python's
        client takes what has come by then for the whole."""
        try:
            while piece := response.read(PIECE):
                yield piece
            whole = not response.length
        except (http.client.HTTPException, OSError):
            whole = False
        if not whole:
            raise LineageError(
                f"The connection to {self._url} broke, and what it told is not whole.", "Run the command again."
            )

    def _whole(self, response: http.client.HTTPResponse) -> bytes:
        return b"".join(self._pieces(response))

    def _checked(self, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        """The response, unless it refuses: then what it says is raised."""
        if response.status < 300:
            return response
        try:
            said = json.loads(self._whole(response))
            raise LineageError(said["error"], said["hint"])
        except (ValueError, KeyError, TypeError):
            raise LineageError(
                f"The server {self._url} answers {response.status} {response.reason}.", "Check its address."
            ) from None


def _connection(url: str) -> tuple[http.client.HTTPConnection, str]:
    """A connection, not made yet, and the path that the routes lie below. Raises LineageError for no address."""
    with suppress(ValueError, http.client.InvalidURL):
        parts = urlsplit(url if "://" in url else f"http://{url}")
        kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}.get(parts.scheme)
        if kind and parts.hostname:
            host = parts.hostname.encode("idna").decode()
            return kind(host, parts.port, timeout=TIMEOUT), parts.path.rstrip("/")
    raise LineageError(f"{url} is no server's address.", "Give it as http://127.0.0.1:8710.")


def _first(file: BinaryIO, size: int) -> Iterator[bytes]:
    """So many bytes of a file from its begin: a log may grow while it is sent, and what is too much would be taken for
    another request."""
    file.seek(0)
    while size and (piece := file.read(min(size, PIECE))):
        size -= len(piece)
        yield piece


def _checked_key(key: str) -> str:
    """A key as a header can hold it. (A file that holds one may end its line, and one of Windows ends it in two.)"""
    if not (key.strip().isascii() and key.strip().isprintable()):
        raise LineageError(
            "What was given as the key is none.", "`lineage keys make` shows one: lin_ and what follows."
        )
    return key.strip()


def _kind(question: "Question", name: str) -> str:
    return next(parameter.kind for parameter in question.parameters if parameter.name == name)


def _inline(text: str) -> Any:
    """A file's content, since the server opens no path; else the id of what it ingested."""
    path = Path(text)
    if not path.is_file():
        return text
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise LineageError(f"{text} is not valid JSON.", "Give the path of an OSV document in JSON.") from None


def _write(pieces: Iterable[bytes]) -> None:
    """Bytes to standard output, as they are."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a test captures it
        sys.stdout.write(b"".join(pieces).decode())
    else:
        binary.writelines(pieces)
        binary.flush()
