"""What made-up worlds have in common: a coarse grid of times, names, and how much there is of everything."""

from dataclasses import dataclass
from random import Random

from tests.oracle.model import Name, instant

NOON = instant("2026-03-24T12:00:00Z")
TICK = 600_000_000
"""Ten minutes, as max_duration is told in minutes."""
TICKS = 12

STORE = "postgres://people-db:5432"
MIRROR = "s3://mirror"
LOOSE = (MIRROR, "bucket/loose")
"""A dataset that the catalog does not know."""

VIEWS = ((STORE, "people.public.v0"), (STORE, "people.public.v1"))
FIELDS = (("full_name", ("Name",)), ("iban", ("BankAccount", "FinancialAccountNumber")), ("country", ()))


@dataclass(frozen=True)
class Size:
    """How much there is of everything, and which strange things there may be."""

    datasets: int = 4
    jobs: int = 4
    runs: int = 7
    accesses: int = 7
    entries: int = 9
    people: int = 5
    tables: int = 0
    """How many tables a statement may join: entries hold every column then, from three on also every row; 0: any."""
    symlinks: bool = True
    views: bool = True
    columns: bool = True
    sources: bool = True
    dataset_events: bool = True
    astray: bool = True
    """Access events outside the time of the run that they name."""
    lost: bool = True
    """Runs without START or with swapped times, unknown outcomes and operations, entries told twice."""


def tick(random: Random) -> int:
    return NOON + TICK * random.randint(0, TICKS)


def maybe(random: Random, chance: float) -> bool:
    return random.random() < chance


def table(number: int) -> Name:
    return (STORE, f"people.public.ds{number}")


def mirrored(number: int) -> Name:
    """The name under which a copy or a link of a table is known elsewhere."""
    return (MIRROR, f"bucket/ds{number}")


def run_name(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"
