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

from lineage.statements.families import BLANK, FAMILIES, Family, quoted
from lineage.statements.languages import LANGUAGE
from lineage.store import Store

# Plain text that holds more than single spaces; that may hold comments or quoted names.
_TO_FOLD = quoted(r'  |[\x01\t\r\n\f\v"`#]|--|//|/\*')
_TO_LOOK_INTO = quoted(r'["`#]|--|//|/\*')

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
    for family in FAMILIES:
        spoken = languages & set(family.dialects) if family.dialects else languages
        languages = languages - spoken
        if not spoken:
            continue
        store.run(TEXTS, languages=sorted(spoken))
        if odd := store.rows(ODD.format(odd=quoted(family.odd()))):
            statements, dialects = zip(*odd, strict=True)
            texts = [family.readable(*one) for one in odd]
            store.run(PLAIN, statements=list(statements), dialects=list(dialects), texts=texts)
        store.run(TOKENS.format(regex=quoted(family.tokens()), kind=family.kind()))
        store.run(MARKED.format(between=_between(family)))
        store.run(NUMBERED)


def _between(family: Family) -> str:
    """Plain text ``x.t`` with each stretch of blanks and comments as one space; quoted names as they are."""
    folded = quoted(f"(?s){family.names}|(?:{BLANK}|{family.comments})+|.")
    return f"""CASE
        WHEN NOT regexp_matches(x.t, {_TO_FOLD}) THEN x.t
        WHEN NOT regexp_matches(x.t, {_TO_LOOK_INTO})
            THEN regexp_replace(x.t, {quoted(BLANK + "+")}, ' ', 'g')
        ELSE array_to_string(list_transform(regexp_extract_all(x.t, {folded}), lambda y: CASE
            WHEN ascii(y) IN (1, 9, 10, 11, 12, 13, 32) OR (length(y) > 1 AND ascii(y) IN (35, 45, 47)) THEN ' '
            ELSE replace(y, chr(1), ' ') END), '') END"""
