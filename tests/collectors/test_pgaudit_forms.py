"""PostgreSQL logs with pgaudit: csvlog and stderr, of all versions and prefixes."""

import io
import json
import tracemalloc
from types import SimpleNamespace
from typing import BinaryIO, cast

import pytest

from lineage.collectors import pgaudit_frames
from lineage.collectors.interface import Block, Rejected
from lineage.collectors.pgaudit import COLLECTOR
from lineage.collectors.pgaudit_frames import CSVLOG
from tests.collectors.pgaudit_records import AT_INSTANT, PREFIX, SELECT, record
from tests.collectors.staging import Rows, head_of, staged


@pytest.mark.parametrize("columns", [23, 24, 26])
def test_csvlog_of_all_versions(columns: int) -> None:
    told = {**record("X"), "message": f'"AUDIT: {SELECT},""SELECT\n1"",<none>"'}
    line = ",".join(str(told.get(name, "")) for name in CSVLOG[:columns]) + "\n"
    assert COLLECTOR.claims(head_of(line.encode()))
    rows = staged(COLLECTOR, (line + "2026-03-24,broken\n" + line).encode())
    assert [row["statement"] for row in rows["stated_access"]] == ["SELECT\n1"] * 2
    assert [row["position"] for row in rows["rejected"]] == [2]


def stderr(*lines: str) -> Rows:
    return staged(COLLECTOR, "\n".join(lines).encode())


@pytest.mark.timeout(60)
def test_a_long_line_of_no_record_is_gone_through_once() -> None:
    """Prefixes with an address before the user's name tried every colon of it, and from each read on to its end."""
    long = "2026-03-24 11:02:03 " + "+00:00" * 50_000
    rows = stderr(f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1,<none>", long)
    assert [row["position"] for row in rows["rejected"]] == [2]


@pytest.mark.parametrize("value", ["175", '"17,175"', '"Ann ""17"" Lee"', "175,30"])
def test_a_log_that_is_being_written_may_end_within_a_value(value: str) -> None:
    """Another person would be read, for certain and for good: the whole row, told later, is another event."""
    line = f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1 FROM t WHERE a = $1,{value}"
    for end in range(line.index("$1,") + 4, len(line) + 1):
        told = stderr(line[:end])
        found = told.get("stated_access", [])
        assert all(row["bound"] is None for row in found)
        assert len(found) + len(told.get("rejected", [])) == 1
    [row] = stderr(line, "")["stated_access"]
    assert row["bound"]


def test_a_log_that_is_being_written_may_end_within_the_statement_of_an_error() -> None:
    """What was tried of 175 would be told of 17."""
    error = f"{PREFIX}ERROR:  canceling statement due to user request"
    line = f"{PREFIX}STATEMENT:  SELECT a FROM t WHERE a = 175"
    for end in range(len(line) - 3, len(line) + 1):
        told = stderr(error, line[:end])
        assert (len(told.get("rejected", [])), told.get("stated_access", [])) == (1, [])
    [row] = stderr(error, line, "")["stated_access"]
    assert row["statement"].endswith("175")


def test_a_row_without_values_is_the_same_at_the_end_of_a_log() -> None:
    line = f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>"
    assert stderr(line) == stderr(line, "")


def test_a_record_without_an_end_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an editor or a dump left behind a record may go on for gigabytes."""
    monkeypatch.setattr(pgaudit_frames, "TEXT_LIMIT", 1 << 20)
    read = f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1,<none>\n".encode()
    pieces = iter([read, *[b"\t" + b"x" * (1 << 20) + b"\n"] * 100, read])
    stream = SimpleNamespace(read=lambda size: next(pieces, b""))
    tracemalloc.start()
    made = list(pgaudit_frames.stderr(cast(BinaryIO, stream), head_of(read)))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 80 << 20
    first, second = made
    assert isinstance(first, Rejected)
    assert isinstance(second, Block)
    assert (first.position, first.reason) == (1, "The record is longer than 1 MiB.")
    assert (second.first, b"SELECT 1" in second.text) == (102, True)


def test_a_record_of_empty_lines_without_an_end_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgaudit_frames, "TEXT_LIMIT", 1000)
    record = pgaudit_frames._Record(1, {})
    for _ in range(10_000):
        record.add("message", "")
    assert len(record.parts["message"]) <= 1000


def test_stderr_records_take_the_lines_that_go_on() -> None:
    rows = stderr(
        "\tthe end of a record that began in another file",
        f"{PREFIX}LOG:  AUDIT: {SELECT},\"SELECT '",
        "\t\tx",
        "\t'\",<none>",
        "out of some other program",
        f"{PREFIX}ERROR:  permission denied for table t",
        f"{PREFIX}DETAIL:  No.",
        f"{PREFIX}STATEMENT:  SELECT *",
        "\tFROM t",
        "",
    )
    assert [row["position"] for row in rows["rejected"]] == [1, 5]
    told = {row["position"]: (row["statement"], row["outcome"]) for row in rows["stated_access"]}
    assert told == {2: ("SELECT '\n\tx\n'", "success"), 6: ("SELECT *\nFROM t", "denied")}


def test_what_a_container_says_as_it_starts_hides_no_log() -> None:
    """Each of its lines is rejected, as what belongs to no record is anywhere else."""
    starting = ['The files belonging to this database system will be owned by user "postgres".', "", "ok"] * 15
    lines = [*starting, *[f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>"] * 3]
    assert COLLECTOR.claims(head_of("\n".join(lines).encode()))
    assert not COLLECTOR.claims(head_of("\n".join([*lines, *starting]).encode()))
    rows = stderr(*lines)
    assert [row["position"] for row in rows["stated_access"]] == [46, 47, 48]
    assert len(rows["rejected"]) == 30


@pytest.mark.parametrize("first", ["", "[unknown]"])
def test_a_message_and_a_statement_may_begin_with_nothing(first: str) -> None:
    rows = stderr(f"{PREFIX}ERROR:  {first}", f"{PREFIX}STATEMENT:  {first}", "\tSELECT a FROM t", "")
    assert "rejected" not in rows
    assert [row["statement"] for row in rows["stated_access"]] == [f"{first}\nSELECT a FROM t"]


@pytest.mark.parametrize(
    "prefix",
    ["2026-03-24 11:02:03.456 UTC etl people 6b000002.1f02 1 ", "Mar 24 11:02:03 db postgres[4711]: [5-1] ", "etl "],
)
def test_rows_behind_a_prefix_that_is_not_known_are_refused_and_not_passed_by(prefix: str) -> None:
    line = f"{prefix}LOG:  AUDIT: {SELECT},SELECT 1,<none>\n".encode()
    assert COLLECTOR.claims(head_of(line))
    [found] = list(COLLECTOR.frame(io.BytesIO(line), head_of(line)))
    assert isinstance(found, Rejected)
    assert found.reason == "The log_line_prefix before this row is not known."
    quoted = json.dumps({"time": "2026-03-24T11:02:03Z", "statement": line.decode()}).encode()
    assert not COLLECTOR.claims(head_of(quoted))


def test_rows_behind_a_prefix_that_is_not_known_may_be_few_among_the_lines_of_the_server() -> None:
    """With log_connections, as with log_statement, most lines are not pgaudit's."""
    said = ["connection received: host=10.0.0.1 port=5000", "connection authorized: user=etl database=people"]
    behind = [
        f"Mar 24 11:02:03 db postgres[4711]: LOG:  {text}" for text in (*said, f"AUDIT: {SELECT},SELECT 1,<none>")
    ]
    assert COLLECTOR.claims(head_of("\n".join([*behind, *behind[:2] * 20]).encode()))
    assert not COLLECTOR.claims(head_of("\n".join(behind[:2] * 20).encode()))  # nothing of pgaudit is missed


def test_rows_before_the_prefix_changed_hide_none_after_it() -> None:
    """As when log_line_prefix is set anew: what begins a record is looked for behind the lines that belong to none."""
    row = f"LOG:  AUDIT: {SELECT},SELECT 1,<none>"
    before = [f"host7 <{number}> {row if number == 0 else 'a line of no server'}" for number in range(30)]
    content = "\n".join([*before, *[f"{PREFIX}{row}"] * 20]).encode()
    assert COLLECTOR.claims(head_of(content))
    assert len(staged(COLLECTOR, content)["stated_access"]) == 20


def test_a_statement_of_another_process_is_not_taken() -> None:
    rows = stderr(f"{PREFIX}ERROR:  division by zero", f"{PREFIX.replace('4711', '4712')}STATEMENT:  SELECT 1")
    assert rows["rejected"] == [{"position": 2, "reason": "The line belongs to no record of this log."}]
    assert "stated_access" not in rows


def test_verbose_errors_tell_their_state() -> None:
    rows = stderr(f"{PREFIX}ERROR:  42501: Zugriff verweigert", f"{PREFIX}STATEMENT:  SELECT 1", "")
    assert [row["outcome"] for row in rows["stated_access"]] == ["denied"]


PREFIXES = [
    ("2026-03-24 11:02:03.456 UTC [4711] etl@people ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711] etl@corp.example@people ", "etl@corp.example", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711] etl@people/psql ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711] etl@people root@postgres ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC [4711-3] etl@people ", "etl", "people"),
    (
        "2026-03-24 11:02:03.456 UTC [4711]: [3-1] user=etl,db=people,app=a,b=c,client=10.0.0.9 ",
        "etl",
        "people",
    ),
    ("2026-03-24 11:02:03.456 UTC [4711]: [3-1] db=people,user=etl ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC:10.0.0.9(5432):etl@people:[4711]:", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC 4711 etl people 10.0.0.9(5432) 00000 psql ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC etl people 4711 ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC etl@people [4711] ", "etl", "people"),
    ("2026-03-24 11:02:03.456 UTC 69c26f2b.1267 3 etl@people ", "etl", "people"),
    ("2026-03-24 14:02:03.456 +03 [4711] etl@people ", "etl", "people"),
    ("1774350123.456 [4711] etl@people ", "etl", "people"),
]


@pytest.mark.parametrize(("prefix", "user", "database"), PREFIXES)
def test_prefixes(prefix: str, user: str, database: str) -> None:
    line = f"{prefix}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>"
    assert COLLECTOR.claims(head_of(line.encode()))
    [row] = stderr(line)["stated_access"]
    assert row["principal"] == ["", user]
    assert row["dataset"] == ["", f"{database}.public.t"]
    assert row["start_at"] == AT_INSTANT
    assert row["occurrence"].startswith("4711/1.1@2026-03-24")


def test_a_prefix_without_a_user_takes_it_from_the_connection() -> None:
    bare = "2026-03-24 11:02:03.456 UTC [4711] "
    read = f"{bare}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>"
    rows = stderr(
        read,
        f"{bare}LOG:  connection authorized: user=etl database=people application_name=x database=y",
        read,
        f"{bare}LOG:  connection authorized: user=admin database=people",  # raised by a statement
        f"{bare}STATEMENT:  DO $$ BEGIN RAISE LOG 'connection authorized: user=admin …'; END $$",
        read,
        f"{bare}ERROR:  permission denied for table u",
        f"{bare}STATEMENT:  SELECT 2 FROM u",
        f"{bare}LOG:  disconnection: session time: 0:00:00.002 user=etl database=people host=[local]",
        read,
    )
    assert sorted((row["position"], row["principal"], row["outcome"]) for row in rows["stated_access"]) == [
        (3, ["", "etl"], "success"),
        (6, ["", "etl"], "success"),
        (7, ["", "etl"], "denied"),
    ]
    assert [row["position"] for row in rows["rejected"]] == [1, 10]


def test_a_statement_that_is_too_long_to_be_read_still_raised_what_it_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgaudit_frames, "TEXT_LIMIT", 1000)
    bare = "2026-03-24 11:02:03.456 UTC [4711] "
    rows = stderr(
        f"{bare}LOG:  connection authorized: user=etl database=people",
        f"{bare}LOG:  connection authorized: user=admin database=people",
        f"{bare}STATEMENT:  DO $$ BEGIN RAISE LOG 'connection authorized: user=admin …'; END $$ --{'x' * 1000}",
        f"{bare}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>",
    )
    assert [(row["position"], row["principal"]) for row in rows["stated_access"]] == [(4, ["", "etl"])]
    assert [row["position"] for row in rows["rejected"]] == [2]


@pytest.mark.parametrize("text", [b"\xff", b"\x00"])
def test_bytes_that_are_no_text_cost_their_record_alone(text: bytes) -> None:
    good = f"{PREFIX}LOG:  AUDIT: {SELECT},SELECT 1 FROM t,<none>".encode()
    rows = staged(COLLECTOR, b"\n".join([good, good.replace(b"SELECT 1", b"SELECT '" + text + b"'"), good]))
    assert [row["position"] for row in rows["stated_access"]] == [1, 3]
    assert [row["position"] for row in rows["rejected"]] == [2]


def test_windows_line_ends_are_no_part_of_a_statement() -> None:
    text = f'{PREFIX}LOG:  AUDIT: {SELECT},"SELECT\n\t1 FROM t",<none>\n'.replace("\n", "\r\n")
    [row] = staged(COLLECTOR, text.encode())["stated_access"]
    assert row["statement"] == "SELECT\n1 FROM t"


@pytest.mark.parametrize("before", ["\n", "ending in UTF8\n", "\t1 FROM t\n", "{1,2}'\r\n", '\t{"a": 1}\'\r\n'])
def test_what_a_cut_left_before_the_first_record_changes_no_other(before: str) -> None:
    """Also one between the two characters that end a line on Windows: with the first of them `7` was another value."""
    rows = [f"{PREFIX}LOG:  AUDIT: {SELECT},{text}\r\n" for text in ("SELECT $1,7", '"SELECT\r\n\t1 FROM t",<none>')]
    for row, bound, statement in zip(rows, (['{"u":"7"}'], []), ("SELECT $1", "SELECT\n1 FROM t"), strict=True):
        found = staged(COLLECTOR, (before + row).encode())
        assert [(one["bound"], one["statement"]) for one in found["stated_access"]] == [(bound, statement)]


def test_line_ends_of_a_client_are_part_of_its_statement() -> None:
    told = stderr(*[f'{PREFIX}LOG:  AUDIT: {SELECT},"SELECT\r\n\t1\r\n\tFROM t",<none>'] * 2)
    assert [row["statement"] for row in told["stated_access"]] == ["SELECT\r\n1\r\nFROM t"] * 2
