"""Explore in a real browser: search, walk on, ask from there, go back."""

import re

from playwright.sync_api import expect

from tests.ui.conftest import Watched, choose_node, settled


def test_explore_searches_expands_and_connects(watched: Watched) -> None:
    page = watched.open("/explore")
    page.get_by_role("searchbox", name="Search").fill("svc_northgate_match")
    page.keyboard.press("Enter")
    found = page.get_by_role("link", name="svc_northgate_match")
    expect(found).to_be_visible()
    settled(page)  # what is drawn anew while it is clicked is not clicked
    found.click()
    settled(page)
    expect(page.get_by_role("heading", name="principal svc_northgate_match")).to_be_visible()
    page.wait_for_selector(".lxgraph[data-drawn]")
    choose_node(page, "dataset:idcheck://halden/checks")
    page.get_by_role("button", name="Expand").click()
    expect(page).to_have_url(re.compile("thing=.*thing="))
    settled(page)
    connected = watched.open("/explore?thing=vendor:tagworks&goal=data-subject:C-0217")
    expect(connected.get_by_role("heading", name="tagworks → C-0217")).to_be_visible()
    expect(connected.locator("ol.path")).to_have_count(2)


def test_a_dataset_that_was_open_is_asked_about_as_one(watched: Watched) -> None:
    """By what was written to it nobody is exposed: 0 people were no answer to a leak."""
    page = watched.open("/explore?thing=dataset:idcheck://halden/checks&from=2026-03-24T10:39:00Z")
    page.get_by_role("button", name="Blast radius, if it was open").click()
    expect(
        page.get_by_role("heading", name="Whose data did whoever could read idcheck://halden/checks")
    ).to_be_visible()
    settled(page)
    assert "from=2026-03-24T10" in page.url
    expect(page.locator(".card", has_text="People whose data was touched")).not_to_contain_text(
        re.compile("at most\\s*0")
    )


def test_going_back_from_a_search_leads_to_what_was_there_before(watched: Watched) -> None:
    page = watched.open("/explore")
    search = page.get_by_role("searchbox", name="Search")
    for text, found in (("svc_", "svc_brightdesk"), ("litellm", "litellm@1.82.7")):
        search.fill(text)
        expect(page).to_have_url(re.compile(f"text={text}"))  # what to start from has the first of them too
        expect(page.get_by_role("link", name=re.compile(found)).first).to_be_visible()
        settled(page)
    page.go_back()
    expect(page).to_have_url(re.compile("text=svc_"))
    expect(page.get_by_role("link", name="svc_brightdesk")).to_be_visible()
    expect(search).to_have_value("svc_")
    settled(page)
    page.go_back()
    expect(page.get_by_text("Or start from")).to_be_visible()
    expect(search).to_have_value("")
    assert "text=" not in page.url
