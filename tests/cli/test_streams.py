"""Nobody reads on, or there is no stream: what was begun is done all the same, and its exit status says so."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import WORLD, run


def shell(line: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """A line of the shell, in which `$0` is the program's Python."""
    return subprocess.run(["sh", "-c", line, sys.executable, *words], capture_output=True, text=True, check=False)


def test_an_ingest_goes_on_when_nobody_reads_its_lines_any_more(tmp_path: Path) -> None:
    whole, cut = str(tmp_path / "whole"), str(tmp_path / "cut")
    assert run("ingest", str(WORLD), "--store", whole).returncode == 0
    with subprocess.Popen(
        [sys.executable, "-m", "lineage", "ingest", str(WORLD), "--store", cut], stdout=subprocess.PIPE
    ) as ingest:
        assert ingest.stdout is not None
        ingest.stdout.close()
        assert ingest.wait() == 0
    stores = [json.loads(run("status", "--format", "json", "--store", path).stdout) for path in (whole, cut)]
    assert stores[0]["checkpoint"] == stores[1]["checkpoint"]
    assert stores[0]["collectors"] == stores[1]["collectors"]


def test_files_are_written_when_nobody_reads_the_answer(store: str, tmp_path: Path) -> None:
    words = [
        "ask",
        "blast-radius",
        "--vendor",
        "northgate",
        "--store",
        store,
        "--out",
        str(tmp_path),
        "--format",
        "json",
    ]
    with subprocess.Popen([sys.executable, "-m", "lineage", *words], stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        asking.stdout.close()
        assert asking.wait() == 0
    assert (tmp_path / "graph.graphml").exists()


@pytest.mark.parametrize("stream", ["2>&-", "2>/dev/full"])
def test_messages_that_cannot_be_told_end_nothing_and_go_nowhere_else(stream: str, tmp_path: Path) -> None:
    """Closed, what is meant for standard error would go into the answer; full, it was a traceback."""
    store = str(tmp_path / "s.duckdb")
    done = shell(f'"$0" -m lineage ingest "$1" --store "$2" --format json {stream}', str(WORLD), store)
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["inputs"]) == 7
    done = shell(f'"$0" -m lineage ask who-touched --store "$1" {stream}', store)
    assert (done.returncode, done.stdout) == (2, "")
