"""What cannot be done is an exit status, a sentence and a hint, never a traceback."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.asking import ingest
from tests.cli.running import WORLD, refused, run


def test_what_the_user_can_mend_is_2(store: str, tmp_path: Path) -> None:
    words = ("ask", "blast-radius", "--vendor", "northgate")
    refused(run(*words, "--store", str(tmp_path / "none.duckdb")), "none.duckdb")
    refused(run("ask", "blast-radius", "--store", store), "--vendor")
    refused(run("ask", "who-touched", "--store", store))
    refused(run(*words, "--from", "2026-03-25T00:00:00Z", "--to", "2026-03-24T00:00:00Z", "--store", store))
    refused(run("ingest", str(tmp_path / "nowhere"), "--store", str(tmp_path / "t.duckdb")), "nowhere")
    refused(run("ingest", "", "--store", str(tmp_path / "t.duckdb"), folder=tmp_path), "no file or folder ''")
    refused(run("serve", "--no-ui", "--port", "99999", "--store", str(tmp_path / "t.duckdb")), "99999 is no port")
    refused(run("serve", "--no-ui", "--backlog", "-1", "--store", str(tmp_path / "t.duckdb")), "0 MiB or more")
    refused(run(*words, "--store", store, "--out", ""), "'' is no folder", "--out DIR")
    refused(run("frobnicate"))
    (tmp_path / "text.duckdb").write_text("this is no database " * 1000)
    refused(run(*words, "--store", str(tmp_path / "text.duckdb")), "text.duckdb")
    with duckdb.connect(str(tmp_path / "foreign.duckdb")) as connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
    refused(run(*words, "--store", str(tmp_path / "foreign.duckdb")), "foreign.duckdb")


def test_nothing_is_said_to_be_erased_beside_what_is_no_store(tmp_path: Path) -> None:
    refused(run("quarantine", "--erase", "--store", str(tmp_path)), f"There is no store at {tmp_path}.")


@pytest.mark.parametrize("name", ["", ":memory:"])
def test_a_store_that_nothing_would_be_left_of_is_refused(name: str, tmp_path: Path) -> None:
    taken = ("ingest", str(WORLD / "access.ndjson"))
    for words in (taken, ("status",), ("quarantine", "--show"), ("asked",), ("keys", "list")):
        refused(run(*words, "--store", name, folder=tmp_path), f"{name!r} is no store", "--store")


@pytest.mark.parametrize("order", ["1", "2", "3"])
def test_of_several_unknown_rules_the_same_is_named_each_time(order: str, store: str) -> None:
    rules = [word for number in range(20) for word in ("--without-rule", f"r{number:02}")]
    done = run("ask", "blast-radius", "--vendor", "northgate", *rules, "--store", store, PYTHONHASHSEED=order)
    refused(done, "There is no rule r00.")


@pytest.mark.parametrize("words", ["status --store=--", "ask activity --vendor=--", "serve --no-ui --host=--"])
def test_two_dashes_are_no_value(words: str, store: str) -> None:
    refused(run(*words.split(), *(() if "--store" in words else ("--store", store))), "expected one argument")


def test_partly_rejected_is_3(tmp_path: Path) -> None:
    log = tmp_path / "access.ndjson"
    log.write_text((WORLD / "access.ndjson").read_text() + "{broken\n")
    assert run("ingest", str(log), "--store", str(tmp_path / "s.duckdb")).returncode == 3


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("blast-radius", "--vendor", "nortgate"), "northgate"),
        (("blast-radius", "--vendor", "zzz"), "northgate"),
        (("blast-radius", "--within-vendor", "tagwork", "--vendor", "northgate"), "tagworks"),
        (("blast-radius", "--principal", "scv_1"), "svc_1"),
        (("blast-radius", "--job", "airflow/jbo1"), "airflow/job1"),
        (("blast-radius", "--run", "00000000-0000-4000-8000-00011300001"), "00000000-0000-4000-8000-000113000011"),
        (("blast-radius", "--dataset", "postgres://people-db:5432/people.public.sd3"), "people.public.ds3"),
        (("blast-radius", "--exposed-dataset", "people.public.ds3"), "postgres://people-db:5432/people.public.ds3"),
        (("blast-radius", "--vendor", "northgate", "--without-rule", "credentials"), "credential"),
        (("neighbours", "--thing", "environment:zzz"), "env_a"),
        (("who-touched", "--data-subject", "C-00004"), "C-0004"),
        (("who-touched", "--record", "postgres://people-db:5432/people.public.ds4", "ds4-33"), "ds4-3"),
    ],
)
def test_unknown_ids_name_the_nearest(words: tuple[str, ...], near: str, store: str) -> None:
    refused(run("ask", *words, "--store", store), near)


@pytest.mark.parametrize("time", ["2026-03-24T10:39:00", "2026-03-24", "yesterday", "2026-02-30T00:00:00Z"])
def test_time_without_offset_is_refused(time: str, store: str) -> None:
    refused(run("ask", "blast-radius", "--vendor", "northgate", "--from", time, "--store", store), time)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "blast-radius", "--vendr", "northgate"), ("--vendr", "`lineage ask blast-radius --help` shows how")),
        (("ask", "who-touched", "--record", "one"), ("expected 2", "`lineage ask who-touched --help`")),
        (("status", "--format", "xml"), ("xml", "text", "`lineage status --help`")),
        (("tell",), ("tell", "ingest", "`lineage --help`")),
    ],
)
def test_wrong_usage_is_a_sentence_and_a_hint(words: tuple[str, ...], said: tuple[str, ...]) -> None:
    done = run(*words)
    refused(done, *said)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [("ask", "activity", "--from", "\udcff"), ("ask", "search", "--store", "\udcff")])
def test_what_is_no_text_is_a_sentence(words: tuple[str, ...], store: str) -> None:
    refused(run(*words[:2], "--store", store, *words[2:]), f"{words[2]} was given what is no UTF-8 text")


def test_locked_store_names_a_hint(tmp_path: Path) -> None:
    path = str(tmp_path / "s.duckdb")
    ingest(path, [WORLD / "access.ndjson"])
    with duckdb.connect(path):
        refused(run("ask", "blast-radius", "--principal", "svc_4", "--store", path), "another process")


def test_store_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "s.duckdb")
    ingest(path, [WORLD / "access.ndjson"])
    with duckdb.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '9999' WHERE key = 'schema_version'")
    refused(run("ask", "blast-radius", "--principal", "svc_4", "--store", path), "newer")
    refused(run("ingest", str(WORLD / "access.ndjson"), "--store", path), "newer")


def test_a_path_that_is_not_there_takes_nothing_in(tmp_path: Path) -> None:
    (tmp_path / "catalog.yml").write_text("version: 1\n")
    words = ("ingest", str(tmp_path / "catalog.yml"), str(tmp_path / "none"), "--store", str(tmp_path / "s.duckdb"))
    refused(run(*words), "none", "Check the path")
    assert not (tmp_path / "s.duckdb").exists()


def test_a_full_disk_is_a_sentence_and_a_hint(store: str) -> None:
    with open("/dev/full", "w") as full:
        words = [sys.executable, "-m", "lineage", "status", "--store", store]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("lineage: No space left on device. Look at the disk")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["data_subjects", "runs"])
def test_a_list_that_cannot_be_written_is_a_sentence(store: str, tmp_path: Path, name: str) -> None:
    """Whichever of the two connections it lies on, which are written from at once."""
    (tmp_path / f"{name}.parquet").mkdir()
    asked = ("ask", "blast-radius", "--vendor", "northgate", "--store", store, "--out", str(tmp_path))
    done = run(*asked)
    assert done.returncode == 2
    assert f"{name}.parquet" in done.stderr
    assert "Look at the disk" in done.stderr
    assert "Traceback" not in done.stderr
    (tmp_path / f"{name}.parquet").rmdir()
    assert run(*asked).returncode == 0
    assert {path.stem for path in tmp_path.glob("*.parquet")} >= {"data_subjects", "runs"}


@pytest.mark.parametrize(
    ("words", "closed", "status"), [("status", "1>&-", 0), ("ask who-touched", "1>&-", 2), ("ingest -", "0<&-", 2)]
)
def test_a_stream_that_is_closed_is_no_traceback(words: str, closed: str, status: int, store: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m lineage {words} --store "$1" {closed}', sys.executable, store],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
