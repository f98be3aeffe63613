"""What a run reads and writes through accesses of its own (semantics.md, section 3), each on the least world."""

from collections.abc import Iterable
from pathlib import Path

from tests.asking import ask, store_of
from tests.oracle.model import Access, Dataset, Name, Port, RunEvent, World, instant

NOON = instant("2026-03-24T12:00:00Z")
STORE = "postgres://people-db:5432"
BAD, FAILED, OTHER, READER, CLEAN = (f"00000000-0000-4000-8000-{number:012d}" for number in range(5))


def named(name: str) -> Name:
    return (STORE, f"people.public.{name}")


def ports(names: str) -> tuple[Port, ...]:
    return tuple(Port(named(name)) for name in names.split())


def run(
    ident: str, start: int, end: int | None, reads: str = "", *outputs: Port, kind: str = "COMPLETE"
) -> tuple[RunEvent, ...]:
    """Over so many microseconds after noon; one without an end is not done."""
    begun = RunEvent(NOON + start, "START", ident, ("airflow", ident), ports(reads), outputs)
    return (begun,) if end is None else (begun, RunEvent(NOON + end, kind, ident, begun.job))


def access(ident: str, at: int, operation: str, dataset: str, until: int | None = None) -> Access:
    """Of the run, so many microseconds after noon."""
    end = at if until is None else until
    return Access(
        f"{ident}-{at}-{dataset}", NOON + at, NOON + end, "svc", operation, "success", named(dataset), run=ident
    )


def contaminated(folder: Path, events: Iterable[tuple[RunEvent, ...]], *accesses: Access, seeds: str) -> dict[str, str]:
    """Datasets and runs, and how surely."""
    world = World(
        datasets=(Dataset(STORE, "*", write_mode="append"),),
        run_events=tuple(event for run in events for event in run),
        accesses=accesses,
    )
    said = ask(store_of(world, folder), "blast-radius", seeds.split())
    rows = [(one["name"].rpartition(".")[2], one["contaminated"]) for one in said["datasets"]]
    rows += [(one["run_id"], one["contaminated"]) for one in said["runs"]]
    return {name: state for name, state in rows if state}


def test_behind_its_own_write_a_run_sees_what_no_overwrite_hid(tmp_path: Path) -> None:
    """Its own write is there longest, and never contaminates it; what ended before does, unless it was replaced."""
    for begins, state in ((2, None), (1, "possible")):
        found = contaminated(
            tmp_path / f"{begins}",
            [
                run(BAD, 0, 1, "", Port(named("middle"))),
                run(CLEAN, begins, 3, "", Port(named("middle"), "OVERWRITE")),
                run(READER, 0, 9),
            ],
            access(READER, 0, "create", "middle", until=5),
            access(READER, 6, "read", "middle"),
            seeds=f"--run {BAD} --run {READER}",
        )
        assert found.get(READER) == state


def test_beside_its_own_write_a_run_must_have_seen_what_another_wrote(tmp_path: Path) -> None:
    found = contaminated(
        tmp_path,
        [run(READER, 0, 9), run(BAD, 2, 3, "", Port(named("middle")))],
        access(READER, 1, "create", "middle"),
        access(READER, 5, "read", "middle"),
        seeds=f"--run {BAD} --run {READER}",
    )
    assert found[READER] == "certain"


def test_a_run_that_surely_read_late_may_surely_have_read_sooner_by_a_longer_way(tmp_path: Path) -> None:
    """What it read by an access counts for what it wrote afterwards, what was its input for all of its outputs."""
    bad = run(BAD, 0, 1, "", *ports("near far"))
    other = run(OTHER, 2, 3, "far", *ports("further"))
    by_access = contaminated(
        tmp_path / "access",
        [bad, other, run(READER, 0, 9)],
        access(READER, 5, "read", "further"),
        access(READER, 6, "create", "end"),
        access(READER, 7, "read", "near"),
        seeds=f"--run {BAD}",
    )
    assert by_access["end"] == "certain"
    by_input = contaminated(
        tmp_path / "input",
        [bad, other, run(READER, 4, 9, "further", *ports("end"))],
        access(READER, 7, "read", "near"),
        seeds=f"--run {BAD}",
    )
    assert by_input["end"] == "certain"


def test_a_stated_output_surely_holds_what_is_stated_alone(tmp_path: Path) -> None:
    """Beside that what an access of the run read before the output was begun, where the run was done."""
    stated = (named("unsure"),)
    found = contaminated(
        tmp_path,
        [
            run(BAD, 0, 1, "", *ports("sure")),
            run(FAILED, 0, 1, "", *ports("unsure"), kind="FAIL"),
            run(READER, 4, 5, "sure unsure", Port(named("of-one"), sources=stated)),
            *(
                run(f"{number:08d}-0000-4000-8000-000000000000", 4, end, "unsure", Port(named(name), sources=stated))
                for number, (name, end) in enumerate((("before", 5), ("while", 5), ("unfinished", None)))
            ),
        ],
        *(
            access(f"{number:08d}-0000-4000-8000-000000000000", at, "read", "sure")
            for number, at in enumerate((3, 4, 3))
        ),
        seeds=f"--run {BAD} --run {FAILED}",
    )
    assert found[READER] == "certain"
    assert [found[name] for name in ("of-one", "before", "while", "unfinished")] == [
        *("possible", "certain", "possible", "possible")
    ]


def test_what_a_run_wrote_before_it_began_makes_nothing_of_it_certain(tmp_path: Path) -> None:
    found = contaminated(
        tmp_path,
        [
            run(FAILED, 0, 1, "", *ports("unsure"), kind="FAIL"),
            run(READER, 4, 6, "middle unsure", Port(named("middle"), "OVERWRITE"), Port(named("end"))),
        ],
        access(READER, 2, "create", "middle"),
        seeds=f"--run {FAILED} --dataset {STORE}/people.public.middle",
    )
    assert found["end"] == "possible"


def test_what_a_run_replaced_hides_nothing_from_its_own_access(tmp_path: Path) -> None:
    """What others replaced does, where it was done before."""
    own = run(READER, 1, 2, "", Port(named("middle"), "OVERWRITE"))
    for until, state in ((None, "possible"), (0, None), (3, "possible")):
        others = [] if until is None else [run(OTHER, -1, until, "", Port(named("middle"), "OVERWRITE"))]
        found = contaminated(
            tmp_path / f"{until}",
            [run(BAD, -3, -2, "", *ports("middle")), *others, own],
            access(READER, 3, "read", "middle"),
            seeds=f"--run {BAD}",
        )
        assert found.get(READER) == state, until


def test_what_is_stated_of_an_output_is_not_stated_of_an_access(tmp_path: Path) -> None:
    events = [
        run(BAD, 0, 1, "", *ports("bad")),
        run(READER, 4, 5, "bad good", Port(named("end"), sources=(named("good"),))),
    ]
    assert "end" not in contaminated(tmp_path / "stated", events, seeds=f"--run {BAD}")
    written = access(READER, 5, "create", "end")
    assert contaminated(tmp_path / "written", events, written, seeds=f"--run {BAD}")["end"] == "possible"
