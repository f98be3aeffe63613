"""Packages: which concrete package URLs a stated package, version or range means.

A package is known by (type, namespace, name) of its package URL; names are compared as the ecosystem
does (PEP 503 for PyPI), qualifiers and subpaths are left aside.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any
from urllib.parse import unquote

from packageurl import PackageURL
from packaging.utils import canonicalize_name

from lineage.errors import LineageError
from lineage.versions.order import compare, is_version, order_of

_FORMS = (
    "Write pkg:pypi/litellm, pkg:pypi/litellm@1.82.7, pkg:pypi/litellm@>=1.82.7,<=1.82.8"
    " or pkg:pypi/litellm@vers:pypi/>=1.82.7|<=1.82.8."
)
_CONSTRAINT = re.compile(r"\s*(>=|<=|!=|==|=|>|<|)\s*([^\s<>=!~^][^\s<>=~^]*)\s*")  # `!` is also the end of an epoch
_VERS = re.compile(r"vers:(?P<type>[^/@]+)/(?:(?P<name>.+)[/@])?(?P<constraints>[^/@]*)")
_CASELESS = {"npm", "nuget", "composer", "deb", "github", "bitbucket", "golang", "hex", "apk", "alpm"}
_WITH_EPOCH = ("rpm", "deb")  # types whose epoch may stand among the qualifiers

TOGETHER_AT_MOST, LISTED_AT_MOST = 200, 5_000  # bounds of one range: parted by commas, and of a vers: range


@dataclass(frozen=True)
class Package:
    """What versions are versions of; ``namespace`` is '' where there is none."""

    type: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"pkg:{self.type}/{f'{self.namespace}/' if self.namespace else ''}{self.name}"


@dataclass(frozen=True)
class Constraint:
    """``comparator`` is one of ``= != < <= > >=``."""

    comparator: str
    version: str


@dataclass(frozen=True)
class PackageRange:
    """Versions of one package: those that meet every constraint of at least one clause.

    ``text`` is as the user wrote it; one clause without constraints means every version.
    """

    text: str
    package: Package
    clauses: tuple[tuple[Constraint, ...], ...]

    def verdict(self, purl: str) -> bool | None:
        """Whether the concrete package is meant; None where its version is missing or has no order here."""
        told = read_purl(purl)
        if told is None or told[0] != self.package:
            return False
        return any_of(all_of(_holds(self.package.type, told[1], c) for c in clause) for clause in self.clauses)


def package(kind: str, namespace: str, name: str) -> Package:
    """The package with its name as its ecosystem compares it. A name with a slash, which some write instead of a
    namespace (``%40scope%2Fname``), has one."""
    kind = kind.lower()
    namespace, _, name = f"{namespace}/{name}".strip("/").rpartition("/")
    if kind == "pypi":
        return Package(kind, "", canonicalize_name(name))
    if kind in _CASELESS:
        namespace, name = namespace.lower(), name.lower()
    return Package(kind, namespace, name)


def read_purl(text: str) -> tuple[Package, str | None] | None:
    """The package and version of a concrete package URL; None for what is no package URL."""
    try:
        url = PackageURL.from_string(with_scheme(text))
    except ValueError:
        return None
    version: str | None = url.version or None
    qualifiers: Any = url.qualifiers
    if version and url.type in _WITH_EPOCH and "epoch" in qualifiers and ":" not in version:
        version = f"{qualifiers['epoch']}:{version}"
    return package(url.type, url.namespace or "", url.name), version


def with_scheme(text: str) -> str:
    """A package URL with its scheme in lower case: it may be written in any."""
    return f"pkg:{text[4:]}" if text[:4].lower() == "pkg:" else text


def parse_package(text: str) -> PackageRange:
    """What ``--package`` means: a package URL, alone or with a version, a range or a ``vers:`` range.

    Raises LineageError for what is none of them, names no package, or needs an order of versions that
    is not known.
    """
    stated = with_scheme(unquote(text.strip()))
    if stated.startswith("vers:"):
        kind, name, spec = _split_vers(text, stated)
        if not name:
            raise LineageError(f"The range {text!r} names no package.", _FORMS)
        return PackageRange(text, _named(text, f"pkg:{kind}/{name}"), _vers_clauses(text, kind, spec))
    if match := re.fullmatch(r"([^?]+?)(?:@|\?(?:[^#]*&)?vers=)(vers:.*)", stated):
        named = _named(text, match[1])
        kind, name, spec = _split_vers(text, match[2])
        if name or kind != named.type:
            raise LineageError(f"The package and the range of {text!r} are not of one kind.", _FORMS)
        return PackageRange(text, named, _vers_clauses(text, kind, spec))
    stated, _, qualifiers = stated.partition("#")[0].partition("?")
    url, at, spec = stated.rpartition("@")
    if not at or "/" in spec:  # the @ of an npm scope
        url, spec = stated, "*"
    named = _named(text, url)
    parts = [] if spec.strip() == "*" else spec.split(",")
    _refuse_many(parts, TOGETHER_AT_MOST)
    epoch = re.search(r"(?:^|&)epoch=(\d+)", qualifiers) if named.type in _WITH_EPOCH else None
    prefix = f"{epoch[1]}:" if epoch else ""
    clause = tuple(_constraint(text, named.type, part, prefix) for part in parts)
    _refuse_contradiction(text, named.type, clause)
    return PackageRange(text, named, (clause,))


def any_of(verdicts: Iterable[bool | None]) -> bool | None:
    """OR in three-valued logic: True where one is, else None where one is, else False."""
    told = set(verdicts)
    return True if True in told else None if None in told else False


def all_of(verdicts: Iterable[bool | None]) -> bool | None:
    """AND in three-valued logic: False where one is, else None where one is, else True."""
    told = set(verdicts)
    return False if False in told else None if None in told else True


def is_same(kind: str, version: str | None, other: str) -> bool | None:
    """Whether what is held is this version; None where there is none, or it follows no rules of a type that has some
    (``latest``, a commit)."""
    if version is None:
        return None
    return compare(kind, version, other) == 0 or (False if is_version(kind, version) else None)


def _holds(kind: str, version: str | None, constraint: Constraint) -> bool | None:
    if constraint.comparator in ("=", "!="):
        same = is_same(kind, version, constraint.version)
        return same if same is None or constraint.comparator == "=" else not same
    found = None if version is None else compare(kind, version, constraint.version)
    if found is None:
        return None
    return {"<": found < 0, "<=": found <= 0, ">": found > 0, ">=": found >= 0}[constraint.comparator]


def _named(text: str, url: str) -> Package:
    """The package of a URL whose version or range was cut off. What is left of one (it held a slash) is none of the
    forms, and PyPI has no namespaces: without them the URL would name every version, or another package."""
    told = read_purl(url)
    if told is None or told[1] is not None or (told[0].type == "pypi" and PackageURL.from_string(url).namespace):
        raise LineageError(f"{text!r} is no package URL.", _FORMS)
    return told[0]


def _constraint(text: str, kind: str, part: str, prefix: str = "") -> Constraint:
    match = _CONSTRAINT.fullmatch(part)
    if match is None:
        raise LineageError(f"{part!r} in {text!r} is no version or bound.", _FORMS)
    found = Constraint({"==": "=", "": "="}.get(match[1], match[1]), match[2] if ":" in match[2] else prefix + match[2])
    if found.comparator not in ("=", "!=") and order_of(kind) is None:
        raise LineageError(
            f"The order of the versions of {kind} packages is not known, so {text!r} cannot be read.",
            f"Name each version by itself, as in pkg:{kind}/NAME@VERSION.",
        )
    if not is_version(kind, found.version):
        raise LineageError(f"{found.version!r} in {text!r} is no version of a {kind} package.", _FORMS)
    return found


def _refuse_many(parts: Sequence[str], most: int) -> None:
    """Each is compared with all others, which nothing could stop."""
    if len(parts) > most:
        raise LineageError(f"The range has {len(parts):,} bounds, and {most:,} are read.", _FORMS)


def _refuse_contradiction(text: str, kind: str, clause: Sequence[Constraint]) -> None:
    """A range that no version lies in would be answered with nothing."""
    for one, other in permutations(clause, 2):
        if one.comparator == "=":
            parted = _holds(kind, one.version, other) is False
        elif one.comparator[0] + other.comparator[0] == "><":
            order = compare(kind, one.version, other.version) or 0
            parted = order > 0 or (order == 0 and one.comparator + other.comparator != ">=<=")
        else:
            continue
        if parted:
            raise LineageError(
                f"No version can meet all of {text!r}.",
                "What a comma parts holds together; give --package once for each version.",
            )


def _split_vers(text: str, stated: str) -> tuple[str, str, str]:
    match = _VERS.fullmatch(stated)
    if match is None or not match["constraints"].strip(" |"):
        raise LineageError(f"{text!r} is no version range.", _FORMS)
    return match["type"].lower(), match["name"] or "", match["constraints"]


def _vers_clauses(text: str, kind: str, spec: str) -> tuple[tuple[Constraint, ...], ...]:
    """The constraints of a ``vers`` range as alternatives, by its rules.

    An ``=`` stands for itself, bounds in order of version pair up into intervals (of several lower bounds
    in a row the first counts, of several upper ones the last), and ``!=`` holds for all intervals.
    """
    if spec.strip() == "*":
        return ((),)
    parts = [part for part in spec.split("|") if part.strip()]
    _refuse_many(parts, LISTED_AT_MOST)
    constraints = [_constraint(text, kind, part) for part in parts]
    bounds = [c for c in constraints if c.comparator[0] in "<>"]
    if order := order_of(kind):
        try:
            bounds.sort(key=lambda c: order(c.version))
        except (ValueError, TypeError):
            raise LineageError(f"The order of the bounds in {text!r} is not known.", _FORMS) from None
    intervals: list[tuple[Constraint, ...]] = []
    opened = False
    for bound in bounds:
        if bound.comparator.startswith(">"):
            if not opened:
                intervals.append((bound,))
            opened = True
        else:
            lower = tuple(c for c in intervals.pop() if c.comparator.startswith(">")) if intervals else ()
            intervals.append((*lower, bound))
            opened = False
    equal = [(c,) for c in constraints if c.comparator == "="]
    unequal = tuple(c for c in constraints if c.comparator == "!=")
    if unequal and not intervals and not equal:
        return (unequal,)
    return (*equal, *((*interval, *unequal) for interval in intervals))
