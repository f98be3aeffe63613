"""Records of a PostgreSQL log with pgaudit, for tests, and what the collector makes of them."""

import json
from typing import Any

from lineage.collectors.pgaudit import COLLECTOR
from tests.collectors.staging import Rows, staged

AT = "2026-03-24 11:02:03.456 UTC"
AT_INSTANT = 1774350123456000
PREFIX = "2026-03-24 11:02:03.456 UTC [4711] etl@people "
SELECT = "SESSION,1,1,READ,SELECT,TABLE,public.t"
ONCE = "<previously logged>,<previously logged>"
NEXT_DAY = {"timestamp": "2026-03-25 11:02:03.456 UTC"}


def record(message: str | None, **told: Any) -> dict[str, Any]:
    """A record of jsonlog; a key that is told None is absent."""
    given = {
        "timestamp": AT, "user": "etl", "dbname": "people", "pid": 4711, "session_id": "69c26f2b.1267",
        "line_num": 1, "vxid": "3/1", "error_severity": "LOG", "message": message,
    }  # fmt: skip
    return {key: value for key, value in (given | told).items() if value is not None}


def rows_of(*records: dict[str, Any]) -> Rows:
    return staged(COLLECTOR, "\n".join(json.dumps(told) for told in records).encode())


def accesses(*records: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(rows_of(*records).get("stated_access", []), key=lambda row: (row["position"], row["outcome"]))


def access(message: str, **told: Any) -> dict[str, Any]:
    [row] = accesses(record(message, **told))
    return row


def failed(message: str, state: str, statement: str, **told: Any) -> dict[str, Any]:
    told = {"error_severity": "ERROR", "state_code": state, "statement": statement} | told
    return record(message, **told)


def row(told: str, **more: Any) -> dict[str, Any]:
    """An audit row, from its statement's number on."""
    return record(f"AUDIT: SESSION,{told}", **more)


def audit(number: int, statement: str, **told: Any) -> dict[str, Any]:
    return row(f"{number},1,READ,SELECT,TABLE,public.t,{statement},<none>", **told)


def refused(statement: str) -> dict[str, Any]:
    return failed("permission denied for table t", "42501", statement)


def facts(rows: Rows) -> list[str]:
    """The accesses, without what the forms tell otherwise: positions, and how a session and its rows are known."""
    apart = {"session": None, "line": None, "vxid": None}
    return sorted(
        repr(row | {"position": 0, "session_row": row["session_row"] and row["session_row"] | apart})
        for row in rows["stated_access"]
    )
