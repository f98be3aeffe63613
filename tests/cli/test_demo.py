"""The sample story as a command: what it prints."""

import json
from pathlib import Path

from tests.cli.running import run


def test_the_story_is_told_as_json_and_in_silence(tmp_path: Path) -> None:
    done = run("demo", "--format", "json", "--quiet", "--store", "s.duckdb", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    status = json.loads(run("status", "--format", "json", "--store", "s.duckdb", folder=tmp_path).stdout)
    assert (answer["question"], answer["checkpoint"]) == ("blast-radius", status["checkpoint"])
