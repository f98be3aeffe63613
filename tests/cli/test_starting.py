"""How the program starts: what it takes from its surroundings, what its help says, and which rooms it opens."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.cli import COMMANDS
from tests.asking import ingest
from tests.cli.running import WORLD, refused, run


def imported_by(*words: str) -> set[str]:
    """The top-level modules that a process of the program imports."""
    code = (
        "import sys\nfrom lineage.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_store_comes_from_the_environment_else_from_here(store: str, tmp_path: Path) -> None:
    words = ("ask", "blast-radius", "--vendor", "northgate", "--format", "json")
    told = run(*words, folder=tmp_path, LINEAGE_STORE=store)
    assert told.returncode == 0, told.stderr
    assert run("ingest", str(WORLD), "--quiet", folder=tmp_path).returncode == 0
    assert (tmp_path / "lineage.duckdb").exists()
    assert run(*words, folder=tmp_path).stdout == told.stdout


def test_a_store_may_be_told_before_the_command(store: str, tmp_path: Path) -> None:
    """Also one that is called as a command is."""
    told = run("status", "--store", store, folder=tmp_path)
    assert run("--store", store, "status", folder=tmp_path).stdout == told.stdout
    assert run("--store", "ask", "ingest", str(WORLD / "access.ndjson"), folder=tmp_path).returncode == 0
    assert (tmp_path / "ask").is_file()
    assert run("--store", "ask", "status", "--store", store, folder=tmp_path).stdout == told.stdout


def test_a_store_is_a_file_here_whatever_its_name_begins_with(tmp_path: Path) -> None:
    for name in ("md:s", "s3:s"):
        done = run("ingest", str(WORLD / "access.ndjson"), "--store", name, folder=tmp_path)
        assert (done.returncode, (tmp_path / name).exists()) == (0, True), done.stderr


def test_a_key_or_an_id_may_begin_with_a_dash(tmp_path: Path) -> None:
    event = {"time": "2026-03-24T11:00:00Z", "principal": "-p", "operation": "read", "outcome": "success"}
    (tmp_path / "access.ndjson").write_text(
        json.dumps({**event, "dataset": {"namespace": "n", "name": "d"}, "keys": ["-Ab3", "-5"]})
    )
    ingest(tmp_path / "s", [tmp_path / "access.ndjson"])
    for words in (("who-touched", "--record", "n/d", "-Ab3"), ("who-touched", "--record", "n/d", "-5"),
                  ("blast-radius", "--principal", "-p")):  # fmt: skip
        told = run("ask", *words, "--store", str(tmp_path / "s"), "--format", "json")
        assert told.returncode == 0, told.stderr
    refused(run("ask", "blast-radius", "--principal", "--store", str(tmp_path / "s")), "--principal: expected one")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_has_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "--store" in done.stdout
    assert "example:" in done.stdout


@pytest.mark.parametrize("words", [(), ("ask",)])
def test_whoever_says_nothing_to_do_is_told_what_there_is(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert "blast-radius" in done.stdout
    assert done.stderr == ""


def test_help_opens_no_heavy_room() -> None:
    assert imported_by("--help").isdisjoint({"_duckdb", "duckdb", "sqlglot", "streamlit", "networkx"})


def test_ask_does_not_import_the_sql_parser(store: str) -> None:
    imported = imported_by("ask", "blast-radius", "--vendor", "northgate", "--store", store)
    assert "_duckdb" in imported
    assert imported.isdisjoint({"duckdb", "pyarrow", "sqlglot", "networkx", "streamlit"})
