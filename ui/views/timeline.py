"""Timelines as HTML: activity in steps of time, the window on it, when people were touched, and when sources spoke.

What is drawn is counted here, in steps that a screen can show apart, so that a page is sent a few thousand characters
however much happened; a chart library draws each event, and loads for longer than these take to be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from lineage.names import AFTER_ALL, BEFORE_ALL, FIRST, LAST, format_instant, parse_instant
from lineage.questions.wording import between, clock
from ui import drawing
from ui.holding import Held
from ui.theme import GRADE_MARK, GRADES

SERIES = ("reads", "writes", "attempts", "runs")
FINE = 10  # steps of a bucket that moments are counted in, whatever the axis will be
HEIGHT = 130  # px: the bars of activity
STEPS = 180  # bars of a lane beside each other
TOLD = 6  # of them, that say together what they are when they are pointed at
LEAST = 18  # percent of a lane that its smallest bar is high
NICE = tuple(
    timedelta(seconds=seconds)
    for seconds in (1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400)
)
TICKS = 9
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_SECOND = 1_000_000  # µs
_HOUR = 3600 * _SECOND
BESIDE = 12 * _HOUR  # at least, on either side of a window


def around(held: Held, section: str, column: str) -> dict[str, list[str]]:
    """The part of the activity that is shown: where the window has both ends, the window and all that was touched, with
    as long again on either side; else all of it. In a few weeks, two hours would be a line."""
    window = [held.answer.parameters.get(end) for end in ("from", "to")]
    if not all(window):
        return {}
    [told] = held.over(
        section,
        f"SELECT min({column}) AS low, max({column}) AS high FROM listed "
        f"WHERE {column} > {BEFORE_ALL} AND {column} < {AFTER_ALL}",
    )
    found = [*(parse_instant(str(end)) for end in window), *(at for at in told.values() if at is not None)]
    low, high = min(found), max(found)
    beside = max(high - low, BESIDE)
    low, high = (low - beside) // _HOUR * _HOUR, -(-(high + beside) // _HOUR) * _HOUR
    return {"from": [format_instant(max(FIRST, low))], "to": [format_instant(min(LAST, high))]}


def moments(held: Held, section: str, column: str, bucket_seconds: int) -> list[tuple[int, str, int]]:
    """When how many of each grade were, counted by the engine in steps that are FINE to a bucket of the activity: what
    `activity` takes."""
    counted = held.over(
        section,
        f"SELECT {column} // $wide * $wide + $wide // 2 AS time, grade, count(*) AS count FROM listed "
        f"WHERE {column} > {BEFORE_ALL} AND {column} < {AFTER_ALL} GROUP BY ALL ORDER BY ALL",
        wide=bucket_seconds * _SECOND // FINE,
    )
    return [(row["time"], row["grade"], row["count"]) for row in counted]


def ends(
    buckets: Sequence[Mapping[str, Any]], window: tuple[str | None, str | None], moments: Sequence[tuple[int, str, int]]
) -> tuple[int, int] | None:
    """What a timeline of these spans (µs); None where there is nothing."""
    found = [parse_instant(row[end]) for row in (*buckets[:1], *buckets[-1:]) for end in ("start", "end")]
    found += [parse_instant(text) for text in window if text] + [moment for moment, *_ in moments]
    return (min(found), max(found) + 1) if found else None


def activity(
    buckets: Sequence[Mapping[str, Any]], *, window: tuple[str | None, str | None],
    moments: Sequence[tuple[int, str, int]], step: int, about: str, says: str,
) -> None:  # fmt: skip
    """Bars of what happened in each step of time, a band over the window, and a lane for each grade of ``moments``.

    ``moments`` are (µs, grade, how many); ``about`` says what happened then. ``step``: seconds.
    """
    found = ends(buckets, window, moments)
    if found is None:
        drawing.empty("Nothing was observed", "Nothing is known to have happened in that time.")
        return
    axis = Axis(*found)
    graded = {grade: axis.steps((moment, count) for moment, of, count in moments if of == grade) for grade in GRADES}
    lanes = "".join(_lane(grade, steps) for grade, steps in graded.items() if steps)
    lanes = f'<div class="lanes">{lanes}{_lanes_say(axis, graded, about)}</div>' if lanes else ""
    most = max((sum(row[what] for what in SERIES) for row in buckets), default=0)
    named = [what for what in SERIES if any(row[what] for row in buckets)]
    legend = "".join(f'<span><i class="swatch is-{what}"></i>{what}</span>' for what in named)
    legend += '<span><i class="swatch is-window"></i>the window</span>' if any(window) else ""
    legend += f'<span class="quiet">how many in each {_wide(step)}, UTC</span>'
    drawing.html(
        f'<figure class="when" role="img" aria-label="{escape(says)}"><div class="legend small">{legend}</div>'
        f'<div class="rows">{lanes}<div class="row" style="height:{HEIGHT}px">'
        f'<div class="name"><span>{drawing.number(most)}</span><span>0</span></div>'
        f'<div class="plot">{_bars(axis, buckets, most)}</div></div>{_scale(axis)}{_band(axis, *window)}</div></figure>'
    )


def _wide(seconds: int) -> str:
    """How long a bar is, in words."""
    unit, long = next((unit, long) for unit, long in UNITS if seconds % long == 0)
    return unit if seconds == long else f"{drawing.number(seconds // long)} {unit}s"


def spans(rows: Sequence[Mapping[str, str]]) -> None:
    """When each source was observed and when it was silent: rows of (source, start, end, what)."""
    axis = Axis(min(parse_instant(row["start"]) for row in rows), max(parse_instant(row["end"]) for row in rows) + 1)
    body = ""
    for source in dict.fromkeys(row["source"] for row in rows):
        own = [row for row in rows if row["source"] == source]
        quiet = [(parse_instant(row["start"]), parse_instant(row["end"])) for row in own if row["what"] == "silent"]
        seen = [(parse_instant(row["start"]), parse_instant(row["end"])) for row in own if row["what"] == "observed"]
        first = own[0]
        told = f"{source}: {between(first['start'], first['end'])}, {drawing.number(len(quiet))} silences"
        body += (
            f'<div class="row span" title="{escape(told)}"><div class="name">{escape(source)}</div>'
            f'<div class="plot">{_spans(axis, seen, "observed")}{_spans(axis, quiet, "silent")}</div></div>'
        )
    legend = "".join(f'<span><i class="swatch is-{what}"></i>{what}</span>' for what in ("observed", "silent"))
    drawing.html(
        f'<figure class="when wide" role="img" aria-label="When each source was observed and when it was silent">'
        f'<div class="legend small">{legend}</div>'
        f'<div class="rows">{body}{_scale(axis)}</div></figure>'
    )


class Axis:
    """From ``low`` to ``high`` (µs); places are percent."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def at(self, moment: int) -> float:
        return 100 * (min(max(moment, self.low), self.high) - self.low) / (self.high - self.low)

    def steps(self, moments: Iterable[tuple[int, int]]) -> dict[int, int]:
        """How many are in each of STEPS steps that has any."""
        found: dict[int, int] = {}
        for moment, count in moments:
            step = min(STEPS - 1, (moment - self.low) * STEPS // (self.high - self.low))
            found[step] = found.get(step, 0) + count
        return dict(sorted(found.items()))

    def begins(self, step: int) -> int:
        return self.low + step * (self.high - self.low) // STEPS

    def ticks(self) -> list[tuple[int, str]]:
        """Round moments, some TICKS of them, and how each is called."""
        span = timedelta(microseconds=self.high - self.low)
        low, high = _datetime(self.low), _datetime(self.high - 1)  # what is after the last instant of all has no date
        step = next((step for step in NICE if span / step <= TICKS), None)
        if step is None:
            return list(_months(low, high, max(1, round(span.days / 30.4 / TICKS))))
        zero = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday
        at, told = zero + -(-(low - zero) // step) * step, []
        while at <= high:
            whole = step >= timedelta(days=1) or (at.hour, at.minute, at.second) == (0, 0, 0)
            name = f"{at.day} {at:%b}" if whole else f"{at:%H:%M}" if at.second == 0 else f"{at:%H:%M:%S}"
            told.append((_of(at), name))
            at += step
        if told and not any(character.isalpha() for _, name in told for character in name):
            told[0] = (told[0][0], f"{_datetime(told[0][0]).day} {_datetime(told[0][0]):%b} {told[0][1]}")
        return told


def _months(low: datetime, high: datetime, every: int) -> Iterable[tuple[int, str]]:
    first = low.year * 12 + low.month  # the month after it, counted from 0
    for number in range(first, high.year * 12 + high.month):
        if number % every == 0:
            at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
            yield _of(at), f"{at:%Y}" if at.month == 1 else f"{at:%b}"


def _bars(axis: Axis, buckets: Sequence[Mapping[str, Any]], most: int) -> str:
    """Each series stands upon those before it: drawn from the last to the first, each over what stands higher."""
    drawn, over = "", ""
    for number in range(len(SERIES), 0, -1):
        blocks = [
            (*_sides(axis, row), 100 * sum(row[what] for what in SERIES[:number]) / most)
            for row in buckets
            if row[SERIES[number - 1]]
        ]
        drawn += _shape(f"is-{SERIES[number - 1]}", blocks)
    for row in buckets:
        told = ", ".join(f"{drawing.number(row[what])} {what}" for what in SERIES if row[what])
        over += _spot(*_sides(axis, row), f"from {clock(row['start'])}: {told}")
    return drawn + over


def _sides(axis: Axis, row: Mapping[str, Any]) -> tuple[float, float]:
    return axis.at(parse_instant(row["start"])), axis.at(parse_instant(row["end"]) + 1)


def _lane(grade: str, steps: Mapping[int, int]) -> str:
    """How many of one grade in each step, as bars; the mark of the grade names the lane."""
    most, wide = max(steps.values()), 100 / STEPS
    blocks = [(step * wide, (step + 0.8) * wide, max(LEAST, 100 * count / most)) for step, count in steps.items()]
    name = f'<span class="mark-{grade}" aria-hidden="true">{GRADE_MARK[grade]}</span> {grade}'
    return (
        f'<div class="row lane"><div class="name">{name}</div>'
        f'<div class="plot">{_shape(f"bg-{grade}", blocks)}</div></div>'
    )


def _lanes_say(axis: Axis, graded: Mapping[str, Mapping[int, int]], about: str) -> str:
    """What the lanes say where they are pointed at: TOLD steps of all grades at once."""
    spots = ""
    for first in range(0, STEPS, TOLD):
        steps = range(first, first + TOLD)
        counts = {grade: sum(found.get(step, 0) for step in steps) for grade, found in graded.items()}
        if told := ", ".join(f"{drawing.number(count)} {grade}" for grade, count in counts.items() if count):
            since = clock(format_instant(axis.begins(first) // _SECOND * _SECOND))
            spots += _spot(100 * first / STEPS, 100 * (first + TOLD) / STEPS, f"from {since}: {told}, {about}")
    return f'<div class="over says">{spots}</div>'


def _spans(axis: Axis, found: Iterable[tuple[int, int]], what: str) -> str:
    """Intervals; those that a screen cannot show apart are one."""
    drawn: list[list[float]] = []
    for start, end in sorted(found):
        left, right = axis.at(start), max(axis.at(end), axis.at(start) + 0.15)
        if drawn and left <= drawn[-1][1] + 0.02:
            drawn[-1][1] = max(drawn[-1][1], right)
        else:
            drawn.append([left, right])
    return _shape(f"is-{what}", [(left, right, 100.0) for left, right in drawn])


def _shape(name: str, blocks: Iterable[tuple[float, float, float]]) -> str:
    """Blocks (left, right, height; percent) as one element, cut to their outline: a browser draws it at once."""
    outline = ",".join(
        f"{left:.2f}% 100%,{left:.2f}% {100 - high:.1f}%,{right:.2f}% {100 - high:.1f}%,{right:.2f}% 100%"
        for left, right, high in blocks
    )
    return f'<i class="shape {name}" style="clip-path:polygon({outline})"></i>' if outline else ""


def _spot(left: float, right: float, says: str) -> str:
    """A place that says what is there when it is pointed at."""
    return f'<i class="spot" style="left:{left:.2f}%;width:{right - left:.2f}%" title="{escape(says)}"></i>'


def _band(axis: Axis, low: str | None, high: str | None) -> str:
    if not low and not high:
        return ""
    left, right = axis.at(parse_instant(low)) if low else 0, axis.at(parse_instant(high)) if high else 100
    style = f"left:{left:.2f}%;width:{right - left:.2f}%"
    return f'<div class="over"><i class="band" style="{style}"></i></div>'


def _scale(axis: Axis) -> str:
    ticks = "".join(f'<span style="left:{axis.at(at):.2f}%">{name}</span>' for at, name in axis.ticks())
    return f'<div class="row scale"><div class="name"></div><div class="plot">{ticks}</div></div>'


def _of(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _datetime(moment: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
