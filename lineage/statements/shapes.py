r"""Statements without their values: the shape of an SQL text and the literals taken out of it.

``take_apart`` gives, for each statement told,

its shape
    the text with each literal replaced by its own number, in its own kind (``a = 'x' AND b > 7``
    becomes ``a = '0' AND b > 1``), comments dropped and white space folded. Names, quoted or not, and
    marks of bound values (``$1``, ``?``, ``:name``, ``%(name)s``) stay as they are. A text that ends
    inside a string, a quoted name or a comment was cut off: its shape holds a lone quote, which no
    parser takes, so nothing is concluded from what is left of it.
its tokens
    of which ``LITERALS`` makes the values as ``VARCHAR[]``, in the order of those numbers, encoded as
    ``{"s":"text"}`` or ``{"n":"12.5"}``; NULL where the value is not surely known (bit strings, unusual
    escapes).

How quotes, backslashes and comments are read depends on the dialect; PostgreSQL's is the default. One
regular expression cuts a text into literals and what lies between them, so a text of n literals has about
2n + 1 tokens. Each step is one small query: an expression that is repeated in another costs more to plan
than it costs to run on a thousand texts.
"""

import re
from dataclasses import dataclass, replace

from lineage.statements.languages import LANGUAGE, language_of
from lineage.statements.opened import MAY_HOLD, open_up
from lineage.store import Store

_LETTER = r"A-Za-z_\x{80}-\x{10FFFF}"
# A word of two letters or more, or of one letter that cannot begin a literal (E'…', B'…', X'…', U&'…').
_WORD = rf"(?:[{_LETTER}][0-9$@#{_LETTER}]+|[acdf-mo-qstvwyzACDF-MO-QSTVWYZ_\x{{80}}-\x{{10FFFF}}])"
_NAME_OF_DIGITS = r"[0-9]+(?:[A-DF-Za-df-z]|[eE][A-Za-z_])[0-9A-Za-z_$]*"
_MARK = r"\$[0-9A-Za-z_]+|\?[0-9]*|::|:=|:[0-9A-Za-z_]+"
_OPERATOR = r"[,()\[\]{}=<>*+;%^&|!~@-]"
_NUMBER = r"(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_BLANK = r"[ \x01\t\r\n\f\v]"  # with the mark of a literal, chr(1)
_PREFIXED = "[bBxXnN]'(?:[^']|'')*'|[uU]&'(?:[^']|'')*'"
_DOLLARS = r"\$\$.*?\$\$"
_SINGLE = "'(?:[^']|'')*'"
_SINGLE_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_DOUBLE_ESCAPED = r'"(?:[^"\\]|\\.|"")*"'
_NAME = r'"(?:[^"]|"")*"|[uU]&"(?:[^"]|"")*"'
_BACK_NAME = "`(?:[^`]|``)*`"


# Dialects in which comments may be run.
_RUNNING = frozenset({"mysql", "doris", "starrocks", "singlestore"})


def quoted(text: str) -> str:
    """A constant text as SQL."""
    return "'" + text.replace("'", "''") + "'"


# Plain text that holds more than single spaces; that may hold comments or quoted names.
_TO_FOLD = quoted(r'  |[\x01\t\r\n\f\v"`#]|--|//|/\*')
_TO_LOOK_INTO = quoted(r'["`#]|--|//|/\*')


@dataclass(frozen=True)
class Family:
    """Dialects that write texts alike; ``names``, ``comments`` and ``literals`` are regular expressions.

    ``cut``: what begins a literal, a name or a comment that does not end. ``doubling``: double quotes hold
    strings. ``escaping``: a backslash in a string may mean anything. ``odd``: which texts are put in other words first.
    """

    dialects: tuple[str, ...]
    names: str
    comments: str
    literals: tuple[str, ...]
    cut: str
    operators: str = ""
    doubling: bool = False
    escaping: bool = True
    odd: str = MAY_HOLD

    def readable(self, sql: str, dialect: str) -> str:
        """An odd text as the regular expressions can take it apart."""
        opened = open_up(sql, escaping=self.escaping, running=language_of(dialect) in _RUNNING)
        return opened if self.escaping else _plain(opened)

    def tokens(self) -> str:
        """The regular expression that cuts a text; the first alternative that fits wins."""
        plain = (rf"{_BLANK}+", rf"(?:{self.comments})", rf"\.?{_WORD}", _MARK, _NAME_OF_DIGITS, self.names, _OPERATOR)
        more = (self.operators,) if self.operators else ()
        return "(?s)" + "|".join((f"(?:{'|'.join(plain + more)})+", *self.literals, _NUMBER, self.cut, "."))

    def kind(self) -> str:
        """What the token ``t`` is, from how it begins: n number, s string, q "string", e E'string',
        d $$string$$, o another literal (its value is not surely known), c cut off, NULL plain text."""
        known = "CASE WHEN contains(t, chr(92)) THEN 'o' ELSE '{}' END" if self.escaping else "'{}'"
        string, name = known.format("s"), known.format("q") if self.doubling else "NULL"
        if self.doubling:
            tripled = "CASE WHEN length(t) > 5 AND starts_with(t, {}) THEN 'o' ELSE {} END"
            string, name = tripled.format(quoted("'''"), string), tripled.format(quoted('""'), name)
        more = (
            """WHEN substring(t, 2, 1) = '"' THEN 'o' WHEN t[1] = '`' AND NOT contains(t[2:], '`') THEN 'c'"""
            if self.doubling
            else ""
        )
        return f"""CASE
            WHEN ascii(t) = 39 THEN CASE WHEN length(t) < 2 OR right(t, 1) <> '''' THEN 'c'
                ELSE {string} END
            WHEN ascii(t) BETWEEN 46 AND 57 AND ascii(t) <> 47
                THEN CASE WHEN regexp_full_match(t, {quoted(_NUMBER)}) THEN 'n' END
            WHEN ascii(t) > 57 THEN CASE
                WHEN substring(t, 2, 1) = '''' THEN CASE
                    WHEN lower(left(t, 1)) <> 'e' THEN 'o'
                    WHEN regexp_full_match(t, {quoted("(?s)." + _SINGLE_ESCAPED)}) THEN 'e' ELSE 'c' END
                WHEN starts_with(lower(left(t, 3)), 'u&''') THEN 'o' {more} END
            WHEN ascii(t) = 34 THEN CASE WHEN NOT contains(t[2:], '"') THEN 'c' ELSE {name} END
            WHEN starts_with(t, '$$') THEN CASE WHEN length(t) > 3 AND right(t, 2) = '$$' THEN 'd' ELSE 'c' END
            WHEN starts_with(t, '/*') AND NOT contains(t, '*/') THEN 'c' END"""

    def between(self) -> str:
        """Plain text ``x.t`` with each stretch of blanks and comments as one space; quoted names as they are."""
        folded = quoted(f"(?s){self.names}|(?:{_BLANK}|{self.comments})+|.")
        return f"""CASE
            WHEN NOT regexp_matches(x.t, {_TO_FOLD}) THEN x.t
            WHEN NOT regexp_matches(x.t, {_TO_LOOK_INTO})
                THEN regexp_replace(x.t, {quoted(_BLANK + "+")}, ' ', 'g')
            ELSE array_to_string(list_transform(regexp_extract_all(x.t, {folded}), lambda y: CASE
                WHEN ascii(y) IN (1, 9, 10, 11, 12, 13, 32) OR (length(y) > 1 AND ascii(y) IN (35, 45, 47)) THEN ' '
                ELSE replace(y, chr(1), ' ') END), '') END"""


_COMMENTS = r"--[^\r\n]*|/\*.*?\*/"
_SLASHES = rf"{_COMMENTS}|//[^\r\n]*"
_HASHES = rf"{_COMMENTS}|#[^\r\n]*"
# Backslash escapes in every string; double quotes hold names.
_ESCAPING = Family(
    ("snowflake", "redshift", "clickhouse"),
    _NAME, _SLASHES, (_SINGLE_ESCAPED, _PREFIXED, _DOLLARS), r"(?:['\"]|\$\$|/\*).*", "[#`]",
)  # fmt: skip
# The same, and double quotes hold strings, back quotes names.
_DOUBLING = Family(
    ("mysql", "bigquery", "hive", "spark", "spark2", "databricks", "doris", "starrocks", "singlestore", "drill"),
    _BACK_NAME,
    _HASHES,
    ("'''.*?'''", '""".*?"""', "[rR]'[^']*'|[rR]\"[^\"]*\"", _SINGLE_ESCAPED, _DOUBLE_ESCAPED, _PREFIXED),
    r"(?:['\"`]|/\*).*",
    doubling=True,
)
# What a regular expression cannot find the end of: $tag$…$tag$ and comments inside comments.
_TAG = rf"\$[{_LETTER}][0-9{_LETTER}]*\$"
_NESTED = r"/\*(?:[^*]|\*+[^*/])*?/\*"
# Every other dialect.
_STANDARD = Family(
    (),
    _NAME, _COMMENTS, (_SINGLE, "[eE]" + _SINGLE_ESCAPED, _PREFIXED, _DOLLARS), r"(?:[eE]?'|\"|\$\$|/\*).*", "[#`]",
    escaping=False, odd=f"{MAY_HOLD}|{_TAG}|{_NESTED}",
)  # fmt: skip
# The same, and brackets hold names too.
_BRACKETED = replace(_STANDARD, dialects=("tsql", "fabric", "sqlite"), names=rf"{_NAME}|\[[^\[\]]*\]")

_BEFORE = re.compile(
    rf"(?:[eE]{_SINGLE_ESCAPED}|{_SINGLE}|{_NAME}|--[^\r\n]*|[{_LETTER}][0-9$@#{_LETTER}]*|{_DOLLARS}"
    rf"|[^'\"/${_LETTER}])*".replace(r"\x{80}-\x{10FFFF}", "\x80-\U0010ffff"),
    re.DOTALL,
)
_TAGGED = re.compile(_TAG.replace(r"\x{80}-\x{10FFFF}", "\x80-\U0010ffff"))
_BOUND = re.compile(r"/\*|\*/")

LANGUAGES = f"SELECT DISTINCT {LANGUAGE} FROM statement_told"
TEXTS = f"""
CREATE OR REPLACE TEMP TABLE statement_text AS
SELECT statement, dialect, statement AS text FROM statement_told
WHERE list_contains($languages, {LANGUAGE})
"""
ODD = "SELECT DISTINCT statement, dialect FROM statement_text WHERE regexp_matches(statement, {odd})"
PLAIN = """
UPDATE statement_text SET text = p.text
FROM (SELECT unnest($statements) AS statement, unnest($dialects) AS dialect, unnest($texts) AS text) p
WHERE p.statement = statement_text.statement AND p.dialect = statement_text.dialect
"""

# Tokens with their kinds; then texts with a mark, chr(1), for each literal; then the marks numbered.
TOKENS = """
CREATE OR REPLACE TEMP TABLE statement_token AS
SELECT statement, dialect,
       list_transform(regexp_extract_all(text, {regex}), lambda t: {{'t': t, 'k': {kind}}}) AS tokens
FROM statement_text
"""
MARKED = """
CREATE OR REPLACE TEMP TABLE statement_marked AS
SELECT statement, dialect, tokens, array_to_string(list_transform(tokens, lambda x: CASE
    WHEN x.k IS NULL THEN {between}
    WHEN x.k = 'n' THEN chr(1)
    WHEN x.k = 'c' THEN ''''
    WHEN x.k = 'o' THEN regexp_extract(upper(x.t), '^(U&|[BNX])') || '''' || chr(1) || ''''
    ELSE '''' || chr(1) || '''' END), '') AS marked
FROM statement_token
"""
NUMBERED = """
INSERT INTO statement_apart
SELECT statement, dialect, array_to_string(list_transform(string_split(trim(marked), chr(1)),
    lambda piece, i: CASE WHEN i = 1 THEN piece ELSE (i - 2) || piece END), ''), tokens
FROM statement_marked
"""
APART = """
CREATE OR REPLACE TEMP TABLE statement_apart
(statement VARCHAR, dialect VARCHAR, shape VARCHAR, tokens STRUCT(t VARCHAR, k VARCHAR)[])
"""

# E'…': only escapes that mean one character surely.
_UNESCAPED = r"""CASE
    WHEN NOT contains(x.t, chr(92)) THEN replace(x.t[3:-2], '''''', '''')
    WHEN NOT regexp_matches(x.t[3:-2], '\\[0-7xuU]') THEN array_to_string(list_transform(
        regexp_extract_all(x.t[3:-2], '(?s)[^''\\]+|''''|\\.'), lambda y: CASE
        WHEN y = '''''' THEN ''''
        WHEN left(y, 1) <> chr(92) THEN y
        ELSE CASE right(y, 1) WHEN 'n' THEN chr(10) WHEN 't' THEN chr(9) WHEN 'r' THEN chr(13)
            WHEN 'b' THEN chr(8) WHEN 'f' THEN chr(12) ELSE right(y, 1) END END), '') END"""
# The literals of ``tokens`` whose numbers (from 0) are in ``kept``, NULL in the place of the others.
LITERALS = f"""list_transform(list_filter(tokens, lambda x: x.k <> 'c'), lambda x, i: CASE
    WHEN NOT list_contains(kept, i - 1) THEN NULL
    WHEN x.k = 'n' THEN '{{"n":"' || replace(x.t, '_', '') || '"}}'
    WHEN x.k <> 'o' THEN '{{"s":' || to_json(CASE x.k
        WHEN 's' THEN replace(x.t[2:-2], '''''', '''')
        WHEN 'q' THEN replace(x.t[2:-2], '""', '"')
        WHEN 'd' THEN x.t[3:-3]
        ELSE {_UNESCAPED} END) || '}}' END)"""


def take_apart(store: Store) -> None:
    """Fill ``statement_apart`` (statement, dialect, shape, tokens) from ``statement_told`` (statement, dialect)."""
    store.run(APART)
    languages = {language for (language,) in store.rows(LANGUAGES)}
    for family in (_ESCAPING, _DOUBLING, _BRACKETED, _STANDARD):
        spoken = languages & set(family.dialects) if family.dialects else languages
        languages = languages - spoken
        if not spoken:
            continue
        store.run(TEXTS, languages=sorted(spoken))
        if odd := store.rows(ODD.format(odd=quoted(family.odd))):
            statements, dialects = zip(*odd, strict=True)
            texts = [family.readable(*one) for one in odd]
            store.run(PLAIN, statements=list(statements), dialects=list(dialects), texts=texts)
        store.run(TOKENS.format(regex=quoted(family.tokens()), kind=family.kind()))
        store.run(MARKED.format(between=family.between()))
        store.run(NUMBERED)


def _plain(sql: str) -> str:
    """The same statement without tagged strings and without comments inside comments."""
    done, place = [], 0
    while place < len(sql):
        end = before.end() if (before := _BEFORE.match(sql, place)) else place
        done.append(sql[place:end])
        place = end
        tag = _TAGGED.match(sql, place)
        close = sql.find(tag[0], tag.end()) if tag else -1
        if sql.startswith("/*", place):
            done.append(" ")
            place = _comment_end(sql, place)
            if place < 0:
                return "".join(done) + "'"
        elif tag and close >= 0:
            done.append("'" + sql[tag.end() : close].replace("'", "''") + "'")
            place = close + len(tag[0])
        elif tag or sql[place : place + 1] in ("'", '"'):
            return "".join(done) + "'"
        else:
            done.append(sql[place : place + 1])
            place += 1
    return "".join(done)


def _comment_end(sql: str, place: int) -> int:
    """Where the comment that begins here ends, with those inside it; -1 where it does not."""
    depth = 0
    for bound in _BOUND.finditer(sql, place):
        depth += 1 if bound[0] == "/*" else -1
        if not depth:
            return bound.end()
    return -1
