"""From catalog.yml to a ``Catalog``: the shape of every entry, then what holds between entries."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lineage.catalog.checks import check
from lineage.catalog.model import (
    ALL_OPERATIONS,
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
from lineage.catalog.nodes import (
    Node,
    Reader,
    compose,
    duration,
    flag,
    instant,
    keyed,
    line_of,
    list_of,
    number_one,
    one_of,
    pairs,
    text,
    zone,
)
from lineage.names import AFTER_ALL, BEFORE_ALL

T = TypeVar("T")
Told = Mapping[str, Any]


def read(content: str) -> Catalog:
    """The catalog that the text of a catalog.yml declares. Raises LineageError naming the line."""
    told = _CATALOG(compose(content))
    lines = {section: told.get(section, ()) for section in _SECTIONS}
    check(
        vendors=lines["vendors"],
        principals=lines["principals"],
        environments=lines["environments"],
        jobs=lines["jobs"],
        sources=lines["sources"],
    )
    entries = {section: tuple(entry for _, entry in found) for section, found in lines.items()}
    return Catalog(
        version=told["version"],
        as_of=told["as_of"],
        vendors=tuple(sorted(entries["vendors"], key=lambda vendor: vendor.id)),
        principals=tuple(sorted(entries["principals"], key=lambda p: (p.id, p.valid_from))),
        jobs=entries["jobs"],
        environments=tuple(sorted(entries["environments"], key=lambda environment: environment.id)),
        datasets=entries["datasets"],
        sources=entries["sources"],
    )


def _entries(shape: Reader[dict[str, Any]], make: Callable[[Told], T]) -> Reader[tuple[tuple[int, T], ...]]:
    """Each entry of a section with the line that it begins on."""

    def one(node: Node) -> tuple[int, T]:
        return line_of(node), make(shape(node))

    return list_of(one)


def _vendor(told: Told) -> Vendor:
    role = "sub_processor" if "sub_processor_of" in told else "processor"
    return Vendor(**{"name": told["id"], "role": role, **told})


def _principal(told: Told) -> Principal:
    return Principal(
        **{
            "valid_from": BEFORE_ALL,
            "valid_to": AFTER_ALL,
            **told,
            "rotated_at": tuple(sorted(set(told.get("rotated_at", ())))),
            "aliases": tuple(sorted(set(told.get("aliases", ())))),
        }
    )


def _environment(told: Told) -> Environment:
    return Environment(told["id"], tuple(sorted(set(told.get("credentials", ())))))


def _match(node: Node) -> Match:
    return Match(**_MATCH(node))


def _fields(node: Node) -> tuple[Field, ...]:
    return tuple(Field(name, list_of(text)(value)) for _, name, value in pairs(node))


_OPERATIONS = list_of(one_of(*ALL_OPERATIONS))
_MATCH = keyed("a match", {}, {"namespace": text, "name": text})
_SECTIONS: dict[str, Reader[tuple[tuple[int, Any], ...]]] = {
    "vendors": _entries(
        keyed(
            "a vendor",
            {"id": text},
            {
                "name": text,
                "role": one_of("processor", "sub_processor"),
                "sub_processor_of": text,
                "country": text,
            },
        ),
        _vendor,
    ),
    "principals": _entries(
        keyed(
            "a principal",
            {"id": text},
            {
                "vendor": text,
                "kind": one_of("user", "service", "api_key"),
                "valid_from": instant,
                "valid_to": instant,
                "rotated_at": list_of(instant),
                "aliases": list_of(text),
            },
        ),
        _principal,
    ),
    "jobs": _entries(
        keyed(
            "a job",
            {"match": _match},
            {"vendor": text, "principal": text, "environment": text, "max_duration": duration},
        ),
        lambda told: Job(**told),
    ),
    "environments": _entries(keyed("an environment", {"id": text}, {"credentials": list_of(text)}), _environment),
    "datasets": _entries(
        keyed(
            "a dataset",
            {"match": _match},
            {
                "key": list_of(text),
                "write_mode": one_of("append", "overwrite", "unknown"),
                "indexed": flag,
                "fields": _fields,
                "view_of": list_of(text),
                "observed_by": list_of(text),
            },
        ),
        lambda told: Dataset(**told),
    ),
    "sources": _entries(
        keyed(
            "a source",
            {"id": text, "collector": text},
            {
                "namespace": text,
                "files": text,
                "max_silence": duration,
                "timezone": zone,
                "observes": _OPERATIONS,
            },
        ),
        lambda told: Source(**told),
    ),
}
_CATALOG = keyed("a catalog", {"version": number_one, "as_of": instant}, _SECTIONS)
