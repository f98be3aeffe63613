"""Whatever an entry does not hold: a row that replays TRUE is read, one that replays FALSE is not."""

import os
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.statements.predicates_at_random import DOMAIN, by_members, conditions, rows
from tests.statements.replaying import Entry, Table, connect, fill, verdicts

CON = connect()
CON.execute("CREATE TABLE t (entry INTEGER, id VARCHAR, a INTEGER, b INTEGER, s VARCHAR, f BOOLEAN)")
FILLINGS = 12
CASES = int(os.environ.get("REPLAY_CASES", "40"))
slow = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))


def filled(held: dict[str, Any], source: random.Random) -> tuple[Any, ...]:
    return tuple(held[name] if name in held else source.choice(DOMAIN[name]) for name in DOMAIN)


@slow
@given(condition=conditions, held=st.lists(rows(), min_size=6, max_size=16), seed=st.integers(0, 2**16))
def test_verdicts_hold_for_every_filling(condition: str, held: list[dict[str, Any]], seed: int) -> None:
    source = random.Random(seed)
    table = Table([Entry(f"k{number}", row) for number, row in enumerate(held, 1)])
    found = verdicts(CON, f"SELECT * FROM t WHERE {condition}", {"t": table})["t"]
    CON.execute("DELETE FROM t")
    fill(CON, "t", [(n, f"k{n}", *filled(row, source)) for n, row in enumerate(held, 1) for _ in range(FILLINGS)])
    asked = by_members(condition)
    read = dict(CON.execute(f"SELECT entry, count(*) FROM t WHERE {asked} GROUP BY entry").fetchall())
    for number, truth in enumerate(found, 1):
        if truth == "T":
            assert read.get(number, 0) == FILLINGS, (condition, held[number - 1])
        if truth == "F":
            assert read.get(number, 0) == 0, (condition, held[number - 1])
