"""Names that symlinks join, however they are told."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from lineage.store import Store
from lineage.touches import naming
from tests.asking import ask, ingest


def test_a_long_chain_of_names_is_one_dataset_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of 3,500 names that was the next one's cost a round, and 600 KB half a minute, whenever anything came in."""
    names = [f"d{number}" for number in range(300)]
    random.Random(7).shuffle(names)
    told = [*pairwise(names), ("other", "another")]
    events = [
        {"eventType": "START", "eventTime": "2026-03-24T10:00:00Z", "run": {"runId": f"r{number}"},
         "job": {"namespace": "n", "name": "j"},
         "inputs": [{"namespace": "n", "name": one,
                     "facets": {"symlinks": {"identifiers": [{"namespace": "n", "name": other, "type": "TABLE"}]}}}]}
        for number, (one, other) in enumerate(told)
    ]  # fmt: skip
    (tmp_path / "ol.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    rounds: list[str] = []
    run = Store.run

    def counted(store: Store, sql: str, **parameters: object) -> object:
        rounds.extend([sql] * (sql == naming.SPREAD))
        return run(store, sql, **parameters)

    monkeypatch.setattr(Store, "run", counted)
    ingest(tmp_path / "s", [tmp_path])
    assert 2 <= len(rounds) <= 20
    for name, many in (("d17", 299), ("d250", 299), ("another", 1)):
        found = ask(tmp_path / "s", "who-touched", ["--dataset", f"n/{name}"])["touches"]
        assert len(found) == many
        assert {touch["dataset"]["name"] for touch in found} == {"another" if many == 1 else "d0"}
