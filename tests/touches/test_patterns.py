"""Which jobs the patterns of a catalog match: globs on the whole name."""

import json
from pathlib import Path

from tests.asking import ask, ingest

CATALOG = r"""
version: 1
as_of: 2026-03-25T00:00:00Z
vendors: [{id: backslash}, {id: literal}, {id: set}, {id: slashes}, {id: mark}]
jobs:
  - {match: {namespace: 'C:\jobs\*'}, vendor: backslash}
  - {match: {name: "a[1]"}, vendor: literal}
  - {match: {name: "b[!0-9]"}, vendor: set}
  - {match: {name: "c*d"}, vendor: slashes}
  - {match: {name: "e?"}, vendor: mark}
"""
OF = {
    ("C:\\jobs\\x", "y"): "backslash", ("C:\\jobs", "y"): None,
    ("n", "a[1]"): "literal", ("n", "a1"): "literal", ("n", "a2"): None,
    ("n", "bx"): "set", ("n", "b5"): None, ("n", "Bx"): None,
    ("n", "c/x/d"): "slashes", ("n", "c/x/d/e"): None,
    ("n", "eé"): "mark", ("n", "e"): None,
}  # fmt: skip


def test_a_pattern_is_a_glob_on_the_whole_name(tmp_path: Path) -> None:
    events = [
        {"eventType": "COMPLETE", "eventTime": "2026-03-24T11:00:00Z", "run": {"runId": f"{namespace} {name}"},
         "job": {"namespace": namespace, "name": name}, "inputs": [{"namespace": "n", "name": "d"}]}
        for namespace, name in OF
    ]  # fmt: skip
    (tmp_path / "ol.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (tmp_path / "catalog.yml").write_text(CATALOG)
    ingest(tmp_path / "store", [tmp_path])
    found = ask(tmp_path / "store", "who-touched", ["--dataset", "n/d"])["touches"]
    assert {(touch["job"]["namespace"], touch["job"]["name"]): touch["vendor"] for touch in found} == OF
