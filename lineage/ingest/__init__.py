"""Ingest: inputs in, facts kept, and what is derived from them brought up to date."""

from collections.abc import Callable, Iterator

from lineage.ingest.choosing import Told
from lineage.ingest.opening import Given, check_paths, find_inputs
from lineage.ingest.taking import Taken, Taker
from lineage.store import Store
from lineage.touches import settle

__all__ = ["Given", "Taken", "Told", "check_paths", "find_inputs", "ingest"]


def ingest(
    store: Store,
    paths: list[str],
    told: Told | None = None,
    *,
    keep: bool = True,
    settled: bool = True,
    tick: Callable[[int, str], None] = lambda lines, name: None,
) -> Iterator[Taken]:
    """Take in every input below ``paths``, in their order, and yield what became of each.

    Each input is whole in the store or not at all; the same content again changes nothing. With ``keep``
    false nothing is kept. After the last one the touches are settled, unless ``settled`` is false: then what is derived
    is left behind the facts.
    """
    yield from Taker(store, told or Told(), tick, keep).take(find_inputs(paths))
    if keep and settled:
        settle(store)
