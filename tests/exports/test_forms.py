"""An answer written out: the same rows as JSON, as CSV and as Parquet, whatever stands in them."""

import csv
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Timer
from typing import Any
from xml.etree import ElementTree

import pytest
from pyarrow import parquet

from lineage.answers import Answer, Rows
from lineage.exports import choose
from lineage.questions import find_question
from lineage.store import Selection, Store, open_store
from tests.asking import ingest

STORE = "postgres://people-db:5432"
# Quotes, commas, newlines of both kinds, a comment's sign, spaces, what looks like a null, and letters beyond ASCII.
ODD = [
    'say "hi", twice',
    "two\nlines",
    "two\r\nlines",
    "#1",
    " around ",
    "NULL",
    "\\N",
    "tab\tand\b",
    "漢字 é 😀 \u2028",
    "=1+1",
    "'",
    "'=1",
    "-C01",
    "-2",
    "@contractor",
    "+cmd|' /C calc'!A0",
]
FORMULAS = ("=1+1", "'=1", "+cmd|' /C calc'!A0")  # of them a spreadsheet would run
CATALOG = f"""
version: 1
as_of: 2026-03-01T00:00:00Z
vendors: [{{id: northgate}}]
principals: [{{id: svc_northgate, vendor: northgate}}]
datasets:
  - match: {{namespace: "{STORE}", name: people.contractors}}
    key: [id]
    write_mode: append
    fields: {{full_name: [Name], 'a "quoted", field': ["Bank, Account"]}}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person for each odd text; a read of all records, one by key, and one that was refused."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "catalog.yml").write_text(CATALOG, encoding="utf-8")
    dataset = {"namespace": STORE, "name": "people.contractors"}
    with (folder / "records.ndjson").open("w", encoding="utf-8") as file:
        for text in ODD:
            row = {"dataset_namespace": STORE, "dataset_name": dataset["name"], "key": text, "data_subject": text}
            file.write(json.dumps(row | {"valid_from": "2026-01-01T00:00:00Z"}) + "\n")
        row = {"dataset_namespace": STORE, "dataset_name": dataset["name"], "key": "nobody's"}
        file.write(json.dumps(row | {"valid_from": "2026-01-01T00:00:00Z"}) + "\n")
    told: list[dict[str, Any]] = [
        {"id": "1", "outcome": "success"},
        {"id": "2", "outcome": "success", "keys": [ODD[0]], "fields": ["full_name"]},
        {"id": "3", "outcome": "denied"},
    ]
    with (folder / "access.ndjson").open("w", encoding="utf-8") as file:
        for row in told:
            when = {"time": f"2026-03-24T10:00:0{row['id']}.5Z", "principal": "svc_northgate", "operation": "read"}
            file.write(json.dumps(row | when | {"dataset": dataset}) + "\n")
    ingest(folder / "s.duckdb", [folder])
    return folder / "s.duckdb"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("world") / "s.duckdb"
    ingest(path, [Path(__file__).parents[1] / "conformance" / "world-113" / "input"])
    with open_store(str(path), read_only=True) as opened:
        yield opened


Written = tuple[dict[str, Any], Path]


@pytest.fixture(scope="module")
def written(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Written]]:
    """(question, parameters) → the answer as JSON and the folder with all forms of it."""
    with open_store(str(store), read_only=True, writes=[str(tmp_path_factory.getbasetemp())]) as opened:

        def write(name: str, **told: list[str]) -> Written:
            folder = tmp_path_factory.mktemp(name)
            answer = find_question(name).ask(opened, {key.replace("_", "-"): value for key, value in told.items()})
            for rows in answer.sections.values():
                if isinstance(rows, Rows) and rows.texts is not None:
                    assert list(rows.texts()) == [json.dumps(row, ensure_ascii=False) for row in rows]
            for export in choose(["tables", "parquet"]):
                paths = list(export.write(answer, str(folder)))
                assert all(Path(path).is_file() for path in paths)
            return json.loads((folder / "answer.json").read_text(encoding="utf-8")), folder

        yield write


def as_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_parquet(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def flat(row: dict[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            cells |= {f"{key}_{inner}": item for inner, item in value.items()}
        else:
            cells[key] = value
    return cells


def check(rows: list[dict[str, Any]], folder: Path, name: str) -> None:
    """Each cell of the JSON is in its place in the other forms; what they have beside it is empty."""
    csv_rows, parquet_rows = as_csv(folder / f"{name}.csv"), as_parquet(folder / f"{name}.parquet")
    assert len(csv_rows) == len(parquet_rows) == len(rows)
    for row, csv_row, parquet_row in zip(map(flat, rows), csv_rows, parquet_rows, strict=True):
        assert list(csv_row) == list(parquet_row)
        for column in csv_row:
            cell = row.get(column)
            told = json.dumps(cell, ensure_ascii=False) if isinstance(cell, list) else "" if cell is None else str(cell)
            formula = column in ("id", "key", "data_subject") and cell in FORMULAS
            assert csv_row[column] == (f"'{told}" if formula else told)
            typed = parquet_row[column]
            if isinstance(typed, datetime):
                assert typed.tzinfo is not None
                typed = typed.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            assert typed == cell
        assert {column for column, cell in row.items() if cell is not None} <= set(csv_row)


def test_a_blast_radius_is_the_same_in_all_forms(written: Callable[..., Written]) -> None:
    answer, folder = written("blast-radius", vendor=["northgate"])
    assert {row["id"] for row in answer["data_subjects"]} == set(ODD)
    assert answer["attempts"]
    assert any(row["data_subject"] is None for row in answer["records"])
    for name in ("data_subjects", "records", "altered", "datasets", "runs", "attempts"):
        check(answer[name], folder, name)
    known = {digest for row in answer["data_subjects"] for digest in row["evidence"]}
    assert {row["digest"] for row in as_parquet(folder / "evidence.parquet")} == known


def test_a_list_that_is_empty_leaves_no_file_of_an_answer_before(tmp_path: Path) -> None:
    for rows in ([{"kind": "vendor"}], []):
        answer = Answer("search", {}, {}, {"things": Rows(partial(iter, rows))})
        for export in choose(["tables", "parquet"]):
            list(export.write(answer, str(tmp_path)))
    assert not (tmp_path / "things.parquet").exists()
    assert (tmp_path / "things.csv").read_text() == ""


def test_a_folder_may_have_any_name(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the engine a ~ is the home of the user, where nothing may be written."""
    monkeypatch.chdir(tmp_path)
    for name in ("~x", "it's, one", "a%20b", "file:x"):
        with open_store(str(store), read_only=True, writes=[name]) as opened:
            answer = find_question("blast-radius").ask(opened, {"vendor": ["northgate"]})
            paths = list(choose(["parquet"])[0].write(answer, name))
        assert paths
        assert all(path.startswith(name) and Path(path).is_file() for path in paths)


def test_a_graph_is_xml_whatever_its_names_hold(store: Path, tmp_path: Path) -> None:
    with open_store(str(store), read_only=True, writes=[str(tmp_path)]) as opened:
        answer = find_question("blast-radius").ask(opened, {"vendor": ["northgate"]})
        (graph,) = choose(["graph"])[0].write(answer, str(tmp_path))
    names = {element.text for element in ElementTree.parse(graph).iter("{http://graphml.graphdrawing.org/xmlns}data")}
    assert {text.replace("\b", "\\x08").replace("\r\n", "\n") for text in ODD} <= names


def test_who_touched_is_the_same_in_all_forms(written: Callable[..., Written]) -> None:
    for text in ODD[:3]:
        answer, folder = written("who-touched", data_subject=[text])
        assert len(answer["touches"]) == 1 + (text == ODD[0])
        check(answer["touches"], folder, "touches")
        known = {digest for row in answer["touches"] for digest in row["evidence"]}
        seen = as_csv(folder / "evidence.csv")
        assert {row["digest"] for row in seen} == known
        check([{**row, "position": int(row["position"])} for row in seen], folder, "evidence")


@pytest.mark.parametrize("dataset", ["ds0", "ds1", "ds2"])
def test_what_the_engine_spells_is_what_python_would(world: Store, dataset: str) -> None:
    """Runs with and without a job, accesses inside runs and outside, writes."""
    spelled = 0
    for name, told in (("who-touched", f"{STORE}/people.public.{dataset}"), ("blast-radius", "northgate")):
        values = {"dataset" if name == "who-touched" else "vendor": [told]}
        for section in find_question(name).ask(world, values).sections.values():
            if isinstance(section, Rows) and section.texts is not None:
                texts = list(section.texts())
                assert texts == [json.dumps(row, ensure_ascii=False) for row in section]
                spelled += len(texts)
    assert spelled


def test_the_text_reads_no_list_that_it_does_not_show(world: Store) -> None:
    """They may be millions of rows."""
    question = find_question("blast-radius")
    answer = question.ask(world, {"vendor": ["northgate"]})
    text = question.text(answer)
    assert "For example" in text
    unread = dict.fromkeys(("records", "altered"), Rows(lambda: pytest.fail("A list was read.")))
    assert question.text(replace(answer, sections={**answer.sections, **unread})) == text


def test_an_empty_list_has_its_columns(written: Callable[..., Written]) -> None:
    _, folder = written("blast-radius", vendor=["northgate"], to=["2020-01-01T00:00:00Z"])
    names = ["id", "grade", "categories", "first", "last", "because", "path", "evidence"]
    assert (folder / "data_subjects.csv").read_bytes() == ",".join(names).encode() + b"\r\n"
    assert parquet.read_table(folder / "data_subjects.parquet").column_names == names


def test_short_lists_are_written_too(written: Callable[..., Written]) -> None:
    answer, folder = written("search", text=["northgate"])
    check(answer["things"], folder, "things")
    assert len(answer["things"]) == 2


def test_instants_and_lists_are_typed(written: Callable[..., Written]) -> None:
    _, folder = written("blast-radius", vendor=["northgate"])
    told = parquet.read_schema(folder / "data_subjects.parquet")
    assert str(told.field("first").type) == str(told.field("last").type) == "timestamp[us, tz=UTC]"
    assert str(told.field("path").type).startswith("list<")


def test_who_interrupts_waits_for_no_other_list(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C stops what the other connection still writes, also where this one is done."""
    left = Event()
    write = Selection.write_parquet
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs tests beside others may ignore it
    with open_store(str(store), read_only=True, writes=[str(tmp_path)]) as opened:
        answer = find_question("blast-radius").ask(opened, {"vendor": ["northgate"]})

        def slowly(table: Selection, path: str) -> None:
            write(table, path)
            if table.store is opened and Path(path).stem == "evidence":  # the last one
                Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            while table.store is not opened and not left.wait(0.05):
                table.store.run("SELECT 1")

        monkeypatch.setattr(Selection, "write_parquet", slowly)
        given_up = Timer(20, left.set)
        given_up.start()
        with pytest.raises(KeyboardInterrupt):
            list(choose(["parquet"])[0].write(answer, str(tmp_path)))
        given_up.cancel()
        signal.signal(signal.SIGINT, before)
        assert not left.is_set()
