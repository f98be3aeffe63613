"""Sources: which of the catalog's each input belongs to, and with it each fact."""

from lineage.store import Store
from lineage.touches.globs import matches

# The source of a fact is the first of those that the inputs belong to in which its event was seen: that of its
# own input, unless it was seen again (few are) in an input of an earlier one.
SOURCES = """
CREATE OR REPLACE TABLE source AS
SELECT no AS source_no, id, collector, max_silence, observes FROM catalog_source ORDER BY no;
CREATE OR REPLACE TEMP TABLE first_source AS
SELECT i.input_id, min(s.source_no) AS source_no FROM input i LEFT JOIN input_source s USING (input_id)
GROUP BY i.input_id;
CREATE OR REPLACE TEMP TABLE seen_earlier AS
SELECT g.event_id, min(f.source_no) AS source_no
FROM sighting g JOIN first_source f USING (input_id)
WHERE f.source_no < (SELECT max(coalesce(source_no, 9223372036854775807)) FROM first_source)
GROUP BY g.event_id;
"""
SOURCED_TABLES = ("access", "transaction_turn", "run_event", "dataset_change", "entry", "snapshot")
# Facts with their source (`source_no`) and what it says of times and names.
SOURCED = """
CREATE OR REPLACE TEMP VIEW sourced_{table} AS
SELECT t.*, c.no AS source_no, c.timezone, c.namespace AS source_namespace
FROM {table} t JOIN first_source f USING (input_id) LEFT JOIN seen_earlier e USING (event_id)
LEFT JOIN catalog_source c ON c.no = least(f.source_no, e.source_no)
"""


def find_sources(store: Store) -> None:
    """Fill `source` and `input_source`, and show facts with the source that is theirs as `sourced_…`.

    An input belongs to the source told, else to those whose collector and files fit.
    """
    sources = store.rows("SELECT no, id, collector, files FROM catalog_source ORDER BY no")
    given = store.rows(
        "SELECT n.input_id, n.path, n.source, i.collector FROM input_name n JOIN input i USING (input_id)"
    )
    pairs = [
        (input_id, no)
        for input_id, path, told, collector in given
        for no, source, reads, files in sources
        if (told == source if told else reads == collector and matches(files, path))
    ]
    store.load(
        "input_source",
        {"input_id": [pair[0] for pair in pairs], "source_no": [pair[1] for pair in pairs]},
        {"input_id": "BIGINT", "source_no": "BIGINT"},
    )
    store.script((SOURCES, *(SOURCED.format(table=table) for table in SOURCED_TABLES)))
