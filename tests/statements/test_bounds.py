"""What is larger or deeper than statements are is not understood, soon; what people write is, however long it is."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Event

import pytest

from lineage.statements import READER, SHORT, understanding
from lineage.statements.bounds import SIZE_AT_MOST
from lineage.statements.understanding import understand
from lineage.statements.understood import TableUse

BIGQUERY, POSTGRES = "bigquery", "postgres"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("dialect", "begun", "again", "size"),
    [
        # Without a bound, each of the first three ended the whole program.
        (POSTGRES, "", "FROM a,", 100_000),
        (POSTGRES, "", "FROM a JOIN ", 100_000),
        (POSTGRES, "SELECT * FROM ", "(", 100_000),
        (POSTGRES, "SELECT ", "FROM ", 20_000),
        (BIGQUERY, "", "FROM a,", 20_000),
        (BIGQUERY, "", "SELECT * FROM a, (", 20_000),
        (POSTGRES, "SELECT a", "[0]", 20_000),
        (POSTGRES, "SELECT a", "[0].b", 20_000),
        (BIGQUERY, "SELECT a", ".a", 20_000),
        (POSTGRES, "SELECT f(a)", " OVER ()", 200_000),
        (POSTGRES, "SELECT * FROM a", " JOIN b", 400_000),
        ("duckdb", "", "SUMMARIZE ", 200_000),
        ("mysql", "SELECT * FROM a", " STRAIGHT_JOIN b", 400_000),
        (BIGQUERY, "SELECT CAST(a AS ", "ARRAY<", 200_000),
        ("spark", "CREATE TABLE a (b ", "MAP<INT,", 400_000),
        # So did these, which need no brackets: what walked the tree called itself for each.
        (POSTGRES, "SELECT * FROM p WHERE a", "::text", 240_000),
        (POSTGRES, "SELECT * FROM p WHERE a", "::timestamp with time zone", 400_000),
        # These took minutes: for each, all that stands before it is gone through.
        (POSTGRES, "", "WITH a AS (SELECT b) ", 100_000),
        (POSTGRES, "WITH a AS (SELECT b)", ", a AS (SELECT b)", 100_000),
        (BIGQUERY, "FROM a", " |> SELECT b", 20_000),
        # The parser tries each in two ways.
        (POSTGRES, "SELECT ", "STRUCT(", 600),
        (POSTGRES, "SELECT * FROM a", " JOIN b", 600),
    ],
)
def test_what_is_too_deep_is_soon_not_understood(dialect: str, begun: str, again: str, size: int) -> None:
    assert not understand((begun + again * size)[:size], dialect).parsed


@pytest.mark.parametrize(
    ("dialect", "sql", "tables"),
    [
        (POSTGRES, "SELECT " + "replace(" * 60 + "a" + ", b, c)" * 60 + " FROM p", 1),
        (POSTGRES, "SELECT * FROM (" * 60 + "SELECT * FROM p" + ") x" * 60, 1),
        (POSTGRES, "SELECT * FROM p WHERE " + " OR ".join(f"a = '{n}'" for n in range(1000)), 1),
        (POSTGRES, "SELECT " + ", ".join(f"a.b[{n}]" for n in range(500)) + " FROM p", 1),
        ("snowflake", "SELECT v:" + ".".join("abcdefghij") + "[0].k::text FROM p", 1),
        ("mysql", "SELECT * FROM p0" + "".join(f" JOIN p{n}" for n in range(1, 11)), 11),
        (POSTGRES, "SELECT " + ", ".join(f"sum(a{n}) OVER (ORDER BY b)" for n in range(60)) + " FROM p", 1),
        (POSTGRES, "SELECT * FROM p0" + "".join(f" LEFT JOIN p{n} ON p0.a = p{n}.a" for n in range(1, 150)), 150),
        (BIGQUERY, "SELECT " + ", ".join(f"CAST(a{n} AS ARRAY<STRUCT<b INT64>>)" for n in range(150)) + " FROM p", 1),
        (POSTGRES, "WITH " + ", ".join(f"a{n} AS (SELECT * FROM p)" for n in range(200)) + " SELECT * FROM a199", 1),
        (BIGQUERY, "FROM p" + " |> WHERE a > b |> SELECT a, b" * 20, 1),
        (BIGQUERY, "SELECT " + "STRUCT(" * 8 + "a" + ")" * 8 + " FROM p", 1),
        (POSTGRES, "INSERT INTO p (id, a) VALUES " + ", ".join(f"({2 * n}, '{2 * n + 1}')" for n in range(2000)), 1),
    ],
)
def test_what_people_write_is_understood(dialect: str, sql: str, tables: int) -> None:
    found = understand(sql, dialect)
    assert found.parsed
    assert len(found.tables) == tables


def test_what_is_too_large_is_not_understood() -> None:
    assert not understand("SELECT " + "a," * (SIZE_AT_MOST // 2) + "b FROM p", POSTGRES).parsed


def test_what_would_take_minutes_to_plan_is_not_replayed() -> None:
    def told(many: int) -> TableUse:
        tests = " AND ".join(f"a <> '{n}'" for n in range(many))
        return understand(f"SELECT * FROM p WHERE {tests}", POSTGRES).tables[0]

    assert told(200).replay is not None
    few = told(2_000)
    assert (few.scope, few.replay, few.reads) == ("unknown", None, True)


def test_what_no_bound_knows_ends_no_program() -> None:
    # As if a bound were missing: beyond an ordinary stack the compiled parser ends the process, without an error.
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from lineage.statements import READER, bounds\n"
            "bounds.is_too_deep = lambda *told: False\n"
            "for text in ('SUMMARIZE ' * 40_000 + 't', 'SELECT * FROM t ' + 'JOIN t ' * 30_000):\n"
            "    print(READER.understand(text, 'duckdb').parsed)\n",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "False\nFalse\n")


def test_long_texts_at_once_leave_the_stacks_of_other_threads_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, told = Queue[str](), {"a": Event(), "b": Event()}

    def wait(shape: str, _: str) -> None:
        begun.put(shape[0])
        told[shape[0]].wait(60)

    monkeypatch.setattr(understanding, "understand", wait)
    before = threading.stack_size()
    with ThreadPoolExecutor(2) as readers:
        at_work = []
        for name in told:
            at_work.append(readers.submit(READER.understand, name * (SHORT + 1), "odd"))
            assert begun.get(timeout=60) == name
        for one, reading in zip(told.values(), at_work, strict=True):
            one.set()
            reading.result(60)
    assert threading.stack_size() == before
