"""What every answer must say about itself, with counts (semantics.md, section 6)."""

from collections.abc import Iterable

from tests.oracle.grades import Exposure
from tests.oracle.model import World
from tests.oracle.questions import BlastRadius
from tests.oracle.seeds import shared
from tests.oracle.touches import Touches, in_statement


def of_all(everything: World) -> dict[str, int]:
    """Of all that a store holds, whatever is asked."""
    touches = Touches(everything)
    runs = {run: [event.kind for event in touches.events(run)] for run in touches.runs}
    known = {one.id for one in everything.principals}
    told = {touches.principal(one.principal) for one in everything.accesses}
    told |= {touches.principal(one.principal) for one in everything.jobs if one.principal}
    return {
        "run-without-start": sum("START" not in kinds for kinds in runs.values()),
        "run-out-of-order": sum("START" in kinds and not touches.runs[run].placed for run, kinds in runs.items()),
        "unparsed-statement": sum(bool(one.statement) and in_statement(one) is None for one in everything.accesses),
        "unknown-principal": len(told - known),
    }


def of_answer(touches: Touches, question: BlastRadius, exposures: Iterable[Exposure]) -> dict[str, int]:
    """Reads of exposed datasets by principals that no catalog knows, while the window was open; and the keys that
    exposed accesses named without an entry, where there are some entries that were not declared complete."""
    read = [one.touch for one in exposures]
    exposed = {one.dataset for one in read}
    known = {one.id for one in touches.world.principals}
    reads = {
        one.access
        for one in touches.reads
        if one.access and one.dataset in exposed and shared(one.interval, question.window)
    }
    entries = {(touches.canonical(one.dataset), one.key) for one in touches.world.entries}
    partly = {dataset for dataset, _ in entries if not touches.indexed(dataset)}
    named = {
        (one.dataset, key)
        for one in read
        if one.dataset in partly and one.access and one.named == one.access.dataset and not one.blurred
        for key in one.access.keys or ()
    }
    return {
        "unknown-principal-read": sum(touches.principal(one.principal) not in known for one in reads),
        "key-without-entry": len(named - entries),
    }
