"""Answers that are held while people look at them: what pages read of one, and the shelf where all find it."""

import io
import logging
import tempfile
import threading
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from lineage.answers import Answer, Json, Rows
from lineage.exports import tables
from lineage.questions.interface import Question, Values
from lineage.server.asking import read_values
from lineage.store import Selection
from ui import session, waiting

LOG = logging.getLogger("lineage.ui")
HELD = 24  # answers, the least recently used go first
LOOKED_UP = 240  # of what pages look up to draw themselves, which is small
IDLE = 900.0  # seconds after which an answer that nobody looks at goes, since it holds its snapshot
LISTED = 20_000  # rows of a list that pass through Python; what is longer is asked with ``over``
LEAVES = 24  # of the lists of an answer that are kept: a click shows the one that was shown before
READS = "Reading the answer"
Key = tuple[Any, ...]


class Held:
    """An answer and the cursor that its lists are read from."""

    def __init__(self, reading: session.Reading, question: Question, values: Values, *, recorded: bool) -> None:
        self.reading, self.question, self.values = reading, question, values
        self.used = time.monotonic()
        self.key: Key | None = None  # where the shelf has it
        self.shelf: Shelf | None = None
        self.lock = threading.RLock()
        self.seconds = 0.0
        self._lists: dict[str, list[dict[str, Json]]] = {}
        self._made: dict[str, Any] = {}
        self._readers = 0
        self._is_away = False
        self._kept: dict[str, Selection] = {}
        self._leaves: OrderedDict[Key, list[dict[str, Any]]] = OrderedDict()
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="lineage-") as folder:
            plain = {
                key: [list(item) if isinstance(item, tuple) else item for item in found]
                for key, found in values.items()
            }
            told = read_values(question, plain, reading.store, Path(folder))  # no path of the server's is opened
            self.answer: Answer = reading.ask(question, told) if recorded else question.ask(reading.store, told)
        self.seconds = time.perf_counter() - began
        reading.store.share(self.lock)
        LOG.info("answered %s in %.3f s", question.name, self.seconds)

    @property
    def summary(self) -> dict[str, Any]:
        told: Any = self.answer.sections.get("summary", {})
        return dict(told)

    @property
    def is_at_hand(self) -> bool:
        return self.shelf is None or self.key is None or self.shelf.get(self.key) is self

    @contextmanager
    def reading_all(self) -> Iterator[None]:
        """For whoever reads whole lists, in turn with all others who look at it: it is not closed meanwhile."""
        with self.lock:
            self._readers += 1
        try:
            yield
        finally:
            with self.lock:
                self._readers -= 1
                self._close()

    def put_away(self) -> None:
        """Nobody finds it on the shelf any more; who reads it reads on."""
        with self.lock:
            self._is_away = True
            self._close()

    def _close(self) -> None:
        if self._is_away and not self._readers:
            self.reading.close()

    def let_go(self) -> "Held":
        """Read its lists, which are short, and let go of its snapshot: nothing more is asked of it."""
        lists = {name: list(found) for name, found in self.answer.sections.items() if isinstance(found, Rows)}
        read = {name: Rows(rows.__iter__) for name, rows in lists.items()}
        self.answer = replace(self.answer, sections={**self.answer.sections, **read})
        self.reading.close()
        return self

    def rows(self, section: str) -> list[dict[str, Json]]:
        """A list of the answer, at most LISTED rows of it."""
        if section not in self._lists:
            waiting.beside(lambda: self._read(section), READS)
        return self._lists[section]

    def _read(self, section: str) -> None:
        with self.lock:
            if section not in self._lists:
                found = self.answer.sections.get(section, [])
                self._lists[section] = list(islice(iter(found), LISTED)) if isinstance(found, Rows | list) else []

    def every(self, section: str) -> Iterator[dict[str, Json]]:
        """All rows of a list, for what holds all of it."""
        with self.reading_all():
            yield from self.answer.sections[section]

    def over(self, section: str, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """What ``sql`` makes of a list that the engine makes; it is called ``listed`` there, and instants are in µs."""
        return waiting.beside(lambda: self._over(section, sql, parameters), READS)

    def _over(self, section: str, sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        with self.lock:
            return self._table(section).over(sql, **parameters)

    def keep(self, name: str, section: str, sql: str, says: str) -> str:
        """Have the engine keep what ``sql`` makes of a list, once; ``name`` is then asked in place of the list."""

        def kept() -> Selection:
            return self._table(section).keep(f"kept_{name}", sql)

        self._kept[name] = self.made(f"kept {name}", kept, says)
        return name

    def _table(self, section: str) -> Selection:
        if section in self._kept:
            return self._kept[section]
        found = self.answer.sections[section]
        if not isinstance(found, Rows) or found.table is None:
            raise TypeError(f"the engine makes no table of {section}")
        return found.table()

    def leaf(self, section: str, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """The same of what pages show again and again, whoever looks: a page of a list is asked once while it is among
        the LEAVES that were looked at last. Nobody changes its rows."""
        key = (section, sql, repr(sorted(parameters.items())))
        with suppress(KeyError):
            self._leaves.move_to_end(key)
            return self._leaves[key]
        found = self.over(section, sql, **parameters)
        self._leaves[key] = found
        with suppress(KeyError):  # two at once
            while len(self._leaves) > LEAVES:
                self._leaves.popitem(last=False)
        return found

    def lists(self) -> list[str]:
        return [name for name, section in self.answer.sections.items() if isinstance(section, Rows | list)]

    def made(self, name: str, make: Callable[[], Any], says: str = READS) -> Any:
        """What is made of the answer once, such as its graph; meanwhile a page ``says`` so."""

        def once() -> None:
            with self.lock:
                if name not in self._made:
                    self._made[name] = make()

        if name not in self._made:
            waiting.beside(once, says)
        return self._made[name]

    def written(self) -> bytes:
        """The whole answer as JSON, every list complete."""
        stream = io.BytesIO()
        with self.reading_all(), io.TextIOWrapper(stream, encoding="utf-8", newline="") as text:
            self.answer.write_json(text)
            text.flush()
            return stream.getvalue()

    def tables(self) -> bytes:
        """Every list as CSV, the answer as text and as JSON, and where each event was seen, in a ZIP."""
        stream = io.BytesIO()
        with (
            self.reading_all(),
            tempfile.TemporaryDirectory(prefix="lineage-") as folder,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr("answer.txt", f"{self.question.text(self.answer)}\n")
            for path in tables.EXPORT.write(self.answer, folder):
                archive.write(path, Path(path).name)
        return stream.getvalue()


class Shelf:
    """The answers at hand, ``most`` of them, and those that are being made, by question, values and what the store
    knew."""

    def __init__(self, most: int = HELD) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.held: OrderedDict[Key, Held] = OrderedDict()
        self.at_work: dict[Key, waiting.Work] = {}

    def get(self, key: Key) -> Held | None:
        with self.lock:
            if key in self.held:
                self.held.move_to_end(key)
                self.held[key].used = time.monotonic()
            return self.held.get(key)

    def put(self, key: Key, held: Held) -> Held:
        """The answer that is at hand from now on: where two asked the same at once, the first, which a page may be
        drawing already."""
        with self.lock:
            kept = self.held.setdefault(key, held)
            kept.key, kept.shelf, kept.used = key, self, time.monotonic()
            self.held.move_to_end(key)
            gone = [] if kept is held else [held]
            late = time.monotonic() - IDLE
            while len(self.held) > self.most or (len(self.held) > 1 and next(iter(self.held.values())).used < late):
                gone.append(self.held.popitem(last=False)[1])
        for old in gone:  # not under the shelf's lock: one of them may be at work for long
            old.put_away()
        return kept

    def work(self, key: Key, mine: waiting.Work) -> waiting.Work:
        """The work that makes an answer, joined: ``mine``, unless somebody waits for it already."""
        with self.lock:
            now = self.at_work.get(key)
            if now is None or not now.join():
                self.at_work[key] = now = mine
                now.join()
            return now

    def done(self, key: Key, work: waiting.Work) -> None:
        with self.lock:
            if self.at_work.get(key) is work:
                del self.at_work[key]
