"""Access events of one's own: what a system without a collector writes, one JSON object each.

Absent (or null) means unknown. ``parameters`` is a list of the values of ``$1``, ``$2`` …, or an object whose
keys are the names of parameters. Session, client and id are checked and not kept.
"""

from lineage.collectors.framing import json_any
from lineage.collectors.interface import Collector, Head
from lineage.collectors.keys import KEY_MACRO
from lineage.collectors.sniffing import first_objects
from lineage.collectors.times import TIME_MACROS

OPERATIONS = ("read", "list", "export", "create", "update", "delete", "grant", "admin", "login", "unknown")
OUTCOMES = ("success", "denied", "error", "unknown")
_KEYS = {
    "id", "time", "end_time", "principal", "operation", "outcome", "dataset", "fields", "keys", "statement", "dialect",
    "parameters", "row_count", "client_ip", "session_id", "run_id",
}  # fmt: skip
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
CREATE OR REPLACE TEMP MACRO no_text(kind) AS kind <> 'VARCHAR' AND kind <> 'NULL'
""",
    """
CREATE OR REPLACE TEMP MACRO is_quoted(json) AS coalesce(starts_with(json, '"'), true)
""",
    # Whether what was read as a text may have been told as something else, since numbers, truth values, lists and
    # objects are read as texts too: by how it begins. (AND would work out both of its sides for every row.)
    r"""
CREATE OR REPLACE TEMP MACRO may_be_no_text(told) AS CASE
    WHEN told >= 'A' AND told < '[' OR told >= '\' AND told < '{'
        THEN CASE WHEN strlen(told) > 8 THEN false ELSE lower(told) IN ('true', 'false', 'nan', 'inf', 'infinity') END
    WHEN told >= '-' AND told < ':' THEN regexp_full_match(told, '-.*|\d+(\.\d+)?([eE][-+]?\d+)?')
    ELSE coalesce(told >= '[' AND told < '\' OR told >= '{' AND told < '|', false)
END
""",
    # The same of a key, which may be a whole number: one of so many digits reads the same either way.
    r"""
CREATE OR REPLACE TEMP MACRO may_be_no_key(told) AS CASE
    WHEN told IS NULL THEN true
    WHEN told >= '0' AND told < ':' THEN regexp_full_match(told, '\d{19,}|\d+\.\d+([eE][-+]?\d+)?|\d+[eE][-+]?\d+')
    ELSE may_be_no_text(told)
END
""",
    # Whether what is told is a list that holds nothing but the given types.
    """
CREATE OR REPLACE TEMP MACRO list_of(kind, kinds, allowed) AS
CASE WHEN kind = 'ARRAY' THEN list_has_all(allowed, kinds) ELSE kind = 'NULL' END
""",
    # A parameter's value, tagged by its kind, a list as PostgreSQL writes arrays; NULL for what cannot be told without
    # loss.
    r"""
CREATE OR REPLACE TEMP MACRO bound_value(told) AS CASE json_type(told)
    WHEN 'VARCHAR' THEN json_object('s', told->>'$')
    WHEN 'BOOLEAN' THEN json_object('b', told)
    WHEN 'NULL' THEN json_object('z', true)
    WHEN 'UBIGINT' THEN json_object('n', told::VARCHAR)
    WHEN 'BIGINT' THEN json_object('n', told::VARCHAR)
    WHEN 'DOUBLE' THEN CASE WHEN length(regexp_replace(told::VARCHAR, '\D', '', 'g')) <= 16
        THEN json_object('n', told::VARCHAR) END
    WHEN 'ARRAY' THEN CASE WHEN list_has_all(['VARCHAR', 'UBIGINT', 'BIGINT'], json_type(told, '$[*]'))
            AND NOT regexp_matches(array_to_string(json_extract_string(told, '$[*]'), ''), '["\\]')
        THEN json_object('a', '{' || array_to_string(list_transform(json_extract(told, '$[*]'), lambda v:
            CASE json_type(v) WHEN 'VARCHAR' THEN '"' || (v->>'$') || '"' ELSE v::VARCHAR END), ',') || '}') END
END::VARCHAR
""",
    """
CREATE OR REPLACE TEMP MACRO named_value(name, told) AS
    '{"name":' || to_json(name) || ',"value":' || bound_value(coalesce(told, 'null'::JSON)) || '}'
""",
    # Keys of which one is not exact are not known: it may be any record's.
    """
CREATE OR REPLACE TEMP MACRO exact_keys(told) AS
CASE WHEN list_count(list_transform(told, lambda key: key_text(key))) = len(told)
     THEN list_transform(told, lambda key: key_text(key)) END
""",
    """
CREATE OR REPLACE TEMP MACRO bound_values(parameters) AS CASE
    WHEN starts_with(parameters, '[') THEN list_transform(json_extract(parameters, '$[*]'), lambda v: bound_value(v))
    WHEN starts_with(parameters, '{') THEN list_transform(
        list_sort(map_entries(from_json(parameters, '"MAP(VARCHAR, JSON)"'))), lambda p: named_value(p.key, p.value))
END
""",
)

# What stays JSON tells its type itself. Of `fields` mostly there is none, and then nothing more need be looked at.
_SHAPE = (
    '{"time": "VARCHAR", "end_time": "VARCHAR", "principal": "VARCHAR", "operation": "VARCHAR", "outcome": "VARCHAR",'
    ' "dataset": {"namespace": "VARCHAR", "name": "VARCHAR"}, "fields": "JSON", "keys": ["VARCHAR"],'
    ' "statement": "VARCHAR", "dialect": "VARCHAR", "parameters": "JSON", "row_count": "JSON", "run_id": "VARCHAR",'
    ' "id": "JSON", "client_ip": "JSON", "session_id": "JSON"}'
)
# What is as most events are, by what its members read as: nothing in it can be of a wrong type. (_LEFT: not kept.)
_NAMED = ("principal", "statement", "dialect", "run_id", "dataset.namespace", "dataset.name")
_LEFT = ("id", "client_ip", "session_id")
_GOOD = f"""
    start_at IS NOT NULL AND ended IS NULL AND e.parameters IS NULL AND e.dataset.name <> ''
    AND operation IN {OPERATIONS} AND outcome IN {OUTCOMES}
    AND {" AND ".join(f"is_quoted(e.{name})" for name in _LEFT)}
    AND CASE WHEN e.row_count IS NULL THEN true ELSE regexp_full_match(e.row_count, '\\d{{1,18}}') END
    AND NOT ({" OR ".join(f"may_be_no_text(e.{name})" for name in _NAMED)})
    AND CASE WHEN e.keys IS NULL THEN NOT contains(text, '"keys"') AND NOT contains(text, '\\')
             ELSE len(list_filter(e.keys, lambda key: may_be_no_key(key))) = 0 END
    AND CASE WHEN e.fields IS NULL THEN true ELSE regexp_full_match(e.fields, '\\[("[^"\\\\]*",?)*\\]') END
"""
# Of others it must be seen what each member is.
_TYPED = (*_NAMED, *_LEFT, "time", "end_time", "operation", "outcome", "dataset", "fields", "keys", "parameters",
          "row_count")  # fmt: skip
_PATHS = "[" + ", ".join(f"'$.{path}'" for path in _TYPED) + "]"
_TYPES = ", ".join(f"types[{n}] AS is_{path.replace('.', '_')}" for n, path in enumerate(_TYPED, 1))
# The first thing that is wrong with an event, as a sentence; NULL where nothing is.
_FAULT = f"""CASE
    WHEN is_good THEN NULL
    WHEN begun IS NULL THEN 'time is missing.'
    WHEN no_text(is_time) OR start_at IS NULL THEN 'time is no RFC 3339 time.'
    WHEN no_text(is_end_time) OR (ended IS NOT NULL AND end_at IS NULL) THEN 'end_time is no RFC 3339 time.'
    WHEN zoned <> time_zoned(ended) THEN 'Only one of time and end_time has an offset.'
    WHEN end_at + time_width(ended) < start_at THEN 'end_time is before time.'
    WHEN no_text(is_operation) OR operation NOT IN {OPERATIONS}
        THEN 'operation is none of {", ".join(OPERATIONS)}.'
    WHEN no_text(is_outcome) OR outcome NOT IN {OUTCOMES}
        THEN 'outcome is none of {", ".join(OUTCOMES)}.'
    WHEN is_dataset NOT IN ('OBJECT', 'NULL') THEN 'dataset is no object of namespace and name.'
    WHEN is_dataset = 'OBJECT' AND (no_text(is_dataset_namespace) OR is_dataset_name <> 'VARCHAR'
                                  OR coalesce(e.dataset.name, '') = '')
        THEN 'dataset has no name, or one that is no text.'
    WHEN no_text(is_statement) THEN 'statement is no text.'
    WHEN e.dataset IS NULL AND statement IS NULL AND operation NOT IN ('admin', 'grant', 'login')
        THEN 'The event names neither a dataset nor a statement.'
    WHEN no_text(is_id) THEN 'id is no text.'
    WHEN no_text(is_principal) THEN 'principal is no text.'
    WHEN no_text(is_dialect) THEN 'dialect is no text.'
    WHEN no_text(is_client_ip) THEN 'client_ip is no text.'
    WHEN no_text(is_session_id) THEN 'session_id is no text.'
    WHEN no_text(is_run_id) THEN 'run_id is no text.'
    WHEN NOT list_of(is_fields, json_type(text, '$.fields[*]'), ['VARCHAR'])
        THEN 'fields is no list of texts.'
    WHEN NOT list_of(is_keys, json_type(text, '$.keys[*]'), ['VARCHAR', 'UBIGINT', 'BIGINT', 'DOUBLE'])
        THEN 'keys is no list of texts or numbers.'
    WHEN is_parameters NOT IN ('ARRAY', 'OBJECT', 'NULL') THEN 'parameters is no list and no object.'
    WHEN is_row_count <> 'NULL' AND NOT (is_row_count IN ('UBIGINT', 'DOUBLE')
                                         AND regexp_full_match(e.row_count, '\\d{{1,18}}|\\d{{1,16}}\\.0'))
        THEN 'row_count is no whole number.'
END"""
# One pass over the lines: what was told, and what is wrong with it. Straight into the staged table (which for a
# while has more columns), since a copy takes as long as reading the JSON does.
#   An empty list of keys names no record, so it says no more than an absent one; nor do fields of which one is '*'. The
# leading parts of the dataset's name say where the tables lie that a statement names.
_JUDGED = f"""
CREATE OR REPLACE TEMP TABLE staged_plain_access AS
SELECT position, digest, fault, start_at, nullif(end_at, start_at) AS end_at, zoned,
    CASE WHEN e.principal <> '' THEN {{'namespace': '', 'name': e.principal}} END AS principal, operation, outcome,
    CASE WHEN e.dataset IS NOT NULL
        THEN {{'namespace': coalesce(e.dataset.namespace, ''), 'name': e.dataset.name}} END AS dataset,
    CASE WHEN statement IS NOT NULL THEN string_split(e.dataset.name, '.')[1:-2] END AS context,
    CASE WHEN NOT list_contains(fields, '*') THEN fields END AS fields,
    CASE WHEN fault IS NULL AND is_keys = 'ARRAY' AND list_contains(json_type(text, '$.keys[*]'), 'DOUBLE')
        THEN exact_keys(json_extract(text, '$.keys[*]')) ELSE nullif(e.keys, []) END AS keys,
    statement, nullif(e.dialect, '') AS dialect,
    CASE WHEN list_count(bound) = len(bound) THEN bound END AS bound,
    CASE WHEN e.run_id <> '' THEN {{'namespace': '', 'name': e.run_id}} END AS run,
    CASE WHEN e.row_count IS NOT NULL AND fault IS NULL THEN e.row_count::BIGINT END AS row_count
FROM (
    SELECT *, CASE WHEN e.parameters IS NOT NULL AND fault IS NULL THEN bound_values(e.parameters) END AS bound FROM (
    SELECT * EXCLUDE (end_at),
        CASE WHEN ended IS NULL THEN start_at + time_width(begun) ELSE end_at + time_width(ended) END AS end_at,
        {_FAULT} AS fault
    FROM (
        SELECT *, {_TYPES}
        FROM (
            SELECT *, CASE WHEN NOT coalesce(is_good, false) THEN json_type(text, {_PATHS}) END AS types
            FROM (
                SELECT *, {_GOOD} AS is_good
                FROM (
                    SELECT *, e.time AS begun, e.end_time AS ended, time_at(e.time) AS start_at,
                        time_at(e.end_time) AS end_at, time_zoned(e.time) AS zoned,
                        coalesce(e.operation, 'unknown') AS operation, coalesce(e.outcome, 'unknown') AS outcome,
                        nullif(e.statement, '') AS statement,
                        CASE WHEN e.fields IS NOT NULL THEN from_json(e.fields, '["VARCHAR"]') END AS fields
                    FROM (
                        SELECT position, digest, text, from_json(text, '{_SHAPE}') AS e FROM line
                    )
                )
            )
        )
    )
    )
)
"""
_PLACED = (
    """
INSERT INTO staged_rejected (position, reason) SELECT position, fault FROM staged_plain_access WHERE fault IS NOT NULL
""",
    """
DELETE FROM staged_plain_access WHERE fault IS NOT NULL
""",
    """
INSERT INTO staged_event (position, digest) SELECT position, digest FROM staged_plain_access
""",
    """
INSERT INTO staged_stated_access BY NAME
SELECT * EXCLUDE (digest, fault) FROM staged_plain_access WHERE statement IS NOT NULL
""",
    """
DELETE FROM staged_plain_access WHERE statement IS NOT NULL
""",
    *(
        f"ALTER TABLE staged_plain_access DROP {column}"
        for column in ("digest", "fault", "context", "statement", "dialect", "bound")
    ),
)

COLLECTOR = Collector(
    name="access",
    title="Access events of one's own, as JSON",
    claims=_claims,
    frame=json_any,
    load=(*TIME_MACROS, KEY_MACRO, *_MACROS, _JUDGED, *_PLACED),
    example='{"time": "2026-03-24T11:02:03Z", "principal": "svc_northgate", "operation": "read",'
    ' "outcome": "success", "dataset": {"namespace": "postgres://people-db:5432",'
    ' "name": "people.public.contractors"}, "keys": ["C-0001"]}',
)
