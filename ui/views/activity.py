"""How much happened over time: as bars, and every step of time in a table."""

from ui.holding import Held
from ui.views import general, timeline


def show(held: Held) -> None:
    told = held.answer.parameters
    if held.rows("buckets"):
        timeline.activity(
            held.rows("buckets"), window=(told.get("from"), told.get("to")), moments=(),
            step=held.summary["bucket_seconds"], about="", says="How much was read, written, run and refused over time",
        )  # fmt: skip
    general.table(held, "buckets")
