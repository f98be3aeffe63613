"""From what the user writes to what the store knows; an unknown id is an error with the nearest names."""

from collections.abc import Sequence

from lineage.errors import LineageError
from lineage.names import nearest
from lineage.store import Store

# Names that one which nobody knows is compared with: of runs, people and keys there may be millions. Where none is much
# like it each is compared to its end, which takes ten times as long.
COMPARED, COMPARED_TO_THE_END = 20_000, 2_000
BY_NAME = "SELECT {number}, namespace, name FROM {table} WHERE namespace || '/' || name = $text ORDER BY 2, 3"
NAMED = """
SELECT 1 FROM access a JOIN use_of_dataset u ON a.event_id = coalesce(u.event_id, u.use_id)
WHERE u.dataset_id = $dataset_id AND u.scope = 'keys' AND list_contains(a.keys, $key) LIMIT 1
"""
ALL_NAMES = "SELECT DISTINCT namespace || '/' || name FROM {table}"


def find_vendor(store: Store, text: str) -> str:
    """The id again, where the catalog knows it."""
    known = [name for (name,) in store.rows("SELECT id FROM vendor ORDER BY id")]
    if text not in known:
        raise unknown("vendor", text, known)
    return text


def find_principal(store: Store, text: str) -> int:
    """A principal's number, by its id or one of its aliases."""
    found = store.rows(
        "SELECT principal_id FROM principal WHERE id = $text"
        " UNION SELECT p.principal_id FROM principal_alias a JOIN principal p USING (id) WHERE a.alias = $text",
        text=text,
    )
    if not found:
        raise unknown("principal", text, [name for (name,) in store.rows("SELECT id FROM principal")])
    return int(found[0][0])


def find_run(store: Store, text: str) -> int:
    """A run's number, by its id."""
    found = store.rows("SELECT run_id FROM run_name WHERE id = $text", text=text)
    if not found:
        raise unknown("run", text, [name for (name,) in store.rows(f"SELECT id FROM run_name LIMIT {COMPARED}")])
    return int(found[0][0])


def find_data_subject(store: Store, text: str) -> int:
    """A person's number, by the opaque id."""
    found = store.rows("SELECT subject_id FROM data_subject WHERE id = $text", text=text)
    if not found:
        known = store.rows(f"SELECT id FROM data_subject LIMIT {COMPARED}")
        raise unknown("data subject", text, [name for (name,) in known])
    return int(found[0][0])


def find_job(store: Store, text: str) -> int:
    """A job's number, by namespace/name."""
    return _find_named(store, "job", text, "job", "job_id")


def find_dataset(store: Store, text: str) -> int:
    """A dataset's number, by any of its names."""
    return _find_named(store, "dataset", text, "dataset_name", "dataset_id")


def find_records(store: Store, dataset: str, key: str) -> tuple[int, list[int]]:
    """(dataset, entries) of one record; no entries where only accesses name it."""
    dataset_id = find_dataset(store, dataset)
    found = store.rows(
        "SELECT entry_id FROM record WHERE dataset_id = $dataset_id AND key = $key ORDER BY 1",
        dataset_id=dataset_id,
        key=key,
    )
    if not found and not store.rows(NAMED, dataset_id=dataset_id, key=key):
        known = store.rows(
            f"SELECT DISTINCT key FROM record WHERE dataset_id = $dataset_id LIMIT {COMPARED}", dataset_id=dataset_id
        )
        raise unknown(f"record of {dataset} with the key", key, [name for (name,) in known])
    return dataset_id, [int(entry) for (entry,) in found]


def _find_named(store: Store, what: str, text: str, table: str, number: str) -> int:
    found = store.rows(BY_NAME.format(number=number, table=table), text=text)
    if not found:
        raise unknown(what, text, [name for (name,) in store.rows(ALL_NAMES.format(table=table))])
    if len({row[0] for row in found}) > 1:
        names = "; ".join(f"namespace {namespace}, name {name}" for _, namespace, name in found)
        raise LineageError(
            f"{text} fits more than one {what}: {names}.", "Rename one in the catalog, or ask by another seed."
        )
    return int(found[0][0])


def unknown(what: str, text: str, known: Sequence[str]) -> LineageError:
    """That nothing is called so, with the nearest of what is ``known``; ``what`` may say of what it is a part."""
    near = nearest(text, known)
    if not near:
        tails: dict[str, list[str]] = {}
        for name in known:
            tails.setdefault(name.rsplit("/", 1)[-1], []).append(name)
        near = tuple(name for tail in nearest(text.rsplit("/", 1)[-1], tails) for name in tails[tail])[:3]
    if near:
        hint = f"Did you mean {', '.join(near)}?"
    elif known:
        near = nearest(text, sorted(known)[:COMPARED_TO_THE_END], alike=0)
        hint = f"Nothing is called like that; the nearest are {', '.join(near)}."
    else:
        hint = f"The store knows no {what.partition(' of ')[0]} yet: `lineage ingest PATH` takes in more."
    return LineageError(f"No fact and no catalog knows the {what} {text}.", hint, given=text, near=near)
