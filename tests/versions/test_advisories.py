"""Advisories: which versions an OSV document calls affected, and what it leaves open."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import LineageError
from lineage.questions.parameters import find_advisory
from lineage.store import open_store
from lineage.versions import read_advisory
from tests.asking import ingest

LITELLM = "pkg:pypi/litellm"


def advisory(**changes: Any) -> bytes:
    told = {"id": "X-1", "modified": "2026-03-26T09:00:00Z", "aliases": ["Y-1"], "affected": [], **changes}
    return json.dumps(told).encode()


def affected(versions: list[str] | None = None, kind: str = "ECOSYSTEM", **package: Any) -> Any:
    """One affected package, with a range of the events that follow in pairs."""
    events = package.pop("events", None)
    told: dict[str, Any] = {"package": {"ecosystem": "PyPI", "name": "LiteLLM", **package}}
    if versions:
        told["versions"] = versions
    if events is not None:
        told["ranges"] = [{"type": kind, "events": [{name: version} for name, version in events]}]
    return told


def test_listed_versions_are_affected() -> None:
    found = read_advisory(advisory(affected=[affected(["1.82.7", "1.82.8"])]))
    assert (found.id, found.aliases, found.withdrawn) == ("X-1", ("Y-1",), None)
    told = ("litellm@1.82.7", "litellm@1.82.8%2Bcpu", "litellm@1.82.9", "other@1.82.7", "litellm")
    assert [found.verdict(f"pkg:pypi/{one}") for one in told] == [True, True, False, False, None]


@pytest.mark.parametrize(
    ("events", "bad"),
    [
        ([("introduced", "1.82.7"), ("last_affected", "1.82.8")], ["1.82.7", "1.82.8"]),
        ([("introduced", "0"), ("fixed", "1.82.8")], ["1.81", "1.82.7"]),
        ([("introduced", "1.82.8")], ["1.82.8", "1.82.9", "1.90"]),
        ([("introduced", "1.82.7"), ("last_affected", "1.82.7")], ["1.82.7"]),
        # Told out of order, and introduced twice.
        (
            [("fixed", "1.82.7"), ("introduced", "1.82.9"), ("introduced", "0"), ("fixed", "1.90")],
            ["1.81", "1.82.9"],
        ),
        ([("introduced", "0"), ("limit", "1.82.8")], ["1.81", "1.82.7"]),
        ([("introduced", "1.82.8"), ("limit", "*")], ["1.82.8", "1.82.9", "1.90"]),
        ([("fixed", "1.82.8")], ["1.81", "1.82.7"]),
    ],
)
def test_ranges_apply_in_order_of_version(events: list[tuple[str, str]], bad: list[str]) -> None:
    found = read_advisory(advisory(affected=[affected(events=events)]))
    versions = ["1.81", "1.82.7", "1.82.8", "1.82.9", "1.90"]
    assert [version for version in versions if found.verdict(f"{LITELLM}@{version}")] == bad


def test_semver_ranges_and_other_ecosystems() -> None:
    told = [
        affected(kind="SEMVER", events=[("introduced", "1.0.0"), ("fixed", "1.10.0")], ecosystem="npm", name="@s/p"),
        affected(events=[("introduced", "0"), ("fixed", "5.2-10")], ecosystem="Debian:13", name="bash"),
        affected(["v1"], ecosystem="GitHub Actions", name="owner/action"),
        affected(["3.1"], ecosystem="Maven", name="org.example:x"),
        affected(["2"], ecosystem="x", name="x", purl="pkg:pypi/other"),
    ]
    found = read_advisory(advisory(affected=told))
    good = ["pkg:npm/%40s/p@1.10.0", "pkg:npm/p@1.2.0", "pkg:deb/debian/bash@5.2-10"]
    bad = [
        *(
            "pkg:npm/%40s/p@1.9.0",
            "pkg:deb/debian/bash@5.2-9?arch=amd64",
            "pkg:githubactions/owner/action@v1",
        ),
        *("pkg:maven/org.example/x@3.1", "pkg:pypi/other@2"),
    ]
    assert [url for url in good + bad if found.verdict(url)] == bad


def test_a_range_is_in_the_order_that_it_says() -> None:
    """1.0-1 comes before 1.0 by Semantic Versioning, and after it by Python's rules."""
    for kind, verdict in (("SEMVER", False), ("ECOSYSTEM", True)):
        told = affected(kind=kind, events=[("introduced", "1.0")])
        assert read_advisory(advisory(affected=[told])).verdict(f"{LITELLM}@1.0-1") is verdict


def test_what_an_advisory_does_not_tell_is_not_affected_and_shows() -> None:
    listed = read_advisory(advisory(affected=[affected(["1.82.7", "0.1dev-r9"])]))
    assert [listed.verdict(f"{LITELLM}@{told}") for told in ("latest", "1.82.7-ours", "1.0")] == [None, None, False]
    told = affected(events=[("introduced", "0abc")], kind="GIT")
    found = read_advisory(advisory(affected=[told]))
    assert found.verdict(f"{LITELLM}@1.0") is None
    unordered = affected(events=[("introduced", "a"), ("fixed", "c")], ecosystem="Docker", name="nginx")
    found = read_advisory(advisory(affected=[unordered]))
    assert [found.verdict(f"pkg:docker/nginx@{version}") for version in "abc"] == [True, None, None]
    last = affected(events=[("introduced", "a"), ("last_affected", "c")], ecosystem="Docker", name="nginx")
    found = read_advisory(advisory(affected=[last]))
    assert [found.verdict(f"pkg:docker/nginx@{version}") for version in "abc"] == [True, None, True]


def in_debian(release: str, fixed: str) -> Any:
    return affected(events=[("introduced", "0"), ("fixed", fixed)], ecosystem=f"Debian{release}", name="openssl")


def test_what_one_release_of_a_distribution_mended_is_not_affected_as_in_the_next() -> None:
    told = [in_debian(":11", "1.1.1n-0+deb11u5"), in_debian(":12", "3.0.15-1")]
    found = read_advisory(advisory(affected=told))
    mended, old, new = "1.1.1n-0%2Bdeb11u5", "1.1.1k-1", "3.3.2-1"
    for version, distro, verdict in (
        *((mended, "debian-11.9", False), (old, "debian-11", True), (old, "debian-12", True)),
        *((mended, "bookworm", None), (mended, "debian-10", None), (new, "debian-10", False)),
        *((mended, "", None), (old, "", True), (new, "", False)),
    ):
        said = f"?distro={distro}" if distro else ""
        assert found.verdict(f"pkg:deb/debian/openssl@{version}{said}") is verdict, (version, distro)
    everywhere = read_advisory(advisory(affected=[*told, in_debian("", "1.1.1n-0+deb11u6")]))
    assert everywhere.verdict(f"pkg:deb/debian/openssl@{mended}?distro=debian-11") is True
    alone = read_advisory(advisory(affected=[in_debian(":1", "9")]))
    assert alone.verdict(f"pkg:deb/debian/openssl@{old}?distro=debian-1.2") is True
    assert alone.verdict(f"pkg:deb/debian/openssl@{old}?distro=debian-12") is None


@pytest.mark.parametrize(
    ("kind", "ecosystem", "built", "verdict"),
    [
        ("deb/debian", "Debian:12", "liblzma5@5.6.0-0.2?arch=amd64&upstream=xz-utils", None),
        ("deb/debian", "Debian:12", "liblzma5@5.4.1-0.2?upstream=xz-utils", False),
        ("deb/debian", "Debian:12", "liblzma5@9?upstream=xz-utils%405.6.0-0.2", None),
        ("deb/debian", "Debian:12", "xz-utils@5.6.0-0.2?upstream=xz-utils", True),
        ("deb/debian", "Debian:12", "liblzma5@5.6.0-0.2", False),
        ("deb/debian", "Debian:12", "liblzma5?upstream=xz-utils", None),
        ("rpm/redhat", "Red Hat:enterprise_linux:9", "xz-libs@5.6.0-2.el9?upstream=xz-utils-5.6.0-2.el9.src.rpm", None),
        (
            "rpm/redhat",
            "Red Hat:enterprise_linux:9",
            "xz-libs@5.6.0-2.el9?upstream=xz-utils-5.4.0-2.el9.src.rpm",
            False,
        ),
        ("pypi", "PyPI", "lzma@5.6.0?upstream=xz-utils", False),
    ],
)
def test_what_was_built_of_an_affected_source_is_possibly_affected(
    kind: str, ecosystem: str, built: str, verdict: bool | None
) -> None:
    events = [("introduced", "5.6.0"), ("fixed", "5.6.1+really5.4.5-1")]
    found = read_advisory(advisory(affected=[affected(events=events, ecosystem=ecosystem, name="xz-utils")]))
    assert found.verdict(f"pkg:{kind}/{built}") is verdict


def test_commits_of_a_repository_stand_beside_a_package() -> None:
    commits = {"ranges": [{"type": "GIT", "repo": "https://example.org/x", "events": [{"introduced": "0"}]}]}
    found = read_advisory(advisory(affected=[commits, affected(["1.82.7"])]))
    assert found.verdict("pkg:pypi/litellm@1.82.7") is True
    assert found.verdict("pkg:pypi/litellm@1.82.8") is False


def test_a_withdrawn_advisory_says_when() -> None:
    assert read_advisory(advisory(withdrawn="1970-01-01T00:00:01Z")).withdrawn == 1_000_000


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"id: PYSEC-2026-2\naffected: []\n", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"{", "not valid JSON"),
        (b'{"id": %b}' % (b"[" * 100_000), "not valid JSON"),
        (b'{"id": %b}' % (b"1" * 5_000), "a number in it is too long"),
        (b"\xff{}", "UTF-8"),
        (b"{}", "no id"),
        (advisory(affected={}), "no list"),
        (advisory(affected=[{}]), "without a package"),
        (advisory(affected=[affected(events=[("until", "1")])]), "unknown event"),
        (advisory(affected=[affected(kind="OTHER", events=[])]), "known type"),
    ],
)
def test_what_is_no_advisory_is_named(content: bytes, wrong: str) -> None:
    with pytest.raises(LineageError) as caught:
        read_advisory(content)
    assert wrong in caught.value.sentence
    assert "OSV" in caught.value.hint


def test_of_an_ingested_advisory_the_latest_holds_whatever_came_last(tmp_path: Path) -> None:
    def told(day: int, *versions: str) -> str:
        affected = [{"package": {"ecosystem": "PyPI", "name": "litellm"}, "versions": versions}]
        return json.dumps({"id": "X-1", "modified": f"2026-03-{day}T00:00:00Z", "affected": affected})

    for number, days in enumerate(((25, 26), (26, 25))):
        for place, day in enumerate(days):
            (tmp_path / f"{number}-{place}.json").write_text(told(day, f"1.{day}"))
            ingest(tmp_path / f"store-{number}", [tmp_path / f"{number}-{place}.json"])
        with open_store(str(tmp_path / f"store-{number}"), read_only=True) as store:
            found = find_advisory(store, "X-1")
            assert found is not None
            assert read_advisory(found.encode()).affected[0].versions == ("1.26",)
            assert find_advisory(store, "X-2") is None
