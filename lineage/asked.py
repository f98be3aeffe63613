"""Who asked what, when, at which checkpoint: the audit tool is audited.

Every question goes through ``ask``, whoever asks it; an answer at hand that another is shown through ``pass_on``.
What was asked is appended to a file beside the store, outside its checkpoint, so that asking never writes to the store.
"""

import errno
import getpass
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage.answers import Answer, mark
from lineage.errors import LineageError
from lineage.names import format_instant, is_text
from lineage.questions.interface import Question, Values
from lineage.store import Store


@dataclass(frozen=True)
class Asker:
    """Who asks, and through what: ``cli``, ``http`` or ``ui``."""

    who: str
    via: str


def here() -> Asker:
    """Whoever runs this process."""
    try:
        return Asker(getpass.getuser(), "cli")
    except (KeyError, OSError):  # a user that the system has no name for
        return Asker(str(os.getuid()), "cli")


def asked_path(store_path: str) -> Path:
    return Path(store_path + ".asked.ndjson")


def ask(store: Store, question: Question, values: Values, asker: Asker) -> Answer:
    """The answer, recorded before anybody sees it; a question without an answer is recorded with the reason.

    Raises LineageError for what the question refuses, and when it cannot be recorded.
    """
    now = mark(store)
    values = {name: _once(found) for name, found in values.items()}
    for name, found in values.items():
        if not all(is_text(word) for item in found for word in ([item] if isinstance(item, str) else item)):
            raise LineageError(f"--{name} was given what is no UTF-8 text.", "Write it in UTF-8.")
    try:
        answer = question.ask(store, values)
    except BaseException as error:  # stopped and broken ones too
        why = error.sentence if isinstance(error, LineageError) else f"It was stopped: {type(error).__name__}."
        told = {name: value for name, value in values.items() if value}
        _record(store.path, asker, question.name, told, now, why)
        raise
    _record(store.path, asker, question.name, answer.parameters, answer.checkpoint, None)
    return answer


def pass_on(store_path: str, answer: Answer, asker: Asker) -> None:
    """Record that an answer at hand is given to somebody else. Raises LineageError where that cannot be recorded."""
    _record(store_path, asker, answer.question, answer.parameters, answer.checkpoint, None)


def asked(store_path: str) -> Iterator[dict[str, Any]]:
    """Everything that was asked, oldest first; a line torn by a kill is left out."""
    path = asked_path(store_path)
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                with suppress(ValueError):
                    yield json.loads(line)


def _once(found: Sequence[Any]) -> list[Any]:
    """What is said twice is meant once; an option of several words is a list or a tuple of them."""
    return list(dict.fromkeys(tuple(item) if isinstance(item, list) else item for item in found))


def _record(
    store_path: str,
    asker: Asker,
    question: str,
    parameters: Mapping[str, Any],
    at: Mapping[str, Any],
    refused: str | None,
) -> None:
    line = {
        "at": format_instant(time.time_ns() // 1000),
        "who": asker.who,
        "via": asker.via,
        "question": question,
        "parameters": parameters,
        "checkpoint": at,
        **({} if refused is None else {"refused": refused}),
    }
    path = asked_path(store_path)
    text = json.dumps(line, ensure_ascii=False).encode() + b"\n"
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.fstat(file).st_size
            if end and os.pread(file, 1, end - 1) != b"\n":
                text = b"\n" + text  # a line that was cut short stays alone
            if os.write(file, text) < len(text):  # in one piece, beside other processes' lines
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise LineageError(
            f"The question cannot be recorded in {path}: {error.strerror}.",
            "Every question is recorded beside the store: make that folder writable, or ask a copy of the store.",
        ) from None
