"""Inputs: files, folders and standard input, plain or compressed."""

import codecs
import gzip
import hashlib
import io
import os
import re
import shutil
import sys
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import zstandard

from lineage.collectors.interface import Head
from lineage.errors import LineageError
from lineage.ingest.zstd_frames import ends_whole
from lineage.store import PARQUET, parquet_lines

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 64 << 10  # of an input, for collectors to know it by
PIECE = 8 << 20  # bytes that are read at a time
GZIP = b"\x1f\x8b"
ZSTD = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")  # a frame, or one to be skipped, as pzstd begins


@dataclass(frozen=True)
class Given:
    """One input as the user gave it: ``name`` below what was given, ``path`` in full, and where its bytes are."""

    name: str
    path: str
    file: Path
    named: bool  # given by its own name, not found in a folder

    def is_missed(self) -> bool:
        """Whether somebody should know that nobody reads it: the user named it, and it holds something. (What is torn
        is missed wherever it was found.)"""
        return self.named and not _is_blank(self.file)

    def is_torn(self) -> bool:
        """Whether it is compressed or Parquet, and what a collector would know it by is not whole."""
        return _start(self.file)[1]


def check_paths(paths: list[str]) -> None:
    """Raises LineageError for the first that is not there, before anything is taken in."""
    for text in paths:
        if text != "-" and not (text and Path(text).exists()):  # '' would be this folder
            raise LineageError(f"There is no file or folder {text or repr(text)}.", "Check the path.")


def find_inputs(paths: list[str], store: str = "") -> Iterator[Given]:
    """The inputs below ``paths``, folders walked in the order of their names; ``-`` is standard input. What can be read
    once only (that, a pipe, a device) is copied first: an input is read several times. The ``store`` that this process
    holds is no input, and is not even looked into: who closes a file gives up whatever lock the process has on it.

    Raises LineageError for a path that is not there or is the store, OSError for a folder that cannot be read.
    """
    check_paths(paths)
    held = _places(Path(f"{store}{end}") for end in ("", ".wal"))
    for text in paths:
        if text != "-" and held & _places([Path(text)]):
            raise LineageError(f"{_shown(Path(text))} is the store itself.", "Leave it out, or name another --store.")
    for text in paths:
        path = Path(text)
        if path.is_dir():
            for file in _files(path):
                if not held & _places([file]):
                    yield Given(_shown(file.relative_to(path)), _in_full(file), file, named=False)
        elif text != "-" and path.is_file():
            yield Given(_shown(Path(path.name)), _in_full(path), path, named=True)
        else:
            name, full = ("-", "-") if text == "-" else (_shown(Path(path.name)), _in_full(path))
            with _standard_input() if text == "-" else path.open("rb") as stream:
                given = Given(name, full, _spool(stream), named=True)
            weakref.finalize(given, given.file.unlink, missing_ok=True)
            yield given
            del given


def size_of(paths: list[str]) -> int:
    """Bytes below ``paths``, still compressed, as far as they can be looked at; what can be read once only has none
    yet."""
    size = 0
    with suppress(OSError):  # a file that went, a folder nobody may read: whoever takes it in says so, when it comes
        for path in map(Path, paths):
            for file in _files(path) if path.is_dir() else [path]:
                size += file.stat().st_size if file.is_file() else 0
    return size


def _files(
    folder: Path, above: frozenset[tuple[int, int]] = frozenset(), seen: set[tuple[int, int]] | None = None
) -> Iterator[Path]:
    """Every file below that is not hidden. Links are followed, but for those that lead to where they stand.

    ``seen``: the folders behind links so far, inside one; a link there leads to no folder that another led to: where
    folders link to one another, there are more ways through them than anybody could wait for.
    """
    told = folder.stat()
    here = (told.st_dev, told.st_ino)
    if here in above:
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            within = seen
            if path.is_symlink():
                led = path.stat()
                target = (led.st_dev, led.st_ino)
                if seen is not None and target in seen:
                    continue
                within = {target} if seen is None else seen
                within.add(target)
            yield from _files(path, above | {here}, within)
        elif path.is_file():
            yield path


def _places(files: Iterable[Path]) -> set[tuple[int, int]]:
    """Where those of the files lie that are there, by whatever name."""
    told = [file.stat() for file in files if file.is_file()]
    return {(one.st_dev, one.st_ino) for one in told}


def _in_full(file: Path) -> str:
    """The path as the user sees it, links as they are: what a source's ``files`` speaks of."""
    return _shown(Path(os.path.abspath(file)))


def _shown(path: Path) -> str:
    """A path as text; bytes of it that are no UTF-8 are spelled out."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _is_blank(file: Path) -> bool:
    """Whether it is whole and holds nothing but white space."""
    start, torn = _start(file)
    return len(start) <= HEAD_BYTES and not start.removeprefix(codecs.BOM_UTF8).strip() and not torn


def _start(file: Path) -> tuple[bytes, bool]:
    """The beginning, a byte longer than collectors see, and whether it is torn there."""
    stream, torn = open_plain(file)
    with stream:
        return stream.read(HEAD_BYTES + 1), torn() is not None


def _standard_input() -> AbstractContextManager[BinaryIO]:
    if sys.stdin is None:
        raise LineageError("Standard input is closed.", "Pipe something into it, or name a file.")
    return nullcontext(sys.stdin.buffer)


def _spool(stream: BinaryIO) -> Path:
    with tempfile.NamedTemporaryFile(prefix="lineage-", delete=False) as file:
        try:
            shutil.copyfileobj(stream, file)
        except BaseException:  # Ctrl-C too
            os.unlink(file.name)
            raise
    return Path(file.name)


def digest_of(file: Path) -> str:
    """SHA-256 of the content as given, still compressed."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Raw(io.RawIOBase):
    """The bytes of a file as they are read, counted and summed. A log may grow, or be cut, while it is taken in: what
    is known of it then is what was read of it, and not what anybody else finds there."""

    def __init__(self, file: Path) -> None:
        self.inner = file.open("rb", buffering=0)
        self.size = 0
        self._sum = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer") -> int:
        count = self.inner.readinto(into) or 0
        self._sum.update(memoryview(into).cast("B")[:count])
        self.size += count
        return count

    def finish(self) -> None:
        """Read what nobody wanted: the rest behind the end of what is torn."""
        room = bytearray(PIECE)
        while self.readinto(room):
            pass

    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._sum.hexdigest()

    def close(self) -> None:
        self.inner.close()
        super().close()


class Whole(io.RawIOBase):
    """A compressed stream read up to where it is torn: what came before is given, ``torn`` says why it ends.
    ``ends_whole`` is asked at its end."""

    def __init__(
        self, inner: "gzip.GzipFile | zstandard.ZstdDecompressionReader", ends_whole: Callable[[], bool]
    ) -> None:
        self.inner = inner
        self.ends_whole = ends_whole
        self.torn: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer") -> int:
        room = memoryview(into).cast("B")
        try:
            piece = self.inner.read1(len(room))  # one step at a time, so that an error loses nothing before it
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            self.torn = type(error).__name__
            return 0
        if not piece and len(room) and not self.ends_whole():
            self.torn = EOFError.__name__
        room[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self.inner.close()
        super().close()


def open_plain(file: Path, raw: Raw | None = None) -> tuple[BinaryIO, Callable[[], str | None]]:
    """The decompressed content (of Parquet the rows as JSON lines), and what says, once read, whether it was torn.

    ``raw``: the file, unread, where it shall be known what was read of it. Raises LineageError where a Parquet file,
    whose end is read first, is not the same in the end.
    """
    raw = raw or Raw(file)
    with file.open("rb") as stream:
        magic = stream.read(4)
    if magic == PARQUET:
        before = _version(file)
        try:
            rows, fault = parquet_lines(file), None
        except OSError:
            rows, fault = io.BytesIO(), "not a whole Parquet file"
        raw.finish()
        if _version(file) != before:
            raise LineageError(f"{file.name} was changed while it was read.", "Take it in once it is written.")
        return rows, lambda: fault
    if magic.startswith(GZIP):
        inner = gzip.open(io.BufferedReader(raw, PIECE))  # noqa: SIM115 (the caller closes it)
        whole = Whole(inner, lambda: True)  # it says so itself
    elif ZSTD.match(magic):
        packed = io.BufferedReader(raw, PIECE)
        reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True, closefd=True)
        whole = Whole(reader, lambda: ends_whole(file, raw.size))
    else:
        return io.BufferedReader(raw), lambda: None
    return io.BufferedReader(whole, PIECE), lambda: whole.torn


def _version(file: Path) -> tuple[int, ...]:
    told = file.stat()
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns


def is_packed(start: bytes) -> bool:
    """Whether what begins so is compressed or Parquet, and must be opened before a collector can know it."""
    return start.startswith((PARQUET, GZIP)) or ZSTD.match(start) is not None


def read_head(name: str, file: Path) -> Head:
    """What collectors see of an input to say whether they can read it; a torn one is known by its beginning, and one
    that begins with the hole which a truncated log leaves by what follows."""
    start = b""
    stream, _ = open_plain(file)
    with stream:
        while len(start) <= HEAD_BYTES and (piece := stream.read(HEAD_BYTES + 1 - len(start))):
            start = (start + piece).lstrip(b"\0")
    return Head(name.removesuffix(".gz").removesuffix(".zst"), start[:HEAD_BYTES], len(start) <= HEAD_BYTES)
