"""Exports: one file each. To add one, write its file and name it here.

Pages draw graphs too: ``ways`` (paths that many share), ``graph`` and ``links`` (what is in one), ``picture`` (where).
"""

from collections.abc import Sequence

from lineage.errors import LineageError
from lineage.exports import graphml, parquet, tables
from lineage.exports.interface import Export

EXPORTS: tuple[Export, ...] = (tables.EXPORT, parquet.EXPORT, graphml.EXPORT)


def choose(names: Sequence[str]) -> tuple[Export, ...]:
    """The exports of these names; all of them where none is named. Raises LineageError for a name that none has."""
    known = {export.name: export for export in EXPORTS}
    for name in names:
        if name not in known:
            raise LineageError(f"There is no export {name[:40]}.", f"Choose one of {', '.join(known)}.")
    return tuple(export for export in EXPORTS if not names or export.name in names)
