"""A text that is not understood, where nobody told its tables: whoever's table it mentions may have been touched."""

from pathlib import Path

import pytest

from lineage.statements.mentions import digest_of, find_mentions
from lineage.store import open_store
from tests.asking import ask
from tests.logs import BOTH, ONE, graded, log, stored
from tests.touches.test_unseen_calls import CATALOG, told


@pytest.mark.parametrize(
    "text",
    [
        "COPY (SELECT id FROM public.people ORDER BY id USING <) TO STDOUT",
        "COPY (SELECT id FROM People WHERE name IS NFC NORMALIZED) TO STDOUT",
        'SELECT id FROM ONLY (""people"") ORDER BY name USING >',
        "SELECT people.id FROM other JOIN people USING (id) AS j",
        "TABLE people.public.people ORDER BY id USING <",
        "SELECT ARRAY[(SELECT max(id) FROM people)] ORDER BY 1 USING <",
    ],
)
def test_the_access_never_falls(tmp_path: Path, text: str) -> None:
    store = stored(
        tmp_path, log(("etl", f'READ,SELECT,,,"{text}"'), ("end", "READ,SELECT,,,SELECT now()")), catalog=CATALOG
    )
    assert graded(store, "etl") == ONE
    assert told(store, "etl") == (False, 1)
    touches = ask(store, "who-touched", ["--data-subject", "C-1"])["touches"]
    assert [(one["principal"], one["grade"]) for one in touches] == [("etl", "possible")]


def test_what_it_may_have_changed_is_possibly_altered(tmp_path: Path) -> None:
    text = "UPDATE people SET name = 'x' WHERE name IS NFKC NORMALIZED"
    rows = log(("etl", f'WRITE,UPDATE,,,"{text}"'), ("end", "READ,SELECT,,,SELECT now()"))
    store = stored(tmp_path, rows, catalog=CATALOG)
    said = ask(store, "blast-radius", ["--principal", "etl"])
    assert {one["id"]: one["grade"] for one in said["altered"]} == ONE


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id FROM peoples ORDER BY id USING <",
        "SELECT id FROM hr.people ORDER BY id USING <",
        "SELECT id FROM x WHERE name IS NFC NORMALIZED AND name = 'people'",
        "SELECT id FROM x /* people */ ORDER BY id USING <",
    ],
)
def test_what_it_does_not_mention_is_not_touched(tmp_path: Path, text: str) -> None:
    rows = log(("etl", f'READ,SELECT,,,"{text}"'), ("end", "READ,SELECT,,,SELECT now()"))
    assert graded(stored(tmp_path, rows, catalog=CATALOG), "etl") == {}


def test_where_a_row_tells_its_table_nothing_else_is_guessed(tmp_path: Path) -> None:
    text = "SELECT id FROM shown JOIN people USING (id) AS j"
    rows = log(("etl", f'READ,SELECT,TABLE,public.shown,"{text}"'), ("end", "READ,SELECT,,,SELECT now()"))
    assert graded(stored(tmp_path, rows, catalog=CATALOG), "etl") == {}


def test_of_another_database_it_mentions_nothing(tmp_path: Path) -> None:
    rows = log(("etl", 'READ,SELECT,,,"SELECT id FROM people ORDER BY id USING <"'))
    assert graded(stored(tmp_path, [rows[0] | {"dbname": "other"}], catalog=CATALOG), "etl") == {}
    (tmp_path / "same").mkdir()
    assert graded(stored(tmp_path / "same", [rows[0] | {"dbname": "people"}], catalog=CATALOG), "etl") == BOTH


def test_of_its_words_only_digests_are_kept(tmp_path: Path) -> None:
    rows = log(("etl", 'READ,SELECT,,,"SELECT secretive FROM people ORDER BY id USING <"'))
    with open_store(str(stored(tmp_path, rows, catalog=CATALOG)), read_only=True) as store:
        [(shape, mentions)] = store.rows("SELECT shape, mentions FROM template WHERE NOT parsed")
    assert shape == ""
    assert len(mentions) == 8


def test_what_stands_behind_a_hyphen_may_end_the_name_of_a_project() -> None:
    found = find_mentions("SELECT id FROM the-data.hr.people WHERE")
    assert {digest_of("hr.people"), digest_of("data.hr.people")} <= set(found)
    assert digest_of("people") not in found


@pytest.mark.parametrize(
    ("text", "number"),
    [("a." * 500_000, 16), ("[" * 1_000_000, 0), ("ARRAY[1, " * 100_000, 1), ('"' * 1_000_001, 1)],
    ids=["parts", "brackets", "arrays", "quotes"],
)
def test_a_text_of_any_length_is_looked_through_at_once(text: str, number: int) -> None:
    """In time that grows with its length alone: others take an hour for such texts."""
    assert len(find_mentions(text)) == number
