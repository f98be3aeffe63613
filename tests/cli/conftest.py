"""One store for all of these to ask."""

import pytest

from tests.asking import ingest
from tests.cli.running import WORLD


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "s.duckdb"
    ingest(path, [WORLD])
    return str(path)
