/* A scene on the canvas, as SVG, and its legend. */
const LETTERS = 11.5; // px on the screen: how large labels are; those that find no room are left out
const COLUMN = 156; // px of the drawing that a label may be wide

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
/* Between two of one column it bows out, past those between them. */
const curve = (a, b) => { const m = a.x === b.x ? a.x - 110 : (a.x + b.x) / 2; return [m, a.y, m, b.y, b.x, b.y]; };
/* Of many edges each is fainter, so that where they cross is no black patch. */
const strength = (edges) => 0.36 * Math.min(1, Math.max(0.35, 15 / Math.sqrt(edges.length)));

/* As much of a name as there is room for: names that begin alike differ at their end, and there it says what opens. */
function shortened(name, share) {
  const kept = Math.max(2, Math.floor(name.length * share) - 1), head = Math.ceil(kept * 0.55);
  return `${name.slice(0, head)}…${name.slice(name.length - (kept - head))}`;
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
  const left = seen ? seen.x + 90 : -Infinity, right = seen ? seen.x + seen.w - 90 : Infinity; // what is on the screen: see Drawing.paint
  if (seen) for (const node of scene.nodes) node.tag = undefined;
  for (const node of order) { // each below its node, else above it, else cut short
    if (seen && (node.x < seen.x || node.x > seen.x + seen.w || node.y < seen.y || node.y > seen.y + seen.h)) continue;
    const font = `${node === chosen ? 700 : 400} ${size}px ${theme.font}`;
    if (ctx.font !== font) ctx.font = font;
    const full = ctx.measureText(node.name).width, gap = node.r + (node.group ? 5 : 0) + 3 / zoom, places = [node.y + gap, node.y - gap - size];
    const middle = (wide) => (node.x < left || node.x > right ? node.x : Math.max(left + wide / 2, Math.min(right - wide / 2, node.x)));
    const isFree = (top, wide) => {
      const place = [middle(wide) - wide / 2 - 1 / zoom, top, wide + 2 / zoom, size];
      return node === chosen || (taken.isFree(...place) && (node.group || bodies.isFree(...place)));
    };
    let wide, top;
    for (const most of node === chosen ? [full] : sizes) {
      wide = Math.min(full, most);
      top = places.find((one) => isFree(one, wide));
      if (top !== undefined) break;
    }
    if (top === undefined) continue; // zooming in makes room
    const name = wide < full ? shortened(node.name, wide / full) : node.name;
    if (wide < full) wide = ctx.measureText(name).width; // its letters are not as broad as those that it lost
    const at = middle(wide + 6 / zoom);
    taken.add(at - wide / 2, top, wide, size);
    if (seen) node.tag = { name, x: at - wide / 2, y: top, w: wide, h: size };
    ctx.globalAlpha = near && !near.nodes.has(node) ? 0.16 : 1;
    ctx.strokeStyle = theme.background;
    ctx.lineWidth = 3 / zoom;
    ctx.strokeText(name, at, top);
    ctx.fillStyle = theme.text;
    ctx.fillText(name, at, top);
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

function legend(place, nodes) {
  const kinds = [...new Set(nodes.map((node) => node.kind))];
  const grades = Object.keys(GRADES).filter((grade) => nodes.some((node) => node.grade === grade));
  const drawn = (shape, fill, dash) => `<svg width="15" height="15" viewBox="-8 -8 16 16">${svgShape(shape, 6)} fill="${fill}" stroke="currentColor"${dash ? ' stroke-dasharray="2 1.5"' : ""}/></svg>`;
  place.innerHTML = kinds.map((kind) => `<span>${drawn(SHAPES[kind] || "circle", grades.length ? "none" : KINDS[kind] || "none")}${NAMES[kind] || kind}</span>`).join("") +
    grades.map((grade) => `<span>${drawn("circle", GRADES[grade], grade === "possible")}${grade}</span>`).join("") +
    (nodes.some((node) => node.group) ? "<span>+ several as one: double-click to open</span>" : "");
}
