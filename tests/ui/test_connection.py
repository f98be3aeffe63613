"""Connections: looking at few contacts first finds what looking at all of them finds."""

from itertools import product
from pathlib import Path

import pytest

from lineage.questions import connection
from lineage.store import open_store

ENDS = (
    ("vendor:tagworks", "data-subject:C-0217"),
    ("package:pkg:pypi/litellm@1.82.7", "vendor:brightdesk"),
)
WINDOWS: tuple[dict[str, list[str]], ...] = (
    {},
    {"from": ["2026-03-10T00:00:00Z"], "to": ["2026-03-20T00:00:00Z"]},
)


def test_the_earliest_is_the_same_however_much_is_looked_at_first(
    sample_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = 0
    with open_store(str(sample_store), read_only=True) as store:
        for (start, goal), window in product(ENDS, WINDOWS):
            values = {"start": [start], "goal": [goal], **window}
            found = []
            for parts in (connection.PARTS, ()):
                with monkeypatch.context() as changed:
                    changed.setattr(connection, "PARTS", parts)
                    found.append(connection.ask(store, values).document())
            assert found[0] == found[1]
            arrived += bool(found[0]["earliest"])
    assert arrived > 1
