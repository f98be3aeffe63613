"""What an answer to the flagship question must say, worked out from the story itself and not from the logs.

Two things are told apart: the grade that the rules give on the evidence at hand, and what truly happened,
which only the story knows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sample_data.story import datasets as d
from sample_data.story import holdings, incident
from sample_data.story.draw import at, number, opaque
from sample_data.story.office import shortlisted
from sample_data.story.people import Person, Record, selected
from sample_data.story.sentinels import ALTERED, CATEGORIES, CONTAMINATED, SENTINELS

WINDOW = ("2026-03-24T10:39:00Z", "2026-03-24T13:11:42Z")
ADVISORY = "sample_data/advisories/MAL-2026-2144.json"
ANYWHERE = ["blast-radius", "--advisory", ADVISORY, "--from", WINDOW[0], "--to", WINDOW[1]]
FLAGSHIP = [*ANYWHERE[:3], "--within-vendor", "northgate", *ANYWHERE[3:]]
GRADES = ("possible", "probable", "confirmed")


@dataclass(frozen=True)
class Case:
    """One way into the wrong hands: whom the evidence names, and whose records were truly read."""

    what: str
    grade: str
    named: frozenset[str]
    truly: frozenset[str]


def cases(people: list[Person], records: list[Record]) -> list[Case]:
    """All the ways of the story, each by its own simple reasoning over the records."""
    runs, told = incident.runs(), _Tellers(people, records)
    shortlist = told.rows(runs.score.start + timedelta(seconds=241), shortlisted)
    evening = told.rows(at("03-24 16:34:30"), shortlisted)
    tests = told.there(d.SKILL_TESTS, runs.refresh.start, runs.refresh.end)
    references = told.there(d.REFERENCE_CHECKS, runs.references.start, runs.references.end)
    photos = told.there(d.PROFILE_PHOTOS, runs.embed.end - timedelta(hours=4), runs.embed.end)
    works = told.there(d.PORTFOLIO_SAMPLES, runs.rescore.start, runs.rescore.end)
    forms = told.there(d.ONBOARDING_FORMS, at("03-24 05:15"), runs.score.end)
    notes = told.rows(at("03-24 12:20:37"), incident.noted)
    kenya = told.rows(at("03-24 22:41:09"), incident.kenyan)
    british = told.rows(runs.score.start, lambda row: row["team"] == "atlas" and row["country"] == "GB")
    paid = told.paid_in("DE", 0)
    return [
        Case("shortlist", "confirmed", shortlist - {"C-0311"}, shortlist),
        Case("level not held", "probable", frozenset({"C-0311"}), frozenset({"C-0311"})),
        Case("pay rates", "probable", paid, told.paid_in("DE", 2500)),
        Case("limit", "probable", british, frozenset(sorted(british, key=lambda id: opaque(id, 8))[:3])),
        Case("checks by key", "confirmed", *2 * (frozenset(incident.FETCHED_CHECKS),)),
        Case("outcome unknown", "possible", *2 * (frozenset({"C-0349"}),)),
        Case("interviews by key", "confirmed", *2 * (told.interviewed(incident.FETCHED_INTERVIEWS),)),
        Case("skill tests", "probable", tests, _part(tests, 4)),
        Case("late event", "probable", works, works),
        Case("failed run", "possible", references, _part(references, 3)),
        Case(
            "began before",
            "possible",
            told.there(d.SCREENING_CALLS, runs.screen.start, runs.screen.end),
            NOBODY,
        ),
        Case("START lost", "possible", photos, photos),
        Case(
            "unsure presence",
            "possible",
            told.there(d.ANNOTATIONS, runs.labels.start, runs.labels.end),
            NOBODY,
        ),
        Case("masked export", "possible", forms, forms),
        Case("credential, same day", "possible", frozenset({"C-0188", "C-0206"}), frozenset({"C-0188"})),
        Case("credential, next run", "possible", evening, NOBODY),
        Case("read then insert", "possible", notes, notes),
        Case("stolen credential", "possible", kenya, kenya),
    ]


NOBODY: frozenset[str] = frozenset()


def _part(people: frozenset[str], one_in: int) -> frozenset[str]:
    """Those whose records the code really opened: nobody can tell from the logs."""
    return frozenset(id for id in people if number(f"{id} opened", one_in) > 0)


@dataclass(frozen=True)
class _Tellers:
    people: list[Person]
    records: list[Record]

    def rows(self, when: datetime, test: Callable[[dict[str, str]], bool]) -> frozenset[str]:
        rows = [record for record in self.records if record.dataset is d.CONTRACTORS]
        return frozenset(selected(rows, when, test))

    def there(self, dataset: d.Dataset, start: datetime, end: datetime) -> frozenset[str]:
        return frozenset(
            record.subject
            for record in self.records
            if record.dataset is dataset
            and record.valid_from <= end
            and (record.valid_to is None or start < record.valid_to)
        )

    def paid_in(self, country: str, least: int) -> frozenset[str]:
        return frozenset(
            person.id
            for person in self.people
            if person.country == country and person.monthly_amount >= least and person.status != "onboarding"
        )

    def interviewed(self, interviews: Iterable[int]) -> frozenset[str]:
        keys = {holdings.interview_key(no) for no in interviews}
        return frozenset(record.subject for record in self.records if record.key in keys)


def expected(people: list[Person], records: list[Record]) -> dict[str, Any]:
    """The contents of ``tests/sample_truth.json``."""
    runs, told = incident.runs(), cases(people, records)
    grades: dict[str, str] = {}
    for case in sorted(told, key=lambda case: GRADES.index(case.grade)):
        grades |= dict.fromkeys(case.named, case.grade)
    certain = (runs.refresh, runs.score, runs.references, runs.rescore)
    possible = (runs.screen, runs.embed, runs.labels)
    return {
        "ask": FLAGSHIP,
        "data_subjects": dict(sorted(grades.items())),
        "altered": ALTERED,
        "truly_read": sorted(frozenset[str]().union(*(case.truly for case in told))),
        "cases": {case.what: {"grade": case.grade, "data_subjects": sorted(case.named)} for case in told},
        "sentinels": [
            {"data_subject": id, "grade": grade, "trap": trap, "why": why}
            for id, (grade, trap, why) in sorted(SENTINELS.items())
        ],
        "categories": CATEGORIES,
        "compromised_runs": {run.id: "certain" for run in certain} | {run.id: "possible" for run in possible},
        "contaminated_datasets": [
            {"namespace": dataset.namespace, "name": dataset.name, "contaminated": state}
            for state, datasets in CONTAMINATED.items()
            for dataset in datasets
        ],
        "denied": {"data_subjects": ["C-0263"], "attempts": 3},
        "anywhere": {"ask": ANYWHERE, "data_subjects": {"C-0375": "probable"}},
    }
