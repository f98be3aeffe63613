/* The graph component: draws nodes where Python put them, tells Python what is selected and which group is opened. */
const SHAPES = {
  seed: "diamond", vendor: "pentagon", principal: "triangle", environment: "hexagon", package: "octagon",
  job: "round-rectangle", run: "rectangle", dataset: "barrel", field: "cut-rectangle", "data-subject": "ellipse", step: "rhomboid",
};
const GRADES = { confirmed: "#D55E00", probable: "#E69F00", possible: "#56B4E9" };
const KINDS = {
  seed: "#D55E00", vendor: "#CC79A7", principal: "#E69F00", environment: "#009E73", package: "#009E73", job: "#56B4E9", run: "#56B4E9",
  dataset: "#0072B2", field: "#0072B2", "data-subject": "#F0E442",
};
const NAMES = { "data-subject": "people", step: "cause" };
const MANY = 500;

function size(node) {
  return Math.min(50, 24 + 3.2 * Math.sqrt(Math.max(0, (node.count || 1) - 1)));
}

/* An S with level ends, as cytoscape wants it: control points by distance from the straight line and weight along it. */
function bend(a, b) {
  const dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy, length = Math.sqrt(square);
  if (length < 1 || Math.abs(dy) < 2) return null;
  const away = (dx * dy) / 2 / length, near = (dx * dx) / 2 / square;
  return { d: `${-away} ${away}`, w: `${near} ${near + (dy * dy) / square}` };
}

function look(theme, many) {
  return [
    { selector: "node", style: {
      shape: "data(shape)", width: "data(size)", height: "data(size)", "background-color": "data(colour)", label: "data(label)",
      "font-family": theme.font, "font-size": 13, color: theme.text, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "ellipsis",
      "text-max-width": 158, "min-zoomed-font-size": many ? 9 : 5, "border-width": 1.5, "border-color": theme.text, "border-opacity": 0.55,
      "text-background-color": theme.background, "text-background-opacity": many ? 0 : 0.85, "text-background-padding": 1 } },
    { selector: "node[grade = 'possible']", style: { "border-style": "dashed" } },
    { selector: "node[grade = 'confirmed']", style: { "border-width": 2.5, "border-opacity": 0.9 } },
    { selector: "node[?group]", style: { "border-style": "double", "border-width": 4 } },
    { selector: "node[?asked]", style: { "border-width": 4, "border-color": theme.accent, "border-opacity": 1 } },
    { selector: "edge", style: {
      width: "data(width)", "line-color": theme.text, "line-opacity": 0.28, "curve-style": many ? "haystack" : "straight",
      "target-arrow-color": theme.text, "target-arrow-shape": many ? "none" : "triangle", "arrow-scale": 0.7 } },
    { selector: "edge[bend]", style: {
      "curve-style": "unbundled-bezier", "control-point-distances": "data(bend)", "control-point-weights": "data(weights)",
      "edge-distances": "node-position" } },
    { selector: "edge[grade = 'possible']", style: many ? {} : { "line-style": "dashed" } },
    { selector: ".faded", style: { opacity: 0.16 } },
    { selector: "edge.near", style: { "line-color": theme.accent, "target-arrow-color": theme.accent, "line-opacity": 0.85, } },
    { selector: "edge.told", style: { label: "data(says)", "font-size": 12, color: theme.text, "font-family": theme.font,
      "text-background-color": theme.background, "text-background-opacity": 0.9, "text-background-padding": 2 } },
    { selector: "node.chosen", style: { "border-color": theme.accent, "border-width": 5, "border-opacity": 1, "border-style": "solid",
      "min-zoomed-font-size": 0, "font-weight": 700 } },
  ];
}

/* The end of a long dotted name says more than its begin. */
function short(label) {
  if (label.length <= 18) return label;
  const tail = label.slice(label.search(/[^./]*$/));
  return tail && tail.length < label.length ? tail : label;
}

function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  return {
    text: read("--st-text-color", "#16202A"), background: read("--st-background-color", "#FFFFFF"),
    accent: read("--st-primary-color", "#0B5C92"), font: read("--st-font", "sans-serif"),
  };
}

function elements(data, theme) {
  const many = data.nodes.length > MANY;
  const grey = theme.background.toLowerCase() === "#ffffff" ? "#A9B4BE" : "#66737F";
  const graded = data.nodes.some((node) => node.grade);
  const places = {};
  const nodes = data.nodes.map((node) => {
    places[node.id] = node;
    const open = node.group ? " +" : "";
    return { group: "nodes", position: { x: node.x, y: node.y }, data: {
      ...node, shape: SHAPES[node.kind] || "ellipse", size: size(node), label: short(node.label) + open, plain: node.label,
      colour: (graded ? GRADES[node.grade] : KINDS[node.kind]) || grey } };
  });
  const edges = data.edges.filter((edge) => places[edge.source] && places[edge.target]).map((edge, number) => {
    const bent = many ? null : bend(places[edge.source], places[edge.target]);
    return { group: "edges", data: {
      ...edge, id: `edge${number}`, width: Math.min(6, 1 + Math.log2(edge.count || 1) / 2),
      ...(bent ? { bend: bent.d, weights: bent.w } : {}) } };
  });
  return { many, list: [...nodes, ...edges] };
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

function outline(shape, r) {
  const ring = (n, turn) => Array.from({ length: n }, (_, i) => {
    const a = turn + (2 * Math.PI * i) / n;
    return `${(r * Math.cos(a)).toFixed(1)},${(r * Math.sin(a)).toFixed(1)}`;
  }).join(" ");
  const up = -Math.PI / 2;
  if (shape === "ellipse") return `<circle r="${r}"`;
  if (shape === "diamond") return `<polygon points="${ring(4, up)}"`;
  if (shape === "triangle") return `<polygon points="${ring(3, up)}"`;
  if (shape === "pentagon") return `<polygon points="${ring(5, up)}"`;
  if (shape === "hexagon") return `<polygon points="${ring(6, 0)}"`;
  if (shape === "octagon") return `<polygon points="${ring(8, Math.PI / 8)}"`;
  const round = shape === "barrel" ? r * 0.45 : shape === "round-rectangle" ? 5 : 0;
  const h = shape === "barrel" ? r * 0.8 : r;
  return `<rect x="${-r}" y="${-h}" width="${2 * r}" height="${2 * h}" rx="${round}"`;
}

function svg(cy, theme) {
  const box = cy.elements().boundingBox(), pad = 30;
  const parts = [];
  cy.edges().forEach((edge) => {
    const a = edge.source().position(), b = edge.target().position(), m = (a.x + b.x) / 2;
    const dash = edge.data("grade") === "possible" ? ' stroke-dasharray="5 4"' : "";
    parts.push(`<path d="M${a.x},${a.y} C${m},${a.y} ${m},${b.y} ${b.x},${b.y}" fill="none" stroke="${theme.text}" stroke-opacity="0.3" stroke-width="${edge.data("width")}"${dash}/>`);
  });
  cy.nodes().forEach((node) => {
    const p = node.position(), d = node.data();
    const dash = d.grade === "possible" ? ' stroke-dasharray="4 3"' : "";
    parts.push(`<g transform="translate(${p.x},${p.y})">${outline(d.shape, d.size / 2)} fill="${d.colour}" stroke="${theme.text}" stroke-width="${d.group ? 3 : 1.5}"${dash}/>` +
      `<text y="${d.size / 2 + 14}" text-anchor="middle" font-size="11" fill="${theme.text}">${escaped(d.plain)}</text></g>`);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.x1 - pad} ${box.y1 - pad} ${box.w + 2 * pad} ${box.h + 2 * pad}" font-family="sans-serif">` +
    `<rect x="${box.x1 - pad}" y="${box.y1 - pad}" width="${box.w + 2 * pad}" height="${box.h + 2 * pad}" fill="${theme.background}"/>${parts.join("")}</svg>`;
}

function describe(node) {
  const d = node.data();
  const bits = [d.thing || d.plain];
  if (d.grade) bits.push(d.grade);
  if (d.runs) bits.push(`${d.runs} run${d.runs > 1 ? "s" : ""}`);
  else if (d.count > 1) bits.push(`${d.count} pass through`);
  if (d.first) bits.push(`from ${d.first.slice(0, 19).replace("T", " ")}`);
  return bits.join(" · ");
}

function legend(place, data) {
  const kinds = [...new Set(data.nodes.map((node) => node.kind))];
  const grades = Object.keys(GRADES).filter((grade) => data.nodes.some((node) => node.grade === grade));
  const drawn = (shape, fill, dash) => `<svg width="15" height="15" viewBox="-8 -8 16 16">${outline(shape, 6)} fill="${fill}" stroke="currentColor"${dash ? ' stroke-dasharray="2 1.5"' : ""}/></svg>`;
  place.innerHTML = kinds.map((kind) => `<span>${drawn(SHAPES[kind] || "ellipse", grades.length ? "none" : KINDS[kind] || "none")}${NAMES[kind] || kind}</span>`).join("") +
    grades.map((grade) => `<span>${drawn("ellipse", GRADES[grade], grade === "possible")}${grade}</span>`).join("");
}

class Drawing {
  constructor(component, root) {
    this.root = root;
    this.canvas = root.querySelector(".canvas");
    this.says = root.querySelector(".says");
    this.tell(component);
    this.tools();
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  tell(component) {
    this.component = component;
  }

  draw(data) {
    if (this.signature === data.signature) {
      this.choose(data.selected, false);
      return;
    }
    this.signature = data.signature;
    this.theme = themeOf(this.root);
    const { many, list } = elements(data, this.theme);
    if (this.cy) this.cy.destroy();
    const began = performance.now();
    this.cy = globalThis.cytoscape({
      container: this.canvas, elements: list, style: look(this.theme, many), layout: { name: "preset" },
      minZoom: 0.03, maxZoom: 3, textureOnViewport: many, hideLabelsOnViewport: many, hideEdgesOnViewport: many, pixelRatio: many ? 1 : "auto",
      boxSelectionEnabled: false, autoungrabify: many, selectionType: "single",
    });
    this.cy.on("tap", (event) => {
      const id = event.target === this.cy ? "" : event.target.isNode() ? event.target.id() : null;
      if (id !== null) this.choose(id, true);
    });
    this.cy.on("dbltap", "node", (event) => this.toggle(event.target));
    this.cy.on("mouseover", "node", (event) => { this.says.textContent = describe(event.target); });
    this.cy.on("mouseout", "node", () => this.tellChosen());
    this.cy.one("render", () => { this.root.dataset.drawn = Math.round(performance.now() - began); });
    this.canvas.setAttribute("aria-label",
      `${data.title}: ${data.nodes.length} nodes, ${data.edges.length} links. Arrow keys go from node to node, Enter selects, Space opens or closes a group. The tables on this page say the same.`);
    this.root.dataset.nodes = data.nodes.length;
    this.left = data.left_out;
    legend(this.root.querySelector(".legend"), data);
    this.buttons.all.disabled = !data.groups;
    this.buttons.none.disabled = !data.opened;
    this.fit();
    this.choose(data.selected, false);
  }

  fit() {
    this.cy.fit(undefined, 46);
    if (this.cy.zoom() > 1.25) { this.cy.zoom(1.25); this.cy.center(); }
    this.letters();
  }

  /* Letters as large as the columns have room for, whatever it took to fit them. */
  letters() {
    const size = Math.max(11, Math.min(20, 11 / this.cy.zoom()));
    this.cy.style().selector("node").style({ "font-size": size, "text-max-width": 158 }).selector("edge.told").style({ "font-size": size * 0.9 }).update();
  }

  chosen() {
    return this.cy.getElementById(this.id || "");
  }

  choose(id, tell) {
    this.id = id || "";
    const cy = this.cy, node = this.chosen();
    cy.batch(() => {
      cy.elements().removeClass("faded near chosen told");
      if (node.nonempty()) {
        const path = node.predecessors().union(node.successors()).union(node);
        cy.elements().not(path).addClass("faded");
        path.edges().addClass("near");
        node.addClass("chosen");
        if (node.connectedEdges().length <= 6) node.connectedEdges().addClass("told");
      }
    });
    this.buttons.open.disabled = !(node.nonempty() && (node.data("group") || node.data("inside")));
    this.buttons.open.textContent = node.nonempty() && !node.data("group") && node.data("inside") ? "Close group" : "Open group";
    this.tellChosen();
    if (tell) this.component.setStateValue("selected", this.id);
  }

  tellChosen() {
    const node = this.chosen();
    this.says.textContent = node.nonempty() ? describe(node) : this.left ? `${this.left} lighter nodes are summarised as “more”.` : "";
  }

  toggle(node) {
    if (node.data("group")) this.component.setTriggerValue("toggle", node.id());
    else if (node.data("inside")) this.component.setTriggerValue("toggle", node.data("inside"));
  }

  key(event) {
    const cy = this.cy, here = this.chosen();
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) {
      event.preventDefault();
      if (here.empty()) return this.choose(cy.nodes()[0]?.id(), true);
      const at = here.position();
      const way = (other) => (other.position("x") - at.x) * step[0] + (other.position("y") - at.y) * step[1];
      const off = (other) => Math.abs((other.position("x") - at.x) * step[1]) + Math.abs((other.position("y") - at.y) * step[0]);
      const there = cy.nodes().filter((other) => way(other) > 1).min((other) => way(other) + 3 * off(other)).ele;
      if (there) this.choose(there.id(), true);
    } else if (event.key === "Enter" && here.nonempty()) {
      event.preventDefault();
      this.choose(here.id(), true);
    } else if (event.key === " " && here.nonempty()) {
      event.preventDefault();
      this.toggle(here);
    } else if (event.key === "Escape") this.choose("", true);
  }

  tools() {
    const place = this.root.querySelector(".tools");
    const zoom = (by) => this.cy.zoom({ level: this.cy.zoom() * by, renderedPosition: { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 } });
    const list = {
      open: ["Open group", "Open or close the group of what is selected", () => this.toggle(this.chosen())],
      all: ["Open all", "Show the members of every group", () => this.component.setTriggerValue("toggle", "*")],
      none: ["Close all", "Show groups only", () => this.component.setTriggerValue("toggle", "")],
      out: ["−", "Zoom out", () => zoom(1 / 1.3)], in: ["+", "Zoom in", () => zoom(1.3)], fit: ["Fit", "Fit everything", () => this.fit()],
      png: ["PNG", "Download as PNG", () => save(this.cy.png({ output: "blob", full: true, scale: 2, maxWidth: 8000, maxHeight: 8000, bg: this.theme.background }), "image/png", "lineage-graph.png")],
      svg: ["SVG", "Download as SVG", () => save(svg(this.cy, this.theme), "image/svg+xml", "lineage-graph.svg")],
    };
    this.buttons = {};
    for (const [name, [label, title, act]] of Object.entries(list)) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.title = title;
      button.setAttribute("aria-label", title);
      button.addEventListener("click", act);
      place.append(button);
      this.buttons[name] = button;
    }
  }
}

export default function (component) {
  const root = component.parentElement.querySelector(".lxgraph");
  root.drawing ??= new Drawing(component, root);
  root.style.height = `${component.data.height}px`;
  root.drawing.tell(component);
  root.drawing.draw(component.data);
  return () => { root.drawing?.cy?.destroy(); root.drawing = undefined; root.querySelector(".tools").innerHTML = ""; };
}
