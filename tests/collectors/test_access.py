"""Access events of one's own: what is a fault, and what a line means."""

import json
from typing import Any

import pytest

from lineage.collectors import access
from tests.collectors.staging import lines, only, staged


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01t05:29:60.500+05:30", 1_483_228_800_500_000),
        ("2026-03-24T11:59:60Z", None),
        ("2016-12-31T23:59:61Z", None),
    ],
)
def test_a_leap_second_is_the_one_that_follows_it(time: str, instant: int | None) -> None:
    found = staged(access.COLLECTOR, lines({"time": time, "dataset": {"name": "t"}}))
    assert [row["start_at"] for row in found.get("plain_access", [])] == ([] if instant is None else [instant])


@pytest.mark.parametrize(
    ("time", "width"),
    [("00Z", 999_999), ("00.0Z", 99_999), ("00.004Z", 999), ("00.000000Z", 0), ("00.000000999+01:00", 0)],
)
def test_an_access_takes_as_long_as_its_last_digit_leaves_open(time: str, width: int) -> None:
    event = {"time": f"2026-03-24T11:00:{time}", "dataset": {"name": "t"}}
    row = only(access.COLLECTOR, "plain_access", lines(event))
    assert (0 if row["end_at"] is None else row["end_at"] - row["start_at"]) == width  # no end: an instant


@pytest.mark.parametrize("offset", ["+24:00", "-99:99", "+01:60", "+0160", "+99"])
def test_a_time_with_an_offset_that_there_is_not_is_none(offset: str) -> None:
    event = {"time": f"2026-03-24T11:00:00{offset}", "dataset": {"name": "t"}}
    assert only(access.COLLECTOR, "rejected", lines(event))["reason"] == "time is no RFC 3339 time."


PLAIN: dict[str, Any] = {
    "id": "a-1",
    "time": "2026-03-24T11:00:00.004Z",
    "principal": "svc",
    "operation": "read",
    "outcome": "success",
    "dataset": {"namespace": "n", "name": "d.s.t"},
    "keys": ["C-1", "C-2"],
}


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"operation": None, "outcome": None, "keys": None},
        {"fields": ["a"], "statement": "SELECT a FROM t", "dialect": "postgres", "run_id": "r"},
        {"end_time": "2026-03-24T11:00:01Z"},
        {"end_time": "2026-03-24T10:00:01Z"},
        {"end_time": "2026-03-24T11:00:01"},
        {"time": "2026-03-24 11:00:00"},
        {"time": "2026-02-30T11:00:00Z"},
        {"time": "2026-03-24T11:00:00+23:59"},
        {"time": "2026-03-24T11:00:00+24:00"},
        {"time": "2026-03-24T11:00:00-01:60"},
        {"time": None},
        {"time": 5},
        {"operation": "eat"},
        {"outcome": True},
        {"dataset": {"namespace": "n", "name": ""}},
        {"dataset": {"namespace": None, "name": "t"}},
        {"dataset": "t"},
        {"dataset": None},
        {"keys": []},
        {"keys": ["C-1", 2]},
        {"keys": ["C-1", None]},
        {"keys": "C-1"},
        {"fields": [1]},
        {"row_count": 1},
        {"row_count": "1"},
    ],
)
def test_a_line_whose_types_are_plain_means_what_it_means_when_they_are_looked_at(told: dict[str, Any]) -> None:
    """What its members read as tells of most lines that nothing is of a wrong type, but not of an id that may have been
    a number."""
    event = {key: value for key, value in (PLAIN | told).items() if value is not None}
    closed = json.dumps(event, separators=(",", ":"))
    ways = [closed, json.dumps(event), closed.replace('"a-1"', '"\\u0061-1"'), closed.replace('"a-1"', '"-1"')]
    assert len({json.dumps(staged(access.COLLECTOR, way.encode())) for way in ways}) == 1


TEXTS = {
    "id": "id is no text.",
    "principal": "principal is no text.",
    "dialect": "dialect is no text.",
    "client_ip": "client_ip is no text.",
    "session_id": "session_id is no text.",
    "run_id": "run_id is no text.",
    "statement": "statement is no text.",
    "operation": f"operation is none of {', '.join(access.OPERATIONS)}.",
    "outcome": f"outcome is none of {', '.join(access.OUTCOMES)}.",
    "time": "time is no RFC 3339 time.",
    "end_time": "end_time is no RFC 3339 time.",
    "fields": "fields is no list of texts.",
    "keys": "keys is no list of texts or numbers.",
    "parameters": "parameters is no list and no object.",
    "row_count": "row_count is no whole number.",
}
NO_TEXTS = ["7", "-7", "2.5", "1e5", "1e400", "12345678901234567890123", "true", "false", "NaN", "-Infinity", "[[1]]",
            '{"a":1}', "[true]", "[null]"]  # fmt: skip


@pytest.mark.parametrize("told", NO_TEXTS)
def test_what_is_no_text_is_told_apart_from_the_text_that_reads_the_same(told: str) -> None:
    for member, reason in TEXTS.items():
        if (member == "row_count" and told in ("7", "1e5")) or (member == "parameters" and told[0] in "[{"):
            continue  # as it is due
        line = json.dumps(PLAIN | {member: "?"}).replace('"?"', told).encode()
        assert only(access.COLLECTOR, "rejected", line)["reason"] == reason, member
    for member in ("namespace", "name"):
        line = json.dumps(PLAIN | {"dataset": PLAIN["dataset"] | {member: "?"}}).replace('"?"', told).encode()
        assert only(access.COLLECTOR, "rejected", line)["reason"] == "dataset has no name, or one that is no text."
    for member in ("id", "principal", "dialect", "client_ip", "session_id", "run_id"):
        row = only(access.COLLECTOR, "plain_access", lines(PLAIN | {member: told}))
        assert row["principal"] == ["", told if member == "principal" else "svc"]
    row = only(access.COLLECTOR, "plain_access", lines(PLAIN | {"keys": [told], "fields": [told]}))
    assert (row["keys"], row["fields"]) == ([told], [told])


@pytest.mark.parametrize(("member", "told"), [("fields", "a"), ("keys", "a"), ("dataset", "a"), ("parameters", "a")])
def test_a_text_where_a_list_is_due_is_a_fault(member: str, told: str) -> None:
    assert only(access.COLLECTOR, "rejected", lines(PLAIN | {member: told}))["reason"].startswith(member)


def test_parameters_that_cannot_be_bound_without_loss_are_not_bound() -> None:
    for parameters in ([["a", None]], [['a"']], [{"a": 1}], ["a", 12345678901234567.25], {"a": [[1]]}):
        event = {"time": "2026-03-24T11:00:00Z", "statement": "SELECT $1", "parameters": parameters}
        assert only(access.COLLECTOR, "stated_access", lines(event))["bound"] is None


@pytest.mark.parametrize(
    ("told", "count"),
    [("5", 5), ("5.0", 5), ("null", None), ("5.5", "no"), ("18446744073709551615", "no"), ("-1", "no"),
     ("123456789012345678", 123456789012345678), ("123456789012345678.0", "no"), ("12345678901234567.5", "no")],
)  # fmt: skip
def test_a_count_of_rows_is_a_whole_number_however_it_is_written(told: str, count: Any) -> None:
    """A column of floats tells it with a point, as one of Parquet does where some rows have none. What is too large
    for a float to hold is another number by then."""
    event = f'{{"time": "2026-03-24T11:00:00Z", "dataset": {{"name": "d"}}, "row_count": {told}}}'
    found = staged(access.COLLECTOR, event.encode())
    if count == "no":
        assert [row["reason"] for row in found["rejected"]] == ["row_count is no whole number."]
    else:
        assert [row["row_count"] for row in found["plain_access"]] == [count]


def test_fields_of_which_one_is_all_are_not_known() -> None:
    for fields, told in ((["a", "*"], None), (["a"], ["a"]), ([], []), (None, None)):
        event = {"time": "2026-03-24T11:00:00Z", "dataset": {"name": "d"}, "fields": fields}
        assert only(access.COLLECTOR, "plain_access", lines(event))["fields"] == told


def test_a_namespace_that_is_null_is_as_unknown_as_none() -> None:
    for dataset in ({"name": "d"}, {"namespace": None, "name": "d"}):
        event = {"time": "2026-03-24T11:00:00Z", "dataset": dataset}
        assert only(access.COLLECTOR, "plain_access", lines(event))["dataset"] == ["", "d"]


def test_a_list_is_bound_as_an_array() -> None:
    event = {"time": "2026-03-24T11:00:00Z", "statement": "SELECT ANY($1)", "parameters": [["a b", "c"], [1, 2], []]}
    bound = only(access.COLLECTOR, "stated_access", lines(event))["bound"]
    assert [json.loads(one) for one in bound] == [{"a": '{"a b","c"}'}, {"a": "{1,2}"}, {"a": "{}"}]
