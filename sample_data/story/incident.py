"""24 March 2026: a poisoned package on the matching workers, and what it and its thieves did.

Each act below is one case that an answer must get right; ``expected.py`` says what is right, and why.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sample_data.story import datasets as d
from sample_data.story import holdings, pipelines
from sample_data.story.acts import STRANGER, Request, Statement, copies, reads
from sample_data.story.draw import at
from sample_data.story.lineage_events import Job, Run
from sample_data.story.office import CONTACT, DESK, MATCHING

DAY = date(2026, 3, 24)
SPOOLED = at("03-30 08:12:40")


@dataclass(frozen=True)
class Runs:
    """The runs of that day that have a part in the story."""

    refresh: Run
    score: Run
    screen: Run
    embed: Run
    references: Run
    rescore: Run
    labels: Run
    judge: Run


def runs() -> Runs:
    """The day's runs, as they really went."""

    def planned(job: Job, clock: str) -> Run:
        return pipelines.regular_run(job, DAY, clock)

    return Runs(
        refresh=planned(pipelines.REFRESH_SKILLS, "11:22"),
        score=planned(pipelines.SCORE, "11:30"),
        screen=planned(pipelines.SCREEN_CALLS, "09:55"),
        embed=replace(planned(pipelines.EMBED_PROFILES, "12:50"), start_lost=True),
        references=replace(planned(pipelines.REFERENCES, "12:10"), outcome="FAIL"),
        rescore=replace(planned(pipelines.RESCORE, "12:05"), spooled=SPOOLED),
        labels=planned(pipelines.LABELS, "12:20"),
        judge=planned(pipelines.JUDGE, "12:10"),
    )


PAY_RATES = (
    "SELECT contractor_id, iban, monthly_amount FROM public.payroll WHERE country = 'DE' AND monthly_amount >= 2500"
)
FIRST_THREE = (
    "SELECT contractor_id, full_name FROM public.contractors "
    "WHERE team = 'atlas' AND country = 'GB' ORDER BY full_name LIMIT 3"
)
NOTES = (
    "INSERT INTO public.match_notes (contractor_id, team, level, noted_at) "
    "SELECT contractor_id, team, level, now() FROM public.contractors WHERE team = 'harbor' AND level >= 4"
)
BRAZIL = "SELECT contractor_id, iban, tax_id FROM public.payroll WHERE country = 'BR'"
KENYA = (
    "SELECT contractor_id, full_name, email, phone, address FROM public.contractors WHERE country = 'KE' AND level >= 4"
)
EVERYONE = "SELECT contractor_id, status FROM public.contractors"


def noted(row: dict[str, str]) -> bool:
    """What ``NOTES`` selects."""
    return row["team"] == "harbor" and row["level"] >= "4"


def kenyan(row: dict[str, str]) -> bool:
    """What ``KENYA`` selects."""
    return row["country"] == "KE" and row["level"] >= "4"


FETCHED_CHECKS = ("C-0028", "C-0067", "C-0217")
FETCHED_INTERVIEWS = (7, 19, 44, 90)


def statements(noted_rows: int, kenyan_rows: int, all_rows: int) -> Iterator[Statement]:
    """What the people database saw of it. The arguments are how many rows the statements touched."""
    match, contractors = "svc_northgate_match", reads("public.contractors")

    def one(moment: str, person: str) -> Statement:
        return Statement(at(moment), match, MATCHING, contractors, (person,), rows=1)

    yield one("03-24 10:05:31.220", "C-0046")
    yield one("03-24 11:36:18.402", "C-0188")
    yield Statement(at("03-24 12:02:44.871"), match, BRAZIL, (), denied="permission denied for table payroll")
    notes = copies("public.match_notes", "public.contractors")
    yield Statement(at("03-24 12:20:37.065"), match, NOTES, notes, rows=noted_rows)
    agent = DESK.format("C-0358")
    yield Statement(at("03-24 12:31:10.633"), "u_bd_004", agent, contractors, rows=1)
    yield Statement(at("03-24 12:48:02.117"), "tmp_migration", EVERYONE, contractors, rows=all_rows)
    yield one("03-24 16:33:09.018", "C-0206")
    yield Statement(at("03-24 22:41:09.556"), match, KENYA, contractors, rows=kenyan_rows, host=STRANGER)
    yield Statement(
        at("03-24 22:43:30.902"), match, "COPY public.payroll TO STDOUT", (),
        denied="permission denied for table payroll", host=STRANGER,
    )  # fmt: skip
    yield one("03-25 11:36:18.402", "C-0331")


def requests(pay_rows: int) -> Iterator[Request]:
    """What the other systems saw of it; ``pay_rows`` is how many rows the payroll query gave."""
    score = runs().score

    def poisoned(minutes: float, system: str, operation: str, dataset: d.Dataset) -> Request:
        when = score.start + timedelta(minutes=minutes)
        return Request(system, when, "svc_northgate_match", operation, dataset, run=score.id)

    def check(minutes: float, operation: str, *people: str) -> Request:
        keys = tuple(holdings.check_id(person) for person in people)
        return replace(poisoned(minutes, "idcheck", operation, d.IDENTITY_CHECKS), keys=keys)

    interviews = tuple(holdings.interview_key(no) for no in FETCHED_INTERVIEWS)
    yield replace(poisoned(6.3, "people-api", "read", d.PAYROLL), sql=PAY_RATES, rows=pay_rows, seconds=0.4)
    yield replace(poisoned(8.1, "people-api", "read", d.CONTRACTORS), sql=FIRST_THREE, rows=3)
    yield replace(check(14.4, "read", *FETCHED_CHECKS), seconds=1.1)
    yield check(15.2, "update", "C-0142")
    yield replace(poisoned(17.0, "object-store", "export", d.RECORDINGS), keys=interviews, seconds=48.0)
    yield replace(check(19.8, "read", "C-0349"), outcome="unknown")
    yield replace(check(20.6, "read", "C-0263"), outcome="denied")
    yield Request(
        "people-api", at("03-24 12:31:40.020"), "svc_brightdesk", "read", d.CONTRACTORS,
        sql=CONTACT, parameters=("C-0358",), rows=1,
    )  # fmt: skip
    stolen = check(0.0, "update", "C-0302")
    yield replace(stolen, when=at("03-24 22:47:52.431"), run=None, host=STRANGER)
