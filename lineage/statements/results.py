"""What a query does to the rows that it reads, told by its text alone."""

import re
from collections.abc import Iterator
from typing import TypeVar

from sqlglot import exp

_Call = TypeVar("_Call", bound=exp.Expr)
# Functions that make rows of a value, and of many values none; beside those that the parser knows.
_MAKES_ROWS = re.compile(
    r"generate_subscripts|regexp_(?:matches|split_to_table)|string_to_table|unnest|aclexplode|variant_explode"
    r"|ts_(?:debug|parse|token_type)|\w+_snapshot_xip|pg_(?:ls_\w+|partition_\w+|options_to_table)|_pg_expandarray"
    r"|jsonb?_(?:each(?:_text)?|array_elements(?:_text)?|object_keys|populate_recordset|to_recordset)"
    r"|jsonb_path_query(?:_tz)?",
    re.IGNORECASE,
)
# Functions of PostgreSQL, and of extensions that come with it, that give one value for each row; beside those that the
# parser knows.
_GIVES_ONE = re.compile(
    r"(?:pg|jsonb?|regexp|array|ts|txid|lo|date|quote|justify|xml|uuid|pgp|inet|convert)_\w+|has_\w+_privilege"
    r"|(?:col|obj|shobj)_description|current_(?:setting|schemas|database|query)|to_(?:char|date|number|timestamp|hex|ascii"
    r"|jsonb?|reg\w+|ts\w+)|\w*to_tsquery|string_to_array|(?:next|curr|last|set)val|version|timeofday|\w+_timestamp|age"
    r"|make_(?:date|interval|time|timestamp|timestamptz)|(?:get|set)_(?:bit|byte)|set_(?:config|masklen)|num_(?:non)?nulls"
    r"|btrim|initcap|octet_length|bit_count|encode|decode|format(?:_type)?|unistr|parse_ident|sha\d+|hash\w+|timezone"
    r"|cardinality|trim_array|width_bucket|(?:min_)?scale|gcd|lcm|mod|div|(?:a?(?:cos|sin|tan)|cot)d|int[248]|float[48]"
    r"|numeric|money|text|row_to_json|xpath(?:_exists)?|setweight|strip|numnode|querytree|is(?:empty|finite)"
    r"|(?:(?:int[48]|num|ts|tstz|date)(?:multi)?range|range_merge)|(?:lower|upper)_in[cf]|hostmask|host|masklen|netmask"
    r"|network|family|broadcast|abbrev|gen_(?:random_\w+|salt)|setseed|crypt|digest|hmac|(?:word_)?similarity|unaccent"
    r"|levenshtein\w*|soundex|d?metaphone\w*|st_(?!dump|subdivide|\w*grid)\w+"
)
_KEEPS_ROWS = (exp.ExplodeOuter, exp.PosexplodeOuter)  # with NULL where there is nothing to make a row of


def cuts(query: exp.Expr) -> bool:
    """Whether some of the rows that meet the conditions may be left out of the result."""
    if isinstance(query, exp.Subquery) and isinstance(query.this, exp.Query) and cuts(query.this):
        return True
    distinct = query.args.get("distinct")
    return (
        any(query.args.get(name) for name in ("limit", "offset", "sample", "qualify", "prewhere", "connect"))
        or (isinstance(distinct, exp.Distinct) and bool(distinct.args.get("on")))
        or any(lock.args.get("wait") is False for lock in query.args.get("locks") or [])
        or _picks(query)
        or _spreads(query)
    )


def _spreads(query: exp.Expr) -> bool:
    """Whether a row that is read may give none of the result: a function in its outputs makes rows of what it holds."""
    if not isinstance(query, exp.Select):
        return False
    return any(map(_makes_rows, _called(query, exp.Func, exp.UDTF)))


def may_spread(tree: exp.Expr) -> bool:
    """Whether a function that PostgreSQL does not bring stands among the outputs: of a row it may make none."""
    return any(not _gives_one(node) for query in tree.find_all(exp.Select) for node in _called(query, exp.Anonymous))


def schema_of(node: exp.Anonymous) -> str:
    """The schema that a function is called with; '' without one."""
    above = node.parent
    return above.this.name.lower() if isinstance(above, exp.Dot) and above.expression is node else ""


def _called(query: exp.Select, *kinds: type[_Call]) -> Iterator[_Call]:
    """The functions among the outputs of a query itself, and among what its rows are grouped and sorted by."""
    for told in (*query.expressions, *filter(None, map(query.args.get, ("group", "order")))):
        yield from (node for node in told.find_all(*kinds) if node.parent_select is query)


def _gives_one(node: exp.Anonymous) -> bool:
    schema = schema_of(node)
    return schema == "pg_catalog" or (schema == "" and _GIVES_ONE.fullmatch(node.name.lower()) is not None)


def _makes_rows(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return bool(_MAKES_ROWS.fullmatch(node.name))
    known = (exp.UDTF, exp.GenerateSeries, exp.ExplodingGenerateSeries)
    return isinstance(node, known) and not isinstance(node, _KEEPS_ROWS)


def _picks(query: exp.Expr) -> bool:
    """Whether HAVING is asked of single rows, as MySQL allows it where nothing is grouped."""
    having = query.args.get("having")
    if not having or query.args.get("group"):
        return False
    # An aggregate of a query inside, or over a window, leaves the rows what they are.
    found = (aggregate for told in (having, *query.expressions) for aggregate in told.find_all(exp.AggFunc))
    return not any(aggregate.find_ancestor(exp.Select, exp.Window) is query for aggregate in found)


def groups(query: exp.Expr) -> bool:
    """Whether a row of the result is not a row of a join: an outer condition is not one on the rows read."""
    if isinstance(query, exp.Values):
        return False
    if isinstance(query, exp.Subquery):
        return groups(query.this) if isinstance(query.this, exp.Query) else False
    if isinstance(query, exp.Union):
        return any(groups(side) or cuts(side) for side in (query.this, query.expression))
    if not isinstance(query, exp.Select):
        return True
    if any(query.args.get(name) for name in ("group", "having", "qualify", "match", "pivots", "into", "connect")):
        return True
    return any(
        node
        for output in query.expressions
        for node in output.find_all(exp.AggFunc, exp.Window, exp.UDTF)
        if node.parent_select is query
    )


def names_ahead(clause: exp.With) -> bool:
    """Whether a query of WITH names one that comes after it."""
    names = [cte.alias for cte in clause.expressions]
    return any(
        table.name in names[number + 1 :]
        for number, cte in enumerate(clause.expressions)
        for table in cte.this.find_all(exp.Table)
    )


def membership(test: exp.Expr) -> tuple[exp.Expr | None, exp.Expr | None]:
    """The query and the left side of a test that asks whether a query holds a row."""
    if isinstance(test, exp.Exists) and isinstance(test.this, exp.Query):
        return test.this, None
    if isinstance(test, exp.In) and test.args.get("query"):
        return test.args["query"], test.this
    if isinstance(test, exp.EQ):
        for left, right in ((test.this, test.expression), (test.expression, test.this)):
            query = right.this if isinstance(right, exp.Any) else right
            if isinstance(query, exp.Query):
                return query, left
    return None, None
