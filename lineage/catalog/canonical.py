"""A catalog as JSON text: equal catalogs give equal bytes."""

import json
from dataclasses import asdict

from lineage.catalog.model import Catalog


def to_json(catalog: Catalog) -> str:
    """One line, keys sorted, every default spelled out, instants and durations as µs integers."""
    return json.dumps(asdict(catalog), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
