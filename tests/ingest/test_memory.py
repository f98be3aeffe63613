"""Lines that are long, or take more memory than there is: they keep no other out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lineage.collectors import framing
from lineage.ingest import ingest as take_in
from lineage.ingest import taking
from lineage.store import (
    Batch,
    EngineError,
    Store,
    digested,
    open_store,
    stage,
    trouble,
)
from tests.asking import ingest


def test_long_lines_are_taken_in_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "READ_BYTES", 1 << 20)
    monkeypatch.setattr(framing, "BLOCK_BYTES", 5 << 20)
    batches: list[int] = []

    def watched(store: Store, load: Sequence[str], batch: Batch, bad: Mapping[int, str]) -> Any:
        batches.append(len(batch.lines))
        return stage(store, load, batch, bad)

    monkeypatch.setattr(taking, "stage", watched)
    event = {"time": "2026-03-24T12:00:00Z", "principal": "p", "dataset": {"name": "d"}}
    log = tmp_path / "access.ndjson"
    log.write_text("".join(json.dumps({"id": f"{n}" + "x" * 600_000} | event) + "\n" for n in range(14)))
    (taken,) = ingest(tmp_path / "s.duckdb", [log])
    assert taken.tally.stored == sum(batches) == 14
    assert max(batches) < 14  # of short lines there would be one batch


def test_a_line_that_takes_all_memory_keeps_no_other_out(tmp_path: Path) -> None:
    """It would never suffice: the rest of a log, or of what a server acknowledged, would wait for ever."""
    event = {"time": "2026-03-24T12:00:00Z", "principal": "p", "dataset": {"name": "d"}, "statement": "SELECT $1"}
    log = tmp_path / "access.ndjson"
    log.write_text("".join(json.dumps(event | {"parameters": ["x" * size]}) + "\n" for size in (1, 9_000_000, 2)))
    with open_store(str(tmp_path / "s.duckdb")) as opened:
        opened.run("SET memory_limit = '150MB'")
        (taken,) = take_in(opened, [str(log)])
        reasons = opened.rows("SELECT position, reason FROM reject")
    assert (taken.tally.stored, taken.tally.rejected) == (2, 1)
    assert reasons == [(2, "The line takes more memory than ingest may have.")]


def test_memory_that_does_not_suffice_is_told_as_such() -> None:
    """It ends the transaction, so that the next step on the way out fails too, and that was what was told."""
    with open_store(":memory:") as store:
        lines = digested(store, [(1, b"{}")]).lines
        store.run("SET memory_limit = '30MB'")
        with pytest.raises(EngineError) as raised, store.transaction(), store.registered("line", lines):
            store.run("SELECT string_agg(repeat('x', 1000), '' ORDER BY r) FROM range(100_000) t(r), line")
    told = trouble(raised.value)
    assert told is not None
    assert "memory" in told.sentence
