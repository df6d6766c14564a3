// Series turns the curves of runs into the lines of a chart. It knows no page.
const Series = (() => {
  const steps = (run, y) => ({ x: run.steps.x, y, per: run.perEpoch });
  const epochs = (run, y, part) => ({ x: run.epochs.x, y, part });

  // What can be shown: its name, its unit on the x axis, and its lines of one run.
  const metrics = {
    error: { name: "training error of each batch", short: "error", share: true, per: "step", of: (r) => [steps(r, r.steps.error)] },
    loss: { name: "training loss of each batch", short: "loss", per: "step", of: (r) => [steps(r, r.steps.loss)] },
    epochs: { name: "val and train error after each epoch", short: "error", share: true, per: "epoch",
      of: (r) => [epochs(r, r.epochs.valError, "val"), epochs(r, r.epochs.trainError, "train")] },
    losses: { name: "val and train loss after each epoch", short: "loss", per: "epoch",
      of: (r) => [epochs(r, r.epochs.valLoss, "val"), epochs(r, r.epochs.trainLoss, "train")] },
  };

  // smooth is an exponential moving average that is not drawn towards 0 at its start.
  function smooth(y, weight) {
    let sum = 0, of = 0;
    return y.map((v) => {
      if (v === null) return null;
      sum = weight * sum + (1 - weight) * v;
      of = weight * of + (1 - weight);
      return sum / of;
    });
  }

  // average returns the mean and the standard deviation at each x that a line has.
  function average(lines) {
    const at = new Map();
    for (const line of lines) {
      line.x.forEach((x, i) => { if (line.y[i] !== null) at.set(x, [...(at.get(x) ?? []), line.y[i]]); });
    }
    const x = [...at.keys()].sort((a, b) => a - b), y = [], sd = [];
    for (const values of x.map((v) => at.get(v))) {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
      y.push(mean);
      sd.push(values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0);
    }
    return { x, y, sd };
  }

  // lines returns what a view shows: of each group and part its mean and spread, or a line
  // for each seed.
  function lines(groups, view) {
    const all = [], metric = metrics[view.metric];
    groups.forEach((group, g) => {
      const runs = group.runs.filter((r) => !view.seeds.has(r.seed));
      if (view.groups.has(group.name) || runs.length === 0) return;
      const parts = runs.map((r) => metric.of(r).map((l) => ({ ...l, y: smooth(l.y, view.smooth), seed: r.seed })));
      parts[0].forEach((first, p) => {
        const own = parts.map((l) => l[p]), name = group.name + (first.part ? ", " + first.part : "");
        const line = { name, color: g, dashed: first.part === "train" };
        if (view.each || own.length === 1) {
          own.forEach((l) => all.push({ ...line, ...l, name: own.length > 1 ? `${name}, seed ${l.seed}` : name }));
        } else all.push({ ...line, ...average(own), seeds: own.length });
      });
    });
    return all;
  }

  // table returns one column of x for all lines, and their columns, as uPlot takes them:
  // a line with a spread has two more, its upper and its lower end.
  function table(all, log) {
    const x = [...new Set(all.flatMap((l) => l.x))].sort((a, b) => a - b);
    const row = new Map(x.map((v, i) => [v, i])), columns = [x];
    const drawn = (v) => (v === null || (log && v <= 0) ? null : v);
    for (const line of all) {
      const own = [line.y];
      if (line.sd) own.push(line.y.map((v, i) => v + line.sd[i]), line.y.map((v, i) => Math.max(v - line.sd[i], log ? v / 10 : 0)));
      for (const y of own) {
        const column = x.map(() => undefined);
        line.x.forEach((v, i) => { column[row.get(v)] = drawn(y[i]); });
        columns.push(column);
      }
    }
    return columns;
  }

  return { metrics, lines, table };
})();
