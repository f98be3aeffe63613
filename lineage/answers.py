"""What an answer is, whatever asks and whatever prints it.

An answer is a document in sections, in the order of the contract. A section is plain JSON or rows that are
made while they are read, so that a list of any length is printed in bounded memory. Where the engine makes the
rows, they are also a table: the same rows in the same order, one cell a value, what is inside an object in columns of
its own, so that an export can have the engine write them.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from lineage.store import Selection, Store, checkpoint

Json = Any  # what json.dumps takes


@dataclass(frozen=True)
class Rows:
    """A list that is made anew each time it is read. ``table`` is there where the engine makes it, ``texts`` where it
    also spells each row as JSON, which for long lists is several times as fast."""

    make: Callable[[], Iterator[dict[str, Json]]]
    table: Callable[[], Selection] | None = None
    texts: Callable[[], Iterator[str]] | None = None

    def __iter__(self) -> Iterator[dict[str, Json]]:
        return self.make()


def selected(table: Callable[[], Selection], shape: Callable[..., dict[str, Json]], spelled: str | None = None) -> Rows:
    """The rows of a selection. ``shape`` makes JSON of the cells of one; ``spelled`` is SQL over them for its text."""
    texts = None if spelled is None else lambda: table().spell(spelled)
    return Rows(lambda: (shape(*cells) for cells in table().read()[1]), table, texts)


NONE = Rows(lambda: iter(()))


def mark(store: Store) -> dict[str, Json]:
    """The checkpoint as answers show it."""
    now = checkpoint(store)
    return {"events": now.events, "digest": now.digest}


@dataclass(frozen=True)
class Answer:
    """One question's answer at one checkpoint: equal facts and parameters give equal sections.

    ``evidence`` says where each event that the answer names was seen: rows of its digest, the input's name and digest,
    and the position there."""

    question: str
    parameters: Mapping[str, Json]
    checkpoint: Mapping[str, Json]
    sections: Mapping[str, Json | Rows]
    evidence: Rows = NONE

    def document(self, without: Collection[str] = ()) -> dict[str, Json]:
        """The answer as plain JSON, in memory; lists may be millions of rows, so leave out those that are not read."""
        parts = ((key, value) for key, value in self._parts() if key not in without)
        return {key: list(value) if isinstance(value, Rows) else value for key, value in parts}

    def _parts(self) -> Iterator[tuple[str, Json | Rows]]:
        yield "question", self.question
        yield "parameters", self.parameters
        yield "checkpoint", self.checkpoint
        yield from self.sections.items()

    def write_json(self, stream: TextIO) -> None:
        """The document as one JSON object; a list has one line for each row."""
        stream.write("{")
        for number, (key, value) in enumerate(self._parts()):
            stream.write(",\n" if number else "\n")
            stream.write(f" {json.dumps(key)}: ")
            if isinstance(value, Rows):
                stream.write("[")
                texts = value.texts() if value.texts else (json.dumps(row, ensure_ascii=False) for row in value)
                for row_number, text in enumerate(texts):
                    stream.write(",\n  " if row_number else "\n  ")
                    stream.write(text)
                stream.write("]")
            else:
                stream.write(json.dumps(value, ensure_ascii=False))
        stream.write("\n}\n")
