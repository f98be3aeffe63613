"""One history of one size in a folder: its bare tables, its files, and the stores that the product makes of them.

Everything is made when it is first needed and kept for the other rows.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from benchmarks import files, floors, history
from benchmarks.child import Child

WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Path, history.Size], None]] = {
    "base": files.write_base,
    "openlineage": files.write_openlineage,
    "access": files.write_accesses,
    "access-again": lambda truth, folder, size: files.write_accesses(truth, folder, size, form="again"),
    "access-parquet": lambda truth, folder, size: files.write_accesses(truth, folder, size, form="parquet"),
}


@dataclass
class World:
    folder: Path
    size: history.Size
    rounds: int = 3
    patience: float = 600  # seconds for one answer
    profile: bool = False
    strange: bool = False  # names that no other history has, and no catalog
    _open: dict[str, duckdb.DuckDBPyConnection] = field(default_factory=dict)

    def part(self, name: str, share: float, *, strange: bool = False) -> "World":
        """A smaller world in a folder below; a strange one is drawn anew."""
        size = self.size.part(share)
        if strange:
            size = replace(size, seed=size.seed + 1)
        return World(self.folder / name, size, self.rounds, self.patience, strange=strange)

    def truth(self) -> Path:
        path = self.folder / "truth.duckdb"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with doing(f"drawing {self.size.edges:,} edges and {self.size.accesses:,} accesses"):
                unfinished = path.with_suffix(".part")
                unfinished.unlink(missing_ok=True)
                history.make(unfinished, self.size)
                unfinished.rename(path)
        return path

    def files(self, name: str) -> Path:
        folder = self.folder / name
        if not folder.exists():
            path = self.truth()
            with doing(f"writing {name}"), files.open_truth(path, strange=self.strange) as truth:
                WRITERS[name](truth, folder, self.size)
        return folder

    def store(self) -> Path:
        """Everything ingested."""
        path = self.folder / "all.lineage.duckdb"
        if not path.exists():
            names = [str(self.files(name)) for name in ("base", "openlineage", "access")]
            with doing("ingesting everything"), Child(3_600) as product:
                unfinished = path.with_suffix(".part")
                unfinished.unlink(missing_ok=True)
                found = product("ingest", store=str(unfinished), paths=names)
                assert not found["rejected"], found
                unfinished.rename(path)
        return path

    def floor(self) -> duckdb.DuckDBPyConnection:
        """Bare tables, sorted for their use."""
        if "floor" not in self._open:
            self._open["floor"] = floors.make_floor(self.truth(), self.folder / "floor.duckdb")
        return self._open["floor"]

    def plain(self) -> duckdb.DuckDBPyConnection:
        """The same tables, unsorted."""
        if "plain" not in self._open:
            self._open["plain"] = floors.make_plain(self.truth())
        return self._open["plain"]

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()
        self._open.clear()


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Says on standard error what takes its time."""
    began = time.perf_counter()
    print(f"  {what} …", end=" ", file=sys.stderr, flush=True)
    yield
    print(f"{time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)
