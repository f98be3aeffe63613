r"""How dialects write texts: which of their characters are names, marks of bound values, literals and comments.

One regular expression for each family of dialects cuts a text into literals and what lies between them; where texts
stand in them that it finds no end of, they are put in other words first.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from string import ascii_letters

from lineage.statements.languages import language_of
from lineage.statements.opened import MAY_HOLD, open_up
from lineage.statements.respelled import respelled

_LETTER = r"A-Za-z_\x{80}-\x{10FFFF}"
# `t.1` and `db.2020_people` hold no number; a colon after a name is not that of a mark (`:1`).
_PATH = r"\.[0-9][0-9A-Za-z_$]*"
_TAIL = rf"(?:{_PATH})*:?"
# A word of two letters or more, or of one letter that cannot begin a literal (E'…', B'…', X'…', U&'…').
_WORD = (
    rf"\.?(?:[{_LETTER}][0-9$@#{_LETTER}]+|[acdf-mo-qstvwyzACDF-MO-QSTVWYZ_\x{{80}}-\x{{10FFFF}}]){_TAIL}"
    rf"|[benruxBENRUX](?:(?:{_PATH})+:?|:)"
)
_COLON_MARK = r"\?[0-9]*|::|:=|/?:[0-9A-Za-z_]+"
_MARK = rf"\$[0-9A-Za-z_]+|{_COLON_MARK}"
_OPERATOR = rf"[,({{}}=<>*+;%^&|!~@-]|\[|[)\]](?:{_PATH})?:?"
_DIGITS = "[0-9]+(?:_[0-9]+)*"
_NUMBER = rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
_PLAIN_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# Bytes, and whole numbers to other bases.
_BASED = r"0(?:[xX][0-9A-Fa-f_]*|[bB][01_]*|[oO][0-7_]*)"
BLANK = r"[ \x01\t\r\n\f\v]"  # with the mark of a literal, chr(1)
_PREFIXED = "[bBxXnN]'(?:[^']|'')*'|[uU]&'(?:[^']|'')*'"
_DOLLARS = r"\$\$.*?\$\$"
_SINGLE = "'(?:[^']|'')*'"
SINGLE_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_DOUBLE_ESCAPED = r'"(?:[^"\\]|\\.|"")*"'
_NAME = rf'(?:"(?:[^"]|"")*"|[uU]&"(?:[^"]|"")*"){_TAIL}'
_BACK_NAME = rf"`(?:[^`]|``)*`{_TAIL}"
_BLOCK = r"/\*.*?\*/"
_NESTED = r"/\*(?:[^*]|\*+[^*/])*?/\*"
_LINE = r"--[^\r\n]*"
_TAG = rf"\$[{_LETTER}][0-9{_LETTER}]*\$"
# Dialects in which comments may be run.
_RUNNING = frozenset({"mysql", "doris", "starrocks", "singlestore"})


def quoted(text: str) -> str:
    """A constant text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _numbered(more: str = "", suffixes: str = "", beyond: tuple[str, ...] = ()) -> str:
    """Names that begin with digits: no number with an exponent, to another base, or with a letter of ``suffixes``.
    ``more``: what beside letters may follow the digits; ``beyond``: so may these, whatever the suffixes."""
    word, rest = "[0-9A-Za-z_$]*", "[0-9A-Za-z_$]"

    def letters(without: str) -> str:
        return "[" + "".join(one for one in ascii_letters if one.lower() not in without) + more + "]"

    kept = "e" + suffixes + ("b" if beyond else "")
    ends = ["[eE][A-Za-z_]", *(f"[{one}{one.upper()}]{rest}" for one in suffixes), *beyond]
    return "|".join(
        (
            rf"(?:[1-9][0-9]*|0[0-9]+)(?:{'|'.join((letters(kept), *ends))}){word}",
            rf"0(?:{'|'.join((letters(kept + 'xbo'), *ends))}){word}",
            rf"0(?:[xX][0-9A-Fa-f_]*[G-Zg-z$]|[bB][01_]*[2-9A-Za-z$]|[oO][0-7_]*[89A-Za-z$]){word}",
        )
    )


@dataclass(frozen=True)
class Family:
    """Dialects that write texts alike; all that is a text here is a regular expression, but ``dialects``.

    ``line``: comments to the end of the line. ``cut``: what begins a literal, a name or a comment that does not end.
    ``numbered``: names that begin with digits; ``named``: other names that are read before words. ``suffixed``: other
    numbers. ``opening``: what begins literals that are put in other words first. ``doubling``: double quotes hold
    strings; ``tripling``: so do three quotes. ``escaping``: a backslash in a string may mean anything. ``nests``:
    comments stand in comments.
    """

    dialects: tuple[str, ...]
    names: str
    line: str
    literals: tuple[str, ...]
    cut: str
    operators: str = ""
    marks: str = _MARK
    named: str = ""
    numbered: str = _numbered()
    number: str = _NUMBER
    suffixed: str = _BASED
    opening: str = ""
    doubling: bool = False
    tripling: bool = False
    escaping: bool = True
    nests: bool = False

    @property
    def comments(self) -> str:
        return f"{self.line}|{_BLOCK}"

    def odd(self) -> str:
        """Which texts are put in other words first."""
        minus = ["--[^ \t\r\n-]"] if "mysql" in self.dialects else []
        return "|".join((MAY_HOLD, *filter(None, (self.opening, _NESTED if self.nests else "")), *minus))

    def readable(self, sql: str, dialect: str) -> str:
        """An odd text as the regular expressions can take it apart."""
        language = language_of(dialect)
        running = language in _RUNNING
        opened = open_up(sql, escaping=self.escaping, running=running, spaced=language == "mysql")
        if not self.opening and not self.nests:
            return opened
        return respelled(opened, self._stands, self._opening, nests=self.nests, escaping=self.escaping)

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        return _python(self.opening or "(?!)")

    @cached_property
    def _stands(self) -> re.Pattern[str]:
        word = rf"(?!{self.opening})[{_LETTER}][0-9$@#{_LETTER}]*"
        other = rf"[^'\"/${_LETTER}]"
        return _python(f"(?:{'|'.join((*self.literals, self.names, self.line, word, other))})*")

    def tokens(self) -> str:
        """The regular expression that cuts a text; the first alternative that fits wins. (A colon after a literal is
        not that of a mark.)"""
        plain = (
            rf"{BLANK}+", rf"(?:{self.comments})", self.named, _WORD, self.marks, self.numbered, self.names, _OPERATOR,
            self.operators,
        )  # fmt: skip
        between = f"(?:{'|'.join(filter(None, plain))})+"
        return "(?s)" + "|".join((":", between, *self.literals, self.suffixed, self.number, self.cut, "."))

    def kind(self) -> str:
        """What the token ``t`` is, from how it begins: n number, s string, q "string", e E'string',
        d $$string$$, o another literal (its value is not surely known), c cut off, NULL plain text."""
        known = "CASE WHEN contains(t, chr(92)) THEN 'o' ELSE '{}' END" if self.escaping else "'{}'"
        string, name = known.format("s"), known.format("q") if self.doubling else "NULL"
        if self.tripling:
            tripled = (
                "CASE WHEN length(t) > 2 AND starts_with(t, {0})"
                " THEN CASE WHEN length(t) > 5 AND ends_with(t, {0}) THEN 'o' ELSE 'c' END ELSE {1} END"
            )
            string, name = tripled.format(quoted("'''"), string), tripled.format(quoted('"""'), name)
        more = (
            """WHEN substring(t, 2, 1) = '"' THEN 'o' WHEN t[1] = '`' AND NOT contains(t[2:], '`') THEN 'c'"""
            if self.doubling
            else ""
        )
        money = f"WHEN regexp_full_match(t, {quoted(_MONEY)}) THEN 'o'" if _MONEY in self.literals else ""
        return f"""CASE
            WHEN ascii(t) = 39 THEN CASE WHEN length(t) < 2 OR right(t, 1) <> '''' THEN 'c'
                ELSE {string} END
            WHEN ascii(t) BETWEEN 46 AND 57 AND ascii(t) <> 47
                THEN CASE WHEN regexp_full_match(t, {quoted(self.number)}) THEN 'n'
                    WHEN regexp_full_match(t, {quoted(self.suffixed)}) THEN 'o' END
            WHEN ascii(t) > 57 THEN CASE
                WHEN substring(t, 2, 1) = '''' THEN CASE
                    WHEN lower(left(t, 1)) <> 'e' THEN 'o'
                    WHEN regexp_full_match(t, {quoted("(?s)." + SINGLE_ESCAPED)}) THEN 'e' ELSE 'c' END
                WHEN starts_with(lower(left(t, 3)), 'u&''') THEN 'o' {more} END
            WHEN ascii(t) = 34 THEN CASE WHEN NOT contains(t[2:], '"') THEN 'c' ELSE {name} END
            WHEN starts_with(t, '$$') THEN CASE WHEN length(t) > 3 AND right(t, 2) = '$$' THEN 'd' ELSE 'c' END
            {money}
            WHEN starts_with(t, '/*') AND NOT contains(t, '*/') THEN 'c' END"""


def _python(pattern: str) -> re.Pattern[str]:
    """A regular expression of the engine as one of Python."""
    return re.compile(pattern.replace(r"\x{80}-\x{10FFFF}", "\x80-\U0010ffff"), re.DOTALL)


_MONEY = r"\$(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_HASHES = rf"{_LINE}|#[^\r\n]*"
_STRINGS = (SINGLE_ESCAPED, _DOUBLE_ESCAPED, _PREFIXED)
# Backslash escapes in every string; double quotes hold names.
_ESCAPING = Family(
    ("snowflake",),
    _NAME, rf"{_LINE}|//[^\r\n]*", (SINGLE_ESCAPED, _PREFIXED, _DOLLARS), r"(?:['\"]|\$\$|/\*).*", "[#`]",
)  # fmt: skip
_REDSHIFT = replace(_ESCAPING, dialects=("redshift",), opening=_TAG)
_CLICKHOUSE = replace(
    _REDSHIFT, dialects=("clickhouse",), names=f"{_NAME}|{_BACK_NAME}", line=rf"{_LINE}|#[ !][^\r\n]*"
)
# The same, and double quotes hold strings, back quotes names; names may begin with digits.
_DOUBLING = Family(
    ("mysql", "doris", "starrocks", "singlestore", "drill"),
    _BACK_NAME, _HASHES, _STRINGS, r"(?:['\"`]|/\*).*",
    numbered=_numbered("_"), number=_PLAIN_NUMBER, doubling=True,
)  # fmt: skip
_HIVE = replace(
    _DOUBLING,
    dialects=("hive", "spark", "spark2", "databricks"),
    literals=("[rR]'[^']*'|[rR]\"[^\"]*\"", *_STRINGS),
    numbered=_numbered("_", "lsydf", ("[bB](?:[0-9ACE-Zace-z_$]|[dD][0-9A-Za-z_$])",)),
    suffixed=rf"{_PLAIN_NUMBER}(?:[bB][dD]|[LSYDFlsydf])|{_BASED}",
)
# Names with hyphens stand where a table does, and may hold digits. (`a IS DISTINCT FROM b-1` names none.)
_BEFORE_TABLE = (
    rf"(?:(?:DELETE|INSERT|MERGE)(?:{BLANK}+(?:FROM|INTO))?|(?:TABLE|VIEW)(?:{BLANK}+IF(?:{BLANK}+NOT)?{BLANK}+EXISTS)?"
    "|FROM|JOIN|INTO|UPDATE|USING|LIKE|COPY|CLONE)"
)
_HYPHENED = "[A-Za-z_](?:[.-]?[0-9A-Za-z_])*"
_MANY = rf"{_HYPHENED}(?:{BLANK}+(?:(?i:AS){BLANK}+)?[A-Za-z_][0-9A-Za-z_]*)?"
_BIGQUERY = replace(
    _DOUBLING,
    dialects=("bigquery",),
    literals=(
        r"[bBrR]?(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\")",
        "'''.*", '""".*',
        r"[bBrR](?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")",
        *_STRINGS,
    ),
    named=rf"(?i:DISTINCT{BLANK}+FROM){BLANK}"
    rf"|(?i:{_BEFORE_TABLE}){BLANK}+{_MANY}(?:{BLANK}*,{BLANK}*{_MANY})*"
    r"|[A-Za-z_][0-9A-Za-z_]*(?:-[0-9A-Za-z_]+)*-[0-9]+\.[A-Za-z_]",
    tripling=True,
)  # fmt: skip
# Every other dialect.
_STANDARD = Family(
    (),
    _NAME, _LINE, (_SINGLE, "[eE]" + SINGLE_ESCAPED, _PREFIXED, _DOLLARS), r"(?:[eE]?'|\"|\$\$|/\*).*", "[#`]",
    opening=_TAG, escaping=False, nests=True,
)  # fmt: skip
_DREMIO = replace(_STANDARD, dialects=("dremio",), line=rf"{_LINE}|//[^\r\n]*")
_ORACLE = replace(
    _STANDARD,
    dialects=("oracle",),
    numbered=_numbered("", "df"),
    suffixed=rf"{_NUMBER}[fFdD]|{_BASED}",
    opening="[nN]?[qQ]'(?P<mark>.)",
    nests=False,
)
# The same, and brackets hold names too.
_SQLITE = replace(_STANDARD, dialects=("sqlite",), names=rf"{_NAME}|(?:\[[^\[\]]*\]){_TAIL}", nests=False)
_TSQL = replace(
    _SQLITE, dialects=("tsql", "fabric"), literals=(*_STANDARD.literals, _MONEY), marks=_COLON_MARK, nests=True
)
# The last one is every other dialect's.
FAMILIES = (_ESCAPING, _REDSHIFT, _CLICKHOUSE, _DOUBLING, _HIVE, _BIGQUERY, _DREMIO, _ORACLE, _SQLITE, _TSQL, _STANDARD)
