// Play lets the reader draw for a network, or show it pictures, on the live page.
const Play = (() => {
  const node = document.getElementById("play"), side = 280;
  let choice, canvas, pen, answer, note, busy = false, next = null, last = null, toward = null, offered = "", turn = 0;

  // offer lists the runs whose networks can be asked; the best on val comes first.
  function offer(sections) {
    const error = (r) => r.epochs.valError.at(-1) ?? 1, value = (s, r) => String(new URLSearchParams({ section: s.name, run: r.id }));
    const text = (r) => `${r.group}, seed ${r.seed}: ${r.state.text}`;
    const groups = sections.map((s) => [s, s.runs.filter((r) => r.playable)]).filter(([, runs]) => runs.length > 0);
    const all = groups.flatMap(([s, runs]) => runs.map((r) => ({ value: value(s, r), error: error(r) }))), key = all.map((o) => o.value).join();
    if (key === offered) return;
    offered = key;
    node.hidden = all.length === 0;
    if (!choice) build();
    const was = choice.value, best = all.sort((a, b) => a.error - b.error)[0];
    choice.replaceChildren(...groups.map(([s, runs]) => make("optgroup", { label: s.title },
      ...runs.map((r) => make("option", { value: value(s, r), textContent: text(r) })))));
    choice.value = all.some((o) => o.value === was) ? was : best?.value;
  }

  function build() {
    const { network, clear: empty, picture, image, random } = node.querySelector("form").elements;
    [canvas, answer, note, choice] = [...["canvas", ".view", ".note"].map((name) => node.querySelector(name)), network];
    pen = canvas.getContext("2d");
    choice.onchange = () => { toward = null; if (last) ask(last.query, last.body); };
    empty.onclick = clear;
    picture.onchange = () => { if (picture.files[0]) show(picture.files[0]); };
    image.onchange = () => ask({ image: image.value - 1 });
    random.onclick = () => { image.value = 1 + Math.floor(Math.random() * 10000); image.onchange(); };
    node.addEventListener("submit", (e) => e.preventDefault());
    node.addEventListener("dragover", (e) => e.preventDefault());
    node.addEventListener("drop", (e) => { e.preventDefault(); if (e.dataTransfer.files[0]) show(e.dataTransfer.files[0]); });
    draw();
    clear();
  }

  function clear() {
    canvas.width = canvas.height = side; // a test image has made it small
    pen.fillRect(0, 0, side, side);
    last = null;
    answer.replaceChildren();
    note.textContent = "";
  }

  // draw follows the pen, and asks the network while it moves.
  function draw() {
    let at = null;
    const place = (e) => [e.offsetX * side / canvas.clientWidth, e.offsetY * side / canvas.clientHeight];
    const line = (to) => {
      Object.assign(pen, { strokeStyle: "#fff", lineWidth: 20, lineCap: "round", lineJoin: "round" });
      pen.beginPath();
      pen.moveTo(...at);
      pen.lineTo(...to);
      pen.stroke();
      at = to;
      drawn();
    };
    canvas.addEventListener("pointerdown", (e) => {
      if (last?.shown) clear();
      canvas.setPointerCapture(e.pointerId);
      at = place(e);
      line([at[0] + 0.01, at[1]]);
    });
    canvas.addEventListener("pointermove", (e) => { if (at) line(place(e)); });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { at = null; });
  }

  // drawn asks about what is on the paper; a browser may hand the picture over late.
  function drawn() {
    const now = ++turn;
    canvas.toBlob((blob) => { if (now === turn) ask({}, blob); }, "image/png");
  }

  async function show(file) {
    clear();
    try {
      const picture = await createImageBitmap(file), scale = Math.min(side / picture.width, side / picture.height);
      pen.drawImage(picture, (side - picture.width * scale) / 2, (side - picture.height * scale) / 2, picture.width * scale, picture.height * scale);
    } catch { /* the server says what is wrong with it */ }
    ask({}, file);
  }

  // ask sends one picture at a time; of those that come meanwhile, the last.
  async function ask(query, body) {
    if (!choice.value) return;
    turn++;
    last = { query, body, shown: "image" in query || body instanceof File };
    next = last;
    if (busy) return;
    busy = true;
    while (next) {
      const { query, body } = next;
      next = null;
      const parameters = new URLSearchParams(choice.value);
      for (const [key, value] of Object.entries(query)) parameters.set(key, value);
      if (toward !== null) parameters.set("toward", toward);
      try {
        const response = await fetch("play?" + parameters, { method: "POST", body });
        if (response.ok) tell(await response.json());
        else note.textContent = await response.text();
      } catch { note.textContent = "The server does not answer."; }
    }
    busy = false;
  }

  // tell shows what the network makes of the picture.
  function tell(view) {
    const top = view.probabilities.indexOf(Math.max(...view.probabilities)), percent = (p) => `${(100 * p).toFixed(1)} %`;
    const truth = view.label === undefined ? "" : `; test image ${view.index + 1} shows ${view.classes[view.label]}`;
    note.textContent = `${view.classes[top]}, ${percent(view.probabilities[top])}${truth}`;
    if (view.index !== undefined) Pixels.grey(canvas, view.image);
    const focused = answer.contains(document.activeElement) && document.activeElement.textContent;
    const bars = view.classes.map((name, k) => {
      const choose = () => { toward = k; if (last) ask(last.query, last.body); }, title = `What would make this image ${name}?`;
      const pick = make("button", { type: "button", textContent: name, title, ariaPressed: String(k === view.toward), onclick: choose });
      const bar = make("meter", { min: 0, max: 1, value: view.probabilities[k] });
      return make("tr", { className: k === top ? "top" : "" },
        make("th", { scope: "row" }, pick), make("td", {}, bar), make("td", { textContent: percent(view.probabilities[k]) }));
    });
    const figure = (text, drawn) => make("figure", {}, drawn, make("figcaption", { textContent: text }));
    const paper = (className) => make("canvas", { className });
    const maps = (m, b) => `block ${b + 1}: ${m.count} feature maps of ${m.height}×${m.width}, each scaled to its largest value`;
    answer.replaceChildren(make("table", { className: "bars" }, ...bars), make("div", { className: "pair" },
      figure("what the network gets", Pixels.grey(paper("seen"), view.image)),
      figure(`towards ${view.classes[view.toward]}: orange brighter, blue darker`, Pixels.change(paper("seen"), view))),
    ...view.maps.map((m, b) => figure(maps(m, b), Pixels.maps(paper("maps"), m))));
    [...answer.querySelectorAll("button")].find((b) => b.textContent === focused)?.focus();
  }

  return { offer };
})();
