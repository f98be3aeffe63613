"""Tables that are built as dbt builds them in a real PostgreSQL: who reads one is found in its log."""

from pathlib import Path
from typing import LiteralString

import pytest

from tests.logs import CATALOG, RECORDS, graded, taken_in
from tests.real.postgres import SUFFIXES, Postgres

# What is built is a table, a view, and a table whose schema only the search path tells.
BUILT: tuple[LiteralString, ...] = (
    'create table "models"."lab"."m__dbt_tmp" as (select * from public.people)',
    "BEGIN",
    'alter table if exists "models"."lab"."m" rename to "m__dbt_backup"',
    'alter table "models"."lab"."m__dbt_tmp" rename to "m"',
    "COMMIT",
    'drop table if exists "models"."lab"."m__dbt_backup" cascade',
    'create view "models"."lab"."v__dbt_tmp" as (select * from public.people)',
    'alter view if exists "models"."lab"."v" rename to "v__dbt_backup"',
    'alter view "models"."lab"."v__dbt_tmp" rename to "v"',
    'drop view if exists "models"."lab"."v__dbt_backup" cascade',
    "SET search_path = lab, public",
    "CREATE TABLE s_new AS SELECT * FROM people",
    "DROP TABLE IF EXISTS s",
    "ALTER TABLE s_new RENAME TO s",
    "RESET search_path",
)
ASKED: dict[str, LiteralString] = {
    "reader": "SELECT * FROM lab.m",
    "viewer": "SELECT * FROM lab.v",
    "searcher": "SELECT * FROM lab.s",
}


@pytest.mark.parametrize("builder", ["builder", "teller"])
def test_who_reads_what_was_built_under_another_name(postgres: Postgres, tmp_path: Path, builder: str) -> None:
    """Built twice over, as each night; by rows that name relations and by rows that do not."""
    postgres.make("models", "builder", "teller", "reader", "searcher", "viewer")
    with postgres.connect(database="models") as session:
        session.execute("CREATE SCHEMA lab")
        session.execute("CREATE TABLE people AS SELECT 1 AS id")
    since = postgres.sizes()
    for _ in range(2):
        with postgres.connect(builder, "models") as session:
            for statement in BUILT:
                session.execute(statement)
    for role, question in ASKED.items():
        with postgres.connect(role, "models") as session:
            session.execute(question)
    records, catalog = (text.replace("people.public.", "models.public.") for text in (RECORDS, CATALOG))
    for form, log in postgres.logged(since).items():
        store = taken_in(tmp_path / form, log.decode(), f"1{SUFFIXES[form]}", records, catalog)
        for role in ASKED:
            assert graded(store, role) == {"C-1": "possible", "C-LATE": "possible"}, (role, form)
        assert graded(store, builder, "altered") == {}
