"""What docs/running.md says to set in PostgreSQL is enough for the surest answers."""

import re
from pathlib import Path

import psycopg
import pytest

from tests.asking import ask
from tests.logs import CATALOG, RECORDS, graded, taken_in
from tests.real.postgres import SUFFIXES, running
from tests.test_sample_story import ROOT


def settings() -> str:
    """The first block of code below the heading."""
    told = (ROOT / "docs" / "running.md").read_text().split("### PostgreSQL")[1]
    return "".join(re.findall(r"^    (.*\n)", told.split("A refused access")[0], re.M))


def test_what_is_set_as_documented_tells_who_read_whose_records(tmp_path: Path) -> None:
    with running(settings()) as postgres:
        postgres.make("people", "teller", "reader", "undone", "failed", "refused")
        with postgres.connect(database="people") as session:
            session.execute("CREATE TABLE people (id int PRIMARY KEY, c text)")
            session.execute("INSERT INTO people VALUES (1, 'KE'), (2, 'KE')")
            session.execute("ALTER ROLE refused NOSUPERUSER")
            session.execute(
                "CREATE FUNCTION of_id(int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS"
                " $$ BEGIN RETURN (SELECT c FROM people WHERE id = $1); END $$"
            )
            session.execute("CREATE ROLE caller LOGIN")
        since = postgres.sizes()
        with postgres.connect("caller", "people") as session:
            session.execute("SELECT of_id(1)")
        with postgres.connect("reader", "people") as session:
            session.execute("SELECT c FROM people WHERE id = %s", (1,))
        with postgres.connect("undone", "people") as session:
            for statement in ("BEGIN", "UPDATE people SET c = 'NG' WHERE id = 2", "ROLLBACK"):
                session.execute(statement)
        with postgres.connect("failed", "people") as session, pytest.raises(psycopg.errors.DivisionByZero):
            session.execute("UPDATE people SET c = (id / 0)::text WHERE id = 2")
        with postgres.connect("refused", "people") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("SELECT * FROM people")
        logs = postgres.logged(since)
    for form, log in logs.items():
        store = taken_in(tmp_path / form, log.decode(), f"1{SUFFIXES[form]}", RECORDS, CATALOG)
        assert graded(store, "reader") == {"C-1": "confirmed"}, form
        assert graded(store, "undone", "altered") == {"C-LATE": "possible"}, form
        assert graded(store, "failed", "altered") == {"C-LATE": "possible"}, form
        assert graded(store, "refused") == {}, form
        called = ask(store, "blast-radius", ["--principal", "caller"])  # pgaudit tells nothing of what it read
        assert called["summary"]["data_subjects"]["unbounded_because"]["unseen-call"] == 1, form
