"""What the documents say is so: the reference is the parsers', the picture is the story's, commands run."""

import re
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest

import lineage.demo
from docs.picture import choose, draw
from docs.reference import reference
from lineage.cli import COMMANDS, _parser, main
from tests.test_sample_story import ROOT, TRUTH

PAGES = ("README.md", "sample_data/README.md", "docs/cli.md")
# The day of the theft is enough for every command, and quick.
DAY = (
    *("catalog.yml", "data_subjects.csv", "records/*", "advisories/*", "sbom/*-2026032[345]*"),
    *("access/*W13*", "openlineage/2026-03-24*", "pgaudit/*2026-03-23*"),
)


def commands(page: str) -> list[list[str]]:
    """The words of each `lineage …` line of a page's code blocks, fenced or indented."""
    text = (ROOT / page).read_text().replace("\\\n", " ")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)) + "\n"
    blocks += "\n".join(re.findall(r"^    (.*)", text, re.M))
    return [shlex.split(line)[1:] for line in blocks.splitlines() if line.startswith("lineage ")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder as the documents have it: sample_data, logs, a catalog, and the demo's store."""
    place = tmp_path_factory.mktemp("docs")
    for path in (path for pattern in DAY for path in (ROOT / "sample_data").glob(pattern)):
        copy = place / "sample_data" / path.relative_to(ROOT / "sample_data")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    shutil.copytree(place / "sample_data" / "access", place / "logs")
    shutil.copy(place / "sample_data" / "catalog.yml", place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(lineage.demo, "SAMPLE_DATA", place / "sample_data")
        demos = [words for page in PAGES for words in commands(page) if words[0] == "demo"]
        assert [main(words) for words in demos] == [0]
        shutil.copy("demo.duckdb", "lineage-demo.duckdb")
    return place


def test_reference_is_what_the_parsers_say() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == reference(), "python -m docs.reference > docs/cli.md"


def test_picture_shows_the_grades_of_the_story() -> None:
    grades = Counter(TRUTH["data_subjects"].values())
    picture = (ROOT / "docs" / "demo.svg").read_text()
    assert f"at least {grades['confirmed']}, at most {grades.total()}" in picture
    for grade, count in grades.items():
        assert re.search(rf"  {grade} +{count}  ", picture), grade


def test_picture_is_whole_paragraphs_escaped() -> None:
    assert choose("noise\n\nAsked: a\n\nmore\n\nmore\n\nHow surely:\n  <b> 1") == [
        *("$ make demo", "Asked: a", "", "…", "", "How surely:", "  <b> 1"),
    ]
    assert "&lt;b&gt;" in draw(["<b>"])


def test_every_command_is_in_the_documents() -> None:
    assert {words[0] for page in PAGES for words in commands(page)} == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_run(
    page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LINEAGE_STORE", str(folder / "lineage-demo.duckdb"))
    # "demo" made the folder, and "serve" goes on until it is stopped
    told = [words for words in commands(page) if words[0] not in ("demo", "serve")]
    assert told
    for words in told:
        assert main(words) == 0, (words, capsys.readouterr().err)
        assert capsys.readouterr().out, words


@pytest.mark.parametrize(
    ("page", "told"),
    [("docs/server.md", {"serve", "keys", "ask", "ingest", "status"}), ("docs/running.md", {"ingest"})],
)
def test_commands_about_a_system_around_it_are_understood(page: str, told: set[str]) -> None:
    found = commands(page)
    assert {words[0] for words in found} >= told
    for words in found:
        _parser(words).parse_args(words)


@pytest.mark.parametrize("page", [*PAGES, "docs/server.md", "docs/running.md", "benchmarks/README.md"])
def test_what_a_page_refers_to_is_there(page: str) -> None:
    """Files beside it, and headings in them as GitHub spells their names."""
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (ROOT / page).read_text()):
        path, _, heading = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        titles = re.findall(r"^#+ (.*)$", target.read_text(), re.M) if heading else []
        assert not heading or heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def test_demo_replaces_its_own_store_and_no_other_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (folder / "notes.txt").write_text("my notes")
    assert main(["demo", "--store", "notes.txt"]) == 2
    assert (folder / "notes.txt").read_text() == "my notes"
    assert "notes.txt" in capsys.readouterr().err
    own, little = tmp_path / "lineage-demo.duckdb", tmp_path / "little"
    for name in ("catalog.yml", "advisories/MAL-2026-2144.json"):
        (little / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / "sample_data" / name, little / name)
    own.write_text("left by an earlier demo")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINEAGE_STORE", str(folder / "notes.txt"))
    assert main(["demo", "--data", str(little), "--quiet"]) == 0
    assert "No data subject is known to be touched" in capsys.readouterr().out
    assert main(["status", "--store", str(own)]) == 0
    assert (folder / "notes.txt").read_text() == "my notes"


def test_status_says_where_lines_were_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    event = '{"id": "a%d", "time": "2026-03-24T10:00:00", "principal": "x", "operation": "read",'
    event += ' "outcome": "success", "dataset": {"namespace": "n", "name": "d"}}\n'
    Path("access.ndjson").write_text(
        "".join(event % number for number in range(8)) + "".join(f"{{{n}\n" for n in range(4))
    )
    assert main(["ingest", "access.ndjson", "--quiet"]) == 3
    capsys.readouterr()
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "4 x The line is not JSON. (access.ndjson:9, access.ndjson:10, access.ndjson:11 …)" in said
    assert "8 x time-zone" in said


@pytest.mark.parametrize("room", ["lineage/flow", "lineage/statements", "lineage/store", "lineage/touches", "ui"])
def test_map_of_a_room_names_its_modules(room: str) -> None:
    told = (ROOT / room / "__init__.py").read_text().split('"""')[1]
    modules = {path.stem for path in (ROOT / room).glob("*.py")} - {"__init__"}
    assert modules <= set(re.findall(r"\w+", told)), modules - set(re.findall(r"\w+", told))


def test_map_of_the_house_names_every_room() -> None:
    told = set(re.findall(r"\w+", (ROOT / "CONTRIBUTING.md").read_text().partition("\n| change ")[0]))
    rooms = {path.stem for path in (ROOT / "lineage").glob("[a-z]*") if path.suffix in ("", ".py")} - {"demo"}
    assert rooms <= told, rooms - told
