"""The made-up history as a vendor's systems would log it: files to ingest, in the order of time.

Below one folder: ``base/`` (catalog, data subjects, record entries, packages), ``openlineage/``, ``access/``, the
same access events once more in other files (``access-again/``) and as Parquet (``access-parquet/``).
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.history import FOREVER, YEAR_START, Size

NAMESPACE = "warehouse://lake"
STRANGE = "x-"  # what the names of an unrelated history begin with
ROWS_A_FILE = 1_000_000
PACKAGE, GOOD, BAD = "pkg:pypi/litellm", "1.82.6", "1.82.8"
# Text as it is: COPY would quote it.
LINES = "(FORMAT CSV, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01')"

_MACROS = (
    "CREATE OR REPLACE TEMP MACRO instant(us) AS strftime(make_timestamp(us), '%Y-%m-%dT%H:%M:%S.%gZ')",
    "CREATE OR REPLACE TEMP MACRO lake() AS 'warehouse://$strange' || 'lake'",
    "CREATE OR REPLACE TEMP MACRO run_id(run) AS md5('$strange' || 'run ' || run)::UUID::VARCHAR",
    "CREATE OR REPLACE TEMP MACRO subject_id(subject) AS '$strange' || format('S-{:07d}', subject)",
    "CREATE OR REPLACE TEMP MACRO record_key(key) AS format('K{:06d}', key)",
    """
CREATE OR REPLACE TEMP TABLE dataset_text AS
SELECT dataset, class, format('{}.d{:03d}.t{:06d}', class, domain, dataset) AS name FROM dataset
""",
    """
CREATE OR REPLACE TEMP TABLE principal_text AS
SELECT principal, '$strange' || CASE WHEN vendor IS NULL THEN format('u_{:05d}', principal)
                                     ELSE format('svc_{:03d}_{:05d}', vendor, principal) END AS id FROM principal
""",
    """
CREATE OR REPLACE TEMP TABLE job_name AS
SELECT job, '$strange' || CASE WHEN by_vendor THEN format('v{:03d}.j{:06d}', domain, job)
                               ELSE format('own.j{:06d}', job) END AS name FROM job
""",
)
_FACET = '"_producer":"https://producer.example/1.0","_schemaURL":"https://openlineage.io/spec/facets/1-0-1/{}.json"'
_NAMED = """'{"namespace":"' || lake() || '","name":"' || d.name || '","'"""
_LIFECYCLE = '"lifecycleStateChange":{' + _FACET.format("Lifecycle") + ',"lifecycleStateChange":"OVERWRITE"}'
# A tenth of the jobs tells which columns went where.
_JOB_TEXT = f"""
CREATE OR REPLACE TEMP TABLE job_text AS
WITH source AS (
    SELECT i.job, string_agg({_NAMED} || 'facets":{{}}}}', ',' ORDER BY i.dataset) AS inputs,
           string_agg({_NAMED} || 'field":"name"}}', ',' ORDER BY i.dataset) AS fields
    FROM job_input i JOIN dataset_text d USING (dataset) GROUP BY i.job
), target AS (
    SELECT o.job, string_agg(
               {_NAMED} || 'facets":{{'
               || CASE WHEN d.class IN ('replaced', 'profile') THEN '{_LIFECYCLE}' ELSE '' END
               || CASE WHEN d.class IN ('replaced', 'profile') AND draw('columns', o.job) < 0.1 THEN ',' ELSE '' END
               || CASE WHEN draw('columns', o.job) < 0.1 THEN '"columnLineage":{{{_FACET.format("ColumnLineage")}'
                  || ',"fields":{{"name":{{"inputFields":[' || s.fields || ']}}}}}}' ELSE '' END
               || '}}}}', ',' ORDER BY o.dataset) AS outputs
    FROM job_output o JOIN dataset_text d USING (dataset) JOIN source s USING (job) GROUP BY o.job
)
SELECT n.job, n.name, s.inputs, coalesce(t.outputs, '') AS outputs
FROM job_name n JOIN source s USING (job) LEFT JOIN target t USING (job)
"""
_HEAD = (
    '"producer":"https://producer.example/1.0","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json'
    '#/$defs/RunEvent","run":{"runId":"'
)
_NOMINAL = '","facets":{"nominalTime":{' + _FACET.format("NominalTime") + ',"nominalStartTime":"'
# START tells the inputs; the last event, COMPLETE or another (RUNNING where the run is still open), tells all.
_EVENTS = f"""
SELECT '{{"eventType":"' || type || '","eventTime":"' || instant(happened) || '",{_HEAD}' || run_id(run)
    || '{_NOMINAL}' || instant(began) || '"}}}}}},"job":{{"namespace":"airflow","name":"' || t.name
    || '","facets":{{"jobType":{{{_FACET.format("JobType")},"processingType":"BATCH","integration":"AIRFLOW"}}}}}}'
    || ',"inputs":[' || t.inputs || '],"outputs":[' || CASE WHEN type = 'START' THEN '' ELSE t.outputs END || ']}}'
FROM (
    SELECT run, job, 'START' AS type, began, began AS happened FROM run WHERE has_start
    UNION ALL
    SELECT run, job, CASE state WHEN 'OPEN' THEN 'RUNNING' ELSE state END, began, ended FROM run
) e JOIN job_text t USING (job)
WHERE hash(run) % $parts = $part
ORDER BY happened, run, type DESC
"""
_ACCESS_COLUMNS = """
SELECT a.i, format('a{:09d}', a.i) AS id, instant(a.happened) AS time, p.id AS principal, a.operation, a.outcome,
       lake() AS namespace, d.name AS dataset,
       list_transform(range(a.keys), lambda n: record_key((a.key + n * 7) % a.many)) AS keys
FROM access a JOIN principal_text p USING (principal) JOIN dataset_text d USING (dataset)
"""
_ACCESS_LINES = f"""
SELECT '{{"id":"' || id || '","time":"' || time || '","principal":"' || principal || '","operation":"' || operation
    || '","outcome":"' || outcome || '","dataset":{{"namespace":"' || namespace || '","name":"' || dataset || '"}}'
    || CASE WHEN len(keys) > 0 THEN ',"keys":["' || array_to_string(keys, '","') || '"]' ELSE '' END || '}}'
FROM ({_ACCESS_COLUMNS}) WHERE $which ORDER BY $order
"""
_ACCESS_PARQUET = f"""
SELECT id, time, principal, operation, outcome, {{'namespace': namespace, 'name': dataset}} AS dataset,
       CASE WHEN len(keys) > 0 THEN keys END AS keys
FROM ({_ACCESS_COLUMNS}) WHERE $which ORDER BY i
"""
_RECORDS = f"""
SELECT lake() AS dataset_namespace, d.name AS dataset_name, record_key(e.key) AS key,
       subject_id(e.subject) AS data_subject, make_timestamp(e.valid_from)::TIMESTAMPTZ AS valid_from,
       CASE WHEN e.valid_to < {FOREVER} THEN make_timestamp(e.valid_to)::TIMESTAMPTZ END AS valid_to,
       ['KE', 'PH', 'US', 'BR', 'DE'][1 + e.subject % 5] AS country
FROM entry e JOIN dataset_text d USING (dataset)
"""
_PEOPLE = """
SELECT subject_id(i) AS data_subject, ['KE', 'PH', 'US', 'BR', 'DE'][1 + i % 5] AS jurisdiction FROM range($people) t(i)
"""


def open_truth(path: Path, *, strange: bool = False) -> duckdb.DuckDBPyConnection:
    """The history's bare tables, with the names that the files use as temporary tables. ``strange``: names that
    no catalog knows and no other history has."""
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = true")
    for macro in _MACROS:
        connection.execute(macro.replace("$strange", STRANGE if strange else ""))
    return connection


def write_base(truth: duckdb.DuckDBPyConnection, folder: Path, size: Size) -> None:
    """Data subjects and record entries (Parquet); with names that a catalog knows, that and some SBOMs too."""
    folder.mkdir(parents=True)
    people, entries = folder / "data_subjects.csv", folder / "records-all.parquet"
    truth.execute(f"COPY ({_PEOPLE.replace('$people', str(size.people))}) TO '{people}' (FORMAT CSV, HEADER)")
    truth.execute(f"COPY ({_RECORDS}) TO '{entries}' (FORMAT PARQUET)")
    if truth.execute("SELECT lake()").fetchall() != [(NAMESPACE,)]:
        return
    (folder / "catalog.yml").write_text(_catalog(truth))
    start = datetime.fromtimestamp(YEAR_START / 1e6, UTC)
    for vendor in range(3):
        for month in (0, 4, 8, 10, 11):
            taken = start + timedelta(days=30 * month)
            version = BAD if vendor == 0 and month in (10, 11) else GOOD
            _sbom(folder / f"sbom-{vendor:03d}-{month:02d}.cdx.json", f"env-{vendor:03d}", taken, version)


def write_openlineage(truth: duckdb.DuckDBPyConnection, folder: Path, size: Size) -> None:
    folder.mkdir(parents=True)
    truth.execute(_JOB_TEXT)
    parts = max(1, size.runs * 2 // ROWS_A_FILE)
    for part in range(parts):
        lines = _EVENTS.replace("$parts", str(parts)).replace("$part", str(part))
        truth.execute(f"COPY ({lines}) TO '{folder}/events-{part:03d}.ndjson' {LINES}")


def write_accesses(truth: duckdb.DuckDBPyConnection, folder: Path, size: Size, *, form: str = "ndjson") -> None:
    """``form``: ndjson, again (the same lines in other files and another order) or parquet."""
    folder.mkdir(parents=True)
    parts = max(1, size.accesses // ROWS_A_FILE) + (form == "again")
    each = -(-size.accesses // parts)
    for part in range(parts):
        which = f"i >= {part * each} AND i < {(part + 1) * each}"
        name = f"{folder}/access-{part:03d}"
        if form == "parquet":
            truth.execute(f"COPY ({_ACCESS_PARQUET.replace('$which', which)}) TO '{name}.parquet' (FORMAT PARQUET)")
            continue
        lines = _ACCESS_LINES.replace("$which", which).replace("$order", "hash(i)" if form == "again" else "i")
        truth.execute(f"COPY ({lines}) TO '{name}.ndjson' {LINES}")


def _catalog(truth: duckdb.DuckDBPyConnection) -> str:
    """JSON is YAML, and a list item a line keeps it readable."""
    vendors = [number for (number,) in truth.execute("SELECT DISTINCT domain FROM job ORDER BY 1").fetchall()]
    principals = truth.execute(
        "SELECT id, vendor FROM principal_text JOIN principal USING (principal) ORDER BY id"
    ).fetchall()
    service = {vendor: ident for ident, vendor in reversed(principals)}
    categories = {"name": ["Name"], "iban": ["BankAccount"], "country": []}
    sections: dict[str, list[dict[str, Any]]] = {
        "vendors": [{"id": f"vendor-{v:03d}", "name": f"Vendor {v}", "role": "processor"} for v in vendors],
        "principals": [
            {"id": ident, "kind": "service"} | ({} if vendor is None else {"vendor": f"vendor-{vendor:03d}"})
            for ident, vendor in principals
        ],
        "environments": [{"id": f"env-{v:03d}"} for v in vendors],
        "jobs": [
            {
                "match": {"namespace": "airflow", "name": f"v{v:03d}.*"},
                "vendor": f"vendor-{v:03d}",
                "principal": service[v],
                "environment": f"env-{v:03d}",
            }
            for v in vendors
        ],
        "datasets": [
            {"match": {"namespace": NAMESPACE, "name": "people.*"}, "key": ["key"], "write_mode": "append",
             "indexed": True, "fields": categories, "observed_by": ["lake"]},
            {"match": {"namespace": NAMESPACE, "name": "profile.*"}, "key": ["key"], "fields": categories},
            {"match": {"namespace": NAMESPACE, "name": "append.*"}, "write_mode": "append"},
        ],
        "sources": [
            {"id": "lake", "collector": "access", "namespace": NAMESPACE, "files": "access*", "max_silence": "24h"}
        ],
    }  # fmt: skip
    lines = ["version: 1", "as_of: 2026-04-01T00:00:00Z"]
    for name, items in sections.items():
        lines += [f"{name}:", *(f"  - {json.dumps(item)}" for item in items)]
    return "\n".join(lines) + "\n"


def _sbom(path: Path, environment: str, taken: datetime, version: str) -> None:
    packages = [("litellm", version), *((f"package-{n}", "1.0") for n in range(40))]
    path.write_text(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"timestamp": taken.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "component": {"type": "application", "name": environment}},
        "components": [{"type": "library", "name": name, "version": known, "purl": f"pkg:pypi/{name}@{known}"}
                       for name, known in packages],
    }))  # fmt: skip
