"""The formats that are this project's own, packages and advisories: what becomes of their lines."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from lineage.collectors import (
    access,
    catalog_file,
    cyclonedx,
    data_subjects,
    framing,
    locked,
    osv,
    pip_inspect,
    pip_list,
    records,
    requirements,
    spdx,
)
from lineage.collectors.interface import Block, Collector
from lineage.collectors.sniffing import csv_header, first_objects
from lineage.errors import LineageError
from lineage.store import digested, make_staging, open_store, stage
from tests.collectors.staging import CASES, case, cases, head_of, lines, only, staged

MODULES = {
    "access": access,
    "records": records,
    "data_subjects": data_subjects,
    "cyclonedx": cyclonedx,
    "pip_inspect": pip_inspect,
    "pip_list": pip_list,
    "locked": locked,
    "spdx": spdx,
    "requirements": requirements,
    "osv": osv,
    "catalog_file": catalog_file,
}
FOLDERS = [(name, folder) for name in MODULES for folder in cases(name)]


@pytest.mark.parametrize(("name", "folder"), FOLDERS, ids=[f"{name}-{folder.name}" for name, folder in FOLDERS])
def test_cases(name: str, folder: Path) -> None:
    now, expected = case(folder, MODULES[name].COLLECTOR)
    assert now == expected


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("-7.0", "-7"),
        ("1.50", "1.5"),
        ('"1.0"', "1.0"),
        ("123456789012345.0", "123456789012345"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("12345678901234567.0", None),
        ("1e22", None),
        ("1e400", None),
        ("true", None),
    ],
)
def test_a_key_is_the_same_however_its_number_is_written(told: str, key: str | None) -> None:
    """Of a number that reading may have changed nobody is sure: no record has such a key, and an access that names one
    may be of any record."""
    line = '{"dataset_namespace": "n", "dataset_name": "d", "valid_from": "2026-01-05T08:00:00Z", "%s": %s, "%s": "x"}'
    for one, other in (("key", "data_subject"), ("data_subject", "key")):
        found = staged(records.COLLECTOR, (line % (one, told, other)).encode()).get("entry", [])
        assert [row[one] for row in found] == [key if one == "key" else ["", key]] * (key is not None)
    event = f'{{"time": "2026-03-24T11:00:00Z", "dataset": {{"name": "d"}}, "keys": ["x", {told}]}}'
    if told != "true":
        assert only(access.COLLECTOR, "plain_access", event.encode())["keys"] == (None if key is None else ["x", key])


def typed(*values: str) -> list[Any]:
    """What a CSV column of the values holds, row by row; "absent" where it is not held."""
    head = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,x\n"
    rows = [f"ns,d,{number},C-1,2026-01-05T08:00:00Z,,{value}\n" for number, value in enumerate(values)]
    found = staged(records.COLLECTOR, (head + "".join(rows)).encode())["entry"]
    found.sort(key=lambda row: int(row["key"]))
    return [json.loads(row["attributes"]).get("x", "absent") for row in found]


@pytest.mark.parametrize(
    ("values", "held"),
    [
        (["1", "-2.50", "", r"\N"], [1, -2.5, "absent", None]),
        (["1", "two"], ["1", "two"]),
        (["1", "007"], ["1", "007"]),
        (["1", "+1"], ["1", "+1"]),
        (["999999999999999999", "0.1"], [999_999_999_999_999_999, 0.1]),
        (["9999999999999999999", "1"], ["9999999999999999999", "1"]),
        (["0.1234567890123456", "1"], ["0.1234567890123456", "1"]),
        (["true", "False"], [True, False]),
        (["true", "1"], ["true", "1"]),
        (
            ["2026-01-05T08:00:00Z", "2026-01-05 09:00:00.25+01:00", "2026-01-05 08:00:00+00"],
            [{"t": f"2026-01-05T08:00:00.{digits}Z"} for digits in ("000000", "250000", "000000")],
        ),
        (["2026-01-05T08:00:00Z", "2026-01-05T08:00:00"], ["2026-01-05T08:00:00Z", "2026-01-05T08:00:00"]),
        (["2026-01-05", "2026-01-06"], ["2026-01-05", "2026-01-06"]),
        (["", r"\N"], ["absent", None]),
    ],
)
def test_a_csv_column_has_the_type_that_all_its_values_have(values: list[str], held: list[Any]) -> None:
    assert typed(*values) == held


def test_the_type_of_a_column_is_that_of_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "BLOCK_LINES", 50)
    head = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,x,note\n"
    row = "ns,d,{},C-1,2026-01-05T08:00:00Z,,{},{}\n"
    data = head + "".join(row.format(i, i, "n" * 200) for i in range(60)) + row.format("last", "many", "")
    pieces = list(records.COLLECTOR.frame(io.BytesIO(data.encode()), head_of(data.encode())))
    assert len(pieces) > 1
    first = pieces[0]
    assert isinstance(first, Block)
    assert json.loads(first.text.split(b"\n")[7])["x"] == "7"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_header_that_comes_again_is_no_record(mark: str) -> None:
    """Files that were joined have one each: it made texts of all numbers, and a person of `data_subject`."""
    head = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,x\n"
    row = "ns,d,{0},C-1,2026-01-05T08:00:00Z,,{0}\n"
    found = staged(records.COLLECTOR, (head + row.format(1) + mark + head + row.format(2)).encode())
    assert [json.loads(one["attributes"]) for one in found["entry"]] == [{"x": 1}, {"x": 2}]
    people = f"data_subject,jurisdiction\nC-1,KE\n{mark}data_subject,jurisdiction\nC-2,DE\n"
    known = staged(data_subjects.COLLECTOR, people.encode())
    assert [one["data_subject"] for one in known["subject"]] == [["", "C-1"], ["", "C-2"]]
    assert [one["position"] for one in found["rejected"] + known["rejected"]] == [2, 2]


INSPECTED = CASES / "pip_inspect" / "alone" / "inspect.json"


def digest_of(taken_at: str, environment: str = "airflow-workers") -> int:
    """The digest of the event that ``pip inspect`` output is, told to be of this time and place."""
    with open_store(":memory:") as store:
        make_staging(store)
        store.run("INSERT INTO given VALUES ($environment, $at)", environment=environment, at=taken_at)
        text = json.dumps(json.loads(INSPECTED.read_text())).encode()
        stage(store, pip_inspect.COLLECTOR.load, digested(store, [(1, text)]), {})
        return int(store.one("SELECT digest FROM staged_event")[0])


def test_a_snapshot_told_of_another_time_or_place_is_another_event() -> None:
    noon = digest_of("2026-03-24T12:00:00Z")
    assert digest_of("2026-03-24T13:00:00+01:00") == noon
    assert digest_of("2026-03-24T13:00:00Z") != noon
    assert digest_of("2026-03-24T12:00:00Z", "elsewhere") != noon


def test_pip_inspect_is_a_snapshot_where_it_is_told_of_what() -> None:
    told = staged(
        pip_inspect.COLLECTOR,
        INSPECTED.read_bytes(),
        environment="airflow-workers",
        taken_at="1970-01-01T00:00:01Z",
    )
    assert told["snapshot"] == [
        {"position": 1, "environment": ["", "airflow-workers"], "taken_at": 1_000_000, "zoned": True}
    ]
    purls = [row["purl"] for row in told["component"]]
    assert purls == ["pkg:pypi/litellm@1.82.7", "pkg:pypi/ruamel-yaml@0.18%2Ba"]


@pytest.mark.parametrize(
    ("collector", "case"),
    [
        (cyclonedx.COLLECTOR, "cyclonedx/environment/airflow-workers.cdx.json"),
        (spdx.COLLECTOR, "spdx/scanned/airflow-workers.spdx.json"),
    ],
    ids=["cyclonedx", "spdx"],
)
def test_what_is_told_beside_a_document_wins(collector: Collector, case: str) -> None:
    document = (CASES / case).read_bytes()
    row = only(collector, "snapshot", document, environment="other", taken_at="1970-01-01T00:00:01Z")
    assert (row["environment"], row["taken_at"]) == (["", "other"], 1_000_000)


def nested(depth: int, inner: str, outer: str, end: str) -> bytes:
    told = (CASES / "cyclonedx" / "environment" / "airflow-workers.cdx.json").read_text()
    document = json.loads(told) | {"components": ["HERE"]}
    return json.dumps(document).replace('"HERE"', outer * depth + inner + end * depth).encode()


def test_components_count_at_any_depth_that_is_one() -> None:
    """And what else is deep takes no memory: 10,000 levels took a gigabyte, which ended the ingest."""
    component = '{"type": "library", "purl": "pkg:pypi/deep@1"}'
    shallow = staged(cyclonedx.COLLECTOR, nested(90, component, '{"components": [', "]}"))
    assert "pkg:pypi/deep@1" in [row["purl"] for row in shallow["component"]]
    refused = only(cyclonedx.COLLECTOR, "rejected", nested(5_000, component, '{"components": [', "]}"))
    assert "nested" in refused["reason"]
    assert staged(cyclonedx.COLLECTOR, nested(50_000, component, '{"evidence": ', "}"))["event"] == [1]


def test_a_time_that_cannot_be_read_is_rejected_with_its_reason() -> None:
    row = only(pip_inspect.COLLECTOR, "rejected", INSPECTED.read_bytes(), environment="e", taken_at="noon")
    assert "no RFC 3339 time" in row["reason"]


def test_people_are_kept_by_their_ids_alone() -> None:
    subjects = staged(data_subjects.COLLECTOR, lines({"data_subject": "C-1", "jurisdiction": "KE", "name": "Jo Doe"}))
    advisory = {"id": "X-1", "affected": [], "credits": [{"name": "Jo Doe"}]}
    assert "Jo Doe" not in json.dumps([subjects, staged(osv.COLLECTOR, lines(advisory))])


@pytest.mark.parametrize("data", [b"version: 1\nas_of: today\n", b"version: 1\nas_of: \xff\n"])
def test_a_wrong_catalog_is_refused_whole(data: bytes) -> None:
    with pytest.raises(LineageError):
        staged(catalog_file.COLLECTOR, data, "catalog.yml")


def test_a_catalog_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packed, a gigabyte of white space is a small file, and reading it would take many."""
    monkeypatch.setattr(catalog_file, "LIMIT", 1 << 20)
    data = b"version: 1\nas_of: 2026-03-25T00:00:00Z\n"
    assert staged(catalog_file.COLLECTOR, data + b" " * 1000, "catalog.yml")
    with pytest.raises(LineageError, match="over 1 MiB"):
        staged(catalog_file.COLLECTOR, data + b" " * (1 << 20), "catalog.yml")


def test_the_layout_of_a_catalog_changes_nothing() -> None:
    one = b"version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors: [{id: a}]\n"
    other = b"# the same\nas_of: 2026-03-25T01:00:00+01:00\nversion: 1\nvendors:\n  - id: a\n    name: a\n"
    assert staged(catalog_file.COLLECTOR, one) == staged(catalog_file.COLLECTOR, other)


def test_first_objects_are_found_however_they_are_laid_out() -> None:
    a, b = {"a": 1, "b": [2]}, {"c": "}{"}
    for text in (
        f"{json.dumps(a)}\n{json.dumps(b)}",
        json.dumps([a, b], indent=1),
        f"\ufeff{json.dumps(a)}{json.dumps(b)}",
    ):
        assert first_objects(head_of(text.encode())) == [a, b]
    assert first_objects(head_of(b'{"a": 1, "b": [2, ')) == [{"a": 1, "b": None}]
    assert first_objects(head_of(b'{"a": x\n{"c": 1}')) == [{"a": None}, {"c": 1}]
    assert first_objects(head_of(b"a,b\n1,2\n")) == []


def test_a_csv_header_is_the_names_of_its_first_line() -> None:
    assert csv_header(head_of(b'\xef\xbb\xbfa,"b ""c"""\r\n1,2\r\n')) == {"a", 'b "c"'}
    assert csv_header(head_of(b'{"a": 1}\n')) == frozenset()
    assert csv_header(head_of(b'a,"b\n')) == frozenset()
