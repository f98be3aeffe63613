"""Which inputs a source of the catalog means by ``files``."""

import gzip
import json
import random
import re
from pathlib import Path

import pytest

from lineage.touches.globs import matches
from tests.asking import ask, ingest


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("pgaudit/*", "/in/pgaudit/a.log", True),
        ("pgaudit/*", "/in/not-pgaudit/a.log", False),
        ("pgaudit/*", "/in/pgaudit/2026/a.log", False),
        ("pgaudit/**", "/in/pgaudit/2026/a.log", True),
        ("./pgaudit/*", "pgaudit/a.log", True),
        ("a[0-9].log", "in/a1.log", True),
        ("a[!0-9].log", "in/a1.log", False),
        ("a[!0-9].log", "in/ab.log", True),
        ("a[!0-9]b", "a/b", False),
        ("a[b].log", "in/a[b].log", True),
        ("a[z-a].log", "in/a[z-a].log", True),
        ("a[", "in/a[", True),
        ("*.log", "in/a.log.gz", True),
        ("*.log", "in/a.log.zst", True),
        ("*.log", "in/a.log.1", False),
    ],
)
def test_a_glob_fits_a_tail_of_the_path(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


@pytest.mark.timeout(60)
@pytest.mark.parametrize("again", ["*a", "**a", "**/a", "*a?", "**/*a"])
def test_no_pattern_takes_long(again: str) -> None:
    """A catalog of a few hundred bytes kept the store from ever being brought up to date."""
    assert not matches(again * 100 + "b", "a" * 200 + "/" + "a/" * 200 + "a" * 400)


def test_what_a_pattern_means_is_what_its_ways_mean() -> None:
    """Against every way there is, one after the other."""
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    drawn = random.Random(5)
    for _ in range(3_000):
        parts = [drawn.choice(["a", "b", "/", ".", *wild]) for _ in range(drawn.randint(1, 5))]
        pattern = "".join(parts).removeprefix("./")
        while "***" in pattern:
            pattern = pattern.replace("***", "**")
        path = "".join(drawn.choice("aab/.") for _ in range(drawn.randint(0, 8))) + drawn.choice(["", "", ".gz"])
        told = "".join(wild.get(one) or re.escape(one) for one in re.split(r"(\*\*/|\*\*|\*|\?)", pattern))
        expected = re.search(rf"(?s)(?:^|/)(?:{told})(?:\.gz|\.zst)?\Z", path) is not None
        assert matches(pattern, path) is expected, (pattern, path)


def test_a_log_that_was_compressed_since_is_of_the_same_source(tmp_path: Path) -> None:
    read = {"time": "2026-03-24T11:00:00", "principal": "svc", "operation": "read", "outcome": "success",
            "dataset": {"namespace": "n", "name": "d"}}  # fmt: skip
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "access-1.ndjson.gz").write_bytes(gzip.compress(json.dumps(read).encode()))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        "sources: [{id: crm, collector: access, files: 'crm/access-[0-9].ndjson', timezone: UTC}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    assert len(ask(tmp_path / "store", "who-touched", ["--dataset", "n/d"])["touches"]) == 1


def test_a_link_is_of_the_source_of_where_it_stands(tmp_path: Path) -> None:
    read = {"time": "2026-03-24T11:00:00", "principal": "svc", "operation": "read", "dataset": {"name": "d"}}
    given = tmp_path / "in" / "crm"
    given.mkdir(parents=True)
    (tmp_path / "kept.ndjson").write_text(json.dumps(read))
    (given / "access.ndjson").symlink_to(tmp_path / "kept.ndjson")
    (tmp_path / "in" / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        "sources: [{id: crm, collector: access, files: 'crm/*', timezone: UTC, namespace: n}]\n"
    )
    ingest(tmp_path / "store", [tmp_path / "in"])
    assert len(ask(tmp_path / "store", "who-touched", ["--dataset", "n/d"])["touches"]) == 1
