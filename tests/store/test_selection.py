"""A list that is read in parts, while others ask on the same connection, is the list."""

import threading
from contextlib import nullcontext
from pathlib import Path

import pytest

from lineage.store import open_store, selection
from lineage.store.selection import Selection

ROWS = 1_000
LISTED = f"SELECT range AS number, 'a' || range AS name FROM range({ROWS}) ORDER BY number DESC"


@pytest.mark.parametrize("in_transaction", [False, True])
@pytest.mark.parametrize("batch", [1, 7, 500, ROWS, 10_000])
def test_a_list_is_whole_and_in_order_however_it_is_read(
    in_transaction: bool, batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "BATCH", batch)
    with open_store(str(tmp_path / "s.duckdb")) as store, store.snapshot() if in_transaction else nullcontext():
        names, alone = Selection(store, LISTED).read()
        expected = list(alone)
        assert len(expected) == ROWS
        store.share(threading.RLock())
        assert Selection(store, LISTED).read()[0] == names
        shared = Selection(store, LISTED).read()[1]
        found = [next(shared)]
        assert store.one("SELECT 7 AS meanwhile") == (7,)
        found += shared
        assert found == expected
        assert list(Selection(store, f"SELECT * FROM ({LISTED}) WHERE number < 0").read()[1]) == []
        assert store.one("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'part_of_%'")[0] <= 1  # unread
