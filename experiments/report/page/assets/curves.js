// Curves draws the runs of one section, with controls that switch, smooth and zoom.
class Curves {
  static views = new Map(); // what each section's reader has chosen, kept when it is drawn again

  constructor(node, name, runs) {
    this.node = node;
    this.group(runs);
    const others = new Set(this.groups.filter((g) => g.runs.every((r) => r.other)).map((g) => g.name)); // switched off at first
    this.view = Curves.views.get(name) ?? { metric: node.dataset.shows, log: false, smooth: 0, each: false, groups: others, seeds: new Set(), zoom: null };
    Curves.views.set(name, this.view);
    this.controls();
    this.observer = new ResizeObserver(() => { if (this.size().width !== this.chart.width) this.chart.setSize(this.size()); });
    this.draw();
    this.observer.observe(this.plot);
  }

  // group sorts the runs by what they share. A run that the tables leave out joins a
  // group only if all of that are left out.
  group(all) {
    const byName = new Map();
    for (const r of this.runs = all) byName.set(r.group, [...(byName.get(r.group) || []), r]);
    this.groups = [...byName].map(([name, runs]) => ({ name, runs: runs.some((r) => !r.other) ? runs.filter((r) => !r.other) : runs }));
    this.ordered = this.groups.length > 1 && this.groups.every((g) => g.name.startsWith("learning rate"));
  }

  controls() {
    const [view, form] = [this.view, this.node.querySelector("form")], { metric, log, each, smooth, reset } = form.elements;
    for (const name of ["legend", "plot", "readout", "note", "numbers"]) this[name] = this.node.querySelector("." + name);
    metric.append(...Object.entries(Series.metrics).map(([value, m]) => make("option", { value, textContent: m.name })));
    Object.assign(metric, { value: view.metric, onchange: () => { view.metric = metric.value; this.zoom(null); } });
    for (const box of [log, each]) Object.assign(box, { checked: view[box.name], onchange: () => { view[box.name] = box.checked; this.draw(); } });
    Object.assign(smooth, { value: view.smooth, oninput: () => { view.smooth = Number(smooth.value); this.draw(); } });
    this.reset = Object.assign(reset, { onclick: () => this.zoom(null) });
    form.addEventListener("submit", (e) => e.preventDefault());
    Object.assign(this.plot, { onkeydown: (e) => this.key(e), onfocus: () => this.describe() });
    this.numbers.addEventListener("toggle", () => this.tabulate());
    this.node.hidden = false; // without scripts, it stays so
    this.switches();
  }

  take(runs) { this.group(runs); this.switches(); this.draw(); }

  // switches lists the groups, with what their runs do, and the seeds.
  switches() {
    const toggle = (set, key, ...content) => {
      const change = () => { set[box.checked ? "delete" : "add"](key); this.draw(); };
      const box = make("input", { type: "checkbox", checked: !set.has(key), onchange: change });
      return make("label", {}, box, ...content);
    };
    this.stateOf = new Map(this.groups.map((g) => [g.name, make("span", { className: "state" })]));
    const groups = this.groups.map((g, i) => toggle(this.view.groups, g.name, this.swatch(i), g.name + " ", this.stateOf.get(g.name)));
    const seeds = [...new Set(this.groups.flatMap((g) => g.runs.map((r) => r.seed)))].sort((a, b) => a - b);
    const fieldset = (text, items) => make("fieldset", {}, make("legend", { textContent: text }), ...items);
    this.legend.replaceChildren(fieldset("Runs", groups), fieldset("Seeds", seeds.map((s) => toggle(this.view.seeds, s, String(s)))));
    this.legend.lastChild.hidden = seeds.length === 1;
    this.states();
  }

  // states says how far the runs of each group have come, unless all are done.
  states() {
    for (const g of this.groups) {
      const open = g.runs.filter((r) => r.state.status !== "done"), node = this.stateOf.get(g.name);
      const text = open.length === 0 ? "" : open.length === 1 ? (g.runs.length > 1 ? `seed ${open[0].seed} ` : "") + open[0].state.text
        : `${open.length} of ${g.runs.length} ${[...new Set(open.map((r) => r.state.status))].join(", ")}`;
      if (node.textContent !== text) node.textContent = text;
    }
  }

  // color takes the colours of the style, light or dark: an ordered scale for rates.
  color(i) {
    const last = 6, n = this.groups.length, at = this.ordered && n <= last ? Math.round((i * last) / (n - 1)) : i % (last + 1);
    return getComputedStyle(this.node).getPropertyValue(`--${this.ordered ? "rate" : "line"}${at}`);
  }

  swatch(i) { return make("i", { className: "swatch", style: `background: ${this.color(i)}` }); }
  // grow shows what the runs have gained.
  grow() {
    const was = this.lines.map((l) => l.name).join();
    this.lines = Series.lines(this.groups, this.view);
    if (was !== this.lines.map((l) => l.name).join()) return this.draw();
    this.chart.setData(Series.table(this.lines, this.view.log));
    this.tabulate();
    this.states();
  }

  // draw draws everything again, after a change of the view or of the runs.
  draw() {
    const view = this.view, metric = Series.metrics[view.metric];
    this.lines = Series.lines(this.groups, view);
    const columns = Series.table(this.lines, view.log), style = getComputedStyle(this.node);
    const format = (v) => (metric.share ? `${Number((100 * v).toPrecision(3))} %` : String(Number(v.toPrecision(4))));
    this.format = (v) => (v === null || v === undefined ? "–" : format(v));
    const series = [{}], bands = [];
    for (const line of this.lines) {
      const stroke = this.color(line.color), i = series.length;
      const common = { stroke, spanGaps: true, points: { show: metric.per === "epoch" && line.x.length < 60, size: 5 } };
      series.push({ ...common, label: line.name, width: 2, dash: line.dashed ? [6, 4] : undefined });
      if (!line.sd) continue;
      for (let end = 0; end < 2; end++) series.push({ ...common, width: 0, points: { show: false } });
      bands.push({ series: [i + 1, i + 2], fill: stroke + "2e" });
    }
    const rule = { stroke: style.getPropertyValue("--rule"), width: 1 }, font = "12px system-ui, sans-serif";
    const axis = { stroke: style.getPropertyValue("--ink"), grid: rule, ticks: rule, font, labelFont: font };
    const whole = [1, 10, 100, 1e3, 1e4, 1e5].flatMap((n) => [n, 2 * n, 5 * n]);
    const options = {
      ...this.size(), series, bands, legend: { show: false },
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      scales: { x: { time: false, range: (u, low, high) => view.zoom || [low, high > low ? high : low + 1] },
        y: view.log ? { distr: 3 } : { range: (u, low, high) => [0, high > 0 ? high * 1.05 : 1] } },
      axes: [{ ...axis, label: metric.per, incrs: whole },
        { ...axis, label: metric.share ? "error" : "loss (nats)", size: 64, values: (u, values) => values.map((v) => (v === null ? "" : format(v))) }],
      hooks: { setCursor: [(u) => this.read(u)], setSelect: [(u) => {
        if (u.select.width > 4) this.zoom([u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")]);
      }] },
    };
    this.chart?.destroy();
    this.chart = new uPlot(options, columns, this.plot);
    this.reset.disabled = !view.zoom;
    this.describe();
  }

  size(width = Math.max(200, this.plot.clientWidth)) { return { width, height: width < 600 ? 260 : 360 }; }

  zoom(range) { this.view.zoom = range; this.draw(); }

  // key moves the reading line with the arrows, zooms with + and −, and shows all with 0.
  key(e) {
    const u = this.chart, x = u.data[0], n = x.length;
    const [low, high] = [u.scales.x.min, u.scales.x.max], wide = high - low, far = e.shiftKey ? 10 : 1;
    const at = Math.max(0, Math.min(n - 1, this.at ?? Math.floor(n / 2)));
    const move = (to) => { this.at = Math.max(0, Math.min(n - 1, to)); u.setCursor({ left: u.valToPos(x[this.at], "x"), top: 1 }); };
    const actions = {
      ArrowLeft: () => move(at - far), ArrowRight: () => move(at + far), Home: () => move(0), End: () => move(n - 1),
      "+": () => this.zoom([x[at] - wide / 4, x[at] + wide / 4]), "-": () => this.zoom([low - wide / 2, high + wide / 2]), 0: () => this.zoom(null),
    };
    if (!actions[e.key] || n === 0) return;
    e.preventDefault();
    actions[e.key]();
  }

  // read says what the lines are at the cursor.
  read(u) {
    const i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) {
      return this.readout.replaceChildren("Point at the curves to read values, or focus them and use the arrow keys. Drag, or press + and −, to zoom.");
    }
    let column = 1;
    const items = this.lines.map((line) => {
      const v = u.data[column][i];
      const spread = line.sd && v !== undefined ? ` (${this.format(u.data[column + 2][i])} to ${this.format(u.data[column + 1][i])})` : "";
      column += line.sd ? 3 : 1;
      return make("span", {}, this.swatch(line.color), `${line.name} ${this.format(v)}${spread}`);
    });
    const per = Series.metrics[this.view.metric].per;
    this.readout.replaceChildren(make("b", { textContent: `${per} ${Number(u.data[0][i].toFixed(1))}` }), ...items);
  }

  // describe says in words what the picture shows.
  describe() {
    const metric = Series.metrics[this.view.metric], wide = this.runs.reduce((w, r) => Math.max(w, r.width), 1);
    const ends = this.lines.map((l) => (l.y.length ? `${l.name} ${this.format(l.y.at(-1))}` : "")).filter(Boolean);
    const label = `Curves of the ${metric.name}, against the ${metric.per}. Last values: ${ends.join("; ") || "none yet"}.`;
    this.plot.ariaLabel = label + " Arrow keys read values, + and − zoom, 0 shows all.";
    const mean = metric.per === "step" && wide > 1 ? `Each point is the mean of up to ${wide} steps. ` : "";
    const band = this.lines.some((l) => l.sd) ? "Lines are means over the seeds, bands one standard deviation to either side. " : "";
    this.tabulate();
    this.states();
    this.note.textContent = mean + band + (metric.per === "epoch" ? "Solid: val; dashed: train." : "");
  }

  // tabulate fills the table of numbers, if it is open, with at most 100 rows.
  tabulate() {
    if (!this.numbers.open) return;
    const [x, ...columns] = Series.table(this.lines.map((l) => ({ ...l, sd: undefined })), false);
    const every = Math.ceil(x.length / 100);
    const per = Series.metrics[this.view.metric].per;
    const head = [per, ...this.lines.map((l) => l.name)].map((textContent) => make("th", { scope: "col", textContent }));
    const rows = x.map((v, i) => [v, i]).filter(([, i]) => i % every === 0 || i === x.length - 1).map(([v, i]) =>
      make("tr", {}, make("th", { scope: "row", textContent: v }), ...columns.map((c) => make("td", { textContent: this.format(c[i]) }))));
    this.numbers.querySelector("table").replaceChildren(make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  }

  close() { this.observer.disconnect(); this.chart.destroy(); }
}

// make makes an element with properties and children.
function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
