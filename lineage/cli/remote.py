"""Talking to a server instead of opening the store: the same output, from `--server URL`."""

import http.client
import io
import json
import os
import shutil
import sys
import time
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from lineage.errors import LineageError
from lineage.server import TEXT_ENTRY

if TYPE_CHECKING:
    from lineage.ingest import Given, Told
    from lineage.questions.interface import Question

TIMEOUT = 600.0  # seconds without a byte: a question may take a while
AGAIN = 60.0  # seconds in which a server that says "later" is asked again
AHEAD = 32  # uploads that are sent before the first is stored
Query = Mapping[str, str | Sequence[str] | None]


class Server:
    """One server. Every method raises LineageError with what the server says, or when it cannot be reached."""

    def __init__(self, url: str, key: str | None) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LineageError(f"{url} is no server's address.", "Give it as http://127.0.0.1:8710.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        try:
            self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
        except ValueError:
            raise LineageError(f"{url} is no server's address.", "Give it as http://127.0.0.1:8710.") from None
        self._url, self._base = url, parts.path.rstrip("/")
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

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
            archive = zipfile.ZipFile(io.BytesIO(response.read()))
        if form == "json":
            _write(archive.open("answer.json"))
        else:
            _write(archive.open(TEXT_ENTRY))
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        for name in archive.namelist():
            if name != TEXT_ENTRY:
                yield archive.extract(name, folder)

    def status(self, form: str) -> None:
        """Print the status."""
        self._print("GET", "/api/v1/status", {"format": form}, None)

    def ingest(self, paths: Sequence[str], told: "Told") -> Iterator[dict[str, Any]]:
        """Send every input below the paths; a row for each, in order, with ``missed`` as the ingest tells it."""
        from lineage.ingest import find_inputs

        sent: deque[tuple[dict[str, Any], Given]] = deque()
        query = {"collector": told.collector, "source": told.source, "environment": told.environment,
                 "taken_at": told.taken_at, "wait": "0"}  # fmt: skip
        for given in find_inputs(list(paths)):
            while True:
                with given.file.open("rb") as file:
                    named = {"name": given.name, "folder": given.path.removesuffix(given.name)}
                    response = self._try("POST", "/api/v1/files", {**query, **named}, file)
                if response.status != 503 or not sent:
                    break
                response.read()
                yield self._row(*sent.popleft())  # the server is full: let it catch up
            sent.append((json.load(self._checked(response)), given))
            if len(sent) >= AHEAD:
                yield self._row(*sent.popleft())
        while sent:
            yield self._row(*sent.popleft())

    def _row(self, upload: dict[str, Any], given: "Given") -> dict[str, Any]:
        while upload["state"] == "waiting":
            with self._send("GET", f"/api/v1/files/{upload['upload']}", {"wait": "30"}, None) as response:
                upload = json.load(response)
        row: dict[str, Any] = upload["inputs"][0]
        return {**row, "missed": row["collector"] is None and given.is_missed()}

    def _print(self, method: str, path: str, query: Query, body: bytes | None) -> None:
        with self._send(method, path, query, body) as response:
            behind = response.headers.get("Lineage-Behind")
            if behind:
                print(f"{behind} acknowledged records are not stored yet, and not in this answer.", file=sys.stderr)
            _write(response)

    def _send(self, method: str, path: str, query: Query, body: bytes | None) -> http.client.HTTPResponse:
        until = time.monotonic() + AGAIN
        while True:
            response = self._try(method, path, query, body)
            if response.status == 503 and time.monotonic() < until:
                response.read()
                time.sleep(min(float(response.headers.get("Retry-After", "2")), 10.0))
                continue
            return self._checked(response)

    def _try(self, method: str, path: str, query: Query, body: bytes | BinaryIO | None) -> http.client.HTTPResponse:
        told = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        headers = dict(self._headers)
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        elif body is not None:
            headers["Content-Length"] = str(os.fstat(body.fileno()).st_size)
            headers["Content-Type"] = "application/octet-stream"
        for attempt in (1, 2):
            try:
                self._connection.request(method, f"{self._base}{path}?{told}", body, headers)
                return self._connection.getresponse()
            except (http.client.HTTPException, OSError) as error:
                self._connection.close()  # one that was idle for long is closed by the server: once more, anew
                if attempt == 2 or isinstance(error, TimeoutError | ConnectionRefusedError):
                    raise LineageError(
                        f"The server {self._url} cannot be reached: {str(error) or type(error).__name__}.",
                        "Is it running? `lineage serve` starts one.",
                    ) from None
                if body is not None and not isinstance(body, bytes):
                    body.seek(0)
        raise AssertionError

    def _checked(self, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        """The response, unless it refuses: then what it says is raised."""
        if response.status < 300:
            return response
        try:
            said = json.loads(response.read())
            raise LineageError(said["error"], said["hint"])
        except (ValueError, KeyError, TypeError):
            raise LineageError(
                f"The server {self._url} answers {response.status} {response.reason}.", "Check its address."
            ) from None


def _kind(question: "Question", name: str) -> str:
    return next(parameter.kind for parameter in question.parameters if parameter.name == name)


def _inline(text: str) -> Any:
    """A file's content, since the server opens no path; else the id of what it ingested."""
    path = Path(text)
    if not path.is_file():
        return text
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        raise LineageError(f"{text} is not valid JSON.", "Give the path of an OSV document in JSON.") from None


def _write(source: Any) -> None:
    """Bytes to standard output, as they are."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a test captures it
        sys.stdout.write(source.read().decode())
    else:
        shutil.copyfileobj(source, binary)
        binary.flush()
