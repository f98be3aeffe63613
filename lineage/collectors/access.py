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
CREATE OR REPLACE TEMP MACRO no_text(told) AS NOT coalesce(starts_with(told, '"'), true)
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

# Every member as JSON, so that its type can be seen by its first character; a null is as good as absent. One
# pass over the lines: what was told, its values, and the first thing that is wrong, as a sentence (or NULL).
_JUDGED = f"""
CREATE OR REPLACE TEMP TABLE judged AS
SELECT position, digest, start_at,
    CASE WHEN ended IS NULL THEN start_at + time_width(begun) ELSE end_at + time_width(ended) END AS end_at, zoned,
    principal->>'$' AS principal, operation, outcome, dataset IS NOT NULL AS has_dataset, namespace, name, fields, keys,
    statement, dialect->>'$' AS dialect, parameters, row_count, run_id->>'$' AS run_id, CASE
    WHEN time IS NULL THEN 'time is missing.'
    WHEN no_text(time) OR start_at IS NULL THEN 'time is no RFC 3339 time.'
    WHEN no_text(end_time) OR (ended IS NOT NULL AND end_at IS NULL) THEN 'end_time is no RFC 3339 time.'
    WHEN zoned <> time_zoned(ended) THEN 'Only one of time and end_time has an offset.'
    WHEN end_at + time_width(ended) < start_at THEN 'end_time is before time.'
    WHEN no_text(told_operation) OR NOT list_contains({OPERATIONS}, operation)
        THEN 'operation is none of {", ".join(OPERATIONS)}.'
    WHEN no_text(told_outcome) OR NOT list_contains({OUTCOMES}, outcome)
        THEN 'outcome is none of {", ".join(OUTCOMES)}.'
    WHEN NOT starts_with(dataset, '{{') THEN 'dataset is no object of namespace and name.'
    WHEN dataset IS NOT NULL AND (no_text(told_namespace) OR no_text(told_name) OR name = '')
        THEN 'dataset has no name, or one that is no text.'
    WHEN no_text(told_statement) THEN 'statement is no text.'
    WHEN dataset IS NULL AND statement IS NULL AND operation NOT IN ('admin', 'grant', 'login')
        THEN 'The event names neither a dataset nor a statement.'
    WHEN no_text(id) THEN 'id is no text.'
    WHEN no_text(principal) THEN 'principal is no text.'
    WHEN no_text(dialect) THEN 'dialect is no text.'
    WHEN no_text(client_ip) THEN 'client_ip is no text.'
    WHEN no_text(session_id) THEN 'session_id is no text.'
    WHEN no_text(run_id) THEN 'run_id is no text.'
    WHEN fields IS NOT NULL AND (NOT starts_with(fields, '[')
        OR NOT list_has_all(['VARCHAR'], json_type(fields, '$[*]'))) THEN 'fields is no list of texts.'
    WHEN keys IS NOT NULL AND (NOT starts_with(keys, '[')
        OR NOT list_has_all(['VARCHAR', 'UBIGINT', 'BIGINT', 'DOUBLE'], json_type(keys, '$[*]')))
        THEN 'keys is no list of texts or numbers.'
    WHEN parameters IS NOT NULL AND NOT starts_with(parameters, '[') AND NOT starts_with(parameters, '{{')
        THEN 'parameters is no list and no object.'
    WHEN row_count IS NOT NULL AND json_type(row_count) <> 'UBIGINT' THEN 'row_count is no whole number.'
END AS fault
FROM (
    SELECT *, time_at(begun) AS start_at, time_at(ended) AS end_at, time_zoned(begun) AS zoned
    FROM (
        SELECT position, digest, e.id, e.time, e.end_time, e.time->>'$' AS begun, e.end_time->>'$' AS ended,
            e.principal, e.operation AS told_operation, coalesce(e.operation->>'$', 'unknown') AS operation,
            e.outcome AS told_outcome, coalesce(e.outcome->>'$', 'unknown') AS outcome,
            e.dataset, e.dataset->'$.namespace' AS told_namespace, e.dataset->'$.name' AS told_name,
            coalesce(e.dataset->>'$.namespace', '') AS namespace, coalesce(e.dataset->>'$.name', '') AS name,
            e.fields, e.keys, e.statement AS told_statement, nullif(e.statement->>'$', '') AS statement,
            e.dialect, e.parameters, e.row_count, e.client_ip, e.session_id, e.run_id
        FROM (
            SELECT position, digest, from_json(text, '{{"id": "JSON", "time": "JSON", "end_time": "JSON",
                "principal": "JSON", "operation": "JSON", "outcome": "JSON", "dataset": "JSON", "fields": "JSON",
                "keys": "JSON", "statement": "JSON", "dialect": "JSON", "parameters": "JSON", "row_count": "JSON",
                "client_ip": "JSON", "session_id": "JSON", "run_id": "JSON"}}') AS e
            FROM line
        )
    )
)
"""

# An empty list of keys names no record, so it says no more than an absent one. The leading parts of the
# dataset's name say where the tables lie that a statement names.
_ACCESSES = """
INSERT INTO staged_access (position, start_at, end_at, zoned, principal, operation, outcome, dataset, context,
    fields, keys, statement, dialect, bound, run, row_count)
SELECT position, start_at, nullif(end_at, start_at), zoned,
    CASE WHEN principal <> '' THEN {'namespace': '', 'name': principal} END, operation,
    outcome, CASE WHEN has_dataset THEN {'namespace': namespace, 'name': name} END,
    CASE WHEN statement IS NOT NULL AND has_dataset THEN string_split(name, '.')[1:-2] END,
    json_extract_string(fields, '$[*]'), nullif(json_extract_string(keys, '$[*]'), []), statement,
    nullif(dialect, ''), CASE WHEN list_count(bound) = len(bound) THEN bound END,
    CASE WHEN run_id <> '' THEN {'namespace': '', 'name': run_id} END, (row_count->>'$')::BIGINT
FROM (
    SELECT *, CASE
        WHEN starts_with(parameters, '[') THEN list_transform(
            json_extract(parameters, '$[*]'), lambda v: bound_value(v))
        WHEN starts_with(parameters, '{') THEN list_transform(
            list_sort(map_entries(from_json(parameters, '"MAP(VARCHAR, JSON)"'))),
            lambda p: named_value(p.key, p.value))
    END AS bound
    FROM judged WHERE fault IS NULL
)
"""

COLLECTOR = Collector(
    name="access",
    title="Access events of one's own, as JSON",
    claims=_claims,
    frame=json_any,
    load=(*TIME_MACROS, *_MACROS, _JUDGED, *PLACED, _ACCESSES),
    example='{"time": "2026-03-24T11:02:03Z", "principal": "svc_northgate", "operation": "read",'
    ' "outcome": "success", "dataset": {"namespace": "postgres://people-db:5432",'
    ' "name": "people.public.contractors"}, "keys": ["C-0001"]}',
)
