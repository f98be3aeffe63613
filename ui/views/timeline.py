"""Timelines: activity in steps of time, the window on it, and moments that an answer is about."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ui.theme import GRADE_COLOUR, GRADES

SERIES = ("reads", "writes", "attempts", "runs")
COLOURS = {"reads": "#0072B2", "writes": "#CC79A7", "attempts": "#D55E00", "runs": "#8A97A3"}
SHAPES = ("circle", "diamond", "triangle-up")


def activity(
    buckets: Sequence[dict[str, Any]], seconds: int, *, window: tuple[str | None, str | None] = (None, None),
    moments: Sequence[dict[str, Any]] = (), height: int = 210,
) -> alt.LayerChart:  # fmt: skip
    """Bars of what happened in each step; a band over the window; points for ``moments`` (time, grade, label)."""
    frame = pd.DataFrame(
        [
            {"start": row["start"], "end": row["end"], "what": what, "events": row[what]}
            for row in buckets
            for what in SERIES
            if row[what]
        ],
        columns=["start", "end", "what", "events"],
    )
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
    axis = alt.Axis(title=None, grid=False, labelFontSize=11, tickCount=10)
    scale = alt.Scale(type="utc")
    bars = alt.Chart(frame).mark_rect().encode(
        x=alt.X("start:T", axis=axis, scale=scale),
        x2="end:T",
        y=alt.Y("events:Q", stack="zero", axis=alt.Axis(title=None, tickCount=3, labelFontSize=11, gridOpacity=0.4)),
        color=alt.Color(
            "what:N",
            scale=alt.Scale(domain=list(SERIES), range=list(COLOURS.values())),
            legend=alt.Legend(title=None, orient="top", symbolType="square"),
        ),
        tooltip=[
            alt.Tooltip("start:T", title="from", format="%Y-%m-%d %H:%M:%S", formatType="utc"),
            alt.Tooltip("what:N", title="what"),
            alt.Tooltip("events:Q", title="count"),
        ],
    )  # fmt: skip
    layers: list[Any] = []
    layers.append(bars)
    if (band := _band(frame, window)) is not None:
        layers.append(
            alt.Chart(band).mark_rect(color="#D55E00", opacity=0.13, stroke="#D55E00", strokeWidth=2).encode(
                x="start:T", x2="end:T"
            )
        )  # fmt: skip
    if moments:
        layers.append(_moments(moments))
    return alt.layer(*layers).properties(height=height).resolve_scale(color="independent", shape="independent")


def _band(frame: pd.DataFrame, window: tuple[str | None, str | None]) -> pd.DataFrame | None:
    if not any(window):
        return None
    low, high = (pd.to_datetime(text, utc=True, format="ISO8601") if text else None for text in window)
    low = low if low is not None else frame["start"].min()
    high = high if high is not None else frame["end"].max()
    return pd.DataFrame({"start": [low], "end": [high]})


def _moments(moments: Sequence[dict[str, Any]]) -> alt.Chart:
    frame = pd.DataFrame(list(moments))
    frame["time"] = pd.to_datetime(frame["time"], utc=True, format="ISO8601")
    return alt.Chart(frame).mark_point(filled=True, size=46, opacity=0.9).encode(
        x="time:T",
        y=alt.value(-9),
        color=alt.Color(
            "grade:N", scale=alt.Scale(domain=list(GRADES), range=[GRADE_COLOUR[grade] for grade in GRADES]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        shape=alt.Shape("grade:N", scale=alt.Scale(domain=list(GRADES), range=list(SHAPES)), legend=None),
        tooltip=[
            alt.Tooltip("time:T", format="%Y-%m-%d %H:%M:%S", formatType="utc"),
            alt.Tooltip("grade:N"),
            alt.Tooltip("label:N", title="who"),
        ],
    )  # fmt: skip
