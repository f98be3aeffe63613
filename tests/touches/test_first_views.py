"""Who reads in REPEATABLE READ or SERIALIZABLE sees what was there when the transaction began (semantics.md, law 2)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lineage.store import open_store
from tests.asking import ask, ingest
from tests.collectors.pgaudit_records import record, row
from tests.touches.cut_logs import numbered, unnumbered
from tests.touches.taking import CATALOG, graded, take_in

RECORDS = """dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to
postgres://db,people.public.contractors,1,C-1,2020-01-01T00:00:00Z,
postgres://db,people.public.contractors,2,C-GONE,2020-01-01T00:00:00Z,2026-03-24T11:02:30Z
postgres://db,people.public.contractors,3,C-NEW,2026-03-24T11:02:31Z,
"""
AS_LOGGED = {"C-1": "confirmed", "C-NEW": "confirmed"}
FROM_THE_FIRST = {"C-1": "confirmed", "C-GONE": "possible", "C-NEW": "possible"}
KEEPS = "TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
SESSION = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL serializable"
FIRST, THEN, NEXT = ({"vxid": f"3/{number}"} for number in (1, 2, 3))

Rows = list[dict[str, Any]]


def at(second: int, told: dict[str, Any]) -> dict[str, Any]:
    return told | {"timestamp": f"2026-03-24 11:02:{second:02}.456 UTC"}


def turn(second: int, text: str, **told: Any) -> dict[str, Any]:
    return at(second, row(f'{second + 1},1,MISC,{text.split(" ")[0]},,,"{text}",<none>', **told))


def read(second: int, **told: Any) -> dict[str, Any]:
    what = "READ,COPY,TABLE,public.contractors,COPY public.contractors TO STDOUT"
    return at(second, row(f"{second + 1},1,{what},<none>", **told))


def whole(*rows: dict[str, Any]) -> Rows:
    """As a log tells them that keeps seconds."""
    return [told | {"timestamp": told["timestamp"].replace(".456", "")} for told in rows]


CASES: dict[str, tuple[Rows, dict[str, str]]] = {
    "begun in the second in which another ended": (
        whole(turn(0, "BEGIN", **FIRST), at(1, turn(2, "COMMIT", **FIRST)), at(1, turn(3, f"BEGIN {KEEPS}", **THEN)),
              read(40, **THEN)),
        FROM_THE_FIRST,
    ),
    "begun in the second in which another ended, by log_statement": (
        whole(at(0, record("statement: BEGIN", **FIRST)), at(1, record("statement: COMMIT", **FIRST)),
              at(1, record(f"statement: BEGIN {KEEPS}", **THEN)), read(40, **THEN)),
        FROM_THE_FIRST,
    ),
    "as it begins, by log_statement alone": (
        [at(1, record(f"statement: BEGIN {KEEPS}")), read(40), at(41, record("statement: COMMIT"))],
        FROM_THE_FIRST,
    ),
    "as what it is chained to": (
        [turn(0, f"BEGIN {KEEPS}", **FIRST), turn(1, "COMMIT AND CHAIN", **FIRST), read(40, **THEN)], FROM_THE_FIRST
    ),
    "chained to what keeps none": (
        [turn(0, "BEGIN", **FIRST), turn(1, "COMMIT AND CHAIN", **FIRST), read(40, **THEN)], AS_LOGGED
    ),
    "of each statement": ([turn(1, "BEGIN"), read(40), turn(41, "COMMIT")], AS_LOGGED),
    "READ COMMITTED": ([turn(1, "BEGIN ISOLATION LEVEL READ COMMITTED"), read(40), turn(41, "COMMIT")], AS_LOGGED),
    "as it begins": ([turn(1, "BEGIN ISOLATION LEVEL REPEATABLE READ"), read(40), turn(41, "COMMIT")], FROM_THE_FIRST),
    "as pg_dump does": ([turn(1, "BEGIN"), turn(2, f"SET {KEEPS}"), read(40), turn(41, "COMMIT")], FROM_THE_FIRST),
    "as another's": ([turn(1, "BEGIN"), turn(2, "SET TRANSACTION SNAPSHOT '00000003-1'"), read(40)], FROM_THE_FIRST),
    "by log_statement": (
        [at(1, record("statement: BEGIN")), turn(2, f"SET {KEEPS}"), read(40), at(41, record("statement: COMMIT"))],
        FROM_THE_FIRST,
    ),
    "of the session": (
        [turn(1, SESSION, **FIRST), turn(2, "BEGIN", **THEN), read(40, **THEN), turn(41, "COMMIT", **THEN)],
        FROM_THE_FIRST,
    ),
    "of the session, by a setting": (
        [turn(1, "SET default_transaction_isolation TO 'repeatable read'", **FIRST), turn(2, "BEGIN", **THEN),
         read(40, **THEN), turn(41, "COMMIT", **THEN)],
        FROM_THE_FIRST,
    ),
    "of the session, set anew afterwards": (
        [turn(1, SESSION, **FIRST), turn(2, "BEGIN", **THEN), read(40, **THEN), turn(41, "COMMIT", **THEN),
         turn(42, SESSION, **NEXT)],
        FROM_THE_FIRST,
    ),
    "of the session, begun in the second in which that was set": (
        whole(turn(1, SESSION, **FIRST), at(1, turn(2, "BEGIN", **THEN)), read(40, **THEN)), FROM_THE_FIRST
    ),
    "of the session, after a transaction": (
        [turn(1, SESSION, **FIRST), turn(2, "BEGIN", **THEN), turn(3, "COMMIT", **THEN), read(40, **NEXT)], AS_LOGGED
    ),
    "of the session, set within": ([turn(1, "BEGIN"), turn(2, SESSION), read(40), turn(41, "COMMIT")], AS_LOGGED),
    "as what it is chained to, and kept anew afterwards": (
        [turn(0, f"BEGIN {KEEPS}", **FIRST), turn(1, "COMMIT AND CHAIN", **FIRST), read(40, **THEN),
         turn(41, "COMMIT", **THEN), turn(42, f"BEGIN {KEEPS}", **NEXT)],
        FROM_THE_FIRST,
    ),
    "of the transaction before": (
        [turn(1, "BEGIN"), turn(2, f"SET {KEEPS}"), turn(3, "COMMIT"), read(40, **THEN)], AS_LOGGED
    ),
    "of the transaction before, another begun": (
        [turn(1, "BEGIN"), turn(2, f"SET {KEEPS}"), turn(3, "COMMIT"), turn(20, "BEGIN", **THEN), read(40, **THEN)],
        AS_LOGGED,
    ),
    "of the session, outside of a transaction": ([turn(1, SESSION, **FIRST), read(40, **THEN)], AS_LOGGED),
    "begun afterwards": (
        [turn(1, SESSION, **FIRST), turn(35, "BEGIN", **THEN), read(40, **THEN), turn(41, "COMMIT", **THEN)], AS_LOGGED
    ),
    "of the next transaction": (
        [turn(1, "BEGIN"), read(40), turn(41, "COMMIT"), turn(42, f"BEGIN {KEEPS}", **NEXT)], AS_LOGGED
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each case's session is a principal's own, once with the transactions' names and once without."""
    folder = tmp_path_factory.mktemp("views")
    rows: Rows = []
    for number, (name, (made, _)) in enumerate(CASES.items(), 1):
        rows += [one | {"user": name, "pid": number} for one in numbered(*made)]
        rows += [one | {"user": f"{name}, by time", "pid": number + 1000} for one in unnumbered(*made)]
    take_in(folder, rows, RECORDS)
    return folder


@pytest.mark.parametrize("by", ["", ", by time"])
@pytest.mark.parametrize("name", CASES)
def test_what_was_there_when_the_transaction_began_was_read(told: Path, name: str, by: str) -> None:
    assert graded(told, name + by) == [CASES[name][1], {}]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(("ended", "seen"), [(41, FROM_THE_FIRST), (33, AS_LOGGED), (None, FROM_THE_FIRST)])
def test_who_shares_the_first_view_of_another_connection_sees_what_that_does(
    tmp_path: Path, named: bool, ended: int | None, seen: dict[str, str]
) -> None:
    """As the connections of pg_dump --jobs do; another one that ended before may not be meant."""
    first, other = {"pid": 1, "session_id": "69c26f2b.1"}, {"pid": 2, "session_id": "69c26f2b.2", "vxid": "4/9"}
    rows = [turn(1, "BEGIN", **first), turn(2, f"SET {KEEPS}", **first),
            *([] if ended is None else [turn(ended, "COMMIT", **first)]),
            turn(35, "BEGIN", **other), turn(35, f"SET {KEEPS}", **other),
            at(36, turn(37, "SET TRANSACTION SNAPSHOT '00000003-1'", **other)), read(40, **other)]  # fmt: skip
    take_in(tmp_path, (numbered if named else unnumbered)(*rows), RECORDS)
    assert graded(tmp_path, "etl") == [seen, {}]


def test_rows_of_one_second_may_both_keep_and_share_a_first_view(tmp_path: Path) -> None:
    """By log_statement, in a log that keeps seconds, nothing says which came first."""
    texts = ("BEGIN", f"SET {KEEPS}", "SET TRANSACTION SNAPSHOT '00000003-1'")
    first = [at(1, record(f"statement: {text}", pid=1)) for text in texts[:2]]
    other = [at(35, record(f"statement: {text}", pid=2)) for text in texts]
    take_in(tmp_path, unnumbered(*whole(*first, *other, read(40, pid=2))), RECORDS)
    assert graded(tmp_path, "etl") == [FROM_THE_FIRST, {}]


@pytest.mark.parametrize("told", [numbered, unnumbered])
def test_a_transaction_whose_begin_is_lost_began_with_its_first_row(tmp_path: Path, told: Callable[..., Rows]) -> None:
    take_in(tmp_path, told(turn(2, f"SET {KEEPS}"), read(40), turn(41, "COMMIT")), RECORDS)
    assert graded(tmp_path, "etl") == [FROM_THE_FIRST, {}]


def test_a_source_was_heard_when_it_told_an_act_and_not_when_that_began(tmp_path: Path) -> None:
    take_in(tmp_path, [turn(1, "BEGIN"), turn(2, f"SET {KEEPS}"), read(20, user="else", pid=1), read(40)], RECORDS)
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        [(first, last)] = store.rows("SELECT first_at, last_at FROM source_span")
    assert last - first == 20_000_000


def test_what_was_there_at_first_was_read_by_whom_was_compromised_only_afterwards(tmp_path: Path) -> None:
    take_in(tmp_path, [turn(1, "BEGIN"), turn(2, f"SET {KEEPS}"), read(40)], RECORDS)
    since = ["--from", "2026-03-24T11:02:35Z"]
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "etl", *since])
    assert {one["id"]: one["grade"] for one in said["data_subjects"]} == dict.fromkeys(FROM_THE_FIRST, "possible")
    touched = ask(tmp_path / "store", "who-touched", ["--data-subject", "C-GONE", *since])
    assert [one["grade"] for one in touched["touches"]] == ["possible"]


def test_a_transaction_may_go_on_in_what_the_catalog_calls_another_source_of_the_server(tmp_path: Path) -> None:
    """As where older logs are moved to a folder of their own."""
    parts = {"log": [turn(1, "BEGIN"), turn(2, f"SET {KEEPS}")], "older": [read(40)]}
    for name, rows in parts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.json").write_text("".join(json.dumps(one) + "\n" for one in rows))
    older = '{id: older, collector: pgaudit, namespace: "postgres://db", files: "older/*"}'
    (tmp_path / "catalog.yml").write_text(CATALOG.replace("sources: [", f"sources: [{older}, "))
    (tmp_path / "records.csv").write_text(RECORDS)
    ingest(tmp_path / "store", sorted(tmp_path.iterdir()))
    assert graded(tmp_path, "etl") == [FROM_THE_FIRST, {}]


def test_clocks_that_are_put_back_between_make_a_transaction_no_shorter(tmp_path: Path) -> None:
    rows = [
        turn(1, f"BEGIN {KEEPS}") | {"timestamp": "2026-10-25 01:30:00.456 CET"},  # 23:30 in UTC
        read(40) | {"timestamp": "2026-10-25 04:00:00.456 CET"},  # 03:00
    ]
    records = RECORDS.replace("2026-03-24T11:02:30Z", "2026-10-25T00:10:00Z")
    take_in(tmp_path, rows, records, CATALOG.replace('"log/*"', '"log/*", timezone: Europe/Berlin'))
    assert graded(tmp_path, "etl")[0] == {"C-1": "confirmed", "C-GONE": "possible", "C-NEW": "confirmed"}
