"""Snapshots of packages, for the SQL of collectors that make ``judged(position, environment, taken_at, fault, …)``.

Macros, to run before the statements that use them. ``snapshot_digest(digest, environment, taken_at)``: what is told
beside the content is part of the event, since the same list of packages may be taken again at another time.
``pypi_name(told)``: a name as PEP 503 writes it.

PACKAGES is for bills of materials, of which the collector makes ``bom_listed(position, purl, version, is_library)``
too: a row for each package, whether or not it has a package URL.
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
# A PyPI package without qualifiers; a version that only the package has, and not its URL.
_COMPONENTS = r"""
INSERT INTO staged_component (position, purl)
SELECT DISTINCT position, CASE WHEN starts_with(lower(url), 'pkg:pypi/')
    THEN 'pkg:pypi/' || pypi_name(regexp_extract(url[10:], '^[^@]*')) || regexp_extract(url, '@.*$')
    ELSE url || rest END
FROM (
    SELECT position, told.rest AS rest, CASE
        WHEN regexp_matches(told.url, '[^/]@[^/]+$') OR coalesce(version, '') = '' THEN told.url
        ELSE rtrim(told.url, '@') || '@' || url_encode(version) END AS url
    FROM (
        SELECT position, version, regexp_extract(purl, '^([^?#]+)(.*)$', ['url', 'rest']) AS told FROM bom_listed
    ) JOIN judged USING (position) WHERE fault IS NULL AND told.url <> ''
)
"""
_NOTES = """
INSERT INTO staged_note (position, kind)
SELECT DISTINCT position, 'component-without-purl' FROM bom_listed JOIN judged USING (position)
WHERE fault IS NULL AND is_library AND NOT coalesce(regexp_matches(purl, '^[^?#]'), false)
"""
PACKAGES = (_COMPONENTS, _NOTES)
