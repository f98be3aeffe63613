"""What a question is: a declaration with its parameters, from which CLI, HTTP and UI make their forms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.answers import Answer
from lineage.store import Store

Values = Mapping[str, Sequence[Any]]  # texts, or lists of texts where an option has several words


@dataclass(frozen=True)
class Parameter:
    """One option. ``kind`` says what its values are (and so where a form looks for them); ``parts`` how many
    words one value has; a repeated option unites."""

    name: str
    # vendor | principal | package | file | job | run | dataset | data-subject | record | instant | rule
    # | thing (KIND:ID) | kind (of thing) | text | number | digest
    kind: str
    help: str
    repeated: bool = False
    parts: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Question:
    """``ask`` takes values by parameter name (each a list, of tuples where an option has several words)."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    ask: Callable[[Store, Values], Answer]
    text: Callable[[Answer], str]
    example: str
