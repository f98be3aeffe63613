"""`lineage status`: what the store holds, what each source covers, what was rejected, waits or matches nothing."""

import argparse
import json

from lineage.cli.opening import open_settled
from lineage.cli.options import declare_format, declare_server, server_of


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage status --format json"
    declare_format(command)
    command.add_argument("--quiet", action="store_true", help="no progress on standard error")
    declare_server(command)


def run(options: argparse.Namespace) -> int:
    from lineage.status import look, status_text

    server = server_of(options)
    if server is not None:
        with server:
            server.status(options.format)
        return 0
    with open_settled(options.store, quiet=options.quiet) as store:
        found = look(store)
    print(json.dumps(found, indent=1, ensure_ascii=False) if options.format == "json" else status_text(found))
    return 0
