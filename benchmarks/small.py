"""A question about a small store, the sample's, from the start of the process to its end."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.table import Line, Need
from benchmarks.world import World

SAMPLE = Path(__file__).parents[1] / "sample_data"
WORST = 1.0  # seconds
ASKED = {
    "blast radius": ["blast-radius", "--advisory", str(SAMPLE / "advisories" / "MAL-2026-2144.json"),
                     "--within-vendor", "northgate"],
    "who touched": ["who-touched", "--data-subject", "C-0217"],
}  # fmt: skip


def measure(world: World) -> list[Line]:
    store = world.folder / "sample.duckdb"
    if not store.exists():
        world.folder.mkdir(parents=True, exist_ok=True)
        _run("ingest", str(SAMPLE), "--store", str(store), "--quiet")
    lines = []
    for name, words in ASKED.items():
        took = []
        for _ in range(world.rounds + 1):  # the first finds the program's files on the disk
            began = perf_counter()
            _run("ask", *words, "--store", str(store))
            took.append(perf_counter() - began)
        found = median(took[1:])
        lines.append(Line(f"{name}, the sample's store, whole process", found, None, (Need(found, WORST, "s"),)))
    return lines


def _run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "lineage", *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):  # 3: some lines were rejected, as the story has it
        raise AssertionError(done.stderr)
