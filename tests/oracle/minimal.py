"""Makes a world that shows a fault smaller, for people to read."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from tests.oracle.model import World


def smaller(world: World) -> Iterator[World]:
    """The world without one half, and then without one, of each kind of thing that it tells."""
    for part in fields(World):
        told: tuple[Any, ...] = getattr(world, part.name)
        half = len(told) // 2
        if half > 1:
            yield replace(world, **{part.name: told[half:]})
            yield replace(world, **{part.name: told[:half]})
        for index in range(len(told)):
            yield replace(world, **{part.name: told[:index] + told[index + 1 :]})


def smallest(world: World, faulty: Callable[[World], bool], tries: int) -> World:
    """The smallest faulty world that a number of tries finds."""
    left = tries
    again = True
    while again and left > 0:
        again = False
        for one in smaller(world):
            left -= 1
            if left < 0:
                break
            if faulty(one):
                world, again = one, True
                break
    return world
