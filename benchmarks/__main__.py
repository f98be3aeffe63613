"""``python -m benchmarks``: the table of README.md."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from benchmarks import ingest, peers, reach, small, statements, touched, unrelated, whole
from benchmarks.history import FULL
from benchmarks.table import Line, markdown
from benchmarks.world import World

ROWS = (reach, peers, touched, whole, small, unrelated, ingest, statements)  # each measures one family of rows
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
SIZES = {"tiny": 1 / 10_000, "small": 1 / 100, "tenth": 1 / 10, "full": 1.0}


def main() -> None:
    options = _options()
    share = SIZES.get(options.size) or float(options.size)
    folder = Path(options.folder or tempfile.mkdtemp(prefix="lineage-bench-"))
    shares = [1.0] if options.no_growth else [0.01, 0.1, 1.0]
    tables: list[dict[str, Line]] = []
    for part in shares:
        size = FULL.part(share * part)
        print(f"{share * part:g} of the full size", file=sys.stderr)
        world = World(
            folder / f"{share * part:g}", size, options.rounds, options.patience, options.profile and part == 1
        )
        lines: list[Line] = []
        for family in ROWS:
            if name_of(family) in options.rows:
                found = family.measure(world)
                print(*found, sep="\n", file=sys.stderr)
                lines += found
        tables.append({line.work: line for line in lines})
        world.close()
        if not options.keep:
            shutil.rmtree(world.folder)
    last = list(tables[-1].values())
    said = (
        f"Size: {size.edges:,} run inputs and outputs, {size.accesses:,} access events, {size.people:,} data subjects,"
        f" {size.entries:,} record entries ({share:g} of the full size)."
    )
    table = markdown(last, tables[-2::-1], said)
    print(table)
    if options.readme:
        put(Path(options.readme), table)
    for line in sorted(last, key=lambda line: -line.worst):
        if line.profile:
            print(f"\nWhere the time goes: {line.work}\n")
            for took, times, text in line.profile:
                print(f"{took:9.3f} s {times:6} x {text}")
    over = [line.work for line in last if any(need.unit == "MB" and not need.met for need in line.needs)]
    if over:
        raise SystemExit(f"Too much memory: {', '.join(over)}.")


def put(path: Path, table: str) -> None:
    """Put the table into a Markdown file, between its markers."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{path} has no {BEGIN} and {END}.")
    path.write_text(f"{before}{begin}\n{table}{end}{after}", encoding="utf-8")


def name_of(family: ModuleType) -> str:
    return family.__name__.rpartition(".")[2]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", default="small", help=f"{', '.join(SIZES)} or a share of the full size")
    names = [name_of(family) for family in ROWS]
    parser.add_argument("--rows", nargs="+", choices=names, default=names, help="which families")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=600, help="seconds that one answer may take")
    parser.add_argument("--no-growth", action="store_true", help="leave 1/10 and 1/100 of the size out")
    parser.add_argument("--profile", action="store_true", help="say which statements the time goes to")
    parser.add_argument("--readme", metavar="FILE", help=f"put the table there, between {BEGIN} and {END}")
    parser.add_argument("--folder", help="where the history is made (a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="leave it there for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
