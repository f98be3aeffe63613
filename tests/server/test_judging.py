"""What is said to a client at once is what the collector says of the same line in a file."""

import json
from random import Random
from typing import Any

import pytest

from lineage.collectors.openlineage import COLLECTOR, NO_DATASET, NO_EVENT, NO_JOB, NO_RUN, NO_TIME, ODD_TIME
from lineage.server.judging import Judged, judge, judge_batch
from lineage.store import digested, make_staging, open_store, stage
from tests.server.running import run_event

TIMES: list[Any] = [
    *("2026-03-24T10:39:00Z", "2026-03-24T10:39Z", "2026-03-24T10:39+01:00[Europe/Warsaw]", "2026-03-24T10:39"),
    *("2026-03-24 10:39:00.123456789+0100", "2026-03-24T24:00:00Z", "2026-03-24T23:59:60Z", "2026-02-30T00:00:00Z"),
    *("2026-03-24T11:59:60Z", "2017-01-01T05:29:60.5+05:30", "0001-12-31T23:59:60Z", "2026-03-24T24:00:60Z"),
    *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-24T10:39:00+99:99"),
    *("2026-03-24T10:39:00-00:00", "2026-03-24", "never", "", 5, True, None, {"a": 1}, [], " 2026-03-24T10:39:00Z "),
    *("2026-03-24t10:39:00z", "2026-03-24T10:39:00+01", "10:39", "2026-03-24T10:39:00+1:00", "2026-03-24T10:39:00.Z"),
    *("٢٠٢٦-03-24T10:39:00Z", "\t2026-03-24T10:39:00Z", "2026-03-24T10:39-05", "2026-03-24T10:39:00,5Z"),
    *("2026-03-24T24:00:01Z", "2026-03-24T24:00:00.5Z", "2026-03-24T24:00:00.000Z", "2026-03-24T10:39.5Z"),
]
TEXTS: list[Any] = ["x", "", 5, 0, 1.5, True, False, None, {}, {"a": 1}, [], [1]]
SAID = {NO_EVENT, NO_TIME, ODD_TIME, NO_RUN, NO_JOB, NO_DATASET}
# Texts that are no event, or hardly JSON.
ODD = [
    *('{"a": NaN}', '{"eventTime": "2026-03-24T10:39:00Z", "run": {"runId": NaN}, "job": {"name": "j"}}', "5", "null"),
    *('"x"', "[]", "{}", "{", '{"a": 1} x', "[1]", '{"a": "\x01"}', "\x00", "tru", '{"a": 01}', "{'a': 1}"),
    '{"eventTime": "2026-03-24T10:39:00Z", "run": {"runId": "\\ud800"}, "job": {"name": "j"}}',
    '{"eventTime": "2026-03-24T10:39:00Z", "run": {"runId": "\\ud83d\\ude00"}, "job": {"name": "j"}}',
    '{"eventTime": "2026-03-24T10:39:00Z", "run": {"runId": "é"}, "job": {"name": "j"}}',
]


def events() -> list[Any]:
    random = Random(4)
    found: list[Any] = [{"eventTime": time, "run": {"runId": "r"}, "job": {"name": "j"}} for time in TIMES]
    for _ in range(3000):
        event: dict[str, Any] = {}
        if random.random() < 0.8:
            event["eventTime"] = random.choice(TIMES)
        for part, members in (("run", ["runId"]), ("job", ["namespace", "name"]), ("dataset", ["namespace", "name"])):
            if random.random() < 0.6:
                told = {member: random.choice(TEXTS) for member in members}
                event[part] = told if random.random() < 0.8 else random.choice(TEXTS)
        if random.random() < 0.4:
            event["eventType"] = random.choice([*TEXTS, "START"])
        if random.random() < 0.4:
            event["schemaURL"] = random.choice([*TEXTS, "https://x/#/$defs/RunEvent"])
        found.append(event)
    return found


def test_judged_as_the_collector_judges() -> None:
    texts = [json.dumps(event) for event in events()] + ODD
    with open_store(":memory:") as store:
        make_staging(store)
        counted, refused = stage(store, COLLECTOR.load, digested(store, [(1, "\n".join(texts).encode())]), {})
    bad = {one.place: one.reason for one in refused}
    assert counted[0].lines + len(refused) == len(texts)
    assert 100 < len(bad) < len(texts) - 100
    for position, text in enumerate(texts, 1):
        fault = judge(text.encode()).fault
        if bad.get(position) in SAID and not text.startswith("["):
            assert fault == bad[position], text
        else:  # of a list, and of what is no JSON, more is said to who sent it
            assert (fault is not None) == (position in bad), (text, fault, bad.get(position))


def test_a_list_is_judged_event_by_event_and_its_texts_stay_as_they_were() -> None:
    good = '{"eventTime":"2026-03-24T10:39:00Z",\n  "run":{"runId":"r"}, "job":{"name":"j"},"n":1.50}'
    body = f' [ {good} ,\n{{"a":1}}, 5, {good}]\n'.encode()
    found = judge_batch(body)
    assert found is not None
    assert [one.fault is None for one in found] == [True, False, False, True]
    assert found[0].line == good.replace("\n", " ").encode()
    assert judge_batch(b"[]") == []
    assert judge_batch(b"{}") is None
    assert judge_batch(b"\xef\xbb\xbf[]") == []


@pytest.mark.parametrize("broken", ["{'a': 1}", '{"a": 1,}', "{]", '{"run": nan}'])
def test_one_broken_event_of_a_list_costs_no_other(broken: str) -> None:
    event = json.dumps(run_event(1))
    found = judge_batch(f"[{event}, {broken}, {event}]".encode())
    assert found is not None
    whole = [one for one in found if one.fault is None]
    assert whole[0] == Judged(event.encode(), None)
    assert len(found) > len(whole)
    if broken != "{]":  # where a bracket is wrong nothing says where the next event begins
        assert len(whole) == 2
