"""How PostgreSQL and its tools write statements: which rows each reads or changes."""

import pytest

from tests.statements.replaying import Entry, Table, connect, verdicts

CON = connect()
T = Table([Entry("1", {"id": 1, "country": "KE"}), Entry("2", {"id": 2, "country": "PH"})])

FORMS = {
    # COPY: options, with or without WITH, say nothing of rows.
    "COPY t (id, country) TO STDOUT (FORMAT BINARY)": "TT",
    "COPY BINARY t TO STDOUT": "TT",
    """copy "t" to '/srv/t.csv' (FORMAT csv, DELIMITER ';', HEADER)""": "TT",
    "COPY (SELECT * FROM t WHERE id = 2) TO STDOUT (FORMAT csv, HEADER, DELIMITER ',')": "FT",
    "COPY ((SELECT ')', \")\" FROM t WHERE country = 'KE')) TO STDOUT (FORMAT csv, HEADER)": "TF",
    "COPY (DELETE FROM t WHERE id = 1 RETURNING *) TO STDOUT": "TF",
    "COPY t FROM STDIN (FORMAT csv, NULL 'KE') WHERE id > 5; SELECT * FROM t WHERE country = 'PH'": "UU",
}


@pytest.mark.parametrize("sql", FORMS)
def test_forms(sql: str) -> None:
    assert verdicts(CON, sql, {"t": T})["t"] == FORMS[sql]
