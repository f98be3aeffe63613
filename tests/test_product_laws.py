"""The product against the brute-force oracle, and the laws of semantics.md, section 7, on made-up worlds.

Several worlds stand beside each other in one store (`oracle/crowds.py`), which spares time. LAWS=10 in the
environment asks for ten times as many examples, at random. The parts of an answer that the oracle does not
tell are checked for their arithmetic, and for keys that the oracle allows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from lineage.errors import LineageError
from lineage.flow.ahead import ROUNDS
from tests.asking import ask, ingest, running_ahead, store_of
from tests.oracle.asked import blast_radius, questions
from tests.oracle.crowds import together
from tests.oracle.grid import Size
from tests.oracle.laws import SEEDS, assert_between, crowd, law, lowered, widened
from tests.oracle.minimal import smallest
from tests.oracle.model import World
from tests.oracle.questions import Question
from tests.oracle.reduced import cover, reduced, settled
from tests.oracle.render import write_world
from tests.oracle.semantics import Answer, Oracle
from tests.oracle.truth import truth


@contextmanager
def stored(world: World, seed: int) -> Iterator[Path]:
    """A store that holds a world."""
    with TemporaryDirectory() as told:
        yield store_of(world, Path(told), seed)


def answer(store: Path, question: Question) -> Answer:
    """Advisories are named by their files, which lie in the store's input. Some walks run ahead sooner than others."""
    files = {path.stem: str(path) for path in (store.parent / "input" / "advisories").glob("*.json")}
    words = [files.get(word, word) for word in question.arguments()]
    with running_ahead(Random(f"{question}").choice((1, 2, ROUNDS))):
        return reduced(ask(store, question.kind, words))


def differences(store: Path, oracle: Oracle, question: Question) -> list[str]:
    """Where the product says otherwise than the oracle: part, product, oracle."""
    found = answer(store, question)
    expected = settled(oracle.ask(question), found)
    said = []
    for part in expected:
        one, other = found[part], expected[part]
        if part == "coverage":  # of the worlds that stand beside it, others tell
            one = {thing: row for thing, row in one.items() if thing in other or oracle.is_own(thing)}
        if isinstance(one, dict) and isinstance(other, dict):
            one, other = one.items(), other.items()
        if one != other:
            more, less = [x for x in one if x not in other], [x for x in other if x not in one]
            said.append(f"{part}: only the product says {more}, only the oracle {less}")
    return said


def report(world: World, question: Question, said: list[str]) -> str:
    """A small world in which the product still says otherwise than the oracle."""

    def faulty(one: World) -> bool:
        try:
            with stored(one, 0) as store:
                return bool(differences(store, Oracle(one), question))
        except LineageError:
            return False

    small = smallest(world, faulty, tries=25)
    with stored(small, 0) as store:
        said = differences(store, Oracle(small), question) or said
    told = [repr(one) for part in fields(small) for one in getattr(small, part.name)]
    return "\n".join((f"{question.kind} {' '.join(question.arguments())}", *said, *told))


@given(seed=SEEDS)
@law(examples=2)
def test_the_product_answers_as_the_oracle_does(seed: int) -> None:
    worlds, random = crowd(seed, 8), Random(seed)
    everything = together(worlds)
    with stored(everything, seed) as store:
        for world in worlds:
            oracle = Oracle(world, everything)
            for question in questions(random, world, 4):
                if said := differences(store, oracle, question):
                    pytest.fail(report(world, question, said))


@given(seed=SEEDS)
@law(examples=1)
def test_law_1_order_batching_and_repetition_change_nothing(seed: int) -> None:
    worlds, random = crowd(seed, 2), Random(seed)
    asked = [question for world in worlds for question in questions(random, world, 3)]
    with TemporaryDirectory() as told:
        folder = Path(told)
        paths = write_world(together(worlds), folder / "input", Random(seed))
        ingest(folder / "one", [folder / "input"])
        pieces = [piece for path in paths for piece in cut(random, path, folder / "pieces")]
        random.shuffle(pieces)
        first, middle = random.randint(1, len(pieces)), random.randint(1, len(pieces))
        for batch in (pieces[:first], pieces[first:], pieces[:middle]):
            ingest(folder / "other", batch)
        for question in asked:
            one = ask(folder / "one", question.kind, question.arguments())
            with running_ahead(rounds=1):
                assert one == ask(folder / "other", question.kind, question.arguments()), question


def cut(random: Random, path: Path, folder: Path) -> list[Path]:
    """The lines of a file in two files, in another order; what has no lines stays whole."""
    folder.mkdir(exist_ok=True)
    if path.suffix != ".ndjson":
        return [path]
    lines = path.read_text().splitlines(keepends=True)
    random.shuffle(lines)
    middle = random.randint(0, len(lines))
    found = []
    for number, part in enumerate((lines[:middle], lines[middle:])):
        if part:
            found.append(folder / f"{path.stem}-{number}.ndjson")
            found[-1].write_text("".join(part))
    return found


@given(seed=SEEDS)
@law(examples=1)
def test_law_2_what_happened_lies_between_certain_and_possible(seed: int) -> None:
    """Logs are complete and accurate; what they leave open, five histories decide."""
    worlds, random = crowd(seed, 7, Size(astray=False)), Random(seed)
    with stored(together(worlds), seed) as store:
        for world in worlds:
            oracle, question = Oracle(world), blast_radius(random, world)
            said = answer(store, question)
            for _ in range(5):
                assert_between(said, truth(oracle, question, random), question)


@given(seed=SEEDS)
@law(examples=1)
def test_law_3_asking_for_more_never_gives_less(seed: int) -> None:
    worlds, random = crowd(seed, 7), Random(seed)
    with stored(together(worlds), seed) as store:
        for world in worlds:
            pair = widened(random, world)
            assert lowered(answer(store, pair.asked), answer(store, pair.wider)) == [], pair


@given(seed=SEEDS)
@law(examples=1)
def test_law_4_a_lost_log_never_turns_unknown_into_excluded(seed: int) -> None:
    """Who is not in an answer is excluded where it is bounded, unknown where it is not.

    A lost snapshot turns unknown into possible, not into excluded: so this is about datasets. What only lost lines
    told of, while their source went on to speak, nobody can miss.
    """
    worlds, random = crowd(seed, 3), Random(seed)
    with TemporaryDirectory() as told:
        folder = Path(told)
        write_world(together(worlds), folder / "input", Random(seed))
        ingest(folder / "all", [folder / "input"])
        logs = [path for path in sorted((folder / "input").rglob("*json")) if path.parent.name != "advisories"]
        lost = random.choice(logs).name.partition("-")[0] if random.random() < 0.5 else random.choice(logs).name
        for path in logs:
            if path.name.startswith(lost):
                path.unlink()
        ingest(folder / "less", [folder / "input"])
        mute = {one.id for one in worlds[0].sources if one.collector == lost}
        for world in worlds:
            for question in questions(random, world, 2):
                assert_no_surer(folder, question, mute)


def assert_no_surer(folder: Path, question: Question, mute: set[str]) -> None:
    """`mute` are the sources all of whose files are lost."""
    told = ask(folder / "all", question.kind, question.arguments())
    try:
        less = ask(folder / "less", question.kind, question.arguments())
    except LineageError:  # what was asked about is not known any more, and the user is told so
        return
    before, after = cover(told), cover(less)
    # Runs that nobody tells of any more, and credentials that they knew, are not asked about: before the window, after.
    as_long = compromised(told) <= compromised(less)
    for thing, row in after.items():
        if mute & set(row.get("sources", ())):
            assert row["state"] == "silent", (thing, question)
        if as_long and before.get(thing, row)["state"] in ("silent", "not-observable", "no-source"):
            assert row["state"] != "observed", (thing, question)


def compromised(told: dict[str, Any]) -> set[str]:
    return {row["run_id"] for row in told.get("runs", ()) if row["compromised"]}


@given(seed=SEEDS)
@law(examples=1)
def test_law_5_a_late_event_changes_answers_only_at_later_checkpoints(seed: int) -> None:
    worlds, random = crowd(seed, 2), Random(seed)
    asked = [question for world in worlds for question in questions(random, world, 2)]
    with TemporaryDirectory() as told:
        folder = Path(told)
        paths = write_world(together(worlds), folder / "input", Random(seed))
        late = random.choice([path for path in paths if path.suffix == ".ndjson"])
        early = [path for path in paths if path != late]
        ingest(folder / "store", early)
        before = {question: asking(folder / "store", question) for question in asked}
        ingest(folder / "store", early[:2])
        assert {question: asking(folder / "store", question) for question in asked} == before
        ingest(folder / "store", [late])
        for question, said in before.items():
            now = asking(folder / "store", question)
            if said is not None and now is not None and now != said:
                assert now["checkpoint"]["events"] > said["checkpoint"]["events"]
                assert now["checkpoint"]["digest"] != said["checkpoint"]["digest"]


def asking(store: Path, question: Question) -> dict[str, Any] | None:
    """The answer; None where what is asked about is not known yet."""
    try:
        return ask(store, question.kind, question.arguments())
    except LineageError:
        return None
