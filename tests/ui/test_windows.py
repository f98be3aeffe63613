"""The window of a page: typed, moved and kept, and shown with what surrounds it."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import Watched, settled
from tests.ui.running import run, shown
from ui import asking, drawing
from ui.views import report


def test_a_window_on_a_persons_touches_is_told(store: Path) -> None:
    window = {"from": "2026-03-20T00:00:00Z", "to": "2026-03-21T00:00:00Z"}
    said = shown(run("person", data_subject="C-0217", **window))
    assert "<b>from</b>2026-03-20 00:00:00 UTC" in said
    assert "<b>to</b>2026-03-21 00:00:00 UTC" in said
    assert "the window</span>" in said
    held = asking.ask("who-touched", {"data-subject": ["C-0217"], **{name: [at] for name, at in window.items()}})
    printed = report.touches("Who touched the data of C-0217", held).decode()
    assert "10 touches from 2026-03-20 00:00:00 UTC to 2026-03-21 00:00:00 UTC are known" in printed
    before = asking.ask("who-touched", {"data-subject": ["C-0217"], "to": ["2025-01-01T00:00:00Z"]})
    printed = report.touches("Who touched the data of C-0217", before).decode()
    assert "No touches to 2025-01-01 00:00:00 UTC are known" in printed
    assert "<table>" not in printed


def test_a_persons_window_is_typed_and_kept_for_the_next_person(store: Path) -> None:
    app = run("person", data_subject="C-0217")
    assert "0 of 24 datasets" in shown(app)
    for name, at in (("From", "2026-03-24T10:39:00Z"), ("To", "2026-03-24T13:11:42Z")):
        (field,) = (field for field in app.text_input if field.label == name)
        field.set_value(at).run()
    assert "22 of 22 datasets" in shown(app)
    (search,) = (field for field in app.text_input if field.label == "Data subject")
    search.set_value("C-0006").run()
    (found,) = (button for button in app.button if button.label == drawing.plain("C-0006"))
    found.click().run()
    assert "Who touched the data of C-0006" in shown(app)
    for name, at in (("from", "2026-03-24 10:39:00 UTC"), ("to", "2026-03-24 13:11:42 UTC")):
        assert f"<b>{name}</b>{at}" in shown(app)


@pytest.mark.parametrize("page", ["investigate", "person"])
def test_a_short_window_is_shown_with_what_surrounds_it(page: str, store: Path) -> None:
    """Of four weeks, two and a half hours would be a line of a few pixels, and nothing could be seen in them."""
    window = {"from": "2026-03-24T10:39:00Z", "to": "2026-03-24T13:11:42Z"}
    who = {"data_subject": "C-0217"} if page == "person" else {"question": "blast-radius", "vendor": "northgate"}
    app = run(page, **who, **window)
    (wide,) = re.findall(r'class="band" style="left:[0-9.]+%;width:([0-9.]+)%"', shown(app))
    assert 4 < float(wide) < 40
    assert "2026-03-24 12:00:00 UTC: " in shown(app)
    for slider in app.slider:
        assert slider.max - slider.min < 4 * 86400 * 1_000_000  # µs
    assert ">16 Mar<" in shown(run(page, **who))  # all of it, where no window is given


def test_a_window_without_end_or_at_the_end_of_time_is_shown(store: Path) -> None:
    for window in (
        {"from": "2026-03-24T10:39:00Z"},
        {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
        {"from": "2030-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"},
    ):
        said = shown(run("investigate", question="blast-radius", vendor="northgate", **window))
        assert 'class="band"' in said, window


def test_a_window_that_is_typed_is_that_of_what_is_shown(store: Path) -> None:
    """And one that cannot be can be mended where it was typed."""
    app = run("explore", thing="principal:svc_northgate_match")
    many = len(app.dataframe[0].value)
    for name, at in (("From", "2026-03-24T10:39:00Z"), ("To", "2026-03-24T11:00:00Z")):
        (field,) = (field for field in app.text_input if field.label == name)
        field.set_value(at).run()
    asked = {"from": "2026-03-24T10:39:00Z", "to": "2026-03-24T11:00:00Z"}
    again = run("explore", thing="principal:svc_northgate_match", **asked)
    assert len(app.dataframe[0].value) == len(again.dataframe[0].value) < many
    (field,) = (field for field in app.text_input if field.label == "To")
    field.set_value("2026-03-23T00:00:00Z").run()
    assert "The window ends before it begins." in shown(app)
    assert {"From", "To"} <= {field.label for field in app.text_input}


@pytest.mark.parametrize("asked", [{"from": "2026-03-24T10:39:00.25Z"}, {"to": "2026-03-24T10:39:00.25Z"}])
def test_a_side_of_the_window_that_is_not_moved_stays_as_it_was(asked: dict[str, str], store: Path) -> None:
    app = run("investigate", question="blast-radius", vendor="northgate", **asked)
    (slider,) = app.slider
    low, high = slider.value
    if "from" in asked:
        slider.set_value((low + timedelta(hours=1), high)).run()
    else:
        slider.set_value((low, high - timedelta(hours=1))).run()
    (ask,) = (button for button in app.button if button.label == "Ask about it")
    ask.click().run()
    assert {name for name in ("from", "to") if name in app.query_params} == set(asked)


@pytest.mark.parametrize(
    ("moved", "asked"),
    [
        ("from", {"from": "2026-03-24T10:39:00Z", "to": "2026-03-24T13:11:42Z"}),
        ("from", {"from": "2025-01-01T10:39:00Z", "to": "2026-03-24T13:11:42Z"}),  # in steps of six minutes
        ("to", {"from": "2026-03-24T10:39:00Z"}),
        ("to", {}),
    ],
)
def test_a_side_that_is_not_moved_stays_though_the_browser_rounds_it(
    moved: str, asked: dict[str, str], watched: Watched
) -> None:
    """A window that is moved at its end and begins later than it was asked loses people, and nothing says so."""
    page = watched.open(f"/?{urlencode({'question': 'blast-radius', 'vendor': 'northgate', **asked})}")
    side = page.locator(".st-key-window input").nth(("from", "to").index(moved))
    side.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight" if moved == "from" else "ArrowLeft")
    page.get_by_role("button", name="Ask about it").click()
    expect(page.get_by_role("button", name="Ask about it")).to_have_count(0)
    settled(page)
    told = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert told.get(moved) != asked.get(moved)
    (other,) = {"from", "to"} - {moved}
    assert told.get(other) == asked.get(other)
