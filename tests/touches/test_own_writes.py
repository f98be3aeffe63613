"""What a transaction wrote, it reads before any record entry tells it (semantics.md, law 2)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask
from tests.collectors.pgaudit_records import record, row
from tests.touches.cut_logs import numbered, unnumbered
from tests.touches.taking import CATALOG, graded, take_in

# The transactions end at second 40. Then 2 becomes KE, 4 comes, and 5 is gone.
AT_END = "2026-03-24T11:02:40.456Z"
RECORDS = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,id,country,note\n" + "".join(
    f"postgres://db,people.public.{table},{key},C-{key},{since},{until},{key},{country},{note}\n"
    for table, key, since, until, country, note in (
        ("contractors", 1, "2020-01-01T00:00:00Z", "", "KE", "a"),
        ("contractors", 2, "2020-01-01T00:00:00Z", AT_END, "PH", "a"),
        ("contractors", 2, AT_END, "", "KE", "a"),
        ("contractors", 3, "2020-01-01T00:00:00Z", "", "PH", "a"),
        ("contractors", 4, AT_END, "", "KE", "a"),
        ("contractors", 5, "2020-01-01T00:00:00Z", AT_END, "KE", "a"),
    )
)
T = "TABLE,public.contractors"
Rows = list[dict[str, Any]]
NEXT: dict[str, Any] = {"vxid": "3/2"}


def at(second: int, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"timestamp": f"2026-03-24 11:02:{second:02}.456 UTC"}


def turn(second: int, text: str, **told: Any) -> dict[str, Any]:
    return at(second, row(f"{second},1,MISC,{text.split(' ')[0]},,,{text},<none>", **told))


BEGIN, COMMIT = turn(1, "BEGIN"), turn(40, "COMMIT")


def write(second: int, text: str, *, part: int = 1, number: int = 0, told: str = "", **more: Any) -> dict[str, Any]:
    quoted = '"' + text.replace('"', '""') + '"'
    command = text.split(" ")[0]
    return at(second, row(f"{number or second},{part},WRITE,{command},{T},{told or quoted},<none>", **more))


def read(second: int, where: str, *, part: int = 1, number: int = 0, **more: Any) -> dict[str, Any]:
    text = f"SELECT * FROM contractors{' WHERE ' + where if where else ''}"
    return at(second, row(f'{number or second},{part},READ,SELECT,{T},"{text}",<none>', **more))


def renamed(second: int, name: str, to: str) -> dict[str, Any]:
    text = f"ALTER TABLE {name} RENAME TO {to}"
    return at(second, row(f"{second},1,DDL,ALTER TABLE,TABLE,public.{to},{text},<none>"))


UPDATE = write(10, "UPDATE contractors SET country = 'KE' WHERE id = 2")
INSERT = write(10, "INSERT INTO contractors (id, country) VALUES (4, 'KE')")
DELETE = write(10, "DELETE FROM contractors WHERE id = 5")


def within(*rows: dict[str, Any]) -> Rows:
    return [BEGIN, *rows, COMMIT]


CONFIRMED, PROBABLE, POSSIBLE = "confirmed", "probable", "possible"
AS_TOLD_KE = {"C-1": CONFIRMED, "C-5": CONFIRMED}
# The rows of a session, and whom the last of its reads touched.
CASES: dict[str, tuple[Rows, dict[str, str]]] = {
    "set before": (within(UPDATE, read(20, "country = 'KE'")),
                   AS_TOLD_KE | {"C-2": PROBABLE, "C-4": POSSIBLE}),
    "set before, and asked for what was": (within(UPDATE, read(20, "country = 'PH'")),
                                           {"C-2": PROBABLE, "C-3": CONFIRMED}),
    "set after": (within(read(5, "country = 'KE'"), UPDATE), AS_TOLD_KE),
    "set by none": (within(read(20, "country = 'KE'")), AS_TOLD_KE),
    "another column": (within(UPDATE, read(20, "id = 2")), {"C-2": CONFIRMED}),
    "another row": (within(UPDATE, read(20, "id = 3 AND country = 'PH'")), {"C-3": CONFIRMED}),
    "all rows set": (within(write(10, "UPDATE contractors SET country = 'KE'"), read(20, "country = 'PH' AND id < 3")),
                     {"C-1": PROBABLE, "C-2": PROBABLE}),
    "what is set asks for what was set": (
        within(UPDATE, write(11, "UPDATE contractors SET note = 'b' WHERE country = 'KE'"),
               read(20, "note = 'b' AND id IN (2, 3)")),
        {"C-2": PROBABLE, "C-3": PROBABLE},
    ),
    "two columns of one row": (
        within(UPDATE, write(11, "UPDATE contractors SET note = 'b' WHERE id = 2"),
               read(20, "country = 'KE' AND note = 'b'")),
        {"C-2": PROBABLE},
    ),
    "between two": (
        within(UPDATE, read(20, "note = 'a' AND id < 3"), write(30, "UPDATE contractors SET note = 'b' WHERE id = 2")),
        {"C-1": CONFIRMED, "C-2": CONFIRMED},
    ),
    "set to something else afterwards": (
        within(write(10, "UPDATE contractors SET country = 'US' WHERE id = 2"), read(20, "country = 'US'"),
               write(30, "UPDATE contractors SET country = 'KE' WHERE id = 2")),
        {"C-2": PROBABLE, "C-4": POSSIBLE},
    ),
    "added": (within(INSERT, read(20, "country = 'KE'")), AS_TOLD_KE | {"C-2": POSSIBLE, "C-4": POSSIBLE}),
    "added, and read by key": (within(INSERT, read(20, "id = 4")), {"C-4": POSSIBLE}),
    "added, and another read": (within(INSERT, read(20, "id = 1")), {"C-1": CONFIRMED}),
    "added, and all read": (
        within(INSERT, read(20, "")),
        {"C-1": CONFIRMED, "C-2": CONFIRMED, "C-3": CONFIRMED, "C-4": POSSIBLE, "C-5": CONFIRMED},
    ),
    "added by COPY": (
        within(write(10, "COPY contractors FROM STDIN"), read(20, "id = 4")), {"C-4": POSSIBLE}
    ),
    "added or set": (
        within(write(10, "INSERT INTO contractors (id, country) VALUES (2, 'KE') ON CONFLICT (id)"
                         " DO UPDATE SET country = excluded.country"), read(20, "country = 'KE' AND id < 4")),
        {"C-1": CONFIRMED, "C-2": PROBABLE},
    ),
    "added, and set to something else afterwards": (
        within(INSERT, read(20, "country = 'US'"), write(30, "UPDATE contractors SET country = 'KE' WHERE id = 4")),
        {"C-2": POSSIBLE, "C-4": POSSIBLE},
    ),
    "removed": (within(DELETE, read(20, "country = 'KE'")), {"C-1": CONFIRMED, "C-5": POSSIBLE}),
    "removed, and all read": (
        within(DELETE, read(20, "")),
        {"C-1": CONFIRMED, "C-2": CONFIRMED, "C-3": CONFIRMED, "C-5": POSSIBLE},
    ),
    "all removed": (
        within(write(10, "TRUNCATE contractors"), read(20, "country = 'KE'")),
        AS_TOLD_KE | {"C-5": POSSIBLE},
    ),
    "removed and added again": (
        within(write(10, "DELETE FROM contractors WHERE id = 1"), read(20, ""),
               write(30, "INSERT INTO contractors (id, country) VALUES (1, 'KE')")),
        {"C-1": POSSIBLE, "C-2": CONFIRMED, "C-3": CONFIRMED, "C-5": POSSIBLE},
    ),
    "merged": (
        within(write(10, "MERGE INTO contractors c USING staff s ON s.id = c.id WHEN MATCHED AND s.gone THEN DELETE"
                         " WHEN MATCHED THEN UPDATE SET country = s.country"), read(20, "id = 1")),
        {"C-1": PROBABLE, "C-2": POSSIBLE, "C-3": PROBABLE, "C-4": POSSIBLE, "C-5": POSSIBLE},
    ),
    "by a text that is not understood": (
        within(write(10, "UPDATE contractors SET country = WHERE"), read(20, "id = 1")),
        {"C-1": PROBABLE, "C-2": POSSIBLE, "C-3": PROBABLE, "C-4": POSSIBLE, "C-5": POSSIBLE},
    ),
    "by a text that is not told": (
        within(write(10, "UPDATE", told="<not logged>"), read(20, "id = 1")),
        {"C-1": PROBABLE, "C-2": POSSIBLE, "C-3": PROBABLE, "C-4": POSSIBLE, "C-5": POSSIBLE},
    ),
    "of another table": (
        within(at(10, row("10,1,WRITE,DELETE,TABLE,public.staff,DELETE FROM staff,<none>")),
               read(20, "country = 'KE'")),
        AS_TOLD_KE,
    ),
    "in another transaction": (
        [BEGIN, UPDATE, turn(11, "COMMIT"), turn(12, "BEGIN", **NEXT), read(20, "country = 'KE'", **NEXT),
         turn(40, "COMMIT", **NEXT)],
        AS_TOLD_KE,
    ),
    "by the same statement": (
        within(at(10, row(f'10,1,WRITE,UPDATE,{T},"WITH u AS (UPDATE contractors SET country = \'KE\' WHERE id = 2)'
                          ' SELECT * FROM contractors WHERE country = \'PH\'",<none>'))),
        {"C-2": CONFIRMED, "C-3": PROBABLE},
    ),
    "in a function": (
        [at(1, row("1,1,READ,SELECT,,,SELECT hire(),<none>")),
         write(10, "UPDATE contractors SET country = 'KE' WHERE id = 2", part=2, number=1),
         read(20, "country = 'KE' AND id < 4", part=3, number=1), turn(40, "BEGIN", **NEXT)],
        {"C-1": CONFIRMED, "C-2": PROBABLE},
    ),
    "given back": (
        within(UPDATE, write(20, "UPDATE contractors SET note = 'b' WHERE country = 'KE' AND id < 4 RETURNING id")),
        {"C-1": CONFIRMED, "C-2": PROBABLE},
    ),
    "taken back to a savepoint": (
        within(turn(5, "SAVEPOINT a"), UPDATE, turn(12, "ROLLBACK TO a"), read(20, "country = 'KE'")),
        AS_TOLD_KE | {"C-2": PROBABLE, "C-4": POSSIBLE},
    ),
    "its own first view kept": (
        [turn(1, "BEGIN ISOLATION LEVEL REPEATABLE READ"), UPDATE, read(20, "country = 'KE'"), COMMIT],
        AS_TOLD_KE | {"C-2": PROBABLE, "C-4": POSSIBLE},
    ),
    "renamed": (
        within(renamed(10, "contractors", "kept"), renamed(11, "other", "contractors"), read(20, "id = 1")),
        {"C-1": PROBABLE, "C-2": POSSIBLE, "C-3": PROBABLE, "C-4": POSSIBLE, "C-5": POSSIBLE},
    ),
    "joined": (
        within(UPDATE, at(20, row(f'20,1,READ,SELECT,{T},"SELECT * FROM contractors c JOIN contractors d ON d.id = c.id'
                                  ' WHERE c.country = \'KE\' AND d.id < 3",<none>'))),
        {"C-1": PROBABLE, "C-2": PROBABLE},
    ),
    "rolled back": (
        [BEGIN, INSERT, read(20, "id = 4"), turn(40, "ROLLBACK")],
        {"C-1": PROBABLE, "C-2": PROBABLE, "C-3": PROBABLE, "C-5": PROBABLE},
    ),
}  # fmt: skip
# Which rows are of one transaction, told by its name alone or by time alone.
NAMED: dict[str, tuple[Rows, dict[str, str]]] = {
    "its begin and its end are not told": ([UPDATE, read(20, "country = 'KE' AND id < 4")],
                                           {"C-1": CONFIRMED, "C-2": PROBABLE}),
    "alone": ([UPDATE, read(20, "country = 'KE'", **NEXT)], AS_TOLD_KE),
}  # fmt: skip
TIMED: dict[str, tuple[Rows, dict[str, str]]] = {
    "its begin is lost": ([UPDATE, read(20, "country = 'KE' AND id < 4"), COMMIT],
                          {"C-1": CONFIRMED, "C-2": PROBABLE}),
    "alone": ([UPDATE, read(20, "country = 'KE'")], AS_TOLD_KE),
    "by log_statement": (
        [at(1, record("statement: BEGIN")), UPDATE, read(20, "country = 'KE' AND id < 4"),
         at(40, record("statement: COMMIT"))],
        {"C-1": CONFIRMED, "C-2": PROBABLE},
    ),
}  # fmt: skip

ALL = [
    *((f"{name}, by number", numbered(*rows), due) for name, (rows, due) in (CASES | NAMED).items()),
    *((f"{name}, by time", unnumbered(*rows), due) for name, (rows, due) in (CASES | TIMED).items()),
]


def told_by(cases: list[tuple[str, Rows, dict[str, str]]]) -> Rows:
    return [one | {"user": name, "pid": number} for number, (name, rows, _) in enumerate(cases, 1) for one in rows]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each case's session is a principal's own."""
    folder = tmp_path_factory.mktemp("own")
    take_in(folder, told_by(ALL), RECORDS)
    return folder


@pytest.mark.parametrize(("name", "due"), [(name, due) for name, _, due in ALL], ids=[name for name, *_ in ALL])
def test_what_the_transaction_wrote_before_is_not_as_the_entries_tell(
    told: Path, name: str, due: dict[str, str]
) -> None:
    assert graded(told, name)[0] == due


def test_a_cut_log_comes_to_the_same(tmp_path: Path, told: Path) -> None:
    take_in(tmp_path, told_by(ALL)[::-1], RECORDS, CATALOG, apart=True)
    question = ("who-touched", ["--dataset", "postgres://db/people.public.contractors"])
    assert json.dumps(ask(tmp_path / "store", *question)) == json.dumps(ask(told / "store", *question))


@pytest.mark.parametrize(
    ("name", "who", "grade"),
    [
        ("removed, and all read", "C-5", POSSIBLE),
        ("removed, and all read", "C-1", CONFIRMED),
        ("added, and all read", "C-4", POSSIBLE),
        ("set before", "C-2", PROBABLE),
        ("set before", "C-4", POSSIBLE),
    ],
)
def test_who_touched_says_the_same(told: Path, name: str, who: str, grade: str) -> None:
    touches = ask(told / "store", "who-touched", ["--data-subject", who])["touches"]
    reads = [one for one in touches if one["operation"] == "read"]
    assert [one["grade"] for one in reads if one["principal"] == f"{name}, by time"] == [grade]


def test_more_rows_than_the_entries_tell_are_no_contradiction_after_own_writes(tmp_path: Path) -> None:
    counted = at(20, row(f"20,1,READ,SELECT,{T},SELECT * FROM contractors WHERE id = 4,<none>,1"))
    take_in(tmp_path, numbered(*within(INSERT, counted)), RECORDS)
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "etl"])
    assert not [one for one in said["caveats"] if "row" in one["kind"]]
