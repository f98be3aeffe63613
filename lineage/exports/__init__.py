"""Exports: one file each. To add one, write its file and name it here."""

from lineage.exports import graph, tables
from lineage.exports.interface import Export

EXPORTS: tuple[Export, ...] = (tables.EXPORT, graph.EXPORT)
