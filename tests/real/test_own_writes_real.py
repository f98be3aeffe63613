"""Transactions that read what they wrote, in a real PostgreSQL: nobody is missing, and nobody else is confirmed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logs import graded, taken_in
from tests.real.own_writes import DATABASE, play
from tests.real.postgres import SETTINGS, SUFFIXES, Postgres, running

CATALOG = f"""
version: 1
as_of: 2020-01-01T00:00:00Z
datasets:
- {{match: {{namespace: "postgres://db", name: {DATABASE}.public.people}}, key: [id], indexed: true}}
- {{match: {{namespace: "postgres://db", name: {DATABASE}.public.pay}}, key: [id], indexed: true}}
sources: [{{id: db, collector: pgaudit, namespace: "postgres://db", files: "log/*"}}]
"""
SEEDS = range(int(os.environ.get("LINEAGE_SEEDS", "1")))


@pytest.fixture(scope="module")
def dated() -> Iterator[Postgres]:
    """A server that knows when transactions were committed."""
    with running(SETTINGS + "track_commit_timestamp = on\n") as server:
        yield server


@pytest.mark.parametrize("seed", SEEDS)
def test_whom_a_transaction_reads_that_wrote_before(dated: Postgres, tmp_path: Path, seed: int) -> None:
    since = dated.sizes()
    played = play(dated, seed, 45)
    records = "dataset_namespace,dataset_name,key,data_subject,valid_from,valid_to,id,country,note,person,amount\n"
    for table, (key, person, told, note), begin, end in played.entries:
        of_person = f"{key},{told},{note},," if table == "people" else f"{key},,,{person},{told}"
        records += f"postgres://db,{DATABASE}.public.{table},{key},C-{person},{begin},{end},{of_person}\n"
    counts: dict[str, int] = {}
    for form, log in dated.logged(since).items():
        store = taken_in(tmp_path / form, log.decode(), f"1{SUFFIXES[form]}", records, CATALOG)
        for role, read in played.read.items():
            found = graded(store, role)
            assert read <= found.keys(), (form, role, "missing", read - found.keys())
            confirmed = {one for one, grade in found.items() if grade == "confirmed"}
            wrong = confirmed - read - played.beside.get(role, set())
            assert not wrong, (form, role, "not read", wrong)
            counts[form] = counts.get(form, 0) + len(confirmed)
    assert min(counts.values()) > 20, counts
