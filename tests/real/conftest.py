"""Fixtures that run the real systems."""

from collections.abc import Iterator

import pytest

from tests.real.postgres import Postgres, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server
