"""Conditions and the values in them, from a syntax tree over sources to SQL over what is held."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from lineage.statements import truths, values
from lineage.statements.casts import NUMBERS, left_by
from lineage.statements.columns import Sources
from lineage.statements.parts import Inserted
from lineage.statements.truths import FALSE, TRUE, UNKNOWN, Truth, let

SIZE_AT_MOST = 30_000
# Of a list: values that are told one after the other, which take no more room than the list does; others.
VALUES_AT_MOST, ITEMS_AT_MOST = 2_000, 200
FEW = 20  # values that may as well stand for themselves


# Values


def scalar(node: exp.Expr, over: Sources) -> str:
    """A value as SQL (see lineage.statements.values); one that is not understood is not known."""
    if isinstance(node, exp.Paren):
        inner = node.unnest()
        # Only in parentheses: dialects differ in what binds more strongly.
        return _from_truth(truth(inner, over), over) if type(inner) in _TRUTHS else scalar(inner, over)
    if isinstance(node, exp.Column):
        return _column(node, over)
    if isinstance(node, exp.Null):
        return values.NULL
    if isinstance(node, exp.Boolean):
        return _boolean("'true'" if node.this else "'false'", over)
    if (told := over.columns.told_value(node)) is not None:
        return told
    making = _SCALARS.get(type(node))
    sql = making(node, over) if making else values.NOT_KNOWN
    return sql if len(sql) < SIZE_AT_MOST else values.NOT_KNOWN


def _column(node: exp.Column, over: Sources) -> str:
    source = node.table
    if source not in over.tables:
        return values.NOT_KNOWN
    table = over.tables[source]
    return values.NULL if table is None else f"{source}.{over.columns.attribute(table, node.name)}"


def _boolean(text: str, over: Sources) -> str:
    kind = over.columns.reading.boolean
    return values.NOT_KNOWN.replace("'?', 'v': '', 'c': ''", f"'{kind}', 'v': {text}, 'c': {text}")


def _from_truth(test: Truth, over: Sources) -> str:
    return let(
        lambda least, most: (
            f"CASE WHEN {least} IS DISTINCT FROM {most} THEN {values.NOT_KNOWN}"
            f" WHEN {least} IS NULL THEN {values.NULL} ELSE {_boolean(f'({least})::VARCHAR', over)} END"
        ),
        test.least,
        test.most,
    )


def _computed(number: str, null: str) -> str:
    """A computed number: not known where it cannot be computed."""
    text = "coalesce(regexp_replace(x::VARCHAR, '\\.?0+$', ''), '')"
    return (
        f"list_transform([TRY_CAST(TRY({number}) AS DECIMAL(38,10))], lambda x:"
        f" {{'k': CASE WHEN {null} THEN 'z' WHEN x IS NULL THEN '?' ELSE 'n' END, 'v': {text}, 'c': {text},"
        " 'n': x, 'i': NULL::BIGINT, 'w': NULL::BIGINT})[1]"
    )


def _negative(node: exp.Neg, over: Sources) -> str:
    def make(one: str) -> str:
        return _computed(f"CASE WHEN {one}.k = 'n' THEN -{one}.n END", f"{one}.k = 'z'")

    return let(make, scalar(node.this, over))


def _arithmetic(sign: str) -> Callable[[exp.Binary, Sources], str]:
    """Of whole numbers only: how a source rounds is not known."""

    def make(one: str, other: str) -> str:
        whole = f"{one}.k = 'n' AND {other}.k = 'n' AND NOT contains({one}.c || {other}.c, '.')"
        sql = f"CASE WHEN {whole} THEN {one}.n::DECIMAL(38,0) {sign} {other}.n::DECIMAL(38,0) END"
        return _computed(sql, f"{one}.k = 'z' OR {other}.k = 'z'")

    return lambda node, over: let(make, scalar(node.this, over), scalar(node.expression, over))


def _coalesce(node: exp.Coalesce, over: Sources) -> str:
    parts = [scalar(part, over) for part in (node.this, *node.expressions)]
    return f"coalesce(list_filter([{', '.join(parts)}], lambda x: x.k <> 'z')[1], {values.NULL})"


def _nullif(node: exp.Nullif, over: Sources) -> str:
    def make(one: str, other: str) -> str:
        equal = truths.equal(one, other)
        return f"CASE WHEN {equal.least} THEN {values.NULL} WHEN {equal.most} THEN {values.NOT_KNOWN} ELSE {one} END"

    return let(make, scalar(node.this, over), scalar(node.expression, over))


def _case(node: exp.Case, over: Sources) -> str:
    if node.this and over.columns.dialect == "clickhouse":  # NULL may be NULL's equal
        return values.NOT_KNOWN
    branches = []
    for branch in node.args["ifs"]:
        test = truth(exp.EQ(this=node.this.copy(), expression=branch.this.copy()) if node.this else branch.this, over)
        value = scalar(branch.args["true"], over)
        branches.append(f"WHEN {test.least} THEN {value} WHEN {test.most} THEN {values.NOT_KNOWN}")
    default = scalar(node.args["default"], over) if node.args.get("default") else values.NULL
    return f"CASE {' '.join(branches)} ELSE {default} END"


def _cast(node: exp.Cast, over: Sources) -> str:
    written = values.literal_index(node.this) is not None or values.bound_index(node.this) is not None
    return left_by(node, scalar(node.this, over), over.columns.dialect, written)


_SCALARS: dict[type, Callable[..., str]] = {
    exp.Neg: _negative,
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Mul: _arithmetic("*"),
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Case: _case,
    exp.Cast: _cast,
}


# Conditions


def truth(node: exp.Expr, over: Sources) -> Truth:
    """A condition as SQL; one that is not understood is UNKNOWN."""
    node = node.unnest()
    making = _TRUTHS.get(type(node))
    if making is None:
        found = _is_true(node, over)
    else:
        found = making(node, over)
        found = ~found if node.args.get("negate") else found
    return found if len(found.most) < SIZE_AT_MOST * 10 else UNKNOWN


def _is_true(node: exp.Expr, over: Sources) -> Truth:
    return truths.is_true(scalar(node, over), texts=over.columns.reading.boolean == "b")


def _compare(decide: Callable[[str, str], Truth], joined: Callable[..., Truth] | None = None) -> Callable[..., Truth]:
    """A comparison of two values, or (where ``joined`` says how) of two rows of values."""

    def make(node: exp.Binary, over: Sources) -> Truth:
        left, right = _row(node.this), _row(node.expression)
        if left is None and right is None:
            return _with_any(node, over) or decide(scalar(node.this, over), scalar(node.expression, over))
        if joined is None or left is None or right is None or len(left) != len(right):
            return UNKNOWN
        found = joined(decide(scalar(a, over), scalar(b, over)) for a, b in zip(left, right, strict=True))
        return truths.or_any(found) if over.columns.whole_rows else found

    return make


def _row(node: exp.Expr) -> list[exp.Expr] | None:
    """The values of a row ``(a, b)`` or ``ROW(a, b)``."""
    node = node.unnest()
    if isinstance(node, exp.Tuple) or (isinstance(node, exp.Anonymous) and str(node.this).lower() == "row"):
        return list(node.expressions)
    return None


def _with_any(node: exp.Binary, over: Sources) -> Truth | None:
    """``x = ANY (array)`` and ``x <> ALL (array)``; None where there is no array."""
    right = node.expression
    some = isinstance(node, exp.EQ) and isinstance(right, exp.Any)
    none = isinstance(node, exp.NEQ) and (
        isinstance(right, exp.All) or (isinstance(right, exp.Anonymous) and str(right.this).lower() == "all")
    )
    if not some and not none:
        return None
    items = listed(right.expressions[0] if isinstance(right, exp.Anonymous) else right.this, over)
    if items is None:
        return UNKNOWN
    found = truths.among(scalar(node.this, over), items)
    return found if some else ~found


def listed(node: exp.Expr, over: Sources) -> str | None:
    """The items of an array as a list in SQL, or None."""
    node = node.unnest()
    if isinstance(node, exp.Array):
        return f"[{', '.join(scalar(item, over) for item in node.expressions)}]" if node.expressions else None
    if isinstance(node, exp.Cast) and node.to.this == exp.DType.ARRAY:
        kinds = node.to.expressions
        plain = kinds and kinds[0].this in (*NUMBERS, exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.UUID)
        if plain and not kinds[0].expressions and not isinstance(node.this, exp.Array):
            return over.columns.told_value(node.this, array=True)
        return None
    return over.columns.told_value(node, array=True)


def several(items: Sequence[exp.Expr], over: Sources) -> str:
    """Values as a list in SQL."""
    told = over.columns.told_list(items) if len(items) > FEW else None
    return told or f"[{', '.join(scalar(item, over) for item in items)}]"


# What NULL makes of IN, where nothing but literals is listed and where not: ClickHouse passes over it or, where it is
# told to, takes it for a value; DuckDB passes over it in a list, which to the parser is the same.
_NULL_IN: dict[tuple[str, bool], Callable[[Truth], Truth]] = {
    ("clickhouse", True): truths.or_false,
    ("clickhouse", False): truths.or_any,
    ("duckdb", False): truths.or_false,
}


def _in(node: exp.In, over: Sources) -> Truth:
    items = node.expressions
    if not items or any(node.args.get(other) for other in ("query", "unnest", "field")):
        return UNKNOWN
    if _row(node.this) is not None:
        return (
            truths.some(truth(exp.EQ(this=node.this.copy(), expression=item.copy()), over) for item in items)
            if len(items) <= ITEMS_AT_MOST
            else UNKNOWN
        )
    if any(_row(item) is not None for item in items):
        return UNKNOWN
    listing = several(items, over)
    most = VALUES_AT_MOST if listing.startswith("b.") else ITEMS_AT_MOST
    if len(items) > most:
        return UNKNOWN
    found = truths.among(scalar(node.this, over), listing)
    literal = all(isinstance(item, exp.Literal) for item in items)
    taken = _NULL_IN.get((over.columns.dialect, literal))
    return taken(found) if taken else found


def _or(node: exp.Or, over: Sources) -> Truth:
    """OR; several values of one column are taken together, as IN would."""
    others: list[exp.Expr] = []
    values_of: dict[exp.Expr, list[exp.Expr]] = {}
    for part in (one.unnest() for one in node.flatten()):
        column, value = (part.this.unnest(), part.expression.unnest()) if type(part) is exp.EQ else (None, None)
        if isinstance(column, exp.Column) and isinstance(value, (exp.Literal, exp.Placeholder, exp.Parameter)):
            values_of.setdefault(column, []).append(value)
        else:
            others.append(part)
    lists = [exp.In(this=column.copy(), expressions=found) for column, found in values_of.items()]
    return truths.some(truth(part, over) for part in (*lists, *others))


def _between(node: exp.Between, over: Sources) -> Truth:
    if node.args.get("symmetric"):
        return UNKNOWN
    one = scalar(node.this, over)
    low, high = scalar(node.args["low"], over), scalar(node.args["high"], over)
    return truths.every((truths.less(one, low, ">="), truths.less(one, high, "<=")))


def _is(node: exp.Is, over: Sources) -> Truth:
    asked = node.expression
    if isinstance(asked, exp.Null):
        return truths.is_null(scalar(node.this, over))
    if isinstance(asked, exp.Boolean):
        inner = truth(node.this, over) if isinstance(node.this, exp.Paren) else _is_true(node.this, over)
        inner = inner if asked.this else ~inner
        return Truth(f"coalesce({inner.least}, false)", f"coalesce({inner.most}, false)")
    return UNKNOWN


def _like(node: exp.Like, over: Sources) -> Truth:
    if any(isinstance(side, (exp.Any, exp.All, exp.Tuple)) for side in (node.this, node.expression)):
        return UNKNOWN
    return truths.like(scalar(node.this, over), scalar(node.expression, over), over.columns.folds_case)


def _inserted(node: Inserted, over: Sources) -> Truth:
    """A new row: nothing that is held differs from it at most; at least, its key is also the entry's."""
    made_rows = []
    for made in node.expressions:
        same, shown = [], []
        for pair in made.flatten() if isinstance(made, exp.And) else [made]:
            one, other = _column(pair.this, over), scalar(pair.expression, over)
            equal = truths.equal(one, other)
            # Where NULL is inserted for a key, the table may make one up.
            null = let(lambda value: f"{value}.k = 'z'", other)
            least = f"coalesce({equal.least}, false)"
            same.append(Truth(f"({one}.k = '?' OR {least})", f"({null} OR {equal.most})"))
            shown.append(Truth(f"({one}_is_key AND {least})", "true"))
        made_rows.append(truths.every((*same, truths.some(shown))))
    return truths.some(made_rows)


_TRUTHS: dict[type, Callable[..., Truth]] = {
    exp.Boolean: lambda node, over: TRUE if node.this else FALSE,
    exp.And: lambda node, over: truths.every(truth(part, over) for part in node.flatten()),
    exp.Or: _or,
    exp.Not: lambda node, over: ~truth(node.this, over),
    exp.EQ: _compare(truths.equal, truths.every),
    exp.NEQ: _compare(lambda a, b: ~truths.equal(a, b), truths.some),
    exp.LT: _compare(lambda a, b: truths.less(a, b, "<")),
    exp.LTE: _compare(lambda a, b: truths.less(a, b, "<=")),
    exp.GT: _compare(lambda a, b: truths.less(a, b, ">")),
    exp.GTE: _compare(lambda a, b: truths.less(a, b, ">=")),
    exp.NullSafeEQ: _compare(truths.same),
    exp.NullSafeNEQ: _compare(lambda a, b: ~truths.same(a, b)),
    exp.In: _in,
    exp.Between: _between,
    exp.Is: _is,
    exp.Like: _like,
    Inserted: _inserted,
}
