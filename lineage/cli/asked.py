"""`lineage asked`: every question that was asked of the store, through the program, HTTP or the UI."""

import argparse
import json
from pathlib import Path
from typing import Any

from lineage.cli.options import declare_format


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage asked --store incident.duckdb"
    declare_format(command)


def run(options: argparse.Namespace) -> int:
    from lineage.asked import asked
    from lineage.errors import LineageError

    if not Path(options.store).exists():
        raise LineageError(f"There is no store at {options.store}.", "Say where it is with --store or LINEAGE_STORE.")
    lines = list(asked(options.store))
    if options.format == "json":
        print(json.dumps({"asked": lines}, indent=1, ensure_ascii=False))
        return 0
    for line in lines:
        print(_line(line))
    if not lines:
        print(f"nothing was asked of {options.store} yet")
    return 0


def _line(line: dict[str, Any]) -> str:
    """`2026-03-26 10:00:00 UTC  ana (http)  blast-radius  vendor northgate  at 1234 events`

    What would end the line, or look like another one, is escaped: whoever asks may ask anything.
    """
    from lineage.names import shown
    from lineage.questions.wording import asked, second

    refused = f"  refused: {line['refused']}" if "refused" in line else ""
    with_what = asked(line["parameters"])
    told = (
        f"{second(line['at'])}  {line['who']} ({line['via']})  {line['question']}"
        f"{f'  {with_what}' if with_what else ''}  at {line['checkpoint']['events']} events{refused}"
    )
    return shown(told)
