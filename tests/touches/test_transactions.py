"""What a transaction wrote that was taken back is not surely altered; what it read was read (semantics.md, law 2)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask
from tests.collectors.pgaudit_records import failed, record, row
from tests.touches.cut_logs import numbered, unnumbered
from tests.touches.taking import graded, take_in

RECORDS = "dataset_namespace,dataset_name,key,data_subject,valid_from,id,country\n" + "".join(
    f"postgres://db,people.public.contractors,{key},C-{key},2020-01-01T00:00:00Z,{key},{country}\n"
    for key, country in (("1", "KE"), ("2", "PH"), ("3", "PH"))
)
T = "TABLE,public.contractors"


SET = "UPDATE contractors SET country = 'KE' WHERE id = {}"
BOTH = "DELETE FROM contractors WHERE id = 2; SELECT 1 / 0"
MANY = f"{SET.format(1)}; DELETE FROM contractors WHERE id = 2{'; SELECT 3' * 40}; SELECT 1 / 0"


def update(number: int, key: int, *, part: int = 1, rows: int | None = None, **told: Any) -> dict[str, Any]:
    text = SET.format(key)
    return row(f"{number},{part},WRITE,UPDATE,{T},{text},<none>{'' if rows is None else f',{rows}'}", **told)


def read(number: int, where: str, *, part: int = 1, **told: Any) -> dict[str, Any]:
    return row(f"{number},{part},READ,SELECT,{T},SELECT * FROM contractors WHERE {where},<none>", **told)


def turn(number: int, text: str, command: str = "", *, part: int = 1, **told: Any) -> dict[str, Any]:
    return row(f"{number},{part},MISC,{command or text},,,{text},<none>", **told)


def error(text: str = "SELECT 1 / 0", **told: Any) -> dict[str, Any]:
    return failed("division by zero", "22012", text, **told)


GONE = record("unexpected EOF on client connection with an open transaction", state_code="08006")
ENDED = record("terminating connection due to administrator command", error_severity="FATAL", state_code="57P01")
NEXT: dict[str, Any] = {"vxid": "3/2"}


def dated(seconds: list[int], *told: dict[str, Any]) -> list[dict[str, Any]]:
    return [one | {"timestamp": f"2026-03-24 11:02:{at:02} UTC"} for at, one in zip(seconds, told, strict=True)]


# The records of a session, and whom it read and altered: of each person the grade.
Told = tuple[list[dict[str, Any]], dict[str, str], dict[str, str]]
SESSIONS: dict[str, Told] = {
    "kept": ([turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT")], {}, {"C-1": "confirmed"}),
    "rolled back": ([turn(1, "BEGIN"), update(2, 1), turn(3, "ROLLBACK")], {}, {"C-1": "possible"}),
    "aborted": ([turn(1, "BEGIN"), update(2, 1), turn(3, "ABORT", "ROLLBACK")], {}, {"C-1": "possible"}),
    "the others": (
        [turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT"), turn(4, "BEGIN", **NEXT), update(5, 2, **NEXT),
         turn(6, "ROLLBACK", **NEXT), update(7, 3, vxid="3/3")],
        {}, {"C-1": "confirmed", "C-2": "possible", "C-3": "confirmed"},
    ),
    "an error": ([turn(1, "BEGIN"), update(2, 1), error()], {}, {"C-1": "possible"}),
    "an error of the parser": (
        [turn(1, "BEGIN"), update(2, 1), error("SELECT nothing", cursor_position=8)], {}, {"C-1": "possible"}
    ),
    "an error at the end": (
        [turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT"), error("COMMIT")], {}, {"C-1": "possible"}
    ),
    "never ended": ([turn(1, "BEGIN"), update(2, 1)], {}, {"C-1": "possible"}),
    "no begin told": ([update(1, 1)], {}, {"C-1": "confirmed"}),
    "the connection ended": ([turn(1, "BEGIN"), update(2, 1), ENDED], {}, {"C-1": "possible"}),
    "the client gone": ([turn(1, "BEGIN"), update(2, 1), GONE], {}, {"C-1": "possible"}),
    "log_statement": (
        [record("statement: BEGIN"), update(2, 1), record("statement: rollback;")], {}, {"C-1": "possible"}
    ),
    "reads stay": (
        [turn(1, "BEGIN"), read(2, "id = 2"), update(3, 1), turn(4, "ROLLBACK")],
        {"C-2": "confirmed"}, {"C-1": "possible"},
    ),
    # What the entries say of a table is not what its own changer saw.
    "reads after writes": (
        [turn(1, "BEGIN"), update(2, 2), read(3, "country = 'KE'"), turn(4, "ROLLBACK")],
        {"C-1": "probable", "C-2": "probable", "C-3": "probable"}, {"C-2": "possible"},
    ),
    "reads before writes": (
        [turn(1, "BEGIN"), read(2, "country = 'KE'"), update(3, 2), turn(4, "ROLLBACK")],
        {"C-1": "confirmed"}, {"C-2": "possible"},
    ),
    "reads all after writes": (
        [turn(1, "BEGIN"), update(2, 2), row(f"3,1,READ,SELECT,{T},SELECT * FROM contractors,<none>"),
         turn(4, "ROLLBACK")],
        {"C-1": "probable", "C-2": "probable", "C-3": "probable"}, {"C-2": "possible"},
    ),
    "reads under a name that was another's": (
        [turn(1, "BEGIN"), row("2,1,DDL,ALTER TABLE,TABLE,public.kept,ALTER TABLE contractors RENAME TO kept,<none>"),
         row("3,1,DDL,ALTER TABLE,TABLE,public.contractors,ALTER TABLE other RENAME TO contractors,<none>"),
         read(4, "country = 'KE'"), turn(5, "ROLLBACK")],
        {"C-1": "probable", "C-2": "probable", "C-3": "probable"}, {},
    ),
    "reads of another table": (
        [turn(1, "BEGIN"), row("2,1,WRITE,INSERT,TABLE,public.log,INSERT INTO log VALUES (1),<none>"),
         read(3, "country = 'KE'"), turn(4, "ROLLBACK")],
        {"C-1": "confirmed"}, {},
    ),
    # What is written inside of a call may be taken back there without a row.
    "inside of a block": (
        [row("1,1,FUNCTION,DO,,,DO $$ … $$,<none>"), update(1, 1, part=2), update(2, 2)],
        {}, {"C-1": "possible", "C-2": "confirmed"},
    ),
    "inside of a procedure": (
        [update(1, 1), turn(1, "CALL wipe()", "CALL", part=2)], {}, {"C-1": "possible"}
    ),
    "under a query": (
        [row("1,1,READ,SELECT,,,SELECT wipe(),<none>"), update(1, 1, part=2)], {}, {"C-1": "possible"}
    ),
    "under a query, its end told": (
        [update(1, 1, rows=1), row("1,2,READ,SELECT,,,SELECT wipe(),<none>,1")], {}, {"C-1": "possible"}
    ),
    "beside what its condition read": (
        [row("1,1,READ,SELECT,TABLE,public.other,SELECT 1 FROM other,<none>,1"), update(1, 1, part=2, rows=1)],
        {}, {"C-1": "confirmed"},
    ),
    "under a copy": (
        [row("1,1,READ,COPY,,,COPY (SELECT wipe()) TO STDOUT,<none>"), update(1, 1, part=2)], {}, {"C-1": "possible"}
    ),
    "beside what it read itself": (
        [row("1,1,READ,SELECT,TABLE,public.other,UPDATE contractors SET country = 'KE' WHERE id = 1,<none>"),
         update(1, 1, part=2)],
        {}, {"C-1": "confirmed"},
    ),
    # What a session sets for its transactions takes nothing back.
    "what all of the session see": (
        [turn(1, "BEGIN"), update(2, 1),
         turn(3, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SET"), turn(4, "COMMIT")],
        {}, {"C-1": "confirmed"},
    ),
    "of a prepared statement": (
        [update(1, 1), turn(1, "EXECUTE q", "EXECUTE", part=2)], {}, {"C-1": "confirmed"}
    ),
    "reads after writes of a block": (
        [row("1,1,FUNCTION,DO,,,DO $$ … $$,<none>"), update(1, 2, part=2), read(1, "country = 'KE'", part=3)],
        {"C-1": "probable", "C-2": "probable", "C-3": "probable"}, {"C-2": "possible"},
    ),
    "what it returns": (
        [turn(1, "BEGIN"),
         row(f"2,1,WRITE,UPDATE,{T},UPDATE contractors SET country = 'KE' WHERE id = 1 RETURNING *,<none>"),
         turn(3, "ROLLBACK")],
        {"C-1": "confirmed"}, {"C-1": "possible"},
    ),
}  # fmt: skip
# Rolled back in part, as the log tells by the virtual transaction alone.
IN_PART: dict[str, Told] = {
    "to a savepoint": (
        [turn(1, "BEGIN"), turn(2, "SAVEPOINT a", "SAVEPOINT"), update(3, 1), turn(4, "ROLLBACK TO a", "ROLLBACK"),
         update(5, 2), turn(6, "COMMIT")],
        {}, {"C-1": "possible", "C-2": "confirmed"},
    ),
    "to a savepoint twice": (
        [turn(1, "BEGIN"), turn(2, "SAVEPOINT a", "SAVEPOINT"), update(3, 1), turn(4, "ROLLBACK TO a", "ROLLBACK"),
         update(5, 2), turn(6, "ROLLBACK TO a", "ROLLBACK"), update(7, 3), turn(8, "COMMIT")],
        {}, {"C-1": "possible", "C-2": "possible", "C-3": "confirmed"},
    ),
    "chained and never ended": (
        [turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT AND CHAIN", "COMMIT"), update(4, 2, **NEXT)],
        {}, {"C-1": "confirmed", "C-2": "possible"},
    ),
    "chained and kept": (
        [turn(1, "BEGIN"), update(2, 1), turn(3, "ROLLBACK AND CHAIN", "ROLLBACK"), update(4, 2, **NEXT),
         turn(5, "COMMIT", **NEXT)],
        {}, {"C-1": "possible", "C-2": "confirmed"},
    ),
    "another transaction of the session": ([update(1, 1), error(**NEXT)], {}, {"C-1": "confirmed"}),
    "outside of any": ([update(1, 1, vxid="3/0"), error(vxid="3/0")], {}, {"C-1": "confirmed"}),
    "to a savepoint, its begin told in a lost file": (
        [update(1, 1), turn(2, "ROLLBACK TO a", "ROLLBACK"), update(3, 2)], {}, {"C-1": "possible", "C-2": "confirmed"}
    ),
    "beside a block of another session": (
        [row("1,1,FUNCTION,DO,,,DO $$ … $$,<none>", session_id="2.2"), update(1, 1, part=2)],
        {}, {"C-1": "confirmed"},
    ),
    "several at once": ([update(1, 1), error("UPDATE …; SELECT 1 / 0")], {}, {"C-1": "possible"}),
}  # fmt: skip
# Where no transaction is told but by time, what no BEGIN opened was kept for all that is known.
BY_TIME: dict[str, Told] = {
    "never begun": ([update(1, 1), error("SELECT 2 / 0")], {}, {"C-1": "confirmed"}),
    "rolled back before": (
        [turn(1, "BEGIN"), update(2, 1), turn(3, "ROLLBACK"), update(4, 2), error("SELECT 2 / 0")],
        {}, {"C-1": "possible", "C-2": "confirmed"},
    ),
    "another in its place": (
        [turn(1, "BEGIN"), turn(2, "COMMIT AND CHAIN", "COMMIT"), update(3, 1), error("SELECT 2 / 0")],
        {}, {"C-1": "possible"},
    ),
    "ended before": (
        [turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT"), update(4, 2), error("SELECT 2 / 0")],
        {}, {"C-1": "confirmed", "C-2": "confirmed"},
    ),
    "its begin lost, an error between": ([update(1, 1), error(), turn(2, "ROLLBACK")], {}, {"C-1": "possible"}),
    # An error takes back what stood before it in its text: each row tells all of that text, or its own part alone.
    "several at once": (
        [update(1, 1), row(f"2,1,WRITE,DELETE,{T},{BOTH},<none>"), error(BOTH), update(3, 3)],
        {}, {"C-1": "confirmed", "C-2": "possible", "C-3": "confirmed"},
    ),
    "very many at once": (
        [row(f"1,1,WRITE,UPDATE,{T},{MANY},<none>"), row(f"2,1,WRITE,DELETE,{T},{MANY},<none>"), error(MANY)],
        {}, {"C-1": "possible", "C-2": "possible", "C-3": "possible"},
    ),
    "several at once, each told alone": (
        [update(1, 3), update(2, 2), update(3, 1), error(f"{SET.format(2)} ; {SET.format(1)};SELECT 1 / 0;")],
        {}, {"C-1": "possible", "C-2": "possible", "C-3": "confirmed"},
    ),
    "several at once, a semicolon in quotes": (
        [row(f"1,1,WRITE,UPDATE,{T},UPDATE contractors SET country = 'K;E' WHERE id = 1,<none>"),
         error("UPDATE contractors SET country = 'K;E' WHERE id = 1; SELECT 1 / 0")],
        {}, {"C-1": "possible"},
    ),
    "several at once, and one of them kept before": (
        [update(1, 1), *(read(number, "id = 9") for number in range(2, 9)), error(f"SELECT 1 / 0; {SET.format(1)}")],
        {}, {"C-1": "confirmed"},
    ),
}  # fmt: skip

# Rows whose times are all that orders them, several of one time.
AT_ONE_TIME: dict[str, Told] = {
    "begun when another was kept": (
        dated([1, 2, 5, 5, 5, 6], turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT"), turn(4, "BEGIN"), update(5, 2),
              turn(6, "ROLLBACK")),
        {}, {"C-1": "confirmed", "C-2": "possible"},
    ),
    "the same by log_statement": (
        dated([1, 2, 5, 5, 5, 6], record("statement: BEGIN"), update(2, 1), record("statement: COMMIT"),
              record("statement: BEGIN"), update(5, 2), record("statement: ROLLBACK")),
        {}, {"C-1": "possible", "C-2": "possible"},
    ),
    "its begin told in a lost file": (dated([1, 2], update(1, 1), turn(2, "ROLLBACK")), {}, {"C-1": "possible"}),
    "gone, and another of its process number": (
        dated([1, 2, 3, 4, 5], turn(1, "BEGIN"), update(2, 1), turn(1, "BEGIN"), update(2, 2), turn(3, "COMMIT")),
        {}, {"C-1": "possible", "C-2": "confirmed"},
    ),
    "prepared": (
        dated([1, 2, 3, 4], turn(1, "BEGIN"), update(2, 1), turn(3, "PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"),
              turn(4, "COMMIT PREPARED 'y'", "COMMIT PREPARED")),
        {}, {"C-1": "possible"},
    ),
    "an error at the time of its end": (
        dated([1, 2, 3, 3], turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT"), error()), {}, {"C-1": "possible"}
    ),
    "wholly": (dated([1, 1, 1], turn(1, "BEGIN"), update(2, 1), turn(3, "COMMIT")), {}, {"C-1": "confirmed"}),
}  # fmt: skip


def later(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {"timestamp": f"2026-03-24 11:02:{second:02}.456 UTC"} for second, one in enumerate(told)]


CASES = [
    *((f"{name}, by number", numbered(*rows), due) for name, (rows, *due) in (SESSIONS | IN_PART).items()),
    *((f"{name}, by time", unnumbered(*later(rows)), due) for name, (rows, *due) in (SESSIONS | BY_TIME).items()),
    *((f"{name}, by time", unnumbered(*rows), due) for name, (rows, *due) in AT_ONE_TIME.items()),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each case's session is a principal's own. No two of its records lie in one file."""
    folder = tmp_path_factory.mktemp("transactions")
    records = [one | {"user": name, "pid": number} for number, (name, rows, _) in enumerate(CASES, 1) for one in rows]
    take_in(folder, records, RECORDS)
    return folder


@pytest.mark.parametrize(("name", "due"), [(name, due) for name, _, due in CASES], ids=[name for name, *_ in CASES])
def test_what_was_taken_back_is_not_surely_altered(told: Path, name: str, due: list[dict[str, str]]) -> None:
    assert graded(told, name) == due


def test_records_of_one_moment_are_ordered_by_their_statements(tmp_path: Path) -> None:
    rows = [turn(1, "BEGIN"), update(2, 1), turn(3, "ROLLBACK"), turn(4, "BEGIN"), update(5, 2), turn(6, "COMMIT")]
    take_in(tmp_path, unnumbered(*rows), RECORDS)
    assert graded(tmp_path, "etl") == [{}, {"C-1": "possible", "C-2": "confirmed"}]


def test_a_function_may_read_and_write_in_a_loop(tmp_path: Path) -> None:
    """Each of its reads paired with each of its writes took all memory."""
    rows = [row("1,1,READ,SELECT,,,SELECT wipe(),<none>")]
    for part in range(2, 60_000, 2):
        rows += [read(1, "id = 2", part=part), update(1, 1, part=part + 1)]
    take_in(tmp_path, rows, RECORDS)
    assert graded(tmp_path, "etl")[1] == {"C-1": "possible"}


def test_a_cut_log_comes_to_the_same(tmp_path: Path, told: Path) -> None:
    records = [one | {"user": name, "pid": number} for number, (name, rows, _) in enumerate(CASES, 1) for one in rows]
    take_in(tmp_path, records[::-1], RECORDS, apart=True)
    question = ("who-touched", ["--dataset", "postgres://db/people.public.contractors"])
    assert json.dumps(ask(tmp_path / "store", *question)) == json.dumps(ask(told / "store", *question))


def test_a_view_that_was_taken_back_makes_no_table_one(tmp_path: Path) -> None:
    """``contractors`` holds its records, whatever the transaction called so meanwhile."""
    view = "CREATE VIEW public.contractors AS SELECT * FROM public.staff"
    rows = numbered(
        turn(1, "BEGIN"), row(f"2,1,DDL,CREATE VIEW,VIEW,public.contractors,{view},<none>"), turn(3, "ROLLBACK"),
        read(4, "id = 1", vxid="3/2"),
    )  # fmt: skip
    take_in(tmp_path, rows, RECORDS)
    assert graded(tmp_path, "etl")[0] == {"C-1": "confirmed"}


def test_who_touched_tells_it_as_possible(told: Path) -> None:
    touches = ask(told / "store", "who-touched", ["--data-subject", "C-1"])["touches"]
    grades = {(one["principal"], one["operation"]): one["grade"] for one in touches}
    assert grades["rolled back, by number", "update"] == "possible"
    assert grades["kept, by number", "update"] == "confirmed"
