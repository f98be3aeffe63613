"""`lineage keys`: who may send and ask over HTTP. A key is shown once, when it is made."""

import argparse
import json
from dataclasses import asdict

from lineage.cli.options import declare_format


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage keys make airflow --scope ingest --store incident.duckdb"
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, title, example in (
        ("make", "make a key and show it, once", "lineage keys make airflow --scope ingest"),
        ("list", "every key that was made, without its secret", "lineage keys list"),
        ("revoke", "refuse a key from now on", "lineage keys revoke airflow"),
    ):
        action = actions.add_parser(
            name, help=title, description=f"{title[0].upper()}{title[1:]}.", epilog=f"example: {example}"
        )
        action.add_argument("--store", default=argparse.SUPPRESS, help="the store whose server the key is for")
        if name == "make":
            action.add_argument("name", metavar="NAME", help="whose key it is")
            action.add_argument(
                "--scope", action="append", choices=("ingest", "read", "admin"), required=True,
                help="what it may do (may be repeated); admin may do everything",
            )  # fmt: skip
            action.add_argument(
                "--source", metavar="ID", help="the source of the catalog that what it sends belongs to"
            )
        if name == "list":
            declare_format(action)
        if name == "revoke":
            action.add_argument("name", metavar="NAME", help="the key's name or id")


def run(options: argparse.Namespace) -> int:
    from lineage.server.keys import make_key, read_keys, revoke_key

    if options.action == "make":
        print(make_key(options.store, options.name, tuple(options.scope), options.source))
        return 0
    if options.action == "revoke":
        key = revoke_key(options.store, options.name)
        print(f"revoked {key.name} ({key.id})")
        return 0
    keys = read_keys(options.store)
    if options.format == "json":
        print(json.dumps({"keys": [{k: v for k, v in asdict(key).items() if k != "digest"} for key in keys]}, indent=1))
        return 0
    for key in keys:
        until = f", revoked {key.revoked_at}" if key.revoked_at else ""
        source = f", source {key.source}" if key.source else ""
        print(f"{key.id}  {key.name}: {', '.join(key.scopes)}{source}, made {key.made_at}{until}")
    if not keys:
        print(f"no keys were made for {options.store}")
    return 0
