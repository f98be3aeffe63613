"""The journal: what was acknowledged, durable before the client hears of it, until the store has it.

A folder beside the store holds numbered segments, drained in order and deleted once the store has committed them:

    000000000001.journal    records, one after the other (see ``_frame``)
    000000000002.file/      one upload: told.json, and content/ with the file under its name
    000000000003.refused    what can never be stored
    000000000004.damaged    a copy of what a disk damaged: the records that are whole were stored

A record is acknowledged when its segment was synced. What a kill or a power loss left torn at a segment's end was
never acknowledged, and reading stops before it: each record carries its length and checksum. Where whole records follow
it is damage, and they are read.
"""

import json
import os
import shutil
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from lineage.errors import LineageError
from lineage.ingest import Told
from lineage.store import REFUSED

SEGMENT_BYTES = 32 << 20  # a segment that has grown beyond it is closed
MARK = b"record"
LONGEST_PATH = 2000  # bytes; a system takes 4096, with what stands before it


@dataclass(frozen=True)
class Record:
    """One or more events as one-line texts, joined by newlines, and what was told beside them."""

    told: Told
    lines: bytes


@dataclass(frozen=True)
class Segment:
    """A closed part of the journal. ``last``: how many records had been acknowledged, all told, with its last one."""

    path: Path
    number: int
    last: int
    bytes: int


class Journal:
    """Appends durably, from any thread. Nobody else may write to the folder: the store's lock sees to that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.acknowledged = 0  # records and uploads since this object was made, those found on disk first
        self.waiting = 0  # bytes that wait to be drained; read without the lock
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path = folder
        self._size = 0
        folder.mkdir(mode=0o700, exist_ok=True)
        self._closed = list(self._found())
        self.waiting = sum(segment.bytes for segment in self._closed)
        self._number = max((int(path.stem) for path in folder.iterdir() if path.stem.isdecimal()), default=0)

    def write(self, records: Sequence[Record]) -> int:
        """Append all of them with one sync; returns ``acknowledged`` with the last of them.

        Raises OSError when the disk refuses: then none of them counts, and a new segment is begun.
        """
        framed = b"".join(_frame(record) for record in records)
        with self._lock:
            file = self._open() if self._file is None else self._file
            try:
                view = memoryview(framed)
                while view:
                    view = view[os.write(file, view) :]
                os.fdatasync(file)
            except OSError:
                self._give_up(file)
                raise
            self._size += len(framed)
            self.waiting += len(framed)
            self.acknowledged += len(records)
            if self._size >= SEGMENT_BYTES:
                self._close()
            return self.acknowledged

    def put(self, name: str, told: Told, pieces: Iterable[bytes]) -> int:
        """Keep one upload durably: its segment's number. ``name`` is a relative path, see ``upload``."""
        upload = self.upload(name, told)
        try:
            for piece in pieces:
                upload.write(piece)
            return upload.keep()
        except BaseException:
            upload.drop()
            raise

    def upload(self, name: str, told: Told, folder: str = "") -> "Upload":
        """Begin an upload under a relative name; ``folder``: where that lies at its sender, for the catalog's globs.

        Raises LineageError for a name that leads elsewhere.
        """
        folder = folder.strip("/")
        _refuse_odd(name, folder)
        with self._lock:
            self._number += 1
            return Upload(self, self._number, name, told, folder)

    def keep(self, upload: "Upload") -> None:
        """The upload is whole and on the disk: acknowledge it."""
        path = self.folder / f"{upload.number:012}.file"
        with self._lock:
            upload.part.rename(path)
            _sync(self.folder)
            self.acknowledged += 1
            self.waiting += upload.size
            self._closed.append(Segment(path, upload.number, self.acknowledged, upload.size))

    def seal(self) -> list[Segment]:
        """Close the segment that is written to; all that are closed, oldest first."""
        with self._lock:
            self._close()
            return list(self._closed)

    def holds(self, number: int) -> bool:
        """Whether a closed segment with this number waits to be drained."""
        with self._lock:
            return any(segment.number == number for segment in self._closed)

    def done(self, segment: Segment) -> None:
        """The store has it: forget it."""
        if segment.path.is_dir():
            part = self.folder / f"part-{segment.path.name}"  # what a kill leaves of a half is none
            segment.path.rename(part)
            self._forget(segment)
            shutil.rmtree(part, ignore_errors=True)
        else:
            segment.path.unlink()
            self._forget(segment)

    def set_aside(self, segment: Segment) -> None:
        """It can never be stored: keep it, under another name, for whoever looks into it."""
        segment.path.rename(segment.path.with_suffix(REFUSED))
        self._forget(segment)

    def _forget(self, segment: Segment) -> None:
        _sync(self.folder)
        with self._lock:
            self._closed.remove(segment)
            self.waiting -= segment.bytes

    def _open(self) -> int:
        self._number += 1
        self._path = self.folder / f"{self._number:012}.journal"
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self._size = 0
        _sync(self.folder)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            number = int(self._path.stem)
            self._closed.append(Segment(self._path, number, self.acknowledged, self._size))
            self._file, self._size = None, 0

    def _give_up(self, file: int) -> None:
        """What the failed write left is cut off; where even that fails, reading stops before it."""
        with suppress(OSError):
            os.ftruncate(file, self._size)
        if self._size:
            self._close()
            return
        os.close(file)
        self._file = None
        with suppress(OSError):
            self._path.unlink()

    def _found(self) -> Iterator[Segment]:
        """What a former process left."""
        for part in self.folder.glob("part-*"):
            shutil.rmtree(part)
        for path in sorted(self.folder.glob("*.journal")) + sorted(self.folder.glob("*.file")):
            if not path.stem.isdecimal():
                continue  # somebody else's
            self.acknowledged += 1
            yield Segment(path, int(path.stem), self.acknowledged, path.stat().st_size)


class Upload:
    """One file on its way into the journal: written piece by piece, then kept or dropped."""

    def __init__(self, journal: Journal, number: int, name: str, told: Told, folder: str) -> None:
        self.journal, self.number, self.size = journal, number, 0
        self.part = journal.folder / f"part-{number:012}"
        self._content = self.part / "content" / folder / name
        try:
            self._content.parent.mkdir(parents=True)
            (self.part / "told.json").write_text(json.dumps({"folder": folder, "told": asdict(told)}))
            self._file = self._content.open("wb")
        except OSError:
            shutil.rmtree(self.part, ignore_errors=True)
            raise

    def write(self, piece: bytes) -> None:
        self.size += self._file.write(piece)

    def keep(self) -> int:
        """Durable when it returns: the segment's number. Raises OSError when the disk refuses."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        _sync(self.part / "told.json")
        folder = self._content.parent
        while folder != self.part.parent:
            _sync(folder)
            folder = folder.parent
        self.journal.keep(self)
        return self.number

    def drop(self) -> None:
        self._file.close()
        shutil.rmtree(self.part, ignore_errors=True)


def read_records(segment: Segment, damage: list[int]) -> Iterator[Record]:
    """The records of a segment that are whole, in order; ``damage``: gets where, in bytes, something else was passed
    over that such a record follows."""
    passed: int | None = None
    with segment.path.open("rb") as file:
        while True:
            at = file.tell()
            record = _read(file, segment.bytes)
            if record is None:
                passed = at if passed is None else passed
                if not _find_next(file, at):
                    return
                continue
            if passed is not None:
                damage.append(passed)
                passed = None
            yield record


def _read(file: BinaryIO, most: int) -> Record | None:
    """The record that begins here, of no more than ``most`` bytes, if it is whole."""
    words = file.readline().split(b" ", 3)
    if len(words) != 4 or words[0] != MARK or not words[3].endswith(b"\n"):
        return None
    told, length = words[3][:-1], words[2]
    if not length.isdigit() or int(length) > most:
        return None
    lines = file.read(int(length))
    if file.read(1) != b"\n" or b"%08x" % zlib.crc32(lines, zlib.crc32(told)) != words[1]:
        return None
    return Record(Told(**json.loads(told)), lines)


def _find_next(file: BinaryIO, at: int) -> bool:
    """Go to the first line after the one at ``at`` that begins as a record does."""
    file.seek(at)
    file.readline()
    at = file.tell()
    while line := file.readline():
        if line.startswith(MARK + b" "):
            file.seek(at)
            return True
        at = file.tell()
    return False


def read_upload(segment: Segment) -> tuple[Path, Told]:
    """The folder that an upload's name begins in, and what was told beside its content."""
    told = json.loads((segment.path / "told.json").read_bytes())
    return segment.path / "content" / told["folder"], Told(**told["told"])


def _frame(record: Record) -> bytes:
    """``record CHECKSUM LENGTH TOLD``, a newline, the lines, a newline; the checksum is over told and lines."""
    told = json.dumps(asdict(record.told)).encode()
    checksum = zlib.crc32(record.lines, zlib.crc32(told))
    return b"%s %08x %d %s\n%s\n" % (MARK, checksum, len(record.lines), told, record.lines)


def _refuse_odd(name: str, folder: str) -> None:
    """Neither may lead out of its place; a hidden file is none that a folder's ingest sees."""
    parts = [*(folder.split("/") if folder else ()), *name.split("/")]
    hidden = any(part.startswith(".") for part in name.split("/"))
    fits = all(part not in ("", ".", "..") and part.isprintable() and len(part.encode()) <= 255 for part in parts)
    if hidden or not fits or len(name.encode()) + len(folder.encode()) > LONGEST_PATH:
        raise LineageError(
            f"{name[:200]!r} cannot be the name of an upload.", "Give a relative path such as logs/access.ndjson."
        )


def _sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
