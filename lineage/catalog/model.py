"""What a catalog declares. Instants and durations are microseconds; open ends BEFORE_ALL and AFTER_ALL."""

from dataclasses import dataclass

ALL_OPERATIONS = ("read", "create", "update", "delete", "list")
DEFAULT_DURATION = 24 * 3600 * 1_000_000  # µs: how long a run may have lasted whose START was lost


@dataclass(frozen=True)
class Vendor:
    """``sub_processor_of`` is the id of another vendor."""

    id: str
    name: str
    role: str
    sub_processor_of: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Principal:
    """An identity over [valid_from, valid_to); ``vendor`` None is ours. One id may have several entries."""

    id: str
    valid_from: int
    valid_to: int
    vendor: str | None = None
    kind: str | None = None
    rotated_at: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """Globs on the whole namespace and the whole name."""

    namespace: str = "*"
    name: str = "*"


@dataclass(frozen=True)
class Job:
    """Whose the matching jobs are, as whom and where they run, and how long at most (µs)."""

    match: Match
    vendor: str | None = None
    principal: str | None = None
    environment: str | None = None
    max_duration: int = DEFAULT_DURATION


@dataclass(frozen=True)
class Environment:
    """``credentials``: other principals whose secrets what runs there can read."""

    id: str
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A column and its data categories (DPV-PD terms)."""

    name: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What the matching datasets are; ``view_of``: names, in the same namespace, of what a view reads."""

    match: Match
    key: tuple[str, ...] = ()
    write_mode: str = "unknown"
    indexed: bool = False
    fields: tuple[Field, ...] = ()
    view_of: tuple[str, ...] = ()
    observed_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A log: where its names live, what it tells of, and how long it may be silent (µs)."""

    id: str
    collector: str
    namespace: str | None = None
    files: str | None = None
    max_silence: int | None = None
    timezone: str | None = None
    observes: tuple[str, ...] = ALL_OPERATIONS


@dataclass(frozen=True)
class Catalog:
    """``jobs`` and ``datasets`` are in order: the first that matches holds."""

    version: int
    as_of: int
    vendors: tuple[Vendor, ...] = ()
    principals: tuple[Principal, ...] = ()
    jobs: tuple[Job, ...] = ()
    environments: tuple[Environment, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    sources: tuple[Source, ...] = ()
