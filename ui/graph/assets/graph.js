/* The graph component: draws nodes where Python put them, tells Python what is selected and which group is opened.
   One canvas and no library: everything is already laid out, so thousands of nodes are drawn at once. */
const SHAPES = {
  seed: "diamond", vendor: "pentagon", principal: "triangle", environment: "hexagon", package: "octagon",
  job: "rounded", run: "square", dataset: "drum", field: "slim", "data-subject": "circle", step: "slanted",
};
const GRADES = { confirmed: "#D55E00", probable: "#E69F00", possible: "#56B4E9" };
const KINDS = { // none that a grade has: whose it is, software, what runs, data, people
  vendor: "#CC79A7", principal: "#9A4C7C", environment: "#009E73", package: "#009E73", job: "#8A97A3", run: "#8A97A3",
  dataset: "#0072B2", field: "#0072B2", "data-subject": "#F0E442",
};
const NAMES = { seed: "asked about", "data-subject": "people", step: "cause" };
const LETTERS = 11.5; // px on the screen: how large labels are; those that find no room are left out
const MARGIN = 66; // px on the screen beside the first and the last column: half a label
const COLUMN = 156; // px of the drawing that a label may be wide

/* Outlines around (0, 0), as points of a polygon; null for those that are drawn in another way. */
function corners(shape, r) {
  const ring = (n, turn) => Array.from({ length: n }, (_, i) => [r * Math.cos(turn + (2 * Math.PI * i) / n), r * Math.sin(turn + (2 * Math.PI * i) / n)]);
  const up = -Math.PI / 2;
  return {
    diamond: () => ring(4, up), triangle: () => ring(3, up).map(([x, y]) => [x * 1.1, y * 1.1 + r * 0.12]), pentagon: () => ring(5, up),
    hexagon: () => ring(6, 0), octagon: () => ring(8, Math.PI / 8), square: () => [[-r, -r], [r, -r], [r, r], [-r, r]].map(([x, y]) => [x * 0.9, y * 0.9]),
    slim: () => [[-r, -r * 0.55], [r, -r * 0.55], [r, r * 0.55], [-r, r * 0.55]], slanted: () => [[-r, -r * 0.8], [r * 0.6, -r * 0.8], [r, r * 0.8], [-r * 0.6, r * 0.8]],
  }[shape]?.() ?? null;
}

function trace(path, shape, x, y, r) {
  const points = corners(shape, r);
  if (points) {
    points.forEach(([dx, dy], i) => (i ? path.lineTo(x + dx, y + dy) : path.moveTo(x + dx, y + dy)));
    path.closePath();
  } else if (shape === "circle") {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  } else if (shape === "drum") {
    const [w, h, lid] = drum(r);
    path.moveTo(x - w, y - h);
    path.ellipse(x, y - h, w, lid, 0, Math.PI, 2 * Math.PI);
    path.lineTo(x + w, y + h);
    path.ellipse(x, y + h, w, lid, 0, 0, Math.PI);
    path.closePath();
    path.moveTo(x + w, y - h); // turning as the outline does, or it would be cut out of it
    path.ellipse(x, y - h, w, lid, 0, 0, Math.PI);
  } else {
    path.roundRect(x - r, y - r * 0.7, 2 * r, r * 1.4, r * 0.4);
  }
}

/* Half its width, half its height between the lids, and how high a lid bulges. */
function drum(r) {
  return [r * 0.92, r * 0.62, r * 0.3];
}

function svgShape(shape, r) {
  const points = corners(shape, r);
  if (points) return `<polygon points="${points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ")}"`;
  if (shape === "circle") return `<circle r="${r}"`;
  if (shape === "drum") {
    const [w, h, lid] = drum(r).map((value) => value.toFixed(1));
    return `<path d="M-${w},-${h} A${w},${lid} 0 0 1 ${w},-${h} V${h} A${w},${lid} 0 0 1 -${w},${h} Z M${w},-${h} A${w},${lid} 0 0 1 -${w},-${h}"`;
  }
  return `<rect x="${-r}" y="${(-r * 0.7).toFixed(1)}" width="${2 * r}" height="${(r * 1.4).toFixed(1)}" rx="${(r * 0.4).toFixed(1)}"`;
}

/* The end of a long name says more than its begin: what follows its last slash, and of a dotted name its last dot. */
function short(label) {
  const tail = label.length > 18 ? label.slice(label.lastIndexOf("/") + 1) || label : label;
  return tail.length > 18 ? /^[\w.-]*\.([A-Za-z_][\w-]*)$/.exec(tail)?.[1] ?? tail : tail;
}

function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  return {
    text: read("--st-text-color", "#16202A"), background: read("--st-background-color", "#FFFFFF"),
    accent: read("--st-primary-color", "#0B5C92"), font: style.fontFamily || "sans-serif",
  };
}

function save(content, type, name) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
/* Between two of one column it bows out, past those between them. */
const curve = (a, b) => { const m = a.x === b.x ? a.x - 110 : (a.x + b.x) / 2; return [m, a.y, m, b.y, b.x, b.y]; };
/* Of many edges each is fainter, so that where they cross is no black patch. */
const strength = (edges) => 0.36 * Math.min(1, Math.max(0.35, 15 / Math.sqrt(edges.length)));

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

/* Boxes that are drawn on already, on a grid so that few are looked at. */
class Taken {
  constructor(cell) { this.cell = cell; this.cells = new Map(); }

  *around(x, y, w, h) {
    for (let column = Math.floor(x / this.cell); column <= Math.floor((x + w) / this.cell); column += 1)
      for (let row = Math.floor(y / this.cell); row <= Math.floor((y + h) / this.cell); row += 1) yield `${column} ${row}`;
  }

  add(x, y, w, h) {
    for (const key of this.around(x, y, w, h)) (this.cells.get(key) ?? this.cells.set(key, []).get(key)).push([x, y, x + w, y + h]);
  }

  isFree(x, y, w, h) {
    for (const key of this.around(x, y, w, h))
      for (const [left, top, right, bottom] of this.cells.get(key) ?? [])
        if (left < x + w && x < right && top < y + h && y < bottom) return false;
    return true;
  }
}

function paint(ctx, scene, theme, chosen, near, zoom, seen) {
  const letters = Math.max(11, Math.min(24, LETTERS / zoom));
  const groups = new Map(), faint = strength(scene.edges);
  for (const edge of scene.edges) {
    const state = near ? (near.edges.has(edge) ? 2 : 0) : 1;
    const key = `${state} ${edge.grade === "possible" ? 1 : 0} ${Math.round(edge.width)}`;
    (groups.get(key) ?? groups.set(key, []).get(key)).push(edge);
  }
  for (const [key, edges] of [...groups].sort()) {
    const [state, dashed, width] = key.split(" ").map(Number);
    ctx.strokeStyle = ctx.fillStyle = state === 2 ? theme.accent : theme.text;
    ctx.globalAlpha = [0.07, faint, 0.85][state];
    ctx.lineWidth = width;
    ctx.setLineDash(dashed && scene.edges.length < 1500 ? [5, 4] : []);
    ctx.beginPath();
    for (const edge of edges) {
      ctx.moveTo(edge.a.x, edge.a.y);
      ctx.bezierCurveTo(...curve(edge.a, edge.b));
    }
    ctx.stroke();
  }
  ctx.setLineDash([]);
  for (const node of scene.nodes) {
    const faint = near && !near.nodes.has(node);
    ctx.globalAlpha = faint ? 0.16 : 1;
    ctx.beginPath();
    trace(ctx, node.shape, node.x, node.y, node.r);
    ctx.fillStyle = node.colour;
    ctx.fill();
    ctx.strokeStyle = node === chosen || node.asked ? theme.accent : theme.text;
    ctx.lineWidth = node === chosen || node.asked ? 5 : node.grade === "confirmed" ? 2.5 : 1.3;
    ctx.setLineDash(node.grade === "possible" && node !== chosen && scene.nodes.length < 800 ? [4, 3] : []);
    ctx.stroke();
    if (node.group) {
      ctx.setLineDash([]);
      ctx.lineWidth = 1.3;
      ctx.beginPath();
      trace(ctx, node.shape, node.x, node.y, node.r + 4);
      ctx.stroke();
    }
  }
  ctx.setLineDash([]);
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.lineJoin = "round";
  const size = LETTERS / zoom, widest = Math.max(COLUMN, 110 / zoom), taken = new Taken(48 / zoom), bodies = new Taken(96);
  for (const node of scene.nodes) bodies.add(node.x - node.r * 0.8, node.y - node.r * 0.4, node.r * 1.6, node.r * 0.8);
  const first = (node) => (node === chosen ? 2 : near?.nodes.has(node) ? 1 : 0);
  const order = near ? [...scene.heaviest].sort((a, b) => first(b) - first(a)) : scene.heaviest;
  const sizes = scene.nodes.length < 400 ? [widest, widest * 0.6] : [widest];
  for (const node of order) { // each below its node, else above it, else cut short
    if (seen && (node.x < seen.x || node.x > seen.x + seen.w || node.y < seen.y || node.y > seen.y + seen.h)) continue;
    const font = `${node === chosen ? 700 : 400} ${size}px ${theme.font}`;
    if (ctx.font !== font) ctx.font = font;
    const full = ctx.measureText(node.name).width, gap = node.r + 3 / zoom, places = [node.y + gap, node.y - gap - size - (node.group ? 4 : 0)];
    const isFree = (top, wide) => {
      const place = [node.x - wide / 2 - 1 / zoom, top, wide + 2 / zoom, size];
      return node === chosen || (taken.isFree(...place) && (node.group || bodies.isFree(...place)));
    };
    let wide, top;
    for (const most of node === chosen ? [full] : sizes) {
      wide = Math.min(full, most);
      top = places.find((one) => isFree(one, wide));
      if (top !== undefined) break;
    }
    if (top === undefined) continue; // zooming in makes room
    const name = wide < full ? `${node.name.slice(0, Math.floor((node.name.length * wide) / full) - 1)}…` : node.name;
    taken.add(node.x - wide / 2, top, wide, size);
    ctx.globalAlpha = near && !near.nodes.has(node) ? 0.16 : 1;
    ctx.strokeStyle = theme.background;
    ctx.lineWidth = 3 / zoom;
    ctx.strokeText(name, node.x, top);
    ctx.fillStyle = theme.text;
    ctx.fillText(name, node.x, top);
  }
  if (chosen && chosen.in.length + chosen.out.length <= 6) {
    ctx.font = `400 ${letters * 0.88}px ${theme.font}`;
    ctx.globalAlpha = 1;
    for (const edge of [...chosen.in, ...chosen.out]) {
      if (Math.abs(edge.b.x - edge.a.x) > 1.5 * COLUMN) continue; // a long one passes over other nodes
      ctx.strokeStyle = theme.background;
      ctx.lineWidth = 4;
      const at = [edge.says, (edge.a.x + edge.b.x) / 2, (edge.a.y + edge.b.y) / 2 - letters * 0.6];
      const broad = ctx.measureText(edge.says).width;
      if (!taken.isFree(at[1] - broad / 2, at[2], broad, letters * 0.88)) continue; // the name of a node says more
      taken.add(at[1] - broad / 2, at[2], broad, letters * 0.88);
      ctx.strokeText(...at);
      ctx.fillStyle = theme.text;
      ctx.fillText(...at);
    }
  }
  ctx.globalAlpha = 1;
}

function svg(scene, theme) {
  const { x, y, w, h } = scene.box, parts = [];
  for (const edge of scene.edges) {
    const dash = edge.grade === "possible" ? ' stroke-dasharray="5 4"' : "";
    parts.push(`<path d="M${edge.a.x},${edge.a.y} C${curve(edge.a, edge.b).join(" ")}" fill="none" stroke="${theme.text}" stroke-opacity="0.3" stroke-width="${edge.width.toFixed(1)}"${dash}/>`);
  }
  for (const node of scene.nodes) {
    const dash = node.grade === "possible" ? ' stroke-dasharray="4 3"' : "";
    parts.push(`<g transform="translate(${node.x},${node.y})">${svgShape(node.shape, node.r)} fill="${node.colour}" stroke="${theme.text}" stroke-width="${node.group ? 3 : 1.3}"${dash}/>` +
      `<text y="${(node.r + 14).toFixed(1)}" text-anchor="middle" font-size="11" fill="${theme.text}">${escaped(node.label)}</text></g>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${w} ${h}" font-family="sans-serif">` +
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${theme.background}"/>${parts.join("")}</svg>`;
}

function describe(node, of) {
  const bits = [node.thing || node.label];
  if (node.grade && !bits[0].endsWith(node.grade)) bits.push(node.grade);
  if (node.runs) bits.push(`${node.runs} run${node.runs > 1 ? "s" : ""}`);
  else if (node.count > 1 && node.kind !== "data-subject") bits.push(`${node.count} ${of}`);
  if (node.first) bits.push(`first ${node.first.slice(0, 19).replace("T", " ").replaceAll("-", "\u2011")}`); // a date is not broken
  return bits.join(" · ");
}

function legend(place, nodes) {
  const kinds = [...new Set(nodes.map((node) => node.kind))];
  const grades = Object.keys(GRADES).filter((grade) => nodes.some((node) => node.grade === grade));
  const drawn = (shape, fill, dash) => `<svg width="15" height="15" viewBox="-8 -8 16 16">${svgShape(shape, 6)} fill="${fill}" stroke="currentColor"${dash ? ' stroke-dasharray="2 1.5"' : ""}/></svg>`;
  place.innerHTML = kinds.map((kind) => `<span>${drawn(SHAPES[kind] || "circle", grades.length ? "none" : KINDS[kind] || "none")}${NAMES[kind] || kind}</span>`).join("") +
    grades.map((grade) => `<span>${drawn("circle", GRADES[grade], grade === "possible")}${grade}</span>`).join("") +
    (nodes.some((node) => node.group) ? "<span>+ several as one: double-click to open</span>" : "");
}

class Drawing {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.says = root.querySelector(".says");
    this.view = { k: 1, x: 0, y: 0 };
    this.tools();
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    this.canvas.addEventListener("pointerup", (event) => this.release(event));
    this.canvas.addEventListener("dblclick", (event) => { const node = this.hit(event); if (node) this.toggle(node); });
    this.canvas.addEventListener("wheel", (event) => { event.preventDefault(); this.zoom(Math.exp(-event.deltaY / 500), event.offsetX, event.offsetY); }, { passive: false });
    this.watching = new ResizeObserver(() => { if (this.scene && this.size()) this.fit(); });
    this.watching.observe(root);
  }

  draw(data) {
    const began = performance.now(), isNew = this.signature !== data.signature;
    if (isNew) {
      this.signature = data.signature;
      this.theme = themeOf(this.root);
      this.scene = new Scene(data, this.theme.background.toLowerCase() === "#ffffff" ? "#A9B4BE" : "#66737F");
      this.left = data.left_out;
      this.canvas.setAttribute("aria-label",
        `${data.title}: ${data.nodes.length} nodes, ${data.edges.length} links. Arrow keys go from node to node, Enter selects, Space opens or closes a group. The tables on this page say the same.`);
      legend(this.root.querySelector(".legend"), this.scene.nodes);
      this.size();
      this.fit();
      this.root.dataset.nodes = data.nodes.length;
    }
    this.root.dataset.graph = data.key;
    this.groups = data.groups;
    this.of = data.of;
    this.show(window.lxchoices?.[data.key] ?? { selected: "", opened: 0 });
    if (isNew) {
      this.paint();
      this.root.dataset.drawn = Math.round(performance.now() - began);
    }
  }

  /* What Python says is selected, and how many groups are opened. */
  show({ selected, opened }) {
    for (const name of ["open", "all", "none"]) this.buttons[name].hidden = !this.groups && !opened;
    this.buttons.all.disabled = !this.groups;
    this.buttons.none.disabled = !opened;
    this.choose(selected, false);
  }

  /* Whether the canvas had another one. */
  size() {
    const sharp = window.devicePixelRatio || 1, wide = Math.floor(this.root.clientWidth * sharp), high = Math.floor(this.root.clientHeight * sharp);
    if (this.canvas.width === wide && this.canvas.height === high) return false;
    Object.assign(this.canvas, { width: wide, height: high });
    return true;
  }

  fit() {
    const { x, y, w, h } = this.scene.box, wide = this.root.clientWidth, below = this.root.querySelector(".legend").offsetHeight + 16, high = this.root.clientHeight - 40 - below;
    const k = Math.min(1.25, (wide - 2 * MARGIN) / Math.max(1, w - 160), high / h);
    this.view = { k, x: wide / 2 - k * (x + w / 2), y: 40 + high / 2 - k * (y + h / 2) };
    this.later();
  }

  zoom(by, x = this.root.clientWidth / 2, y = this.root.clientHeight / 2) {
    const k = Math.max(0.03, Math.min(4, this.view.k * by)), change = k / this.view.k;
    this.view = { k, x: x - (x - this.view.x) * change, y: y - (y - this.view.y) * change };
    this.later();
  }

  later() {
    this.due ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.due);
    this.due = undefined;
    const sharp = window.devicePixelRatio || 1, { k, x, y } = this.view, ctx = this.canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.setTransform(sharp * k, 0, 0, sharp * k, sharp * x, sharp * y);
    const seen = { x: -x / k - 90, y: -y / k - 60, w: this.root.clientWidth / k + 180, h: this.root.clientHeight / k + 120 };
    paint(ctx, this.scene, this.theme, this.chosen, this.near, k, seen);
  }

  png() {
    const { x, y, w, h } = this.scene.box, k = Math.min(2, 8000 / w, 8000 / h);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(w * k);
    canvas.height = Math.ceil(h * k);
    const ctx = canvas.getContext("2d");
    ctx.fillStyle = this.theme.background;
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    ctx.setTransform(k, 0, 0, k, -x * k, -y * k);
    paint(ctx, this.scene, this.theme, this.chosen, this.near, 1, null);
    canvas.toBlob((blob) => save(blob, "image/png", "lineage-graph.png"));
  }

  /* Where a node is on the canvas, in px. */
  place(id) {
    const node = this.scene.byId.get(id);
    return { x: node.x * this.view.k + this.view.x, y: node.y * this.view.k + this.view.y };
  }

  hit(event) {
    const x = (event.offsetX - this.view.x) / this.view.k, y = (event.offsetY - this.view.y) / this.view.k, slack = 4 / this.view.k;
    let best = null, least = Infinity;
    for (const node of this.scene.nodes) {
      const away = Math.hypot(node.x - x, node.y - y);
      if (away < node.r + slack && away < least) { best = node; least = away; }
    }
    return best;
  }

  press(event) {
    this.from = { x: event.offsetX, y: event.offsetY, view: this.view, moved: false };
    this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (this.from) {
      const dx = event.offsetX - this.from.x, dy = event.offsetY - this.from.y;
      if (this.from.moved || Math.hypot(dx, dy) > 4) {
        this.from.moved = true;
        this.view = { ...this.view, x: this.from.view.x + dx, y: this.from.view.y + dy };
        this.later();
      }
      return;
    }
    const over = this.hit(event);
    this.canvas.style.cursor = over ? "pointer" : "grab";
    if (over) this.says.textContent = describe(over, this.of);
    else this.tell();
  }

  release(event) {
    const moved = this.from?.moved;
    this.from = undefined;
    if (!moved) this.choose(this.hit(event)?.id ?? "", true);
  }

  choose(id, told) {
    const node = this.scene.byId.get(id || "") ?? null;
    if (node !== this.chosen) this.later();
    this.chosen = node;
    this.near = node ? this.scene.path(node) : null;
    this.buttons.open.disabled = !(node?.group || node?.inside);
    this.buttons.open.textContent = node?.inside && !node.group ? "Close group" : "Open group";
    this.tell();
    if (told) this.component.setStateValue("selected", id || "");
  }

  tell() {
    this.says.textContent = this.chosen ? describe(this.chosen, this.of) : this.left ? `${this.left} lighter nodes are summarised as “more”.` : "";
  }

  toggle(node) {
    const group = node.group ? node.id : node.inside;
    if (group) this.component.setTriggerValue("toggle", group);
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], here = this.chosen;
    if (step) {
      event.preventDefault();
      if (!here) return this.choose(this.scene.nodes[0]?.id, true);
      const joined = new Set([...here.in.map((edge) => edge.a), ...here.out.map((edge) => edge.b)]); // along links rather than past them
      let best = null, least = Infinity;
      for (const node of this.scene.nodes) {
        const dx = node.x - here.x, dy = node.y - here.y, way = dx * step[0] + dy * step[1], off = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
        const far = way + (joined.has(node) ? 0.5 : 3) * off;
        if (way > 1 && far < least) { best = node; least = far; }
      }
      if (best) this.choose(best.id, true);
    } else if (event.key === " " && here) {
      event.preventDefault();
      this.toggle(here);
    } else if (event.key === "Enter" && here) this.choose(here.id, true);
    else if (event.key === "Escape") this.choose("", true);
    else if (event.key === "+") this.zoom(1.3);
    else if (event.key === "-") this.zoom(1 / 1.3);
  }

  tools() {
    const list = {
      open: ["Open group", "Open or close the group of what is selected", () => this.toggle(this.chosen)],
      all: ["Open all", "Show the members of every group", () => this.component.setTriggerValue("toggle", "*")],
      none: ["Close all", "Show groups only", () => this.component.setTriggerValue("toggle", "")],
      out: ["−", "Zoom out", () => this.zoom(1 / 1.3)], in: ["+", "Zoom in", () => this.zoom(1.3)], fit: ["Fit", "Fit everything", () => this.fit()],
      png: ["PNG", "Download as PNG", () => this.png()],
      svg: ["SVG", "Download as SVG", () => save(svg(this.scene, this.theme), "image/svg+xml", "lineage-graph.svg")],
    };
    this.buttons = {};
    for (const [name, [label, title, act]] of Object.entries(list)) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: label, title });
      button.setAttribute("aria-label", title);
      button.addEventListener("click", act);
      this.root.querySelector(".tools").append(button);
      this.buttons[name] = button;
    }
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".lxgraph");
  root.style.height = `${component.data.height}px`;
  root.drawing ??= new Drawing(root);
  root.drawing.component = component;
  root.drawing.draw(component.data);
  return () => {
    root.drawing?.watching.disconnect();
    root.drawing = undefined;
    root.querySelector(".tools").innerHTML = "";
  };
}
