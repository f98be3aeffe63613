"""Made-up statements over several tables: their replay says of every record what the oracle's says.

Where a row lacks a column, or rows without a partner count, the replay may say that it does not know; it is
never surer than the oracle. REPLAYS=10 in the environment asks for ten times as many, at random.
"""

import os
from collections.abc import Iterator, Mapping
from random import Random

import pytest

from lineage.statements import rows_joined
from lineage.statements.understanding import understand
from tests.oracle.model import Value
from tests.oracle.predicate import Row
from tests.oracle.replaying import Content, Contents, replay, understood
from tests.oracle.statements import changing, copying, reading
from tests.statements.replaying import FAR, Entry, Table, connect, taken_apart, told, verdicts

MORE = int(os.environ.get("REPLAYS", "0"))
CASES = 6
START, END = 100, 110
SAID = {True: "T", None: "U", False: "F"}
ANY_TABLES = 4
NO_SURER = {"T": "TU", "U": "U", "F": "UF"}
"""What the replay may say where the oracle says so."""


def some_table(random: Random, number: int, tables: int) -> Table:
    """Rows that were there before, during or after the access; of up to three tables they hold every column."""
    likely = 0.7 if tables == ANY_TABLES else 1.0
    found = []
    for _ in range(random.choice((1, 2, 3, 4) if tables == 3 else (0, 1, 2, 3, 4))):
        key = f"ds{number}-{random.randrange(4)}"
        told: dict[str, Value] = {
            "country": random.choice(("KE", "DE", "PH")),
            "level": random.choice((1.0, 2.0, 3.0, None)),
            "ref": f"ds{random.randrange(4)}-{random.randrange(4)}",
        }
        held = {name: value for name, value in told.items() if random.random() < likely}
        start = random.choice((0, 0, 0, START, 105, 111))
        sure = max(random.choice((FAR, FAR, FAR, START, 106, END, 111)), start + 1)
        found.append(Entry(key, held, (start, sure, max(sure, random.choice((FAR, 111))))))
    return Table(found, "record_id", complete=tables == 3 or random.random() < 0.6)


def columns(entry: Entry) -> Row:
    return {"record_id": entry.key} | dict(entry.attributes)


def content(table: Table) -> Content:
    rows = []
    for entry in table.entries:
        start, sure, last = (at or 0 for at in entry.there)
        if start <= END and last > START:
            rows.append((columns(entry), start <= START and sure > END))
    return Content(tuple(rows), bool(table.entries) and table.complete)


def contents(tables: Mapping[str, Table]) -> Contents:
    return lambda name: content(tables[name.rpartition(".")[2]])


def some_statement(random: Random, tables: int) -> str:
    numbers = random.sample(range(4), 3)
    name = f"ds{numbers[0]}"
    kind = random.choice(("read", "read", "read", "copy", "update", "delete"))
    if kind == "read":
        return reading(random, name, numbers, tables)
    return copying(random, name, numbers, tables) if kind == "copy" else changing(random, name, numbers, kind, tables)


def cases(tables: int) -> Iterator[tuple[int, int]]:
    first = Random().randrange(10**6) if MORE else 0
    return ((tables, seed) for seed in range(first, first + CASES * max(MORE, 1)))


@pytest.mark.parametrize(("tables", "seed"), [*cases(2), *cases(3), *cases(ANY_TABLES)])
def test_a_replay_says_what_the_oracle_says(tables: int, seed: int) -> None:
    random, con = Random(seed), connect()
    for _ in range(3):
        sql, held = some_statement(random, tables), {f"ds{n}": some_table(random, n, tables) for n in range(4)}
        told = understood(sql)
        if told is None:
            continue
        found = verdicts(con, sql, held, at=(START, END))
        uses = {use.parts[-1]: use for use in understand(taken_apart(con, sql)[0], "postgres").tables}
        for table in {source.table for source in told.sources()}:
            name = table.rpartition(".")[2]
            assert uses[name].reads == (table in told.tables_read()), sql
            if uses[name].reads:
                fields = uses[name].fields
                assert (None if fields is None else set(fields)) == told.fields(table), sql
            for entry, verdict in zip(held[name].entries, found[name], strict=True):
                there = entry.there[0] <= END and (entry.there[2] or 0) > START
                said = replay(
                    sql,
                    frozenset((f"people.{table}",)),
                    columns(entry),
                    contents(held),
                )
                allowed = NO_SURER[SAID[said]] if tables == ANY_TABLES else SAID[said]
                assert not there or verdict in allowed, (sql, name, entry, SAID[said], verdict, held)


@pytest.mark.parametrize("test", ["level = NULL", "NOT (level <> NULL)", "level IN (1, NULL)", "level < NULL",
                                  "country LIKE NULL", "level BETWEEN 1 AND NULL"])  # fmt: skip
def test_what_is_not_held_is_unknown_even_beside_null(test: str) -> None:
    """Semantics.md, section 5: so is every expression over it; only AND, OR and NOT decide past it."""
    held = {"ds0": Table([Entry("ds0-1", {"ref": "x"}, (0, FAR, FAR))], "record_id", complete=True)}
    con = connect()
    assert verdicts(con, f"SELECT ref FROM public.ds0 WHERE {test}", held, at=(START, END)) == {"ds0": "U"}
    past = f"SELECT ref FROM public.ds0 WHERE ({test}) AND ref = 'y'"
    assert verdicts(con, past, held, at=(START, END)) == {"ds0": "F"}


@pytest.mark.parametrize(
    ("partners", "sql", "said"),
    [
        # The partner that lacks the value met may be the one of the first row, and of no other.
        ([{"ref": 1}, {"ref": 3, "country": "PH"}], "b.country = 'PH'", {"a": "UF", "b": "UF"}),
        # What else is asked of the row, and of the partner that may be anybody's, is still decided.
        ([{"country": "PH"}, {"ref": 1, "country": "DE"}], "a.level = 3", {"a": "FF", "b": "FF"}),
        ([{"country": "PH"}, {"ref": 1, "country": "DE"}], "b.country = 'KE'", {"a": "FF", "b": "FF"}),
        ([{"country": "PH"}, {"ref": 1, "country": "DE"}], "b.country = 'PH'", {"a": "UU", "b": "UF"}),
        ([{}, {"ref": 2, "country": "DE"}], "b.country = 'DE' AND a.level = 2", {"a": "UT", "b": "UT"}),
    ],
)
@pytest.mark.parametrize("at_most", [10**6, 0])
def test_one_row_that_lacks_a_value_leaves_the_others_decided(
    partners: list[dict[str, Value]], sql: str, said: dict[str, str], at_most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the combinations that nothing else tells are too many, nothing of them is decided: never surer."""
    monkeypatch.setattr(rows_joined, "COMBINATIONS_AT_MOST", at_most)
    held = {
        "a": Table([Entry("1", {"id": 1, "level": 2}), Entry("2", {"id": 2, "level": 2})]),
        "b": Table([Entry(f"b{number}", told) for number, told in enumerate(partners)], "key"),
    }
    found = verdicts(connect(), f"SELECT a.id FROM a JOIN b ON b.ref = a.id WHERE {sql}", held)
    if at_most:
        assert found == said
    assert all(one in NO_SURER[right] for name in said for one, right in zip(found[name], said[name], strict=True))


def test_or_decides_past_what_no_replay_can_tell() -> None:
    held = {"ds0": Table([Entry("a", {"level": 1, "ref": "x"}), Entry("b", {"level": 2, "ref": "y"}), Entry("c")])}
    sql = "SELECT ref FROM ds0 WHERE (upper(ref) = 'Y' OR level = 1)"
    assert verdicts(connect(), sql, held) == {"ds0": "TUU"}
    assert verdicts(connect(), f"{sql} AND ref IN ('x', 'z')", held) == {"ds0": "TFU"}
    assert verdicts(connect(), f"{sql} LIMIT 1", held) == {"ds0": "UUU"}


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("INSERT INTO ds0 (id) VALUES ('a') ON CONFLICT DO NOTHING", "postgres"),
        ("INSERT IGNORE INTO ds0 (id) VALUES ('a')", "mysql"),
        ("INSERT OR IGNORE INTO ds0 (id) VALUES ('a')", "sqlite"),
    ],
)
def test_an_insert_that_may_have_left_the_row_as_it_was_is_not_sure_of_it(sql: str, dialect: str) -> None:
    held = {"ds0": Table([Entry("a"), Entry("b")])}
    assert verdicts(connect(), "INSERT INTO ds0 (id) VALUES ('a')", held) == {"ds0": "TF"}
    assert verdicts(connect(), sql, held, dialect=dialect) == {"ds0": "UF"}


@pytest.mark.parametrize(
    ("conflict", "said"),
    [
        ("(id) DO UPDATE SET ref = EXCLUDED.ref", "TF"),
        ("(id) DO UPDATE SET ref = 'z' WHERE ds0.level > 1", "UF"),
        ("(ref) DO UPDATE SET level = 1", "UU"),
        ("(id) WHERE level > 1 DO UPDATE SET ref = 'z'", "UU"),
        ("ON CONSTRAINT ds0_pkey DO UPDATE SET level = 1", "UU"),
    ],
)
def test_a_row_is_changed_that_collides_in_the_columns_told(conflict: str, said: str) -> None:
    held = {"ds0": Table([Entry("a", {"other_id": 1}), Entry("b", {"other_id": 2})])}
    sql = f"INSERT INTO ds0 (id, other_id, ref) VALUES ('a', 3, 'x') ON CONFLICT {conflict}"
    assert verdicts(connect(), sql, held) == {"ds0": said}
    assert verdicts(connect(), "INSERT OR REPLACE INTO ds0 (id) VALUES ('a')", held, dialect="sqlite") == {"ds0": "UU"}


ROWS = {"ds0": Table([Entry("a", {"level": 7, "ref": "x"}), Entry("b", {"level": 9_999, "ref": "y"}), Entry("c"),
                      Entry("d", {"level": None, "ref": None})])}  # fmt: skip


@pytest.mark.parametrize("count", [3, 30, 1_500])
def test_a_long_list_of_values_says_what_a_short_one_says(count: int) -> None:
    """Each value as a column of its own took half a megabyte: from some 1,400 on the store could not be settled."""
    con = connect()
    con.execute("SET memory_limit = '400MB'")
    listed = ", ".join(str(number + 6) for number in range(count))
    marks = ", ".join(f"${number}" for number in range(1, count + 1))
    bound = told(*(number + 6 for number in range(count)))
    either = " OR ".join(f"level = {number + 6}" for number in range(count))
    for test, values in ((f"level IN ({listed})", []), (f"level IN ({marks})", bound), (either, [])):
        assert verdicts(con, f"SELECT ref FROM ds0 WHERE {test}", ROWS, values) == {"ds0": "TFUF"}, test[:40]
        assert verdicts(con, f"SELECT ref FROM ds0 WHERE NOT ({test})", ROWS, values) == {"ds0": "FTUF"}, test[:40]
        assert verdicts(con, f"SELECT ref FROM ds0 WHERE ref = 'y' OR {test}", ROWS, values) == {"ds0": "TTUF"}
    if count < 200:
        assert verdicts(con, f"SELECT ref FROM ds0 WHERE level IN ({listed}, NULL)", ROWS) == {"ds0": "TFUF"}
        assert verdicts(con, f"SELECT ref FROM ds0 WHERE level NOT IN ({listed}, NULL)", ROWS) == {"ds0": "FFUF"}
    if count > 3:  # one that was not told may be any
        assert verdicts(con, f"SELECT ref FROM ds0 WHERE level IN ({marks})", ROWS, bound[:-1]) == {"ds0": "UUUF"}


@pytest.mark.parametrize("listed", ["-{}", "{} + 0", "upper('{}')"])
def test_a_long_list_of_what_is_no_plain_value_decides_nothing(listed: str) -> None:
    items = ", ".join(listed.format(number) for number in range(1_500))
    assert verdicts(connect(), f"SELECT ref FROM ds0 WHERE level IN ({items})", ROWS) == {"ds0": "UUUU"}


def test_a_longer_list_than_any_replay_takes_decides_nothing() -> None:
    items = ", ".join(map(str, range(20_000)))
    assert verdicts(connect(), f"SELECT ref FROM ds0 WHERE level IN ({items})", ROWS) == {"ds0": "UUUU"}


@pytest.mark.parametrize("test", ["level IN ($1,$2)", "(level=$1)or(level=$2)", "level IN ($1,$2,$2)"])
def test_marks_without_a_space_between_them_are_marks(test: str) -> None:
    """So Hibernate and JDBC write them; the parser's lexer saw a quoted text that begins with `$1,$`."""
    assert verdicts(connect(), f"SELECT ref FROM ds0 WHERE {test}", ROWS, told(7, 8)) == {"ds0": "TFUF"}
