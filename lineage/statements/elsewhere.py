"""What a statement reads or writes that it does not name as a table: by a value, or on another server."""

import re

from sqlglot import exp

# Those of Oracle's packages that compute of the values that they are given, and run no text.
_OF_VALUES = "(?:lob|random|crypto|rowid|output)"
# What takes names of tables, or statements, as values; tables that stand for others. (In words of the dialect; other
# functions may do anything, too, and mostly do not.)
_CALLS = {
    "": r'(?:"?\w+"?\.)*"?(?:dblink\w*|(?:query|table|cursor|schema|database)_to_xml\w*|ts_(?:stat|rewrite)'
    r'|pg_logical_slot_(?:get|peek)_\w+|pg_read_(?:binary_)?file)"?',
    "bigquery": "external_query",
    "clickhouse": r"remote(?:secure)?|cluster(?:allreplicas)?|merge|mysql|postgresql|mongodb|sqlite|[jo]dbc|redis|hdfs"
    r"|dictionary|dictget\w*|joinget\w*|loop|mergetree\w+|source",
    "duckdb": r"query|query_table|(?:postgres|mysql|sqlite)_(?:query|scan|scan_pushdown)",
    "oracle": rf"dbms_(?!{_OF_VALUES}\.)\w+\.\w+|\w*dburitype|xmlquery",
    "trino": r"(?:\w+\.)+query|raw_query|native_query",
    "spark": "table_changes|remote_query",
    "tsql": r"openquery|openrowset|opendatasource|changetable|(?:containstable|freetexttable|semantic\w+table)",
}
_LIKE = {
    "presto": "trino", "athena": "trino", "databricks": "spark", "spark2": "spark", "hive": "spark", "fabric": "tsql",
}  # fmt: skip
# What in FROM makes rows of its values, of a file or of the catalog; any other function there may read tables.
_OF_ITSELF = re.compile(
    r"pg_|acl|json|xml|regexp|string|unnest|array|generat|series|range|numbers|zeros|sequence|values|null|random|input"
    r"|ts_|inet|explode|posexplode|inline|stack|flatten|split|open(?:json|xml)|read_|file|url|s3|gcs|azure|hdfs|view\b"
    r"|infer_schema|sys|fn_|dm_",
    re.IGNORECASE,
)
_OF_CATALOG = frozenset({"pg_catalog", "information_schema", "sys", "system"})
# It empties tables that nobody named: which they are, the foreign keys tell.
_CASCADES = r"(?:^|;) ?truncate [^;]*\bcascade\b"
_STANDS_FOR = {
    "clickhouse": r"\bengine ?= ?(?:distributed|merge|buffer|mysql|postgresql|mongodb|[jo]dbc|materialized\w*"
    r"|dictionary)\b",
    "mysql": r"\bengine ?= ?(?:merge|mrg_\w+|federated|connect|spider)\b",
    "oracle": r"[\w$#\"]@[\w\"]",
}


def _pattern(dialect: str) -> re.Pattern[str]:
    calls = _CALLS.get(_LIKE.get(dialect, dialect), _CALLS[""])
    one = [rf"(?<![\w$.])(?:{calls}) ?\(", _CASCADES, *filter(None, [_STANDS_FOR.get(dialect)])]
    return re.compile("|".join(one), re.IGNORECASE)


_PATTERNS = {dialect: _pattern(dialect) for dialect in (*_CALLS, *_LIKE, *_STANDS_FOR)}


def is_named(node: exp.Expr) -> bool:
    """Whether this is a table that is told by its name."""
    parts = node.parts if isinstance(node, exp.Table) else []  # none where functions stand in its place
    return bool(parts) and all(isinstance(part, exp.Identifier) for part in parts)


def is_elsewhere(shape: str, dialect: str, trees: list[exp.Expr]) -> bool:
    """Whether a statement may read or write what it does not name."""
    return bool(_PATTERNS.get(dialect, _PATTERNS[""]).search(shape)) or any(
        _by_value(table, shape, dialect)
        for tree in trees
        if not isinstance(tree, exp.Copy)  # from or into a file
        for table in tree.find_all(exp.Table, exp.TableFromRows, exp.Lateral)
    )


def _by_value(table: exp.Expr, shape: str, dialect: str) -> bool:
    """Whether which table is meant is told by a value or a function, or it is one of another server (its name has too
    many parts)."""
    if isinstance(table.this, (exp.DynamicIdentifier, exp.Literal, exp.Parameter, exp.Placeholder)):
        return dialect != "tsql" or not isinstance(table.this, exp.Parameter)  # a variable that holds rows
    if (called := _called(table.this)) and not table.args.get("view"):  # a LATERAL VIEW computes
        return not _OF_ITSELF.match(called) and table.text("db").lower() not in _OF_CATALOG
    file = table.name.isdecimal() and f"'{table.name}'" in shape  # DuckDB's FROM 'people.csv'
    return file or isinstance(table.this, exp.Dot)


def _called(item: exp.Expr | str | None) -> str:
    """The function that stands where a table does, in TABLE(…) too; '' where none does."""
    while isinstance(item, exp.Dot):
        item = item.expression
    if not isinstance(item, exp.Anonymous):
        return ""
    if item.name.upper() == "TABLE":
        return _called(item.expressions[0]) if item.expressions else ""
    return item.name
