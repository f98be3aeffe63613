"""A database's log written by hand: taken in beside two people's records, and who is found in it."""

import json
from pathlib import Path
from typing import Any

from tests.asking import ask, ingest
from tests.collectors.pgaudit_records import row

CATALOG = """
version: 1
as_of: 2026-03-25T00:00:00Z
datasets: [{match: {namespace: "postgres://db", name: people.public.people}, key: [id], indexed: true}]
sources: [{id: db, collector: pgaudit, namespace: "postgres://db", files: "log/*"}]
"""
RECORDS = """dataset_namespace,dataset_name,key,data_subject,valid_from
postgres://db,people.public.people,1,C-1,2020-01-01T00:00:00Z
postgres://db,people.public.people,2,C-LATE,2026-03-24T11:30:00Z
"""
BOTH = {"C-1": "possible", "C-LATE": "possible"}
ONE = {"C-1": "possible"}


def log(*told: tuple[str, str] | dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a log, a minute apart: (who, what is told of a statement, from its class on), or a whole record. The
    last comes when C-LATE is there."""
    rows = []
    for number, one in enumerate(told):
        made = one if isinstance(one, dict) else row(f"{number + 1},1,{one[1]},<none>", user=one[0])
        clock = f"11:{number:02d}" if number + 1 < len(told) else "12:00"
        rows.append(made | {"timestamp": f"2026-03-24 {clock}:00.456 UTC", "line_num": number + 1})
    return rows


def altered(name: str, text: str, kind: str = "TABLE", user: str = "dbt") -> tuple[str, str]:
    """The row of an ALTER: it tells the new name."""
    quoted = '"' + text.replace('"', '""') + '"'
    return user, f"DDL,ALTER {'VIEW' if text.startswith('ALTER VIEW') else 'TABLE'},{kind},{name},{quoted}"


def stored(folder: Path, rows: list[dict[str, Any]], records: str = RECORDS, catalog: str = CATALOG) -> Path:
    return taken_in(folder, "".join(json.dumps(one) + "\n" for one in rows), "1.json", records, catalog)


def taken_in(folder: Path, text: str, name: str, records: str, catalog: str) -> Path:
    """A store that took in one log."""
    (folder / "log").mkdir(parents=True)
    (folder / "catalog.yml").write_text(catalog)
    (folder / "records.csv").write_text(records)
    (folder / "log" / name).write_text(text)
    ingest(folder / "store", [folder / "catalog.yml", folder / "records.csv", folder / "log"])
    return folder / "store"


def graded(store: Path, principal: str, part: str = "data_subjects") -> dict[str, str]:
    return {one["id"]: one["grade"] for one in ask(store, "blast-radius", ["--principal", principal])[part]}


def contaminated(store: Path) -> dict[str, str]:
    """What the writes of `evil` may have come into."""
    said = ask(store, "blast-radius", ["--principal", "evil"])
    return {one["name"].removeprefix("people."): one["contaminated"] for one in said["datasets"] if one["contaminated"]}


def read(text: str, name: str = "") -> tuple[str, str]:
    return "reader", f"READ,SELECT,{'TABLE' if name else ''},{name},{text}"
