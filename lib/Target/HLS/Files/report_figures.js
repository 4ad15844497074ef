// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The last part of the report's script: figures, tables and the page itself.

// ---- Headline figures --------------------------------------------------------

function drawHead() {
  document.title = report.name + " \u2013 Sumac report";
  add(page, "h1", {}, report.name);
  add(page, "p", { class: "note" }, "Estimates, not a placed design");
  const list = add(page, "dl", { class: "figures" });
  const figure = (name, value, ...more) => {
    const box = add(list, "div");
    add(box, "dt", {}, name);
    add(box, "dd", { class: "value" }, value);
    for (const text of more) add(box, "dd", {}, text);
  };
  figure("Device", report.device, report.part);
  figure("Clock", report.clock_mhz + " MHz");
  figure("Frames a second", count(report.frames_per_second));
  figure("Interval", count(report.interval) + " cycles", "from one frame to the next");
  figure("Latency", count(report.latency) + " cycles", (report.latency / report.clock_mhz).toFixed(2) + " \u00b5s");
  figure("Rate", (report.operations_per_second / 1e9).toFixed(3) + " Gop/s",
         `${count(report.operations)} operations a frame: two for each weight`);

  add(page, "h2", {}, "Share of the device");
  const shares = KINDS.map(([kind]) => {
    const used = report.resources[kind], all = report.available[kind];
    return { kind, used, all, share: all ? used / all : used ? Infinity : 0 };
  });
  const over = shares.filter(s => s.share > 1);
  add(page, "p", {}, over.length ? `The design does not fit: too many ${over.map(s => WORDS[s.kind]).join(", ")}.`
                                 : "With FIFOs. All within the device.");
  // Up to 200 % is to scale. What is more ends in a bar as long, with its number.
  const width = 900, left = 130, full = over.length ? 270 : 480, row = 30;
  const svg = picture(scroller(page, "Share of the device"), width, shares.length * row + 22, "Share of the device's resources: " +
    shares.map(s => `${WORDS[s.kind]} ${s.share === Infinity ? "none there" : percent(s.share)}`).join(", "));
  shares.forEach(({ kind, used, all, share }, i) => {
    const y = i * row + 4, mid = y + 15;
    add(svg, "text", { x: 0, y: mid, class: "name" }, WORDS[kind]);
    add(svg, "rect", { x: left, y, width: full, height: 20, class: "track" });
    add(svg, "rect", { x: left, y: y + 3, width: full * Math.min(1, share), height: 14, class: "bar" });
    if (share > 1) add(svg, "rect", { x: left + full, y: y + 3, width: full * Math.min(1, share - 1), height: 14, class: "bar over" });
    add(svg, "text", { x: left + full * Math.min(2, Math.max(1, share)) + 10, y: mid, class: share > 1 ? "over-text" : "" },
      !all ? (used ? `OVER: ${count(used)}, device has none` : "none used, device has none")
           : `${share > 1 ? "OVER: " : ""}${percent(share)} (${count(used)} of ${count(all)})`);
  });
  const bottom = shares.length * row;
  add(svg, "line", { x1: left + full, x2: left + full, y1: 0, y2: bottom, class: "limit" });
  add(svg, "text", { x: left, y: bottom + 14, class: "small" }, "0 %");
  add(svg, "text", { x: left + full, y: bottom + 14, class: "small", "text-anchor": "middle" }, "100 %");
}

// ---- Processes ---------------------------------------------------------------

function drawBars() {
  const columns = [["Steps", p => p.steps], ...kinds.map(([kind, name]) => [name, p => p.resources[kind]])];
  const names = 190, room = 175, row = 20, width = names + columns.length * room;
  const svg = picture(scroller(page, "Bars for each process"), width, 24 + processes.length * row,
    `Steps and resources of each process: ${columns.map(c => c[0]).join(", ")}. The table below holds the numbers.`);
  processes.forEach((p, i) => {
    const y = 24 + i * row;
    if (i % 2) add(svg, "rect", { x: 0, y, width, height: row, class: "stripe" });
    const name = add(svg, "text", { x: 2, y: y + 14, class: isSlowest(p) ? "hot-text" : "" }, p.name);
    fit(name, names - 12);
    add(name, "title", {}, p.name);
  });
  columns.forEach(([title, get], c) => {
    const x = names + c * room, most = Math.max(1, ...processes.map(get));
    add(svg, "text", { x, y: 15, class: "name" }, title);
    add(svg, "line", { x1: x, x2: x, y1: 22, y2: 24 + processes.length * row, class: "grid" });
    processes.forEach((p, i) => {
      const y = 24 + i * row, long = (room - 75) * get(p) / most;
      add(svg, "rect", { x, y: y + 4, width: long, height: row - 8, class: c === 0 && isSlowest(p) ? "bar hot" : "bar" });
      add(svg, "text", { x: x + long + 5, y: y + 14, class: "small" }, count(get(p)));
    });
  });
}

function drawTables() {
  const numbers = r => kinds.map(([kind]) => count(r[kind]));
  const line = table(page, "Processes in network order. Each number is rounded up, so rows may add up to a little more than all.",
    ["Process", "Steps", "Busy", "Latency", "Operations", ...kinds.map(k => k[1]), "Unit", "Form", "Weights"],
    [0, 5, 6, 7].map(i => (i ? i + kinds.length : i)));
  for (const p of processes)
    line("tbody", [p.name, count(p.steps), percent(busy(p)), count(p.latency), count(p.operations), ...numbers(p.resources),
      [unitOf(p), ...parameters(p, "string")].join(", "), p.form || "", p.shape ? `${p.weights}, ${p.shape.join(" x ")}` : ""],
      isSlowest(p) ? { class: "slowest" } : {});
  const fifos = Object.fromEntries(KINDS.map(([kind]) => [kind, sum(channels, c => c.resources[kind])]));
  line("tbody", ["FIFOs", "", "", "", "", ...numbers(fifos), "", "", ""]);
  line("tfoot", ["All", "", "", count(report.latency), count(report.operations), ...numbers(report.resources), "", "", ""]);
  line("tfoot", ["Available", "", "", "", "", ...numbers(report.available), "", "", ""]);

  const details = add(page, "details");
  add(details, "summary", {}, `The ${channels.length} channels and their FIFOs`);
  const channelLine = table(details, "Channels: an item holds `lanes` elements; the FIFO holds `depth` items.",
    ["From", "To", "Type", "Elements", "Lanes", "Bits of an item", "Depth", ...kinds.map(k => k[1])], [0, 1, 2]);
  for (const c of channels)
    channelLine("tbody", [c.from, c.to, c.type, count(c.elements), count(c.lanes), count(c.bits), count(c.depth), ...numbers(c.resources)]);
}

// ---- Roofline ----------------------------------------------------------------

function drawRoofline() {
  add(page, "h2", {}, "Roofline");
  const layers = nodes.filter(n => n.process && n.process.operations > 0).map(n => ({
    name: n.process.name, slow: isSlowest(n.process), x: n.process.operations / sum([...n.into, ...n.out], bytes),
    y: n.process.operations * report.frames_per_second, peak: n.process.operations / n.process.steps * clock }));
  const outer = edges.filter(edge => edge.from.port || edge.to.port);
  const design = { name: "design", x: report.operations / sum(outer, bytes), y: report.operations_per_second };
  const roof = sum(layers, layer => layer.peak), stream = sum(outer, edge => edge.channel.bits) * clock / 8;
  if (!layers.length || !outer.length) {
    add(page, "p", {}, "No process has weights, so there are no operations to show.");
    return;
  }
  const figure = add(page, "figure");
  const width = 900, height = 460, left = 90, top = 16, right = width - 20, bottom = height - 46;
  const all = [design, ...layers];
  const range = list => [Math.log10(Math.min(...list)) - 0.35, Math.log10(Math.max(...list)) + 0.35];
  const [x0, x1] = range([...all.map(p => p.x), roof / stream]), [y0, y1] = range([...all.map(p => p.y), roof]);
  const X = v => left + (Math.log10(v) - x0) / (x1 - x0) * (right - left);
  const Y = v => bottom - (Math.log10(v) - y0) / (y1 - y0) * (bottom - top);
  const svg = picture(scroller(figure, "Roofline"), width, height, `Roofline: the design attains ${scaled(design.y, "op/s")} ` +
    `at ${digits(design.x)} operations a byte, under a roof of ${scaled(roof, "op/s")} and streams of ${scaled(stream, "B/s")}`);
  const ticks = (low, high) => {
    const list = [], steps = high - low < 2.5 ? [1, 2, 5] : [1];
    for (let power = Math.floor(low); power <= high; ++power)
      for (const step of steps) list.push(step * 10 ** power);
    return list.filter(v => Math.log10(v) >= low && Math.log10(v) <= high);
  };
  for (const v of ticks(x0, x1)) {
    add(svg, "line", { x1: X(v), x2: X(v), y1: top, y2: bottom, class: "grid" });
    add(svg, "text", { x: X(v), y: bottom + 16, "text-anchor": "middle", class: "small" }, String(Number(v.toPrecision(1))));
  }
  for (const v of ticks(y0, y1)) {
    add(svg, "line", { x1: left, x2: right, y1: Y(v), y2: Y(v), class: "grid" });
    add(svg, "text", { x: left - 6, y: Y(v) + 4, "text-anchor": "end", class: "small" }, scaled(v, "op/s"));
  }
  add(svg, "text", { x: (left + right) / 2, y: height - 8, "text-anchor": "middle" }, "operations for each byte of input and output of a frame");
  // Where the streams' line is inside the axes.
  const from = Math.max(10 ** x0, 10 ** y0 / stream), to = Math.min(10 ** x1, 10 ** y1 / stream);
  if (from < to) add(svg, "path", { d: `M${X(from)},${Y(from * stream)} L${X(to)},${Y(to * stream)}`, class: "stream" });
  add(svg, "path", { d: `M${left},${Y(roof)} L${right},${Y(roof)}`, class: "roof" });
  add(svg, "text", { x: right - 4, y: Y(roof) - 14, "text-anchor": "end", class: "label" }, `units always busy: ${scaled(roof, "op/s")}`);
  const taken = [{ x: right - 90, y: Y(roof) - 14, half: 95 }];
  if (from < to) {
    // Level text under the line reads better than text along it.
    const at = 10 ** (Math.log10(from) + 0.25 * (Math.log10(to) - Math.log10(from))), y = Y(at * stream) + 16;
    add(svg, "text", { x: X(at) + 4, y, class: "label" }, `streams: ${scaled(stream, "B/s")}`);
    taken.push({ x: X(at) + 60, y, half: 60 });
  }
  // Layers of one shape lie on one spot: one dot for all of them.
  const dots = [];
  for (const p of layers) {
    const dot = dots.find(d => Math.hypot(X(d.x) - X(p.x), Y(d.y) - Y(p.y)) < 4);
    if (dot) dot.layers.push(p);
    else dots.push({ ...p, layers: [p] });
  }
  for (const p of [design, ...dots]) taken.push({ x: X(p.x), y: Y(p.y), half: 6 });
  for (const p of [...dots, design]) {
    const x = X(p.x), y = Y(p.y), group = add(svg, "g"), slow = p !== design && p.layers.some(layer => layer.slow);
    const tip = (p.layers || [p]).map(q => `${q.name}: ${digits(q.x)} operations a byte, ${scaled(q.y, "op/s")}`);
    add(group, "title", {}, tip.join("\n"));
    if (p === design) add(group, "path", { d: `M${x},${y - 9} L${x + 9},${y} L${x},${y + 9} L${x - 9},${y} z`, class: "design" });
    else add(group, "circle", { cx: x, cy: y, r: 6, class: slow ? "dot hot" : "dot" });
  }
  // The design's name first; where the layers lie too close, the names that fit.
  for (const p of [design, ...dots]) {
    const label = add(svg, "text", { class: p === design ? "label name" : "label" }, p.name);
    fit(label, 150);
    if (p !== design && p.layers.length > 1) label.textContent += ` and ${p.layers.length - 1} more`;
    const h = label.getComputedTextLength() / 2, spots = [[13 + h, 4], [-13 - h, 4], [0, -12], [0, 20]].map(([dx, dy]) => ({ x: X(p.x) + dx, y: Y(p.y) + dy, half: h }));
    const free = spots.find(s => s.x - h > left && s.x + h < right && s.y > top && s.y < bottom &&
      taken.every(t => Math.abs(t.x - s.x) > t.half + h || Math.abs(t.y + (t.half === 6 ? 4 : 0) - s.y) > 13));
    if (!free) { label.remove(); continue; }
    label.setAttribute("x", free.x - h);
    label.setAttribute("y", free.y);
    taken.push(free);
  }
  const caption = add(figure, "figcaption", {}, "Both axes are logarithmic. An operation is a multiplication or an addition: two for each weight.");
  const terms = add(caption, "ul");
  for (const text of [
    "Bytes: elements times bits, divided by 8, of the channels in and out \u2013 of the network for the design (diamond), of the process for a layer (dot; orange: the slowest).",
    "Height of a point: its operations of a frame times the frames a second.",
    `Units always busy (line): the operations a step of all processes, times the clock; ${scaled(roof, "op/s")}. The design attains ${percent(design.y / roof)} of it.`,
    `Streams (dashed): the bits of an item of each input and output, times the clock, divided by 8; ${scaled(stream, "B/s")}. It bounds the design, not the layers, whose channels are their own.`])
    add(terms, "li", {}, text);
  const details = add(page, "details");
  add(details, "summary", {}, "The points of the roofline as a table");
  const line = table(details, "Points of the roofline", ["Point", "Operations a byte", "Attained", "If always busy"], [0]);
  for (const p of all) line("tbody", [p.name, digits(p.x), scaled(p.y, "op/s"), scaled(p.peak || roof, "op/s")]);
}

// ---- The page ----------------------------------------------------------------

drawHead();
add(page, "h2", {}, "Dataflow");
add(page, "p", {}, "Boxes are processes that run at once, filled by how much of the interval each is busy. Channels are marked with the depth of their FIFO x the bits of an item.");
rankNodes();
const graph = scroller(page, "Dataflow graph");
drawGraph(graph);
let drawn = graph.clientWidth;
addEventListener("resize", () => {
  if (graph.clientWidth !== drawn) drawGraph(graph);
  drawn = graph.clientWidth;
});
add(page, "h2", {}, "Processes");
drawBars();
drawTables();
drawRoofline();
// On paper nothing can be opened.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));
