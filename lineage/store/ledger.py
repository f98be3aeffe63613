"""The ledger of inputs and the checkpoint that an answer names."""

import hashlib
from dataclasses import dataclass

from lineage.store.connection import Store
from lineage.store.merging import DIGESTS, Tally

# Counts up with every change of what `touches` derives: what another program derived is derived anew.
LAYOUT = 4


@dataclass(frozen=True)
class Checkpoint:
    """What the store knew: the number of distinct events and a digest of their set.

    The digest is SHA-256 over the count and the sum, modulo 2^128, of the events' digests: it depends on
    the set alone, not on the order or the batches that it came in.
    """

    events: int
    digest: str


def checkpoint(store: Store) -> Checkpoint:
    events, total = 0, 0
    for stored, digest_sum in store.rows("SELECT stored, digest_sum FROM input"):
        events += stored
        total = (total + int(digest_sum)) % DIGESTS
    return Checkpoint(events, "sha256:" + hashlib.sha256(f"{events}:{total:032x}".encode()).hexdigest())


def is_settled(store: Store) -> bool:
    """Whether what this program derives from the facts is there and up to date."""
    return bool(store.rows("SELECT 1 FROM meta WHERE key = 'settled' AND value = $layout", layout=str(LAYOUT)))


def keep_settled(store: Store) -> None:
    store.run("DELETE FROM meta WHERE key = 'settled'")
    store.run("INSERT INTO meta VALUES ('settled', $layout)", layout=str(LAYOUT))


def find_input(store: Store, digest: str, options: str) -> int | None:
    """The number of the input with this content (and told options), if it was taken in before."""
    found = store.rows(
        "SELECT input_id FROM input WHERE digest = $digest AND options = $options", digest=digest, options=options
    )
    return int(found[0][0]) if found else None


def next_input(store: Store) -> int:
    return int(store.one("SELECT nextval('input_sequence')")[0])


def keep_input(
    store: Store, input_id: int, digest: str, size: int, collector: str, options: str, recorded_at: int, tally: Tally
) -> None:
    store.run(
        "INSERT INTO input VALUES ($input_id, $digest, $size, $collector, $options, $recorded_at,"
        " $lines, $stored, $known, $rejected, $passed, $digest_sum)",
        input_id=input_id,
        digest=digest,
        size=size,
        collector=collector,
        options=options,
        recorded_at=recorded_at,
        lines=tally.lines,
        stored=tally.stored,
        known=tally.known,
        rejected=tally.rejected,
        passed=tally.passed,
        digest_sum=str(tally.digest_sum),
    )


def keep_name(store: Store, input_id: int, name: str, path: str, source: str | None) -> bool:
    """Remember under which name an input was given; False when that was known."""
    known = store.rows(
        "SELECT 1 FROM input_name WHERE input_id = $input_id AND name = $name AND path = $path"
        " AND source IS NOT DISTINCT FROM $source",
        input_id=input_id, name=name, path=path, source=source,
    )  # fmt: skip
    if not known:
        store.run(
            "INSERT INTO input_name VALUES ($input_id, $name, $path, $source)",
            input_id=input_id, name=name, path=path, source=source,
        )  # fmt: skip
    return not known


def keep_rejects(store: Store, input_id: int, rejects: list[tuple[str, int, str]]) -> None:
    """``rejects``: (first 128 bits of the text's SHA-256 as hex, position, reason)."""
    if rejects:
        store.run(
            "INSERT INTO reject SELECT ('0x' || digest)::UHUGEINT, $input_id, position, reason FROM"
            " (SELECT unnest($digests) AS digest, unnest($positions) AS position, unnest($reasons) AS reason)",
            input_id=input_id,
            digests=[digest for digest, _, _ in rejects],
            positions=[position for _, position, _ in rejects],
            reasons=[reason for _, _, reason in rejects],
        )
