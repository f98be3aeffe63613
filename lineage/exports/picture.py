"""A graph laid out: columns by kind, rows by barycentre and time, positions in pixels.

The only rooms that know networkx are this one and its sibling `graph`. A node carries ``kind``, ``label``, ``column``
and, where it has them, ``thing`` (KIND:ID), ``grade``, ``count``, ``group``, ``first``; an edge ``says`` and ``count``.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

MOST = 2_000  # nodes that are drawn; beyond it they are summarised
WIDE, NARROW, HIGH, LOW = 165, 96, 76, 48  # px: columns, parts of a wrapped one, rows, rows of a long column
TALL = 20  # rows of a column before it is wrapped into several
SPREAD = 2.6  # times as far apart as they would be, at most
SWEEPS = 4


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
    _order(graph, columns)
    x = 0.0
    for rows in columns:
        step = HIGH if len(rows) < TALL else LOW
        per = max(TALL, round(1.4 * len(rows) ** 0.5)) if len(rows) > TALL else len(rows)
        for number, node in enumerate(rows):
            graph.nodes[node]["x"] = round(x + NARROW * (number // per))
            graph.nodes[node]["y"] = round((number % per - (min(per, len(rows)) - 1) / 2) * step)
        x += WIDE + NARROW * ((len(rows) - 1) // per)
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
        graph.add_node(rest, kind=kind, label=f"{len(gone):,} more", column=column, count=len(gone), rest=True)
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


def _order(graph: "nx.DiGraph[str]", columns: list[list[str]]) -> None:
    """Sweep to and fro, each column in the order of the middle of what it is joined to."""
    place = {node: float(number) - len(rows) / 2 for rows in columns for number, node in enumerate(rows)}
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for rows in columns if forth else reversed(columns):
            middle = {}
            for node in rows:
                near = list(graph.predecessors(node) if forth else graph.successors(node))
                middle[node] = sum(place[other] for other in near) / len(near) if near else place[node]
            rows.sort(key=lambda node: (middle[node], place[node]))
            for number, node in enumerate(rows):
                place[node] = number - len(rows) / 2
