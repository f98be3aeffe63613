"""What a collector is: one declaration, found by content, set-based where the format allows.

A collector turns an input into one-line JSON texts (its ``frame``) and those, batch by batch, into
staged facts (its ``load``, plain SQL). The store does the rest: digests, duplicates, names, the ledger.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Head:
    """The beginning of an input, as a collector sees it to say whether it can read it.

    ``name`` is the file's name without ``.gz`` or ``.zst``; ``start`` its first 64 KiB, decompressed;
    ``whole`` says that ``start`` is all there is.
    """

    name: str
    start: bytes
    whole: bool


@dataclass(frozen=True)
class Block:
    """Consecutive one-line texts in UTF-8, joined by newlines; the first has the position ``first`` (from 1).

    Blank lines keep their position and are passed over; ``lines`` counts them too.
    """

    first: int
    text: bytes
    lines: int


@dataclass(frozen=True)
class Rejected:
    """A piece of the input that can never be stored, with the reason as a sentence."""

    position: int
    reason: str
    text: bytes


@dataclass(frozen=True)
class Collector:
    """One format. ``claims`` says whether it can read an input, ``frame`` takes it apart; ``example`` is one.

    ``load`` runs in order, for each batch, over the tables ``line(position, text, digest)`` and
    ``given(environment, taken_at)``, one row of what the user told. Each position goes into ``staged_event`` (with the
    digest), ``staged_rejected`` or ``staged_passed`` (with a reason), and what the events say into the other tables of
    ``lineage.store.staging``.

    The engine scans a table of its own by row groups, and a batch is often only one: then one core does all the work.
    What is read through a MATERIALIZED WITH is shared among all cores, as ``line`` is by itself.

    ``strays``: a file of this format may lie in a folder by chance, and says neither where nor when it was true. It is
    left alone where nobody gave it by its name or told its environment.
    """

    name: str
    title: str
    claims: Callable[[Head], bool]
    frame: Callable[[BinaryIO, Head], Iterator[Block | Rejected]]
    load: tuple[str, ...]
    example: str
    strays: bool = False
