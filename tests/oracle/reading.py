"""Reads the files of a small world's folder, in the shapes that the conformance worlds use."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.oracle import model
from tests.oracle.model import DAY, Name, Port, Value, World, instant

Json = Mapping[str, Any]
HOME = ("dataset_namespace", "dataset_name", "key", "data_subject", "valid_from", "valid_to")
UNITS = {"s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": DAY}


def when(told: Any) -> int | None:
    return None if told is None else instant(told if isinstance(told, str) else told.isoformat())


def name_of(told: Json) -> Name:
    return (told["namespace"], told["name"])


def duration(told: str | None) -> int:
    return DAY if told is None else int(told[:-1]) * UNITS[told[-1]]


def span(text: str) -> tuple[int, int]:
    """[start, end] of an access time: what n fractional digits of a second leave open."""
    start = instant(text)
    digits = re.search(r"\.(\d+)", text)
    return start, start + 10 ** (6 - (len(digits[1]) if digits else 0)) - 1


def lines(folder: Path, pattern: str) -> Iterator[Json]:
    """Every JSON line once, however often it was told."""
    seen = set()
    for path in sorted(folder.rglob(pattern)):
        for line in path.read_text().splitlines():
            told = json.loads(line)
            canonical = json.dumps(told, sort_keys=True)
            if canonical not in seen:
                seen.add(canonical)
                yield told


def catalog(told: Json) -> dict[str, Any]:
    def each(key: str) -> Iterator[Json]:
        yield from told.get(key) or ()

    return {
        "vendors": tuple(model.Vendor(one["id"], one.get("sub_processor_of")) for one in each("vendors")),
        "principals": tuple(
            model.Principal(
                one["id"], one.get("vendor"), when(one.get("valid_from")), when(one.get("valid_to")),
                tuple(at for told in one.get("rotated_at") or () if (at := when(told)) is not None),
                tuple(one.get("aliases") or ()),
            )
            for one in each("principals")
        ),
        "jobs": tuple(
            model.Job(
                *name_of(one["match"]), one.get("vendor"), one.get("principal"), one.get("environment"),
                duration(one.get("max_duration")),
            )
            for one in each("jobs")
        ),
        "environments": tuple(
            model.Environment(one["id"], tuple(one.get("credentials") or ())) for one in each("environments")
        ),
        "datasets": tuple(
            model.Dataset(
                *name_of(one["match"]), tuple(one.get("key") or ()), one.get("write_mode", "unknown"),
                bool(one.get("indexed")),
                tuple((name, tuple(terms)) for name, terms in (one.get("fields") or {}).items()),
                tuple(one.get("view_of") or ()), tuple(one.get("observed_by") or ()),
            )
            for one in each("datasets")
        ),
        "sources": tuple(
            model.Source(
                one["id"], one["collector"], duration(one["max_silence"]) if one.get("max_silence") else None,
                tuple(one.get("observes") or model.OPERATIONS),
            )
            for one in each("sources")
        ),
    }  # fmt: skip


def masked(edge: Json) -> bool:
    steps = edge.get("transformations") or ()
    return bool(steps) and all(step.get("masking") for step in steps)


def column_edges(facet: Json) -> tuple[model.ColumnEdge, ...]:
    told = [(output, one["inputFields"]) for output, one in facet.get("fields", {}).items()]
    told.append((None, facet.get("dataset") or ()))
    found = [
        model.ColumnEdge(output, name_of(edge), edge["field"], masked(edge)) for output, edges in told for edge in edges
    ]
    return tuple(sorted(found, key=repr))


def port(told: Json) -> Port:
    facets = told.get("facets") or {}
    change = facets.get("lifecycleStateChange", {})
    previous = change.get("previousIdentifier")
    links = facets.get("symlinks", {}).get("identifiers") or ()
    sources = facets.get("lineage", {}).get("inputs")
    return Port(
        name_of(told), change.get("lifecycleStateChange"), name_of(previous) if previous else None,
        "subset" in (told.get("outputFacets") or {}), tuple(name_of(link) for link in links),
        column_edges(facets["columnLineage"]) if "columnLineage" in facets else None,
        None if sources is None else tuple(name_of(source) for source in sources),
    )  # fmt: skip


def ancestor(told: Json | None) -> tuple[str, Name] | None:
    return (told["run"]["runId"], name_of(told["job"])) if told else None


def events(folder: Path) -> dict[str, Any]:
    runs, datasets = [], []
    for told in lines(folder, "openlineage*.ndjson"):
        at = instant(told["eventTime"])
        if "run" in told:
            parent = (told["run"].get("facets") or {}).get("parent")
            sql = (told["job"].get("facets") or {}).get("sql", {}).get("query")
            runs.append(
                model.RunEvent(
                    at, told.get("eventType"), told["run"]["runId"], name_of(told["job"]),
                    tuple(map(port, told.get("inputs") or ())), tuple(map(port, told.get("outputs") or ())),
                    ancestor(parent), ancestor((parent or {}).get("root")), sql,
                )
            )  # fmt: skip
        elif "dataset" in told:
            datasets.append(model.DatasetEvent(at, port(told["dataset"])))
    return {"run_events": tuple(runs), "dataset_events": tuple(datasets)}


def access(told: Json) -> model.Access:
    start, end = span(told["time"])
    if told.get("end_time"):
        end = span(told["end_time"])[1]
    keys, fields = told.get("keys"), told.get("fields")
    return model.Access(
        told["id"], start, end, told["principal"], told.get("operation", "unknown"),
        told.get("outcome", "unknown"), name_of(told["dataset"]), None if keys is None else tuple(keys),
        told.get("statement"), None if fields is None else tuple(fields), told.get("run_id"),
    )  # fmt: skip


def audited(told: Json, namespace: str) -> model.Access:
    """A pgaudit line of a jsonlog file; a denied one has no AUDIT row, only the error and its statement."""
    start, end = span(told["timestamp"])
    denied = told["error_severity"] == "ERROR"
    if denied:
        statement = told["statement"]
    else:
        row = next(csv.reader([told["message"].removeprefix("AUDIT: ")]))
        statement = row[7]
    found = re.search(r"(?:FROM|UPDATE|INTO)\s+([\w.]+)", statement)
    if found is None:
        raise ValueError(statement)
    return model.Access(
        f"{told['session_id']}/{told['line_num']}", start, end, told["user"],
        "update" if statement.startswith("UPDATE") else "read", "denied" if denied else "success",
        (namespace, f"{told['dbname']}.{found[1]}"), statement=statement,
    )  # fmt: skip


def typed(rows: list[dict[str, str]], column: str) -> dict[str, Value]:
    """What each text of a CSV column is worth: a number where all that are told are numbers."""
    told = {row[column] for row in rows} - {"", "\\N"}
    numbers = all(re.fullmatch(r"-?\d+(\.\d+)?", text) for text in told)
    return {text: float(text) if numbers else text for text in told} | {"\\N": None}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def entries(folder: Path) -> tuple[model.Entry, ...]:
    found = []
    for path in sorted(folder.rglob("records*.csv")):
        rows = table(path)
        columns = {name: typed(rows, name) for name in list(rows[0])[len(HOME) :]} if rows else {}
        for row in rows:
            held = tuple((name, worth[row[name]]) for name, worth in columns.items() if row[name] != "")
            valid_to = instant(row["valid_to"]) if row["valid_to"] else None
            dataset = (row["dataset_namespace"], row["dataset_name"])
            valid_from = instant(row["valid_from"])
            found.append(model.Entry(dataset, row["key"], row["data_subject"], valid_from, valid_to, held))
    for told in lines(folder, "records*.ndjson"):
        dataset = (told["dataset_namespace"], told["dataset_name"])
        held = tuple((name, value) for name, value in told.items() if name not in HOME)
        valid_from, valid_to = instant(told["valid_from"]), when(told.get("valid_to"))
        found.append(model.Entry(dataset, told["key"], told.get("data_subject", ""), valid_from, valid_to, held))
    return tuple(dict.fromkeys(found))


def snapshots(folder: Path) -> Iterator[model.Snapshot]:
    for path in sorted(folder.rglob("*.cdx.json")):
        told = json.loads(path.read_text())
        about, purls = told["metadata"], (one.get("purl") for one in told.get("components") or ())
        taken_at = instant(about["timestamp"])
        yield model.Snapshot(about["component"]["name"], taken_at, tuple(purl for purl in purls if purl))


def advisories(folder: Path) -> Iterator[model.Advisory]:
    for path in sorted(folder.glob("advisories/*.json")):
        told = json.loads(path.read_text())
        affected = (
            model.Affected(
                f"pkg:pypi/{one['package']['name']}", tuple(one["versions"]),
                tuple(tuple(pair for event in span["events"] for pair in event.items()) for span in one["ranges"]),
            )
            for one in told["affected"]
        )  # fmt: skip
        yield model.Advisory(told["id"], tuple(affected))


def read_world(folder: Path) -> World:
    """The world that the files of a folder tell."""
    told = yaml.safe_load((folder / "catalog.yml").read_text())
    namespaces = [one["namespace"] for one in told.get("sources") or () if one.get("collector") == "pgaudit"]
    audit = (audited(line, namespaces[0]) for line in lines(folder, "pgaudit/*.json"))
    people = [row for path in folder.rglob("data_subjects*.csv") for row in table(path)]
    return World(
        **catalog(told), **events(folder), entries=entries(folder), snapshots=tuple(snapshots(folder)),
        advisories=tuple(advisories(folder)),
        accesses=(*map(access, lines(folder, "access*.ndjson")), *audit),
        jurisdictions=tuple(sorted({(row["data_subject"], row["jurisdiction"]) for row in people})),
    )  # fmt: skip
