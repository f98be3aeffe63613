"""The reference of the program, written from its parsers, collectors and exports.

``python -m docs.reference > docs/cli.md`` makes it.
"""

import argparse

from lineage.cli import COMMANDS, _parser
from lineage.collectors import COLLECTORS
from lineage.exports import EXPORTS

OPENING = """# The program `lineage`

Written from the parsers, collectors and exports by `python -m docs.reference`; edit those instead.

Results go to standard output, progress and messages to standard error. Times are RFC 3339 with an offset; `--from` and
`--to` are inclusive, and a side left out is open. Exit status: 0 done, 2 something that you can mend (one sentence and
a hint), 3 part of the input was rejected and the rest is stored.
"""


INPUTS = """## What `lineage ingest` reads

Each input is known by its content, or read as `--collector NAME` says. One example of each follows; a whole catalog is
[that of the story](../sample_data/catalog.yml).

Further columns of a record entry are what statements may be replayed on. An access event may also tell `id`,
`end_time`, `fields`, `statement`, `dialect`, `parameters`, `row_count`, `client_ip`, `session_id` and `run_id`; what is
absent is unknown.
"""

OUTPUTS = """## What `lineage ask --out` writes

All of it, or what `--export NAME` says:
"""


def reference() -> str:
    """The whole page. It is made from the options themselves, since Python's releases print them differently."""
    parts = [OPENING]
    for name in COMMANDS:
        command = _below(_parser([name]))[name]
        parts.append(_section(command, "##"))
        parts += [_section(question, "###") for question in _below(command).values()]
    parts.append(INPUTS)
    parts += [f"### `{one.name}`\n\n{one.title}.\n\n```\n{one.example}\n```\n" for one in COLLECTORS]
    parts.append(OUTPUTS)
    parts += [f"- `{one.name}`: {one.title}" for one in EXPORTS]
    return "\n".join([*parts, ""])


def _below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = (action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(next(found, {}))


def _section(parser: argparse.ArgumentParser, heading: str) -> str:
    lines = [f"{heading} `{parser.prog}`", "", f"{parser.description}", ""]
    if parser.epilog:
        lines += ["```sh", parser.epilog.removeprefix("example: "), "```", ""]
    rows = [f"| `{_form(action)}` | {_meaning(action)} |" for action in parser._actions if _is_told(action)]
    return "\n".join([*lines, "| option | meaning |", "|---|---|", *rows, ""])


def _is_told(action: argparse.Action) -> bool:
    return not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)


def _form(action: argparse.Action) -> str:
    """``--format text|json``, ``--record NAMESPACE/NAME KEY``, ``PATH...``"""
    shown = action.metavar or (list(action.choices) if action.choices else action.dest.upper())
    if action.choices and not isinstance(shown, str):
        value = r"\|".join(shown)
    else:
        value = shown if isinstance(shown, str) else " ".join(shown)
    if not action.option_strings:
        return f"{value}..." if action.nargs == "+" else value
    return " ".join([action.option_strings[-1], *([] if action.nargs == 0 else [value])])


def _meaning(action: argparse.Action) -> str:
    return (action.help or "") % {"default": action.default}


if __name__ == "__main__":
    print(reference(), end="")
