"""Timelines as Vega-Lite: activity in steps of time, the window on it, moments, and when sources spoke."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.theme import GRADE_COLOUR, GRADES

SERIES = ("reads", "writes", "attempts", "runs")
COLOURS = ("#0072B2", "#CC79A7", "#D55E00", "#8A97A3")
SHAPES = ("circle", "diamond", "triangle-up")
SOURCE_COLOURS = {"observed": "#0072B2", "silent": "#D55E00"}
_CLOCK = {"format": "%Y-%m-%d %H:%M:%S", "formatType": "utc", "type": "temporal"}
_AXIS = {"title": None, "labelFontSize": 11}

Spec = dict[str, Any]


def activity(
    buckets: Sequence[dict[str, Any]], *, window: tuple[str | None, str | None] = (None, None),
    moments: Sequence[dict[str, Any]] = (), height: int = 210, says: str,
) -> None:  # fmt: skip
    """Bars of what happened in each step; a band over the window; points for ``moments`` (time, grade, label)."""
    rows = [
        {"start": row["start"], "end": row["end"], "what": what, "events": row[what]}
        for row in buckets
        for what in SERIES
        if row[what]
    ]
    layers = [_bars(rows)]
    if any(window) and rows:
        low, high = window[0] or rows[0]["start"], window[1] or rows[-1]["end"]
        layers.append(_band(low, high))
    if moments:
        layers.append(_moments(moments))
    _draw(
        {"layer": layers, "height": height, "resolve": {"scale": {"color": "independent", "shape": "independent"}}},
        says,
    )


def spans(rows: Sequence[dict[str, Any]], *, says: str) -> None:
    """When each source was observed and when it was silent: rows of (source, start, end, what)."""
    spec = {
        "data": {"values": list(rows)},
        "height": 80 + 30 * len({row["source"] for row in rows}),
        "mark": {"type": "bar", "height": 12, "cornerRadius": 2, "minBandSize": 3},
        "encoding": {
            "x": {**_time("start"), "axis": {**_AXIS, "grid": True, "gridOpacity": 0.4}},
            "x2": {"field": "end"},
            "y": {"field": "source", "type": "nominal", "axis": {"title": None, "labelLimit": 220}},
            "color": _colour("what", tuple(SOURCE_COLOURS), tuple(SOURCE_COLOURS.values()), "square"),
            "tooltip": [
                {"field": "source"}, {"field": "what"}, {"field": "start", **_CLOCK}, {"field": "end", **_CLOCK}
            ],
        },
    }  # fmt: skip
    _draw(spec, says)


def _bars(rows: list[dict[str, Any]]) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "rect"},
        "encoding": {
            "x": {**_time("start"), "axis": {**_AXIS, "grid": False, "tickCount": 10}},
            "x2": {"field": "end"},
            "y": {
                "field": "events", "type": "quantitative", "stack": "zero",
                "axis": {**_AXIS, "tickCount": 3, "gridOpacity": 0.4},
            },
            "color": _colour("what", SERIES, COLOURS, "square"),
            "tooltip": [
                {"field": "start", "title": "from", **_CLOCK}, {"field": "what"}, {"field": "events", "title": "count"}
            ],
        },
    }  # fmt: skip


def _band(low: str, high: str) -> Spec:
    return {
        "data": {"values": [{"start": low, "end": high}]},
        "mark": {"type": "rect", "color": "#D55E00", "opacity": 0.16, "stroke": "#D55E00", "strokeWidth": 2},
        "encoding": {"x": _time("start"), "x2": {"field": "end"}},
    }


def _moments(moments: Sequence[dict[str, Any]]) -> Spec:
    return {
        "data": {"values": list(moments)},
        "mark": {"type": "point", "filled": True, "size": 46, "opacity": 0.9},
        "encoding": {
            "x": _time("time"),
            "y": {"value": -9},
            "color": _colour("grade", GRADES, tuple(GRADE_COLOUR.values()), "circle"),
            "shape": {
                "field": "grade",
                "type": "nominal",
                "scale": {"domain": GRADES, "range": SHAPES},
                "legend": None,
            },
            "tooltip": [{"field": "time", **_CLOCK}, {"field": "grade"}, {"field": "label", "title": "who"}],
        },
    }


def _time(field: str) -> Spec:
    return {"field": field, "type": "temporal", "scale": {"type": "utc"}}


def _colour(field: str, names: Sequence[str], colours: Sequence[str], symbol: str) -> Spec:
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(names), "range": list(colours)},
        "legend": {"title": None, "orient": "top", "symbolType": symbol},
    }


def _draw(spec: Spec, says: str) -> None:
    st.vega_lite_chart(spec=spec, alt=says)
