"""Snapshots of packages, for the SQL of collectors that make ``judged(position, environment, taken_at, fault, …)``.

Macros, to run before the statements that use them. ``snapshot_digest(digest, environment, taken_at)``: what is told
beside the content is part of the event, since the same list of packages may be taken again at another time.
``pypi_name(told)``: a name as PEP 503 writes it.

PACKAGES is for bills of materials, of which the collector makes ``bom_listed(position, purl, name, version, is_library,
marked)`` too: a row for each package, whether or not it has a package URL; ``marked`` where it may not have been there.
A library without one is possibly the package of its name of each type that its bill holds besides, or of any.
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
LEFT_OUT = ("distribute", "pip", "setuptools", "wheel")  # what the tools of Python leave out of their lists
# Types whose packages need no namespace to be known.
PLAIN = ("cargo", "gem", "hex", "npm", "nuget", "pub", "pypi")
# A PyPI package without qualifiers; a version that only the package has, and not its URL.
_COMPONENTS = rf"""
INSERT INTO staged_component (position, purl, marked)
WITH told AS MATERIALIZED (
    SELECT position, name, version, is_library, marked, regexp_extract(purl, '^([^?#]+)(.*)$', ['url', 'rest']) AS told
    FROM bom_listed JOIN judged USING (position) WHERE fault IS NULL
), kind AS MATERIALIZED (
    SELECT DISTINCT position, regexp_extract(lower(told.url), '^pkg:/*({"|".join(PLAIN)})/', 1) AS kind FROM told
), named AS (
    SELECT position, marked, told.rest AS rest, CASE
        WHEN regexp_matches(told.url, '[^/]@[^/]+$') OR coalesce(version, '') = '' THEN told.url
        ELSE rtrim(told.url, '@') || '@' || url_encode(version) END AS url
    FROM told WHERE told.url <> ''
    UNION ALL
    SELECT position, true, '', 'pkg:' || unnest(coalesce(kinds, {list(PLAIN)})) || '/' || url_encode(name)
        || coalesce('@' || url_encode(nullif(version, '')), '')
    FROM told LEFT JOIN (SELECT position, list(kind) AS kinds FROM kind WHERE kind <> '' GROUP BY ALL) USING (position)
    WHERE is_library AND coalesce(told.url, '') = '' AND name <> ''
)
SELECT position, CASE WHEN starts_with(lower(url), 'pkg:pypi/')
    THEN 'pkg:pypi/' || pypi_name(regexp_extract(url[10:], '^[^@]*')) || regexp_extract(url, '@.*$')
    ELSE url || rest END AS purl, nullif(bool_and(coalesce(marked, false)), false)
FROM named GROUP BY position, purl
"""
_NOTES = """
INSERT INTO staged_note (position, kind)
SELECT DISTINCT position, 'component-without-purl' FROM bom_listed JOIN judged USING (position)
WHERE fault IS NULL AND is_library AND NOT coalesce(regexp_matches(purl, '^[^?#]'), false)
"""
PACKAGES = (_COMPONENTS, _NOTES)


def judged_as_given(untold: str, fault: str = "") -> str:
    """SQL that makes ``judged`` of inputs that do not say themselves where and when their packages were. ``untold`` is
    the reason where nobody told it beside them; ``fault``: arms of CASE that come before that."""
    return f"""
CREATE OR REPLACE TEMP TABLE judged AS
SELECT position, text, snapshot_digest(digest, g.environment, g.taken_at) AS digest,
    g.environment, g.taken_at, CASE
    {fault}
    WHEN coalesce(g.environment, '') = '' OR g.taken_at IS NULL
        THEN '{untold}; tell both with --environment and --taken-at.'
    WHEN time_at(g.taken_at) IS NULL THEN 'The time at which it was taken is no RFC 3339 time.'
END AS fault
FROM line, given g
"""
