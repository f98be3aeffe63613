"""The steps that a path is told in: the form of each stands here once, to be spelled by the engine and to be read back.

A path is text in the answer, and a graph is drawn of an answer alone, whoever asked it and wherever it is shown: what
a step says is read off its text. (Names hold what they like: the last words that fit are taken for the form's.)
"""

import re
from dataclasses import dataclass

from lineage.names import AFTER_ALL, BEFORE_ALL

PACKAGE = "an affected package in {environment}"
CREDENTIAL = "a credential that a compromised run knew"
OPEN = "the dataset was open to outsiders"
ASKED = "the {rule} asked about"
RUN, OF_JOB = "run {run}", " of {job}"
ACCESS, NAMELESS = "access by {principal}", "an unnamed principal"
READ, AT, DURING = "read {dataset}", " at {start}", " from {start} to {end}"
WRITTEN, NO_RUN = "{written} was written by {writer}, which had read {dataset} from {start}", "a statement or rename"
RECORD = "record {key} of {dataset} belongs to {person}"
BEGINNING, NOW = "the beginning", "now"  # where an instant would stand

_PLACES = re.compile(r"\{(\w+)\}")


# Spelled: SQL of columns; instants are in µs.


def spell_cause(rule: str, environment: str) -> str:
    return f"""CASE {rule} WHEN 'package' THEN {_spelled(PACKAGE, environment=environment)}
                WHEN 'credential' THEN '{CREDENTIAL}' WHEN 'exposed-dataset' THEN '{OPEN}'
                ELSE {_spelled(ASKED, rule=rule)} END"""


def spell_run(run: str, job: str) -> str:
    """NULL where ``run`` is, which may have no ``job``."""
    return f"{_spelled(RUN, run=run)} || coalesce({_spelled(OF_JOB, job=job)}, '')"


def spell_access(principal: str) -> str:
    return _spelled(ACCESS, principal=f"coalesce({principal}, '{NAMELESS}')")


def spell_read(dataset: str, start: str, end: str) -> str:
    """What took less than a second was at its start."""
    at, during = _spelled(AT, start=_instant(start)), _spelled(DURING, start=_instant(start), end=_instant(end))
    return f"""{_spelled(READ, dataset=dataset)} || CASE WHEN {end} < {start} + 1000000
                THEN {at} ELSE {during} END"""


def spell_write(written: str, run: str, job: str, dataset: str, start: str) -> str:
    """A step back by flow: what was ``written`` by a run, or by none, that had read another ``dataset``."""
    writer = f"coalesce({spell_run(run, job)}, '{NO_RUN}')"
    return _spelled(WRITTEN, written=written, writer=writer, dataset=dataset, start=_instant(start))


def spell_record(key: str, dataset: str, person: str) -> str:
    return _spelled(RECORD, key=key, dataset=dataset, person=person)


def _spelled(form: str, **columns: str) -> str:
    words = _PLACES.split(form)
    return " || ".join(columns[word] if odd % 2 else f"'{word}'" for odd, word in enumerate(words) if word)


def _instant(column: str) -> str:
    return f"""CASE WHEN {column} <= {BEFORE_ALL} THEN '{BEGINNING}' WHEN {column} >= {AFTER_ALL} THEN '{NOW}'
            ELSE strftime(make_timestamp({column}), '%Y-%m-%dT%H:%M:%S.%fZ') END"""


# Read back.


@dataclass(frozen=True)
class Step:
    """One step: environment, written, read, run, principal, asked, or step where it is none of these."""

    kind: str
    name: str = ""  # the environment, dataset, principal, or what is said
    run: str | None = None
    job: str | None = None


def read_step(text: str) -> Step:
    """The step that a text spells; one of the kind ``step`` where it is none that is known."""
    if found := _PACKAGE.fullmatch(text):
        return Step("environment", found["environment"])
    if found := _WRITTEN.fullmatch(text):
        return Step("written", found["dataset"], found["run"], found["job"])
    if found := _READ.fullmatch(text):
        return Step("read", found["dataset"])
    if found := _RUN.fullmatch(text):
        return Step("run", "", found["run"], found["job"])
    if found := _ACCESS.fullmatch(text):
        return Step("principal", found["principal"])
    return Step("asked") if _ASKED.fullmatch(text) else Step("step", text)


def home_of(text: str) -> str:
    """The dataset that the last step of a path names; '' where it is no such step."""
    told = _RECORD.fullmatch(text)
    return told["dataset"] if told else ""


def _like(form: str, **places: str) -> str:
    """What texts of a form look like; where no more is told of a place, anything may stand there."""
    words = _PLACES.split(form)
    return "".join(places.get(word, f"(?P<{word}>.+)") if odd % 2 else word for odd, word in enumerate(words))


_TIME = rf"(?:{BEGINNING}|\S+)"
_A_RUN = _like(RUN, run=r"(?P<run>\S+?)") + f"(?:{_like(OF_JOB)})?"
_PACKAGE, _ASKED, _ACCESS, _RECORD = (re.compile(_like(form)) for form in (PACKAGE, ASKED, ACCESS, RECORD))
_RUN = re.compile(_A_RUN)
_READ = re.compile(
    _like(READ, dataset="(?P<dataset>.+?)") + f"(?:{_like(AT, start=_TIME)}|{_like(DURING, start=_TIME, end=_TIME)})"
)
_WRITTEN = re.compile(_like(WRITTEN, writer=f"(?:{_A_RUN}|{NO_RUN})", start=_TIME))
# The same as `home_of` in SQL, of a row with the ``path`` of the person ``id``.
_OF, _BELONGS_TO = (f"'{word}'" for word in _PLACES.split(RECORD)[2:5:2])
HOME = f"string_split(left(path[-1], len(path[-1]) - len({_BELONGS_TO} || id)), {_OF})[-1]"
