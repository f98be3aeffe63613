"""What an investigator does, in a real browser: ask, read, select, open evidence, share, save, upload, download."""

import csv
import json
import os
import re
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.ui.conftest import ROOT, Watched, choose_node, settled

PICTURES = os.environ.get("LINEAGE_PICTURES")  # set: write the README's pictures
READ = {
    "id": "late-1", "time": "2026-03-24T11:59:00Z", "principal": "svc_northgate_match", "operation": "read",
    "outcome": "success", "dataset": {"namespace": "idcheck://halden", "name": "checks"},
}  # fmt: skip
FLAGSHIP = "Whose data did MAL-2026-2144 touch at northgate?"


def shown(page: Page, name: str, **clip: float) -> None:
    if PICTURES:
        page.screenshot(path=ROOT / "docs" / f"{name}.png", **({"clip": clip} if clip else {}))  # type: ignore[arg-type]


def test_the_landing_page_is_the_flagship_answer(watched: Watched) -> None:
    page = watched.open("/", height=894)  # to the end of the second row
    expect(page.get_by_role("heading", name=FLAGSHIP)).to_be_visible()
    card = page.locator(".card", has_text="People whose data was touched")
    expect(card).to_contain_text(re.compile(r"at least\s*30\s*at most\s*217"))
    expect(card).to_contain_text("Not a bound")
    unseen = page.locator(".card", has_text="What could not be seen")
    expect(unseen).to_contain_text("nobody told which records it holds")
    expect(unseen).to_contain_text("run without start")
    page.wait_for_selector(".lxgraph[data-drawn]")
    shown(page, "investigate")


def test_a_tab_is_called_by_what_its_page_is_about(watched: Watched) -> None:
    """Of ten that are open, each is found."""
    for path, title in (
        ("/", FLAGSHIP),
        ("/data-subject?data-subject=C-0217", "Who touched the data of C-0217"),
        ("/explore?thing=vendor:northgate", "vendor Northgate Talent"),
        ("/sources", "What is known, and from where: 3\u202f599 events"),
    ):
        expect(watched.open(path)).to_have_title(f"{title} · annotation-lineage")


def test_long_names_stay_on_the_page_and_short_ones_in_the_graph(watched: Watched) -> None:
    page = watched.open(f"/?question=blast-radius&vendor={'x' * 400}")
    expect(page.get_by_role("alert")).to_be_visible()
    wide, room = page.evaluate(
        "[m => m.scrollWidth, m => m.clientWidth].map(f => f(document.querySelector('[data-testid=stMain]')))"
    )
    assert wide <= room
    page = watched.open("/?question=blast-radius&package=pkg:pypi/litellm@1.82.7")
    page.wait_for_selector(".lxgraph[data-drawn]")
    assert page.locator(".lxgraph").evaluate("graph => graph.drawing.scene.byId.get('seed').name") == "litellm@1.82.7"


def test_a_node_that_is_selected_shows_its_evidence_and_the_link_shows_the_same(watched: Watched) -> None:
    page = watched.open("/")
    page.wait_for_selector(".lxgraph[data-drawn]")
    choose_node(page, "principal:svc_northgate_match")
    panel = page.locator(".st-key-evidence")
    expect(panel).to_contain_text("svc_northgate_match")
    expect(panel).to_contain_text("access event")
    expect(panel).to_contain_text(re.compile(r"sha256:[0-9a-f]{64}"))
    expect(panel).to_contain_text("position")
    page.locator(".lxgraph").evaluate("graph => graph.scrollIntoView({block: 'center'})")
    shown(page, "graph")
    page.get_by_role("button", name="Share").click()
    address = page.get_by_role("dialog").locator("code").inner_text()
    assert "sel=principal" in address
    second = watched.open(address.removeprefix(watched.address))
    expect(second.locator(".st-key-evidence")).to_contain_text("svc_northgate_match")
    expect(second.get_by_role("heading", name=FLAGSHIP)).to_be_visible()


def test_the_name_of_a_node_is_clicked_like_the_node(watched: Watched) -> None:
    page = watched.open("/")
    page.wait_for_selector(".lxgraph[data-drawn]")
    page.locator(".lxgraph").evaluate("graph => graph.scrollIntoView({block: 'center'})")
    at = page.locator(".lxgraph").evaluate(
        """graph => { const { view, scene } = graph.drawing, { tag } = scene.byId.get("principal:svc_northgate_match");
        return { x: (tag.x + 4) * view.k + view.x, y: (tag.y + tag.h / 2) * view.k + view.y }; }"""
    )
    page.locator(".lxgraph canvas").first.click(position=at)
    expect(page.locator(".st-key-evidence")).to_contain_text("principal svc_northgate_match")


def test_a_number_is_followed_to_its_people_without_loading_the_page_again(watched: Watched) -> None:
    page = watched.open("/")
    page.evaluate("window.same = true")
    page.locator(".card", has_text="jurisdiction").get_by_role("link", name="59", exact=True).click()
    expect(page).to_have_url(re.compile("of=jurisdiction"))
    expect(page.locator(".st-key-answer-body").get_by_text("jurisdiction KE")).to_be_visible()
    page.locator(".card", has_text="People whose data").get_by_role("link", name="30", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("f-grade=confirmed$"))
    settled(page)
    assert page.evaluate("window.same") is True


def test_going_back_shows_what_was_shown(watched: Watched) -> None:
    page = watched.open("/")
    page.locator(".card", has_text="jurisdiction").get_by_role("link", name="59", exact=True).click()
    expect(page).to_have_url(re.compile("of=jurisdiction%3AKE$"))
    settled(page)
    lists = page.locator(".st-key-answer-body").get_by_role("radiogroup", name="List")
    lists.get_by_text("Datasets").click()
    expect(page).to_have_url(re.compile("list=datasets"))
    settled(page)
    page.go_back()
    expect(page.locator(".st-key-answer-body").get_by_text("jurisdiction KE")).to_be_visible()
    settled(page)
    expect(page).to_have_url(re.compile("of=jurisdiction%3AKE$"))
    page.go_back()
    expect(page.locator(".st-key-answer-body").get_by_text("jurisdiction KE")).to_have_count(0)
    settled(page)
    expect(page).to_have_url(re.compile("/$"))


def test_what_is_selected_in_the_graph_is_marked_in_the_table(watched: Watched) -> None:
    page = watched.open("/?list=datasets")
    page.wait_for_selector(".lxgraph[data-drawn]")
    marked = page.locator('.st-key-answer-body [data-testid="stDataFrame"] tr[aria-selected="true"]')
    expect(marked).to_have_count(0)
    choose_node(page, "dataset:idcheck://halden/checks")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("checks")


def test_a_group_opens_and_a_person_has_a_path(watched: Watched) -> None:
    page = watched.open("/?sel=data-subject:C-0006")
    panel = page.locator(".st-key-evidence")
    expect(panel).to_contain_text("C-0006")
    expect(panel.locator("ol.path li").first).to_contain_text("an affected package in northgate-matching")
    page.wait_for_selector(".lxgraph[data-drawn]")
    before = int(page.locator(".lxgraph").get_attribute("data-nodes") or 0)
    page.get_by_role("button", name="Show the members of every group").click()
    expect(page.locator(".lxgraph")).not_to_have_attribute("data-nodes", str(before))
    settled(page)
    assert "open=" in page.url
    assert int(page.locator(".lxgraph").get_attribute("data-nodes") or 0) > 200


def test_another_question_is_asked_from_its_form(watched: Watched) -> None:
    page = watched.open("/?question=blast-radius")
    expect(page.get_by_text("Choose what was compromised, and when.")).to_be_visible()
    page.get_by_role("textbox", name="From").fill("2026-03-24T10:39:00Z")
    page.keyboard.press("Tab")
    box = page.get_by_role("combobox", name="Vendor", exact=True)  # "Within vendor" may be drawn first
    box.click()
    box.fill("tagw")
    page.get_by_role("option", name="TagWorks").click()
    page.keyboard.press("Tab")  # Escape would take the choice back
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="Whose data did tagworks touch?")).to_be_visible()
    settled(page)
    assert "vendor=tagworks" in page.url
    assert "from=2026-03-24T10" in page.url


@pytest.mark.parametrize("path", ["/?question=blast-radius", "/data-subject"])
def test_how_a_time_is_written_is_seen_where_one_was_not(path: str, watched: Watched) -> None:
    page = watched.open(path)
    page.get_by_role("textbox", name="From").fill("2026-03-24 10:39")
    page.keyboard.press("Enter")
    says = page.get_by_role("alert").filter(has_text="Write it as 2026-03-24T10:39:00Z.")
    expect(says).to_be_visible()
    box = says.bounding_box()
    assert box
    assert box["height"] > 10
    assert box["width"] > 150
    field = page.get_by_role("textbox", name="From").bounding_box()
    assert field
    assert box["y"] >= field["y"] + field["height"] - 1


def test_what_cannot_be_known_is_said_with_a_hint(watched: Watched) -> None:
    page = watched.open("/?question=blast-radius&vendor=northgat")
    expect(page.get_by_role("alert")).to_contain_text("No fact and no catalog knows the vendor northgat.")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean northgate?")


def test_a_persons_touches_can_be_printed_and_downloaded(watched: Watched, tmp_path: Path) -> None:
    page = watched.open("/data-subject?data-subject=C-0217")
    expect(page.get_by_role("heading", name="Who touched the data of C-0217")).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("button", name="Touches as CSV").click()
    lines = Path(told.value.path()).read_text().splitlines()
    assert lines[0].startswith("start,end,grade")
    assert len(lines) > 200
    with page.expect_download() as told:
        page.get_by_role("button", name="Report to print").click()
    assert "Who touched the data of C-0217" in Path(told.value.path()).read_text()


def test_an_answer_is_saved_to_a_case_and_found_again(watched: Watched) -> None:
    page = watched.open("/")
    page.get_by_role("button", name="Save to case").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Case").fill("INC-7")
    page.keyboard.press("Enter")
    dialog.get_by_role("textbox", name="Note").fill("Ask northgate for the screening log.")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0)
    saved = watched.open("/cases")
    expect(saved.get_by_text("Ask northgate for the screening log.")).to_be_visible()
    expect(saved.get_by_text("At least 30, at most 217 people (not a bound).")).to_be_visible()
    with saved.expect_download() as told:
        saved.get_by_role("button", name="Report to print").click()
    report = Path(told.value.path()).read_text()
    assert "Ask northgate for the screening log." in report
    assert f'href="{watched.address}/?question=blast-radius&amp;advisory=MAL-2026-2144' in report
    saved.get_by_role("link", name=FLAGSHIP).click()
    settled(saved)
    expect(saved.get_by_role("heading", name=FLAGSHIP)).to_be_visible()


def test_the_whole_answer_is_downloaded(watched: Watched) -> None:
    page = watched.open("/")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("button", name="Whole answer as JSON").click()
    answer = json.loads(Path(told.value.path()).read_text())
    assert answer["summary"]["data_subjects"]["at_most"] == 217 == len(answer["data_subjects"])


def test_every_list_is_downloaded_in_full_as_csv(watched: Watched) -> None:
    page = watched.open("/")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("button", name="All tables as CSV").click()
    assert re.fullmatch("blast-radius-[0-9a-f]{8}[.]zip", told.value.suggested_filename)
    with zipfile.ZipFile(told.value.path()) as archive:
        people = list(csv.DictReader(archive.read("data_subjects.csv").decode().splitlines()))
        assert archive.read("evidence.csv")
        assert b"at least 30, at most 217" in archive.read("answer.txt")
    assert len({person["id"] for person in people}) == 217


def test_the_graph_comes_out_as_a_picture(watched: Watched) -> None:
    page = watched.open("/")
    page.wait_for_selector(".lxgraph[data-drawn]")
    with page.expect_download() as told:
        page.get_by_role("button", name="Download as SVG", exact=True).click()
    drawing = Path(told.value.path()).read_text()
    assert drawing.startswith("<svg")
    assert "svc_northgate_match" in drawing
    with page.expect_download() as told:
        page.get_by_role("button", name="Download as PNG", exact=True).click()
    assert Path(told.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["/", "/data-subject?data-subject=C-0217"])
def test_a_row_is_chosen_by_the_keys_that_the_page_names(path: str, watched: Watched) -> None:
    page = watched.open(path)
    expect(page.locator(".st-key-evidence")).to_contain_text("Shift+Space in a row")
    page.locator('.st-key-answer-body [data-testid="stDataFrame"] canvas').first.focus()
    for key in ("ArrowDown", "ArrowDown", "Shift+Space"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("sel=data-subject|touch=[0-9]"))
    expect(page.locator(".st-key-evidence")).not_to_contain_text("For example")


def test_the_graph_is_walked_by_keyboard(watched: Watched) -> None:
    page = watched.open("/?sel=principal:svc_northgate_match")
    page.wait_for_selector(".lxgraph[data-drawn]")
    for shown in ("a credential that a compromised run knew", "northgate_matching.embed_profiles"):
        page.locator(".lxgraph canvas").focus()
        page.keyboard.press("ArrowLeft")
        settled(page)
        expect(page.locator(".st-key-evidence")).to_contain_text(shown)


def test_files_are_taken_in_and_the_answer_knows(watched_alone: Watched, tmp_path: Path) -> None:
    extra = tmp_path / "access-extra.ndjson"
    extra.write_text(json.dumps(READ) + "\n{torn\n")
    page = watched_alone.open("/sources")
    page.locator('input[type="file"]').set_input_files(extra)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("Taken in. Rejected lines: 1.")).to_be_visible()
    expect(page.locator('[data-testid="stExpander"] [data-testid="stDataFrame"]')).to_be_visible()
    expect(page.get_by_role("button", name="Take it in")).to_have_count(0)
    settled(page)
    if not page.get_by_text("are being stored").is_visible():  # else the page says that it is not up to date
        assert not page.get_by_text("Nothing was rejected").is_visible()
    again = watched_alone.open("/sources")
    heading = again.get_by_role("heading", name="3\u202f600 events")
    for _ in range(60):  # while the store is brought up to date, pages show the snapshot before
        if heading.is_visible():
            break
        again.reload()
        settled(again)
    expect(heading).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(watched: Watched, theme: str) -> None:
    found = []
    rest = ("/data-subject?data-subject=C-0217", "/sources", "/cases")  # what these add is dark by the same styles
    form = "/?question=blast-radius&vendor=nobody"
    for path in ("/", form, "/explore?thing=vendor:northgate", *(rest if theme == "light" else ())):
        page = watched.open(path, theme=theme)
        result = Axe().run(page)
        found += [
            f"{path}: {rule['id']} ({rule['impact']}): {node['html'][:160]}"
            for rule in result.response["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
    assert found == []
