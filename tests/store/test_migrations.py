"""A store of an earlier program is brought up to date when it is next opened, whatever opens it."""

import json
from pathlib import Path

import pytest

from lineage.cli.opening import open_settled
from lineage.store import Store, open_store
from tests.asking import ask, ingest

WORLD = Path(__file__).parents[1] / "conformance" / "world-113"
NEWER = {
    "access": ("input_id", "tie", "session_row"),
    "run_event": ("input_id",),
    "dataset_change": ("input_id",),
    "entry": ("input_id",),
    "snapshot": ("input_id",),
    "component": ("marked",),
    "template": ("mentions",),
    "template_table": ("renames", "part_of", "parted_from", "changed", "alone"),
}


def as_one_table(store: Store) -> None:
    """Accesses as they were kept up to schema 8."""
    store.run("CREATE TABLE every_access AS FROM access; DROP VIEW access")
    store.run("DROP TABLE plain_access; DROP TABLE stated_access; ALTER TABLE every_access RENAME TO access")


def as_the_first_program_left_it(path: Path) -> None:
    with open_store(str(path)) as store:
        as_one_table(store)
        for table, columns in NEWER.items():
            for column in columns:
                store.run(f"ALTER TABLE {table} DROP COLUMN {column}")
        store.run("DROP TABLE transaction_turn")
        store.run("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
        store.run("UPDATE meta SET value = 'yes' WHERE key = 'settled'")
        for view in ("act", "use"):
            store.run(f"DROP VIEW {view}")
            store.run(f"CREATE TABLE {view} (act_id BIGINT)")


@pytest.mark.parametrize("number", [0, 5])
def test_a_store_of_the_first_program_answers_the_same(tmp_path: Path, number: int) -> None:
    store = tmp_path / "store.duckdb"
    ingest(store, [WORLD / "input"])
    question = json.loads((WORLD / "expected.json").read_text())[number]
    before = ask(store, question["question"], question["arguments"])
    as_the_first_program_left_it(store)
    open_settled(str(store)).close()
    assert ask(store, question["question"], question["arguments"]) == before


def test_a_store_of_an_earlier_schema_is_migrated_before_it_is_asked(tmp_path: Path) -> None:
    """Though that program derived the same tables from the facts."""
    store = tmp_path / "store.duckdb"
    ingest(store, [WORLD / "input"])
    open_settled(str(store)).close()
    with open_store(str(store)) as opened:
        as_one_table(opened)
        for column in ("changed", "alone"):
            opened.run(f"ALTER TABLE template_table DROP COLUMN {column}")
        opened.run("ALTER TABLE component DROP COLUMN marked; ALTER TABLE template DROP COLUMN mentions")
        opened.run("UPDATE meta SET value = '7' WHERE key = 'schema_version'")
    with open_settled(str(store)) as opened:
        assert opened.rows("SELECT changed, alone FROM template_table LIMIT 0") == []


def test_a_rename_that_an_earlier_program_did_not_follow_is_followed_when_it_is_told_again(tmp_path: Path) -> None:
    """That program knew the shape of the one, and did not understand the other."""

    def told(day: int) -> Path:
        path = tmp_path / f"access-{day}.ndjson"
        event = {"time": f"2026-03-{day}T11:00:00Z", "principal": "etl", "operation": "admin", "outcome": "success"}
        texts = ("ALTER TABLE a RENAME TO b", "ALTER TABLE b SET SCHEMA hr")
        path.write_text("".join(json.dumps(event | {"statement": text}) + "\n" for text in texts))
        return path

    store = tmp_path / "store.duckdb"
    ingest(store, [told(24)])
    with open_store(str(store)) as opened:
        opened.run("UPDATE template SET parsed = false, shape = '' WHERE contains(shape, 'SCHEMA')")
    as_the_first_program_left_it(store)
    ingest(store, [told(25)])
    with open_store(str(store), read_only=True) as opened:
        assert opened.rows("SELECT parts FROM template_table WHERE len(renames) > 0 ORDER BY ALL") == [
            (["b"],),
            (["hr", "b"],),
        ]
