"""The ledger of inputs and the checkpoint that an answer names."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lineage.store.connection import Store
from lineage.store.lines import NUMBER, POSITION
from lineage.store.merging import DIGESTS
from lineage.store.migrations import known_migrations, version_of

# Counts up with every change of what `touches` derives: what another program derived is derived anew.
LAYOUT = 26


@dataclass(frozen=True)
class Checkpoint:
    """What the store knew: the number of distinct events and a digest of their set.

    The digest is SHA-256 over the count and the sum, modulo 2^128, of the events' digests: it depends on
    the set alone, not on the order or the batches that it came in.
    """

    events: int
    digest: str


INPUT = {
    "input_id": "BIGINT", "digest": "VARCHAR", "size": "BIGINT", "collector": "VARCHAR", "options": "VARCHAR",
    "recorded_at": "BIGINT", "lines": "BIGINT", "stored": "BIGINT", "known": "BIGINT", "rejected": "BIGINT",
    "passed": "BIGINT", "digest_sum": "VARCHAR",
}  # fmt: skip
INPUT_NAME = {"input_id": "BIGINT", "name": "VARCHAR", "path": "VARCHAR", "source": "VARCHAR"}


@dataclass(frozen=True)
class Input:
    """One row of the ledger: an input's content, by the digest of its bytes, and what became of its lines."""

    input_id: int
    digest: str
    size: int
    collector: str
    options: str
    recorded_at: int
    lines: int
    stored: int
    known: int
    rejected: int
    passed: int
    digest_sum: str


def checkpoint(store: Store) -> Checkpoint:
    """What the store knows now."""
    events, total = 0, 0
    for stored, digest_sum in store.rows("SELECT stored, digest_sum FROM input"):
        events += stored
        total = (total + int(digest_sum)) % DIGESTS
    return Checkpoint(events, "sha256:" + hashlib.sha256(f"{events}:{total:032x}".encode()).hexdigest())


def is_settled(store: Store) -> bool:
    """Whether what this program derives from the facts is there and up to date, in this program's schema."""
    settled = "SELECT 1 FROM meta WHERE key = 'settled' AND value = $layout"
    return version_of(store) == known_migrations()[-1][0] and bool(store.rows(settled, layout=str(LAYOUT)))


def unsettle(store: Store) -> None:
    """Say that what is derived from the facts is behind them."""
    store.run("DELETE FROM meta WHERE key = 'settled'")


def keep_settled(store: Store) -> None:
    """Say that it is up to date."""
    unsettle(store)
    store.run("INSERT INTO meta VALUES ('settled', $layout)", layout=str(LAYOUT))


def find_inputs(store: Store, digests: Sequence[str], collector: str, options: str) -> dict[str, Input]:
    """Those of the contents that this collector took in before (with the same told options), by digest."""
    found = store.rows(
        f"SELECT {', '.join(INPUT)} FROM input"
        " WHERE collector = $collector AND options = $options AND digest IN (SELECT unnest($digests::VARCHAR[]))",
        collector=collector, options=options, digests=digests,
    )  # fmt: skip
    return {one.digest: one for one in (Input(*row) for row in found)}


def knows_size(store: Store, size: int) -> bool:
    """Whether a content of so many bytes was taken in; where none was, one of this size is new."""
    return bool(store.rows("SELECT 1 FROM input WHERE size = $size LIMIT 1", size=size))


def next_inputs(store: Store, count: int) -> int:
    """Numbers for so many inputs, one after the other: the first of them."""
    return int(
        store.one("SELECT min(number) FROM (SELECT nextval('input_sequence') AS number FROM range($n))", n=count)[0]
    )


def keep_inputs(store: Store, inputs: Sequence[Input]) -> None:
    """Enter inputs into the ledger."""
    columns = {name: [getattr(one, name) for one in inputs] for name in INPUT}
    store.load("new_input", columns, INPUT)
    store.run(f"INSERT INTO input SELECT {', '.join(INPUT)} FROM new_input")


def keep_names(store: Store, names: Sequence[tuple[int, str, str, str | None]]) -> bool:
    """Remember under which name and path, and as of which source, inputs were given; False when all was known."""
    columns = dict(zip(INPUT_NAME, zip(*names, strict=True), strict=True))
    store.load("new_name", columns, INPUT_NAME)
    return bool(store.one("INSERT INTO input_name SELECT * FROM new_name EXCEPT SELECT * FROM input_name")[0])


def keep_rejects(store: Store, first_input: int, rejects: Sequence[tuple[str, int, str]]) -> None:
    """``rejects``: (first 128 bits of the text's SHA-256 as hex, place in the batch, reason)."""
    if rejects:
        store.run(
            f"INSERT INTO reject SELECT ('0x' || digest)::UHUGEINT, $first_input + {NUMBER}, {POSITION}, reason FROM"
            " (SELECT unnest($digests) AS digest, unnest($places) AS position, unnest($reasons) AS reason)",
            first_input=first_input,
            digests=[digest for digest, _, _ in rejects],
            places=[place for _, place, _ in rejects],
            reasons=[reason for _, _, reason in rejects],
        )
