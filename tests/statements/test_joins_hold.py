"""Joins: a record that replays TRUE takes part in a row of the result, one that replays FALSE does not.

For any filling of what the entries do not hold, and (where a table's entries are not complete) any further rows.
"""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.statements.replaying import Entry, Table, connect, verdicts

CON = connect()
for name in ("t", "u"):
    CON.execute(f"CREATE TABLE {name} (id VARCHAR, k VARCHAR, x INTEGER)")
KEYS = ("p1", "p2", "p3", None)
NUMBERS = (1, 2, None)

# Statements, and for each table the query that gives the keys of its rows that take part.
JOINS = (
    ("SELECT * FROM t JOIN u ON t.id = u.k WHERE {0}", "SELECT {1}.id FROM t JOIN u ON t.id = u.k WHERE {0}"),
    ("SELECT * FROM t, u WHERE t.k = u.k AND {0}", "SELECT {1}.id FROM t, u WHERE t.k = u.k AND {0}"),
    ("SELECT * FROM t LEFT JOIN u ON t.id = u.k WHERE {0}", "SELECT {1}.id FROM t LEFT JOIN u ON t.id = u.k WHERE {0}"),
    ("SELECT * FROM t LEFT JOIN u ON t.id = u.k AND {0}", "SELECT {1}.id FROM t LEFT JOIN u ON t.id = u.k AND {0}"),
    (
        "SELECT * FROM t RIGHT JOIN u ON t.id = u.k WHERE {0}",
        "SELECT {1}.id FROM t RIGHT JOIN u ON t.id = u.k WHERE {0}",
    ),
    ("SELECT * FROM t FULL JOIN u ON t.id = u.k WHERE {0}", "SELECT {1}.id FROM t FULL JOIN u ON t.id = u.k WHERE {0}"),
    ("SELECT t.id FROM t JOIN u USING (k) WHERE {0}", "SELECT {1}.id FROM t JOIN u USING (k) WHERE {0}"),
    (
        "SELECT s.a FROM (SELECT t.id AS a, x FROM t WHERE k = 'p1') s JOIN u ON s.a = u.k WHERE u.x = 1",
        "SELECT {1}.id FROM t JOIN u ON t.id = u.k WHERE t.k = 'p1' AND u.x = 1",
    ),
    (
        "WITH w AS (SELECT k FROM u WHERE u.x = 1) SELECT t.id FROM t JOIN w ON t.id = w.k",
        "SELECT {1}.id FROM t JOIN u ON t.id = u.k WHERE u.x = 1",
    ),
    (
        "SELECT t.id FROM t JOIN t u ON t.k = u.k WHERE {0} UNION ALL SELECT u.k FROM u WHERE u.x = 2",
        {
            "t": "SELECT t.id FROM t JOIN t u ON t.k = u.k WHERE {0} UNION SELECT u.id FROM t JOIN t u ON t.k = u.k WHERE {0}",
            "u": "SELECT u.id FROM u WHERE u.x = 2",
        },
    ),
)
# What reads another table in a subquery: only the outer table's rows are in a row of the result.
SUBQUERIES = (
    "SELECT * FROM t WHERE id IN (SELECT k FROM u WHERE u.x = 1)",
    "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.k = t.id AND u.x = t.x)",
    "SELECT * FROM t WHERE x = 1 OR id IN (SELECT k FROM u WHERE u.x = 1)",
    "SELECT * FROM t WHERE id NOT IN (SELECT k FROM u WHERE u.x = 1)",
    "SELECT * FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.k = t.id)",
    "SELECT * FROM t WHERE (k, x) IN (SELECT u.k, u.x FROM u)",
    "SELECT * FROM t WHERE x > (SELECT min(u.x) FROM u WHERE u.k = t.id)",
)
TESTS = ("true", "t.x = 1", "u.x = 2", "t.x = u.x", "u.id IS NULL", "t.x = 1 OR u.x = 1", "u.x IS NULL AND t.x = 1")
slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], bool]:
    """What the entries of a table hold, and whether they are all of its rows."""
    entries = []
    for _ in range(draw(st.integers(0, 3))):
        held = draw(st.sets(st.sampled_from(["k", "x"]))) if draw(st.integers(0, 2)) == 0 else {"k", "x"}
        row = {"k": draw(st.sampled_from(KEYS)), "x": draw(st.sampled_from(NUMBERS))}
        entries.append({name: row[name] for name in sorted(held)})
    return entries, draw(st.booleans())


def fill(name: str, entries: list[dict[str, Any]], complete: bool, source: random.Random) -> None:
    CON.execute(f"DELETE FROM {name}")
    rows = [
        (
            f"p{n}",
            held["k"] if "k" in held else source.choice(KEYS),
            held["x"] if "x" in held else source.choice(NUMBERS),
        )
        for n, held in enumerate(entries, 1)
    ]
    if not complete:
        more = source.randint(0, 2)
        rows += [(f"more{n}", source.choice(KEYS), source.choice(NUMBERS)) for n in range(more)]
    if rows:
        CON.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", rows)


def check(statement: str, asked: dict[str, str], t: Any, u: Any, seed: int) -> None:
    source = random.Random(seed)
    world = {
        name: Table([Entry(f"p{n}", held) for n, held in enumerate(entries, 1)], complete=complete)
        for name, (entries, complete) in (("t", t), ("u", u))
    }
    found = verdicts(CON, statement, world)
    for _ in range(5):
        fill("t", *t, source)
        fill("u", *u, source)
        for name, query in asked.items():
            part = {key for (key,) in CON.execute(query).fetchall()}
            for number, truth in enumerate(found[name], 1):
                shown = (
                    statement,
                    name,
                    number,
                    t,
                    u,
                    CON.execute("FROM t").fetchall(),
                    CON.execute("FROM u").fetchall(),
                )
                if truth == "T":
                    assert f"p{number}" in part, shown
                if truth == "F":
                    assert f"p{number}" not in part, shown


@slow
@given(join=st.sampled_from(JOINS), test=st.sampled_from(TESTS), t=tables(), u=tables(), seed=st.integers(0, 2**16))
def test_rows_of_joins(join: Any, test: str, t: Any, u: Any, seed: int) -> None:
    statement, asked = join
    queries = asked if isinstance(asked, dict) else {"t": asked, "u": asked}
    check(statement.format(test), {name: query.format(test, name) for name, query in queries.items()}, t, u, seed)


@slow
@given(statement=st.sampled_from(SUBQUERIES), t=tables(), u=tables(), seed=st.integers(0, 2**16))
def test_rows_outside_of_subqueries(statement: str, t: Any, u: Any, seed: int) -> None:
    check(statement, {"t": statement.replace("*", "t.id", 1)}, t, u, seed)
