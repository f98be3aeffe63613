"""The order of package versions, by each ecosystem's own rules.

``kind`` is the type of a package URL (``pypi``, ``npm``, ``deb``, …). Where a type has no order that is
known here, or a version does not follow its rules, only equal text is the same version.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any

from packaging.version import Version

_SEMVER = re.compile(r"[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?", re.ASCII)
_COMPOSER = re.compile(
    r"v?(\d+(?:\.\d+){0,3})(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?\d+)*))?([.-]?dev)?(?:\+[^\s+]+)?",
    re.ASCII | re.IGNORECASE,
)
AT_HAND = 100_000  # versions of each type that are kept as they were read
# How far a version is on its way to the release, which END is; a number goes on behind it.
_STAGES = {"d": 0, "a": 1, "b": 2, "r": 3, "p": 6}
_END, _NUMBER = 4, 5
# What Maven takes for the release itself, and univers only under its other names.
_RELEASE = re.compile(r"(?<![a-z])release(?![a-z])", re.IGNORECASE)


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
    read = _reader_of(kind)
    return lru_cache(AT_HAND)(read) if read else None  # an advisory's bounds are compared with version after version


def _reader_of(kind: str) -> Callable[[str], Any] | None:
    if kind == "pypi":
        return Version
    if kind in ("npm", "cargo", "golang", "hex", "swift", "semver"):
        return _semver
    if kind == "pub":
        return _pub
    if kind == "composer":
        return _composer
    name = {
        "gem": "RubygemsVersion",
        "maven": "MavenVersion",
        "nuget": "NugetVersion",
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
    *numbers, before, _ = match.groups()
    return (*(int(number or 0) for number in numbers), not before, _parts(before))


def _parts(text: str | None) -> tuple[tuple[int, int, str], ...]:
    parts = text.split(".") if text else []
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def _pub(version: str) -> tuple[object, ...]:
    """Semantic Versioning but for builds, which Dart's packages count: 1.0.0+1 comes after 1.0.0."""
    rank = _semver(version)
    match = _SEMVER.fullmatch(version)
    return (*rank, _parts(match and match[5]))


def _composer(version: str) -> tuple[tuple[int, int], ...]:
    """Four numbers, then a stage, of which a patch comes after the release, with its numbers, then -dev. Branches
    (``dev-main``, ``1.0.x-dev``) have no order."""
    match = _COMPOSER.fullmatch(version)
    if match is None:
        raise ValueError(version)
    numbers, stage, counted, unfinished = match.groups()
    told = [int(number) for number in numbers.split(".")]
    rank = [(_NUMBER, number) for number in told + [0] * (4 - len(told))]
    if stage and stage.lower() != "stable":
        rank += [(_STAGES[stage[0].lower()], 0), *((_NUMBER, int(n)) for n in re.findall(r"\d+", counted))]
    return (*rank, *([(_STAGES["d"], 0)] if unfinished else []), (_END, 0))


def _by_univers(name: str, version: str) -> Any:
    # Imported late: only ranges outside PyPI and Semantic Versioning need it.
    import univers.versions

    if name == "MavenVersion":
        version = _RELEASE.sub("ga", version)
    try:
        return getattr(univers.versions, name)(version)
    except Exception as error:  # each of its types has its own, and not all are ValueErrors
        raise ValueError(version) from error
