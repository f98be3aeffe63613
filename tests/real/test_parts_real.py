"""Partitions and tables that inherit in a real PostgreSQL: who reads or changes one is found in its log."""

from pathlib import Path
from typing import LiteralString

import pytest

from tests.logs import CATALOG, RECORDS, graded, taken_in
from tests.real.postgres import SUFFIXES, Postgres

MADE: dict[str, tuple[LiteralString, ...]] = {
    "made": (
        "CREATE TABLE people (id int, c text) PARTITION BY LIST (c)",
        "CREATE TABLE ke PARTITION OF people FOR VALUES IN ('KE')",
    ),
    "attached": (
        "CREATE TABLE people (id int, c text) PARTITION BY LIST (c)",
        "CREATE TABLE ke (LIKE people)",
        "ALTER TABLE people ATTACH PARTITION ke FOR VALUES IN ('KE')",
    ),
    "inherits": ("CREATE TABLE people (id int, c text)", "CREATE TABLE ke () INHERITS (people)"),
    "inherits later": ("CREATE TABLE people (id int)", "CREATE TABLE ke (id int)", "ALTER TABLE ke INHERIT people"),
}


@pytest.mark.parametrize("how", MADE)
@pytest.mark.parametrize("role", ["reader", "teller"])
def test_who_reads_and_changes_a_part(postgres: Postgres, tmp_path: Path, how: str, role: str) -> None:
    """By rows that name relations and by rows that do not; in an answer on whoever reads another table, nobody is."""
    postgres.make("wholes", "reader", "teller", "outsider")
    since = postgres.sizes()
    with postgres.connect(database="wholes") as session:
        for statement in MADE[how]:
            session.execute(statement)
        session.execute("CREATE TABLE other (LIKE people)")
    with postgres.connect(role, "wholes") as session:
        session.execute("SELECT * FROM ke WHERE id = 1")
        session.execute("DELETE FROM ke WHERE id = 2")
    with postgres.connect("outsider", "wholes") as session:
        session.execute("SELECT * FROM other")
    records, catalog = (text.replace("people.public.", "wholes.public.") for text in (RECORDS, CATALOG))
    for form, log in postgres.logged(since).items():
        store = taken_in(tmp_path / form, log.decode(), f"1{SUFFIXES[form]}", records, catalog)
        assert graded(store, role) == {"C-1": "possible"}, form
        assert graded(store, role, "altered") == {"C-LATE": "possible"}, form
        assert graded(store, "outsider") == {}, form
