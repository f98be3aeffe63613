"""What a form offers: the names that the store knows, by kind of parameter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.flow.seeds import RULES
from lineage.questions.things import KINDS
from ui import session
from ui.advisories import summary
from ui.asking import ask
from ui.holding import Held

OFFERED = 1_000  # names of one kind that are there to choose from; where there are more, others can be typed
FEW = 50  # of what has ids rather than names
_BY_ID = ("run", "data-subject")
# Each as it was modified last (`find_advisory`), all at once: there may be thousands.
ADVISORIES = """
SELECT DISTINCT ON (id) id, body FROM document WHERE kind = 'advisory'
ORDER BY id, try_cast(body->>'$.modified' AS TIMESTAMPTZ) DESC NULLS LAST, body
"""
TYPED = ("run", "data-subject", "package", "thing", "text", "digest", "record", "number", "instant", "file")


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
        told = advisories()
        return Offer(list(told), lambda ident: f"{ident} · {told[ident]}" if told.get(ident) else ident, True)
    if kind in KINDS:
        labels = names(kind)
        return Offer(list(labels), lambda ident: labels.get(ident, ident), kind in TYPED or len(labels) >= OFFERED)
    return Offer([], str, True)


def names(kind: str) -> dict[str, str]:
    """Known ids of a kind, or the first of them → how they read: shorter where no other has the same short name."""
    things = search("", (kind,), FEW if kind in _BY_ID else OFFERED).rows("things")
    short: dict[str, int] = {}
    for thing in things:
        short[thing["label"]] = short.get(thing["label"], 0) + 1
    return {
        thing["id"]: thing["label"] if short[thing["label"]] == 1 else f"{thing['label']} ({thing['detail']})"
        for thing in sorted(things, key=lambda thing: (thing["label"], thing["id"]))
    }


def search(text: str, kinds: Sequence[str], most: int) -> Held:
    """What is known by a part of a name, to choose from; looking is not asking, and is not recorded."""
    values = {"kind": list(kinds), "limit": [str(most)]} | ({"text": [text]} if text else {})
    return ask("search", values, says="Looking for names", recorded=False)


def advisories() -> dict[str, str]:
    """Ids of the advisories that were taken in → what they are about."""
    with session.reading(patience=session.GLANCE) as store:
        return {ident: summary(body) for ident, body in store.rows(ADVISORIES)}
