"""Answers from outside: the keys of the contract, the same bytes for the same question, text for people, and --out."""

import csv
import json
import os
import re
from pathlib import Path

from lineage.cli import main
from tests.asking import ask, ingest
from tests.cli.running import refused, run

SUMMARY = {"data_subjects", "altered", "records", "by_category", "by_jurisdiction"}
COUNTS = {"confirmed", "probable", "possible", "at_least", "at_most"}


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


def test_answers_are_the_same_bytes_in_every_locale(tmp_path: Path) -> None:
    event = {"time": "2026-03-24T11:00:00Z", "principal": "Ωmega", "operation": "read"}
    (tmp_path / "access.ndjson").write_text(json.dumps({**event, "dataset": {"namespace": "n", "name": "d"}}))
    ingest(tmp_path / "s", [tmp_path / "access.ndjson"])
    words = ("ask", "who-touched", "--dataset", "n/d", "--store", str(tmp_path / "s"), "--format", "json")
    told = run(*words, PYTHONIOENCODING="latin-1")
    assert told.returncode == 0, told.stderr
    assert "Ωmega" in told.stdout


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


def test_a_name_of_a_log_is_no_line_of_an_answer(tmp_path: Path) -> None:
    name = "p\x1b[2J\n  0 data subjects"
    event = {"time": "2026-03-24T11:00:00Z", "principal": name, "operation": "read"}
    (tmp_path / "access.ndjson").write_text(json.dumps({**event, "dataset": {"namespace": "n", "name": "d"}}))
    ingest(tmp_path / "s", [tmp_path / "access.ndjson"])
    for words in (("status",), ("ask", "who-touched", "--dataset", "n/d"), ("ask", "blast-radius", "--principal", "p")):
        told = run(*words, "--store", str(tmp_path / "s"))
        assert r"p\x1b[2J\n  0 data subjects" in told.stdout + told.stderr, told
        assert "\x1b" not in told.stdout + told.stderr


def test_what_is_written_is_for_who_runs_the_program(tmp_path: Path) -> None:
    """A rejected line may hold anything, and the store says whose data was reached."""
    given, kept = tmp_path / "given", tmp_path / "kept"
    given.mkdir()
    kept.mkdir()
    event = {"time": "2026-03-24T10:00:00Z", "principal": "p", "operation": "read", "dataset": {"name": "d"}}
    (given / "access.ndjson").write_text(f"{json.dumps(event)}\n{{torn\n")
    before = os.umask(0o022)
    try:
        main(["ingest", str(given), "--store", str(kept / "s")])
        main(["ask", "activity", "--store", str(kept / "s"), "--out", str(kept / "out")])
        main(["keys", "make", "k", "--scope", "read", "--store", str(kept / "s")])
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    found = {one.relative_to(kept).as_posix(): one.stat().st_mode & 0o077 for one in kept.rglob("*")}
    assert {"s", "s.quarantine.ndjson", "s.asked.ndjson", "out", "out/answer.json"} < found.keys()
    assert set(found.values()) == {0}


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
