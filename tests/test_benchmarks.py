"""The benchmark at its smallest: the product, the floors and the peers find the same."""

from pathlib import Path

import pytest

from benchmarks import ingest, peers, reach, touched, whole
from benchmarks.__main__ import BEGIN, END, put
from benchmarks.history import FULL
from benchmarks.table import Line, Need, markdown
from benchmarks.world import World

TINY = 1 / 20_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("bench"), FULL.part(TINY), rounds=1)


def test_reach_is_that_of_the_floor(world: World) -> None:
    lines = reach.measure(world)
    assert [line.work for line in lines] == ["blast radius, small", "blast radius, medium", "blast radius, huge"]
    assert all(line.memory is not None and line.memory < reach.MEMORY for line in lines)


def test_who_touched_is_that_of_the_floor(world: World) -> None:
    assert all(line.ours is not None for line in touched.measure(world))


def test_what_is_written_out_is_what_the_floor_has(world: World) -> None:
    cold, *written = whole.measure(world)
    assert cold.ours is not None
    assert [line.work for line in written] == ["writing the answer out, medium", "writing the answer out, huge"]
    assert all(line.memory is not None and line.memory < whole.MEMORY for line in written)


def test_peers_reach_the_same(world: World) -> None:
    (line,) = peers.measure(world)
    assert {"networkx", "PostgreSQL"} <= set(line.peers)


def test_every_line_is_stored_once_and_known_the_second_time(world: World) -> None:
    lines = ingest.measure(world)
    assert all(line.memory < ingest.MEMORY for line in lines if line.memory is not None)


def test_a_difference_is_an_error() -> None:
    reach.check("work", {"runs": "2:ab", "people": "3:cd"}, {"runs": "2:ab"})
    with pytest.raises(AssertionError, match="people"):
        reach.check("work", {"runs": "2:ab", "people": "3:cd"}, {"runs": "2:ab", "people": "3:ce"})


def test_same_seed_same_history(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        again = World(tmp_path / name, FULL.part(1e-6))
        texts.append([file.read_bytes() for file in sorted(again.files("openlineage").iterdir())])
        again.close()
    assert texts[0] == texts[1]
    assert texts[0][0].count(b"\n") > 100


def test_the_table_marks_what_falls_short_and_puts_it_first() -> None:
    lines = [
        Line("good", 1.0, 0.5, (Need(2, 3, "x"),)),
        Line("bad", 0.2, 0.1, (Need(0.1, 0.3, "x", at_least=True),)),
    ]
    rows = markdown(lines, [{"good": Line("good", 0.1, None, ())}], "").splitlines()[4:]
    assert rows[0].startswith("| bad | 200 ms | 100 ms |  | **0.1 x** | ≥ 0.3 x |")
    assert rows[1].endswith("| 2 x | ≤ 3 x | - | 10.0 x |")


def test_the_table_goes_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before {BEGIN} old {END} after")
    put(page, "new\n")
    assert page.read_text() == f"before {BEGIN}\nnew\n{END} after"
    page.write_text("nothing")
    with pytest.raises(SystemExit, match="has no"):
        put(page, "new\n")
