"""Acts on data as the systems saw them: statements in PostgreSQL, requests to the other systems."""

from dataclasses import dataclass
from datetime import datetime

from sample_data.story.datasets import Dataset

TAGWORKS_KEY = "arn:aws:iam::111122223333:user/tagworks-export"  # svc_tagworks_export, to the object store
# What each principal's machine calls itself and where it is (addresses kept for documentation).
HOSTS = {
    "svc_halden_app": ("portal", "192.0.2.10"),
    "svc_halden_finance": ("reconcile", "192.0.2.11"),
    "svc_people_api": ("people-api", "192.0.2.12"),
    "u_hal_dba": ("psql", "192.0.2.20"),
    "svc_northgate_etl": ("airflow", "198.51.100.10"),
    "svc_northgate_match": ("matching", "198.51.100.24"),
    "svc_northgate_mirror": ("hr-mirror", "198.51.100.31"),
    TAGWORKS_KEY: ("tagworks-export", "198.51.100.140"),
    "svc_brightdesk": ("contact-cards", "203.0.113.8"),
    "tmp_migration": ("psql", "192.0.2.99"),
}
STRANGER = "203.0.113.177"


@dataclass(frozen=True)
class Statement:
    """A statement in the people database.

    ``touches`` are pgaudit's (class, command, object type, object), one for each line it writes; an empty
    tuple with ``denied`` is a statement that was refused.
    """

    when: datetime
    principal: str
    sql: str
    touches: tuple[tuple[str, str, str, str], ...]
    parameters: tuple[str, ...] = ()
    rows: int = 0
    denied: str | None = None
    host: str | None = None


@dataclass(frozen=True)
class Request:
    """A request to a system that writes access events of its own. ``seconds`` is how long it took."""

    system: str
    when: datetime
    principal: str
    operation: str
    dataset: Dataset
    keys: tuple[str, ...] = ()
    sql: str | None = None
    parameters: tuple[str, ...] = ()
    rows: int | None = None
    outcome: str = "success"
    run: str | None = None
    host: str | None = None
    seconds: float = 0.0


def reads(table: str) -> tuple[tuple[str, str, str, str], ...]:
    """What pgaudit writes about a SELECT from one table."""
    return (("READ", "SELECT", "TABLE", table),)


def copies(target: str, source: str) -> tuple[tuple[str, str, str, str], ...]:
    """What pgaudit writes about INSERT … SELECT."""
    return (("WRITE", "INSERT", "TABLE", target), ("READ", "SELECT", "TABLE", source))


def host_of(principal: str) -> tuple[str, str]:
    """The application name and the address that a principal connects from."""
    portal = ("portal", "198.51.100.60") if principal.startswith("u_ng_") else ("desk", "203.0.113.9")
    return HOSTS.get(principal, portal)
