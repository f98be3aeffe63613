"""From the shape of a statement to syntax trees: the only place that calls the parser."""

import logging
import re
from dataclasses import dataclass

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from lineage.statements.bounds import SIZE_AT_MOST, parse_bounded
from lineage.statements.inheriting import Parted, find_parted, parted
from lineage.statements.marks import MARKS, Numbers, is_apart, marked
from lineage.statements.opened import PERHAPS
from lineage.statements.renames import Name, renamed_schemas
from lineage.statements.wording import NAME, reworded, worded

# What is not understood is told by the result; the parser's own warnings would repeat the text on stderr.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_SEGMENT = re.compile(r"""(?:"(?:[^"]|"")*"|`[^`]*`|'\d*'|[^;"`'])+""")
_EXPLAIN = re.compile(
    r"EXPLAIN\s+(?P<options>(?:\(\s*(?!SELECT|WITH|VALUES|TABLE)[^()]*\)\s*)?(?:(?:ANALY[SZ]E|VERBOSE|EXTENDED)\s+)*)"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
# All tables of a schema, by names that the text does not tell.
_ALL_MOVED = re.compile(r"ALTER (?:SCHEMA|DATABASE) .*? (?:RENAME|SWAP|TRANSFER)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"'(\d+)'")
_ANALYZE = re.compile(r"\bANALY[SZ]E\b(?!\s+(?:OFF|FALSE|\d))", re.IGNORECASE)
_CURSOR = re.compile(rf"DECLARE\s+{NAME}\s(?>[^()]*?\bCURSOR\b)[^()]*?\bFOR\s+(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_REFRESH = re.compile(
    rf"REFRESH\s+MATERIALIZED\s+VIEW\s+(?:CONCURRENTLY\s+)?(?P<name>{NAME}(?:\.{NAME})*)", re.IGNORECASE
)
# How rows are written or read outside says nothing of them.
_COPY = re.compile(
    rf"COPY\s+(?:BINARY\s+)?(?P<rest>{NAME}(?:\.{NAME})*\s*(?:\([^()]*\)\s*)?"
    r"\b(?:TO|FROM)\s+(?:STDOUT|STDIN|(?:PROGRAM\s+)?'\d*'))",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"UNLOAD\s*(?=\()", re.IGNORECASE)
_COPY_QUERY = re.compile(r"COPY\s*(?=\()", re.IGNORECASE)
_BRACKETS = re.compile(r"""[()]|"(?:[^"]|"")*"|'\d*'""")
# What runs something that the text does not tell.
_HIDDEN = re.compile(r"(?:EXECUTE|EXEC|CALL|DO|UNLOAD|LOAD|IMPORT|EXPORT)\b", re.IGNORECASE)
# What begins without touching a row, and goes on with what does: where that ends, the text does not tell.
_GOES_ON = re.compile(
    r"(?:(?:BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET(?! QUERY_BAND)|RESET|USE|FETCH|MOVE|CLOSE"
    r"|DEALLOCATE)\b.*"
    r"\b(?:SELECT|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|EXEC|EXECUTE|CALL)"
    r"|CREATE (?:OR REPLACE )?(?:SCHEMA|DATABASE)\b.* (?:CREATE|CLONE)|VACUUM\b.*\bINTO"
    r"|(?>(?:GRANT|REVOKE)\b.*?\b(?:TO|FROM)\b).*\b(?:SELECT|INSERT|UPDATE|DELETE|MERGE|TRUNCATE|EXEC)"
    r"|(?:CREATE|DROP|ALTER) (?:\w+ ){0,3}(?:INDEX|TYPE|ROLE|USER|SEQUENCE)\b"
    r".* (?:SELECT|INSERT|DELETE|MERGE|TRUNCATE|EXEC))\b"
    # Snowflake: of the result of one, another.
    r"|(?:SHOW|DESCRIBE|DESC)\b.*->>",
    re.IGNORECASE | re.DOTALL,
)
# What begins a text that is not run now, and may hold several statements.
_BODY = re.compile(
    r"CREATE\b(?>.*?\b(?:FUNCTION|PROC|PROCEDURE|TRIGGER|TASK|EVENT|PACKAGE)\b).*\b(?:BEGIN\b|(?:AS|IS) (?!'))",
    re.IGNORECASE | re.DOTALL,
)
# What touches no row of a table.
_HARMLESS = re.compile(
    r"(?:PREPARE|SET|RESET|SHOW|BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|DISCARD|LISTEN|UNLISTEN|NOTIFY"
    r"|FETCH|MOVE|CLOSE|DEALLOCATE|LOCK|VACUUM|ANALYZE|ANALYSE|CLUSTER|REINDEX|CHECKPOINT|COMMENT|GRANT|REVOKE"
    r"|SECURITY|USE|DESCRIBE|DESC|REASSIGN|UNLOCK|HANDLER|ALTER\s+TABLE\s+\S+\s+(?:DIS|EN)ABLE\s+KEYS"
    r"|(?:CREATE|DROP|ALTER)\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+)?(?:GLOBAL\s+|EVENT\s+|FOREIGN\s+DATA\s+)?"
    r"(?:ROLE|USER|GROUP|DATABASE|SCHEMA|EXTENSION|INDEX|FUNCTION|PROCEDURE|ROUTINE|AGGREGATE|TRIGGER|TYPE|DOMAIN"
    r"|SEQUENCE|SERVER|PUBLICATION|SUBSCRIPTION|TABLESPACE|POLICY|RULE|OPERATOR|COLLATION|CAST|LANGUAGE|STATISTICS"
    r"|ACCESS|TEXT|WAREHOUSE|STAGE|PIPE|TASK|WRAPPER|DEFAULT|SYSTEM|CONVERSION))\b",
    re.IGNORECASE,
)


# How many rows the statements after it give, in SQL Server, MySQL and ClickHouse, alone or among other settings; the
# number is not in the shape.
_LIMITS = re.compile(
    r"(?:BEGIN\s+)?SET\b.*\b(?:ROWCOUNT|SQL_SELECT_LIMIT|LIMIT|OFFSET|\w+_OVERFLOW_MODE)\b", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True)
class Told:
    """One statement of a text. ``sure``: what it reads, it reads to the end (a cursor may stop before); ``limited``: a
    setting says how many rows it takes at most."""

    tree: exp.Expr
    sure: bool = True
    limited: bool = False


@dataclass(frozen=True)
class Text:
    """The statements of a text that touch tables, whether it takes anything back, whether it may say less, what it says
    of parts of tables, and what any table of a schema is called then."""

    told: tuple[Told, ...]
    taken_back: bool
    perhaps: bool = False
    parted: tuple[Parted, ...] = ()
    renamed: tuple[tuple[Name, Name], ...] = ()


def find_dialect(name: str) -> Dialect | None:
    """The parser's dialect of that name, or None where it has none."""
    kind = Dialect.get(name)
    return kind() if kind else None


def parse(shape: str, dialect: Dialect) -> Text | None:
    """The statements of a shape, or None where any part of it is not surely understood."""
    if len(shape) > SIZE_AT_MOST:
        return None
    perhaps, shape = PERHAPS in shape, shape.replace(PERHAPS, "")
    if not is_apart(shape, dialect) or _SEGMENT.sub("", shape).strip("; \t\r\n"):
        return None
    segments = [one for segment in map(str.strip, _SEGMENT.findall(shape)) if segment for one in worded(segment)]
    if any(map(_BODY.match, segments[:-1])):
        return None
    told: list[Told] = []
    alone: list[Parted] = []
    renamed: list[tuple[Name, Name]] = []
    numbers = Numbers()
    limited = False
    for segment in segments:
        limited = limited or _LIMITS.match(segment) is not None
        if part := parted(segment, dialect):
            alone.append(part)
            continue
        if pairs := renamed_schemas(segment, dialect):
            renamed += pairs
            continue
        head = _head(segment)
        if head is None:
            return None
        text, sure = head
        if not text:
            numbers.marks += len(MARKS.findall(segment))
            continue
        said = reworded(text)
        numbers.gone |= set(_NUMBERS.findall(text)) - set(_NUMBERS.findall(said))
        texts = marked(said, dialect, numbers)
        tree = _tree(texts, dialect) if texts else None
        if tree is None:
            return None
        told.append(Told(tree, sure, limited))
    taken_back = any(re.match(r"(?:ROLLBACK|ABORT)\b", segment, re.IGNORECASE) for segment in segments)
    made = (part for one in told for part in find_parted(one.tree))
    return Text(tuple(told), taken_back, perhaps, (*alone, *made), tuple(renamed))


def _head(segment: str) -> tuple[str, bool] | None:
    """What of a segment is run and read: its text ('' for nothing), and whether to the end. None: not known."""
    if match := _EXPLAIN.match(segment):
        return _head(match["rest"]) if _ANALYZE.search(match["options"]) else ("", True)
    if match := _CURSOR.match(segment):
        return match["rest"], False
    if match := _REFRESH.match(segment):
        return f"CREATE OR REPLACE TABLE {match['name']} AS SELECT NULL", True
    if match := _COPY.match(segment):
        return f"COPY {match['rest']}", True
    if match := _OUT_OF.match(segment):
        query, rest = _bracketed(segment[match.end() :])
        return _head(query) if re.match(r"\s*TO\b", rest, re.IGNORECASE) else None
    if match := _COPY_QUERY.match(segment):
        query, rest = _bracketed(segment[match.end() :])
        return _head(query) if re.match(r"\s*TO\b", rest, re.IGNORECASE) else (segment, True)
    if _HIDDEN.match(segment) or _ALL_MOVED.match(segment):
        return None
    if _HARMLESS.match(segment):
        return None if _GOES_ON.match(segment) else ("", True)
    return segment, True


def _bracketed(text: str) -> tuple[str, str]:
    """What stands in the brackets that a text begins with, and what follows them."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return text[1 : found.start()].strip(), text[found.end() :]
    return "", ""


def _tree(texts: tuple[str, str], dialect: Dialect) -> exp.Expr | None:
    """The tree of the first text that parses: marks in the place of operators (``a ? 'b'``) do not."""
    for text in texts:
        try:
            trees = parse_bounded(text, dialect)
        except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError):  # its own faults too
            continue
        if len(trees) == 1 and trees[0] is not None and not trees[0].find(exp.Command):
            for name in trees[0].find_all(exp.Identifier):
                if name.name.startswith("`"):  # it keeps the quotes of BigQuery's `b` in a-1.`b`
                    name.set("this", name.name.strip("`"))
                if name.args.get("temporary") or name.args.get("global_"):  # and leaves out what is no lasting table's
                    name.set("this", ("#" if name.args.get("temporary") else "##") + name.name)
            return normalize_identifiers(trees[0], dialect=dialect)
    return None
