"""Packages as bills of materials and lists write them: each is known by the URL that advisories and questions use."""

import json
from typing import Any

import pytest

from lineage.collectors import cyclonedx, pip_inspect, spdx
from tests.collectors.staging import Rows, only, staged

TAKEN = "2026-03-24T12:00:00Z"


def bom(*components: dict[str, Any], name: str = "workers") -> bytes:
    about = {"timestamp": TAKEN, "component": {"type": "application", "name": name}}
    return json.dumps({"bomFormat": "CycloneDX", "metadata": about, "components": components}).encode()


def document(*packages: dict[str, Any]) -> bytes:
    about = {"spdxVersion": "SPDX-2.3", "name": "workers", "creationInfo": {"created": TAKEN}}
    return json.dumps({**about, "packages": packages}).encode()


def inspected(*packages: dict[str, str]) -> Rows:
    told = {"pip_version": "26.0", "installed": [{"metadata": one} for one in packages]}
    return staged(pip_inspect.COLLECTOR, json.dumps(told).encode(), environment="workers", taken_at=TAKEN)


@pytest.mark.parametrize(
    ("told", "version", "known"),
    [
        ("pkg:pypi/litellm", "1.82.7", "pkg:pypi/litellm@1.82.7"),
        ("pkg:pypi/litellm@", "1.82.7", "pkg:pypi/litellm@1.82.7"),
        ("pkg:pypi/litellm@1.82.7", "2", "pkg:pypi/litellm@1.82.7"),
        ("PKG:PyPI/Lite_LLM@1.82.7", None, "pkg:pypi/lite-llm@1.82.7"),
        # The @ of a scope is not that of a version.
        ("pkg:npm/@scope/name", "1.0", "pkg:npm/@scope/name@1.0"),
        ("pkg:npm/@scope/name@1.0", "2", "pkg:npm/@scope/name@1.0"),
        ("pkg:deb/debian/curl?arch=amd64", "7.50+1", "pkg:deb/debian/curl@7.50%2B1?arch=amd64"),
    ],
)
def test_a_version_is_that_of_the_url_or_else_of_the_package(told: str, version: str | None, known: str) -> None:
    listed = only(cyclonedx.COLLECTOR, "component", bom({"type": "library", "purl": told, "version": version}))
    refers = [{"referenceType": "purl", "referenceLocator": told}]
    package = only(spdx.COLLECTOR, "component", document({"externalRefs": refers, "versionInfo": version}))
    assert [listed["purl"], package["purl"]] == [known, known]


@pytest.mark.parametrize("kind", ["purl", "PURL", "http://spdx.org/rdf/references/purl"])
def test_a_reference_names_its_type_in_several_ways(kind: str) -> None:
    refers = [{"referenceType": kind, "referenceLocator": "pkg:pypi/litellm@1"}, {"referenceType": "cpe23Type"}]
    assert only(spdx.COLLECTOR, "component", document({"externalRefs": refers}))["purl"] == "pkg:pypi/litellm@1"


@pytest.mark.parametrize(("kind", "noted"), [("library", 1), ("framework", 1), ("application", 0), ("file", 0)])
def test_a_library_without_a_url_may_be_the_one_that_is_asked_for(kind: str, noted: int) -> None:
    listed = staged(cyclonedx.COLLECTOR, bom({"type": kind, "name": "a"}))
    package = staged(spdx.COLLECTOR, document({"primaryPackagePurpose": kind.upper(), "name": "a"}))
    assert [len(found.get("note", [])) for found in (listed, package)] == [noted, noted]


def test_an_environment_has_a_name() -> None:
    assert "name is missing" in only(cyclonedx.COLLECTOR, "rejected", bom(name=""))["reason"]
    told = {"pip_version": "26.0", "installed": []}
    reason = only(pip_inspect.COLLECTOR, "rejected", json.dumps(told).encode(), environment="workers")["reason"]
    assert "--taken-at" in reason


def test_what_is_installed_may_lack_its_version_and_not_its_name() -> None:
    found = inspected({"name": "Lite.LLM"}, {"name": "", "version": "1"}, {"version": "2"})
    assert [one["purl"] for one in found["component"]] == ["pkg:pypi/lite-llm"]
