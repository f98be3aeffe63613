"""Touches: what the facts and the catalog together say was read and written, by whom, when.

Everything here is derived: `settle` throws it away and builds it anew, so that it depends on the set of
facts alone. Questions read these tables, and of the facts only which events told a thing and what those said.

    operations, numbering, instants  words, numbers and times, for the SQL of the others
    sources, globs                   which source of the catalog each fact is of
    naming                           what is called how: principals, jobs, runs, datasets
    places                           which tables statements mean by the names that they use
    views, renames                   which datasets show others, and which follow them under another name
    parts, part_uses                 which datasets are parts of others, and what that says of uses
    transactions, sessions           what the other rows of a log say of an access: taken back, failed, its text
    first_views                      which accesses saw what was there when their transaction began
    accesses, mentions               what accesses used; what a call may have used that nobody told
    runs, run_sql                    when runs were, of which jobs; what SQL in their facets says
    reading, columns                 reads, writes and barriers; which field came from which
    records, replays                 record entries; for which of them a statement is TRUE
    own_writes, own_needs,           what a transaction wrote before it read: which reads saw that, how these are to be
    own_entries, own_replays         looked at, the entries as it left them, and for which of those they are TRUE
    watching                         what sources said, when they were silent, what every answer says about itself

`_derive` is the order of it all.
"""

from collections.abc import Iterator
from typing import Protocol

from lineage.catalog import TABLES
from lineage.store import Store, is_settled, keep_settled
from lineage.touches import (
    accesses,
    columns,
    first_views,
    instants,
    mentions,
    part_uses,
    parts,
    reading,
    records,
    renames,
    run_sql,
    runs,
    sessions,
    transactions,
    views,
    watching,
)
from lineage.touches.naming import name_everything
from lineage.touches.own_replays import replay_own_reads
from lineage.touches.own_writes import find_own_writes
from lineage.touches.replays import replay_statements
from lineage.touches.sources import find_sources

__all__ = ["Tick", "not_told", "settle"]

EMPTY_CATALOG = '{"version": 1}'
CATALOG = "SELECT body FROM document WHERE kind = 'catalog' ORDER BY id::BIGINT DESC LIMIT 1"

UP_TO_DATE = "bringing the store up to date"
# What each step of `_derive` takes of the time, roughly: the mean of a store of accesses and of one of statements.
SHARES = (1, 6, 6, 9, 5, 32, 3, 22, 12)


class Tick(Protocol):
    """Is told how far work is: on what, how much of how much is done (bytes, or steps), and the lines so far."""

    def __call__(self, what: str, done: int, whole: int, lines: int = 0) -> None: ...


def not_told(what: str, done: int, whole: int, lines: int = 0) -> None:
    """Where nobody wants to know."""


def settle(store: Store, tick: Tick = not_told) -> None:
    """Derive names, runs, reads, writes, barriers, records and replays from the facts, all or nothing."""
    if is_settled(store):
        return
    store.plan()
    with store.transaction():
        for done, _ in enumerate(_derive(store), 1):
            tick(UP_TO_DATE, sum(SHARES[:done]), sum(SHARES))
        keep_settled(store)


def _derive(store: Store) -> Iterator[None]:
    """Yields after each step; SHARES says how long each takes."""
    # Tables lie in the order of their ORDER BY. The engine is not told to keep the order of other rows: where it does,
    # DuckDB 2.0 loses what a second INSERT of one transaction brings (a row group or more) after one of no rows.
    catalog = store.rows(CATALOG)
    store.script(TABLES, catalog=catalog[0][0] if catalog else EMPTY_CATALOG)
    store.script(instants.MACROS)
    find_sources(store)
    yield
    store.run(transactions.UNDONE)
    name_everything(store)
    parted = store.any("template_table", parts.TELLING)
    store.script((run_sql.PLACED, *renames.RENAMED, *views.VIEWS, views.SHOWN))
    store.script(parts.PARTS if parted else (parts.NONE,))
    yield
    store.script((part_uses.IDLE, runs.EVENTS, runs.RUN_JOBS, accesses.PLACED, runs.PARENTS, runs.QUERIES))
    store.script((runs.RUNS, accesses.ODD))
    yield
    if store.any("odd_access", sessions.OPEN):
        store.script((sessions.ROWS, sessions.SAID_BEFORE, sessions.ENDED))
    keeping = store.any("sourced_transaction_turn", first_views.TOLD)
    store.run(first_views.SINCE if keeping else first_views.NONE)
    store.script((accesses.ACTS, accesses.ATTEMPTS, accesses.DEFINING, watching.UNSEEN))
    yield
    store.script((accesses.SAID, mentions.MENTIONED, accesses.REMAKING, accesses.TOLD_USES, accesses.REMADE))
    if parted:
        store.run(part_uses.USES)
    yield
    store.script((transactions.MISLED, accesses.USES))
    own = find_own_writes(store)
    store.script((accesses.USES_BY_DATASET, accesses.STATEMENT_RUNS))
    yield
    store.script(
        (reading.RUN_PARTS, run_sql.SAYS, run_sql.MEANT, run_sql.READS, reading.READS, reading.CHANGED, renames.CHANGED)
    )
    if parted:
        store.script((part_uses.RUN_READS, part_uses.CHANGED))
    store.script((reading.CARRIED, reading.WRITES))
    if parted:
        store.run(part_uses.RUN_WRITES)
    yield
    store.script((reading.STATED_OUTPUTS, columns.FLOW, reading.KEEP_READS, reading.KEEP_WRITES, reading.STATED_FLOW))
    store.script((records.SUBJECTS, records.ENTRIES, accesses.KEYS, records.SNAPSHOTS))
    store.script((watching.HELD, watching.WATCH, watching.CAVEATS))
    yield
    replays = replay_statements(store)
    if own:
        replay_own_reads(store, replays)
    yield
