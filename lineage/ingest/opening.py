"""Inputs: files, folders and standard input, plain or compressed."""

import gzip
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from lineage.collectors.interface import Head
from lineage.errors import LineageError
from lineage.store import PARQUET, parquet_lines

HEAD_BYTES = 64 << 10
PIECE = 8 << 20
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Given:
    """One input as the user gave it: ``name`` below what was given, ``path`` in full, and where its bytes are."""

    name: str
    path: str
    file: Path
    named: bool  # given by its own name, not found in a folder


def find_inputs(paths: list[str]) -> Iterator[Given]:
    """The inputs below ``paths``, folders walked in the order of their names; ``-`` is standard input."""
    for text in paths:
        path = Path(text)
        if text == "-":
            yield Given("-", "-", _spool(), named=True)
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
                    yield Given(file.relative_to(path).as_posix(), file.resolve().as_posix(), file, named=False)
        elif path.exists():
            yield Given(path.name, path.resolve().as_posix(), path, named=True)
        else:
            raise LineageError(f"There is no file or folder {text}.", "Check the path.")


def _spool() -> Path:
    with tempfile.NamedTemporaryFile(prefix="lineage-", delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return Path(file.name)


def digest_and_size(file: Path) -> tuple[str, int]:
    """SHA-256 and size in bytes of the content as given, still compressed."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), file.stat().st_size


def open_plain(file: Path) -> BinaryIO:
    """The decompressed content; of Parquet the rows as JSON lines.

    Reading raises EOFError, OSError or ZstdError where the file is torn.
    """
    stream = file.open("rb")
    magic = stream.read(4)
    stream.seek(0)
    if magic.startswith(GZIP):
        stream.close()
        return cast(BinaryIO, gzip.open(file))
    if magic == PARQUET:
        stream.close()
        return parquet_lines(file)
    if magic == ZSTD:
        return zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True, closefd=True)
    return stream


def read_head(name: str, file: Path) -> Head:
    """What collectors see of an input to say whether they can read it."""
    start = b""
    try:
        with open_plain(file) as stream:
            while len(start) <= HEAD_BYTES and (piece := stream.read(HEAD_BYTES + 1 - len(start))):
                start += piece
    except (EOFError, OSError, zstandard.ZstdError):
        pass  # a torn file is still known by its beginning
    return Head(name.removesuffix(".gz").removesuffix(".zst"), start[:HEAD_BYTES], len(start) <= HEAD_BYTES)
