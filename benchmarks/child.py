"""The product in a process of its own: asked over standard input, so that its memory can be told apart.

One JSON object a line in, one out: seconds, what was found, and the most memory that the process ever held
(in MB). ``Child`` is the other end. The clock runs inside, so starting a process and importing are
left out; ``cold`` in ``reach`` measures those.
"""

import hashlib
import json
import os
import resource
import select
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lineage.store import Store

Json = dict[str, Any]
LISTS = ("data_subjects", "datasets", "runs")


class TooMuch(Exception):
    """The product did not answer within the time or the memory it was given; its process was ended.

    ``unit``: s or MB."""

    def __init__(self, limit: float, unit: str) -> None:
        super().__init__(f"no answer within {limit:.0f} {unit}")
        self.unit = unit


class Child:
    """A process of the product, as long as the ``with`` lasts. ``patience``: seconds for one answer; ``room``: MB
    of memory beyond which it is ended, so that a benchmark does not take the machine with it."""

    def __init__(self, patience: float = 600, room: float = 6_000) -> None:
        self.patience, self.room = patience, room

    def __enter__(self) -> "Child":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def __call__(self, do: str, **told: Any) -> Json:
        """Raises TooMuch, and RuntimeError when the process ended by itself (its error is on standard error)."""
        told_to, answers = self.process.stdin, self.process.stdout
        assert told_to is not None
        assert answers is not None
        print(json.dumps({"do": do, **told}), file=told_to, flush=True)
        until = time.monotonic() + self.patience
        while not select.select([answers], [], [], 0.5)[0]:
            if time.monotonic() > until:
                self.process.kill()
                raise TooMuch(self.patience, "s")
            if self.process.poll() is None and self._held() > self.room:
                self.process.kill()
                raise TooMuch(self.room, "MB")
        line = answers.readline()
        if not line:
            raise RuntimeError(f"The product ended while it was asked to {do}.")
        found: Json = json.loads(line)
        return found

    def _held(self) -> float:
        """Resident memory in MB, now; 0 where the system does not tell."""
        told = Path(f"/proc/{self.process.pid}/statm")
        if not told.exists():
            return 0
        pages = int(told.read_text().split()[1])
        return pages * resource.getpagesize() / 2**20


class Timed:
    """A connection that notes how long each statement took, its rows fetched included."""

    def __init__(self, inner: Any, spent: dict[str, list[float]]) -> None:
        self._inner, self._spent, self._text = inner, spent, ""

    def execute(self, statement: Any, *told: Any) -> "Timed":
        self._text = getattr(statement, "query", statement)
        self._clock(self._inner.execute, statement, *told)
        return self

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)
        if name.startswith("fetch"):
            return lambda *told, **named: self._clock(inner, *told, **named)
        return inner

    def _clock(self, call: Any, *told: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*told, **named)
        finally:
            self._spent[" ".join(self._text.split())[:110]].append(time.perf_counter() - began)


@contextmanager
def _profiled(store: Any, told: Json, found: Json) -> Iterator[None]:
    """Note in ``found`` which statements took longest, and how much was spent outside of any."""
    if not told.get("profile"):
        yield
        return
    spent: dict[str, list[float]] = defaultdict(list)
    plain, store.connection = store.connection, Timed(store.connection, spent)
    began = time.perf_counter()
    try:
        yield
    finally:
        store.connection = plain
        whole = time.perf_counter() - began
        by_time = sorted(((sum(times), len(times), text) for text, times in spent.items()), reverse=True)
        within = sum(seconds for seconds, _, _ in by_time)
        found["profile"] = [*by_time[:25], (whole - within, 1, "(outside the engine)")]


def _ingest(told: Json) -> Json:
    from lineage.ingest import ingest
    from lineage.store import open_store

    found: Json = {}
    with open_store(told["store"]) as store, _profiled(store, told, found):
        began = time.perf_counter()
        tallies = [taken.tally for taken in ingest(store, told["paths"])]
        seconds = time.perf_counter() - began
    return found | {
        "seconds": seconds,
        "lines": sum(tally.lines for tally in tallies),
        "stored": sum(tally.stored for tally in tallies),
        "known": sum(tally.known for tally in tallies),
        "rejected": sum(tally.rejected for tally in tallies),
    }


class _Asker:
    """Keeps one store open, as an investigator's session does."""

    def __init__(self) -> None:
        self.path, self.store = "", cast("Store", None)  # opened when it is first asked

    def __call__(self, told: Json) -> Json:
        from lineage.questions import QUESTIONS
        from lineage.store import open_store

        if self.path != told["store"]:
            self.path, self.store = told["store"], open_store(told["store"], read_only=True, writes=[os.sep])
        question = next(item for item in QUESTIONS if item.name == told["question"])
        values = {parameter.name: told["values"].get(parameter.name, []) for parameter in question.parameters}
        found: Json = {}
        lists: dict[str, list[Json]] = {}
        # A moment of its own for each question, as the server gives it: what it made is gone when it is answered.
        with _profiled(self.store, told, found), self.store.snapshot():
            began = time.perf_counter()
            answer = question.ask(self.store, values)
            asked = time.perf_counter()
            for name in told["lists"]:
                rows: Any = answer.sections[name]
                if told.get("check"):
                    lists[name] = list(rows)
                else:
                    deque(rows.texts(), maxlen=0)
            if told.get("json"):
                with open(os.devnull, "w", encoding="utf-8") as page:
                    answer.write_json(page)
            listed = time.perf_counter()
            if told.get("out"):
                from lineage.exports import choose

                for export in choose(told["exports"]):
                    list(export.write(answer, told["out"]))
                found["written"] = time.perf_counter() - listed
            if told.get("text"):
                spelled = time.perf_counter()
                found["text"] = question.text(answer)
                found["told"] = time.perf_counter() - spelled
        found |= {"seconds": listed - began, "asked": asked - began, "summary": answer.sections["summary"]}
        if told.get("check"):
            found["digests"] = _digests(lists)
        return found


def _digests(lists: dict[str, list[Json]]) -> dict[str, str]:
    """Of the sets that a floor finds too."""
    sets = {
        "runs": [row["run_id"] for row in lists.get("runs", []) if row["contaminated"]],
        "compromised": [row["run_id"] for row in lists.get("runs", []) if row["compromised"]],
        "datasets": [row["name"] for row in lists.get("datasets", []) if row["contaminated"]],
        "people": [row["id"] for row in lists.get("data_subjects", [])],
        "touches": [
            f"{row['kind']} {row.get('run_id') or row['principal']} {row['dataset']['name']} {row['start']}"
            f" {row['operation']}"
            for row in lists.get("touches", [])
        ],
    }
    return {name: digest(names) for name, names in sets.items()}


def digest(names: list[str]) -> str:
    """Equal for equal sets of names; begins with their number."""
    return f"{len(names)}:" + hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def _most_memory() -> float:
    """The most resident memory so far, in MB. What ``ru_maxrss`` says holds on Linux also for the process that
    this one was forked from, so the high-water mark of its own memory is read where there is one."""
    status = Path("/proc/self/status")
    if status.exists():
        told = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(told.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    does: dict[str, Callable[[Json], Json]] = {"ingest": _ingest, "ask": _Asker()}
    for line in sys.stdin:
        told = json.loads(line)
        found = does[told["do"]](told)
        found["memory"] = _most_memory()
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
