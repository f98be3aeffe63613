"""Answers that pages hold and put away, and work that takes long, is left or is stopped."""

import io
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import streamlit as st

from lineage.answers import Answer
from lineage.asked import asked
from lineage.errors import LineageError
from lineage.questions import find_question
from lineage.questions.interface import Values
from lineage.store import Selection, Store, engine, selection
from lineage.touches import not_told
from tests.ui.running import LATE, run, run_page, shown
from ui import asking, drawing, holding, session, waiting

SLOW = "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range * b.range % 7 = 1"


def put_away(held: holding.Held) -> None:
    """As other answers do that are asked meanwhile."""
    assert held.shelf is not None
    with held.shelf.lock:
        held.shelf.held.clear()
    held.put_away()


@pytest.fixture
def mine(sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that the page may write to."""
    path = tmp_path / "mine.duckdb"
    shutil.copy(sample_store, path)
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    monkeypatch.setenv("LINEAGE_STORE_WRITABLE", "1")


def test_a_part_of_a_page_asks_again_for_an_answer_that_was_put_away(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Again(BaseException):
        """As Streamlit leaves a script that is run again."""

    def again() -> None:
        raise Again

    monkeypatch.setattr(st, "rerun", again)
    drawn: list[int] = []
    draw = asking.steady(lambda held: drawn.append(len(held.rows("things"))))
    held = asking.ask("search", {"text": ["litellm"]}, recorded=False)
    draw(held)
    put_away(held)
    with pytest.raises(Again):
        draw(held)
    draw(asking.ask("search", {"text": ["litellm"]}, recorded=False))
    assert drawn == [3, 3]


def test_a_file_is_offered_of_an_answer_that_was_put_away(mine: None) -> None:
    held = asking.ask("search", {"text": ["litellm"]}, recorded=False)
    written = held.written()
    put_away(held)
    again = asking.at_hand(held)
    assert again.written() == written
    assert asking.at_hand(held) is again
    put_away(again)
    session.take([("late.ndjson", io.BytesIO(LATE))], not_told)
    with pytest.raises(LineageError, match="More is known since this page was drawn"):
        asking.at_hand(held)


def test_an_answer_for_a_file_that_fails_holds_no_snapshot(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(store: Store, values: Values) -> Answer:
        raise LineageError("Nothing is known of it.", "Ask for another.")

    closed: list[str] = []
    held = asking.ask("search", {"text": ["litellm"]}, recorded=False)
    put_away(held)
    reading = replace(session.reading(), close=lambda: closed.append("closed"))
    monkeypatch.setattr(session, "reading", lambda: reading)
    held.question = replace(held.question, ask=fail)
    with pytest.raises(LineageError, match="Nothing is known of it"):
        asking.at_hand(held)
    assert closed == ["closed"]
    reading.store.close()


def test_a_line_that_is_rejected_is_told_by_the_next_answer(mine: None) -> None:
    """Though no event came, and the checkpoint is the same."""
    asked = {"principal": ["svc_northgate_match"]}
    before = asking.ask("blast-radius", asked)
    assert asking.ask("blast-radius", asked) is before
    session.take([("access-late.ndjson", io.BytesIO(LATE.replace(b"2026-03-24T", b"yesterday ")))], lambda *_: None)
    after = asking.ask("blast-radius", asked)
    assert after.answer.checkpoint == before.answer.checkpoint
    told, now = ({row["kind"]: row["count"] for row in held.rows("caveats")} for held in (before, after))
    assert now == told | {"rejected-line": told.get("rejected-line", 0) + 1}
    put_away(before)
    with pytest.raises(LineageError, match="More is known since this page was drawn"):  # its file would say another
        asking.at_hand(before)


def test_of_two_that_asked_the_same_at_once_the_second_takes_the_first_ones_answer(store: Path) -> None:
    """A page may be drawing it: it failed where its snapshot was closed."""
    closed: list[str] = []
    shelf = holding.Shelf()
    for name in ("first", "second"):
        reading = session.reading()
        held = holding.Held(reading, find_question("search"), {"text": ["litellm"]}, recorded=False)
        held.reading = replace(reading, close=partial(closed.append, name))
        kept = shelf.put(("the same",), held)
    assert closed == ["second"]
    assert kept is shelf.get(("the same",))
    assert kept is not held
    assert kept.rows("things")


def test_what_goes_wrong_in_a_part_of_a_page_is_told_there(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[LineageError] = []
    monkeypatch.setattr(drawing, "problem", told.append)

    @asking.steady
    def busy() -> None:
        raise LineageError("The store is being brought up to date.", "Ask again in a few seconds.")

    @asking.steady
    def broken() -> None:
        raise ValueError

    busy()
    broken()
    assert [error.sentence for error in told] == [
        "The store is being brought up to date.", "This page failed, and nothing was changed."
    ]  # fmt: skip


def test_a_part_of_a_page_shows_nothing_to_who_signed_in_too_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is run without the page around it, which would have said so."""

    class Again(BaseException):
        """As Streamlit leaves a script that is run again."""

    def again() -> None:
        raise Again

    drawn: list[str] = []
    monkeypatch.setattr(st, "rerun", again)
    draw = asking.steady(drawn.append)
    draw("people")
    monkeypatch.setattr(session, "role", lambda: "")
    with pytest.raises(Again):
        draw("people")
    assert drawn == ["people"]


def test_an_answer_at_hand_is_recorded_for_each_that_is_shown_it(store: Path) -> None:
    before = len(list(asked(str(store))))
    for _ in range(2):
        app = run("investigate", question="blast-radius", vendor="brightdesk")
        app.run()  # the same session again: it asked once
    lines = list(asked(str(store)))[before:]
    assert [(line["question"], line["via"], line["parameters"]["vendor"]) for line in lines] == [
        ("blast-radius", "ui", ["brightdesk"])
    ] * 2
    assert lines[0]["checkpoint"] == lines[1]["checkpoint"]


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


def test_what_pages_look_up_puts_no_answer_away(store: Path) -> None:
    """A click on a row looks events up: two dozen of them had everybody's answers asked again."""
    held = asking.ask("blast-radius", {"vendor": ["brightdesk"]})
    for number in range(2 * holding.HELD):
        asking.ask("search", {"text": [f"no such thing {number}"]}, recorded=False)
    assert held.is_at_hand
    assert asking.ask("blast-radius", {"vendor": ["brightdesk"]}) is held


def test_what_pages_look_up_holds_no_snapshot(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    reading = session.reading

    def opened(**told: str) -> session.Reading:
        found = reading(**told)  # type: ignore[arg-type]

        def close() -> None:
            closed.append("closed")
            found.close()

        return replace(found, close=close)

    st.cache_resource.clear()
    monkeypatch.setattr(session, "reading", opened)
    held = asking.ask("search", {"text": ["litellm"]}, recorded=False)
    assert len(closed) == 2  # that of the moment, too
    assert len(held.rows("things")) == 3
    assert b"pkg:pypi/litellm@1.82.7" in held.written()


def test_a_page_of_a_list_is_asked_once_whoever_looks(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = asking.ask("blast-radius", {"vendor": ["tagworks"]})
    asked: list[str] = []
    over = holding.Held._over

    def listened(self: holding.Held, section: str, sql: str, parameters: dict[str, object]) -> list[dict[str, object]]:
        asked.append(section)
        return over(self, section, sql, parameters)

    monkeypatch.setattr(holding.Held, "_over", listened)
    page = "SELECT id FROM listed ORDER BY id LIMIT 1 OFFSET $start"
    first = held.leaf("data_subjects", page, start=0)
    assert first
    assert held.leaf("data_subjects", page, start=0) is first
    assert asked == ["data_subjects"]
    assert held.leaf("data_subjects", page, start=1) != first
    monkeypatch.setattr(holding, "LEAVES", 1)
    held.leaf("data_subjects", page, start=2)
    assert len(held._leaves) == 1


@pytest.mark.parametrize(
    ("question", "values"), [("blast-radius", {"vendor": ["tagworks"]}), ("who-touched", {"data-subject": ["C-0217"]})]
)
def test_who_takes_a_file_of_an_answer_lets_others_look_at_it_meanwhile(
    question: str, values: dict[str, list[str]], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of hundreds of thousands of rows takes half a minute to write; the file is what it is alone."""
    alone = session.reading()
    expected = io.StringIO()
    answer = find_question(question).ask(alone.store, values)
    answer.write_json(expected)
    monkeypatch.setattr(selection, "BATCH", 50)
    held = asking.ask(question, values)
    section = "touches" if question == "who-touched" else "records"
    rows = held.every(section)
    began = [next(rows)]
    [counted] = held.over(section, "SELECT count(*) AS count FROM listed")
    assert held.written().decode() == expected.getvalue()
    put_away(held)
    whole = [*began, *rows]  # put away or not
    assert whole == list(answer.sections[section])
    assert len(whole) == counted["count"] > 100
    alone.close()
    with pytest.raises(engine.Error):
        held.over(section, "SELECT 1 AS one")  # closed once the last has read it


def test_touches_are_put_in_order_once(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are clicked and pages are leafed through."""
    kept: list[str] = []
    keep = Selection.keep

    def listened(self: Selection, name: str, sql: str) -> Selection:
        kept.append(name)
        return keep(self, name, sql)

    monkeypatch.setattr(Selection, "keep", listened)
    st.cache_resource.clear()
    for touch in range(3):
        said = shown(run("person", data_subject="C-0217", touch=str(touch)))
        assert "Events that this rests on" in said
    assert kept == ["kept_numbered"]


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
