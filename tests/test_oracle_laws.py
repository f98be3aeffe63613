"""The laws of semantics.md, section 7, hold for the oracle itself, and a played history shows its reads."""

from random import Random

from hypothesis import given

from tests.oracle.asked import blast_radius
from tests.oracle.grades import Exposure
from tests.oracle.grid import Size
from tests.oracle.laws import SEEDS, assert_between, crowd, law, lowered, widened
from tests.oracle.semantics import Oracle
from tests.oracle.truth import History, truth


@given(seed=SEEDS)
@law(examples=20)
def test_law_2_holds_for_the_oracle(seed: int) -> None:
    random = Random(seed)
    for world in crowd(seed, 5, Size(astray=False)):
        oracle = Oracle(world)
        for _ in range(3):
            question = blast_radius(random, world)
            said = oracle.blast_radius(question)
            for _ in range(3):
                assert_between(said, truth(oracle, question, random), question)


@given(seed=SEEDS)
@law(examples=20)
def test_what_a_read_showed_lies_between_confirmed_and_possible(seed: int) -> None:
    random = Random(seed)
    for world in crowd(seed, 5, Size(astray=False)):
        oracle = Oracle(world)
        for seen in History(oracle, random).seen:
            read = seen.read
            graded = oracle.graded.graded(Exposure(read, *read.interval, read.certain))
            shown = {record for record, _, _ in seen.items}
            assert shown <= set(graded), read
            assert {record for record, grade in graded.items() if grade == "confirmed"} <= shown, read


@given(seed=SEEDS)
@law(examples=20)
def test_law_3_holds_for_the_oracle(seed: int) -> None:
    random = Random(seed)
    for world in crowd(seed, 5):
        oracle = Oracle(world)
        for _ in range(4):
            pair = widened(random, world)
            assert lowered(oracle.ask(pair.asked), oracle.ask(pair.wider)) == [], pair
