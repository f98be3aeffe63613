"""What a form offers: the names that the store knows, by kind of parameter."""

from collections.abc import Callable
from dataclasses import dataclass

from lineage.flow.seeds import RULES
from lineage.questions.things import KINDS
from ui.asking import ask

OFFERED = 2_000  # names of one kind; others can be typed
TYPED = ("run", "data-subject", "package", "thing", "text", "digest", "record", "number", "instant", "file")
_NEAR = ("vendor", "principal", "environment", "job", "dataset")


@dataclass(frozen=True)
class Offer:
    """``options`` to choose from, how each reads, and whether others may be typed."""

    options: list[str]
    reads: Callable[[str], str]
    typed: bool


def offer(kind: str) -> Offer:
    if kind == "rule":
        return Offer(list(RULES), str, False)
    if kind == "kind":
        return Offer(list(KINDS), str, False)
    if kind == "file":
        return Offer(advisories(), str, True)
    if kind == "thing":
        return Offer([f"{near}:{name}" for near in _NEAR for name in names(near)], str, True)
    if kind in KINDS:
        labels = names(kind)
        return Offer(list(labels), lambda ident: labels.get(ident, ident), kind in TYPED)
    return Offer([], str, True)


def names(kind: str) -> dict[str, str]:
    """Known ids of a kind → how they read: shorter where no other has the same short name."""
    things = ask("search", {"kind": [kind], "limit": [str(OFFERED)]}, recorded=False).rows("things")
    short: dict[str, int] = {}
    for thing in things:
        short[thing["label"]] = short.get(thing["label"], 0) + 1
    return {
        thing["id"]: thing["label"] if short[thing["label"]] == 1 else f"{thing['label']} ({thing['detail']})"
        for thing in sorted(things, key=lambda thing: (thing["label"], thing["id"]))
    }


def advisories() -> list[str]:
    """Ids of the advisories that were taken in."""
    from ui import session

    with session.reading(patience=session.GLANCE) as store:
        return [
            ident for (ident,) in store.rows("SELECT DISTINCT id FROM document WHERE kind = 'advisory' ORDER BY id")
        ]
