// Snapshots shows a network as it was after each epoch, with a slider through time.
const Snapshots = (() => {
  const chosen = new Map(); // by the name of a section: the run that is shown
  let timer = null;

  function show(node, runs) {
    const all = runs.filter((r) => r.snapshots?.length), section = node.closest("section"), { run, epoch, play } = node.querySelector("form").elements;
    if (all.length === 0) return;
    run.replaceChildren(...all.map((r) => make("option", { value: r.id, textContent: `${r.group}, seed ${r.seed}` })));
    run.value = all.some((r) => r.id === chosen.get(section.id)) ? chosen.get(section.id) : all[0].id;
    const of = () => all.find((r) => r.id === run.value).snapshots;
    const [label, filters, matrix] = ["output", "canvas", "table"].map((name) => node.querySelector(name));

    function draw() {
      epoch.max = of().length - 1;
      const s = of()[epoch.value], n = Math.round(Math.sqrt(s.confusion.length)), sum = (counts) => counts.reduce((a, b) => a + b, 0);
      const right = sum(s.confusion.filter((_, i) => i % (n + 1) === 0));
      const names = [...section.querySelectorAll(".matrix:first-of-type thead th")].map((th) => th.textContent);
      label.textContent = `epoch ${s.epoch}: ${((100 * right) / sum(s.confusion)).toFixed(2)} % of val right`;
      epoch.ariaValueText = label.textContent;
      Pixels.filters(filters, s);
      filters.ariaLabel = `The ${s.shape[0]} filters of the first convolution after epoch ${s.epoch}`;
      matrix.replaceChildren(...confusion(s.confusion, n, names.length === n ? names : [...Array(n).keys()]));
    }

    run.onchange = () => { chosen.set(section.id, run.value); draw(); };
    epoch.oninput = draw;
    play.onclick = () => {
      clearInterval(timer);
      epoch.value = 0;
      draw();
      timer = setInterval(() => { if (Number(epoch.value) < of().length - 1 && node.isConnected) { epoch.value++; draw(); } else clearInterval(timer); }, 500);
    };
    epoch.max = epoch.value = of().length - 1;
    node.hidden = false;
    draw();
  }

  function confusion(counts, n, names) {
    const head = names.map((textContent) => make("th", { scope: "col", textContent }));
    const level = (count, total) => (count ? Math.max(1, Math.round(10 * Math.cbrt(count / total))) : 0); // as in section.go
    const rows = names.map((name, a) => {
      const own = counts.slice(a * n, (a + 1) * n), total = own.reduce((x, y) => x + y, 0);
      const cells = own.map((count, p) => make("td", { textContent: count, className: `${a === p ? "right" : "wrong"} l${level(count, total)}` }));
      return make("tr", {}, make("th", { scope: "row", textContent: name }), ...cells);
    });
    return [make("thead", {}, make("tr", {}, make("td", {}), ...head)), make("tbody", {}, ...rows)];
  }

  return { show };
})();
