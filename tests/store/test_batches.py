"""Batches of lines: what is one event however its JSON is written, and what is no line at all."""

import pytest

from lineage.store import digested, open_store

EVENT = '{"a":"b c","d":[1,"é"]}'


def digests(*lines: str) -> list[int]:
    """Of the lines that hold something, in their order."""
    with open_store(":memory:") as store:
        batch = digested(store, [(1, "\n".join(lines).encode())])
        assert not batch.refused
        with store.registered("told", batch.lines):
            return [digest for (digest,) in store.rows("SELECT digest FROM told ORDER BY position")]


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ('{"a": "b c", "d": [1, "é"]}', EVENT),
        ('{"a":"b c","d":[1,"\\u00e9"]}', EVENT),
        ('{"a":"b\\u0020c","d":[1,"é"]}', EVENT),
        ('{"a":1,\t"b":2}', '{"a":1,"b":2}'),
        ('\t{"a":1,"b":2}\t', '{"a":1,"b":2}'),
        ('{ "a":1,"b":2}', '{"a":1,"b":2}'),
        ('{"a":"\\u0062"}', '{"a":"b"}'),
    ],
)
def test_white_space_and_escapes_make_no_other_event(written: str, same: str) -> None:
    one, other = digests(same, written)
    assert one == other


@pytest.mark.parametrize("written", ['{"a":"bc","d":[1,"é"]}', '{"a":"b c","d":[1,"e"]}', '{"a":"b c","d":[2,"é"]}'])
def test_what_a_text_holds_does(written: str) -> None:
    one, other = digests(EVENT, written)
    assert one != other


def test_a_blank_line_is_none() -> None:
    assert len(digests(EVENT, "", "   ", "\t \t", "\r", EVENT)) == 2
