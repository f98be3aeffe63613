"""The order of package versions, by each ecosystem's own rules.

``kind`` is the type of a package URL (``pypi``, ``npm``, ``deb``, …). Where a type has no order that is
known here, or a version does not follow its rules, only equal text is the same version.
"""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from packaging.version import Version

_SEMVER = re.compile(r"[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)


def compare(kind: str, version: str, bound: str) -> int | None:
    """-1, 0 or 1 as ``version`` is before, equal to or after ``bound``; None where that cannot be told.

    A local part (``1.82.8+cpu``) that the bound does not name is left aside, as PEP 440 does: a rebuild
    of an affected version is affected.
    """
    if version == bound:
        return 0
    order = order_of(kind)
    if order is None:
        return None
    try:
        left, right = order(version), order(bound)
        if isinstance(left, Version) and left.local and not right.local:
            left = Version(left.public)
        return 0 if left == right else -1 if left < right else 1
    except (ValueError, TypeError):
        return None


def is_version(kind: str, text: str) -> bool:
    """Whether the text follows the type's rules; True where the type has none that are known here."""
    order = order_of(kind)
    try:
        return order is None or order(text) is not None
    except ValueError:
        return False


@cache
def order_of(kind: str) -> Callable[[str], Any] | None:
    """The function from a version's text to a value that sorts as the type does; it raises ValueError."""
    if kind == "pypi":
        return Version
    if kind in ("npm", "cargo", "golang", "hex", "pub", "swift", "semver"):
        return _semver
    name = {
        "gem": "RubygemsVersion",
        "maven": "MavenVersion",
        "nuget": "NugetVersion",
        "composer": "ComposerVersion",
        "deb": "DebianVersion",
        "rpm": "RpmVersion",
        "apk": "AlpineLinuxVersion",
        "alpm": "ArchLinuxVersion",
        "ebuild": "GentooVersion",
        "conan": "ConanVersion",
    }.get(kind)
    return partial(_by_univers, name) if name else None


def _semver(version: str) -> tuple[object, ...]:
    """The precedence of Semantic Versioning 2.0.0, section 11; missing minor and patch are 0."""
    match = _SEMVER.fullmatch(version)
    if match is None:
        raise ValueError(version)
    *numbers, before = match.groups()
    parts = before.split(".") if before else []
    rank = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
    return (*(int(number or 0) for number in numbers), not before, rank)


def _by_univers(name: str, version: str) -> Any:
    # Imported late: only ranges outside PyPI and Semantic Versioning need it.
    import univers.versions

    try:
        return getattr(univers.versions, name)(version)
    except Exception as error:  # each of its types has its own, and not all are ValueErrors
        raise ValueError(version) from error
