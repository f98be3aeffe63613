/* What a node looks like: its shape by its kind, its colour by its grade or kind; on the canvas and as SVG. */
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
