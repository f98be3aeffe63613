"""Record entries: which record of which dataset is about whom, when it was there and what it held.

Further members (columns) are attributes: numbers, booleans, nulls, texts and, as {"t": "..."}, instants.
Lists, other objects, such instants without an offset and numbers that are not exact are not held, so that
a statement that asks for them is never replayed wrongly.
"""

from collections.abc import Iterator
from typing import BinaryIO

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.judging import PLACED
from lineage.collectors.keys import KEY_MACRO
from lineage.collectors.sniffing import csv_header, first_objects
from lineage.collectors.times import TIME_MACROS
from lineage.collectors.typed_csv import typed_records

_COLUMNS = ("dataset_namespace", "dataset_name", "key", "data_subject", "valid_from", "valid_to")
_TELLING = {"dataset_name", "key", "valid_from"}


def _claims(head: Head) -> bool:
    return csv_header(head) >= _TELLING or any(
        {"dataset_namespace", "dataset_name"} <= set(found) for found in first_objects(head)
    )


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    if csv_header(head) and not first_objects(head):
        return typed_records(stream, head, frozenset(_COLUMNS))
    return json_any(stream, head)


_MACROS = (
    """
CREATE OR REPLACE TEMP MACRO no_name(told) AS coalesce(json_type(told) <> 'VARCHAR' OR told->>'$' = '', true)
""",
    # What of a member can be replayed, as JSON; NULL for what is not held.
    r"""
CREATE OR REPLACE TEMP MACRO attribute(told) AS CASE coalesce(json_type(told), 'NULL')
    WHEN 'NULL' THEN 'null'
    WHEN 'ARRAY' THEN NULL
    WHEN 'OBJECT' THEN CASE WHEN json_keys(told) = ['t'] AND time_zoned(told->>'$.t')
        THEN '{"t":"' || strftime(make_timestamp(time_at(told->>'$.t')), '%Y-%m-%dT%H:%M:%S.%fZ') || '"}' END
    WHEN 'DOUBLE' THEN CASE WHEN length(regexp_replace(told::VARCHAR, '\D', '', 'g')) <= 16
        THEN told::VARCHAR END
    ELSE told::VARCHAR
END
""",
)
_READ = f"""
CREATE OR REPLACE TEMP TABLE entry_read AS
SELECT position, digest, told, told['dataset_namespace'] AS namespace, told['dataset_name'] AS name,
    told['key'] AS key, told['data_subject'] AS data_subject,
    told['valid_from'] AS valid_from, told['valid_from']->>'$' AS begun,
    told['valid_to'] AS valid_to, told['valid_to']->>'$' AS ended,
    list_filter(
        list_transform(list_sort(map_entries(told)), lambda e: {{'name': e.key, 'value': attribute(e.value)}}),
        lambda e: e.value IS NOT NULL AND NOT list_contains({list(_COLUMNS)}, e.name)) AS held
FROM (
    SELECT position, digest,
        CASE WHEN json_type(text) = 'OBJECT' THEN from_json(text, '"MAP(VARCHAR, JSON)"') END AS told
    FROM line
)
"""

# The first thing that is wrong, as a sentence; NULL where all is well. Without valid_from nothing could be
# said for certain about the record, and with a guess something wrong.
_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, CASE
    WHEN told IS NULL THEN 'This is no JSON object, or one that names a member twice.'
    WHEN no_name(namespace) THEN 'dataset_namespace is missing or no text.'
    WHEN no_name(name) THEN 'dataset_name is missing or no text.'
    WHEN coalesce(key_text(key), '') = '' THEN 'key is missing, or neither text nor an exact number.'
    WHEN data_subject IS NOT NULL AND coalesce(key_text(data_subject), '') = ''
        THEN 'data_subject is neither text nor an exact number.'
    WHEN valid_from IS NULL THEN 'valid_from is missing.'
    WHEN json_type(valid_from) <> 'VARCHAR' OR time_at(begun) IS NULL THEN 'valid_from is no RFC 3339 time.'
    WHEN valid_to IS NOT NULL AND (json_type(valid_to) <> 'VARCHAR' OR time_at(ended) IS NULL)
        THEN 'valid_to is no RFC 3339 time.'
    WHEN time_zoned(begun) <> time_zoned(ended) THEN 'Only one of valid_from and valid_to has an offset.'
    WHEN time_at(ended) < time_at(begun) THEN 'valid_to is before valid_from.'
END AS fault
FROM entry_read
"""
_ENTRIES = """
INSERT INTO staged_entry (position, dataset, key, data_subject, valid_from, valid_to, zoned, attributes)
SELECT position, {'namespace': namespace->>'$', 'name': name->>'$'}, key_text(key),
    CASE WHEN data_subject IS NOT NULL THEN {'namespace': '', 'name': key_text(data_subject)} END,
    time_at(begun), time_at(ended), time_zoned(begun),
    '{' || array_to_string(list_transform(held, lambda e: to_json(e.name)::VARCHAR || ':' || e.value), ',')
        || '}'
FROM judged WHERE fault IS NULL
"""

COLLECTOR = Collector(
    name="records",
    title="Record entries, as CSV or JSON",
    claims=_claims,
    frame=_frame,
    load=(*TIME_MACROS, KEY_MACRO, *_MACROS, _READ, _JUDGED, *PLACED, _ENTRIES),
    example="dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,country\n"
    "postgres://people-db:5432,people.public.contractors,C-0001,C-0001,2026-01-05T08:00:00Z,,KE",
)
