"""`lineage ingest`: inputs in; one line of counts for each."""

import argparse
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage.cli import DONE, PARTLY_REJECTED
from lineage.cli.options import declare_format, declare_server, server_of
from lineage.cli.progress import Progress
from lineage.cli.streams import without_reader

if TYPE_CHECKING:
    from lineage.cli.remote import Server
    from lineage.ingest import Told

EXAMPLE = "example: lineage ingest logs/ catalog.yml --store incident.duckdb"


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = EXAMPLE
    command.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, .gz, .zst, or - for standard input")
    command.add_argument("--collector", metavar="NAME", help="read every input with this collector")
    command.add_argument("--source", metavar="ID", help="the source of the catalog that the inputs belong to")
    command.add_argument("--environment", metavar="ID", help="of a list of packages: the environment it shows")
    command.add_argument("--taken-at", metavar="TIME", help="of a list of packages: when it was taken")
    command.add_argument("--dry-run", action="store_true", help="say what would happen and keep nothing")
    declare_format(command)
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    declare_server(command)


def run(options: argparse.Namespace) -> int:
    from lineage.errors import LineageError
    from lineage.ingest import Told
    from lineage.names import parse_instant, shown

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C does: a copy of a pipe is left nowhere
    if options.taken_at is not None:
        parse_instant(options.taken_at)
    told = Told(options.collector, options.source, options.environment, options.taken_at)
    progress = Progress(options.quiet)
    server = server_of(options)
    if server is not None and options.dry_run:
        raise LineageError("A server keeps what it is sent.", "Leave out --dry-run or --server.")
    taken = _here(options, told, progress) if server is None else _there(server, options.paths, told)
    status = DONE
    rows: list[dict[str, Any]] = []
    for row in taken:
        before, missed, torn, hint = (row.pop(name) for name in ("before", "missed", "torn", "hint"))
        rows.append(row)
        if options.format == "text":
            progress.clear()
            with without_reader():
                name = shown(row["input"])
                print(
                    _left(name, torn, hint) if row["collector"] is None else _line(name, row, before, options.dry_run)
                )
        if row["rejected"] or missed:
            status = PARTLY_REJECTED
    if not options.dry_run:
        if rejected := sum(row["rejected"] for row in rows):
            shows = "" if server else ", `lineage quarantine --show` shows them"
            progress.say(f"{rejected} rejected: `lineage status` says why{shows}")
        progress.say("the store is up to date" if server is None else "stored")
    if options.format == "json":
        print(json.dumps({"inputs": rows}, indent=1))
    return status


def _here(options: argparse.Namespace, told: "Told", progress: Progress) -> Iterator[dict[str, Any]]:
    """Into the store of this machine: a row for each input, with what the line about it wants beside the counts."""
    from lineage.ingest import check_paths, ingest
    from lineage.store import open_store

    check_paths(options.paths)  # a store is made for something
    rehearsed = options.dry_run and not Path(options.store).exists()  # then it leaves no store either
    with open_store(":memory:" if rehearsed else options.store) as store, progress.cleared():
        for taken in ingest(store, options.paths, told, keep=not options.dry_run, tick=progress.tick):
            yield {**taken.row(), "missed": taken.missed, "torn": taken.torn, "hint": taken.hint}


def _there(server: "Server", paths: list[str], told: "Told") -> Iterator[dict[str, Any]]:
    with server:
        yield from server.ingest(paths, told)


def _left(name: str, torn: bool, hint: str | None) -> str:
    said = "torn or damaged" if torn else "no collector claims it"
    return f"{name}: {said} (left alone){f'; {hint}' if hint else ''}"


def _line(name: str, row: dict[str, Any], before: bool, rehearsed: bool) -> str:
    counts = (
        f"read {row['lines']}, {'would store' if rehearsed else 'stored'} {row['stored']},"
        f" already known {row['known']}, rejected {row['rejected']}"
    )
    passed = f", passed over {row['passed']}" if row["passed"] else ""
    return f"{name}: {row['collector']}: {counts}{passed}{' (same content was taken in before)' if before else ''}"
