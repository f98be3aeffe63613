"""What advisories are about, in their own words: an id such as MAL-2026-2144 says it to nobody."""

import json
from typing import Any

from lineage.questions.parameters import find_advisory
from ui.holding import Held

VERSIONS = 6  # that are told one by one


def about(held: Held) -> str:
    """What the advisories of a question say; '' where it names none, or they say nothing."""
    return str(held.made("advisories", lambda: "; ".join(filter(None, (_one(held, ident) for ident in _of(held))))))


def _of(held: Held) -> list[str]:
    return list(held.answer.parameters.get("advisory", ()))


def _one(held: Held, ident: str) -> str:
    body = find_advisory(held.reading.store, ident)
    return summary(body) if body else ""


def summary(body: str) -> str:
    """``Malicious code in litellm (PyPI): 1.82.7, 1.82.8``: the summary, and the versions where they are few."""
    document = json.loads(body)
    says = document.get("summary")
    if not isinstance(says, str) or not says.strip():
        return ""
    affected = [one for one in _list(document.get("affected")) if isinstance(one, dict)]
    versions = [str(text) for one in affected for text in _list(one.get("versions"))]
    return " ".join(says.split()) + (f": {', '.join(versions)}" if 0 < len(versions) <= VERSIONS else "")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
