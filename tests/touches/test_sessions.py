"""PostgreSQL logs cut into files: what a session's rows say of one another, wherever they lie (semantics.md, law 1)."""

import json
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.asking import ask, ingest, told_acts
from tests.collectors.pgaudit_records import NEXT_DAY, ONCE, audit, failed, refused, row
from tests.touches.cut_logs import came_to, dealt, numbered, records_of, stored, unnumbered

FORMS = Path(__file__).parents[1] / "collectors" / "cases" / "pgaudit" / "three-forms"
CONTRACTORS = "postgres://db/people.public.contractors"
QUESTIONS = (
    ("who-touched", ("--dataset", CONTRACTORS)),
    ("who-touched", ("--data-subject", "C-30")),
    ("blast-radius", ("--vendor", "northgate", "--principal", "clerk")),
)


TEXT, OTHER = "SELECT 1 / a FROM t", "SELECT 2 FROM t"
ERROR = failed("division by zero", "22012", TEXT)
LATER = {"timestamp": "2026-03-24 11:02:03.457 UTC"}


def failing(told: str, text: str) -> list[dict[str, Any]]:
    return numbered(row(told), failed("division by zero", "22012", text))


def again(first: str, told: str) -> list[dict[str, Any]]:
    return numbered(row(f"1,1,{first},<none>"), row(f"1,1,{told},{ONCE}"))


# Records of one session, and the outcomes (of the last one also the operation) that they come to.
SESSIONS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "an error ends its statement": (numbered(audit(1, TEXT), ERROR), ["unknown", "read unknown"]),
    "by time alone": (unnumbered(audit(1, TEXT), ERROR), ["unknown", "read unknown"]),
    "the last": (numbered(audit(1, OTHER), audit(2, TEXT), ERROR), ["success", "unknown", "read unknown"]),
    "not the last": (numbered(audit(1, TEXT), audit(2, OTHER), ERROR), ["success", "success", "read unknown"]),
    # Where times are all that orders them, an error is of any statement with its text at its own time.
    "before or after": (
        unnumbered(audit(1, TEXT), audit(2, OTHER, **LATER), ERROR | LATER), ["unknown", "success", "read unknown"]
    ),
    # From pgaudit 17 on a row tells its own statement, without what stands around it.
    "what stands around it": (
        numbered(audit(1, TEXT), failed("division by zero", "22012", f" {TEXT} ;\n")), ["unknown", "read unknown"]
    ),
    "one of several": (
        numbered(audit(1, OTHER), audit(2, TEXT), failed("division by zero", "22012", f"{OTHER}; {TEXT}")),
        ["success", "unknown", "unknown unknown"],
    ),
    "another text": (numbered(audit(1, OTHER), ERROR), ["success", "read unknown"]),
    "another transaction": (numbered(audit(1, TEXT), ERROR | {"vxid": "3/2"}), ["success", "read unknown"]),
    "another session": (numbered(audit(1, TEXT), ERROR | {"session_id": "2.2"}), ["success", "read unknown"]),
    "never begun": (numbered(audit(1, TEXT), ERROR | {"cursor_position": 1}), ["success", "read error"]),
    # Rows are counted at the statement's end: then the error is another's.
    "counted": (failing(f"1,1,READ,SELECT,,,{TEXT},<none>,1", TEXT), ["success", "read unknown"]),
    "counted, executed": (failing(f"1,1,READ,SELECT,,,{TEXT},<none>,1", "EXECUTE q"), ["success", "unknown unknown"]),
    # The row with the error's text was passed over, lies in a lost file, or tells no text.
    "inside": (failing(f"1,2,READ,SELECT,TABLE,public.t,{OTHER},<none>", TEXT), ["unknown", "read unknown"]),
    "executed": (failing(f"1,1,READ,SELECT,,,{OTHER},<none>", "EXECUTE q (1)"), ["unknown", "unknown unknown"]),
    "done": (failing(f"1,1,READ,SELECT,,,{OTHER},<none>", "DO $$ $$"), ["unknown", "unknown unknown"]),
    "not told": (failing("1,1,READ,SELECT,,,<not logged>,<not logged>", TEXT), ["unknown", "read unknown"]),
    "told elsewhere": (failing(f"1,1,READ,SELECT,,,{ONCE}", TEXT), ["unknown", "read unknown"]),
    "a process of the same number": (
        unnumbered(audit(1, TEXT), audit(2, OTHER), audit(1, TEXT, **NEXT_DAY), ERROR | NEXT_DAY),
        ["success", "success", "unknown", "read unknown"],
    ),
    "copy": (
        again("READ,SELECT,,,COPY (SELECT 1 FROM t) TO STDOUT", "READ,SELECT,TABLE,public.u"),
        ["success", "export success"],
    ),
    "lock": (again("READ,SELECT,,,SELECT 1 FOR UPDATE", "WRITE,UPDATE,TABLE,public.u"), ["success", "read success"]),
    "update": (again("READ,SELECT,,,UPDATE u SET a = 1", "WRITE,UPDATE,TABLE,public.u"), ["success", "update success"]),
    "merge": (again("READ,SELECT,,,MERGE INTO u", "WRITE,INSERT,TABLE,public.u"), ["success", "update success"]),
    "several": (again("READ,SELECT,,,SELECT 1; SELECT 2", "READ,SELECT,,"), ["unknown", "read unknown"]),
    "several, named": (
        again("READ,SELECT,,,SELECT 1; DELETE FROM u", "WRITE,DELETE,TABLE,public.u"), ["unknown", "delete success"]
    ),
    "several, or a lock": (
        again("READ,SELECT,,,SELECT 1; SELECT 2", "WRITE,UPDATE,TABLE,public.u"), ["unknown", "unknown success"]
    ),
    "explained": (again("READ,SELECT,,,EXPLAIN SELECT 1", "WRITE,UPDATE,TABLE,public.u"), ["unknown unknown"]),
    "several, granted": (
        again("ROLE,GRANT,TABLE,,GRANT SELECT ON t TO u; SELECT 1", "ROLE,GRANT,TABLE,"), ["success", "grant success"]
    ),
    # What stands further down in a statement has a text of its own.
    "of its own part": (
        numbered(row("1,1,READ,SELECT,,,SELECT 1 FOR UPDATE,<none>"),
                 row("1,2,READ,SELECT,,,UPDATE u SET a = 1,<none>"),
                 row(f"1,1,WRITE,UPDATE,TABLE,public.u,{ONCE}")),
        ["success", "success", "read success"],
    ),
    # Without numbers only rows of one minute are of one statement.
    "soon": (
        unnumbered(row("1,1,READ,SELECT,,,COPY (SELECT 1 FROM t) TO STDOUT,<none>"),
                   row(f"1,1,READ,SELECT,TABLE,public.u,{ONCE}", timestamp="2026-03-24 11:02:59 UTC")),
        ["success", "export success"],
    ),
    "too late": (
        unnumbered(row("1,1,READ,SELECT,,,COPY (SELECT 1 FROM t) TO STDOUT,<none>"),
                   row(f"1,1,READ,SELECT,TABLE,public.u,{ONCE}", timestamp="2026-03-24 11:04:04 UTC")),
        ["success", "read unknown"],
    ),
    "in no transaction that is told": (
        numbered(audit(1, TEXT), {key: told for key, told in ERROR.items() if key != "vxid"}),
        ["unknown", "read unknown"],
    ),
    "refused after it began": (numbered(audit(1, TEXT), refused(TEXT)), ["unknown", "read denied"]),
    "text told once": (
        again("READ,SELECT,,,SELECT * FROM t WHERE a = 7", "READ,SELECT,TABLE,public.t"), ["success", "read success"]
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What became of each session's accesses; the same when no two of its rows lie in one file, the last first."""
    records = [[json.dumps(one | {"user": name}) + "\n" for one in given] for name, (given, _) in SESSIONS.items()]
    whole = stored(tmp_path_factory.mktemp("whole"), ["".join(map("".join, records))], ".json")
    pieces = ["".join(one) for one in zip_longest(*records, fillvalue="")]
    cut = stored(tmp_path_factory.mktemp("cut"), pieces[::-1], ".json")
    assert came_to(cut) == came_to(whole)
    return {name: [act for act in told_acts(whole) if act["principal"] == name] for name in SESSIONS}


@pytest.mark.parametrize("name", SESSIONS)
def test_what_a_session_comes_to(told: dict[str, list[dict[str, Any]]], name: str) -> None:
    *before, last = told[name]
    assert [*[one["outcome"] for one in before], f"{last['operation']} {last['outcome']}"] == SESSIONS[name][1]


def test_an_error_and_what_it_ended_are_one_act(told: dict[str, list[dict[str, Any]]]) -> None:
    begun, ended = told["an error ends its statement"]
    assert begun["occurrence"] == ended["occurrence"] == "4711/1.1@2026-03-24 11:02:03"


def test_a_text_told_once_is_that_of_all_its_rows(told: dict[str, list[dict[str, Any]]]) -> None:
    first, second = told["text told once"]
    assert first["statement"] == second["statement"]
    assert first["literals"] == second["literals"] != None  # noqa: E711
    assert (first["dataset"], second["dataset"]) == (None, "people.public.t")
    assert told["explained"][0]["statement"] is None


def test_a_count_is_kept_where_it_is_one(tmp_path: Path) -> None:
    """Of COPY a row counts 0 for the table that it read from. Of a row without its text nobody knows what it is of."""
    copy, other = "READ,SELECT,,,COPY (SELECT 1 FROM t) TO STDOUT,<none>", "READ,SELECT,TABLE,public.u"
    sessions = {
        "copied": numbered(row(f"1,1,{copy},5"), row(f"1,1,{other},{ONCE},0")),
        "counted": numbered(row(f"1,1,{copy},5"), row(f"1,1,{other},{ONCE},5")),
        "not told": numbered(row(f"1,1,{other},{ONCE},0")),
        "not told, counted": numbered(row(f"1,1,{other},{ONCE},5")),
    }
    rows = [json.dumps(one | {"user": name}) + "\n" for name, given in sessions.items() for one in given]
    last = {act["principal"]: act["row_count"] for act in told_acts(stored(tmp_path, ["".join(rows)], ".json"))}
    assert last == {"copied": None, "counted": 5, "not told": None, "not told, counted": 5}


def test_sessions_of_two_servers_are_two(tmp_path: Path) -> None:
    """The numbers of processes and transactions, and the names of accounts, may be the same."""
    sources = [f'{{id: {one}, collector: pgaudit, namespace: "postgres://{one}", files: "{one}/*"}}' for one in "ab"]
    (tmp_path / "catalog.yml").write_text(f"version: 1\nas_of: 2026-03-25T00:00:00Z\nsources: [{', '.join(sources)}]\n")
    for name, told in (("a", audit(1, TEXT)), ("b", ERROR | {"line_num": 2})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.json").write_text(json.dumps(told) + "\n")
    ingest(tmp_path / "store", [tmp_path / "catalog.yml", tmp_path / "a", tmp_path / "b"])
    assert [act["outcome"] for act in told_acts(tmp_path / "store")] == ["success", "unknown"]


@pytest.mark.parametrize("suffix", [".json", ".csv", ".log"])
def test_a_cut_log_gives_equal_answers(tmp_path: Path, suffix: str) -> None:
    records = records_of((FORMS / f"postgresql{suffix}").read_text(), suffix)
    whole = stored(tmp_path / "whole", ["".join(records)], suffix)
    cut = stored(tmp_path / "cut", dealt(records, suffix), suffix)
    for question in QUESTIONS:
        answer = ask(whole, *question)
        assert answer.get("touches") or answer["data_subjects"]
        assert json.dumps(ask(cut, *question)) == json.dumps(answer)
