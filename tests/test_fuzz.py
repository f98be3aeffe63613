"""Whatever bytes come: no exception but LineageError, and every line is counted once."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage.collectors import COLLECTORS, find_collector
from lineage.errors import LineageError
from lineage.ingest import Told, find_inputs
from lineage.ingest.taking import Taker
from lineage.store import Store, open_store
from lineage.store.merging import Tally
from tests.asking import ask
from tests.asking import ingest as take_in
from tests.collectors.staging import staged

CASES = Path(__file__).parent / "collectors" / "cases"
# One of each form in each case.
FILES = sorted({(path.parent, path.suffix): path for path in sorted(CASES.glob("*/*/*"))
                if path.name != "expected.json"}.values())  # fmt: skip
NAMES = {collector.name for collector in COLLECTORS}


def collector_of(path: Path) -> str:
    """A case's folder is named as the collector's file is."""
    return path.parts[-3].removesuffix("_file")


FUZZ = settings(
    max_examples=6, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
ODD_TIMES = (b"9999-12-31T23:59:60Z", b"0000-00-00T00:00:00Z", b"2026-02-30T12:00:00Z", b"292278994-08-17T07:12:55Z",
             b"2026-03-24T12:00:00+99:99", b"1e400", b"-0001-01-01")  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(str(tmp_path_factory.mktemp("fuzz") / "s.duckdb")) as opened:
        yield opened
    taker.cache_clear()


@cache
def taker(store: Store, collector: str) -> Taker:
    """One for each collector: to make one takes longer than to take a small input in."""
    return Taker(store, Told(collector=collector), keep=False)


def tally(store: Store, name: str, collector: str, content: bytes) -> Tally | None:
    """Rehearse an input; what became of its lines, None where it was refused as a whole."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            (taken,) = taker(store, collector).take(find_inputs([str(path)]))
        except LineageError as error:
            if "bug" in error.hint:
                raise
            return None
    found = taken.tally
    assert found.lines == found.stored + found.known + found.rejected + found.passed
    assert min(found.stored, found.known, found.rejected, found.passed) >= 0
    return found


def put(content: bytes, place: int, piece: bytes) -> bytes:
    return content[:place] + piece + content[place + len(piece) :]


def duplicate_key(content: bytes) -> bytes:
    return content.replace(b"{", b'{"time": 1, "time": 2, "time": {"time": []}, ', 1)


def not_a_number(content: bytes) -> bytes:
    return content.replace(b": ", b': NaN, "x": ', 2)


def utf_16(content: bytes) -> bytes:
    return content.decode("utf-8", "replace").encode("utf-16")


def latin_1(content: bytes) -> bytes:
    return content.replace(b"a", "é".encode("latin-1"), 5)


def byte_order_mark(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def old_line_ends(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r")


def doubled(content: bytes) -> bytes:
    return content + content


def zeros(content: bytes) -> bytes:
    return content[:50] + b"\0" * 50 + content[50:]


def lone_surrogate(content: bytes) -> bytes:
    return content.replace(b'": "', b'": "\\ud800\\u0000', 3)


def deep(content: bytes) -> bytes:
    return content + b"\n" + b"[" * 5000 + b"]" * 5000 + b"\n" + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n"


def empty(content: bytes) -> bytes:
    return content[:0]


DEFORMATIONS: tuple[Callable[[bytes], bytes], ...] = (
    duplicate_key, not_a_number, utf_16, latin_1, byte_order_mark, old_line_ends, doubled, zeros, lone_surrogate, deep,
    empty,
)  # fmt: skip


FIRSTS = {name: next(path for path in FILES if collector_of(path) == name) for name in sorted(NAMES)}


def test_every_collector_has_a_case() -> None:
    assert {collector_of(path) for path in FILES} == NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_deformed_content(path: Path, store: Store) -> None:
    for deform in DEFORMATIONS:
        tally(store, path.name, collector_of(path), deform(path.read_bytes()))


@pytest.mark.parametrize("collector", sorted(NAMES))
def test_mutated_bytes(collector: str, store: Store) -> None:
    files = [path for path in FILES if collector_of(path) == collector]

    @FUZZ
    @given(st.data())
    def check(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(files))
        content = path.read_bytes()
        places = st.integers(0, len(content))
        for place, piece in data.draw(st.lists(st.tuples(places, st.binary(min_size=1, max_size=6)), max_size=6)):
            content = put(content, place, piece)
        if data.draw(st.booleans()):
            content = content[: data.draw(places)]
        tally(store, path.name, collector, content)

    check()


@pytest.mark.parametrize("collector", sorted(NAMES))
def test_times_out_of_range(collector: str, store: Store) -> None:
    path = FIRSTS[collector]
    content = path.read_bytes()
    times = re.findall(rb"20\d\d-\d\d-\d\d[T ][^\"',}\]\n]*", content)
    assert times or collector in ("data_subjects", "locked", "pip_inspect", "pip_list", "requirements")
    for odd in ODD_TIMES:
        tally(store, path.name, collector, content.replace(times[0] if times else b"1", odd))


LINED = sorted({(collector_of(path), path.suffix): path for path in FILES if path.suffix in (".ndjson", ".csv", ".log")
                and collector_of(path) in ("access", "openlineage", "pgaudit", "records")}.values())  # fmt: skip
# What may stand beside whole lines, of which none may be another for it: torn, cut, of another format, blank.
BESIDE = (
    b"{1,2}'", b"", b"  ", b"torn", b"\xff\xfe", b"\0\0\0", b"{", b"}}", b"[1,", b"]", b'{"a": 1}', b"null",
    b"\xef\xbb\xbf",
)  # fmt: skip
HUGE = b'{"id": "' + b"x" * 100_000_000 + b'"}\n'


def facts(path: Path, content: bytes) -> Counter[str]:
    """What is staged of an input, wherever it stands in it."""
    found = staged(find_collector(collector_of(path)), content, path.name)
    kept = {table: rows for table, rows in found.items() if table not in ("event", "rejected", "passed")}
    return Counter(f"{table} {row | {'position': 0}}" for table, rows in kept.items() for row in rows)


@pytest.mark.parametrize("path", LINED, ids=lambda path: "/".join(path.parts[-3:]))
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_what_stands_beside_whole_lines_changes_none(path: Path, end: bytes) -> None:
    """The form of an input, its line ends and the types of its columns are not told by what is torn or strange in it,
    and a log may begin anywhere."""
    whole = path.read_bytes().rstrip(b"\n").split(b"\n")
    first = [] if path.suffix == ".log" else whole[:1]
    header = first if path.suffix == ".csv" else []
    beside = [*BESIDE, *header, whole[1][: len(whole[1]) // 2].replace(b'"', b"")]
    told = [*first, *beside, *whole[len(first) :], *beside]
    assert facts(path, end.join([*told, b""])) == facts(path, end.join([*whole, b""]))


@pytest.mark.parametrize("path", LINED, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_line_of_a_hundred_megabytes(path: Path, store: Store) -> None:
    """It is one line more, kept aside; what stands before and after it is read as without it."""
    content = path.read_bytes().rstrip(b"\n") + b"\n"
    whole = tally(store, path.name, collector_of(path), content)
    found = tally(store, path.name, collector_of(path), content + HUGE + content)
    assert whole is not None
    assert found is not None
    header = path.suffix == ".csv" and collector_of(path) == "records"  # that comes again is a record that says nothing
    assert found.lines == 2 * whole.lines + 1 + header
    assert (found.stored, found.known) == (whole.stored, 2 * whole.known + whole.stored)
    assert found.rejected == 2 * whole.rejected + 1 + header


@pytest.mark.parametrize("path", FIRSTS.values(), ids=lambda path: "/".join(path.parts[-3:]))
def test_what_came_through_deformed_can_be_asked(path: Path, tmp_path: Path) -> None:
    """Odd facts that were stored must not break the questions either."""
    with open_store(str(tmp_path / "s.duckdb")) as opened:
        taking = Taker(opened, Told(collector=collector_of(path)))
        for number, deform in enumerate((not_a_number, latin_1, doubled, lone_surrogate)):
            odd = tmp_path / str(number) / path.name
            odd.parent.mkdir()
            odd.write_bytes(deform(path.read_bytes()))
            try:
                list(taking.take(find_inputs([str(odd)])))
            except LineageError as error:
                if "bug" in error.hint:
                    raise
    seed = tmp_path / "access-seed.ndjson"
    event = {"id": "seed", "time": "2026-03-24T12:00:00Z", "principal": "seed", "operation": "read",
             "outcome": "success", "dataset": {"namespace": "n", "name": "d"}}  # fmt: skip
    seed.write_text(json.dumps(event) + "\n")
    take_in(tmp_path / "s.duckdb", [seed])
    answer = ask(tmp_path / "s.duckdb", "blast-radius", ["--principal", "seed"])
    assert [item["name"] for item in answer["datasets"]] == ["d"]
