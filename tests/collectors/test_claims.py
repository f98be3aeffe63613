"""Which collector takes which input: each its own, and none what it does not know."""

import io
import json
from pathlib import Path

import pytest

from lineage.collectors import COLLECTORS, pgaudit
from lineage.collectors.interface import Block, Collector, Head
from tests.collectors.staging import CASES, head_of

# Folders of cases whose collector has another name than its module.
NAMES = {"catalog_file": "catalog"}
# Those whose example is an input.
OWN = [collector for collector in COLLECTORS if collector.name not in ("openlineage", "pgaudit")]
FILES = [
    (NAMES.get(folder.name, folder.name), file)
    for folder in sorted(CASES.iterdir())
    for file in sorted(folder.glob("*/*"))
    if file.name != "expected.json"
]


def claimed(head: Head) -> list[str]:
    return [collector.name for collector in COLLECTORS if collector.claims(head)]


@pytest.mark.parametrize(
    ("name", "file"), FILES, ids=[f"{name}-{file.parent.name}-{file.name}" for name, file in FILES]
)
def test_every_case_is_claimed_by_its_collector_alone(name: str, file: Path) -> None:
    assert claimed(head_of(file.read_bytes(), file.name)) == [name]


@pytest.mark.parametrize("collector", OWN, ids=lambda collector: collector.name)
def test_every_example_is_claimed_by_its_collector_alone(collector: Collector) -> None:
    assert claimed(head_of(collector.example.encode())) == [collector.name]


# Of the shapes of what other systems write.
OTHERS = {
    "cloudtrail.json": {
        "Records": [
            {"eventVersion": "1.08", "eventTime": "2026-03-24T11:00:00Z", "eventSource": "s3.amazonaws.com",
             "eventName": "GetObject", "requestParameters": {"bucketName": "b", "key": "k"}, "eventID": "1"}
        ]
    },
    "ocsf.json": {
        "class_uid": 6005, "time": 1774350123000, "activity_id": 1, "actor": {"user": {"name": "a"}},
        "status": "Success", "metadata": {"version": "1.3.0"},
    },
    "okta.json": {
        "uuid": "1", "published": "2026-03-24T11:00:00Z", "eventType": "user.session.start",
        "actor": {"id": "1"}, "outcome": {"result": "SUCCESS"}, "target": [],
    },
    "github.json": {"@timestamp": 1774350123000, "action": "repo.access", "actor": "a", "repo": "o/r"},
    "drive.json": {
        "kind": "admin#reports#activity", "id": {"time": "2026-03-24T11:00:00Z"}, "actor": {"email": "a"},
        "events": [{"name": "view", "parameters": [{"name": "doc_id", "value": "d"}]}],
    },
    "bigquery.json": {
        "insertId": "1", "timestamp": "2026-03-24T11:00:00Z", "resource": {"type": "bigquery_dataset"},
        "protoPayload": {"methodName": "google.cloud.bigquery.v2.JobService.InsertJob"},
    },
    "snowflake.json": {"QUERY_ID": "1", "QUERY_START_TIME": "2026-03-24 11:00:00 +0000", "BASE_OBJECTS": []},
    "litellm.json": {"request_id": "1", "startTime": "2026-03-24 11:00:00", "model": "m", "user": ""},
    "slack.json": {"entries": [{"id": "1", "date_create": 1774350123, "action": "file_downloaded"}]},
    "zendesk.json": {"id": "1", "type": "access_log", "time": "2026-03-24T11:00:00Z", "detail": {"id": "1"}},
    "annotation.json": {"action": "ANNOTATION_CREATED", "annotation": {"id": 1}, "project": {"id": 1}},
    "spdx3.json": {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "SpdxDocument"}]},
    "package-lock.json": {"name": "x", "version": "1", "dependencies": {}},
}  # fmt: skip
TEXTS = {
    "s3.log": 'abc bucket [24/Mar/2026:11:00:00 +0000] 10.0.0.9 user/a 1 REST.GET.OBJECT k "GET /k" 200 -\n',
    "workers.csv": "id,name,email,valid_from\n1,Jo,jo@example.org,2026-03-24\n",
    "requirements.in": "litellm>=1.80\naiohttp\nuvloop==0.22.1\n",
    "notes.txt": "litellm==1.82.7\nis what they had, and a requirement is pinned so.\n",
    "deep.txt": "litellm==1.82.7 ; " + "(" * 30_000,
    "hosts.txt": "people-db\nlabel-db\n",
    "openapi.yaml": "openapi: 3.1.0\ninfo:\n  version: 1\npaths: {}\n",
    "PYSEC.yaml": "id: PYSEC-2026-2\nmodified: 2026-03-24T15:35:32Z\naffected:\n- package: {name: litellm}\n",
    "pyproject.toml": '[project]\nname = "x"\n',
    "empty": "",
    "blank.ndjson": "\n\n",
    "numbers.json": "[1, 2, 3]",
    "torn.json": '{"a": ',
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_json_is_claimed_by_none(name: str) -> None:
    assert claimed(head_of(json.dumps(OTHERS[name]).encode(), name)) == []
    assert claimed(head_of(json.dumps([OTHERS[name]] * 3, indent=2).encode(), name)) == []


@pytest.mark.parametrize("name", TEXTS)
def test_other_texts_are_claimed_by_none(name: str) -> None:
    assert claimed(head_of(TEXTS[name].encode(), name)) == []


def test_random_bytes_are_claimed_by_none() -> None:
    assert claimed(head_of(bytes(range(256)) * 300)) == []


def test_a_long_document_is_known_by_its_beginning() -> None:
    components = [{"type": "library", "bom-ref": str(i), "purl": f"pkg:pypi/p{i}@1"} for i in range(2000)]
    last = {"components": components, "metadata": {}, "bomFormat": "CycloneDX"}
    first = {"bomFormat": "CycloneDX", "components": components}
    inspected = {"version": "1", "pip_version": "26.0", "installed": components}
    listed = {
        "id": "X",
        "modified": "2026-03-24T11:00:00Z",
        "affected": [{"versions": [c["purl"] for c in components]}],
    }
    packages = {"packages": [{"SPDXID": f"SPDXRef-{i}", "name": f"p{i}"} for i in range(2000)]}
    version = {"spdxVersion": "SPDX-2.3"}
    for document, name in (
        (last, "cyclonedx"),
        (first, "cyclonedx"),
        (packages | version, "spdx"),
        (version | packages, "spdx"),
        ({"SPDXID": "SPDXRef-DOCUMENT", "files": components} | packages | version, "spdx"),
        ({"sbom": packages | version}, "spdx"),
        ({"sbom": version | packages}, "spdx"),
        (inspected, "pip_inspect"),
        (listed, "osv"),
    ):
        for indent in (None, 2):
            assert claimed(head_of(json.dumps(document, indent=indent).encode())) == [name]


def test_a_file_whose_first_lines_are_broken_is_claimed_all_the_same() -> None:
    event = b'{"time": "2026-03-24T11:00:00Z", "operation": "read", "dataset": {"name": "t"}}\n'
    assert claimed(head_of(b'{"time": \n' + event)) == ["access"]
    assert claimed(head_of(b'{"time": \n', "access-1.ndjson")) == ["access"]


CUT = [(name, file) for name, file in FILES if (name in ("access", "pgaudit", "records", "openlineage")
       and file.suffix in (".ndjson", ".log", ".json")) or file.name == "postgresql.csv"]  # fmt: skip


@pytest.mark.parametrize(("name", "file"), CUT, ids=[f"{file.parent.name}-{file.name}" for _, file in CUT])
def test_a_log_that_was_cut_in_its_first_line_is_claimed_all_the_same(name: str, file: Path) -> None:
    lines = file.read_bytes().split(b"\n")
    if len(lines) > 2 and lines[1].endswith(b"}") == lines[0].endswith(b"}"):  # one object for each line
        assert claimed(head_of(b"\n".join([lines[0][len(lines[0]) // 2 :], *lines]), file.name)) == [name]


def test_a_record_of_csvlog_may_hold_a_line_that_is_an_object() -> None:
    record = (CASES / "pgaudit" / "three-forms" / "postgresql.csv").read_bytes().split(b"\n")[0]
    log = record.replace(b",,,,", b',,"\n{}\n",,', 1) + b"\n"
    assert log.split(b"\n")[1] == b"{}"
    assert claimed(head_of(log)) == ["pgaudit"]
    (block,) = pgaudit.COLLECTOR.frame(io.BytesIO(log), head_of(log))
    assert isinstance(block, Block)
    assert json.loads(block.text)["session_id"]


def test_a_text_that_only_shows_an_event_is_claimed_by_none() -> None:
    example = next(collector.example for collector in OWN if collector.name == "access").encode()
    assert claimed(head_of(b"# Events\n\nOne looks like this:\n\n" + example + b"\n", "README.md")) == []
