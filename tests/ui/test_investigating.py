"""Investigate: a question as a form, and what its answer shows, leads to and leaves out."""

import json
import re
import shutil
from pathlib import Path

import pytest

from lineage.questions import find_question
from lineage.store import open_store
from tests.asking import ingest
from tests.by_hand import ENTRY_COLUMNS, STORE
from tests.ui.conftest import ROOT
from tests.ui.running import run, run_with_form, shown
from ui import asking, holding, session
from ui.views import narrowing, report, report_blast

CONFORMANCE = ROOT / "tests" / "conformance"


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
    held = holding.Held(session.reading(), find_question("blast-radius"), {"vendor": ["northgate"]}, recorded=False)
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
    assert "Try a wider window too." in said
    assert "What could not be seen" in said
    for title in ("Why the possible ones", "In which jurisdictions", "Which data", "Nothing is selected"):
        assert title not in said


def test_no_wider_window_is_offered_where_there_is_none(store: Path) -> None:
    job = "halden-airflow/halden_workforce.capacity_plan"
    said = shown(run("investigate", question="blast-radius", job=job))
    assert "That proves nothing yet" in said
    assert "wider window" not in said


def test_who_was_altered_and_not_read_is_told_as_such(store: Path) -> None:
    """Such as C-0142: nobody is known to have read the row that a compromised run changed."""
    said = shown(run("investigate", list="altered", sel="data-subject:C-0142"))
    assert ">1 to 2</a> people</b>" in said
    assert "not all of them need be among those above" in said
    assert "Altered: <span" in said
    assert "No read of this person&#x27;s records is known here" in said.replace("'", "&#x27;")
    assert "This answer does not hold this person." not in said
    assert "This answer does not hold" in shown(run("investigate", sel="data-subject:C-0001"))


def test_an_answer_that_only_knows_of_changes_says_whose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(tmp_path / "s.duckdb", [CONFORMANCE / "world-196" / "input"])
    monkeypatch.setenv("LINEAGE_STORE", str(tmp_path / "s.duckdb"))
    window = {"from": "2026-03-24T07:24:00Z", "to": "2026-03-24T17:15:00Z"}
    app = run("investigate", question="blast-radius", principal="svc_1", **window)
    said = shown(app).replace("&#x27;", "'")
    assert "Nobody's data is known to be read" in said
    assert "Altered lists whose." in said
    assert list(app.dataframe[0].value["person"]) == ["C-0001", "C-0005", "C-0006", "C-0007"]
    held = asking.ask("blast-radius", {"principal": ["svc_1"], **{side: [at] for side, at in window.items()}})
    text = held.question.text(held.answer)
    assert text.startswith(
        "No data subject's records are known to be read; not all could be seen. Altered: at least 0,"
    )
    assert "Altered: 0 to 4 people, counted apart" in report_blast.blast_radius("", held).decode()


def test_attempts_are_told_in_the_order_in_which_they_were_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"operation": "read", "outcome": "denied", "principal": "thief"}
    lines = [
        told | {"id": str(hour), "time": f"2026-03-24T0{hour}:00:00Z", "dataset": {"namespace": "pg", "name": name}}
        for hour, name in ((3, "accounts"), (1, "payroll"), (2, "contracts"))
    ]
    (tmp_path / "access.ndjson").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    ingest(tmp_path / "s.duckdb", [tmp_path / "access.ndjson"])
    monkeypatch.setenv("LINEAGE_STORE", str(tmp_path / "s.duckdb"))
    held = asking.ask("blast-radius", {"principal": ["thief"]})
    page = shown(run("investigate", question="blast-radius", principal="thief"))
    printed, text = report_blast.blast_radius("", held).decode(), held.question.text(held.answer)
    for said in (page, printed, text):
        said = said[said.index("Attempts that failed") :]
        assert said.index("payroll") < said.index("contracts") < said.index("accounts")


def test_where_nobody_is_only_possible_nothing_is_said_of_them(store: Path) -> None:
    said = shown(run("investigate", question="blast-radius", vendor="brightdesk"))
    assert "Which data" in said
    assert "Why the possible ones" not in said
    assert "Why the possible ones" in shown(run("investigate"))


def test_an_example_shows_the_evidence_before_anything_is_selected(store: Path) -> None:
    assert "<h2>C-0006</h2>" in shown(run("investigate"))
    narrowed: tuple[dict[str, str | list[str]], ...] = {}, {"of": "because:credential"}, {"list": "altered"}
    for asked in narrowed:
        app = run("investigate", **asked)
        assert "For example, the first of the list." in shown(app)
        assert f"<h2>{app.dataframe[0].value['person'][0]}</h2>" in shown(app)
    assert "<h2>dataset idcheck://halden/checks</h2>" in shown(run("investigate", list="datasets"))
    said = shown(run("investigate", find="nobody is called this", f_grade="confirmed", of="because:flow"))
    assert "For example" not in said
    said = shown(run("person", data_subject="C-0217"))
    assert "For example, the first of the surest." in said
    assert said.count("Events that this rests on") == 1
    said = shown(run("person", data_subject="C-0217", f_grade="possible"))
    assert "The evidence allows it and does not settle it." in said[said.index("For example") :]


def test_a_record_of_nobody_is_not_shown_as_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},devices,k,,2026-03-01T00:00:00Z,\n")
    read = {"id": "1", "time": "2026-03-24T11:00:00Z", "principal": "svc", "operation": "read", "outcome": "success"}
    told = {**read, "dataset": {"namespace": STORE, "name": "devices"}}
    (tmp_path / "access.ndjson").write_text(json.dumps(told) + "\n")
    ingest(tmp_path / "mine.duckdb", [tmp_path / "records.csv", tmp_path / "access.ndjson"])
    monkeypatch.setenv("LINEAGE_STORE", str(tmp_path / "mine.duckdb"))
    said = shown(run("investigate", principal="svc", list="records"))
    assert f"<h2>dataset {STORE}/devices</h2>" in said
    assert "does not hold this person" not in said


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
    assert "whom the rules that are off would find (credential)" in shown(app)
    assert "would find" not in shown(run("investigate", question="blast-radius", vendor="tagworks"))
    without = run("investigate", question="blast-radius", vendor="tagworks", without_rule=["vendor"])
    assert "Rules are off, and whom they would find is not counted" in shown(without)


def test_what_is_not_known_is_an_error_with_a_hint(store: Path) -> None:
    said = shown(run("investigate", question="blast-radius", vendor="northgat"))
    assert "No fact and no catalog knows the vendor northgat." in said
    assert re.search("Did you mean <a [^>]*>northgate</a>\\?", said)
    app = run("investigate", question="nonsense")
    assert "There is no question nonsense." in shown(app)
    assert "<h1>What happened?</h1>" in shown(app)
    assert "Ask" in {button.label for button in app.button}


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


def test_a_blast_radius_is_a_page_to_file(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PRINTED", 40)
    held = holding.Held(session.reading(), find_question("blast-radius"), {"vendor": ["northgate"]}, recorded=False)
    printed = report_blast.blast_radius("Whose data did <northgate> touch?", held).decode()
    people = held.summary["data_subjects"]
    held.reading.close()
    assert "<h1>Whose data did &lt;northgate&gt; touch?</h1>" in printed
    assert f"At least {people['at_least']}, at most {people['at_most']} people." in printed
    assert held.answer.checkpoint["digest"] in printed
    for title in ("In which jurisdictions", "Through which vendor", "Which data"):  # the most first, as on the page
        many = re.findall(
            '<td class="n">[0-9]+</td><td class="n">([0-9]+)</td>',
            printed.split(f"<h2>{title}</h2>")[1].split("</table>")[0],
        )
        assert many
        assert many == sorted(many, key=int, reverse=True)
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


def test_a_question_may_be_asked_without_a_value(store: Path) -> None:
    app = run("investigate", question="activity")
    assert "What happened?" in shown(app)
    (ask,) = (button for button in app.button if button.label == "Ask")
    ask.click().run()
    assert "What happened?" not in shown(app)
    assert "how many in each 6 hours, UTC" in shown(app)
    assert len(app.dataframe[0].value) == 116
    never = shown(run("investigate", question="activity", **{"from": "2030-01-01T00:00:00Z"}))
    assert "The answer has none of these." in never
    assert "how many in each" not in never
    assert app.query_params["ask"] == "all"
    assert "A blast radius starts from something." in shown(run("investigate", question="blast-radius", ask="all"))
