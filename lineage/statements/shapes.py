r"""Statements without their values: the shape of an SQL text and the literals taken out of it.

``MACROS`` defines, for one DuckDB connection, two scalar macros (and the pieces they are made of):

``statement_shape(sql [, dialect])``
    the text with each literal replaced by its own number, in its own kind (``a = 'x' AND b > 7``
    becomes ``a = '0' AND b > 1``), comments dropped and white space folded. Names, quoted or not, and
    marks of bound values (``$1``, ``?``, ``:name``, ``%(name)s``) stay as they are. A text that ends
    inside a string, a quoted name or a comment was cut off: its shape holds a lone quote, which no
    parser takes, so nothing is concluded from what is left of it.
``statement_literals(sql [, dialect])``
    the values as ``VARCHAR[]``, in the order of those numbers, encoded as ``{"s":"text"}`` or
    ``{"n":"12.5"}``; NULL where the value is not surely known (bit strings, unusual escapes).

How quotes, backslashes and comments are read depends on the dialect; ``postgres`` is the default.
Everything is built from vector functions: one regular expression cuts a text into literals and what
lies between them, so a text of n literals has about 2n + 1 tokens.
"""

_LETTER = r"A-Za-z_\x{80}-\x{10FFFF}"
# A word of two letters or more, or of one letter that cannot begin a literal (E'…', B'…', X'…', U&'…').
_WORD = rf"(?:[{_LETTER}][0-9$@#{_LETTER}]+|[acdf-mo-qstvwyzACDF-MO-QSTVWYZ_\x{{80}}-\x{{10FFFF}}])"
_NAME_OF_DIGITS = r"[0-9]+(?:[A-DF-Za-df-z]|[eE][A-Za-z_])[0-9A-Za-z_$]*"
_MARK = r"\$[0-9A-Za-z_]+|\?[0-9]*|::|:=|:[0-9A-Za-z_]+"
_OPERATOR = r"[,()\[\]{}=<>*+;%^&|!~@-]"
_NUMBER = r"(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_BLANK = r"[ \t\r\n\f\v]"
_PREFIXED = "[bBxXnN]'(?:[^']|'')*'|[uU]&'(?:[^']|'')*'"
_DOLLARS = r"\$\$.*?\$\$"
_SINGLE = "'(?:[^']|'')*'"
_SINGLE_ESCAPED = r"'(?:[^'\\]|\\.|'')*'"
_DOUBLE_ESCAPED = r'"(?:[^"\\]|\\.|"")*"'
_NAME = r'"(?:[^"]|"")*"|[uU]&"(?:[^"]|"")*"'
_BACK_NAME = "`(?:[^`]|``)*`"


def _tokens(names: str, comments: str, literals: tuple[str, ...], cut: str, operators: str = "") -> str:
    """The regular expression of one family of dialects; the first alternative that fits wins."""
    plain = (rf"{_BLANK}+", rf"(?:{comments})", rf"\.?{_WORD}", _MARK, _NAME_OF_DIGITS, names, _OPERATOR)
    more = (operators,) if operators else ()
    return "(?s)" + "|".join((f"(?:{'|'.join(plain + more)})+", *literals, _NUMBER, cut, "."))


_COMMENTS = r"--[^\r\n]*|/\*.*?\*/"
_SLASHES = rf"{_COMMENTS}|//[^\r\n]*"
_HASHES = rf"{_COMMENTS}|#[^\r\n]*"

_STANDARD = _tokens(
    _NAME, _COMMENTS, (_SINGLE, "[eE]" + _SINGLE_ESCAPED, _PREFIXED, _DOLLARS), r"(?:[eE]?'|\"|\$\$|/\*).*", "[#`]"
)
# Backslash escapes in every string; double quotes hold names.
_ESCAPING = _tokens(_NAME, _SLASHES, (_SINGLE_ESCAPED, _PREFIXED, _DOLLARS), r"(?:['\"]|\$\$|/\*).*", "[#`]")
ESCAPING = ("snowflake", "redshift", "clickhouse")
# The same, and double quotes hold strings, back quotes names.
_DOUBLING = _tokens(
    _BACK_NAME,
    _HASHES,
    ("'''.*?'''", '""".*?"""', "[rR]'[^']*'|[rR]\"[^\"]*\"", _SINGLE_ESCAPED, _DOUBLE_ESCAPED, _PREFIXED),
    r"(?:['\"`]|/\*).*",
)
DOUBLING = (
    "mysql", "bigquery", "hive", "spark", "spark2", "databricks", "doris", "starrocks", "singlestore", "drill",
)  # fmt: skip

# What a regular expression cannot find the end of: $tag$…$tag$ and comments inside comments.
_TAG = rf"\$[{_LETTER}][0-9{_LETTER}]*\$"
_NESTED = r"/\*(?:[^*]|\*+[^*/])*?/\*"
_BEFORE = (
    rf"^(?s:[eE]{_SINGLE_ESCAPED}|{_SINGLE}|{_NAME}|--[^\r\n]*|[{_LETTER}][0-9$@#{_LETTER}]*|{_DOLLARS}"
    rf"|[^'\"/${_LETTER}])*"
)
_STEPS_AT_MOST = 500


def _text(value: str) -> str:
    """A constant text as SQL."""
    return "'" + value.replace("'", "''") + "'"


_PLAIN: tuple[str, ...] = (
    # One step: the plain text that comes first, then one bound of a comment or one tagged string.
    f"""CREATE OR REPLACE TEMP MACRO statement_plain_step(s) AS CASE
        WHEN s.rest = '' THEN s
        WHEN s.depth > 0 THEN list_transform(
            [{{opens: strpos(s.rest, '/*'), closes: strpos(s.rest, '*/')}}], lambda f: CASE
            WHEN f.closes = 0 THEN {{done: s.done, rest: '', depth: s.depth}}
            WHEN f.opens > 0 AND f.opens < f.closes
                THEN {{done: s.done, rest: substring(s.rest, f.opens + 2), depth: s.depth + 1}}
            ELSE {{done: s.done, rest: substring(s.rest, f.closes + 2), depth: s.depth - 1}} END)[1]
        ELSE list_transform(list_transform(
            [regexp_extract(s.rest, {_text(_BEFORE)})], lambda p: {{
                done: s.done || p, rest: substring(s.rest, length(p) + 1),
                tag: regexp_extract(substring(s.rest, length(p) + 1), {_text("^" + _TAG)})}}), lambda f: CASE
            WHEN f.rest = '' THEN {{done: f.done, rest: '', depth: 0}}
            WHEN starts_with(f.rest, '/*')
                THEN {{done: f.done || ' ', rest: substring(f.rest, 3), depth: 1}}
            WHEN f.tag <> '' AND strpos(substring(f.rest, length(f.tag) + 1), f.tag) > 0 THEN {{
                done: f.done || '''' || replace(string_split(f.rest, f.tag)[2], '''', '''''') || '''',
                rest: substring(f.rest, 2 * length(f.tag) + length(string_split(f.rest, f.tag)[2]) + 1),
                depth: 0}}
            WHEN f.tag <> '' OR left(f.rest, 1) IN ('''', '"') THEN {{done: f.done, rest: '', depth: 1}}
            ELSE {{done: f.done || left(f.rest, 1), rest: substring(f.rest, 2), depth: 0}} END)[1]
        END""",
    """CREATE OR REPLACE TEMP MACRO statement_plain_end(s) AS
        s.done || CASE WHEN s.depth > 0 THEN '''' ELSE '' END""",
    # The same statement without tagged strings and without comments inside comments.
    f"""CREATE OR REPLACE TEMP MACRO statement_plain(sql) AS CASE
        WHEN NOT regexp_matches(sql, {_text(_TAG)}) AND NOT regexp_matches(sql, {_text(_NESTED)}) THEN sql
        WHEN length(regexp_replace(sql, '[^/$]', '', 'g')) > {_STEPS_AT_MOST} THEN ''''
        ELSE statement_plain_end(list_reduce(
            range(length(regexp_replace(sql, '[^/$]', '', 'g')) + 2)
                .list_transform(lambda i: {{done: '', rest: '', depth: 0}}),
            lambda s, x: statement_plain_step(s), {{done: '', rest: sql, depth: 0}}))
        END""",
)

_TOKENS: tuple[str, ...] = (
    f"""CREATE OR REPLACE TEMP MACRO statement_tokens(sql, dialect) AS CASE
        WHEN dialect IN {ESCAPING} THEN regexp_extract_all(sql, {_text(_ESCAPING)})
        WHEN dialect IN {DOUBLING} THEN regexp_extract_all(sql, {_text(_DOUBLING)})
        ELSE regexp_extract_all(statement_plain(sql), {_text(_STANDARD)}) END""",
    # What a token is, from how it begins: n number, s string, q "string", e E'string', d $$string$$,
    # o another literal, c cut off, NULL plain text.
    f"""CREATE OR REPLACE TEMP MACRO statement_token(token, doubling) AS CASE
        WHEN ascii(token) = 39 THEN CASE WHEN length(token) < 2 OR right(token, 1) <> '''' THEN 'c'
            WHEN doubling AND length(token) > 5 AND starts_with(token, '''''''') THEN 'o' ELSE 's' END
        WHEN ascii(token) BETWEEN 46 AND 57 AND ascii(token) <> 47
            THEN CASE WHEN regexp_full_match(token, {_text(_NUMBER)}) THEN 'n' END
        WHEN ascii(token) > 57 THEN CASE
            WHEN substring(token, 2, 1) = '''' THEN CASE
                WHEN lower(left(token, 1)) <> 'e' THEN 'o'
                WHEN regexp_full_match(token, {_text("(?s)." + _SINGLE_ESCAPED)}) THEN 'e' ELSE 'c' END
            WHEN substring(token, 2, 1) = '"' AND doubling THEN 'o'
            WHEN starts_with(lower(left(token, 3)), 'u&''') THEN 'o'
            WHEN token[1] = '`' AND doubling AND NOT contains(token[2:], '`') THEN 'c' END
        WHEN ascii(token) = 34 THEN CASE
            WHEN NOT contains(token[2:], '"') THEN 'c' WHEN NOT doubling THEN NULL
            WHEN length(token) > 5 AND starts_with(token, '""') THEN 'o' ELSE 'q' END
        WHEN starts_with(token, '$$')
            THEN CASE WHEN length(token) > 3 AND right(token, 2) = '$$' THEN 'd' ELSE 'c' END
        WHEN starts_with(token, '/*') AND NOT contains(token, '*/') THEN 'c'
        END""",
    # Plain text with each stretch of blanks and comments as one space; quoted names as they are.
    f"""CREATE OR REPLACE TEMP MACRO statement_folded(text, names, comments) AS array_to_string(list_transform(
        regexp_extract_all(text, '(?s)' || names || '|(?:{_BLANK}|' || comments || ')+|.'), lambda t: CASE
            WHEN ascii(t) IN (9, 10, 11, 12, 13, 32) OR (length(t) > 1 AND ascii(t) IN (35, 45, 47)) THEN ' '
            ELSE t END), '')""",
    f"""CREATE OR REPLACE TEMP MACRO statement_between(text, dialect) AS CASE
        WHEN NOT regexp_matches(text, '  |[\\t\\r\\n\\f\\v"`#]|--|//|/\\*') THEN text
        WHEN NOT regexp_matches(text, '["`#]|--|//|/\\*') THEN regexp_replace(text, '{_BLANK}+', ' ', 'g')
        WHEN dialect IN {ESCAPING} THEN statement_folded(text, {_text(_NAME)}, {_text(_SLASHES)})
        WHEN dialect IN {DOUBLING} THEN statement_folded(text, {_text(_BACK_NAME)}, {_text(_HASHES)})
        ELSE statement_folded(text, {_text(_NAME)}, {_text(_COMMENTS)}) END""",
)

_SHAPE: tuple[str, ...] = (
    # Each literal is a mark at first; the marks are numbered when the pieces are joined.
    """CREATE OR REPLACE TEMP MACRO statement_mark(token, kind) AS CASE kind
        WHEN 'n' THEN chr(1) WHEN 'c' THEN ''''
        WHEN 'o' THEN CASE upper(left(token, 1)) WHEN 'U' THEN 'U&' WHEN 'B' THEN 'B' WHEN 'X' THEN 'X'
            WHEN 'N' THEN 'N' ELSE '' END || '''' || chr(1) || ''''
        ELSE '''' || chr(1) || '''' END""",
    f"""CREATE OR REPLACE TEMP MACRO statement_marked(sql, dialect) AS trim(array_to_string(list_transform(
        statement_tokens(replace(sql, chr(1), ' '), dialect), lambda t:
            CASE WHEN statement_token(t, dialect IN {DOUBLING}) IS NULL THEN statement_between(t, dialect)
            ELSE statement_mark(t, statement_token(t, dialect IN {DOUBLING})) END), ''))""",
    """CREATE OR REPLACE TEMP MACRO statement_numbered(marked) AS array_to_string(list_transform(
        string_split(marked, chr(1)),
        lambda piece, i: CASE WHEN i = 1 THEN piece ELSE (i - 2) || piece END), '')""",
    """CREATE OR REPLACE TEMP MACRO statement_shape
        (sql) AS statement_numbered(statement_marked(sql, 'postgres')),
        (sql, dialect) AS
            statement_numbered(statement_marked(sql, coalesce(nullif(lower(dialect), ''), 'postgres')))""",
)

_LITERALS: tuple[str, ...] = (
    # E'…': only escapes that mean one character surely.
    r"""CREATE OR REPLACE TEMP MACRO statement_unescaped(body) AS CASE
        WHEN NOT contains(body, chr(92)) THEN replace(body, '''''', '''')
        WHEN regexp_matches(body, '\\[0-7xuU]') THEN NULL
        ELSE array_to_string(list_transform(regexp_extract_all(body, '(?s)[^''\\]+|''''|\\.'), lambda t: CASE
            WHEN t = '''''' THEN ''''
            WHEN left(t, 1) <> chr(92) THEN t
            ELSE CASE right(t, 1) WHEN 'n' THEN chr(10) WHEN 't' THEN chr(9) WHEN 'r' THEN chr(13)
                WHEN 'b' THEN chr(8) WHEN 'f' THEN chr(12) ELSE right(t, 1) END END), '') END""",
    """CREATE OR REPLACE TEMP MACRO statement_value(token, kind, escaping) AS CASE
        WHEN kind = 's' AND NOT (escaping AND contains(token, chr(92)))
            THEN '{"s":' || to_json(replace(token[2:-2], '''''', '''')) || '}'
        WHEN kind = 'n' THEN '{"n":"' || replace(token, '_', '') || '"}'
        WHEN kind = 'q' AND NOT contains(token, chr(92))
            THEN '{"s":' || to_json(replace(token[2:-2], '""', '"')) || '}'
        WHEN kind = 'e' THEN '{"s":' || to_json(statement_unescaped(token[3:-2])) || '}'
        WHEN kind = 'd' THEN '{"s":' || to_json(token[3:-3]) || '}' END""",
    f"""CREATE OR REPLACE TEMP MACRO statement_values(sql, dialect) AS list_transform(
        list_filter(statement_tokens(sql, dialect), lambda t:
            coalesce(statement_token(t, dialect IN {DOUBLING}) <> 'c', false)),
        lambda t: statement_value(t, statement_token(t, dialect IN {DOUBLING}), dialect IN {ESCAPING + DOUBLING}))""",
    """CREATE OR REPLACE TEMP MACRO statement_literals
        (sql) AS statement_values(sql, 'postgres'),
        (sql, dialect) AS statement_values(sql, coalesce(nullif(lower(dialect), ''), 'postgres'))""",
)

MACROS: tuple[str, ...] = _PLAIN + _TOKENS + _SHAPE + _LITERALS
