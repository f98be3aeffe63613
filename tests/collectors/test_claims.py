"""Which collector takes which input: each its own, and none what it does not know."""

import json
from pathlib import Path

import pytest

from lineage.collectors import COLLECTORS
from lineage.collectors.interface import Collector, Head
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
    "spdx.json": {"spdxVersion": "SPDX-2.3", "packages": [{"name": "litellm"}], "documentDescribes": []},
    "package-lock.json": {"name": "x", "version": "1", "dependencies": {}},
}  # fmt: skip
TEXTS = {
    "s3.log": 'abc bucket [24/Mar/2026:11:00:00 +0000] 10.0.0.9 user/a 1 REST.GET.OBJECT k "GET /k" 200 -\n',
    "workers.csv": "id,name,email,valid_from\n1,Jo,jo@example.org,2026-03-24\n",
    "requirements.txt": "litellm==1.82.7\n",
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
    for document, name in (
        (last, "cyclonedx"),
        (first, "cyclonedx"),
        (inspected, "pip_inspect"),
        (listed, "osv"),
    ):
        for indent in (None, 2):
            assert claimed(head_of(json.dumps(document, indent=indent).encode())) == [name]


def test_a_file_whose_first_lines_are_broken_is_claimed_all_the_same() -> None:
    event = b'{"time": "2026-03-24T11:00:00Z", "operation": "read", "dataset": {"name": "t"}}\n'
    assert claimed(head_of(b'{"time": \n' + event)) == ["access"]
    assert claimed(head_of(b'{"time": \n', "access-1.ndjson")) == ["access"]
