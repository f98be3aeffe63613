"""From a question's parameters to the seeds it starts from, and to the parameters as the answer repeats them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage.errors import LineageError
from lineage.flow.seeds import RULES, Seeds
from lineage.names import AFTER_ALL, BEFORE_ALL, format_instant, nearest, parse_instant
from lineage.questions.identities import find_dataset, find_job, find_principal, find_run, find_vendor
from lineage.questions.interface import Values
from lineage.store import Store

if TYPE_CHECKING:  # imported where they are needed: most questions are not about packages
    from lineage.versions import Advisory, Package, PackageRange


# Of what was told of one advisory the latest holds, whatever the order of arrival.
ADVISORY = """
SELECT body FROM document WHERE kind = 'advisory' AND id = $id
ORDER BY try_cast(body->>'$.modified' AS TIMESTAMPTZ) DESC NULLS LAST, body LIMIT 1
"""


def find_advisory(store: Store, ident: str) -> str | None:
    """The document of an advisory that was ingested, as JSON."""
    found = store.rows(ADVISORY, id=ident)
    return str(found[0][0]) if found else None


def window(values: Values) -> tuple[int, int]:
    """(from, to) in µs, open where not given."""
    start = parse_instant(values["from"][0]) if values.get("from") else BEFORE_ALL
    end = parse_instant(values["to"][0]) if values.get("to") else AFTER_ALL
    if start > end:
        raise LineageError("The window ends before it begins.", "Exchange --from and --to.")
    return start, end


def read_number(values: Values, name: str, default: int) -> int:
    """A whole number of at least 1. Raises LineageError for anything else."""
    if not values.get(name):
        return default
    text = str(values[name][0])
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 10**9:
        raise LineageError(f"--{name} {text} is no number.", "Give a whole number of at least 1.")
    return int(text)


def read_seeds(store: Store, values: Values) -> "tuple[Seeds, list[Advisory]]":
    """The seeds of a blast radius. Raises LineageError for what nothing knows, and when nothing is asked."""
    off = set(values.get("without-rule", ()))
    for rule in sorted(off - set(RULES)):
        raise LineageError(f"There is no rule {rule}.", f"Choose one of {', '.join(RULES)}.")
    advisories = [_advisory(store, text) for text in values.get("advisory", ())]
    ranges: list[PackageRange] = []
    if values.get("package"):
        from lineage.versions import parse_package

        ranges += [parse_package(text) for text in values["package"]]
    sure, unclear, unread, unknown, other = _affected(store, ranges, advisories)
    start, end = window(values)
    seeds = Seeds(
        vendors=tuple(find_vendor(store, text) for text in values.get("vendor", ())),
        principals=tuple(find_principal(store, text) for text in values.get("principal", ())),
        jobs=tuple(find_job(store, text) for text in values.get("job", ())),
        runs=tuple(find_run(store, text) for text in values.get("run", ())),
        datasets=tuple(find_dataset(store, text) for text in values.get("dataset", ())),
        open_datasets=tuple(find_dataset(store, text) for text in values.get("exposed-dataset", ())),
        purls=sure,
        unclear_purls=unclear,
        unread_purls=unread,
        unknown_packages=unknown,
        other_versions=other,
        start=start,
        end=end,
        within=find_vendor(store, values["within-vendor"][0]) if values.get("within-vendor") else None,
        rules=frozenset(RULES) - off,
    )
    if (
        not ranges
        and not advisories
        and not any((seeds.vendors, seeds.principals, seeds.jobs, seeds.runs, seeds.datasets, seeds.open_datasets))
    ):
        raise LineageError(
            "A blast radius starts from something.",
            "Give at least one of --vendor, --principal, --package, --advisory, --job, --run, --dataset,"
            " --exposed-dataset.",
        )
    return seeds, advisories


def said(values: Values, seeds: Seeds, advisories: "list[Advisory]") -> Mapping[str, Any]:
    """The parameters as the answer repeats them: sorted, instants in one form, advisories by their ids."""
    told: dict[str, Any] = {}
    for name in ("vendor", "principal", "package", "job", "run", "dataset", "exposed-dataset"):
        if values.get(name):
            told[name] = sorted(values[name])
    if advisories:
        told["advisory"] = sorted({advisory.id for advisory in advisories})
    told |= said_window(seeds.start, seeds.end)
    if seeds.within is not None:
        told["within-vendor"] = seeds.within
    told["rules"] = [rule for rule in RULES if rule in seeds.rules]
    return told


def said_window(start: int, end: int) -> dict[str, str]:
    """A window as the answer repeats it; a side that is open is left out."""
    told = {}
    if start != BEFORE_ALL:
        told["from"] = format_instant(start)
    if end != AFTER_ALL:
        told["to"] = format_instant(end)
    return told


def _affected(store: Store, ranges: "list[PackageRange]", advisories: "list[Advisory]") -> list[tuple[str, ...]]:
    """Of the packages that any snapshot holds those called affected, those that cannot be compared and those whose URL
    is none, so that they are of no package; and of what was asked what is of no package that any snapshot holds, and
    what of one in other versions only, each with the nearest that one does."""
    if not ranges and not advisories:
        return [()] * 5
    from lineage.versions import read_purl

    asked: list[tuple[str, list[Package], Callable[[str], bool | None]]] = []
    asked += [(told.text, [told.package], told.verdict) for told in ranges]
    asked += [(told.id, [affected.package for affected in told.affected], told.verdict) for told in advisories]
    sure: list[str] = []
    unclear: list[str] = []
    unread: list[str] = []
    held: dict[Package, list[str]] = {}
    meant: set[str] = set()
    for (purl,) in store.rows("SELECT DISTINCT purl FROM component ORDER BY purl"):
        verdicts = [judge(purl) for _, _, judge in asked]
        meant |= {text for (text, _, _), verdict in zip(asked, verdicts, strict=True) if verdict is not False}
        if any(verdict is True for verdict in verdicts):
            sure.append(purl)
        elif any(verdict is None for verdict in verdicts):
            unclear.append(purl)
        if read := read_purl(purl):
            held.setdefault(read[0], []).append(purl)
        else:
            unread.append(purl)
    unknown, other = set(), set()
    for text, packages, _ in asked:
        if text in meant:
            continue
        versions = [purl for package in packages for purl in held.get(package, ())]
        if not versions:
            near = nearest(str(packages[0]), map(str, held)) if packages else ()
            unknown.add(f"{text} (nearest: {', '.join(near)})" if near else text)
        else:
            other.add(f"{text} (nearest: {', '.join(nearest(text, versions, alike=0))})")
    return [tuple(found) for found in (sure, unclear, unread, sorted(unknown), sorted(other))]


def _advisory(store: Store, text: str) -> "Advisory":
    """An OSV file, or the id of an advisory that was ingested."""
    from lineage.versions import read_advisory

    path = Path(text)
    if path.is_file():
        return read_advisory(path.read_bytes())
    told = find_advisory(store, text)
    if told is not None:
        return read_advisory(told.encode())
    raise LineageError(f"There is no advisory file {text}.", "Give the path of an OSV document in JSON.")
