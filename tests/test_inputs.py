"""Inputs as they lie about: links, odd names, what holds nothing, what nobody reads."""

import gzip
import os
from pathlib import Path

import pytest

from lineage.errors import LineageError
from lineage.ingest import Told, find_inputs
from tests.asking import ingest, run

WORLD = Path(__file__).parent / "conformance" / "world-113" / "input"
ACCESS, AUDIT = WORLD / "access.ndjson", WORLD / "pgaudit" / "postgresql-2026-03-24.json"


def test_what_no_collector_claims_is_left_alone_and_said(tmp_path: Path) -> None:
    other = tmp_path / "poem.txt"
    other.write_text("Shall I compare thee to a summer's day?\n")
    assert ingest(tmp_path / "s.duckdb", [other])[0].collector is None
    assert run("ingest", str(other), "--store", str(tmp_path / "t.duckdb")).returncode == 3


@pytest.mark.parametrize("blank", [b"", b"\n \r\n", b"\xef\xbb\xbf", gzip.compress(b"")])
def test_nothing_is_missed_of_what_holds_nothing(blank: bytes, tmp_path: Path) -> None:
    (tmp_path / "access.ndjson").write_bytes(blank)
    done = run("ingest", str(tmp_path / "access.ndjson"), "--store", str(tmp_path / "s.duckdb"))
    assert done.returncode == 0, done.stderr


def test_folders_that_link_to_one_another_are_walked_in_a_moment(tmp_path: Path) -> None:
    """Through fourteen of them there are more ways than anybody could wait for."""
    folders = [tmp_path / "given" / f"f{number}" for number in range(14)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "access.ndjson").write_text(f"{folder.name}\n")
    for folder in folders:
        for other in folders:
            if other != folder:
                (folder / other.name).symlink_to(other)
    names = {given.name for given in find_inputs([str(tmp_path / "given")])}
    assert {f"{one.name}/access.ndjson" for one in folders} <= names
    assert {f"{one.name}/{two.name}/access.ndjson" for one in folders for two in folders if one != two} <= names


def test_a_folder_that_is_a_link_is_walked_and_no_circle(tmp_path: Path) -> None:
    given, kept = tmp_path / "in", tmp_path / "kept"
    (given / "logs").mkdir(parents=True)
    kept.mkdir()
    (kept / "access.ndjson").write_bytes(ACCESS.read_bytes())
    (given / "crm").symlink_to(kept)
    (given / "logs" / "up").symlink_to(given)
    (given / "logs" / "gone").symlink_to(tmp_path / "nowhere")
    assert [one.name for one in ingest(tmp_path / "s.duckdb", [given])] == ["crm/access.ndjson"]


def test_a_torn_table_is_more_than_nothing(tmp_path: Path) -> None:
    (tmp_path / "records.parquet").write_bytes(b"PAR1 and no more")
    assert run("ingest", str(tmp_path / "records.parquet"), "--store", str(tmp_path / "s.duckdb")).returncode == 3


def test_a_name_that_is_no_text_is_spelled_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    name = os.fsencode(folder) + b"/access-\xff.ndjson"
    Path(os.fsdecode(name)).write_bytes((WORLD / "access.ndjson").read_bytes())
    taken = ingest(tmp_path / "s.duckdb", [folder])
    assert [one.name for one in taken] == [r"access-\xff.ndjson"]
    done = run("ingest", os.fsdecode(name), "--store", str(tmp_path / "s.duckdb"))
    assert done.returncode == 0, done.stderr
    assert rb"access-\xff.ndjson: access" in done.stdout


def test_missing_file_and_unknown_collector_are_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(LineageError, match="nowhere"):
        ingest(tmp_path / "s.duckdb", [tmp_path / "nowhere.ndjson"])
    with pytest.raises(LineageError, match="pgaudit"):
        ingest(tmp_path / "s.duckdb", [AUDIT], Told(collector="pgaudti"))
