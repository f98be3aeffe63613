"""The program from outside: exit statuses, hints, what it imports, and the shapes it prints."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lineage.cli import COMMANDS
from lineage.store import open_store
from tests.asking import ask, ingest

WORLD = Path(__file__).parent / "conformance" / "world-113" / "input"
SUMMARY = {"data_subjects", "altered", "records", "by_category", "by_jurisdiction"}
COUNTS = {"confirmed", "probable", "possible", "at_least", "at_most"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "s.duckdb"
    ingest(path, [WORLD])
    return str(path)


def run(*words: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "lineage", *words], capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "PYTHONPATH": root, **environment},
    )  # fmt: skip


def imported_by(*words: str) -> set[str]:
    """The top-level modules that a process of the program imports."""
    code = (
        "import sys\nfrom lineage.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def refused(done: subprocess.CompletedProcess[str], *said: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for text in said:
        assert text in done.stderr


def test_done_is_0_and_json_has_the_keys_of_the_contract(store: str) -> None:
    done = run("ask", "blast-radius", "--vendor", "northgate", "--store", store, "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert {
        *("question", "parameters", "checkpoint", "summary", "data_subjects", "records", "altered"),
        *("datasets", "runs", "attempts", "coverage", "caveats"),
    } <= set(answer)
    assert set(answer["checkpoint"]) >= {"events", "digest"}
    assert set(answer["summary"]) >= SUMMARY
    assert set(answer["summary"]["data_subjects"]) >= COUNTS | {"bounded", "possible_because"}
    assert set(answer["summary"]["records"]) >= COUNTS
    assert set(answer["summary"]["altered"]) >= COUNTS
    keys = {
        "data_subjects": {"id", "grade", "categories", "first", "last", "path"},
        "records": {"dataset", "key", "data_subject", "grade"},
        "altered": {"id", "grade"},
        "datasets": {"namespace", "name", "exposed", "contaminated"},
        "runs": {"run_id", "job", "compromised", "contaminated"},
        "coverage": {"dataset", "sources", "state"},
    }
    for section, named in keys.items():
        assert answer[section], section
        assert all(set(item) >= named for item in answer[section]), section
    assert all(("silent" in item) == (item["state"] == "silent") for item in answer["coverage"])
    assert all(set(item) >= {"kind", "count", "hint"} for item in answer["caveats"])
    assert answer == ask(store, "blast-radius", ["--vendor", "northgate"])


def test_who_touched_has_the_keys_of_the_contract(store: str) -> None:
    done = run("ask", "who-touched", "--data-subject", "C-0004", "--store", store, "--format", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert {"question", "parameters", "checkpoint", "touches", "summary", "coverage", "caveats"} <= set(answer)
    assert set(answer["summary"]) >= {"vendors", "first", "last"}
    assert answer["touches"]
    always = {"kind", "principal", "vendor", "dataset", "start", "end", "operation", "grade", "categories", "evidence"}
    for touch in answer["touches"]:
        assert set(touch) >= (always | {"run_id", "job"} if touch["kind"] == "run" else always)


def test_same_question_gives_the_same_bytes(store: str) -> None:
    words = ("ask", "blast-radius", "--vendor", "northgate", "--store", store, "--format", "json")
    assert run(*words).stdout == run(*words).stdout


def test_what_is_said_twice_is_told_once(store: str, tmp_path: Path) -> None:
    words = ("--store", store, "--format", "json")
    once = run("ask", "blast-radius", "--vendor", "northgate", *words)
    twice = run("ask", "blast-radius", "--vendor", "northgate", "--vendor", "northgate", *words)
    assert json.loads(twice.stdout)["parameters"]["vendor"] == ["northgate"]
    assert twice.stdout == once.stdout


def test_a_record_of_questions_that_was_cut_short_costs_no_other(store: str) -> None:
    path = Path(f"{store}.asked.ndjson")
    words = ("ask", "blast-radius", "--vendor", "northgate", "--store", store)
    run(*words)
    before = json.loads(run("asked", "--store", store, "--format", "json").stdout)["asked"]
    with path.open("a") as file:
        file.write('{"at": "2026-03-2')
    run(*words)
    after = json.loads(run("asked", "--store", store, "--format", "json").stdout)["asked"]
    assert len(after) == len(before) + 1
    assert after[:-1] == before


def test_a_question_is_one_line_of_what_was_asked_whatever_it_holds(tmp_path: Path) -> None:
    at = str(tmp_path / "s.duckdb")
    with open_store(at):
        pass
    forged = "a\n2026-03-24 10:00:00 UTC  ana (http)  search  text b  at 0 events\x1b[2K\u2028"
    assert run("ask", "search", "--text", forged, "--store", at).returncode == 0
    assert run("ask", "who-touched", "--data-subject", forged, "--store", at).returncode == 2
    said = run("asked", "--store", at).stdout
    assert len(said.splitlines()) == 2
    assert "\\n2026-03-24 10:00:00" in said
    assert said.replace("\n", "").isprintable()


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


def test_text_answer_is_for_people(store: str) -> None:
    done = run("ask", "blast-radius", "--vendor", "northgate", "--store", store)
    assert done.returncode == 0
    assert "at least 0, at most 3" in done.stdout


def test_text_of_touches_says_what_was_asked_and_of_what_it_is_made(store: str) -> None:
    words = ("--data-subject", "C-0004", "--store", store)
    whole = run("ask", "who-touched", *words).stdout
    part = run("ask", "who-touched", *words, "--to", "2026-03-24T00:00:00Z").stdout
    assert "Asked: data-subject C-0004; at any time\n" in whole
    assert "Asked: data-subject C-0004; until 2026-03-24 00:00:00 UTC\n" in part
    for text in (whole, part):
        assert re.search("^Computed at [0-9]+ events, sha256:", text, re.MULTILINE)
    many = int(whole.split()[0])
    counts = [int(count) for count in re.findall("^  (?:confirmed|probable|possible) +([0-9]+)  ", whole, re.MULTILINE)]
    assert len(counts) == 3
    assert sum(counts) == many > 1


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
    refused(run("frobnicate"))
    (tmp_path / "text.duckdb").write_text("this is no database " * 1000)
    refused(run(*words, "--store", str(tmp_path / "text.duckdb")), "text.duckdb")
    with duckdb.connect(str(tmp_path / "foreign.duckdb")) as connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
    refused(run(*words, "--store", str(tmp_path / "foreign.duckdb")), "foreign.duckdb")


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


def test_store_comes_from_the_environment_else_from_here(store: str, tmp_path: Path) -> None:
    words = ("ask", "blast-radius", "--vendor", "northgate", "--format", "json")
    told = run(*words, folder=tmp_path, LINEAGE_STORE=store)
    assert told.returncode == 0, told.stderr
    assert run("ingest", str(WORLD), "--quiet", folder=tmp_path).returncode == 0
    assert (tmp_path / "lineage.duckdb").exists()
    assert run(*words, folder=tmp_path).stdout == told.stdout


def test_out_writes_tables_and_evidence(store: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("ask", "blast-radius", "--vendor", "northgate", "--store", store, "--format", "json")
    done = run(*words, "--out", str(out))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert json.loads((out / "answer.json").read_text()) == answer
    for section in ("data_subjects", "records", "altered", "datasets", "runs"):
        with (out / f"{section}.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == len(answer[section]), section
    with (out / "evidence.csv").open(encoding="utf-8", newline="") as file:
        evidence = list(csv.DictReader(file))
    seen = {row["digest"] for row in evidence}
    told = {digest for item in answer["data_subjects"] for digest in item.get("evidence", ())}
    assert seen
    assert told <= seen
    assert all(row["input"] and row["input_digest"] and int(row["position"]) > 0 for row in evidence)


def test_export_narrows_what_out_writes(store: str, tmp_path: Path) -> None:
    words = ("ask", "blast-radius", "--vendor", "northgate", "--store", store)
    assert run(*words, "--out", str(tmp_path / "out"), "--export", "parquet").returncode == 0
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".parquet"}
    refused(run(*words, "--out", str(tmp_path / "none"), "--export", "parquets"), "parquets", "tables, parquet, graph")
    refused(run(*words, "--export", "parquet"), "--out")


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


def test_a_name_of_a_log_is_no_line_of_an_answer(tmp_path: Path) -> None:
    name = "p\x1b[2J\n  0 data subjects"
    event = {"time": "2026-03-24T11:00:00Z", "principal": name, "operation": "read"}
    (tmp_path / "access.ndjson").write_text(json.dumps({**event, "dataset": {"namespace": "n", "name": "d"}}))
    ingest(tmp_path / "s", [tmp_path / "access.ndjson"])
    for words in (("status",), ("ask", "who-touched", "--dataset", "n/d"), ("ask", "blast-radius", "--principal", "p")):
        told = run(*words, "--store", str(tmp_path / "s"))
        assert r"p\x1b[2J\n  0 data subjects" in told.stdout + told.stderr, told
        assert "\x1b" not in told.stdout + told.stderr


def test_answers_are_the_same_bytes_in_every_locale(tmp_path: Path) -> None:
    event = {"time": "2026-03-24T11:00:00Z", "principal": "Ωmega", "operation": "read"}
    (tmp_path / "access.ndjson").write_text(json.dumps({**event, "dataset": {"namespace": "n", "name": "d"}}))
    ingest(tmp_path / "s", [tmp_path / "access.ndjson"])
    words = ("ask", "who-touched", "--dataset", "n/d", "--store", str(tmp_path / "s"), "--format", "json")
    told = run(*words, PYTHONIOENCODING="latin-1")
    assert told.returncode == 0, told.stderr
    assert "Ωmega" in told.stdout


def test_a_path_that_is_not_there_takes_nothing_in(tmp_path: Path) -> None:
    (tmp_path / "catalog.yml").write_text("version: 1\n")
    words = ("ingest", str(tmp_path / "catalog.yml"), str(tmp_path / "none"), "--store", str(tmp_path / "s.duckdb"))
    refused(run(*words), "none", "Check the path")
    assert not (tmp_path / "s.duckdb").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_has_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "--store" in done.stdout
    assert "example:" in done.stdout


def test_help_opens_no_heavy_room() -> None:
    assert imported_by("--help").isdisjoint({"_duckdb", "duckdb", "sqlglot", "streamlit", "networkx"})


def test_ask_does_not_import_the_sql_parser(store: str) -> None:
    imported = imported_by("ask", "blast-radius", "--vendor", "northgate", "--store", store)
    assert "_duckdb" in imported
    assert imported.isdisjoint({"duckdb", "pyarrow", "sqlglot", "networkx", "streamlit"})
