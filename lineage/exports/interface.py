"""What an export is: a shape that an answer is written in, as files in a folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lineage.answers import Answer


@dataclass(frozen=True)
class Export:
    """``write(answer, folder)`` makes the folder where it is missing and yields the path of each file written."""

    name: str
    title: str
    write: Callable[[Answer, str], Iterator[str]]
