"""`lineage asked`: every question is one line, whatever was asked and whatever became of the file."""

import json
from pathlib import Path

from lineage.store import open_store
from tests.cli.running import run


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
