"""Partitions and tables that inherit: records that are told of the whole may be read and changed in its parts, and what
is written to either is read through the other, as long as it is a part."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest_one_by_one
from tests.collectors.pgaudit_records import failed, refused, row
from tests.logs import BOTH, CATALOG, ONE, RECORDS, altered, contaminated, graded, log, read, stored
from tests.shown_by_runs import read_by_svc, run

MADE = ("dbt", "DDL,CREATE TABLE,TABLE,public.ke,CREATE TABLE ke PARTITION OF people FOR VALUES IN ('KE')")
ATTACHED = altered("public.people", "ALTER TABLE people ATTACH PARTITION ke FOR VALUES IN ('KE')")
DETACHED = altered("public.people", "ALTER TABLE people DETACH PARTITION ke")
PERHAPS = altered("public.people", "ALTER TABLE people ATTACH PARTITION ke DEFAULT; SELECT 1")
DEFAULT = ("dbt", "DDL,CREATE TABLE,TABLE,public.q,CREATE TABLE q PARTITION OF people DEFAULT")
BENEATH = altered("public.q", "ALTER TABLE q ATTACH PARTITION ke DEFAULT")
DROPPED = ("reader", "DDL,DROP TABLE,TABLE,public.ke,DROP TABLE ke")
IT = read("SELECT * FROM ke", "public.ke")
WHOLE = CATALOG.replace(", key: [id], indexed: true", "")

CASES: dict[str, tuple[tuple[Any, ...], dict[str, str]]] = {
    "made as one": ((MADE, IT), BOTH),
    "no row names it": ((MADE, read("SELECT * FROM ke")), BOTH),
    "attached": ((ATTACHED, IT), BOTH),
    "without the extension": ((altered("", ATTACHED[1].split('"')[1], ""), IT), BOTH),
    "in another schema": (
        (altered("public.people", "ALTER TABLE ONLY public.people ATTACH PARTITION parts.ke DEFAULT"),
         read("SELECT * FROM parts.ke", "parts.ke")), BOTH,
    ),
    "that inherits": (
        (("dbt", 'DDL,CREATE TABLE,TABLE,public.ke,"CREATE TABLE ke (x int, y int) INHERITS (people)"'), IT), BOTH
    ),
    "that inherits from then on": ((altered("public.ke", "ALTER TABLE ke INHERIT people"), IT), BOTH),
    "a part of a part": (
        (MADE, ("dbt", "DDL,CREATE TABLE,TABLE,public.kisumu,CREATE TABLE kisumu PARTITION OF ke DEFAULT"),
         read("SELECT * FROM kisumu", "public.kisumu")), BOTH,
    ),
    "under another name": (
        (MADE, altered("public.kenya", "ALTER TABLE ke RENAME TO kenya"), read("SELECT * FROM kenya", "public.kenya")),
        BOTH,
    ),
    "through a view": ((MADE, ("dbt", "DDL,CREATE VIEW,VIEW,public.v,CREATE VIEW v AS SELECT * FROM ke"),
                        read("SELECT * FROM v", "public.v")), BOTH),
    "one of its records": ((MADE, read("SELECT * FROM ke WHERE id = 1", "public.ke")), ONE),
    "before it was attached": ((IT, ATTACHED, read("SELECT 1")), {}),
    # What it holds, it took along; who came later did not come into it.
    "after it was detached": ((DETACHED, IT), ONE),
    "after it was detached, and attached again": ((DETACHED, ATTACHED, IT), BOTH),
    "detached after the read": ((IT, DETACHED, read("SELECT 1")), ONE),
    "no longer inheriting": ((altered("public.ke", "ALTER TABLE ke NO INHERIT people"), IT), ONE),
    # What was called so before it was dropped, or got another name, may have been one.
    "before it was made, after all": ((IT, MADE, read("SELECT 1")), ONE),
    "before it was dropped and made anew": ((IT, DROPPED, MADE, read("SELECT 1")), ONE),
    "before it was dropped, and another attached": ((IT, DROPPED, ATTACHED, read("SELECT 1")), ONE),
    "before all was dropped": (
        (IT, ("reader", "DDL,DROP TABLE,TABLE,public.people,DROP TABLE people CASCADE"), ATTACHED, read("SELECT 1")),
        ONE,
    ),
    "before another got its name": (
        (IT, altered("public.ke_old", "ALTER TABLE ke RENAME TO ke_old"),
         altered("public.ke", "ALTER TABLE ke INHERIT people"), read("SELECT 1")), ONE,
    ),
    "under its earlier name": (
        (read("SELECT * FROM k", "public.k"), altered("public.ke", "ALTER TABLE k RENAME TO ke"), DETACHED,
         read("SELECT 1")), ONE,
    ),
    # What may not have happened, or not then, leaves a part what it was.
    "detached, and taken back": (
        (("dbt", "MISC,BEGIN,,,BEGIN"), DETACHED, ("dbt", "MISC,ROLLBACK,,,ROLLBACK"), IT), BOTH
    ),
    "detached among other statements": (
        (altered("public.people", "ALTER TABLE people DETACH PARTITION ke; SELECT 1"), IT), BOTH
    ),
    "perhaps attached, and surely later": ((PERHAPS, IT, ATTACHED, read("SELECT 1")), ONE),
    "detached, and perhaps attached again": ((DETACHED, PERHAPS, IT), BOTH),
    "still one of another part": ((ATTACHED, DETACHED, DEFAULT, BENEATH, IT), BOTH),
    "before it was one of another part too": ((ATTACHED, IT, DEFAULT, BENEATH, read("SELECT 1")), ONE),
    "before its schema was dropped": (
        (IT, ("reader", "DDL,DROP SCHEMA,TABLE,public.ke,DROP SCHEMA public CASCADE"), ATTACHED, read("SELECT 1")), ONE
    ),
    "before it was to be dropped": ((IT, refused("DROP TABLE ke") | {"user": "dbt"}, ATTACHED, read("SELECT 1")), {}),
    "found by the search path": ((ATTACHED, read("SELECT * FROM parts.ke", "parts.ke")), BOTH),
    "detached from what is a part": (
        (DEFAULT, altered("public.q", "ALTER TABLE q DETACH PARTITION ke"), IT), ONE,
    ),
    "a partition of another": ((altered("public.q", "ALTER TABLE q ATTACH PARTITION ke DEFAULT"), IT), {}),
    "an index of it": ((altered("public.i", "ALTER INDEX i ATTACH PARTITION ke", "INDEX"), IT), {}),
    "only alike": ((("dbt", "DDL,CREATE TABLE,TABLE,public.ke,CREATE TABLE ke (LIKE people)"), IT), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_who_reads_a_part_may_have_read_records_of_the_whole(tmp_path: Path, case: str) -> None:
    told, people = CASES[case]
    store = stored(tmp_path, log(*told))
    assert graded(store, "reader") == people
    assert {one["principal"] for one in ask(store, "who-touched", ["--data-subject", "C-1"])["touches"]} <= {"reader"}


def test_it_is_told_why_and_which_touch(tmp_path: Path) -> None:
    store = stored(tmp_path, log(MADE, IT))
    said = ask(store, "blast-radius", ["--principal", "reader"])
    assert said["summary"]["data_subjects"]["possible_because"] == {"part-of-table": 2}
    touches = ask(store, "who-touched", ["--data-subject", "C-1"])["touches"]
    assert [(one["principal"], one["dataset"]["name"], one["grade"]) for one in touches] == [
        ("reader", "people.public.people", "possible")
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_files_come_changes_nothing(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = log(ATTACHED, DETACHED, IT)
    whole = stored(tmp_path / "whole", rows)
    inputs = []
    for number in order:
        inputs.append(tmp_path / "log" / f"{number}.json")
        inputs[-1].parent.mkdir(exist_ok=True)
        inputs[-1].write_text(json.dumps(rows[number]) + "\n")
    (tmp_path / "catalog.yml").write_text(CATALOG)
    (tmp_path / "records.csv").write_text(RECORDS)
    ingest_one_by_one(tmp_path / "store", [*inputs, tmp_path / "records.csv", tmp_path / "catalog.yml"], {1, 3})
    for asked in (["--principal", "reader"], ["--principal", "dbt"]):
        answer = ask(whole, "blast-radius", asked)
        assert json.dumps(ask(tmp_path / "store", "blast-radius", asked)) == json.dumps(answer)


@pytest.mark.parametrize("state", ["42501", "42P17"])
def test_a_part_that_was_not_made_is_none(tmp_path: Path, state: str) -> None:
    tried = failed("no", state, ATTACHED[1].split('"')[1], user="dbt")
    assert graded(stored(tmp_path, log(tried, IT)), "reader") == {}


def test_who_changes_a_part_may_have_changed_records_of_the_whole(tmp_path: Path) -> None:
    changed = ("evil", "WRITE,DELETE,TABLE,public.ke,DELETE FROM ke WHERE id = 1")
    store = stored(tmp_path, log(MADE, changed, read("SELECT 1")))
    assert graded(store, "evil", "altered") == ONE
    assert graded(store, "dbt", "altered") == {}


KEPT = "dataset_namespace,dataset_name,key,data_subject,valid_from\npostgres://db,people.public.ke,7,C-7,2020-01-01T00:00:00Z\n"


@pytest.mark.parametrize(
    ("asked", "named", "people"),
    [
        ("SELECT * FROM people", "", {"C-7"}),
        ("SELECT * FROM people", "public.people", {"C-7"}),
        ("SELECT * FROM people WHERE id = 8", "", set()),
    ],
)
def test_records_that_are_told_of_a_part_may_be_read_through_the_whole(
    tmp_path: Path, asked: str, named: str, people: set[str]
) -> None:
    """By rows that name the whole too: not every pgaudit, and no object audit, has rows for the parts."""
    catalog = CATALOG.replace("name: people.public.people", 'name: "people.public.*"')
    store = stored(tmp_path, log(MADE, read(asked, named)), KEPT, catalog)
    assert graded(store, "reader") == dict.fromkeys(people, "possible")


@pytest.mark.parametrize("told", [(MADE,), ()])
def test_what_a_row_of_a_part_tells_is_told_by_that_row(tmp_path: Path, told: tuple[Any, ...]) -> None:
    """Where a text names the whole, and a row each of its parts: those of which no more is known say nothing."""
    text = "SELECT * FROM people WHERE id = 1"
    rows = log(*told, read(text, "public.people"), ("x", "READ,SELECT,,,SELECT 1"))
    rows.append(row(f"{len(told) + 1},1,MISC,???,TABLE,public.ke,{text},<none>", user="reader")
                | {"timestamp": rows[-2]["timestamp"], "line_num": 99})  # fmt: skip
    store = stored(tmp_path, rows)
    assert graded(store, "reader") == {"C-1": "confirmed"}
    assert len(ask(store, "who-touched", ["--data-subject", "C-1"])["touches"]) == 1
    said = ask(store, "blast-radius", ["--principal", "reader"])
    assert [one["name"] for one in said["datasets"]] == ["people.public.people"]


def test_only_leaves_out_what_is_in_a_part(tmp_path: Path) -> None:
    store = stored(tmp_path, log(MADE, read("SELECT * FROM ONLY people")))
    assert graded(store, "reader") == dict.fromkeys(BOTH, "probable")


@pytest.mark.parametrize(
    ("asked", "people"),
    [
        ("SELECT * FROM ONLY people", set()),
        ("SELECT * FROM ONLY people x JOIN people y USING (id)", {"C-7"}),
        ("SELECT * FROM ONLY people x JOIN public.people y USING (id)", {"C-7"}),
        ("SELECT * FROM people", {"C-7"}),
    ],
)
def test_only_leaves_out_the_parts(tmp_path: Path, asked: str, people: set[str]) -> None:
    catalog = CATALOG.replace("name: people.public.people", 'name: "people.public.*"')
    store = stored(tmp_path, log(MADE, read(asked, "public.people")), KEPT, catalog)
    assert graded(store, "reader") == dict.fromkeys(people, "possible")


def test_what_is_taken_out_of_another_schema_is_not_surely_meant(tmp_path: Path) -> None:
    other = ("dbt", "DDL,CREATE TABLE,TABLE,hr.ke,CREATE TABLE hr.ke PARTITION OF hr.people DEFAULT")
    taken_out = altered("", "ALTER TABLE people DETACH PARTITION ke", "")
    rows = log(other, MADE, taken_out, read("SELECT * FROM hr.ke", "hr.ke"))
    records, catalog = (text.replace("people.public.people", "people.hr.people") for text in (RECORDS, CATALOG))
    assert graded(stored(tmp_path, rows, records, catalog), "reader") == BOTH


SPOILT = ("evil", "WRITE,INSERT,TABLE,public.{0},INSERT INTO public.{0} VALUES (1)")
COPIED = "CREATE TABLE public.copy AS SELECT * FROM public.{0}"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ((MADE, "ke", "people"), "possible"),
        ((MADE, "people", "ke"), "possible"),
        (("ke", ATTACHED, "people"), "possible"),
        (("people", DETACHED, "ke"), "possible"),
        (("ke", DETACHED, "people"), "possible"),
        ((DETACHED, "ke", "people"), None),
        (("people", ATTACHED, "ke"), "possible"),
        ((MADE, DETACHED, "people", "ke"), None),
    ],
)
def test_what_is_written_to_either_is_read_through_the_other(
    tmp_path: Path, told: tuple[Any, ...], state: str | None
) -> None:
    *before, source = told
    rows = [
        (one[0].format(), one[1]) if isinstance(one, tuple) else (SPOILT[0], SPOILT[1].format(one)) for one in before
    ]
    store = stored(tmp_path, log(*rows, read(COPIED.format(source), f"public.{source}")), RECORDS, WHOLE)
    assert contaminated(store).get("public.copy") == state


def test_a_run_that_reads_a_part_may_have_read_records_of_the_whole(tmp_path: Path) -> None:
    """SQL of a run tells that it is one, where the run tells what lies there."""
    made = "CREATE TABLE part PARTITION OF base DEFAULT"
    found = read_by_svc(tmp_path, [*run(1, 2, [], "part", made), *run(2, 3, ["part"], "shown")])
    assert found == {"C-EARLY": "possible"}


def test_what_a_run_writes_to_a_part_is_read_through_the_whole(tmp_path: Path) -> None:
    made = "CREATE TABLE part PARTITION OF whole DEFAULT"
    events = [*run(1, 1, [], "part", made), *run(2, 2, ["base"], "part"), *run(3, 3, ["whole"], "shown")]
    assert read_by_svc(tmp_path, events) == {"C-EARLY": "possible"}


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("ALTER TABLE whole ATTACH PARTITION part DEFAULT", "part", "whole"),
        ("ALTER TABLE whole DETACH PARTITION part", "whole", "part"),
    ],
)
def test_a_run_that_moves_a_part_moves_what_is_in_it(tmp_path: Path, said: str, before: str, after: str) -> None:
    """What the other held until then may have been replaced."""
    events = [*run(1, 1, ["base"], before), *run(2, 2, [], after, f"CREATE OR REPLACE TABLE {after} (id int)"),
              *run(3, 3, [], "part", said), *run(4, 4, [after], "shown")]  # fmt: skip
    assert read_by_svc(tmp_path, events) == {"C-EARLY": "possible"}


@pytest.mark.parametrize(
    ("spoilt", "others", "said"),
    [
        ("part", ([], "whole"), "TRUNCATE TABLE whole"),
        ("whole", (["part"], "seen"), "ALTER TABLE whole DETACH PARTITION part"),
    ],
)
def test_what_may_have_gone_with_a_part_reaches_nobody_surely(
    tmp_path: Path, spoilt: str, others: tuple[list[str], str], said: str
) -> None:
    """Who replaces the whole may replace its parts, and who takes out a part takes its rows along."""
    made = run(1, 1, [], "part", "CREATE TABLE part PARTITION OF whole DEFAULT")
    events = [*made, *run(2, 2, ["base"], spoilt), *run(3, 3, *others, said), *run(4, 4, [spoilt], "shown")]
    read_by_svc(tmp_path, events)
    said_of = ask(tmp_path / "store", "blast-radius", ["--run", "00000000-0000-4000-8000-000000000002"])
    states = {one["name"].rsplit(".", 1)[-1]: one["contaminated"] for one in said_of["datasets"]}
    assert (states[spoilt], states["shown"]) == ("certain", "possible")


def test_an_open_part_exposes_the_records_of_the_whole(tmp_path: Path) -> None:
    store = stored(tmp_path, log(MADE, IT))
    said = ask(store, "blast-radius", ["--exposed-dataset", "postgres://db/people.public.ke"])
    assert {one["id"]: one["grade"] for one in said["data_subjects"]} == BOTH


def test_a_part_has_fewer_rows_than_the_whole(tmp_path: Path) -> None:
    """No entry of the whole contradicts the rows that the log counted of the part."""
    text = '"SELECT * FROM ke WHERE id IN (1, 2)"'
    store = stored(tmp_path, log(MADE, row(f"2,1,READ,SELECT,TABLE,public.ke,{text},<none>,1", user="reader")))
    assert graded(store, "reader") == BOTH
    answer = ask(store, "blast-radius", ["--principal", "reader"])
    assert "row-count-mismatch" not in {one["kind"] for one in answer["caveats"]}
