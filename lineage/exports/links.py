"""The graphs of contacts: of what is explored, and of one chain between two things."""

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lineage.exports.picture import new_graph
from lineage.exports.ways import strengthen
from lineage.names import brief

if TYPE_CHECKING:
    import networkx as nx


def of_links(links: Iterable[dict[str, Any]], asked: Iterable[str], kinds: tuple[str, ...]) -> "nx.DiGraph[str]":
    """The graph of neighbours: a column for each kind, rows by time; ``asked`` are the things started from."""
    graph = new_graph()
    chosen = set(asked)
    for link in links:
        ends = []
        for thing in (link["from"], link["to"]):
            node, told = _named(thing)
            ends.append(node)
            if node not in graph:
                graph.add_node(node, **told, column=kinds.index(thing["kind"]), count=0, asked=node in chosen)
            graph.nodes[node]["count"] += 1
            strengthen(graph.nodes[node], {"first": link["first"]})
        source, target = ends
        if graph.has_edge(source, target):
            graph.edges[source, target]["count"] += link["count"]
            said = graph.edges[source, target]["says"]
            graph.edges[source, target]["says"] = said if link["relation"] in said else f"{said}, {link['relation']}"
        else:
            graph.add_edge(source, target, says=link["relation"], count=link["count"])
        strengthen(graph.edges[source, target], {"first": link["first"]})
    return graph


def along(steps: list[dict[str, Any]]) -> "nx.DiGraph[str]":
    """The graph of one chain of contacts, a column for each step."""
    graph = new_graph()
    if not steps:
        return graph
    ends = [(step["reached"], step) for step in steps]
    first = steps[0]
    start = first["to"] if first["reached"] == first["from"] else first["from"]
    chain = [(start, None), *ends]
    for column, (thing, step) in enumerate(chain):
        node, told = _named(thing)
        when = {"first": (step or {}).get("by") or (step or {}).get("first") or ""}
        graph.add_node(node, **told, column=column, count=1, **when)
    for (here, _), (there, step) in pairwise(chain):
        if step is not None:
            graph.add_edge(_named(here)[0], _named(there)[0], says=step["relation"], count=step["count"])
    return graph


def _named(thing: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A thing's node, KIND:ID, and what it carries; of a run's id a part is label enough."""
    node, label = f"{thing['kind']}:{thing['id']}", thing["label"] if thing["kind"] != "run" else brief(thing["id"])
    return node, {"kind": thing["kind"], "label": label, "thing": node}
