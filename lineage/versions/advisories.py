"""Advisories in the OSV format (schema 1.x, JSON): which concrete packages they call affected.

The rules are those of the schema's section on evaluation: a version is affected when it is listed, or
when it lies in a range; the events of a range apply in order of version.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from lineage.errors import LineageError
from lineage.names import parse_instant
from lineage.versions.distributions import is_of, number_of, release_of, source_of
from lineage.versions.order import compare
from lineage.versions.packages import Package, any_of, is_same, package, read_purl

_HINT = "Give the advisory's JSON as OSV publishes it."
# In the order in which those of one version apply.
_EVENTS = ("fixed", "introduced", "last_affected", "limit")

# Ecosystems of OSV whose package URL type has another name; what follows a colon (a release) is no matter.
_TYPES = {
    "go": "golang",
    "crates.io": "cargo",
    "rubygems": "gem",
    "packagist": "composer",
    "swifturl": "swift",
    "conancenter": "conan",
    "github actions": "githubactions",
    **dict.fromkeys(("debian", "ubuntu"), "deb"),
    **dict.fromkeys(("alpine", "wolfi", "chainguard"), "apk"),
    **dict.fromkeys(
        ("red hat", "rocky linux", "almalinux", "suse", "opensuse", "openeuler", "mageia", "azure linux"),
        "rpm",
    ),
}
_NAMESPACES = {
    "red hat": "redhat",
    "rocky linux": "rocky-linux",
    "azure linux": "azurelinux",
}


@dataclass(frozen=True)
class Range:
    """``events`` are (introduced | fixed | last_affected | limit, version); ``kind`` SEMVER or ECOSYSTEM."""

    kind: str
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Affected:
    """Versions of one package; ``told`` is False where nothing here says which (GIT ranges alone). ``release`` is that
    of the distribution which they are of; '' where it is none, or for all of them."""

    package: Package
    versions: tuple[str, ...]
    ranges: tuple[Range, ...]
    told: bool = True
    release: str = ""

    def verdict(self, package: Package, version: str | None) -> bool | None:
        """Whether this version of this package is affected; None where it cannot be told."""
        if package != self.package:
            return False
        if version is None or not self.told:
            return None
        kind = self.package.type
        return any_of(
            [
                *(is_same(kind, version, listed) for listed in self.versions),
                *(_in_range(kind if told.kind == "ECOSYSTEM" else "semver", version, told) for told in self.ranges),
            ]
        )


@dataclass(frozen=True)
class Advisory:
    """``withdrawn``: when it was taken back (µs), else None; what it says is then no longer held true."""

    id: str
    aliases: tuple[str, ...]
    affected: tuple[Affected, ...]
    withdrawn: int | None = None

    def verdict(self, purl: str) -> bool | None:
        """Whether the package is affected; None where its version is missing or has no order here, or where only the
        source that it was built of is named."""
        told = read_purl(purl)
        if told is None:
            return False
        release, source = release_of(purl), source_of(purl)
        found = self._of_release(*told, release)
        if found is False and source is not None and self._of_release(*source, release) is not False:
            return None
        return found

    def _of_release(self, package: Package, version: str | None, release: str) -> bool | None:
        """One version may be mended in one release of a distribution and not in the next: where it is not told of
        which it is, only what holds for all of them is certain."""
        about = [affected for affected in self.affected if affected.package == package]
        general = [affected.verdict(package, version) for affected in about if not affected.release]
        releases = {affected.release for affected in about if affected.release}
        own = {one for one in releases if release and is_of(release, one)}
        verdicts = {
            any_of(affected.verdict(package, version) for affected in about if affected.release == one)
            for one in own or releases
        }
        if release and not own:
            verdicts.add(False)  # of another release, or of one that is written otherwise
        return any_of([*general, verdicts.pop() if len(verdicts) == 1 else None if verdicts else False])


def read_advisory(content: bytes) -> Advisory:
    """The advisory of one OSV document. Raises LineageError for what is none, YAML included."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LineageError("The advisory is not UTF-8 text.", _HINT) from None
    if not text.lstrip().startswith("{"):
        raise LineageError(
            "The advisory is not a JSON object.",
            f"YAML and other forms are not read. {_HINT}",
        )
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = error if isinstance(error, json.JSONDecodeError) else "it is too deep, or a number in it is too long"
        raise LineageError(f"The advisory is not valid JSON: {why}.", _HINT) from None
    ident = _text(document, "id")
    affected = _list(document, "affected", ident)
    # What has no package is a repository's commits (GIT ranges alone): no snapshot can hold those.
    named = [item for item in affected if not (isinstance(item, Mapping) and item.get("package") is None)]
    if affected and not named:
        raise LineageError(f"The advisory {ident} affects only what comes without a package.", _HINT)
    return Advisory(
        id=ident,
        aliases=tuple(str(alias) for alias in _list(document, "aliases", ident)),
        affected=tuple(_affected(item, ident) for item in named),
        withdrawn=parse_instant(_text(document, "withdrawn")) if document.get("withdrawn") else None,
    )


def _affected(item: object, ident: str) -> Affected:
    if not isinstance(item, Mapping) or not isinstance(item.get("package"), Mapping):
        raise LineageError(f"The advisory {ident} affects something without a package.", _HINT)
    ranges = [_range(told, ident) for told in _list(item, "ranges", ident)]
    versions = tuple(str(version) for version in _list(item, "versions", ident))
    kept = tuple(told for told in ranges if told.kind != "GIT")
    release = number_of(str(item["package"].get("ecosystem") or "").partition(":")[2])
    return Affected(_package(item["package"]), versions, kept, told=bool(versions or kept), release=release)


def _package(told: Mapping[str, Any]) -> Package:
    if isinstance(told.get("purl"), str) and (read := read_purl(told["purl"])):
        return read[0]
    ecosystem = _text(told, "ecosystem").partition(":")[0].lower()
    kind, name = _TYPES.get(ecosystem, ecosystem), _text(told, "name")
    if kind in ("deb", "rpm", "apk"):
        return package(kind, _NAMESPACES.get(ecosystem, ecosystem), name)
    namespace, _, name = name.rpartition(":" if kind == "maven" else "/")
    return package(kind, namespace, name)


def _range(told: object, ident: str) -> Range:
    if not isinstance(told, Mapping) or told.get("type") not in ("SEMVER", "ECOSYSTEM", "GIT"):
        raise LineageError(f"The advisory {ident} has a range without a known type.", _HINT)
    events: list[tuple[str, str]] = []
    for event in _list(told, "events", ident):
        if not isinstance(event, Mapping) or len(event) != 1 or next(iter(event)) not in _EVENTS:
            raise LineageError(f"The advisory {ident} has an unknown event in a range: {event}.", _HINT)
        events.extend((str(name), str(version)) for name, version in event.items())
    if events and "introduced" not in dict(events):  # the schema asks for one: from the beginning, for all we know
        events.append(("introduced", "0"))
    return Range(str(told["type"]), tuple(events))


def _in_range(kind: str, version: str, told: Range) -> bool | None:
    """The schema's evaluation; without an order only a bound that is itself affected can be told."""
    bounds = [(name, bound) for name, bound in told.events if bound not in ("0", "*")]
    if any(compare(kind, version, bound) is None for _, bound in bounds):
        named = [bound for name, bound in bounds if name in ("introduced", "last_affected")]
        return True if version in named else None
    limits = [bound for name, bound in told.events if name == "limit"]
    if limits and not any(bound == "*" or _at(kind, version, bound) < 0 for bound in limits):
        return False
    affected = False
    for name, bound in sorted(told.events, key=_by_bound(kind)):
        position = _at(kind, version, bound)
        if name == "introduced" and position >= 0:
            affected = True
        elif (name == "fixed" and position >= 0) or (name == "last_affected" and position > 0):
            affected = False
    return affected


def _at(kind: str, version: str, bound: str) -> int:
    """``compare``, with the bound 0 before every version and * after every one."""
    if bound in ("0", "*"):
        return 1 if bound == "0" else -1
    return compare(kind, version, bound) or 0


def _by_bound(kind: str) -> Callable[[tuple[str, str]], Any]:
    def before(left: tuple[str, str], right: tuple[str, str]) -> int:
        if left[1] == right[1]:
            # Bad again where it was fixed counts as bad; the first bad version may be the last one too.
            return _EVENTS.index(left[0]) - _EVENTS.index(right[0])
        if "0" in (left[1], right[1]) or "*" in (left[1], right[1]):
            return -1 if left[1] == "0" or right[1] == "*" else 1
        return compare(kind, left[1], right[1]) or 0

    return cmp_to_key(before)


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise LineageError(f"The advisory has no {key}.", _HINT)
    return value


def _list(document: Mapping[str, Any], key: str, ident: str) -> list[Any]:
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise LineageError(f"{key!r} of the advisory {ident} is no list.", _HINT)
    return value
