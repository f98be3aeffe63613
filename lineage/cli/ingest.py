"""`lineage ingest`: inputs in; one line of counts for each."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from lineage.cli.progress import Progress

EXAMPLE = "example: lineage ingest logs/ catalog.yml --store incident.duckdb"


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = EXAMPLE
    command.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, .gz, .zst, or - for standard input")
    command.add_argument("--collector", metavar="NAME", help="read every input with this collector")
    command.add_argument("--source", metavar="ID", help="the source of the catalog that the inputs belong to")
    command.add_argument("--environment", metavar="ID", help="of a `pip inspect` output: the environment it shows")
    command.add_argument("--taken-at", metavar="TIME", help="of a `pip inspect` output: when it was taken")
    command.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
    command.add_argument("--format", choices=("text", "json"), default="text")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    from lineage.ingest import Told, ingest
    from lineage.names import parse_instant
    from lineage.store import open_store

    if options.taken_at is not None:
        parse_instant(options.taken_at)
    told = Told(options.collector, options.source, options.environment, options.taken_at)
    progress = Progress(options.quiet)
    status = 0
    rows: list[dict[str, Any]] = []
    with open_store(options.store) as store:
        for taken in ingest(store, options.paths, told, keep=not options.dry_run, tick=progress.tick):
            tally = taken.tally
            row = {"input": taken.name, "collector": taken.collector, **asdict(tally)}
            del row["digest_sum"]
            rows.append(row)
            if options.format == "text":
                print(_line(taken.name, taken.collector, row, taken.before, options.dry_run), flush=True)
            if tally.rejected or (taken.collector is None and taken.named):
                status = 3
            progress.start_over()
        if not options.dry_run:
            progress.say("settled")
    if options.format == "json":
        print(json.dumps({"inputs": rows}, indent=1))
    return status


def _line(name: str, collector: str | None, row: dict[str, Any], before: bool, rehearsed: bool) -> str:
    if collector is None:
        return f"{name}: no collector claims it (left alone)"
    counts = (
        f"read {row['lines']}, {'would store' if rehearsed else 'stored'} {row['stored']},"
        f" already known {row['known']}, rejected {row['rejected']}"
    )
    passed = f", passed over {row['passed']}" if row["passed"] else ""
    return f"{name}: {collector}: {counts}{passed}{' (same content was taken in before)' if before else ''}"
