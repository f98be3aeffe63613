"""What a collector makes of an input, for tests: framed and loaded as ``lineage ingest`` does, not merged.

A case is a folder ``cases/COLLECTOR/NAME`` with input files and ``expected.json``, which maps each file's
name to what ``staged`` returns for it. To see what a change makes of all cases, or to accept it:
``python -m tests.collectors.staging COLLECTOR [--accept]``.
"""

import importlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from lineage.collectors.interface import Collector, Head, Rejected
from lineage.ingest.opening import HEAD_BYTES
from lineage.store import LoadFailed, Store, digested, find_bad, make_staging, open_store, stage
from lineage.store.staging import FACT_TABLES

CASES = Path(__file__).parent / "cases"
Rows = dict[str, list[Any]]  # by table, without empty ones: "event", "rejected", "passed", fact tables


def head_of(data: bytes, name: str = "input") -> Head:
    return Head(name, data[:HEAD_BYTES], len(data) <= HEAD_BYTES)


def staged(
    collector: Collector,
    data: bytes,
    name: str = "input",
    environment: str | None = None,
    taken_at: str | None = None,
) -> Rows:
    """The staged rows of an input, as JSON values in a fixed order. Names are [namespace, name]; an
    ``event`` is its position (its digest is left out)."""
    found: Rows = {}
    with open_store(":memory:") as store:
        make_staging(store)
        store.run(
            "INSERT INTO given VALUES ($environment, $taken_at)",
            environment=environment, taken_at=taken_at,
        )  # fmt: skip
        for piece in collector.frame(io.BytesIO(data), head_of(data, name)):
            if isinstance(piece, Rejected):
                _add(found, "rejected", [{"position": piece.position, "reason": piece.reason}])
                continue
            batch = digested(store, [(piece.first, piece.text)])
            try:
                _, refused = stage(store, collector.load, batch, {})
            except LoadFailed:
                bad = find_bad(store, collector.load, batch)
                _, refused = stage(store, collector.load, batch, bad)
            _add(found, "rejected", [{"position": r.place, "reason": r.reason} for r in refused])
            _add(found, "event", [row["position"] for row in _rows(store, "staged_event")])
            _add(found, "passed", _rows(store, "staged_passed"))
            for table in FACT_TABLES:
                _add(found, table, _rows(store, f"staged_{table}"))
    return {table: sorted(rows, key=_order) for table, rows in found.items()}


def lines(*told: Any) -> bytes:
    """As an input of JSON lines."""
    return "\n".join(json.dumps(line) for line in told).encode()


def only(collector: Collector, table: str, data: bytes, **given: str) -> dict[str, Any]:
    """The one row that a table has then."""
    rows = staged(collector, data, **given)[table]
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


def case(folder: Path, collector: Collector) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """(what the files of a case give now, what they should), to be compared by the test."""
    files = sorted(path for path in folder.iterdir() if path.name != "expected.json")
    now = {path.name: staged(collector, path.read_bytes(), path.name) for path in files}
    expected = folder / "expected.json"
    return now, json.loads(expected.read_text()) if expected.exists() else {}


def cases(collector: str) -> list[Path]:
    return sorted(path for path in (CASES / collector).iterdir() if path.is_dir())


def _add(found: Rows, table: str, rows: list[Any]) -> None:
    if rows:
        found.setdefault(table, []).extend(rows)


def _rows(store: Store, table: str) -> list[dict[str, Any]]:
    cursor = store.run(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]


def _order(row: Any) -> tuple[int, str]:
    return (row, "") if isinstance(row, int) else (row["position"], json.dumps(row))


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"namespace", "name"}:
        return [value["namespace"], value["name"]]
    return value


def _main(name: str, accept: bool) -> None:
    collector = importlib.import_module(f"lineage.collectors.{name}").COLLECTOR
    for folder in cases(name):
        now, expected = case(folder, collector)
        print(f"{folder.name}: {'as expected' if now == expected else 'differs'}")
        if accept and now != expected:
            text = json.dumps(now, indent=1, ensure_ascii=False)
            (folder / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    _main(sys.argv[1], "--accept" in sys.argv)
