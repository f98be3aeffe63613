"""What takes over a second says how far it is: how much, how fast, and how long it will take."""

import fcntl
import io
import os
import pty
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from lineage.cli import main, progress
from lineage.cli.progress import Progress
from lineage.ingest import ingest
from lineage.store import open_store
from lineage.touches import UP_TO_DATE
from tests.cli.running import WORLD, run


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


def told(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> io.StringIO:
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def at_once(monkeypatch: pytest.MonkeyPatch, again: float = 0.0) -> None:
    """Nothing is too short to be told of; ``again``: seconds between two words."""
    monkeypatch.setattr(progress, "SOON", 0.0)
    monkeypatch.setattr(progress, "OFTEN", again)


def test_a_terminal_sees_a_bar_the_rate_and_the_time_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, Terminal())
    shown = Progress(quiet=False)
    clock.now += 0.9
    shown.tick("a.ndjson", 10, 100, 1_000)
    assert said.getvalue() == ""  # what takes less than a second is told by its end
    clock.now += 29.1
    shown.tick("a.ndjson", 25, 100, 60_000)
    bar = "█████░░░░░░░░░░░░░░░ 25 %"
    assert said.getvalue() == f"a.ndjson: {bar}, 60,000 lines, 2,000 a second, 1:30 left\x1b[K\r"
    shown.tick("a.ndjson", 26, 100, 61_000)  # too soon to be told again
    assert said.getvalue().count("\r") == 1
    clock.now += 7_170
    shown.tick("b\x1b[2J" + "b" * 200, 50, 100, 60_000)
    assert said.getvalue().split("\r")[1] == "b\\x1b[2J" + "b" * 71 + "\x1b[K"  # never more than a line, or than text
    clock.now += 7_200
    shown.tick("b", 80, 100, 60_000)
    assert said.getvalue().split("\r")[2].endswith(", 4 a second, 1:00:00 left\x1b[K")
    shown.say("done")
    assert said.getvalue().endswith("\r\x1b[Kdone\n")


def test_a_line_is_as_wide_as_the_terminal_that_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the answer goes; a character of Chinese takes two columns of it."""
    shown, made = pty.openpty()
    fcntl.ioctl(made, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
    at_once(monkeypatch)
    with os.fdopen(made, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        for name in ("access.ndjson" * 4, "員工" * 20):
            Progress(quiet=False).tick(name, 1, 2, 1_000)
        said = b""
        while said.count(b"\r") < 2:  # it comes in pieces
            said += os.read(shown, 10_000)
    os.close(shown)
    assert said.decode() == f"{('access.ndjson' * 4)[:29]}\x1b[K\r{'員工' * 7}\x1b[K\r"


def test_what_ends_an_ingest_does_not_stand_in_a_line_that_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(monkeypatch, Terminal())
    at_once(monkeypatch)

    def stopped(store: object, tick: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lineage.ingest.settle", stopped)
    assert main(["ingest", str(WORLD / "access.ndjson"), "--store", str(tmp_path / "s.duckdb"), "--format=json"]) == 2
    assert said.getvalue().startswith("access.ndjson: ")
    assert said.getvalue().endswith("\x1b[K\r\x1b[Klineage: stopped; what was committed stays.\n")


def test_elsewhere_a_line_now_and_then_says_it(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, io.StringIO())
    shown = Progress(quiet=False)
    for second in range(1, 26):
        clock.now += 1
        shown.tick("-", 0, 0, 1_000 * second)  # a pipe, of which nobody knows how much it holds
    assert said.getvalue() == "-: 10,000 lines, 1,000 a second\n-: 20,000 lines, 1,000 a second\n"


def test_other_work_is_not_as_fast_as_that_before_it(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, Terminal())
    shown = Progress(quiet=False)
    clock.now += 600
    shown.tick("a.ndjson", 100, 100, 1_000)
    shown.tick(UP_TO_DATE, 1, 100)
    clock.now += 10
    shown.tick(UP_TO_DATE, 50, 100)
    assert said.getvalue().split("\r")[-2] == f"{UP_TO_DATE}: {'█' * 10}{'░' * 10} 50 %, 0:10 left\x1b[K"


def test_who_wants_quiet_has_it(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, Terminal())
    shown = Progress(quiet=True)
    clock.now += 600
    shown.tick("a.ndjson", 1, 100, 1_000)
    with shown.waiting("asking"):
        shown.say("something")
    assert said.getvalue() == ""


def test_a_store_that_is_brought_up_to_date_for_its_status_is_so_quietly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told(monkeypatch, Terminal())
    at_once(monkeypatch)
    for name, words in (("loud", ()), ("quiet", ("--quiet",))):
        store = str(tmp_path / name)
        with open_store(store) as opened:
            list(ingest(opened, [str(WORLD / "access.ndjson")], settled=False))
        assert main(["status", "--store", store, *words]) == 0
        assert (UP_TO_DATE in said.getvalue()) is (name == "loud")
        said.truncate(said.seek(0))


def test_a_question_says_how_long_it_has_been_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, Terminal())
    at_once(monkeypatch, again=0.01)
    until = time.monotonic() + 60
    with Progress(quiet=False).waiting("asking blast-radius"):
        while "\r" not in said.getvalue():
            assert time.monotonic() < until
            time.sleep(0.01)
    assert said.getvalue().startswith("asking blast-radius for 0:01 …\x1b[K\r")
    assert said.getvalue().endswith("\r\x1b[K")  # what is printed next finds an empty line


def test_an_ingest_comes_to_its_end_as_it_said(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int, int]] = []

    def tick(what: str, done: int, whole: int, lines: int = 0) -> None:
        seen.append((what, done, whole, lines))

    with open_store(str(tmp_path / "s.duckdb")) as store:
        (tmp_path / "notes.bin").write_bytes(b"\0" * 10_000)  # which nobody reads
        taken = list(ingest(store, [str(WORLD), str(tmp_path / "notes.bin")], tick=tick))
    read, settled = ([one for one in seen if (one[0] == UP_TO_DATE) is after] for after in (False, True))
    size = sum(file.stat().st_size for file in WORLD.rglob("*") if file.is_file())
    assert {whole for _, _, whole, _ in read} == {size + 10_000}
    assert [done for _, done, _, _ in read] == sorted(done for _, done, _, _ in read)
    assert read[-1][1] == size
    assert read[-1][3] == sum(one.tally.lines for one in taken)
    assert settled[-1][1] == settled[-1][2]


def test_what_was_rejected_is_not_left_to_be_found(tmp_path: Path) -> None:
    torn = tmp_path / "access.ndjson"
    torn.write_text(
        '{"id": "a", "time": "2026-01-01T00:00:00Z", "principal": "p", "operation": "login"}\n{"id": "b", "t'
    )
    done = run("ingest", str(torn), "--store", str(tmp_path / "s.duckdb"))
    assert done.returncode == 3
    assert "1 rejected: `lineage status` says why" in done.stderr
