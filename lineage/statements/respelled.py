"""Texts whose literals or comments no regular expression finds the end of, spelled so that one does."""

import re

_BOUND = re.compile(r"/\*|\*/")
# Oracle's q'[…]': what ends with the same as it begins with, but for these.
_CLOSES = {"[": "]", "(": ")", "{": "}", "<": ">"}


def respelled(sql: str, stands: re.Pattern[str], opening: re.Pattern[str], *, nests: bool, escaping: bool) -> str:
    """The same statement without block comments, and with plain literals in the place of those that ``opening`` begins
    (a tag, or group ``mark``); with a lone quote at the end where one of them does not end.

    ``stands``: what stands for itself, up to the next of these. ``nests``: comments stand in comments. ``escaping``: a
    backslash in a literal means something.
    """
    done, place = [], 0
    while place < len(sql):
        end = before.end() if (before := stands.match(sql, place)) else place
        done.append(sql[place:end])
        place = end
        if sql.startswith("/*", place):
            done.append(" ")
            place = _comment_end(sql, place, nests)
            if place < 0:
                return "".join(done) + "'"
        elif found := opening.match(sql, place):
            mark = found.groupdict().get("mark")
            closing = _CLOSES.get(mark, mark) + "'" if mark else found[0]
            close = sql.find(closing, found.end())
            if close < 0:
                return "".join(done) + "'"
            text = sql[found.end() : close].replace("'", "''")
            done.append(f"'{text.replace(chr(92), chr(92) * 2) if escaping else text}'")
            place = close + len(closing)
        elif sql[place : place + 1] in ("'", '"'):
            return "".join(done) + "'"
        else:
            done.append(sql[place : place + 1])
            place += 1
    return "".join(done)


def _comment_end(sql: str, place: int, nests: bool) -> int:
    """Where the comment that begins here ends, with those inside it; -1 where it does not."""
    if not nests:
        return found + 2 if (found := sql.find("*/", place + 2)) >= 0 else -1
    depth = 0
    for bound in _BOUND.finditer(sql, place):
        depth += 1 if bound[0] == "/*" else -1
        if not depth:
            return bound.end()
    return -1
