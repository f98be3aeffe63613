"""What people and services do on any day in the people database and the systems around it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sample_data.story import datasets as d
from sample_data.story import holdings
from sample_data.story.acts import TAGWORKS_KEY, Request, Statement, copies, reads
from sample_data.story.draw import at, choice, days, is_weekday, number, on
from sample_data.story.people import CAST, Person, Record, selected
from sample_data.story.pipelines import (
    CARDS_SQL,
    CONTACT_CARDS,
    LABELS,
    PAYOUTS_SQL,
    ROSTER_SQL,
    SCORE,
    regular_run,
)

PULSE = "SELECT value FROM public.app_settings WHERE name = 'maintenance'"
SAMPLE = "SELECT * FROM public.contractors TABLESAMPLE SYSTEM (1)"
BY_KEY = "SELECT full_name, email, phone, status FROM public.contractors WHERE contractor_id = $1"
DESK = "SELECT full_name, email, phone FROM public.contractors WHERE contractor_id = '{}'"
VIEW = "SELECT contractor_id, team FROM public.v_active_contractors WHERE country = 'PH'"
MATCHING = "SELECT contractor_id, team, level FROM public.contractors WHERE contractor_id = $1"
BALANCE = "SELECT payroll_id, monthly_amount FROM public.payroll"
SHORTLIST = (
    "SELECT contractor_id, full_name, email, country FROM public.contractors "
    "WHERE team = 'quill' AND level >= 3 AND status = 'active'"
)
CONTACT = "SELECT email, phone FROM public.contractors WHERE contractor_id = $1"

COPY = (("READ", "COPY", "", ""),)  # pgaudit names no table here

# The log shipper stood still on this night; nothing else is known to have been lost.
LOG_GAP = (at("03-15 02:30"), at("03-15 07:30"))
RECRUITERS = ("u_ng_017", "u_ng_022", "u_ng_031")
AGENTS = ("u_bd_004", "u_bd_009")
REVIEWERS = ("u_hal_031", "u_hal_044")


def statements(people: list[Person], rows: list[Record]) -> Iterator[Statement]:
    """The routine of the people database; ``rows`` are the entries of the contractors table."""
    anyone = [person.id for person in people if person.erased is None and person.id not in CAST]
    paid = sum(person.status != "onboarding" for person in people)
    sample = reads("public.contractors")
    yield Statement(at("03-18 21:14:40.208"), "u_hal_dba", SAMPLE, sample, rows=4)
    for day in days():
        for hour in range(0, 24, 3):
            when, settings = on(day, f"{hour:02d}:00:07.104"), reads("public.app_settings")
            yield Statement(when, "svc_halden_app", PULSE, settings, rows=1)
        yield from _services(day, rows, paid)
        if is_weekday(day):
            yield from _people(day, anyone)


def _services(day: date, rows: list[Record], paid: int) -> Iterator[Statement]:
    def there(clock: str) -> int:
        return sum(row.was_there(on(day, clock)) for row in rows)

    yield Statement(on(day, "01:30:02.511"), "svc_northgate_mirror", "COPY public.contractors TO STDOUT", COPY)
    contractors = reads("public.contractors")
    yield Statement(on(day, "04:11:20.087"), "svc_northgate_etl", ROSTER_SQL, contractors, rows=there("04:11:20"))
    yield Statement(on(day, "12:06:31.940"), "svc_brightdesk", CARDS_SQL, contractors, rows=there("12:06:31"))
    if day.weekday() == 1:
        copied = copies("public.payouts", "public.payroll")
        yield Statement(on(day, "12:04:15.662"), "svc_northgate_etl", PAYOUTS_SQL, copied, rows=paid)
    if day.weekday() == 4:
        yield Statement(on(day, "23:31:44.370"), "svc_halden_finance", BALANCE, reads("public.payroll"), rows=paid)


def _people(day: date, anyone: list[str]) -> Iterator[Statement]:
    contractors = reads("public.contractors")
    for turn in range(9):
        what = f"recruiter {day} {turn}"
        one = (choice(f"{what} of", anyone),)
        yield Statement(_office_hour(day, what), choice(f"{what} by", RECRUITERS), BY_KEY, contractors, one, rows=1)
    for turn in range(5):
        what = f"agent {day} {turn}"
        sql = DESK.format(choice(f"{what} of", anyone))
        yield Statement(_office_hour(day, what), choice(f"{what} by", AGENTS), sql, contractors, rows=1)
    for clock in ("11:36:18.402", "16:33:09.018"):
        if day != date(2026, 3, 24) and not (day == date(2026, 3, 25) and clock < "12"):
            one = (choice(f"matching {day} {clock}", anyone),)
            yield Statement(on(day, clock), "svc_northgate_match", MATCHING, contractors, one, rows=1)
    if day.weekday() == 3:
        seen = (("READ", "SELECT", "VIEW", "public.v_active_contractors"), *contractors)
        yield Statement(on(day, "10:20:51.733"), "u_ng_022", VIEW, seen, rows=80)


def shortlisted(row: dict[str, str]) -> bool:
    """What ``SHORTLIST`` selects. Whose level is not held in the record entries has level 4 in the table."""
    return row["team"] == "quill" and (row["level"] or "4") >= "3" and row["status"] == "active"


def requests(people: list[Person], rows: list[Record]) -> Iterator[Request]:
    """The routine of the other systems; ``rows`` are the entries of the contractors table."""
    anyone = [person.id for person in people if person.erased is None and person.id not in CAST]
    checks = [record.key for record in holdings.identity_check_records(people) if record.subject not in CAST]
    for day in days():
        yield Request("idcheck", on(day, "06:00:00.310"), "svc_halden_app", "list", d.IDENTITY_CHECKS, rows=len(checks))
        yield Request("object-store", on(day, "06:05:00.120"), "svc_halden_app", "list", d.RECORDINGS)
        run = regular_run(CONTACT_CARDS, day, "12:05")
        yield Request(
            "people-api", run.start + timedelta(seconds=95), "svc_brightdesk", "read", d.CONTRACTORS,
            sql=CONTACT, parameters=(choice(f"contact {day}", anyone),), rows=1, run=run.id,
        )  # fmt: skip
        if is_weekday(day):
            yield from _weekday(day, checks, rows)


def _weekday(day: date, checks: list[str], rows: list[Record]) -> Iterator[Request]:
    for turn in range(4):
        what = f"review {day} {turn}"
        key = (choice(f"{what} of", checks),)
        yield Request("idcheck", _office_hour(day, what), choice(what, REVIEWERS), "read", d.IDENTITY_CHECKS, key)
        what = f"watch {day} {turn}"
        key = (holdings.interview_key(number(f"{what} of", holdings.INTERVIEWS)),)
        yield Request("object-store", _office_hour(day, what), choice(what, REVIEWERS), "read", d.RECORDINGS, key)
    labels = regular_run(LABELS, day, "12:20")
    for turn in range(2):
        key = (holdings.batch_key(number(f"labels {day} {turn}", holdings.BATCHES)),)
        yield Request(
            "object-store", labels.start + timedelta(minutes=3 + turn), TAGWORKS_KEY, "read",
            d.ANNOTATIONS, key, run=labels.id,
        )  # fmt: skip
    for clock in ("11:30", "16:30"):
        run = regular_run(SCORE, day, clock)
        when = run.start + timedelta(seconds=241)
        yield Request(
            "people-api", when, "svc_northgate_match", "read", d.CONTRACTORS,
            sql=SHORTLIST, rows=len(selected(rows, when, shortlisted)), run=run.id, seconds=0.2,
        )  # fmt: skip


def _office_hour(day: date, what: str) -> datetime:
    minutes, millis = number(f"{what} minute", 8 * 60), number(f"{what} ms", 60_000)
    return on(day, "08:30") + timedelta(minutes=minutes, milliseconds=millis)
