r"""Values in replays: literals, bound values and attributes as SQL, each with what is known of it.

A value is STRUCT(k, v, c, n, i, w):

k   its kind: ``s`` text, ``e`` text that is a date as ISO writes it, ``d`` text that may be of a type whose values
    are written in several ways (a time, an address, a list …; ``D`` where a statement tells it: beside a date a source
    may take the date alone of it), ``n`` number, ``b`` boolean (``B`` where it is a number to the source), ``t``
    instant, ``k`` an entry's key that is a plain integer, ``K`` another key, ``u`` an untyped bound value that is a
    number, ``v`` another, ``z`` NULL, ``?`` not known
v   its text as told
c   a text that two values share if one could be written as the other: numbers without idle zeros, UUIDs without
    hyphens, addresses of one host without its mask, a boolean's words as 1 and 0, and texts without case, accents
    and what else makes a letter of another (a column may ignore them), and blanks at their end
n   the number, exactly; i, w: the instant in microseconds, and how far it may be off, because no time zone
    was told with it
"""

from dataclasses import dataclass

from sqlglot import exp

from lineage.statements.families import quoted

NOT_KNOWN = "{'k': '?', 'v': '', 'c': '', 'n': NULL::DECIMAL(38,10), 'i': NULL::BIGINT, 'w': NULL::BIGINT}"
NULL = NOT_KNOWN.replace("'?'", "'z'", 1)
TEXTS = "('s', 'e', 'd', 'D', 'k', 'K', 'u', 'v')"
BOOLEANS = "('t', 'f', 'true', 'false')"
_YES = "('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on')"
_NO = "('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off')"
# Pairs of kinds whose equality is decided by `c` (and by `v`, where `c` agrees). All others are UNKNOWN.
_DECIDED = [
    *("nn", "nk", "nu", "ss", "sk", "sK", "su", "sv", "kk", "kK", "KK"),
    *("ku", "kv", "Ku", "Kv", "bb", "BB", "ee", "ek", "eK"),
]
DECIDED = tuple(sorted({pair for one in _DECIDED for pair in (one, one[::-1])}))
# Pairs whose order is that of their numbers.
NUMERIC = ("nn", "nk", "kn", "nu", "un")
KINDS = "snbBtkKuvedD?"

_NUMBER = r"\s*[+-]?([0-9]{1,28}(\.[0-9]{0,10})?|\.[0-9]{1,10})([eE]\+?[0-9]{1,2})?\s*"
# One that may have more digits than are held exactly here, and be written otherwise.
_INEXACT = r"\s*[+-]?([0-9]*\.[0-9]+|[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+|(?i:infinity))\s*"
_UUID = r"\s*\{?[0-9A-Fa-f]{4}(-?[0-9A-Fa-f]{4}){7}\}?\s*"
_HOST = r"((0|[1-9][0-9]{0,2})\.){3}(0|[1-9][0-9]{0,2})(/32)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# What begins, or is, a text of a type whose values are written in several ways: dates, times and spans, networks,
# lists, ranges, documents and bytes, money.
_ODDLY = (
    r"^\s*([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}"
    r"|[-+]?[0-9]{1,3}:[0-9]{2}|[-+]?[0-9]+ (year|mon|day)"
    r"|[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]+)?\s*$|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(/[0-9]+)?\s*$"
    r"|[\[{]|\([^()]*,|\(\(|'[^']*'|\"[^\"]*\"|\\x|[-+]?[$€£¥])"
)
_TIME = rf"({_DATE}(?:[ T][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,6}})?)?)?)"
_OFFSET = r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2})?)"
_INSTANT = rf"^{_TIME} ?{_OFFSET}?$"
# Letters that a collation may take for others, beside those with accents.
_FOLDED = (
    "translate(replace(replace(replace(lower(strip_accents(rtrim(z.t))), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),"
    " 'øđłðı\u03c2', 'odldi\u03c3')"
)
# No zone is further from UTC than 14 hours.
SLACK = 15 * 3_600_000_000
DAY = 24 * 3_600_000_000


@dataclass(frozen=True)
class Reading:
    """How a source has values. ``unclear``: of which (z) it is not known what they are, as SQL; ``boolean``: b or B."""

    unclear: str = "false"
    boolean: str = "b"


PLAIN = Reading()


def valued(raw: str, reading: Reading = PLAIN, oddly: str = "d") -> str:
    """A list of structs of a list of raw values {k, t} as SQL.

    The raw kinds are those of encoded values (s n b u z), and K (a key), t (an instant) and ?. ``oddly``: d or D. Step
    by step, since each repeats what the one before found: the exact number (else NULL), whether it may be written
    otherwise, and what of it is an instant.
    """
    is_date = f"regexp_full_match(z.t, {quoted(_DATE)})"
    far = "(coalesce(TRY_CAST(z.o.hour AS BIGINT), 0) * 60 + coalesce(TRY_CAST(z.o.minute AS BIGINT), 0))"
    struct = f"""{{
        'k': CASE WHEN {reading.unclear} THEN '?' ELSE CASE z.k
            WHEN 'n' THEN CASE WHEN z.n IS NULL THEN '?' ELSE 'n' END
            WHEN 's' THEN CASE WHEN NOT z.d THEN 's' WHEN {is_date} THEN 'e' ELSE '{oddly}' END
            WHEN 'u' THEN CASE WHEN z.d THEN CASE WHEN {is_date} THEN 'e' ELSE '{oddly}' END
                WHEN z.n IS NULL THEN 'v' ELSE 'u' END
            WHEN 'K' THEN CASE WHEN regexp_full_match(z.t, '0|-?[1-9][0-9]{{0,27}}') THEN 'k' ELSE 'K' END
            WHEN 'b' THEN '{reading.boolean}' WHEN 't' THEN 't' WHEN 'z' THEN 'z' ELSE '?' END END,
        'v': coalesce(z.t, ''),
        'c': coalesce(CASE
            WHEN z.n IS NOT NULL THEN regexp_replace(z.n::VARCHAR, '\\.?0+$', '')
            WHEN regexp_full_match(z.t, {quoted(_UUID)}) THEN lower(regexp_replace(z.t, '[^0-9A-Fa-f]', '', 'g'))
            WHEN z.h THEN split_part(z.t, '/', 1)
            WHEN z.k <> 'b' AND lower(trim(z.t)) IN {_YES} THEN '1'
            WHEN z.k <> 'b' AND lower(trim(z.t)) IN {_NO} THEN '0'
            WHEN regexp_full_match(z.t, '[[:ascii:]]*') THEN lower(rtrim(z.t))
            ELSE {_FOLDED} END, ''),
        'n': CASE WHEN z.k IN ('n', 'u', 'K') THEN z.n END,
        'i': CASE WHEN z.k IN ('s', 'u', 't') AND z.d THEN epoch_us(TRY_CAST(z.o.time AS TIMESTAMP))
            - CASE z.o.sign WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END * {far} * 60000000 END,
        'w': CASE WHEN z.o.z = 'Z' OR z.k = 't' THEN 0 WHEN z.o.sign = '' THEN {SLACK} ELSE {far} * 60000000 END}}"""
    number = (
        f"CASE WHEN y.k IN ('n', 's', 'u', 'K') AND regexp_full_match(y.t, {quoted(_NUMBER)})"
        " THEN TRY_CAST(y.t AS DECIMAL(38,10)) END"
    )
    host = f"regexp_full_match(y.t, {quoted(_HOST)})"
    found = (
        f"{{'k': y.k, 't': y.t, 'n': {number}, 'h': {host},"
        f" 'd': (regexp_matches(y.t, {quoted(_ODDLY)}) AND NOT {host})"
        f" OR (regexp_full_match(y.t, {quoted(_INEXACT)}) AND {number} IS NULL),"
        f" 'o': regexp_extract(y.t, {quoted(_INSTANT)}, ['time', 'z', 'sign', 'hour', 'minute'])}}"
    )
    return f"list_transform(list_transform({raw}, lambda y: {found}), lambda z: {struct})"


def cast_otherwise(text: str) -> str:
    """Whether a text may be of a type that a cast to text writes otherwise: a boolean, an address with its mask."""
    return f"regexp_full_match({text}, {quoted(rf'(?i:t|f|true|false)|{_HOST}')})"


def told_values(names: dict[str, str], reading: Reading) -> tuple[str, str]:
    """SELECT lists that turn encoded values (name -> SQL of the JSON text) into structs, in two steps."""
    if not names:
        return "", ""
    listed = ", ".join(names.values())
    first = f",\n    {told_list(f'[{listed}]', reading)} AS told"
    return first, "".join(f", told[{place}] AS {name}" for place, name in enumerate(names, 1))


def told_list(encoded: str, reading: Reading) -> str:
    """A list of encoded values, as a list of structs."""
    told = f"list_transform({encoded}, lambda x: TRY_CAST(x AS JSON))"
    plain = "{'k': json_keys(x)[1], 't': json_extract_string(x, '$.' || json_keys(x)[1])}"
    return valued(f"list_transform({told}, lambda x: {plain})", reading, "D")


def array(source: str) -> str:
    """The items of a plain array text (``{a,"b c",NULL}``), untyped; NULL where it is not plain."""
    told = f"json_extract_string(TRY_CAST({source} AS JSON), ['$.u', '$.s', '$.a'])"
    text = f"list_filter({told}, lambda x: x IS NOT NULL)[1]"
    item = r'("[^"\\]*"|[^,"{}\\\s][^,"{}\\]*)'
    plain = quoted(rf"\{{({item}(,{item})*)?\}}")
    bare = "CASE WHEN starts_with(x, '\"') THEN x[2:-2] ELSE x END"
    kind = "CASE WHEN upper(x) = 'NULL' THEN 'z' ELSE 'u' END"
    raw = f"list_transform(regexp_extract_all({text}[2:-2], {quoted(item)}), lambda x: {{'k': {kind}, 't': {bare}}})"
    return f"CASE WHEN regexp_full_match({text}, {plain}) THEN {valued(raw, oddly='D')} END"


# What an attribute is, as JSON ``x.j`` (NULL where it is not held; ``x.y``: then it is the key). A number with
# more digits than a double holds may have lost some when it was read.
_HELD = """{
        'k': CASE WHEN x.j IS NULL THEN CASE WHEN x.y THEN 'K' ELSE '?' END ELSE CASE json_type(x.j)
            WHEN 'VARCHAR' THEN 's' WHEN 'BOOLEAN' THEN 'b' WHEN 'NULL' THEN 'z' WHEN 'ARRAY' THEN '?'
            WHEN 'OBJECT' THEN CASE WHEN x.j->>'$.t' IS NULL THEN '?' ELSE 't' END
            WHEN 'DOUBLE' THEN CASE WHEN length(x.j->>'$') > 16 AND contains(x.j->>'$', '.') THEN '?' ELSE 'n' END
            ELSE 'n' END END,
        't': CASE WHEN x.j IS NULL THEN CASE WHEN x.y THEN key END
            WHEN json_type(x.j) = 'OBJECT' THEN x.j->>'$.t' ELSE x.j->>'$' END}"""


def held_values(names: dict[str, tuple[str, ...]], reading: Reading) -> tuple[str, str]:
    """The same for attributes of entries: name -> the spellings under which the attribute may be held."""
    if not names:
        return "", ""
    told, keys = [], []
    for name, spellings in names.items():
        found = [f"json_extract(attributes, {_pointer(one)})" for one in spellings]
        is_key = f"coalesce(key_field IN ({', '.join(map(quoted, spellings))}), false)"
        told.append(f"{{'j': coalesce({', '.join(found)}), 'y': {is_key}}}")
        keys.append(f",\n    {is_key} AS {name}_is_key")
    held = f"list_transform([{', '.join(told)}], lambda x: {_HELD})"
    first = f",\n    {valued(held, reading)} AS held" + "".join(keys)
    return first, "".join(f", held[{place}] AS {name}, {name}_is_key" for place, name in enumerate(names, 1))


def _pointer(name: str) -> str:
    """A JSON pointer as SQL: it can hold any name."""
    return quoted("/" + name.replace("~", "~0").replace("/", "~1"))


def literal_index(node: exp.Expr) -> int | None:
    """The number of the literal that a placeholder stands for."""
    if isinstance(node, exp.Literal) and str(node.this).isdecimal():
        return int(node.this)
    return None


def bound_index(node: exp.Expr) -> int | None:
    """The number of the bound value that a mark stands for, from 1; None where only its name is told."""
    if isinstance(node, exp.Parameter):
        given = node.this
        text = str(given.this) if isinstance(given, exp.Literal) else ""
        return int(text) if text.isdecimal() else None
    if isinstance(node, exp.Placeholder):
        name = str(node.this or "")
        return int(name[6:]) if name.startswith("bound_") and name[6:].isdecimal() else None
    return None


def bound_name(node: exp.Expr) -> str | None:
    """The name of the bound value that a mark stands for; None for what is no mark, or a number of one."""
    if isinstance(node, exp.Parameter):
        return node.name if isinstance(node.this, exp.Var) else None
    if isinstance(node, exp.Placeholder) and bound_index(node) is None:
        return node.name or None
    return None


def called(name: str) -> str:
    """The bound value of a name, as SQL: those that are told by name are objects of it and the value."""
    same = f"list_filter(bound, lambda q: lower(json_extract_string(q, '$.name')) = {quoted(name.lower())})"
    return f"CASE WHEN len({same}) = 1 THEN json_extract({same}[1], '$.value') END"
