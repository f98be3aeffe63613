"""`lineage quarantine`: the text of rejected lines, kept beside the store until it is erased."""

import argparse
import sys
from pathlib import Path

from lineage.names import shown


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage quarantine --erase --store incident.duckdb"
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--show", action="store_true", help="print the texts, each after its digest")
    what.add_argument("--erase", action="store_true", help="delete the texts; position, digest and reason stay")


def run(options: argparse.Namespace) -> int:
    from lineage.errors import LineageError
    from lineage.store import erase_quarantine, quarantined

    if not Path(options.store).is_file():  # it is not opened: a server may hold it, and erasing waits for nobody
        raise LineageError(f"There is no store at {options.store}.", "Say where it is with --store or LINEAGE_STORE.")
    if options.erase:
        count = erase_quarantine(options.store)
        print(f"erased {count} texts")
        return 0
    for digest, text in quarantined(options.store):
        sys.stdout.write(f"sha256-128:{digest} {shown(text.decode('utf-8', 'replace'))}\n")
    return 0
