"""A catalog as JSON text: equal catalogs give equal bytes."""

import json
from dataclasses import asdict
from typing import Any

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


def to_json(catalog: Catalog) -> str:
    """One line, keys sorted, every default spelled out, instants and durations as µs integers."""
    return json.dumps(asdict(catalog), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(text: str) -> Catalog:
    """The catalog that ``to_json`` wrote."""
    told = json.loads(text)
    return Catalog(
        version=told["version"],
        as_of=told["as_of"],
        vendors=tuple(Vendor(**item) for item in told["vendors"]),
        principals=tuple(Principal(**_frozen(item)) for item in told["principals"]),
        jobs=tuple(Job(**{**item, "match": Match(**item["match"])}) for item in told["jobs"]),
        environments=tuple(Environment(**_frozen(item)) for item in told["environments"]),
        datasets=tuple(
            Dataset(
                **{
                    **_frozen(item),
                    "match": Match(**item["match"]),
                    "fields": tuple(Field(**_frozen(field)) for field in item["fields"]),
                }
            )
            for item in told["datasets"]
        ),
        sources=tuple(Source(**_frozen(item)) for item in told["sources"]),
    )


def _frozen(item: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
