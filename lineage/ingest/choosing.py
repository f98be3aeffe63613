"""Who reads an input, found by its content; and which inputs are small enough to be taken in together."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from lineage.collectors import claiming, find_collector, instead
from lineage.collectors.interface import Collector
from lineage.errors import LineageError
from lineage.ingest.opening import Given, digest_of, read_head

TOGETHER, INPUTS_TOGETHER = 4_000_000, 1000  # bytes and inputs of one batch, where they are small


@dataclass(frozen=True)
class Told:
    """What the user says beside the content."""

    collector: str | None = None
    source: str | None = None
    environment: str | None = None
    taken_at: str | None = None

    def options(self) -> str:
        """What of it makes other facts of the same content, as JSON."""
        told = {"environment": self.environment, "taken_at": self.taken_at}
        return json.dumps({key: value for key, value in told.items() if value is not None}, sort_keys=True)


@dataclass(frozen=True)
class Chosen:
    """An input and who reads it; ``size`` in bytes as given, still compressed."""

    given: Given
    collector: Collector
    size: int

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the bytes as given: a large input takes a while."""
        return digest_of(self.given.file)


def choose(given: Given, told: Told) -> Collector | None:
    """The collector for an input: the one told, else the first that claims its content and was meant to. Raises
    LineageError where none has the name told."""
    if told.collector is not None:
        return find_collector(told.collector)
    found = claiming(read_head(given.name, given.file))
    chance = found is not None and found.strays and not given.named and told.environment is None
    return None if chance else found


def why_left(given: Given) -> str | None:
    """What would have an input read that was left alone, as the end of a sentence; None where nothing is known that
    would."""
    head = read_head(given.name, given.file)
    if claiming(head) is not None:
        return "it says neither where nor when it was true: tell both with --environment and --taken-at"
    return instead(head)


def groups(inputs: Iterable[Given], told: Told) -> Iterator[list[Chosen | Given]]:
    """The inputs in their order, those that can share a batch together: of one format, and few bytes in all. One that
    nobody claims stays as it is."""
    group: list[Chosen | Given] = []
    size, reader = 0, None
    try:
        for given in inputs:
            collector = choose(given, told)
            one = given if collector is None else Chosen(given, collector, given.file.stat().st_size)
            more = one.size if isinstance(one, Chosen) else 0
            other = None not in (collector, reader) and collector is not reader
            if group and (other or len(group) == INPUTS_TOGETHER or size + more > TOGETHER):
                yield group
                group, size, reader = [], 0, None
            group.append(one)
            size, reader = size + more, collector or reader
    except LineageError:  # of one that cannot be had: those before it still count
        yield group
        raise
    yield group
