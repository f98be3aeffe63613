"""Many accesses that each mean many records: what the answer comes to is kept, not each pair of them."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from lineage.store import open_store
from tests.asking import ask_opened, ingest
from tests.by_hand import ENTRY_COLUMNS, STORE

TIMES, PEOPLE = 50, 40
NAMED = {"keys": ["k"]}
REPLAYED = {"statement": "SELECT * FROM people.public.t WHERE record_id = 'k'", "dialect": "postgres"}


@pytest.mark.parametrize("scope", [NAMED, REPLAYED])
def test_an_hourly_access_to_the_record_of_many(tmp_path: Path, scope: dict[str, object]) -> None:
    read = {
        "principal": "svc",
        "operation": "read",
        "outcome": "success",
        "dataset": {"namespace": STORE, "name": "people.public.t"},
        **scope,
    }
    (tmp_path / "access.ndjson").write_text(
        "".join(
            json.dumps({**read, "id": str(hour), "time": f"2026-03-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z"}) + "\n"
            for hour in range(TIMES)
        )
    )
    entries = [f"{STORE},people.public.t,k,C-{person},2026-01-01T00:00:00Z,\n" for person in range(PEOPLE)]
    (tmp_path / "records.csv").write_text(ENTRY_COLUMNS + "".join(entries))
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        f'datasets: [{{match: {{namespace: "{STORE}", name: people.public.t}}, key: [record_id]}}]\n'
    )
    ingest(tmp_path / "store", sorted(tmp_path.iterdir()))
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        said = ask_opened(store, "blast-radius", ["--principal", "svc"])
        assert {one["grade"] for one in said["data_subjects"]} == {"confirmed"}
        assert {(one["first"], one["last"]) for one in said["data_subjects"]} == {
            ("2026-03-01T00:00:00.000000Z", "2026-03-03T01:00:00.999999Z")
        }
        assert store.one("SELECT count(*) FROM graded") == (PEOPLE,)
        touched = ask_opened(store, "who-touched", ["--dataset", f"{STORE}/people.public.t"])
        assert [one["grade"] for one in touched["touches"]] == ["confirmed"] * TIMES
        assert store.one("SELECT count(*) FROM graded") == (TIMES,)


def test_many_choices_of_fields_show_few_choices_of_categories(tmp_path: Path) -> None:
    """Of forty columns two have a category: what a read shows of the people is one of four things."""
    columns = [f"c{number}" for number in range(40)]
    read = {
        "principal": "svc",
        "operation": "read",
        "outcome": "success",
        "time": "2026-03-01T00:00:00Z",
        "dataset": {"namespace": STORE, "name": "people.public.t"},
    }
    choices = [*combinations(columns[2:6], 2), ("c0",), ("C0", "c9"), ("c1", "c2"), ("c0", "c1"), tuple(columns)]
    (tmp_path / "access.ndjson").write_text(
        "".join(json.dumps({**read, "id": str(no), "fields": chosen}) + "\n" for no, chosen in enumerate(choices))
    )
    entries = [f"{STORE},people.public.t,k-{person},C-{person},2026-01-01T00:00:00Z,\n" for person in range(PEOPLE)]
    (tmp_path / "records.csv").write_text(ENTRY_COLUMNS + "".join(entries))
    fields = ", ".join([*(f"{name}: []" for name in columns[2:]), "c0: [Name]", "c1: [BankAccount]"])
    (tmp_path / "catalog.yml").write_text(
        "version: 1\nas_of: 2026-03-25T00:00:00Z\n"
        f'datasets: [{{match: {{namespace: "{STORE}", name: people.public.t}}, fields: {{{fields}}}}}]\n'
    )
    ingest(tmp_path / "store", sorted(tmp_path.iterdir()))
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        said = ask_opened(store, "blast-radius", ["--principal", "svc"])
        assert {(one["grade"], *one["categories"]) for one in said["data_subjects"]} == {
            ("probable", "BankAccount", "Name")
        }
        assert store.one("SELECT count(DISTINCT shown_id) FROM graded") == (4,)
        touched = ask_opened(store, "who-touched", ["--data-subject", "C-1"])
        assert sorted(tuple(one["categories"]) for one in touched["touches"]) == sorted(
            [()] * 6 + [("Name",)] * 2 + [("BankAccount",)] + [("BankAccount", "Name")] * 2
        )
