"""How the program words what it says: instants, what was asked, lists that are cut, examples to copy."""

from pathlib import Path

from lineage.answers import Answer
from lineage.cli import BEGIN, _parser
from lineage.questions import search
from lineage.questions.blast_text import _things
from lineage.questions.search import search_text
from lineage.questions.who_text import CUT, who_text
from lineage.questions.wording import asked, between, clock, clocks, second, silence, span_lines, table
from lineage.store import open_store
from lineage.touches import settle

MARCH = "2026-03-24T11:50:46.929000Z"


def test_an_instant_is_told_as_short_as_it_is() -> None:
    assert clock(MARCH) == "2026-03-24 11:50:46.929 UTC"
    assert clock("2026-03-24T11:50:46.929999Z") == "2026-03-24 11:50:46.929999 UTC"
    assert clock("2026-03-24T11:50:40.000000Z") == clock("2026-03-24T11:50:40Z") == "2026-03-24 11:50:40 UTC"
    assert clock(None) == second(None) == "open"
    assert second(MARCH) == "2026-03-24 11:50:46 UTC"
    assert clocks(f"read a from {MARCH} on") == "read a from 2026-03-24 11:50:46.929 UTC on"


def test_a_span_of_time_tells_its_day_once() -> None:
    assert between(MARCH, "2026-03-24T12:00:00.100000Z") == "2026-03-24 11:50:46 to 12:00:00 UTC"
    assert between(MARCH, "2026-03-25T12:00:00.000000Z") == "2026-03-24 11:50:46 to 2026-03-25 12:00:00 UTC"
    assert silence("1970-01-01T00:00:00.000000Z", MARCH) == "until 2026-03-24 11:50:46 UTC"


def test_what_was_asked_says_which_rules_were_off_and_when() -> None:
    rules = ["vendor", "principal", "package", "job", "run", "dataset", "exposed-dataset"]
    assert asked({"vendor": ["a", "b"], "to": MARCH, "rules": rules}) == (
        "vendor a, b; without credential; until 2026-03-24 11:50:46.929 UTC"
    )
    assert asked({"vendor": ["a"], "rules": [*rules, "credential"]}) == "vendor a"
    assert asked({"from": MARCH, "data-subject": "C-1"}) == "data-subject C-1; from 2026-03-24 11:50:46.929 UTC on"


def test_what_was_refused_is_told_as_it_was_given() -> None:
    given = {"record": [["ns/name", "key 1"]], "from": ["yesterday"]}
    assert asked(given) == "record ns/name key 1; from yesterday"


def test_a_list_that_is_cut_leaves_out_what_is_less_sure() -> None:
    many = [{"name": f"possible-{number:02}", "exposed": "possible", "contaminated": None} for number in range(13)]
    found = {"runs": [], "attempts": [], "datasets": [*many, {**many[0], "name": "z", "exposed": "certain"}]}
    lines = _things(found)
    assert lines[2].split() == ["z", "certain"]
    assert "and 2 more" in lines[-1]


def test_a_line_of_a_touch_fits_a_terminal_and_says_where_it_is_whole() -> None:
    run: dict[str, object] = {
        "kind": "run", "run_id": "660cfff8-6269-5a2a-99a3-a6b62f45f5ab", "start": MARCH, "grade": "probable",
        "operation": "read", "principal": "svc_northgate_etl", "dataset": {"name": "people.public.contractors"},
        "categories": ["EmailAddress", "EmploymentHistory", "Name", "PhysicalAddress", "TelephoneNumber", "UID"],
    }  # fmt: skip
    access: dict[str, object] = {**run, "kind": "access", "run_id": None, "categories": ["UID"], "grade": "confirmed"}
    vendors = {"northgate": {"confirmed": 1, "probable": 1, "possible": 0}}

    def told(*touches: dict[str, object]) -> list[str]:
        sections = {"touches": list(touches), "summary": {"vendors": vendors}, "coverage": [], "caveats": []}
        return who_text(Answer("who-touched", {"data-subject": "C-1"}, {"events": 1, "digest": "x"}, sections)).split(
            "\n"
        )

    lines = told(run, access)
    assert max(map(len, lines)) <= 160
    assert any(line.endswith("EmailAddress, EmploymentHistory, Name … 3 more") for line in lines)
    assert any("run 660cfff8…" in line for line in lines)
    timed = {**run, "run_id": "01a231c9-4f1b-7c3d-8e2a-6b62f45f5abc"}  # as OpenLineage's clients make them
    assert any("run …f45f5abc" in line for line in told(timed))
    assert CUT in lines
    assert CUT not in told(access)


def test_numbers_end_where_the_others_of_their_column_do() -> None:
    assert table([("confirmed", "8", "surely"), ("possible", "132", "perhaps")]) == [
        "  confirmed    8  surely",
        "  possible   132  perhaps",
    ]


def test_bounds_are_columns_with_the_most_first() -> None:
    found = {"BR": {"at_least": 4, "at_most": 19}, "": {"at_least": 0, "at_most": 130}}
    assert span_lines("By vendor", found, "no vendor") == [
        "By vendor:   at least  at most",
        "  no vendor         0      130",
        "  BR                4       19",
    ]
    assert span_lines("By vendor", {}) == []


def test_an_example_is_one_line_however_long_it_is() -> None:
    (below,) = (action for action in _parser(["ask"])._actions if action.dest == "command")
    told = below.choices["ask"].format_help()  # type: ignore[index]
    assert told.endswith("example:\n  lineage ask blast-radius --vendor northgate --store incident.duckdb\n")
    assert _parser([]).format_help().endswith(f"\n\n{BEGIN}\n")


def test_no_name_is_asked_for_and_none_is_told(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "empty.duckdb")) as store:
        settle(store)
        assert search_text(search.ask(store, {"kind": ["vendor"]})) == "Nothing of that kind is known."
        assert "holds 'zz'" in search_text(search.ask(store, {"text": ["zz"]}))
