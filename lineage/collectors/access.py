"""Access events of one's own: what a system without a collector writes, one JSON object each.

Absent (or null) means unknown. ``parameters`` is a list of the values of ``$1``, ``$2`` …, or an object whose
keys are the names of parameters. Session, client and id are checked and not kept.
"""

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Collector, Head
from lineage.collectors.judging import PLACED
from lineage.collectors.sniffing import first_objects
from lineage.collectors.times import TIME_MACROS

OPERATIONS = ["read", "list", "export", "create", "update", "delete", "grant", "admin", "login", "unknown"]
OUTCOMES = ["success", "denied", "error", "unknown"]
_KEYS = {
    *(
        "id",
        "time",
        "end_time",
        "principal",
        "operation",
        "outcome",
        "dataset",
        "fields",
        "keys",
        "statement",
    ),
    *("dialect", "parameters", "row_count", "client_ip", "session_id", "run_id"),
}
_TELLING = {"principal", "operation", "outcome", "dataset", "statement", "keys", "run_id"}


def _claims(head: Head) -> bool:
    found = first_objects(head)
    if found and all(None in event.values() and set(event) <= _KEYS for event in found):
        return head.name.rpartition("/")[2].startswith("access")  # broken lines, and nothing else to go by
    return any(
        "time" in event
        and len(_TELLING & set(event)) >= 2
        and isinstance(event.get("dataset", {}), dict)
        and not isinstance(event.get("time"), int | float)
        and len(_KEYS & set(event)) * 2 > len(event)
        for event in found
    )


_MACROS = (
    """
CREATE OR REPLACE TEMP MACRO no_text(told) AS coalesce(json_type(told) NOT IN ('VARCHAR', 'NULL'), false)
""",
    # A parameter's value, tagged by its kind; NULL for what cannot be told without loss.
    r"""
CREATE OR REPLACE TEMP MACRO bound_value(told) AS CASE json_type(told)
    WHEN 'VARCHAR' THEN json_object('s', told->>'$')
    WHEN 'BOOLEAN' THEN json_object('b', told)
    WHEN 'NULL' THEN json_object('z', true)
    WHEN 'UBIGINT' THEN json_object('n', told::VARCHAR)
    WHEN 'BIGINT' THEN json_object('n', told::VARCHAR)
    WHEN 'DOUBLE' THEN CASE WHEN length(regexp_replace(told::VARCHAR, '\D', '', 'g')) <= 16
        THEN json_object('n', told::VARCHAR) END
END::VARCHAR
""",
    """
CREATE OR REPLACE TEMP MACRO named_value(name, told) AS
    '{"name":' || to_json(name) || ',"value":' || bound_value(coalesce(told, 'null'::JSON)) || '}'
""",
)

# Every member as JSON, so that its type can be looked at; a null is as good as absent.
_READ = """
CREATE OR REPLACE TEMP TABLE access_read AS
SELECT position, digest, e.*, e.dataset->'$.namespace' AS namespace, e.dataset->'$.name' AS name,
    e.time->>'$' AS begun, e.end_time->>'$' AS ended,
    CASE json_type(e.parameters)
        WHEN 'ARRAY' THEN list_transform(json_extract(e.parameters, '$[*]'), lambda v: bound_value(v))
        WHEN 'OBJECT' THEN list_transform(
            list_sort(map_entries(from_json(e.parameters, '"MAP(VARCHAR, JSON)"'))),
            lambda p: named_value(p.key, p.value))
    END AS bound
FROM (
    SELECT position, digest, from_json(text, '{"id": "JSON", "time": "JSON", "end_time": "JSON",
        "principal": "JSON", "operation": "JSON", "outcome": "JSON", "dataset": "JSON", "fields": "JSON",
        "keys": "JSON", "statement": "JSON", "dialect": "JSON", "parameters": "JSON", "row_count": "JSON",
        "client_ip": "JSON", "session_id": "JSON", "run_id": "JSON"}') AS e
    FROM line
)
"""

# The first thing that is wrong, as a sentence; NULL where all is well.
_JUDGED = f"""
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, CASE
    WHEN time IS NULL THEN 'time is missing.'
    WHEN no_text(time) OR time_at(begun) IS NULL THEN 'time is no RFC 3339 time.'
    WHEN no_text(end_time) OR (ended IS NOT NULL AND time_at(ended) IS NULL)
        THEN 'end_time is no RFC 3339 time.'
    WHEN time_zoned(begun) <> time_zoned(ended) THEN 'Only one of time and end_time has an offset.'
    WHEN time_at(ended) + time_width(ended) < time_at(begun) THEN 'end_time is before time.'
    WHEN no_text(operation) OR NOT list_contains({OPERATIONS}, coalesce(operation->>'$', 'unknown'))
        THEN 'operation is none of {", ".join(OPERATIONS)}.'
    WHEN no_text(outcome) OR NOT list_contains({OUTCOMES}, coalesce(outcome->>'$', 'unknown'))
        THEN 'outcome is none of {", ".join(OUTCOMES)}.'
    WHEN json_type(dataset) <> 'OBJECT' THEN 'dataset is no object of namespace and name.'
    WHEN dataset IS NOT NULL AND (no_text(namespace) OR no_text(name) OR coalesce(name->>'$', '') = '')
        THEN 'dataset has no name, or one that is no text.'
    WHEN no_text(statement) THEN 'statement is no text.'
    WHEN dataset IS NULL AND coalesce(statement->>'$', '') = ''
        AND NOT list_contains(['admin', 'grant', 'login'], coalesce(operation->>'$', 'unknown'))
        THEN 'The event names neither a dataset nor a statement.'
    WHEN no_text(id) THEN 'id is no text.'
    WHEN no_text(principal) THEN 'principal is no text.'
    WHEN no_text(dialect) THEN 'dialect is no text.'
    WHEN no_text(client_ip) THEN 'client_ip is no text.'
    WHEN no_text(session_id) THEN 'session_id is no text.'
    WHEN no_text(run_id) THEN 'run_id is no text.'
    WHEN json_type(fields) <> 'ARRAY' OR NOT list_has_all(['VARCHAR'], json_type(fields, '$[*]'))
        THEN 'fields is no list of texts.'
    WHEN json_type(keys) <> 'ARRAY'
        OR NOT list_has_all(['VARCHAR', 'UBIGINT', 'BIGINT', 'DOUBLE'], json_type(keys, '$[*]'))
        THEN 'keys is no list of texts or numbers.'
    WHEN json_type(parameters) NOT IN ('ARRAY', 'OBJECT') THEN 'parameters is no list and no object.'
    WHEN json_type(row_count) <> 'UBIGINT' THEN 'row_count is no whole number.'
END AS fault
FROM access_read
"""

# An empty list of keys names no record, so it says no more than an absent one.
_ACCESSES = """
INSERT INTO staged_access (position, start_at, end_at, zoned, principal, operation, outcome, dataset, context,
    fields, keys, statement, dialect, bound, run, row_count)
SELECT position, time_at(begun),
    coalesce(time_at(ended) + time_width(ended), time_at(begun) + time_width(begun)), time_zoned(begun),
    CASE WHEN principal->>'$' <> '' THEN {'namespace': '', 'name': principal->>'$'} END,
    coalesce(operation->>'$', 'unknown'), coalesce(outcome->>'$', 'unknown'),
    CASE WHEN dataset IS NOT NULL THEN {'namespace': coalesce(namespace->>'$', ''), 'name': name->>'$'} END,
    string_split(name->>'$', '.')[1:-2],
    json_extract_string(fields, '$[*]'),
    CASE WHEN len(json_extract(keys, '$[*]')) > 0 THEN json_extract_string(keys, '$[*]') END,
    nullif(statement->>'$', ''), nullif(dialect->>'$', ''),
    CASE WHEN list_count(bound) = len(bound) THEN bound END,
    CASE WHEN run_id->>'$' <> '' THEN {'namespace': '', 'name': run_id->>'$'} END,
    (row_count->>'$')::BIGINT
FROM judged WHERE fault IS NULL
"""

COLLECTOR = Collector(
    name="access",
    title="Access events of one's own, as JSON",
    claims=_claims,
    frame=json_any,
    load=(*TIME_MACROS, *_MACROS, _READ, _JUDGED, *PLACED, _ACCESSES),
    example='{"time": "2026-03-24T11:02:03Z", "principal": "svc_northgate", "operation": "read",'
    ' "outcome": "success", "dataset": {"namespace": "postgres://people-db:5432",'
    ' "name": "people.public.contractors"}, "keys": ["C-0001"]}',
)
