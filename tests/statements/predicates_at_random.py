"""Random conditions over the columns id, a, b, s, f: SQL that DuckDB and PostgreSQL read alike, but for rows."""

from typing import Any

from hypothesis import strategies as st

TEXTS = ("", "x", "X", "x ", "ab", "a_b", "5", "05", "é", "it's", "2026-03-24")
NUMBERS = (-2, 0, 1, 2, 5, 1.5)
DOMAIN: dict[str, tuple[Any, ...]] = {
    "a": (None, -2, 0, 1, 2, 5),
    "b": (None, 0, 1, 5),
    "s": (None, *TEXTS),
    "f": (None, True, False),
}


# Rows are compared member by member: NULL where a NULL decides. DuckDB compares them as wholes, and never says NULL.
MEMBERS = {"(a, b) = (1, 5)": "(a = 1 AND b = 5)", "(a, b) <> (1, 5)": "(NOT (a = 1 AND b = 5))"}


def by_members(condition: str) -> str:
    """The condition as DuckDB must be asked it."""
    for rows_compared, members in MEMBERS.items():
        condition = condition.replace(rows_compared, members)
    return condition


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_columns = st.sampled_from(["t.a", "t.b", "a", "b"])
_numbers = st.sampled_from(NUMBERS).map(str)
_texts = st.one_of(st.just("s"), st.sampled_from(TEXTS).map(quoted), st.just("coalesce(s, 'x')"))
_signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def _deeper_number(inner: st.SearchStrategy[str], tests: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: f"coalesce({p[0]}, {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"nullif({p[0]}, {p[1]})"),
        st.tuples(inner, st.sampled_from("+-*%"), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})" if p[1] != "%" else f"({p[0]} {p[1]} 3)"
        ),
        inner.map(lambda one: f"(- {one})"),
        inner.map(lambda one: f"abs({one})"),
        st.tuples(tests, inner, inner).map(lambda p: f"(CASE WHEN {p[0]} THEN {p[1]} ELSE {p[2]} END)"),
        st.tuples(inner, inner, inner).map(lambda p: f"(CASE {p[0]} WHEN {p[1]} THEN {p[2]} END)"),
        inner.map(lambda one: f"CAST({one} AS INTEGER)"),
    )


_number = st.one_of(_columns, _columns, _numbers)
_leaf = st.one_of(
    st.tuples(_number, _signs, _number).map(" ".join),
    st.tuples(_columns, st.lists(_numbers, min_size=1, max_size=3)).map(lambda p: f"{p[0]} IN ({', '.join(p[1])})"),
    st.tuples(_columns, _numbers).map(lambda p: f"{p[0]} NOT IN ({p[1]}, NULL)"),
    st.tuples(_texts, _signs, _texts).map(" ".join),
    st.lists(st.sampled_from(TEXTS).map(quoted), min_size=1, max_size=3).map(lambda p: f"s IN ({', '.join(p)})"),
    st.sampled_from(["x%", "%b", "a_b", "_", "%", "5"]).map(lambda p: f"s LIKE {quoted(p)}"),
    st.tuples(st.sampled_from(["a", "b", "s", "f"]), st.sampled_from(["IS NULL", "IS NOT NULL"])).map(" ".join),
    st.tuples(_number, st.sampled_from(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"]), _number).map(" ".join),
    st.tuples(_columns, _numbers, _numbers).map(lambda p: f"{p[0]} BETWEEN {p[1]} AND {p[2]}"),
    st.sampled_from(
        ["f", "NOT f", "f = true", "f IS TRUE", "f IS NOT FALSE", "f IS DISTINCT FROM true", "TRUE", "FALSE"]
    ),
    st.sampled_from(["length(s) > 1", "s || 'x' = 'xx'", "upper(s) = 'X'", *MEMBERS]),
    st.sampled_from(["k1", "k2", "k3", "K1"]).map(lambda key: f"id = {quoted(key)}"),
    st.just("id IN ('k1', 'k3')"),
    st.just("id LIKE 'k%'"),
    st.just("id IS NULL"),
)


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    number = st.one_of(_number, _deeper_number(_number, inner))
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} AND {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} OR {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"{p[0]} AND {p[1]}"),
        inner.map(lambda one: f"NOT ({one})"),
        inner.map(lambda one: f"({one}) IS NOT TRUE"),
        inner.map(lambda one: f"({one}) IS NULL"),
        st.tuples(inner, inner).map(lambda p: f"(({p[0]}) = ({p[1]}))"),
        inner.map(lambda one: f"coalesce(({one}), false)"),
        st.tuples(number, _signs, number).map(" ".join),
        st.tuples(number, st.lists(number, min_size=1, max_size=2)).map(lambda p: f"{p[0]} IN ({', '.join(p[1])})"),
        st.tuples(number, number, number).map(lambda p: f"{p[0]} NOT BETWEEN {p[1]} AND {p[2]}"),
    )


conditions: st.SearchStrategy[str] = st.recursive(_leaf, _deeper, max_leaves=8)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """The attributes that an entry holds: any of a, b, s, f."""
    held = draw(st.sets(st.sampled_from(sorted(DOMAIN))))
    return {name: draw(st.sampled_from(DOMAIN[name])) for name in sorted(held)}
