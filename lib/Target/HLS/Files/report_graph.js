// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The second part of the report's script: the drawing of the graph.

// ---- Layout of the graph -----------------------------------------------------
// Layers from top to bottom, by the longest way from an input. An edge over
// several layers passes through a thin node in each, so no edge meets a box:
// between layers there are no boxes, and in a layer it has its own place. A long
// network is cut into columns that are read like those of a newspaper.

const GAP = 28, BETWEEN = 46, LANE = 10, BOX = 214;

function rankNodes() {
  const rank = node => {
    if (node.rank === undefined) {
      node.rank = 0; // if ever there is a cycle, it ends here
      node.rank = Math.max(0, ...node.into.map(edge => rank(edge.from) + 1));
    }
    return node.rank;
  };
  nodes.forEach(rank);
  // An input stands right above its reader.
  for (const node of nodes)
    if (node.port === "input") node.rank = Math.max(0, Math.min(...node.out.map(edge => edge.to.rank)) - 1);
  const used = [...new Set(nodes.map(node => node.rank))].sort((a, b) => a - b);
  for (const node of nodes) node.rank = used.indexOf(node.rank); // no layer is empty
}

/** Rows of nodes, with thin nodes for long edges, ordered so that few edges cross. */
function makeRows() {
  const rows = [];
  const put = node => (rows[node.rank] = rows[node.rank] || []).push(node);
  for (const node of nodes) {
    Object.assign(node, { up: [], down: [] });
    put(node);
  }
  const segments = [];
  for (const edge of edges.filter(e => e.to.rank > e.from.rank)) {
    edge.parts = [];
    let from = edge.from;
    for (let rank = from.rank + 1; rank <= edge.to.rank; ++rank) {
      const last = rank === edge.to.rank;
      const to = last ? edge.to : { thin: true, rank, width: 20, height: 0, up: [], down: [] };
      if (!last) put(to);
      const segment = { edge, from, to };
      from.down.push(segment);
      to.up.push(segment);
      edge.parts.push(segment);
      segments.push(segment);
      from = to;
    }
  }
  const number = row => row.forEach((node, i) => { node.order = i; });
  rows.forEach(number);
  const crossings = () => {
    let total = 0;
    for (const row of rows) {
      const down = row.flatMap(node => node.down);
      for (const a of down) for (const b of down) if (a.from.order < b.from.order && a.to.order > b.to.order) ++total;
    }
    return total;
  };
  let best = Infinity, kept;
  for (let sweep = 0; sweep < 12 && best > 0; ++sweep) {
    const found = crossings();
    if (found < best) [best, kept] = [found, rows.map(row => row.slice())];
    const upward = sweep % 2 === 1;
    for (const row of upward ? rows.slice().reverse() : rows) {
      const middle = new Map(row.map(node => {
        const near = upward ? node.down.map(s => s.to.order) : node.up.map(s => s.from.order);
        return [node, near.length ? sum(near, x => x) / near.length : node.order];
      }));
      row.sort((a, b) => middle.get(a) - middle.get(b));
      number(row);
    }
  }
  kept.forEach((row, i) => { rows[i] = row; number(row); });
  return rows;
}

// A box moves the thin nodes beside it, not they the box: skips bow out around a
// straight row of boxes.
const weight = node => (node.thin ? 0.02 : 1);
const mean = list => sum(list, node => node.x * weight(node)) / sum(list, weight);

/** As near to the wanted places as the order and the gaps between neighbours allow. */
function placeRow(row, wanted) {
  const blocks = [];
  let offset = 0, previous;
  for (const node of row) {
    if (previous) offset += (previous.width + node.width) / 2 + GAP;
    previous = node;
    let block = { mean: wanted(node) - offset, heavy: weight(node), members: [[node, offset]] };
    // A block that wants to lie left of the one before it joins that one.
    while (blocks.length && blocks[blocks.length - 1].mean > block.mean) {
      const other = blocks.pop(), heavy = other.heavy + block.heavy;
      block = { mean: (other.mean * other.heavy + block.mean * block.heavy) / heavy, heavy, members: other.members.concat(block.members) };
    }
    blocks.push(block);
  }
  for (const block of blocks) for (const [node, by] of block.members) node.x = block.mean + by;
}

/** Places the nodes of rows below each other, from left to right. */
function placeColumn(rows) {
  // Chains run straight down: the thin nodes of an edge, and the boxes that are
  // each other's middle neighbours, processes before ports.
  const chains = new Map(), column = new Set(rows.flat());
  const middle = (list, end, thin) => {
    const near = list.map(s => s[end]).filter(node => column.has(node) && !node.thin === !thin).sort((a, b) => a.order - b.order);
    const inner = near.filter(node => node.process), some = inner.length ? inner : near;
    return some[(some.length - 1) >> 1];
  };
  for (const node of rows.flat()) {
    const above = middle(node.up, "from", node.thin);
    node.chain = above && middle(above.down, "to", node.thin) === node ? above.chain : node;
    chains.set(node.chain, (chains.get(node.chain) || []).concat(node));
  }
  rows.forEach(row => placeRow(row, () => 0));
  for (let pass = 0; pass < 60; ++pass) {
    // Between what its ends are joined to, half way at a time so that it settles; then straight.
    for (const [chain, members] of chains) {
      const near = members.flatMap(node => [...node.up.map(s => s.from), ...node.down.map(s => s.to)])
        .filter(node => column.has(node) && node.chain !== chain);
      chain.wanted = near.length ? (mean(members) + mean(near)) / 2 : mean(members);
    }
    rows.forEach(row => placeRow(row, node => node.chain.wanted));
    for (const [chain, members] of chains) chain.wanted = mean(members);
    rows.forEach(row => placeRow(row, node => node.chain.wanted));
  }
}

/** Places all nodes, in so many columns; gives the size. */
function placeNodes(rows, parts) {
  const cuts = [0];
  for (let i = 1; i < parts; ++i) {
    // Near an even share, where the fewest edges are cut.
    const even = Math.round(rows.length * i / parts);
    const cost = at => sum(rows[at - 1], node => node.down.length) * 1.5 + Math.abs(at - even);
    const near = [even, even - 1, even + 1, even - 2, even + 2].filter(at => at > cuts[i - 1] + 1 && at < rows.length - 1);
    cuts.push(near.reduce((a, b) => (cost(b) < cost(a) ? b : a), near[0] || even));
  }
  let right = 0, height = 0, lanes = 0;
  cuts.forEach((cut, column) => {
    const own = rows.slice(cut, cuts[column + 1]);
    own.flat().forEach(node => { node.column = column; });
    placeColumn(own);
    const entering = sum(own[0], node => node.up.length), gutter = column ? 24 + entering * LANE : 1;
    const least = Math.min(...own.flat().map(node => node.x - node.width / 2));
    own.flat().forEach(node => { node.x += right + gutter - least; });
    const start = right;
    right = Math.max(...own.flat().map(node => node.x + node.width / 2)) + 1;
    let y = 0;
    for (const row of own) {
      const tall = Math.max(...row.map(node => node.height));
      for (const node of row) Object.assign(node, { top: y, bottom: y + tall, y: y + (tall - node.height) / 2 });
      y += tall + BETWEEN;
    }
    height = Math.max(height, y - BETWEEN);
    if (column) lanes = Math.max(lanes, entering);
    own[0].forEach(node => node.up.forEach(s => { s.gutter = start; }));
  });
  // Edges leave and enter a box side by side, in the order of their other ends.
  for (const node of rows.flat()) {
    const spread = (list, end, key) => {
      list.sort((a, b) => a[end].column - b[end].column || a[end].x - b[end].x);
      list.forEach((s, i) => { s[key] = node.x + (i - (list.length - 1) / 2) * Math.min(80, node.width / list.length); });
    };
    spread(node.down, "to", "startX");
    spread(node.up, "from", "endX");
  }
  // From the foot of a column an edge runs up between the columns to the head of
  // the next; the one that starts rightmost turns first and arrives highest.
  const head = lanes ? 34 + lanes * LANE : 1;
  cuts.slice(1).forEach(cut => {
    const through = rows[cut].flatMap(node => node.up).sort((a, b) => b.startX - a.startX);
    through.forEach((s, i) => Object.assign(s, { lane: i, lanes: through.length }));
  });
  for (const node of rows.flat()) for (const key of ["y", "top", "bottom"]) node[key] += head;
  return { width: right + 1, height: height + head + (lanes ? 18 + lanes * LANE : 1) };
}

/** Where a part of an edge runs, as commands of an SVG path. */
function trace({ from, to, startX, endX, lane, lanes, gutter }) {
  const begin = `M${startX},${from.y + from.height} L${startX},${from.bottom}`;
  const end = to.y > to.top ? ` L${endX},${to.y}` : ""; // an arrow must not end in a line of no length
  if (lane === undefined || from.column === to.column) {
    const bend = BETWEEN / 2;
    return `${begin} C${startX},${from.bottom + bend} ${endX},${to.top - bend} ${endX},${to.top}${end}`;
  }
  const low = from.bottom + 12 + lane * LANE, x = gutter + 12 + lane * LANE, r = 6;
  const high = to.top - 34 - (lanes - 1 - lane) * LANE;
  return `${begin} L${startX},${low - r} q0,${r} ${r},${r} L${x - r},${low} q${r},0 ${r},${-r} ` +
         `L${x},${high + r} q0,${-r} ${r},${-r} L${endX - r},${high} q${r},0 ${r},${r} L${endX},${to.top}${end}`;
}

// ---- The graph ---------------------------------------------------------------

/** The lines of text in a box. */
function describe(node) {
  if (node.port) return [node.name, node.port];
  const p = node.process, choices = parameters(p, "string").join(", ");
  const lines = [p.name, unitOf(p)];
  if (choices) lines.push(choices);
  lines.push(`${many(p.steps, "step")}, ${percent(busy(p))} busy`);
  return lines;
}

function drawNode(svg, node) {
  const slow = node.process && isSlowest(node.process), p = node.process;
  const group = add(svg, "g", { class: slow ? "slowest" : "" });
  const tip = p ? [...describe(node), p.form && `${p.form} of ${p.weights} weights, ${p.shape.join(" x ")}`,
                   slow && "the slowest process"] : describe(node);
  add(group, "title", {}, tip.filter(Boolean).join("\n"));
  const x = node.x - node.width / 2, place = { x, y: node.y, width: node.width, height: node.height };
  if (p) {
    add(group, "rect", { ...place, class: "box" });
    add(group, "rect", { ...place, width: node.width * busy(p), class: "busy" });
    add(group, "rect", { ...place, class: "frame" });
  } else {
    add(group, "rect", { ...place, rx: node.height / 2, class: "port" });
  }
  describe(node).forEach((line, i) => {
    const text = add(group, "text", p ? { x: x + 8, y: node.y + 17 + i * 15, class: i ? "small" : "name" }
      : { x: node.x, y: node.y + 16 + i * 14, "text-anchor": "middle", class: i ? "small" : "name" }, line);
    fit(text, node.width - (slow && i === 0 ? 66 : 14));
  });
  if (slow) add(group, "text", { x: x + node.width - 6, y: node.y + 16, "text-anchor": "end", class: "mark small" }, "slowest");
}

/** Puts `depth x bits` on an edge, at the first place along it that no other label has. */
function labelEdge(svg, edge, path, taken) {
  const { depth, bits } = edge.channel, text = `${depth} x ${bits}`;
  const length = path.getTotalLength(), half = text.length * 3.1 + 3;
  let best, least = Infinity;
  // Near the reader first: what leaves a fork together has parted there.
  for (const back of [27, 22, 34, 16, length - 22, length - 16, length / 2, length / 3].filter(d => d > 10 && d < length)) {
    const at = path.getPointAtLength(length - back);
    const clash = sum(taken, t => Math.max(0, half + t.half - Math.abs(t.x - at.x)) * Math.max(0, 14 - Math.abs(t.y - at.y)));
    if (clash < least) [best, least] = [at, clash];
  }
  if (!best) return;
  taken.push({ x: best.x, y: best.y, half });
  const label = add(svg, "text", { x: best.x, y: best.y + 4, "text-anchor": "middle", class: "label" }, text);
  add(label, "title", {}, `${edge.from.name} \u2192 ${edge.to.name}: ${many(depth, "item")} of ${many(bits, "bit")}`);
}

function drawGraph(area) {
  area.replaceChildren();
  if (!nodes.length) return;
  for (const node of nodes) {
    node.width = node.port ? 150 : BOX;
    node.height = node.port ? 38 : 10 + 15 * describe(node).length;
  }
  const rows = makeRows();
  // As many columns as have room, but none shorter than a few layers.
  let parts = Math.max(1, Math.min(Math.ceil(rows.length / 8), Math.floor(area.clientWidth / BOX)));
  let size = placeNodes(rows, parts);
  while (parts > 1 && size.width > area.clientWidth) size = placeNodes(rows, --parts);
  const svg = picture(area, Math.ceil(size.width), Math.ceil(size.height),
    `Dataflow graph of ${processes.length} processes and ${channels.length} channels, ` +
    `slowest: ${processes.filter(isSlowest).map(p => p.name).join(", ")}. The tables below hold the same.`);
  const marker = add(add(svg, "defs"), "marker", { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  add(marker, "path", { d: "M0,0 L8,4 L0,8 z", class: "arrow" });
  const lines = edges.filter(edge => edge.parts).map(edge => [edge, add(svg, "path", {
    d: edge.parts.map((part, i) => (i ? trace(part).replace("M", "L") : trace(part))).join(" "), class: "edge", "marker-end": "url(#arrow)" })]);
  for (const node of nodes) drawNode(svg, node);
  const taken = [];
  for (const [edge, path] of lines) labelEdge(svg, edge, path, taken);
}
