"""The graph of one answer: from the seed through runs, principals and datasets to people.

It is read from the answer alone, so that it is the same whoever asked it and wherever it is shown. Runs are grouped
by their job and people by dataset and grade, and so are principals, jobs and datasets where many stand at one place;
a group that is opened shows its members.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import networkx as nx

from lineage.answers import Answer, Rows
from lineage.exports.picture import MOST, Picture, lay_out, new_graph
from lineage.exports.ways import ALONE, Told, Way, Ways, in_groups, read_ways, strengthen
from lineage.names import brief
from lineage.questions.steps import CREDENTIAL, Step
from lineage.questions.wording import spaced

SEED, CAUSE, RUNNING, KNOWING, ACTING, READING = range(6)  # the first columns; hops back come after them, people last
_PEOPLE = 1_000
LABELS = {CREDENTIAL: "a known credential"}  # what has no room in full: the node's id says it


def picture(answer: Answer, opened: Iterable[str] = (), most: int = MOST, *, ways: Ways | None = None) -> Picture:
    """The answer's graph laid out, with the members of the groups named in ``opened`` (``*``: all) shown.

    ``ways`` are those of a blast radius where they are read already.
    """
    return lay_out(build(answer, opened, most, ways=ways), most)


def build(
    answer: Answer, opened: Iterable[str] = (), most: int = MOST, *, ways: Ways | None = None
) -> "nx.DiGraph[str]":
    """The answer's graph; every node has the column that it belongs to."""
    builder = Builder(set(opened), most)
    if "touches" in answer.sections:
        return builder.touches(answer)
    return builder.people(answer, ways or read_ways(_rows(answer, "data_subjects")))


class Builder:
    """Puts an answer's paths together into one graph."""

    def __init__(self, opened: set[str], most: int) -> None:
        self.graph = new_graph()
        self.opened, self.most = opened, most
        self.grouped: dict[tuple[str, str], str] = {}
        self.many: Counter[str] = Counter()
        self.full: dict[str, str] = {}
        self.members: dict[str, set[str]] = {}
        self.inside: dict[str, str] = self.graph.graph.setdefault("inside", {})

    def people(self, answer: Answer, ways: Ways) -> "nx.DiGraph[str]":
        """From the seeds of a blast radius to the people, by the path of each; a row may stand for ``count`` of them
        who share grade, path and dataset. What they share is walked once."""
        for row in _rows(answer, "datasets"):
            self.full[row["name"]] = f"{row['namespace']}/{row['name']}"
        for row in _rows(answer, "records"):
            self.full.setdefault(row["dataset"]["name"], f"{row['dataset']['namespace']}/{row['dataset']['name']}")
        seed = self._node("seed", "seed", _asked(answer), SEED)
        self.grouped = in_groups(ways)
        self.many = Counter(self.grouped.values())
        steps, ends = self._ends(ways)
        shared: dict[Way, Told] = {}
        for (grade, _, way), (told, _) in ends.items():
            for depth in range(1, len(way) + 1):
                shared.setdefault(way[:depth], Told()).add(told.count, grade, told.first)
        reached: dict[Way, str] = {(): seed}
        for way, told in shared.items():
            reached[way] = self._step(reached[way[:-1]], steps[way[-1]], told.row())
        groups: dict[str, list[dict[str, Any]]] = {}
        for (grade, name, way), (told, rows) in ends.items():
            end = home = reached[way]
            if name:
                home = self._edge(
                    end, self._dataset(name, self.graph.nodes[end]["column"]), "holds content of", told.row()
                )
            groups.setdefault(f"people:{grade}:{home}", []).extend(rows)
        self._people(groups)
        return self.graph

    def _ends(self, ways: Ways) -> tuple[list[Step], dict[tuple[str, str, Way], tuple[Told, list[dict[str, Any]]]]]:
        """The ways as they are drawn: those that differ by members of a closed group are one."""
        numbers: dict[Step, int] = {}
        drawn = [numbers.setdefault(self._drawn(step), len(numbers)) for step in ways.steps]
        ends: dict[tuple[str, str, Way], tuple[Told, list[dict[str, Any]]]] = {}
        for (grade, name, way), told in ways.told.items():
            group = self._closed("dataset", name)
            if group:
                self.inside[f"people:{grade}:{self._called(name)}"] = f"people:{grade}:{group}"
            at, rows = ends.setdefault((grade, group or name, tuple(drawn[step] for step in way)), (Told(), []))
            at.add(told.count, grade, told.first)
            rows += ways.rows[grade, name, way]
        return list(numbers), ends

    def _drawn(self, step: Step) -> Step:
        """A step with the group that stands for a principal, a job (and its runs) or a dataset, where one does."""
        run, job, name = step.run, step.job, step.name
        if job is not None and (group := self._closed("job", job)):
            self.inside[f"job:{job}"] = group
            if run is not None:
                self.inside[f"run:{run}"] = group
                self.members.setdefault(group, set()).add(run)
            run, job = None, group
        elif run is not None and job is not None and not self._is_open(f"job:{job}"):
            self.inside[f"run:{run}"] = f"job:{job}"
            self.members.setdefault(f"job:{job}", set()).add(run)
            run = None
        if step.kind == "principal" and (group := self._closed("principal", name)):
            self.inside[f"principal:{name}"] = name = group
        if step.kind in ("read", "written") and (group := self._closed("dataset", name)):
            self.inside[self._called(name)] = name = group
        return Step(step.kind, name, run, job)

    def _closed(self, kind: str, name: str) -> str:
        """The group that stands for it; '' where it has a node of its own."""
        group = self.grouped.get((kind, name), "")
        return "" if self._is_open(group) else group

    def _called(self, name: str) -> str:
        return f"dataset:{self.full.get(name, name)}"

    def touches(self, answer: Answer) -> "nx.DiGraph[str]":
        """From vendors through principals and runs to what was asked about. A row may stand for ``count`` touches that
        are drawn as one: then of a job's ``runs`` it names none."""
        name, asked = next((item for item in answer.parameters.items() if item[0] not in ("from", "to")), ("", ""))
        label = " ".join(asked) if isinstance(asked, list) else str(asked)
        thing = f"{name}:{label}" if name in ("data-subject", "dataset") else ""
        goal = self._node("asked", "data-subject" if name == "data-subject" else "dataset", label, _PEOPLE, thing=thing)
        rows = list(_rows(answer, "touches"))
        runs = self._together(rows, thing)
        acting: dict[str, set[str]] = {}
        for row in rows:
            if row["principal"]:
                acting.setdefault(self._whose(row["vendor"]), set()).add(row["principal"])
        for row in rows:
            before = None
            told = {"grade": row["grade"], "first": row["start"], "count": row.get("count", 1)}
            if row["vendor"]:
                before = self._vendor(row["vendor"], told)
            if row["principal"]:
                node = self._principal(row["principal"], self._whose(row["vendor"]), acting, told)
                before = self._edge(before, node, "holds", told)
            if row["kind"] == "run":
                full = _named(row["job"]) if row["job"] else None
                many = row.get("runs", 0)
                if full is not None and (group := self._closed("job", full)):
                    self.inside[f"job:{full}"], full, many = group, group, runs
                run = self._run(row["run_id"], full, RUNNING, told, many)
                before = self._edge(before, run, "runs", told)
            name, dataset = row["dataset"]["name"], _named(row["dataset"])
            if thing == f"dataset:{dataset}":
                self._edge(before, goal, row["operation"], told)
                continue
            self.full[name] = dataset
            if group := self._closed("dataset", name):
                self.inside[f"dataset:{dataset}"] = name = group
            node = self._dataset(name, READING, told)
            self._edge(before, node, row["operation"], told)
            self._edge(node, goal, "holds records of", told)
        return self.graph

    def _together(self, rows: list[dict[str, Any]], thing: str) -> int:
        """Find which vendors, jobs and datasets of touches are too many to be shown one by one; how many runs the jobs
        have."""
        runs: dict[str, int] = {}
        alone: dict[str, set[str]] = {}
        for row in rows:
            if row["kind"] == "run" and row["job"]:
                job = _named(row["job"])
                runs[job] = max(runs.get(job, 0), row.get("runs", 0))
                if row["run_id"]:
                    alone.setdefault(job, set()).add(row["run_id"])
        found = {
            "vendor": {row["vendor"] for row in rows if row["vendor"]},
            "job": set(runs),
            "dataset": {row["dataset"]["name"] for row in rows if f"dataset:{_named(row['dataset'])}" != thing},
        }
        for kind, names in found.items():
            if len(names) > ALONE:
                self.grouped |= {(kind, name): f"{kind}s:" for name in names}
                self.many[f"{kind}s:"] = len(names)
        return sum(max(many, len(alone.get(job, ()))) for job, many in runs.items())

    def _whose(self, vendor: str | None) -> str:
        """Whose principals stand together: those of vendors that do, too."""
        return (self._closed("vendor", vendor) or vendor) if vendor else ""

    def _vendor(self, name: str, row: dict[str, Any]) -> str:
        if group := self._closed("vendor", name):
            self.inside[f"vendor:{name}"] = group
            return self._node(group, "vendor", f"{spaced(self.many[group])} vendors", SEED, row, group=True)
        inside = self.grouped.get(("vendor", name))
        return self._node(f"vendor:{name}", "vendor", name, SEED, row, thing=True, inside=inside)

    def _step(self, at: str, step: Step, row: dict[str, Any]) -> str:
        column = self.graph.nodes[at]["column"]
        if step.kind == "environment":
            node = self._node(f"environment:{step.name}", "environment", step.name, CAUSE, row, thing=True)
            return self._edge(at, node, "in", row)
        if step.kind == "written":
            if step.run is not None or step.job is not None:
                at = self._edge(at, self._run(step.run, step.job, column + 1, row), "was written by", row)
            return self._edge(at, self._dataset(step.name, column + 1, row), "which had read", row)
        if step.kind == "read":
            return self._edge(at, self._dataset(step.name, READING, row), "read", row)
        if step.kind == "run":
            run = self._run(step.run, step.job, max(RUNNING, column), row)
            return self._edge(at, run, "compromised" if column < KNOWING else "used in", row)
        if step.kind == "principal":
            return self._edge(at, self._acting(step.name, row), "acted as", row)
        if step.kind == "asked":
            return at
        label, place = LABELS.get(step.name, step.name), KNOWING if step.name == CREDENTIAL else CAUSE
        return self._edge(at, self._node(f"step:{step.name}", "step", label, place, row), "", row)

    def _acting(self, name: str, row: dict[str, Any]) -> str:
        if name in self.many:
            return self._node(name, "principal", f"{spaced(self.many[name])} principals", ACTING, row, group=True)
        inside = self.grouped.get(("principal", name))
        return self._node(f"principal:{name}", "principal", name, ACTING, row, thing=True, inside=inside)

    def _principal(self, name: str, vendor: str, acting: dict[str, set[str]], row: dict[str, Any]) -> str:
        """A principal, or the group of its vendor's where they are many and not opened."""
        group, many = f"principals:{vendor}", len(acting[vendor])
        if many <= ALONE:
            return self._node(f"principal:{name}", "principal", name, CAUSE, row, thing=True)
        if self._is_open(group):
            return self._node(f"principal:{name}", "principal", name, CAUSE, row, thing=True, inside=group)
        self.inside[f"principal:{name}"] = group
        return self._node(group, "principal", f"{spaced(many)} principals", CAUSE, row, group=True)

    def _run(self, run: str | None, job: str | None, column: int, row: dict[str, Any], runs: int = 0) -> str:
        """A run, or the group of its job where that is not opened; ``runs`` of it are not told one by one."""
        if job is not None and job in self.many:
            node = self._node(job, "job", f"{spaced(self.many[job])} jobs", column, row, group=True)
        elif run is not None and (job is None or self._is_open(f"job:{job}")):
            return self._node(f"run:{run}", "run", brief(run), column, row, thing=True, inside=f"job:{job}")
        else:
            name, inside = job or "runs without a job", self.grouped.get(("job", job or ""))
            label = name.rsplit("/", 1)[-1]
            thing = job is not None
            node = self._node(f"job:{name}", "job", label, column, row, thing=thing, group=True, inside=inside)
        members = self.members.setdefault(node, set())
        if run is not None:
            members.add(run)
            self.inside[f"run:{run}"] = node
        self.graph.nodes[node]["runs"] = max(runs, len(members))
        return node

    def _dataset(self, name: str, column: int, row: dict[str, Any] | None = None) -> str:
        many, inside = self.many.get(name), self.grouped.get(("dataset", name))
        found = name if many else self._called(name)
        if found in self.graph:
            return self._node(found, "dataset", name, self.graph.nodes[found]["column"], row)
        label, at = f"{spaced(many)} datasets" if many else name, max(column + 1, READING)
        return self._node(found, "dataset", label, at, row, thing=not many, group=bool(many), inside=inside)

    def _people(self, groups: dict[str, list[dict[str, Any]]]) -> None:
        """People last: as groups, or one by one where their group is opened, as far as there is room."""
        deepest = max((told["column"] for _, told in self.graph.nodes(data=True)), default=0) + 1
        room = self.most - self.graph.number_of_nodes() - len(groups)
        for name, rows in sorted(groups.items()):
            _, grade, home = name.split(":", 2)
            shown: list[dict[str, Any]] = []
            if (many := sum(row.get("count", 1) for row in rows)) == 1 or self._is_open(name):
                alone = sorted((row for row in rows if row.get("count", 1) == 1), key=lambda row: str(row["id"]))
                shown = alone[: max(0, room)]
                room -= len(shown)
                for row in shown:
                    person = self._node(
                        f"data-subject:{row['id']}", "data-subject", row["id"], deepest, row, thing=True, inside=name
                    )
                    self._edge(home, person, "holds records of", row)
            if left := many - len(shown):
                drawn = {row["id"] for row in shown}
                rest = [row for row in rows if row.get("count", 1) > 1 or row["id"] not in drawn]
                told = {"grade": grade, "first": min((row["first"] for row in rest if row["first"]), default=None)}
                label = f"{spaced(left)} {grade}"
                node = self._node(name, "data-subject", label, deepest, told, group=not shown, rest=bool(shown))
                self.graph.nodes[node]["count"] = left
                self._edge(home, node, "holds records of", {**told, "count": left})
                for row in rest:
                    if row.get("count", 1) == 1:
                        self.inside[f"data-subject:{row['id']}"] = name

    def _is_open(self, group: str) -> bool:
        return group in self.opened or "*" in self.opened

    def _node(
        self, node: str, kind: str, label: str, column: int, row: dict[str, Any] | None = None, *,
        thing: bool | str = False, **more: Any,
    ) -> str:  # fmt: skip
        """Add a node or strengthen it: the strongest grade, the earliest time, one more that passes through."""
        if node not in self.graph:
            name = thing if isinstance(thing, str) else node if thing else ""
            self.graph.add_node(node, kind=kind, label=label, column=column, count=0, thing=name, **more)
        told = self.graph.nodes[node]
        if row is not None:
            told["count"] += row.get("count", 1)
            strengthen(told, row)
        return node

    def _edge(self, source: str | None, target: str, says: str, row: dict[str, Any]) -> str:
        if source is None or source == target:
            return target
        if not self.graph.has_edge(source, target):
            self.graph.add_edge(source, target, says=says, count=0)
        told = self.graph.edges[source, target]
        told["count"] += row.get("count", 1)
        strengthen(told, row)
        return target


def _named(told: dict[str, Any]) -> str:
    """A job or a dataset in full."""
    return f"{told['namespace']}/{told['name']}"


def _rows(answer: Answer, section: str) -> Iterator[dict[str, Any]]:
    found = answer.sections.get(section, [])
    return iter(found) if isinstance(found, Rows | list) else iter(())


def _asked(answer: Answer) -> str:
    """What was asked about, as the label of the seed."""
    names = []
    for name, value in answer.parameters.items():
        if name in ("from", "to", "rules", "within-vendor"):
            continue
        names += value if isinstance(value, list) else [str(value)]
    return names[0] if len(names) == 1 else f"{len(names)} together"
