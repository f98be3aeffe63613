"""The replay of logged statements: each distinct question is asked once, however many accesses asked it.

A template's table in one context is a place. Places with the same replay ask the same, whichever templates they
are of (many differ only in what they select) and, where no other table takes part, whichever dataset the table is:
the dataset is a column then. Accesses of one place with equal values ask the same question; of a join also the time
counts, but only as far as an entry of its datasets comes or goes.
"""

import re
from collections.abc import Iterator

from lineage.names import BEFORE_ALL
from lineage.store import Store

REPLAYED = """
CREATE OR REPLACE TABLE replayed (binding_id BIGINT, entry_id BIGINT, truth VARCHAR);
CREATE OR REPLACE TABLE use_binding (use_id BIGINT, binding_id BIGINT);
"""
# What is to be replayed: a table of a template in one context (the same shape may be logged in many), and which
# datasets the template's tables are there: of one that may be any of several, nothing is known where another asks.
PLACES = """
SELECT u.template_id, t.no, u.namespace, u.context, u.is_nowhere, any_value(t.replay) AS replay,
       any_value(t.joined) AS joined, p.no AS table_no,
       max(CASE WHEN p.no = t.no OR NOT (p.is_rival AND u.is_nowhere) THEN n.dataset_id END) AS dataset_id
FROM (SELECT DISTINCT template_id, namespace, context, is_nowhere FROM told_act WHERE template_id IS NOT NULL) u
JOIN template_table t ON t.template_id = u.template_id AND t.scope = 'replay'
JOIN meant_name p ON p.template_id = u.template_id AND p.namespace = u.namespace AND p.context = u.context
    AND NOT p.is_guess
JOIN dataset_name n ON n.namespace = p.namespace AND n.name = p.name
GROUP BY u.template_id, t.no, u.namespace, u.context, u.is_nowhere, p.no ORDER BY ALL
"""
# Of each instant at which a join was asked: since when no entry of its datasets has come or gone.
MOMENTS = f"""
CREATE OR REPLACE TEMP TABLE moment AS
WITH turn AS (
    SELECT DISTINCT dataset_id, unnest([valid_from, certain_to, possible_to]) AS at
    FROM record SEMI JOIN replay_dataset USING (dataset_id)
), asked AS (
    SELECT DISTINCT r.replay_no, unnest([a.start_at, a.end_at]) AS at
    FROM told_act a JOIN replay_at r USING (template_id, namespace, context, is_nowhere) WHERE r.joined
), placed AS (
    SELECT a.replay_no, a.at, d.dataset_id FROM asked a JOIN replay_dataset d USING (replay_no)
)
SELECT p.replay_no, p.at, coalesce(max(t.at), {BEFORE_ALL}) AS since
FROM placed p ASOF LEFT JOIN turn t ON t.dataset_id = p.dataset_id AND p.at >= t.at
GROUP BY ALL
"""
# The distinct questions. Any of the equal lists will do, since a replay looks only at the values that are `told`.
BOUND = """
CREATE OR REPLACE TEMP TABLE bound_at AS
WITH asked AS (
    SELECT u.use_id, r.replay_no, CASE WHEN r.joined THEN r.dataset_id ELSE u.dataset_id END AS dataset_id,
           a.literals, a.bound, f.since AS start_at, t.since AS end_at,
           list_concat(list_transform(r.literal_places, lambda n: a.literals[n]),
                       coalesce(list_transform(r.bound_places, lambda n: a.bound[n]), a.bound)) AS told
    FROM use_of_principal u JOIN told_act a USING (act_id)
    JOIN replay_at r ON r.template_id = a.template_id AND r.no = u.no
        AND r.namespace = a.namespace AND r.context = a.context AND r.is_nowhere = a.is_nowhere
    LEFT JOIN moment f ON f.replay_no = r.replay_no AND f.at = a.start_at
    LEFT JOIN moment t ON t.replay_no = r.replay_no AND t.at = a.end_at
    WHERE u.scope = 'replay'
)
SELECT row_number() OVER () AS binding_id, *
FROM (
    SELECT replay_no, dataset_id, any_value(literals) AS literals, any_value(bound) AS bound, start_at, end_at,
           list(use_id) AS uses
    FROM asked GROUP BY replay_no, dataset_id, told, start_at, end_at
)
ORDER BY replay_no, dataset_id
"""
BINDINGS = "INSERT INTO use_binding SELECT unnest(uses), binding_id FROM bound_at"
ASKED = """
SELECT b.replay_no, b.dataset_id, (SELECT count(*) FROM record r WHERE r.dataset_id = b.dataset_id) AS entries
FROM (SELECT DISTINCT replay_no, dataset_id FROM bound_at) b ORDER BY ALL
"""
# What a replay looks at (see lineage.statements.replays).
BOUND_HERE = """
CREATE OR REPLACE TEMP TABLE bound_statement AS
SELECT binding_id, dataset_id, literals, bound, start_at, end_at FROM bound_at
WHERE replay_no = $replay_no AND list_contains($datasets, dataset_id)
"""
PLACED_HERE = """
CREATE OR REPLACE TEMP TABLE placed_here AS
SELECT unnest($tables::BIGINT[]) AS no, unnest($datasets::BIGINT[]) AS dataset_id
"""
THERE = """
CREATE OR REPLACE TEMP VIEW there_{no} AS
SELECT r.entry_id, r.dataset_id, r.key, d.key_field, r.attributes, r.valid_from, r.certain_to, r.possible_to
FROM record r JOIN dataset d USING (dataset_id)
WHERE r.dataset_id IN (SELECT dataset_id FROM placed_here WHERE no = {no});
CREATE OR REPLACE TEMP VIEW indexed_{no} AS
SELECT indexed AS complete FROM dataset
WHERE dataset_id IN (SELECT dataset_id FROM placed_here WHERE no = {no})
"""
TYPES = {
    "template_id": "BIGINT", "no": "BIGINT", "namespace": "VARCHAR", "context": "VARCHAR[]", "is_nowhere": "BOOLEAN",
    "replay_no": "BIGINT", "dataset_id": "BIGINT", "joined": "BOOLEAN", "literal_places": "BIGINT[]",
    "bound_places": "BIGINT[]",
}  # fmt: skip
_TABLES = re.compile(r"(?:there|indexed)_(\d+)\b")
# What is bound by name may stand at any place: `bound_places` is NULL then.
_BY_NAME = "list_filter(bound,"
_LITERALS, _BOUND = (re.compile(rf"{told}\[(\d+)(?::(\d+))?\]") for told in ("literals", "bound"))
# So many entries at once are looked at by one query, which holds what they say in memory.
ENTRIES_AT_ONCE = 500_000

Over = tuple[tuple[int, int | None], ...]


def replay_statements(store: Store) -> list[tuple[str, Over]]:
    """Fill `use_binding` and `replayed`: the records for which each bound statement is TRUE ('T') or UNKNOWN ('U').

    Set-based: one query for each distinct replay; nothing is parsed here. Gives these, in the order of their numbers.
    """
    store.run(REPLAYED)
    replays = _number_replays(store)
    if not replays:
        return replays
    store.run(MOMENTS)
    store.run(BOUND)
    store.run(BINDINGS)
    known: set[int] = set()
    for replay_no, datasets in _portions(store):
        replay, over = replays[replay_no]
        tables = tables_of(replay)
        here = list(over) if over else [(no, one) for no in tables for one in datasets]
        store.run(PLACED_HERE, tables=[no for no, _ in here], datasets=[one for _, one in here])
        for no in set(tables) - known:
            store.run(THERE.format(no=no))
        known.update(tables)
        store.run(BOUND_HERE, replay_no=replay_no, datasets=datasets)
        store.run(f"INSERT INTO replayed {replay}")
    return replays


def tables_of(replay: str) -> list[int]:
    """The tables whose entries a replay looks at, by their numbers."""
    return sorted(set(map(int, _TABLES.findall(replay))))


def _number_replays(store: Store) -> list[tuple[str, Over]]:
    """The distinct replays, with which datasets a join is over; `replay_at` says which place asks which."""
    placed: dict[tuple[int, int, str, tuple[str, ...], bool], tuple[str, bool, dict[int, int | None]]] = {}
    for template_id, no, namespace, context, is_nowhere, replay, joined, table, dataset_id in store.rows(PLACES):
        place = (template_id, no, namespace, tuple(context), is_nowhere)
        placed.setdefault(place, (replay, joined, {}))[2][table] = dataset_id
    numbers: dict[tuple[str, Over], int] = {}
    rows = []
    for (template_id, no, namespace, context, is_nowhere), (replay, joined, datasets) in placed.items():
        tables = tables_of(replay) if joined else []
        over = tuple((table, datasets.get(table)) for table in tables)
        number = numbers.setdefault((replay, over), len(numbers))
        literals, bound = (
            sorted({n for first, last in used.findall(replay) for n in range(int(first), int(last or first) + 1)})
            for used in (_LITERALS, _BOUND)
        )
        places = (literals, None if _BY_NAME in replay else bound)
        asked = (template_id, no, namespace, list(context), is_nowhere)
        rows.append((*asked, number, datasets.get(no), joined, *places))
    store.load(
        "replay_at", dict(zip(TYPES, zip(*rows, strict=True) if rows else [()] * len(TYPES), strict=True)), TYPES
    )
    over_datasets = [(number, one) for (_, over), number in numbers.items() for _, one in over if one is not None]
    store.load(
        "replay_dataset",
        {"replay_no": [number for number, _ in over_datasets], "dataset_id": [one for _, one in over_datasets]},
        TYPES,
    )
    return list(numbers)


def _portions(store: Store) -> Iterator[tuple[int, list[int]]]:
    """(replay, datasets) that one query is to look at: all that ask the same, as far as memory allows."""
    portion: tuple[int, list[int]] | None = None
    held = 0
    for replay_no, dataset_id, entries in store.rows(ASKED):
        if portion and portion[0] == replay_no and held + entries <= ENTRIES_AT_ONCE:
            portion[1].append(dataset_id)
            held += entries
            continue
        if portion:
            yield portion
        portion, held = (replay_no, [dataset_id]), entries
    if portion:
        yield portion
