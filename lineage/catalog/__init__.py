"""The catalog: who is who and what is what, as declared in catalog.yml."""

from lineage.catalog.canonical import from_json, to_json
from lineage.catalog.model import (
    Catalog,
    Dataset,
    Environment,
    Field,
    Job,
    Match,
    Principal,
    Source,
    Vendor,
)
from lineage.catalog.reading import read
from lineage.catalog.tables import TABLES

__all__ = [
    "TABLES",
    "Catalog",
    "Dataset",
    "Environment",
    "Field",
    "Job",
    "Match",
    "Principal",
    "Source",
    "Vendor",
    "from_json",
    "read",
    "to_json",
]
