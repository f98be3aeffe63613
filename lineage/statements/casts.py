"""Casts that leave a value what it is, by the dialect that makes them."""

from sqlglot import exp

from lineage.statements import values

NUMBERS = {exp.DType.INT: 2**31, exp.DType.BIGINT: 2**63, exp.DType.SMALLINT: 2**15, exp.DType.DECIMAL: 10**10}
# Where a DECIMAL is not rounded, up to how many digits of a fraction; elsewhere it is, and has ten digits or more.
_EXACT, _EXACT_AT_MOST = {"postgres": 10, "bigquery": 9}, 10**27
# Bytes that are left of a text, where the statement does not tell how many.
_CUT = {"tsql": 30, "fabric": 30, "redshift": 256}


def left_by(node: exp.Cast, one: str, dialect: str, written: bool) -> str:
    """What a cast leaves of the value ``one``, as SQL: itself or, where it is ``written`` in the statement or bound to
    it, a text as a number or an instant. Else it is not known."""
    kind = node.to.this
    if type(node) is not exp.Cast or node.to.expressions or node.args.get("format"):
        return values.NOT_KNOWN
    if kind in (exp.DType.TEXT, exp.DType.VARCHAR):
        fits = f"x.k IN {values.TEXTS}"
        if not written:
            fits += f" AND x.k NOT IN ('d', 'D') AND NOT {values.cast_otherwise('x.v')}"
        if dialect in _CUT:
            fits += f" AND strlen(x.v) <= {_CUT[dialect]}"
        changed = "k := CASE WHEN x.k IN ('d', 'D', 'e') THEN x.k ELSE 's' END"
    elif kind == exp.DType.UUID:
        fits, changed = "x.k IN ('s', 'K', 'v')", "k := x.k"
    elif kind == exp.DType.BOOLEAN:
        fits, changed = "x.k = 'b'", "k := 'b'"
    elif kind in NUMBERS:
        digits = _EXACT.get(dialect, 0) if kind == exp.DType.DECIMAL else 0
        whole, most = f"length(split_part(x.c, '.', 2)) <= {digits}", _EXACT_AT_MOST if digits else NUMBERS[kind]
        number = "TRY_CAST(x.c AS DECIMAL(38,10))"
        fits = (
            f"abs({number}) < {most} AND {whole} AND (x.k IN ('n', 'k', 'u')"
            " OR (x.k = 's' AND regexp_full_match(x.c, '0|-?[1-9][0-9]*')))"
        )
        changed = f"k := 'n', v := x.c, n := {number}"
    elif kind in (exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMP) and written:
        fits, changed = "x.k IN ('e', 'd', 'D') AND x.i IS NOT NULL", "k := 't'"
    elif kind == exp.DType.DATE and written:
        fits, changed = "x.k = 'e' AND x.i IS NOT NULL", "k := 'e'"
    else:
        return values.NOT_KNOWN
    return (
        f"list_transform([{one}], lambda x: CASE WHEN {fits} THEN struct_update(x, {changed})"
        f" WHEN x.k = 'z' THEN x ELSE {values.NOT_KNOWN} END)[1]"
    )
