"""Collectors: one file each. To add one, write its file and name it here; more specific shapes come first.

What they share: ``interface`` (what a collector is), ``sniffing`` (what the beginning of an input shows), ``framing``,
``documents`` and ``typed_csv`` (bytes to one-line texts), and for their SQL ``times``, ``keys``, ``judging``,
``snapshots`` and ``listed``. Of the large ones parts lie beside them, by their name: ``openlineage_…``, ``pgaudit_…``,
``locked_uv``. What to give instead of what none of them reads, ``unread`` says.
"""

from lineage.collectors import (
    access,
    catalog_file,
    cyclonedx,
    data_subjects,
    locked,
    openlineage,
    osv,
    pgaudit,
    pip_inspect,
    pip_list,
    records,
    requirements,
    spdx,
)
from lineage.collectors.interface import Collector, Head
from lineage.collectors.unread import instead
from lineage.errors import LineageError

COLLECTORS: tuple[Collector, ...] = (
    openlineage.COLLECTOR,
    pgaudit.COLLECTOR,
    access.COLLECTOR,
    records.COLLECTOR,
    data_subjects.COLLECTOR,
    cyclonedx.COLLECTOR,
    spdx.COLLECTOR,
    pip_inspect.COLLECTOR,
    pip_list.COLLECTOR,
    osv.COLLECTOR,
    catalog_file.COLLECTOR,
    locked.COLLECTOR,
    requirements.COLLECTOR,
)
__all__ = ["COLLECTORS", "NAMES", "Collector", "Head", "claiming", "find_collector", "instead"]
NAMES = ", ".join(collector.name for collector in COLLECTORS)


def find_collector(name: str) -> Collector:
    """The collector of that name. Raises LineageError where there is none."""
    found = next((collector for collector in COLLECTORS if collector.name == name), None)
    if found is None:
        raise LineageError(f"There is no collector {name}.", f"Choose one of {NAMES}.")
    return found


def claiming(head: Head) -> Collector | None:
    """The first collector that can read such an input, None where none can."""
    return next((collector for collector in COLLECTORS if collector.claims(head)), None)
