"""What must hold between the entries of a catalog. Each entry comes with its line."""

from collections.abc import Sequence
from itertools import pairwise

from lineage.catalog.model import Environment, Job, Principal, Source, Vendor
from lineage.errors import LineageError
from lineage.names import nearest


def check(
    vendors: Sequence[tuple[int, Vendor]],
    principals: Sequence[tuple[int, Principal]],
    environments: Sequence[tuple[int, Environment]],
    jobs: Sequence[tuple[int, Job]],
    sources: Sequence[tuple[int, Source]],
) -> None:
    """Raises LineageError for the first thing that does not hold."""
    _ids_differ("vendor", [(line, vendor.id) for line, vendor in vendors])
    _ids_differ("environment", [(line, environment.id) for line, environment in environments])
    _ids_differ("source", [(line, source.id) for line, source in sources])
    known = [vendor.id for _, vendor in vendors]
    named = [(line, vendor.sub_processor_of) for line, vendor in vendors]
    named += [(line, principal.vendor) for line, principal in principals]
    named += [(line, job.vendor) for line, job in jobs]
    for line, name in named:
        if name is not None and name not in known:
            like = nearest(name, known)
            hint = f"Did you mean {like[0]}?" if like else "Add it to vendors."
            raise LineageError(f"Line {line} of the catalog: there is no vendor {name!r}.", hint)
    _no_vendor_under_itself(vendors)
    _validity(principals)
    _aliases(principals)


def _ids_differ(what: str, ids: Sequence[tuple[int, str]]) -> None:
    first: dict[str, int] = {}
    for line, name in ids:
        if name in first:
            raise LineageError(
                f"Line {line} of the catalog: the {what} {name!r} stands on line {first[name]} already.",
                "Make it one entry, or give it another id.",
            )
        first[name] = line


def _no_vendor_under_itself(vendors: Sequence[tuple[int, Vendor]]) -> None:
    above = {vendor.id: vendor.sub_processor_of for _, vendor in vendors}
    for line, vendor in vendors:
        seen = {vendor.id}
        at = vendor.sub_processor_of
        while at is not None and at not in seen:
            seen.add(at)
            at = above[at]
        if at == vendor.id:
            raise LineageError(
                f"Line {line} of the catalog: the vendor {vendor.id!r} is a sub-processor of itself.",
                "Take one sub_processor_of out of the circle.",
            )


def _validity(principals: Sequence[tuple[int, Principal]]) -> None:
    for line, principal in principals:
        if principal.valid_from >= principal.valid_to:
            raise LineageError(
                f"Line {line} of the catalog: the validity of {principal.id!r} ends before it begins.",
                "valid_to is the first instant at which it no longer holds.",
            )
    ordered = sorted(principals, key=lambda told: (told[1].id, told[1].valid_from))
    for (line, principal), (other_line, other) in pairwise(ordered):
        if principal.id == other.id and other.valid_from < principal.valid_to:
            raise LineageError(
                f"Line {max(line, other_line)} of the catalog: the validity of {other.id!r} overlaps with"
                f" line {min(line, other_line)}.",
                "Let one entry end where the other begins.",
            )


def _aliases(principals: Sequence[tuple[int, Principal]]) -> None:
    owner = {principal.id: principal.id for _, principal in principals}
    for line, principal in principals:
        for alias in principal.aliases:
            if owner.setdefault(alias, principal.id) != principal.id:
                raise LineageError(
                    f"Line {line} of the catalog: {alias!r} already stands for {owner[alias]!r}.",
                    "An alias belongs to one principal.",
                )
