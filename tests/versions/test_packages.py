"""Packages as questions name them: which versions are meant, in the order of each ecosystem."""

import pytest

from lineage.errors import LineageError
from lineage.versions import parse_package
from lineage.versions.order import compare

LITELLM = "pkg:pypi/litellm"


def matched(stated: str, versions: list[str], url: str = LITELLM) -> list[str]:
    package = parse_package(stated)
    return [version for version in versions if package.verdict(f"{url}@{version}")]


AROUND = ["1.82.6", "1.82.7rc1", "1.82.7", "1.82.7.post1", "1.82.8", "1.82.8%2Bcpu", "1.82.9", "1.100"]


@pytest.mark.parametrize(
    ("stated", "versions"),
    [
        ("pkg:pypi/litellm@1.82.7", ["1.82.7"]),
        ("pkg:pypi/LiteLLM@1.82.07", ["1.82.7"]),
        ("pkg:pypi/litellm@1.82.8", ["1.82.8", "1.82.8%2Bcpu"]),
        ("pkg:pypi/litellm", AROUND),
        ("pkg:pypi/litellm@*", AROUND),
        ("pkg:pypi/litellm@>=1.82.7,<=1.82.8", ["1.82.7", "1.82.7.post1", "1.82.8", "1.82.8%2Bcpu"]),
        ("pkg:pypi/litellm@%3E%3D1.82.7,%3C1.82.8", ["1.82.7", "1.82.7.post1"]),
        ("pkg:pypi/litellm@>1.82.8", ["1.82.9", "1.100"]),
        ("pkg:pypi/litellm@>=1.82.7,!=1.82.8,<1.90", ["1.82.7", "1.82.7.post1", "1.82.9"]),
        (
            "pkg:pypi/litellm@vers:pypi/>=1.82.7|<=1.82.8",
            ["1.82.7", "1.82.7.post1", "1.82.8", "1.82.8%2Bcpu"],
        ),
        ("pkg:pypi/litellm?vers=vers:pypi/1.82.6|>=1.82.9", ["1.82.6", "1.82.9", "1.100"]),
        ("pkg:pypi/litellm?extension=whl&vers=vers:pypi/>=1.82.9", ["1.82.9", "1.100"]),
        ("vers:pypi/litellm@<=1.82.6|>=1.100", ["1.82.6", "1.100"]),
        ("vers:pypi/litellm/>=1.82.7|<1.82.8|>=1.82.9|<1.90", ["1.82.7", "1.82.7.post1", "1.82.9"]),
        ("pkg:pypi/litellm@vers:pypi/!=1.82.8", [v for v in AROUND if not v.startswith("1.82.8")]),
        ("pkg:pypi/litellm@vers:pypi/>=1.82.7|!=1.82.7|<1.82.8", ["1.82.7.post1"]),
        (
            "pkg:pypi/litellm@vers:pypi/>=1.82.7|>=1.82.8|<1.82.9",
            ["1.82.7", "1.82.7.post1", "1.82.8", "1.82.8%2Bcpu"],
        ),
        ("pkg:pypi/litellm@vers:pypi/1.82.7|!=1.82.8", ["1.82.7"]),
        ("pkg:pypi/litellm@vers:pypi/*", AROUND),
    ],
)
def test_which_versions_of_a_python_package_are_meant(stated: str, versions: list[str]) -> None:
    assert matched(stated, AROUND) == versions


def test_names_are_compared_as_the_ecosystem_does() -> None:
    for stated, purl, meant in (
        ("pkg:pypi/ruamel.yaml", "pkg:pypi/Ruamel_YAML@0.18", True),
        ("pkg:pypi/litellm", "pkg:pypi/litellm-proxy@1.82.7", False),
        ("pkg:pypi/litellm", "pkg:npm/litellm@1.82.7", False),
        ("pkg:npm/@scope/left-pad", "pkg:npm/%40scope/left-pad@1.0.0", True),
        ("pkg:npm/@scope/left-pad", "pkg:npm/%40scope%2Fleft-pad@1.0.0", True),
        ("pkg:npm/left-pad", "pkg:npm/%40scope/left-pad@1.0.0", False),
        ("PKG:PyPI/LiteLLM@1.82.7", "pkg:pypi/litellm@1.82.7", True),
        ("pkg:pypi/litellm@1.82.7", "PKG:PyPI/LiteLLM@1.82.7", True),
        ("pkg:pypi/litellm", "no package URL", False),
    ):
        assert parse_package(stated).verdict(purl) is meant, stated


@pytest.mark.parametrize(
    ("stated", "url", "inside", "outside"),
    [
        ("pkg:pypi/foo@1!2.0rc1", "pkg:pypi/foo", ["1%212.0c1", "1!2.0.0rc1+local.1"], ["2.0rc1", "1!2.0"]),
        ("pkg:pypi/foo@>=1!2.0a1,<1!2.0", "pkg:pypi/foo", ["1!2.0b1"], ["2.0", "9.0", "1!2.0"]),
        ("pkg:pypi/foo@!=1!2.0", "pkg:pypi/foo", ["2.0"], ["1!2"]),
        (
            "pkg:npm/left-pad@>=1.2.0,<1.10.0",
            "pkg:npm/left-pad",
            ["1.2.0", "1.9.9"],
            ["1.2.0-rc.1", "1.10.0"],
        ),
        (
            "pkg:npm/left-pad@>1.0.0-alpha.9",
            "pkg:npm/left-pad",
            ["1.0.0-alpha.10", "1.0.0"],
            ["1.0.0-alpha.2"],
        ),
        ("pkg:golang/example.org/m/x@<1.2.0", "pkg:golang/example.org/m/x", ["v1.1.9"], ["v1.2.0"]),
        (
            "pkg:deb/debian/bash@<5.2-10",
            "pkg:deb/debian/bash",
            ["5.2-2", "5.2~rc1-1"],
            ["5.2-10", "1:5.0-1", "5.0-1?arch=amd64&epoch=1"],
        ),
        ("pkg:deb/debian/bash@>=1:5.0-1", "pkg:deb/debian/bash", ["5.0-1?epoch=1", "1:5.0-1?epoch=1"], ["5.2-2"]),
        ("pkg:deb/debian/bash@>=1:5.0-1?epoch=1", "pkg:deb/debian/bash", ["1:5.0-1"], ["5.2-2"]),
        ("pkg:rpm/fedora/bash@<5.2-1?epoch=1", "pkg:rpm/fedora/bash", ["5.3-1"], []),
        (
            "pkg:maven/org.example/x@<1.0",
            "pkg:maven/org.example/x",
            ["1.0-beta-2", "0.9"],
            ["1.0", "1.1", "1.0.RELEASE", "1.0.0.Final"],
        ),
        ("pkg:maven/org.example/x@<=1.0", "pkg:maven/org.example/x", ["1.0.RELEASE", "1.0.GA"], ["1.0.SP1"]),
        (
            "pkg:composer/v/x@>=2.4.6,<2.4.6-p10",
            "pkg:composer/v/x",
            ["2.4.6", "v2.4.6.0", "2.4.6-p3", "2.4.6-patch9"],
            ["2.4.6-RC2", "2.4.6-p10", "2.4.6.1", "2.4.6-dev"],
        ),
        ("pkg:composer/v/x@>1.0.0-beta9", "pkg:composer/v/x", ["1.0.0-beta10", "1.0.0.0-RC1"], ["1.0.0-alpha10"]),
        ("pkg:composer/v/x@>=1.2.3.9", "pkg:composer/v/x", ["1.2.3.10", "1.2.4"], ["1.2.3.9-dev", "1.2.3", "1.2"]),
        ("pkg:pub/x@<1.0.0%2B2", "pkg:pub/x", ["1.0.0", "1.0.0%2B1", "1.0.0-dev%2B9"], ["1.0.0%2B2", "1.0.0%2B10"]),
        ("pkg:gem/rails@<7.0", "pkg:gem/rails", ["7.0.0.rc1", "6.1"], ["7.0.0"]),
        ("pkg:apk/alpine/zlib@<1.3.1-r1", "pkg:apk/alpine/zlib", ["1.3.1-r0"], ["1.3.1-r1"]),
        ("pkg:docker/nginx@1.27", "pkg:docker/nginx", ["1.27"], ["1.27.0"]),
    ],
)
def test_other_ecosystems_have_their_own_order(stated: str, url: str, inside: list[str], outside: list[str]) -> None:
    assert matched(stated, inside + outside, url) == inside


def test_what_cannot_be_told_is_no_match_and_shows() -> None:
    package = parse_package("pkg:pypi/litellm@>=1.82.7,<=1.82.8")
    assert [package.verdict(f"{LITELLM}{told}") for told in ("", "@latest", "@1.0")] == [None, None, False]
    assert package.verdict(LITELLM) is None
    assert parse_package(LITELLM).verdict(LITELLM) is True
    one = parse_package(f"{LITELLM}@1.82.7")
    assert [one.verdict(f"{LITELLM}@{told}") for told in ("latest", "1.82.7-ours", "1.0")] == [None, None, False]
    assert parse_package("pkg:pypi/litellm@!=1.82.7").verdict(f"{LITELLM}@latest") is None
    assert parse_package("pkg:nuget/Serilog@<2.0").verdict("pkg:nuget/serilog@master") is None


@pytest.mark.parametrize(
    "stated",
    [
        *("", "litellm", "pkg:", "pkg:pypi", "pkg:pypi/litellm@>=latest", "pkg:pypi/litellm@~=1.0"),
        *("pkg:pypi/litellm@1.82.*", "pkg:pypi/litellm@^1", "pkg:docker/nginx@>=1.0", "vers:pypi/>=1.0|<2.0"),
        *("vers:pypi/litellm@", "pkg:pypi/litellm@vers:npm/>=1.0", "pkg:pypi/litellm@>=1.0,"),
        # What would name every version, or another package.
        *("pkg:pypi/litellm@1.82.7/", "pkg:pypi/litellm@VERS:pypi/<=1.0", "pkg:pypi/litellm?a=b&vers=vers:npm/<1.0"),
        *("pkg:pypi/lite/llm@1.82.7", "pkg:nuget/Serilog@>=latest", "pkg:nuget/x@vers:nuget/>=v|<1"),
    ],
)
def test_what_is_no_package_is_named(stated: str) -> None:
    with pytest.raises(LineageError) as caught:
        parse_package(stated)
    assert stated in caught.value.sentence
    assert "pkg:" in caught.value.hint


@pytest.mark.parametrize(
    ("bounds", "meets"),
    [
        *((told, False) for told in ("1.0,1.1", "=1.0,!=1.0", "=1.0,>1.0", ">=1.1,<=1.0", ">1.0,<1.0", "<1.0,>=1.0")),
        *((told, True) for told in ("1.0,1.00", ">1.0,>1.0", "<1.0,<1.0", ">=1.0,<=1.0", ">1.0,<1.1", "<=1.1,=1.0")),
    ],
)
def test_bounds_that_no_version_can_meet_are_refused(bounds: str, meets: bool) -> None:
    if meets:
        parse_package(f"{LITELLM}@{bounds}")
    else:
        with pytest.raises(LineageError, match="No version can meet"):
            parse_package(f"{LITELLM}@{bounds}")


@pytest.mark.parametrize("stated", ["pkg:pypi/a@>=" + "1,<=" * 100_000 + "2", "vers:pypi/a|" + "<2|!=3|>1|" * 30_000])
def test_a_range_of_endless_bounds_is_refused_at_once(stated: str) -> None:
    """One of them was compared for hours, and nobody could stop it."""
    with pytest.raises(LineageError):
        parse_package(stated)


def test_compare_says_what_it_does_not_know() -> None:
    assert compare("pypi", "1.0", "1.0.0") == 0
    assert compare("pypi", "latest", "1.0") is None
    assert compare("nuget", "latest", "1.0") is None
    assert compare("docker", "a", "a") == 0
    assert compare("docker", "a", "b") is None


def test_what_a_build_or_a_number_says_of_the_order() -> None:
    """PEP 440: a local part counts where both have one. Semantic Versioning, 11.4.3: numbers come before words."""
    assert compare("pypi", "1.82.8+cu121", "1.82.8+cpu") == 1
    assert compare("npm", "1.0.0-1", "1.0.0-alpha") == -1
