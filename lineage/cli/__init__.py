"""The program. Each command is one file with ``declare`` and ``run``; heavy rooms are imported when it runs.

They share ``options``, ``opening`` (a store to read), ``remote`` (a server in its place), ``streams`` and ``progress``.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from typing import Any, NoReturn

from lineage.cli.streams import ready, say, write_no_more
from lineage.errors import LineageError
from lineage.names import is_text, shown

DONE, MENDABLE, PARTLY_REJECTED = 0, 2, 3
DEMO_STORE = "lineage-demo.duckdb"
INTERRUPTED = "Query interrupted"  # what the engine makes of Ctrl-C, as a RuntimeError, while it works
COMMANDS = {
    "demo": "the sample story: ingest it, ask what was touched, print the answer",
    "ingest": "take in events, logs, inventories, records and the catalog",
    "ask": "ask one question",
    "status": "sources, what each covers, what was rejected or waits, the checkpoint",
    "serve": "receive events and answer questions over HTTP, and show the pages of the UI",
    "keys": "API keys of the server: make, list, revoke",
    "asked": "every question that was asked, by whom and when",
    "quarantine": "the text of rejected lines: show or erase it",
}


BEGIN = """begin with:
  lineage demo                                       a story, taken in and answered
  lineage ingest logs/ catalog.yml records.csv       your own; the store is lineage.duckdb here
  lineage status                                     what is known, and where it is thin
  lineage ask blast-radius --vendor northgate        whose data was touched, how surely, and why
  lineage ask who-touched --data-subject C-0217      the other way round
  lineage serve                                      the same in a browser, at http://127.0.0.1:8710"""


class Help(argparse.HelpFormatter):
    """An example is one line, to be copied, and so is each of several."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return text
        if not text.startswith("example: "):
            return super()._fill_text(text, width, indent)
        return f"{indent}example:\n{indent}  {text.removeprefix('example: ')}"


class Parser(argparse.ArgumentParser):
    """Says what is wrong as everything here does: a sentence and a hint, those of the command that is meant."""

    def __init__(self, **words: Any) -> None:
        super().__init__(formatter_class=Help, **words)
        self._negative_number_matcher = re.compile("-[^-]")  # ids and keys may begin with a dash, not numbers alone

    def error(self, message: str) -> NoReturn:
        raise LineageError(f"{message[:1].upper()}{message[1:].rstrip('.')}.", f"`{self.prog} --help` shows how.")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Of `--store=--` Python before 3.13 makes an empty list."""
        if action.option_strings and "--" in arg_strings:
            self.error(f"argument {'/'.join(action.option_strings)}: expected one argument")
        return super()._get_values(action, arg_strings)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:  # as its commands do
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 2 the user can mend it, 3 partly rejected."""
    words = list(sys.argv[1:] if argv is None else argv)
    ready()
    before = os.umask(0o077)  # whatever is written tells of people: it is for who runs the program, and nobody else
    try:
        return _run(words)
    finally:
        os.umask(before)


def _run(words: list[str]) -> int:
    try:
        if words in ([], ["ask"]):  # nothing is said to do: what there is, and how to begin
            with suppress(SystemExit):
                _parser(words).parse_args([*words, "--help"])
            return MENDABLE
        options = _parser(words).parse_args(words)
        _check(options)
        status = import_module(f"lineage.cli.{options.command}").run(options)
        sys.stdout.flush()
    except LineageError as error:
        say(f"lineage: {shown(str(error))}")
        return MENDABLE
    except KeyboardInterrupt:
        return _stopped()
    except BrokenPipeError:
        write_no_more(sys.stdout)
        return DONE
    except Exception as error:
        if str(error) == INTERRUPTED:
            return _stopped()
        from lineage.store import trouble  # late: it opens the engine

        mendable = trouble(error)
        if mendable is None:
            raise
        say(f"lineage: {shown(str(mendable))}")
        write_no_more(sys.stdout)
        return MENDABLE
    return int(status)


def _stopped() -> int:
    say("lineage: stopped; what was committed stays.")
    return MENDABLE


def _check(options: argparse.Namespace) -> None:
    """Options are text, and a store is a file: under these names the engine would keep all in memory, and nothing would
    be left. (Paths of inputs may be any bytes, and a question looks at its parameters itself.)"""
    for name, value in vars(options).items():
        if isinstance(value, str) and not is_text(value):
            raise LineageError(f"--{name.replace('_', '-')} was given what is no UTF-8 text.", "Write it in UTF-8.")
    if options.store in ("", ":memory:"):
        raise LineageError(f"{options.store!r} is no store.", "Give the path of a file with --store.")


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Only the command that is asked for declares its options: the others' rooms stay unopened."""
    parser = Parser(
        prog="lineage",
        description="After a breach: what was touched, and whose data was it? Answered with evidence.",
        epilog=BEGIN,
    )
    parser.add_argument("--store", default=argparse.SUPPRESS, help=argparse.SUPPRESS)  # before the command, as after it
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    chosen = next((word for before, word in pairwise(["", *words]) if word in COMMANDS and before != "--store"), None)
    for name, title in COMMANDS.items():
        command = commands.add_parser(name, help=title, description=title[0].upper() + title[1:] + ".")
        if name == chosen:
            default, meaning = _store(name)
            parser.set_defaults(store=default)
            command.add_argument("--store", default=argparse.SUPPRESS, help=meaning)
            import_module(f"lineage.cli.{name}").declare(command)
    return parser


def _store(command: str) -> tuple[str, str]:
    """The default store of a command and what its help says; the demo's is its own, and the only one it replaces."""
    if command == "demo":
        return DEMO_STORE, f"where nothing is yet (default: {DEMO_STORE} here, replaced)"
    default = os.environ.get("LINEAGE_STORE") or "lineage.duckdb"
    return default, "the store (default: LINEAGE_STORE, else lineage.duckdb here)"
