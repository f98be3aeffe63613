"""What the laws of semantics.md, section 7, say of answers, and how many made-up worlds they are tried on."""

import os
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.oracle.asked import blast_radius
from tests.oracle.crowds import apart
from tests.oracle.grid import TICK, Size
from tests.oracle.model import World
from tests.oracle.questions import BlastRadius, Question
from tests.oracle.semantics import Answer
from tests.oracle.truth import Truth
from tests.oracle.worlds import make_world

MORE = int(os.environ.get("LAWS", "0"))
SEEDS = st.integers(0, 2**32 - 1)
STATES = ("exposed", "contaminated_datasets", "compromised_runs", "contaminated_runs")
GRADES = ("data_subjects", "records", "altered")
STRENGTH = {"possible": 1, "probable": 2, "confirmed": 3, "certain": 3}


def law(examples: int) -> settings:
    """Without shrinking: a store per try takes too long, and `smallest` does it better."""
    return settings(
        max_examples=examples * max(MORE, 1),
        derandomize=not MORE,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )


def crowd(seed: int, number: int, size: Size = Size()) -> list[World]:  # noqa: B008 - a constant
    """Worlds that stand beside each other; their files, and so their sources, are the same."""
    random = Random(seed)
    found = [apart(make_world(Random(random.random()), size), index) for index in range(number)]
    return [replace(world, sources=found[0].sources) for world in found]


def assert_between(said: Answer, true: Truth, question: Question) -> None:
    for part, happened in (("data_subjects", true.subjects), *((one, getattr(true, one)) for one in STATES)):
        assert_part(said, part, happened, question)
    assert_part(said, "records", true.records, question)
    assert_part(said, "altered", true.altered, question)
    shown = {(person, category) for person, found in said["categories"].items() for category in found}
    assert true.categories <= shown, question


def assert_part(said: Answer, part: str, happened: set[str], question: Question) -> None:
    sure = {one for one, grade in said[part].items() if grade in ("confirmed", "certain")}
    assert sure <= happened, (part, question)
    assert happened <= set(said[part]), (part, question)


@dataclass(frozen=True)
class Wider:
    """A question, and one that asks for no less."""

    asked: BlastRadius
    wider: BlastRadius


def widened(random: Random, world: World) -> Wider:
    one, other = blast_radius(random, world), blast_radius(random, world)
    start = None if one.start is None or random.random() < 0.5 else one.start - TICK
    end = None if one.end is None or random.random() < 0.5 else one.end + TICK
    seeds = ("vendors", "principals", "jobs", "runs", "datasets", "exposed", "packages", "advisories")
    more: dict[str, Any] = {seed: tuple(dict.fromkeys((*getattr(one, seed), *getattr(other, seed)))) for seed in seeds}
    wider = random.choice(
        (
            replace(one, start=start, end=end),
            replace(one, **more),
            replace(one, without=()),
            replace(one, within=()),
        )
    )
    return Wider(one, wider)


def lowered(narrow: Answer, wide: Answer) -> list[tuple[str, str]]:
    """What the wider answer lost, or says less strongly."""
    return [
        (part, one)
        for part in (*GRADES, *STATES)
        for one, grade in narrow[part].items()
        if STRENGTH[grade] > STRENGTH.get(wide[part].get(one, ""), 0)
    ]
