"""Evidence says of every kind of event what it named, from the names of those that are looked up alone."""

from pathlib import Path

import pytest

from lineage.demo import SAMPLE_DATA, tell
from lineage.questions import evidence
from lineage.store import open_store
from lineage.touches import not_told

ALL = "SELECT event_id, digest FROM event ORDER BY event_id"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evidence") / "demo.duckdb"
    tell(str(path), SAMPLE_DATA, lambda line: None, not_told, replace=False)
    return path


def test_every_event_is_called_by_its_names(sample: Path) -> None:
    with open_store(str(sample), read_only=True) as store:
        store.run(f"CREATE TEMP TABLE wanted AS {ALL}")
        store.script((evidence.FOUND, evidence.CALLED))
        told = dict(evidence._said(store))
        store.run("CREATE OR REPLACE TEMP TABLE called AS FROM name")
        assert told == dict(evidence._said(store))
        kinds = {str(said["kind"]) for said in told.values()}
    assert kinds >= {"run event", "access event", "record entry", "package snapshot", "data subject", "document"}


def test_of_all_names_those_of_the_events_are_joined(sample: Path) -> None:
    """There are as many as runs and people, and a click on a row waits for this."""
    with open_store(str(sample), read_only=True) as store:
        digest = store.one("SELECT e.digest FROM event e SEMI JOIN access USING (event_id) ORDER BY 1")[0]
        evidence.ask(store, {"digest": [f"sha256-128:{digest:032x}"]})
        assert 0 < store.one("SELECT count(*) FROM called")[0] <= 3
        assert store.one("SELECT count(*) FROM name")[0] > 100
    assert not any("JOIN name" in sql for sql in evidence.SAID.values())
