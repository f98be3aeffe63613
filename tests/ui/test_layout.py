"""Where things are on a page, in a real browser: nothing that limits the numbers is cut off, nothing is squeezed."""

import re

from playwright.sync_api import expect

from tests.ui.conftest import Watched
from ui.theme import GRADE_COLOUR


def test_the_legend_names_what_stands_for_several(watched: Watched) -> None:
    page = watched.open("/")
    page.wait_for_selector(".lxgraph[data-drawn]")
    expect(page.locator(".lxgraph .legend")).to_contain_text("several as one")


def test_no_kind_of_thing_has_the_colour_of_a_grade(watched: Watched) -> None:
    page = watched.open("/explore?thing=principal:svc_northgate_match")
    page.wait_for_selector(".lxgraph[data-drawn]")
    told = page.locator(".lxgraph .legend").inner_html()
    assert len(set(re.findall('fill="(#[0-9A-Fa-f]{6})"', told))) >= 4
    assert not [colour for colour in GRADE_COLOUR.values() if colour in told]
