"""Calls of functions of which no row tells a table, as of SECURITY DEFINER ones: whom they reached is open."""

import json
from pathlib import Path

import pytest

from lineage.questions import find_question
from lineage.questions.blast_text import blast_text
from lineage.store import open_store
from tests.asking import ask, told_acts, values_of
from tests.collectors.pgaudit_records import record, row
from tests.logs import RECORDS, graded, log, stored, taken_in

CATALOG = """
version: 1
as_of: 2026-03-25T00:00:00Z
datasets:
  - {match: {namespace: "postgres://db", name: people.public.people}, key: [id], indexed: true, observed_by: [db]}
sources: [{id: db, collector: pgaudit, namespace: "postgres://db", files: "log/*"}]
"""
WINDOW = ["--from", "2026-03-24T11:00:00.456Z", "--to", "2026-03-24T12:00:00.456Z"]


def told(store: Path, principal: str, window: list[str] = WINDOW) -> tuple[bool, int]:
    """Whether the answer is a bound, and its caveat."""
    answer = ask(store, "blast-radius", ["--principal", principal, *window])
    people = answer["summary"]["data_subjects"]
    caveats = {one["kind"]: one["count"] for one in answer["caveats"]}
    assert people.get("unbounded_because", {}).get("unseen-call", 0) == caveats.get("unseen-call", 0)
    return people["bounded"], caveats.get("unseen-call", 0)


def test_what_a_call_reached_that_tells_no_table_is_open(tmp_path: Path) -> None:
    store = stored(
        tmp_path,
        log(
            ("thief", "READ,SELECT,,,SELECT * FROM documents_of('C-1')"),
            ("thief", "READ,SELECT,,,SELECT documents_of('C-2')"),
            ("clerk", "READ,SELECT,,,SELECT now()"),
            row("4,1,READ,SELECT,TABLE,public.people,SELECT * FROM people WHERE id = w,<none>", user="app"),
            row("4,2,READ,SELECT,,,SELECT people_of(1),<none>", user="app"),
            row("5,1,READ,SELECT,,,SELECT * FROM people WHERE id = w,<none>", user="web"),
            row("5,2,READ,SELECT,,,SELECT people_of(1),<none>", user="web"),
            ("end", "READ,SELECT,,,SELECT now()"),
        ),
        catalog=CATALOG,
    )
    assert {who: told(store, who) for who in ("thief", "clerk", "app", "web")} == {
        "thief": (False, 2), "clerk": (True, 0), "app": (True, 0), "web": (True, 0),
    }  # fmt: skip
    assert told(store, "thief", ["--from", "2026-03-24T11:01:00Z", *WINDOW[2:]]) == (False, 1)
    assert graded(store, "thief") == {}
    touched = ask(store, "who-touched", ["--data-subject", "C-1", *WINDOW])
    assert {one["kind"]: one["count"] for one in touched["caveats"]}["unseen-call"] == 2


def test_it_is_said_in_words(tmp_path: Path) -> None:
    rows = log(("thief", "READ,SELECT,,,SELECT * FROM documents_of('C-1')"), ("end", "READ,SELECT,,,SELECT now()"))
    question = find_question("blast-radius")
    with open_store(str(stored(tmp_path, rows, catalog=CATALOG)), read_only=True) as store:
        said = blast_text(question.ask(store, values_of(question, ["--principal", "thief", *WINDOW])))
    assert "No data subject is known to be touched; not all could be seen." in said
    assert "1 call of which nobody told what was reached" in said


REPLICATES = "replication connection authorized: user=thief application_name=pg_basebackup"
AT = "2026-03-24 11:00:00.456 UTC [4711] LOG:  "


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("1.json", json.dumps(log(record(REPLICATES, user="thief", dbname=""))[0])),
        ("1.log", f"{AT}connection received: host=[local]\n{AT}{REPLICATES}"),
    ],
)
def test_who_replicates_a_server_reaches_what_no_row_tells(tmp_path: Path, name: str, text: str) -> None:
    """A base backup holds everybody, and its connection is all that the log says of it."""
    day = ["--from", "2026-03-24T00:00:00Z", "--to", "2026-03-25T00:00:00Z"]
    store = taken_in(tmp_path, text + "\n", name, RECORDS, CATALOG)
    assert told(store, "thief", day) == (False, 1)
    assert told(store, "thief", ["--from", "2026-03-24T13:00:00Z"])[1] == 0


def test_what_a_statement_raises_replicates_nothing(tmp_path: Path) -> None:
    rows = log(record(REPLICATES, user="clerk", statement="DO $$ … $$"), ("end", "READ,SELECT,,,SELECT now()"))
    assert [one["principal"] for one in told_acts(stored(tmp_path, rows, catalog=CATALOG))] == ["end"]
