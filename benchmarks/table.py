"""The table: what was measured, against what, and whether it is enough."""

import os
import platform
from dataclasses import dataclass, field

import duckdb

from benchmarks.child import TooMuch


@dataclass(frozen=True)
class Need:
    """What a row must reach. ``value`` against ``limit``: at most, or at least."""

    value: float
    limit: float
    unit: str  # 'x' of the floor's time or rate, 's', 'ms', 'B', 'MB'
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def missed(self) -> float:
        over, under = (self.limit, self.value) if self.at_least else (self.value, self.limit)
        return over / under if under else float("inf")

    def __str__(self) -> str:
        if self.value == float("inf"):
            return "**none**"
        return f"{'' if self.met else '**'}{short(self.value)} {self.unit}{'' if self.met else '**'}"

    @property
    def target(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g} {self.unit}" if self.limit else "an answer"


@dataclass(frozen=True)
class Line:
    """One row: seconds of ours, of the floor and of each peer (medians), memory in MB."""

    work: str
    ours: float | None
    floor: float | None
    needs: tuple[Need, ...]
    peers: dict[str, float] = field(default_factory=dict)
    memory: float | None = None
    note: str = ""
    profile: list[tuple[float, int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"  {self.work}: {seconds(self.ours)}, floor {seconds(self.floor)}: {', '.join(map(str, self.needs))}"

    @property
    def worst(self) -> float:
        """How far the worst need is missed; above 1 is missed."""
        return max((need.missed for need in self.needs), default=0)


def unanswered(why: TooMuch) -> Need:
    return Need(float("inf"), 0.0, why.unit)


HEAD = ("work", "ours", "floor", "peers", "is", "must be", "peak memory", "growth from 1/10, 1/100")


def short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 100 else f"{number:,.0f}"


def seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{short(1000 * value)} ms" if value < 1 else f"{short(value)} s"


def markdown(lines: list[Line], smaller: list[dict[str, Line]], size: str) -> str:
    """The whole table, worst rows first. ``smaller``: the rows of 1/10 and of 1/100 of the size, by work."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    for line in sorted(lines, key=lambda line: -line.worst):
        grown = [
            f"{line.ours / small.ours:.1f} x" if line.ours and small and small.ours else "-"
            for small in (found.get(line.work) for found in smaller)
        ]
        rows.append((
            line.work + (f" ({line.note})" if line.note else ""),
            seconds(line.ours),
            seconds(line.floor),
            ", ".join(f"{name} {seconds(took)}" for name, took in line.peers.items()),
            ", ".join(str(need) for need in line.needs),
            ", ".join(need.target for need in line.needs),
            "-" if line.memory is None else f"{short(line.memory)} MB",
            ", ".join(grown),
        ))  # fmt: skip
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{size} Made on {machine()}. Bold: falls short.\n\n{text}\n"


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.readlines()
    except OSError:
        return []
