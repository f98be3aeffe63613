r"""Values in replays: literals, bound values and attributes as SQL, each with what is known of it.

A value is STRUCT(k, v, c, n, i, w):

k   its kind: ``s`` text, ``d`` text that may be a date or time, ``n`` number, ``b`` boolean, ``t`` instant,
    ``k`` an entry's key that is a plain integer, ``K`` another key, ``u`` an untyped bound value that is a
    number, ``v`` another, ``z`` NULL, ``?`` not known
v   its text as told
c   a text that two values share if one could be written as the other: numbers without idle zeros,
    UUIDs without hyphens, texts without blanks at their end
n   the number, exactly; i, w: the instant in microseconds, and how far it may be off, because no time zone
    was told with it
"""

from collections.abc import Iterable

from sqlglot import exp

NOT_KNOWN = "{'k': '?', 'v': '', 'c': '', 'n': NULL::DECIMAL(38,10), 'i': NULL::BIGINT, 'w': NULL::BIGINT}"
NULL = NOT_KNOWN.replace("'?'", "'z'", 1)
TEXTS = "('s', 'd', 'k', 'K', 'u', 'v')"
BOOLEANS = "('t', 'f', 'true', 'false')"
# Pairs of kinds whose equality is decided by `c` (and by `v`, where `c` agrees). All others are UNKNOWN.
_DECIDED = ["nn", "nk", "nu", "ss", "sk", "sK", "su", "sv", "kk", "kK", "KK", "ku", "kv", "Ku", "Kv", "bb"]
DECIDED = tuple(sorted({pair for one in _DECIDED for pair in (one, one[::-1])}))
# Pairs whose order is that of their numbers.
NUMERIC = ("nn", "nk", "kn", "nu", "un")
KINDS = "snbtkKuvd?"

_NUMBER = r"\s*[+-]?([0-9]{1,28}(\.[0-9]{0,10})?|\.[0-9]{1,10})([eE]\+?[0-9]{1,2})?\s*"
_UUID = r"\s*\{?[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}\}?\s*"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE_LIKE = r"^\s*([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4})"
_TIME = rf"({_DATE}(?:[ T][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,6}})?)?)?)"
_OFFSET = r"(?:(Z)|([+-])([0-9]{2}):?([0-9]{2})?)"
_INSTANT = rf"^{_TIME} ?{_OFFSET}?$"
# No zone is further from UTC than 14 hours.
SLACK = 15 * 3_600_000_000


def quoted(text: str) -> str:
    """A constant text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def value(kind: str, text: str, number: str, fold: bool) -> str:
    """The struct of a raw value: ``kind``, ``text`` and ``number`` are SQL; the raw kinds are those of
    encoded values (s n b u z), and K (a key), t (an instant) and ?.

    ``fold``: texts that differ only in case may be equal in this dialect.
    """
    offset = f"regexp_extract({text}, {quoted(_INSTANT)}, ['time', 'z', 'sign', 'hour', 'minute'])"
    far = f"(coalesce(TRY_CAST({offset}.hour AS BIGINT), 0) * 60 + coalesce(TRY_CAST({offset}.minute AS BIGINT), 0))"
    dated = f"regexp_matches({text}, {quoted(_DATE_LIKE)})"
    plain = f"rtrim({text})" if not fold else f"lower(rtrim({text}))"
    return f"""{{
        'k': CASE {kind}
            WHEN 'n' THEN CASE WHEN {number} IS NULL THEN '?' ELSE 'n' END
            WHEN 's' THEN CASE WHEN {dated} AND NOT regexp_full_match({text}, {quoted(_DATE)}) THEN 'd' ELSE 's' END
            WHEN 'u' THEN CASE WHEN {dated} THEN 'd' WHEN {number} IS NULL THEN 'v' ELSE 'u' END
            WHEN 'K' THEN CASE WHEN regexp_full_match({text}, '0|-?[1-9][0-9]{{0,27}}') THEN 'k' ELSE 'K' END
            WHEN 'b' THEN 'b' WHEN 't' THEN 't' WHEN 'z' THEN 'z' ELSE '?' END,
        'v': coalesce({text}, ''),
        'c': coalesce(CASE
            WHEN {number} IS NOT NULL THEN regexp_replace({number}::VARCHAR, '\\.?0+$', '')
            WHEN regexp_full_match({text}, {quoted(_UUID)}) THEN lower(regexp_replace({text}, '[^0-9A-Fa-f]', '', 'g'))
            ELSE {plain} END, ''),
        'n': CASE WHEN {kind} IN ('n', 'u', 'K') THEN {number} END,
        'i': CASE WHEN {kind} IN ('s', 'u', 't') AND {dated} THEN
            epoch_us(TRY_CAST({offset}.time AS TIMESTAMP))
            - CASE {offset}.sign WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END * {far} * 60000000 END,
        'w': CASE WHEN {offset}.z = 'Z' OR {kind} = 't' THEN 0 WHEN {offset}.sign = '' THEN {SLACK}
            ELSE {far} * 60000000 END}}"""


def number(kind: str, text: str) -> str:
    """The exact number that a raw value is, else NULL."""
    return (
        f"CASE WHEN {kind} IN ('n', 's', 'u', 'K') AND regexp_full_match({text}, {quoted(_NUMBER)})"
        f" THEN TRY_CAST({text} AS DECIMAL(38,10)) END"
    )


def told_values(names: dict[str, str], fold: bool) -> tuple[str, str]:
    """SELECT lists that turn encoded values (name -> SQL of the JSON text) into structs, in two steps."""
    if not names:
        return "", ""
    told = f"list_transform([{', '.join(names.values())}], lambda x: TRY_CAST(x AS JSON))"
    plain = "{'k': json_keys(x)[1], 't': json_extract_string(x, '$.' || json_keys(x)[1])}"
    numbered = f"{{'k': y.k, 't': y.t, 'n': {number('y.k', 'y.t')}}}"
    struct = value("z.k", "z.t", "z.n", fold)
    first = (
        f",\n    list_transform(list_transform(list_transform({told}, lambda x: {plain}), lambda y: {numbered}),"
        f" lambda z: {struct}) AS told"
    )
    return first, "".join(f", told[{place}] AS {name}" for place, name in enumerate(names, 1))


def array(source: str, fold: bool) -> str:
    """The items of a plain array text (``{a,"b c",NULL}``), untyped; NULL where it is not plain."""
    text = f"json_extract_string(TRY_CAST({source} AS JSON), ['$.u', '$.s'])"
    item = r'("[^"\\]*"|[^,"{}\\\s][^,"{}\\]*)'
    plain = quoted(rf"\{{({item}(,{item})*)?\}}")
    bare = "CASE WHEN starts_with(x, '\"') THEN x[2:-2] ELSE x END"
    kind = "CASE WHEN upper(x) = 'NULL' THEN 'z' ELSE 'u' END"
    struct = value("y.k", "y.t", number("y.k", "y.t"), fold)
    return (
        f"CASE WHEN regexp_full_match(coalesce({text}[1], {text}[2]), {plain}) THEN list_transform(list_transform("
        f"regexp_extract_all(coalesce({text}[1], {text}[2])[2:-2], {quoted(item)}), lambda x:"
        f" {{'k': {kind}, 't': {bare}}}), lambda y: {struct}) END"
    )


def held_values(names: dict[str, tuple[str, ...]], fold: bool) -> tuple[str, str]:
    """The same for attributes of entries: name -> the spellings under which the attribute may be held."""
    first, second = [], []
    for name, spellings in names.items():
        kinds = [f"json_type(attributes, {_pointer(one)})" for one in spellings]
        texts = [
            f"CASE WHEN json_type(attributes, {_pointer(one)}) = 'OBJECT'"
            f" THEN json_extract_string(attributes, {_pointer(one, 't')})"
            f" ELSE json_extract_string(attributes, {_pointer(one)}) END"
            for one in spellings
        ]
        is_key = f"coalesce(key_field IN ({', '.join(map(quoted, spellings))}), false)"
        first += [
            f"coalesce({', '.join(kinds)}) AS {name}_j",
            f"CASE WHEN {name}_j IS NULL AND {is_key} THEN key ELSE coalesce({', '.join(texts)}) END AS {name}_t",
            # A number with more digits than a double holds may have lost some when it was read.
            f"""CASE WHEN {name}_j IS NULL THEN CASE WHEN {is_key} THEN 'K' ELSE '?' END
                WHEN {name}_j = 'VARCHAR' THEN 's' WHEN {name}_j = 'BOOLEAN' THEN 'b' WHEN {name}_j = 'NULL' THEN 'z'
                WHEN {name}_j = 'OBJECT' THEN CASE WHEN {name}_t IS NULL THEN '?' ELSE 't' END
                WHEN {name}_j = 'ARRAY' THEN '?'
                WHEN {name}_j = 'DOUBLE' AND length({name}_t) > 16 AND contains({name}_t, '.') THEN '?'
                ELSE 'n' END AS {name}_k""",
            f"{is_key} AS {name}_is_key",
        ]
        second += [
            f"{number(f'{name}_k', f'{name}_t')} AS {name}_n",
            f"{value(f'{name}_k', f'{name}_t', f'{name}_n', fold)} AS {name}",
            f"{name}_is_key",
        ]
    return _listed(first), _listed(second)


def _listed(columns: Iterable[str]) -> str:
    return "".join(f",\n    {column}" for column in columns)


def _pointer(*names: str) -> str:
    """A JSON pointer as SQL: it can hold any name."""
    return quoted("".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names))


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
