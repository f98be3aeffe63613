"""Puts many small worlds beside each other in one, so that one store answers for all of them."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from tests.oracle.model import World


def apart(world: World, number: int) -> World:
    """The same world under names that no other number gives."""
    numbered = {
        "postgres://people-db:5432": f"postgres://people-db-{number}:5432",
        "s3://mirror": f"s3://mirror-{number}",
        "airflow": f"airflow-{number}",
    }
    ids = {one.id for part in (world.vendors, world.principals, world.environments) for one in part}
    ids |= {one.principal for one in world.accesses} | {one.id for one in world.accesses}
    ids |= {alias for one in world.principals for alias in one.aliases}
    ids |= {one.id for one in world.advisories}
    ids |= {one.subject for one in world.entries if one.subject} | {subject for subject, _ in world.jurisdictions}
    numbered |= {one: f"{one}-{number}" for one in ids}

    def renamed(told: Any) -> Any:
        if isinstance(told, str):
            if re.match(r"pkg:pypi/litellm(@|$)", told):
                return told.replace("litellm", f"litellm-{number}")
            if told.startswith("00000000-0000-4000-8000-"):
                return f"{number:08d}{told[8:]}"
            return numbered.get(told, told)
        if isinstance(told, tuple):
            return tuple(map(renamed, told))
        if is_dataclass(told) and not isinstance(told, type):
            return replace(told, **{one.name: renamed(getattr(told, one.name)) for one in fields(told)})
        return told

    found = renamed(world)
    assert isinstance(found, World)
    return found


def together(worlds: Iterable[World]) -> World:
    """All of them in one; they must be apart."""
    told = list(worlds)
    parts = {one.name: tuple(x for world in told for x in getattr(world, one.name)) for one in fields(World)}
    return World(**parts | {"sources": told[0].sources})
