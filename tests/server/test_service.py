"""The service behind the routes: what is acknowledged, what an answer may lack, who waits for what."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from lineage.answers import Answer
from lineage.asked import Asker, asked
from lineage.errors import LineageError
from lineage.ingest import Taken, Told
from lineage.questions import find_question
from lineage.questions.interface import Values
from lineage.server import service
from lineage.server.app import _guarded
from lineage.server.asking import read_values
from lineage.server.draining import drain
from lineage.server.endpoints import Endpoint
from lineage.server.journal import Journal, Record, Segment
from lineage.server.refusals import Refusal
from lineage.server.service import Service
from lineage.status import look, status_text
from lineage.store import Stopped, Store, inbox_path
from lineage.touches import settle
from tests.server.running import looped, run_event


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service in this process."""
    running = Service(str(tmp_path / "s.duckdb")).start()
    yield running
    running.close()


def keep(running: Service, *numbers: int) -> None:
    running.write([Record(Told("openlineage"), json.dumps(run_event(number)).encode()) for number in numbers])


def test_a_hint_spells_a_parameter_as_the_program_does(quiet: Service) -> None:
    with quiet.view() as view, pytest.raises(Refusal) as refused:
        read_values(find_question("who-touched"), {"record": "x"}, view.store, Path())
    assert refused.value.hint == "A record, as NAMESPACE/NAME and KEY."


def test_what_fails_inside_is_a_sentence_and_a_hint(quiet: Service) -> None:
    def failing(error: Exception) -> Response:
        async def fail(request: Request) -> Response:
            raise error

        endpoint = Endpoint("GET", "/fails", "Fails", None, fail, {})
        return looped(_guarded(quiet, endpoint)(Request({"type": "http", "method": "GET"})))  # type: ignore[arg-type]

    for error, status in ((ValueError("deep"), 500), (OSError(28, "No space left on device"), 503)):
        reply = failing(error)
        assert reply.status_code == status
        assert set(json.loads(bytes(reply.body))) == {"error", "hint"}
        assert b"deep" not in bytes(reply.body)


def test_who_is_waited_for_when_the_server_stops_is_told_so(quiet: Service) -> None:
    async def wait(request: Request) -> Response:
        await asyncio.sleep(60)
        raise AssertionError("It was to be stopped.")

    async def stopped() -> Response:
        endpoint = Endpoint("GET", "/waits", "Waits", None, wait, {})
        task = asyncio.ensure_future(_guarded(quiet, endpoint)(Request({"type": "http", "method": "GET"})))
        await asyncio.sleep(0.01)
        task.cancel()
        return await task

    reply = looped(stopped())
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")


def test_what_a_former_process_left_keeps_no_client_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "s.duckdb")
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with closing(Service(path).start()) as first:
        keep(first, 1)
    Journal(inbox_path(path)).write([Record(Told("openlineage"), json.dumps(run_event(8)).encode())])
    go_on = threading.Event()

    def slowly(store: Store, segment: Segment) -> list[Taken]:
        go_on.wait(60)
        return drain(store, segment)

    monkeypatch.setattr(service, "drain", slowly)
    with closing(Service(path).start()) as second:
        keep(second, 15)
        with second.view(patience=0.1) as view:
            assert view.behind == 2
            assert len(second.ask(view, question, values, who).document()["runs"]) == 1
        go_on.set()
        with second.view() as view:
            assert view.behind == 0
            assert len(second.ask(view, question, values, who).document()["runs"]) == 3


def test_an_answer_that_is_behind_says_so(quiet: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(quiet, 1)
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with quiet.view() as view:
        assert view.behind == 0
        before = quiet.ask(view, question, values, who).document()
    assert "not-yet-stored" not in {caveat["kind"] for caveat in before["caveats"]}

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(service, "drain", fail)
        keep(quiet, 8)
        with quiet.view(patience=1) as view:
            after = quiet.ask(view, question, values, who).document()
            with pytest.raises(
                LineageError, match=r"No fact and no catalog knows .* 1 acknowledged records are not stored"
            ) as refused:
                quiet.ask(view, question, {"job": ["load/job-8"]}, who)
            assert "load/job-1" in refused.value.near
    caveat = next(caveat for caveat in after["caveats"] if caveat["kind"] == "not-yet-stored")
    assert caveat["count"] == 1
    assert after["checkpoint"] == before["checkpoint"]
    monkeypatch.setattr(service, "RETRY", 0.0)
    with quiet.view(patience=30) as view:  # the disk has room again
        assert view.behind == 0
        assert len(quiet.ask(view, question, values, who).document()["runs"]) == 2
    assert [line["who"] for line in asked(quiet.path)] == ["ana"] * 4


def test_while_the_store_is_brought_up_to_date_the_last_settled_answers(
    quiet: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(quiet, 1)
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with quiet.view() as view:
        before = quiet.ask(view, question, values, who).document()
    go_on = threading.Event()

    def slowly(store: Store) -> None:
        go_on.wait(60)
        settle(store)

    monkeypatch.setattr(service, "settle", slowly)
    keep(quiet, 8, 15)
    for _ in range(2):  # one after the other, and several at once
        with quiet.view(patience=1) as one, quiet.view(patience=0.1) as other:
            assert (one.behind, other.behind) == (2, 2)
            for view in (one, other):
                found = quiet.ask(view, question, values, who).document()
                assert found["checkpoint"] == before["checkpoint"]
                assert found["caveats"][-1]["kind"] == "not-yet-stored"
    with quiet.view(patience=0.1) as stopped:
        stopped.store.stop()
        with pytest.raises(Stopped):
            quiet.ask(stopped, question, values, who)
    go_on.set()
    with quiet.view() as view:
        assert view.behind == 0
        assert len(quiet.ask(view, question, values, who).document()["runs"]) == 3


def test_a_snapshot_stays_as_it_was_while_others_write(quiet: Service) -> None:
    keep(quiet, 1)
    question, values, who = find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui")
    with quiet.view() as old:
        first = quiet.ask(old, question, values, who).document()
        keep(quiet, 8, 15)
        with quiet.view() as new:
            assert len(quiet.ask(new, question, values, who).document()["runs"]) == 3
        assert quiet.ask(old, question, values, who).document() == first


def test_a_question_can_be_stopped_and_is_recorded(quiet: Service) -> None:
    def ponder(store: Store, values: Values) -> Answer:
        store.run("SELECT count(*) FROM range(100000000000)")
        raise AssertionError("It was to be stopped.")

    view = quiet.view()
    timer = threading.Timer(0.5, view.store.stop)
    timer.start()
    with pytest.raises(Stopped), view:
        quiet.ask(view, replace(find_question("blast-radius"), ask=ponder), {"job": ["j"]}, Asker("ana", "ui"))
    timer.join()
    assert [line["refused"] for line in asked(quiet.path)] == ["It was stopped: InterruptException."]
    with quiet.view() as view:
        assert view.store.one("SELECT 1") == (1,)


def test_a_question_that_cannot_be_recorded_is_not_answered(quiet: Service) -> None:
    Path(f"{quiet.path}.asked.ndjson").mkdir()
    with quiet.view() as view, pytest.raises(LineageError, match="cannot be recorded"):
        quiet.ask(view, find_question("blast-radius"), {"job": ["load/job-1"]}, Asker("ana", "ui"))


def test_a_second_catalog_is_refused_and_set_aside(quiet: Service) -> None:
    catalog = "version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors:\n  - {id: a, name: %s}\n"
    first = quiet.put("catalog.yml", Told(), [(catalog % "A").encode()])
    second = quiet.put("other.yml", Told(), [(catalog % "B").encode()])
    assert quiet.outcome(first, 30) is not None
    with pytest.raises(LineageError, match="Another catalog"):
        quiet.outcome(second, 30)
    with quiet.view() as view:
        assert view.behind == 0
        status = look(view.store)
    [kept] = Path(f"{quiet.path}.inbox").iterdir()
    assert (kept.suffix, status["set_aside"]) == (".refused", [str(kept)])
    assert str(kept) in status_text(status)
