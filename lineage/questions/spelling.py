"""How answers spell what the store numbers: SQL expressions, so that the engine spells whole lists."""

from lineage.flow.grades import GRADES


def digest_text(column: str) -> str:
    """The name of an event, the first 128 bits of the SHA-256 of its content. (A number of that width takes long to
    come out of the engine.)"""
    return f"'sha256-128:' || lower(lpad(hex({column}), 32, '0'))"


def grade_text(column: str) -> str:
    cases = " ".join(f"WHEN {number} THEN '{name}'" for number, name in GRADES.items())
    return f"CASE {column} {cases} END"


def state_text(column: str) -> str:
    """Of what is certain (true), possible (false) or neither (NULL)."""
    return f"CASE {column} WHEN true THEN 'certain' WHEN false THEN 'possible' END"
