"""How the tests are shared out among processes: `pytest -n 2` with `--dist loadgroup` (pyproject.toml).

Tests of one file stay together, and so do those of a room whose fixtures are dear (a browser and a server, a database),
so that these are made once. What is long and alone comes last, the longest first: it fills up what is left.
"""

from pathlib import Path

import pytest

ROOMS = ("ui", "real")
SINGLES = ("test_product_laws.py", "test_conformance.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: number for number, name in enumerate((*ROOMS, "others", *SINGLES))}
    items.sort(key=lambda item: rank.get(place(item), rank["others"]))
    for item in items:
        if place(item) not in SINGLES:
            item.add_marker(pytest.mark.xdist_group(place(item)))


def place(item: pytest.Item) -> str:
    """The room of a test where that stays together, else its file."""
    path = item.path.relative_to(Path(__file__).parent)
    return path.parts[0] if path.parts[0] in ROOMS else path.as_posix()
