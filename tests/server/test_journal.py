"""The journal: what was acknowledged is there after any end, what was torn never was."""

import json
from pathlib import Path
from random import Random

import pytest

from lineage.errors import LineageError
from lineage.ingest import Taken, Told
from lineage.server.draining import drain, drain_leftovers
from lineage.server.journal import Journal, Record, read_records, read_upload
from lineage.store import checkpoint, inbox_path, open_store
from tests.asking import ingest, run
from tests.server.running import lines, run_event

LANE = Told("openlineage")
OTHER = Told("openlineage", source="airflow")


def record(number: int, told: Told = LANE) -> Record:
    return Record(told, json.dumps(run_event(number)).encode())


def test_what_was_written_is_read_by_the_next_process(tmp_path: Path) -> None:
    first = Journal(tmp_path / "inbox")
    told = [record(1), record(2, OTHER), Record(LANE, b""), Record(LANE, b"record 00000000 3 {}\nabc\n")]
    assert first.write(told[:2]) == 2
    assert first.write(told[2:]) == 4
    second = Journal(tmp_path / "inbox")
    (segment,) = second.seal()
    assert list(read_records(segment, [])) == told
    second.done(segment)
    assert second.seal() == []
    assert second.waiting == 0
    assert list((tmp_path / "inbox").iterdir()) == []


@pytest.mark.parametrize("seed", range(40))
def test_a_torn_tail_is_cut_and_costs_nothing_before_it(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    told = [Record(random.choice((LANE, OTHER)), random.randbytes(random.randrange(200))) for _ in range(20)]
    journal = Journal(tmp_path / "inbox")
    ends = [0]
    for one in told:
        journal.write([one])
        ends.append(journal.waiting)
    (path,) = (tmp_path / "inbox").iterdir()
    whole = path.read_bytes()
    cut = random.randrange(len(whole))
    tail = random.choice((b"", bytes(300), random.randbytes(30)))  # nothing, a hole of zeros, what lay there before
    path.write_bytes(whole[:cut] + tail)
    (segment,) = Journal(tmp_path / "inbox").seal()
    kept = sum(end <= cut for end in ends[1:])
    found = list(read_records(segment, []))
    assert found == told[: len(found)]
    assert kept <= len(found) <= kept + 1  # what lay there may be the one byte that was cut


@pytest.mark.parametrize("where", ["record", "{", "eventType", "\n"])
def test_what_a_disk_damaged_costs_no_other_record(
    where: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage: list[int] = []
    with open_store(str(tmp_path / "s")) as store:
        journal = Journal(inbox_path(store.path))
        journal.write([record(1)])
        begun = journal.waiting
        journal.write([record(2), record(3), record(4, OTHER)])
        (segment,) = journal.seal()
        whole = segment.path.read_bytes()
        at = whole.index(where.encode(), begun)
        segment.path.write_bytes(whole[:at] + b"\x00" + whole[at + 1 :])
        assert list(read_records(segment, damage)) == [record(1), record(3), record(4, OTHER)]
        assert damage == [begun]
        assert sum(taken.tally.stored for taken in drain(store, segment)) == 3
        journal.done(segment)
        (kept,) = inbox_path(store.path).iterdir()
        assert kept.suffix == ".damaged"
        assert f"damaged at byte {begun}" in caplog.text


def test_a_disk_that_refuses_acknowledges_nothing_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "inbox")
    journal.write([record(1)])

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", refuse)
        with pytest.raises(OSError, match="No space"):
            journal.write([record(2)])
    assert journal.acknowledged == 1
    journal.write([record(3)])
    found = [one for segment in Journal(tmp_path / "inbox").seal() for one in read_records(segment, [])]
    assert found == [record(1), record(3)]
    fresh = Journal(tmp_path / "fresh")
    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", refuse)
        patch.setattr("lineage.server.journal.Path.write_text", lambda *_: refuse(0))
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                fresh.write([record(2)])
        with pytest.raises(OSError, match="No space"):
            fresh.upload("a.ndjson", Told())
    assert list((tmp_path / "fresh").iterdir()) == []  # what was refused leaves nothing behind
    fresh.write([record(4)])
    (segment,) = fresh.seal()
    assert list(read_records(segment, [])) == [record(4)]


def test_what_can_never_be_stored_ends_neither_the_program_nor_a_later_upload(tmp_path: Path) -> None:
    """Left by a server that was killed; and the next one's uploads have numbers of their own."""
    store = str(tmp_path / "s.duckdb")
    catalog = "version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors:\n  - {id: %s, name: A}\n"
    for vendors in ("ab", "c"):
        journal = Journal(inbox_path(store))
        for vendor in vendors:
            journal.put("catalog.yml", Told(), [(catalog % vendor).encode()])
        if vendors == "ab":
            open_store(store).close()
        done = run("status", "--store", store)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(b"Another catalog") == 1
    names = sorted(path.name for path in inbox_path(store).iterdir())
    assert names == ["000000000002.refused", "000000000003.refused"]


def test_a_kill_while_an_upload_is_deleted_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "inbox")
    journal.put("access.ndjson", Told(), [b"one\n"])
    (segment,) = journal.seal()

    def killed(folder: Path, **_: object) -> None:
        (folder / "told.json").unlink()
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", killed)
        with pytest.raises(SystemExit):
            journal.done(segment)
    assert Journal(tmp_path / "inbox").seal() == []
    assert list((tmp_path / "inbox").iterdir()) == []


def test_what_others_leave_in_the_folder_is_let_be(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "inbox")
    journal.write([record(1)])
    (path,) = (tmp_path / "inbox").iterdir()
    (tmp_path / "inbox" / "000000000001 (copy).journal").write_bytes(path.read_bytes())
    assert [segment.number for segment in Journal(tmp_path / "inbox").seal()] == [1]


def test_an_upload_is_kept_under_its_name_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "inbox")
    number = journal.put("logs/access.ndjson", Told(source="api"), [b"one\n", b"two\n"])
    half = tmp_path / "inbox" / "part-000000000002" / "content"  # what a kill leaves of an upload
    half.mkdir(parents=True)
    (half / "other.ndjson").write_bytes(b"half")
    (segment,) = Journal(tmp_path / "inbox").seal()
    assert segment.number == number
    assert read_upload(segment) == (segment.path / "content", Told(source="api"))
    assert (segment.path / "content" / "logs" / "access.ndjson").read_bytes() == b"one\ntwo\n"
    assert not half.exists()


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x", "a/../../x", "a//b", ".hidden", "a\nb", "x" * 300, "a/", "/".join("名" * 700)]
)
def test_an_upload_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    with pytest.raises(LineageError, match="relative path"):
        Journal(tmp_path / "inbox").upload(name, Told())
    assert list((tmp_path / "inbox").iterdir()) == []


def test_drained_twice_is_stored_once_and_answers_as_a_file_does(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    events = [run_event(number) for number in range(30)]
    with open_store(str(path)) as store:
        journal = Journal(inbox_path(str(path)))
        journal.write([record(number) for number in range(20)])
        journal.write([record(number, OTHER) for number in range(15, 30)])
        (segment,) = journal.seal()
        first = drain(store, segment)  # killed before the segment was deleted
        again = drain(store, segment)
        assert [one.before for one in again] == [True, True]
        assert sum(one.tally.stored for one in first) == 30
        assert sum(one.tally.known for one in first) == 5
        assert [one.before for one in drain_leftovers(store) if isinstance(one, Taken)] == [True, True]
        assert list(drain_leftovers(store)) == []
        mark = checkpoint(store)
    (tmp_path / "events.ndjson").write_bytes(lines(events))
    ingest(tmp_path / "file.duckdb", [tmp_path / "events.ndjson"])
    with open_store(str(tmp_path / "file.duckdb"), read_only=True) as store:
        assert checkpoint(store) == mark
