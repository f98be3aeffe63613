"""The graph of an answer: everybody is in it, it is laid out, it summarises, and it comes back from GraphML."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from lineage.answers import Answer
from lineage.demo import WINDOW
from lineage.exports import graph, graphml
from lineage.exports.picture import LOW, MOST, Picture, lay_out, new_graph
from lineage.exports.ways import ALONE
from lineage.questions import blast_radius, find_question, who_touched
from lineage.store import open_store
from ui import drawing, holding, session
from ui.graph import ready
from ui.views import blast, panel, touches
from ui.views.panel import MEMBERS
from ui.views.ways import homes, ways


@pytest.fixture(scope="module")
def answer(sample_store: Path) -> Answer:
    """The flagship answer with its lists in memory."""
    with open_store(str(sample_store), read_only=True) as store:
        found = blast_radius.ask(store, {"advisory": ["MAL-2026-2144"], "within-vendor": ["northgate"], **WINDOW})
        document = found.document()
    return replace(found, sections={name: document[name] for name in found.sections})


def people(answer: Answer) -> set[str]:
    return {f"data-subject:{row['id']}" for row in answer.document()["data_subjects"]}


def test_everybody_is_reached_from_the_seed(answer: Answer) -> None:
    built = graph.build(answer)
    inside = built.graph["inside"]
    reached = nx.descendants(built, "seed")
    for person in people(answer):
        assert inside.get(person, person) in reached
    opened = graph.build(answer, ["*"])
    assert people(answer) <= nx.descendants(opened, "seed")


def test_every_step_of_every_path_is_understood(answer: Answer) -> None:
    steps = [node for node, told in graph.build(answer).nodes(data=True) if told["kind"] == "step"]
    assert steps == ["step:a credential that a compromised run knew"]


def told(drawn: Picture) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """What a picture says of its nodes and edges, wherever it puts them."""
    names = ("kind", "label", "grade", "count", "first", "group", "rest", "runs", "column")
    nodes = {node["id"]: [node.get(name) for name in names] for node in drawn.nodes}
    edges = {f"{edge['source']} {edge['target']}": [edge["count"], edge.get("grade")] for edge in drawn.edges}
    return nodes, edges


@pytest.mark.parametrize("values", [{"vendor": ["northgate"]}, {"advisory": ["MAL-2026-2144"], **WINDOW}])
def test_the_ways_to_people_make_the_graph_that_people_make(store: Path, values: dict[str, list[str]]) -> None:
    held = holding.Held(session.reading(), find_question("blast-radius"), values, recorded=False)
    document = held.answer.document()
    whole = replace(held.answer, sections={name: document[name] for name in held.answer.sections})
    closed = graph.picture(whole)
    largest = max((node for node in closed.nodes if node.get("group")), key=lambda node: int(node["count"]))["id"]
    for opened in ([], ["*"], [largest]):
        assert told(blast.picture(held, opened)) == told(graph.picture(whole, opened))
    assert len(ways(held).told) < len(document["data_subjects"])
    people, summary = document["data_subjects"], held.summary
    for name, bounds in summary["by_category"].items():  # what the facets count
        assert bounds["at_most"] == sum(name in person["categories"] for person in people)
    held.reading.close()


def test_touches_that_are_drawn_as_one_make_the_graph_that_each_makes(store: Path) -> None:
    for values in ({"data-subject": ["C-0217"]}, {"dataset": ["idcheck://halden/checks"]}):
        held = holding.Held(session.reading(), find_question("who-touched"), values, recorded=False)
        document = held.answer.document()
        whole = replace(held.answer, sections={name: document[name] for name in held.answer.sections})
        for opened in ([], ["*"]):
            assert told(touches.picture(held, opened)) == told(graph.picture(whole, opened))
        held.reading.close()


def test_many_principals_of_one_vendor_are_a_group_that_opens(answer: Answer) -> None:
    row: dict[str, Any] = {"kind": "access", "grade": "probable", "start": "2026-03-24T10:00:00.000000Z"}
    row |= {"operation": "read", "vendor": None, "dataset": {"namespace": "pg", "name": "t"}}
    rows = [{**row, "principal": f"u{number}"} for number in range(ALONE + 1)]
    asked = replace(answer, parameters={"data-subject": "C-0001"}, sections={"touches": rows})
    closed = graph.picture(asked)
    assert [node["label"] for node in closed.nodes if node["kind"] == "principal"] == [f"{len(rows)} principals"]
    assert closed.inside["principal:u7"] == "principals:"
    opened = graph.picture(asked, ["principals:"])
    assert sum(node["kind"] == "principal" for node in opened.nodes) == len(rows)
    few = replace(asked, sections={"touches": rows[1:]})
    assert sum(node["kind"] == "principal" for node in graph.picture(few).nodes) == ALONE


def test_many_vendors_jobs_and_datasets_of_touches_are_groups_that_open(answer: Answer) -> None:
    """Of a person whom a thousand jobs and a hundred vendors touched, each as a node would be a cloud of lines."""
    many = ALONE + 1
    access: dict[str, Any] = {"grade": "probable", "start": "2026-03-24T10:00:00.000000Z", "operation": "read"}
    rows = [
        {
            **access, "kind": "access", "vendor": f"v{number}", "principal": f"u{number}",
            "dataset": {"namespace": "pg", "name": f"t{number}"},
        }
        for number in range(many)
    ]  # fmt: skip
    rows += [
        {
            **access, "kind": "run", "vendor": None, "principal": None, "run_id": f"r{number}",
            "job": {"namespace": "air", "name": f"j{number % many}"}, "dataset": {"namespace": "pg", "name": "t0"},
        }
        for number in range(2 * many)
    ]  # fmt: skip
    asked = replace(answer, parameters={"data-subject": "C-0001"}, sections={"touches": rows})
    closed = graph.picture(asked)
    assert {(node["label"], node["count"]) for node in closed.nodes} == {
        (f"{many} vendors", many), (f"{many} principals", many), (f"{many} jobs", 2 * many),
        (f"{many} datasets", 3 * many), ("C-0001", 0),
    }  # fmt: skip
    assert [node["runs"] for node in closed.nodes if node["kind"] == "job"] == [2 * many]
    assert (closed.inside["vendor:v1"], closed.inside["principal:u1"]) == ("vendors:", "principals:vendors:")
    assert closed.inside["run:r3"] == closed.inside["job:air/j3"] == "jobs:"
    assert closed.inside["dataset:pg/t1"] == "datasets:"
    opened = graph.picture(asked, ["vendors:", "jobs:", "datasets:"])
    kinds = Counter((node["kind"], node.get("inside")) for node in opened.nodes)
    assert kinds["vendor", "vendors:"] == kinds["job", "jobs:"] == kinds["dataset", "datasets:"] == many
    assert sum(node["kind"] == "principal" for node in opened.nodes) == many  # of each vendor one
    everything = graph.build(asked, ["*"])
    assert sum(told["kind"] == "run" for _, told in everything.nodes(data=True)) == 2 * many


def test_a_group_has_as_many_members_opened_as_closed(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "access by u{0}", "read t at 2026-03-24T10:00:00.000000Z", "record K of t belongs to C-{0}"
    rows = [
        {"id": f"C-{at}", "grade": "possible", "first": None, "path": [step.format(at) for step in path]}
        for at in range(ALONE + 1)
    ]
    asked = replace(answer, sections={"data_subjects": rows, "datasets": [], "records": []})
    said: list[str] = []
    monkeypatch.setattr(drawing, "html", said.append)
    for opened in ([], ["principals:"], ["*"]):
        panel._several(ready(graph.picture(asked, opened)), "principals", "principals:")
    assert len(set(said)) == 1
    assert f"<h2>{ALONE + 1} principals</h2>" in said[0]


def test_many_principals_jobs_and_datasets_are_groups_that_open(answer: Answer) -> None:
    """Everybody is behind the groups; opened, each of many has a node, and its people a group of their own."""
    many = ALONE + 1
    rows = [
        {
            "id": f"C-{number}", "grade": "confirmed" if number % 2 else "possible", "first": None, "path": [
                "the vendor asked about", f"access by u{number}", f"read t{number} at 2026-03-24T10:00:00.000000Z",
                *([f"t{number} was written by run r{number} of air/j{number}, which had read base from the beginning"]
                  * (number % 2 == 0)),
                f"record K of {'base' if number % 2 == 0 else f't{number}'} belongs to C-{number}",
            ],
        }
        for number in range(2 * many)
    ]  # fmt: skip
    asked = replace(answer, sections={"data_subjects": rows, "datasets": [], "records": []})
    closed = graph.picture(asked)
    labels = {node["id"]: node["label"] for node in closed.nodes}
    assert labels["principals:"] == f"{2 * many} principals"
    assert labels["datasets:0"] == f"{2 * many} datasets"
    assert labels["jobs:1"] == f"{many} jobs"
    assert labels["people:confirmed:datasets:0"] == f"{many} confirmed"
    assert labels["people:possible:dataset:base"] == f"{many} possible"
    assert closed.inside["data-subject:C-1"] == "people:confirmed:datasets:0"
    assert closed.inside["people:confirmed:dataset:t1"] == "people:confirmed:datasets:0"
    assert (closed.inside["principal:u1"], closed.inside["dataset:t1"]) == ("principals:", "datasets:0")
    assert closed.inside["run:r2"] == closed.inside["job:air/j2"] == "jobs:1"
    opened = graph.picture(asked, ["principals:", "datasets:0", "jobs:1"])
    kinds = Counter((node["kind"], node.get("inside")) for node in opened.nodes)
    assert kinds["principal", "principals:"] == kinds["dataset", "datasets:0"] == 2 * many
    assert kinds["job", "jobs:1"] == many
    one = graph.picture(asked, ["people:possible:dataset:base"])
    assert sum(node.get("inside") == "people:possible:dataset:base" for node in one.nodes) == many
    reached = nx.descendants(graph.build(asked, ["*"]), "seed")
    assert people(asked) <= reached


def test_a_group_of_many_datasets_opens_and_is_looked_at(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same graph from the ways to people as from people, where datasets are a group and it is opened."""
    monkeypatch.setattr("lineage.exports.ways.ALONE", 1)
    values = {"advisory": ["MAL-2026-2144"], **WINDOW}
    held = holding.Held(session.reading(), find_question("blast-radius"), values, recorded=False)
    document = held.answer.document()
    whole = replace(held.answer, sections={name: document[name] for name in held.answer.sections})
    closed = graph.picture(whole)
    groups = [node["id"] for node in closed.nodes if node["id"].startswith("people:") and ":datasets:" in node["id"]]
    assert groups
    for opened in ([], groups[:1], groups, ["datasets:0"], ["datasets:0", *groups], ["*"]):
        assert told(blast.picture(held, opened)) == told(graph.picture(whole, opened))
    grade, home = groups[0].split(":", 2)[1:]
    told_of = held.over("data_subjects", MEMBERS, grade=grade, homes=homes(held, home))
    assert {f"data-subject:{row['id']}" for row in told_of} == {
        name for name, group in closed.inside.items() if group == groups[0] and name.startswith("data-subject:")
    }
    held.reading.close()


def test_a_graph_is_sent_once_each_thing(answer: Answer) -> None:
    drawn = graph.picture(answer, ["*"])
    sent = ready(drawn).told
    words, ids = sent["words"], [node["id"] for node in sent["nodes"]]
    assert ids == [node["id"] for node in drawn.nodes]
    assert [(node["x"], node["y"]) for node in sent["nodes"]] == [(node["x"], node["y"]) for node in drawn.nodes]
    assert [words[node["kind"]] for node in sent["nodes"]] == [node["kind"] for node in drawn.nodes]
    assert [(ids[edge[0]], ids[edge[1]], words[edge[3]]) for edge in sent["edges"]] == [
        (edge["source"], edge["target"], edge["says"]) for edge in drawn.edges
    ]
    assert len(json.dumps(sent)) < 0.6 * len(json.dumps({"nodes": drawn.nodes, "edges": drawn.edges}))


def test_a_group_says_how_many_it_holds_and_opens(answer: Answer) -> None:
    closed = graph.picture(answer)
    groups = {node["id"]: node["count"] for node in closed.nodes if node["kind"] == "data-subject"}
    assert sum(groups.values()) == len(people(answer))
    largest = max(groups, key=lambda name: groups[name])
    opened = graph.picture(answer, [largest])
    assert len(opened.nodes) == len(closed.nodes) - 1 + groups[largest]
    assert sum(node.get("inside") == largest for node in opened.nodes) == groups[largest]


def test_what_is_counted_is_written_as_on_the_pages_and_a_cause_has_room(answer: Answer) -> None:
    row = answer.document()["data_subjects"][0]
    rows = [{**row, "id": f"C-{number}"} for number in range(1_200)]
    asked = replace(answer, sections={"data_subjects": rows, "datasets": [], "records": []})
    assert f"1\u202f200 {row['grade']}" in [node["label"] for node in graph.picture(asked).nodes]
    (cause,) = (node for node in graph.picture(answer).nodes if node["kind"] == "step")
    assert (cause["id"], cause["label"]) == ("step:a credential that a compromised run knew", "a known credential")


def test_no_two_nodes_lie_on_each_other_and_people_are_last(answer: Answer) -> None:
    for opened in ([], ["*"]):
        drawn = graph.picture(answer, opened)
        places = [(node["x"], node["y"]) for node in drawn.nodes]
        assert len(set(places)) == len(places)
        last = min(node["x"] for node in drawn.nodes if node["kind"] == "data-subject")
        assert all(node["x"] < last for node in drawn.nodes if node["kind"] != "data-subject")


def test_a_long_column_is_bands_beside_what_each_is_joined_to() -> None:
    """However many people are behind each dataset, no edge to them passes over those of another."""
    joined = new_graph()
    for dataset in range(12):
        joined.add_node(f"d{dataset}", kind="dataset", label=f"d{dataset}", column=0)
        for number in range(1 + 9 * dataset):
            person = f"p{number * 12 + dataset}"
            joined.add_node(person, kind="data-subject", label=person, column=1)
            joined.add_edge(f"d{dataset}", person, says="holds records of", count=1)
    places = {node["id"]: (node["x"], node["y"]) for node in lay_out(joined).nodes}
    datasets = sorted((node for node in joined if node.startswith("d")), key=lambda node: places[node][1])
    heights = [sorted(places[person][1] for person in joined.successors(dataset)) for dataset in datasets]
    assert all(above[-1] <= below[0] for above, below in pairwise(heights))
    assert all(below - above >= LOW for above, below in pairwise(places[dataset][1] for dataset in datasets))
    assert len({x for x, _ in places.values()}) > 3
    wide, high = (max(axis) - min(axis) for axis in zip(*places.values(), strict=True))
    assert 0.5 < high / wide < 1.2  # it fills the place that a page has


def test_beyond_what_can_be_drawn_it_summarises(answer: Answer) -> None:
    drawn = graph.picture(answer, ["*"], most=60)
    assert len(drawn.nodes) <= 60
    shown = sum(node["count"] for node in drawn.nodes if node["kind"] == "data-subject")
    assert shown == len(people(answer))


@pytest.mark.timeout(60)
def test_two_thousand_nodes_are_laid_out_in_time() -> None:
    large = new_graph()
    for number in range(6000):
        column = number % 6
        large.add_node(f"n{number}", kind="dataset", label=f"n{number}", column=column, count=number)
        if column:
            large.add_edge(f"n{number - 1}", f"n{number}", says="read", count=1)
    drawn = lay_out(large)
    assert len(drawn.nodes) <= MOST
    assert drawn.left_out == 6000 - sum(not node.get("rest") for node in drawn.nodes)


def test_touches_lead_to_who_was_asked_about(sample_store: Path) -> None:
    with open_store(str(sample_store), read_only=True) as store:
        found = who_touched.ask(store, {"data-subject": ["C-0217"]})
        built = graph.build(found)
        vendors = {f"vendor:{row['vendor']}" for row in found.document()["touches"] if row["vendor"]}
    assert vendors
    assert vendors <= nx.ancestors(built, "asked")


def test_the_graph_is_exported_as_graphml(answer: Answer, tmp_path: Path) -> None:
    (written,) = list(graphml.write(answer, str(tmp_path / "out")))
    back = nx.read_graphml(written)
    assert people(answer) <= set(back.nodes)
