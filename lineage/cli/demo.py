"""`lineage demo`: the sample story, from files to the answer. Only its own default store is ever replaced."""

import argparse
import sys
from pathlib import Path

from lineage.cli import DEMO_STORE
from lineage.cli.options import declare_format
from lineage.cli.progress import Progress


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage demo --store demo.duckdb"
    command.add_argument("--data", metavar="DIR", help="the sample data (default: that of the checkout)")
    declare_format(command)
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    from lineage.demo import SAMPLE_DATA, following, tell
    from lineage.questions.blast_text import blast_text

    data = Path(options.data) if options.data else SAMPLE_DATA
    progress = Progress(options.quiet)
    progress.say("taking in the sample story …")
    fresh = options.store == DEMO_STORE
    with progress.cleared():
        answer = tell(options.store, data, progress.say, progress.tick, replace=fresh)
    if options.format == "json":
        answer.write_json(sys.stdout)
    else:
        print(blast_text(answer))
        print()
        print(following(options.store))
    return 0
