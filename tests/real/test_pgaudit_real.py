"""The logs of a real PostgreSQL with pgaudit: what is staged of each form is what was done."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lineage.collectors.pgaudit import COLLECTOR
from tests.asking import told_acts
from tests.collectors.pgaudit_records import facts
from tests.collectors.staging import Rows, head_of, staged
from tests.real.people_db import DATABASE, STEPS, Act, perform, prepare
from tests.real.postgres import SUFFIXES, Postgres
from tests.touches.cut_logs import came_to, dealt, records_of, stored
from tests.touches.taking import graded

FORMS = ("stderr", "csvlog", "jsonlog")


@pytest.fixture(scope="module")
def people(postgres: Postgres) -> Postgres:
    prepare(postgres)
    return postgres


@pytest.fixture(scope="module")
def logs(people: Postgres) -> dict[str, bytes]:
    since = people.sizes()
    perform(people)
    return people.logged(since)


@pytest.fixture(scope="module")
def told(logs: dict[str, bytes]) -> dict[str, Rows]:
    return {form: staged(COLLECTOR, log) for form, log in logs.items()}


@pytest.fixture(scope="module")
def stores(logs: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("stores")
    return {form: stored(folder / form, [log.decode()], SUFFIXES[form]) for form, log in logs.items()}


@pytest.fixture
def prefixed(people: Postgres, request: pytest.FixtureRequest) -> Iterator[Postgres]:
    people.set("log_line_prefix", request.param)
    yield people
    people.set("log_line_prefix", "%m [%p] %q%u@%d ")


def acts(rows: Rows, role: str) -> list[dict[str, Any]]:
    """The accesses of a role, in the order of the log."""
    mine = [row for row in rows["stated_access"] if row["principal"] == ["", role]]
    return sorted(mine, key=lambda row: (row["position"], row["outcome"]))


def as_act(row: dict[str, Any]) -> Act:
    bound = row["bound"]
    return Act(
        row["operation"], row["dataset"], row["outcome"], None if bound is None else tuple(bound), row["row_count"]
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_was_done_is_told(people: Postgres, stores: dict[str, Path], form: str) -> None:
    rows = told_acts(stores[form])
    for role in ("etl", "support", "clerk"):
        due = [act for step in STEPS if step.role == role for act in step.leaves(people.version)]
        assert [as_act(row) for row in rows if row["principal"] == role] == due, role


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_log_comes_to_the_same(
    logs: dict[str, bytes], stores: dict[str, Path], tmp_path: Path, form: str
) -> None:
    pieces = dealt(records_of(logs[form].decode(), SUFFIXES[form]), form)
    assert came_to(stored(tmp_path, pieces, SUFFIXES[form])) == came_to(stores[form])


def test_each_form_is_claimed_and_nothing_of_it_rejected(logs: dict[str, bytes], told: dict[str, Rows]) -> None:
    for form, log in logs.items():
        assert COLLECTOR.claims(head_of(log)), form
        assert "rejected" not in told[form], form


def test_all_forms_tell_the_same_facts(told: dict[str, Rows]) -> None:
    """Also times, statements and occurrences, so that one act told by two forms is known as one."""

    assert facts(told["stderr"]) == facts(told["jsonlog"])
    assert facts(told["csvlog"]) == facts(told["jsonlog"])


def test_an_object_row_and_its_session_row_are_one_act(stores: dict[str, Path]) -> None:
    first, second, *_ = [row for row in told_acts(stores["jsonlog"]) if row["principal"] == "clerk"]
    assert first["statement"] == second["statement"] != None  # noqa: E711
    assert first["occurrence"] == second["occurrence"]


def test_statements_are_told_as_they_were_sent(told: dict[str, Rows]) -> None:
    said = {row["statement"] for row in acts(told["stderr"], "etl")}
    assert "SELECT name FROM contractors\n\tWHERE name = 'it''s\n\ttabbed, \"quoted\"'" in said
    assert "SELECT name FROM contractors WHERE id = $1" in said, "of the prepared statement, without PREPARE"


@pytest.mark.parametrize(
    "prefixed",
    [
        "%m [%p] %q%u@%d/%a ",
        "%t [%p] %q%u@%d %h ",
        "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
        "%m [%p]: [%l-1] db=%d,user=%u ",
        "%t:%r:%u@%d:[%p]:",
        "%m %p %u %d %r %e ",
        "%m %c %l %u@%d %a ",
        "%n [%p] %q%u@%d ",
        "%t-%c-",  # no user: the session's "connection authorized" names one
        "%m [%p] ",
    ],
    indirect=True,
)
def test_prefixes_of_stderr(prefixed: Postgres) -> None:
    since = prefixed.sizes()
    with prefixed.connect("support", DATABASE) as session:
        session.execute("SELECT note\nFROM contractors\nWHERE id = %s", [77])
    logs = prefixed.logged(since)
    assert COLLECTOR.claims(head_of(logs["stderr"]))
    rows = staged(COLLECTOR, logs["stderr"])
    [row] = acts(rows, "support")
    [same] = acts(staged(COLLECTOR, logs["jsonlog"]), "support")
    assert "rejected" not in rows
    assert (row["statement"], row["bound"]) == (
        "SELECT note\nFROM contractors\nWHERE id = $1",
        ['{"u":"77"}'],
    )
    assert row["context"] == [DATABASE, "public"]
    if row["occurrence"] == same["occurrence"]:
        assert row["start_at"] <= same["start_at"] <= same["end_at"] <= row["end_at"]
        return
    # PostgreSQL takes %t from a clock that is some milliseconds behind: at the turn of a second it says the one before.
    (number, second), (same_number, same_second) = (one["occurrence"].split("@") for one in (row, same))
    assert number == same_number
    assert datetime.fromisoformat(same_second) - datetime.fromisoformat(second) == timedelta(seconds=1)
    assert same["start_at"] % 1_000_000 < 50_000


@pytest.fixture(scope="module")
def taken_back(people: Postgres) -> dict[str, bytes]:
    """The logs of one transaction that came to its end, and of some that did not."""
    since = people.sizes()
    for *statements, end in (
        ("UPDATE contractors SET note = 'k' WHERE id = 7", "COMMIT"),
        ("UPDATE contractors SET note = 'k' WHERE id = 8", "ROLLBACK"),
        ("UPDATE contractors SET note = 'k' WHERE id = 10", "SELECT 1 / 0"),
        ("UPDATE contractors SET note = 'k' WHERE id = 30", "SELECT nothing"),
        (
            "DELETE FROM pay",
            "SELECT name FROM contractors WHERE id = 31",
            "SELECT pg_terminate_backend(pg_backend_pid())",
        ),
    ):
        with suppress(psycopg.Error), people.connect("etl", DATABASE) as session:
            for statement in ("BEGIN", *statements, end):
                session.execute(statement)
    return people.logged(since)


@pytest.mark.parametrize("form", FORMS)
def test_what_was_taken_back_is_not_surely_altered(taken_back: dict[str, bytes], tmp_path: Path, form: str) -> None:
    stored(tmp_path, [taken_back[form].decode()], SUFFIXES[form])
    read, altered = graded(tmp_path, "etl")
    assert read == {"C-31": "confirmed"}
    assert altered == {"C-7": "confirmed", "C-8": "possible", "C-10": "possible", "C-30": "possible"}
