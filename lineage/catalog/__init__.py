"""The catalog: who is who and what is what, as declared in catalog.yml."""

from lineage.catalog.canonical import to_json
from lineage.catalog.reading import read
from lineage.catalog.tables import TABLES

__all__ = ["TABLES", "read", "to_json"]
