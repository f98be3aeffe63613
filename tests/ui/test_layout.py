"""Where things are on a page, in a real browser: nothing that limits the numbers is cut off, nothing is squeezed."""

import itertools
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.server.running import program, serving
from tests.ui.conftest import ROOT, Watched, settled
from ui.drawing import STYLE
from ui.theme import GRADES


def test_caveats_are_on_the_screen_with_the_numbers(watched: Watched) -> None:
    page = watched.open("/", width=1280)
    unseen = page.get_by_role("region", name="What could not be seen")
    expect(unseen).to_contain_text("unknown principal read")
    high, room = unseen.evaluate("place => [place.scrollHeight, place.clientHeight]")
    assert high <= room


def test_a_dialog_has_its_title_inside(watched: Watched) -> None:
    page = watched.open("/")
    page.get_by_role("button", name="Share").click()
    title = page.get_by_role("dialog").get_by_text("Share this view")
    expect(title).to_be_visible()
    assert title.evaluate("title => parseFloat(getComputedStyle(title.closest('h2')).paddingLeft)") > 10


def test_the_legend_names_what_stands_for_several(watched: Watched) -> None:
    page = watched.open("/")
    page.wait_for_selector(".lxgraph[data-drawn]")
    expect(page.locator(".lxgraph .legend")).to_contain_text("several as one")


def test_no_kind_of_thing_has_the_colour_of_a_grade(watched: Watched) -> None:
    page = watched.open("/explore?thing=principal:svc_northgate_match")
    page.wait_for_selector(".lxgraph[data-drawn]")
    told = page.locator(".lxgraph .legend").inner_html()
    assert len(set(re.findall('fill="(#[0-9A-Fa-f]{6})"', told))) >= 4
    graded = re.findall(f"--(?:{'|'.join(GRADES)}): (#[0-9A-F]{{6}});", STYLE.read_text(encoding="utf-8"))
    assert len(graded) == len(GRADES)
    assert not [colour for colour in graded if colour in told]


def test_on_a_narrow_screen_what_could_not_be_seen_has_its_width(watched: Watched) -> None:
    page = watched.open("/data-subject?data-subject=C-0217", width=800)
    box = page.locator(".card", has_text="What could not be seen").bounding_box()
    assert box is not None
    assert box["width"] > 600


SHIFTS = """window.moved = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => window.moved.push(one.value)))
  .observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("path", ["/", "/?question=blast-radius", "/data-subject?data-subject=C-0217", "/sources"])
def test_nothing_that_is_seen_moves_while_a_page_loads(path: str, browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(SHIFTS)
    page.goto(address + path)
    settled(page)
    page.wait_for_timeout(500)
    moved = sum(page.evaluate("window.moved"))
    page.close()
    assert moved < 0.02


LONG = "a_name_that_somebody_generated_from_a_template_with_many_words_in_it"


@pytest.fixture(scope="module")
def long_names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on a store in which names are long and begin alike."""
    folder = tmp_path_factory.mktemp("long")
    lines, records = [], ["dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to"]
    for number in range(4):
        dataset = {"namespace": f"postgres://{LONG}:5432", "name": f"production.{LONG}_{number}"}
        lines.append({
            "id": str(number), "time": f"2026-03-24T11:0{number}:00Z", "principal": f"svc_{LONG}", "operation": "read",
            "outcome": "success", "dataset": dataset,
        })  # fmt: skip
        records.append(f"{dataset['namespace']},{dataset['name']},k,person-{LONG}-{number},2026-01-01T00:00:00Z,")
    (folder / "access.ndjson").write_text("\n".join(map(json.dumps, lines)) + "\n")
    (folder / "records.csv").write_text("\n".join(records) + "\n")
    program("ingest", folder / "access.ndjson", folder / "records.csv", "--store", folder / "long.duckdb")
    with serving(folder / "long.duckdb", pages=True, folder=folder) as server:
        yield server.url


@pytest.mark.parametrize("width", [390, 1120, 1440])
def test_long_names_leave_room_for_numbers_and_are_told_apart(width: int, browser: Browser, long_names: str) -> None:
    watched = Watched(browser, long_names)
    page = watched.open(f"/?principal=svc_{LONG}", width=width, height=900)
    page.wait_for_selector(".lxgraph[data-drawn]")
    for place in page.locator('[data-testid="stMain"], .lx .card, .lx .scroll').all():
        wide, room = place.evaluate("place => [place.scrollWidth, place.clientWidth]")
        assert wide <= room, place.inner_text()
    graph = page.locator(".lxgraph")
    tags = graph.evaluate("graph => graph.drawing.scene.nodes.filter((node) => node.tag).map((node) => node.tag)")
    names = [tag["name"] for tag in tags if "…" in tag["name"]]
    assert len(names) > 3
    assert len({name for name in names if not name.startswith("svc")}) == sum(not n.startswith("svc") for n in names)
    view, room = graph.evaluate("graph => [graph.drawing.view, graph.clientWidth]")
    if width > 390:  # there the graph is moved sideways
        assert all(tag["x"] * view["k"] + view["x"] >= 0 for tag in tags)
        assert all((tag["x"] + tag["w"]) * view["k"] + view["x"] <= room for tag in tags)
    watched.close()


@pytest.mark.parametrize(
    "path", ["/", "/data-subject?data-subject=C-0217", "/explore?thing=vendor:northgate", "/sources"]
)
def test_on_a_telephone_nothing_is_beside_the_screen(path: str, watched: Watched) -> None:
    page = watched.open(path, width=390, height=844)
    places = page.locator('[data-testid="stMain"], .lx .card, .lx .scroll').all()
    assert places
    for place in places:
        wide, room = place.evaluate("place => [place.scrollWidth, place.clientWidth]")
        assert wide <= room, place.inner_text()


@pytest.mark.parametrize("width", [390, 1024, 1440])
@pytest.mark.parametrize("asked", ["", "?question=blast-radius&dataset=idcheck://halden/checks"])
def test_cards_fill_their_rows_at_any_width(asked: str, width: int, watched: Watched) -> None:
    page = watched.open(f"/{asked}", width=width, height=900)
    grid = page.locator(".lx .grid")
    edges = grid.evaluate("grid => [grid, grid.lastElementChild].map((one) => one.getBoundingClientRect().right)")
    assert abs(edges[0] - edges[1]) < 1
    sides = grid.evaluate("grid => [...grid.children].map((one) => [one.scrollWidth, one.clientWidth])")
    assert all(wide <= room for wide, room in sides)
    lists = page.get_by_role("radiogroup", name="List")
    wide, room = lists.evaluate("lists => [lists.scrollWidth, lists.clientWidth]")
    assert wide <= room


def test_no_column_of_a_card_is_beside_it_at_any_width(watched: Watched) -> None:
    """320 is a window of 1280 that is zoomed to 400 %, as WCAG 1.4.10 asks for."""
    page = watched.open("/")
    for width in (320, 360, 720, 1101, 1120, 1280, 1301):
        page.set_viewport_size({"width": width, "height": 900})
        for place in page.locator('[data-testid="stMain"], .lx .scroll').all():
            wide, room = place.evaluate("place => [place.scrollWidth, place.clientWidth]")
            assert wide <= room, f"{width}: {place.inner_text()}"


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_a_number_leads_to_its_list_wherever_that_is(width: int, watched: Watched) -> None:
    page = watched.open("/", width=width, height=844)
    page.wait_for_selector(".lxgraph[data-drawn]")
    page.locator(".card", has_text="jurisdiction").get_by_role("link", name="59", exact=True).click()
    narrowed = page.locator(".st-key-answer-body").get_by_text("jurisdiction KE")
    expect(narrowed).to_be_in_viewport()
    settled(page)
    page.wait_for_timeout(1000)  # until it has come to rest
    place = page.locator(".st-key-lists").bounding_box()
    head = page.locator('[data-testid="stHeader"]').bounding_box()
    assert place
    assert head
    assert head["y"] + head["height"] <= place["y"] < 844 / 2


def test_on_a_telephone_the_graph_can_be_read_and_the_page_moved_past_it(watched: Watched) -> None:
    page = watched.open("/", width=390, height=844)
    page.wait_for_selector(".lxgraph[data-drawn]")
    graph = page.locator(".lxgraph")
    assert graph.evaluate("graph => graph.drawing.view.k") >= 0.5
    assert graph.locator("canvas").first.evaluate("canvas => getComputedStyle(canvas).touchAction") == "pan-y"
    seed, wide = graph.evaluate("graph => [graph.drawing.place('seed').x, graph.clientWidth]")
    assert 0 < seed < wide
    page.get_by_role("button", name="Fit everything").click()
    assert graph.evaluate("graph => graph.drawing.view.k") < 0.5
    ticks = [tick.bounding_box() for tick in page.locator(".when .scale span:visible").all()]
    edges = [(box["x"], box["x"] + box["width"]) for box in ticks if box]
    assert len(edges) > 3
    assert all(right <= left for (_, right), (left, _) in itertools.pairwise(edges))


def test_a_page_of_a_table_is_not_given_as_if_it_were_the_whole_list(watched: Watched) -> None:
    page = watched.open("/")
    page.locator('.st-key-answer-body [data-testid="stDataFrame"]').hover()
    expect(page.get_by_role("button", name=re.compile("^Search: People"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Download as CSV"))).to_have_count(0)


def test_the_columns_of_the_readme_picture_stand_under_each_other(browser: Browser) -> None:
    page = browser.new_page()
    page.goto((ROOT / "docs" / "demo.svg").as_uri())
    lines = "[...document.querySelectorAll('text')]"
    wide = f"begin => {lines}.find(line => line.textContent.startsWith(begin)).getBBox().width"
    head, row = (page.evaluate(wide, begin) for begin in ("By jurisdiction:", "  KE "))
    page.close()
    assert abs(head - row) < 1  # both end with the column of at most


def test_both_words_of_a_record_stand_beside_each_other(watched: Watched) -> None:
    page = watched.open("/?question=who-touched", width=1280)
    boxes = [page.get_by_role("textbox", name=f"Record: {part}").bounding_box() for part in ("namespace/name", "key")]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]


def test_nodes_of_rows_that_are_close_do_not_reach_into_each_other(watched: Watched) -> None:
    page = watched.open("/explore?thing=vendor:northgate")
    page.wait_for_selector(".lxgraph[data-drawn]")
    for apart, largest in ((48, 12), (76, 19)):
        nodes = [{"id": f"a:{y}", "kind": 0, "x": 0, "y": y, "count": 900} for y in (0, apart)]
        told = {
            "signature": str(apart), "title": "", "key": "x", "nodes": nodes, "edges": [], "words": ["dataset"],
            "left_out": 0, "groups": 0, "of": "people",
        }  # fmt: skip
        draw = "(graph, told) => { graph.drawing.draw(told); return graph.drawing.scene.nodes.map((node) => node.r); }"
        assert page.locator(".lxgraph").evaluate(draw, told) == [largest, largest]


def test_a_short_table_shows_no_rows_that_are_not_there(watched: Watched) -> None:
    heights = []
    for listed in ("altered", "records"):  # two, and many
        page = watched.open(f"/?list={listed}")
        box = page.locator('.st-key-answer-body [data-testid="stDataFrame"]').bounding_box()
        assert box
        heights.append(box["height"])
    assert heights[0] < 110
    assert heights[1] > 180


def test_a_file_that_is_being_made_says_so_and_how_long_so_far(watched: Watched) -> None:
    page = watched.open("/data-subject?data-subject=C-0217")
    page.get_by_role("button", name="Export").click()
    button = page.get_by_role("button", name="Touches as CSV")
    expect(button).to_be_visible()
    told = """button => {
        button.disabled = true;  // as it is meanwhile
        const label = button.querySelector("p"), [running] = label.getAnimations({ subtree: true });
        running.currentTime = 42_500;
        const style = getComputedStyle(label, "::after");
        return [style.content, style.counterReset];
    }"""
    content, so_far = button.evaluate(told)
    assert "is being made" in content
    assert so_far == "so-far 42"


def test_what_is_looked_up_is_told_over_the_page_and_moves_nothing(watched: Watched) -> None:
    page = watched.open("/data-subject?data-subject=C-0217")
    told = """() => {
        const body = document.querySelector(".st-key-answer-body").closest('[data-testid="stVerticalBlock"]');
        const before = body.getBoundingClientRect().height, line = document.createElement("div");
        line.dataset.testid = "stLayoutWrapper";
        line.innerHTML = '<div class="st-key-looking-7">Looking up the events … 2 s</div>';
        body.prepend(line);
        return [getComputedStyle(line).position, body.getBoundingClientRect().height - before];
    }"""
    assert page.evaluate(told) == ["fixed", 0]
