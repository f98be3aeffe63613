"""Work that takes long says so, who asks the same waits for one answer, and who leaves stops no other's."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st

from lineage.answers import Answer
from lineage.asked import asked
from lineage.errors import LineageError
from lineage.questions import find_question
from lineage.questions.interface import Values
from lineage.store import Store
from tests.ui.running import run, run_page, shown
from ui import asking, holding, session, waiting

SLOW = "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range * b.range % 7 = 1"


def test_work_that_takes_long_is_told_until_it_is_done(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question, what a page looks up to draw itself, and what it makes of an answer that is at hand."""
    told: list[tuple[str, bool]] = []
    telling = waiting.telling

    def listened(says: str, *, stops: bool) -> Iterator[None]:
        told.append((says, stops))
        yield from telling(says, stops=stops)

    st.cache_resource.clear()  # no answer is at hand
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    monkeypatch.setattr(waiting, "telling", listened)
    said = shown(run("investigate", question="blast-radius", vendor="brightdesk", to="2026-03-28T00:00:00Z"))
    assert "Whose data did brightdesk touch?" in said
    assert ("Whose data a breach touched, through what, and how surely", True) in told
    assert {("Counting what happened when", False), ("Looking up the events", False), ("Drawing the graph", False)} < {
        *told
    }


def test_work_that_is_left_is_interrupted(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[bool] = []
    stop = session.Reading.stop

    def stopping(reading: session.Reading) -> None:
        stopped.append(True)
        stop(reading)

    def leave(says: str, *, stops: bool) -> Iterator[None]:
        raise KeyboardInterrupt  # as Streamlit leaves a script: not an Exception

    monkeypatch.setattr(waiting, "PATIENCE", 0.2)
    monkeypatch.setattr(waiting, "telling", leave)
    monkeypatch.setattr(session.Reading, "stop", stopping)
    slow = replace(find_question("search"), ask=lambda store, values: store.one(SLOW))  # type: ignore[arg-type,return-value]
    shelf = holding.Shelf()
    with pytest.raises(KeyboardInterrupt):
        asking._work(shelf, ("slow",), slow, {}, "", recorded=True)
    assert stopped
    assert not shelf.at_work


@pytest.mark.parametrize("when", ["just answered", "on the shelf"])
def test_who_leaves_as_the_answer_comes_stops_it_for_nobody_else(
    when: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lay on the shelf, and whoever looked at it then was told that it had been stopped."""
    is_there, may_go = threading.Event(), threading.Event()
    question, shelf = find_question("search"), holding.Shelf()

    def pause() -> None:
        is_there.set()
        may_go.wait(60)

    def ask(store: Store, values: Values) -> Answer:
        found = question.ask(store, values)
        if when == "just answered":
            pause()
        return found

    def put(key: holding.Key, held: holding.Held) -> holding.Held:
        kept = holding.Shelf.put(shelf, key, held)
        if when == "on the shelf":
            pause()  # as where an answer that goes for it is being read
        return kept

    def leave(says: str, *, stops: bool) -> Iterator[None]:
        is_there.wait(60)
        raise KeyboardInterrupt

    def stop(reading: session.Reading) -> None:
        reading.store.stop()
        may_go.set()

    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    monkeypatch.setattr(waiting, "telling", leave)
    monkeypatch.setattr(session.Reading, "stop", stop)
    monkeypatch.setattr(shelf, "put", put)
    with pytest.raises(KeyboardInterrupt):
        asking._work(shelf, ("it",), replace(question, ask=ask), {"text": ["litellm"]}, "", recorded=True)
    may_go.set()
    kept = shelf.get(("it",))
    assert (kept is None) == (when == "just answered")
    assert kept is None or kept.reading.store.rows("SELECT 1") == [(1,)]


def test_who_asks_what_is_being_asked_waits_for_the_same_answer(store: Path) -> None:
    """As where a link is sent to many: it is asked once, and only who leaves it last stops it."""
    asks: list[str] = []
    may_go = threading.Event()
    question = find_question("search")

    def ask(store: Store, values: Values) -> Answer:
        asks.append("asked")
        may_go.wait()
        return question.ask(store, values)

    shelf = holding.Shelf()
    told = {"text": ["litellm"]}
    with ThreadPoolExecutor(3) as viewers:
        first, second, third = (
            viewers.submit(
                asking._work, shelf, ("the same",), replace(question, ask=ask), told, "Looking", recorded=False
            )
            for _ in range(3)
        )
        while (work := shelf.at_work.get(("the same",))) is None or work.waiting < 3:
            pass
        may_go.set()
        found = [viewer.result() for viewer in (first, second, third)]
    assert asks == ["asked"]
    assert len({id(held) for held, _ in found}) == 1
    assert sorted(mine for _, mine in found) == [False, False, True]  # the others are recorded as shown it
    assert not shelf.at_work


def test_what_is_refused_to_several_at_once_is_recorded_for_each(store: Path) -> None:
    may_go = threading.Event()
    question, shelf = find_question("blast-radius"), holding.Shelf()

    def ask(store: Store, values: Values) -> Answer:
        may_go.wait()
        return question.ask(store, values)

    before = len(list(asked(str(store))))
    with ThreadPoolExecutor(3) as viewers:
        refused = [
            viewers.submit(
                asking._work, shelf, ("it",), replace(question, ask=ask), {"vendor": ["nobody"]}, "", recorded=True
            )
            for _ in range(3)
        ]
        while (work := shelf.at_work.get(("it",))) is None or work.waiting < 3:
            pass
        may_go.set()
        assert all(isinstance(viewer.exception(), LineageError) for viewer in refused)
    assert ["refused" in line for line in list(asked(str(store)))[before:]] == [True] * 3
    assert not shelf.at_work


def test_who_leaves_what_another_waits_for_does_not_stop_it() -> None:
    stops: list[str] = []
    may_go = threading.Event()

    def stop() -> bool:
        stops.append("stopped")
        return False

    work = waiting.Work(lambda: may_go.wait() and "made", "work", stop)

    def leave(says: str, *, stops: bool) -> Iterator[None]:
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as viewer, pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "PATIENCE", 0.01)
        assert work.join()
        assert work.join()
        patch.setattr(waiting, "telling", leave)
        with pytest.raises(KeyboardInterrupt):
            work.result("Working", stops=True)
        assert stops == []
        patch.setattr(waiting, "PATIENCE", 60.0)
        other = viewer.submit(work.result, "Working", stops=True)
        may_go.set()
        assert other.result() == "made"
    assert stops == []


def test_who_comes_when_everybody_left_asks_anew() -> None:
    may_go = threading.Event()
    work = waiting.Work(may_go.wait, "work", lambda: False)

    def leave(says: str, *, stops: bool) -> Iterator[None]:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "PATIENCE", 0.0)
        patch.setattr(waiting, "telling", leave)
        assert work.join()
        with pytest.raises(KeyboardInterrupt):
            work.result("Working", stops=True)
    assert not work.join()
    may_go.set()


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("investigate", {"question": "blast-radius", "vendor": "brightdesk"}),
        ("explore", {"thing": "vendor:tagworks"}),
        ("person", {"data-subject": "C-0217"}),
    ],
)
def test_what_is_stopped_is_not_asked_again_by_itself(page: str, parameters: dict[str, str], store: Path) -> None:
    st.cache_resource.clear()  # no answer is at hand
    before = len(list(asked(str(store))))
    app = run_page(page, parameters, changing=False, stopped=True)
    assert "before it was answered" in shown(app)
    assert len(list(asked(str(store)))) == before
    (again,) = (button for button in app.button if button.label == "Ask again")
    again.click().run()
    assert "before it was answered" not in shown(app)
    assert len(list(asked(str(store)))) == before + 1
