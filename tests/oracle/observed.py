"""Makes up what the logs of a small world say: runs, dataset events and access events."""

from dataclasses import dataclass, replace
from random import Random

from tests.oracle.grid import (
    FIELDS,
    LOOSE,
    MIRROR,
    NOON,
    STORE,
    TICK,
    VIEWS,
    Size,
    maybe,
    mirrored,
    run_name,
    table,
    tick,
)  # fmt: skip
from tests.oracle.model import Access, ColumnEdge, DatasetEvent, Name, Port, RunEvent, World
from tests.oracle.statements import changing, copying, reading

LIFECYCLES = (None, None, None, "OVERWRITE", "OVERWRITE", "CREATE", "TRUNCATE", "DROP", "ALTER", "RENAME")
WIDTHS = (0, 0, 999, 999_999)
"""How long an access of a log that keeps microseconds, milliseconds or seconds may have taken, in µs."""


@dataclass(frozen=True)
class Outline:
    """A run before its events are told: `start` or `end` is None where no event tells it."""

    id: str
    job: Name
    start: int | None
    end: int | None

    def moment(self, random: Random) -> int:
        """Some instant of the run on the grid of half ticks; an open run is watched for three ticks."""
        known = [at for at in (self.start, self.end) if at is not None] or [NOON]
        first, last = min(known), max(known) if self.end is not None else max(known) + 3 * TICK
        return first + TICK // 2 * random.randint(0, (last - first) * 2 // TICK)


def outlines(random: Random, size: Size) -> list[Outline]:
    found = []
    for number in range(random.randint(2, size.runs)):
        job = ("airflow", random.choice((*(f"job{n}" for n in range(size.jobs)), "odd_1", "stray")))
        start = tick(random)
        end = start + TICK * random.choice((0, 0, 1, 1, 2, 5))
        if size.lost and maybe(random, 0.08):
            start, end = end, start
        told = Outline(run_name(number), job, start, end if maybe(random, 0.85) else None)
        if size.lost and maybe(random, 0.12):
            told = replace(told, start=None)
        found.append(told)
    return found


def names(random: Random, size: Size, reading: bool) -> tuple[Name, ...]:
    known = [table(number) for number in range(size.datasets)]
    known += [LOOSE] if maybe(random, 0.2) else []
    known += [mirrored(1), (MIRROR, "a/loose")] if size.symlinks and maybe(random, 0.3) else []
    known += VIEWS if size.views and reading and maybe(random, 0.3) else []
    return tuple(random.sample(known, random.choice((0, 1, 1, 2))))


def cased(random: Random, field: str) -> str:
    """The name of a field in a case that its catalog does not write it in, sometimes."""
    return random.choice((field, field, field.upper(), field.title()))


def output(random: Random, size: Size, name: Name, inputs: tuple[Name, ...], plain: bool) -> Port:
    """An output with facets; `plain`: an access event names its run, so that facets do not tell all."""
    port = Port(name, random.choice(LIFECYCLES), partial=maybe(random, 0.08))
    if port.lifecycle == "RENAME":
        port = replace(port, previous=table(random.randrange(size.datasets)))
    if size.columns and not plain and maybe(random, 0.4):
        edges = [
            ColumnEdge(field, source, cased(random, random.choice(FIELDS)[0]), maybe(random, 0.4))
            for source in inputs
            for field in random.sample([field for field, _ in FIELDS], random.randint(1, 3))
        ]
        port = replace(port, columns=tuple(sorted(edges, key=repr)))
    if size.sources and not plain and maybe(random, 0.2):
        known = (*inputs, table(random.randrange(size.datasets))) if maybe(random, 0.3) else inputs
        port = replace(port, sources=tuple(dict.fromkeys(random.sample(known, random.randint(0, len(known))))))
    return port


def linked(random: Random, size: Size, port: Port) -> Port:
    """The port, sometimes with the other name that its dataset is known by."""
    twins = {mirrored(1): table(1), LOOSE: (MIRROR, "a/loose")}
    if not (size.symlinks and port.dataset in twins and maybe(random, 0.7)):
        return port
    return replace(port, symlinks=(twins[port.dataset],))


def kinds(random: Random, run: Outline) -> list[tuple[int, str | None]]:
    """When which events of a run were sent; a run is never without any."""
    told: list[tuple[int, str | None]] = [(run.start, "START")] if run.start is not None else []
    if run.end is not None:
        told.append((run.end, random.choice(("COMPLETE", "COMPLETE", "COMPLETE", "FAIL", "ABORT"))))
        if maybe(random, 0.1):
            later = random.choice((0, TICK))
            told.append((run.end + later, random.choice(("COMPLETE", "FAIL", "ABORT"))))
    if not told or maybe(random, 0.3):
        at = run.moment(random) if told else NOON
        told.append((at, random.choice(("RUNNING", "OTHER", None))))
    return told


def run_events(random: Random, size: Size, runs: list[Outline], plain: set[str | None]) -> list[RunEvent]:
    found: list[RunEvent] = []
    for run in runs:
        inputs, outputs = names(random, size, True), names(random, size, False)
        sql = None
        tables = [name for name in outputs if name[0] == STORE]
        if tables and maybe(random, 0.2):
            sql = f"INSERT INTO public.{tables[0][1].rsplit('.', 1)[1]} VALUES (1)"
        parent = root = None
        if maybe(random, 0.25):
            above = random.choice(runs)
            parent = (above.id, above.job) if above != run else (run_name(99), ("airflow", "job0"))
            root = (random.choice(runs).id, ("airflow", "dag")) if maybe(random, 0.3) else None
        told = [
            RunEvent(at, kind, run.id, run.job, parent=parent, root=root, sql=sql) for at, kind in kinds(random, run)
        ]
        for name in inputs:
            port = linked(random, size, Port(name))
            for index in random.sample(range(len(told)), random.randint(1, len(told))):
                told[index] = replace(told[index], inputs=(*told[index].inputs, port))
        for name in outputs:
            port = linked(random, size, output(random, size, name, inputs, run.id in plain))
            for index in random.sample(range(len(told)), random.randint(1, len(told))):
                told[index] = replace(told[index], outputs=(*told[index].outputs, port))
                port = Port(name)
        found += told
    return found


def dataset_events(random: Random, size: Size) -> list[DatasetEvent]:
    found = []
    for _ in range(random.choice((0, 0, 1, 2))):
        change = random.choice(("TRUNCATE", "DROP", "OVERWRITE", "RENAME", "ALTER"))
        one, other = random.sample(range(size.datasets), 2)
        previous = table(other) if change == "RENAME" else None
        found.append(DatasetEvent(tick(random), Port(table(one), change, previous)))
    return found


def access(random: Random, size: Size, number: int, runs: list[Outline]) -> Access:
    run = random.choice(runs) if maybe(random, 0.35) else None
    start = run.moment(random) if run and not (size.astray and maybe(random, 0.1)) else tick(random)
    width = random.choice(WIDTHS)
    end = start + width
    if not width and maybe(random, 0.1):
        end = start + TICK // 2
    if run and not size.astray and run.start is not None and run.end is not None:
        end = min(end, max(run.start, run.end))
    if run and not size.astray and run.start is None and run.end is not None:
        start, end = min(start, run.end), min(end, run.end)
    operations = ["read", "read", "read", "export", "update", "delete", "create", "list", "grant", "login"]
    outcomes = ["success"] * 5 + ["denied", "error"]
    if size.lost:
        operations, outcomes = [*operations, "unknown"], [*outcomes, "unknown", "unknown"]
    operation = random.choice(operations)
    numbers = random.sample(range(size.datasets), 3)
    chosen = numbers[0]
    told = Access(
        f"a{number}", start, end, random.choice(("svc_0", "svc_1", "svc_2", "svc_3", "stranger")), operation,
        random.choice(outcomes), table(chosen), run=run.id if run else None,
    )  # fmt: skip
    if told.principal == "svc_1" and maybe(random, 0.5):
        told = replace(told, principal="arn:aws:iam::111122223333:user/svc-1")
    reads = operation in ("read", "export")
    if size.views and operation == "update" and maybe(random, 0.1):
        return replace(told, dataset=random.choice(VIEWS))
    if size.views and reads and maybe(random, 0.15):
        view = random.choice(VIEWS)
        statement = reading(random, view[1].rsplit(".", 1)[1], numbers, size.tables)
        return replace(told, dataset=view, statement=random.choice((statement, None)))
    if size.symlinks and maybe(random, 0.1):
        return replace(told, dataset=random.choice((mirrored(1), LOOSE)))
    scope = random.choice(("keys", "statement", "statement", "unknown"))
    if scope == "keys":
        rows = random.sample(range(5), random.randint(1, 3))
        told = replace(told, keys=tuple(f"ds{chosen}-{row}" for row in rows))
    if scope == "statement" and (reads or operation in ("create", "update", "delete")):
        name = told.dataset[1].rsplit(".", 1)[1]
        if operation == "create":
            return replace(told, statement=copying(random, name, numbers, size.tables))
        if reads:
            return replace(told, statement=reading(random, name, numbers, size.tables))
        return replace(told, statement=changing(random, name, numbers, operation, size.tables))
    if reads and maybe(random, 0.4):
        fields = random.sample([cased(random, name) for name, _ in FIELDS], random.randint(0, 2))
        told = replace(told, fields=tuple(fields))
    return told


def observed(random: Random, size: Size, catalog: World) -> World:
    """The catalog with what the logs say beside it."""
    runs = outlines(random, size)
    seen = [access(random, size, number, runs) for number in range(random.randint(1, size.accesses))]
    events = run_events(random, size, runs, {one.run for one in seen})
    changes = dataset_events(random, size) if size.dataset_events else []
    return replace(catalog, run_events=tuple(events), dataset_events=tuple(changes), accesses=tuple(seen))
