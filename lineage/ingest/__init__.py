"""Ingest: inputs in, facts kept, and what is derived from them brought up to date."""

from collections.abc import Iterator

from lineage.ingest.choosing import Told, why_left
from lineage.ingest.opening import Given, check_paths, find_inputs, size_of
from lineage.ingest.taking import Taken, Taker
from lineage.store import Store
from lineage.touches import Tick, not_told, settle

__all__ = ["Given", "Taken", "Tick", "Told", "check_paths", "find_inputs", "ingest", "why_left"]


def ingest(
    store: Store,
    paths: list[str],
    told: Told | None = None,
    *,
    keep: bool = True,
    settled: bool = True,
    tick: Tick = not_told,
) -> Iterator[Taken]:
    """Take in every input below ``paths``, in their order, and yield what became of each.

    Each input is whole in the store or not at all; the same content again changes nothing. With ``keep``
    false nothing is kept. After the last one the touches are settled, unless ``settled`` is false: then what is derived
    is left behind the facts. ``tick`` is told how far it is.
    """
    inputs = find_inputs(paths, store.path)
    yield from Taker(store, told or Told(), tick, size_of(paths), keep=keep).take(inputs)
    if keep and settled:
        settle(store, tick)
