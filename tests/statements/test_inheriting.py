"""Which tables a statement makes a part of others: partitions, and tables that inherit."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import connect, taken_apart

CON = connect()

# A text, and what is a part of what from then on ('<'), or no longer ('|').
PARTS = [
    ("CREATE TABLE b PARTITION OF a FOR VALUES IN ('x')", "b<a"),
    ('CREATE TABLE IF NOT EXISTS s.b PARTITION OF "A" FOR VALUES FROM (1) TO (9) PARTITION BY LIST (c)', "s.b<A"),
    ("CREATE TABLE b PARTITION OF a (PRIMARY KEY (c)) DEFAULT", "b<a"),
    ("CREATE FOREIGN TABLE b PARTITION OF a FOR VALUES IN (1) SERVER s OPTIONS (x 'y')", "b<a"),
    ("CREATE TABLE b (c int) INHERITS (a, s.d)", "b<a b<s.d"),
    ("ALTER TABLE a ATTACH PARTITION b FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')", "b<a"),
    ("ALTER TABLE IF EXISTS ONLY s.a ATTACH PARTITION s.b DEFAULT", "s.b<s.a"),
    ("ALTER TABLE a DETACH PARTITION b", "b|a"),
    ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", "b|a"),
    ("ALTER TABLE b INHERIT a", "b<a"),
    ("ALTER TABLE b NO INHERIT a", "b|a"),
    ("BEGIN; ALTER TABLE a DETACH PARTITION b; ALTER TABLE a ATTACH PARTITION c DEFAULT; COMMIT", "b|a c<a"),
    ("ALTER INDEX a ATTACH PARTITION b", ""),
    ("ALTER TABLE b NOINHERIT", None),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "parts"), PARTS)
def test_parts(sql: str, parts: str | None) -> None:
    found = understand(taken_apart(CON, sql)[0], "postgres")
    assert found.parsed == (parts is not None)
    names = {table.no: ".".join(table.parts) for table in found.tables}
    told = {f"{names[table.no]}<{names[whole]}" for table in found.tables for whole in table.part_of}
    told |= {f"{names[table.no]}|{names[whole]}" for table in found.tables for whole in table.parted_from}
    assert " ".join(sorted(told)) == (parts or "")
    assert not [table for table in found.tables if table.reads or table.scope != "none"]
