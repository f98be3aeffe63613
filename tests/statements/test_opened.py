"""Statements inside a literal or a comment of another, which are run all the same."""

import pytest

from lineage.statements.understanding import understand
from tests.statements.replaying import connect, taken_apart

CON = connect()
READ = "p read replay"

# (dialect, text) -> its shape, and what each table is used for: its operations and its scope
OPENED = [
    ("redshift", "UNLOAD ('select * from p where c = ''x''') TO 's3://b' IAM_ROLE 'r'",
     "UNLOAD (select * from p where c = '0') TO '1' IAM_ROLE '2'", READ),
    ("redshift", r"unload('select * from p where c = \'x\'') to 's3://b' parallel off",
     "UNLOAD (select * from p where c = '0') to '1' parallel off", READ),
    ("redshift", "UNLOAD ($$select * from p$$) TO 's3://b'", "UNLOAD (select * from p) TO '0'", "p read all"),
    ("athena", "UNLOAD (SELECT * FROM p WHERE c = 1) TO 's3://b' WITH (format = 'PARQUET')",
     "UNLOAD (SELECT * FROM p WHERE c = 0) TO '1' WITH (format = '2')", READ),
    ("snowflake", "EXECUTE IMMEDIATE $$DELETE FROM p WHERE c = 1$$", "DELETE FROM p WHERE c = 0", "P delete replay"),
    ("bigquery", "EXECUTE IMMEDIATE 'SELECT * FROM p';", "SELECT * FROM p", "p read all"),
    ("tsql", "EXEC('SELECT * FROM p WHERE c = ''x''')", "SELECT * FROM p WHERE c = '0'", READ),
    ("tsql", "exec sys.sp_executesql @stmt = N'SELECT * FROM p WHERE c = @c', N'@c int', @c = 5",
     "SELECT * FROM p WHERE c = @c", READ),
    ("tsql", "EXEC sp_rename 'a.t', 't2'", "ALTER TABLE a.t RENAME TO [t2]", "a.t none, a.t2 none"),
    ("tsql", "sp_rename @objname = N'[a].[t 1]', @newname = N'T 2', @objtype = 'OBJECT';",
     "ALTER TABLE [a].[t 1] RENAME TO [T 2]", "a.t 1 none, a.t 2 none"),
    ("mysql", "SELECT * FROM p /*! WHERE c = 1 */", "SELECT * FROM p WHERE c = 0", READ),
    ("mysql", "SELECT /*!40001 SQL_NO_CACHE */ * FROM `p`", "SELECT SQL_NO_CACHE * FROM `p`", "p read all"),
    ("mysql",
     "/*!50001 CREATE ALGORITHM=MERGE */ /*!50013 SQL SECURITY DEFINER */ /*!50001 VIEW v AS SELECT * FROM p*/",
     "CREATE ALGORITHM=MERGE SQL SECURITY DEFINER VIEW v AS SELECT * FROM p", "p read none, v none"),
    # Not every server runs it.
    ("mysql", "SELECT * FROM p /*!80000 WHERE c = 1 */", "SELECT * FROM p \x02 WHERE c = 0", "p read unknown"),
    ("mysql", "SELECT * FROM p /*M! JOIN q USING (c) */", "SELECT * FROM p \x02 JOIN q USING (c)",
     "p read unknown, q read unknown"),
    # It is the text of a literal, or a comment.
    ("mysql", "SELECT '/*! x */' FROM p -- /*! x */", "SELECT '0' FROM p", "p read all"),
    ("spark", "SELECT * FROM p /*! WHERE c = 1 */", "SELECT * FROM p", "p read all"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "shape", "said"), OPENED)
def test_what_is_run_is_read(dialect: str, sql: str, shape: str, said: str) -> None:
    found = taken_apart(CON, sql, dialect)[0]
    assert found == shape
    told = understand(found, dialect)
    assert told.parsed
    uses = ((".".join(one.parts), "read" if one.reads else "", one.write or "", one.scope) for one in told.tables)
    assert ", ".join(" ".join(filter(None, use)) for use in uses) == said


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("tsql", "EXEC x"),
        ("tsql", "EXEC ('SELECT * FROM ' + @t)"),
        ("tsql", "EXEC sp_executesql @text, N'@c int', @c = 5"),
        ("tsql", "EXEC sp_executesql N'SELECT * FROM p', N'@c int', @c = 5 SELECT * FROM q"),
        ("snowflake", "EXECUTE IMMEDIATE 'SELECT * FROM p WHERE c = ?' USING (x)"),
        ("snowflake", "EXECUTE IMMEDIATE $x"),
        ("snowflake", "EXECUTE IMMEDIATE $$SELECT * FROM p WHERE c = $$ || 'x' || $$ OR c = 1$$"),
        ("redshift", "UNLOAD ('select * from p' TO 's3://b'"),
        # What is run takes more than its comment.
        ("mysql", "SELECT * FROM p /*!50000 a /* b */ , q */"),
        ("mysql", "SELECT * FROM p /*!99999 -- */ JOIN q USING (c)"),
    ],
)
def test_what_is_run_and_not_told_is_not_understood(dialect: str, sql: str) -> None:
    assert not understand(taken_apart(CON, sql, dialect)[0], dialect).parsed


def test_a_quote_in_a_comment_that_may_be_run_leaves_no_value_in_the_shape() -> None:
    assert taken_apart(CON, "SELECT /*!99999 it's */ * FROM p WHERE c = 'x'", "mysql")[0] == "SELECT '"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "ALTER TABLE " + "[a]." * 40 + "[a] ADD x int"),
        ("teradata", "LOCKING a FOR READ " * 2_000),
        ("hive", "INSERT OVERWRITE DIRECTORY " + "(" * 50_000),
        ("postgres", "CREATE " + "TASK " * 20_000 + "; SELECT 1"),
        ("postgres", "DECLARE a CURSOR " * 5_000),
        ("mysql", "SELECT 1 /*! " + "/*!" * 40_000),
        ("mysql", "EXECUTE IMMEDIATE '" + "\\'" * 50_000),
    ],
)
def test_no_text_holds_up_the_others(dialect: str, sql: str) -> None:
    """Each took a minute or more (the first one for ever), and with it the whole store."""
    understand(taken_apart(CON, sql, dialect)[0], dialect)
