"""`lineage demo`: the sample story, from files to the answer. Only its own default store is ever replaced."""

import argparse
from pathlib import Path

from lineage.cli import DEMO_STORE
from lineage.cli.progress import Progress
from lineage.cli.streams import say


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage demo --store demo.duckdb"
    command.add_argument("--data", metavar="DIR", help="the sample data (default: that of the checkout)")
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    from lineage.demo import SAMPLE_DATA, following, tell
    from lineage.questions.blast_text import blast_text

    data = Path(options.data) if options.data else SAMPLE_DATA
    progress = Progress(options.quiet)
    progress.say("taking in the sample story …")
    fresh = options.store == DEMO_STORE
    answer = tell(options.store, data, say, progress.tick, replace=fresh)
    print(blast_text(answer))
    print()
    print(following(options.store))
    return 0
