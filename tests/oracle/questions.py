"""The questions, as plain values and as the arguments of `lineage ask`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.oracle.model import FOREVER, Interval, Name, instant, text_of

OPTIONS = {
    "--vendor": "vendors", "--principal": "principals", "--job": "jobs", "--run": "runs",
    "--dataset": "datasets", "--exposed-dataset": "exposed", "--package": "packages",
    "--advisory": "advisories", "--within-vendor": "within", "--without-rule": "without",
}  # fmt: skip
NAMED = ("jobs", "datasets", "exposed")


@dataclass(frozen=True)
class BlastRadius:
    """A side of the window that is not given is open."""

    vendors: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    jobs: tuple[Name, ...] = ()
    runs: tuple[str, ...] = ()
    datasets: tuple[Name, ...] = ()
    exposed: tuple[Name, ...] = ()
    packages: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None

    kind = "blast-radius"

    @property
    def window(self) -> Interval:
        return opened(self.start, self.end)

    def arguments(self) -> list[str]:
        given = [
            argument
            for option, name in OPTIONS.items()
            for one in getattr(self, name)
            for argument in (option, "/".join(one) if name in NAMED else one)
        ]
        return given + sides(self.start, self.end)


@dataclass(frozen=True)
class WhoTouched:
    """Asks about exactly one of a data subject, a record (dataset, key) or a dataset."""

    subject: str | None = None
    record: tuple[Name, str] | None = None
    dataset: Name | None = None
    start: int | None = None
    end: int | None = None

    kind = "who-touched"

    @property
    def window(self) -> Interval:
        return opened(self.start, self.end)

    def arguments(self) -> list[str]:
        if self.subject is not None:
            given = ["--data-subject", self.subject]
        elif self.record is not None:
            given = ["--record", "/".join(self.record[0]), self.record[1]]
        else:
            given = ["--dataset", "/".join(self.dataset or ())]
        return given + sides(self.start, self.end)


Question = BlastRadius | WhoTouched


def opened(start: int | None, end: int | None) -> Interval:
    return (-FOREVER if start is None else start, FOREVER if end is None else end)


def sides(start: int | None, end: int | None) -> list[str]:
    told = (("--from", start), ("--to", end))
    return [text for option, at in told if at is not None for text in (option, text_of(at))]


def parsed(kind: str, arguments: Iterable[str]) -> Question:
    """The question that a command line asks; in NAMESPACE/NAME the name is what follows the last slash."""
    words: Iterator[str] = iter(arguments)
    question: Question = WhoTouched() if kind == "who-touched" else BlastRadius()
    for option in words:
        value = next(words)
        if option == "--from":
            question = replace(question, start=instant(value))
        elif option == "--to":
            question = replace(question, end=instant(value))
        elif isinstance(question, BlastRadius):
            name = OPTIONS[option]
            one = named(value) if name in NAMED else value
            united: dict[str, Any] = {name: (*getattr(question, name), one)}
            question = replace(question, **united)
        elif option == "--record":
            question = replace(question, record=(named(value), next(words)))
        elif option == "--dataset":
            question = replace(question, dataset=named(value))
        else:
            question = replace(question, subject=value)
    return question


def named(told: str) -> Name:
    namespace, _, name = told.rpartition("/")
    return (namespace, name)
