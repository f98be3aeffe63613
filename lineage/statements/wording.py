"""What the parser does not know, in words that it knows and that say the same of tables and rows."""

import re

NAME = r'(?:"(?:[^"]|"")*"|[^\s(".]+)'
_PART = r'(?:"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|[^\s(,."`\[][^\s(,."`]*)'
PATH = rf"(?:{_PART}\.)*{_PART}"
_MOVE = rf"({PATH}) (?:TO|AS) ({PATH})"
_MOVES = re.compile(_MOVE, re.IGNORECASE)
CLUSTER = rf"(?: ON CLUSTER {_PART})?"
_RENAME = re.compile(rf"RENAME (?:TABLES? )?(?:IF EXISTS )?(?P<moves>{_MOVE}(?: ?, ?{_MOVE})*){CLUSTER}", re.IGNORECASE)
_VERB = r"(?:SELECT|WITH|FROM|VALUES|TABLE)\b"
_QUERY = rf"(?:\( ?)*{_VERB}"
_LITERAL = r"(?:'\d*'|0x[0-9a-f]+)"
_FORMAT = (
    r"(?: (?:CHARACTER SET|CHARSET) \w+| (?:FIELDS|COLUMNS|LINES)"
    rf"| (?:OPTIONALLY )?(?:TERMINATED|ENCLOSED|ESCAPED|STARTING) BY {_LITERAL})*"
)


def _rules(*rules: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), words) for pattern, words in rules)


# A whole statement in other words; several, each after a semicolon. `old` goes on, in whole or in part, as `new`.
_GOES_ON = "ALTER TABLE {old} RENAME TO {new}"
_TABLE = r"ALTER (?:\w+ )?(?:TABLE|VIEW) (?:IF EXISTS )?(?:ONLY )?"
_WHOLE = _rules(
    (rf"{_TABLE}(?P<old>{PATH})(?: ?\*)? RENAME (?:TO|AS) (?P<new>{PATH})", _GOES_ON),
    (rf"{_TABLE}(?P<old>{PATH}) SWAP WITH (?P<new>{PATH})", "ALTER TABLE {old} SWAP WITH {new}"),
    (rf"{_TABLE}(?P<old>(?:{_PART}\.)*(?P<last>{_PART}))(?: ?\*)? SET SCHEMA (?P<new>{_PART})", _GOES_ON + ".{last}"),
    (
        rf"ALTER SCHEMA (?P<new>{_PART}) TRANSFER (?:OBJECT ?:: ?)?(?P<old>(?:{_PART}\.)*(?P<last>{_PART}))",
        _GOES_ON + ".{last}",
    ),
    (rf"EXCHANGE TABLES (?P<old>{PATH}) AND (?P<new>{PATH}){CLUSTER}", "ALTER TABLE {old} SWAP WITH {new}"),
    # Of partitions, and of all rows.
    (
        rf"ALTER TABLE (?P<old>{PATH}) EXCHANGE (?:SUB)?PARTITION .* WITH TABLE (?P<new>{PATH})(?: .*)?",
        "ALTER TABLE {old} SWAP WITH {new}",
    ),
    (rf"ALTER TABLE (?P<old>{PATH}) SWITCH (?:PARTITION .* )?TO (?P<new>{PATH})(?: .*)?", _GOES_ON),
    (rf"ALTER TABLE (?P<old>{PATH}){CLUSTER} MOVE PART(?:ITION)? .* TO TABLE (?P<new>{PATH})", _GOES_ON),
    (rf"ALTER TABLE (?P<new>{PATH}) APPEND FROM (?P<old>{PATH})(?: .*)?", _GOES_ON),
    (
        rf"ALTER TABLE (?P<new>{PATH}){CLUSTER} REPLACE PART(?:ITION)? .* FROM (?P<old>{PATH})",
        "TRUNCATE TABLE {new} PARTITION (x);INSERT INTO {new} SELECT * FROM {old} WHERE CURRENT_OF()",
    ),
    (
        rf"ALTER TABLE (?P<new>{PATH}){CLUSTER} ATTACH PART(?:ITION)? (?:(?!FROM ).)* FROM (?P<old>{PATH})",
        "INSERT INTO {new} SELECT * FROM {old} WHERE CURRENT_OF()",
    ),
    (rf"ALTER TABLE (?P<old>{PATH}) (?:DROP|TRUNCATE) (?:SUB)?PARTITIONS? [^\s(].*",
     "TRUNCATE TABLE {old} PARTITION (x)"),
    # Of rows.
    (rf"ALTER TABLE (?P<old>{PATH}){CLUSTER} UPDATE (?P<rest>.*)", "UPDATE {old} SET {rest}"),
    (r"REPLACE (?P<rest>(?:VIEW|TABLE) .*)", "CREATE OR REPLACE {rest}"),
    (rf"REPLACE (?:LOW_PRIORITY |DELAYED )?(?:INTO )?(?P<rest>{_PART}[ .(].*)", "INSERT OR REPLACE INTO {rest}"),
    (
        rf"INSERT OVERWRITE (?:LOCAL )?DIRECTORY (?:(?:\( ?)++(?!{_VERB})|(?!{_VERB})[^(])*+(?P<rest>{_QUERY}.*)",
        "{rest}",
    ),
    (rf"EXPORT DATA (?:WITH CONNECTION {PATH} )?OPTIONS ?\((?:[^()]|\([^()]*\))*\) AS (?P<rest>.*)", "{rest}"),
    (rf"HANDLER (?P<old>{PATH}) READ .*", "SELECT * FROM {old} WHERE CURRENT_OF()"),
    (rf"(?:LOCKING (?:\w+ )?(?:{PATH} )?(?:FOR|IN) \w+ (?:MODE )?(?:NOWAIT )?)++(?P<rest>{_QUERY}.*)", "{rest}"),
)  # fmt: skip
# Parts of a statement. (Which row is a cursor's, the cursor knows alone. Equality so written is what a foreign key asks
# the other table. Where rows are written to says nothing of them.)
_PARTS = _rules(
    (rf"\bCURRENT\s+OF\s+{NAME}", "CURRENT_OF()"),
    (r'(?<=["\d]) OPERATOR\(pg_catalog\.=\) (?=(?:"[^"]*"|\$\d+)(?: (?:AND|FOR)\b|$))', " = "),
    (r"\bOVERRIDING\s+(?:SYSTEM|USER)\s+VALUE\b", ""),
    (r"\bON\s+COMMIT\s+(?:DROP|(?:DELETE|PRESERVE)\s+ROWS)\s+AS\b", "AS"),
    (r"^CREATE FOREIGN ((?>TABLE .*? PARTITION OF) .*) SERVER \S+(?: OPTIONS ?\([^()]*\))?$", r"CREATE \1"),
    (r"^(CREATE (?:OR REPLACE )?)SNAPSHOT TABLE\b", r"\1TABLE"),
    (r"^(CREATE (?:OR REPLACE )?(?:TEMP(?:ORARY)? )?)RECURSIVE VIEW\b", r"\1VIEW"),
    (r"\b(?:DEEP|SHALLOW) CLONE\b", "CLONE"),
    (rf" INTO (?:OUTFILE|DUMPFILE) {_LITERAL}(?: AND STDOUT)?(?: APPEND| TRUNCATE)?{_FORMAT}", ""),
    (r"^((?:SELECT|WITH)\b(?:(?!\bINSERT\b).)*?) INTO @\w+(?: ?, ?@\w+)*", r"\1"),
    (r" WITH (?:(?:CASCADED|LOCAL) )?CHECK OPTION$", ""),
)


def worded(segment: str) -> list[str]:
    """A statement, its white space folded, in words that the parser knows; one that it knows already as it is."""
    if match := _RENAME.fullmatch(segment):
        return [_GOES_ON.format(old=old, new=new) for old, new in _MOVES.findall(match["moves"])]
    for pattern, words in _WHOLE:
        if match := pattern.fullmatch(segment):
            return [one.format(**match.groupdict()) for one in words.split(";")]
    return [segment]


def reworded(text: str) -> str:
    """The same with those of its parts that the parser does not know in other words, or left out."""
    for pattern, words in _PARTS:
        text = pattern.sub(words, text)
    return text
