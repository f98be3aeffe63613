"""Where a Zstandard stream ends (RFC 8878): what reads one says nothing of an end inside a frame, as of a torn file."""

from pathlib import Path
from typing import BinaryIO

FRAME, SKIPPED = 0xFD2FB528, 0x184D2A50  # the last four bits of the latter may be any
HEAD = 8
RLE = 1  # a block of one byte, which is repeated


def ends_whole(file: Path, size: int) -> bool:
    """Whether the first ``size`` bytes are frames one after the other, the last of them whole."""
    at: int | None = 0
    with file.open("rb") as packed:
        while at is not None and at < size:
            at = _after_frame(packed, at)
    return at == size


def _after_frame(packed: BinaryIO, at: int) -> int | None:
    """Where the frame that begins here ends, which may lie behind the end of the file; None where it cannot be told."""
    packed.seek(at)
    head = packed.read(HEAD)
    magic = int.from_bytes(head[:4], "little")
    if magic & ~15 == SKIPPED and len(head) == HEAD:
        return at + HEAD + int.from_bytes(head[4:], "little")
    if magic != FRAME or len(head) < HEAD:
        return None
    told = head[4]
    single, summed = told >> 5 & 1, told >> 2 & 1
    at += 5 + (1 - single) + (0, 1, 2, 4)[told & 3] + (single, 2, 4, 8)[told >> 6]
    while True:
        packed.seek(at)
        block = packed.read(3)
        if len(block) < 3:
            return None
        told = int.from_bytes(block, "little")
        at += 3 + (1 if told >> 1 & 3 == RLE else told >> 3)
        if told & 1:
            return at + 4 * summed
