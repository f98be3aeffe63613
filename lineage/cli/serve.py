"""`lineage serve`: one process that owns the store, receives events, answers questions and shows the UI."""

import argparse
import signal
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from lineage.cli.streams import say

PORT = 8710


def declare(command: argparse.ArgumentParser) -> None:
    command.epilog = "example: lineage serve --store incident.duckdb"
    command.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    command.add_argument("--port", type=int, default=PORT, help=f"the port (default: {PORT}; 0 takes a free one)")
    command.add_argument("--no-ui", action="store_true", help="the API alone, without the pages")
    command.add_argument("--backlog", type=int, default=1024, metavar="MIB", help="what may wait to be stored, in MiB"
                         " (default: 1024); beyond it clients are told to come again")  # fmt: skip
    command.add_argument("--quiet", action="store_true", help="nothing on standard error but what goes wrong")


def run(options: argparse.Namespace) -> int:
    from lineage.errors import LineageError
    from lineage.server import login
    from lineage.server.app import make_app
    from lineage.server.guard import is_loopback
    from lineage.server.keys import read_keys
    from lineage.server.listening import bind, listen
    from lineage.server.service import Service

    if options.backlog < 0:
        raise LineageError("Less than nothing cannot wait.", "Give a --backlog of 0 MiB or more.")
    loopback = is_loopback(options.host)
    made = read_keys(options.store)
    keys = [key for key in made if key.revoked_at is None]
    shown = Path(__file__).parents[2] / "ui" / "app.py"
    script = shown if shown.exists() and not options.no_ui else None
    if script:
        import_module("ui.theme").apply()  # by its name alone: this room stands below the pages
    signing_in = script is not None and login.is_configured()
    if signing_in:
        login.check()
    if not loopback and not keys and not signing_in:
        raise LineageError(
            f"Without keys the server listens on this machine only, and {options.host} is more than that.",
            "Make a key with `lineage keys make NAME --scope ingest`, set up a login, or leave --host out.",
        )
    if not loopback and not signing_in:
        script = None  # whoever reaches a page without a login may see everything
    pages: dict[str, str] = {}
    if script:
        pages = import_module("ui.foretelling").pages()
        import_module("ui.warming").start()
    listening = bind(options.host, options.port)
    service = Service(options.store, backlog=options.backlog << 20, signing_in=signing_in).start()
    role_in, secure = (login.role_in, login.is_https()) if signing_in else (None, False)
    app = make_app(service, script, pages, loopback=loopback, role_in=role_in, secure=secure)
    if not options.quiet:
        port = listening.getsockname()[1]
        host = options.host.strip("[]")
        host = f"[{host}]" if ":" in host else host
        say(f"{options.store}: http://{host}:{port}{'' if script else ' (API only)'}")
        if made and not keys:
            say("All keys are revoked: the API answers nobody until `lineage keys make` makes another one.")
        elif not made and not signing_in:
            say("No keys were made: it listens on this machine only, and whoever is here may ask.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C does
    with suppress(KeyboardInterrupt):  # the way to end it: what was acknowledged is stored by now
        listen(app, listening)
    return 0
