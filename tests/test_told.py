"""Readings of what inputs tell where semantics.md leaves it open, each on files written by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import LineageError
from tests.asking import ask, ingest
from tests.by_hand import ENTRY_COLUMNS, STORE
from tests.oracle.reduced import reduced


def test_values_are_bound_by_name_and_as_lists_too(tmp_path: Path) -> None:
    """Whatever else is bound, and in whatever case; what is not told is not known."""
    dataset = {"namespace": STORE, "name": "people.public.base"}
    bound = {
        "one": {"id": "b-1", "level": 9},
        "two": {"ID": "b-2"},
        "both": {"id": "b-1", "ID": "b-2"},
        "none": {"level": 1},
        "placed": ["b-1"],
    }
    listed = {"all": [["b-1", "b-3"]], "odd": [["b-1", 'b"2']], "named": {"ids": ["b-2"]}}
    events = [
        {"time": "2026-03-24T12:00:00.000000Z", "principal": name, "operation": "read", "outcome": "success",
         "dataset": dataset, "statement": f"SELECT * FROM base WHERE record_id = {mark}", "parameters": told}
        for name, told, marks in (
            *((name, told, (":id", "@id", "%(id)s")) for name, told in bound.items()),
            *((name, told, ("ANY(:ids)",) if name == "named" else ("ANY($1)", "ANY(%s)"))
              for name, told in listed.items()),
            ("scalar", [["b-1"]], ("$1",)),
        ) for mark in marks
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (tmp_path / "records.ndjson").write_text(
        "".join(
            json.dumps({"dataset_namespace": STORE, "dataset_name": dataset["name"], "key": key, "record_id": key,
                        "data_subject": f"C-{key}", "valid_from": "2026-01-01T00:00:00Z"}) + "\n"
            for key in ("b-1", "b-2")
        )
    )  # fmt: skip
    ingest(tmp_path / "store", [tmp_path / "access.ndjson", tmp_path / "records.ndjson"])
    said = {
        name: ask(tmp_path / "store", "blast-radius", ["--principal", name])["data_subjects"]
        for name in (*bound, *listed, "scalar")
    }
    found = {name: {one["id"]: one["grade"] for one in people} for name, people in said.items()}
    unknown = dict.fromkeys(("C-b-1", "C-b-2"), "probable")
    assert found["one"] == {"C-b-1": "confirmed"}
    assert found["two"] == {"C-b-2": "confirmed"}
    assert found["both"] == found["none"] == found["placed"] == unknown
    assert found["all"] == {"C-b-1": "confirmed"}
    assert found["named"] == {"C-b-2": "confirmed"}
    assert found["odd"] == found["scalar"] == unknown


def test_what_altered_a_dataset_without_entries_is_listed_as_what_read_it_is(tmp_path: Path) -> None:
    dataset = {"namespace": STORE, "name": "people.public.base"}
    events = [
        {"time": "2026-03-24T12:00:00Z", "principal": operation, "operation": operation, "outcome": outcome,
         "dataset": dataset}
        for operation, outcome in (
            ("read", "success"), ("update", "success"), ("delete", "unknown"), ("create", "denied")
        )
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\ndatasets:\n"
        f"  - {{match: {{namespace: '{STORE}', name: people.public.base}}, fields: {{iban: [BankAccount]}}}}\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    touches = ask(tmp_path / "store", "who-touched", ["--dataset", f"{STORE}/people.public.base"])["touches"]
    assert [(one["operation"], one["grade"], one["categories"]) for one in touches] == [
        ("delete", "possible", ["BankAccount"]),
        ("read", "probable", ["BankAccount"]),
        ("update", "probable", ["BankAccount"]),
    ]


def test_what_alters_shows_the_categories_of_the_fields_that_it_changes(tmp_path: Path) -> None:
    """Not those that it looks at; all, where it is not known which."""
    told = {
        "UPDATE base SET full_name = 'x' WHERE iban = 'y'": ["Name"],
        "UPDATE base SET (iban, full_name) = ('x', 'y')": ["BankAccount", "Name"],
        "INSERT INTO base (record_id, iban) VALUES ('b-1', 'x')": ["BankAccount"],
        "INSERT INTO base VALUES ('b-1', 'x', 'y')": ["BankAccount", "Name"],
        "DELETE FROM base WHERE iban = 'y'": ["BankAccount", "Name"],
        "UPDATE base SET plain = 'x' RETURNING iban": [],
    }
    dataset = {"namespace": STORE, "name": "people.public.base"}
    events = [
        {"time": f"2026-03-24T12:00:0{number}Z", "principal": "x", "outcome": "success", "dataset": dataset,
         "operation": {"I": "create", "U": "update", "D": "delete"}[sql[0]], "statement": sql}
        for number, sql in enumerate(told)
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\ndatasets:\n"
        f"  - match: {{namespace: '{STORE}', name: people.public.base}}\n"
        "    fields: {iban: [BankAccount], full_name: [Name]}\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    touches = ask(tmp_path / "store", "who-touched", ["--dataset", f"{STORE}/people.public.base"])["touches"]
    assert [one["categories"] for one in touches if one["operation"] != "read"] == list(told.values())


def test_a_record_that_only_an_access_names_is_known_and_possibly_touched(tmp_path: Path) -> None:
    """Accesses that name other records alone are left out, whoever may have entries."""
    dataset = {"namespace": STORE, "name": "people.public.base"}
    told: list[dict[str, object]] = [
        {"principal": "named", "operation": "read", "keys": ["b-1", "b-2"]},
        {"principal": "named", "operation": "delete", "keys": ["b-2"]},
        {"principal": "other", "operation": "read", "keys": ["b-1"]},
        {"principal": "other", "operation": "delete", "keys": ["b-3"]},
        {"principal": "whole", "operation": "export"},
        {"principal": "asked", "operation": "read", "statement": "SELECT * FROM base WHERE record_id = 'b-1'"},
    ]
    same = {"time": "2026-03-24T12:00:00Z", "outcome": "success", "dataset": dataset}
    (tmp_path / "access.ndjson").write_text("".join(json.dumps({**same, **one}) + "\n" for one in told))
    (tmp_path / "records.csv").write_text(f"{ENTRY_COLUMNS}{STORE},people.public.base,b-1,C-1,2026-01-01T00:00:00Z,\n")
    ingest(tmp_path / "store", [tmp_path])
    record = ["--record", f"{STORE}/people.public.base"]
    touches = ask(tmp_path / "store", "who-touched", [*record, "b-2"])["touches"]
    assert sorted((one["principal"], one["operation"], one["grade"]) for one in touches) == [
        ("asked", "read", "possible"),
        ("named", "delete", "possible"),
        ("named", "read", "possible"),
        ("whole", "export", "possible"),
    ]
    with pytest.raises(LineageError, match="No fact and no catalog knows"):
        ask(tmp_path / "store", "who-touched", [*record, "b-4"])


def test_what_a_dataset_without_entries_holds_flows_on_all_the_same(tmp_path: Path) -> None:
    base, copy = ({"namespace": STORE, "name": f"people.public.{name}"} for name in ("base", "copy"))
    began = {
        "eventType": "START", "eventTime": "2026-03-24T10:00:00Z", "run": {"runId": "copying"},
        "job": {"namespace": "airflow", "name": "copying"}, "inputs": [base], "outputs": [copy],
    }  # fmt: skip
    ended = began | {"eventType": "COMPLETE", "eventTime": "2026-03-24T11:00:00Z"}
    reads = [
        {"time": time, "principal": "svc", "operation": "read", "outcome": "success", "dataset": copy}
        for time in ("2026-03-24T09:00:00Z", "2026-03-24T12:00:00Z")
    ]
    (tmp_path / "openlineage.ndjson").write_text(f"{json.dumps(began)}\n{json.dumps(ended)}\n")
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(read) + "\n" for read in reads))
    ingest(tmp_path / "store", [tmp_path])
    touches = ask(tmp_path / "store", "who-touched", ["--dataset", f"{STORE}/people.public.base"])["touches"]
    assert [(one["kind"], one["dataset"]["name"], one["grade"]) for one in touches] == [
        ("run", "people.public.base", "probable"),
        ("access", "people.public.copy", "possible"),
    ]


def test_a_run_that_only_an_access_names_is_of_the_job_that_other_runs_tell(tmp_path: Path) -> None:
    facets = {"parent": {"run": {"runId": "above"}, "job": {"namespace": "airflow", "name": "nightly"}}}
    step = {
        "eventType": "COMPLETE", "eventTime": "2026-03-24T12:00:00Z", "run": {"runId": "step", "facets": facets},
        "job": {"namespace": "airflow", "name": "step"},
    }  # fmt: skip
    access = {
        "time": "2026-03-24T12:00:00Z", "principal": "svc", "operation": "read", "outcome": "success",
        "dataset": {"namespace": STORE, "name": "people.public.base"}, "run_id": "above",
    }  # fmt: skip
    (tmp_path / "openlineage.ndjson").write_text(json.dumps(step))
    (tmp_path / "access.ndjson").write_text(json.dumps(access))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors: [{id: northgate}]\n"
        "jobs: [{match: {name: nightly}, vendor: northgate}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    for seed in (("--job", "airflow/nightly"), ("--vendor", "northgate")):
        said = reduced(ask(tmp_path / "store", "blast-radius", seed))
        assert said["exposed"] == {"people.public.base": "certain"}


def test_what_was_told_and_cannot_be_held_is_a_caveat(tmp_path: Path) -> None:
    regular = {
        "eventType": "COMPLETE", "eventTime": "2026-03-24T12:00:00Z", "producer": "test", "run": {"runId": "r"},
        "job": {"namespace": "airflow", "name": "any"},
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }  # fmt: skip
    events = [
        regular,
        regular | {"inputs": {}},
        regular | {"inputs": [{"namespace": STORE}]},
    ]
    bom = {
        "bomFormat": "CycloneDX",
        "metadata": {"timestamp": "2026-03-24T12:00:00Z", "component": {"name": "workers"}},
        "components": [{"type": "library", "name": "litellm", "version": "1.82.7"}],
    }
    (tmp_path / "openlineage.ndjson").write_text("".join(json.dumps(event) + "\n" for event in events))
    (tmp_path / "workers.cdx.json").write_text(json.dumps(bom))
    ingest(tmp_path / "store", [tmp_path])
    said = ask(tmp_path / "store", "blast-radius", ["--run", "r"])["caveats"]
    counts = {one["kind"]: one["count"] for one in said}
    assert (counts["incomplete-lineage"], counts["component-without-purl"]) == (2, 1)


def test_a_run_wrote_once_what_a_statement_inside_it_copied(tmp_path: Path) -> None:
    """Which is a run of its own, and part of the one that it names."""
    told = {
        "time": "2026-03-24T12:00:00Z", "principal": "svc", "operation": "create", "outcome": "success",
        "dataset": {"namespace": STORE, "name": "people.public.copy"}, "run_id": "nightly-1",
        "statement": "INSERT INTO public.copy SELECT * FROM public.base",
    }  # fmt: skip
    (tmp_path / "access.ndjson").write_text(json.dumps(told))
    ingest(tmp_path / "store", [tmp_path])
    links = ask(tmp_path / "store", "neighbours", ["--thing", "run:nightly-1"])["links"]
    assert {(link["relation"], link["count"]) for link in links} == {("read", 1), ("wrote", 1)}


@pytest.mark.parametrize(
    ("statement", "people"),
    [
        ("INSERT INTO public.copy SELECT * FROM public.copy", {"C-1": "possible"}),
        ("UPDATE public.copy SET level = (SELECT max(level) FROM public.copy)", {"C-1": "possible"}),
        ("UPDATE public.copy SET level = 1 RETURNING *", {}),
    ],
)
def test_what_a_statement_read_of_the_table_that_it_writes_outlasts_an_overwrite_meanwhile(
    tmp_path: Path, statement: str, people: dict[str, str]
) -> None:
    """As with a run that reads and writes one table: what it had read before is in what it writes after."""

    def at(hour: int, dataset: str) -> dict[str, Any]:
        return {"time": f"2026-03-24T{hour:02}:00:00Z", "dataset": {"namespace": STORE, "name": dataset}}

    def run(start: int, end: int, name: str, read: str | None, **facets: Any) -> list[dict[str, Any]]:
        told = {"run": {"runId": name}, "job": {"namespace": "airflow", "name": name}}
        wrote = at(0, "people.public.copy")["dataset"] | {"facets": facets}
        ports = {"inputs": [at(0, read)["dataset"]] if read else [], "outputs": [wrote]}
        return [
            told | {"eventType": kind, "eventTime": f"2026-03-24T{hour:02}:00:00Z"} | ports
            for kind, hour in (("START", start), ("COMPLETE", end))
        ]

    replaced = {"lifecycleStateChange": {"lifecycleStateChange": "OVERWRITE"}}
    events = [*run(1, 2, "load", "people.public.base"), *run(4, 5, "reload", None, **replaced)]
    (tmp_path / "openlineage.ndjson").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    told = {"outcome": "success", "dialect": "postgres"}
    (tmp_path / "access.ndjson").write_text("".join(f"{json.dumps(told | one)}\n" for one in (
        at(3, "people.public.copy") | {
            "end_time": "2026-03-24T06:00:00Z", "principal": "dba", "operation": "update", "statement": statement,
        },
        at(7, "people.public.copy") | {"principal": "thief", "operation": "read"},
    )))  # fmt: skip
    (tmp_path / "records.csv").write_text(
        "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to\n"
        f"{STORE},people.public.base,1,C-1,2026-03-24T00:00:00Z,\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    said = ask(tmp_path / "store", "blast-radius", ["--principal", "thief"])
    assert {one["id"]: one["grade"] for one in said["data_subjects"]} == people


def test_activity_counts_what_was_read_and_refused_and_of_a_vendor_while_a_principal_was_its(tmp_path: Path) -> None:
    base = {"dataset": {"namespace": STORE, "name": "people.public.base"}}
    told = (
        {"time": "2026-03-24T11:00:00Z", "principal": "moves", "operation": "read", **base},
        {"time": "2026-03-24T13:00:00Z", "principal": "moves", "operation": "update", **base},
        {"time": "2026-03-24T11:10:00Z", "principal": "moves", "operation": "list", **base},
        {"time": "2026-03-24T11:20:00Z", "principal": "moves", "operation": "login"},
        {"time": "2026-03-24T11:30:00Z", "principal": "moves", "operation": "login", "outcome": "denied"},
        {"time": "2026-03-24T11:40:00Z", "principal": "moves", "operation": "read", "outcome": "denied", **base},
        {"time": "2026-03-24T11:50:00Z", "principal": "ours", "operation": "read", "run_id": "nightly-1", **base},
    )
    (tmp_path / "access.ndjson").write_text("".join(json.dumps({"outcome": "success"} | one) + "\n" for one in told))
    began = {
        "eventType": "START", "eventTime": "2026-03-24T09:00:00Z", "run": {"runId": "nightly-1"},
        "job": {"namespace": "airflow", "name": "nightly"}, "inputs": [{"namespace": STORE, "name": "other"}],
    }  # fmt: skip
    ended = began | {"eventType": "COMPLETE", "eventTime": "2026-03-24T11:55:00Z"}
    (tmp_path / "openlineage.ndjson").write_text(f"{json.dumps(began)}\n{json.dumps(ended)}\n")
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors: [{id: before}, {id: after}]\nprincipals:\n"
        "  - {id: moves, vendor: before, valid_to: 2026-03-24T12:00:00Z}\n"
        "  - {id: moves, vendor: after, valid_from: 2026-03-24T12:00:00Z}\n"
        "jobs: [{match: {name: nightly}, principal: moves}]\n"
    )
    ingest(tmp_path / "store", [tmp_path])

    def counted(*asked: str) -> tuple[int, ...]:
        steps = ask(tmp_path / "store", "activity", asked)["buckets"]
        return tuple(sum(step[name] for step in steps) for name in ("reads", "writes", "attempts", "runs"))

    assert counted() == counted("--principal", "moves") == (2, 1, 2, 1)
    assert counted("--vendor", "before") == (2, 0, 2, 1)
    assert counted("--vendor", "after") == (0, 1, 0, 0)
    assert counted("--dataset", f"{STORE}/people.public.base") == (2, 1, 1, 1)
    assert counted("--dataset", f"{STORE}/other") == (0, 0, 0, 1)


def test_an_access_in_a_run_of_a_vendor_is_that_vendors_where_its_principal_has_none(tmp_path: Path) -> None:
    base = {"namespace": STORE, "name": "people.public.base"}
    jobs = {
        "theirs": "ours-1", "as_them": "ours-1", "nobodys": "ours-1", "as_others": "others-1", "theirs_too": "others-1",
    }  # fmt: skip
    reads = [
        {"time": "2026-03-24T11:00:00Z", "principal": principal, "operation": "read", "outcome": "success",
         "run_id": job, "dataset": base, "keys": [f"b-{job}"]}
        for job, principal in jobs.items()
    ]  # fmt: skip
    runs = [
        {"eventType": kind, "eventTime": f"2026-03-24T{hour}:00:00Z", "run": {"runId": job},
         "job": {"namespace": "airflow", "name": job}}
        for job in jobs for kind, hour in (("START", 10), ("COMPLETE", 12))
    ]  # fmt: skip
    (tmp_path / "access.ndjson").write_text("".join(json.dumps(one) + "\n" for one in reads))
    (tmp_path / "openlineage.ndjson").write_text("".join(json.dumps(one) + "\n" for one in runs))
    (tmp_path / "records.csv").write_text(
        ENTRY_COLUMNS + "".join(f"{STORE},{base['name']},b-{job},C-{job},2026-01-01T00:00:00Z,\n" for job in jobs)
    )
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\nvendors: [{id: northgate}, {id: others}]\n"
        "principals: [{id: ours-1}, {id: etl, vendor: northgate}, {id: others-1, vendor: others}]\n"
        "jobs:\n  - {match: {name: 'theirs*'}, vendor: northgate}\n  - {match: {name: 'as_*'}, principal: etl}\n"
    )
    ingest(tmp_path / "store", [tmp_path])
    said = ask(tmp_path / "store", "who-touched", ["--dataset", f"{STORE}/{base['name']}"])
    assert {touch["run_id"]: touch["vendor"] for touch in said["touches"]} == {
        "theirs": "northgate", "as_them": "northgate", "nobodys": None, "as_others": "others", "theirs_too": "others",
    }  # fmt: skip
    said = ask(tmp_path / "store", "blast-radius", ["--vendor", "northgate"])
    assert {one["id"] for one in said["data_subjects"]} == {"C-theirs", "C-as_them", "C-as_others", "C-theirs_too"}
    assert said["summary"]["by_vendor"] == {
        "northgate": {"at_least": 2, "at_most": 2}, "others": {"at_least": 2, "at_most": 2}
    }  # fmt: skip
