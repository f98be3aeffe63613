"""A graph laid out: columns by kind, rows by barycentre and time, positions in pixels.

A long column is wrapped into lanes, filled row by row: so what belongs together is a band beside what it is joined to,
and the edges to it do not cross those to others.

The only rooms that know networkx are this one and its siblings `graph` and `links`. A node carries ``kind``,
``label``, ``column`` and, where it has them, ``thing`` (KIND:ID), ``grade``, ``count``, ``group``, ``first``; an edge
``says`` and ``count``.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from lineage.questions.wording import spaced

MOST = 2_000  # nodes that are drawn; beyond it they are summarised
WIDE, NARROW, HIGH, LOW = 165, 96, 76, 48  # px: columns, lanes of a wrapped one, rows, rows of a long column
TALL = 20  # rows of a column, at least, before it is wrapped into lanes
SHAPE = 0.8  # of the place that a page has for a picture: its height by its width
SPREAD = 2.6  # times as far apart as they would be, at most
SWEEPS = 4  # to and fro over the columns; further ones move little


@dataclass(frozen=True)
class Picture:
    """Nodes and edges as plain JSON, each node with x and y in px; ``left_out`` nodes were summarised away.

    ``inside`` says in which group a person or a run is that has no node of its own.
    """

    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    inside: dict[str, str] = field(default_factory=dict)


def new_graph() -> "nx.DiGraph[str]":
    return nx.DiGraph()


def lay_out(graph: "nx.DiGraph[str]", most: int = MOST) -> Picture:
    """Give every node its place; where there are more than ``most``, the lightest of each column become one node."""
    left_out = _summarise(graph, most)
    columns = _columns(graph)
    per = _rows(columns)
    _order(graph, columns, per)
    _align(graph, columns, per)
    x = 0.0
    for nodes in columns:
        lanes = _lanes(nodes, per)
        for number, node in enumerate(nodes):
            graph.nodes[node]["x"] = round(x + NARROW * (number % lanes))
        x += WIDE + NARROW * (lanes - 1)
    _spread(graph)
    return Picture(
        [{"id": node, **told} for node, told in graph.nodes(data=True)],
        [{"source": source, "target": target, **told} for source, target, told in graph.edges(data=True)],
        left_out,
        graph.graph.get("inside", {}),
    )


def _spread(graph: "nx.DiGraph[str]") -> None:
    """Columns further apart where they are long and few: the picture takes the width that a page gives it."""
    places = [(told["x"], told["y"]) for _, told in graph.nodes(data=True)]
    wide = max((x for x, _ in places), default=0)
    high = max((y for _, y in places), default=0) - min((y for _, y in places), default=0)
    if wide and high > wide:
        for _, told in graph.nodes(data=True):
            told["x"] = round(told["x"] * min(SPREAD, high / wide))


def _summarise(graph: "nx.DiGraph[str]", most: int) -> int:
    """Merge the lightest nodes of each column until at most ``most`` are left; returns how many went."""
    over = graph.number_of_nodes() - most
    if over <= 0:
        return 0
    by_column: dict[int, list[str]] = defaultdict(list)
    for node, told in graph.nodes(data=True):
        by_column[told["column"]].append(node)
    left_out = 0
    for column, nodes in sorted(by_column.items(), key=lambda item: -len(item[1])):
        if over <= 0:
            break
        nodes.sort(key=lambda node: (-graph.nodes[node].get("count", 1), node))
        keep = max(1, len(nodes) - over - 1)
        gone = nodes[keep:]
        if len(gone) < 2:
            continue
        rest = f"rest:{column}"
        kind = graph.nodes[gone[0]]["kind"]
        graph.add_node(rest, kind=kind, label=f"{spaced(len(gone))} more", column=column, count=len(gone), rest=True)
        for node in gone:
            for before in list(graph.predecessors(node)):
                _merge(graph, before, rest, graph.edges[before, node])
            for after in list(graph.successors(node)):
                _merge(graph, rest, after, graph.edges[node, after])
            graph.remove_node(node)
        over -= len(gone) - 1
        left_out += len(gone)
    return left_out


def _merge(graph: "nx.DiGraph[str]", source: str, target: str, told: dict[str, Any]) -> None:
    if source == target:
        return
    if graph.has_edge(source, target):
        graph.edges[source, target]["count"] += told.get("count", 1)
    else:
        graph.add_edge(source, target, **{**told, "count": told.get("count", 1)})


def _columns(graph: "nx.DiGraph[str]") -> list[list[str]]:
    """Nodes by column, empty columns dropped, in the order of time."""
    found: dict[int, list[str]] = defaultdict(list)
    for node, told in graph.nodes(data=True):
        found[told["column"]].append(node)
    for nodes in found.values():
        nodes.sort(key=lambda node: (graph.nodes[node].get("first") or "", graph.nodes[node]["label"], node))
    return [found[column] for column in sorted(found)]


def _rows(columns: list[list[str]]) -> int:
    """Rows of a column before it is wrapped: such that the picture has the shape of its place."""
    per, longest = TALL, max(map(len, columns), default=0)
    while per < longest and per * LOW < SHAPE * sum(WIDE + NARROW * (_lanes(nodes, per) - 1) for nodes in columns):
        per += 1
    return per


def _lanes(nodes: list[str], per: int) -> int:
    return -(-len(nodes) // per)


def _rising(nodes: list[str], per: int) -> Iterator[tuple[str, float]]:
    """The nodes of a column with their heights, one row below the other."""
    lanes, step = _lanes(nodes, per), HIGH if len(nodes) < TALL else LOW
    middle = ((len(nodes) - 1) // lanes) / 2
    for number, node in enumerate(nodes):
        yield node, (number // lanes - middle) * step


def _order(graph: "nx.DiGraph[str]", columns: list[list[str]], per: int) -> None:
    """Sweep to and fro, each column in the order of the middle of what it is joined to."""
    place = {node: y for nodes in columns for node, y in _rising(nodes, per)}
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for nodes in columns if forth else reversed(columns):
            middle = {}
            for node in nodes:
                near = list(graph.predecessors(node) if forth else graph.successors(node))
                middle[node] = sum(place[other] for other in near) / len(near) if near else place[node]
            nodes.sort(key=lambda node: (middle[node], place[node]))
            place.update(_rising(nodes, per))


def _align(graph: "nx.DiGraph[str]", columns: list[list[str]], per: int) -> None:
    """Heights: sweep to and fro, each column that is not wrapped as near to what it is joined to as its rows allow."""
    place = {node: y for nodes in columns for node, y in _rising(nodes, per)}
    for sweep in range(SWEEPS):
        for nodes in columns if sweep % 2 else reversed(columns):
            if len(nodes) > per:
                continue
            wanted = []
            for node in nodes:
                near = [place[other] for other in (*graph.predecessors(node), *graph.successors(node))]
                wanted.append(sum(near) / len(near) if near else place[node])
            place.update(zip(nodes, _apart(wanted, HIGH if len(nodes) < TALL else LOW), strict=True))
    for node, y in place.items():
        graph.nodes[node]["y"] = round(y)


def _apart(wanted: list[float], step: float) -> list[float]:
    """The heights nearest to those ``wanted`` that keep their order and are ``step`` apart: rows that would be closer
    are moved together, as one block."""
    blocks: list[tuple[float, int]] = []  # where its first row wants to be, and how many rows it has
    for number, height in enumerate(wanted):
        first, rows = height - number * step, 1
        while blocks and blocks[-1][0] > first:
            before, many = blocks.pop()
            first, rows = (before * many + first * rows) / (many + rows), many + rows
        blocks.append((first, rows))
    firsts = [first for first, rows in blocks for _ in range(rows)]
    return [first + number * step for number, first in enumerate(firsts)]
