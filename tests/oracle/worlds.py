"""Makes up small, strange worlds on a coarse grid of times, so that ties happen."""

from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from tests.oracle.grid import FIELDS, NOON, TICK, TICKS, VIEWS, Size, maybe, table, tick
from tests.oracle.model import (
    OPERATIONS,
    Advisory,
    Affected,
    Dataset,
    Entry,
    Environment,
    Job,
    Principal,
    Snapshot,
    Source,
    Value,
    Vendor,
    World,
)
from tests.oracle.observed import observed

VENDORS = (
    Vendor("northgate"),
    Vendor("tagworks", "northgate"),
    Vendor("underdesk", "tagworks"),
    Vendor("brightdesk"),
)


def validity(random: Random) -> tuple[int | None, int | None]:
    start, end = sorted(random.sample(range(TICKS + 1), 2))
    return (
        NOON + TICK * start if maybe(random, 0.5) else None,
        NOON + TICK * end if maybe(random, 0.5) else None,
    )


def principals(random: Random) -> tuple[Principal, ...]:
    found = []
    vendors = [None, *(vendor.id for vendor in VENDORS)]
    for number in range(4):
        rotated = tuple(tick(random) for _ in range(random.choice((0, 0, 1, 2))))
        aliases = (f"arn:aws:iam::111122223333:user/svc-{number}",) if number == 1 else ()
        one = Principal(f"svc_{number}", random.choice(vendors), *validity(random), rotated, aliases)
        if maybe(random, 0.3):
            middle = tick(random)
            second = random.choice((middle, middle + TICK))
            found.append(replace(one, valid_from=None, valid_to=middle))
            one = replace(one, vendor=random.choice(vendors), valid_from=second, valid_to=None, aliases=())
        found.append(one)
    return tuple(found)


def jobs(random: Random, size: Size) -> tuple[Job, ...]:
    """The last one matches every job that no other names."""
    return tuple(
        Job(
            "airflow",
            "odd_*" if number == size.jobs else f"job{number}",
            random.choice((None, "northgate", "underdesk", "brightdesk")),
            random.choice((None, "svc_0", "svc_1", "svc_2", "svc_3")),
            random.choice((None, "env_a", "env_b")),
            random.choice((24 * 6, 1, 3)) * TICK,
        )
        for number in range(size.jobs + 1)
    )


def datasets(random: Random, size: Size) -> tuple[Dataset, ...]:
    modes = ("append", "overwrite", "unknown", "unknown")
    found = [
        Dataset(
            *table(number), ("record_id",), random.choice(modes), maybe(random, 0.3) or size.tables == 3,
            FIELDS[: random.randint(1, 3)],
            observed_by=random.choice((("own-access",), ("pipelines",), ("own-access", "pipelines"), ())),
        )
        for number in range(size.datasets)
    ]  # fmt: skip
    if size.views:
        bases = random.sample(range(size.datasets), random.randint(1, 2))
        found.append(Dataset(*VIEWS[0], view_of=tuple(table(number)[1] for number in sorted(bases))))
        found.append(Dataset(*VIEWS[1], view_of=(VIEWS[0][1],)))
    return tuple(found)


def entries(random: Random, size: Size) -> tuple[Entry, ...]:
    found = []
    whole = size.tables > 1
    for index in range(size.entries):
        number = index if size.tables == 3 and index < size.datasets else random.randrange(size.datasets)
        subject = f"C-000{random.randrange(size.people)}" if maybe(random, 0.93) else ""
        key = f"ds{number}-{random.randrange(4)}"
        held: list[tuple[str, Value]] = [("record_id", key)]
        if whole or maybe(random, 0.8):
            held.append(("country", random.choice(("KE", "DE", "PH"))))
        if whole or maybe(random, 0.7):
            held.append(("level", random.choice((1.0, 2.0, 3.0, None))))
        if whole or maybe(random, 0.6):
            held.append(("ref", f"ds{random.randrange(size.datasets)}-{random.randrange(4)}"))
        if maybe(random, 0.2):
            held.remove(("record_id", key))
        start, end = sorted(random.sample(range(-2, TICKS + 2), 2))
        one = Entry(
            table(number), key, subject, NOON + TICK * start,
            NOON + TICK * end if maybe(random, 0.6) else None, tuple(held),
        )  # fmt: skip
        found.append(one)
        if size.lost and maybe(random, 0.2):
            later = None if one.valid_to is None else one.valid_to + TICK
            found.append(replace(one, valid_to=random.choice((later, one.valid_to))))
            if "level" in dict(held) and not whole and maybe(random, 0.5):
                told = dict(held) | {"level": random.choice((1.0, 3.0))}
                found[-1] = replace(found[-1], attributes=tuple(told.items()))
            elif not whole and maybe(random, 0.3):
                found[-1] = replace(found[-1], attributes=tuple(held[:1]))
        if maybe(random, 0.2):
            found.append(replace(one, subject=f"C-000{random.randrange(size.people)}"))
    return tuple(dict.fromkeys(found))


def snapshots(random: Random) -> tuple[Snapshot, ...]:
    found = {}
    for _ in range(random.randint(1, 6)):
        version = random.choice((None, "1.82.6", "1.82.7", "1.82.8", "1.82.7", "1.82.10"))
        purls = ("pkg:pypi/requests@2.34.2", *((f"pkg:pypi/litellm@{version}",) if version else ()))
        one = Snapshot(random.choice(("env_a", "env_b")), tick(random), purls)
        found[one.environment, one.taken_at] = one
    return tuple(found.values())


def advisories(random: Random) -> tuple[Advisory, ...]:
    """Some about the package that snapshots hold, by versions or by ranges, and what matters to nobody."""
    bounds = ["0", "1.82.6", "1.82.7", "1.82.8", "1.82.9", "1.82.10", "1.83.0"]
    found = []
    for number in range(random.choice((0, 1, 2))):
        first, last, second = sorted(random.sample(range(len(bounds)), 3))
        span = (("introduced", bounds[first]), (random.choice(("fixed", "last_affected")), bounds[last]))
        open_end = (("introduced", bounds[second]),) if maybe(random, 0.3) else ()
        ranges = random.choice(((span + open_end,), (span,), (span, open_end) if open_end else (span,), ()))
        listed = tuple(random.sample(bounds[1:], random.choice((0, 0, 1, 2) if ranges else (1, 2))))
        told = [Affected("pkg:pypi/litellm", listed, ranges), Affected("pkg:pypi/requests", ("2.0.0",))]
        found.append(Advisory(f"GHSA-{number}", tuple(random.sample(told, 2))))
    return tuple(found)


def sources(random: Random) -> tuple[Source, ...]:
    """What tells of accesses and of runs; not every one tells of reads, or may be silent for a while only."""
    return tuple(
        Source(
            name, collector, random.choice((None, 2 * TICK, 6 * TICK, 6 * TICK, 40 * TICK)),
            random.choice((OPERATIONS, OPERATIONS, ("create", "update", "delete"))),
        )
        for name, collector in (("own-access", "access"), ("pipelines", "openlineage"))
    )  # fmt: skip


def make_world(random: Random, size: Size = Size()) -> World:  # noqa: B008 - a constant
    """One world; equal random numbers give equal worlds."""
    size = replace(size, tables=size.tables or random.choice((1, 2, 2, 3)))
    catalog = World(
        VENDORS, principals(random), jobs(random, size),
        (Environment("env_a", ("svc_3",) if maybe(random, 0.5) else ()), Environment("env_b")),
        datasets(random, size), sources=sources(random), entries=entries(random, size),
        snapshots=snapshots(random), advisories=advisories(random),
        jurisdictions=tuple((f"C-000{n}", random.choice(("KE", "DE"))) for n in range(size.people)),
    )  # fmt: skip
    return observed(random, size, catalog)


@st.composite
def worlds(draw: st.DrawFn, size: Size = Size()) -> World:  # noqa: B008 - a constant
    """Worlds by number: quick to make, and what fails is found again; `minimal.py` makes it small."""
    return make_world(Random(draw(st.integers(0, 2**64 - 1))), size)
