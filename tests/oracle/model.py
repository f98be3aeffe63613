"""What a small world tells, as plain values: nothing here is derived.

Instants are integer microseconds since 1970-01-01 UTC. A dataset, and a job, is named by (namespace, name).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

FOREVER = 2**61
"""Later than any instant; -FOREVER is earlier than any."""

DAY = 24 * 3600 * 1_000_000

Name = tuple[str, str]
Value = str | int | float | bool | None
Interval = tuple[int, int]
"""Both ends inclusive."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> int:
    """The instant that an RFC 3339 text with an offset (or " UTC" at its end) names."""
    told = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    if told.tzinfo is None:
        raise ValueError(f"{text!r} has no offset.")
    return (told - EPOCH) // timedelta(microseconds=1)


def text_of(at: int) -> str:
    """The RFC 3339 text, with six digits of a second and Z, of an instant."""
    return (EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Vendor:
    id: str
    sub_processor_of: str | None = None


@dataclass(frozen=True)
class Principal:
    """One catalog entry: membership of a vendor over [valid_from, valid_to)."""

    id: str
    vendor: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None
    rotated_at: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A catalog entry; namespace and name are globs."""

    namespace: str
    name: str
    vendor: str | None = None
    principal: str | None = None
    environment: str | None = None
    max_duration: int = DAY


@dataclass(frozen=True)
class Environment:
    id: str
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A catalog entry; namespace and name are globs; fields are (name, categories)."""

    namespace: str
    name: str
    key: tuple[str, ...] = ()
    write_mode: str = "unknown"
    indexed: bool = False
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    view_of: tuple[str, ...] = ()
    observed_by: tuple[str, ...] = ()


OPERATIONS = ("read", "list", "create", "update", "delete")
"""What a source may tell of."""


@dataclass(frozen=True)
class Source:
    """A catalog entry: what is told by the files of one collector, and how long they may be silent, in µs."""

    id: str
    collector: str
    max_silence: int | None = None
    observes: tuple[str, ...] = OPERATIONS


@dataclass(frozen=True)
class ColumnEdge:
    """One inputField of a columnLineage facet; `output` None: it bears on every output field."""

    output: str | None
    dataset: Name
    field: str
    masked: bool = False


@dataclass(frozen=True)
class Port:
    """A dataset in the inputs or outputs of an event, with what its facets say.

    `columns` is None without a columnLineage facet, `sources` None without a `lineage` facet.
    """

    dataset: Name
    lifecycle: str | None = None
    previous: Name | None = None
    partial: bool = False
    symlinks: tuple[Name, ...] = ()
    columns: tuple[ColumnEdge, ...] | None = None
    sources: tuple[Name, ...] | None = None


@dataclass(frozen=True)
class RunEvent:
    time: int
    kind: str | None
    run: str
    job: Name
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    parent: tuple[str, Name] | None = None
    root: tuple[str, Name] | None = None
    sql: str | None = None


@dataclass(frozen=True)
class DatasetEvent:
    time: int
    port: Port


@dataclass(frozen=True)
class Access:
    """An access event over [start, end]; keys, statement and fields are None where they were not told."""

    id: str
    start: int
    end: int
    principal: str
    operation: str
    outcome: str
    dataset: Name
    keys: tuple[str, ...] | None = None
    statement: str | None = None
    fields: tuple[str, ...] | None = None
    run: str | None = None


@dataclass(frozen=True)
class Entry:
    """A record entry as it was told once; an attribute that is not held is absent, and '' is nobody."""

    dataset: Name
    key: str
    subject: str
    valid_from: int
    valid_to: int | None = None
    attributes: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Snapshot:
    environment: str
    taken_at: int
    purls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Affected:
    """Versions of a package (a package URL without a version) that an advisory lists, or holds in a range of
    (introduced | fixed | last_affected, version)."""

    package: str
    versions: tuple[str, ...] = ()
    ranges: tuple[tuple[tuple[str, str], ...], ...] = ()


@dataclass(frozen=True)
class Advisory:
    id: str
    affected: tuple[Affected, ...] = ()


@dataclass(frozen=True)
class World:
    vendors: tuple[Vendor, ...] = ()
    principals: tuple[Principal, ...] = ()
    jobs: tuple[Job, ...] = ()
    environments: tuple[Environment, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    run_events: tuple[RunEvent, ...] = ()
    dataset_events: tuple[DatasetEvent, ...] = ()
    accesses: tuple[Access, ...] = ()
    entries: tuple[Entry, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    sources: tuple[Source, ...] = ()
    jurisdictions: tuple[tuple[str, str], ...] = field(default=())
