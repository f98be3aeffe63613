"""To the end of a walk in one statement.

A walk goes round by round, each some statements over tables of what is new. That costs least where much is new each
time. A job that overwrites what it has read makes a chain of its runs, with a round for each: then planning is all that
a round takes, and the engine's own recursion over the same steps needs a tenth of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lineage.store import Store

ROUNDS = 12  # before a walk runs ahead; most end sooner
_MADE = re.compile(r"\s*CREATE OR REPLACE TEMP TABLE (\w+) AS\s")
_COLUMNS = """
SELECT column_name FROM duckdb_columns() WHERE database_name = 'temp' AND table_name = $table ORDER BY column_index
"""
# The steps take for the frontier what the last round found, and for what was seen that and all that was found since.
_AHEAD = """
CREATE OR REPLACE TEMP TABLE ran_ahead AS
WITH RECURSIVE {frontier}({columns}) USING KEY ({key}) AS (
    FROM temp.main.{frontier}
    UNION
    SELECT * FROM (
        WITH {seen} AS (
            SELECT {known} FROM temp.main.{seen} UNION ALL SELECT {known} FROM recurring.{frontier}
        ), {steps}
        SELECT * FROM ({last})
    )
)
FROM {frontier}
"""


@dataclass(frozen=True)
class Frontier:
    """The table of what a round found. ``key``: its columns that tell its rows apart; of one key the last row counts.
    A round keeps out what the table ``seen`` has, of which it looks at the columns ``known``."""

    table: str
    key: str
    seen: str
    known: str


def walk_on(store: Store, frontier: Frontier, found: int, rounds: int, steps: Sequence[str]) -> int:
    """After each of the ``rounds`` of a walk, the last of which ``found`` so many rows: how many there are to go on
    with. Once there were ROUNDS, the frontier becomes all that is ever found from it on, itself included.

    ``steps`` make the tables of one round, the last one the frontier anew.
    """
    if not found or rounds != ROUNDS:
        return found
    *before, (_, last) = (_apart(step) for step in steps)
    columns = ", ".join(column for (column,) in store.rows(_COLUMNS, table=frontier.table))
    tables = ", ".join(f"{table} AS ({rows})" for table, rows in before)
    store.run(
        _AHEAD.format(
            frontier=frontier.table, columns=columns, key=frontier.key, seen=frontier.seen, known=frontier.known,
            steps=tables, last=last,
        )
    )  # fmt: skip
    return store.fill(f"CREATE OR REPLACE TEMP TABLE {frontier.table} AS FROM ran_ahead")


def _apart(step: str) -> tuple[str, str]:
    """The table that a step makes, and the SELECT of its rows."""
    made = _MADE.match(step)
    if made is None:
        raise ValueError(f"A step makes a table, which this does not: {step}")
    return made[1], step[made.end() :]
