// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The first part of the report's script: elements of the page, and the graph that `report` describes.

// ---- Numbers and elements ----------------------------------------------------
// Names come from a model that somebody else wrote. All text goes in as text; no
// markup is ever made from data, and names are keys of Maps only.

const page = document.getElementById("page");
const KINDS = [["lut", "LUT"], ["ff", "FF"], ["dsp", "DSP"], ["bram", "BRAM"], ["uram", "URAM"]];
const WORDS = { lut: "LUT", ff: "FF", dsp: "DSP", bram: "BRAM (18 Kbit)", uram: "URAM (288 Kbit)" };

const sum = (list, get) => list.reduce((total, item) => total + get(item), 0);
const count = n => n.toLocaleString("en-US", { maximumFractionDigits: 0 });
const many = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;
const percent = x => (x >= 0.0995 || x === 0 ? (x * 100).toFixed(0) : (x * 100).toPrecision(2)) + " %";

const digits = x => String(Number(x.toPrecision(3)));

/** Three digits or so and a prefix: 12.3 Gop/s */
function scaled(x, unit) {
  const prefixes = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""]];
  const [factor, prefix] = prefixes.find(([f]) => x >= f) || [1, ""];
  const value = x / factor;
  return (value >= 1000 ? value.toFixed(0) : digits(value)) + " " + prefix + unit;
}

function add(parent, tag, attributes = {}, text) {
  const svg = tag === "svg" || parent.namespaceURI === "http://www.w3.org/2000/svg";
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return parent.appendChild(element);
}

let titles = 0;
/** An SVG that a screen reader takes for one picture with a name. */
function picture(parent, width, height, title) {
  const id = "title" + ++titles;
  const svg = add(parent, "svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": id });
  add(svg, "title", { id }, title);
  return svg;
}

const scroller = (parent, label) => add(parent, "div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label });

/** Takes letters out of the middle of a text until it fits; both ends of an ONNX name tell something. */
function fit(element, width) {
  const text = [...element.textContent];
  for (let keep = text.length - 1; keep > 1 && element.getComputedTextLength() > width; --keep)
    element.textContent = text.slice(0, Math.ceil(keep / 2)).join("") + "\u2026" + text.slice(text.length - Math.floor(keep / 2)).join("");
}

/** Gives a function that adds rows. `left` says which columns hold text. */
function table(parent, caption, heads, left) {
  const element = add(scroller(parent, caption), "table");
  add(element, "caption", {}, caption);
  const row = add(add(element, "thead"), "tr");
  heads.forEach((head, i) => add(row, "th", { scope: "col", class: left.includes(i) ? "left" : "" }, head));
  return (section, cells, attributes = {}) => {
    const body = element.querySelector(section) || add(element, section);
    const line = add(body, "tr", attributes);
    cells.forEach((cell, i) => {
      const kind = left.includes(i) ? "left" : "";
      if (i === 0) add(line, "th", { scope: "row", class: kind, title: cell }, cell);
      else add(line, "td", { class: kind }, cell);
    });
    return line;
  };
}

// ---- What follows from the report --------------------------------------------

const processes = report.processes, channels = report.channels;
const clock = report.clock_mhz * 1e6;
const mostSteps = Math.max(0, ...processes.map(p => p.steps));
const isSlowest = p => p.steps === mostSteps;
const busy = p => Math.min(1, p.steps / report.interval);
const kinds = KINDS.filter(([kind]) => kind !== "uram" || report.resources.uram || report.available.uram);

/** Parameters of a type: numbers read "pe 8", strings "memory bram". */
const parameters = (p, type) => Object.entries(p.parameters || {})
  .filter(([, value]) => typeof value === type).map(([name, value]) => `${name} ${value}`);
const unitOf = p => [p.unit, ...parameters(p, "number")].join(", ");

// A graph of nodes and edges. A name at the end of a channel that is no process is
// a port. A model may call an output like the node that gives it, but no process
// feeds itself: then the channel is that process's port.
const nodes = processes.map(process => ({ process, name: process.name, into: [], out: [] }));
const byName = new Map(nodes.map(node => [node.name, node]));
const ports = new Map();
const port = (name, side) => {
  const key = side + " " + name;
  if (!ports.has(key)) ports.set(key, { port: side, name, into: [], out: [] });
  return ports.get(key);
};
const fed = new Set(channels.filter(c => c.from !== c.to).map(c => c.to));
const edges = channels.map(channel => {
  const own = channel.from === channel.to && byName.has(channel.from);
  const from = own && !fed.has(channel.to) ? undefined : byName.get(channel.from);
  const to = own && fed.has(channel.to) ? undefined : byName.get(channel.to);
  const edge = { channel, from: from || port(channel.from, "input"), to: to || port(channel.to, "output") };
  edge.from.out.push(edge);
  edge.to.into.push(edge);
  return edge;
});
nodes.push(...ports.values());
const bytes = edge => edge.channel.elements * edge.channel.bits / edge.channel.lanes / 8;
