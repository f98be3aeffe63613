/* The graph component: draws nodes where Python put them, tells Python what is selected and which group is opened.
   One canvas and no library: everything is already laid out, so thousands of nodes are drawn at once. */
const LEGIBLE = 0.5; // zoom below which names cover each other: what is wider than its place is moved sideways instead
const MARGIN = 66; // px on the screen beside the first and the last column: half a label

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

/* As the pages write numbers: in threes, with narrow spaces. */
const spaced = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

function describe(node, of) {
  const bits = [node.thing || node.label];
  if (node.grade && !bits[0].endsWith(node.grade)) bits.push(node.grade);
  if (node.runs) bits.push(`${spaced(node.runs)} run${node.runs > 1 ? "s" : ""}`);
  else if (node.count > 1 && node.kind !== "data-subject") bits.push(`${spaced(node.count)} ${of}`);
  if (node.first) bits.push(`first ${node.first.slice(0, 19).replace("T", " ").replaceAll("-", "\u2011")} UTC`); // a date is not broken
  return bits.join(" · ");
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

  /* As a reader begins, or so small that everything is seen. */
  fit(everything) {
    const { x, y, w, h } = this.scene.box, wide = this.root.clientWidth, below = this.root.querySelector(".legend").offsetHeight + 16, high = this.root.clientHeight - 40 - below;
    const whole = Math.min(1.25, (wide - 2 * MARGIN) / Math.max(1, w - 160), high / h);
    const k = everything ? whole : Math.max(whole, Math.min(LEGIBLE, high / h)), rest = Math.max(wide, k * w); // a narrow one begins at its left
    this.view = { k, x: rest / 2 - k * (x + w / 2), y: 40 + high / 2 - k * (y + h / 2) };
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
    this.canvas.style.touchAction = k * this.scene.box.h > this.root.clientHeight ? "none" : "pan-y"; // else a finger moves the page
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
    const isIn = ({ tag }) => tag && tag.x <= x && x <= tag.x + tag.w && tag.y <= y && y <= tag.y + tag.h;
    return best ?? this.scene.nodes.find(isIn) ?? null; // a name is as good as its node
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
    this.says.textContent = this.chosen ? describe(this.chosen, this.of) : this.left ? `${spaced(this.left)} lighter nodes are summarised as “more”.` : "";
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
      out: ["−", "Zoom out", () => this.zoom(1 / 1.3)], in: ["+", "Zoom in", () => this.zoom(1.3)], fit: ["Fit", "Fit everything", () => this.fit(true)],
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
