"""Snapshots of packages, for the SQL of collectors that make ``judged(position, environment, taken_at, fault, …)``.

Macros, to run before the statements that use them. ``snapshot_digest(digest, environment, taken_at)``: what is told
beside the content is part of the event, since the same list of packages may be taken again at another time.
``pypi_name(told)``: a name as PEP 503 writes it.
"""

SNAPSHOT_MACROS = (
    """
CREATE OR REPLACE TEMP MACRO snapshot_digest(digest, environment, taken_at) AS
    CASE WHEN environment IS NULL AND taken_at IS NULL THEN digest
    ELSE ('0x' || left(sha256(digest::VARCHAR || chr(0) || coalesce(environment, '') || chr(0)
        || coalesce(time_at(taken_at)::VARCHAR, '')), 32))::UHUGEINT END
""",
    """
CREATE OR REPLACE TEMP MACRO pypi_name(told) AS regexp_replace(lower(told), '[-_.]+', '-', 'g')
""",
)
SNAPSHOTS = """
INSERT INTO staged_snapshot (position, environment, taken_at, zoned)
SELECT position, {'namespace': '', 'name': environment}, time_at(taken_at), time_zoned(taken_at)
FROM judged WHERE fault IS NULL
"""
