"""How the engine plans statements and on how many threads, by the size of the store.

A question is some hundred small statements, and so is a settle: to a store of a few megabytes planning them is nearly
all that they cost. There one thread and simple plans take two thirds of the time to answer, and four fifths to settle.
In one of some more, statements are still too short to share between threads: a tenth less time to answer. A large one
earns back what optimizers and threads do.
"""

from dataclasses import dataclass

INPUT_WEIGHT = 16  # an input has more to do for a byte than the store has


@dataclass(frozen=True)
class Plan:
    """``threads``: None for as many as there are cores; ``without``: optimizers of the engine that are left out."""

    threads: int | None = None
    without: str = ""

    def settings(self) -> tuple[str, ...]:
        threads = "RESET threads" if self.threads is None else f"SET threads = {self.threads}"
        return (threads, f"SET disabled_optimizers = '{self.without}'")


LARGE = Plan()
SIMPLE = Plan(
    threads=1,
    without="statistics_propagation,expression_rewriter,common_subplan,join_elimination,projection_placement,"
    "cte_filter_pusher,join_filter_pushdown",
)
# Below so many bytes, for those who only read and for those who write.
READING = ((64_000_000, SIMPLE), (128_000_000, Plan(threads=1, without="statistics_propagation")))
WRITING = ((20_000_000, SIMPLE),)


def choose_plan(store: int, coming: int, read_only: bool) -> Plan:
    """For a store of so many bytes, with so many bytes of inputs to come."""
    size = store + INPUT_WEIGHT * coming
    return next((plan for limit, plan in (READING if read_only else WRITING) if size < limit), LARGE)
