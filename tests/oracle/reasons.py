"""Why a data subject is only possible (semantics.md, section 6): what evidence would make it better known."""

from collections.abc import Iterable

from tests.oracle.grades import Exposure, Graded
from tests.oracle.questions import BlastRadius
from tests.oracle.touches import Read, Touches


def doubts(touches: Touches, question: BlastRadius, exposure: Exposure) -> frozenset[str]:
    """Why an exposure is not certain; several seeds may each be the reason."""
    read, access = exposure.touch, exposure.touch.access
    if exposure.by == "dataset":
        return frozenset({"open-dataset"})
    if access and not read.certain:
        return frozenset({"unknown-operation" if access.operation == "unknown" else "unknown-outcome"})
    run = touches.runs.get(read.run or "")
    if run and not access and not read.certain:
        if run.placed:
            return frozenset({"unfinished-run"})
        started = any(event.kind == "START" for event in touches.events(run.id))
        return frozenset({"run-out-of-order" if started else "run-without-start"})
    if exposure.by == "principal":
        return frozenset({"credential", "partly-outside-window"})
    packages = question.packages or question.advisories
    return frozenset({"partly-outside-window"} | ({"uncertain-presence"} if packages else set()))


def reasons(
    touches: Touches, graded: Graded, question: BlastRadius, exposures: Iterable[Exposure]
) -> dict[str, frozenset[str]]:
    """For each person what may be the reason, if only possible: flow only for who was not in what was read itself."""
    direct: dict[str, frozenset[str]] = {}
    flowed: set[str] = set()
    for exposure in exposures:
        assert isinstance(exposure.touch, Read)
        why = {"uncertain-record-presence"} if exposure.certain else doubts(touches, question, exposure)
        own = graded.own(exposure)
        for _, _, subject in own:
            direct[subject] = direct.get(subject, frozenset()) | why
        flowed |= {subject for _, _, subject in graded.graded(exposure) if subject}
    return {subject: direct.get(subject, frozenset({"flow"})) for subject in flowed}
