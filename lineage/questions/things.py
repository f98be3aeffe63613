"""Things and the contacts between them: what Explore walks over.

A thing is written ``KIND:ID``, such as ``vendor:northgate`` or ``dataset:NAMESPACE/NAME``. A contact is an interval
in which two things had to do with each other, as the touches tell it; it may be walked either way.
"""

from collections.abc import Callable, Iterable

from lineage.errors import LineageError
from lineage.names import AFTER_ALL, BEFORE_ALL, format_bound, nearest
from lineage.questions.identities import (
    find_data_subject,
    find_dataset,
    find_job,
    find_principal,
    find_run,
    find_vendor,
    unknown,
)
from lineage.store import Store

KINDS = ("vendor", "principal", "environment", "job", "run", "dataset", "data-subject", "package", "field")
CODE = {kind: number for number, kind in enumerate(KINDS)}
CODES = 16  # as many as KINDS may ever need: a node is the number of a thing times this, plus the code of its kind


def node_of(number: str, kind: str) -> str:
    """SQL: the node of the thing of a kind that has this number."""
    return f"{number} * {CODES} + {CODE[kind]}"


def code_of(node: str) -> str:
    """SQL: the code of the kind of a node's thing."""
    return f"{node} % {CODES}"


NUMBERED = """
CREATE OR REPLACE TEMP TABLE vendor_no AS SELECT row_number() OVER (ORDER BY id) AS no, id FROM vendor;
CREATE OR REPLACE TEMP TABLE environment_no AS SELECT row_number() OVER (ORDER BY id) AS no, id FROM environment;
CREATE OR REPLACE TEMP TABLE package_no AS
SELECT row_number() OVER (ORDER BY purl) AS no, purl AS id FROM (SELECT DISTINCT purl FROM component);
CREATE OR REPLACE TEMP TABLE field_no AS
SELECT row_number() OVER (ORDER BY dataset_id, field) AS no, dataset_id, field
FROM (SELECT DISTINCT dataset_id, field FROM dataset_field);
"""
CONTACTS = f"""
CREATE OR REPLACE TEMP VIEW contact AS
SELECT {node_of("p.no", "vendor")} AS source, {node_of("v.no", "vendor")} AS target,
       'has sub-processor' AS relation, {BEFORE_ALL} AS start_at, {AFTER_ALL} AS end_at
FROM vendor c JOIN vendor_no v USING (id) JOIN vendor_no p ON p.id = c.sub_processor_of
UNION ALL
SELECT {node_of("v.no", "vendor")}, {node_of("m.principal_id", "principal")}, 'holds', m.start_at, m.end_at
FROM membership m JOIN vendor_no v ON v.id = m.vendor
UNION ALL
SELECT {node_of("v.no", "vendor")}, {node_of("j.job_id", "job")}, 'runs', {BEFORE_ALL}, {AFTER_ALL}
FROM job j JOIN vendor_no v ON v.id = j.vendor
UNION ALL
SELECT {node_of("j.principal_id", "principal")}, {node_of("j.job_id", "job")}, 'runs', {BEFORE_ALL}, {AFTER_ALL}
FROM job j WHERE j.principal_id IS NOT NULL
UNION ALL
SELECT {node_of("j.job_id", "job")}, {node_of("r.run_id", "run")}, 'ran as', r.start_at, r.end_at
FROM run r JOIN run_job x USING (run_id) JOIN job j USING (job_id)
UNION ALL
SELECT {node_of("e.no", "environment")}, {node_of("j.job_id", "job")}, 'holds', {BEFORE_ALL}, {AFTER_ALL}
FROM job j JOIN environment_no e ON e.id = j.environment
UNION ALL
SELECT {node_of("e.no", "environment")}, {node_of("p.no", "package")}, 'installed', min(t.taken_at), max(t.taken_at)
FROM taken t JOIN component c USING (event_id) JOIN package_no p ON p.id = c.purl
JOIN environment_no e ON e.id = t.environment GROUP BY 1, 2
UNION ALL
SELECT {node_of("a.above", "run")}, {node_of("a.run_id", "run")}, 'started', r.start_at, r.end_at
FROM run_above a JOIN run r USING (run_id)
UNION ALL
SELECT {node_of("r.run_id", "run")}, {node_of("r.dataset_id", "dataset")}, 'read', r.start_at, r.end_at
FROM read r WHERE r.run_id IS NOT NULL AND r.main
UNION ALL
SELECT {node_of("w.run_id", "run")}, {node_of("w.dataset_id", "dataset")}, 'wrote', w.start_at, w.end_at
FROM write w WHERE w.unit = w.run_id
UNION ALL
SELECT {node_of("u.principal_id", "principal")}, {node_of("u.dataset_id", "dataset")}, 'read', u.start_at, u.end_at
FROM use u WHERE u.is_read AND u.principal_id IS NOT NULL
UNION ALL
SELECT {node_of("u.principal_id", "principal")}, {node_of("u.dataset_id", "dataset")}, 'wrote', u.start_at, u.end_at
FROM use u WHERE u.is_write AND u.principal_id IS NOT NULL
UNION ALL
SELECT {node_of("r.dataset_id", "dataset")}, {node_of("w.dataset_id", "dataset")}, 'passed on to',
       w.start_at, w.end_at
FROM read r JOIN write w USING (unit)
WHERE r.unit < 0 AND r.use_id IS NULL AND w.use_id IS NULL AND r.dataset_id <> w.dataset_id
UNION ALL
SELECT {node_of("v.view_id", "dataset")}, {node_of("v.base_id", "dataset")}, 'shows', {BEFORE_ALL}, {AFTER_ALL}
FROM view_base v
UNION ALL
SELECT {node_of("r.dataset_id", "dataset")}, {node_of("r.subject_id", "data-subject")}, 'has records of',
       r.valid_from, CASE WHEN r.possible_to >= {AFTER_ALL} THEN {AFTER_ALL}
           ELSE greatest(r.valid_from, r.possible_to - 1) END
FROM record r WHERE r.subject_id > 0
"""
NODES = f"""
CREATE OR REPLACE TEMP TABLE named AS
WITH asked AS (SELECT unnest($nodes::BIGINT[]) AS node),
split AS (SELECT node, node // {CODES} AS no, {code_of("node")} AS code FROM asked)
SELECT s.node, v.id, c.name AS label FROM split s JOIN vendor_no v ON s.code = {CODE["vendor"]} AND v.no = s.no
    JOIN vendor c ON c.id = v.id
UNION ALL SELECT s.node, p.id, p.id
    FROM split s JOIN principal p ON s.code = {CODE["principal"]} AND p.principal_id = s.no
UNION ALL SELECT s.node, e.id, e.id FROM split s JOIN environment_no e ON s.code = {CODE["environment"]} AND e.no = s.no
UNION ALL SELECT s.node, j.namespace || '/' || j.name, j.name
    FROM split s JOIN job j ON s.code = {CODE["job"]} AND j.job_id = s.no
UNION ALL SELECT s.node, r.id, r.id FROM split s JOIN run_name r ON s.code = {CODE["run"]} AND r.run_id = s.no
UNION ALL SELECT s.node, d.namespace || '/' || d.name, d.name
    FROM split s JOIN dataset d ON s.code = {CODE["dataset"]} AND d.dataset_id = s.no
UNION ALL SELECT s.node, d.id, d.id
    FROM split s JOIN data_subject d ON s.code = {CODE["data-subject"]} AND d.subject_id = s.no
UNION ALL SELECT s.node, p.id, p.id FROM split s JOIN package_no p ON s.code = {CODE["package"]} AND p.no = s.no
UNION ALL SELECT s.node, d.namespace || '/' || d.name || '#' || f.field, f.field
    FROM split s JOIN field_no f ON s.code = {CODE["field"]} AND f.no = s.no JOIN dataset d USING (dataset_id)
"""


def prepare(store: Store) -> None:
    """Number what has no number of its own, and name the contacts."""
    store.script((NUMBERED, CONTACTS))


def find_thing(store: Store, text: str) -> int:
    """The node of a thing. Raises LineageError for an unknown kind or id."""
    kind, _, ident = text.partition(":")
    if kind not in KINDS or not ident:
        near = nearest(kind, KINDS)
        hint = f"Did you mean {near[0]}:{ident or 'ID'}?" if near else f"KIND is one of {', '.join(KINDS)}."
        raise LineageError(f"{text!r} names no thing; write KIND:ID, such as vendor:northgate.", hint)
    return _FIND[kind](store, ident) * CODES + CODE[kind]


def _number(store: Store, kind: str, ident: str) -> int:
    """The number that ``prepare`` gave a vendor, an environment or a package."""
    found = store.rows(f"SELECT no FROM {kind}_no WHERE id = $ident", ident=ident)
    if not found:
        raise unknown(kind, ident, [name for (name,) in store.rows(f"SELECT id FROM {kind}_no")])
    return int(found[0][0])


def _field(store: Store, ident: str) -> int:
    dataset, _, field = ident.rpartition("#")
    dataset_id = find_dataset(store, dataset)
    known: dict[str, int] = dict(
        store.rows("SELECT field, no FROM field_no WHERE dataset_id = $dataset_id", dataset_id=dataset_id)
    )
    if field not in known:
        near = nearest(field, known)
        raise LineageError(
            f"The catalog gives {dataset} no field {field}.",
            f"Did you mean {', '.join(near)}?" if near else "Look at the dataset's entry in the catalog.",
        )
    return int(known[field])


_FIND: dict[str, Callable[[Store, str], int]] = {
    "vendor": lambda store, ident: _number(store, "vendor", find_vendor(store, ident)),
    "principal": find_principal,
    "environment": lambda store, ident: _number(store, "environment", ident),
    "job": find_job,
    "run": find_run,
    "dataset": find_dataset,
    "data-subject": find_data_subject,
    "package": lambda store, ident: _number(store, "package", ident),
    "field": _field,
}


def name_nodes(store: Store, nodes: Iterable[int]) -> dict[int, dict[str, str]]:
    """Node → its thing as JSON: kind, id, label."""
    store.run(NODES, nodes=sorted(set(nodes)))
    return {
        node: {"kind": KINDS[node % CODES], "id": ident, "label": label or ident}
        for node, ident, label in store.rows("SELECT node, id, label FROM named ORDER BY node")
    }


def bounds(start: int, end: int) -> dict[str, str | None]:
    """An interval as JSON; None where it is open."""
    return {"first": format_bound(start), "last": format_bound(end)}
