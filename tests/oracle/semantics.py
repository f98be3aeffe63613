"""The answers to the questions, by brute force, as `conformance/README.md` reads them."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from tests.oracle.caveats import of_all, of_answer
from tests.oracle.coverage import Told, coverage, of_datasets
from tests.oracle.exposures import alterations, exposures, tainted
from tests.oracle.flow import Flow, spread
from tests.oracle.grades import ORDER, Exposure, Graded, stronger
from tests.oracle.model import FOREVER, World, text_of
from tests.oracle.questions import BlastRadius, Question, WhoTouched
from tests.oracle.reasons import reasons
from tests.oracle.seeds import Seeds, Spans, find, shared
from tests.oracle.touches import WRITES, Read, Touches, Write, read_too

Answer = dict[str, Any]


def certainty(certain: bool) -> str:
    return "certain" if certain else "possible"


class Oracle:
    """Answers questions about one world."""

    def __init__(self, world: World, everything: World | None = None) -> None:
        """`everything`: what the store holds, where the world stands beside others."""
        self.world = world
        self.sources = Told(everything or world)
        self.of_all = of_all(everything or world)
        self.touches = Touches(world)
        self.flow = Flow(self.touches)
        self.graded = Graded(self.touches, self.flow)

    def is_own(self, thing: str) -> bool:
        """Whether a row of coverage is about a dataset or an environment of this world."""
        named = {port.dataset for port in self.touches.ports} | {
            (one.namespace, one.name) for one in self.world.datasets
        }
        known = tuple(f"{namespace}/" for namespace, _ in named)
        return thing.startswith(known) or thing in {one.id for one in self.world.environments}

    def ask(self, question: Question) -> Answer:
        if isinstance(question, WhoTouched):
            return self.who_touched(question)
        return self.blast_radius(question)

    def blast_radius(self, question: BlastRadius) -> Answer:
        seeds = find(self.touches, question)
        exposed = exposures(self.touches, seeds)
        records: dict[str, str] = {}
        owned: dict[tuple[str, str], str] = {}
        subjects: dict[str, str] = {}
        categories: dict[tuple[str, str], str] = {}
        altered: dict[str, str] = {}
        for exposure in exposed:
            for ((_, name), key, subject), grade in self.graded.graded(exposure).items():
                records[f"{name}|{key}"] = stronger(grade, records.get(f"{name}|{key}"))
                owned[f"{name}|{key}", subject] = stronger(grade, owned.get((f"{name}|{key}", subject)))
                if subject:
                    subjects[subject] = stronger(grade, subjects.get(subject))
            for ((_, _, subject), category), grade in self.graded.categories(exposure).items():
                if subject:
                    categories[subject, category] = stronger(grade, categories.get((subject, category)))
        for alteration in alterations(self.touches, seeds):
            for (_, _, subject), grade in self.graded.own(alteration).items():
                if not subject:
                    continue
                altered[subject] = stronger(grade, altered.get(subject))
        certain = {one.touch.dataset for one in exposed if one.certain}
        taint = spread(self.flow, tainted(self.touches, seeds))
        jurisdictions = dict(self.world.jurisdictions)
        return {
            "data_subjects": subjects,
            "records": records,
            "owned": owned,
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
            "because": {
                one: why
                for one, why in reasons(self.touches, self.graded, question, exposed).items()
                if subjects[one] == "possible"
            },
            "attempts": self.attempts(seeds),
            "caveats": {
                kind: count
                for kind, count in (self.of_all | of_answer(self.touches, question, exposed)).items()
                if count
            },
            "coverage": coverage(self.touches, self.flow, self.sources, question, exposed, seeds),
            "counts": {
                "data_subjects": summed(subjects.values()),
                "altered": summed(altered.values()),
                "records": summed(records.values()),
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

    def attempts(self, seeds: Seeds) -> list[list[str]]:
        """What compromised principals and runs tried in vain: principal, each dataset named, time and outcome."""
        found = set()
        for access in self.world.accesses:
            principal = self.touches.principal(access.principal)
            run = self.touches.runs.get(access.run or "")
            spans = list(seeds.principals.get(principal, Spans()).possible)
            if run:
                spans += [span for span in seeds.runs.get(run.id, Spans()).possible if shared(run.interval, span)]
            tried = access.outcome in ("denied", "error")
            if tried and any(shared((access.start, access.end), span) for span in spans):
                for name in (access.dataset, *read_too(access)):
                    dataset = self.touches.canonical(name)[1]
                    found.add((principal, dataset, text_of(access.start), access.outcome))
        return [list(one) for one in sorted(found)]

    def who_touched(self, question: WhoTouched) -> Answer:
        """The touches of what was asked about, reads and alterations, with their categories."""
        found, touched = [], set()
        touches: list[Read | Write] = [*self.touches.reads, *self.touches.writes]
        for touch in touches:
            span = shared(touch.interval, question.window)
            told = self.told(touch)
            if span is None or told is None:
                continue
            exposure = Exposure(touch, *span, touch.certain and span == touch.interval)
            grades = self.grades(exposure)
            asked = [grade for record, grade in grades.items() if self.concerns(question, record)]
            if asked:
                shown = self.categories(exposure)
                touched |= {touch.dataset} if isinstance(touch, Read) else set()
                categories = {category for record, category in shown if self.concerns(question, record)}
                found.append(told | {"grade": max(asked, key=ORDER.index), "categories": sorted(categories)})
        cover = of_datasets(self.touches, self.sources, question.window, touched)
        return {"touches": strongest(found), "coverage": cover}

    def told(self, touch: Read | Write) -> Answer | None:
        """Who touched what and how; None where it is no touch of a run or a principal."""
        times = (
            text_of(touch.start) if touch.start > -FOREVER else None,
            text_of(touch.end) if touch.end < FOREVER else None,
        )
        told: Answer = {"dataset": touch.dataset[1], "start": times[0], "end": times[1]}
        if touch.access:
            operation, principal = touch.access.operation, self.touches.principal(touch.access.principal)
            operation = "read" if isinstance(touch, Read) and operation in WRITES[:-1] else operation
            vendor = self.vendors(principal, touch) or self.vendor_of(touch.access.run, touch)
            return told | {"kind": "access", "principal": principal, "operation": operation, "vendor": vendor}
        run = self.touches.runs.get(touch.run or "")
        if run is None or isinstance(touch, Write):
            return None
        vendor = self.vendor_of(run.id, touch)
        return told | {"kind": "run", "run_id": run.id, "operation": "read", "vendor": vendor}

    def vendor_of(self, named: str | None, touch: Read | Write) -> str | None:
        """The vendor that the catalog gives a run's job, or its principal's."""
        run = self.touches.runs.get(named or "")
        job = self.touches.job(run.job) if run else None
        return (job.vendor if job else None) or self.vendors(job.principal if job else None, touch)

    def vendors(self, principal: str | None, touch: Read | Write) -> str | None:
        """The vendor that a principal belonged to during a touch; the least where there were several."""
        found = []
        for one in self.world.principals:
            start = -FOREVER if one.valid_from is None else one.valid_from
            end = FOREVER if one.valid_to is None else one.valid_to - 1
            if one.id == principal and one.vendor and start <= end and shared(touch.interval, (start, end)):
                found.append(one.vendor)
        return min(found, default=None)

    @cache  # noqa: B019 - an oracle lives as long as its world
    def grades(self, exposure: Exposure) -> dict[Any, str]:
        read = isinstance(exposure.touch, Read)
        return self.graded.graded(exposure) if read else self.graded.own(exposure)

    @cache  # noqa: B019 - the same
    def categories(self, exposure: Exposure) -> dict[Any, str]:
        return self.graded.categories(exposure)

    def concerns(self, question: WhoTouched, record: tuple[Any, str, str]) -> bool:
        dataset, key, subject = record
        if question.subject is not None:
            return subject == question.subject
        if question.record is not None:
            return (dataset, key) == (self.touches.canonical(question.record[0]), question.record[1])
        return question.dataset is not None and dataset == self.touches.canonical(question.dataset)


def strongest(touches: Iterable[Answer]) -> list[Answer]:
    """Each touch once, with its strongest grade: a run may read one dataset under two names."""
    found: dict[str, Answer] = {}
    for told in touches:
        key = repr(sorted((name, value) for name, value in told.items() if name not in ("grade", "categories")))
        known = found.get(key, told)
        found[key] = told | {"grade": stronger(told["grade"], known["grade"])}
        if "categories" in told:
            found[key]["categories"] = sorted({*told["categories"], *known["categories"]})
    return [found[key] for key in sorted(found)]


def summed(grades: Iterable[str]) -> dict[str, int]:
    """How many there are of each grade, at least and at most."""
    found = Counter(grades)
    each = {grade: found[grade] for grade in ORDER}
    return each | {"at_least": found["confirmed"], "at_most": sum(each.values())}


def counted(shown: dict[Any, tuple[str, str]]) -> dict[str, dict[str, int]]:
    """How many there are of each group, at least (confirmed) and at most, from (group, grade) of each one."""
    most = Counter(group for group, _ in shown.values())
    least = Counter(group for group, grade in shown.values() if grade == "confirmed")
    return {group: {"at_least": least[group], "at_most": most[group]} for group in most}
