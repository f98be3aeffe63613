"""Outer joins as people write them: what is filled up with NULLs is so whatever its query would have made of it."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import Entry, Table, connect, taken_apart, verdicts

CON = connect()
TABLES = {
    "t": Table([Entry("1", {"id": 1, "uid": 8}), Entry("2", {"id": 2, "uid": 9})]),
    "u": Table([Entry("7", {"id": 7, "tid": 1, "kind": "a"}), Entry("8", {"id": 8, "tid": 3, "kind": "b"})]),
    "v": Table([Entry("5", {"id": 5, "uid": 7}), Entry("6", {"id": 6, "uid": 8})]),
}
FORMS = {
    # A flag or a default of the side that is filled up is NULL there.
    "FROM t LEFT JOIN (SELECT tid, true AS has FROM u) s ON s.tid = t.id WHERE s.has IS NULL": "t UU, u UF",
    "FROM t LEFT JOIN (SELECT id, 5 AS five FROM u) s ON s.id = t.id WHERE s.five = 5": "t UU, u FF",
    "FROM t LEFT JOIN (SELECT tid, coalesce(kind, 'no') AS k FROM u) s ON s.tid = t.id WHERE s.k IS NULL": "t UU, u UF",
    "FROM (SELECT tid, 1 AS one FROM u) s RIGHT JOIN t ON s.tid = t.id WHERE coalesce(s.one, 0) = 0": "u UF, t UU",
    "FROM t LEFT JOIN (SELECT id, tid FROM u WHERE kind = 'a') s ON s.tid = t.id WHERE s.id = 7": "t TF, u TF",
    # Values and constants are a side like any other.
    "FROM t LEFT JOIN (VALUES (1, 'a')) v(id, l) ON v.id = t.id": "t TT",
    "FROM t LEFT JOIN (VALUES (1, 'a')) v(id, l) ON v.id = t.id WHERE v.l IS NULL AND t.id > 1": "t FU",
    "FROM (SELECT 1 AS one) v RIGHT JOIN t ON v.one = t.id WHERE t.id = 2": "t FT",
    "FROM t FULL JOIN (VALUES (1)) v(id) ON v.id = t.id WHERE t.id = 2": "t FT",
    # A side of joined tables is there where one of them is.
    "FROM t LEFT JOIN (u FULL JOIN v ON u.id = v.uid AND u.kind = 'b') ON t.uid = u.id": "t TT, u FT, v UT",
    "FROM t LEFT JOIN (u LEFT JOIN v ON u.id = v.uid) ON t.uid = u.id WHERE v.id IS NULL": "t UU, u FU, v FF",
    # One name may be a column of either side.
    "FROM t LEFT JOIN (u AS a JOIN (SELECT id AS tid FROM v) b USING (tid)) ON a.id = t.uid": "t TT, u FF, v FF",
    # What stands before a comma is no part of the join after it.
    "FROM v, t RIGHT JOIN u ON t.uid = u.id WHERE v.uid = u.id": "v UU, t UU, u UU",
    "FROM v CROSS JOIN t RIGHT JOIN u ON t.uid = u.id WHERE v.uid = u.id": "v FT, t TF, u FT",
}


def told(found: dict[str, str]) -> str:
    return ", ".join(f"{name} {verdict}" for name, verdict in found.items())


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    assert told(verdicts(CON, f"SELECT * {form}", TABLES)) == FORMS[form]


def test_tables_of_one_name_in_two_schemas_are_not_taken_for_one_another() -> None:
    sql = "SELECT * FROM a.t, b.t WHERE a.t.id = 1"
    assert [use.scope for use in understand(taken_apart(CON, sql)[0], "").tables] == ["unknown", "unknown"]
