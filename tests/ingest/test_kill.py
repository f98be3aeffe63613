"""SIGKILL in the middle of an ingest loses nothing that a second ingest does not bring back."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.asking import ask, ingest

INPUT = Path(__file__).parents[1] / "conformance" / "world-304" / "input"
QUESTION = ["--vendor", "northgate"]


def command(store: Path) -> list[str]:
    return [sys.executable, "-m", "lineage", "ingest", str(INPUT), "--store", str(store), "--quiet"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, float]:
    """The answer of an ingest that nothing stops, and how long it took in seconds."""
    store = tmp_path_factory.mktemp("undisturbed") / "s.duckdb"
    began = time.monotonic()
    subprocess.run(command(store), check=True, capture_output=True)
    return json.dumps(ask(store, "blast-radius", QUESTION)), time.monotonic() - began


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.9])
def test_killed_and_taken_in_again(part: float, undisturbed: tuple[str, float], tmp_path: Path) -> None:
    answer, duration = undisturbed
    store = tmp_path / "s.duckdb"
    with subprocess.Popen(command(store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(duration * part)
        process.send_signal(signal.SIGKILL)
        process.wait()
    ingest(store, [INPUT])
    assert json.dumps(ask(store, "blast-radius", QUESTION)) == answer


def test_killed_after_the_first_input_was_told(undisturbed: tuple[str, float], tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    with subprocess.Popen(command(store), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert "stored" in line
    taken = ingest(store, [INPUT])
    assert taken[0].before  # what was told to be stored is stored
    assert json.dumps(ask(store, "blast-radius", QUESTION)) == undisturbed[0]
