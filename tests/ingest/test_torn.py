"""Compressed and Parquet files that end too early: what came before counts, and all is told as torn."""

import gzip
import json
import random
from pathlib import Path

import pytest
import zstandard

from lineage.ingest.zstd_frames import ends_whole
from tests.asking import ingest, run

EVENT = {"time": "2026-03-24T10:00:00Z", "principal": "svc", "operation": "read", "outcome": "success"}
LINES = b"".join(
    json.dumps(EVENT | {"id": f"{number}", "dataset": {"namespace": "n", "name": f"t{number % 7}"}}).encode() + b"\n"
    for number in range(5000)
)
SKIPPED = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"


def packed(*parts: bytes, summed: bool = False, sized: bool = True) -> bytes:
    packer = zstandard.ZstdCompressor(write_checksum=summed, write_content_size=sized)
    return b"".join(packer.compress(part) for part in parts)


@pytest.mark.parametrize("summed", [True, False])
@pytest.mark.parametrize("sized", [True, False])
def test_zstandard_that_ends_inside_a_frame_is_torn(summed: bool, sized: bool, tmp_path: Path) -> None:
    """What decompresses it takes that for the end."""
    whole = SKIPPED + packed(LINES[: len(LINES) // 2], LINES[len(LINES) // 2 :], summed=summed, sized=sized)
    for cut in (1, 3, 5, len(whole) // 3, len(whole) // 2 + 7):
        log = tmp_path / f"{cut}.ndjson.zst"
        log.write_bytes(whole[:-cut])
        [taken] = ingest(tmp_path / "s.duckdb", [log])
        assert (taken.collector, taken.tally.rejected > 0) == ("access", True)
    (tmp_path / "whole.ndjson.zst").write_bytes(whole)
    [taken] = ingest(tmp_path / "t.duckdb", [tmp_path / "whole.ndjson.zst"])
    assert (taken.tally.stored, taken.tally.rejected) == (5000, 0)


def test_where_frames_end_is_what_the_library_finds(tmp_path: Path) -> None:
    path = tmp_path / "some.zst"
    for seed in range(60):
        chance = random.Random(seed)
        some = [chance.choice([chance.randbytes(200_000), b"a" * 300_000, b""]) for _ in range(chance.randrange(1, 4))]
        whole = packed(*some, summed=chance.random() < 0.5, sized=chance.random() < 0.5)
        for cut in (len(whole), *(chance.randrange(len(whole)) for _ in range(4))):
            path.write_bytes(whole[:cut])
            assert ends_whole(path, cut) == _is_whole(whole[:cut]), (seed, cut)


def _is_whole(told: bytes) -> bool:
    while told:
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            frame.decompress(told)
        except zstandard.ZstdError:
            return False
        if not frame.eof:
            return False
        told = frame.unused_data
    return True


@pytest.mark.parametrize("name", ["records.parquet", "access.ndjson.gz", "access.ndjson.zst"])
def test_what_is_torn_where_it_begins_is_missed_in_a_folder_too(name: str, tmp_path: Path) -> None:
    """Whole files that nobody claims may lie there by chance; of this one nobody can tell."""
    (tmp_path / "in").mkdir()
    start = {"records.parquet": b"PAR1 torn", "access.ndjson.gz": gzip.compress(LINES)[:12]}
    (tmp_path / "in" / name).write_bytes(start.get(name, packed(LINES)[:12]))
    (tmp_path / "in" / "other.gz").write_bytes(gzip.compress(b"a poem\n", mtime=0))
    done = run("ingest", str(tmp_path / "in"), "--store", str(tmp_path / "s.duckdb"))
    assert done.returncode == 3, done.stderr
    assert f"{name}: torn or damaged (left alone)" in done.stdout.decode()
    assert "other.gz: no collector claims it (left alone)" in done.stdout.decode()
