"""Real clients post to a running server: answers are those after file ingest of the same events, byte for byte."""

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport
from openlineage.client.transport.transport import Transport
from pyarrow import parquet

from tests.server.running import WORLD, Serving, program, run_event, serving

QUESTIONS = (
    ("blast-radius", "--vendor", "northgate"),
    ("blast-radius", "--job", "airflow/job3", "--from", "2026-03-24T08:00:00Z"),
    ("who-touched", "--dataset", "postgres://people-db:5432/people.public.ds0"),
)
CATALOG = ("catalog.yml", "records.csv", "sbom", "pgaudit")


def client_events() -> list[RunEvent]:
    """The world's run events as the client's own objects, which leave out its empty facets."""
    found = []
    for line in (WORLD / "openlineage.ndjson").read_text().splitlines():
        told = json.loads(line)
        if "run" in told and told.get("eventType"):
            found.append(
                RunEvent(
                    eventType=RunState[told["eventType"]], eventTime=told["eventTime"], producer=told["producer"],
                    run=Run(told["run"]["runId"]), job=Job(told["job"]["namespace"], told["job"]["name"]),
                    inputs=[InputDataset(item["namespace"], item["name"]) for item in told["inputs"]],
                    outputs=[OutputDataset(item["namespace"], item["name"]) for item in told["outputs"]],
                )
            )  # fmt: skip
    return found


def emit(transport: Transport, events: list[RunEvent]) -> None:
    client = OpenLineageClient(transport=transport)
    for event in events:
        client.emit(event)
    assert client.close(timeout=60)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Path]]:
    """A server that was sent the world in every way there is, and a store with the same from files."""
    place = tmp_path_factory.mktemp("receiving")
    files = place / "files"
    for name in (*CATALOG, "access.ndjson"):
        copy = shutil.copytree if (WORLD / name).is_dir() else shutil.copy
        files.mkdir(exist_ok=True)
        copy(WORLD / name, files / name)
    events = client_events()
    assert len(events) > 20
    third = len(events) // 3
    raw = [run_event(number) for number in range(40)]
    with serving(place / "s.duckdb") as server:
        program("ingest", *(files / name for name in CATALOG), "--server", server.url, "--quiet")
        emit(HttpTransport(HttpConfig.from_dict({"url": server.url, "compression": "gzip"})), events[:third])
        emit(HttpTransport(HttpConfig(url=server.url)), events[third - 3 : 2 * third])
        config = AsyncHttpConfig.from_dict({"url": server.url, "compression": "gzip"})
        emit(AsyncHttpTransport(config), events[2 * third - 3 :])
        for event in raw[:10]:
            assert server.request("POST", "/api/v1/lineage", json.dumps(event, indent=2)).status == 200
        reply = server.request("POST", "/api/v1/lineage/batch", json.dumps(raw[5:]), Content_Type="application/json")
        assert reply.status == 200
        assert reply.json["summary"]["successful"] == 35
        access = (files / "access.ndjson").read_bytes()
        packed = server.request("POST", "/api/v1/access", gzip.compress(access), Content_Encoding="gzip")
        assert packed.status == 200
        assert packed.json["summary"]["failed"] == 0
        emit(FileTransport(FileConfig(log_file_path=str(files / "client.ndjson"), append=True)), events)
        (files / "raw.ndjson").write_text("\n".join(map(json.dumps, raw)))
        program("ingest", files, "--store", place / "file.duckdb", "--quiet")
        yield server, place / "file.duckdb"


@pytest.mark.parametrize("question", QUESTIONS, ids=["vendor", "job", "who"])
def test_answers_are_those_after_file_ingest(question: tuple[str, ...], sent: tuple[Serving, Path]) -> None:
    server, store = sent
    for form in ("json", "text"):
        of_file = program("ask", *question, "--store", store, "--format", form)
        assert program("ask", *question, "--server", server.url, "--format", form) == of_file
    told: dict[str, list[str]] = {}  # a seed that is said twice is one
    for name, value in zip(question[1::2], question[2::2], strict=True):
        told.setdefault(name.removeprefix("--"), []).extend([value] * (2 if name == "--vendor" else 1))
    reply = server.request("POST", f"/api/v1/ask/{question[0]}", json.dumps(told))
    assert reply.status == 200
    assert reply.body == program("ask", *question, "--store", store, "--format", "json")
    assert len(reply.body) > 1000


def read(path: Path) -> Any:
    """The bytes; of Parquet, in which the engine may pack equal rows in several ways, the rows."""
    return parquet.read_table(path).to_pylist() if path.suffix == ".parquet" else path.read_bytes()


def test_out_writes_the_same_files(sent: tuple[Serving, Path], tmp_path: Path) -> None:
    server, store = sent
    words = ("ask", *QUESTIONS[0], "--quiet")
    text = program(*words, "--store", store, "--out", tmp_path / "file")
    assert program(*words, "--server", server.url, "--out", tmp_path / "server") == text
    names = sorted(path.name for path in (tmp_path / "file").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "server").iterdir())
    for name in names:
        if not name.startswith("evidence."):  # where each event was seen is another place
            assert read(tmp_path / "server" / name) == read(tmp_path / "file" / name)
    told = ("--export", "parquet", "--format", "json", "--server", server.url)
    document = program(*words, *told, "--out", tmp_path / "parquet")
    assert document == program(*words, "--store", store, "--format", "json")
    assert sorted(path.name for path in (tmp_path / "parquet").iterdir()) == [
        name for name in names if name.endswith(".parquet")
    ]
    seen = (tmp_path / "server" / "evidence.csv").read_text().splitlines()
    assert {row.split(",")[0] for row in seen} == {
        row.split(",")[0] for row in (tmp_path / "file" / "evidence.csv").read_text().splitlines()
    }


def test_what_the_program_prints_of_a_server_it_prints_of_its_file(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    bad = tmp_path / "access-bad.ndjson"
    bad.write_bytes((WORLD / "access.ndjson").read_bytes() + b"{broken\n")
    inputs = (WORLD / "records.csv", bad, WORLD / "catalog.yml", WORLD / "sbom")
    printed = {}
    with serving(store) as server:
        there = ("--server", server.url)
        printed["ingest"] = program("ingest", *inputs, *there, code=3)
        printed["again"] = program("ingest", *inputs, *there, "--format", "json", code=3)
        printed["status"] = program("status", *there)
        printed["status json"] = program("status", *there, "--format", "json")
        held = program("ask", *QUESTIONS[0], "--store", store, code=2)  # and says by what, on standard error
        assert held == b""
        assert program("ask", "blast-radius", "--vendor", "nrthgate", *there, code=2) == b""
        assert program("ingest", bad, *there, "--dry-run", code=2) == b""
    assert program("status", "--store", store) == printed["status"]
    assert program("status", "--store", store, "--format", "json") == printed["status json"]
    assert program("ingest", *inputs, "--store", tmp_path / "f.duckdb", code=3) == printed["ingest"]
    again = program("ingest", *inputs, "--store", tmp_path / "f.duckdb", "--format", "json", code=3)
    assert again == printed["again"]
    asked = json.loads(program("asked", "--store", store, "--format", "json"))["asked"]
    assert [(line["question"], line["via"], line["who"]) for line in asked] == [("blast-radius", "http", "loopback")]
    assert "nrthgate" in asked[0]["refused"]


def test_what_is_sent_packed_is_known_once_it_is_opened(tmp_path: Path) -> None:
    line = b'{"time": "2026-03-24T10:00:00Z", "principal": "a", "operation": "read", "dataset": {"name": "d"}}\n'
    skipped = bytes.fromhex("502a4d1804000000") + bytes(4)  # as pzstd begins
    with serving(tmp_path / "s.duckdb") as server:
        for packed in (gzip.compress(line), zstandard.compress(line), skipped + zstandard.compress(line)):
            reply = server.request("POST", "/api/v1/access", packed)
            assert reply.status == 200, packed
            kept = server.request("GET", f"/api/v1/files/{reply.json['upload']}?wait=30").json["inputs"]
            assert [(one["collector"], one["stored"] + one["known"]) for one in kept] == [("access", 1)]


def test_what_can_never_be_stored_is_said_and_counted_as_in_a_file(tmp_path: Path) -> None:
    events = [json.dumps(run_event(1)), '{"job": {}}', "{broken", json.dumps(run_event(2) | {"eventTime": "never"})]
    with serving(tmp_path / "s.duckdb") as server:
        replies = [server.request("POST", "/api/v1/lineage", event) for event in events]
        assert [reply.status for reply in replies] == [200, 400, 400, 400]
        assert [set(reply.json) for reply in replies[1:]] == [{"error", "hint"}] * 3
        assert "eventTime is no time" in replies[3].json["error"]
        half = server.request("POST", "/api/v1/lineage/batch", f"[{','.join((events[0], events[1]))}]").json
        assert half["status"] == "partial_success"
        assert [(one["index"], one["retriable"]) for one in half["failed_events"]] == [(1, False)]
        none = server.request("POST", "/api/v1/lineage/batch", f"[{events[1]}]")
        assert (none.status, none.json["status"]) == (400, "failure")
        for body, headers, status in (
            ("[]", {}, 400), (b"\xff", {}, 400), ("", {}, 400), ("{}", {"Content_Encoding": "br"}, 415),
            ("{}", {"Content_Encoding": "gzip"}, 400), (gzip.compress(b"{}")[:-5], {"Content_Encoding": "gzip"}, 400),
            (gzip.compress(bytes(40 << 20)), {"Content_Encoding": "gzip"}, 413),
            (gzip.compress(b"") * 100_000, {"Content_Encoding": "gzip"}, 400),
        ):  # fmt: skip
            reply = server.request("POST", "/api/v1/lineage", body, **headers)
            assert (reply.status, set(reply.json)) == (status, {"error", "hint"}), body[:20]
        packed = b"".join(gzip.compress(part) for part in (events[0].encode()[:40], b"", events[0].encode()[40:]))
        assert server.request("POST", "/api/v1/lineage", packed, Content_Encoding="gzip").status == 200
        assert server.request("POST", "/api/v1/access", "a poem").status == 400
        assert server.request("POST", "/api/v1/lineage/", "{}").status == 404  # and nobody is sent elsewhere
        known = server.request("GET", "/api/v1/status").json
    (tmp_path / "events.ndjson").write_text("\n".join([*events[:2], events[2], events[3], "[]"]) + "\n")
    program("ingest", tmp_path / "events.ndjson", "--store", tmp_path / "f.duckdb", code=3)
    of_file = json.loads(program("status", "--store", tmp_path / "f.duckdb", "--format", "json"))
    assert known["checkpoint"] == of_file["checkpoint"]
    counts = [{one["reason"]: one["count"] for one in found["rejected"]} for found in (known, of_file)]
    for reason, count in counts[1].items():
        assert counts[0][reason] >= count, reason
