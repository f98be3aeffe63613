"""Each page as a script: what it shows, when it is empty, and when something is wrong."""

import contextlib
import io
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.file_util import get_static_dir

from lineage.asked import find_question
from lineage.errors import LineageError
from lineage.store import open_store
from tests.server.running import program
from tests.ui.conftest import ROOT
from tests.ui.running import LATE, run, run_with_form, shown
from ui import asking, cases, drawing, foretelling, session
from ui.views import narrowing, report, report_blast


def test_the_sample_store_opens_on_its_question(store: Path) -> None:
    said = shown(run("investigate"))
    assert "Whose data did MAL-2026-2144 touch at northgate?" in said
    assert "<b>30</b>" in said
    assert "<b>217</b>" in said
    assert "Not a bound:" in said
    assert "nobody told which records it holds" in said


def test_an_address_that_names_no_question_is_a_blast_radius_of_what_it_names(store: Path) -> None:
    assert "Whose data did tagworks touch?" in shown(run("investigate", vendor="tagworks"))


def test_every_question_has_a_form_and_an_answer(store: Path) -> None:
    asked: dict[str, dict[str, str | list[str]]] = {
        "blast-radius": {"vendor": "tagworks", "without-rule": ["credential"]},
        "who-touched": {"dataset": "idcheck://halden/checks"},
        "connection": {"start": "vendor:northgate", "goal": "dataset:idcheck://halden/checks"},
        "neighbours": {"thing": ["vendor:northgate"]},
        "search": {"text": "litellm"},
        "activity": {"vendor": ["northgate"]},
        "evidence": {"digest": ["sha256-128:64d3c34ac4e4b7f640cfc832c666cd61"]},
    }
    from lineage.questions import QUESTIONS

    assert {question.name for question in QUESTIONS} == set(asked)
    for name, values in asked.items():
        app = run_with_form("investigate", question=name, **values)
        assert 'role="alert"' not in shown(app), name
        assert len(app.selectbox) >= 1, name


def test_a_number_leads_to_the_people_that_it_counts(store: Path) -> None:
    held = asking.Held(session.reading(), find_question("blast-radius"), {"vendor": ["northgate"]}, recorded=False)
    summary, counted = held.summary, {}
    for of in narrowing.options(held):
        where, told = narrowing.condition([of])
        counted[of] = held.over("data_subjects", f"SELECT count(*) AS count FROM listed WHERE {where}", **told)[0][
            "count"
        ]
    told = {
        "category": summary["by_category"],
        "jurisdiction": narrowing.jurisdictions(held),
        "vendor": summary["by_vendor"],
        "dataset": {"/".join(name): bounds for name, bounds in narrowing.places(held).items() if bounds},
        "because": {name: {"at_most": count} for name, count in summary["data_subjects"]["possible_because"].items()},
    }
    assert counted == {
        f"{kind}:{name}": bounds["at_most"]
        for kind, found in told.items()
        for name, bounds in found.items()
        if bounds["at_most"]
    }
    assert len(counted) > 30
    held.reading.close()
    said = shown(run("investigate"))
    assert '<a class="here" href="./?of=jurisdiction%3AKE" target="_self">59</a>' in said
    assert '<a class="here" href="./?list=records" target="_self">28 to 261</a>' in said
    table = run("investigate", of=["jurisdiction:KE", "because:credential"], f_grade=["possible"]).dataframe[0].value
    assert len(table)
    assert set(table["jurisdiction"]) == {"KE"}
    assert set(table["because"]) == {"used with a credential that a compromised run knew"}


def test_people_of_whom_no_jurisdiction_is_told_are_counted_as_such(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nowhere.duckdb"
    shutil.copy(store, path)
    with open_store(str(path)) as emptied:
        emptied.run("DELETE FROM subject_jurisdiction WHERE jurisdiction <> 'KE'")
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    app = run("investigate", of="jurisdiction:")
    assert "<td>not told</td>" in shown(app)
    assert len(app.dataframe[0].value) == 217 - 59


def test_datasets_whose_records_nobody_told_are_among_those_that_were_reached(store: Path) -> None:
    said = shown(run("investigate"))
    assert "Where the records are" in said
    assert re.search(">bench_list</a></td><td[^>]*>nobody told whose records</td>", said)


def test_an_answer_with_nobody_has_no_empty_frames(store: Path) -> None:
    said = shown(run("investigate", question="blast-radius", vendor="tagworks", to="2020-01-01T00:00:00Z"))
    assert "Nobody's data is known to be touched" in said.replace("&#x27;", "'")
    assert "What could not be seen" in said
    for title in ("Why the possible ones", "In which jurisdictions", "Which data", "Nothing is selected"):
        assert title not in said


def test_an_example_shows_the_evidence_before_anything_is_selected(store: Path) -> None:
    said = shown(run("investigate"))
    assert "For example, one of the surest." in said
    assert "<h2>C-0006</h2>" in said
    said = shown(run("person", data_subject="C-0217"))
    assert "For example, the first of the surest." in said
    assert said.count("Events that this rests on") == 1


def test_what_may_have_been_meant_is_a_click_away(store: Path) -> None:
    said = shown(run("investigate", question="blast-radius", vendor=["northgat", "tagworks"]))
    address = "?question=blast-radius&amp;vendor=northgate&amp;vendor=tagworks"
    assert f'Did you mean <a href="{address}" target="_self">northgate</a>?' in said
    said = shown(run("explore", thing="vendor:northgat"))
    assert '<a href="?thing=vendor%3Anorthgate" target="_self">northgate</a>' in said


def test_any_answer_says_what_it_leaves_out_and_shows_what_is_inside(store: Path) -> None:
    said = shown(run("investigate", question="neighbours", thing=["vendor:northgate"], limit="2"))
    assert "16 more jobs (Northgate Talent, runs). A window shows others." in said
    events = run("investigate", question="evidence", digest=["sha256-128:64d3c34ac4e4b7f640cfc832c666cd61"])
    (seen,) = events.dataframe[0].value["seen"]
    assert re.fullmatch(r"sbom/northgate-matching-20260324T112005Z\.cdx\.json sha256:[0-9a-f]{64} 1", seen)
    assert "arrival</span> <b>2026-03-02 01:30:02.511 UTC</b>" in shown(
        run("investigate", question="connection", start="vendor:tagworks", goal="data-subject:C-0217")
    )


def test_a_rule_that_is_off_is_off_in_the_form_and_in_the_answer(store: Path) -> None:
    app = run_with_form("investigate", question="blast-radius", vendor="tagworks", without_rule=["credential"])
    rules = next(group for group in app.get("button_group") if "vendor" in [o.content for o in group.proto.options])
    assert rules.proto.label == "Rules that are on"
    assert "<b>rules off</b>credential" in shown(app)


def test_what_is_not_known_is_an_error_with_a_hint(store: Path) -> None:
    said = shown(run("investigate", question="blast-radius", vendor="northgat"))
    assert "No fact and no catalog knows the vendor northgat." in said
    assert re.search("Did you mean <a [^>]*>northgate</a>\\?", said)
    assert "There is no question nonsense." in shown(run("investigate", question="nonsense"))


def test_no_address_makes_the_server_open_a_file(store: Path, tmp_path: Path) -> None:
    """An advisory is one that was ingested; a path in a link is a name like any other."""
    file = tmp_path / "mine.json"
    file.write_bytes((ROOT / "sample_data" / "advisories" / "MAL-2026-2144.json").read_bytes())
    for path in (str(file), "/etc/passwd"):
        said = shown(run("investigate", question="blast-radius", advisory=path))
        assert f"No document {path[:40]}" in said  # a long one is cut
        assert "was ingested." in said
        assert "at least" not in said


def test_a_long_list_is_leafed_through_and_searched(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.views import paging

    monkeypatch.setattr(paging, "PAGE", 50)
    asked = {"question": "blast-radius", "vendor": "northgate"}
    pages = [list(run("investigate", **asked, page=page).dataframe[0].value["person"]) for page in ("1", "2", "99")]
    assert len(pages[0]) == len(pages[1]) == 50
    assert pages[0] + pages[1] == sorted(set(pages[0] + pages[1]))
    assert 0 < len(pages[2]) <= 50
    assert pages[2][0] > pages[1][-1]
    app = run("investigate", **asked, find=pages[1][7].lower(), page="3")
    assert list(app.dataframe[0].value["person"]) == [pages[1][7]]
    app = run("investigate", **asked, find="nobody is called this")
    assert "Nothing here is as chosen above." in shown(app)
    records = run("investigate", **asked, list="records", find=pages[0][0]).dataframe[0].value
    assert set(records["person"]) == {pages[0][0]}


def test_a_csv_holds_every_touch_however_many_a_page_reads(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui import session

    monkeypatch.setattr(asking, "LISTED", 10)
    monkeypatch.setattr(report, "PRINTED", 10)
    values = {"data-subject": ["C-0217"]}
    held = asking.Held(session.reading(), find_question("who-touched"), values, recorded=False)
    many = sum(sum(counts.values()) for counts in held.summary["vendors"].values())
    assert many > 200
    assert len(report.as_csv(held).splitlines()) == many + 1
    printed = report.touches("Who touched the data of C-0217", held).decode()
    assert f"{many} touches are known" in printed
    assert printed.count("<thead>") == 2
    assert "silentsilent" not in re.sub("<[^>]*>", "", printed)
    assert "The first 10 are on this page; the CSV has all." in printed
    held.reading.close()


def test_a_blast_radius_is_a_page_to_file(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PRINTED", 40)
    held = asking.Held(session.reading(), find_question("blast-radius"), {"vendor": ["northgate"]}, recorded=False)
    printed = report_blast.blast_radius("Whose data did <northgate> touch?", held).decode()
    people = held.summary["data_subjects"]
    held.reading.close()
    assert "<h1>Whose data did &lt;northgate&gt; touch?</h1>" in printed
    assert f"At least {people['at_least']}, at most {people['at_most']} people." in printed
    assert held.answer.checkpoint["digest"] in printed
    for title in ("How surely", "What could not be seen", "In which jurisdictions", "Attempts that failed"):
        assert f"<h2>{title}</h2>" in printed
    assert f"<h2>People ({people['at_most']})</h2><p>The first 40; the tables have all.</p>" in printed
    rows = re.findall("<td>(C-[0-9]+)</td><td>([a-z]+)</td><td>([A-Z]{2})</td>", printed)
    assert len(rows) == 40
    assert {grade for _, grade, _ in rows} == {"confirmed"}  # the surest first
    assert "href" not in printed.replace('href="#"', "")  # it needs nothing else


def test_what_is_cut_off_says_so_and_by_how_much(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.views import blast, panel

    monkeypatch.setattr(blast, "ATTEMPTS", 1)
    monkeypatch.setattr(panel, "FEW", 1)
    said = shown(run("investigate", sel="principal:svc_northgate_match"))
    assert "and 2 more: the whole answer has all." in said
    assert re.search("Events on those paths, the first 1 of [0-9]+<", said)
    assert re.search(
        "until <[^>]*>2026-03-02</span> 11:34:05 UTC; and 3 more\\)", shown(run("person", data_subject="C-0217"))
    )


def test_a_thing_on_paths_is_not_one_whose_name_holds_its_name() -> None:
    from ui.views.panel import _passes

    assert _passes("access by svc_match", "principal", "svc_match")
    assert not _passes("access by svc_match", "principal", "match")
    assert _passes("run r-1 of air/load.people", "job", "air/load.people")
    assert not _passes("run r-1 of air/load.people", "job", "other/load.people")
    assert _passes("run r-1 of air/load.people", "run", "r-1")
    assert not _passes("run r-1 of air/people", "dataset", "people")
    assert _passes("read list of people at 2026-03-24T10:39:00.000000Z", "dataset", "list of people")
    assert not _passes("read list of people at 2026-03-24T10:39:00.000000Z", "dataset", "people")


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
    taken, refused = session.take(files, lambda lines, name: None)
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


def test_cases_are_kept_beside_the_store(sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.duckdb"
    shutil.copy(sample_store, path)
    monkeypatch.setenv("LINEAGE_STORE", str(path))
    assert "No case yet" in shown(run("cases"))
    summary = {"data_subjects": {"at_least": 1, "at_most": 3, "bounded": True}}
    view = {"page": "investigate", "question": "blast-radius", "vendor": ["northgate"], "to": ["2026-03-24T10:39:00Z"]}
    saved = cases.save(str(path), "INC-1", "look <again>", view, "Whose data?", summary, {"events": 1, "digest": "x"})
    with cases.cases_path(str(path)).open("a") as file:
        file.write('{"torn')  # a line that was cut short hides no other
    said = shown(run("cases"))
    assert "look &lt;again&gt;" in said
    assert "At least 1, at most 3 people (a bound)." in said
    assert "question=blast-radius&amp;vendor=northgate" in said
    assert " · asked to 2026-03-24 10:39:00 UTC</div>" in said
    counts = {"confirmed": 1, "probable": 2, "possible": 0}
    touched = cases.save(
        str(path), "INC-1", "", {"page": "data-subject"}, "Who?", {"vendors": {"": counts, "northgate": counts}},
        {"events": 1, "digest": "x"},
    )  # fmt: skip
    assert "Touches: 6. Vendors: 1." in shown(run("cases"))
    cases.remove(str(path), touched.id)
    assert "the store has changed since" in said
    cases.remove(str(path), saved.id)
    lines = cases.cases_path(str(path)).read_text().splitlines()
    assert json.loads(lines[0])["case"] == "INC-1"
    assert "No case yet" in shown(run("cases"))


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


def test_a_question_may_be_asked_without_a_value(store: Path) -> None:
    app = run("investigate", question="activity")
    assert "Nothing is asked yet" in shown(app)
    (ask,) = (button for button in app.button if button.label == "Ask")
    ask.click().run()
    assert "Nothing is asked yet" not in shown(app)
    assert "bucket seconds" in shown(app)
    assert app.query_params["ask"] == "all"
    assert "A blast radius starts from something." in shown(run("investigate", question="blast-radius", ask="all"))


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
