"""The contractors of the story and what is kept of each: no names, no addresses, only opaque ids.

People with a part of their own in the story (``CAST``) get plain attributes and records nowhere but in
payroll and the people database, unless their part says otherwise: so each of them tests one thing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sample_data.story import datasets as d
from sample_data.story.draw import at, choice, number

HEADCOUNT = 412
COUNTRIES = ["KE"] * 28 + ["PH"] * 25 + ["US"] * 15 + ["BR"] * 12 + ["DE"] * 8 + ["CO"] * 7 + ["GB"] * 5
CURRENCIES = {"KE": "KES", "PH": "PHP", "US": "USD", "BR": "BRL", "DE": "EUR", "CO": "COP", "GB": "GBP"}
TEAMS = ["atlas"] * 25 + ["lumen"] * 25 + ["harbor"] * 22 + ["quill"] * 15 + ["sable"] * 13
LEVELS = ["1"] * 30 + ["2"] * 30 + ["3"] * 22 + ["4"] * 12 + ["5"] * 6
NULL = r"\N"
NOT_HELD = ""


@dataclass(frozen=True)
class Person:
    """A contractor; ``monthly_amount`` is in the payroll table, but in no record entry."""

    id: str
    country: str
    team: str
    level: str
    status: str
    joined: datetime
    erased: datetime | None
    pay_grade: str
    monthly_amount: int


@dataclass(frozen=True)
class Record:
    """One record of a dataset, whose it is, and while it was there."""

    dataset: d.Dataset
    key: str
    subject: str
    valid_from: datetime
    valid_to: datetime | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    def was_there(self, instant: datetime) -> bool:
        """Whether it was there at that instant."""
        return self.valid_from <= instant and (self.valid_to is None or instant < self.valid_to)


PLAIN = {"country": "CO", "team": "sable", "level": "2", "status": "active", "pay_grade": "G3"}
CAST: dict[str, dict[str, str]] = {
    "C-0046": {}, "C-0066": {"country": "DE"}, "C-0078": {}, "C-0094": {"team": "harbor", "level": "5"},
    "C-0111": {"team": "quill", "level": "5"}, "C-0129": {"team": "quill", "level": "4"},
    "C-0130": {"level": "5"}, "C-0142": {}, "C-0155": {"country": "KE", "level": "4"}, "C-0173": {},
    "C-0174": {}, "C-0188": {}, "C-0199": {}, "C-0206": {}, "C-0217": {}, "C-0218": {}, "C-0237": {},
    "C-0260": {}, "C-0263": {"country": "BR"}, "C-0290": {"country": "GB", "team": "atlas"},
    "C-0301": {}, "C-0302": {}, "C-0311": {"team": "quill", "level": NOT_HELD}, "C-0321": {},
    "C-0331": {}, "C-0349": {}, "C-0358": {}, "C-0375": {}, "C-0385": {}, "C-0386": {}, "C-0400": {},
    "C-0412": {"team": "quill", "level": "5"},
}  # fmt: skip
JOINED_LATE = {"C-0412": at("03-26 09:00")}
ERASED = {"C-0111": at("03-20 17:30")}
MOVED = {"C-0129": ("lumen", at("03-26 10:00")), "C-0130": ("quill", at("03-26 10:00"))}


def everyone() -> list[Person]:
    """All contractors, in the order of their ids."""
    return [_person(f"C-{n:04d}") for n in range(1, HEADCOUNT + 1)]


def _person(id: str) -> Person:
    drawn = {
        "country": choice(f"{id} country", COUNTRIES),
        "team": choice(f"{id} team", TEAMS),
        "level": choice(f"{id} level", LEVELS),
        "status": choice(f"{id} status", ["active"] * 8 + ["onboarding", "ended"]),
        "pay_grade": f"G{1 + number(f'{id} grade', 8)}",
    }
    told = PLAIN | CAST[id] if id in CAST else drawn
    joined = JOINED_LATE.get(id, at("03-01 09:00") - timedelta(days=1 + number(f"{id} joined", 600)))
    leaves = told["status"] == "ended" and number(f"{id} erased", 2) == 0
    erased = at("03-04 18:00") + timedelta(days=number(f"{id} left", 12)) if leaves else None
    team = NULL if told["status"] == "onboarding" else told["team"]
    amount = 700 + 450 * int(told["pay_grade"][1]) + number(f"{id} amount", 400)
    return Person(
        id, told["country"], team, told["level"], told["status"], joined, ERASED.get(id, erased),
        told["pay_grade"], amount,
    )  # fmt: skip


def contractor_records(people: list[Person]) -> list[Record]:
    """The rows of the people database, one for each state that a row was in."""
    return [record for person in people for record in _contractor_rows(person)]


def _contractor_rows(person: Person) -> list[Record]:
    def row(start: datetime, end: datetime | None, team: str, level: str) -> Record:
        told = {"contractor_id": person.id, "country": person.country, "team": team, "level": level}
        return Record(d.CONTRACTORS, person.id, person.id, start, end, told | {"status": person.status})

    if person.id in MOVED:
        team, moved = MOVED[person.id]
        return [
            row(person.joined, moved, person.team, person.level),
            row(moved, None, team, person.level),
        ]
    promoted = person.id not in CAST and person.erased is None and number(f"{person.id} promoted", 12) == 0
    if promoted and person.level < "5":
        day = at("03-09 10:00") + timedelta(days=number(f"{person.id} promotion", 14))
        next_level = str(int(person.level) + 1)
        return [
            row(person.joined, day, person.team, person.level),
            row(day, None, person.team, next_level),
        ]
    return [row(person.joined, person.erased, person.team, person.level)]


def selected(rows: list[Record], when: datetime, test: Callable[[dict[str, str]], bool]) -> list[str]:
    """Whose rows were there at that instant and pass the test."""
    return sorted({row.subject for row in rows if row.was_there(when) and test(row.attributes)})
