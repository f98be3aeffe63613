"""Options that several commands have: how to print, and which server to ask instead of the file."""

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineage.cli.remote import Server


def declare_format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print (default: %(default)s)"
    )


def declare_server(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--server", metavar="URL", default=argparse.SUPPRESS, help="ask the server that holds the store, not the file"
    )
    command.add_argument(
        "--key", metavar="KEY", default=argparse.SUPPRESS, help="the server's API key (default: LINEAGE_KEY)"
    )


def server_of(options: argparse.Namespace) -> "Server | None":
    """The server that the user names, None where it is the store's file."""
    url = getattr(options, "server", None)
    if url is None:
        return None
    from lineage.cli.remote import Server

    return Server(url, getattr(options, "key", None) or os.environ.get("LINEAGE_KEY"))
