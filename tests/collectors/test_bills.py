"""Bills of materials (CycloneDX, SPDX): what they say was there, and what may have been."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lineage.collectors import cyclonedx, spdx
from lineage.collectors.interface import Block
from lineage.store import digested, make_staging, open_store, stage
from tests.collectors.staging import Rows, head_of, lines, staged


def bill(*components: dict[str, Any], **more: Any) -> Rows:
    """A CycloneDX document of these libraries."""
    told = [{"type": "library", **component} for component in components]
    metadata = {"timestamp": "2026-03-24T12:00:00Z", "component": {"type": "application", "name": "workers"}}
    document = {"bomFormat": "CycloneDX", "metadata": metadata, "components": told, **more}
    return staged(cyclonedx.COLLECTOR, lines(document))


def spdx_document(packages: list[dict[str, Any]], relationships: Sequence[tuple[str, str, str]] = ()) -> Rows:
    told = [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relationships]
    created = {"created": "2026-03-24T12:00:00Z"}
    document = {"spdxVersion": "SPDX-2.3", "name": "workers", "creationInfo": created, "packages": packages}
    return staged(spdx.COLLECTOR, lines(document | {"relationships": told}))


def package(name: str) -> dict[str, Any]:
    purl = {"referenceType": "purl", "referenceLocator": f"pkg:npm/{name}@1"}
    return {"name": name, "SPDXID": name, "versionInfo": "1", "externalRefs": [purl]}


def held(told: Rows, marked: bool | None = None) -> list[str]:
    return [row["purl"] for row in told["component"] if row["marked"] == marked]


@pytest.mark.parametrize(
    "told",
    [
        {"scope": "optional"},
        {"scope": "excluded"},
        {"properties": [{"name": "uv:package:marker", "value": "sys_platform == 'win32'"}]},
        {"properties": [{"name": "cdx:npm:package:development", "value": "true"}]},
    ],
)
def test_what_is_not_required_may_have_been_there(told: dict[str, Any]) -> None:
    found = bill({"purl": "pkg:pypi/a@1", "scope": "required", "properties": []}, {"purl": "pkg:pypi/b@1", **told})
    assert (held(found), held(found, marked=True)) == (["pkg:pypi/a@1"], ["pkg:pypi/b@1"])


def test_what_is_required_somewhere_was_there() -> None:
    found = bill({"purl": "pkg:pypi/a@1", "scope": "optional"}, {"purl": "pkg:pypi/A@1"})
    assert (held(found), held(found, marked=True)) == (["pkg:pypi/a@1"], [])


def test_a_library_without_a_url_may_be_the_package_of_its_name() -> None:
    """What cyclonedx-py says of a package that was installed from a file."""
    found = bill({"purl": "pkg:pypi/pip@26.0"}, {"name": "Lite.LLM", "version": "1.82.7"}, {"name": "b", "purl": ""})
    assert held(found) == ["pkg:pypi/pip@26.0"]
    assert held(found, marked=True) == ["pkg:pypi/b", "pkg:pypi/lite-llm@1.82.7"]
    assert [row["kind"] for row in found["note"]] == ["component-without-purl"]


def test_a_group_is_a_part_of_the_name() -> None:
    found = bill({"purl": "pkg:npm/a@1"}, {"group": "@acme", "name": "web", "version": "2"})
    assert held(found, marked=True) == ["pkg:npm/%40acme%2Fweb@2"]


def test_where_no_package_has_a_url_the_type_may_be_any() -> None:
    assert {"pkg:npm/a@1", "pkg:pypi/a@1"} < set(held(bill({"name": "a", "version": "1"}), marked=True))


def test_what_tells_of_vulnerabilities_alone_is_no_clean_snapshot() -> None:
    assert set(bill(vulnerabilities=[{"id": "CVE-2026-1"}])) == {"rejected"}
    assert "snapshot" in bill({"purl": "pkg:pypi/a@1"}, vulnerabilities=[{"id": "CVE-2026-1"}])
    assert "snapshot" in bill(vulnerabilities=[])


def test_a_large_document_takes_eighteen_times_its_size_at_most(tmp_path: Path) -> None:
    """One of 56 MB, the bill of a large image, would else be too much for what ingest may have."""
    told = [{"type": "library", "purl": f"pkg:pypi/p@{i}", "hashes": ["a" * 500]} for i in range(20_000)]
    metadata = {"timestamp": "2026-03-24T12:00:00Z", "component": {"name": "workers"}}
    data = lines({"bomFormat": "CycloneDX", "metadata": metadata, "components": told})
    with open_store(str(tmp_path / "s.duckdb")) as store:
        make_staging(store)
        store.run("INSERT INTO given VALUES (NULL, NULL)")
        [framed] = cyclonedx.COLLECTOR.frame(io.BytesIO(data), head_of(data))
        assert isinstance(framed, Block)
        batch = digested(store, [(1, framed.text)])
        store.run(f"SET memory_limit = '{18 * len(data)}B'")
        stage(store, cyclonedx.COLLECTOR.load, batch, {})
        [(count,)] = store.run("SELECT count(*) FROM staged_component").fetchall()
    assert count == len(told)


def test_a_package_of_spdx_without_a_url_may_be_that_of_its_name() -> None:
    found = spdx_document([package("a"), {"name": "@acme/web", "SPDXID": "w", "versionInfo": "2"}])
    assert (held(found), held(found, marked=True)) == (["pkg:npm/a@1"], ["pkg:npm/%40acme%2Fweb@2"])


def test_what_only_an_optional_dependency_needs_may_have_been_there() -> None:
    found = spdx_document(
        [package(name) for name in ("root", "a", "b", "dev", "both", "below", "round")],
        [
            ("a", "DEPENDENCY_OF", "root"),
            ("root", "DEPENDS_ON", "b"),
            ("dev", "DEV_DEPENDENCY_OF", "root"),
            ("below", "DEPENDENCY_OF", "dev"),
            ("round", "DEPENDENCY_OF", "below"),
            ("below", "DEPENDENCY_OF", "round"),
            ("both", "OPTIONAL_DEPENDENCY_OF", "root"),
            ("both", "DEPENDENCY_OF", "a"),
        ],
    )
    assert held(found) == [f"pkg:npm/{name}@1" for name in ("a", "b", "both", "root")]
    assert held(found, marked=True) == [f"pkg:npm/{name}@1" for name in ("below", "dev", "round")]
