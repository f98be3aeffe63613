"""Ingest: what comes twice, together, too early or against the rules."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from lineage.collectors import framing
from lineage.errors import LineageError
from lineage.ingest import Taken, Told, taking
from lineage.ingest import ingest as take_in
from lineage.store import (
    open_store,
    quarantine,
    quarantine_path,
    quarantined,
)
from tests.asking import ask, ingest, ingest_one_by_one, mark, run

WORLD = Path(__file__).parents[1] / "conformance" / "world-113" / "input"
LINEAGE, ACCESS = WORLD / "openlineage.ndjson", WORLD / "access.ndjson"
AUDIT, CATALOG = WORLD / "pgaudit" / "postgresql-2026-03-24.json", WORLD / "catalog.yml"
SECRET = "Wanjiku-of-the-rejected-line"
FLAGSHIP = ["--vendor", "northgate"]


def tallies(taken: list[Taken]) -> tuple[int, int, int, int, int]:
    """(lines, stored, known, rejected, passed) of all inputs together, each checked to add up."""
    for one in taken:
        tally = one.tally
        assert tally.lines == tally.stored + tally.known + tally.rejected + tally.passed, one.name
    parts = [(t.lines, t.stored, t.known, t.rejected, t.passed) for t in (one.tally for one in taken)]
    lines, stored, known, rejected, passed = (sum(column) for column in zip(*parts, strict=True))
    return lines, stored, known, rejected, passed


def test_counts_add_up_over_a_folder(tmp_path: Path) -> None:
    taken = ingest(tmp_path / "s.duckdb", [WORLD])
    lines, stored, _, rejected, _ = tallies(taken)
    assert lines > stored > 0
    assert rejected == 0
    assert mark(tmp_path / "s.duckdb")[0] == stored


def test_same_file_twice_is_known(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    first = ingest(store, [LINEAGE])
    before = mark(store)
    again = ingest(store, [LINEAGE])
    assert again[0].before
    assert not first[0].before
    assert again[0].tally.stored == 0
    assert tallies(again)[0] == tallies(first)[0]
    assert mark(store) == before


def test_what_a_wrong_collector_rejected_is_taken_in_by_the_right_one(tmp_path: Path) -> None:
    log = tmp_path / "access.ndjson"
    log.write_text(json.dumps({"time": "2026-03-24T12:00:00Z", "principal": "p", "dataset": {"name": "d"}}) + "\n")
    (wrong,) = ingest(tmp_path / "s.duckdb", [log], Told(collector="openlineage"))
    (right,) = ingest(tmp_path / "s.duckdb", [log])
    (again,) = ingest(tmp_path / "s.duckdb", [log], Told(collector="access"))
    assert (wrong.tally.rejected, right.tally.stored, again.tally.known) == (1, 1, 1)
    assert again.before


def test_same_content_under_another_name_and_in_another_order_is_known(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    ingest(store, [ACCESS])
    before = mark(store)
    renamed, turned = tmp_path / "access-other.ndjson", tmp_path / "access-turned.ndjson"
    renamed.write_bytes(ACCESS.read_bytes())
    turned.write_text("\n".join(reversed(ACCESS.read_text().splitlines())) + "\n")
    taken = ingest(store, [renamed, turned])
    assert [one.before for one in taken] == [True, False]
    assert [one.tally.stored for one in taken] == [0, 0]
    assert tallies(taken)[2] > 0
    assert mark(store) == before


def many_lines(count: int, first: int = 0) -> str:
    """Access events, one a line, all of the same length."""
    return "".join(
        f'{{"id":"{number:09d}","time":"2026-03-24T11:02:03Z","principal":"p{number % 7}","operation":"read",'
        '"outcome":"success","dataset":{"namespace":"file","name":"d"}}\n'
        for number in range(first, first + count)
    )


def test_all_that_waits_for_a_time_zone_is_counted(tmp_path: Path) -> None:
    """More than a row group, after an INSERT of none: there the engine may lose rows."""
    records = tmp_path / "records.csv"
    lines = (f"n,d,K{number},S{number % 100},2026-01-01T00:00:00,\n" for number in range(130_000))
    records.write_text("dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to\n" + "".join(lines))
    ingest(tmp_path / "s.duckdb", [records])
    with duckdb.connect(str(tmp_path / "s.duckdb"), read_only=True) as connection:
        held = connection.execute("SELECT count FROM caveat WHERE kind = 'held-aside-line'").fetchall()
    assert held == [(130_000,)]


def test_events_are_known_by_the_digests_of_their_lines(tmp_path: Path) -> None:
    log, lines = tmp_path / "access.ndjson", many_lines(20_000).splitlines()
    lines[9_000:9_000] = ["", "{broken", "{}", '{ "id": "\\u0041", "time": "never" }']
    log.write_text("\n".join(lines))
    ingest(tmp_path / "s.duckdb", [log])
    with duckdb.connect(str(tmp_path / "s.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT position, digest::VARCHAR FROM event").fetchall()
        refused = connection.execute("SELECT position FROM reject ORDER BY 1").fetchall()
    told = {position: line for position, line in enumerate(lines, 1) if line.startswith('{"id"')}
    sums = {position: hashlib.sha256(line.encode()).hexdigest() for position, line in told.items()}
    assert {position: f"{int(number):032x}" for position, number in found} == {p: one[:32] for p, one in sums.items()}
    assert refused == [(9_002,), (9_003,), (9_004,)]


def test_large_inputs_of_one_size_are_told_apart(tmp_path: Path) -> None:
    one, other = tmp_path / "access-one.ndjson", tmp_path / "access-other.ndjson"
    again = tmp_path / "access-again.ndjson"
    one.write_text(many_lines(35_000))
    other.write_text(many_lines(35_000, first=35_000))
    again.write_bytes(one.read_bytes())
    assert one.stat().st_size == other.stat().st_size > 4_000_000
    taken = ingest(tmp_path / "s.duckdb", [one, other, again])
    assert [(each.before, each.tally.stored, each.tally.known) for each in taken] == [
        (False, 35_000, 0), (False, 35_000, 0), (True, 0, 35_000)
    ]  # fmt: skip
    with duckdb.connect(str(tmp_path / "s.duckdb"), read_only=True) as connection:
        kept = connection.execute("SELECT digest FROM input ORDER BY input_id").fetchall()
    assert [digest for (digest,) in kept] == [hashlib.sha256(file.read_bytes()).hexdigest() for file in (one, other)]


def test_audit_lines_before_their_catalog_are_taken_up_when_it_comes(tmp_path: Path) -> None:
    early, late = tmp_path / "early.duckdb", tmp_path / "late.duckdb"
    others = [path for path in sorted(WORLD.rglob("*")) if path.is_file() and path not in (AUDIT, CATALOG)]
    told = Told(source="people-db-audit")
    ingest(early, [AUDIT], told)
    ingest(early, others)
    ingest(early, [CATALOG])
    ingest(late, [CATALOG])
    ingest(late, others)
    ingest(late, [AUDIT], told)
    answers = [ask(store, "blast-radius", FLAGSHIP) for store in (early, late)]
    assert json.dumps(answers[0]) == json.dumps(answers[1])
    bare = tmp_path / "bare.duckdb"
    ingest(bare, [CATALOG])
    ingest(bare, others)
    assert ask(bare, "blast-radius", FLAGSHIP) != answers[0]  # the audit log does tell something


def test_times_without_offset_wait_for_their_time_zone(tmp_path: Path) -> None:
    store, log, catalog = tmp_path / "s.duckdb", tmp_path / "access-local.ndjson", tmp_path / "catalog.yml"
    dataset = {"namespace": "file", "name": "people"}
    event = {"id": "a", "time": "2026-03-24T12:00:00.000000", "principal": "svc", "operation": "read",
             "outcome": "success", "dataset": dataset, "keys": ["1"]}  # fmt: skip
    log.write_text(json.dumps(event) + "\n")
    records = tmp_path / "records.ndjson"
    entry = {"dataset_namespace": "file", "dataset_name": "people", "key": "1", "data_subject": "C-1",
             "valid_from": "2026-01-01T00:00:00Z"}  # fmt: skip
    records.write_text(json.dumps(entry) + "\n")
    taken = ingest(store, [log, records], Told(source="api"))
    assert tallies(taken)[3] == 0
    waiting = ask(store, "who-touched", ["--data-subject", "C-1"])
    assert waiting["touches"] == []
    assert [item["count"] for item in waiting["caveats"] if "held" in item["kind"]] == [1]
    catalog.write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nsources:\n"
        "  - {id: api, collector: access, files: 'access-*', timezone: Africa/Nairobi}\n"
    )
    ingest(store, [catalog])
    touches = ask(store, "who-touched", ["--data-subject", "C-1"])["touches"]
    assert [touch["start"][:19] for touch in touches] == ["2026-03-24T09:00:00"]


def test_rejects_are_counted_quarantined_and_truly_erased(tmp_path: Path) -> None:
    store, log = tmp_path / "s.duckdb", tmp_path / "access.ndjson"
    bad = json.dumps({"id": "x", "time": "never", "principal": SECRET, "operation": "read", "outcome": "success",
                      "dataset": {"namespace": "file", "name": SECRET}})  # fmt: skip
    log.write_text(ACCESS.read_text() + bad + "\n" + "{broken \033[2J " + SECRET + "\n")
    done = run("ingest", str(log), "--store", str(store))
    assert done.returncode == 3
    assert b"rejected 2" in done.stdout
    assert all(SECRET.encode() in text for _, text in quarantined(str(store)))
    assert len(list(quarantined(str(store)))) == 2
    shown = run("quarantine", "--show", "--store", str(store))
    assert shown.stdout.count(SECRET.encode()) == 3
    assert b"{broken \\x1b[2J " in shown.stdout  # and no order to the terminal
    assert run("quarantine", "--erase", "--store", str(store)).returncode == 0
    assert not quarantine_path(str(store)).exists()
    for file in tmp_path.glob("s.duckdb*"):
        assert SECRET.encode() not in file.read_bytes(), file.name
    with duckdb.connect(str(store), read_only=True) as connection:  # the file may be compressed: look inside too
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall():
            assert SECRET not in str(connection.execute(f'SELECT * FROM "{table}"').fetchall()), table
    again = run("ingest", str(log), "--store", str(store), "--format", "json")
    (row,) = json.loads(again.stdout)["inputs"]
    assert row["rejected"] == 2


def test_what_is_refused_is_kept_aside_batch_by_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a log may be refused, and no more of it is held than of any other: 2 KB here, and not half a megabyte."""
    monkeypatch.setattr(taking, "FIRST_BYTES", 1_000)
    monkeypatch.setattr(taking, "BATCH_BYTES", 1_000)
    monkeypatch.setattr(framing, "READ_BYTES", 1_000)
    monkeypatch.setattr(framing, "BLOCK_BYTES", 1_000)
    at_once: list[int] = []

    def watched(path: str, lines: Iterable[tuple[str, bytes]]) -> None:
        told = list(lines)
        at_once.append(sum(len(text) for _, text in told))
        quarantine(path, told)

    monkeypatch.setattr(taking, "quarantine", watched)
    late = '{"time": "never", "principal": "p", "dataset": {"name": "%d"}}'
    for name, line in (("late.ndjson", late), ("torn", "{%d")):
        log = tmp_path / name
        log.write_text("".join(line % number + "\n" for number in range(500)))
        (taken,) = ingest(tmp_path / "s.duckdb", [log], Told(collector="access"))
        assert taken.tally.rejected == taken.tally.lines == 500
        assert max(at_once) < 3_000
    assert len(list(quarantined(str(tmp_path / "s.duckdb")))) == 1000


def test_a_row_of_the_quarantine_that_a_kill_tore_costs_no_other(tmp_path: Path) -> None:
    path = str(tmp_path / "s.duckdb")
    quarantine(path, [("a", b"one"), ("b", b"two")])
    whole = quarantine_path(path).read_bytes()
    quarantine_path(path).write_bytes(whole[:-20])
    quarantine(path, [("c", b"three")])
    assert list(quarantined(path)) == [("a", b"one"), ("c", b"three")]


def test_dry_run_keeps_nothing(tmp_path: Path) -> None:
    store = tmp_path / "s.duckdb"
    ingest(store, [ACCESS])
    before = mark(store)
    bad = tmp_path / "bad.ndjson"
    bad.write_text(LINEAGE.read_text() + "{broken\n")
    with open_store(str(store)) as opened:
        (taken,) = take_in(opened, [str(bad)], keep=False)
        assert opened.one("SELECT count(*) FROM input")[0] == 1
        assert opened.one("SELECT count(*) FROM reject")[0] == 0
    assert taken.tally.stored > 0
    assert taken.tally.rejected == 1
    assert mark(store) == before
    assert not quarantine_path(str(store)).exists()
    done = run("ingest", "--dry-run", str(bad), "--store", str(tmp_path / "none.duckdb"))
    assert (done.returncode, b"would store" in done.stdout) == (3, True)
    assert not list(tmp_path.glob("none*"))


def test_plans_are_for_the_size_of_the_store(tmp_path: Path) -> None:
    asked = "SELECT current_setting('threads')"
    every = duckdb.connect().execute(asked).fetchone()
    with open_store(str(tmp_path / "s.duckdb")) as opened:
        assert opened.one(asked) == (1,)
        opened.plan(1 << 30)
        assert opened.cursor().one(asked) == every
        opened.plan()
        assert opened.one(asked) == (1,)


def test_a_small_input_loads_no_data_frames(tmp_path: Path) -> None:
    """They take longer to load than it does."""
    told = f"import sys; sys.argv = {['lineage', 'ingest', str(ACCESS), '--store', str(tmp_path / 's.duckdb')]}"
    script = f"{told}\nfrom lineage.cli import main\ncode = main()\nassert 'pandas' not in sys.modules\nsys.exit(code)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "the store is up to date\n")


def test_second_catalog_of_the_same_time_is_refused(tmp_path: Path) -> None:
    store, other = tmp_path / "s.duckdb", tmp_path / "other.yml"
    ingest(store, [CATALOG])
    before = mark(store)
    other.write_text(CATALOG.read_text().replace("name: Northgate", "name: Southgate"))
    done = run("ingest", str(other), "--store", str(store))
    assert done.returncode == 2
    assert b"the same as_of (2026-03-2" in done.stderr
    assert b"Traceback" not in done.stderr
    assert mark(store) == before
    commented = tmp_path / "commented.yml"
    commented.write_text("# the same, said again\n" + CATALOG.read_text())
    assert tallies(ingest(store, [commented]))[1] == 0


LEDGER = """
SELECT 'input', n.name, i.digest, i.collector, i.lines, i.stored, i.known, i.rejected, i.passed, i.digest_sum
FROM input i JOIN input_name n USING (input_id)
"""
PLACES = """
SELECT kind, digest::VARCHAR, n.name, position, reason FROM (
    SELECT 'event' AS kind, digest, input_id, position, '' AS reason FROM event
    UNION ALL SELECT 'sighting', e.digest, s.input_id, s.position, '' FROM sighting s JOIN event e USING (event_id)
    UNION ALL SELECT 'reject', digest, input_id, position, reason FROM reject
) JOIN input_name n USING (input_id)
"""
FACTS = """
SELECT e.digest::VARCHAR, n.namespace, n.name, i.direction FROM run_io i JOIN event e USING (event_id)
JOIN name n ON n.name_id = i.dataset
"""


def test_small_inputs_taken_together_are_told_as_if_each_came_alone(tmp_path: Path) -> None:
    events = LINEAGE.read_text().splitlines()[:24]
    access = ACCESS.read_text().splitlines()[:3]
    broken = {**json.loads(events[0]), "eventTime": "yesterday"}
    contents = [f"{event}\n" for event in events]
    contents[5] = "\n\n" + contents[5] + "{torn\n"  # blank lines, one that is no JSON
    contents[8] = json.dumps(broken, indent=1)  # indented, and rejected as a whole
    contents[11] = contents[10]  # the same content
    contents[14] = contents[13] + contents[2] + contents[13]  # events that others tell, too
    contents[17] = "".join(f"{line}\n" for line in access)  # another format among them
    contents[20] = "nothing that a collector claims\n"
    folder = tmp_path / "events"
    folder.mkdir()
    for number, content in enumerate(contents):
        (folder / f"{number:03}.json").write_text(content)
    stores = [tmp_path / "together.duckdb", tmp_path / "alone.duckdb"]
    together = ingest(stores[0], [folder])
    alone = ingest_one_by_one(stores[1], sorted(folder.iterdir()), rests=(6, 15))
    assert [(t.name, t.collector, t.tally, t.before) for t in together] == [
        (t.name, t.collector, t.tally, t.before) for t in alone
    ]
    for sql in (LEDGER, PLACES, FACTS):
        found = []
        for store in stores:
            with open_store(str(store), read_only=True) as opened:
                found.append(sorted(opened.rows(sql), key=str))
        assert found[0] == found[1]
        assert len(found[0]) > 10
    assert sorted(quarantined(str(stores[0]))) == sorted(quarantined(str(stores[1])))
    assert tallies(together)[3] == 2


def test_one_input_that_cannot_be_stored_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    """Two catalogs of the same time contradict each other: the first counts, and what came before them."""
    folder = tmp_path / "catalogs"
    folder.mkdir()
    (folder / "a.yml").write_text(CATALOG.read_text())
    (folder / "b.yml").write_text(CATALOG.read_text().replace("northgate", "southgate"))
    with pytest.raises(LineageError, match="Another catalog"):
        ingest(tmp_path / "s.duckdb", [folder])
    with open_store(str(tmp_path / "s.duckdb"), read_only=True) as opened:
        assert opened.rows("SELECT name FROM input_name") == [("a.yml",)]
