"""The answers to the questions, by brute force, as `conformance/README.md` reads them."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from tests.oracle.exposures import alterations, exposures, tainted
from tests.oracle.flow import Flow, spread
from tests.oracle.grades import ORDER, Exposure, Graded, stronger
from tests.oracle.model import World, text_of
from tests.oracle.questions import BlastRadius, Question, WhoTouched
from tests.oracle.seeds import Seeds, Spans, find, shared
from tests.oracle.touches import Touches

Answer = dict[str, Any]


def certainty(certain: bool) -> str:
    return "certain" if certain else "possible"


class Oracle:
    """Answers questions about one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.touches = Touches(world)
        self.flow = Flow(self.touches)
        self.graded = Graded(self.touches, self.flow)

    def ask(self, question: Question) -> Answer:
        if isinstance(question, WhoTouched):
            return {"touches": self.who_touched(question)}
        return self.blast_radius(question)

    def blast_radius(self, question: BlastRadius) -> Answer:
        seeds = find(self.touches, question)
        exposed = exposures(self.touches, seeds)
        records: dict[str, str] = {}
        subjects: dict[str, str] = {}
        categories: dict[tuple[str, str], str] = {}
        altered: dict[str, str] = {}
        for exposure in exposed:
            for ((_, name), key, subject), grade in self.graded.graded(exposure).items():
                records[f"{name}|{key}"] = stronger(grade, records.get(f"{name}|{key}"))
                subjects[subject] = stronger(grade, subjects.get(subject))
            for shown, grade in self.graded.categories(exposure).items():
                categories[shown] = stronger(grade, categories.get(shown))
        for alteration in alterations(self.touches, seeds):
            for (_, _, subject), grade in self.graded.own(alteration).items():
                altered[subject] = stronger(grade, altered.get(subject))
        certain = {one.touch.dataset for one in exposed if one.certain}
        taint = spread(self.flow, tainted(self.touches, seeds))
        jurisdictions = dict(self.world.jurisdictions)
        return {
            "data_subjects": subjects,
            "records": records,
            "altered": altered,
            "exposed": {
                dataset[1]: certainty(dataset in certain) for dataset in {one.touch.dataset for one in exposed}
            },
            "contaminated_datasets": {
                dataset[1]: certainty(dataset in taint.certain_datasets) for dataset in taint.datasets
            },
            "compromised_runs": self.compromised(seeds),
            "contaminated_runs": {
                run: certainty(run in taint.certain_runs) for run in taint.runs if run in self.touches.runs
            },
            "categories": {
                subject: sorted(category for person, category in categories if person == subject)
                for subject in subjects
            },
            "by_category": counted({shown: (shown[1], grade) for shown, grade in categories.items()}),
            "by_jurisdiction": counted(
                {one: (jurisdictions[one], grade) for one, grade in subjects.items() if one in jurisdictions}
            ),
        }

    def compromised(self, seeds: Seeds) -> dict[str, str]:
        found = {}
        for run in self.touches.runs.values():
            spans = seeds.runs.get(run.id, Spans())
            if any(shared(run.interval, span) for span in spans.possible):
                sure = run.placed and any(shared(run.interval, span) for span in spans.certain)
                found[run.id] = certainty(sure)
        return found

    def who_touched(self, question: WhoTouched) -> list[Answer]:
        """The reads that touched what was asked about, each with its grade."""
        found = []
        for read in self.touches.reads:
            span = shared(read.interval, question.window)
            if span is None or not (read.access or read.run in self.touches.runs):
                continue
            grades = self.grades(Exposure(read, *span, read.certain and span == read.interval))
            asked = [grade for record, grade in grades.items() if self.concerns(question, record)]
            if asked:
                told: Answer = {"dataset": read.dataset[1], "grade": max(asked, key=ORDER.index)}
                if read.access:
                    told |= {"kind": "access", "principal": self.touches.principal(read.access.principal)}
                    told |= {"start": text_of(read.start)}
                else:
                    told |= {"kind": "run", "run_id": read.run}
                found.append(told)
        return strongest(found)

    @cache  # noqa: B019 - an oracle lives as long as its world
    def grades(self, exposure: Exposure) -> dict[Any, str]:
        return self.graded.graded(exposure)

    def concerns(self, question: WhoTouched, record: tuple[Any, str, str]) -> bool:
        dataset, key, subject = record
        if question.subject is not None:
            return subject == question.subject
        if question.record is not None:
            return (dataset, key) == (self.touches.canonical(question.record[0]), question.record[1])
        return question.dataset is not None and dataset == self.touches.canonical(question.dataset)


def strongest(touches: Iterable[Answer]) -> list[Answer]:
    """Each touch once, with its strongest grade: a run may read one dataset under two names."""
    found: dict[tuple[tuple[str, str], ...], Answer] = {}
    for told in touches:
        key = tuple(sorted((name, value) for name, value in told.items() if name != "grade"))
        grade = stronger(told["grade"], found.get(key, told)["grade"])
        found[key] = told | {"grade": grade}
    return [found[key] for key in sorted(found)]


def counted(shown: dict[Any, tuple[str, str]]) -> dict[str, dict[str, int]]:
    """How many there are of each group, at least (confirmed) and at most, from (group, grade) of each one."""
    most = Counter(group for group, _ in shown.values())
    least = Counter(group for group, grade in shown.values() if grade == "confirmed")
    return {group: {"at_least": least[group], "at_most": most[group]} for group in most}
