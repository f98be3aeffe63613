"""What a ``uv.lock`` installs for certain: what its project needs whatever the platform, the extras and the groups."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

_Table = dict[str, Any]


def sure_of_uv(document: _Table) -> set[int]:
    """The places of those packages in the list. Of a workspace, those that every member needs: which of them was
    installed is not told."""
    told: list[_Table] = document["package"]
    manifest: _Table = document.get("manifest", {})
    lock = _Lock(told)
    if "requirements" in manifest:  # of a script
        return lock.needed(lock.asked(manifest["requirements"]))
    if "members" in manifest:
        members = [at for name in manifest["members"] for at in lock.by_name[name]]
    else:
        sources = [(one["source"].get("editable"), one["source"].get("virtual")) for one in told]
        members = [at for at, source in enumerate(sources) if "." in source]
    reached = [lock.needed([(at, "")]) for at in members]
    return set.intersection(*reached) if reached else set()


class _Lock:
    """The packages of the file; one with an extra is a place of its own."""

    def __init__(self, told: list[_Table]) -> None:
        self.told = told
        self.by_name = defaultdict[str, list[int]](list)
        for at, one in enumerate(told):
            self.by_name[one["name"]].append(at)

    def needed(self, start: Iterable[tuple[int, str]]) -> set[int]:
        """What is reached by dependencies without markers, with the extras that they ask for."""
        seen: set[tuple[int, str]] = set()
        ahead = list(start)
        while ahead:
            place = ahead.pop()
            if place not in seen:
                seen.add(place)
                at, extra = place
                one = self.told[at]
                groups = one.get("optional-dependencies", {}) if extra else one
                ahead += self.asked(groups.get(extra or "dependencies", ()))
        return {at for at, _ in seen}

    def asked(self, edges: Iterable[_Table]) -> Iterator[tuple[int, str]]:
        """What the dependencies without markers name, with each extra. One that may be several packages names none."""
        for edge in edges:
            found = [at for at in self.by_name[edge["name"]] if self._is_meant(edge, at)]
            if "marker" not in edge and len(found) == 1:
                yield found[0], ""
                yield from ((found[0], extra) for extra in edge.get("extra") or edge.get("extras") or ())

    def _is_meant(self, edge: _Table, at: int) -> bool:
        version = self.told[at].get("version")
        return bool(edge.get("version", version) == version)
