"""Touches: what the facts and the catalog together say was read and written, by whom, when.

Everything here is derived: `settle` throws it away and builds it anew, so that it depends on the set of
facts alone. Questions read these tables and no others.
"""

from lineage.catalog import TABLES
from lineage.store import Store, is_settled, keep_settled
from lineage.touches import (
    accesses,
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
from lineage.touches.replays import replay_statements

__all__ = ["settle"]

EMPTY_CATALOG = '{"version": 1}'
CATALOG = "SELECT body FROM document WHERE kind = 'catalog' ORDER BY id::BIGINT DESC LIMIT 1"
# The field '*' is all of them: an edge that names none, and from a view to its bases, where no column lineage is known.
# Logs, lineage and catalogs write the names of fields in the case that they like. What is said of an output holds under
# the name that it has there.
COLUMN_FLOW = """
CREATE OR REPLACE TABLE column_flow AS
WITH edge AS (
    SELECT DISTINCT o.run_id, d.dataset_id AS told_id, coalesce(lower(c.field), '*') AS field,
           b.dataset_id AS source_id, coalesce(lower(c.source_field), '*') AS source_field
    FROM column_edge c JOIN run_of o ON o.name_id = c.run
    JOIN dataset_of d ON d.name_id = c.dataset
    LEFT JOIN dataset_of s ON s.name_id = c.source_dataset LEFT JOIN dataset_name b ON b.told_id = s.dataset_id
    WHERE c.carries
)
FROM edge
UNION SELECT e.run_id, e.told_id, e.field, v.base_id, '*' FROM edge e JOIN view_base v ON v.view_id = e.source_id
ORDER BY ALL;
CREATE OR REPLACE TABLE column_told AS
SELECT DISTINCT o.run_id, d.dataset_id AS told_id
FROM column_edge c JOIN run_of o ON o.name_id = c.run JOIN dataset_of d ON d.name_id = c.dataset;
CREATE OR REPLACE TABLE run_name AS SELECT run_id, id, name_id FROM run_of ORDER BY run_id;
"""


def settle(store: Store) -> None:
    """Derive names, runs, reads, writes, barriers, records and replays from the facts, all or nothing."""
    if is_settled(store):
        return
    store.plan()
    with store.transaction():
        _derive(store)
        keep_settled(store)


def _derive(store: Store) -> None:
    # Tables lie in the order of their ORDER BY. The engine is not told to keep the order of other rows: where it does,
    # DuckDB 2.0 loses what a second INSERT of one transaction brings (a row group or more) after one of no rows.
    catalog = store.rows(CATALOG)
    store.script(TABLES, catalog=catalog[0][0] if catalog else EMPTY_CATALOG)
    store.script((runs.INSTANT, runs.EARLIEST))
    name_everything(store)
    parted = store.any(*parts.ANY)
    for script in (
        *(run_sql.PLACED, renames.RENAMED, views.VIEWS, views.SHOWN),
        *((parts.TOLD, parts.PARTS) if parted else (parts.NONE,)),
        part_uses.IDLE,
        *(runs.EVENTS, runs.RUN_JOBS),
        *(accesses.PLACED, runs.RUNS, runs.PARENTS, accesses.ODD),
    ):
        store.connection.execute(script)
    if store.any("odd_access", sessions.OPEN):
        for script in (sessions.ROWS, sessions.SAID_BEFORE, sessions.ENDED):
            store.connection.execute(script)
    for script in (
        *(accesses.ACTS, accesses.ATTEMPTS, accesses.SAID, accesses.TOLD_USES),
        *((part_uses.USES,) if parted else ()),
        *(transactions.MISLED, accesses.USES),
        *(accesses.USES_BY_DATASET, accesses.STATEMENT_RUNS),
        *(reading.RUN_PARTS, run_sql.SAYS, reading.READS, reading.CHANGED, renames.CHANGED),
        *((part_uses.RUN_READS, part_uses.CHANGED) if parted else ()),
        *(reading.CARRIED, reading.WRITES),
        *((part_uses.RUN_WRITES,) if parted else ()),
        *(reading.STATED_OUTPUTS, COLUMN_FLOW, reading.KEEP_READS, reading.KEEP_WRITES, reading.STATED_FLOW),
        *(records.SUBJECTS, records.ENTRIES, accesses.KEYS, records.SNAPSHOTS, watching.HELD, watching.WATCH),
        watching.CAVEATS,
    ):
        store.connection.execute(script)
    replay_statements(store)
