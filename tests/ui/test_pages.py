"""Each page as a script: what it shows, when it is empty, and when something is wrong."""

import contextlib
import csv
import io
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.file_util import get_static_dir

from lineage.answers import Answer
from lineage.errors import LineageError
from lineage.questions import find_question
from lineage.store import open_store
from lineage.touches import not_told
from tests.server.running import program
from tests.ui.conftest import ROOT
from tests.ui.running import LATE, run, shown
from ui import cases, drawing, foretelling, holding, session
from ui.screens import explore
from ui.views import case, report, touches


def test_no_address_makes_the_server_open_a_file(store: Path, tmp_path: Path) -> None:
    """An advisory is one that was ingested; a path in a link is a name like any other."""
    file = tmp_path / "mine.json"
    file.write_bytes((ROOT / "sample_data" / "advisories" / "MAL-2026-2144.json").read_bytes())
    for path in (str(file), "/etc/passwd"):
        said = shown(run("investigate", question="blast-radius", advisory=path))
        assert f"No document {path[:40]}" in said  # a long one is cut
        assert "was ingested." in said
        assert "at least" not in said


def test_a_csv_holds_every_touch_however_many_a_page_reads(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import session

    monkeypatch.setattr(holding, "LISTED", 10)
    monkeypatch.setattr(report, "PRINTED", 10)
    values = {"data-subject": ["C-0217"]}
    held = holding.Held(session.reading(), find_question("who-touched"), values, recorded=False)
    many = sum(sum(counts.values()) for counts in held.summary["vendors"].values())
    assert many > 200
    assert len(report.as_csv(held).splitlines()) == many + 1
    printed = report.touches("Who touched the data of C-0217", held).decode()
    assert f"{many} touches are known" in printed
    assert printed.count("<thead>") == 2
    assert "silentsilent" not in re.sub("<[^>]*>", "", printed)
    assert "The first 10 are on this page; the CSV has all." in printed
    held.reading.close()


def test_a_csv_of_touches_holds_no_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"time": "2026-03-24T11:00:00Z", "principal": "=HYPERLINK(1)", "dataset": {"namespace": "n", "name": "d"}}
    (tmp_path / "access.ndjson").write_text(json.dumps({**event, "operation": "read", "outcome": "success"}))
    program("ingest", tmp_path / "access.ndjson", "--store", tmp_path / "s.duckdb")
    monkeypatch.setenv("LINEAGE_STORE", str(tmp_path / "s.duckdb"))
    held = holding.Held(session.reading(), find_question("who-touched"), {"dataset": ["n/d"]}, recorded=False)
    (row,) = csv.DictReader(io.StringIO(report.as_csv(held).decode()))
    assert row["principal"] == "'=HYPERLINK(1)"
    held.reading.close()


def test_a_store_that_is_not_there_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEAGE_STORE", str(tmp_path / "none.duckdb"))
    said = shown(run("sources"))
    assert "There is no store at" in said


def test_an_empty_store_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "empty.duckdb"
    open_store(str(path)).close()
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    monkeypatch.setenv("LINEAGE_STORE_WRITABLE", "1")
    assert "Nothing was taken in yet" in shown(run("sources"))
    for page in ("investigate", "explore", "person"):
        app = run(page)
        assert '<a href="./sources" target="_self">Take files in</a>' in shown(app)
        assert not app.text_input
        assert not app.multiselect


def test_a_page_that_is_served_says_how_to_reach_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    page = SimpleNamespace(context=SimpleNamespace(url="http://127.0.0.1:8710/sources?thing=x"))
    monkeypatch.setattr(session, "st", page)
    assert session.how_to_ingest() == "lineage ingest PATH"
    monkeypatch.setattr(session, "_service", object)  # the store is the server's
    assert session.how_to_ingest() == "lineage ingest PATH --server http://127.0.0.1:8710"


def test_explore_finds_walks_and_connects(store: Path) -> None:
    assert "pkg:pypi/litellm@1.82.7" in shown(run("explore", text="litellm"))
    assert "Nothing found" in shown(run("explore", text="no such thing"))
    assert "principal svc_northgate_match" in shown(run("explore", thing="principal:svc_northgate_match"))
    said = shown(run("explore", thing="vendor:tagworks", goal="data-subject:C-0217"))
    assert "Fewest steps" in said
    assert said.count('<ol class="path">') == 2


def test_a_person_is_told_who_touched_what(store: Path) -> None:
    assert "Whose records?" in shown(run("person"))
    app = run("person", data_subject="C-0217", touch="0")
    said = shown(app)
    assert "Who touched the data of C-0217" in said
    assert '<span class="state">silent</span>for longer than it may be' in said
    assert "Events that this rests on" in said
    assert [button.proto.label for button in app.get("download_button")] == [
        "Report to print", "Touches as CSV", "All tables as CSV", "Whole answer as JSON"
    ]  # fmt: skip


def test_many_vendors_who_touched_are_counted_and_stand_the_most_first() -> None:
    vendors = {f"v{number:02}": {"confirmed": 0, "probable": number, "possible": 0} for number in range(40)}
    answer = Answer("who-touched", {}, {}, {"summary": {"vendors": {"": vendors["v39"], **vendors}}})
    held = SimpleNamespace(summary=answer.sections["summary"])
    said = touches.by_vendor(held)  # type: ignore[arg-type]
    assert "40 vendors, the most first." in said
    assert said.index("no vendor") < said.index(">v39<") < said.index(">v38<") < said.index(">v00<")


def test_sources_say_what_they_cover_and_where_they_were_silent(store: Path) -> None:
    said = shown(run("sources"))
    assert "people-db-audit" in said
    assert 'silent <span class="whole">2026-03-15</span> 01:30:02 to 09:00:07 UTC' in said
    assert "Nothing was rejected" in said
    assert "This process only reads" in said


def test_sources_find_each_input_and_say_how_many_there_are(
    store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = run("sources", find="SBOM/brightdesk-jobs-20260302").dataframe[-1].value
    assert list(found["name"]) == ["sbom/brightdesk-jobs-20260302T020000Z.cdx.json"]
    path = tmp_path / "many.duckdb"
    shutil.copy(store, path)
    with open_store(str(path)) as filled:  # as a folder of single events makes them
        filled.run("INSERT INTO input SELECT i.* REPLACE (i.input_id + 1000 * r.range AS input_id) "
                   "FROM input i, range(1, 41) r")  # fmt: skip
        filled.run("INSERT INTO input_name SELECT n.* REPLACE (n.input_id + 1000 * r.range AS input_id) "
                   "FROM input_name n, range(1, 41) r")  # fmt: skip
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    said = shown(run("sources"))
    assert "<h2>Inputs (5\u202f535)</h2>" in said
    assert "1 to 300 of 5\u202f535" in said


def test_a_file_that_is_refused_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        """A service that takes what is no catalog."""

        def put(self, name: str, *rest: object) -> int:
            return name == "catalog.yml"

        def outcome(self, number: int, patience: float) -> list[str]:
            if number:
                raise LineageError("Another catalog is in the store.", "Give it a later as_of.")
            return ["taken"]

        def view(self) -> contextlib.ExitStack:
            return contextlib.ExitStack()

    monkeypatch.setattr(session, "_service", Refusing)
    monkeypatch.setattr(session, "may_write", lambda: True)
    files = [(name, io.BytesIO()) for name in ("catalog.yml", "access.ndjson")]
    taken, refused = session.take(files, not_told)
    assert list(map(str, taken)) == ["taken"]
    assert [error.sentence for error in refused] == ["catalog.yml: Another catalog is in the store."]


def test_lines_that_were_rejected_say_where_and_that_there_are_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, log = tmp_path / "mine.duckdb", tmp_path / "access.ndjson"
    aside = LATE.replace(b"late-1", b"late-2").replace(b"11:59:00Z", b"11:59:00")
    log.write_bytes(LATE + b"".join(b"{%d\n" % number for number in range(5)) + aside)
    program("ingest", log, "--store", path, code=3)
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    row, waits = run("sources").dataframe[0].value.to_dict("records")
    assert row["where"] == "access.ndjson:2, access.ndjson:3, access.ndjson:4 …"
    assert waits == {"why": "waits for the catalog: time zone", "lines": 1, "where": ""}


def test_a_search_that_is_cut_says_so_before_its_results(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the number over a card, which counts what it shows, is taken for how many there are."""
    monkeypatch.setattr(explore, "FIRST", 10)
    said = shown(run("explore", text="C-0", kind="data-subject"))
    assert said.index("The first 10 of 412: type more of the name") < said.index("Data subjects <span")
    assert "The first" not in shown(run("explore", text="tagworks", kind="vendor"))


def test_cases_are_kept_beside_the_store(sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.duckdb"
    shutil.copy(sample_store, path)
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    assert "No case yet" in shown(run("cases"))
    summary = {"data_subjects": {"at_least": 1, "at_most": 3, "bounded": True}}
    view = {"page": "investigate", "question": "blast-radius", "vendor": ["northgate"], "to": ["2026-03-24T10:39:00Z"]}
    note = "look <again>\u2028pasted\x85from elsewhere"
    saved = cases.save(str(path), "INC-1", note, view, "Whose data?", summary, {"events": 1, "digest": "x"})
    with cases.cases_path(str(path)).open("ab") as file:
        file.write(b'{"torn \xc3')  # a line that was cut short hides no other
    said = shown(run("cases"))
    assert "<p>look &lt;again&gt;<br>pasted<br>from elsewhere</p>" in said
    assert "At least 1, at most 3 people (a bound)." in said
    assert "question=blast-radius&amp;vendor=northgate" in said
    assert " · asked to 2026-03-24 10:39:00 UTC</div>" in said
    printed = case.printed("Case INC-1", [saved], "http://here:8710").decode()
    assert "<p>look &lt;again&gt;<br>pasted<br>from elsewhere</p>" in printed
    assert "At least 1, at most 3 people (a bound)." in printed
    assert '<a href="http://here:8710/?question=blast-radius&amp;vendor=northgate&amp;to=2026' in printed
    counts = {"confirmed": 1, "probable": 2, "possible": 0}
    touched = cases.save(
        str(path), "INC-1", "", {"page": "data-subject"}, "Who?", {"vendors": {"": counts, "northgate": counts}},
        {"events": 1, "digest": "x"},
    )  # fmt: skip
    assert "Touches: 6. Vendors: 1." in shown(run("cases"))
    cases.remove(str(path), touched.id)
    assert "the store has changed since" in said
    cases.remove(str(path), saved.id)
    lines = cases.cases_path(str(path)).read_bytes().split(b"\n")
    assert json.loads(lines[0])["case"] == "INC-1"
    assert "No case yet" in shown(run("cases"))


def test_a_result_that_was_removed_can_be_put_back(
    sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(shutil.copy(sample_store, tmp_path / "mine.duckdb"))
    monkeypatch.setenv("LINEAGE_STORE", path)
    for title in ("Whose <data>?", "Who?"):
        cases.save(path, "INC-1", "ask again", {"page": "investigate"}, title, {}, {"events": 1, "digest": "x"})
    before = cases.read(path)
    app = run("cases")
    assert "Removed from" not in shown(app)
    app.button(key=f"remove-{before[1].id}").click().run()
    assert cases.read(path) == before[:1]
    assert "Removed from INC-1: <b>Whose &lt;data&gt;?</b>" in shown(app)
    (back,) = (button for button in app.button if button.label == "Put it back")
    back.click().run()
    assert cases.read(path) == before
    assert "Removed from" not in shown(app)


@pytest.mark.parametrize(
    "parameters",
    [
        {"vendor": ["tagworks", "tagworks"], "list": "none", "page": "²", "sel": "none", "open": "none"},
        {"vendor": "tagworks", "from": "0001-01-01T00:00:00Z", "page": "-1", "f-grade": "none", "of": "none"},
        {"vendor": "tagworks", "sel": "people:none", "to": "9999-12-31T23:59:59.999999Z"},
        {"question": "who-touched", "data-subject": "C-0217", "to": "9999-12-31T23:59:59Z"},
        {"question": "who-touched", "data-subject": "C-0217", "touch": "²", "page": "9" * 5000, "find": "tagworks"},
    ],
)
def test_a_link_that_somebody_changed_shows_what_it_still_says(
    parameters: dict[str, str | list[str]], store: Path
) -> None:
    said = shown(run("investigate", **{"question": "blast-radius", **parameters}))
    assert re.search("Whose data did tagworks touch|Who touched data subject C-0217", said)


def test_no_folder_is_taken_for_pages_of_its_own() -> None:
    """Beside the script Streamlit serves every file of a folder called pages, until the script says otherwise."""
    assert not (ROOT / "ui" / "pages").exists()


def test_the_places_of_elements_stand_still_on_every_page() -> None:
    index = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    told = foretelling.pages()
    assert set(told) == {"/", "/explore", "/data-subject", "/sources", "/cases"}
    for html in told.values():
        assert foretelling.STILL in html
        assert "stMainBlockContainer" in html  # the style: without it all that is there moves when it comes
        assert html.replace(foretelling.first(), "") == index


def test_a_name_stands_for_itself_where_markdown_is_read() -> None:
    assert drawing.plain("svc_a*b*") == r"svc\_a\*b\*"
    assert drawing.plain("$x$ [y](http://z)\n:smile:") == (
        "\\$x\\$ \\[y\\]\\(http\\:\u2060\\/\\/z\\) \\:\u2060smile\\:\u2060"
    )
