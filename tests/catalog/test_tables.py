import re
from typing import Any

import duckdb
import pytest

from lineage.catalog import TABLES, read, to_json
from lineage.names import AFTER_ALL, BEFORE_ALL, parse_instant
from tests.catalog.examples import FULL

HOUR = 3_600_000_000


def name_of(statement: str) -> str:
    match = re.match(r"\s*CREATE OR REPLACE TEMP TABLE (\w+) AS", statement)
    assert match
    return match[1]


def made(catalog: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, as text-sorted lists."""
    with duckdb.connect() as connection:
        for statement in TABLES:
            connection.execute(statement, {"catalog": catalog})
        return {name: sorted(connection.table(name).fetchall(), key=repr) for name in map(name_of, TABLES)}


@pytest.fixture(scope="module")
def full() -> dict[str, list[tuple[Any, ...]]]:
    return made(to_json(read(FULL)))


def test_who_is_who(full: dict[str, list[tuple[Any, ...]]]) -> None:
    assert full["catalog_vendor"] == [
        ("northgate", "Northgate Talent", "processor", None, "US"),
        ("tagworks", "tagworks", "sub_processor", "northgate", None),
    ]
    february = parse_instant("2026-02-01T00:00:00Z")
    assert full["catalog_principal"] == [
        ("svc_backup", None, None, BEFORE_ALL, AFTER_ALL),
        ("svc_northgate", "northgate", "service", parse_instant("2025-12-31T23:00:00Z"), february),
        ("svc_northgate", "tagworks", None, february, AFTER_ALL),
    ]
    assert full["catalog_rotation"] == [
        ("svc_northgate", parse_instant("2026-01-05T09:00:00Z")),
        ("svc_northgate", parse_instant("2026-03-25T09:00:00Z")),
    ]
    assert full["catalog_alias"] == [("arn:aws:iam::111122223333:user/northgate-etl", "svc_northgate")]
    assert full["catalog_environment"] == [("airflow-workers",)]
    assert full["catalog_credential"] == [("airflow-workers", "svc_backup")]


def test_what_is_what(full: dict[str, list[tuple[Any, ...]]]) -> None:
    assert full["catalog_job"] == [
        (1, "airflow", "northgate_*", "northgate", "svc_northgate", "airflow-workers", 36 * HOUR),
        (2, "*", "nightly", None, None, None, 24 * HOUR),
    ]
    assert full["catalog_dataset"] == [
        (1, "postgres://people-db:5432", "people.public.contractors", ["contractor_id"], "append", True),
        (2, "*", "*.v_contractors", [], "unknown", False),
    ]
    assert full["catalog_field"] == [(1, "country", []), (1, "full_name", ["Name"])]
    assert full["catalog_view"] == [(2, "people.public.contractors")]
    assert full["catalog_observed"] == [(1, "people-db-audit")]
    assert full["catalog_source"] == [
        (
            1,
            "people-db-audit",
            "pgaudit",
            "postgres://people-db:5432",
            "pgaudit/*",
            HOUR,
            "Europe/Berlin",
            ["read", "update"],
        ),
        (2, "own", "access", None, None, None, None, ["read", "create", "update", "delete", "list"]),
    ]


def test_no_catalog_gives_the_same_tables_without_rows() -> None:
    assert made("{}") == {name_of(statement): [] for statement in TABLES}


ENTRIES = (
    "{id: p, valid_to: 2026-02-01T00:00:00Z, aliases: [a], rotated_at: [2026-01-05T00:00:00Z]}",
    "{id: p, valid_from: 2026-02-01T00:00:00Z, aliases: [a], rotated_at: [2026-01-05T00:00:00Z]}",
)


def test_what_several_entries_of_a_principal_say_is_said_once_in_any_order() -> None:
    one, other = (
        to_json(read(f"version: 1\nas_of: 2026-03-25T00:00:00Z\nprincipals: [{', '.join(told)}]\n"))
        for told in (ENTRIES, ENTRIES[::-1])
    )
    assert one == other
    tables = made(one)
    assert tables["catalog_alias"] == [("a", "p")]
    assert tables["catalog_rotation"] == [("p", parse_instant("2026-01-05T00:00:00Z"))]


@pytest.mark.parametrize(("told", "is_indexed"), [("true", True), ("Yes", True), ("on", True), ("no", False)])
def test_yes_is_true(told: str, is_indexed: bool) -> None:
    text = f"version: 1\nas_of: 2026-03-25T00:00:00Z\ndatasets: [{{match: {{name: d}}, indexed: {told}}}]\n"
    assert read(text).datasets[0].indexed is is_indexed
