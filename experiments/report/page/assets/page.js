// The page: its sections, and the events of the server, if there is one.
(() => {
  const sections = new Map(); // by name: what the server sent, and what draws it
  const live = document.body.dataset.live === "true", state = document.getElementById("state");
  const due = new Set(); // the sections whose curves have grown

  function attach(section) {
    const node = document.getElementById(section.name), curves = node.querySelector(".curves"), snapshots = node.querySelector(".snapshots");
    sections.get(section.name)?.curves?.close();
    sections.set(section.name, { ...section, node, curves: curves && new Curves(curves, section.name, section.runs) });
    if (snapshots) Snapshots.show(snapshots, section.runs);
    contents();
  }

  // contents lists the sections at the top, with their answers.
  function contents() {
    const rows = [...sections.values()].sort((a, b) => a.order - b.order).map((s) => make("tr", {}, make("th", { scope: "row" },
      make("a", { href: "#" + s.name, textContent: s.title }), make("code", { textContent: s.name })), make("td", { textContent: s.answer })));
    document.querySelector("#contents tbody").replaceChildren(...rows);
    document.getElementById("none").hidden = rows.length > 0;
    if (live) Play.offer([...sections.values()]);
  }

  // replace puts a section in its place; what was open stays open.
  function replace(section) {
    const main = document.getElementById("main"), old = document.getElementById(section.name);
    const node = document.createRange().createContextualFragment(section.html).firstElementChild;
    if (old) {
      const was = [...old.querySelectorAll("details")];
      [...node.querySelectorAll("details")].forEach((d, i) => { if (was[i]) d.open = was[i].open; });
      old.replaceWith(node);
    } else main.insertBefore(node, [...sections.values()].filter((s) => s.order > section.order).sort((a, b) => a.order - b.order)[0]?.node ?? null);
    attach(section);
  }

  function gain(g) {
    const section = sections.get(g.section), run = section?.runs.find((r) => r.id === g.run);
    if (!run) return;
    for (const key of ["x", "loss", "error"]) run.steps[key] = run.steps[key].slice(0, g.at).concat(g.steps[key] ?? []);
    const finished = g.playable && !run.playable;
    Object.assign(run, { state: g.state, epochs: g.epochs, playable: g.playable, snapshots: g.snapshots ?? run.snapshots });
    if (finished) contents();
    if (g.snapshots) Snapshots.show(section.node.querySelector(".snapshots"), section.runs);
    due.add(g.section);
  }

  // grow draws the curves that have grown, if they can be seen.
  function grow() {
    if (document.hidden) return;
    for (const name of due) {
      const section = sections.get(name), box = section?.node.getBoundingClientRect();
      if (section && (box.bottom < 0 || box.top > innerHeight)) continue;
      due.delete(name);
      section?.curves?.grow();
    }
  }

  function follow() {
    const events = new EventSource("events");
    const on = (kind, f) => events.addEventListener(kind, (e) => f(JSON.parse(e.data)));
    events.onopen = () => { state.textContent = "Live: follows the results directory."; };
    events.onerror = () => { state.textContent = "The server does not answer; trying again…"; };
    on("sections", (names) => [...sections.keys()].filter((name) => !names.includes(name)).forEach(drop));
    on("section", replace);
    on("runs", (s) => { Object.assign(sections.get(s.name), { runs: s.runs }).curves.take(s.runs); contents(); });
    on("curve", gain);
    on("removed", drop);
    setInterval(grow, 500);
  }

  function drop(name) {
    sections.get(name)?.curves?.close();
    sections.get(name)?.node.remove();
    sections.delete(name);
    contents();
  }

  for (const section of JSON.parse(document.getElementById("data").textContent)) attach(section);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => sections.forEach((s) => { s.curves?.switches(); s.curves?.draw(); }));
  if (live) follow();
  else state.textContent = "To see curves grow while a network trains, and to play with one, run: go run . -serve";
})();
