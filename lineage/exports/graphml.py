"""GraphML: the graph of an answer as a file, for Gephi, yEd and the like."""

import re
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

from lineage.answers import Answer
from lineage.exports.graph import build
from lineage.exports.interface import Export

# XML 1.0, section 2.2.
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(answer: Answer, folder: str) -> Iterator[str]:
    """The graph with all its members; nothing where the answer has neither people nor touches."""
    if not {"data_subjects", "touches"} & set(answer.sections):
        return
    graph = build(answer, ("*",), most=10**9)
    graph.graph.clear()
    for *_, told in [*graph.nodes(data=True), *graph.edges(data=True)]:
        for name in [name for name, value in told.items() if value is None]:
            del told[name]
    path = Path(folder) / "graph.graphml"
    path.parent.mkdir(parents=True, exist_ok=True)
    nx.write_graphml(_in_xml(graph), path)
    yield str(path)


def _in_xml(graph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """The same, with what no XML may hold spelled out; a node whose name has it is numbered, so that it stays one."""
    for *_, told in [*graph.nodes(data=True), *graph.edges(data=True)]:
        for name, value in told.items():
            if isinstance(value, str):
                told[name] = _spelled(value)
    odd = (node for node in graph if _NO_XML.search(node))
    spelled: nx.DiGraph[str] = nx.relabel_nodes(
        graph, {node: f"{_spelled(node)} #{number}" for number, node in enumerate(odd, 1)}
    )
    return spelled


def _spelled(text: str) -> str:
    return _NO_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


EXPORT = Export("graph", "the graph from seed to people, as GraphML", write)
