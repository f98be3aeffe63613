"""What pages say in words: names that claim no more than is known, what a number means, what to do next."""

import json
import re
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from lineage.errors import LineageError
from lineage.names import AFTER_ALL, BEFORE_ALL
from lineage.questions.wording import HELPS, REASONS
from lineage.store import open_store
from tests.asking import ingest
from tests.ui.running import run, run_with_form, shown
from ui import advisories, drawing, evidence, session, suggesting
from ui.screens import investigate

YEAR = 365 * 86_400_000_000  # µs
MARCH = "2026-03-24T11:50:46.929000Z"


def test_a_principal_that_no_catalog_knows_is_not_called_our_own(store: Path) -> None:
    said = shown(run("investigate", question="blast-radius", principal="tmp_migration"))
    assert "no vendor of the catalog" in said
    assert "our own" not in said


def test_what_makes_it_no_bound_is_said_in_words(store: Path) -> None:
    said = shown(run("investigate"))
    assert "4 datasets without record entries; 1 environment without package snapshots at every moment." in said
    assert "no-entries" not in said


@pytest.mark.parametrize(
    ("page", "asked", "how"), [("investigate", {}, "read"), ("person", {"data_subject": "C-0217"}, "touched")]
)
def test_the_grades_are_explained_where_they_are_counted(
    page: str, asked: dict[str, str], how: str, store: Path
) -> None:
    """Changes are counted among the touches of a person."""
    assert f"{how} for certain, but which rows is not known" in shown(run(page, **asked))


def test_what_is_to_be_typed_looks_like_it_and_a_date_is_not_broken() -> None:
    assert drawing.prose("Run `lineage status` <now>.") == "Run <code>lineage status</code> &lt;now&gt;."
    assert drawing.prose("until 2026-03-24 11:50") == 'until <span class="whole">2026-03-24</span> 11:50'


def test_what_is_to_be_mended_is_called_as_the_form_calls_it(store: Path) -> None:
    said = shown(
        run(
            "investigate", question="blast-radius", exposed_dataset="x", **{"from": MARCH, "to": "2026-01-01T00:00:00Z"}
        )
    )
    assert "Exchange From and To." in said
    said = shown(run("investigate", question="blast-radius", to=MARCH))
    assert "Give at least one of Vendor, " in said
    assert "Exposed dataset." in said
    assert "--" not in re.sub("<style>.*?</style>", "", said, flags=re.DOTALL)


def test_what_no_form_has_is_called_as_the_program_calls_it(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(drawing, "html", told.append)
    drawing.problem(LineageError("It is held.", "Ask with --server URL, or give --within-vendor ID."))
    assert "Ask with --server URL, or give Within vendor ID." in told[0]


@pytest.mark.parametrize("page", ["investigate", "explore", "person"])
def test_a_side_of_the_window_that_is_open_does_not_look_like_one_that_is_set(page: str, store: Path) -> None:
    asked = {"question": "blast-radius"} if page == "investigate" else {"thing": "vendor:northgate"}
    sides = [field for field in run(page, **asked).text_input if field.label in ("From", "To")]
    assert len(sides) == 2
    for field in sides:
        assert field.value == ""
        assert not re.search("[0-9]", field.placeholder)


def test_tables_of_any_question_say_nothing_where_there_is_nothing(store: Path) -> None:
    app = run("investigate", question="connection", start="vendor:tagworks", goal="data-subject:C-0217")
    assert app.dataframe
    for table in app.dataframe:
        assert not table.value.isna().any(axis=None)
        assert list(table.value["first"][:2]) == ["", "2025-06-01 00:00:00 UTC"]


@pytest.mark.parametrize(
    ("asked", "means"),
    [
        ({"dataset": "idcheck://halden/checks"}, "What is written to a dataset exposes nobody by itself"),
        ({"vendor": "brightdesk", "to": "2026-01-02T00:00:00Z"}, "That proves nothing yet"),
        ({"vendor": "tagworks", "from": "2026-03-20T12:00:00Z", "to": "2026-03-20T12:00:01Z"}, "A wider window"),
    ],
)
def test_nobody_is_found_and_it_says_what_that_means(asked: dict[str, str], means: str, store: Path) -> None:
    app = run("investigate", question="blast-radius", **asked)
    assert "data is known to be touched" in shown(app)
    assert means in shown(app)
    assert not [box for box in app.selectbox if box.label == "Data category"]


def test_a_question_is_put_as_its_kind_of_start_wants(store: Path) -> None:
    for asked, title in (
        ({"dataset": "idcheck://halden/checks"}, "Whose data did what was written to idcheck://halden/checks touch?"),
        ({"exposed_dataset": "idcheck://halden/checks"}, "Whose data did whoever could read idcheck://halden/checks"),
        ({"job": "tagworks-airflow/tagworks_export.labels"}, "did job tagworks-airflow/tagworks_export.labels touch?"),
    ):
        assert title in shown(run("investigate", question="blast-radius", **asked))


def test_the_window_is_told_last_with_its_begin_before_its_end() -> None:
    told = investigate.chips({"from": MARCH, "to": MARCH, "vendor": ["a"], "within-vendor": "b"})
    assert [name for name, _ in told] == ["vendor", "within vendor", "from", "to"]


def test_a_question_without_a_window_says_so(store: Path) -> None:
    chip = '<span class="chip"><b>window</b>at any time</span>'
    assert chip in shown(run("investigate", question="blast-radius", vendor="tagworks"))
    assert chip not in shown(run("investigate", question="blast-radius", vendor="tagworks", to=MARCH))
    assert chip not in shown(run("investigate", question="search", text="tagworks"))


def test_every_page_has_a_title_before_anything_is_asked(store: Path) -> None:
    for page in ("investigate", "explore", "person", "sources", "cases"):
        asked = {"question": "blast-radius"} if page == "investigate" else {}
        assert "<h1>" in shown(run(page, **asked)), page


@pytest.mark.parametrize(
    ("page", "asked", "title"),
    [
        ("person", {"data_subject": "C-9999"}, "Who touched the data of C-9999"),
        ("explore", {"thing": "vendor:nortgate"}, "vendor nortgate"),
        ("explore", {"thing": "vendor:nortgate", "from": MARCH}, "vendor nortgate"),
        ("explore", {"thing": "vendor:nortgate", "goal": "vendor:tagworks"}, "nortgate → tagworks"),
    ],
)
def test_a_page_has_its_title_where_it_is_refused(page: str, asked: dict[str, str], title: str, store: Path) -> None:
    said = shown(run(page, **asked))
    assert f"<h1>{title}</h1>" in said
    assert said.index("<h1>") < said.index('class="problem"')


def test_an_advisory_says_what_it_is_about(store: Path) -> None:
    says = "Malicious code in litellm (PyPI): 1.82.7, 1.82.8"
    assert f"<p>{says}</p>" in shown(run("investigate"))
    boxes = run_with_form("investigate", question="blast-radius", vendor="tagworks").multiselect
    assert next(box for box in boxes if box.label == "Advisory").options == [f"MAL-2026-2144 · {says}"]
    assert advisories.summary('{"summary": "Bad", "affected": [{"versions": null}, 3]}') == "Bad"
    for body in ('{"summary": 3}', '{"affected": "x"}', '{"summary": "  "}'):
        assert advisories.summary(body) == ""


def test_advisories_are_read_all_at_once_each_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, those of a registry took seconds whenever the form was drawn."""
    affected = [{"package": {"ecosystem": "PyPI", "name": "litellm"}, "versions": ["1.82.7"]}]
    for number, (ident, day, says) in enumerate([("A-1", "25", "new"), ("A-1", "24", "old"), ("A-2", "24", "other")]):
        told = {"id": ident, "modified": f"2026-03-{day}T00:00:00Z", "summary": says, "affected": affected}
        (tmp_path / f"{number}.json").write_text(json.dumps(told))
    ingest(tmp_path / "s.duckdb", [tmp_path / f"{number}.json" for number in range(3)])
    with open_store(str(tmp_path / "s.duckdb"), read_only=True) as store:
        rows = Mock(side_effect=store.rows)
        monkeypatch.setattr(session, "reading", lambda patience: nullcontext(SimpleNamespace(rows=rows)))
        assert suggesting.advisories() == {"A-1": "new: 1.82.7", "A-2": "other: 1.82.7"}
    assert rows.call_count == 1


def test_what_would_help_most_is_said_beside_the_reasons(store: Path) -> None:
    helps = (
        "What would help most: snapshots of the environment&#x27;s packages (SBOM, pip inspect) from nearer to the run."
    )
    assert helps in shown(run("investigate"))
    assert HELPS.keys() <= REASONS.keys()


def test_a_bar_says_how_long_it_is(store: Path) -> None:
    assert "how many in each 30 minutes, UTC" in shown(run("investigate"))
    assert "how many in each 6 hours, UTC" in shown(run("person", data_subject="C-0217"))


@pytest.mark.parametrize(("begins", "spelled"), [("2026-03-01", "D MMM HH:mm"), ("2024-03-01", "D MMM YYYY HH:mm")])
def test_a_window_on_more_than_a_year_is_told_with_its_years(begins: str, spelled: str, store: Path) -> None:
    asked = {"question": "blast-radius", "vendor": "tagworks", "from": f"{begins}T00:00:00Z"}
    (slider,) = run("investigate", **asked).slider
    assert slider.proto.format == spelled


def test_a_change_is_not_called_a_read(store: Path) -> None:
    said = shown(
        run("person", data_subject="C-0142", **{"from": MARCH[:11] + "11:45:00Z", "to": MARCH[:11] + "11:46:00Z"})
    )
    assert "<h2>update of checks</h2>" in said
    assert "The touch is certain" in said


def test_what_the_program_would_say_is_a_page_away(store: Path) -> None:
    for asked in ({}, {"question": "who-touched", "data_subject": "C-0217"}):
        said = shown(run("investigate", **asked))
        assert '<a href="./sources" target="_self">Sources</a> names them: add them to the catalog' in said
        assert "lineage status" not in said
    assert "tmp_migration" in shown(run("sources"))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (YEAR, YEAR + 999, "1971-01-01 00:00:00 UTC"),
        (YEAR, YEAR + 1_000_000, "1971-01-01 00:00:00 UTC to 1971-01-01 00:00:01 UTC"),
        (YEAR, AFTER_ALL, "1971-01-01 00:00:00 UTC to now"),
        (BEFORE_ALL, YEAR, "the beginning to 1971-01-01 00:00:00 UTC"),
        (YEAR, None, "1971-01-01 00:00:00 UTC to now"),
    ],
)
def test_how_long_it_lasted_is_told_as_in_a_path(start: int, end: int | None, told: str) -> None:
    assert evidence.lasting(start, end) == told
