"""What the package URL of a distribution says beside a package: the source that it was built of, and the release."""

import re
from typing import Any

from packageurl import PackageURL

from lineage.versions.packages import Package, package, read_purl, with_scheme

_BUILT = ("deb", "rpm", "apk", "alpm")  # types whose packages are built of a source that advisories name
_SOURCE_RPM = re.compile(r"(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def source_of(purl: str) -> tuple[Package, str | None] | None:
    """The source package that a readable package URL names as its ``upstream``, and its version."""
    upstream = _qualifier(purl, "upstream")
    told = read_purl(purl) if upstream else None  # most name none
    if told is None or told[0].type not in _BUILT:
        return None
    found, version = told
    if match := _SOURCE_RPM.fullmatch(upstream):
        return package(found.type, found.namespace, match[1]), match[2]
    name, _, stated = upstream.partition("@")
    return package(found.type, found.namespace, name), stated or version


def release_of(purl: str) -> str:
    """The number of the release that a readable package URL names as its ``distro``; '' where it tells none."""
    return number_of(_qualifier(purl, "distro"))


def number_of(release: str) -> str:
    """The number in the name of a release: 12 of ``debian-12``, 3.18 of ``v3.18``; '' where it has none."""
    match = _NUMBER.search(release)
    return match[0] if match else ""


def is_of(release: str, other: str) -> bool:
    """Whether one number of a release lies in another: 12.5 in 12."""
    return f"{release}.".startswith(f"{other}.")


def _qualifier(purl: str, name: str) -> str:
    if f"{name}=" not in purl.lower():
        return ""
    found: Any = PackageURL.from_string(with_scheme(purl)).qualifiers
    return str(found.get(name, ""))
