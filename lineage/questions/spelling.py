"""How answers spell what the store numbers: SQL expressions, so that the engine spells whole lists.

They join texts by ``concat`` of many rather than by ``||`` of two, each of which copies what it has."""

from dataclasses import dataclass

from lineage.flow.grades import GRADES


@dataclass(frozen=True)
class Given:
    """A member of an object that is there where ``condition`` holds: SQL, and SQL that gives JSON."""

    condition: str
    value: str


def digest_text(column: str) -> str:
    """The name of an event, the first 128 bits of the SHA-256 of its content. (A number of that width takes long to
    come out of the engine.)"""
    return f"'sha256-128:' || lower(lpad(hex({column}), 32, '0'))"


def grade_text(column: str) -> str:
    """The name of the grade that a column of numbers holds."""
    cases = " ".join(f"WHEN {number} THEN '{name}'" for number, name in GRADES.items())
    return f"CASE {column} {cases} END"


def state_text(column: str) -> str:
    """Of what is certain (true), possible (false) or neither (NULL)."""
    return f"CASE {column} WHEN true THEN 'certain' WHEN false THEN 'possible' END"


def json_text(column: str) -> str:
    """A text as JSON, as Python writes it; NULL is null."""
    return f"coalesce(to_json({column})::VARCHAR, 'null')"


def json_word(column: str) -> str:
    """The same of a text that needs no escaping: a grade, an instant, a digest."""
    return f"""CASE WHEN {column} IS NULL THEN 'null' ELSE concat('"', {column}, '"') END"""


def json_words(column: str) -> str:
    """A list of such texts, none of them NULL."""
    return f"""CASE WHEN len({column}) = 0 THEN '[]' ELSE concat('["', array_to_string({column}, '", "'), '"]') END"""


def json_list(column: str) -> str:
    """A list of texts, none of them NULL, as JSON."""
    return f"concat('[', array_to_string({_spelled(column)}, ', '), ']')"


def json_members(column: str) -> str:
    """The same without its brackets, to be joined with others; NULL where there are none."""
    return f"nullif(array_to_string({_spelled(column)}, ', '), '')"


def _spelled(column: str) -> str:
    return f"list_transform({column}, lambda x: to_json(x)::VARCHAR)"


def json_object(**members: str | Given) -> str:
    """An object of SQL expressions that each give JSON and never NULL; the first of them is always there."""
    parts, before = [], "{"
    for name, value in members.items():
        key = f"""'{before}"{name}": '"""
        parts.append(
            f"CASE WHEN {value.condition} THEN concat({key}, {value.value}) END"
            if isinstance(value, Given)
            else f"{key}, {value}"
        )
        before = ", "
    return f"concat({', '.join(parts)}, '}}')"
