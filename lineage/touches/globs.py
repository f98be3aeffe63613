"""Globs on the paths of inputs, as a source's ``files`` has them.

Where a path may have got to is told by the bits of a number, one for each place in it: what many stars in one pattern
could mean is never tried one way after the other, of which there are more than anybody could wait for.
"""

import re
from collections.abc import Callable
from functools import lru_cache

PACKED = (".gz", ".zst")
Step = Callable[["_Path", int], int]  # where one may be after it, of where one may be before it


def matches(pattern: str | None, path: str) -> bool:
    """Whether a source's ``files`` glob fits the path or any tail of it; no glob fits everything.

    A tail, since the same file may be given alone or inside any folder above it, and must mean the same; and so must a
    file that was compressed since.
    """
    if pattern is None:
        return True
    literal, begins, steps = _read(pattern)
    ends = [len(path), *(len(path) - len(one) for one in PACKED if path.endswith(one))]
    if any(f"/{path[:end]}".endswith(f"/{literal}") for end in ends):  # a file may be called as a pattern is
        return True
    if begins not in path:
        return False
    told = _Path(path)
    places = 1 | told.after_slash
    for step in steps:
        places = step(told, places)
        if not places:
            return False
    return any(places >> end & 1 for end in ends)


class _Path:
    """A path as numbers: bit n stands for the place before character n, or for that character."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.all = (2 << len(path)) - 1
        self._of: dict[str, int] = {}
        slashes = self.where("/")
        self.after_slash = slashes << 1
        self.inside = (self.all >> 1) & ~slashes  # characters that are no slash

    def where(self, one: str, fits: Callable[[str], object] | None = None) -> int:
        """The characters that are ``one``, or that fit what is called so."""
        if one not in self._of:
            told = "".join("01"[bool(fits(c) if fits else c == one)] for c in reversed(self.path))
            self._of[one] = int(told or "0", 2)
        return self._of[one]


@lru_cache(1000)
def _read(pattern: str) -> tuple[str, str, tuple[Step, ...]]:
    """The pattern as a name, what the path of a file that it means surely holds, and its steps."""
    pattern = re.sub(r"\*{3,}", "**", pattern.removeprefix("./"))  # stars in a row say the same in endless ways
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\])", pattern)
    steps: list[Step] = []
    for part in parts:
        if step := _WILD.get(part) or _one_of(part):
            steps.append(step)
        else:
            steps += [_letter(one) for one in part]
    return pattern, parts[0], tuple(steps)


def _letter(one: str) -> Step:
    return lambda path, places: (places & path.where(one)) << 1


def _any(path: _Path, places: int) -> int:
    return (places & path.inside) << 1


def _some(path: _Path, places: int) -> int:
    """``*``: a sum carries each place through the characters after it, up to the next slash."""
    return (((places & path.inside) + path.inside) ^ path.inside) | places


def _anything(path: _Path, places: int) -> int:
    return path.all & -(places & -places)


def _folders(path: _Path, places: int) -> int:
    """``**/``: nothing, or all up to any slash."""
    return places | (path.after_slash & -((places & -places) << 1))


_WILD: dict[str, Step] = {"**/": _folders, "**": _anything, "*": _some, "?": _any}


def _one_of(part: str) -> Step | None:
    """``[a-z]`` and ``[!a-z]``; None for what is no such set."""
    found = re.fullmatch(r"\[(!?)(.+)\]", part)
    if found is None:
        return None
    try:
        told = f"[{'^/' if found[1] else ''}{re.escape(found[2]).replace(chr(92) + '-', '-')}]"
        fits = re.compile(told).fullmatch
    except re.error:  # a range that ends before it begins
        return None
    return lambda path, places: (places & path.where(part, fits)) << 1
