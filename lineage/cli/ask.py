"""`lineage ask`: one question, its options made from the question's own declaration."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from lineage.cli.opening import open_settled
from lineage.cli.options import declare_format, declare_server, server_of
from lineage.cli.progress import Progress
from lineage.cli.streams import without_reader

if TYPE_CHECKING:
    from lineage.exports.interface import Export


def declare(command: argparse.ArgumentParser) -> None:
    from lineage.questions import QUESTIONS

    command.epilog = "example: lineage ask blast-radius --vendor northgate --store incident.duckdb"
    questions = command.add_subparsers(title="questions", dest="question", metavar="QUESTION", required=True)
    for question in QUESTIONS:
        asked = questions.add_parser(
            question.name, help=question.title, description=question.title + ".", epilog=f"example: {question.example}"
        )
        for parameter in question.parameters:
            words: dict[str, Any] = {"nargs": len(parameter.parts)} if len(parameter.parts) > 1 else {}
            shown = parameter.parts if words else parameter.kind.upper().replace("-", "_")
            asked.add_argument(
                f"--{parameter.name}", dest=f"ask_{parameter.name}", action="append", metavar=shown,
                help=parameter.help + (" (may be repeated)" if parameter.repeated else ""), **words,
            )  # fmt: skip
        asked.add_argument("--store", default=argparse.SUPPRESS, help="the store to ask")
        declare_server(asked)
        declare_format(asked)
        asked.add_argument("--out", metavar="DIR", help="also write tables and evidence there")
        asked.add_argument(
            "--export", action="append", metavar="NAME", default=[],
            help="of what --out writes only this, such as parquet (may be repeated)",
        )  # fmt: skip
        asked.add_argument("--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    from lineage.asked import ask, here
    from lineage.errors import LineageError
    from lineage.questions import find_question

    question = find_question(options.question)
    values = {}
    for parameter in question.parameters:
        told = getattr(options, f"ask_{parameter.name}") or []
        if len(told) > 1 and not parameter.repeated:
            raise LineageError(f"--{parameter.name} was given {len(told)} times.", "Give it once.")
        values[parameter.name] = told
    if options.out == "":
        raise LineageError("'' is no folder.", "Say where to with --out DIR, or leave it out.")
    if options.export and not options.out:
        raise LineageError("--export says what --out writes.", "Say where to with --out DIR.")
    progress = Progress(options.quiet)
    server = server_of(options)
    if server is not None:
        with server:
            for path in server.ask(question, values, options.format, options.out, options.export):
                progress.say(f"wrote {path}")
        return 0
    exports = _exports(options)
    with open_settled(options.store, [options.out] if options.out else [], quiet=options.quiet) as store:
        with progress.waiting(f"asking {question.name}"):
            answer = ask(store, question, values, here())
        with without_reader():
            if options.format == "json":
                answer.write_json(sys.stdout)
            else:
                print(question.text(answer))
        for export in exports:
            with progress.waiting(f"writing {export.name}"):
                paths = list(export.write(answer, options.out))
            for path in paths:
                progress.say(f"wrote {path}")
    return 0


def _exports(options: argparse.Namespace) -> "tuple[Export, ...]":
    """What to write beside the answer; known before it is asked, since asking may take long."""
    if not options.out:
        return ()
    from lineage.exports import choose  # late: one of them draws graphs

    return choose(options.export)
