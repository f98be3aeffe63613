"""Which tables rows and texts of one statement mean, and what it read and wrote there (semantics.md, 2 and 3)."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask
from tests.collectors.pgaudit_records import NEXT_DAY, ONCE, failed, record, row
from tests.touches.taking import CATALOG, graded, take_in


def test_a_bare_name_is_the_table_that_a_row_of_the_statement_names(tmp_path: Path) -> None:
    """Wherever the search path led; what no row names may be any of them."""
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id,ref\n"
    for schema, table, key in (("public", "t", 1), ("hr", "t", 1), ("hr", "t", 2), ("public", "u", 1), ("hr", "u", 1)):
        entry = f"{schema}.{table}-{key}"
        told += f"postgres://db,people.{schema}.{table},{key},{entry},2020-01-01T00:00:00Z,{key},{key}\n"
    one, both = "SELECT * FROM t WHERE id = 1", "SELECT * FROM t JOIN u ON u.ref = t.id"
    update = "UPDATE t SET ref = 2 WHERE id = 1"
    rows = [
        row(f"1,1,READ,SELECT,TABLE,hr.t,{one},<none>", user="one"),
        row(f"2,1,WRITE,UPDATE,TABLE,hr.t,{update},<none>", user="update"),
        row(f"3,1,READ,SELECT,TABLE,hr.t,{both},<none>", user="both"),
        row(f"3,1,READ,SELECT,TABLE,public.u,{both},<none>", user="both"),
        row(f"4,1,READ,SELECT,,,COPY ({one}) TO STDOUT,<none>", user="nowhere"),
        row("5,1,READ,SELECT,,,COPY (SELECT * FROM t WHERE id = 2) TO STDOUT,<none>", user="elsewhere"),
        row(f"6,1,READ,SELECT,TABLE,public.t,COPY ({one}) TO STDOUT,<none>", user="copy"),
        row(f"6,1,READ,COPY,,,COPY ({one}) TO STDOUT,<none>", user="copy"),
    ]  # fmt: skip
    take_in(tmp_path, rows, told, apart=True)

    def touched(principal: str) -> dict[str, str]:
        return graded(tmp_path, principal)[0]

    assert touched("one") == {"hr.t-1": "confirmed"}
    assert graded(tmp_path, "update")[1] == {"hr.t-1": "confirmed"}
    assert {name for name, grade in touched("both").items() if grade == "confirmed"} == {"hr.t-1", "public.u-1"}
    assert not {"public.t-1", "hr.u-1"} & set(touched("both"))
    assert touched("nowhere") == dict.fromkeys(("public.t-1", "hr.t-1", "hr.t-2"), "possible")
    assert touched("copy") == {"public.t-1": "confirmed"}
    assert touched("elsewhere") == dict.fromkeys(("hr.t-1", "hr.t-2"), "possible")


def reached(tmp_path: Path, rows: list[dict[str, Any]], table: str) -> dict[str, str]:
    """Whom ``reader`` touched by these rows of a log, where the table holds the record of one person, C-1."""
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from\n"
    take_in(tmp_path, rows, f"{told}postgres://db,people.{table},1,C-1,2020-01-01T00:00:00Z\n")
    return graded(tmp_path, "reader")[0]


def test_a_table_made_elsewhere_holds_what_was_read_elsewhere(tmp_path: Path) -> None:
    """The row of what is made comes at the statement's end."""
    made = "CREATE TABLE kept AS SELECT * FROM t"
    rows = [
        row(f"1,1,READ,SELECT,TABLE,hr.t,{made},<none>"),
        row(f"1,2,DDL,CREATE TABLE AS,TABLE,hr.kept,{made},<none>", timestamp="2026-03-24 11:09:03.457 UTC"),
        row("2,1,READ,SELECT,TABLE,hr.kept,SELECT * FROM kept,<none>", user="reader", **NEXT_DAY),
    ]
    assert reached(tmp_path, rows, "hr.t") == {"C-1": "possible"}


@pytest.mark.parametrize("text", ["INSERT INTO u SELECT * FROM t", "INSERT INTO u SELECT * FROM t (((", "<not logged>"])
def test_what_rows_of_one_statement_read_flows_to_what_they_wrote(tmp_path: Path, text: str) -> None:
    """Whether or not its text is told and understood, and whichever row was written first."""
    rows = [
        row(f"1,1,WRITE,INSERT,TABLE,public.u,{text},<none>"),
        row(f"1,1,READ,SELECT,TABLE,public.t,{text},<none>", timestamp="2026-03-24 11:02:03.458 UTC"),
        row("2,1,READ,SELECT,TABLE,public.u,SELECT * FROM u,<none>", user="reader", **NEXT_DAY),
    ]
    assert reached(tmp_path, rows, "public.t") == {"C-1": "possible"}
    touches = ask(tmp_path / "store", "who-touched", ["--data-subject", "C-1"])["touches"]
    assert [(one["principal"], one["dataset"]["name"], one["grade"]) for one in touches] == [
        ("etl", "people.public.t", touches[0]["grade"]),
        ("reader", "people.public.u", "possible"),
    ]


def test_what_went_through_a_temporary_table_is_followed(tmp_path: Path) -> None:
    """Its schema is pg_temp where it is made and pg_temp_3 where it is read."""
    made = "CREATE TEMP TABLE kept AS SELECT * FROM hr.t"
    rows = [
        row(f"1,1,READ,SELECT,TABLE,hr.t,{made},<none>"),
        row(f"1,1,DDL,CREATE TABLE AS,TABLE,pg_temp.kept,{made},<none>"),
        row("2,1,READ,SELECT,TABLE,pg_temp_3.kept,SELECT * FROM kept,<none>", user="reader", **NEXT_DAY),
    ]
    assert reached(tmp_path, rows, "hr.t") == {"C-1": "possible"}


BY_ID, BY_BOTH = "SELECT * FROM t WHERE id = 1", "SELECT * FROM t JOIN u ON u.id = t.id WHERE t.id = 1"
INTO, OUT_OF = "INSERT INTO t SELECT * FROM hr.t", "INSERT INTO archive.t SELECT * FROM t"
SAME_NAMES = {
    # A longer name in the text means the row: the bare one is another table, and no row says which.
    "view": (
        [row("1,1,DDL,CREATE VIEW,VIEW,api.t,CREATE VIEW api.t AS SELECT * FROM t,<none>", user="maker"),
         row("2,1,READ,SELECT,VIEW,api.t,SELECT * FROM api.t,<none>", **NEXT_DAY)],
        {f"{table}-{key}": "possible" for table in ("public.t", "hr.t") for key in (1, 2)}, {},
    ),
    "into": (
        [row(f"1,1,WRITE,INSERT,TABLE,public.t,{INTO},<none>"), row(f"1,1,READ,SELECT,TABLE,hr.t,{INTO},<none>")],
        {"hr.t-1": "confirmed", "hr.t-2": "confirmed"}, {"public.t-1": "probable", "public.t-2": "probable"},
    ),
    "out-of": (
        [row(f"1,1,WRITE,INSERT,TABLE,archive.t,{OUT_OF},<none>"),
         row(f"1,1,READ,SELECT,TABLE,public.t,{OUT_OF},<none>")],
        {"public.t-1": "confirmed", "public.t-2": "confirmed"}, {},
    ),
    "out-of-untold": (
        [row(f"1,1,WRITE,INSERT,TABLE,archive.t,{OUT_OF},<none>")],
        {f"{table}-{key}": "possible" for table in ("public.t", "hr.t") for key in (1, 2)}, {},
    ),
    # A trigger has another text.
    "trigger": (
        [row("1,1,WRITE,INSERT,TABLE,public.t,INSERT INTO t (id) VALUES (1),<none>"),
         row("1,2,WRITE,INSERT,TABLE,hr.t,INSERT INTO hr.t (id) VALUES (2),<none>")],
        {}, {"public.t-1": "confirmed", "hr.t-2": "confirmed"},
    ),
    # One of them may be a view of the other, and names its columns otherwise.
    "view-of-same-name": (
        [row(f"1,1,READ,SELECT,VIEW,public.t,{BY_ID},<none>"), row(f"1,1,READ,SELECT,TABLE,hr.t,{BY_ID},<none>")],
        {f"{table}-{key}": "probable" for table in ("public.t", "hr.t") for key in (1, 2)}, {},
    ),
    # What is temporary and has the name hides the table that it may be a view of.
    "temporary-view": (
        [row(f"1,1,READ,SELECT,VIEW,pg_temp_4.t,{BY_ID},<none>"), row(f"1,1,READ,SELECT,TABLE,hr.t,{BY_ID},<none>")],
        {"hr.t-1": "probable", "hr.t-2": "probable"}, {},
    ),
    # A function runs its text again under another search path, and for another id.
    "loop": (
        [row(f"1,2,READ,SELECT,TABLE,public.t,{BY_ID},<none>"),
         row("1,3,READ,SELECT,TABLE,hr.t,SELECT * FROM t WHERE id = 2,<none>")],
        {f"{table}-{key}": "probable" for table in ("public.t", "hr.t") for key in (1, 2)}, {},
    ),
    "text-told-once": (
        [row(f"1,1,READ,SELECT,TABLE,hr.t,{BY_BOTH},<none>"),
         row(f"1,1,READ,SELECT,TABLE,hr.u,{ONCE}", line_num=2)],
        {"hr.t-1": "confirmed", "hr.u-1": "confirmed"}, {},
    ),
    "odd-database": (
        [row(f"1,1,READ,SELECT,TABLE,public.t,{BY_ID},<none>", dbname="=people")],
        {"=public.t-1": "confirmed"}, {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME_NAMES)
def test_of_several_tables_of_one_name_only_those_that_a_text_means_are_touched(tmp_path: Path, case: str) -> None:
    rows, seen, altered = SAME_NAMES[case]
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id\n"
    for name in ("people.public.t", "people.public.u", "people.hr.t", "people.hr.u", "=people.public.t"):
        for key in (1, 2):
            told += f"postgres://db,{name},{key},{name.replace('people.', '')}-{key},2020-01-01T00:00:00Z,{key}\n"
    take_in(tmp_path, rows, told, CATALOG.replace("people.public.contractors", '"*"'))
    assert graded(tmp_path, "etl") == [seen, altered]


BARE_IN, BARE_OUT = "INSERT INTO t SELECT * FROM hr.t", "INSERT INTO hr.t SELECT * FROM t"
BARE_JOIN, BARE_COPY = "SELECT u.* FROM u JOIN t ON t.ref = u.id", "COPY (SELECT * FROM t) TO STDOUT"
TEMPORARY = row("9,1,READ,SELECT,TABLE,pg_temp_4.t,SELECT * FROM t,<none>", user="other", session_id="9.9")
MAKER = failed("permission denied", "42501", "CREATE TEMP TABLE t AS SELECT * FROM u", user="other", session_id="9.9")
BOTH_SURE = {"public.u-1": "probable", "public.u-2": "probable"}
ANY_T = {"public.t-2": "possible", "hr.t-1": "possible"}
BARE_NAMES = {
    # With pgaudit.role a row tells some of the tables alone.
    "a row of another table": (
        [record(f"AUDIT: OBJECT,1,1,READ,SELECT,TABLE,public.u,{BARE_JOIN},<none>")], BOTH_SURE | ANY_T, {},
    ),
    # Which of u takes part cannot be told where it is not known which t is meant.
    "a join": ([row(f"1,1,READ,SELECT,,,{BARE_JOIN},<none>")], BOTH_SURE | ANY_T, {}),
    # What a text says for sure is no less sure, and no guess is surer, where it may name the table twice.
    "written, perhaps": (
        [row(f"1,1,WRITE,INSERT,,,{BARE_IN},<none>")], {"hr.t-1": "confirmed"},
        {"public.t-2": "possible", "hr.t-1": "possible"},
    ),
    "read, perhaps": ([row(f"1,1,WRITE,INSERT,,,{BARE_OUT},<none>")], ANY_T, {"hr.t-1": "probable"}),
    # What a row says is temporary is no table that lasts, and whoever makes one alters none.
    "temporary": ([row("1,1,READ,SELECT,TABLE,pg_temp_4.t,SELECT * FROM t,<none>")], {}, {}),
    "made": (
        [row("1,1,DDL,CREATE TABLE AS,TABLE,pg_temp.t,CREATE TEMP TABLE t AS SELECT * FROM public.u,<none>")],
        {"public.u-1": "confirmed", "public.u-2": "confirmed"}, {},
    ),
}  # fmt: skip


def touched_by_etl(tmp_path: Path, rows: list[dict[str, Any]], datasets: str, entries: str) -> list[dict[str, str]]:
    """Whom ``etl`` touched and altered, by entries of a table, a key and what it refers to."""
    match = [f'{{match: {{namespace: "postgres://db", name: "{name}"}}, indexed: true}}' for name in datasets.split()]
    catalog = re.sub(r"datasets: .*", f"datasets: [{', '.join(match)}]", CATALOG)
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id,ref\n"
    for name, key, ref in (entry.split(":") for entry in entries.split()):
        told += f"postgres://db,people.{name},{key},{name}-{key},2020-01-01T00:00:00Z,{key},{ref}\n"
    take_in(tmp_path, rows, told, catalog)
    return graded(tmp_path, "etl")


@pytest.mark.parametrize("case", BARE_NAMES)
def test_a_bare_name_that_no_row_tells_makes_nothing_sure(tmp_path: Path, case: str) -> None:
    rows, seen, altered = BARE_NAMES[case]
    entries = "public.t:2:2 hr.t:1:1 public.u:1:1 public.u:2:2"
    if case in ("temporary", "made"):
        entries = entries.replace("hr.t:1:1 ", "")
    assert touched_by_etl(tmp_path, rows, "*", entries) == [seen, altered]


@pytest.mark.parametrize(
    ("other", "grade"),
    [(TEMPORARY, "possible"), (MAKER, "confirmed")],  # who was not let make a temporary table has none
)
def test_a_table_that_no_row_tells_may_be_a_temporary_one_that_any_row_tells(
    tmp_path: Path, other: dict[str, Any], grade: str
) -> None:
    rows = [row("1,1,READ,SELECT,,,COPY t TO STDOUT,<none>"), other]
    assert touched_by_etl(tmp_path, rows, "*", "public.t:1:1") == [{"public.t-1": grade}, {}]


@pytest.mark.parametrize("is_told", [True, False])
def test_what_went_through_a_temporary_table_is_followed_past_a_namesake(tmp_path: Path, *, is_told: bool) -> None:
    """Into a table with complete entries nothing flows; the temporary one of its name is another."""
    read, made = "SELECT * FROM t", "CREATE TEMP TABLE t AS SELECT * FROM u"
    rows = [
        row(f"1,1,READ,SELECT,TABLE,public.u,{made},<none>", user="maker"),
        row(f"2,1,READ,SELECT,{'TABLE,pg_temp_4.t' if is_told else ','},{read},<none>", **NEXT_DAY),
    ]
    guessed = {} if is_told else {"public.t-1": "possible"}
    found = touched_by_etl(tmp_path, rows, "people.public.t", "public.t:1:1 public.u:1:1")
    assert found == [{"public.u-1": "possible"} | guessed, {}]


SELF = "CREATE TEMP TABLE t AS SELECT * FROM t"


@pytest.mark.parametrize(
    ("told", "known", "seen"),
    [
        ([f"1,1,DDL,CREATE TABLE AS,,,{SELF}"], "public.t:1:1", {"public.t-1": "possible"}),
        ([f"1,1,DDL,CREATE TABLE AS,,,{SELF}"], "hr.t:1:1", {"hr.t-1": "possible"}),
        ([f"1,1,DDL,CREATE TABLE AS,TABLE,pg_temp.t,{SELF}"], "public.t:1:1", {"public.t-1": "possible"}),
        ([f"1,1,READ,SELECT,TABLE,hr.t,{SELF}"], "public.t:1:1 hr.t:1:1", {"hr.t-1": "probable"}),
        ([f"1,1,READ,SELECT,TABLE,public.t,{SELF}", f"1,1,DDL,CREATE TABLE AS,TABLE,pg_temp.t,{SELF}"],
         "public.t:1:1", {"public.t-1": "probable"}),
        ([f"1,1,READ,SELECT,TABLE,hr.t,{SELF} WHERE id = 1"], "hr.t:1:1 hr.t:2:2",
         {"hr.t-1": "probable", "hr.t-2": "probable"}),
    ],
)  # fmt: skip
def test_who_makes_a_temporary_table_of_one_that_has_its_name_reads_that_and_alters_nobody(
    tmp_path: Path, told: list[str], known: str, seen: dict[str, str]
) -> None:
    assert touched_by_etl(tmp_path, [row(f"{one},<none>") for one in told], "*", known) == [seen, {}]


@pytest.mark.parametrize("told", ["catalog", "text"])
def test_a_row_tells_which_table_is_meant_however_the_others_are_known(tmp_path: Path, told: str) -> None:
    """By the catalog alone, or by another statement's text: what came into that one was not read."""
    rows = [
        row("8,1,WRITE,INSERT,,,INSERT INTO hr.t SELECT * FROM public.u,<none>", user="other", session_id="9.9"),
        row(f"1,1,READ,SELECT,TABLE,public.t,{BARE_COPY},<none>", **NEXT_DAY),
        row(f"1,1,READ,COPY,,,{BARE_COPY},<none>", line_num=2, **NEXT_DAY),
    ][told == "catalog" :]
    datasets = "people.public.* people.hr.t" if told == "catalog" else "people.public.*"
    found = touched_by_etl(tmp_path, rows, datasets, "public.t:1:1 public.u:1:1")
    assert found == [{"public.t-1": "confirmed"}, {}]
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "etl"])
    assert [one["name"] for one in said["datasets"]] == ["people.public.t"]


def test_a_call_of_many_rows_is_followed_as_one_of_few(tmp_path: Path) -> None:
    """A function that reads and writes in a loop: what went through it is not worked out row by row."""
    unsaid = "<not logged>,<not logged>"
    rows = [
        row(f"1,{number},{told}", line_num=2 * number + place)
        for number in range(10_000)
        for place, told in enumerate((f"READ,SELECT,TABLE,public.t,{unsaid}", f"WRITE,INSERT,TABLE,public.u,{unsaid}"))
    ]
    rows.append(row("2,1,READ,SELECT,TABLE,public.u,SELECT * FROM u,<none>", user="reader", **NEXT_DAY))
    assert reached(tmp_path, rows, "public.t") == {"C-1": "possible"}
    assert len(ask(tmp_path / "store", "who-touched", ["--data-subject", "C-1"])["touches"]) == 10_001


def test_what_is_read_of_a_table_does_not_tell_what_is_changed_there_through_a_view(tmp_path: Path) -> None:
    """Nor does what is changed tell what is read: the rows of one statement name the view's base for both."""
    view = '  - {match: {namespace: "postgres://db", name: people.public.v}, view_of: [people.public.t]}\n'
    catalog = CATALOG.replace("datasets: [", f"datasets:\n{view}  - ").replace("}]", "}", 1)
    told = "dataset_namespace,dataset_name,key,data_subject,valid_from,id\n"
    told += "".join(f"postgres://db,people.public.t,{key},C-{key},2020-01-01T00:00:00Z,{key}\n" for key in (1, 2))
    delete = '"DELETE FROM v WHERE id IN (SELECT id FROM t WHERE id > 1)",<none>'
    update = '"UPDATE t SET id = 9 WHERE id = 1 AND EXISTS (SELECT 1 FROM w)",<none>'
    rows = [
        row(f"1,1,WRITE,DELETE,VIEW,public.v,{delete}", user="delete"),
        row(f"1,1,WRITE,DELETE,TABLE,public.t,{delete}", user="delete"),
        row(f"1,1,READ,SELECT,TABLE,public.t,{delete}", user="delete"),
        row(f"2,1,WRITE,UPDATE,TABLE,public.t,{update}", user="update"),
        row(f"2,1,READ,SELECT,VIEW,public.w,{update}", user="update"),
        row(f"2,1,READ,SELECT,TABLE,public.t,{update}", user="update"),
    ]
    take_in(tmp_path, rows, told, catalog)
    (read, altered), (read_by_update, altered_by_update) = (graded(tmp_path, name) for name in ("delete", "update"))
    assert altered == {"C-1": "probable", "C-2": "probable"}
    assert altered_by_update == {"C-1": "probable"}
    assert [person for person, grade in read.items() if grade == "confirmed"] == ["C-2"]
    assert read_by_update == {"C-1": "probable", "C-2": "probable"}
