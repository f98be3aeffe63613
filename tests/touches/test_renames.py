"""What a table held goes on under the name that a statement gives it, and nobody is touched by that alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.store import open_store
from tests.asking import ask, ingest
from tests.collectors.pgaudit_records import failed, row
from tests.logs import BOTH, CATALOG, ONE, RECORDS, altered, contaminated, graded, log, read, stored
from tests.shown_by_runs import read_by_svc, run


def made(name: str, source: str = "public.people", how: str = "TABLE") -> dict[str, Any]:
    """Its row names what is made: what it is made of, the text says."""
    text = f"CREATE {how} {name} AS SELECT * FROM {source}"
    if how == "VIEW":
        return row(f"1,1,DDL,CREATE VIEW,VIEW,{name},{text},<none>", user="dbt")
    return row(f"1,2,DDL,CREATE TABLE AS,TABLE,{name},{text},<none>", user="dbt")


DBT = (
    ("dbt", "READ,SELECT,,,create table analytics.m__dbt_tmp as (select * from public.people)"),
    ("dbt", "DDL,CREATE TABLE AS,TABLE,analytics.m__dbt_tmp,"
     "create table analytics.m__dbt_tmp as (select * from public.people)"),
    altered("analytics.m__dbt_backup", 'alter table "people"."analytics"."m" rename to "m__dbt_backup"'),
    altered("analytics.m", 'alter table "people"."analytics"."m__dbt_tmp" rename to "m"'),
    ("dbt", "DDL,DROP TABLE,TABLE,analytics.m__dbt_backup,drop table if exists analytics.m__dbt_backup cascade"),
)  # fmt: skip


def test_who_reads_a_table_that_was_built_under_another_name_may_have_read_whom_it_was_built_of(tmp_path: Path) -> None:
    """As dbt builds one, each time anew; who came after it was built is not in it."""
    store = stored(tmp_path, log(*DBT, read("SELECT * FROM analytics.m")))
    assert graded(store, "reader") == {"C-1": "possible"}
    said = ask(store, "who-touched", ["--data-subject", "C-1"])
    assert {(one["principal"], one["dataset"]["name"], one["operation"], one["grade"]) for one in said["touches"]} == {
        ("dbt", "people.public.people", "read", "confirmed"),
        ("reader", "people.analytics.m", "read", "possible"),
    }
    [person] = ask(store, "blast-radius", ["--principal", "reader"])["data_subjects"]
    assert person["because"] == "flow"
    assert len(person["evidence"]) == 4, "the read, the rename, what built the table, and the record's entry"


def test_what_is_written_before_a_rename_reaches_who_reads_after_it(tmp_path: Path) -> None:
    spoilt = ("evil", "WRITE,INSERT,TABLE,analytics.m__dbt_tmp,INSERT INTO analytics.m__dbt_tmp VALUES (1)")
    copied = read("CREATE TABLE public.copy AS SELECT * FROM analytics.m", "analytics.m")
    store = stored(tmp_path, log(*DBT[:2], spoilt, *DBT[2:], copied))
    assert contaminated(store) == {
        "analytics.m__dbt_tmp": "certain",
        "analytics.m": "possible",
        "public.copy": "possible",
    }


def test_a_rename_touches_nobody(tmp_path: Path) -> None:
    moved = altered("public.people_old", "ALTER TABLE public.people RENAME TO people_old", user="mover")
    again = altered("hr.people_old", "ALTER TABLE people_old SET SCHEMA hr", user="mover")
    store = stored(tmp_path, log(moved, again, read("SELECT * FROM hr.people_old")))
    said = ask(store, "blast-radius", ["--principal", "mover"])
    assert [said[part] for part in ("data_subjects", "altered", "datasets", "attempts")] == [[], [], [], []]
    assert graded(store, "reader") == {"C-1": "possible"}
    touches = ask(store, "who-touched", ["--data-subject", "C-1"])["touches"]
    assert [one["principal"] for one in touches] == ["reader"]


@pytest.mark.parametrize(("state", "outcome"), [("42501", "denied"), ("42P07", "error")])
def test_a_rename_that_failed_is_an_attempt_and_carries_nothing(tmp_path: Path, state: str, outcome: str) -> None:
    tried = failed("no", state, "ALTER TABLE public.people RENAME TO people_old", user="mover")
    store = stored(tmp_path, log(tried, read("SELECT * FROM public.people_old")))
    assert graded(store, "reader") == {}
    said = ask(store, "blast-radius", ["--principal", "mover"])
    assert {(one["dataset"]["name"], one["outcome"]) for one in said["attempts"]} == {
        ("people.public.people", outcome),
        ("people.public.people_old", outcome),
    }
    assert not said["data_subjects"]


GIVEN_UP = altered("public.old", "ALTER TABLE m RENAME TO old")


@pytest.mark.parametrize(("moved", "state"), [((), "certain"), ((GIVEN_UP,), "possible")])
def test_under_a_name_that_was_given_up_nothing_older_is_sure(
    tmp_path: Path, moved: tuple[Any, ...], state: str
) -> None:
    spoilt = ("evil", "WRITE,INSERT,TABLE,public.m,INSERT INTO public.m VALUES (1)")
    copied = read("CREATE TABLE public.copy AS SELECT * FROM public.m", "public.m")
    store = stored(tmp_path, log(spoilt, *moved, made("public.m", "public.clean"), copied))
    assert contaminated(store)["public.copy"] == state


SEVERAL = "ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME TO c; SELECT 1"
SCHEMA = ("dbt", "DDL,ALTER SCHEMA,SCHEMA,b,ALTER SCHEMA a RENAME TO b")
CASES: dict[str, tuple[tuple[Any, ...], dict[str, str]]] = {
    "several in one text": (
        (made("public.a"), altered("public.b", SEVERAL), altered("public.c", SEVERAL), read("SELECT * FROM c")), ONE
    ),
    "in a transaction": (
        (made("public.a"), altered("public.b", "BEGIN; ALTER TABLE a RENAME TO b; COMMIT"), read("SELECT * FROM b")),
        ONE,
    ),
    "a quoted name": (
        (made("public.a"),
         altered('"public.""Odd """"name"""", it is"""', 'ALTER TABLE a RENAME TO "Odd ""name"", it is"'),
         read('"SELECT * FROM ""Odd """"name"""", it is"""')), ONE,
    ),
    # Where the search path leads, the row of the new name tells; the old one lay there too.
    "a search path": (
        (made("hr.a"), made("public.a", "public.nobody"), altered("hr.b", "ALTER TABLE a RENAME TO b"),
         read("SELECT * FROM hr.b")), ONE,
    ),
    "another search path": (
        (made("hr.a"), made("sales.a", "sales.nobody"), altered("sales.b", "ALTER TABLE a RENAME TO b"),
         read("SELECT * FROM sales.b")), {},
    ),
    "no row tells": (
        (row("1,1,WRITE,INSERT,,,INSERT INTO a SELECT * FROM public.people,<none>"),
         altered("hr.b", "ALTER TABLE a RENAME TO b"), read("SELECT * FROM b", "hr.b")), ONE,
    ),
    "without the extension": (
        (made("public.a"), altered("", "ALTER TABLE a RENAME TO b", ""), read("SELECT * FROM b")), ONE
    ),
    "a materialized view": (
        (row("1,1,READ,SELECT,,,CREATE MATERIALIZED VIEW a AS SELECT * FROM people,<none>"),
         row("1,2,DDL,CREATE MATERIALIZED VIEW,MATERIALIZED VIEW,public.a,"
             "CREATE MATERIALIZED VIEW a AS SELECT * FROM people,<none>"),
         ("dbt", "DDL,ALTER MATERIALIZED VIEW,MATERIALIZED VIEW,public.b,ALTER MATERIALIZED VIEW a RENAME TO b"),
         read("SELECT * FROM b")), ONE,
    ),
    "a temporary table": (
        (row("1,2,DDL,CREATE TABLE AS,TABLE,pg_temp.a,CREATE TEMP TABLE a AS SELECT * FROM people,<none>"),
         altered("pg_temp.b", "ALTER TABLE a RENAME TO b"), made("public.b", "public.nobody"),
         read("SELECT * FROM b", "pg_temp_3.b")), ONE,
    ),
    "a schema": ((made("a.t"), SCHEMA, read("SELECT * FROM b.t")), ONE),
    "a schema, and another table of it": ((made("a.t"), SCHEMA, read("SELECT * FROM b.u", "b.u")), {}),
    "a schema of another name": ((made("c.t"), SCHEMA, read("SELECT * FROM b.t")), {}),
    "a table, then its schema": (
        (made("a.s"), altered("a.t", "ALTER TABLE a.s RENAME TO t"), SCHEMA, read("SELECT * FROM b.t")), ONE
    ),
    "a column, a constraint, an index": (
        (made("public.a"), altered("public.a.b", "ALTER TABLE a RENAME COLUMN x TO b", "TABLE COLUMN"),
         altered("public.a.b", "ALTER TABLE a RENAME y TO b", "TABLE COLUMN"),
         altered("b on public.a", "ALTER TABLE a RENAME CONSTRAINT x TO b", "TABLE CONSTRAINT"),
         altered("public.b", "ALTER INDEX a RENAME TO b", "INDEX"), read("SELECT * FROM b")), {},
    ),
    "after the read": (
        (made("public.a"), read("SELECT * FROM b"), altered("public.b", "ALTER TABLE a RENAME TO b")), {}
    ),
    # A view shows what comes into its base later, whatever either is called.
    "a view": (
        (made("public.v", how="VIEW"), altered("public.w", "ALTER VIEW v RENAME TO w", "VIEW"),
         read("SELECT * FROM w")),
        BOTH,
    ),
    "a view, as dbt makes one": (
        (made("public.m__dbt_tmp", how="VIEW"),
         altered("public.m__dbt_backup", "alter table m rename to m__dbt_backup"),
         altered("public.m", "alter table m__dbt_tmp rename to m", "VIEW"), read("SELECT * FROM m")), BOTH,
    ),
    "the base of a view": (
        (made("public.v", "public.a", "VIEW"), altered("public.people", "ALTER TABLE a RENAME TO people"),
         read("SELECT * FROM v")), BOTH,
    ),
    "a view in the place of its base": (
        (altered("public.data", "ALTER TABLE people RENAME TO data"), made("public.shown", "public.data", "VIEW"),
         read("SELECT * FROM shown")), ONE,
    ),
    "a table in the place of a view": (
        (made("public.m", "public.nobody", "VIEW"), made("public.a"),
         ("dbt", "DDL,DROP VIEW,VIEW,public.m,DROP VIEW m"), altered("public.m", "ALTER TABLE a RENAME TO m"),
         read("SELECT * FROM m")), ONE,
    ),
    "a view that is a table now, as dbt makes one": (
        (made("public.m__dbt_tmp", "public.nobody", "VIEW"),
         altered("public.m", "alter table m__dbt_tmp rename to m", "VIEW"),
         made("public.m__dbt_tmp"), altered("public.m__dbt_backup", "alter table m rename to m__dbt_backup"),
         altered("public.m", "alter table m__dbt_tmp rename to m"), read("SELECT * FROM m")), ONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_who_may_be_read_under_another_name(tmp_path: Path, case: str) -> None:
    told, people = CASES[case]
    assert graded(stored(tmp_path, log(*told)), "reader") == people


def test_a_schema_is_no_dataset(tmp_path: Path) -> None:
    store = stored(tmp_path, log(made("a.t"), SCHEMA, read("SELECT * FROM b.t", "b.t")))
    with open_store(str(store), read_only=True) as opened:
        names = {name for (name,) in opened.rows("SELECT name FROM dataset")}
    assert names == {f"people.{name}" for name in ("public.people", "a.t", "b.t")}


def test_into_a_table_with_complete_entries_no_rename_carries_anything(tmp_path: Path) -> None:
    records = RECORDS + "postgres://db,people.public.kept,1,C-KEPT,2020-01-01T00:00:00Z\n"
    catalog = CATALOG.replace("public.people", 'public.*"').replace("name: people", 'name: "people')
    moved = altered("public.kept", "ALTER TABLE people RENAME TO kept")
    store = stored(tmp_path, log(moved, read("SELECT * FROM kept", "public.kept")), records, catalog)
    assert graded(store, "reader") == {"C-KEPT": "confirmed"}


def test_what_the_catalog_says_is_a_view_stays_one_however_it_is_built(tmp_path: Path) -> None:
    view = '{match: {namespace: "postgres://db", name: people.public.v}, view_of: [people.public.people]}'
    built = (made("public.v__dbt_tmp", how="VIEW"), altered("public.v", "alter table v__dbt_tmp rename to v", "VIEW"))
    catalog = CATALOG.replace("datasets: [", f"datasets: [{view}, ")
    store = stored(tmp_path, log(*built, read("SELECT * FROM v", "public.v")), RECORDS, catalog)
    assert graded(store, "reader") == {"C-1": "probable", "C-LATE": "probable"}


MOVED = "ALTER TABLE tmp RENAME TO shown"


@pytest.mark.parametrize(
    ("events", "people"),
    [
        (run(1, 2, ["base"], "tmp", f"CREATE TABLE tmp AS SELECT * FROM base; {MOVED}"), {"C-EARLY"}),
        ([*run(1, 2, ["base"], "tmp"), *run(2, 3, [], "shown", MOVED)], {"C-EARLY"}),
        ([*run(1, 2, ["base"], "tmp"), *run(2, 3, ["tmp"], "more", MOVED)], {"C-EARLY"}),
        ([*run(1, 2, ["base"], "tmp"), *run(2, 3, ["tmp"], "shown", MOVED)], {"C-EARLY"}),
        ([*run(1, 2, ["base"], "tmp"), *run(2, 3, ["other"], "more", MOVED)], set()),
    ],
)
def test_sql_of_a_run_tells_of_renames_where_the_run_tells_what_lies_there(
    tmp_path: Path, events: list[dict[str, Any]], people: set[str]
) -> None:
    assert read_by_svc(tmp_path, events) == dict.fromkeys(people, "possible")


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("mysql", "RENAME TABLE m TO m_old, m_new TO m"),
        ("mysql", "ALTER TABLE people.m_new RENAME people.m"),
        ("snowflake", 'ALTER TABLE "m_new" SWAP WITH "m"'),
        ("bigquery", "ALTER TABLE people.m_new RENAME TO m"),
        ("databricks", "ALTER TABLE m_new RENAME TO people.m"),
        ("clickhouse", "EXCHANGE TABLES people.m_new AND people.m"),
        ("mysql", "ALTER TABLE m EXCHANGE PARTITION x WITH TABLE m_new"),
        ("tsql", "EXEC sp_rename 'people.m_new', 'm'"),
    ],
)
def test_renames_in_other_dialects(tmp_path: Path, dialect: str, statement: str) -> None:
    def event(minute: int, name: str, **told: str) -> dict[str, Any]:
        dataset = {"namespace": "db", "name": f"people.{name}"}
        return {"time": f"2026-03-24T11:{minute:02d}:00Z", "dataset": dataset} | told

    made = "INSERT INTO m_new SELECT * FROM people"
    if dialect == "snowflake":
        made = 'INSERT INTO "m_new" SELECT * FROM "people"'
    told = [event(1, "people", principal="etl", operation="read", outcome="success", statement=made, dialect=dialect)]
    for number, outcome in enumerate(("denied", "error", "unknown", "success")):
        moved = event(3 * number + 2, "m", principal="etl", operation="admin", outcome=outcome)
        told += [moved | {"statement": statement, "dialect": dialect}]
        told += [event(3 * number + 3, "m", principal=outcome, operation="read", outcome="success")]
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(one) + "\n" for one in told))
    (tmp_path / "records.csv").write_text(RECORDS.replace("postgres://db,people.public.", "db,people."))
    ingest(tmp_path / "store", [tmp_path / "access.ndjson", tmp_path / "records.csv"])
    for principal in ("denied", "error"):
        assert graded(tmp_path / "store", principal) == {}
    for principal in ("unknown", "success"):
        assert graded(tmp_path / "store", principal) == {"C-1": "possible"}


TWO = RECORDS.replace("C-LATE,2026-03-24T11:30", "C-2,2020-01-01T00:00")
BESIDE = "SELECT * FROM w JOIN people USING (id) WHERE people.id = 1"


def test_a_view_that_another_takes_the_name_of_may_have_shown_what_is_read_beside_it(tmp_path: Path) -> None:
    """It was made before the log begins: what takes its name later says nothing of it."""
    rows = log(
        ("reader", f"READ,SELECT,VIEW,public.w,{BESIDE}"),
        ("reader", f"READ,SELECT,TABLE,public.people,{BESIDE}"),
        made("public.w__dbt_tmp", "public.nobody", "VIEW"),
        altered("public.w__dbt_backup", "alter table w rename to w__dbt_backup", "VIEW"),
        altered("public.w", "alter table w__dbt_tmp rename to w", "VIEW"),
    )
    for one in rows[:2]:
        one["message"] = one["message"].replace("AUDIT: SESSION,2,1", "AUDIT: SESSION,1,1")
    assert set(graded(stored(tmp_path, rows, TWO), "reader")) == {"C-1", "C-2"}


WHOLE = "SELECT * FROM whole"


@pytest.mark.parametrize(
    "told",
    [
        (made("public.stage"), altered("", "ALTER TABLE stage RENAME TO part", "")),
        (row("1,2,DDL,CREATE TABLE AS,,,CREATE TABLE part AS SELECT * FROM public.people,<none>", user="dbt"),),
    ],
    ids=["renamed", "made"],
)
def test_a_partition_that_a_text_alone_says_what_came_into_is_read_with_its_table(
    tmp_path: Path, told: tuple[Any, ...]
) -> None:
    """Where the extension is not made in a database, rows of DDL name nothing."""
    rows = log(*told, ("reader", f"READ,SELECT,TABLE,public.whole,{WHOLE}"), ("x", "READ,SELECT,,,SELECT 1"))
    part = row(f"{len(told) + 1},1,MISC,???,TABLE,public.part,{WHOLE},<none>", user="reader")
    rows.append(part | {"timestamp": "2026-03-24 12:01:00.456 UTC", "line_num": 99})
    assert graded(stored(tmp_path, rows), "reader") == ONE


def test_what_is_changed_in_a_partition_goes_on_under_its_new_name(tmp_path: Path) -> None:
    text = "UPDATE whole SET iban = 1"
    rows = log(
        ("evil", f"WRITE,UPDATE,TABLE,public.whole,{text}"),
        ("evil", f"MISC,???,TABLE,public.part,{text}"),
        altered("public.old", "ALTER TABLE part RENAME TO old"),
        read("CREATE TABLE public.copy AS SELECT * FROM old", "public.old"),
    )
    assert contaminated(stored(tmp_path, rows))["public.copy"] == "possible"


@pytest.mark.parametrize(("moved", "state"), [((), "certain"), ((GIVEN_UP,), "possible")])
def test_a_view_does_not_surely_show_what_took_the_name_of_its_base(
    tmp_path: Path, moved: tuple[Any, ...], state: str
) -> None:
    """It goes on to show the table that it was made of."""
    spoilt = ("evil", "WRITE,INSERT,TABLE,public.m,INSERT INTO public.m VALUES (1)")
    copied = read("CREATE TABLE public.copy AS SELECT * FROM public.v", "public.v")
    rows = log(made("public.v", "public.m", "VIEW"), *moved, made("public.m", "public.clean"), spoilt, copied)
    assert contaminated(stored(tmp_path, rows))["public.copy"] == state
