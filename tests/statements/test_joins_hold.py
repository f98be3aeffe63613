"""Joins at random: TRUE only where a row takes part whatever is not held, FALSE only where it never does.

What is not held (attributes, the rows of a table whose entries are not complete) is filled in at random, many
times; the statement itself is run over each filling by the engine, which knows nothing of entries or verdicts.
"""

import os
import random
from typing import Any

import pytest

from tests.statements.replaying import Entry, Table, connect, fill, verdicts

CASES = int(os.environ.get("JOIN_CASES", "16"))
FILLINGS = 40
NUMBERS = (None, 0, 1, 2)
TEXTS = (None, "x", "y")
COLUMNS: dict[str, tuple[Any, ...]] = {"a": NUMBERS, "b": NUMBERS, "s": TEXTS}
LINKS = (
    "t.a = u.a",
    "u.s = t.s",
    "t.a = u.a AND t.b = u.b",
    "t.id = u.s",
    "t.a = u.a AND u.b = 1",
    "t.a = u.a AND t.s <> 'x'",
    "t.a = u.a AND u.id IN ('k1', 'k3')",
)
ABOUT_T = ("t.b = 1", "t.s = 'x'", "t.b IS NULL", "t.a IN (0, 1)", "NOT (t.b = 1)", "t.id = 'k2'", "t.id = t.id")
ABOUT_U = (
    "u.b = 1",
    "u.s = 'x'",
    "u.b IS NULL",
    "u.b IS NOT NULL",
    "NOT (u.b = 1)",
    "coalesce(u.b, 1) = 1",
    "u.id = 'k1'",
)
# ``{f}`` ties both tables to one filling where the engine runs it; a replay sees nothing there.
JOINS = (
    "FROM t JOIN u ON {link}{f} WHERE {t}",
    "FROM t JOIN u ON {link}{f} WHERE {t} OR {u}",
    "FROM t, u WHERE {link} AND {t} AND {u}{f}",
    "FROM t LEFT JOIN u ON {link}{f}",
    "FROM t LEFT JOIN u ON {link}{f} WHERE {u}",
    "FROM t LEFT JOIN u ON {link}{f} WHERE {t} AND u.id IS NULL",
    "FROM t LEFT JOIN u ON {link}{f} WHERE {t} OR {u}",
)
MEMBERS = (
    "FROM t WHERE t.a IN (SELECT u.a FROM u WHERE {u}{f})",
    "FROM t WHERE {t} AND t.a NOT IN (SELECT u.a FROM u WHERE {u}{f})",
    "FROM t WHERE EXISTS (SELECT 1 FROM u WHERE {link} AND {u}{f}) AND {t}",
    "FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE {link}{f})",
    "FROM t WHERE {t} OR EXISTS (SELECT 1 FROM u WHERE {link}{f})",
)


def some_table(source: random.Random) -> Table:
    """A table with up to five entries, each of which holds some of its columns; it may have none, or not all."""
    likely = source.choice((0.5, 0.9, 1.0))
    entries = [
        Entry(f"k{n}", {name: source.choice(of) for name, of in COLUMNS.items() if source.random() < likely})
        for n in range(1, source.choice((0, 2, 4, 5)) + 1)
    ]
    return Table(entries, complete=bool(entries) and source.random() < 0.8)


def fillings(table: Table, source: random.Random) -> list[tuple[Any, ...]]:
    """(filling, entry, id, a, b, s): what the table may have held, many times; entry 0 is a row without one."""
    rows = []
    for filling in range(FILLINGS):
        there = [(n, one.key, one.attributes) for n, one in enumerate(table.entries, 1)]
        if not table.complete:
            there += [(0, f"o{n}", {}) for n in range(source.choice((0, 1, 3)))]
        for number, key, held in there:
            values = [held[name] if name in held else source.choice(of) for name, of in COLUMNS.items()]
            rows.append((filling, number, key, *values))
    return rows


@pytest.mark.parametrize("seed", range(CASES))
def test_verdicts_hold_for_every_filling(seed: int) -> None:
    source, con = random.Random(seed), connect()
    way = (JOINS + MEMBERS)[seed % len(JOINS + MEMBERS)]
    parts = {"link": source.choice(LINKS), "t": source.choice(ABOUT_T), "u": source.choice(ABOUT_U)}
    tables = {"t": some_table(source), "u": some_table(source)}
    found = verdicts(con, f"SELECT * {way.format(f='', **parts)}", tables)
    for name, table in tables.items():
        con.execute(f"CREATE TABLE {name} (f INTEGER, entry INTEGER, id VARCHAR, a INTEGER, b INTEGER, s VARCHAR)")
        fill(con, name, fillings(table, source))
    for name in ("t", "u") if way in JOINS else ("t",):
        taking = f"SELECT {name}.entry, count(DISTINCT {name}.f) {way.format(f=' AND t.f = u.f', **parts)}"
        times = dict(con.execute(f"{taking} GROUP BY ALL").fetchall())
        for number, verdict in enumerate(found[name], 1):
            count = times.get(number, 0)
            told = (name, number, verdict, count, way.format(f="", **parts), tables)
            assert verdict != "T" or count == FILLINGS, told
            assert verdict != "F" or count == 0, told


def test_a_chain_of_three_tables_is_replayed() -> None:
    """Also where two tables beside the one that is asked about are linked to each other."""
    tables = {
        "t": Table([Entry("k1", {"a": 1}), Entry("k2", {"a": 2}), Entry("k3", {"a": 0})]),
        "u": Table([Entry("k4", {"a": 1, "b": 7}), Entry("k5", {"a": 2, "b": 8})]),
        "v": Table([Entry("k6", {"b": 7}), Entry("k7", {"b": 9})]),
    }
    sql = "SELECT t.id FROM t JOIN u ON t.a = u.a JOIN v ON u.b = v.b"
    assert verdicts(connect(), sql, tables) == {"t": "TFF", "u": "TF", "v": "TF"}
    tables["v"] = Table([Entry("k6", {"b": 7}), Entry("k8", {})])
    found = verdicts(connect(), sql, tables)
    assert (found["t"][:2], found["u"], found["v"]) == ("TU", "TU", "TU")


def test_where_one_equality_cannot_be_decided_the_others_still_say_which_rows_meet() -> None:
    tables = {
        "t": Table([Entry("k1", {"a": 1, "b": 7}), Entry("k2", {"a": 1}), Entry("k3", {"a": 2}), Entry("k4", {})]),
        "u": Table([Entry("k5", {"a": 1, "b": 7}), Entry("k6", {"a": 1, "b": 8})]),
    }
    sql = "SELECT t.id FROM t JOIN u ON t.a = u.a AND t.b = u.b"
    assert verdicts(connect(), sql, tables) == {"t": "TUFU", "u": "TU"}
    assert verdicts(connect(), f"{sql} WHERE u.b = 8", tables)["t"] == "FUFU"
    tables["u"] = Table([Entry("k5", {"a": 1, "b": 7}), Entry("k6", {"b": 8})])
    assert verdicts(connect(), sql, tables) == {"t": "TUUU", "u": "TU"}
