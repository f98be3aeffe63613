/* What a picture holds, as Python told it, made ready to be drawn. */

/* The end of a long name says more than its begin: what follows its last slash, and of a dotted name its last dot. */
function short(label) {
  const tail = label.length > 18 ? label.slice(label.lastIndexOf("/") + 1) || label : label;
  return tail.length > 18 ? /^[\w.-]*\.([A-Za-z_][\w-]*)$/.exec(tail)?.[1] ?? tail : tail;
}

/* The nodes as they were before they were packed: see ready() in Python. */
function spelled({ nodes, words }) {
  return nodes.map((node) => ({
    ...node, kind: words[node.kind], grade: words[node.grade] ?? "", inside: words[node.inside] ?? "",
    label: node.label ?? node.id.slice(node.id.indexOf(":") + 1), thing: node.thing === 1 ? node.id : node.thing ?? "" }));
}

/* The least height between two nodes of one column: none may reach into the next, nor its name. */
function rowOf(nodes) {
  const sorted = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  return sorted.reduce((least, node, i) => (i && sorted[i - 1].x === node.x ? Math.min(least, node.y - sorted[i - 1].y) : least), Infinity);
}

/* What a picture holds, ready to be drawn: radius, colour, neighbours. */
class Scene {
  constructor(data, grey) {
    const told = spelled(data);
    const graded = told.some((node) => node.grade), largest = Math.min(21, Math.max(10, rowOf(told) / 4));
    this.nodes = told.map((node) => ({
      ...node, r: Math.min(largest, 12 + 1.6 * Math.sqrt(Math.max(0, (node.count || 1) - 1))), shape: SHAPES[node.kind] || "circle",
      colour: (graded ? GRADES[node.grade] : KINDS[node.kind]) || grey, name: short(node.label) + (node.group ? " +" : ""), out: [], in: [] }));
    this.heaviest = [...this.nodes].sort((a, b) => (b.count || 1) - (a.count || 1));
    this.byId = new Map(this.nodes.map((node) => [node.id, node]));
    this.edges = data.edges.map(([source, target, count, says, grade]) => {
      const made = { a: this.nodes[source], b: this.nodes[target], says: data.words[says], grade: data.words[grade], width: Math.min(6, 1 + Math.log2(count || 1) / 2) };
      made.a.out.push(made);
      made.b.in.push(made);
      return made;
    });
    const xs = this.nodes.map((node) => node.x), ys = this.nodes.map((node) => node.y);
    const least = (list) => list.reduce((a, b) => Math.min(a, b), Infinity), most = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
    this.box = this.nodes.length ? { x: least(xs) - 80, y: least(ys) - 34, w: most(xs) - least(xs) + 160, h: most(ys) - least(ys) + 76 } : { x: 0, y: 0, w: 1, h: 1 };
  }

  /* Everything before and after a node: its nodes and edges. */
  path(node) {
    const nodes = new Set([node]), edges = new Set();
    for (const [way, end] of [["in", "a"], ["out", "b"]]) {
      const seen = new Set([node]), todo = [node];
      while (todo.length) {
        for (const edge of todo.pop()[way]) {
          edges.add(edge);
          if (!seen.has(edge[end])) { seen.add(edge[end]); nodes.add(edge[end]); todo.push(edge[end]); }
        }
      }
    }
    return { nodes, edges };
  }
}
