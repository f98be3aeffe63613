"""A view that a run's SQL creates: who reads it reads its bases, what came into them later too (semantics.md, 2)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest
from tests.collectors.pgaudit_records import row
from tests.shown_by_runs import READ, RECORDS, STORE, read_by_svc, run
from tests.touches.taking import graded, take_in

PEOPLE = """dataset_namespace,dataset_name,key,data_subject,valid_from
postgres://db,people.public.contractors,1,C-1,2020-01-01T00:00:00Z
postgres://db,people.public.contractors,2,C-2,2020-01-01T00:00:00Z
"""


@pytest.mark.parametrize(
    ("inputs", "query"),
    [
        ([], "CREATE VIEW public.shown AS SELECT * FROM public.base WHERE level = 1"),
        (["base"], "create or replace view shown as select id from Base"),
    ],
)
def test_a_read_of_a_view_that_a_run_created_is_one_of_its_bases(tmp_path: Path, inputs: list[str], query: str) -> None:
    found = read_by_svc(tmp_path, run(1, 2, inputs, "shown", query))
    assert found == {"C-EARLY": "probable", "C-LATE": "probable"}


@pytest.mark.parametrize("query", ["CREATE VIEW public.unseen AS SELECT * FROM public.base", "SELECT * FROM base"])
def test_sql_that_creates_another_view_or_none_leaves_a_table(tmp_path: Path, query: str) -> None:
    assert read_by_svc(tmp_path, run(1, 2, ["base"], "shown", query)) == {"C-EARLY": "possible"}


def test_what_another_run_wrote_as_a_table_holds_what_that_run_wrote(tmp_path: Path) -> None:
    told = run(1, 2, ["base"], "shown", "CREATE VIEW public.shown AS SELECT * FROM public.base")
    found = read_by_svc(tmp_path, [*told, *run(2, 3, ["other"], "shown")])
    assert found == {"C-EARLY": "possible", "C-OTHER": "possible"}


@pytest.mark.parametrize(
    ("outcome", "statement", "people"),
    [
        ("success", "CREATE VIEW public.shown AS SELECT * FROM public.base", {"C-EARLY", "C-LATE"}),
        ("denied", "CREATE VIEW public.shown AS SELECT * FROM public.base", {"C-SHOWN"}),
        ("error", "CREATE VIEW public.shown AS SELECT * FROM public.base", {"C-SHOWN"}),
        ("unknown", "CREATE VIEW public.shown AS SELECT * FROM public.base", {"C-SHOWN"}),
        ("success", "CREATE TEMP VIEW shown AS SELECT * FROM public.base", {"C-SHOWN"}),
        ("success", "CREATE VIEW IF NOT EXISTS shown AS SELECT * FROM public.base", {"C-SHOWN"}),
        ("success", "BEGIN; CREATE VIEW shown AS SELECT * FROM public.base; ROLLBACK", {"C-SHOWN"}),
    ],
)
def test_a_view_that_was_not_surely_made_hides_no_record(
    tmp_path: Path, outcome: str, statement: str, people: set[str]
) -> None:
    made = READ | {"id": "0", "operation": "admin", "outcome": outcome, "statement": statement}
    made["time"] = "2026-03-24T03:00:00.000000Z"
    shown = "postgres://people-db:5432,people.public.shown,s-1,C-SHOWN,2026-03-24T01:00:00Z,\n"
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "access.ndjson").write_text("\n".join(map(json.dumps, (made, READ))))
    (tmp_path / "input" / "records.csv").write_text(RECORDS + shown)
    ingest(tmp_path / "store", [tmp_path / "input"])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    assert {row["id"]: row["grade"] for row in said["data_subjects"]} == dict.fromkeys(people, "probable")


def created_by_svc(folder: Path, statement: str) -> dict[str, Any]:
    """The answer about svc, whose only act is this statement in a log of one's own that calls it `create`."""
    (folder / "access.ndjson").write_text(json.dumps(READ | {"operation": "create", "statement": statement}))
    (folder / "records.csv").write_text(RECORDS)
    ingest(folder / "store", [folder / "access.ndjson", folder / "records.csv"])
    return ask(folder / "store", "blast-radius", ["--principal", "svc"])


@pytest.mark.parametrize(
    "statement",
    ["CREATE VIEW public.shown AS SELECT * FROM public.base", "CREATE OR REPLACE VIEW shown AS SELECT id FROM base"],
)
def test_who_creates_a_view_neither_reads_nor_alters_its_bases(tmp_path: Path, statement: str) -> None:
    said = created_by_svc(tmp_path, statement)
    assert (said["altered"], said["data_subjects"], said["datasets"]) == ([], [], [])


def test_what_a_text_does_beside_creating_a_view_is_done(tmp_path: Path) -> None:
    made = "CREATE VIEW shown AS SELECT * FROM base; "
    (tmp_path / "written").mkdir()
    said = created_by_svc(tmp_path / "written", made + "INSERT INTO shown SELECT * FROM other")
    assert {"C-EARLY", "C-LATE"} <= {row["id"] for row in said["altered"]}
    assert "people.public.base" in {row["name"] for row in said["datasets"] if row["contaminated"]}
    (tmp_path / "read").mkdir()
    said = created_by_svc(tmp_path / "read", made + "SELECT * FROM other")
    assert {row["id"]: row["grade"] for row in said["data_subjects"]}["C-OTHER"] == "confirmed"


def test_a_temporary_view_of_a_name_that_is_no_table_is_read_as_its_bases(tmp_path: Path) -> None:
    made = READ | {"id": "0", "statement": "CREATE TEMP VIEW shown AS SELECT * FROM public.base"}
    (tmp_path / "access.ndjson").write_text("\n".join(map(json.dumps, (made, READ))))
    (tmp_path / "records.csv").write_text(RECORDS)
    ingest(tmp_path / "store", [tmp_path / "access.ndjson", tmp_path / "records.csv"])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    assert {row["id"] for row in said["data_subjects"]} == {"C-EARLY", "C-LATE"}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("CREATE VIEW shown AS SELECT * FROM contractors WHERE id = 1; SELECT * FROM shown", 0),
        ("CREATE TEMP VIEW shown AS SELECT * FROM contractors; SELECT count(*) FROM shown", 0),
        ("CREATE VIEW shown AS TABLE contractors; CREATE VIEW over AS TABLE shown; TABLE over", 0),
        ("CREATE VIEW shown AS TABLE contractors; WITH RECURSIVE a AS (TABLE b), b AS (TABLE shown) TABLE a", 0),
        ("CREATE VIEW shown AS SELECT * FROM contractors; UPDATE shown SET level = 2", 1),
    ],
)
def test_a_text_that_makes_a_view_and_asks_it_asks_its_bases(tmp_path: Path, text: str, part: int) -> None:
    """A log tells such a text with each of its statements, and mostly no table."""
    rows = [row(f'1,1,DDL,CREATE VIEW,,,"{text}",<none>'), row(f'2,1,READ,SELECT,,,"{text}",<none>')]
    take_in(tmp_path, rows, PEOPLE)
    assert graded(tmp_path, "etl")[part] == {"C-1": "possible", "C-2": "possible"}


@pytest.mark.parametrize(
    "text",
    [
        "CREATE VIEW shown AS SELECT * FROM contractors",
        "CREATE RECURSIVE VIEW shown (id) AS SELECT id FROM contractors UNION ALL SELECT id FROM shown",
    ],
)
def test_a_text_that_only_makes_a_view_asks_nobody(tmp_path: Path, text: str) -> None:
    take_in(tmp_path, [row(f'1,1,DDL,CREATE VIEW,,,"{text}",<none>')], PEOPLE)
    assert graded(tmp_path, "etl") == [{}, {}]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("DELETE FROM shown WHERE id = 1 RETURNING *", {"C-1": "probable", "C-2": "probable"}),
        ("UPDATE shown SET level = 2 RETURNING id", {"C-1": "probable", "C-2": "probable"}),
        ("DELETE FROM shown WHERE id = 1", {}),
        ("UPDATE shown SET level = 2", {}),
        ("INSERT INTO shown VALUES (3) RETURNING id", {}),
    ],
)
def test_what_is_given_back_of_a_table_that_only_the_row_names_was_read(
    tmp_path: Path, text: str, read: dict[str, str]
) -> None:
    """The text names a view that was made before the log begins."""
    take_in(tmp_path, [row(f"1,1,WRITE,{text[:6]},TABLE,public.contractors,{text},<none>")], PEOPLE)
    assert graded(tmp_path, "etl") == [read, {"C-1": "probable", "C-2": "probable"}]


@pytest.mark.parametrize("people", [("C-HR",), ("C-HR", "C-PUBLIC")])
def test_a_base_that_lies_in_a_schema_that_nobody_told_is_possibly_read(
    tmp_path: Path, people: tuple[str, ...]
) -> None:
    """`staff` may be any that is known, as where a statement reads it itself; a run reads it likewise."""
    made = READ | {"id": "0", "operation": "admin", "statement": "CREATE VIEW public.shown AS SELECT * FROM staff"}
    staff = "".join(
        f"postgres://people-db:5432,people.{person[2:].lower()}.staff,s-1,{person},2026-03-24T01:00:00Z,\n"
        for person in people
    )
    (tmp_path / "access.ndjson").write_text("\n".join(map(json.dumps, (made, READ))))
    (tmp_path / "records.csv").write_text(RECORDS + staff)
    (tmp_path / "openlineage.ndjson").write_text("\n".join(map(json.dumps, run(1, 6, ["shown"], "made"))))
    ingest(tmp_path / "store", sorted(tmp_path.iterdir()))
    asked = (["--principal", "svc"], ["--run", "00000000-0000-4000-8000-000000000001"])
    said = [ask(tmp_path / "store", "blast-radius", one) for one in asked]
    for one in said:
        assert {row["id"]: row["grade"] for row in one["data_subjects"]} == dict.fromkeys(people, "possible")
        assert one["summary"]["data_subjects"]["possible_because"] == {"unknown-schema": len(people)}


def assert_it_holds_records(tmp_path: Path, events: list[dict[str, Any]]) -> None:
    """What the run of these events wrote as `shown` is a table: its own people, and who came from `base`."""
    (tmp_path / "openlineage.ndjson").write_text("\n".join(map(json.dumps, events)))
    (tmp_path / "access.ndjson").write_text(json.dumps(READ) + "\n")
    shown = "postgres://people-db:5432,people.public.shown,s-1,C-SHOWN,2026-03-24T01:00:00Z,\n"
    (tmp_path / "records.csv").write_text(RECORDS + shown)
    ingest(tmp_path / "store", sorted(tmp_path.iterdir()))
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "svc"])
    assert {row["id"]: row["grade"] for row in said["data_subjects"]} == {"C-EARLY": "possible", "C-SHOWN": "probable"}


@pytest.mark.parametrize(
    "query",
    [
        "CREATE TEMP VIEW shown AS SELECT * FROM base; INSERT INTO public.shown SELECT * FROM shown",
        "CREATE TEMPORARY VIEW shown AS SELECT * FROM base",
        "CREATE VIEW IF NOT EXISTS shown AS SELECT * FROM base",
        "CREATE VIEW shown AS SELECT * FROM base; INSERT INTO public.shown SELECT * FROM shown",
    ],
)
def test_what_a_run_writes_beside_a_view_of_that_name_holds_records(tmp_path: Path, query: str) -> None:
    assert_it_holds_records(tmp_path, run(1, 2, ["base"], "shown", query))


@pytest.mark.parametrize("late", [False, True])
def test_a_view_that_a_failed_run_was_to_make_hides_no_record(tmp_path: Path, late: bool) -> None:
    """It stays failed, whatever is told of it later."""
    told = run(1, 2, ["base"], "shown", "CREATE VIEW public.shown AS SELECT * FROM public.base")
    told += [told[1] | {"eventTime": "2026-03-24T04:00:00Z"}] if late else []
    told[1] = told[1] | {"eventType": "FAIL"}
    assert_it_holds_records(tmp_path, told)


def test_a_view_that_a_run_is_still_to_make_hides_no_record(tmp_path: Path) -> None:
    told = run(1, 2, ["base"], "shown", "CREATE VIEW public.shown AS SELECT * FROM public.base")[:1]
    shown = "postgres://people-db:5432,people.public.shown,s-1,C-SHOWN,2026-03-24T01:00:00Z,\n"
    assert read_by_svc(tmp_path, told, RECORDS + shown)["C-SHOWN"] == "probable"


@pytest.mark.parametrize("outcome", ["denied", "error"])
def test_a_view_that_was_refused_shows_nobody(tmp_path: Path, outcome: str) -> None:
    made = READ | {"id": "0", "operation": "admin", "outcome": outcome}
    made["statement"] = "CREATE VIEW public.shown AS SELECT * FROM public.base"
    assert read_by_svc(tmp_path, [], others=[made]) == {}


@pytest.mark.parametrize(
    ("outer", "inner"), [("public.shown", "staff"), ("staff", "public.base")], ids=["inner", "outer"]
)
def test_a_view_over_a_view_is_no_surer_than_either(tmp_path: Path, outer: str, inner: str) -> None:
    """`staff` is that of a schema that nobody told: a table of people, or a view of them."""
    made = [
        READ | {"id": name, "operation": "admin", "statement": f"CREATE VIEW {name} AS SELECT * FROM {base}"}
        for name, base in (
            ("public.over", outer),
            ("hr.staff" if outer == "staff" else outer, inner),
        )
    ]
    asked = {"dataset": {"namespace": STORE, "name": "people.public.over"}, "statement": None}
    staff = "postgres://people-db:5432,people.hr.staff,s-1,C-EARLY,2026-03-24T01:00:00Z,\n"
    told = staff if outer != "staff" else "".join(RECORDS.splitlines(keepends=True)[1:2])
    found = read_by_svc(tmp_path, [], RECORDS.splitlines(keepends=True)[0] + told, made, asked)
    assert found == {"C-EARLY": "possible"}


ARCHIVED = "INSERT INTO archive.shown SELECT * FROM shown; TRUNCATE shown"


@pytest.mark.parametrize(
    ("query", "outputs", "states"),
    [
        # By what the run itself read of the one, which no event tells, both may have got it again.
        (ARCHIVED, ["shown", "archive.shown"], {"shown": "possible", "archive.shown": "certain"}),
        ("TRUNCATE shown", ["shown", "archive.shown"], {"shown": "possible", "archive.shown": "possible"}),
        ("TRUNCATE shown", ["shown"], {"shown": None, "archive.shown": "certain"}),
        ("CREATE TEMP TABLE shown AS SELECT 1; INSERT INTO public.shown SELECT * FROM shown", ["shown"],
         {"shown": "certain"}),
        ("SELECT 1 AS one INTO TEMP shown", ["shown"], {"shown": "possible"}),
    ],
)  # fmt: skip
def test_sql_says_something_only_about_the_output_that_it_means(
    tmp_path: Path, query: str, outputs: list[str], states: dict[str, str | None]
) -> None:
    """Both tables were tainted before; who reads them afterwards tells what stood in between."""
    told = [*run(1, 1, [], "shown"), *run(2, 2, ["none"], "none", query)]
    told += [*run(3, 3, ["shown"], "from_shown"), *run(4, 3, ["archive.shown"], "from_archive")]
    store = "people.public."
    for event in told[:2]:
        event["outputs"] = [{"namespace": STORE, "name": name} for name in (f"{store}shown", "people.archive.shown")]
    for event in told[2:4]:
        event["outputs"] = [
            {"namespace": STORE, "name": f"people.{name}" if "." in name else f"{store}{name}"} for name in outputs
        ]
    for event in told[6:]:
        event["inputs"] = [{"namespace": STORE, "name": "people.archive.shown"}]
    (tmp_path / "openlineage.ndjson").write_text("\n".join(map(json.dumps, told)))
    ingest(tmp_path / "store", [tmp_path / "openlineage.ndjson"])
    said = ask(tmp_path / "store", "blast-radius", ["--run", told[0]["run"]["runId"]])
    runs = {row["run_id"][-1]: row["contaminated"] for row in said["runs"]}
    found = {"shown": runs.get("3"), "archive.shown": runs.get("4")}
    assert {name: found[name] for name in states} == states


@pytest.mark.parametrize(
    ("base", "read"), [("public.base", "public.shown"), ("ring", "public.shown"), ("public.base", "public.over")]
)
def test_views_of_one_another_alone_are_tables(tmp_path: Path, base: str, read: str) -> None:
    """Also to a view over them, and where one of them may be called as a table in another schema is, hr.ring."""
    made = [
        READ | {"id": view, "statement": f"CREATE VIEW {view} AS SELECT * FROM {other}"}
        for view, other in (("public.shown", base), (base, "public.shown"), ("public.over", "public.shown"))
    ]
    reads = READ | {"principal": "reader", "dataset": {"namespace": STORE, "name": f"people.{read}"}, "statement": None}
    (tmp_path / "access.ndjson").write_text("\n".join(map(json.dumps, (*made, reads))))
    shown = "postgres://people-db:5432,people.public.shown,s-1,C-SHOWN,2026-03-24T01:00:00Z,\n"
    shown += "postgres://people-db:5432,people.hr.ring,r-1,C-RING,2026-03-24T01:00:00Z,\n"
    (tmp_path / "records.csv").write_text(RECORDS + shown)
    ingest(tmp_path / "store", [tmp_path / "access.ndjson", tmp_path / "records.csv"])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "reader"])
    assert "C-SHOWN" in {row["id"] for row in said["data_subjects"]}
