"""Statements that stand in a text or in a comment of another, and are run: opened, so that they are read as any other.

What an argument of them says beside is left out: it names no table, and its values are not kept.
"""

import re

# Before words that an old server passes over: whether they are run is not known.
PERHAPS = "\x02"
# Every server that is still in use runs what is for this version of MySQL.
_SURELY_RUN = 50100

_STRING = r"[nN]?'(?:[^'\\]|''|\\.)*'"
_TEXT = rf"(?P<text>{_STRING}|\$\$(?:(?!\$\$).)*\$\$)"
_SAID = rf"(?:{_STRING}|@?[-\w.]+)(?:\s+OUT(?:PUT)?)?"
_ARGUMENTS = rf"(?:\s*,\s*(?:@\w+\s*=\s*)?{_SAID})*"
_CALL = r"(?:EXEC(?:UTE)?\s+)?(?:\w*\.){0,2}"
_END = r"\s*;?\s*"
# (what is run, in what words it is read)
_OPENED = tuple(
    (re.compile(rf"\s*{pattern}", re.IGNORECASE | re.DOTALL), words)
    for pattern, words in (
        (rf"UNLOAD\s*\(\s*{_TEXT}\s*\)\s*(?P<rest>TO\b.*)", "UNLOAD ({text}) {rest}"),
        (rf"EXECUTE\s+IMMEDIATE\s+{_TEXT}{_END}", "{text}"),
        (rf"EXEC(?:UTE)?\s*\(\s*{_TEXT}\s*\){_END}", "{text}"),
        (rf"{_CALL}sp_executesql\s+(?:@\w+\s*=\s*)?{_TEXT}{_ARGUMENTS}{_END}", "{text}"),
        (
            rf"{_CALL}sp_rename\s+(?:@objname\s*=\s*)?N?'(?P<old>[^']+)'\s*,\s*(?:@newname\s*=\s*)?N?'(?P<new>[^'\]]+)'"
            rf"(?:\s*,\s*(?:@objtype\s*=\s*)?N?'OBJECT')?{_END}",
            "ALTER TABLE {old} RENAME TO [{new}]",
        ),
    )
)
_QUOTED = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`"
# MySQL runs the text of such a comment, MariaDB that of one with an M. What has no end takes all that follows.
_RUN = (
    rf"{_QUOTED}|#[^\r\n]*|{{minus}}--[^\r\n]*|/\*(?!M?!).*?\*/"
    r"|/\*(?P<maria>M?)!(?P<version>\d{{5,6}})?(?P<run>.*?)\*/|(?:['\"`]|/\*).*"
)
# To both, two hyphens begin a comment only where a blank follows (or one more: no expression has three).
_RUNS = {
    spaced: re.compile(_RUN.format(minus=r"(?P<minus>--)(?=[^\s-])|" if spaced else "(?P<minus>(?!))|"), re.DOTALL)
    for spaced in (True, False)
}
# What stands for itself: no quote and no comment in it takes anything of what follows.
_CLOSED = re.compile(rf"(?:{_QUOTED}|[^'\"`#/-]|/(?!\*)|-(?!-))*", re.DOTALL)
# A regular expression of the engine: which texts may have to be opened.
MAY_HOLD = r"(?i)^\s*(?:unload\b|exec(?:ute)?\s+immediate\b|exec(?:ute)?\s*\(|(?:exec(?:ute)?\s+)?(?:\w*\.)*sp_)|/\*M?!"


def open_up(sql: str, *, escaping: bool, running: bool, spaced: bool) -> str:
    """The statement that is run. ``escaping``: a backslash in a text takes the meaning from what follows.
    ``running``: there are comments that are run. ``spaced``: hyphens begin a comment only where a blank follows."""
    for pattern, words in _OPENED:
        if match := pattern.fullmatch(sql):
            told = match.groupdict()
            return words.format(**told | {"text": _unquoted(told.get("text") or "", escaping)})
    return _with_run(sql, spaced) if running else sql


def _unquoted(text: str, escaping: bool) -> str:
    if text.startswith("$$"):
        return text[2:-2]
    plain = text[text.find("'") + 1 : -1].replace("''", "'")
    return re.sub(r"\\(['\\])", r"\1", plain) if escaping else plain


def _with_run(sql: str, spaced: bool) -> str:
    """The text with what its comments run; cut off, by a lone quote, where what one runs takes more than itself."""
    pieces, end = [], 0
    for found in _RUNS[spaced].finditer(sql):
        if found["run"] is None and found["minus"] is None:
            continue
        pieces.append(sql[end : found.start()])
        end = found.end()
        if found["minus"]:
            pieces.append("- -")
            continue
        if not _CLOSED.fullmatch(found["run"]):
            return "".join((*pieces, "'"))
        surely = not found["maria"] and int(found["version"] or 0) < _SURELY_RUN
        pieces.append(f" {'' if surely else PERHAPS}{found['run']} ")
    return "".join((*pieces, sql[end:]))
