"""Framers: every text with its position, whatever the layout; what is malformed costs nothing else."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.collectors import documents, framing
from lineage.collectors.framing import csv_records, json_any, json_documents, json_lines
from lineage.collectors.interface import Block, Head, Rejected
from tests.collectors.staging import head_of

Frame = Callable[[BinaryIO, Head], Iterator[Block | Rejected]]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=5), max_size=6)
STRAY = "A bracket is closed that was never opened."


class Trickle(io.BytesIO):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 7, 7) if size != -1 else size)


def framed(frame: Frame, data: bytes, stream: type[io.BytesIO] = io.BytesIO) -> tuple[dict[int, str], dict[int, str]]:
    """({position: text} without blank lines, {position: reason})."""
    texts: dict[int, str] = {}
    reasons: dict[int, str] = {}
    for piece in frame(stream(data), head_of(data)):
        if isinstance(piece, Rejected):
            assert piece.position not in reasons
            reasons[piece.position] = piece.reason
            continue
        for position, text in enumerate(piece.text.decode().split("\n"), piece.first):
            assert position not in texts
            if text:
                texts[position] = text
    assert not set(texts) & set(reasons)
    return texts, reasons


def values(texts: dict[int, str]) -> dict[int, Any]:
    return {position: json.loads(text) for position, text in texts.items()}


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]))), st.booleans())
def test_lines_are_numbered_as_they_stand(lines: list[str], crlf: bool) -> None:
    data = ("\r\n" if crlf else "\n").join(lines).removeprefix("\ufeff").encode()
    expected = {number: line for number, line in enumerate(lines, 1) if line}
    if lines and lines[0].startswith("\ufeff"):
        expected = {number: line for number, line in enumerate([lines[0][1:], *lines[1:]], 1) if line}
    assert framed(json_lines, data) == (expected, {})
    assert framed(json_lines, b"\xef\xbb\xbf" + data, Trickle) == (expected, {})


def test_only_bad_lines_are_rejected() -> None:
    data = b'{"a":1}\n{"b":"\xff"}\n\n\0\0\0{"c":3}\n{"d":"\0"}\n{"e":"\xc3\xa9"}\r\n\r\n{"f":6}\r'
    texts, reasons = framed(json_lines, data)
    assert values(texts) == {1: {"a": 1}, 4: {"c": 3}, 6: {"e": "é"}, 8: {"f": 6}}
    assert reasons == {2: "The text is not valid UTF-8 at byte 7.", 5: "The text holds a NUL byte."}


@pytest.mark.parametrize(("read", "block"), [(16, 16), (8, 64), (64, 64)])
def test_a_line_over_the_limit_is_rejected_and_its_neighbours_kept(
    monkeypatch: pytest.MonkeyPatch, read: int, block: int
) -> None:
    monkeypatch.setattr(framing, "READ_BYTES", read)
    monkeypatch.setattr(framing, "BLOCK_BYTES", block)
    monkeypatch.setattr(framing, "TEXT_LIMIT", 64)
    monkeypatch.setattr(framing, "KEPT_TEXT", 8)
    whole, long = b"x" * 64, b"y" * 65
    for stream in (io.BytesIO, Trickle):
        for bad in (long, long * 9):
            data = b"a\n" + whole + b"\n" + bad + b"\n\nb\n" + whole
            texts, reasons = framed(json_lines, data, stream)
            assert texts == {1: "a", 2: whole.decode(), 5: "b", 6: whole.decode()}
            assert list(reasons) == [3]
    pieces = list(json_lines(io.BytesIO(long * 9), head_of(b"")))
    assert [len(piece.text) for piece in pieces] == [8]


def test_blocks_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "BLOCK_LINES", 50_000)
    data = b'{"a":1}\n' * 120_000 + b'{"b":"' + b"x" * 200_000 + b'"}\n' * 3
    blocks = [piece for piece in json_lines(io.BytesIO(data), head_of(data)) if isinstance(piece, Block)]
    sizes = [block.text.count(b"\n") + 1 for block in blocks]
    assert max(sizes) <= framing.BLOCK_LINES
    assert [block.first for block in blocks] == [1 + sum(sizes[:number]) for number in range(len(sizes))]
    assert b"\n".join(block.text for block in blocks) == data.removesuffix(b"\n")


@given(OBJECTS, st.sampled_from([None, 0, 2]), st.sampled_from(["array", "row", "lines"]))
def test_documents_are_found_in_every_layout(objects: list[Any], indent: int | None, layout: str) -> None:
    if layout == "array":
        data = json.dumps(objects, indent=indent)
    else:
        between = "\n" if layout == "lines" else ""
        data = between.join(json.dumps(each, indent=indent, ensure_ascii=False) for each in objects)
    expected = dict(enumerate(objects, 1))
    for stream in (io.BytesIO, Trickle):
        texts, reasons = framed(json_documents, data.encode("utf-8", "surrogatepass"), stream)
        assert (values(texts), reasons) == (expected, {})


@pytest.mark.parametrize(
    ("data", "kept", "rejected"),
    [
        (b'[{"a":1},{"b":', {1: {"a": 1}}, {2: "The object is not closed."}),
        (b'[{"a":1},', {1: {"a": 1}}, {2: "The input ends before its array is closed."}),
        (b'[{"a":1}, 5, "x", {"b":2}]', {1: {"a": 1}, 3: {"b": 2}}, {2: "This is not a JSON object."}),
        (b'{"a":1} }} {"b":2}', {1: {"a": 1}, 4: {"b": 2}}, dict.fromkeys([2, 3], STRAY)),
        (b'{\n"a": {\n"b": 1\n}\n{\n"c": 2\n}', {2: {"c": 2}}, {1: "The object is not closed."}),
        (b'{"a":"\xff"}{"b":2}', {2: {"b": 2}}, {1: "The text is not valid UTF-8 at byte 7."}),
        (b'{"a":"x\ny"}\n{"b":2}', {2: {"b": 2}}, {1: "A string is broken by a line end."}),
        (b'it\'s "open\n{"b":2}', {2: {"b": 2}}, {1: "This is not a JSON object."}),
        (b"", {}, {}),
    ],
)  # fmt: skip
def test_what_is_malformed_costs_no_other_document(data: bytes, kept: Any, rejected: Any) -> None:
    texts, reasons = framed(json_documents, data)
    assert (values(texts), reasons) == (kept, rejected)


def test_an_object_without_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "TEXT_LIMIT", 1000)
    texts, reasons = framed(json_documents, b'{"a":1}{"b":[' + b"1," * (3 << 20))
    assert values(texts) == {1: {"a": 1}}
    assert reasons == {2: "The object has over 1000 bytes."}


LINES = st.lists(st.sampled_from(['{"a":1}', '{"a":[', '{"a":"x', '{"b":{"c":"x', '{}{"d":', "[", '{"e":[{}']))


@given(LINES)
def test_objects_without_end_cost_no_other_line(lines: list[str]) -> None:
    """Whatever went before, a whole line is kept, and what began in another that is cut is not."""
    texts, _ = framed(json_documents, "\n".join(lines).encode())
    whole = [line.partition("}")[0] + "}" for line in lines if line.startswith(('{"a":1}', "{}"))]
    assert list(texts.values()) == whole


@pytest.mark.timeout(60)
@pytest.mark.parametrize("line", ['{"a":[', '{}{"a":[', '{"a":"' + "x" * 900])
def test_many_objects_without_end_are_gone_through_once(line: str) -> None:
    """A shipper of logs cuts each line that is long: to look for the end of each took hours."""
    texts, reasons = framed(json_documents, (line + "\n").encode() * 20_000)
    assert len(texts) == (20_000 if line.startswith("{}") else 0)
    assert len(reasons) == 20_000


def test_an_object_of_too_many_open_brackets_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_DEEPEST", 10)
    data = b'{"a":' * 9 + b"1" + b"}" * 9 + b"\n" + b'{"b":' * 50 + b"\n" + b'{"c":1}\n' * 2
    texts, reasons = framed(json_documents, data)
    assert [len(text) for text in texts.values()] == [55, 7, 7]
    assert list(reasons) == [2]


@pytest.mark.parametrize(
    ("data", "positions"),
    [
        (b'\n{"a":1}\n\n{"b":2}\n', [2, 4]),  # lines: numbered with the blank ones
        (b'\xef\xbb\xbf{"a":1}\r\n{"b":2}', [1, 2]),
        (b'{"a":1}\n{"broken"\n{"b":2}', [1, 2, 3]),
        (b'{"broken\n{"a":1}\n{"b":2}', [1, 2, 3]),
        (b'ken": {"c": 0}}\n{"a":1}\n{"b":2}', [1, 2, 3]),
        (b'{"a":"' + b"x" * 99_000 + b'"}\n\n{"b":2}', [1, 3]),
        (b'\n[{"a":1},\n\n{"b":2}]\n', [1, 2]),  # objects: numbered on their own
        (b'{\n "a": 1\n}\n\n{\n "b": {}\n}\n', [1, 2]),
        (b'{"a":1}{"b":2}\n{"c":3}', [1, 2, 3]),
    ],
)
def test_the_content_says_whether_there_is_one_object_per_line(data: bytes, positions: list[int]) -> None:
    texts, reasons = framed(json_any, data)
    assert sorted(texts | reasons) == positions


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_csv_records_come_back(rows: list[tuple[str, str, str]], end: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", 'b"', "ü"), *rows])
    for stream in (io.BytesIO, Trickle):
        texts, reasons = framed(csv_records, out.getvalue().encode(), stream)
        assert values(texts) == {n: dict(zip(("a", 'b"', "ü"), row, strict=True)) for n, row in enumerate(rows, 1)}
        assert not reasons


def test_csv_rejects_one_record_at_a_time() -> None:
    data = b'\xef\xbb\xbfa,b\n1,2\n\n"x\r\ny",3\n4\n5,6,7\n"q"r,8\n"open,9\n\xff,10\n\0\0x,10\n11,12'
    texts, reasons = framed(csv_records, data)
    assert values(texts) == {1: {"a": "1", "b": "2"}, 2: {"a": "x\r\ny", "b": "3"}, 9: {"a": "11", "b": "12"}}
    assert reasons == {
        3: "The record has 1 values for 2 columns.",
        4: "The record has 3 values for 2 columns.",
        5: "This is not valid CSV: ',' expected after '\"'.",
        6: "This is not valid CSV: unexpected end of data.",
        7: "The text is not valid UTF-8 at byte 1.",
        8: "The text holds a NUL byte.",
    }


def test_csv_rejects_no_more_than_the_line_whose_quotes_are_wrong() -> None:
    pieces = list(csv_records(io.BytesIO(b'a,b\n"open,1\n2,3\n4,5\n'), head_of(b"")))
    assert pieces == [
        Rejected(1, "This is not valid CSV: unexpected end of data.", b'"open,1'),
        Block(2, b'{"a":"2","b":"3"}\n{"a":"4","b":"5"}', 2),
    ]


@pytest.mark.timeout(60)
def test_csv_whose_quotes_never_close_is_gone_through_once() -> None:
    """Whatever line one begins with, all others are within a value, up to the last."""
    texts, reasons = framed(csv_records, b"a,b\n" + b'x","y\n' * 50_000)
    assert not texts
    assert len(reasons) == 50_000


def test_csv_with_a_wrong_header_is_not_read() -> None:
    assert framed(csv_records, b"a,b,a\n1,2,3\n") == ({}, {0: "The header names a column twice."})


def test_csv_without_a_header_takes_its_columns_from_the_format() -> None:
    frame = partial(csv_records, columns=("at", "user", "added_later"), least=2)
    texts, reasons = framed(frame, b"1,x\n2,y,z\n3\n")
    assert values(texts) == {1: {"at": "1", "user": "x"}, 2: {"at": "2", "user": "y", "added_later": "z"}}
    assert list(reasons) == [3]
