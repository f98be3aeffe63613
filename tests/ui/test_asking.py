"""Answers that pages hold, put away and give files of."""

import io
import shutil
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
from tests.ui.running import LATE, run, shown
from ui import asking, drawing, holding, session


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
