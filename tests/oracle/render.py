"""Writes a world as a folder of files in the shapes of the contract: shuffled, and partly told twice."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.oracle.grid import FIELDS
from tests.oracle.model import Access, Advisory, Entry, Name, Port, RunEvent, Snapshot, Value, World, text_of

Json = dict[str, Any]
PRODUCER = "https://example.org/pipelines/1.0"
SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
FACETS = "https://openlineage.io/spec/facets/1-0-0/"


class Instant(str):
    """A time that YAML writes without quotes."""


class Dumper(yaml.SafeDumper):
    """Knows instants."""


Dumper.add_representer(Instant, lambda dumper, told: dumper.represent_scalar("tag:yaml.org,2002:timestamp", str(told)))


def present(**told: Any) -> Json:
    """Only what is there: an absent key means unknown."""
    return {key: value for key, value in told.items() if value is not None and value != ()}


def moment(at: int | None) -> Instant | None:
    return None if at is None else Instant(text_of(at))


def name_of(name: Name) -> Json:
    return {"namespace": name[0], "name": name[1]}


def catalog(world: World) -> str:
    told: Json = {
        "version": 1,
        "as_of": Instant("2026-03-25T00:00:00Z"),
        "vendors": [
            present(
                id=one.id, name=one.id.title(), sub_processor_of=one.sub_processor_of,
                role="sub_processor" if one.sub_processor_of else "processor",
            )
            for one in world.vendors
        ],
        "principals": [
            present(
                id=one.id, kind="service", vendor=one.vendor, valid_from=moment(one.valid_from),
                valid_to=moment(one.valid_to), rotated_at=[moment(at) for at in one.rotated_at] or None,
                aliases=list(one.aliases) or None,
            )
            for one in world.principals
        ],
        "jobs": [
            present(
                match=name_of((one.namespace, one.name)), vendor=one.vendor, principal=one.principal,
                environment=one.environment, max_duration=f"{one.max_duration // 60_000_000}m",
            )
            for one in world.jobs
        ],
        "environments": [
            present(id=one.id, credentials=list(one.credentials) or None) for one in world.environments
        ],
        "datasets": [
            present(
                match=name_of((one.namespace, one.name)), key=list(one.key) or None,
                write_mode=one.write_mode, indexed=one.indexed,
                fields={name: list(terms) for name, terms in one.fields} or None,
                observed_by=list(one.observed_by) or None,
            )
            if not one.view_of
            else {"match": name_of((one.namespace, one.name)), "view_of": list(one.view_of)}
            for one in world.datasets
        ],
        "sources": [
            present(
                id=one.id, collector=one.collector, files=f"{one.collector}*", observes=list(one.observes),
                max_silence=None if one.max_silence is None else f"{one.max_silence // 60_000_000}m",
            )
            for one in world.sources
        ],
    }  # fmt: skip
    return str(yaml.dump(told, Dumper=Dumper, sort_keys=False))


def facet(kind: str, **told: Any) -> Json:
    return {kind: {"_producer": PRODUCER, "_schemaURL": f"{FACETS}{kind}.json", **told}}


def port(told: Port, output: bool) -> Json:
    facets: Json = {}
    if told.lifecycle:
        previous = present(previousIdentifier=name_of(told.previous) if told.previous else None)
        facets |= facet("lifecycleStateChange", lifecycleStateChange=told.lifecycle, **previous)
    if told.symlinks:
        facets |= facet("symlinks", identifiers=[{**name_of(one), "type": "TABLE"} for one in told.symlinks])
    if told.columns is not None:
        fields: Json = {name: {"inputFields": []} for name, _ in FIELDS}
        for edge in told.columns:
            step = {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": "", "masking": edge.masked}
            fields.setdefault(str(edge.output), {"inputFields": []})["inputFields"].append(
                {**name_of(edge.dataset), "field": edge.field, "transformations": [step]}
            )
        facets |= facet("columnLineage", fields=fields)
    if told.sources is not None:
        facets |= facet("lineage", inputs=[{**name_of(one), "type": "DATASET"} for one in told.sources])
    shown: Json = {**name_of(told.dataset), "facets": facets}
    if told.partial and output:
        condition = {"type": "partition", "partitions": [{"identifier": "day=2026-03-24"}]}
        shown["outputFacets"] = facet("subset", outputCondition=condition)
    return shown


def run_event(told: RunEvent) -> Json:
    facets: Json = {}
    if told.parent:
        run, job = told.parent
        root = {"run": {"runId": told.root[0]}, "job": name_of(told.root[1])} if told.root else None
        facets |= facet("parent", run={"runId": run}, job=name_of(job), **present(root=root))
    statement = facet("sql", query=told.sql, dialect="postgres") if told.sql else {}
    return present(
        eventTime=text_of(told.time), eventType=told.kind, producer=PRODUCER, schemaURL=f"{SPEC}RunEvent",
        run={"runId": told.run, "facets": facets}, job={**name_of(told.job), "facets": statement},
        inputs=[port(one, False) for one in told.inputs], outputs=[port(one, True) for one in told.outputs],
    )  # fmt: skip


def events(world: World) -> list[Json]:
    changes = [
        {
            "eventTime": text_of(one.time), "producer": PRODUCER, "schemaURL": f"{SPEC}DatasetEvent",
            "dataset": port(one.port, False),
        }
        for one in world.dataset_events
    ]  # fmt: skip
    return [run_event(one) for one in world.run_events] + changes


def access(told: Access) -> Json:
    digits = {0: 6, 999: 3, 999_999: 0}.get(told.end - told.start, 6)
    start = text_of(told.start)[: -1 - (6 - digits)].rstrip(".") + "Z"
    long = told.end - told.start not in (0, 999, 999_999)
    return present(
        id=told.id, time=start, end_time=text_of(told.end) if long else None, principal=told.principal,
        operation=told.operation, outcome=told.outcome, dataset=name_of(told.dataset),
        keys=None if told.keys is None else list(told.keys), statement=told.statement,
        fields=None if told.fields is None else list(told.fields),
        dialect="postgres" if told.statement else None, run_id=told.run,
    )  # fmt: skip


def entries_csv(entries: list[Entry]) -> str:
    columns = sorted({name for one in entries for name, _ in one.attributes})
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    head = ("dataset_namespace", "dataset_name", "key", "data_subject", "valid_from", "valid_to")
    writer.writerow((*head, *columns))
    for one in entries:
        held = {name: cell(value) for name, value in one.attributes}
        row = [*one.dataset, one.key, one.subject, text_of(one.valid_from)]
        row.append("" if one.valid_to is None else text_of(one.valid_to))
        writer.writerow((*row, *(held.get(name, "") for name in columns)))
    return file.getvalue()


def cell(value: Value) -> str:
    return "\\N" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def entry_line(one: Entry) -> Json:
    told = present(
        dataset_namespace=one.dataset[0], dataset_name=one.dataset[1], key=one.key, data_subject=one.subject or None,
        valid_from=moment(one.valid_from), valid_to=moment(one.valid_to),
    )  # fmt: skip
    return told | dict(one.attributes)


def snapshot(told: Snapshot) -> Json:
    parts = ((purl, *purl.removeprefix("pkg:pypi/").split("@")) for purl in told.purls)
    components = [{"type": "library", "name": name, "version": version, "purl": purl} for purl, name, version in parts]
    about = {
        "timestamp": text_of(told.taken_at),
        "component": {"type": "application", "name": told.environment, "bom-ref": told.environment},
    }
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": about, "components": components,
    }  # fmt: skip


def osv(told: Advisory) -> Json:
    return {
        "schema_version": "1.7.0", "id": told.id, "modified": "2026-03-25T00:00:00Z",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": one.package.removeprefix("pkg:pypi/")},
                "versions": list(one.versions),
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{event: version} for event, version in events]}
                    for events in one.ranges
                ],
            }
            for one in told.affected
        ],
    }  # fmt: skip


def told_twice(random: Random, lines: Iterable[Json]) -> list[str]:
    """The lines in some order, some of them told again, spaced otherwise."""
    told = list(lines)
    found = [json.dumps(line) for line in told]
    found += [json.dumps(line, separators=(",", ":")) for line in told if random.random() < 0.2]
    random.shuffle(found)
    return found


def files(world: World, random: Random) -> dict[str, str]:
    """The content of each file of the world's folder, by its path in it."""
    told = {"catalog.yml": catalog(world)}
    for name, lines in (("openlineage", events(world)), ("access", [access(one) for one in world.accesses])):
        shuffled = told_twice(random, lines)
        middle = random.randint(0, len(shuffled))
        for number, part in enumerate((shuffled[:middle], shuffled[middle:])):
            if part:
                told[f"{name}-{number}.ndjson"] = "".join(f"{line}\n" for line in part)
    entries = list(world.entries)
    random.shuffle(entries)
    middle = random.randint(0, len(entries))
    if entries[:middle]:
        told["records.csv"] = entries_csv(entries[:middle])
    if entries[middle:]:
        told["records-2.ndjson"] = "".join(f"{json.dumps(entry_line(one))}\n" for one in entries[middle:])
    rows = [f"{subject},{jurisdiction}\n" for subject, jurisdiction in world.jurisdictions]
    told["data_subjects.csv"] = "".join(["data_subject,jurisdiction\n", *rows])
    for number, one in enumerate(world.snapshots):
        told[f"sbom/{one.environment}-{one.taken_at}-{number}.cdx.json"] = json.dumps(snapshot(one), indent=1)
    for advisory in world.advisories:
        told[f"advisories/{advisory.id}.json"] = json.dumps(osv(advisory))
    return told


def write_world(world: World, folder: Path, random: Random) -> list[Path]:
    """Writes the files; the paths come in a random order."""
    paths = []
    for name, content in files(world, random).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        paths.append(path)
    random.shuffle(paths)
    return paths
