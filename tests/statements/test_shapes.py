"""Shapes and literals: what is a value is taken out, what is not stays, what is cut off is told as such."""

import pytest

from tests.statements.replaying import connect, taken_apart

CON = connect()


def text(value: str) -> str:
    return f'{{"s":"{value}"}}'


def number(value: str) -> str:
    return f'{{"n":"{value}"}}'


@pytest.mark.parametrize(
    ("sql", "dialect", "shape", "literals"),
    [
        ("SELECT 1", "", "SELECT 0", [number("1")]),
        ("a = 'x' AND b > 7", "postgres", "a = '0' AND b > 1", [text("x"), number("7")]),
        ("a='it''s' --why\n and  b IN (1.5,.5,1e3)", "", "a='0' and b IN (1,2,3)", None),
        ("t1.a2 = $1 AND x::int8 = :n2", "", "t1.a2 = $1 AND x::int8 = :n2", []),
        ('"it\'s  a"."1" = 2', "", '"it\'s  a"."1" = 0', [number("2")]),
        ("a = E'a\\'b\\n' OR a = E'\\x41'", "", "a = '0' OR a = '1'", [text("a'b\\n"), None]),
        ("a = B'01' AND b = U&'\\0041'", "", "a = B'0' AND b = U&'1'", [None, None]),
        ("a = $$it's$$ AND b = $t$it's $$ $t$", "", "a = '0' AND b = '1'", [text("it's"), text("it's $$ ")]),
        ("a /* 1 /* '2' */ 3 */ = /**/ 4", "", "a = 0", [number("4")]),
        ("a = 'it\\'s' AND b = 1", "snowflake", "a = '0' AND b = 1", [None, number("1")]),
        ('a = "x" AND `b 1` = 2 # c', "mysql", "a = '0' AND `b 1` = 1", [text("x"), number("2")]),
        ("a = 'x' // b", "redshift", "a = '0'", [text("x")]),
        ("a = 'x", "", "a = '", []),
        ("a = 1 /* /* */", "", "a = 0 '", [number("1")]),
        ("a = $t$ x", "", "a = '", []),
        ('a = 1 AND "b', "", "a = 0 AND '", [number("1")]),
        ("a\x01 = '\x01'", "", "a = '0'", [text("\\u0001")]),
    ],
)
def test_a_text_is_taken_apart(sql: str, dialect: str, shape: str, literals: list[str | None] | None) -> None:
    found = taken_apart(CON, sql, dialect)
    assert found[0] == shape
    assert literals is None or found[1] == literals
