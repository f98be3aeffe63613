"""What else is kept of contractors, with its record entries: payroll, identity checks, interviews, labels."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sample_data.story import datasets as d
from sample_data.story.draw import at, number, opaque
from sample_data.story.people import CAST, CURRENCIES, Person, Record

# Small collections: the dataset, how its keys begin, one in how many contractors it has, the cast in it.
SMALL = (
    (d.SKILL_TESTS, "skill_tests/st-", 16, ()),
    (d.SCREENING_CALLS, "screening_calls/sc-", 18, ("C-0173", "C-0174")),
    (d.REFERENCE_CHECKS, "reference_checks/rc-", 34, ("C-0321",)),
    (d.PROFILE_PHOTOS, "profile_photos/pp-", 26, ("C-0199",)),
    (d.PORTFOLIO_SAMPLES, "portfolio_samples/ps-", 44, ("C-0078",)),
    (d.ONBOARDING_FORMS, "onboarding_forms/of-", 14, ("C-0385", "C-0386")),
    (d.TRIAL_TASKS, "trial_tasks/tt-", 36, ("C-0301",)),
    (d.JUDGE_PANEL, "judge_panel/jv-", 30, ("C-0375",)),
)
CHECKED = ("C-0142", "C-0217", "C-0218", "C-0263", "C-0302", "C-0349")
REMOVED = {  # records of the cast that were taken out again
    (d.SCREENING_CALLS, "C-0173"): at("03-24 10:20"),
    (d.SCREENING_CALLS, "C-0174"): at("03-24 09:30"),
    (d.ONBOARDING_FORMS, "C-0386"): at("03-23 12:00"),
}
INTERVIEWS = 118
BATCHES = 64


def payroll_records(people: Iterable[Person]) -> list[Record]:
    """One row for everyone who is paid; amounts and accounts are held nowhere but in the table itself."""
    return [
        Record(d.PAYROLL, payroll_id(person.id), person.id, person.joined, None, _payroll_row(person))
        for person in people
        if person.status != "onboarding"
    ]


def payroll_id(person: str) -> str:
    """The key of a contractor's row in payroll."""
    return f"P-{opaque(f'payroll {person}', 8)}"


def _payroll_row(person: Person) -> dict[str, str]:
    return {
        "payroll_id": payroll_id(person.id),
        "contractor_id": person.id,
        "country": person.country,
        "currency": CURRENCIES[person.country],
        "pay_grade": person.pay_grade,
    }


def check_id(person: str) -> str:
    """The key of a contractor's identity check."""
    return f"idv_{opaque(f'check {person}', 10)}"


def identity_check_records(people: Iterable[Person]) -> list[Record]:
    """Checks are kept for half a year, so not everyone has one."""
    kept = [p for p in people if (p.id in CHECKED if p.id in CAST else number(f"{p.id} checked", 5) < 2)]
    return [Record(d.IDENTITY_CHECKS, check_id(p.id), p.id, _some_day(f"{p.id} checked on", 150)) for p in kept]


def interview_key(no: int) -> str:
    """The object that holds interview ``no``."""
    return f"recordings/2026/iv-{opaque(f'interview {no}', 8)}.mp4"


def interview_records(people: list[Person]) -> list[Record]:
    """A recording is of the one who is interviewed, and often also of the contractor who asks."""
    extras = [p.id for p in people if p.id not in CAST]
    records = []
    for no in range(INTERVIEWS):
        recorded = _some_day(f"interview {no} on", 40)
        subjects = {extras[number(f"interview {no} of", len(extras))]}
        if no == 7:
            subjects.add("C-0237")
        elif number(f"interview {no} is asked", 3) == 0:
            subjects.add(extras[number(f"interview {no} by", len(extras))])
        records += [Record(d.RECORDINGS, interview_key(no), subject, recorded) for subject in sorted(subjects)]
    return records


def annotation_records(people: list[Person]) -> list[Record]:
    """A batch of labels is the work of one to three annotators, who can be known by it."""
    atlas = [p.id for p in people if p.team == "atlas" and p.id not in CAST]
    records = []
    for no in range(BATCHES):
        subjects = {atlas[number(f"batch {no} by {i}", len(atlas))] for i in range(1 + number(f"batch {no}", 3))}
        if no == 11:
            subjects.add("C-0260")
        begun = _some_day(f"batch {no} begun", 60)
        records += [Record(d.ANNOTATIONS, batch_key(no), subject, begun) for subject in sorted(subjects)]
    return records


def batch_key(no: int) -> str:
    """The object that holds annotation batch ``no``."""
    return f"annotations/b-{opaque(f'batch {no}', 6)}.jsonl"


def small_records(people: Iterable[Person]) -> list[Record]:
    """The small collections of files that interviews and onboarding leave behind."""
    return [
        _small_record(dataset, prefix, person.id)
        for dataset, prefix, one_in, cast in SMALL
        for person in people
        if (person.id in cast if person.id in CAST else number(f"{person.id} {dataset.name}", one_in) == 0)
    ]


def _small_record(dataset: d.Dataset, prefix: str, person: str) -> Record:
    key = prefix + opaque(f"{dataset.name} {person}", 8)
    return Record(dataset, key, person, _some_day(f"{key} on", 90), REMOVED.get((dataset, person)), {})


def _some_day(what: str, span: int) -> datetime:
    """Some office hour of the ``span`` days before 15 March."""
    day = at("03-15 00:00") - timedelta(days=1 + number(f"{what} day", span))
    return day + timedelta(hours=8 + number(f"{what} hour", 9), minutes=number(f"{what} minute", 60))
