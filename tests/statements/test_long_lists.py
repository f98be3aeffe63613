"""Long lists of values: what a replay holds grows with the lists, and not with their product."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import Entry, Table, bind, connect, place, taken_apart

PEOPLE = Table([Entry(f"k{number}", {"a": number, "b": number}) for number in range(1, 21)])


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("SELECT * FROM t WHERE id IN ({texts})", 20),
        ("SELECT * FROM t WHERE a IN ({numbers}) AND b IN ({numbers})", 1),
        ("SELECT * FROM t JOIN u ON t.a = u.a WHERE t.id IN ({texts}) AND u.id IN ({texts})", 1),
    ],
)
def test_long_lists_are_replayed_in_little_memory(statement: str, asked: int) -> None:
    con = connect()
    con.execute("SET memory_limit = '1GB'")
    texts, numbers = ", ".join(f"'k{n}'" for n in range(1500)), ", ".join(map(str, range(1500)))
    shape, literals = taken_apart(con, statement.format(texts=texts, numbers=numbers))
    understood = understand(shape, "postgres")
    place(con, understood, {"t": PEOPLE, "u": PEOPLE})
    bind(con, understood, [(literals, [])] * asked)
    for use in understood.tables:
        assert use.replay is not None
        assert len(con.execute(use.replay).fetchall()) == 20 * asked
