"""Inputs as they lie about: links, odd names, compressed or torn, what holds nothing, what nobody reads."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
import zstandard

from lineage.collectors.interface import Head
from lineage.errors import LineageError
from lineage.ingest import Told, find_inputs, taking
from lineage.ingest import ingest as take_in
from lineage.ingest.opening import read_head, size_of
from lineage.store import open_store
from tests.asking import ingest, mark, run

WORLD = Path(__file__).parents[1] / "conformance" / "world-113" / "input"
LINEAGE, ACCESS = WORLD / "openlineage.ndjson", WORLD / "access.ndjson"
AT = "2026-03-24T06:00:00Z"
AUDIT = WORLD / "pgaudit" / "postgresql-2026-03-24.json"


def test_what_no_collector_claims_is_left_alone_and_said(tmp_path: Path) -> None:
    other = tmp_path / "poem.txt"
    other.write_text("Shall I compare thee to a summer's day?\n")
    assert ingest(tmp_path / "s.duckdb", [other])[0].collector is None
    assert run("ingest", str(other), "--store", str(tmp_path / "t.duckdb")).returncode == 3


def test_a_list_of_requirements_that_lies_in_a_folder_by_chance_is_left_alone(tmp_path: Path) -> None:
    """Given by its name it lacks what the user must tell; told it, those in a folder are meant too."""
    (tmp_path / "in").mkdir()
    pinned = tmp_path / "in" / "requirements.txt"
    pinned.write_text("litellm==1.82.7\n")
    [found] = ingest(tmp_path / "s.duckdb", [tmp_path / "in"])
    assert (found.collector, found.missed) == (None, False)
    [named] = ingest(tmp_path / "s.duckdb", [pinned])
    assert (named.collector, named.tally.rejected) == ("requirements", 1)
    [meant] = ingest(tmp_path / "s.duckdb", [tmp_path / "in"], Told(environment="workers", taken_at=AT))
    assert (meant.collector, meant.tally.stored) == ("requirements", 1)


def test_what_would_have_an_inventory_read_is_said(tmp_path: Path) -> None:
    """Of one that is not read, what to give instead; of one that lies in a folder, what else to tell."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}')
    (tmp_path / "in" / "poem.txt").write_text("Shall I compare thee to a summer's day?\n")
    (tmp_path / "in" / "requirements.txt").write_text("litellm==1.82.7\n")
    said = run("ingest", str(tmp_path / "in"), "--store", str(tmp_path / "s.duckdb")).stdout.decode()
    assert said.splitlines() == [
        "package-lock.json: no collector claims it (left alone); give what `npm sbom --package-lock-only --sbom-format"
        " cyclonedx` says",
        "poem.txt: no collector claims it (left alone)",
        "requirements.txt: no collector claims it (left alone); it says neither where nor when it was true: tell both"
        " with --environment and --taken-at",
    ]


def test_the_store_itself_is_no_input_and_stays_held(tmp_path: Path) -> None:
    """It lies in the folder that is given, by another name too: who closes a file gives up his locks on it."""
    (tmp_path / "access.ndjson").write_bytes(ACCESS.read_bytes())
    store = tmp_path / "lineage.duckdb"
    (tmp_path / "again.duckdb").symlink_to(store)
    with open_store(str(store)) as held:
        names = [one.name for one in take_in(held, [str(tmp_path)])]
        asked = run("status", "--store", str(store))
    assert names == ["access.ndjson"]
    assert asked.returncode == 2, asked.stdout
    assert b"is held by another process" in asked.stderr
    named = run("ingest", str(tmp_path / "access.ndjson"), str(store), "--store", str(store))
    assert named.returncode == 2
    assert b"lineage.duckdb is the store itself." in named.stderr


def test_how_much_comes_is_told_as_far_as_it_can_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes meanwhile stands in the way of nothing."""
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"12345")
    there = Path.is_file

    def goes(path: Path) -> bool:
        found = there(path)
        if path.name == "c":
            path.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "is_file", goes)
    assert size_of([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "c")]) == 10


# Without `mtime` the second would be in the test's name, and two workers would collect different tests.
@pytest.mark.parametrize("blank", [b"", b"\n \r\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_nothing_is_missed_of_what_holds_nothing(blank: bytes, tmp_path: Path) -> None:
    (tmp_path / "access.ndjson").write_bytes(blank)
    done = run("ingest", str(tmp_path / "access.ndjson"), "--store", str(tmp_path / "s.duckdb"))
    assert done.returncode == 0, done.stderr


def test_folders_that_link_to_one_another_are_walked_in_a_moment(tmp_path: Path) -> None:
    """Through fourteen of them there are more ways than anybody could wait for."""
    folders = [tmp_path / "given" / f"f{number}" for number in range(14)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "access.ndjson").write_text(f"{folder.name}\n")
    for folder in folders:
        for other in folders:
            if other != folder:
                (folder / other.name).symlink_to(other)
    names = {given.name for given in find_inputs([str(tmp_path / "given")])}
    assert {f"{one.name}/access.ndjson" for one in folders} <= names
    assert {f"{one.name}/{two.name}/access.ndjson" for one in folders for two in folders if one != two} <= names


def test_a_folder_that_is_a_link_is_walked_and_no_circle(tmp_path: Path) -> None:
    given, kept = tmp_path / "in", tmp_path / "kept"
    (given / "logs").mkdir(parents=True)
    kept.mkdir()
    (kept / "access.ndjson").write_bytes(ACCESS.read_bytes())
    (given / "crm").symlink_to(kept)
    (given / "logs" / "up").symlink_to(given)
    (given / "logs" / "gone").symlink_to(tmp_path / "nowhere")
    assert [one.name for one in ingest(tmp_path / "s.duckdb", [given])] == ["crm/access.ndjson"]


def test_a_torn_table_is_more_than_nothing(tmp_path: Path) -> None:
    (tmp_path / "records.parquet").write_bytes(b"PAR1 and no more")
    assert run("ingest", str(tmp_path / "records.parquet"), "--store", str(tmp_path / "s.duckdb")).returncode == 3


def test_a_name_that_is_no_text_is_spelled_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    name = os.fsencode(folder) + b"/access-\xff.ndjson"
    Path(os.fsdecode(name)).write_bytes((WORLD / "access.ndjson").read_bytes())
    taken = ingest(tmp_path / "s.duckdb", [folder])
    assert [one.name for one in taken] == [r"access-\xff.ndjson"]
    done = run("ingest", os.fsdecode(name), "--store", str(tmp_path / "s.duckdb"))
    assert done.returncode == 0, done.stderr
    assert rb"access-\xff.ndjson: access" in done.stdout


def test_missing_file_and_unknown_collector_are_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(LineageError, match="nowhere"):
        ingest(tmp_path / "s.duckdb", [tmp_path / "nowhere.ndjson"])
    with pytest.raises(LineageError, match="pgaudit"):
        ingest(tmp_path / "s.duckdb", [AUDIT], Told(collector="pgaudti"))


SKIPPED = b"\x50\x2a\x4d\x18\4\0\0\0size"  # a frame that says something beside the content


@pytest.mark.parametrize(("suffix", "before"), [(".gz", b""), (".zst", b""), (".zst", SKIPPED)])
def test_compressed_content_is_the_same_content(suffix: str, before: bytes, tmp_path: Path) -> None:
    pack = gzip.compress if suffix == ".gz" else zstandard.ZstdCompressor().compress
    packed = tmp_path / (LINEAGE.name + suffix)
    packed.write_bytes(before + pack(LINEAGE.read_bytes()))
    ingest(tmp_path / "plain.duckdb", [LINEAGE])
    taken = ingest(tmp_path / "packed.duckdb", [packed])
    assert taken[0].tally.stored > 0
    assert mark(tmp_path / "packed.duckdb") == mark(tmp_path / "plain.duckdb")


def test_standard_input(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    spool = {"TMPDIR": str(tmp_path / "spool")}
    done = run("ingest", "-", "--store", str(tmp_path / "piped.duckdb"), given=LINEAGE.read_bytes(), **spool)
    assert done.returncode == 0, done.stderr.decode()
    assert not list((tmp_path / "spool").iterdir())
    ingest(tmp_path / "plain.duckdb", [LINEAGE])
    assert mark(tmp_path / "piped.duckdb") == mark(tmp_path / "plain.duckdb")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_standard_input_that_is_stopped_is_left_nowhere(number: signal.Signals, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    words = [sys.executable, "-m", "lineage", "ingest", "-", "--store", str(tmp_path / "s.duckdb")]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(spool)},
        preexec_fn=partial(signal.signal, number, signal.SIG_DFL),  # a shell's background jobs do not hear it
    ) as started:  # fmt: skip
        while not list(spool.iterdir()):
            time.sleep(0.02)
        started.send_signal(number)
        _, said = started.communicate(timeout=60)
    assert (started.returncode, said) == (2, b"lineage: stopped; what was committed stays.\n")
    assert not list(spool.iterdir())


def test_a_pipe_is_read_once_and_left_nowhere(tmp_path: Path) -> None:
    """As a shell's `<(…)` gives one."""
    (tmp_path / "spool").mkdir()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=lambda: pipe.write_bytes(ACCESS.read_bytes()))
    writing.start()
    done = run("ingest", str(pipe), "--store", str(tmp_path / "piped.duckdb"), TMPDIR=str(tmp_path / "spool"))
    writing.join()
    assert b"access" in done.stdout, done.stdout + done.stderr
    assert not list((tmp_path / "spool").iterdir())
    ingest(tmp_path / "plain.duckdb", [ACCESS])
    assert mark(tmp_path / "piped.duckdb") == mark(tmp_path / "plain.duckdb")


@pytest.mark.parametrize("names", [["access.ndjson"], ["access.ndjson", "access.ndjson.1"]])
def test_a_log_that_is_cut_while_it_is_read_hides_none_of_its_copy(
    names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `copytruncate` of logrotate does: what was whole when its digest was looked at is not when it is read."""
    logs, content = tmp_path / "logs", ACCESS.read_bytes()
    logs.mkdir()
    for name in names:
        (logs / name).write_bytes(content)

    def cut_first(name: str, file: Path) -> Head:
        head = read_head(name, file)
        time.sleep(0.2)
        (logs / names[0]).write_bytes(content[: content.index(b"\n") + 1])
        return head

    with monkeypatch.context() as patched:
        patched.setattr(taking, "read_head", cut_first)
        first, *others = ingest(tmp_path / "s.duckdb", [logs])
    assert first.tally.stored == 1
    assert sum(one.tally.lines for one in others) == len(others) * content.count(b"\n")
    (logs / "copy.ndjson").write_bytes(content)
    ingest(tmp_path / "s.duckdb", [logs])
    ingest(tmp_path / "plain.duckdb", [ACCESS])
    assert mark(tmp_path / "s.duckdb") == mark(tmp_path / "plain.duckdb")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_torn_compression_keeps_what_came_before_and_says_so(suffix: str, tmp_path: Path) -> None:
    lines = [json.dumps({"id": str(n), "time": "2026-03-24T12:00:00Z", "principal": "svc", "operation": "read",
             "outcome": "success", "dataset": {"namespace": "n", "name": "d"}, "keys": [str(n * 7919 % 1_000_003)]})
             for n in range(20_000)]  # fmt: skip
    content = "\n".join(lines).encode()
    packed = gzip.compress(content) if suffix == ".gz" else zstandard.ZstdCompressor().compress(content)
    torn = tmp_path / f"access.ndjson{suffix}"
    torn.write_bytes(packed[: len(packed) * 9 // 10])
    done = run("ingest", str(torn), "--store", str(tmp_path / "s.duckdb"), "--format", "json")
    assert done.returncode == 3, done.stderr.decode()
    (row,) = json.loads(done.stdout)["inputs"]
    assert row["rejected"] >= 1
    assert row["lines"] == row["stored"] + row["known"] + row["rejected"] + row["passed"]
    assert row["stored"] > 10_000  # of 20,000 lines nine tenths came through whole


def test_a_log_that_begins_with_the_hole_of_a_cut_is_read_behind_it(tmp_path: Path) -> None:
    log = tmp_path / "access.ndjson"
    event = {"time": "2026-03-24T12:00:00Z", "principal": "svc", "operation": "read", "dataset": {"name": "d"}}
    log.write_bytes(b"\0" * 200_000 + json.dumps(event).encode() + b"\n")
    (taken,) = ingest(tmp_path / "s.duckdb", [log])
    assert (taken.collector, taken.tally.stored, taken.tally.rejected) == ("access", 1, 0)
