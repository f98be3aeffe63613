"""What may be contaminated: which datasets and jobs, since when, and the way that each is told to have come by."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lineage.demo import WINDOW
from lineage.questions import carried, find_question
from tests.ui.conftest import Watched, settled
from tests.ui.running import run, shown
from ui import holding, session
from ui.views import contaminated, report_blast

ASKED = {"advisory": ["MAL-2026-2144"], "within-vendor": ["northgate"], **WINDOW}


@pytest.fixture
def held(store: Path) -> Iterator[holding.Held]:
    found = holding.Held(session.reading(), find_question("blast-radius"), ASKED, recorded=False)
    yield found
    found.reading.close()


def test_to_everything_that_is_contaminated_leads_a_way_from_what_was_compromised(held: holding.Held) -> None:
    over = partial(held.over, "runs")
    compromised = {row["run_id"] for row in held.rows("runs") if row["compromised"]}
    reached = {f"{row['namespace']}/{row['name']}" for row in held.rows("datasets") if row["contaminated"]}
    ways = {name: carried.way(over, "dataset", name).steps for name in reached}
    runs = [row["run_id"] for row in held.rows("runs") if row["contaminated"]]
    ways |= {run_id: carried.way(over, "run", run_id).steps for run_id in runs}
    assert len(ways) == 16 + 18
    for name, steps in ways.items():
        assert steps[0].run in compromised or steps[0].principal == "svc_northgate_match", name
        assert {step.dataset for step in steps} <= reached, name
        assert all(before.since <= after.since for before, after in pairwise(steps)), name
        assert steps[-1].dataset == name or name not in reached
    assert [step.job_name for step in ways["mlflow://halden/models/reward"]] == [
        "northgate_matching.score_candidates", "northgate_publish.shortlists", "halden_training.build_reward_mix",
        "halden_training.train_reward",
    ]  # fmt: skip
    assert carried.way(over, "dataset", "postgres://people-db:5432/people.public.payroll").steps == []


def test_of_a_long_way_the_last_steps_are_told(held: holding.Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "LONGEST", 3)
    told = contaminated.way(held, "dataset", "mlflow://halden/models/reward")
    assert re.findall("<li>(.*?)</li>", re.sub("<(?!/?li>).*?>", "", told))[0] == "more such steps lie before these"
    assert told.count("<li>") == 3
    assert "was compromised and wrote" not in told


def test_datasets_and_jobs_are_told_as_the_lists_tell_them(held: holding.Held) -> None:
    told = {(row["namespace"], row["name"]): row["sure"] for row in held.over("runs", carried.DATASETS)}
    listed = {(row["namespace"], row["name"]): row["contaminated"] for row in held.rows("datasets")}
    assert told == {name: state == "certain" for name, state in listed.items() if state}
    jobs = {row["name"]: (row["runs"], row["sure"]) for row in held.over("runs", carried.JOBS)}
    assert jobs["northgate_publish.shortlists"] == (5, True)
    assert jobs["tagworks_export.agreement"] == (2, False)
    assert sum(runs for runs, _ in jobs.values()) == sum(bool(row["contaminated"]) for row in held.rows("runs"))


def test_what_may_be_contaminated_stands_with_the_numbers_and_in_the_report(store: Path, held: holding.Held) -> None:
    said = shown(run("investigate"))
    assert "What may be contaminated" in said
    assert re.search("16</a> datasets: 8 certain, 8 possible", said)
    assert "9 jobs: 6 certain, 3 possible" in said
    printed = report_blast.blast_radius("Whose data?", held).decode()
    row = '<td>mlflow://halden/models/reward</td><td>certain</td><td class="when">2026-03-24 20:00:25</td>'
    assert row in printed


def test_what_was_written_to_a_dataset_opens_on_where_it_went(store: Path) -> None:
    app = run("investigate", question="blast-radius", dataset="idcheck://halden/checks")
    assert list(app.dataframe[0].value["dataset"]) == ["checks", "people.public.onboarding_status"]


def test_lists_are_narrowed_to_what_is_in_a_state(store: Path) -> None:
    for name, state, many in (
        ("datasets", "exposed", 13),
        ("datasets", "contaminated", 16),
        ("runs", "compromised", 7),
    ):
        found = run("investigate", list=name, f_state=state).dataframe[0].value
        assert len(found) == many
        assert all(found[state])
    assert len(run("investigate", list="runs", f_state="exposed").dataframe[0].value) == 24  # no state of a run


def test_a_dataset_that_is_clicked_shows_its_way(watched: Watched) -> None:
    page = watched.open("/")
    page.locator(".card", has_text="What may be contaminated").get_by_role("link", name="models/reward").click()
    expect(page.locator(".st-key-evidence ol.path li")).to_have_count(4)
    settled(page)
    expect(page.locator(".st-key-evidence")).to_contain_text("read reward_mix and wrote models/reward")
    assert "f-state=contaminated" in page.url
