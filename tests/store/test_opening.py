"""Files that are no store, or one no more: a sentence that says so, and nothing fetched or left behind."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from lineage.errors import LineageError
from lineage.store import open_store, trouble
from tests.asking import ingest

WORLD = Path(__file__).parents[1] / "conformance" / "world-113" / "input"


def test_a_word_of_a_path_says_nothing_about_who_holds_the_store(tmp_path: Path) -> None:
    (tmp_path / "blocks").write_text("this is no database " * 1000)
    with pytest.raises(LineageError, match="blocks is not a store"):
        open_store(str(tmp_path / "blocks"), read_only=True)


def test_a_damaged_store_is_a_sentence_wherever_the_damage_lies(tmp_path: Path) -> None:
    """At the begin it shows where the store is opened, further on in the midst of a question."""
    path = tmp_path / "blocks.duckdb"
    ingest(path, [WORLD])
    told = bytearray(path.read_bytes())
    told[12_288 + 100] ^= 255
    path.write_bytes(told)
    with pytest.raises(LineageError, match=r"The store is damaged: .*checksum.* in block"):
        open_store(str(path), read_only=True)
    error = duckdb.Error("Corrupt database file: computed checksum 1 does not match stored checksum 2 in block")
    mendable = trouble(error)
    assert mendable is not None
    assert mendable.sentence.startswith("The store is damaged: ")


def test_a_file_of_another_engine_is_no_store_and_nothing_is_fetched_to_read_it(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
    for read_only in (True, False):
        with pytest.raises(LineageError, match=r"other\.db is not a store"):
            open_store(str(tmp_path / "other.db"), read_only)


def test_a_pipe_is_no_store_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LineageError, match="pipe is not a store"):
        open_store(str(tmp_path / "pipe"), read_only=True)


@pytest.mark.parametrize(
    "made", ["(x INTEGER)", "(key VARCHAR, value VARCHAR)", "AS SELECT 'schema_version' AS key, 'x' AS value"]
)
def test_somebody_elses_table_of_our_name_makes_no_store(made: str, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute(f"CREATE TABLE meta {made}")
    for read_only in (True, False):
        with pytest.raises(LineageError, match="a database, but not a store of lineage"):
            open_store(str(tmp_path / "other.duckdb"), read_only)


def test_what_a_full_disk_left_of_a_new_store_does_not_stand_in_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.duckdb"

    def full(name: str, read_only: bool) -> None:
        Path(name).touch()
        raise duckdb.IOException(f'IO Error: Could not write file "{name}": {os.strerror(28)}')

    with monkeypatch.context() as patched:
        patched.setattr("lineage.store.engine.connect", full)
        with pytest.raises(LineageError, match="No space left"):
            open_store(str(path))
    assert not path.exists()
    open_store(str(path)).close()


def test_a_store_that_somebody_sent_reads_no_other_file(tmp_path: Path) -> None:
    """A view in it named any file of this machine, and an answer showed what stands there."""
    path, secret = tmp_path / "sent.duckdb", tmp_path / "secret.txt"
    secret.write_text("nobody else's business")
    ingest(path, [WORLD])
    with duckdb.connect(str(path)) as con:
        con.execute("ALTER TABLE input_name RENAME TO told_name")
        con.execute(
            "CREATE VIEW input_name AS SELECT t.input_id, s.content AS name, t.path, t.source "
            f"FROM told_name t, read_text('{secret}') s"
        )
    for read_only in (True, False):
        with open_store(str(path), read_only) as store, pytest.raises(Exception, match="disabled") as caught:
            store.rows("SELECT name FROM input_name")
        mendable = trouble(caught.value)
        assert mendable is not None
        assert mendable.sentence.startswith("The store asks for what lies outside of it")
    with open_store(str(path)) as store:
        for statement in ("LOAD httpfs", f"COPY event TO '{tmp_path}/x.csv'", f"ATTACH '{tmp_path}/y'"):
            with pytest.raises(duckdb.Error):
                store.run(statement)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["secret.txt", "sent.duckdb"]


def test_what_a_killed_process_had_put_on_the_disk_goes(tmp_path: Path) -> None:
    path, spilled = tmp_path / "s.duckdb", tmp_path / "s.duckdb.tmp"
    ingest(path, [WORLD])
    spilled.mkdir()
    mine = f"duckdb_temp_{os.getpid()}_0_owner"  # in a container the one before had the same number
    for name in ("duckdb_temp_0_0_owner", "duckdb_temp_0_0_storage_DEFAULT-0.tmp", mine):
        (spilled / name).write_bytes(b"whose data was reached")
    open_store(str(path), read_only=True).close()  # another may be reading too
    assert len(list(spilled.iterdir())) == 3
    with open_store(str(path)):
        assert not spilled.exists()
        spilled.mkdir()
        (spilled / mine).write_bytes(b"whose data was reached")
        with open_store(str(path)):  # another connection of this process is at work
            assert (spilled / mine).exists()
